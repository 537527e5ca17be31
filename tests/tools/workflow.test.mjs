// The workflow that `login-sync init` makes, as GitHub would run it: each step of both jobs, in the shell, against a stand-in of a
// tenant; and when the second job runs at all.

import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { startTenant } from './management.mjs';
import { addSdk, env, pack, TARBALL } from './packed.mjs';

/** @typedef {Record<string, Record<string, string>>} Contexts github, vars, secrets */

/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {string} */
let folder;
/** @type {string} */
let workflow;
/** @type {Awaited<ReturnType<typeof startTenant>>} */
let tenant;
before(async () => {
  [packed, tenant] = await Promise.all([pack(), startTenant()]);
  folder = await packed.project('repository');
  for (const command of [`npm install --save-dev ./${TARBALL}`, 'npx login-sync init'])
    assert.equal((await shell(command)).code, 0, command);
  workflow = await readFile(path.join(folder, '.github', 'workflows', 'login-sync.yml'), 'utf8');
});
after(() => Promise.all([packed.remove(), tenant.close()]));

/** @param {string} command @param {Record<string, string>} [more] */
const shell = (command, more = {}) => run('sh', ['-c', command], { cwd: folder, env: { ...env, ...more } });

/** An expression of GitHub's: of what is used here, JavaScript has the same. @param {string} text @param {Contexts} contexts */
const evaluated = (text, { github, vars, secrets }) =>
  new Function('github', 'vars', 'secrets', `return ${text};`)(github, vars, secrets) ?? '';

/** @param {string} text @param {Contexts} contexts */
const filled = (text, contexts) => text.replace(/\$\{\{ (.*?) \}\}/g, (_, inner) => evaluated(inner, contexts));

/** @param {string} name */
function job(name) {
  const text = new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n)+)`, 'm').exec(workflow)?.[1] ?? '';
  const condition = /^ {4}if: (.*)$/m.exec(text)?.[1] ?? 'true';
  const commands = [...text.matchAll(/^ {6}- run: (.*)$/gm)].map(([, command = '']) => command);
  const names = [...text.matchAll(/^ {10}([A-Z]\w*): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]);
  return { text, condition, commands, env: Object.fromEntries(names) };
}

/** @param {Partial<Record<'event_name' | 'ref', string>>} [github] */
const contexts = (github = {}) => ({
  github: { event_name: 'push', ref: 'refs/heads/main', ...github },
  vars: { AUTH0_DOMAIN: tenant.domain, AUTH0_CLIENT_ID: tenant.env.AUTH0_CLIENT_ID },
  secrets: { AUTH0_CLIENT_SECRET: tenant.env.AUTH0_CLIENT_SECRET, SHOP_API_KEY: 'shop-key-1' },
});

describe('the workflow', () => {
  it('deploys from main alone, and not for a fork, a pull request or a repository without a tenant', () => {
    const runs = (/** @type {Contexts} */ given) => Boolean(evaluated(job('deploy').condition, given));
    assert.equal(runs(contexts()), true);
    assert.equal(runs(contexts({ event_name: 'workflow_dispatch' })), true);
    for (const event_name of ['push', 'workflow_dispatch', 'pull_request']) {
      assert.equal(runs(contexts({ event_name, ref: 'refs/heads/other' })), false, event_name);
      assert.equal(runs({ ...contexts({ event_name }), vars: { AUTH0_DOMAIN: '' }, secrets: {} }), false, event_name);
    }
    assert.equal(runs(contexts({ event_name: 'pull_request' })), false);
    assert.equal(runs(contexts({ event_name: 'pull_request', ref: 'refs/pull/1/merge' })), false);
  });

  it('gives secrets to the step that deploys, and to no other', () => {
    assert.match(workflow, /^permissions:\n {2}contents: read\n/m);
    assert.doesNotMatch(workflow, /pull_request_target|secrets: inherit/);
    assert.equal(workflow.lastIndexOf('run:'), workflow.indexOf('run: npx --no -- login-sync deploy'));
    assert.ok(workflow.indexOf('secrets.') > workflow.lastIndexOf('run:'));
    // What anyone can write, such as the name of a branch, is in no command.
    const inserted = [...workflow.matchAll(/run:.*\$\{\{(.*?)\}\}/g)].map(([, text]) => text);
    for (const text of inserted) assert.match(text ?? '', /^ github\.event_name == '\w+' && '[\w-]+' \|\| '' $/);
    // The token of a checkout is not left on the disk for what runs after it, and no job waits for hours.
    for (const each of ['config', 'deploy']) {
      assert.match(job(each).text, /checkout@v4\n {8}with:\n {10}persist-credentials: false\n/);
      assert.match(job(each).text, /^ {4}timeout-minutes: \d+$/m);
    }
    // Nor is a package that is not installed fetched by its name.
    assert.doesNotMatch(workflow, /run: npx (?!--no -- )/);
  });

  it('checks, tests, bundles and deploys', async () => {
    const all = [...job('config').commands, ...job('deploy').commands];
    assert.deepEqual(
      all.map((command) => /npm ci|node --test|login-sync (\w+)/.exec(command)?.slice(0, 2).filter(Boolean).at(-1)),
      ['npm ci', 'check', 'node --test', 'bundle', 'npm ci', 'deploy'],
    );
    /** @param {Contexts} given */
    const deploy = async (given) => {
      for (const command of job('deploy').commands) {
        const more = Object.fromEntries(Object.entries(job('deploy').env).map(([k, v]) => [k, filled(v, given)]));
        const isDeploy = command.includes('deploy');
        if (isDeploy) await addSdk(folder);
        const { NODE_EXTRA_CA_CERTS } = tenant.env;
        const { code, output } = await shell(filled(command, given), isDeploy ? { ...more, NODE_EXTRA_CA_CERTS } : {});
        assert.equal(code, 0, `${command}\n${output}`);
      }
    };
    for (const command of job('config').commands) {
      const { code, output } = await shell(command);
      assert.equal(code, 0, `${command}\n${output}`);
    }
    await deploy(contexts());
    assert.deepEqual(tenant.flow(), ['login-sync']);
    const { code } = tenant.named('login-sync').deployed_version;
    // What is deployed is what was checked.
    assert.equal(code, await readFile(path.join(folder, 'action.js'), 'utf8'));
    const changed = contexts({ event_name: 'workflow_dispatch' });
    changed.secrets.SHOP_API_KEY = 'shop-key-2';
    await deploy({ ...changed, github: { ...changed.github, event_name: 'push' } });
    assert.equal(tenant.named('login-sync').secrets[0].value, 'shop-key-1');
    await deploy(changed);
    assert.equal(tenant.named('login-sync').deployed_version.secrets[0].value, 'shop-key-2');
  });

  it('fails before the deploy where the config has a warning', async () => {
    const test = path.join(folder, 'login-sync.json');
    const config = await readFile(test, 'utf8');
    await appendFile(path.join(folder, 'wrong.json'), config.replace('user.email', 'user.emial'));
    const [, check = ''] = job('config').commands;
    assert.equal((await shell(check.replace('login-sync.json', 'wrong.json'))).code, 1);
    assert.match(job('deploy').text, /^ {4}needs: config$/m);
  });
});
