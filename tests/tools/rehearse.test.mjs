// `npm run rehearse`: a short outage for real, on loopback, with what must hold at any speed; the sums and the verdicts on
// logins written down here, where they can be made to fail.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { root, run } from '../../tools/cli.mjs';
import { shown } from '../../tools/rehearse.mjs';
import { figures, percentile, rows } from '../../tools/rehearse/measure.mjs';
import { schedule } from '../../tools/rehearse/phases.mjs';
import { chart } from '../../tools/rehearse/print.mjs';
import { rehearse } from '../../tools/rehearse/run.mjs';

/** @typedef {import('../../tools/rehearse/child.mjs').Login} Login */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'rehearse-')));
after(() => rmSync(folder, { recursive: true, force: true }));

const RATE = 20;
const TRY_MS = 600;
const BUDGET_MS = 2_000;
const config = path.join(folder, 'quick.json');
writeFileSync(config, JSON.stringify({ budgetMs: BUDGET_MS, syncs: [{ use: 'cleeng', timeoutMs: TRY_MS }] }));

const NAMES = ['healthy', 'hangs', 'healthy', '503', 'healthy', '429', 'healthy'];
/** Logins by phase: a second each, and a try more where nothing is answered. */
const LOGINS = [20, 32, 20, 20, 20, 20, 20];

/** @param {Record<string, number>} outcomes @param {RegExp} like */
const countOf = (outcomes, like) => Object.entries(outcomes).reduce((sum, [name, count]) => sum + (like.test(name) ? count : 0), 0);

describe('a short rehearsal', { concurrency: true }, () => {
  it('measures the paste and the snippet side by side', async () => {
    const said = /** @type {string[]} */ ([]);
    const rehearsed = await rehearse({ seconds: 1, rate: RATE, config }, (line) => said.push(line));
    const { result, logins } = rehearsed;
    assert.deepEqual(said.map((line) => line.split('  ').at(-1)), NAMES);
    assert.equal(result.budgetMs, BUDGET_MS);
    assert.equal(result.contenders.length, 2);
    for (const [i, { phases, faults }] of result.contenders.entries()) {
      assert.deepEqual(faults, []);
      assert.deepEqual(phases.map(({ phase }) => phase), NAMES);
      assert.deepEqual(phases.map(({ logins }) => logins), LOGINS);
      for (const { outcomes, logins, added } of phases) {
        assert.equal(countOf(outcomes, /./), logins);
        assert.ok(added && added.p50.ms <= added.p95.ms && added.p95.ms <= added.max.ms);
      }
      assert.ok(logins[i]?.every(({ ms, lateMs }) => ms >= 0 && lateMs >= 0));
    }

    const [paste, snippet] = result.contenders.map(({ phases }) => phases);
    assert.ok(paste && snippet);
    const [longest, breaker, requests] = result.figures;
    assert.equal(longest?.holds, true, longest?.measured);
    assert.equal(requests?.holds, true, requests?.measured);
    assert.match(breaker?.measured ?? '', /^[\d.,]+ ms, of \d+ logins$/);
    assert.equal(result.holds, result.figures.every(({ holds }) => holds));

    const [well, hang] = paste;
    assert.ok(well && hang);
    assert.equal(well.denied, 0);
    assert.equal(countOf(well.outcomes, /^(ok|reused)$/), LOGINS[0]);
    // Who was let in before has a token; nobody else gets in, and in time nobody else is asked for.
    assert.ok(countOf(hang.outcomes, /^reused$/) > 0);
    assert.ok(countOf(hang.outcomes, /^unavailable:timeout$/) > 0);
    assert.ok(countOf(hang.outcomes, /^unavailable:breaker$/) > 0);
    assert.equal(hang.denied, countOf(hang.outcomes, /^unavailable/));
    assert.ok(hang.requestsPerLogin < 1);

    // Each of its logins asks once, and waits for ever: the end comes before Auth0's 20 s do.
    const all = snippet.reduce((sum, { requests }) => sum + requests, 0);
    assert.equal(all, LOGINS.reduce((sum, logins) => sum + logins, 0));
    // A busy machine changes its upstream a little late, so that the first of a phase may meet the one before.
    const [, hung, , failed, , limited] = snippet;
    assert.ok(hung && failed && limited);
    const cutOff = snippet.reduce((sum, row) => sum + row.cutOff, 0);
    assert.ok(hung.cutOff > 16 && cutOff - hung.cutOff < 10, JSON.stringify(snippet));
    assert.deepEqual([hung.added?.p50.cutOff, countOf(hung.outcomes, /^cut off$/)], [true, hung.cutOff]);
    assert.ok(countOf(failed.outcomes, /^error:503$/) > 10);
    assert.ok(countOf(limited.outcomes, /^error:429$/) > 10);
    for (const { denied, outcomes } of snippet) assert.equal(denied, countOf(outcomes, /^error:/));

    const text = shown(rehearsed, 90).join('\n');
    assert.match(text, new RegExp(`^hangs +32 +>[\\d,]+ +>[\\d,]+ +>[\\d,]+ +\\d\\.\\d\\d +\\d+ +.*cut off ${hung.cutOff}`, 'm'));
    assert.match(text, new RegExp(`^${cutOff} logins were still under way`, 'm'));
    assert.match(text, /^ {2}holds {2}the longest login: /m);
  });

  it('runs the paste alone where axios is not installed, and says so', async () => {
    const bare = path.join(folder, 'bare');
    for (const part of ['tools', 'pkg', 'src', 'bench', 'package.json']) cpSync(path.join(root, part), path.join(bare, part), { recursive: true });
    const { code, stdout, output } = await run(process.execPath, ['tools/rehearse.mjs', '--seconds', '1', '--config', config, '--json'], { cwd: bare, limitMs: 60_000 });
    assert.match(output, /axios is not installed, so the paste runs alone; `npm install` brings it/);
    const result = JSON.parse(stdout);
    assert.deepEqual(result.contenders.map((/** @type {any} */ { name }) => name), ['login-sync']);
    assert.equal(code, result.holds ? 0 : 1);
    assert.equal(result.figures.length, 3);
  });
});

describe('arguments', { concurrency: true }, () => {
  const nothing = path.join(folder, 'nothing.json');
  writeFileSync(nothing, JSON.stringify({ syncs: [], claims: { idToken: { plan: "'gold'" } } }));
  /** @type {[string[], string][]} */
  const table = [
    [['--seconds', '0'], 'error: --seconds: must be a whole number from 1 to 60'],
    [['--seconds', '1.5'], 'error: --seconds: must be a whole number from 1 to 60'],
    [['--rate', '5'], 'error: --rate: must be a whole number from 20 to 200'],
    [['--sedconds', '1'], "error: unknown option '--sedconds'; `--help` lists the options"],
    [['--config', 'gone.json'], 'error: --config: there is no file `gone.json`'],
    [['--config', nothing], 'error: no system is called at a login: there is no outage to rehearse'],
  ];
  for (const [args, message] of table) {
    it(args.join(' ').replace(folder, ''), async () => {
      const { code, output } = await run(process.execPath, ['tools/rehearse.mjs', ...args]);
      assert.deepEqual([output.split('\n').at(-1), code], [message, 2]);
    });
  }
});

/** @param {Partial<Login>} over @returns {Login} */
const login = (over) => ({ atMs: 0, lateMs: 0, ms: 1, cutOff: false, denied: false, breaker: false, outcomes: ['ok'], faults: [], ...over });

describe('the figures', () => {
  const phases = schedule(1, 0);
  const well = login({ atMs: 500 });
  const refused = (/** @type {number} */ ms) => login({ atMs: 1_500, ms, denied: true, breaker: true, outcomes: ['unavailable:breaker'] });
  /** What holds. @param {Login[]} logins @param {number[]} requests @param {number} [systems] */
  const judge = (logins, requests, systems = 1) => figures(logins, phases, rows(logins, phases, requests), { budgetMs: 8_000, systems }).map(({ holds }) => holds);

  /** @type {[string, Login[], number[], boolean[]][]} */
  const table = [
    ['a good run', [well, refused(1)], [1, 1], [true, true, true]],
    ['a login over the budget', [well, refused(1), login({ atMs: 1_200, ms: 8_051 })], [1, 1], [false, true, true]],
    ['one over it that waited for its turn', [well, refused(1), login({ atMs: 1_200, ms: 8_051, lateMs: 2 })], [1, 1], [true, true, true]],
    ['one that had not ended', [well, refused(1), login({ atMs: 1_200, ms: 9_000, cutOff: true })], [1, 1], [false, true, true]],
    ['one that began before the outage', [login({ atMs: 900, ms: 20_000 }), refused(1)], [1, 1], [false, true, true]],
    ['a slow breaker', [well, refused(1), refused(6), refused(6)], [1, 1], [true, false, true]],
    ['one slow login of many', [well, refused(1), refused(1), refused(400)], [1, 1], [true, true, true]],
    ['no breaker', [well, login({ atMs: 1_500, denied: true, outcomes: ['unavailable:timeout'] })], [1, 1], [true, false, true]],
    ['an outage that doubles the load', [well, refused(1)], [1, 2], [true, true, false]],
    ['good times that do', [well, refused(1)], [2, 0], [true, true, true]],
    ['nobody', [], [], [false, false, false]],
  ];
  for (const [name, logins, requests, expected] of table) it(name, () => assert.deepEqual(judge(logins, requests), expected));

  it('two systems may be asked twice', () => assert.deepEqual(judge([well, refused(1)], [2, 2], 2), [true, true, true]));
});

describe('the sums', () => {
  it('a percentile is one of the times, and says if that login had not ended', () => {
    const logins = [5, 1, 4, 2, 3].map((ms) => login({ ms, cutOff: ms > 3 }));
    assert.deepEqual([20, 50, 60, 95, 100].map((percent) => percentile(logins, percent)), [1, 3, 3, 5, 5].map((ms) => ({ ms, cutOff: ms > 3 })));
  });

  it('a system is back when the first login that began after the outage has its answer', () => {
    const phases = schedule(1, 0);
    const table = rows([login({ atMs: 2_100, outcomes: ['reused'] }), login({ atMs: 2_300, outcomes: ['unavailable:breaker'] }), login({ atMs: 2_400, lateMs: 5, ms: 20 })], phases, []);
    assert.deepEqual(table.map(({ recoveredMs }) => recoveredMs), [null, null, 425, null, null, null, null]);
  });

  it('the one that hangs lasts a try longer', () => {
    assert.deepEqual(schedule(5, 3_000).map(({ fromMs, toMs }) => toMs - fromMs), [5_000, 8_000, 5_000, 5_000, 5_000, 5_000, 5_000]);
  });
});

describe('the chart', () => {
  it('a column shows the logins that began there', () => {
    const phases = schedule(1, 0);
    // 28 columns of a quarter of a second, over 7 s.
    const [ruler = '', latency = '', letIn = ''] = chart([login({ atMs: 10, ms: 1 }), login({ atMs: 300, ms: 30_000, denied: true }), login({ atMs: 600, ms: 60 }), login({ atMs: 600, ms: 60, denied: true })], phases, 38);
    assert.equal(ruler.slice(10), '|hea|han|hea|503|hea|429|hea');
    assert.deepEqual([latency.slice(10).trimEnd(), letIn.slice(10).trimEnd()], ['▁█▄', '█▁▅']);
  });
});
