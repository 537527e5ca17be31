// The outage rehearsal, the plan: what the other system does and from when to when, and who logs in when, on which instance.
// All of it comes from a seed, so that no phase is made to suit the breaker, and every run can be had again. It is data, and
// nothing runs here.
import { createHash } from 'node:crypto';

/**
 * @typedef {object} Kind what the other system does in a phase
 * @property {boolean} [outage]
 * @property {boolean} [slower] a guard that has learnt its times takes longer to see that it hangs
 * @property {number} [least] seconds that it lasts at least
 *
 * @typedef {object} Phase
 * @property {string} kind `healthy`, or one of `KINDS`
 * @property {number} fromMs since the start of the rehearsal
 * @property {number} toMs
 *
 * @typedef {{ atMs: number, user: number, instance: number }} Arrival a login that begins, whatever became of those before
 * @typedef {{ seed: number, kinds: string[], seconds: number, rate: number, instances: number }} Options
 */

/** @type {Record<string, Kind>} */
export const KINDS = {
  hang: { outage: true },
  503: { outage: true },
  429: { outage: true },
  slow: { slower: true },
  account: { least: 3 },
  crowds: { slower: true },
};

/** The account whose data make the system fail. Everybody else logs in once. */
export const BAD = 999_999;
/** It comes so often within a quarter of a second, about twice a second: an instance joins those that come at once. */
const BURST = 10;
/** So many others a second are there meanwhile: with more of them good answers would come between its failures. */
const MEANWHILE = 10;
/** So many come at once where there are crowds. */
const CROWD = 40;
const CROWD_EVERY_MS = 2_000;

/** So many answers an instance has about had when the first phase begins: the guard knows a system after 20. */
const KNOWN = 40;
/** After so many it has forgotten what was slow: it remembers the last one or two hundred. */
const FORGOTTEN = 250;
/** After so many it knows how slow a system can be: crowds come then, for they are to meet a system that is always so. */
const LEARNT = 60;
/** With so many logins every instance has seen that the system is back. */
const SEEN = 10;

/** Numbers from 0 to 1, always the same for a seed. @param {string} seed @returns {() => number} */
export function createRandom(seed) {
  let drawn = 0;
  return () =>
    createHash('sha256')
      .update(`${seed}:${(drawn += 1)}`)
      .digest()
      .readUInt32BE() /
    2 ** 32;
}

/**
 * Each kind once, in an order and of a length that the seed decides; before each, good times.
 * @param {Options} options
 * @returns {{ phases: Phase[], arrivals: Arrival[] }}
 */
export function plan({ seed, kinds, seconds, rate, instances }) {
  const random = createRandom(`plan ${seed}`);
  const between = (/** @type {number} */ least, /** @type {number} */ most) => least + (most - least) * random();
  const timeFor = (/** @type {number} */ logins) => (logins * instances) / rate;
  /** @type {Phase[]} */
  const phases = [];
  const add = (/** @type {string} */ kind, /** @type {number} */ length) => {
    const fromMs = phases.at(-1)?.toMs ?? 0;
    phases.push({ kind, fromMs, toMs: fromMs + Math.round(length * 1000) });
  };
  add('healthy', between(1, 2) + timeFor(KNOWN));
  shuffled(kinds, random).forEach((kind, i) => {
    const { least = 0, slower = false } = KINDS[kind] ?? {};
    add(kind, Math.max(least, seconds * between(0.5, 1.5)) + (kind === 'crowds' ? timeFor(LEARNT) : 0));
    add('healthy', 2 + seconds * between(0.2, 0.7) + timeFor(slower && i < kinds.length - 1 ? FORGOTTEN : SEEN));
  });
  return {
    phases,
    arrivals: arrivals(phases, { rate, instances, between, gap: () => (-Math.log(1 - random()) * 1000) / rate }),
  };
}

/** @template T @param {T[]} list @param {() => number} random */
function shuffled(list, random) {
  return list
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/**
 * @param {Phase[]} phases
 * @param {{ rate: number, instances: number, between: (least: number, most: number) => number, gap: () => number }} chance `gap`:
 *   until the next of many who know nothing of each other
 */
function arrivals(phases, { rate, instances, between, gap }) {
  /** @type {Arrival[]} */
  const all = [];
  let users = 0;
  const anywhere = () => Math.floor(between(0, instances));
  for (const { kind, fromMs, toMs } of phases) {
    const thinned = kind === 'account' ? Math.max(1, rate / MEANWHILE) : 1;
    for (let atMs = fromMs + gap() * thinned; atMs < toMs; atMs += gap() * thinned)
      all.push({ atMs, user: (users += 1), instance: anywhere() });
    if (kind === 'account') {
      for (let at = fromMs; at < toMs; at += between(300, 700)) {
        for (let i = 0; i < BURST; i += 1) all.push({ atMs: at + between(0, 250), user: BAD, instance: anywhere() });
      }
    }
    if (kind === 'crowds') {
      // All of a crowd meet one instance: that is harder than to be spread.
      for (let at = fromMs + (LEARNT * instances * 1000) / rate; at < toMs; at += CROWD_EVERY_MS) {
        const instance = anywhere();
        for (let i = 0; i < CROWD; i += 1) all.push({ atMs: at + between(0, 50), user: (users += 1), instance });
      }
    }
  }
  return all.sort((a, b) => a.atMs - b.atMs);
}
