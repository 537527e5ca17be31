// Cleeng, end to end through the paste: the token as a claim, every way it can fail, secrets that change, and what is reused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { FAULTS } from '../../tools/tenant/standins.mjs';
import { sign } from '../../tools/tenant/systems/cleeng.mjs';
import { assertSound, readPaste, SECRETS, SLACK_MS, stopClock, tenant } from './support.mjs';

const REASON = (/** @type {string} */ outcome) => `We could not complete your login (cleeng: ${outcome}).`;
const ANSWER_STATUSES = ['400', '401', '403', '404', '409', '429', '429:3', '500', '503', '503:3'];
const BUDGET_MS = 8000;
/** Where Cleeng never ends by itself. The login after it has as long, also on a slow machine. @type {Record<string, number>} */
const TIMEOUT_MS = { timeout: 1500, slow: 1500 };

/** @typedef {import('../../tools/tenant/host.mjs').Execution} Execution */
/** @typedef {Awaited<ReturnType<typeof tenant>>} Tenant */

/** @param {Execution} execution what the log says of Cleeng: outcome, status or detail, requests */
function summary({ log }) {
  const line = log.map(({ text }) => text).join('\n');
  const found = / cleeng=(\S+)/.exec(line);
  assert.ok(found, line);
  return /** @type {string} */ (found[1]).replace(/:\d+ms:/, ':');
}

/** @param {Execution} execution @returns {string | undefined} */
const token = ({ tokens }) => tokens?.idToken?.claims.cleeng_access_token;

/** @param {string | undefined} jwt */
const claimsOf = (jwt) => JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString());

/** @param {string} name another user */
const user = (name) => ({ user: { user_id: `auth0|${name}`, email: `${name}@example.com` } });

/** @param {Tenant} opened @param {Record<string, any>} [over] */
async function login(opened, over) {
  const execution = await opened.login(over);
  assertSound(execution, opened.event(over));
  assert.equal(execution.thrown, null);
  return execution;
}

/** @param {Execution} execution @param {string} outcome */
function assertDenied(execution, outcome) {
  assert.equal(execution.denied, REASON(outcome));
  assert.equal(execution.tokens, null);
  assert.deepEqual(
    execution.commands.map(({ method }) => method),
    ['access.deny'],
    'a denied login asks for nothing else',
  );
}

describe('the token', () => {
  it('becomes the ID-token claim, and nothing else is asked for', async (t) => {
    const opened = await tenant(t);
    const execution = await login(opened);
    assert.equal(summary(execution), 'ok:200:1');
    assert.deepEqual(execution.commands, [
      { method: 'idToken.setCustomClaim', args: ['cleeng_access_token', token(execution)] },
    ]);
    assert.equal(execution.requests[0]?.responseBody, JSON.stringify({ accessToken: token(execution) }));
  });

  /** @type {[string, unknown, string][]} */
  const wrong = [
    ['is missing', {}, 'no-token'],
    ['is null', { accessToken: null }, 'no-token'],
    ['is no text', { accessToken: { jwt: 'a.b.c' } }, 'no-token'],
    ['is no JWT', { accessToken: 'opaque' }, 'not-a-jwt'],
    ['has three parts that are nothing', { accessToken: 'a.b.c' }, 'not-a-jwt'],
    ['has expired', { accessToken: sign({ exp: 1_700_000_000 }, 'x') }, 'expired'],
    ['is in an answer that is a list', [{ accessToken: sign({ exp: 4_000_000_000 }, 'x') }], 'no-token'],
    ['is in an answer that is not JSON', 'accessToken=a.b.c', 'not-json'],
  ];
  for (const [what, body, detail] of wrong) {
    it(`denies the login when it ${what}`, async (t) => {
      const opened = await tenant(t);
      opened.standIns.systems.cleeng.answer = () => ({ status: 200, body });
      const execution = await login(opened);
      assertDenied(execution, 'invalid');
      assert.equal(summary(execution), `invalid:200:${detail}:1`);
    });
  }

  it('without an expiry is handed on and not reused', async (t) => {
    const opened = await tenant(t);
    opened.standIns.systems.cleeng.answer = () => ({
      status: 200,
      body: { accessToken: sign({ customerId: '1' }, 'x') },
    });
    assert.ok(token(await login(opened)));
    assert.equal(summary(await login(opened)), 'ok:200:1');
  });
});

describe('a registration', () => {
  it('is told to Cleeng, without request, transaction and client, and sets nothing', async (t) => {
    const opened = await tenant(t);
    const execution = await opened.register();
    assertSound(execution, opened.event());
    assert.deepEqual([execution.thrown, execution.commands, summary(execution)], [null, [], 'ok:200:1']);
    assert.equal(opened.standIns.systems.cleeng.customers.size, 1);
  });

  for (const name of [...FAULTS, ...ANSWER_STATUSES]) {
    it(`goes through with the fault ${name}`, async (t) => {
      const opened = await tenant(t, { code: limited(name) });
      opened.standIns.fault(name);
      const execution = await opened.register();
      assertSound(execution, opened.event());
      assert.deepEqual([execution.thrown, execution.error, execution.commands], [null, null, []]);
      assert.match(execution.log[0]?.text ?? '', /^login-sync trigger=post-user-registration result=done /);
    });
  }
});

/**
 * The paste for a test with this fault.
 * @param {string} fault
 * @param {unknown} [onFailure]
 */
function limited(fault, onFailure) {
  const timeoutMs = TIMEOUT_MS[fault] ?? BUDGET_MS;
  return withConfig(readPaste(), {
    syncs: [{ use: 'cleeng', timeoutMs, ...(onFailure ? { onFailure } : {}) }],
    budgetMs: BUDGET_MS,
  });
}

/** For each fault: what the log says of it, and whether it is a failure. @type {Record<string, string>} */
const OUTCOMES = {
  timeout: 'unavailable:timeout:2',
  reset: 'unavailable:ECONNRESET:2',
  slow: 'unavailable:timeout:2',
  garbage: 'invalid:200:not-json:1',
  'half-body': 'unavailable:ECONNRESET:2',
  huge: 'invalid:too-large:1',
  redirect: 'invalid:302:1',
  empty: 'invalid:200:empty:1',
  stale: 'ok:200:1',
  400: 'rejected:400:1',
  401: 'unauthorized:401:1',
  403: 'unauthorized:403:1',
  404: 'rejected:404:1',
  409: 'conflict:409:1',
  // It asks for a second.
  429: 'unavailable:429:2',
  // No login waits for so long.
  '429:3': 'unavailable:429:1',
  500: 'unavailable:500:2',
  503: 'unavailable:503:2',
  '503:3': 'unavailable:503:1',
};

/** @param {import('node:test').TestContext} t @param {string} name @param {string} said @param {unknown} policy */
async function check(t, name, said, policy) {
  const opened = await tenant(t, { code: limited(name, policy) });
  opened.standIns.fault(name);
  const execution = await login(opened);
  assert.equal(summary(execution), said);
  assert.ok(execution.ms < 2 * (TIMEOUT_MS[name] ?? 0) + SLACK_MS, `it took ${execution.ms} ms`);
  const told = `${execution.denied ?? ''} ${execution.log.map(({ text }) => text).join(' ')}`;
  assert.ok(!/ID\d{4}|parameters|credentials|elsewhere|html/i.test(told), `an outside text is told: ${told}`);
  assert.ok(
    opened.standIns.arrivals.every(({ headers }) => headers.authorization === `Bearer ${SECRETS.CLEENG_CLIENT_SECRET}`),
  );
  const outcome = /** @type {string} */ (said.split(':')[0]);
  const methods = execution.commands.map(({ method, args }) => `${method} ${args[0]}`);
  if (outcome === 'ok') assert.ok(token(execution));
  else if (policy === undefined) assertDenied(execution, outcome);
  else if (policy === 'allow') assert.deepEqual([methods, execution.denied], [[], null]);
  else if (policy === 'mfa') assert.deepEqual(methods, ['multifactor.enable any']);
  else assert.deepEqual(methods, ['access.deny Please call us.']);
  // The next login is none the worse for it.
  opened.standIns.heal();
  assert.ok(token(await login(opened, user('next'))));
}

describe('a fault of Cleeng’s', () => {
  it('is in the table, each of them', () => {
    assert.deepEqual(Object.keys(OUTCOMES).sort(), [...FAULTS, ...ANSWER_STATUSES].sort());
  });

  for (const [name, said] of Object.entries(OUTCOMES)) {
    const outcome = /** @type {string} */ (said.split(':')[0]);
    it(`${name}: ${outcome}, in time, by policy`, async (t) => {
      const policies = [undefined, 'allow', { deny: 'Please call us.' }, 'mfa'];
      await Promise.all(policies.map((policy) => check(t, name, said, policy)));
    });
  }

  it('stale: a kept connection that was closed costs one request more and no failure', async (t) => {
    const opened = await tenant(t);
    stopClock(t);
    await login(opened);
    opened.standIns.fault('stale', { times: 1 });
    const execution = await login(opened, user('other'));
    assert.equal(summary(execution), 'ok:200:2');
    const keys = opened.standIns.arrivals.slice(1).map(({ headers }) => headers['idempotency-key']);
    assert.ok(keys.length === 2 && keys[0] === keys[1], 'both are the same request to Cleeng');
  });

  it('passes when the second try is good', async (t) => {
    const opened = await tenant(t);
    opened.standIns.fault('503', { times: 1 });
    const execution = await login(opened);
    assert.equal(summary(execution), 'ok:200:2');
    const [first, second] = opened.standIns.arrivals;
    assert.deepEqual(
      [first?.body, first?.headers['idempotency-key']],
      [second?.body, second?.headers['idempotency-key']],
    );
  });
});

describe('an e-mail address that belongs to another Auth0 user', () => {
  it('is a conflict, never retried, in the same words each time', async (t) => {
    const opened = await tenant(t);
    await login(opened);
    for (let i = 0; i < 2; i += 1) {
      const execution = await login(opened, { user: { user_id: 'google-oauth2|1' } });
      assertDenied(execution, 'conflict');
      assert.equal(summary(execution), 'conflict:409:1');
    }
  });
});

describe('secrets', () => {
  const other = sign({ publisherId: '123456789', iat: 1_767_225_601 }, 'invented');

  it('that have expired are named in the log, and not shown', async (t) => {
    const expired = sign({ publisherId: '1', exp: 1_700_000_000 }, 'invented');
    const opened = await tenant(t, { secrets: { CLEENG_CLIENT_SECRET: expired } });
    for (const status of [200, 401]) {
      if (status === 401) opened.standIns.systems.cleeng.accepted = [];
      const execution = await login(opened, user(String(status)));
      const line = execution.log[0]?.text ?? '';
      assert.match(line, / warn=CLEENG_CLIENT_SECRET-expired /);
      for (const part of expired.split('.')) assert.ok(!line.includes(part));
      assert.equal(execution.denied, status === 200 ? null : REASON('unauthorized'));
    }
  });

  it('that were rotated: the second is tried, and from then on comes first', async (t) => {
    const opened = await tenant(t, { secrets: { ...SECRETS, CLEENG_CLIENT_SECRET_NEXT: other } });
    opened.standIns.systems.cleeng.accepted = [other];
    assert.equal(summary(await login(opened)), 'ok:200:2');
    assert.equal(summary(await login(opened, user('next'))), 'ok:200:1');
    const sent = opened.standIns.arrivals.map(({ headers }) => headers.authorization);
    assert.deepEqual(
      sent,
      [SECRETS.CLEENG_CLIENT_SECRET, other, other].map((secret) => `Bearer ${secret}`),
    );
    opened.standIns.systems.cleeng.accepted = [SECRETS.CLEENG_CLIENT_SECRET];
    assert.equal(summary(await login(opened, user('back'))), 'ok:200:2');
  });

  it('that are both refused deny the login after one request each', async (t) => {
    const opened = await tenant(t, { secrets: { ...SECRETS, CLEENG_CLIENT_SECRET_NEXT: other } });
    opened.standIns.systems.cleeng.accepted = [];
    const execution = await login(opened);
    assertDenied(execution, 'unauthorized');
    assert.equal(summary(execution), 'unauthorized:401:2');
  });
});

describe('reuse', () => {
  const refresh = { transaction: { protocol: 'oauth2-refresh-token' } };

  it('a refresh-token exchange costs no call while the token is good, and one near its expiry', async (t) => {
    const opened = await tenant(t, { now: () => Date.now() });
    const start = Date.now();
    let minutes = 0;
    t.mock.method(Date, 'now', () => start + minutes * 60_000);
    const first = await login(opened);
    // It lives for an hour, and is handed out for three quarters of that.
    minutes = 44;
    const again = await login(opened, refresh);
    assert.deepEqual([summary(again), token(again), again.requests], ['reused', token(first), []]);
    minutes = 46;
    const late = await login(opened, refresh);
    assert.equal(summary(late), 'ok:200:1');
    assert.equal(claimsOf(token(late)).exp - claimsOf(token(first)).exp, 46 * 60);
    assert.equal(summary(await login(opened, refresh)), 'reused');
  });

  it('a token in its last minute is not kept', async (t) => {
    const opened = await tenant(t);
    opened.standIns.systems.cleeng.lifetime = 59;
    for (let i = 0; i < 2; i += 1) assert.equal(summary(await login(opened)), 'ok:200:1');
  });

  it('is of the same request only: a user who changes a name is synced', async (t) => {
    const opened = await tenant(t);
    await login(opened);
    assert.equal(summary(await login(opened, { user: { family_name: 'Berg' } })), 'ok:200:1');
    assert.equal(JSON.parse(opened.standIns.arrivals[1]?.body ?? '').lastName, 'Berg');
  });

  it('a failure is not kept', async (t) => {
    const opened = await tenant(t);
    opened.standIns.fault('409', { times: 1 });
    assertDenied(await login(opened), 'conflict');
    assert.equal(summary(await login(opened)), 'ok:200:1');
  });

  it('another instance knows nothing of it', async (t) => {
    const opened = await tenant(t);
    await login(opened);
    const execution = await opened.newInstance().execute('post-login', opened.event());
    assert.equal(summary(execution), 'ok:200:1');
  });
});

describe('interleaved logins', () => {
  it('each user gets the token made for them, and two logins of one user cost one call', async (t) => {
    const opened = await tenant(t);
    const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
    const executions = await Promise.all([...names, ...names].map((name) => login(opened, user(name))));
    const customers = opened.standIns.systems.cleeng.customers;
    executions.forEach((execution, i) => {
      const name = names[i % names.length];
      assert.equal(claimsOf(token(execution)).customerId, customers.get(`${name}@example.com`)?.customerId);
      assert.equal(token(execution), token(/** @type {Execution} */ (executions[i % names.length])));
    });
    assert.equal(new Set(executions.map(token)).size, names.length);
    assert.equal(opened.standIns.arrivals.length, names.length);
  });
});
