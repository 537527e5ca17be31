// The local tenant, ground floor: who is running just now. Every other file here asks this one which execution a line
// of console output, a request or a stray error belongs to. It knows nothing of Auth0's rules and nothing of HTTP.
import { AsyncLocalStorage } from 'node:async_hooks';
import net from 'node:net';
import process from 'node:process';
import { textOf } from './values.mjs';

/**
 * @typedef {object} Fault something that would go wrong, or go unnoticed, on a real tenant
 * @property {string} kind a short name, such as `unhandledRejection`
 * @property {string} message
 *
 * @typedef {object} LedRequest one request that the Action sent, as the redirect saw it
 * @property {string} method
 * @property {string} url
 * @property {Record<string, string>} headers by lower-case name
 * @property {string} body
 * @property {number} startMs since the execution's start
 * @property {number | null} ms until the answer's last byte or the failure; null while under way
 * @property {number | null} status null without an answer
 * @property {Record<string, string | string[] | undefined>} responseHeaders
 * @property {string} responseBody
 * @property {string | null} failure why there was no whole answer
 *
 * @typedef {object} Scope what belongs to one execution, or to the loading of the file
 * @property {string} label
 * @property {number} startedAt what the clock said at its start
 * @property {Fault[]} faults
 * @property {LedRequest[]} requests
 * @property {(level: string, values: unknown[]) => void} log
 * @property {boolean} guarded whether connections that bypass the redirect are refused
 */

/** @type {AsyncLocalStorage<Scope>} */
const storage = new AsyncLocalStorage();

/** Scopes that have begun and not ended: they take the blame for a stray error that carries no trace of its origin. */
/** @type {Set<Scope>} */
const running = new Set();

/**
 * Runs `work` so that all it starts is known to belong to `scope`.
 * @template T
 * @param {Scope} scope
 * @param {() => T} work
 * @returns {T}
 */
export const within = (scope, work) => storage.run(scope, work);

/** @returns {Scope | undefined} */
export const currentScope = () => storage.getStore();

/** @param {Scope} scope */
export function begin(scope) {
  install();
  running.add(scope);
}

/** @param {Scope} scope */
export const end = (scope) => void running.delete(scope);

let leading = false;

/**
 * Opens a connection that the guard lets through: the redirect's own way to the stand-ins.
 * @template T
 * @param {() => T} connect
 * @returns {T}
 */
export function led(connect) {
  leading = true;
  try {
    return connect();
  } finally {
    leading = false;
  }
}

let installed = false;

function install() {
  if (installed) return;
  installed = true;
  catchStrayErrors();
  guardConnections();
}

// A stray error would end this process, or fail whatever test happens to run. Listeners can't prevent that, for the test
// runner has its own; so what belongs to an Action is taken out before any listener sees it, and the rest passes untouched.
function catchStrayErrors() {
  const emit = process.emit;
  process.emit = /** @type {any} */ (
    /** @param {string} name @param {unknown[]} args */
    (name, ...args) => {
      if (name === 'uncaughtException' || name === 'unhandledRejection') {
        const scope = currentScope();
        const blamed = scope ? [scope] : [...running];
        for (const each of blamed) each.faults.push({ kind: name, message: textOf(args[0]) });
        if (blamed.length > 0) return true;
      }
      return Reflect.apply(emit, process, [name, ...args]);
    }
  );
}

// All of Node's TCP clients (http, https, http2, tls, fetch) end in this one method. A call that does not come from the
// redirect would leave the machine: it is refused, and recorded so that no one misses it.
function guardConnections() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = /** @type {any} */ (
    /** @this {net.Socket} @param {any[]} args */
    function (...args) {
      const scope = currentScope();
      if (leading || !scope?.guarded) return Reflect.apply(connect, this, args);
      const options = Array.isArray(args[0]) ? args[0][0] : args[0];
      const target =
        typeof options === 'object'
          ? (options.path ?? `${options.host ?? 'localhost'}:${options.port}`)
          : String(options);
      const message = `a connection to \`${target}\` went past \`https.request\`, the only way out that is led to the stand-ins`;
      scope.faults.push({ kind: 'connection', message });
      process.nextTick(() => this.destroy(new Error(message)));
      return this;
    }
  );
}
