// The local tenant, put together: stand-ins, the redirect to them, and instances of one Action. Tests start here, and `run`
// is handed one of the two at the end, or that of `virtual.mjs`.
import { fakeEvent, SECRETS } from './event.mjs';
import { createHost } from './host.mjs';
import { redactor } from './redact.mjs';
import { createPassage, createRedirect } from './redirect.mjs';
import { startStandIns } from './standins.mjs';
import { createStream } from './stream.mjs';

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
    /** Any flow with its fake event. */
    run: execute,
    /** An event stream to this Action. @param {(ms: number) => Promise<unknown>} [sleep] */
    stream: (sleep) =>
      createStream({
        execute: (over) => execute('event-stream', over),
        ...(sleep ? { sleep } : {}),
      }),
    async close() {
      redirect.close();
      await standIns.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openTenant>>} Tenant */

/** Stand-ins on this machine. @type {import('./run.mjs').Tenant} */
export const localTenant = { open: openTenant, redactor };

/** The real systems: requests go where the Action wants. @type {import('./run.mjs').Tenant} */
export const liveTenant = {
  async open({ code }) {
    const host = createHost(code, { require: createPassage().require, guarded: false });
    return { host, standIns: undefined, close: async () => {} };
  },
  redactor,
};
