// The outage rehearsal itself: stand-ins of its own and a process of its own for each contender, so that neither disturbs
// the other, and the plan carried out on them. What a contender does is in `child.mjs`, the plan in `phases.mjs`, the sums in
// `measure.mjs`.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import vm from 'node:vm';
import { UserError, root } from '../cli.mjs';
import { systems } from '../config.mjs';
import { PASTE, openEngine, split } from '../paste.mjs';
import { SECRETS } from '../simulate/event.mjs';
import { plan } from '../simulate/options.mjs';
import { startStandIns } from '../simulate/standins.mjs';
import { cleeng } from '../simulate/systems/cleeng.mjs';
import { mirror } from '../simulate/systems/echo.mjs';
import { figures, rows } from './measure.mjs';
import { schedule } from './phases.mjs';

/** @typedef {import('./child.mjs').Job} Job */
/** @typedef {import('./child.mjs').Login} Login */
/** @typedef {import('./child.mjs').Report} Report */
/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {import('./measure.mjs').Row[]} phases
 * @property {number} lateMs how late a login began at most, because the process was busy
 * @property {string[]} faults what the strict host found
 *
 * @typedef {object} Rehearsal
 * @property {number} seconds
 * @property {number} rate
 * @property {number} budgetMs
 * @property {Contender[]} contenders the paste first
 * @property {import('./measure.mjs').Figure[]} figures of the paste
 * @property {boolean} holds
 *
 * @typedef {{ result: Rehearsal, phases: import('./phases.mjs').Phase[], logins: Login[][] }} Rehearsed
 */

const SNIPPET = path.join(root, 'bench', 'actions', 'axios.js');
const CHILD = path.join(root, 'tools', 'rehearse', 'child.mjs');
/** So that the first login finds everybody listening. */
const HEAD_START_MS = 200;
/** The paste has its budget to end in, and then this. */
const GRACE_MS = 2_000;

/**
 * @param {{ seconds: number, rate: number, config?: string | undefined, paste?: string | undefined, alone?: boolean }} options
 *   `alone`: without the snippet
 * @param {(line: string) => void} [say] what is going on
 * @returns {Promise<Rehearsed>}
 */
export async function rehearse({ seconds, rate, config: file, paste = PASTE, alone = false }, say = () => {}) {
  const { runs } = await plan({ config: file, paste, trigger: 'post-login' }, PASTE);
  const [{ code, secrets, expected = [] }] = /** @type {[import('../simulate/run.mjs').RunOptions]} */ (runs);
  const { budgetMs, tryMs, count } = await timesOf(code, secrets);
  const phases = schedule(seconds, tryMs);
  const totalMs = phases.at(-1)?.toMs ?? 0;

  const kinds = /** @type {Job['kind'][]} */ (alone ? ['paste'] : ['paste', 'snippet']);
  const upstreams = await Promise.all(kinds.map((kind) => startUpstream(kind, { secrets, expected })));
  const children = upstreams.map(({ port }) => startChild(port));
  const over = new AbortController();
  try {
    /** @type {number[][]} */
    const arrived = kinds.map(() => []);
    const failed = Promise.race(children.map(({ failed }) => failed));
    await Promise.race([Promise.all(children.map(({ ready }) => ready)), failed]);
    const startAt = Date.now() + HEAD_START_MS;
    const until = (/** @type {number} */ ms) => sleep(Math.max(0, startAt + ms - Date.now()), undefined, { signal: over.signal });
    children.forEach(({ begin }, i) => {
      const action = kinds[i] === 'snippet' ? { kind: kinds[i], code: readFileSync(SNIPPET, 'utf8'), secrets: SECRETS } : { kind: /** @type {const} */ ('paste'), code, secrets };
      begin({ ...action, port: upstreams[i]?.port ?? 0, rate, totalMs, startAt });
    });
    const direct = async () => {
      for (const { name, fault, fromMs } of phases) {
        await until(fromMs);
        upstreams.forEach(({ arrivals, mend, fault: misbehave }, i) => {
          arrived[i]?.push(arrivals.length);
          mend();
          if (fault !== null) misbehave(fault);
        });
        say(`${String(Math.round(fromMs / 1000)).padStart(4)} s  ${name}`);
      }
      await until(totalMs);
    };
    await Promise.race([direct(), failed]);
    // Whoever is not done when the paste must be is cut off.
    const [own] = children;
    await Promise.race([own?.done, failed, until(totalMs + budgetMs + GRACE_MS)]);
    for (const child of children) child.stop();
    const ended = await Promise.race([Promise.all(children.map(({ done }) => done)), failed]);

    const contenders = ended.map(({ logins, faults }, i) => {
      const from = arrived[i] ?? [];
      const requests = from.map((before, phase) => (from[phase + 1] ?? upstreams[i]?.arrivals.length ?? 0) - before);
      return {
        name: kinds[i] === 'paste' ? 'login-sync' : 'the snippet (axios)',
        phases: rows(logins, phases, requests),
        lateMs: Math.round(Math.max(0, ...logins.map(({ lateMs }) => lateMs))),
        faults: [...new Set([...faults, ...logins.flatMap((login) => login.faults)])],
      };
    });
    const found = figures(ended[0]?.logins ?? [], phases, contenders[0]?.phases ?? [], { budgetMs, systems: count });
    const holds = found.every((figure) => figure.holds) && contenders[0]?.faults.length === 0;
    return { result: { seconds, rate, budgetMs, contenders, figures: found, holds }, phases, logins: ended.map(({ logins }) => logins) };
  } finally {
    // No timer may keep this process that nobody waits for any more; who lost a race above has been heard.
    over.abort();
    for (const child of children) child.kill();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  }
}

/**
 * What the config in a paste says of time, and how many systems a login meets.
 * @param {string} code
 * @param {Record<string, string>} secrets
 */
async function timesOf(code, secrets) {
  const config = vm.compileFunction(`${split(code).config}\nreturn config;`)();
  const engine = openEngine(code);
  const [problem] = engine.problems(config, secrets);
  if (problem) throw new UserError(`${problem.path}: ${problem.message}`);
  const all = await systems(engine, config);
  const met = all.filter(({ on, switched, secrets: uses }) => on.includes('post-login') && (!switched || uses.some(({ names }) => names.some((name) => name in secrets))));
  if (met.length === 0) throw new UserError('no system is called at a login: there is no outage to rehearse');
  const budgetMs = config.budgetMs ?? 8_000;
  return { budgetMs, tryMs: Math.max(...met.map(({ document }) => document.timeoutMs ?? Math.min(3_000, budgetMs))), count: met.length };
}

/** What a contender talks to. @param {Job['kind']} kind @param {Pick<Job, 'secrets'> & { expected: { host: string, secrets: string[] }[] }} known */
async function startUpstream(kind, { secrets, expected }) {
  // The snippet asks for 127.0.0.1 by name: there Cleeng's stand-in answers.
  if (kind === 'snippet') return startStandIns({ systems: [{ ...cleeng(SECRETS, Date.now), serves: (host) => host === '127.0.0.1' }] });
  const upstream = await startStandIns({ secrets, fallback: mirror() });
  for (const { host, secrets } of expected) upstream.expect(host, secrets);
  return upstream;
}

/** @param {number} port where its stand-ins listen */
function startChild(port) {
  // The snippet's address; and whatever proxy there is, it is none for loopback.
  const env = { ...process.env, BENCH_URL: `http://127.0.0.1:${port}/hooks/v1/auth0/actions/token`, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  const child = fork(CHILD, { env });
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
    child.once('error', ({ message }) => fail(new UserError(`a process of the rehearsal cannot be started: ${message}`)));
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
