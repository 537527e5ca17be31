// What the config must do. `node --test` runs this, without a network and in a fraction of a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, simulate } from 'login-sync';

const CONFIG = new URL('login-sync.json', import.meta.url);

test('the config has no error and no warning', () => {
  const { errors, warnings } = check(CONFIG);
  assert.deepEqual([errors, warnings.filter(({ level }) => level === 'warning')], [[], []]);
});

// What waits for something, such as consent, is skipped.
test('a login goes on, and no system fails', async () => {
  const login = await simulate(CONFIG);
  assert.equal(login.outcome, 'allowed');
  assert.deepEqual(
    login.syncs.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'skipped'),
    [],
  );
});
