// What the config must do. `node --test` runs this, without a network and in a fraction of a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, simulate } from 'login-sync';

const CONFIG = new URL('login-sync.json', import.meta.url);
const PLAN = 'https://example.com/plan';

test('the config has no error and no warning', () => {
  assert.deepEqual(check(CONFIG), { errors: [], warnings: [] });
});

test('the shop is told who logs in, and its plan is in the ID token', async () => {
  const login = await simulate(CONFIG, {
    over: { user: { email: 'you@example.com' } },
    answers: { 'api.example.com': { body: { plan: 'gold' } } },
  });
  assert.equal(login.outcome, 'allowed');
  assert.equal(JSON.parse(login.requests[0].body).email, 'you@example.com');
  assert.equal(login.tokens.idToken?.[PLAN], 'gold');
});

test('a user without a plan has no claim', async () => {
  const login = await simulate(CONFIG, { answers: { 'api.example.com': { body: {} } } });
  assert.deepEqual(
    login.leftOut.map(({ expression, why }) => [expression, why]),
    [['plan', '`plan` is null']],
  );
});

test('the login goes on while the shop is down', async () => {
  const login = await simulate(CONFIG, { faults: 'timeout' });
  assert.equal(login.outcome, 'allowed');
  assert.equal(login.syncs[0].outcome, 'unavailable');
  assert.equal(login.tokens.idToken?.[PLAN], undefined);
});
