// What a panic inside the engine does: to the login it happens in, to those next to it, to the next one, and to the memory.
//
// This needs a paste that panics on request: an event with `panic: true` at its login's start, an answer with the status 599
// inside a login, while what the instance's logins share is borrowed. It is built here when `npm test` has not done it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { lock, run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { counted, countsOf, heldMemories } from './counted.mjs';
import { assertSound, outOfOrder, REALMS, SLACK_MS, tenant, until } from './support.mjs';

const FILE = path.join(root, 'target', 'paste-test-panic', 'login-sync.js');
const DENIED = outOfOrder();
const WHERE = /^login-sync panicked at src\/[a-z_/]+\.rs:\d+:\d+$/;
const BROKEN =
  /^login-sync trigger=(post-login|post-user-registration) result=(denied|allowed) warn=broken problem="RuntimeError"$/;
/** Of a login that waits for nothing but a good answer. */
const FINE = / result=allowed .* cleeng=(ok|reused):?/;

let built = '';
let missing = '';
before(async () => {
  const age = (/** @type {string} */ file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  mkdirSync(path.join(root, 'target'), { recursive: true });
  // Another Node may run these tests at the same time.
  const unlock = await lock(path.join(root, 'target', 'paste-test-panic.lock'), () => {});
  try {
    if (age(FILE) < age(path.join(root, 'pkg', 'login-sync.js'))) {
      const command = ['tools/build/build.mjs', '--features', 'test-panic', '--out', FILE];
      const { code, output } = await run(process.execPath, command);
      if (code !== 0)
        missing = `no paste that panics is newer than pkg/, and none could be built: ${output.split('\n').at(-1)}`;
    }
    if (!missing) built = readFileSync(FILE, 'utf8');
  } finally {
    await unlock();
  }
});

/**
 * @param {import('node:test').TestContext} t
 * @param {{ config?: any, realm?: 'own' | 'other' }} [options]
 */
const open = (t, { config = {}, realm } = {}) =>
  tenant(t, { code: counted(withConfig(built, config)), ...(realm ? { realm } : {}) });

/** @param {string} name @param {object} [over] */
const as = (name, over) => ({ user: { user_id: `auth0|${name}`, email: `${name}@example.com` }, ...over });

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const lines = ({ log }) => log.map(({ text }) => text);

/** @param {import('../../tools/tenant/host.mjs').Execution} execution @param {'denied' | 'allowed'} result */
function assertBroken(execution, result) {
  assert.deepEqual([execution.faults, execution.thrown], [[], null]);
  assert.equal(lines(execution).length, 2);
  assert.match(lines(execution)[0] ?? '', WHERE);
  assert.match(lines(execution)[1] ?? '', BROKEN);
  assert.ok(lines(execution)[1]?.includes(`result=${result} `));
  assert.deepEqual(execution.commands, result === 'denied' ? [{ method: 'access.deny', args: [DENIED] }] : []);
}

/** @param {string} name @param {(t: import('node:test').TestContext) => Promise<void>} work */
const test = (name, work) => it(name, (t) => (missing ? t.skip(missing) : work(t)));

describe('a panic', () => {
  for (const realm of REALMS) {
    test(`at the start ends its login by policy, and the next one is fine; realm ${realm}`, async (t) => {
      const opened = await open(t, { realm });
      const execution = await opened.login({ panic: true });
      assertBroken(execution, 'denied');
      assertSound(execution, opened.event());
      assert.deepEqual(opened.standIns.arrivals, []);
      assert.match(lines(await opened.login())[0] ?? '', FINE);
    });

    test(`inside a login does the same; realm ${realm}`, async (t) => {
      const opened = await open(t, { realm });
      opened.standIns.fault('599', { times: 1 });
      const execution = await opened.login();
      assertBroken(execution, 'denied');
      assertSound(execution, opened.event());
      assert.match(lines(await opened.login())[0] ?? '', FINE);
    });
  }

  test('replaces the instance of the wasm, and compiles nothing again', async (t) => {
    const opened = await open(t);
    await opened.login();
    assert.deepEqual(countsOf(opened.host), { modules: 1, instances: 1 });
    await opened.login({ panic: true });
    await opened.login(as('b'));
    await opened.login(as('c'));
    assert.deepEqual(countsOf(opened.host), { modules: 1, instances: 2 });
  });

  test('of an instance that was replaced does not cost the new one', async (t) => {
    const opened = await open(t);
    // Of two logins one panics; the other comes back a second later, to what is broken.
    for (const fault of ['503:1', '599']) opened.standIns.fault(fault, { times: 1 });
    const both = Promise.all([opened.login(as('a')), opened.login(as('b'))]);
    await until(() => opened.standIns.arrivals.length >= 2);
    await sleep(100);
    await opened.login(as('c'));
    for (const execution of await both) assertBroken(execution, 'denied');
    assert.match(lines(await opened.login(as('d')))[0] ?? '', FINE);
    assert.deepEqual(countsOf(opened.host), { modules: 1, instances: 2 });
  });

  test('lets the login go on where all policies allow', async (t) => {
    const opened = await open(t, { config: { syncs: [{ use: 'cleeng', onFailure: 'allow' }] } });
    const execution = await opened.login({ panic: true });
    assertBroken(execution, 'allowed');
    assert.ok(execution.tokens?.idToken);
    opened.standIns.fault('599', { times: 1 });
    assertBroken(await opened.login(), 'allowed');
  });

  test('denies where only a rule guards', async (t) => {
    for (const rule of [
      { deny: [{ when: '`false`', reason: 'No.' }] },
      { mfa: [{ when: '`false`', provider: 'any' }] },
    ]) {
      const opened = await open(t, { config: { syncs: [{ use: 'cleeng', onFailure: 'allow' }], ...rule } });
      assertBroken(await opened.login({ panic: true }), 'denied');
    }
  });

  test('throws a fixed text where the login cannot even be denied', async (t) => {
    const guarded = { syncs: [{ use: 'cleeng', onFailure: 'allow' }], deny: [{ when: '`false`', reason: 'No.' }] };
    const refuse = () => {
      throw new Error('with personal data');
    };
    for (const config of [guarded, { syncs: [{ use: 'cleeng', onFailure: 'allow' }] }]) {
      const opened = await open(t, { config });
      for (const api of [undefined, null, {}, { access: null }, { access: {} }, { access: { deny: refuse } }]) {
        const ended = opened.host.exports.onExecutePostLogin(opened.event({ panic: true }), api);
        if (config === guarded) await assert.rejects(ended, { message: DENIED });
        else await ended;
        await opened.host.exports.onExecutePostUserRegistration(opened.event({ panic: true }), api);
      }
    }
  });

  test('changes nothing for a user who registers', async (t) => {
    const opened = await open(t);
    const execution = await opened.register({ panic: true });
    assertBroken(execution, 'allowed');
    opened.standIns.fault('599', { times: 1 });
    assertBroken(await opened.register(), 'allowed');
    assert.match(lines(await opened.register())[0] ?? '', / result=done .* cleeng=ok:/);
  });

  test('is not heard of by what stayed on the line before it', async (t) => {
    // Twice what is usual on a slow machine is less.
    const timeoutMs = 4000;
    const opened = await open(t, { config: { syncs: [{ use: 'cleeng', timeoutMs, retries: 0, reuse: false }] } });
    for (let user = 0; user < 20; user += 1) assert.match(lines(await opened.login(as(`user${user}`)))[0] ?? '', FINE);
    // Cleeng has been quick: a login gives up early, and its request stays.
    for (const fault of ['timeout', '599']) opened.standIns.fault(fault, { times: 1 });
    const givenUp = await opened.login(as('a'));
    assert.match(lines(givenUp)[0] ?? '', / cleeng=unavailable:timeout:/);
    assert.ok(givenUp.ms < timeoutMs - 100, `it took ${givenUp.ms} ms`);
    assertBroken(await opened.login(as('b')), 'denied');
    const next = await opened.login(as('c'));
    await sleep(timeoutMs);
    for (const execution of [givenUp, next]) assert.deepEqual([lines(execution).length, execution.faults], [1, []]);
    assert.match(lines(await opened.login(as('d')))[0] ?? '', FINE);
    assert.deepEqual(countsOf(opened.host), { modules: 1, instances: 2 });
  });

  test('at another login’s start leaves those under way alone', async (t) => {
    const opened = await open(t);
    const underWay = Array.from({ length: 20 }, (_, i) => opened.login(as(`user${i}`)));
    const [broken, ...fine] = await Promise.all([opened.login({ panic: true }), ...underWay]);
    assertBroken(/** @type {any} */ (broken), 'denied');
    for (const execution of fine) assert.match(lines(execution)[0] ?? '', FINE);
  });

  test('inside a login ends those under way well or by policy, soon', async (t) => {
    const opened = await open(t);
    opened.standIns.fault('599', { times: 1 });
    const executions = await Promise.all(Array.from({ length: 20 }, (_, i) => opened.login(as(`user${i}`))));
    const broken = executions.filter((execution) => lines(execution).length === 2);
    assert.ok(broken.length > 0);
    for (const execution of executions) {
      if (broken.includes(execution)) assertBroken(execution, 'denied');
      else assert.match(lines(execution)[0] ?? '', FINE);
      assert.ok(execution.ms < SLACK_MS, `it took ${execution.ms} ms`);
    }
    assert.match(lines(await opened.login())[0] ?? '', FINE);
  });

  test('leaves no one waiting for a call that will not end', async (t) => {
    const budgetMs = 3000;
    const opened = await open(t, { config: { syncs: [{ use: 'cleeng', timeoutMs: 2500 }], budgetMs } });
    opened.standIns.fault('599', { times: 1 });
    // All three are one user: two of them wait for the call of the first.
    const executions = await Promise.all([opened.login(), opened.login(), opened.login()]);
    for (const execution of executions) {
      assertBroken(execution, 'denied');
      assert.ok(execution.ms < budgetMs + SLACK_MS, `it took ${execution.ms} ms`);
    }
    assert.equal(opened.standIns.arrivals.length, 1);
  });

  test('gives up what its login still had under way', async (t) => {
    const opened = await open(t, {
      config: {
        syncs: [
          { use: 'cleeng' },
          { name: 'slow', request: { url: 'https://slow.example.com/', body: {} }, timeoutMs: 14_000 },
          { name: 'down', request: { url: 'https://down.example.com/', body: {} }, retries: 5 },
        ],
        budgetMs: 15_000,
      },
    });
    // The first comes back after a second and panics; then the second is still waiting for its answer, the third for its time.
    for (const fault of ['503:1', '599'])
      opened.standIns.fault(fault, { host: 'identity.api.prod.cleeng.com', times: 1 });
    opened.standIns.fault('timeout', { host: 'slow.example.com' });
    opened.standIns.fault('503:4', { host: 'down.example.com' });
    const execution = await opened.login();
    assertBroken(execution, 'denied');
    assert.ok(execution.ms < 1000 + SLACK_MS, `it took ${execution.ms} ms`);
    assert.deepEqual(
      execution.requests.map(({ failure }) => failure),
      [null, 'given up', null, null],
    );
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    assert.deepEqual(timers, []);
  });
});

describe('a thousand panics', () => {
  test('everybody’s login ends, and the memory is let go', async (t) => {
    const config = { syncs: [{ use: 'cleeng', timeoutMs: 8000 }], budgetMs: 8000 };
    const opened = await open(t, { config });
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc');
    /** @type {number[]} */
    const heap = [];
    for (let round = 0; round < 200; round += 1) {
      if (round % 4 === 0) opened.standIns.fault('599', { times: 1 });
      const panicking = Array.from({ length: 5 }, () => opened.login({ panic: true }));
      const others = Array.from({ length: 5 }, (_, i) => opened.login(as(`user${round}-${i}`)));
      for (const execution of await Promise.all(panicking)) assertBroken(execution, 'denied');
      for (const execution of await Promise.all(others)) {
        if (lines(execution).length === 2) assertBroken(execution, 'denied');
        else assert.match(lines(execution)[0] ?? '', FINE);
        assert.ok(execution.ms < SLACK_MS, `it took ${execution.ms} ms`);
      }
      opened.standIns.arrivals.length = 0;
      if (round % 50 !== 49) continue;
      // Weak references hold until the turn ends.
      for (let i = 0; i < 3; i += 1) {
        await new Promise((done) => setImmediate(done));
        collect();
      }
      heap.push(process.memoryUsage().heapUsed + process.memoryUsage().external);
      assert.ok(
        heldMemories(opened.host) <= 2,
        `${heldMemories(opened.host)} of ${countsOf(opened.host).instances} memories are held`,
      );
    }
    const { modules, instances } = countsOf(opened.host);
    assert.equal(modules, 1);
    assert.ok(instances > 1000, `${instances} instances: each panic costs one`);
    const grown = /** @type {number} */ (heap.at(-1)) - /** @type {number} */ (heap[1]);
    assert.ok(grown < 2_000_000, `the memory grew by ${grown} bytes: ${heap.join(' ')}`);
    assert.match(lines(await opened.login())[0] ?? '', FINE);
  });
});
