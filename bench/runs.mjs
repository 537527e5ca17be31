// bench/: how a contender is run: the other system next to it, a process of its own, and what is made of many results.

import { execFile, fork, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { shim } from '../tools/build/shim.mjs';
import { presetNames } from '../tools/commands/open.mjs';
import { UserError } from '../tools/error.mjs';
import { leanOf, PASTE, root, SNIPPET } from '../tools/files.mjs';
import { systems as entriesOf } from '../tools/paste/config.mjs';
import { firstHosts } from '../tools/paste/hosts.mjs';
import { openEngine, repack, withConfig } from '../tools/paste/paste.mjs';
import { seal } from '../tools/paste/seal.mjs';
import { fakeEvent } from '../tools/tenant/event.mjs';

const BENCH = path.join(root, 'bench');

/**
 * @typedef {object} Run what a contender's process is told to do
 * @property {string} file
 * @property {any} event
 * @property {boolean} plain what asks for node:https gets node:http
 * @property {number} users so many take turns; 0: each login is by another one
 * @property {number} calls how often the handler is called in one login
 * @property {number} warmUp warm logins before those that are measured
 * @property {number} logins
 * @property {number} inFlight
 */
/**
 * @typedef {object} Result what it says of itself
 * @property {number} cold the first login, from reading the file, ms
 * @property {[name: string, ms: number][]} marks where that went, for a file with marks
 * @property {number} cpu of a warm login, µs
 * @property {number} rate logins per second
 * @property {number} ms from the start of a warm login to its end
 * @property {number} rss resident memory in the end, bytes
 * @property {[warm: number, end: number]} linear the wasm's memory after the warm-up and in the end, bytes
 * @property {number} claims that it set in all
 * @property {number} denied logins
 */

/** @param {number[]} values */
export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** @param {number} value @param {number} [digits] */
export const round = (value, digits = 0) => value.toFixed(digits);

/** A whole number as people read it. @param {number} value */
export const whole = (value) => Math.round(value).toLocaleString('en');

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** An action that the paste is compared with. @param {string} name */
export const actionFile = (name) => (name === 'axios' ? SNIPPET : path.join(BENCH, 'actions', `${name}.js`));

/** The two kinds of paste, each made of a config as its users make it. */
export const PASTES = /** @type {const} */ (['sealed', 'editable']);
/** @typedef {typeof PASTES[number]} Kind */

/**
 * A paste: sealed as `npm run bundle` makes it (but that its length does not matter), or the committed one with this config
 * between its marks.
 * @param {Kind} kind
 * @param {object} config
 */
export async function pasteOf(kind, config) {
  const paste = await readFile(PASTE, 'utf8');
  if (kind === 'editable') return withConfig(paste, config);
  const lean = await readFile(leanOf(PASTE), 'utf8');
  const hosts = firstHosts(entriesOf(openEngine(paste), config, presetNames()));
  return seal(paste, lean, config, { hosts });
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Kind} kind
 * @param {object} config
 * @param {(shim: string) => string} [change] of its shim, which is readable then
 */
export async function pasteFile(folder, name, kind, config, change) {
  const file = path.join(folder, `${name}-${kind}.js`);
  const paste = await pasteOf(kind, config);
  await writeFile(file, change ? await changed(paste, kind === 'sealed', change) : paste);
  return file;
}

/** @param {string} paste @param {boolean} sealed @param {(shim: string) => string} change of both parts of the shim */
async function changed(paste, sealed, change) {
  if (!paste.includes((await shim({ sealed })).outside))
    throw new UserError('pkg/ has another shim than js-shim/: run `npm run build`');
  const parts = await shim({ sealed, readable: true });
  const [outside = '', inside = ''] = change(`${parts.outside}\0${parts.shim}`).split('\0');
  return repack(paste, { outside, shim: inside });
}

/** The preset for Cleeng as it is, at this URL. @param {string} url */
export const preset = (url) => ({ use: 'cleeng', request: { url } });

/** The same system several times, which is called at each login. @param {string} origin @param {number} [count] */
export const systems = (origin, count = 1) =>
  Array.from({ length: count }, (_, i) => ({
    ...preset(`${origin}/${i}`),
    name: `system-${i}`,
    reuse: false,
    response: { idToken: { cleeng_access_token: null, [`token_${i}`]: 'accessToken' } },
  }));

/** Two of them: the second one sends what the first one was answered. @param {string} origin */
export const chain = (origin) => {
  const [find, create] = systems(origin, 2);
  return [
    { ...find, response: { keep: { token: 'accessToken' } } },
    { ...create, request: { ...create?.request, body: { found: `syncs."${find?.name}".answer.token` } } },
  ];
};

/** One that sends a token, which is got at the first login and then in memory. @param {string} origin */
export const withToken = (origin) => ({
  syncs: systems(origin).map((sync) => ({
    ...sync,
    request: { ...sync.request, headers: { authorization: { token: 'bench' } } },
  })),
  tokens: {
    bench: { url: `${origin}/token`, clientId: 'CLEENG_CLIENT_SECRET', clientSecret: 'CLEENG_CLIENT_SECRET' },
  },
});

/** Whether processes can be put on cores. @type {boolean | undefined} */
let cores;

/**
 * A program on a core of its own, if that can be. Otherwise a warm login costs half as much again, or not, by chance: who
 * shares a core with the other system need not be woken from idleness.
 * @param {'0' | '1'} core
 * @param {string[]} command
 * @returns {[program: string, args: string[]]}
 */
function onCore(core, command) {
  cores ??= spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
  const [program = '', ...args] = cores ? ['taskset', '-c', core, ...command] : command;
  return [program, args];
}

/**
 * The other system, for as long as `use` runs.
 * @template T
 * @param {Record<string, string>} env see server.mjs
 * @param {(port: number) => Promise<T>} use
 */
export async function withServer(env, use) {
  const [execPath, execArgv] = onCore('1', [process.execPath]);
  const server = fork(path.join(BENCH, 'server.mjs'), { env: { ...process.env, ...env }, execPath, execArgv });
  try {
    const { port } = await new Promise((resolve) => server.once('message', resolve));
    return await use(port);
  } finally {
    server.kill();
  }
}

/** So often a contender is run that denies logins. */
const TRIES = 4;

/** @typedef {Partial<Run> & { url?: string, env?: Record<string, string>, nodeArgs?: string[] }} How `url`: for those that are no paste */

/**
 * One contender, once.
 * @param {string} node
 * @param {string} file
 * @param {How} [how]
 * @returns {Promise<Result>}
 */
export async function once(node, file, { url = '', env = {}, nodeArgs = [], ...how } = {}) {
  const event = fakeEvent('post-login');
  const run = { event, plain: true, users: 0, calls: 1, warmUp: 0, logins: 0, inFlight: 1, ...how, file };
  const command = [...nodeArgs, path.join(BENCH, 'child.mjs'), JSON.stringify(run)];
  // Not for a cold start: there Node's other threads work on another core.
  const [program, args] = run.logins > 0 ? onCore('0', [node, ...command]) : [node, command];
  const all = 1 + run.warmUp + run.logins;
  for (let tries = 1; ; tries += 1) {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...process.env, BENCH_URL: url, ...env },
    });
    const result = JSON.parse(stdout);
    // A machine that others use may let a login wait for longer than it does. One that denies many each time is no contender.
    if (result.denied <= all / 100 && result.claims + result.denied >= all) return result;
    if (tries === TRIES)
      throw new UserError(
        `${path.basename(file)} set ${result.claims} claims and denied ${result.denied} of ${all} logins`,
      );
  }
}

/**
 * What it takes to speak TLS: what the other system needs, and what a contender needs to trust it and no one else.
 * @param {string} folder
 */
export async function withTls(folder) {
  // It takes a package, and `--help` none.
  const { certificate } = await import('../tools/develop/certificate.mjs');
  const { key, cert } = certificate();
  const file = path.join(folder, 'certificate.pem');
  await writeFile(file, cert);
  return {
    server: { BENCH_TLS: JSON.stringify({ key, cert }) },
    client: { plain: false, env: { SSL_CERT_FILE: file }, nodeArgs: ['--use-openssl-ca'] },
  };
}
