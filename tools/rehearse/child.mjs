// The outage rehearsal, one contender in a process of its own: an instance of an Action under the strict host, and logins
// that begin at a fixed rate whatever became of those before. It tells its parent what it saw of each
// and judges nothing.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeEvent } from '../simulate/event.mjs';
import { builtinRequire, createHost } from '../simulate/host.mjs';
import { readSyncs } from '../simulate/logline.mjs';
import { createRedirect } from '../simulate/redirect.mjs';

/**
 * @typedef {object} Job
 * @property {'paste' | 'snippet'} kind
 * @property {string} code
 * @property {number} port where its stand-ins listen
 * @property {Record<string, string>} secrets
 * @property {number} rate logins a second
 * @property {number} totalMs for how long logins begin
 * @property {number} startAt milliseconds since the epoch
 *
 * @typedef {object} Login what became of one
 * @property {number} atMs when it was to begin, since the start
 * @property {number} lateMs how much later it did, because this process was busy
 * @property {number} ms how long the Action kept it; of one that was cut off, until then
 * @property {boolean} cutOff it was still under way when the rehearsal ended
 * @property {boolean} denied the application got an error and no token
 * @property {boolean} breaker nothing was sent because the breaker was open
 * @property {string[]} outcomes one per system
 * @property {string[]} faults what the strict host found
 *
 * @typedef {{ logins: Login[], faults: string[] }} Report `faults`: what it found when the file was loaded
 */

/** One login in so many is a refresh-token exchange of somebody who was let in before. */
const EXCHANGE_EVERY = 4;
const GOOD = new Set(['ok', 'fresh', 'reused', 'stale', 'skipped']);

/** @param {Job} job @param {Promise<unknown>} stopped @returns {Promise<Report>} */
async function work({ kind, code, port, secrets, rate, totalMs, startAt }, stopped) {
  const own = createRequire(import.meta.url);
  // The snippet knows its address from the environment, and axios needs more of Node than the redirect leads.
  const host =
    kind === 'paste'
      ? createHost(code, { require: createRedirect(port).require })
      : createHost(code, { require: (name) => (name === 'axios' ? own(name) : builtinRequire(name)), guarded: false });

  /** @type {Login[]} */
  const logins = [];
  /** @type {Map<number, { atMs: number, lateMs: number, startedAt: number }>} */
  const open = new Map();
  /** Who was let in, and what is kept in their metadata. @type {{ id: number, appMetadata: Record<string, any> }[]} */
  const known = [];

  const start = performance.now() + startAt - Date.now();
  /** @param {number} number */
  async function login(number) {
    const atMs = dueMs(number);
    const startedAt = performance.now();
    const lateMs = Math.max(0, startedAt - start - atMs);
    open.set(number, { atMs, lateMs, startedAt });
    const exchange = number % EXCHANGE_EVERY === EXCHANGE_EVERY - 1 && known.length > 0;
    // The factor only spreads them over all who are known.
    const user = (exchange && known[(number * 7919) % known.length]) || { id: number, appMetadata: {} };
    const event = fakeEvent('post-login', { secrets });
    Object.assign(event.user, { user_id: `auth0|rehearsal-${user.id}`, email: `user-${user.id}@example.com`, app_metadata: user.appMetadata });
    if (exchange) event.transaction.protocol = 'oauth2-refresh-token';

    const execution = await host.execute('post-login', event);
    if (!open.delete(number)) return;
    const denied = execution.error !== null;
    if (!denied) {
      user.appMetadata = execution.appMetadata;
      if (!exchange) known.push(user);
    }
    const seen = kind === 'paste' ? fromLog(execution.log) : fromError(execution.error?.error_description);
    logins.push({ atMs, lateMs, ms: execution.ms, cutOff: false, denied, ...seen, faults: execution.faults.map(textOfFault) });
  }

  // In the middle of its slot, so that none begins just when the other system changes.
  const dueMs = (/** @type {number} */ number) => ((number + 0.5) * 1000) / rate;
  /** @type {Promise<void>[]} */
  const all = [];
  for (let number = 0; dueMs(number) < totalMs; number += 1) {
    const wait = start + dueMs(number) - performance.now();
    if (wait > 0) await sleep(wait);
    all.push(login(number));
  }
  await Promise.race([Promise.all(all), stopped]);
  for (const { atMs, lateMs, startedAt } of open.values()) {
    logins.push({ atMs, lateMs, ms: performance.now() - startedAt, cutOff: true, denied: false, breaker: false, outcomes: ['cut off'], faults: [] });
  }
  open.clear();
  return { logins: logins.sort((a, b) => a.atMs - b.atMs), faults: [...host.load.faults.map(textOfFault), ...(host.load.error === null ? [] : [host.load.error])] };
}

/** @param {import('../simulate/context.mjs').Fault} fault */
const textOfFault = ({ kind, message }) => `${kind}: ${message}`;

/** @param {import('../simulate/host.mjs').LogLine[]} log */
function fromLog(log) {
  const syncs = readSyncs(log);
  const prefix = (/** @type {string} */ name) => (syncs.length > 1 ? `${name}=` : '');
  const outcomes = syncs.map(({ name, outcome, status, detail }) => prefix(name) + [outcome, ...(GOOD.has(outcome) ? [] : [status, detail])].filter((part) => part !== null).join(':'));
  const sent = syncs.reduce((sum, { attempts }) => sum + attempts, 0);
  const breaker = sent === 0 && syncs.some(({ detail, status }) => detail === 'breaker' && status === null);
  return { outcomes: outcomes.length > 0 ? outcomes : ['no system in the log line'], breaker };
}

/** @param {string | undefined} text what the application was told */
function fromError(text) {
  if (text === undefined) return { outcomes: ['ok'], breaker: false };
  const word = /status code (\d+)/.exec(text)?.[1] ?? /did not end within (\d+ s)/.exec(text)?.[1]?.concat(' limit') ?? 'other';
  return { outcomes: [`error:${word}`], breaker: false };
}

/** @type {() => void} */
let stop = () => {};
const stopped = new Promise((resolve) => (stop = () => resolve(undefined)));
process.on('message', async (/** @type {Job | 'stop'} */ message) => {
  if (message === 'stop') return stop();
  const done = await work(message, stopped);
  process.send?.(done, () => process.exit(0));
});
// Without its parent it has nobody to work for.
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
