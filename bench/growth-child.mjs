// bench/: logins against a system inside this process, the engine's steps timed. Prints one line of JSON.
//
//   node bench/growth-child.mjs ACTION.js EVENT.json ANSWER.json LOGINS

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { median } from './runs.mjs';

const builtin = createRequire(import.meta.url);
const [, , file = '', eventFile = '', answerFile = '', logins = '0'] = process.argv;
const event = JSON.parse(readFileSync(eventFile, 'utf8'));
const body = readFileSync(answerFile, 'utf8');

/** As Node hands out a body: in parts of 64 KiB. */
class Answer extends EventEmitter {
  statusCode = 200;
  headers = {};
}

class Request extends EventEmitter {
  end() {
    setImmediate(() => {
      const answer = new Answer();
      this.emit('response', answer);
      for (let at = 0; at < body.length; at += 65_536) answer.emit('data', Buffer.from(body.slice(at, at + 65_536)));
      answer.emit('end');
    });
  }
  destroy() {}
}

const https = { Agent: class {}, request: () => new Request() };

/** @type {number[]} */
let steps = [];
Object.assign(globalThis, { benchStep: (/** @type {number} */ ms) => void steps.push(ms) });
const nothing = () => {};
const token = { setCustomClaim: nothing };
const api = { idToken: token, accessToken: token, user: { setAppMetadata: nothing }, access: { deny: nothing } };
const quiet = { error: nothing, log: (/** @type {string} */ line) => (last = line) };
let last = '';

const load = vm.compileFunction(readFileSync(file, 'utf8'), ['exports', 'require', 'console']);
const action = /** @type {any} */ ({});
load(action, (/** @type {string} */ name) => (name === 'node:https' ? https : builtin(name)), quiet);

async function login() {
  steps = [];
  await action.onExecutePostLogin(event, api);
  if (!/ result=allowed /.test(last) || /warn=/.test(last)) throw new Error(`the login did not go well: ${last}`);
  return { sum: steps.reduce((sum, ms) => sum + ms, 0), longest: Math.max(...steps) };
}

const first = (await login()).longest;
const warm = [];
for (let i = -Number(logins); i < Number(logins); i++) {
  const took = await login();
  if (i >= 0) warm.push(took);
}
const result = { first, login: median(warm.map(({ sum }) => sum)), step: median(warm.map(({ longest }) => longest)) };
process.stdout.write(`${JSON.stringify(result)}\n`);
