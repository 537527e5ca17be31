// The request that stays on the line, over real sockets and real TLS (tls.mjs): a login that has given it up is over; what
// comes of it teaches the engine, and touches nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { assertSound, block, readPaste, resources, until } from './support.mjs';
import { startTls } from './tls.mjs';

/** How long a login waits at least for a system that has answered at once twenty times. */
const PATIENCE_MS = 350;
/** Far more than the patience of a slow machine. */
const TIMEOUT_MS = 12_000;
/** Where a test waits for the end of it. */
const SHORTER_MS = 4_000;

/** @type {Awaited<ReturnType<typeof startTls>>} */
let server;
/** @type {string[]} */
let idle;
before(async () => {
  server = await startTls();
  idle = resources();
});
after(() => server.close());

/**
 * An instance that has had twenty quick answers from its one system.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {number} [timeoutMs]
 */
async function open(t, name, timeoutMs = TIMEOUT_MS) {
  const host = `${name}.example.com`;
  const hook = {
    name: 'hook',
    request: { url: `https://${host}/sync`, body: { id: 'user.user_id' } },
    timeoutMs,
    retries: 0,
    onFailure: 'deny',
  };
  const action = createHost(withConfig(readPaste(), { syncs: [hook], budgetMs: 15_000 }), { require: server.require });
  t.after(() => server.hangUp());
  let users = 0;
  const login = async () => {
    const event = fakeEvent('post-login');
    event.user.user_id = `auth0|${(users += 1)}`;
    const execution = await action.execute('post-login', event);
    assertSound(execution, event);
    assert.equal(execution.log.length, 1, 'one line, and none of another login');
    return { said: / hook=([a-z]+:\w+)/.exec(execution.log[0]?.text ?? '')?.[1], ms: execution.ms, execution };
  };
  let slowest = 0;
  for (let i = 0; i < 20; i += 1) {
    const { said, ms } = await login();
    assert.equal(said, 'ok:200');
    slowest = Math.max(slowest, ms);
  }
  // By the times that the engine measured, which are no longer, it has this patience or less.
  const patienceMs = Math.max(PATIENCE_MS, 2 * slowest);
  /** Much later than is usual. */
  const lateMs = 3 * patienceMs;
  return { host, login, timeoutMs, patienceMs, lateMs };
}

/** A login gives up before its time. @param {Awaited<ReturnType<typeof open>>} opened */
async function giveUp({ login, timeoutMs }) {
  const { said, ms, execution } = await login();
  assert.equal(said, 'unavailable:timeout');
  assert.ok(ms >= PATIENCE_MS - 2 && ms < timeoutMs, `it took ${ms} ms`);
  return execution;
}

/** Waits until so many requests have arrived, of all hosts. @param {number} count */
const arrived = (count) => until(() => server.count('arrival') >= count);

/** The answer comes that a login no longer waits for, after so long. @param {Awaited<ReturnType<typeof open>>} opened @param {number} [ms] */
async function answerLate({ host, lateMs }, ms = lateMs) {
  await sleep(ms, undefined, { ref: false });
  server.release(host);
  await until(() => resources().length <= idle.length);
}

/** Logins of which one is answered later than was usual, and sooner than is usual now. @param {Awaited<ReturnType<typeof open>>} opened @param {number} count */
async function loginSlowly({ host, login, patienceMs }, count) {
  const before = server.count('arrival');
  const logins = Array.from({ length: count }, () => login());
  await arrived(before + count);
  await sleep(patienceMs + 100);
  server.release(host);
  const ended = await Promise.all(logins);
  assert.deepEqual(
    ended.map(({ said }) => said),
    ended.map(() => 'ok:200'),
  );
  const longest = Math.max(...ended.map(({ ms }) => ms));
  assert.ok(longest > patienceMs, `${longest} ms`);
}

/** @param {string} host @param {number} kept connections @param {number} [waiting] requests on the line: a timer and a socket each */
async function assertNothingLeft(host, kept, waiting = 0) {
  const most = idle.length + 2 * waiting;
  await until(() => server.open(host) <= kept && resources().length <= most);
  assert.equal(server.open(host), kept, 'connections');
  assert.ok(resources().length <= most, String(resources()));
}

describe('a request that a login has given up', () => {
  it('stays on the line, and its answer is what is usual from then on', async (t) => {
    const opened = await open(t, 'then-held');
    const execution = await giveUp(opened);
    assert.equal(server.open(opened.host), 1);
    const said = JSON.stringify(execution);
    await answerLate(opened);
    assert.equal(JSON.stringify(execution), said, 'nothing was added to the login that was over');
    // On the connection that was kept, the same again.
    await loginSlowly(opened, 1);
    await assertNothingLeft(opened.host, 1);
  });

  it('is answered during another execution', async (t) => {
    const opened = await open(t, 'then-held');
    await giveUp(opened);
    await sleep(opened.lateMs);
    for (let i = 0; i < 10; i += 1) assert.equal((await opened.login()).said, 'ok:200');
    const other = opened.login();
    await answerLate(opened, 0);
    assert.equal((await other).said, 'ok:200');
    // One for each connection that was kept, so one of them has the late answer: now it is waited for.
    await loginSlowly(opened, server.open(opened.host));
  });

  it('is the only one of its kind: the others are closed', async (t) => {
    const opened = await open(t, 'then-hang-for-all', SHORTER_MS);
    await Promise.all(Array.from({ length: 10 }, () => giveUp(opened)));
    await assertNothingLeft(opened.host, 1, 1);
    await assertNothingLeft(opened.host, 0);
  });

  it('that no one answers ends by itself', async (t) => {
    const opened = await open(t, 'then-hang', SHORTER_MS);
    await giveUp(opened);
    assert.equal(server.open(opened.host), 1);
    await assertNothingLeft(opened.host, 0);
  });

  it('and whose socket breaks late harms no one', async (t) => {
    const opened = await open(t, 'then-held-reset');
    await giveUp(opened);
    assert.equal((await opened.login()).said, 'ok:200');
    await answerLate(opened);
    assert.equal((await opened.login()).said, 'ok:200');
    await assertNothingLeft(opened.host, 1);
  });

  it('was answered while the event loop was blocked: the answer is taken', async (t) => {
    const opened = await open(t, 'then-held');
    const [arrivals, answers] = [server.count('arrival'), server.count('answer')];
    const login = opened.login();
    // It is written in these turns; from then on this thread stands still, and the server's goes on.
    for (let i = 0; i < 5; i += 1) await new Promise((done) => setImmediate(done));
    server.count('arrival', arrivals + 1);
    server.release(opened.host);
    server.count('answer', answers + 1);
    block(opened.patienceMs + 100);
    const { said, ms } = await login;
    assert.equal(said, 'ok:200');
    assert.ok(ms > opened.patienceMs, `it took ${ms} ms`);
  });
});
