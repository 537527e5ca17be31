// bench/: what a login costs that does not depend on the machine, and the most that it may cost.
//
// How often the wasm and the host call each other, and how much of the wasm runs: V8 compiles a function when it is first
// called, so a first login waits for so many bytes to be compiled. The other system is a function here, and answers at once;
// the clocks stay where they are, since the number of a login's milliseconds, which its log line has, would count too.

import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { fakeEvent } from '../tools/tenant/event.mjs';
import { sign } from '../tools/tenant/systems/cleeng.mjs';
import { counting } from './counted-wasm.mjs';
import { chain, pasteOf, preset, systems, table, whole, withToken } from './runs.mjs';

/** @typedef {import('./counted-wasm.mjs').Counts} Counts */
/**
 * @typedef {object} Case
 * @property {string} name
 * @property {import('./runs.mjs').Kind} [kind] sealed when absent
 * @property {any[]} syncs
 * @property {any} [tokens]
 * @property {number} before so many logins come before the one that is counted
 * @property {boolean} [returns] all of them are by one user
 * @property {object} [metrics] a collector, which is dead
 * @property {number[]} most in the order of FIGURES
 */

const NOW = Date.UTC(2026, 0, 1);
const ORIGIN = 'https://system.example.com';
const COLLECTOR = 'https://otel.example.com/v1/metrics';
const one = [preset(`${ORIGIN}/login`)];
/** After so many users no more is kept of them than before. */
const MANY = 1_100;

/** What is counted, and what it is called. @type {[figure: keyof Counts, title: string][]} */
const FIGURES = [
  ['crossings', 'calls between wasm and host'],
  ['calls', 'calls of functions of the wasm'],
  ['functions', 'of how many functions'],
  ['bytes', 'their bytes'],
];

/** The most is about a tenth more than it was when it was measured. @type {Case[]} */
export const CASES = [
  { name: 'the first login, sealed', syncs: one, before: 0, most: [142, 2_980, 251, 48_500] },
  { name: 'the first login, editable', kind: 'editable', syncs: one, before: 0, most: [650, 9_800, 393, 82_000] },
  { name: 'a new user', syncs: one, before: MANY, most: [91, 2_560, 233, 46_000] },
  { name: 'a user who returns', syncs: one, before: 10, returns: true, most: [77, 1_430, 185, 34_500] },
  { name: 'two systems, side by side', syncs: systems(ORIGIN, 2), before: 10, most: [126, 3_720, 201, 41_000] },
  {
    name: 'a new user, with metrics',
    syncs: one,
    before: MANY,
    metrics: { url: COLLECTOR },
    most: [91, 2_670, 240, 46_000],
  },
  { name: 'a chain of two', syncs: chain(ORIGIN), before: 10, most: [161, 3_950, 215, 42_500] },
  { name: 'a token from memory', ...withToken(ORIGIN), before: 10, most: [124, 3_050, 242, 48_000] },
];

const builtin = createRequire(import.meta.url);
const nothing = () => {};
const clocks = {
  Date: class extends Date {
    static now = () => NOW;
  },
  process: { uptime: () => 1 },
};

/** A `node:https` whose other side answers at once, unless it is the collector. @param {(path: string) => object} answerTo */
function answering(answerTo) {
  const request = (/** @type {{ host: string, path: string }} */ { host, path }) => {
    const made = new EventEmitter();
    if (COLLECTOR.includes(host)) return Object.assign(made, { destroy: nothing, end: nothing });
    const respond = () => {
      const answer = Object.assign(new EventEmitter(), { statusCode: 200, headers: {} });
      made.emit('response', answer);
      answer.emit('data', Buffer.from(JSON.stringify(answerTo(path))));
      answer.emit('end');
    };
    return Object.assign(made, { destroy: nothing, end: () => setImmediate(respond) });
  };
  // Without connections, so that a sealed paste begins none.
  class Agent {
    freeSockets = {};
  }
  return { Agent, request };
}

/**
 * An instance of the Action that counts.
 * @param {string} code
 */
export function counted(code) {
  const { WebAssembly, take } = counting();
  const iat = NOW / 1000;
  const accessToken = sign({ customerId: 971740740, publisherId: 123456789, iat, exp: iat + 86_400 }, 'bench');
  const https = answering((path) =>
    path === '/token' ? { access_token: 'bench', expires_in: 86_400 } : { accessToken },
  );
  const require = (/** @type {string} */ name) => (name === 'node:https' ? https : builtin(name));
  let log = '';
  const console = { error: nothing, log: (/** @type {string} */ line) => void (log = line) };
  const action = /** @type {any} */ ({});
  const given = { exports: action, require, console, WebAssembly, ...clocks };
  vm.compileFunction(code, Object.keys(given))(...Object.values(given));

  const token = { setCustomClaim: nothing };
  const api = { idToken: token, accessToken: token, user: { setAppMetadata: nothing }, access: { deny: nothing } };
  const event = fakeEvent('post-login');
  return {
    /** One login, by the user of this number. @param {number} who */
    async login(who) {
      const user = { ...event.user, user_id: `auth0|${100_000 + who}`, email: `${100_000 + who}@example.com` };
      await action.onExecutePostLogin({ ...event, user }, api);
      if (!/ result=allowed /.test(log) || /warn=/.test(log)) throw new Error(`the login did not go well: ${log}`);
      return take();
    },
  };
}

/** What the login of a case costs. @param {Case} given */
export async function measure({ kind = 'sealed', syncs, tokens, before, returns, metrics }) {
  const { login } = counted(await pasteOf(kind, { syncs, ...(tokens && { tokens }), ...(metrics && { metrics }) }));
  for (let who = 0; who < before; who++) await login(returns ? 0 : who);
  return login(returns ? 0 : before);
}

/** What is over the budget. @param {Case} given @param {Counts} counts */
export const overBudget = ({ most }, counts) =>
  FIGURES.flatMap(([figure, title], i) =>
    counts[figure] > (most[i] ?? 0) ? [`${title}: ${counts[figure]} are more than ${most[i]}`] : [],
  );

export async function budgetTable() {
  const rows = [];
  for (const given of CASES) {
    const counts = await measure(given);
    const cells = FIGURES.map(([figure], i) => `${whole(counts[figure])} (${whole(given.most[i] ?? 0)})`);
    rows.push([given.name, ...cells]);
  }
  return table(['', ...FIGURES.map(([, title]) => title)], rows);
}
