// The outage rehearsal, a process of its own: instances of an Action under the strict host, and logins that begin when the
// plan has it, whatever became of those before. It tells its parent what it saw of each and judges nothing.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeEvent } from '../../tenant/event.mjs';
import { builtinRequire, createHost } from '../../tenant/host.mjs';
import { isFailure, readSyncs } from '../../tenant/logline.mjs';
import { createRedirect } from '../../tenant/redirect.mjs';
import { identity } from './upstream.mjs';

/**
 * @typedef {object} Job
 * @property {'paste' | 'snippet'} kind
 * @property {string} code
 * @property {number} port where its stand-ins listen
 * @property {Record<string, string>} secrets
 * @property {number} instances
 * @property {import('./plan.mjs').Arrival[]} arrivals
 * @property {number} startAt milliseconds since the epoch
 *
 * @typedef {object} Login what became of one
 * @property {number} user
 * @property {number} atMs when it was to begin, since the start
 * @property {number} lateMs how much later it did, because this process was busy
 * @property {number} ms how long the Action kept it; of one that was cut off, until then
 * @property {boolean} cutOff it was still under way when the rehearsal ended
 * @property {boolean} denied the application got an error and no token, or a token without a system's claims
 * @property {boolean} refused the guard sent nothing, or no retry
 * @property {string[]} outcomes one per system
 * @property {string[]} faults what the strict host found
 *
 * @typedef {{ logins: Login[], faults: string[] }} Report `faults`: what it found when the file was loaded
 */

/** The guard's own words. */
const GUARD = new Set(['breaker', 'busy']);

/** @param {Job} job @param {Promise<unknown>} stopped @returns {Promise<Report>} */
async function work({ kind, code, port, secrets, instances, arrivals, startAt }, stopped) {
  const hosts = Array.from({ length: instances }, () => createInstance(kind, code, port));
  /** @type {Login[]} */
  const logins = [];
  /** @type {Set<() => void>} */
  const open = new Set();
  const start = performance.now() + startAt - Date.now();

  /** @param {import('./plan.mjs').Arrival} arrival */
  async function login({ atMs, user, instance }) {
    const startedAt = performance.now();
    const known = { user, atMs, lateMs: Math.max(0, startedAt - start - atMs), faults: [] };
    const cut = () =>
      logins.push({
        ...known,
        ms: performance.now() - startedAt,
        cutOff: true,
        denied: false,
        refused: false,
        outcomes: ['cut off'],
      });
    open.add(cut);
    const event = fakeEvent('post-login', { secrets, over: { user: identity(user) } });
    const execution = await hosts[instance]?.execute('post-login', event);
    if (!open.delete(cut) || !execution) return;
    const seen = kind === 'paste' ? fromLog(execution.log) : fromError(execution.error?.error_description);
    logins.push({
      ...known,
      ms: execution.ms,
      cutOff: false,
      ...seen,
      denied: seen.failed || execution.error !== null,
      faults: execution.faults.map(textOfFault),
    });
  }

  /** @type {Promise<void>[]} */
  const all = [];
  for (const arrival of arrivals) {
    const wait = start + arrival.atMs - performance.now();
    if (wait > 0) await sleep(wait);
    all.push(login(arrival));
  }
  await Promise.race([Promise.all(all), stopped]);
  for (const cut of open) cut();
  open.clear();
  const faults = hosts.flatMap(({ load }) => [
    ...load.faults.map(textOfFault),
    ...(load.error === null ? [] : [load.error]),
  ]);
  return { logins: logins.sort((a, b) => a.atMs - b.atMs), faults };
}

/** One that knows only itself: all that an Action keeps is in its file. @param {Job['kind']} kind @param {string} code @param {number} port */
function createInstance(kind, code, port) {
  if (kind === 'paste') return createHost(code, { require: createRedirect(port).require });
  // The snippet knows its address from the environment, and axios needs more of Node than the redirect leads.
  const own = createRequire(import.meta.url);
  return createHost(code, { require: (name) => (name === 'axios' ? own(name) : builtinRequire(name)), guarded: false });
}

/** @param {import('../../tenant/context.mjs').Fault} fault */
const textOfFault = ({ kind, message }) => `${kind}: ${message}`;

/** @param {import('../../tenant/host.mjs').LogLine[]} log */
function fromLog(log) {
  const syncs = readSyncs(log);
  const prefix = (/** @type {string} */ name) => (syncs.length > 1 ? `${name}=` : '');
  const outcomes = syncs.map(
    ({ name, outcome, status, detail }) =>
      prefix(name) +
      [outcome, ...(isFailure(outcome) ? [status, detail] : [])].filter((part) => part !== null).join(':'),
  );
  const failed = syncs.some(({ outcome }) => isFailure(outcome));
  return {
    outcomes: outcomes.length > 0 ? outcomes : ['no system in the log line'],
    failed,
    refused: syncs.some(({ detail }) => detail !== null && GUARD.has(detail)),
  };
}

/** @param {string | undefined} text what the application was told */
function fromError(text) {
  if (text === undefined) return { outcomes: ['ok'], failed: false, refused: false };
  const word =
    /status code (\d+)/.exec(text)?.[1] ?? /did not end within (\d+ s)/.exec(text)?.[1]?.concat(' limit') ?? 'other';
  return { outcomes: [`error:${word}`], failed: true, refused: false };
}

/** @type {() => void} */
let stop = () => {};
const stopped = new Promise((resolve) => (stop = () => resolve(undefined)));
process.on('message', async (/** @type {Job | 'stop'} */ message) => {
  if (message === 'stop') return stop();
  const done = await work(message, stopped);
  process.send?.(done, () => process.exit(0));
});
// Without its parent there is no one to work for.
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
