// `login-sync deploy` where others change the same tenant meanwhile, or something else answers in its place: nothing of theirs is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROGRAM_MS } from '../patience.mjs';
import { CONFIG, LOGIN, setUp } from './deploying.mjs';

// Most of the time they wait, as Auth0 makes a deploy wait.
describe('deploy among others', { concurrency: 4 }, () => {
  it('keeps all Actions of a flow when two run at once', { timeout: PROGRAM_MS }, async (t) => {
    const { tenant, deploy } = await setUp(t, { latencyMs: () => 50 + Math.random() * 150 });
    for (const name of ['a', 'b', 'c']) tenant.another(name);
    const ran = await Promise.all([
      deploy(LOGIN, ['--name', 'one']),
      deploy(LOGIN, ['--name', 'two']),
      deploy(LOGIN, ['--name', 'two']),
    ]);
    for (const { code, output } of ran) assert.equal(code, 0, output);
    assert.deepEqual(tenant.flow().slice(0, 3), ['a', 'b', 'c']);
    assert.deepEqual(tenant.flow().slice(3).sort(), ['one', 'two']);
  });

  it('ends where an Action of that name is there and not to be found', { timeout: PROGRAM_MS }, async (t) => {
    const { tenant, deploy, writes } = await setUp(t, {
      onRequest: (what) => (/^POST .*actions$/.test(what) ? { status: 409, body: { message: 'exists' } } : undefined),
    });
    tenant.another('Login-Sync');
    const { code, output } = await deploy(LOGIN);
    assert.equal(code, 1, output);
    assert.match(output, /error: the tenant has an Action like `login-sync`, perhaps .*: choose another `--name`$/m);
    assert.ok(writes().length < 10);
  });

  it('says that something was changed where that is so', async (t) => {
    const { tenant, deploy } = await setUp(t, {
      onRequest: (what) => {
        // While the first is deployed, someone makes one of the second's name.
        if (/deploy$/.test(what) && tenant.actions.length === 1) tenant.another('login-sync-registration');
        return undefined;
      },
    });
    const { code, output } = await deploy(CONFIG);
    assert.equal(code, 1, output);
    assert.match(output, /login-sync-registration` for post-login: choose another `--name`; what is above is done/);
    assert.deepEqual(tenant.flow(), ['login-sync-registration', 'login-sync']);
  });

  it('writes no secrets that are older than what was done before', async (t) => {
    let at = 0;
    const { tenant, deploy } = await setUp(t, {
      onRequest: (what) => {
        // While the first is deployed, someone adds a secret to the second.
        if (/deploy$/.test(what) && (at += 1) === 3)
          tenant.named('login-sync-registration').secrets.push({ name: 'THEIRS', value: 'x', updated_at: new Date() });
        return undefined;
      },
    });
    assert.equal((await deploy(CONFIG)).code, 0);
    const again = await deploy(CONFIG, ['--all-secrets'], { CRM_KEY: 'crm-key-2' });
    assert.equal(again.code, 1, again.output);
    assert.match(again.output, /set `THEIRS` in the environment .*; what is above is done$/);
    const held = (/** @type {string} */ name) =>
      tenant.named(name).secrets.map((/** @type {any} */ each) => each.value);
    assert.deepEqual([held('login-sync'), held('login-sync-registration')], [['crm-key-2'], ['crm-key-1', 'x']]);
  });

  it('writes no flow that is older than a refusal', async (t) => {
    for (const status of [429, 503]) {
      let refused = 0;
      const { tenant, deploy } = await setUp(t, {
        onRequest: (what) => {
          if (!/^PATCH .*bindings$/.test(what) || (refused += 1) > 1) return undefined;
          // While it waits, another tool adds an Action.
          tenant.another('theirs');
          return { status, headers: { 'retry-after': '1' } };
        },
      });
      tenant.another('first');
      const { code, output } = await deploy(LOGIN);
      assert.equal(code, 0, output);
      assert.deepEqual(tenant.flow(), ['first', 'theirs', 'login-sync']);
    }
  });

  it('takes no flow that it cannot read for an empty one: it would be written back', async (t) => {
    // It is read once for the plan, once right before it is written, and once after.
    for (const reading of [1, 2, 3]) {
      let met = 0;
      const { tenant, deploy } = await setUp(t, {
        onRequest: (what) =>
          /^GET .*bindings$/.test(what) && (met += 1) === reading ? { status: 200, text: '<html></html>' } : undefined,
      });
      tenant.another('first');
      const { code, output } = await deploy(LOGIN);
      assert.equal(code, 1, output);
      assert.match(output, /^error: localhost:\d+ gave an answer that Auth0 does not give: [^\n]*$/m);
      assert.deepEqual(tenant.flow(), ['first', 'login-sync'].slice(0, reading === 3 ? 2 : 1));
      assert.equal((await deploy(LOGIN)).code, 0);
      assert.deepEqual(tenant.flow(), ['first', 'login-sync']);
    }
  });
});
