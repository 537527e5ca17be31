// The local tenant, time. On the virtual clock none passes while something runs, and it leaps to the next timer when nothing
// does: a timeout of three seconds is there at once, and the same login takes the same time at every run.

/**
 * @typedef {object} Time
 * @property {() => number} now milliseconds since the epoch
 * @property {() => number} elapsed milliseconds of a clock that only goes forward
 * @property {(work: (...args: any[]) => void, ms?: number) => any} setTimeout
 * @property {(id: any) => void} clearTimeout
 * @property {<T>(promise: Promise<T>) => Promise<T>} until lets time pass until the promise is settled
 * @property {Record<string, unknown>} globals what the Action finds instead of Node's own
 */

/** The clock of this machine, but for the date, which may be another. @param {() => number} [now] @returns {Time} */
export const realTime = (now = Date.now) => ({
  now,
  elapsed: () => performance.now(),
  setTimeout,
  clearTimeout,
  until: (promise) => promise,
  globals: {},
});

/** @typedef {Time & { advance(ms: number): void }} Clock */

/**
 * @param {number} start milliseconds since the epoch
 * @returns {Clock}
 */
export function createClock(start) {
  let now = start;
  let last = 0;
  /** @type {Map<number, { at: number, work: () => void }>} */
  const timers = new Map();

  /** @param {(...args: any[]) => void} work @param {number} [ms] @param {any[]} args */
  const set = (work, ms = 0, ...args) => {
    timers.set((last += 1), { at: now + Math.max(0, Number(ms) || 0), work: () => work(...args) });
    return new Timer(last);
  };
  /** @param {unknown} timer */
  const clear = (timer) => void timers.delete(Number(timer));

  /** The next timer does its work, and its time is now. */
  const leap = () => {
    /** @type {{ id: number, at: number } | undefined} */
    let next;
    for (const [id, { at }] of timers) if (next === undefined || at < next.at) next = { id, at };
    if (!next) return false;
    const { work } = /** @type {{ work: () => void }} */ (timers.get(next.id));
    timers.delete(next.id);
    now = Math.max(now, next.at);
    work();
    return true;
  };

  /** @type {Clock} */
  const clock = {
    now: () => now,
    elapsed: () => now - start,
    advance: (ms) => void (now += ms),
    setTimeout: set,
    clearTimeout: clear,

    /** Between two timers all promises get their turn. */
    async until(promise) {
      let settled = false;
      const over = () => void (settled = true);
      promise.then(over, over);
      do await turn();
      while (!settled && leap());
      if (!settled) throw new Error('nothing is under way any more, and the handler has not ended');
      return promise;
    },
    globals: {},
  };
  clock.globals = globalsOf(clock, set, clear);
  return clock;
}

/** What Node's `setTimeout` gives: the paste calls `unref` of it. */
class Timer {
  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }
  valueOf() {
    return this.id;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

/**
 * @param {Clock} clock
 * @param {Clock['setTimeout']} set
 * @param {Clock['clearTimeout']} clear
 */
function globalsOf(clock, set, clear) {
  class Time extends Date {
    /** @param {any[]} args */
    constructor(...args) {
      // @ts-expect-error -- Date takes one of several lists of arguments
      super(...(args.length > 0 ? args : [clock.now()]));
    }
    static now = clock.now;
  }
  return {
    Date: Time,
    // A page has no `process`.
    process: Object.create(globalThis.process ?? { env: {} }, { uptime: { value: () => clock.elapsed() / 1000 } }),
    performance: { now: clock.elapsed },
    setTimeout: set,
    clearTimeout: clear,
    setImmediate: (/** @type {(...args: any[]) => void} */ work, /** @type {any[]} */ ...args) =>
      set(() => work(...args), 0),
    clearImmediate: clear,
  };
}

/** A turn of the event loop, after all microtasks. */
const turn = () => new Promise((done) => setImmediate(done));
