// `login-sync deploy`, as a command, against a stand-in of the Management API: what it does, what it leaves alone, what it refuses.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CONFIG, LOGIN, setUp } from './deploying.mjs';
import { CLIENT, startTenant } from './management.mjs';

// Most of the time they wait, as Auth0 makes a deploy wait.
describe('deploy', { concurrency: 4 }, () => {
  it('makes an Action for each trigger, and adds each to the end of its flow', async (t) => {
    const { tenant, deploy } = await setUp(t);
    tenant.another('first');
    const { code, output } = await deploy(CONFIG);
    assert.equal(code, 0, output);
    assert.deepEqual(tenant.flow(), ['first', 'login-sync']);
    assert.deepEqual(tenant.flow('post-user-registration'), ['login-sync-registration']);
    for (const name of ['login-sync', 'login-sync-registration']) {
      const { deployed_version: version, secrets } = tenant.named(name);
      assert.match(version.code, /^\/\/ login-sync /);
      assert.deepEqual(
        secrets.map((/** @type {any} */ { name, value }) => [name, value]),
        [['CRM_KEY', 'crm-key-1']],
      );
    }
    assert.deepEqual(tenant.bindings()[0].config, { of: 'first' });
    assert.doesNotMatch(output, /crm-key-1/);
  });

  it('makes one for each flow of which the config says something, and leaves the event stream to its owner', async (t) => {
    const { tenant, deploy } = await setUp(t);
    const rule = { when: 'client.metadata.off', reason: 'No' };
    const config = {
      syncs: [
        { name: 'crm', on: ['event-stream', 'post-change-password'], request: { url: 'https://crm.example.com/' } },
      ],
      flows: {
        'credentials-exchange': { deny: [rule] },
        'pre-user-registration': { userMetadata: { a: 'user.email' } },
      },
    };
    const { code, output } = await deploy(config, [], {});
    assert.equal(code, 0, output);
    const made = ['pre-user-registration', 'credentials-exchange', 'post-change-password', 'event-stream'];
    assert.deepEqual(
      tenant.actions.map(({ name }) => name),
      made.map((trigger) => `login-sync-${trigger}`),
    );
    for (const trigger of made)
      assert.deepEqual(tenant.flow(trigger), trigger === 'event-stream' ? [] : [`login-sync-${trigger}`]);
    assert.match(output, /event-stream on node22\n(.+\n)+ {2}leave it to you to make an event stream with it/);
    const { id } = tenant.named('login-sync-event-stream');
    // What makes an event stream wants the id.
    assert.ok(output.includes(`  done: its id is ${id}`), output);
    assert.equal(JSON.parse((await deploy(config, ['--json'], {})).output).actions.at(-1).id, id);
    assert.match(
      (await deploy(config, [], {})).output,
      /login-sync-event-stream \(event-stream\) in .*: nothing to do/,
    );
    const none = await deploy({ flows: { 'credentials-exchange': {} } }, [], {});
    assert.match(none.output, /^error: the config has no `syncs`, and no secret/);
  });

  it('does nothing when nothing has changed, also without the secrets at hand', async (t) => {
    const { tenant, deploy, writes } = await setUp(t);
    await deploy(CONFIG);
    const before = writes().length;
    const { code, output } = await deploy(CONFIG, [], {});
    assert.equal(code, 0, output);
    assert.match(output, /login-sync \(post-login\) in .*: nothing to do/);
    assert.equal(writes().length, before);
    assert.equal(tenant.named('login-sync').versions.length, 1);
  });

  it('--dry-run says what differs, and changes nothing', async (t) => {
    const { tenant, deploy, writes } = await setUp(t, { scopes: ['read:actions'] });
    const first = await deploy(LOGIN, ['--dry-run']);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /would:\n {2}make the Action, for post-login on node22\n {2}put in the code, .* bytes/);
    assert.match(first.output, /set the secret CRM_KEY\n {2}deploy it\n {2}add it to the flow of post-login, alone/);
    assert.deepEqual([writes(), tenant.actions], [[], []]);
  });

  it('says where the config has changed, and deploys it', async (t) => {
    const { tenant, deploy } = await setUp(t);
    await deploy(LOGIN);
    const changed = { syncs: LOGIN.syncs.map((entry) => ({ ...entry, timeoutMs: 900 })) };
    const { code, output } = await deploy(changed, ['--json'], {});
    assert.equal(code, 0, output);
    const [action] = JSON.parse(output).actions;
    assert.deepEqual(action.steps, ['change the code: the config changes at syncs[0].timeoutMs', 'deploy it']);
    assert.equal(tenant.named('login-sync').versions.length, 2);
    assert.equal(tenant.named('login-sync').secrets[0].value, 'crm-key-1');
  });

  it('refuses a secret that is not set, blank, or a marker that nothing replaced; and changes nothing', async (t) => {
    const { deploy, writes } = await setUp(t);
    for (const secrets of [
      {},
      { CRM_KEY: '' },
      { CRM_KEY: ' ' },
      { CRM_KEY: '##CRM_KEY##' },
      { CRM_KEY: '@@CRM_KEY@@' },
    ]) {
      const { code, output } = await deploy(CONFIG, [], /** @type {Record<string, string>} */ (secrets));
      assert.equal(code, 2, output);
      assert.match(
        output,
        /^error: `login-sync`: the secret `CRM_KEY` is not set.*: set it in the environment, or in the file of `--secrets`$/,
      );
    }
    assert.deepEqual(writes(), []);
  });

  it('says which secrets are not set and not needed: what they are for is left out without a word', async (t) => {
    const { tenant, deploy } = await setUp(t);
    const bearer = ['OTEL_TOKEN', 'OTEL_TOKEN_NEXT'];
    const config = {
      syncs: [
        {
          ...LOGIN.syncs[0],
          request: { ...LOGIN.syncs[0]?.request, headers: { 'x-team': { secret: 'TEAM', optional: true } } },
        },
      ],
      metrics: { url: 'https://otel.example.com/v1/metrics', headers: { authorization: { bearer } } },
    };
    const unset = ['TEAM', 'OTEL_TOKEN (or OTEL_TOKEN_NEXT)'];
    for (const again of [false, true]) {
      const { code, output } = await deploy(config, [], {});
      assert.equal(code, 0, output);
      assert.equal(output.includes('nothing to do'), again);
      for (const secret of unset) assert.ok(output.includes(`  it runs without ${secret}: not set`), output);
    }
    assert.deepEqual(JSON.parse((await deploy(config, ['--json'], {})).output).actions[0].unset, unset);
    const { output } = await deploy(config, [], { OTEL_TOKEN_NEXT: 'token-1', TEAM: 'team-1' });
    assert.doesNotMatch(output, /without/);
    assert.equal(tenant.named('login-sync').secrets.length, 2);
    assert.doesNotMatch((await deploy(config, [], {})).output, /without/);
  });

  it('sends secrets that are there only with --all-secrets', async (t) => {
    const { tenant, deploy } = await setUp(t);
    await deploy(LOGIN);
    await deploy(LOGIN, [], { CRM_KEY: 'crm-key-2' });
    assert.equal(tenant.named('login-sync').secrets[0].value, 'crm-key-1');
    const { code, output } = await deploy(LOGIN, ['--all-secrets'], { CRM_KEY: 'crm-key-2' });
    assert.equal(code, 0, output);
    assert.equal(tenant.named('login-sync').deployed_version.secrets[0].value, 'crm-key-2');
  });

  it('takes from the file what is empty in the environment, as a secret is in CI that is not there', async (t) => {
    const { tenant, deploy, folder } = await setUp(t);
    await writeFile(path.join(folder, 'deploy.env'), `CRM_KEY=of-the-file\nAUTH0_CLIENT_ID=${CLIENT.id}\n`);
    const { code, output } = await deploy(LOGIN, ['--secrets', 'deploy.env'], { CRM_KEY: '', AUTH0_CLIENT_ID: '' });
    assert.equal(code, 0, output);
    assert.equal(tenant.named('login-sync').secrets[0].value, 'of-the-file');
  });

  it('never drops a secret whose value it does not know', async (t) => {
    const { tenant, deploy } = await setUp(t);
    await deploy(LOGIN);
    const two = {
      syncs: [
        ...LOGIN.syncs,
        {
          ...LOGIN.syncs[0],
          name: 'other',
          request: { ...LOGIN.syncs[0]?.request, headers: { 'x-api-key': { secret: 'OTHER_KEY' } } },
        },
      ],
    };
    const refused = await deploy(two, [], { OTHER_KEY: 'other-key-1' });
    assert.equal(refused.code, 2, refused.output);
    assert.match(refused.output, /set `CRM_KEY` in the environment or in the file of `--secrets`, too/);
    const { code, output } = await deploy(two, [], { OTHER_KEY: 'other-key-1', CRM_KEY: 'crm-key-1' });
    assert.equal(code, 0, output);
    assert.deepEqual(
      tenant
        .named('login-sync')
        .deployed_version.secrets.map((/** @type {any} */ { name }) => name)
        .sort(),
      ['CRM_KEY', 'OTHER_KEY'],
    );
    const pruned = await deploy(LOGIN, ['--prune']);
    assert.equal(pruned.code, 0, pruned.output);
    assert.match(pruned.output, /remove the secret OTHER_KEY/);
    assert.deepEqual(
      tenant.named('login-sync').secrets.map((/** @type {any} */ { name }) => name),
      ['CRM_KEY'],
    );
  });

  it('never removes the secrets of a preset, which may be on by them alone', async (t) => {
    const { tenant, deploy } = await setUp(t);
    const both = { CLEENG_CLIENT_SECRET: 'cleeng-1', USERHUB_API_KEY: 'userhub-1', USERHUB_CONNECTION_ID: 'conn-1' };
    assert.equal((await deploy({}, [], both)).code, 0);
    const { code, output } = await deploy({}, ['--prune'], { CLEENG_CLIENT_SECRET: 'cleeng-1' });
    assert.equal(code, 0, output);
    assert.match(output, /nothing to do/);
    assert.equal(tenant.named('login-sync').secrets.length, 3);
  });

  it('deploys again where a secret was changed after the deploy', async (t) => {
    const { tenant, deploy } = await setUp(t);
    await deploy(LOGIN);
    tenant.named('login-sync').secrets[0].updated_at = new Date(Date.now() + 1000).toISOString();
    const { code, output } = await deploy(LOGIN, [], {});
    assert.equal(code, 0, output);
    assert.match(output, /:\n {2}deploy it\n {2}done/);
  });

  it('leaves an Action alone that is not login-sync', async (t) => {
    const { tenant, deploy, writes } = await setUp(t);
    tenant.another('login-sync');
    const { code, output } = await deploy(LOGIN);
    assert.equal(code, 2);
    assert.match(output, /that is not login-sync: choose another `--name`/);
    assert.deepEqual(writes(), []);
    assert.equal((await deploy(LOGIN, ['--name', 'login sync 2'])).code, 0);
    assert.deepEqual(tenant.flow(), ['login-sync', 'login sync 2']);
  });

  it('reads every page of a list', async (t) => {
    const { tenant, deploy } = await setUp(t);
    for (let i = 0; i < 70; i += 1) tenant.another(`login-sync ${i}`, 'credentials-exchange');
    await deploy(LOGIN);
    const { output } = await deploy(LOGIN);
    assert.match(output, /nothing to do/);
  });

  it('says which scope is missing', async (t) => {
    const { deploy } = await setUp(t, { scopes: ['read:actions', 'create:actions'] });
    const { code, output } = await deploy(LOGIN);
    assert.equal(code, 1, output);
    assert.match(
      output,
      /error: the application may not do this: give it the scope `update:actions` in Applications > APIs/,
    );
  });

  it('tries again after a 429, and says so where that does not help', async (t) => {
    const { tenant, deploy } = await setUp(t);
    const busy = { status: 429, headers: { 'retry-after': '1' } };
    // The first is for a token, which Auth0's SDK itself asks for once only.
    tenant.instead.push(busy);
    const first = await deploy(LOGIN, ['--dry-run']);
    assert.equal(first.code, 0, first.output);
    const token = { status: 200, body: { access_token: 'x', expires_in: 60 } };
    tenant.instead.push(token, ...Array(6).fill(busy));
    const second = await deploy(LOGIN);
    assert.equal(second.code, 1, second.output);
    assert.match(second.output, /has taken too many requests of late: try again in a minute/);
  });

  it('repeats no secret that a refusal quotes', async (t) => {
    for (const secret of ['crm-key-that-is-secret', `${'long '.repeat(58)}secret`]) {
      const { deploy } = await setUp(t, {
        onRequest: (what) =>
          /^POST .*actions$/.test(what)
            ? { status: 400, body: { message: `Payload validation error: '${secret}' of ${CLIENT.secret}` } }
            : undefined,
      });
      const { code, output } = await deploy(LOGIN, [], { CRM_KEY: secret });
      assert.equal(code, 1, output);
      assert.match(output, /answered 400: Payload validation error: '…redacted' of …redacted/);
    }
  });

  it('says what is wrong with the credentials and the domain', async (t) => {
    const { deploy } = await setUp(t);
    const closed = await startTenant();
    await closed.close();
    const { code, output } = await deploy(LOGIN, [], { CRM_KEY: 'k', AUTH0_CLIENT_SECRET: 'wrong' });
    assert.equal(code, 1);
    assert.match(output, /refuses the application: check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET/);
    assert.match(
      (await deploy(LOGIN, [], { CRM_KEY: 'k', AUTH0_DOMAIN: 'https://x.auth0.com/' })).output,
      /AUTH0_DOMAIN: must be a host alone/,
    );
    assert.match(
      (await deploy(LOGIN, [], { CRM_KEY: 'k', AUTH0_DOMAIN: closed.domain })).output,
      /^error: cannot reach localhost:\d+: ECONNREFUSED/,
    );
    assert.match(
      (await deploy(LOGIN, [], { CRM_KEY: 'k', AUTH0_DOMAIN: '' })).output,
      /^error: needs `AUTH0_DOMAIN` in the environment or in the file of `--secrets`: /,
    );
  });

  it('--try runs the draft first, with the secrets, and deploys it only where it is good', async (t) => {
    /** @type {any[]} */
    const tried = [];
    let result = 'denied';
    const onTest = (/** @type {any} */ action, /** @type {any} */ event) => {
      tried.push([action.deployed_version, event.secrets, event.user.user_id]);
      return { logs: [{ text: `login-sync trigger=post-login result=${result} ms=3 crm=ok\n` }] };
    };
    const { tenant, deploy } = await setUp(t, { onTest });
    assert.match((await deploy(LOGIN, ['--try'])).output, /there is no one to ask: add `--yes`/);
    assert.equal(tried.length, 0);
    const bad = await deploy(LOGIN, ['--try', '--yes']);
    assert.equal(bad.code, 1, bad.output);
    assert.match(bad.output, /is not deployed, for in Auth0 it said: login-sync trigger=post-login result=denied/);
    assert.deepEqual(tried, [[undefined, { CRM_KEY: 'crm-key-1' }, 'auth0|67a1f0c2d4b8e9000a1b2c3d']]);
    assert.deepEqual(tenant.flow(), []);
    result = 'allowed';
    const good = await deploy(LOGIN, ['--try', '--yes']);
    assert.equal(good.code, 0, good.output);
    assert.match(good.output, /tried in Auth0: login-sync trigger=post-login result=allowed/);
    assert.deepEqual(tenant.flow(), ['login-sync']);
  });

  it('--try shows the log line alone, also where it is in a text with other things', async (t) => {
    const line = 'login-sync trigger=post-login result=allowed ms=3 crm=ok';
    for (const text of [
      `${line}\nmaja@example.com`,
      JSON.stringify({ text: `${line}\nmaja@example.com` }),
      `${line} ${'x'.repeat(256)}maja@example.com`,
    ]) {
      const { deploy } = await setUp(t, { onTest: () => ({ text }) });
      const { code, output } = await deploy(LOGIN, ['--try', '--yes']);
      assert.equal(code, 0, output);
      assert.match(output, /tried in Auth0: login-sync trigger=post-login result=allowed ms=3 crm=ok/);
      assert.doesNotMatch(output, /maja/);
    }
  });
});
