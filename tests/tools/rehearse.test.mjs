// `npm run rehearse`: short outages for real, on loopback, whose bounds must hold; and its plan. What it makes of the logins is in
// rehearse-figures.test.mjs.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { inFlight } from '../../tools/commands/rehearse/measure.mjs';
import { BAD, KINDS, plan } from '../../tools/commands/rehearse/plan.mjs';
import { STALL_MS } from '../../tools/commands/rehearse/print.mjs';
import { rehearse } from '../../tools/commands/rehearse/run.mjs';
import { shown } from '../../tools/commands/rehearse.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { PROGRAM_MS } from '../patience.mjs';

/** @typedef {import('../../tools/commands/rehearse/run.mjs').Options} Options */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'rehearse-')));
after(() => rmSync(folder, { recursive: true, force: true }));
/** @param {string} name @param {unknown} config */
const write = (name, config) => {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(config));
  return file;
};

const TRIES = 5;

/**
 * A run whose every bound holds; one that does not is repeated a few times, for other jobs on this machine take time, too. Where
 * the machine halted in the last one it says nothing of the guard: undefined.
 * @param {Options} options
 */
async function undisturbed(options) {
  for (let i = 1; ; i += 1) {
    const rehearsed = await rehearse(options);
    const [paste] = rehearsed.result.contenders;
    // A fault is never a matter of time.
    assert.deepEqual(paste?.faults, []);
    if (rehearsed.result.holds) return rehearsed;
    if (i < TRIES) continue;
    const lateMs = Math.max(...Object.values(paste.lateMs));
    assert.ok(lateMs >= STALL_MS, shown(rehearsed, 90).join('\n'));
    console.log(`not checked: bounds of an outage, for this machine halted for ${lateMs} ms`);
    return undefined;
  }
}

/** @param {Record<string, number>} outcomes @param {RegExp} like */
const countOf = (outcomes, like) =>
  Object.entries(outcomes).reduce((sum, [name, count]) => sum + (like.test(name) ? count : 0), 0);

describe('the guard on real sockets', () => {
  it('every bound holds in outages and crowds, over two instances', async () => {
    // With this seed the hang lasts for 2.4 s. At this rate a guard that waits for 3 s has over 100 in flight by its end, and a
    // patient one keeps its bound on a machine with other work, too.
    const rehearsed = await undisturbed({
      seed: 884,
      kinds: ['hang', '503', 'crowds'],
      seconds: 2,
      rate: 50,
      instances: 2,
    });
    if (!rehearsed) return;
    const [{ phases = [] } = {}] = rehearsed.result.contenders;
    for (const [kind, word] of Object.entries({ hang: 'timeout', 503: '503' })) {
      const row = phases.find(({ phase }) => phase === kind);
      assert.ok(
        row && countOf(row.outcomes, new RegExp(`^unavailable:${word}`)) > 0 && countOf(row.outcomes, /breaker/) > 0,
        JSON.stringify(row),
      );
    }
    for (const { logins, outcomes, added } of phases) {
      assert.equal(countOf(outcomes, /./), logins);
      assert.ok(added && added.p50.ms <= added.p95.ms && added.p95.ms <= added.max.ms);
    }
  });

  it('one account that attacks in bursts has none of 10 good logins a second denied', async () => {
    const hook = {
      name: 'hook',
      request: { url: 'https://hook.example.com/users', body: { id: 'user.user_id' } },
      response: { idToken: { id: 'id' } },
      onFailure: 'deny',
    };
    const rehearsed = await undisturbed({
      seed: 7,
      kinds: ['account'],
      seconds: 6,
      rate: 10,
      instances: 1,
      config: write('hook.json', { syncs: [hook] }),
    });
    if (!rehearsed) return;
    const phase = rehearsed.phases.find(({ kind }) => kind === 'account');
    const met = (rehearsed.logins[0] ?? []).filter(({ atMs }) => phase && atMs >= phase.fromMs && atMs < phase.toMs);
    const [attacks, good] = [met.filter(({ user }) => user === BAD), met.filter(({ user }) => user !== BAD)];
    assert.ok(attacks.length > 100 && attacks.every(({ denied }) => denied), `${attacks.length}`);
    assert.ok(good.length > 30, `${good.length}`);
    assert.deepEqual(
      good.filter(({ denied }) => denied),
      [],
    );
  });

  it('the snippet comes after the paste, and the figures are those of the paste', async () => {
    const rehearsed = await rehearse({ seed: 4, kinds: ['429'], seconds: 1, rate: 30, instances: 1, snippet: true });
    const { contenders } = rehearsed.result;
    assert.deepEqual(
      contenders.map(({ name }) => name),
      ['login-sync', 'the snippet (axios)'],
    );
    const [paste, snippet] = contenders.map(({ phases }) => phases);
    assert.deepEqual(
      snippet?.map(({ logins }) => logins),
      paste?.map(({ logins }) => logins),
    );
    const row = snippet?.[1];
    assert.ok(
      row && row.denied === countOf(row.outcomes, /^error:429$/) && row.denied > row.logins / 2,
      JSON.stringify(row),
    );
    assert.deepEqual(
      rehearsed.result.figures.filter(({ what }) => what.startsWith('executions')).map(({ value }) => value),
      [inFlight(rehearsed.logins[0] ?? [], rehearsed.phases[1]?.fromMs ?? 0, Infinity)],
    );
  });
});

describe('the command', { concurrency: true }, () => {
  const command = (/** @type {string[]} */ ...args) =>
    run(process.execPath, ['tools/commands/rehearse.mjs', ...args], { limitMs: PROGRAM_MS });

  it('writes the result alone to stdout, and ends with code 1 where a bound does not hold', async () => {
    // Where the system is not told who logs in it cannot fail for one account, and two figures have nothing to go by.
    const config = write('unnamed.json', {
      syncs: [{ name: 'hook', request: { url: 'https://hook.example.com/', body: { plan: "'gold'" } } }],
    });
    const { code, stdout, output } = await command(
      '--json',
      '--config',
      config,
      '--phases',
      'account',
      '--seconds',
      '1',
      '--rate',
      '40',
      '--seed',
      '7',
    );
    const { seed, instances, figures, holds } = JSON.parse(stdout);
    assert.deepEqual([seed, instances, holds, code], [7, 1, false, 1]);
    assert.ok(
      figures.some(
        (/** @type {any} */ { what, value, holds }) => what.startsWith('others') && value === null && !holds,
      ),
      stdout,
    );
    assert.match(output, /^seed 7, \d+ s$/m);
    assert.match(output, /^ +\d+ s {2}account$/m);
  });

  it('has a system answer what it is given while it is well', async () => {
    const shop = {
      name: 'shop',
      request: { url: 'https://shop.example.com/users', headers: { authorization: { token: 'shop' } } },
      response: { expect: 'plan', keep: { plan: 'plan' } },
    };
    const token = { url: 'https://shop.example.com/token', clientId: 'SHOP_ID', clientSecret: 'SHOP_SECRET' };
    const config = write('shop.json', { syncs: [shop], tokens: { shop: token } });
    const asked = ['--config', config, '--phases', '503', '--seconds', '1', '--rate', '20', '--seed', '7'];
    const plan = write('plan.json', { plan: 'gold' });
    const answers = write('answers.json', { 'shop.example.com': { body: { plan: 'gold' } } });
    for (const [args, wanted, other] of /** @type {[string[], RegExp, RegExp][]} */ ([
      [[], /^healthy .*rejected:200:expect \d.*^while all was well there was rejected/ms, /^healthy .* ok \d/m],
      [['--answer', `shop.example.com=${plan}`], /^healthy .* ok \d/m, /rejected/],
      [['--answers', answers], /^healthy .* ok \d/m, /rejected/],
    ])) {
      const { stdout, output } = await command(...asked, ...args);
      assert.match(stdout, wanted, output);
      assert.doesNotMatch(stdout, other);
    }
  });

  const nothing = write('nothing.json', { syncs: [], claims: { idToken: { plan: "'gold'" } } });
  const kinds = Object.keys(KINDS).join();
  /** @type {[string[], string][]} */
  const table = [
    [['--seconds', '0'], '--seconds: must be a whole number from 1 to 100'],
    [['--seconds', '1.5'], '--seconds: must be a whole number from 1 to 100'],
    [['--rate', '5'], '--rate: must be a whole number from 10 to 100'],
    [['--rate', '1e2'], '--rate: must be a whole number from 10 to 100'],
    [['--instances', '51'], '--instances: must be a whole number from 1 to 50'],
    [['--seed', '-1'], "option '--seed' argument is ambiguous; `--help` lists the options"],
    [['--seed', '4294967296'], '--seed: must be a whole number from 0 to 4294967295'],
    [['--phases', 'hang,rain'], `--phases: \`rain\` is no phase: write some of ${kinds}`],
    [['--phases', 'toString'], `--phases: \`toString\` is no phase: write some of ${kinds}`],
    [['--phases', 'hang,hang'], `--phases: \`hang\` is there twice: write some of ${kinds}`],
    [['--phases', ''], `--phases: \`\` is no phase: write some of ${kinds}`],
    [['--sedconds', '1'], "unknown option '--sedconds'; `--help` lists the options"],
    [['more'], 'unexpected argument: every value needs its option before it; `--help` lists the options'],
    [['--config', 'gone.json'], '--config: there is no file `gone.json`'],
    [['--paste', 'gone.js'], '--paste: there is no file `gone.js`'],
    [
      ['--paste', nothing],
      'this is no paste of login-sync, or its marks are gone: take pkg/login-sync.js as it was built',
    ],
    [['--answer', 'shop.example.com'], '--answer: must be HOST=FILE'],
    [['--config', nothing], 'no system is called at a login: there is no outage to rehearse'],
  ];
  for (const [args, message] of table) {
    it(`refuses ${args.join(' ').replace(folder, '')} in one line`, async () => {
      const { code, stdout, output } = await command(...args);
      assert.deepEqual([output.split('\n'), stdout, code], [[`error: ${message}`], '', 2]);
    });
  }

  it('lists its options', async () => {
    const { code, stdout } = await command('--help');
    assert.equal(code, 0);
    for (const option of [
      'instances',
      'rate',
      'seconds',
      'phases',
      'seed',
      'snippet',
      'config',
      'answer',
      'json',
      'paste',
    ])
      assert.match(stdout, new RegExp(`^  --${option} `, 'm'));
    for (const kind of Object.keys(KINDS)) assert.match(stdout, new RegExp(`^  ${kind} `, 'm'));
  });
});

describe('the plan', () => {
  const kinds = Object.keys(KINDS);
  const options = { seed: 1, kinds, seconds: 6, rate: 100, instances: 1 };

  it('a seed gives the same plan again, and another seed another order and other lengths', () => {
    assert.deepEqual(plan(options), plan(options));
    const plans = Array.from({ length: 20 }, (_, seed) => plan({ ...options, seed }).phases);
    const orders = new Set(plans.map((phases) => phases.map(({ kind }) => kind).join()));
    assert.ok(orders.size > 15, `${orders.size}`);
    const hangs = plans.flatMap((phases) =>
      phases.filter(({ kind }) => kind === 'hang').map(({ fromMs, toMs }) => toMs - fromMs),
    );
    assert.ok(
      Math.min(...hangs) >= 3_000 && Math.max(...hangs) <= 9_000 && Math.max(...hangs) - Math.min(...hangs) > 3_000,
      `${hangs}`,
    );
  });

  for (const [seed, instances] of [
    [1, 1],
    [2, 10],
    [3, 50],
  ]) {
    it(`each kind once, and good times between that are long enough for ${instances} instances`, () => {
      const { phases } = plan({ ...options, seed, instances });
      assert.deepEqual(
        phases
          .map(({ kind }) => kind)
          .filter((kind) => kind !== 'healthy')
          .sort(),
        [...kinds].sort(),
      );
      phases.forEach(({ kind, fromMs, toMs }, i) => {
        assert.equal(fromMs, phases[i - 1]?.toMs ?? 0);
        assert.equal(kind === 'healthy', i % 2 === 0);
        const answers = ((toMs - fromMs) / 1000 / instances) * options.rate;
        // A guard knows a system after 20 answers, and remembers what was slow for up to 200.
        const slow = KINDS[phases[i - 1]?.kind ?? '']?.slower && i < phases.length - 1;
        if (kind === 'healthy') assert.ok(answers > (i === 0 ? 40 : slow ? 250 : 10), `${i}: ${answers}`);
      });
    });
  }

  it('logins begin at random at the rate, on all instances; the account comes in bursts among 10 others a second, crowds at once', () => {
    const { phases, arrivals } = plan({ ...options, kinds: ['account', 'crowds', 'hang'], seconds: 40, instances: 4 });
    assert.ok(arrivals.every(({ atMs }, i) => atMs >= (arrivals[i - 1]?.atMs ?? 0)));
    assert.deepEqual([...new Set(arrivals.map(({ instance }) => instance))].sort(), [0, 1, 2, 3]);
    const others = arrivals.filter(({ user }) => user !== BAD);
    assert.equal(new Set(others.map(({ user }) => user)).size, others.length);
    const rateIn = (/** @type {string} */ kind, /** @type {typeof arrivals} */ list) => {
      const [{ fromMs, toMs }] = /** @type {[import('../../tools/commands/rehearse/plan.mjs').Phase]} */ (
        phases.filter((phase) => phase.kind === kind)
      );
      return (list.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length * 1000) / (toMs - fromMs);
    };
    const about = (/** @type {number} */ value, /** @type {number} */ wanted) =>
      assert.ok(Math.abs(value - wanted) < wanted / 4, `${value}, not ${wanted}`);
    about(rateIn('hang', others), 100);
    about(rateIn('account', others), 10);
    about(rateIn('account', arrivals), 30);
    about(rateIn('crowds', others), 120);
    assert.equal(rateIn('hang', arrivals), rateIn('hang', others));
    assert.ok(
      arrivals.some(
        ({ atMs, instance }, i) =>
          (arrivals[i + 39]?.atMs ?? Infinity) - atMs < 60 && instance === arrivals[i + 20]?.instance,
      ),
    );
  });
});
