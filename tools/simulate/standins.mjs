// The local tenant, the outside world: one HTTP server on loopback that stands in for every system. It knows hosts, faults
// and what arrived; what a system checks and answers is in `systems/`, one file each.
import http from 'node:http';
import { cleeng } from './systems/cleeng.mjs';
import { crm } from './systems/crm.mjs';
import { echo } from './systems/echo.mjs';
import { sheet } from './systems/sheet.mjs';
import { userhub } from './systems/userhub.mjs';
import { workflows } from './systems/workflows.mjs';

/**
 * @typedef {object} Arrival one request as the server read it
 * @property {string} system the stand-in that answered
 * @property {string} host
 * @property {string} method
 * @property {string} path without the query
 * @property {URLSearchParams} query
 * @property {Record<string, string>} headers by lower-case name
 * @property {string} body
 * @property {string | null} fault the fault it met
 * @property {number | null} status null when no answer was sent
 *
 * @typedef {{ status: number, body?: unknown, headers?: Record<string, string> }} Answer a body that is no string is sent as JSON
 *
 * @typedef {object} System
 * @property {string} name
 * @property {(host: string) => boolean} serves
 * @property {(arrival: Arrival) => Answer} answer
 * @property {(status: number) => unknown} error the body this system sends with an error status
 *
 * @typedef {object} FaultOptions
 * @property {string} [host] only for this host; for all when absent
 * @property {number} [times] for so many requests; for ever when absent
 */

const SLOW_MS = 100;

/** Every fault that is not a status. `stale`: a kept-alive connection is closed under the next request on it. */
export const FAULTS = ['timeout', 'reset', 'slow', 'garbage', 'half-body', 'huge', 'redirect', 'empty', 'stale'];

/** Statuses are faults, too; `429:3` and `503:3` answer with `Retry-After: 3`. */
const STATUS = /^([45]\d\d)(?::(.+))?$/;

/** @param {string} name */
export const isFault = (name) => FAULTS.includes(name) || STATUS.test(name);

/**
 * @param {{ secrets?: Record<string, string>, now?: () => number, systems?: System[] }} [options] `secrets`: those the Action
 *   holds, so that the stand-ins know which to expect; `systems`: come before the built-in ones
 */
export async function startStandIns({ secrets = {}, now = Date.now, systems = [] } = {}) {
  const known = { cleeng: cleeng(secrets, now), userhub: userhub(secrets), workflows: workflows(secrets), crm: crm(secrets), sheet: sheet() };
  const table = [...systems, ...Object.values(known), echo()];
  /** @type {Arrival[]} */
  const arrivals = [];
  /** @type {{ name: string, host: string | undefined, left: number }[]} */
  let faults = [];
  /** Connections that have carried a request before. @type {WeakSet<import('node:net').Socket>} */
  const used = new WeakSet();

  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const system = /** @type {System} */ (table.find((each) => each.serves(host)));
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]));
    /** @type {Arrival} */
    const arrival = { system: system.name, host, method: request.method ?? '', path: url.pathname, query: url.searchParams, headers, body: '', fault: null, status: null };
    try {
      for await (const chunk of request.setEncoding('utf8')) arrival.body += chunk;
    } catch {
      return; // the caller went away while sending
    }
    arrivals.push(arrival);
    const reused = used.has(request.socket);
    used.add(request.socket);
    const fault = faults.find((each) => each.left > 0 && (each.name !== 'stale' || reused) && (each.host === undefined || each.host === host));
    if (fault) {
      fault.left -= 1;
      arrival.fault = fault.name;
      if (misbehave(fault.name, arrival, system, response)) return;
    }
    send(arrival, response, system.answer(arrival));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  server.unref();

  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    /** All that arrived, in order. */
    arrivals,
    /** The known systems, with the state that tests may read and set. */
    systems: known,

    /** From the next request on. @param {string} name @param {FaultOptions} [options] */
    fault(name, { host, times = Infinity } = {}) {
      if (!isFault(name)) throw new RangeError(`unknown fault \`${name}\`: use ${FAULTS.join(', ')}, or a status such as 503 or 429:3`);
      faults.push({ name, host, left: times });
    },
    /** Back to good behaviour. */
    mend: () => (faults = []),

    close: () =>
      new Promise((done) => {
        server.close(() => done(undefined));
        server.closeAllConnections();
      }),
  };
}

/** @typedef {Awaited<ReturnType<typeof startStandIns>>} StandIns */

/** @param {Arrival} arrival @param {http.ServerResponse} response @param {Answer} answer */
function send(arrival, response, { status, body = '', headers = {} }) {
  arrival.status = status;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(text)), ...headers });
  response.end(text);
}

/**
 * @param {string} name
 * @param {Arrival} arrival
 * @param {System} system
 * @param {http.ServerResponse} response
 * @returns {boolean} whether the request is dealt with
 */
function misbehave(name, arrival, system, response) {
  const [, status, after] = STATUS.exec(name) ?? [];
  if (status !== undefined) {
    const wait = after ?? (status === '429' ? '1' : undefined);
    send(arrival, response, { status: Number(status), body: system.error(Number(status)), headers: wait === undefined ? {} : { 'retry-after': wait } });
    return true;
  }
  // Those that come after the work: the system has done what it was asked, and the answer is what goes wrong.
  const good = () => JSON.stringify(system.answer(arrival).body ?? {});
  switch (name) {
    case 'timeout':
      return true;
    case 'stale':
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'slow':
      drip(arrival, response, good());
      return true;
    case 'garbage':
      send(arrival, response, { status: 200, body: '<html>{"accessToken": \u0000', headers: { 'content-type': 'application/json' } });
      return true;
    case 'empty':
      send(arrival, response, { status: 200, headers: { 'content-type': 'application/json' } });
      return true;
    case 'half-body': {
      const text = good();
      arrival.status = 200;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) });
      response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
      return true;
    }
    case 'huge':
      send(arrival, response, { status: 200, body: { filling: 'x'.repeat(2 * 1024 * 1024) } });
      return true;
    case 'redirect':
      send(arrival, response, { status: 302, headers: { location: 'https://elsewhere.example.com/moved' } });
      return true;
    default:
      return false;
  }
}

// One character at a time: the connection is alive, and the answer takes longer than anybody should wait.
/** @param {Arrival} arrival @param {http.ServerResponse} response @param {string} text */
function drip(arrival, response, text) {
  arrival.status = 200;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) });
  const bytes = Buffer.from(text);
  let at = 0;
  const timer = setInterval(() => {
    if (response.destroyed || at >= bytes.length) {
      clearInterval(timer);
      response.end();
    } else {
      response.write(bytes.subarray(at, (at += 1)));
    }
  }, SLOW_MS);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}
