// The outage rehearsal, the plan: what the other system does, and from when to when. It is data, and nothing runs here.

/**
 * @typedef {object} Phase
 * @property {string} name
 * @property {string | null} fault what the stand-ins do, see `FAULTS` in `simulate/world.mjs`; null when all is well
 * @property {number} fromMs since the start of the rehearsal
 * @property {number} toMs
 */

/** Each fault comes after good times: a breaker that is open already would see no more of the next one than a probe. */
const PLAN = /** @type {const} */ ([
  ['healthy', null],
  ['hangs', 'timeout'],
  ['healthy', null],
  ['503', '503'],
  ['healthy', null],
  ['429', '429:2'],
  ['healthy', null],
]);

/**
 * @param {number} seconds how long a phase lasts
 * @param {number} tryMs how long one try may take: where nothing is answered that much is added, for so long nobody can know
 * @returns {Phase[]}
 */
export function schedule(seconds, tryMs) {
  let at = 0;
  return PLAN.map(([name, fault]) => {
    const fromMs = at;
    at += seconds * 1000 + (fault === 'timeout' ? tryMs : 0);
    return { name, fault, fromMs, toMs: at };
  });
}
