// The outage rehearsal, the sums: from what became of each login to a row per phase, and to the figures, each with the bound
// that it must keep. Plain functions of plain data.
import { BAD, KINDS } from './plan.mjs';

/** @typedef {import('./child.mjs').Login} Login */
/** @typedef {import('./plan.mjs').Phase} Phase */
/** @typedef {{ all: number, bad: number }} Requests that came to the other system in a phase; `bad`: of the account whose data make it fail */
/**
 * @typedef {{ ms: number, cutOff: boolean }} Latency `cutOff`: at least so long, for the login had not ended
 *
 * @typedef {object} Row one phase
 * @property {string} phase
 * @property {number} fromMs since the start
 * @property {number} toMs
 * @property {number} logins those that began in it
 * @property {{ p50: Latency, p95: Latency, max: Latency } | null} added to the login's time; null without logins
 * @property {number} requests those that came to the other system in it
 * @property {number} requestsPerLogin
 * @property {number} denied
 * @property {number} cutOff
 * @property {Record<string, number>} outcomes
 *
 * @typedef {object} Figure
 * @property {string} what
 * @property {number | null} value null where it never came to it, which holds no bound
 * @property {number} most
 * @property {string} unit
 * @property {number} [of] so many logins
 * @property {boolean} holds
 *
 * @typedef {object} Run
 * @property {Login[]} logins
 * @property {Phase[]} phases
 * @property {Requests[]} requests by phase
 * @property {number} lateMs how late the machine was at most
 * @property {{ rate: number, instances: number, budgetMs: number, systems: number }} setup
 */

/** Auth0 gives a tenant 250, for all Actions together. */
const IN_FLIGHT = 60;
/** A login that comes earlier meets an outage that no one can know of. */
const UNKNOWN_MS = 500;
const LONG_MS = 1_000;
const LONG_PERCENT = 1;
const BACK_MS = 1_000;
/** Denied when the system is back, or until the guard knows that it is only slow: as many as log in within so many seconds. */
const DENIED_SECONDS = { hang: 1.3, refusals: 0.6, slow: 0.5 };
/** A retry for each is the most where an instance has hardly more logins than probes. */
const REQUESTS = { many: 0.7, few: 1.5 };
const MANY_A_SECOND = 10;
/** Of the account whose data make it fail: one a second and instance, and two that come first. */
const OWN_AT_FIRST = 2;
/** What a busy machine may add to a time, at most. */
const LATE_MS = 500;
/** Executions that an outage began are over so long after it. */
const AFTERMATH_MS = 3_000;

/**
 * @param {Login[]} logins
 * @param {Phase[]} phases
 * @param {Requests[]} requests
 * @returns {Row[]}
 */
export function rows(logins, phases, requests) {
  return phases.map(({ kind, fromMs, toMs }, i) => {
    const begun = logins.filter(within(fromMs, toMs));
    /** @type {Record<string, number>} */
    const outcomes = {};
    for (const outcome of begun.flatMap((login) => login.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const came = requests[i]?.all ?? 0;
    return {
      phase: kind,
      fromMs,
      toMs,
      logins: begun.length,
      added:
        begun.length > 0
          ? { p50: percentile(begun, 50), p95: percentile(begun, 95), max: percentile(begun, 100) }
          : null,
      requests: came,
      requestsPerLogin: begun.length > 0 ? round(came / begun.length, 3) : 0,
      denied: begun.filter(({ denied }) => denied).length,
      cutOff: begun.filter(({ cutOff }) => cutOff).length,
      outcomes,
    };
  });
}

/** Those that began then. @param {number} fromMs @param {number} toMs */
const within =
  (fromMs, toMs) =>
  (/** @type {Login} */ { atMs }) =>
    atMs >= fromMs && atMs < toMs;

/**
 * By nearest rank: a time that was measured, and none between two.
 * @param {Login[]} logins at least one
 * @param {number} percent
 * @returns {Latency}
 */
export function percentile(logins, percent) {
  const sorted = [...logins].sort((a, b) => a.ms - b.ms);
  const { ms, cutOff } = /** @type {Login} */ (sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]);
  return { ms: round(ms), cutOff };
}

/**
 * What is promised of an outage, and whether it held. Of several phases the worst counts; a figure whose phases are not in
 * the plan is left out.
 * @param {Run} run
 * @returns {Figure[]}
 */
export function figures(run) {
  const { logins, phases, lateMs, setup } = run;
  const late = Math.ceil(Math.min(LATE_MS, lateMs));
  const longest = Math.max(0, ...logins.map(({ ms }) => ms));
  return [
    figure('the longest login', logins.length > 0 ? longest : null, setup.budgetMs + Math.ceil(lateMs) + 50, 'ms'),
    ...ofOutages(
      run,
      phases.flatMap((phase, i) =>
        KINDS[phase.kind]?.outage ? [{ ...phase, i, nextMs: phases[i + 1]?.toMs ?? phase.toMs }] : [],
      ),
      late,
    ),
    ...ofAccount(run),
    ...ofHealthy(run),
  ];
}

/**
 * @param {Run} run
 * @param {(Phase & { i: number, nextMs: number })[]} outages `nextMs`: when the good times after it end
 * @param {number} late
 * @returns {Figure[]}
 */
function ofOutages({ logins, requests, setup: { rate, instances, systems } }, outages, late) {
  if (outages.length === 0) return [];
  const during = outages.map(({ fromMs, toMs }) => logins.filter(within(fromMs, toMs)));
  const long = outages.map(({ fromMs, toMs }) => {
    const begun = logins.filter(within(fromMs + UNKNOWN_MS, toMs));
    return (100 * begun.filter(({ ms }) => ms > LONG_MS + late).length) / Math.max(1, begun.length);
  });
  const after = outages.map(({ kind, toMs, nextMs }) => ({ kind, toMs, begun: logins.filter(within(toMs, nextMs)) }));
  const back = after.map(({ toMs, begun }) =>
    Math.min(...begun.filter(answered).map(({ atMs, lateMs, ms }) => atMs + lateMs + ms - toMs)),
  );
  const denied = (/** @type {boolean} */ hung) =>
    after
      .filter(({ kind }) => (kind === 'hang') === hung)
      .map(({ begun }) => begun.filter(({ denied }) => denied).length);
  const perLogin = outages.map(({ i }, at) => (requests[i]?.all ?? 0) / Math.max(1, during[at]?.length ?? 0));
  const share = systems * (rate / instances >= MANY_A_SECOND ? REQUESTS.many : REQUESTS.few);
  return [
    figure(
      'executions in flight, most',
      Math.max(...outages.map(({ fromMs, toMs }) => inFlight(logins, fromMs, toMs + AFTERMATH_MS))),
      IN_FLIGHT,
    ),
    figure(
      `logins that wait over ${number(LONG_MS + late)} ms, after the first ${UNKNOWN_MS} ms`,
      Math.max(...long),
      LONG_PERCENT,
      '%',
    ),
    figure('until the first good answer when it is back', finite(Math.max(...back)), BACK_MS + late, 'ms'),
    ...(denied(true).length > 0
      ? [
          figure(
            'denied when it is back, after a hang',
            Math.max(...denied(true)),
            Math.round(rate * DENIED_SECONDS.hang),
          ),
        ]
      : []),
    ...(denied(false).length > 0
      ? [
          figure(
            'denied when it is back, after refusals',
            Math.max(...denied(false)),
            Math.round(rate * DENIED_SECONDS.refusals),
          ),
        ]
      : []),
    figure(
      'requests per login in an outage',
      during.every(({ length }) => length > 0) ? Math.max(...perLogin) : null,
      round(share),
    ),
  ];
}

/** @param {Login} login */
const answered = ({ outcomes }) => outcomes.some((outcome) => /(^|=)ok$/.test(outcome));

/** One account's data make the system fail. @param {Run} run @returns {Figure[]} */
function ofAccount({ logins, phases, requests, setup: { instances, systems } }) {
  const found = phases.map((phase, i) => ({ ...phase, i })).filter(({ kind }) => kind === 'account');
  if (found.length === 0) return [];
  // Those count as well who come when it has gone.
  const others = found.flatMap(({ i, fromMs, toMs }) =>
    logins.filter(within(fromMs, phases[i + 1]?.toMs ?? toMs)).filter(({ user }) => user !== BAD),
  );
  const own = found.map(({ i, fromMs, toMs }) => ((requests[i]?.bad ?? 0) * 1000) / (toMs - fromMs));
  // A system that is not told who logs in cannot fail for one of them.
  const seen = found.every(({ i }) => (requests[i]?.bad ?? 0) > 0);
  return [
    figure(
      'others denied because of one account',
      others.length > 0 && seen ? others.filter(({ denied }) => denied).length : null,
      0,
      '',
      others.length,
    ),
    figure(
      "that account's own requests a second",
      seen ? Math.max(...own) : null,
      (OWN_AT_FIRST + instances) * systems,
    ),
  ];
}

/** The system is well, but slow at times. @param {Run} run @returns {Figure[]} */
function ofHealthy({ logins, phases, setup: { rate } }) {
  const of = (/** @type {string} */ kind) =>
    phases.filter((phase) => phase.kind === kind).flatMap(({ fromMs, toMs }) => logins.filter(within(fromMs, toMs)));
  const [crowds, slow] = [of('crowds'), of('slow')];
  return [
    ...(crowds.length > 0
      ? [
          figure(
            'refused by the guard while it is well, with crowds',
            crowds.filter(({ refused }) => refused).length,
            0,
            '',
            crowds.length,
          ),
        ]
      : []),
    ...(slow.length > 0
      ? [
          figure(
            'denied while it is five times slower',
            slow.filter(({ denied }) => denied).length,
            Math.round(rate * DENIED_SECONDS.slow),
            '',
            slow.length,
          ),
        ]
      : []),
  ];
}

/** @param {string} what @param {number | null} value @param {number} most @param {string} [unit] @param {number} [of] @returns {Figure} */
function figure(what, value, most, unit = '', of) {
  // What is judged is what is printed.
  const shown = value === null ? null : round(value);
  return {
    what,
    value: shown,
    most,
    unit,
    ...(of === undefined ? {} : { of }),
    holds: shown !== null && shown <= most,
  };
}

/**
 * The most logins that were under way at the same time.
 * @param {Login[]} logins
 * @param {number} fromMs
 * @param {number} toMs
 */
export function inFlight(logins, fromMs, toMs) {
  const changes = logins.flatMap(({ atMs, lateMs, ms }) => [
    { at: atMs + lateMs, by: 1 },
    { at: atMs + lateMs + ms, by: -1 },
  ]);
  // One that ends just when another begins does not meet it.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { at, by } of changes) {
    now += by;
    if (at >= fromMs && at < toMs) most = Math.max(most, now);
  }
  return most;
}

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : null);

/** @param {number} value */
export const number = (value) =>
  Number.isInteger(value) || value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);

/** @param {number} value @param {number} [digits] */
const round = (value, digits = 2) => Number(value.toFixed(digits));
