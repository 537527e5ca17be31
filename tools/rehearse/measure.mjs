// The outage rehearsal, the sums: from what became of each login to a row per phase, and to the figures that must hold.
// Plain functions of plain data.

/** @typedef {import('./child.mjs').Login} Login */
/** @typedef {import('./phases.mjs').Phase} Phase */
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
 * @property {number | null} recoveredMs in good times after bad ones: until the first login got an answer; null when none did
 *
 * @typedef {object} Figure
 * @property {string} what
 * @property {string} measured
 * @property {string} bound
 * @property {boolean} holds
 */

/** What the timers of a machine that does other things may add, in milliseconds. */
const TIMERS_MS = 50;
const BREAKER_MS = 5;
const REQUESTS = 1.1;

/**
 * @param {Login[]} logins
 * @param {Phase[]} phases
 * @param {number[]} requests how many came to the other system, by phase
 * @returns {Row[]}
 */
export function rows(logins, phases, requests) {
  return phases.map(({ name, fault, fromMs, toMs }, i) => {
    const begun = logins.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const answered = begun.filter(({ outcomes }) => outcomes.some((outcome) => /(^|=)ok$/.test(outcome)));
    /** @type {Record<string, number>} */
    const outcomes = {};
    for (const outcome of begun.flatMap((login) => login.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const came = requests[i] ?? 0;
    return {
      phase: name,
      fromMs,
      toMs,
      logins: begun.length,
      added: begun.length > 0 ? { p50: percentile(begun, 50), p95: percentile(begun, 95), max: percentile(begun, 100) } : null,
      requests: came,
      requestsPerLogin: begun.length > 0 ? round(came / begun.length, 3) : 0,
      denied: begun.filter(({ denied }) => denied).length,
      cutOff: begun.filter(({ cutOff }) => cutOff).length,
      outcomes,
      recoveredMs: fault === null && i > 0 && answered.length > 0 ? round(Math.min(...answered.map(({ atMs, lateMs, ms }) => atMs + lateMs + ms - fromMs))) : null,
    };
  });
}

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
 * What the design promises of an outage, and whether it held.
 * @param {Login[]} logins
 * @param {Phase[]} phases
 * @param {Row[]} table
 * @param {{ budgetMs: number, systems: number }} config
 * @returns {Figure[]}
 */
export function figures(logins, phases, table, { budgetMs, systems }) {
  const outages = phases.filter(({ fault }) => fault !== null);
  const during = logins.filter(({ atMs }) => outages.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs));
  // Those who began to wait in good times and met the outage count as well.
  const longest = Math.max(0, ...logins.map(({ ms }) => ms));
  const lateMs = Math.ceil(Math.max(0, ...logins.map(({ lateMs }) => lateMs)) + TIMERS_MS);
  const refused = during.filter(({ breaker }) => breaker);
  const median = refused.length > 0 ? percentile(refused, 50).ms : undefined;
  const loads = table.filter((_, i) => phases[i]?.fault !== null).map(({ phase, requestsPerLogin }) => ({ phase, load: requestsPerLogin }));
  const most = round(REQUESTS * systems);
  return [
    {
      what: 'the longest login',
      measured: `${number(longest)} ms`,
      bound: `${number(budgetMs)} ms, the budget, and ${number(lateMs)} ms that this machine may have been late`,
      holds: during.length > 0 && longest <= budgetMs + lateMs,
    },
    {
      what: 'with the breaker open, the median login',
      measured: median === undefined ? 'none met an open breaker' : `${number(median)} ms, of ${number(refused.length)} logins`,
      bound: `${BREAKER_MS} ms`,
      holds: median !== undefined && median <= BREAKER_MS,
    },
    {
      what: 'requests per login in an outage',
      measured: loads.map(({ phase, load }) => `${load.toFixed(2)} (${phase})`).join(', '),
      bound: systems > 1 ? `${most}, for ${systems} systems` : `${most}`,
      holds: during.length > 0 && loads.every(({ load }) => load <= most),
    },
  ];
}

/** @param {number} value */
export const number = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));

/** @param {number} value @param {number} [digits] */
const round = (value, digits = 2) => Number(value.toFixed(digits));
