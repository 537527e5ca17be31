// bench/: how a contender is run: the other system next to it, a process of its own, and what is made of many results.

import { execFile, fork } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { shim } from '../tools/build/shim.mjs';
import { PASTE, root } from '../tools/files.mjs';
import { readAhead } from '../tools/paste/ahead.mjs';
import { withConfig } from '../tools/paste/paste.mjs';
import { fakeEvent } from '../tools/tenant/event.mjs';

const BENCH = path.join(root, 'bench');

/**
 * @typedef {object} Result what a contender's process says of itself
 * @property {number} cold the first login, from reading the file, ms
 * @property {[name: string, ms: number][]} marks where that went, for a file with marks
 * @property {number} cpu of a warm login, µs
 * @property {number} rate logins per second
 * @property {number} ms from the start of a warm login to its end
 * @property {number} rss resident memory in the end, bytes
 * @property {[warm: number, end: number]} linear the wasm's memory after the warm-up and in the end, bytes
 */

/** @param {number[]} values */
export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** @param {number} value @param {number} [digits] */
export const round = (value, digits = 0) => value.toFixed(digits);

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** A contender's file: the paste with a config, or an action that is compared with it. @param {string} name */
export const actionFile = (name) => path.join(BENCH, 'actions', `${name}.js`);

/**
 * @param {string} folder
 * @param {string} name
 * @param {object} config
 * @param {(paste: string) => string} [change] of one whose shim is readable
 */
export async function pasteFile(folder, name, config, change) {
  const file = path.join(folder, `${name}.js`);
  // As `npm run bundle` makes one.
  const paste = readAhead(withConfig(await readFile(PASTE, 'utf8'), config), config);
  await writeFile(file, change ? change(await readable(paste)) : paste);
  return file;
}

/** @param {string} paste */
async function readable(paste) {
  const [minified, written] = [await shim(), await shim({ readable: true })];
  return paste.replace(minified.trim(), () => written.trim());
}

/** @param {string} origin @param {number} [count] systems, all of them the same */
export const systems = (origin, count = 1) => ({
  syncs: Array.from({ length: count }, (_, i) => ({
    use: 'cleeng',
    name: `system-${i}`,
    reuse: false,
    request: { url: `https://${origin}/${i}` },
    response: { idToken: { cleeng_access_token: null, [`token_${i}`]: 'accessToken' } },
  })),
});

/**
 * The other system, for as long as `use` runs.
 * @template T
 * @param {Record<string, string>} env see server.mjs
 * @param {(port: number) => Promise<T>} use
 */
export async function withServer(env, use) {
  const server = fork(path.join(BENCH, 'server.mjs'), { env: { ...process.env, ...env } });
  try {
    const { port } = await new Promise((resolve) => server.once('message', resolve));
    return await use(port);
  } finally {
    server.kill();
  }
}

/**
 * One contender, once.
 * @param {string} node
 * @param {string} file
 * @param {{ url?: string, logins?: number, inFlight?: number, env?: Record<string, string>, nodeArgs?: string[] }} [how] `url`: for those that are no paste
 * @returns {Promise<Result>}
 */
export async function once(node, file, { url = '', logins = 0, inFlight = 1, env = {}, nodeArgs = [] } = {}) {
  const event = JSON.stringify(fakeEvent('post-login'));
  const child = [...nodeArgs, path.join(BENCH, 'child.mjs'), file, String(logins), String(inFlight)];
  const { stdout } = await promisify(execFile)(node, child, {
    env: { ...process.env, BENCH_PLAIN: '1', BENCH_URL: url, BENCH_EVENT: event, ...env },
  });
  return JSON.parse(stdout);
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
    client: { env: { BENCH_PLAIN: '', SSL_CERT_FILE: file }, nodeArgs: ['--use-openssl-ca'] },
  };
}
