// The local tenant, put together: stand-ins, the redirect to them, and instances of one Action. Tests start here, and `run`
// is handed one of the two at the end.
import { createClock } from './clock.mjs';
import { currentScope } from './context.mjs';
import { fakeEvent, SECRETS } from './event.mjs';
import { builtinRequire, createHost } from './host.mjs';
import { createNetwork } from './network.mjs';
import { redactor } from './redact.mjs';
import { createPassage, createRedirect } from './redirect.mjs';
import { startStandIns } from './standins.mjs';
import { createWorld } from './world.mjs';

/**
 * @typedef {object} TenantOptions
 * @property {string} code the text that is pasted
 * @property {Record<string, string>} [secrets] the Action's secrets
 * @property {'own' | 'other'} [realm]
 * @property {number} [limitMs]
 * @property {number} [mostBytes]
 * @property {() => number} [now]
 * @property {import('./standins.mjs').System[]} [systems] stand-ins that come before the built-in ones
 * @property {import('./standins.mjs').System} [fallback] the one for every other host
 */

/**
 * @param {TenantOptions} options
 */
export async function openTenant({ code, secrets = SECRETS, now = Date.now, systems = [], fallback, ...hostOptions }) {
  const standIns = await startStandIns({ secrets, now, systems, ...(fallback ? { fallback } : {}) });
  const redirect = createRedirect(standIns.port);
  const caches = new Map();
  const newInstance = () => createHost(code, { ...hostOptions, now, caches, require: redirect.require });
  const host = newInstance();

  /** @param {import('./limits.mjs').Trigger} trigger @param {Record<string, any>} [over] */
  const execute = (trigger, over) => host.execute(trigger, fakeEvent(trigger, { secrets, over }));

  return {
    host,
    standIns,
    /** `api.cache` of each trigger, which all instances share. @type {Map<string, import('./cache.mjs').Cache>} */
    caches,
    /** Another instance of the same Action, cold: Auth0 keeps several. */
    newInstance,
    /** The event of a login, with a partial event laid over it. @param {Record<string, any>} [over] */
    event: (over) => fakeEvent('post-login', { secrets, over }),
    /** A login with the fake event. @param {Record<string, any>} [over] a partial event laid over it */
    login: (over) => execute('post-login', over),
    /** A registration with the fake event. @param {Record<string, any>} [over] */
    register: (over) => execute('post-user-registration', over),
    async close() {
      redirect.close();
      await standIns.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openTenant>>} Tenant */

/** Stand-ins on this machine. @type {import('./run.mjs').Tenant} */
export const localTenant = { open: openTenant, redactor };

/** A system of someone else's, not far away. */
const LATENCY_MS = 20;

/**
 * Stand-ins in memory on a virtual clock: no socket is opened, and no one waits for a timeout.
 * @param {{ at?: number, apartMs?: number, redactor: import('./run.mjs').Tenant['redactor'] }} options `at`: when the first login is;
 *   `apartMs`: how long after it the next one is
 * @returns {import('./run.mjs').Tenant}
 */
export const virtualTenant = ({ at = Date.now(), apartMs = 0, redactor }) => ({
  async open({ code, mostBytes, ...options }) {
    const time = createClock(at);
    const world = createWorld({ ...options, now: time.now });
    const https = createNetwork({
      clock: time,
      world,
      latency: () => LATENCY_MS,
      record(request) {
        const scope = currentScope();
        const startedAt = scope?.startedAt ?? 0;
        scope?.requests.push(request);
        return {
          sinceStart: () => time.elapsed() - startedAt,
          fault: (message) => void scope?.faults.push({ kind: 'uncaughtException', message }),
        };
      },
    });
    const host = createHost(code, {
      time,
      ...(mostBytes === undefined ? {} : { mostBytes }),
      require: (name) => (/^(node:)?https$/.test(name) ? https : builtinRequire(name)),
    });
    let first = true;
    return {
      host: {
        load: host.load,
        execute(trigger, event) {
          if (!first) time.advance(apartMs);
          first = false;
          return host.execute(trigger, event);
        },
      },
      standIns: world,
      close: async () => {},
    };
  },
  redactor,
});

/** The real systems: requests go where the Action wants. @type {import('./run.mjs').Tenant} */
export const liveTenant = {
  async open({ code }) {
    const host = createHost(code, { require: createPassage().require, guarded: false });
    return { host, standIns: undefined, close: async () => {} };
  },
  redactor,
};
