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

/** How long a login waits for a system that has answered at once twenty times. */
const PATIENCE_MS = 350;
/** When the answer comes that was not waited for: see tls.mjs. */
const LATE_MS = 1600;
const TIMEOUT_MS = 3000;
/** What a busy machine may add. */
const SLACK_MS = 300;

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
 */
async function open(t, name) {
  const host = `${name}.example.com`;
  const hook = {
    name: 'hook',
    request: { url: `https://${host}/sync`, body: { id: 'user.user_id' } },
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    onFailure: 'deny',
  };
  const action = createHost(withConfig(readPaste(), { syncs: [hook] }), { require: server.require });
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
  for (let i = 0; i < 20; i += 1) assert.equal((await login()).said, 'ok:200');
  return { host, login };
}

/** A login gives up before its time. @param {Awaited<ReturnType<typeof open>>} opened */
async function giveUp({ login }) {
  const { said, ms, execution } = await login();
  assert.equal(said, 'unavailable:timeout');
  assert.ok(ms >= PATIENCE_MS - 2 && ms < LATE_MS, `it took ${ms} ms`);
  return execution;
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
    const opened = await open(t, 'then-late');
    const execution = await giveUp(opened);
    assert.equal(server.open(opened.host), 1);
    const said = JSON.stringify(execution);
    await sleep(LATE_MS - PATIENCE_MS + SLACK_MS, undefined, { ref: false });
    assert.equal(JSON.stringify(execution), said, 'nothing was added to the login that was over');
    // On the connection that was kept, the same again.
    const again = await opened.login();
    assert.equal(again.said, 'ok:200');
    assert.ok(again.ms > LATE_MS - 10, `it took ${again.ms} ms`);
    await assertNothingLeft(opened.host, 1);
  });

  it('is answered during another execution', async (t) => {
    const opened = await open(t, 'then-late');
    await giveUp(opened);
    const others = await Promise.all(
      Array.from({ length: 10 }, (_, i) => sleep(i * 150).then(async () => (await opened.login()).said)),
    );
    assert.deepEqual(others, Array(10).fill('ok:200'));
    await sleep(SLACK_MS, undefined, { ref: false });
    // One for each connection that was kept, so one of them has the late answer: now it is waited for.
    const again = await Promise.all(Array.from({ length: server.open(opened.host) }, () => opened.login()));
    assert.deepEqual(
      again.map(({ said }) => said),
      again.map(() => 'ok:200'),
    );
    assert.ok(Math.max(...again.map(({ ms }) => ms)) > LATE_MS - 10, again.map(({ ms }) => ms).join());
  });

  it('is the only one of its kind: the others are closed', async (t) => {
    const opened = await open(t, 'then-hang-for-all');
    await Promise.all(Array.from({ length: 10 }, () => giveUp(opened)));
    await assertNothingLeft(opened.host, 1, 1);
    await sleep(TIMEOUT_MS - PATIENCE_MS + 50, undefined, { ref: false });
    await assertNothingLeft(opened.host, 0);
  });

  it('that no one answers ends by itself', async (t) => {
    const opened = await open(t, 'then-hang');
    await giveUp(opened);
    assert.equal(server.open(opened.host), 1);
    await sleep(TIMEOUT_MS - PATIENCE_MS + 50, undefined, { ref: false });
    await assertNothingLeft(opened.host, 0);
  });

  it('and whose socket breaks late harms no one', async (t) => {
    const opened = await open(t, 'then-late-reset');
    await giveUp(opened);
    assert.equal((await opened.login()).said, 'ok:200');
    await sleep(LATE_MS, undefined, { ref: false });
    assert.equal((await opened.login()).said, 'ok:200');
    await assertNothingLeft(opened.host, 1);
  });

  it('was answered while the event loop was blocked: the answer is taken', async (t) => {
    const opened = await open(t, 'then-slow');
    const before = (await server.arrivals()).length;
    const login = opened.login();
    while ((await server.arrivals()).length === before) await sleep(1);
    block(2 * PATIENCE_MS);
    const { said, ms } = await login;
    assert.equal(said, 'ok:200');
    assert.ok(ms > 2 * PATIENCE_MS);
  });
});
