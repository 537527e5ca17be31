// Metrics: what a collector is told (read by OpenTelemetry's own types), and that no login notices whether there is one. When
// a batch goes is the engine's business: tests/native/metrics.rs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { simulate } from '../../tools/library/index.mjs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { readMetrics } from './otlp.mjs';
import { assertSound, readPaste, resources, stopClock, tenant, until } from './support.mjs';
import { REFUSED, startTls } from './tls.mjs';

const METRICS = {
  url: 'https://otel.example.com/v1/metrics',
  headers: { authorization: { bearer: 'OTEL_TOKEN' } },
  everySeconds: 10,
};
const entry = (/** @type {string} */ name, over = {}) => ({
  name,
  request: { url: `https://${name}.example.com/users`, body: { id: 'user.user_id' } },
  retries: 0,
  ...over,
});
const SECRETS = { OTEL_TOKEN: 'otel-token-text' };

/** Answers as the path or the fault says. @type {import('../../tools/tenant/world.mjs').System} */
const system = {
  name: 'all',
  serves: () => true,
  answer: () => ({ status: 200, body: { id: '1' } }),
  error: () => ({}),
};

/** @param {import('node:test').TestContext} t @param {any} config */
const open = (t, config) =>
  tenant(t, { code: withConfig(readPaste(), { metrics: METRICS, ...config }), secrets: SECRETS, systems: [system] });

let users = 0;
const somebody = () => ({ user: { user_id: `auth0|${(users += 1)}` } });

/** The batches among what a login sent. @param {import('../../tools/tenant/host.mjs').Execution} execution */
const batchesOf = ({ requests }) => requests.filter(({ url }) => url === METRICS.url);

/** What was counted, as text. @param {ReturnType<typeof readMetrics>['metrics'][string] | undefined} metric */
const counts = (metric) =>
  (metric?.points ?? []).map(({ labels, count }) => `${Object.values(labels).join(' ')} ${count}`).sort();

describe('a batch', () => {
  it('says how logins and systems ended since the last one', async (t) => {
    const opened = await open(t, { syncs: [entry('crm'), entry('erp', { onFailure: 'deny' })] });
    const began = Date.now();
    assert.deepEqual(batchesOf(await opened.login(somebody())), []);
    const execution = await opened.login(somebody());
    const [batch] = batchesOf(execution);
    const { resource, metrics } = readMetrics(String(batch?.body));
    assert.equal(resource['service.name'], 'login-sync');
    assert.match(String(resource['service.instance.id']), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    assert.deepEqual(Object.keys(metrics), [
      'login_sync.login.duration',
      'login_sync.system.duration',
      'login_sync.system.requests',
    ]);
    assert.deepEqual(counts(metrics['login_sync.login.duration']), ['post-login allowed 1']);
    assert.deepEqual(counts(metrics['login_sync.system.duration']), ['crm ok 1', 'erp ok 1']);
    assert.deepEqual(counts(metrics['login_sync.system.requests']), ['crm ok 1', 'erp ok 1']);
    for (const { unit, points } of Object.values(metrics)) {
      for (const { from, to, count, sum, buckets, bounds } of points) {
        assert.ok(from >= BigInt(began) * 1_000_000n && from <= to && to <= BigInt(Date.now()) * 1_000_000n);
        if (unit !== 's') continue;
        assert.equal(buckets?.length, Number(bounds?.length) + 1);
        assert.equal(
          buckets?.reduce((a, b) => a + b),
          count,
        );
        assert.ok(Number(sum) >= 0 && Number(sum) < 5);
      }
    }
    const { host: _, 'content-length': __, ...headers } = batch?.headers ?? {};
    assert.equal(headers.authorization, 'Bearer otel-token-text');
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['login-sync-trigger-id'] ?? headers['idempotency-key'], undefined);
    // The third login is too soon.
    assert.deepEqual(batchesOf(await opened.login(somebody())), []);
  });

  it('holds nothing of a user', async (t) => {
    const opened = await open(t, { syncs: [entry('crm')] });
    const event = { user: { user_id: 'auth0|very-secret-id', email: 'ada@example.com', name: 'Ada Lovelace' } };
    await opened.login(event);
    const [batch] = batchesOf(await opened.login(event));
    const all = JSON.stringify([batch?.url, batch?.headers, batch?.body]);
    for (const text of ['very-secret', 'ada@', 'Lovelace', 'txn_', 'sess_', 'example-media', '203.0.113'])
      assert.ok(!all.includes(text), text);
  });

  it('tells outcomes and results apart, and begins where the last one ended', async () => {
    const config = {
      log: 'json',
      syncs: [entry('crm', { onFailure: { unavailable: 'deny' } }), entry('erp', { when: 'user.fax' })],
      mfa: [{ when: "syncs.crm.outcome == 'rejected'", provider: 'any' }],
      metrics: METRICS,
    };
    const answers = { 'crm.example.com': [{}, { status: 404 }, { status: 503 }, { body: '<html>' }, {}, {}] };
    const { logins } = await simulate(config, { answers, secrets: SECRETS, logins: 6, apartMs: 3_000 });
    const batches = logins.map(({ requests }) => requests.filter(({ url }) => url === METRICS.url));
    assert.deepEqual(
      batches.map(({ length }) => length),
      [0, 1, 0, 0, 0, 1],
    );
    const [first, second] = batches.flat().map(({ body }) => readMetrics(body));
    const points = (/** @type {typeof first} */ read) =>
      Object.values(read?.metrics ?? {}).flatMap(({ points }) => points);
    assert.deepEqual(counts(second?.metrics['login_sync.login.duration']), [
      'post-login allowed 2',
      'post-login denied 1',
      'post-login mfa 1',
    ]);
    assert.deepEqual(counts(second?.metrics['login_sync.system.duration']), [
      'crm ok 2',
      'crm rejected 1',
      'crm unavailable 1',
      'erp skipped 4',
    ]);
    assert.equal(new Set(points(second).map(({ from }) => from)).size, 1);
    assert.equal(points(second)[0]?.from, points(first)[0]?.to);
    assert.equal(first?.resource['service.instance.id'], second?.resource['service.instance.id']);
  });

  it('puts a login into the bucket of its time', async () => {
    const config = { syncs: [entry('crm')], metrics: METRICS };
    for (const [delayMs, bucket] of /** @type {const} */ ([
      [0, 1],
      [60, 3],
      [400, 5],
      [1_500, 7],
    ])) {
      const answers = { 'crm.example.com': [{ delayMs }, {}] };
      const { requests } = await simulate(config, { answers, secrets: SECRETS, logins: 2 });
      const batch = requests.find(({ url }) => url === METRICS.url);
      for (const name of ['login_sync.login.duration', 'login_sync.system.duration']) {
        const [point] = readMetrics(String(batch?.body)).metrics[name]?.points ?? [];
        assert.equal(point?.buckets?.indexOf(1), bucket, `${delayMs} ms: ${point?.buckets}`);
        assert.ok(Math.abs(Number(point?.sum) - (delayMs + 20) / 1000) < 0.002, `${point?.sum}`);
      }
    }
  });

  it('is as long after many logins as after few', async () => {
    const config = { syncs: [entry('crm')], metrics: METRICS };
    const { logins } = await simulate(config, { secrets: SECRETS, logins: 150, apartMs: 100 });
    const sent = logins.flatMap(({ requests }) => requests.filter(({ url }) => url === METRICS.url));
    const sizes = sent.map(({ body }) => body.length);
    assert.ok(sizes.length > 1 && Math.max(...sizes) < Number(sizes[0]) + 80, `${sizes}`);
    const told = sent.map(({ body }) => readMetrics(body).metrics['login_sync.login.duration']?.points[0]?.count ?? 0);
    assert.deepEqual(told.slice(0, 2), [1, 84]);
  });

  it('that gets no header for want of a secret is not sent, and no login is lost', async () => {
    const config = { syncs: [entry('crm', { onFailure: 'deny' })], metrics: METRICS };
    const { logins } = await simulate(config, {
      answers: { 'crm.example.com': {} },
      secrets: { OTEL_TOKEN: '' },
      logins: 3,
      apartMs: 20_000,
    });
    assert.deepEqual(
      logins.map(({ outcome, requests }) => [outcome, requests.length]),
      [
        ['allowed', 1],
        ['allowed', 1],
        ['allowed', 1],
      ],
    );
  });
});

describe('a collector', () => {
  /** @type {Awaited<ReturnType<typeof startTls>>} */
  let server;
  before(async () => {
    server = await startTls();
  });
  after(() => server.close());

  /** An instance whose system is good and whose collector is not. @param {string} name */
  function withCollector(name) {
    const url = `https://${name}.example.com/v1/metrics`;
    const config = {
      syncs: [entry('good', { onFailure: 'deny', timeoutMs: 8_000 })],
      metrics: { url, everySeconds: 10 },
    };
    const action = createHost(withConfig(readPaste(), config), { require: server.require });
    return {
      async login() {
        const event = fakeEvent('post-login', {});
        event.user.user_id = `auth0|${(users += 1)}`;
        const execution = await action.execute('post-login', event);
        assertSound(execution, event);
        assert.match(String(execution.log[0]?.text), / result=allowed .* good=ok:200:\d+ms:1/);
        return execution;
      },
      arrived: async () =>
        (await server.arrivals()).filter((arrival) => arrival.startsWith(`${name}.example.com `)).length,
    };
  }

  for (const name of [
    REFUSED,
    'hang-in-handshake',
    'reset-in-handshake',
    'no-tls',
    'hang-before-headers',
    'hang-mid-body',
    'drip-body',
    'interim-for-ever',
    'reset-mid-body',
    'garbage',
    'huge',
    'redirect',
    'good',
  ]) {
    it(`that does this costs a login nothing: ${name}`, async () => {
      const { login } = withCollector(name);
      const [first] = [await login(), await login()];
      // Where it hangs it hangs for five seconds.
      for (const { ms } of [first, await login()]) assert.ok(ms < 4_500, `${ms} ms`);
    });
  }

  it('leaves nothing behind, whatever it does', async () => {
    // What hangs is given up after five seconds.
    await sleep(5_500);
    server.hangUp();
    await until(() => !resources().some((name) => /Timeout|TLS|TCP/.test(name)));
    assert.deepEqual(
      resources().filter((name) => name !== 'Timeout'),
      [],
    );
  });

  it('that closed a kept connection is told over another one', async (t) => {
    const clock = stopClock(t);
    const { login, arrived } = withCollector('kept-reset');
    await login();
    await login();
    await until(async () => (await arrived()) === 1);
    clock.advance(10_100);
    await login();
    await until(async () => (await arrived()) >= 3);
    assert.equal(await arrived(), 3);
  });
});
