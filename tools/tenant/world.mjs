// The local tenant, the outside world without a wire: which stand-in answers for a host, what it was asked, which fault it
// meets. A reply is data, and how it travels is `standins.mjs`'s business. Nothing here is Node's alone: the playground's
// page has the same world.
import { cleeng } from './systems/cleeng.mjs';
import { crm } from './systems/crm.mjs';
import { echo } from './systems/echo.mjs';
import { sheet } from './systems/sheet.mjs';
import { userhub } from './systems/userhub.mjs';
import { workflows } from './systems/workflows.mjs';

/**
 * @typedef {object} Arrival one request as it was read
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
 * @typedef {object} Answer
 * @property {number} status
 * @property {unknown} [body] what is no string is sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {number} [delayMs] how long the system takes
 * @property {string} [fault] what goes wrong instead, see `FAULTS`
 *
 * @typedef {object} System
 * @property {string} name
 * @property {(host: string) => boolean} serves
 * @property {(arrival: Arrival) => Answer} answer
 * @property {(status: number) => unknown} error the body this system sends with an error status
 *
 * @typedef {object} Reply what the caller gets, as data
 * @property {'whole' | 'half' | 'drip' | 'never' | 'reset'} manner `half`: it breaks off in the middle; `drip`: a byte at a
 *   time; `never`: nothing comes, and the connection stays; `reset`: nothing comes, and the connection is gone
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {number} delayMs before it is sent
 *
 * @typedef {object} FaultOptions
 * @property {string} [host] only for this host, or the stand-in of this name; for all when absent
 * @property {number} [times] for so many requests; for ever when absent
 */

/** Every fault that is not a status. `stale`: a kept-alive connection is closed under the next request on it. */
export const FAULTS = ['timeout', 'reset', 'slow', 'garbage', 'half-body', 'huge', 'redirect', 'empty', 'stale'];

/** Statuses are faults, too; `429:3` and `503:3` answer with `Retry-After: 3`. */
const STATUS = /^([45]\d\d)(?::(.+))?$/;

/** @param {string} name */
export const isFault = (name) => FAULTS.includes(name) || STATUS.test(name);

/** @param {Record<string, string>} secrets @param {() => number} now */
const knownSystems = (secrets, now) => ({
  cleeng: cleeng(secrets, now),
  userhub: userhub(secrets),
  workflows: workflows(secrets),
  crm: crm(secrets),
  sheet: sheet(),
});

/**
 * @typedef {object} WorldOptions
 * @property {Record<string, string>} [secrets] those the Action holds, so that the stand-ins know which to expect
 * @property {() => number} [now] milliseconds since the epoch
 * @property {System[]} [systems] stand-ins that come before the built-in ones
 * @property {System} [fallback] the one for every other host
 *
 * @param {WorldOptions} [options]
 */
export function createWorld({ secrets = {}, now = Date.now, systems = [], fallback = echo() } = {}) {
  const known = knownSystems(secrets, now);
  const table = [...systems, ...Object.values(known), fallback];
  const systemOf = (/** @type {string} */ host) => /** @type {System} */ (table.find((each) => each.serves(host)));
  /** @type {Arrival[]} */
  const arrivals = [];
  /** @type {Fault[]} */
  let faults = [];

  return {
    /** All that arrived, in order. */
    arrivals,
    /** The known systems, with the state that tests may read and set. */
    systems: known,

    /** The name of the stand-in that answers for a host. @param {string} host */
    nameOf: (host) => systemOf(host).name,

    /** Tells the host's stand-in of secrets that are good there, besides those it knows by name. @param {string} host @param {string[]} secrets */
    expect(host, secrets) {
      const system = systemOf(host);
      for (const list of ['accepted', 'connections']) {
        if (list in system) /** @type {any} */ (system)[list].push(...secrets);
      }
    },

    /** From the next request on. @param {string} name @param {FaultOptions} [options] */
    fault(name, { host, times = Infinity } = {}) {
      if (!isFault(name))
        throw new RangeError(`unknown fault \`${name}\`: use ${FAULTS.join(', ')}, or a status such as 503 or 429:3`);
      faults.push({ name, host, left: times });
    },
    /** Back to good behaviour. */
    heal: () => (faults = []),

    /**
     * A whole request has come in.
     * @param {{ method: string, url: string, headers: Record<string, string>, body: string, reused: boolean }} request `url`:
     *   path and query; `reused`: the connection has carried one before
     * @returns {Reply}
     */
    receive({ reused, ...request }) {
      const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
      const system = systemOf(host);
      const arrival = arrivalOf(request, host, system.name);
      arrivals.push(arrival);
      const fault = faultFor(arrival, reused, faults);
      if (fault) fault.left -= 1;
      /** @type {Answer | undefined} */
      let answered;
      const answer = () => (answered ??= system.answer(arrival));
      // Where a fault comes before the answer, the system has not been asked.
      const name = fault?.name ?? answer().fault ?? null;
      const reply = name === null ? whole(answer()) : misbehave(name, system, answer);
      Object.assign(arrival, { fault: name, status: reply.status || null });
      return { ...reply, delayMs: answered?.delayMs ?? 0 };
    },
  };
}

/** @typedef {ReturnType<typeof createWorld>} World */

/**
 * A request as it was read, which has no answer yet.
 * @param {{ method: string, url: string, headers: Record<string, string>, body: string }} request
 * @param {string} host
 * @param {string} system
 * @returns {Arrival}
 */
function arrivalOf({ method, url, headers, body }, host, system) {
  // Not as a base: a path may begin with two slashes.
  const { pathname: path, searchParams: query } = new URL(`http://stand-in${url}`);
  return { system, host, method, path, query, headers, body, fault: null, status: null };
}

/** @typedef {{ name: string, host: string | undefined, left: number }} Fault `left`: for so many requests */

/** What goes wrong with a request, if anything. @param {Arrival} arrival @param {boolean} reused @param {Fault[]} faults */
const faultFor = ({ host, system }, reused, faults) =>
  faults.find(
    (each) =>
      each.left > 0 &&
      (each.name !== 'stale' || reused) &&
      (each.host === undefined || each.host === host || each.host === system),
  );

/** @param {Answer} answer @returns {Omit<Reply, 'delayMs'>} */
function whole({ status, body = '', headers = {} }) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  return { manner: 'whole', status, headers: { 'content-type': type, ...headers }, body: text };
}

/**
 * @param {string} name
 * @param {System} system
 * @param {() => Answer} answer
 * @returns {Omit<Reply, 'delayMs'>}
 */
function misbehave(name, system, answer) {
  const [, status, after] = STATUS.exec(name) ?? [];
  if (status !== undefined) {
    const wait = after ?? (status === '429' ? '1' : undefined);
    return whole({
      status: Number(status),
      body: system.error(Number(status)),
      headers: wait === undefined ? {} : { 'retry-after': wait },
    });
  }
  // Those that come after the work: the system has done what it was asked, and the answer is what goes wrong.
  const good = () => whole({ status: 200, body: answer().body ?? {} });
  const nothing = { status: 0, headers: {}, body: '' };
  switch (name) {
    case 'timeout':
      return { manner: 'never', ...nothing };
    case 'stale':
    case 'reset':
      return { manner: 'reset', ...nothing };
    case 'slow':
      return { ...good(), manner: 'drip' };
    case 'garbage':
      return whole({
        status: 200,
        body: '<html>{"accessToken": \u0000',
        headers: { 'content-type': 'application/json' },
      });
    case 'empty':
      return whole({ status: 200, headers: { 'content-type': 'application/json' } });
    case 'half-body':
      return { ...good(), manner: 'half' };
    case 'huge':
      return whole({ status: 200, body: { filling: 'x'.repeat(2 * 1024 * 1024) } });
    case 'redirect':
      return whole({ status: 302, headers: { location: 'https://elsewhere.example.com/moved' } });
    default:
      return whole(answer());
  }
}
