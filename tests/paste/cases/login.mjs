// One login of a case: an instance of the Action under the strict host's loader, Auth0's `api` with a record of what it was
// given, and what else the case says of it (another clock, a busy thread, a polluted prototype).
import { createApi } from '../../../tools/tenant/api.mjs';
import { createCache } from '../../../tools/tenant/cache.mjs';
import { begin, end, within } from '../../../tools/tenant/context.mjs';
import { createHost } from '../../../tools/tenant/host.mjs';
import { textOf } from '../../../tools/tenant/values.mjs';

/**
 * @typedef {object} Call one call of `api`, with its arguments as they were given
 * @property {string} method
 * @property {any[]} args
 * @property {boolean} refused
 *
 * @typedef {object} Seen what became of a login
 * @property {any} event
 * @property {Call[]} calls
 * @property {string | undefined} thrown
 * @property {string} log
 * @property {import('../../../tools/tenant/context.mjs').Fault[]} faults
 * @property {number} blockedMs the longest that the thread was busy in one piece
 * @property {import('./upstream.mjs').Arrival[]} arrivals
 */

/** An instance of the Action. @param {string} code */
export const openInstance = (code) => createHost(code, { guarded: false });

/**
 * @param {ReturnType<typeof openInstance>} instance
 * @param {any} event
 * @param {any} login as the case has it
 * @returns {Promise<Omit<Seen, 'arrivals'>>}
 */
export async function runLogin(instance, event, { api: broken = {}, polluted = {}, block }) {
  /** @type {string[]} */
  const lines = [];
  /** @type {import('../../../tools/tenant/context.mjs').Scope} */
  const scope = {
    label: 'post-login',
    startedAt: performance.now(),
    faults: [],
    requests: [],
    guarded: false,
    log: (_, values) => void lines.push(values.map(String).join(' ')),
  };
  const { api, calls, close } = recordingApi(event, broken, scope.faults);
  const handler = instance.exports.onExecutePostLogin;
  if (handler?.constructor?.name !== 'AsyncFunction') throw new Error(`no handler: ${instance.load.error}`);
  const watch = watchThread();
  if (block)
    setTimeout(
      () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block.forMs)),
      block.afterMs,
    );
  begin(scope);
  const clean = pollute(polluted);
  /** @type {string | undefined} */
  let thrown;
  try {
    await within(scope, () => handler(event, api));
  } catch (error) {
    thrown = textOf(error);
  } finally {
    clean();
  }
  close();
  const blockedMs = watch();
  await new Promise((done) => setImmediate(done));
  end(scope);
  return { event, calls, thrown, log: lines.join('\n'), faults: scope.faults, blockedMs };
}

/**
 * Auth0's `api`, a record of the calls, and the functions that throw or are missing.
 * @param {any} event
 * @param {Record<string, 'throws' | 'missing'>} broken by function, or by function and first argument
 * @param {import('../../../tools/tenant/context.mjs').Fault[]} faults
 */
function recordingApi(event, broken, faults) {
  const { api, close } = createApi('post-login', event, createCache(Date.now), faults);
  /** @type {Call[]} */
  const calls = [];
  for (const [group, functions] of Object.entries(api)) {
    for (const [name, real] of Object.entries(functions)) {
      const method = `${group}.${name}`;
      if (broken[method] === 'missing') delete functions[name];
      else {
        functions[name] = (/** @type {any[]} */ ...args) => {
          const call = { method, args, refused: true };
          calls.push(call);
          if (broken[method] === 'throws' || broken[`${method}:${args[0]}`] === 'throws')
            throw new Error(`${method} was refused for ${event.user?.email}`);
          const result = Reflect.apply(/** @type {Function} */ (real), functions, args);
          call.refused = false;
          return result;
        };
      }
    }
  }
  return { api, calls, close };
}

/** @param {Record<string, unknown>} fields @returns {() => void} takes them away again */
function pollute(fields) {
  const target = /** @type {any} */ (Object.prototype);
  for (const [name, value] of Object.entries(fields)) target[name] = value;
  return () => {
    for (const name of Object.keys(fields)) delete target[name];
  };
}

/** How long the thread is busy in one piece: of the time and of the work, the smaller, so that a busy machine does not count. */
function watchThread() {
  let longest = 0;
  const now = () => {
    const { user, system } = process.cpuUsage();
    return { wall: Number(process.hrtime.bigint()) / 1e6, work: (user + system) / 1e3 };
  };
  let last = now();
  const look = () => {
    const next = now();
    longest = Math.max(longest, Math.min(next.wall - last.wall, next.work - last.work));
    last = next;
  };
  const timer = setInterval(look, 4);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
}

/** The clock of this thread, moved on. */
export function movableClock() {
  const RealDate = Date;
  const uptime = process.uptime;
  let ahead = 0;
  globalThis.Date = /** @type {any} */ (
    class extends RealDate {
      /** @param {any[]} args */
      constructor(...args) {
        // @ts-expect-error -- any of a date's forms
        super(...(args.length === 0 ? [RealDate.now() + ahead] : args));
      }

      static now() {
        return RealDate.now() + ahead;
      }
    }
  );
  process.uptime = () => Reflect.apply(uptime, process, []) + ahead / 1000;
  return {
    /** @param {number} ms ahead of the time there is */
    set: (ms) => void (ahead = ms),
  };
}
