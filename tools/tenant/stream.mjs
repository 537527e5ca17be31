// The local tenant, an event stream with an Action as its destination: attempts, redelivery by hand, and the end of a stream
// that fails too often. By what Auth0 says; it does not say what becomes of the events of a stream that has ended, and here
// they wait with those that failed.
import { EVENT_STREAM } from './limits.mjs';

/**
 * @typedef {object} Delivery
 * @property {any} event
 * @property {import('./host.mjs').Execution[]} attempts
 * @property {boolean} delivered whether an attempt ended without an error
 */

/**
 * An execution; and where it ends with an error the same once more, after so many milliseconds each time.
 * @param {(afterMs?: number) => Promise<import('./host.mjs').Execution>} execute
 * @param {readonly number[]} againAfterMs
 */
export async function attemptsOf(execute, againAfterMs) {
  const attempts = [await execute()];
  for (const afterMs of againAfterMs) {
    if (attempts.at(-1)?.thrown === null) break;
    attempts.push(await execute(afterMs));
  }
  return attempts;
}

/**
 * @param {object} options
 * @param {(event: any) => Promise<import('./host.mjs').Execution>} options.execute one execution of the Action
 * @param {(ms: number) => Promise<unknown>} [options.sleep]
 */
export function createStream({ execute, sleep = (ms) => new Promise((done) => setTimeout(done, ms)) }) {
  /** @type {Delivery[]} */
  let failed = [];
  let [inARow, enabled] = [0, true];

  /** @param {any} event @returns {Promise<Delivery>} */
  async function attempt(event) {
    const attempts = await attemptsOf(async (afterMs) => {
      if (afterMs !== undefined) await sleep(afterMs);
      return execute(event);
    }, EVENT_STREAM.againAfterMs);
    return { event, attempts, delivered: attempts.at(-1)?.thrown === null };
  }

  /** @param {any} event */
  async function deliver(event) {
    const delivery = enabled ? await attempt(event) : { event, attempts: [], delivered: false };
    if (delivery.delivered) inARow = 0;
    else {
      failed.push(delivery);
      if (enabled) inARow += 1;
      if (inARow >= EVENT_STREAM.failuresInARow || failed.length >= EVENT_STREAM.failures) enabled = false;
    }
    return delivery;
  }

  return {
    deliver,
    get enabled() {
      return enabled;
    },
    /** The deliveries that failed. */
    get failed() {
      return [...failed];
    },
    /** Sends again by hand what failed; also where the stream has ended. @returns {Promise<Delivery[]>} */
    async redeliver() {
      const again = failed;
      failed = [];
      const deliveries = await Promise.all(again.map(({ event }) => attempt(event)));
      failed.push(...deliveries.filter(({ delivered }) => !delivered));
      return deliveries;
    },
    /** A person switches it on again. Auth0 does not let them while there are too many failures. */
    enable() {
      if (failed.length < EVENT_STREAM.failures) [inARow, enabled] = [0, true];
      return enabled;
    },
  };
}
