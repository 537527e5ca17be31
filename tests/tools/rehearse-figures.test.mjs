// What `npm run rehearse` makes of the logins that it saw: the figures, the sums and the verdicts, on data written down here,
// where they can be made to fail.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figures, inFlight, percentile, rows } from '../../tools/commands/rehearse/measure.mjs';
import { BAD } from '../../tools/commands/rehearse/plan.mjs';
import { chart, remarks, STALL_MS, verdict } from '../../tools/commands/rehearse/print.mjs';

/** @typedef {import('../../tools/commands/rehearse/child.mjs').Login} Login */

/** @param {Partial<Login>} over @returns {Login} */
const login = (over) => ({
  user: 1,
  atMs: 0,
  lateMs: 0,
  ms: 1,
  cutOff: false,
  denied: false,
  refused: false,
  outcomes: ['ok'],
  faults: [],
  ...over,
});
/** @param {number} count @param {(i: number) => Partial<Login>} each */
const many = (count, each) => Array.from({ length: count }, (_, i) => login(each(i)));

/** One second each, all kinds. */
const PHASES = [
  'healthy',
  'hang',
  'healthy',
  '503',
  'healthy',
  'account',
  'healthy',
  'crowds',
  'healthy',
  'slow',
  'healthy',
].map((kind, i) => ({ kind, fromMs: i * 1000, toMs: (i + 1) * 1000 }));
const REQUESTS = PHASES.map(() => ({ all: 1, bad: 0 }));
const [HANG, REFUSALS, ACCOUNT, CROWDS, SLOW] = [1, 3, 5, 7, 9];
/** A good run: 100 logins in each phase. */
const GOOD = PHASES.flatMap(({ fromMs }) => many(100, (i) => ({ atMs: fromMs + 10 * i })));

describe('the figures', () => {
  /** @param {{ logins?: Login[], requests?: Record<number, { all: number, bad: number }>, setup?: object, lateMs?: number, phases?: typeof PHASES }} over */
  const judge = ({ logins = [], requests = {}, setup = {}, lateMs = 0, phases = PHASES }) =>
    figures({
      logins: [...GOOD, ...logins],
      phases,
      requests: REQUESTS.map((count, i) => requests[i] ?? (i === ACCOUNT ? { all: 3, bad: 3 } : count)),
      lateMs,
      setup: { rate: 100, instances: 1, budgetMs: 8_000, systems: 1, ...setup },
    });
  const failing = (/** @type {Parameters<typeof judge>[0]} */ over) =>
    judge(over)
      .filter(({ holds }) => !holds)
      .map(({ what }) => what);
  /** In a phase, from its middle on. @param {number} phase @param {Partial<Login>} over */
  const at = (phase, over) => ({ atMs: phase * 1000 + 605, ...over });
  const denied = { ms: 0, denied: true, outcomes: ['unavailable:breaker'] };
  const LONG = 'logins that wait over 1,000 ms, after the first 500 ms';
  const [AFTER_HANG, AFTER_REFUSALS] = [
    'denied when it is back, after a hang',
    'denied when it is back, after refusals',
  ];
  const [BACK, OTHERS, OWN] = [
    'until the first good answer when it is back',
    'others denied because of one account',
    "that account's own requests a second",
  ];
  const PER_LOGIN = 'requests per login in an outage';
  /** In a phase no one is answered before that. @param {number} phase @param {number} ms */
  const silent = (phase, ms) =>
    GOOD.map((each) =>
      Math.floor(each.atMs / 1000) === phase && each.atMs < phase * 1000 + ms
        ? { ...each, ms: 0, outcomes: ['reused'] }
        : each,
    );

  /** @type {[string, Parameters<typeof judge>[0], string[]][]} */
  const table = [
    ['a good run', {}, []],
    ['a login over the budget', { logins: [login({ atMs: 10, ms: 8_051 })] }, ['the longest login']],
    ['one over it on a machine that was late', { logins: [login({ atMs: 10, ms: 8_051 })], lateMs: 2 }, []],
    ['60 at once', { logins: many(60, () => at(HANG, { ms: 4 })) }, []],
    ['61 at once', { logins: many(61, () => at(HANG, { ms: 4 })) }, ['executions in flight, most']],
    [
      '61 at once that an outage left behind',
      { logins: many(61, () => at(REFUSALS + 2, { ms: 4 })) },
      ['executions in flight, most'],
    ],
    ['61 at once before it', { logins: many(61, () => at(0, { ms: 4 })) }, []],
    ['one of 51 waits for long', { logins: [login(at(HANG, { ms: 1_001 }))] }, [LONG]],
    ['one of 100 does', { logins: [login(at(HANG, { ms: 1_001 })), ...many(49, () => at(HANG, {}))] }, []],
    ['those of the first half second do', { logins: many(30, () => ({ atMs: HANG * 1000 + 499, ms: 1_001 })) }, []],
    [
      '100 are denied after refusals, 131 after a hang',
      { logins: [...many(100, () => at(REFUSALS + 1, denied)), ...many(131, () => at(HANG + 1, denied))] },
      [AFTER_HANG, AFTER_REFUSALS],
    ],
    [
      '60 and 130 are',
      { logins: [...many(60, () => at(REFUSALS + 1, denied)), ...many(130, () => at(HANG + 1, denied))] },
      [],
    ],
    ['13 are, of 10 a second', { logins: many(14, () => at(HANG + 1, denied)), setup: { rate: 10 } }, [AFTER_HANG]],
    ['0.71 requests for each login', { requests: { [HANG]: { all: 71, bad: 0 } } }, [PER_LOGIN]],
    ['0.7 requests for each', { requests: { [REFUSALS]: { all: 70, bad: 0 } } }, []],
    ['two systems may be asked twice', { requests: { [HANG]: { all: 140, bad: 0 } }, setup: { systems: 2 } }, []],
    [
      'where instances have hardly any logins, 1.5 for each',
      { requests: { [HANG]: { all: 150, bad: 0 } }, setup: { instances: 50 } },
      [],
    ],
    ['and no more', { requests: { [HANG]: { all: 151, bad: 0 } }, setup: { instances: 50 } }, [PER_LOGIN]],
    ['another is denied while the account attacks', { logins: [login(at(ACCOUNT, denied))] }, [OTHERS]],
    ['another is denied when it has gone', { logins: [login(at(ACCOUNT + 1, denied))] }, [OTHERS]],
    ['it is denied itself', { logins: many(9, () => at(ACCOUNT, { ...denied, user: BAD })) }, []],
    ['four requests of its own in a second', { requests: { [ACCOUNT]: { all: 4, bad: 4 } } }, [OWN]],
    ['four over two instances', { requests: { [ACCOUNT]: { all: 4, bad: 4 } }, setup: { instances: 2 } }, []],
    ['the system is not told who logs in', { requests: { [ACCOUNT]: { all: 4, bad: 0 } } }, [OTHERS, OWN]],
    [
      'the guard refuses one while all is well',
      { logins: [login(at(CROWDS, { refused: true }))] },
      ['refused by the guard while it is well, with crowds'],
    ],
    ['a 500 while all is well', { logins: [login(at(CROWDS, { denied: true, outcomes: ['unavailable:500'] }))] }, []],
    ['50 are denied while it is slow', { logins: many(50, () => at(SLOW, denied)) }, []],
    ['51 are', { logins: many(51, () => at(SLOW, denied)) }, ['denied while it is five times slower']],
  ];
  for (const [name, over, expected] of table) it(name, () => assert.deepEqual(failing(over), expected));

  it('the worst outage counts for the first good answer, and one that never comes fails', () => {
    const run = (/** @type {Login[]} */ logins, /** @type {number} */ lateMs) =>
      figures({
        logins,
        phases: PHASES,
        requests: REQUESTS,
        lateMs,
        setup: { rate: 100, instances: 1, budgetMs: 8_000, systems: 1 },
      }).find(({ what }) => what === BACK);
    assert.deepEqual([run(silent(HANG + 1, 700), 0)?.value, run(silent(HANG + 1, 700), 0)?.holds], [701, true]);
    assert.deepEqual([run(silent(HANG + 1, 1_000), 0)?.value, run(silent(HANG + 1, 1_000), 0)?.holds], [null, false]);
    const late = silent(HANG + 1, 990).map((each) =>
      each.atMs === (HANG + 1) * 1000 + 990 ? { ...each, ms: 100 } : each,
    );
    assert.deepEqual([run(late, 0)?.holds, run(late, 90)?.holds, run(late, 5_000)?.most], [false, true, 1_500]);
  });

  it('those of phases that are not in the plan are left out', () => {
    const phases = PHASES.map((phase) => ({ ...phase, kind: phase.kind === 'slow' ? 'slow' : 'healthy' }));
    assert.deepEqual(
      judge({ phases }).map(({ what }) => what),
      ['the longest login', 'denied while it is five times slower'],
    );
  });

  it('each says what was measured and what the bound is', () => {
    assert.equal(
      verdict({ what: 'x', value: 1234.5, most: 1_000, unit: 'ms', holds: false }),
      '  FAILS  x: 1,235 ms; at most 1,000 ms',
    );
    assert.equal(
      verdict({ what: 'x', value: 0, most: 0, unit: '', of: 1_200, holds: true }),
      '  holds  x: 0 of 1,200 logins; at most 0',
    );
    assert.equal(
      verdict({ what: 'x', value: null, most: 0.7, unit: '', holds: false }),
      '  FAILS  x: not seen in this run; at most 0.70',
    );
  });
});

describe('the sums', () => {
  it('a percentile is one of the times, and says if that login had not ended', () => {
    const logins = [5, 1, 4, 2, 3].map((ms) => login({ ms, cutOff: ms > 3 }));
    assert.deepEqual(
      [20, 50, 60, 95, 100].map((percent) => percentile(logins, percent)),
      [1, 3, 3, 5, 5].map((ms) => ({ ms, cutOff: ms > 3 })),
    );
  });

  it('a row has the logins that began in its phase and the requests that came in it', () => {
    const [healthy, hang] = rows(
      [login({ atMs: 999 }), login({ atMs: 1_000, ms: 9, denied: true, outcomes: ['a=ok', 'b=rejected:404'] })],
      PHASES,
      [{ all: 3, bad: 0 }],
    );
    assert.deepEqual(
      [healthy?.logins, healthy?.requestsPerLogin, healthy?.denied, healthy?.outcomes],
      [1, 3, 0, { ok: 1 }],
    );
    assert.deepEqual(
      [hang?.logins, hang?.requestsPerLogin, hang?.denied, hang?.outcomes],
      [1, 0, 1, { 'a=ok': 1, 'b=rejected:404': 1 }],
    );
  });

  it('in flight are those that began late, too, and not one that ends just when another begins', () => {
    const logins = [login({ atMs: 0, lateMs: 5, ms: 10 }), login({ atMs: 15, ms: 10 }), login({ atMs: 16, ms: 1 })];
    assert.deepEqual([inFlight(logins, 0, 16), inFlight(logins, 0, 100), inFlight(logins, 30, 100)], [1, 2, 0]);
  });
});

describe('the remarks', () => {
  it('a machine that halted for a while is named', () => {
    const said = (/** @type {number} */ ms) =>
      remarks({ name: '', phases: [], lateMs: { logins: 3, system: ms }, faults: ['size: too large'] });
    assert.equal(said(STALL_MS - 1).length, 2);
    assert.match(said(STALL_MS)[1] ?? '', /repeat this on a quieter machine$/);
    assert.equal(said(STALL_MS).at(-1), 'FAULT size: too large');
  });

  it('a system that does not answer as the config wants is named, where all was well', () => {
    const row = { fromMs: 0, toMs: 1, logins: 1, added: null, requests: 0, requestsPerLogin: 0, denied: 0, cutOff: 0 };
    const said = (/** @type {string} */ phase, /** @type {string[]} */ ...outcomes) =>
      remarks({
        name: '',
        phases: [{ ...row, phase, outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, 3])) }],
        lateMs: { logins: 0, system: 0 },
        faults: [],
      }).slice(1);
    assert.deepEqual(said('healthy', 'ok', 'cleeng=ok', 'unavailable:breaker', 'crm=unavailable:503', 'crm=stale'), []);
    assert.deepEqual(said('503', 'rejected:404'), []);
    for (const outcome of ['rejected:200:expect', 'crm=invalid:200:empty', 'a-b_c=conflict:409', 'unauthorized:401'])
      assert.match(
        said('healthy', 'ok', outcome)[0] ?? '',
        new RegExp(`there was ${outcome}, so .* --answer HOST=FILE`),
      );
  });
});

describe('the chart', () => {
  it('a column shows the logins that began there', () => {
    const phases = PHASES.slice(0, 7);
    // 28 columns of a quarter of a second, over 7 s.
    const [ruler = '', latency = '', letIn = ''] = chart(
      [
        login({ atMs: 10, ms: 1 }),
        login({ atMs: 300, ms: 30_000, denied: true }),
        login({ atMs: 600, ms: 60 }),
        login({ atMs: 600, ms: 60, denied: true }),
      ],
      phases,
      38,
    );
    assert.equal(ruler.slice(10), '|hea|han|hea|503|hea|acc|hea');
    assert.deepEqual([latency.slice(10).trimEnd(), letIn.slice(10).trimEnd()], ['▁█▄', '█▁▅']);
  });
});
