// The outage rehearsal itself: stand-ins and a process for the instances, and the plan carried out on them. What a login
// does is in `child.mjs`, the plan in `plan.mjs`, the other system in `upstream.mjs`, the sums in `measure.mjs`.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../error.mjs';
import { PASTE, root, SNIPPET } from '../../files.mjs';
import { systems } from '../../paste/config.mjs';
import { openEngine, split } from '../../paste/paste.mjs';
import { SECRETS } from '../../tenant/event.mjs';
import { systemsOf } from '../../tenant/run.mjs';
import { cleeng } from '../../tenant/systems/cleeng.mjs';
import { mirror } from '../../tenant/systems/echo.mjs';
import { configOf, presetNames } from '../open.mjs';
import { plan as planAction } from '../simulate/options.mjs';
import { figures, rows } from './measure.mjs';
import { plan } from './plan.mjs';
import { startUpstream } from './upstream.mjs';

/** @typedef {import('./child.mjs').Job} Job */
/** @typedef {import('./child.mjs').Login} Login */
/** @typedef {import('./child.mjs').Report} Report */
/**
 * @typedef {Pick<Job, 'kind' | 'code' | 'secrets'> & { budgetMs: number, systems: number, standIns: ReturnType<typeof systemsOf>, expected: { host: string, secrets: string[] }[] }} Action
 *   `standIns`: those that its config and the answers bring
 * @typedef {{ config?: string | undefined, paste?: string | undefined, answer?: string[] | undefined, answers?: string | undefined }} Given
 * @typedef {import('./plan.mjs').Options & Given & { snippet?: boolean | undefined }} Options
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {import('./measure.mjs').Row[]} phases
 * @property {{ logins: number, system: number }} lateMs how late a login began at most, and the other system, because the
 *   machine was busy
 * @property {string[]} faults what the strict host found
 *
 * @typedef {object} Rehearsal
 * @property {number} seed
 * @property {number} seconds
 * @property {number} rate
 * @property {number} instances
 * @property {Contender[]} contenders the paste first
 * @property {import('./measure.mjs').Figure[]} figures of the paste
 * @property {boolean} holds
 *
 * @typedef {{ result: Rehearsal, phases: import('./plan.mjs').Phase[], logins: Login[][] }} Rehearsed
 */

const CHILD = path.join(root, 'tools', 'commands', 'rehearse', 'child.mjs');
/** So that the first login finds the system listening, and every instance loaded. */
const HEAD_START_MS = 500;
/** A login has its budget to end in, and then this. */
const GRACE_MS = 2_000;

/**
 * The paste, and where that is asked for the snippet after it: at the same time it would take the cores that the paste is
 * measured on.
 * @param {Options} options
 * @param {(line: string) => void} [say] what is going on
 * @returns {Promise<Rehearsed>}
 */
export async function rehearse({ config, paste, answer, answers, snippet = false, ...options }, say = () => {}) {
  const { seed, seconds, rate, instances } = options;
  const own = await actionOf({ config, paste, answer, answers });
  const planned = { ...plan(options), seed };
  say(
    `seed ${seed}, ${Math.round((planned.phases.at(-1)?.toMs ?? 0) / 1000)} s${snippet ? ', and as long again for the snippet' : ''}`,
  );
  const actions = snippet
    ? [own, { ...own, kind: /** @type {const} */ ('snippet'), code: readFileSync(SNIPPET, 'utf8'), secrets: SECRETS }]
    : [own];

  /** @type {Contender[]} */
  const contenders = [];
  /** @type {Login[][]} */
  const all = [];
  /** @type {import('./measure.mjs').Figure[]} */
  let found = [];
  for (const action of actions) {
    const { report, requests, systemLateMs } = await perform(action, planned, instances, say);
    const { logins } = report;
    const late = Math.max(0, ...logins.map(({ lateMs }) => lateMs));
    const { phases } = planned;
    if (action.kind === 'paste')
      found = figures({
        logins,
        phases,
        requests,
        lateMs: Math.max(late, systemLateMs),
        setup: { rate, instances, ...own },
      });
    contenders.push({
      name: action.kind === 'paste' ? 'login-sync' : 'the snippet (axios)',
      phases: rows(logins, phases, requests),
      lateMs: { logins: Math.round(late), system: Math.round(systemLateMs) },
      faults: [...new Set([...report.faults, ...logins.flatMap(({ faults }) => faults)])],
    });
    all.push(logins);
  }
  const holds = found.every((figure) => figure.holds) && contenders[0]?.faults.length === 0;
  return {
    result: { seed, seconds, rate, instances, contenders, figures: found, holds },
    phases: planned.phases,
    logins: all,
  };
}

/**
 * @param {Action} action
 * @param {ReturnType<typeof plan> & { seed: number }} planned
 * @param {number} instances
 * @param {(line: string) => void} say
 */
async function perform({ kind, code, secrets, standIns, expected, budgetMs }, planned, instances, say) {
  const { phases, arrivals } = planned;
  const upstream = await startUpstream(planned, worldOf(kind, secrets, standIns));
  for (const { host, secrets } of expected) upstream.expect(host, secrets);
  const child = startChild(upstream.port);
  const over = new AbortController();
  try {
    await Promise.race([child.ready, child.failed]);
    const startAt = Date.now() + HEAD_START_MS + 20 * instances;
    upstream.begin(startAt);
    child.begin({ kind, code, port: upstream.port, secrets, instances, arrivals, startAt });
    const until = (/** @type {number} */ ms) =>
      sleep(Math.max(0, startAt + ms - Date.now()), undefined, { signal: over.signal });
    const direct = async () => {
      for (const { kind, fromMs } of phases) {
        await until(fromMs);
        say(`${String(Math.round(fromMs / 1000)).padStart(4)} s  ${kind}`);
      }
      await until((phases.at(-1)?.toMs ?? 0) + budgetMs + GRACE_MS);
    };
    await Promise.race([child.done, child.failed, direct()]);
    // What has not ended by now is cut off.
    child.stop();
    const report = await Promise.race([child.done, child.failed]);
    return { report, requests: upstream.requests, systemLateMs: upstream.lateMs() };
  } finally {
    // No timer may keep this process any longer; what lost a race above has been heard.
    over.abort();
    child.kill();
    await upstream.close();
  }
}

/** What a contender talks to. @param {Job['kind']} kind @param {Record<string, string>} secrets @param {Action['standIns']} systems */
const worldOf = (kind, secrets, systems) =>
  // The snippet asks for 127.0.0.1 by name: there Cleeng's stand-in answers.
  kind === 'snippet'
    ? { systems: [{ ...cleeng(SECRETS, Date.now), serves: (/** @type {string} */ host) => host === '127.0.0.1' }] }
    : { secrets, systems, fallback: mirror() };

/**
 * The paste with its config, and what that says of time and of how many systems a login meets.
 * @param {Given} given
 * @returns {Promise<Action>}
 */
async function actionOf(given) {
  const { runs } = planAction({ ...given, trigger: 'post-login' }, PASTE);
  const [options] = /** @type {[import('../../tenant/run.mjs').RunOptions]} */ (runs);
  const { code, secrets, expected = [] } = options;
  const config = configOf(split(code).config);
  const engine = openEngine(code);
  const [problem] = engine.problems(config, secrets);
  if (problem) throw new UserError(`${problem.path}: ${problem.message}`);
  const all = systems(engine, config, presetNames());
  const met = all.filter(
    ({ on, switched, secrets: uses }) =>
      on.includes('post-login') && (!switched || uses.some(({ names }) => names.some((name) => name in secrets))),
  );
  if (met.length === 0) throw new UserError('no system is called at a login: there is no outage to rehearse');
  const standIns = systemsOf(options, secrets);
  return { kind: 'paste', code, secrets, standIns, expected, budgetMs: config.budgetMs ?? 8_000, systems: met.length };
}

/** @param {number} port where its stand-ins listen */
function startChild(port) {
  // The snippet's address; and whatever proxy there is, it is none for loopback.
  const env = {
    ...process.env,
    BENCH_URL: `http://127.0.0.1:${port}/hooks/v1/auth0/actions/token`,
    NO_PROXY: '127.0.0.1',
    no_proxy: '127.0.0.1',
  };
  // Stdout is for the result alone.
  const child = fork(CHILD, { env, stdio: ['ignore', 2, 2, 'ipc'] });
  let over = false;
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => child.once('message', () => resolve()));
  /** @type {Promise<Report>} */
  const done = new Promise((resolve) =>
    child.on('message', (/** @type {'ready' | Report} */ message) => {
      if (message === 'ready') return;
      over = true;
      resolve(message);
    }),
  );
  /** @type {Promise<never>} */
  const failed = new Promise((_, fail) => {
    child.once('disconnect', () => over || fail(new UserError('a process of the rehearsal ended too early')));
    child.once('error', ({ message }) =>
      fail(new UserError(`a process of the rehearsal cannot be started: ${message}`)),
    );
  });
  return {
    ready,
    done,
    failed,
    begin: (/** @type {Job} */ job) => void child.send(job),
    stop: () => void (child.connected && child.send('stop', () => {})),
    kill: () => void child.kill(),
  };
}
