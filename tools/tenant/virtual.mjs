// The local tenant without a wire: stand-ins in memory, on a clock that leaps. The playground's page runs logins here, too, with
// the few modules of Node that playground/node/ has.
import { createClock } from './clock.mjs';
import { currentScope } from './context.mjs';
import { builtinRequire, createHost } from './host.mjs';
import { createNetwork } from './network.mjs';
import { createWorld } from './world.mjs';

/** A system of someone else's, not far away. */
const LATENCY_MS = 20;

/**
 * Stand-ins in memory on a virtual clock: no socket is opened, and no one waits for a timeout.
 * @param {{ at?: number, apartMs?: number, latency?: (host: string) => number, redactor: import('./run.mjs').Tenant['redactor'] }} options
 *   `at`: when the first login is; `apartMs`: how long after it the next one is; `latency`: milliseconds from a request to its answer
 * @returns {import('./run.mjs').Tenant}
 */
export const virtualTenant = ({ at = Date.now(), apartMs = 0, latency = () => LATENCY_MS, redactor }) => ({
  async open({ code, mostBytes, ...options }) {
    const time = createClock(at);
    const world = createWorld({ ...options, now: time.now });
    const https = createNetwork({
      clock: time,
      world,
      latency,
      record(request) {
        const scope = currentScope();
        const startedAt = scope?.startedAt ?? 0;
        scope?.requests.push(request);
        return {
          sinceStart: () => time.elapsed() - startedAt,
          fault: (message) => void scope?.faults.push({ kind: 'uncaughtException', message }),
        };
      },
    });
    const host = createHost(code, {
      time,
      ...(mostBytes === undefined ? {} : { mostBytes }),
      require: (name) => (/^(node:)?https$/.test(name) ? https : builtinRequire(name)),
    });
    let first = true;
    return {
      host: {
        load: host.load,
        execute(trigger, event, afterMs = apartMs) {
          if (!first) time.advance(afterMs);
          first = false;
          return host.execute(trigger, event);
        },
      },
      standIns: world,
      close: async () => {},
    };
  },
  redactor,
});
