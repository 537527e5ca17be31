// The page's tenant: what tools/tenant/run.mjs is handed here. Clock, network and the rules of `api` are the local tenant's, and
// the paste is loaded by the same lines as at Auth0.
import { createApi } from '../../tools/tenant/api.mjs';
import { createCache } from '../../tools/tenant/cache.mjs';
import { createClock } from '../../tools/tenant/clock.mjs';
import { CODE_BYTES, CONSOLE_CHARACTERS, EXECUTION_MS, HANDLERS } from '../../tools/tenant/limits.mjs';
import { createNetwork } from '../../tools/tenant/network.mjs';
import { settle } from '../../tools/tenant/outcome.mjs';
import { textOf } from '../../tools/tenant/values.mjs';
import { createWorld } from '../../tools/tenant/world.mjs';
import crypto from '../node/crypto.js';
import { PageBuffer } from '../node/globals.js';
import zlib from '../node/zlib.js';
import { redactor } from './redact.js';

/**
 * Where `run` takes place in a page.
 * @param {object} settings
 * @param {number} settings.latencyMs from a request to its answer, roughly
 * @param {number} settings.apartMs from one login to the next
 * @param {boolean} settings.others whether each login is another user's
 * @param {(import('../../tools/tenant/world.mjs').FaultOptions & { name: string })[]} settings.faults
 * @param {import('../../tools/tenant/world.mjs').System[]} settings.systems those that come before the stand-ins
 * @returns {import('../../tools/tenant/run.mjs').Tenant}
 */
export const pageTenant = (settings) => ({ open: (options) => openTenant(settings, options), redactor });

/**
 * @param {Parameters<typeof pageTenant>[0]} settings
 * @param {{ code: string } & import('../../tools/tenant/world.mjs').WorldOptions} options
 */
async function openTenant({ latencyMs, apartMs, others, faults, systems }, { code, ...options }) {
  const clock = createClock(Date.now());
  const world = createWorld({ ...options, systems: [...systems, ...(options.systems ?? [])], now: clock.now });
  for (const { name, ...at } of faults) world.fault(name, at);
  const host = openHost(code, clock, world, latencyMs);
  /** @type {any} */
  let first;
  let logins = 0;
  return {
    host: {
      ...host,
      /** @param {import('../../tools/tenant/limits.mjs').Trigger} trigger @param {any} event */
      execute(trigger, event) {
        if (logins > 0) clock.advance(apartMs);
        logins += 1;
        first ??= event;
        return host.execute(trigger, others && logins > 1 ? another(first, logins) : event);
      },
    },
    standIns: world,
    close: async () => {},
  };
}

/** The same login by someone else, who has not been here before. @param {any} event @param {number} n */
function another(event, n) {
  const { user } = event;
  if (typeof user !== 'object' || user === null) return event;
  const marked = (/** @type {unknown} */ text, /** @type {RegExp} */ at) =>
    typeof text === 'string' ? text.replace(at, `${n}$&`) : text;
  return { ...event, user: { ...user, user_id: marked(user.user_id, /$/), email: marked(user.email, /@/) } };
}

/**
 * @param {string} code
 * @param {import('../../tools/tenant/clock.mjs').Clock} clock
 * @param {import('../../tools/tenant/world.mjs').World} world
 * @param {number} latencyMs
 */
function openHost(code, clock, world, latencyMs) {
  const cache = createCache(clock.now);
  /** The one execution under way, or what the file does when it is loaded. */
  let scope = openScope(clock);
  const loading = scope;
  const bytes = PageBuffer.byteLength(code);
  if (bytes > CODE_BYTES)
    loading.faults.push({ kind: 'size', message: `the file has ${bytes} bytes, and Auth0 takes ${CODE_BYTES}` });

  const https = createNetwork({
    clock,
    world,
    latency: (host) => Math.round(latencyMs * paceOf(host)),
    record(request) {
      const of = scope;
      of.requests.push(request);
      return {
        sinceStart: () => clock.now() - of.startedAt,
        fault: (message) => void of.faults.push({ kind: 'uncaughtException', message }),
      };
    },
  });
  const write =
    (/** @type {string} */ level) =>
    (/** @type {unknown[]} */ ...values) =>
      scope.log(level, values);
  const console = Object.fromEntries(
    ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'].map((level) => [level, write(level)]),
  );
  const started = performance.now();
  /** @type {{ thrown: unknown } | undefined} */
  let broken;
  /** @type {any} */
  let exports = {};
  try {
    exports = load(code, console, clock, requireOf({ crypto, https, zlib }));
  } catch (thrown) {
    broken = { thrown };
  }
  const loadMs = performance.now() - started;

  /** @param {import('../../tools/tenant/limits.mjs').Trigger} trigger @param {any} event @param {any} api */
  async function attempt(trigger, event, api) {
    if (broken) return broken;
    const handler = exports[HANDLERS[trigger]];
    if (handler?.constructor?.name !== 'AsyncFunction')
      return {
        thrown: new Error(handler ? 'Invalid function signature' : `the Action exports no \`${HANDLERS[trigger]}\``),
      };
    try {
      const late = new Promise((_, fail) =>
        clock.setTimeout(() => fail(new Error(`the Action did not end within ${EXECUTION_MS / 1000} s`)), EXECUTION_MS),
      );
      await clock.until(Promise.race([handler(event, api), late]));
    } catch (thrown) {
      return { thrown };
    }
  }

  return {
    load: { ms: loadMs, faults: loading.faults },

    /** @param {import('../../tools/tenant/limits.mjs').Trigger} trigger @param {any} event */
    async execute(trigger, event) {
      const own = (scope = openScope(clock));
      const { api, commands, refused, close } = createApi(trigger, event, cache, own.faults);
      const ended = await attempt(trigger, structuredClone(event), api);
      const ms = clock.now() - own.startedAt;
      close();
      const thrown = ended ? textOf(ended.thrown) : null;
      const outcome = settle(trigger, event, commands, thrown, clock.now(), own.faults);
      return {
        trigger,
        ms,
        thrown,
        ...outcome,
        commands,
        refused,
        log: own.lines,
        requests: own.requests,
        faults: own.faults,
      };
    },
  };
}

/**
 * The `require` of an Action, as far as a page has what it asks for.
 * @param {Record<string, unknown>} modules
 */
const requireOf = (modules) => (/** @type {string} */ name) => {
  const module = modules[name.replace(/^node:/, '')];
  if (!module)
    throw Object.assign(new Error(`Cannot find module '${name}' (in the playground)`), { code: 'MODULE_NOT_FOUND' });
  return module;
};

/**
 * Auth0's loader, and the paste's globals on the page's clock.
 * @param {string} code
 * @param {Record<string, unknown>} console
 * @param {import('../../tools/tenant/clock.mjs').Clock} clock
 * @param {(name: string) => unknown} require
 */
function load(code, console, clock, require) {
  const globals = { Buffer: PageBuffer, ...clock.globals };
  const outer = { exports: /** @type {any} */ ({}) };
  const module = { exports: {} };
  const text = `module.exports = function(module, exports, console){\n${code}\n};`;
  new Function('module', 'exports', 'require', ...Object.keys(globals), text)(
    outer,
    outer.exports,
    require,
    ...Object.values(globals),
  );
  outer.exports(module, module.exports, console);
  return module.exports;
}

/** Not every system is equally quick: from three fifths of the time to seven fifths, always the same for a host. @param {string} host */
const paceOf = (host) =>
  0.6 + (Array.from(host).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7) / 997) * 0.8;

/** @param {import('../../tools/tenant/clock.mjs').Clock} clock */
function openScope(clock) {
  /** @type {import('../../tools/tenant/host.mjs').LogLine[]} */
  const lines = [];
  let length = 0;
  return {
    startedAt: clock.now(),
    lines,
    /** @type {import('../../tools/tenant/context.mjs').LedRequest[]} */
    requests: [],
    /** @type {import('../../tools/tenant/context.mjs').Fault[]} */
    faults: [],
    /** @param {string} level @param {unknown[]} values */
    log(level, values) {
      const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
      length += text.length;
      lines.push({ level, text, beyond: Math.min(text.length, Math.max(0, length - CONSOLE_CHARACTERS)) });
    },
  };
}
