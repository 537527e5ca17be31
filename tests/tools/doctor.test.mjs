// `login-sync doctor`, as a command: it finds what `deploy` would change and what was changed by hand, and it changes nothing.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { withoutWaits } from '../patience.mjs';
import { env } from './deploying.mjs';
import { startTenant } from './management.mjs';

/** @param {Record<string, unknown>} [more] */
const config = (more) => ({
  syncs: [
    {
      name: 'crm',
      request: { url: 'https://crm.example.com/', headers: { 'x-api-key': { secret: 'CRM_KEY' } } },
      ...more,
    },
  ],
});

/** @param {import('node:test').TestContext} t */
async function deployed(t) {
  const tenant = await startTenant();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-doctor-'));
  t.after(async () => {
    await tenant.close();
    await rm(folder, { recursive: true, force: true });
  });
  const file = path.join(folder, 'config.json');
  /** @param {string} verb @param {unknown} given @param {string[]} args @param {Record<string, string>} [secrets] */
  const verb = async (verb, given, args = [], secrets = {}) => {
    await writeFile(file, JSON.stringify(given));
    const command = [path.join(root, `tools/commands/${verb}.mjs`), '--config', file, ...args];
    const ran = await run(process.execPath, command, { cwd: folder, env: { ...env, ...tenant.env, ...secrets } });
    return { ...ran, output: withoutWaits(ran.output) };
  };
  tenant.another('first');
  const { code, output } = await verb('deploy', config(), [], { CRM_KEY: 'crm-key-1' });
  assert.equal(code, 0, output);
  tenant.requests.length = 0;
  /** @param {unknown} given @param {string[]} [args] */
  const doctor = async (given, args) => {
    const ran = await verb('doctor', given, args);
    const wrote = tenant.requests.filter((request) => !/^GET|^POST \/oauth\/token$/.test(request));
    assert.deepEqual(wrote, []);
    return ran;
  };
  return { tenant, doctor };
}

it('all is as the config gives it', async (t) => {
  const { doctor } = await deployed(t);
  const { code, output } = await doctor(config());
  assert.equal(code, 0, output);
  assert.deepEqual(
    output.split('\n').map((line) => line.replace(/[\d,]+ bytes/, 'N bytes')),
    [
      '✓ login-sync: the deployed code is the one of the config, N bytes',
      '✓ login-sync: runs on node22',
      '✓ login-sync: all secrets are set: CRM_KEY',
      '✓ login-sync: is number 2 of 2 in the flow of post-login',
      '- login-sync: has not run of late: none of the last 100 log entries is of a flow with Actions',
    ],
  );
});

it('what differs, each in words', async (t) => {
  const { tenant, doctor } = await deployed(t);
  const action = tenant.named('login-sync');
  action.deployed_version.runtime = 'node18';
  action.secrets = [{ name: 'OLD_KEY', value: 'x', updated_at: new Date(Date.now() + 5000).toISOString() }];
  tenant.bindings().length = 1;
  const { code, output } = await doctor(config({ timeoutMs: 800 }), ['--json']);
  assert.equal(code, 1, output);
  const { good, findings } = JSON.parse(output);
  assert.equal(good, false);
  assert.deepEqual(
    findings.filter((/** @type {any} */ { ok }) => ok !== true).map((/** @type {any} */ { text }) => text),
    [
      'deploying would change the code: the config changes at syncs[0].timeoutMs',
      'runs on node18, not node22',
      'the secret `CRM_KEY` is not set',
      'changed after the deploy, and not in use yet: OLD_KEY',
      'has secrets that the config does not name: OLD_KEY',
      'is not in the flow of post-login, so it never runs',
      'has not run of late: none of the last 100 log entries is of a flow with Actions',
    ],
  );
});

it('a secret that is not set and not needed, and the id that an event stream wants', async (t) => {
  const { tenant, doctor } = await deployed(t);
  const metrics = { url: 'https://otel.example.com/', headers: { authorization: { bearer: 'OTEL_TOKEN' } } };
  const { output } = await doctor({ ...config(), metrics });
  assert.match(output, /^- login-sync: runs without OTEL_TOKEN: not set, and what it is for is left out$/m);
  assert.doesNotMatch(output, /all secrets are set/);
  const { id } = tenant.named('login-sync');
  tenant.named('login-sync').name = 'login-sync-event-stream';
  assert.ok((await doctor(config({ on: ['event-stream'] }))).output.includes(`has the id ${id}, for its event stream`));
});

it('an Action that is not there, or was never deployed', async (t) => {
  const { tenant, doctor } = await deployed(t);
  delete tenant.named('login-sync').deployed_version;
  assert.match((await doctor(config())).output, /^✗ login-sync: was never deployed: run `deploy`/);
  const { code, output } = await doctor(config(), ['--name', 'other']);
  assert.equal(code, 1);
  assert.match(output, /^✗ other: is not in the tenant: run `deploy`/);
});

it('what the logs and executions say: durations, denials and errors, and no personal data', async (t) => {
  const { tenant, doctor } = await deployed(t);
  /** @param {string} id @param {string} type @param {number} ms @param {object} [error] */
  const login = (id, type, ms, error) => run('login-sync', id, type, ms, error);
  /** @param {string} name @param {string} id @param {string} type @param {number} ms @param {object} [error] */
  const run = (name, id, type, ms, error) => {
    tenant.logs.push({
      log_id: `log-${id}`,
      type,
      description: 'maja@example.com is blocked',
      user_name: 'maja@example.com',
      details: { actions: { executions: [id] } },
    });
    const started_at = '2026-11-27T10:00:00.000Z';
    const ended_at = new Date(Date.parse(started_at) + ms).toISOString();
    tenant.executions[id] = {
      id,
      trigger_id: 'post-login',
      results: [
        { action_name: 'first', started_at, ended_at: started_at },
        { action_name: name, started_at, ended_at, ...(error && { error }) },
      ],
    };
  };
  login('1', 's', 120);
  login('2', 's', 80);
  login('3', 'f', 2000);
  login('4', 'f', 15, { msg: 'maja@example.com' });
  tenant.logs.push({ log_id: 'log-5', type: 'sapi', details: {} });
  const { code, output } = await doctor(config());
  assert.equal(code, 0, output);
  assert.match(output, /ran 4 times in the last logs: half within 120 ms, the slowest 2000 ms/);
  assert.match(output, /1 login ended with it, denied: see the log log-3/);
  assert.match(output, /threw 1 time: see the log log-4/);
  assert.doesNotMatch(output, /maja/);
  run('login-sync-credentials-exchange', '6', 'feccft', 15);
  tenant.named('login-sync').name = 'login-sync-credentials-exchange';
  const machine = config({ on: ['credentials-exchange'], response: undefined });
  assert.match((await doctor(machine)).output, /1 exchange ended with it, denied: see the log log-6/);
});

it('without the scope for logs, all else is said', async (t) => {
  const { tenant, doctor } = await deployed(t);
  tenant.scopes.splice(0, 5, 'read:actions');
  const { code, output } = await doctor(config());
  assert.equal(code, 0, output);
  assert.match(output, /of denials and durations nothing is known: .*give it the scope `read:logs`/);
});

it('an Action that has not run: no more entries are named than were looked at', async (t) => {
  const { tenant, doctor } = await deployed(t);
  for (let i = 0; i < 60; i += 1) {
    tenant.logs.push({ log_id: `log-${i}`, type: 's', details: { actions: { executions: ['1'] } } });
  }
  tenant.executions['1'] = { id: '1', trigger_id: 'post-login', results: [{ action_name: 'another' }] };
  const { output } = await doctor(config());
  assert.match(output, /- login-sync: ran in none of the last log entries with Actions: 25 looked at$/);
});
