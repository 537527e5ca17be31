// The page's tenant, the clock: time that does not pass while something runs, and leaps to the next timer when nothing does.
// So a timeout of three seconds is seen at once, and the same login takes the same time at every run.

/**
 * @param {number} start milliseconds since the epoch
 */
export function createClock(start) {
  let now = start;
  let last = 0;
  /** @type {Map<number, { at: number, work: () => void }>} */
  const timers = new Map();

  /** @param {(...args: any[]) => void} work @param {number} [ms] @param {any[]} args */
  const set = (work, ms = 0, ...args) => {
    timers.set((last += 1), { at: now + Math.max(0, Number(ms) || 0), work: () => work(...args) });
    return last;
  };
  /** @param {number | undefined} id */
  const clear = (id) => void timers.delete(Number(id));

  /** The next timer does its work, and its time is now. */
  const leap = () => {
    let next;
    for (const [id, { at }] of timers) if (next === undefined || at < next.at) next = { id, at };
    if (!next) return false;
    const { work } = /** @type {{ work: () => void }} */ (timers.get(next.id));
    timers.delete(next.id);
    now = Math.max(now, next.at);
    work();
    return true;
  };

  return {
    now: () => now,
    elapsed: () => now - start,
    /** @param {number} ms */
    advance: (ms) => (now += ms),
    setTimeout: set,
    clearTimeout: clear,
    /** @param {(...args: any[]) => void} work @param {any[]} args */
    setImmediate: (work, ...args) => set(work, 0, ...args),

    /**
     * Lets time pass until the promise is settled. Between two timers all promises get their turn.
     * @template T
     * @param {Promise<T>} promise
     * @returns {Promise<T>}
     */
    async until(promise) {
      let settled = false;
      const over = () => (settled = true);
      promise.then(over, over);
      do await turn();
      while (!settled && leap());
      if (!settled) throw new Error('nothing is under way any more, and the handler has not ended');
      return promise;
    },
  };
}

/** @typedef {ReturnType<typeof createClock>} Clock */

const { port1, port2 } = new MessageChannel();

/** A turn of the browser's own loop, after all microtasks. `setTimeout` would take four milliseconds. */
const turn = () =>
  new Promise((done) => {
    port1.onmessage = done;
    port2.postMessage(null);
  });
