// `login-sync bundle --for`: auth0-deploy-cli itself imports what is written for it into a stand-in of the Management API, and no
// other Action of a flow is lost. Terraform is not run: its files are compared with what the provider documents.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { env } from './deploying.mjs';
import { startTenant } from './management.mjs';

const CONFIG = {
  syncs: [
    {
      name: 'crm',
      on: ['post-login', 'post-user-registration'],
      request: { url: 'https://crm.example.com/', headers: { 'x-api-key': { secret: 'CRM_KEY' } } },
    },
  ],
};

/** @param {import('node:test').TestContext} t */
async function setUp(t) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(CONFIG));
  /** @param {string[]} args */
  const bundle = (...args) =>
    run(process.execPath, [path.join(root, 'tools/commands/bundle.mjs'), '--config', 'config.json', ...args], {
      cwd: folder,
      env,
    });
  return { folder, bundle };
}

it('what auth0-deploy-cli exports, with the Actions laid over it, is what it imports', async (t) => {
  const { folder, bundle } = await setUp(t);
  const tenant = await startTenant();
  t.after(() => tenant.close());
  tenant.another('first');
  /** @param {string[]} args */
  const a0deploy = (...args) =>
    run(process.execPath, [path.join(root, 'node_modules/auth0-deploy-cli/lib/index.js'), ...args], {
      cwd: folder,
      env: { ...env, ...tenant.env, AUTH0_INCLUDED_ONLY: '["actions","triggers"]', CRM_KEY: 'a "quoted" \\ key' },
    });
  const exported = await a0deploy('export', '--format', 'directory', '--output_folder', 'auth0');
  assert.equal(exported.code, 0, exported.output);
  for (let twice = 0; twice < 2; twice += 1) {
    const written = await bundle('--out', 'auth0', '--for', 'deploy-cli');
    assert.equal(written.code, 0, written.output);
    const imported = await a0deploy('import', '--input_file', 'auth0');
    assert.equal(imported.code, 0, imported.output);
    assert.deepEqual(tenant.flow(), ['first', 'login-sync']);
    assert.deepEqual(tenant.flow('post-user-registration'), ['login-sync-registration']);
  }
  for (const name of ['login-sync', 'login-sync-registration']) {
    const { deployed_version: version } = tenant.named(name);
    assert.equal(version.code, await readFile(path.join(folder, 'auth0/actions', name, 'code.js'), 'utf8'));
    assert.equal(version.secrets[0].value, 'a "quoted" \\ key');
  }
});

it('without the flows of the tenant nothing is written, for an import would empty them', async (t) => {
  const { folder, bundle } = await setUp(t);
  const refused = await bundle('--out', 'auth0', '--for', 'deploy-cli');
  assert.equal(refused.code, 2);
  assert.match(
    refused.output,
    /^error: --out: there is no `auth0.triggers.triggers\.json`, .* run `npx auth0-deploy-cli export /,
  );
  assert.deepEqual(await readdir(folder), ['config.json']);
  assert.equal((await bundle('--out', 'auth0', '--for', 'deploy-cli', '--new-flow')).code, 0);
  await writeFile(path.join(folder, 'auth0/triggers/another.json'), '{}');
  assert.match(
    (await bundle('--out', 'auth0', '--for', 'deploy-cli')).output,
    /put `another\.json` into triggers\.json$/,
  );
});

it('flows of other triggers, and Actions that are in a flow, stay where they are', async (t) => {
  const { folder, bundle } = await setUp(t);
  await mkdir(path.join(folder, 'auth0/triggers'), { recursive: true });
  const entry = (/** @type {string} */ name) => ({ action_name: name, display_name: `${name} shown` });
  const flows = {
    'post-login': [entry('a'), entry('login-sync'), entry('b')],
    'credentials-exchange': [entry('c')],
  };
  const file = path.join(folder, 'auth0/triggers/triggers.json');
  await writeFile(file, JSON.stringify(flows));
  assert.equal((await bundle('--out', 'auth0', '--for', 'deploy-cli')).code, 0);
  const name = 'login-sync-registration';
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
    ...flows,
    'post-user-registration': [{ action_name: name, display_name: name }],
  });
});

it('what someone else wrote, or has changed since, is not written over', async (t) => {
  const { folder, bundle } = await setUp(t);
  const refused = async (/** @type {string} */ file, /** @type {string} */ text, /** @type {string[]} */ ...args) => {
    const place = path.join(folder, file);
    await writeFile(place, text);
    const { code, output } = await bundle(...args);
    assert.equal(code, 2, output);
    assert.equal(
      output,
      `error: --out: \`${file}\` is there, and is not as \`bundle\` wrote it: choose another \`--name\`, or move what is yours to another file and remove this one`,
    );
    assert.equal(await readFile(place, 'utf8'), text);
    await rm(place);
  };
  const terraform = ['--out', 'tf', '--for', 'terraform'];
  for (const end of ['\n', '\r\n']) {
    assert.equal((await bundle(...terraform)).code, 0);
    const tf = (await readFile(path.join(folder, 'tf/login-sync.tf'), 'utf8')).replaceAll('\n', end);
    await writeFile(path.join(folder, 'tf/login-sync.tf'), tf);
    assert.equal((await bundle(...terraform)).code, 0);
    await refused('tf/login-sync.tf', tf.replace(/deploy {2}= true/, 'deploy  = false'), ...terraform);
    await refused('tf/login-sync.tf', `${tf}# mine${end}`, ...terraform);
  }
  await refused('tf/login-sync.js', 'exports.mine = 1;', ...terraform);
  const cli = ['--out', 'auth0', '--for', 'deploy-cli', '--new-flow'];
  assert.equal((await bundle(...cli)).code, 0);
  await refused('auth0/actions/login-sync/code.js', 'exports.onExecutePostLogin = mine;', ...cli);
});

it('Terraform: a resource for each Action, one that adds it to its flow, and no value of a secret', async (t) => {
  const { folder, bundle } = await setUp(t);
  const { code, output } = await bundle('--out', 'tf', '--for', 'terraform', '--name', 'my sync');
  assert.equal(code, 0, output);
  const text = await readFile(path.join(folder, 'tf/my sync.tf'), 'utf8');
  const resources = [...text.matchAll(/^resource "(\w+)" "(\w+)"/gm)].map(([, kind, name]) => `${kind}.${name}`);
  assert.deepEqual(resources, [
    'auth0_action.my_sync',
    'auth0_trigger_action.my_sync',
    'auth0_action.my_sync_registration',
    'auth0_trigger_action.my_sync_registration',
  ]);
  assert.match(text, /variable "crm_key" \{\n {2}type {6}= string\n {2}sensitive = true\n {2}ephemeral = true/);
  assert.match(
    text,
    /secrets_wo \{\n {4}name {2}= "CRM_KEY"\n {4}value = var\.crm_key\n {2}\}\n {2}secrets_wo_version = /,
  );
  assert.match(await readFile(path.join(folder, 'tf/my sync.js'), 'utf8'), /^\/\/ login-sync /);
  assert.match(
    (await bundle('--out', 'tf', '--for', 'pulumi')).output,
    /^error: --for: unknown tool `pulumi`; use deploy-cli or terraform$/,
  );
  assert.match((await bundle('--out', 'a.js', '--new-flow')).output, /^error: --new-flow: needs `--for`$/);
});
