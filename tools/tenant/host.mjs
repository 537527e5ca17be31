// The local tenant, the strict host: loads a paste as Auth0's loader does, runs its handlers, and keeps every rule that
// a tenant would. It touches no network; `redirect.mjs` gives it a `require` that stays on this machine. Node 18 or later.
import { createRequire, isBuiltin } from 'node:module';
import { format } from 'node:util';
import vm from 'node:vm';
import { createApi } from './api.mjs';
import { createCache } from './cache.mjs';
import { realTime } from './clock.mjs';
import { begin, currentScope, end, within } from './context.mjs';
import { CODE_BYTES, CONSOLE_CHARACTERS, EXECUTION_MS, HANDLERS, SECRET_CHARACTERS, SECRETS } from './limits.mjs';
import { settle } from './outcome.mjs';
import { textOf } from './values.mjs';

/**
 * @typedef {object} LogLine
 * @property {string} level
 * @property {string} text
 * @property {number} beyond how many of its characters Auth0 does not keep
 *
 * @typedef {object} Facts
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {number} ms
 * @property {string | null} thrown the text of what the handler threw, also where the application never hears of it
 * @property {import('./api.mjs').Command[]} commands
 * @property {import('./api.mjs').Recorder['refused']} refused
 * @property {LogLine[]} log
 * @property {import('./context.mjs').LedRequest[]} requests
 * @property {import('./context.mjs').Fault[]} faults grows when something goes wrong after the end, too
 *
 * @typedef {Facts & import('./outcome.mjs').Outcome} Execution
 *
 * @typedef {object} HostOptions
 * @property {(name: string) => unknown} [require] the Action's `require`; by default Node's own modules and nothing else
 * @property {'own' | 'other'} [realm] `other`: the code gets intrinsics of its own, as under the test loader
 * @property {number} [limitMs] Auth0's 20 s
 * @property {() => number} [now] milliseconds since the epoch
 * @property {Map<string, import('./cache.mjs').Cache>} [caches] `api.cache` of each trigger, where instances share it
 * @property {import('./clock.mjs').Time} [time] instead of `now`: another clock, which the Action has, too
 * @property {number} [mostBytes] how long the file may be
 * @property {boolean} [guarded] refuse connections that the redirect does not lead; true by default
 */

const nodeRequire = createRequire(import.meta.url);

/**
 * The `require` of an Action without dependencies.
 * @param {string} name
 */
export function builtinRequire(name) {
  if (isBuiltin(name)) return nodeRequire(name);
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

/**
 * One instance of one Action.
 * @param {string} code the text that is pasted
 * @param {HostOptions} [options]
 */
export function createHost(code, options = {}) {
  const {
    require = builtinRequire,
    realm = 'own',
    limitMs = EXECUTION_MS,
    now,
    mostBytes = CODE_BYTES,
    guarded = true,
  } = options;
  const { time = realTime(now), caches = new Map() } = options;
  const cacheOf = (/** @type {string} */ trigger) => {
    const cache = caches.get(trigger) ?? createCache(time.now);
    caches.set(trigger, cache);
    return cache;
  };

  const loading = createScope('load', guarded, time);
  const bytes = Buffer.byteLength(code);
  if (bytes > mostBytes)
    loading.scope.faults.push({ kind: 'size', message: `the file has ${bytes} bytes, and Auth0 takes ${mostBytes}` });
  const loaded = load(code, require, { realm, time }, loading);

  return {
    /** How long the top-level code took, what it threw, what it logged. */
    load: {
      ms: loaded.ms,
      error: loaded.error === undefined ? null : textOf(loaded.error.thrown),
      log: loading.lines,
      faults: loading.scope.faults,
      requests: loading.scope.requests,
    },
    exports: loaded.exports,

    /** Empties `api.cache`, as Auth0 may at any time. @param {import('./limits.mjs').Trigger} trigger */
    vanishCache: (trigger) => cacheOf(trigger).vanish(),

    /**
     * Runs one execution. Any number may be under way at a time. What goes wrong is in the answer; it rejects
     * only for secrets that no tenant would hold.
     * @param {import('./limits.mjs').Trigger} trigger
     * @param {any} event
     */
    execute: (trigger, event) => execute(loaded, trigger, event, { cache: cacheOf(trigger), guarded, limitMs, time }),
  };
}

/** @typedef {ReturnType<typeof createHost>} Host */

/**
 * @param {ReturnType<typeof load>} loaded
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {any} event
 * @param {{ cache: import('./cache.mjs').Cache, guarded: boolean, limitMs: number, time: import('./clock.mjs').Time }} at
 * @returns {Promise<Execution>}
 */
async function execute(loaded, trigger, event, { cache, guarded, limitMs, time }) {
  checkSecrets(event);
  const { scope, lines } = createScope(trigger, guarded, time);
  // The Action gets its own copy: what it changes there changes nothing here.
  const own = JSON.parse(JSON.stringify(event));
  const { api, commands, refused, close } = createApi(trigger, event, cache, scope.faults);

  begin(scope);
  const ended = await within(scope, () => attempt(loaded, trigger, { event: own, api }, { limitMs, time }));
  const ms = time.elapsed() - scope.startedAt;
  close();
  // Node reports a rejection no one awaits only after the microtasks are done: give it that turn.
  await new Promise((done) => setImmediate(done));
  end(scope);

  const thrown = ended === undefined ? null : textOf(ended.thrown);
  const outcome = settle(trigger, event, commands, thrown, time.now(), scope.faults);
  const { requests, faults } = scope;
  return { trigger, ms, thrown, ...outcome, commands, refused, log: lines, requests, faults };
}

/**
 * @param {string} code
 * @param {(name: string) => unknown} require
 * @param {{ realm: 'own' | 'other', time: import('./clock.mjs').Time }} options
 * @param {ReturnType<typeof createScope>} loading
 * @returns {{ ms: number, exports: any, error?: { thrown: unknown } }}
 */
function load(code, require, { realm, time: { globals } }, loading) {
  const { scope } = loading;
  // Whatever the clock, this is how long it took.
  const began = performance.now();
  begin(scope);
  try {
    return within(scope, () => {
      const text = `module.exports = function(module, exports, console){\n${code}\n};`;
      const parsingContext = realm === 'other' ? otherRealm() : undefined;
      const outer = { exports: /** @type {any} */ ({}) };
      const module = { exports: /** @type {any} */ ({}) };
      vm.compileFunction(text, ['module', 'exports', 'require', ...Object.keys(globals)], {
        filename: 'login-sync.js',
        ...(parsingContext ? { parsingContext } : {}),
      })(outer, outer.exports, require, ...Object.values(globals));
      outer.exports(module, module.exports, consoleOf(loading));
      return { ms: performance.now() - began, exports: module.exports };
    });
  } catch (thrown) {
    return { ms: performance.now() - began, exports: {}, error: { thrown } };
  } finally {
    end(scope);
  }
}

/**
 * @param {ReturnType<typeof load>} loaded
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {{ event: any, api: any }} given
 * @param {{ limitMs: number, time: import('./clock.mjs').Time }} limits
 * @returns {Promise<{ thrown: unknown } | undefined>} what the application must not get a token for
 */
async function attempt(loaded, trigger, { event, api }, { limitMs, time }) {
  if (loaded.error) return loaded.error;
  const name = HANDLERS[trigger];
  const handler = loaded.exports?.[name];
  // A wrapper that returns a promise is refused as well: Auth0 looks at the function, not at what it gives back.
  if (handler?.constructor?.name !== 'AsyncFunction') {
    return {
      thrown: new Error(handler === undefined ? `the Action exports no \`${name}\`` : 'Invalid function signature'),
    };
  }
  /** @type {unknown} */
  let timer;
  try {
    const limit = new Promise((_, fail) => {
      timer = time.setTimeout(() => fail(new Error(`the Action did not end within ${limitMs / 1000} s`)), limitMs);
    });
    await time.until(Promise.race([handler(event, api), limit]));
    return undefined;
  } catch (thrown) {
    return { thrown };
  } finally {
    time.clearTimeout(timer);
  }
}

/** @param {string} label @param {boolean} guarded @param {import('./clock.mjs').Time} time */
function createScope(label, guarded, { elapsed }) {
  /** @type {LogLine[]} */
  const lines = [];
  let length = 0;
  /** @type {import('./context.mjs').Scope} */
  const scope = {
    label,
    startedAt: elapsed(),
    faults: [],
    requests: [],
    guarded,
    log(level, values) {
      const text = format(...values);
      length += text.length;
      lines.push({ level, text, beyond: Math.min(text.length, Math.max(0, length - CONSOLE_CHARACTERS)) });
    },
  };
  return { scope, lines };
}

const LEVELS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'];

// The console is the instance's, its lines are an execution's.
/** @param {ReturnType<typeof createScope>} loading */
function consoleOf({ scope: loading }) {
  return Object.fromEntries(
    LEVELS.map((level) => [
      level,
      (/** @type {unknown[]} */ ...values) => (currentScope() ?? loading).log(level, values),
    ]),
  );
}

// What Node has and JavaScript has not; `crypto` is there from Node 20 on only. `instanceof` against the outside fails in here.
function otherRealm() {
  const names =
    `AbortController AbortSignal Blob Buffer Event EventTarget Headers MessageChannel Request Response TextDecoder TextEncoder URL
    URLSearchParams atob btoa clearImmediate clearInterval clearTimeout crypto fetch performance process queueMicrotask setImmediate
    setInterval setTimeout structuredClone`.split(/\s+/);
  const globals = names
    .filter((name) => name in globalThis)
    .map((name) => [name, /** @type {any} */ (globalThis)[name]]);
  const sandbox = Object.fromEntries(globals);
  sandbox.global = sandbox;
  return vm.createContext(sandbox);
}

/** @param {any} event */
function checkSecrets(event) {
  const secrets = Object.entries(event?.secrets ?? {});
  if (secrets.length > SECRETS) throw new RangeError(`an Action holds at most ${SECRETS} secrets`);
  for (const [name, value] of secrets) {
    if (String(value).length > SECRET_CHARACTERS)
      throw new RangeError(`the secret \`${name}\` is longer than ${SECRET_CHARACTERS} characters`);
  }
}
