// The outage rehearsal, the other system: the stand-ins, which behave as the plan has it for the moment at which a request
// comes. The clock decides and no timer, so that a busy machine changes no phase. It counts what comes.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startStandIns } from '../../tenant/standins.mjs';
import { BAD, createRandom } from './plan.mjs';

/** Half of the answers of a healthy system are there within so many milliseconds; one in 1,000 takes over 200. */
const USUAL = { median: 70, spread: 0.34 };
/** Many times slower than the median now and then: one in 100 takes over 1.2 s. */
const HEAVY = { median: 80, spread: 1.164 };
const SLOWER = 5;
const REFUSAL_MS = 5;
/** What an account's data may do to a system, in turn, each for a while. */
const FAILURES = ['500', '503', 'timeout', '429:2'];
const FAILURE_MS = 1_500;
/** Meanwhile one in so many others meets a 503 once, for which there is a retry. */
const HICCUP_EVERY = 20;

/** What users are known by, in whatever form a system is told of them. */
const MARK = /(?:rehearsal-|46700)(\d{6})/;
/** @param {number} user */
export const identity = (user) => {
  const id = String(user).padStart(6, '0');
  return { user_id: `auth0|rehearsal-${id}`, email: `rehearsal-${id}@example.com`, phone_number: `+46700${id}` };
};

/**
 * @param {{ phases: import('./plan.mjs').Phase[], seed: number }} plan
 * @param {import('../../tenant/world.mjs').WorldOptions} world
 */
export async function startUpstream({ phases, seed }, world) {
  const random = createRandom(`upstream ${seed}`);
  const requests = phases.map(() => ({ all: 0, bad: 0 }));
  const met = new Set();
  let startAt = Infinity;
  // Until the plan begins nothing is asked; after its end all is well.
  const now = () => phases.findIndex(({ toMs }) => Date.now() - startAt < toMs);

  /** @param {{ url: string, body: string }} request @returns {import('../../tenant/standins.mjs').Conduct} */
  const conduct = ({ url, body }) => {
    const phase = now();
    const kind = phases[phase]?.kind ?? 'healthy';
    const user = Number(MARK.exec(`${url} ${body}`)?.[1]);
    const count = requests[phase] ?? { all: 0, bad: 0 };
    count.all += 1;
    if (user === BAD) count.bad += 1;
    const first = !met.has(user);
    met.add(user);
    const fault = user === BAD ? failureAt(Date.now() - startAt) : faultOf(kind, { user, first, chance: random() });
    const { median, spread } = kind === 'crowds' ? HEAVY : USUAL;
    const ms = median * Math.exp(spread * normal(random)) * (kind === 'slow' ? SLOWER : 1);
    return { fault, delayMs: fault === null ? ms : REFUSAL_MS };
  };

  const standIns = await startStandIns({ ...world, conduct });
  const loop = monitorEventLoopDelay({ resolution: 10 });
  return {
    port: standIns.port,
    expect: standIns.expect,
    requests,
    /** @param {number} at milliseconds since the epoch */
    begin(at) {
      startAt = at;
      loop.enable();
    },
    /** How late this process was at most. */
    lateMs: () => Math.max(0, loop.max / 1e6 - 10),
    close() {
      loop.disable();
      return standIns.close();
    },
  };
}

/** @param {number} ms */
const failureAt = (ms) => FAILURES[Math.floor(ms / FAILURE_MS) % FAILURES.length] ?? null;

/**
 * @param {string} kind
 * @param {{ user: number, first: boolean, chance: number }} request
 * @returns {string | null} see `FAULTS` in `tenant/world.mjs`
 */
function faultOf(kind, { user, first, chance }) {
  switch (kind) {
    case 'hang':
      return 'timeout';
    case '503':
      return '503';
    case '429':
      return '429:2';
    case 'account':
      return first && user % HICCUP_EVERY === 0 ? '503' : null;
    case 'crowds':
      return chance < 0.01 ? '500' : null;
    default:
      return null;
  }
}

/** @param {() => number} random */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
