// `login-sync init` and the connectors: they are listed, explained, used and copied. That what it makes passes its own test is seen in
// package.test.mjs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { connectors, copy } from '../../tools/library/connectors.mjs';
import { check } from '../../tools/library/index.mjs';

const INIT = path.join(root, 'tools', 'commands', 'init.mjs');

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-init-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** @param {string[]} args */
const init = (...args) => run(process.execPath, [INIT, ...args], { cwd: folder });
const json = async (/** @type {string} */ file) => JSON.parse(await readFile(path.join(folder, file), 'utf8'));

describe('init', () => {
  it('lists every connector with what it does, and makes nothing', async () => {
    const { code, stdout } = await init('--connectors');
    assert.equal(code, 0);
    for (const { name, about } of connectors())
      assert.ok(
        stdout.split('\n').some((line) => line.startsWith(`  ${name} `) && line.endsWith(about.does)),
        name,
      );
    for (const preset of ['cleeng', 'userhub', 'okta-workflows']) assert.ok(stdout.includes(preset), preset);
    assert.equal(existsSync(path.join(folder, 'login-sync.json')), false);
  });

  it('copies one as a config of its own, next to what is there, and never over it', async () => {
    const { code, stdout, output } = await init('--copy', 'stripe');
    assert.equal(code, 0, output);
    assert.match(stdout, /^made stripe\.json\n/);
    assert.match(stdout, /secret {6}STRIPE_KEY: /);
    const { $schema, ...config } = await json('stripe.json');
    assert.ok($schema);
    assert.deepEqual(config, JSON.parse(copy('stripe')));
    assert.deepEqual(check(config).errors, []);
    const again = await init('--copy', 'stripe');
    assert.deepEqual([again.code, again.stdout], [2, '']);
    assert.match(again.output, /there is `stripe\.json`: move it/);
    await symlink('gone.json', path.join(folder, 'hubspot.json'));
    assert.match((await init('--copy', 'hubspot')).output, /there is `hubspot\.json`: move it/);
    await rm(path.join(folder, 'hubspot.json'));
    const cwd = path.join(folder, 'with a file');
    await mkdir(cwd);
    await writeFile(path.join(cwd, '.github'), '');
    assert.match(
      (await run(process.execPath, [INIT], { cwd })).output,
      /^error: cannot write `\.github.*: one of the folders is a file$/m,
    );
  });

  it('makes a config that uses several, and says all that is to know of each', async () => {
    const names = ['hubspot', 'hasura', 'cleeng', 'sendgrid', 'hubspot'];
    const { code, stdout, output } = await init(...names.flatMap((name) => ['--use', name]), '--no-workflow');
    assert.equal(code, 0, output);
    assert.deepEqual(
      (await json('login-sync.json')).syncs,
      [...new Set(names)].map((use) => ({ use })),
    );
    for (const { about } of connectors().filter(({ name }) => names.includes(name))) {
      const { title, does, secrets, setup, scopes, limits, failure, privacy, doubt } = about;
      for (const text of [title, does, ...Object.keys(secrets), setup, scopes, limits, failure, privacy, doubt])
        assert.ok(!text || stdout.includes(text), text);
    }
    const pages = [...stdout.matchAll(/[^\s`]+\.md\b/g)].map(([file]) => path.basename(file, '.md'));
    assert.deepEqual(pages, [...new Set(names)]);
    for (const [file] of stdout.matchAll(/[^\s`]+\.md\b/g)) assert.ok(existsSync(path.join(folder, file)), file);
    const again = await init('--use', 'stripe', '--use', 'slack', '--no-workflow');
    assert.deepEqual([again.code, again.stdout], [2, '']);
    assert.match(
      again.output,
      /^error: there is `login-sync\.json`: add `{ "use": "stripe" }`, `{ "use": "slack" }` to its `syncs`/,
    );
  });

  it('says where the workflow must be, in a folder of a repository: elsewhere GitHub never runs it', async () => {
    const top = path.join(folder, 'a repository');
    const cwd = path.join(top, 'auth', 'login');
    for (const each of [top, cwd]) await mkdir(each, { recursive: true });
    const said = async (/** @type {string} */ at, /** @type {string[]} */ ...args) => {
      const { code, stdout } = await run(process.execPath, [INIT, ...args], { cwd: at });
      assert.equal(code, 0);
      await rm(path.join(at, 'login-sync.json'));
      await rm(path.join(at, 'login-sync.test.mjs'));
      await rm(path.join(at, '.github'), { recursive: true, force: true });
      return /^GitHub .*$/m.exec(stdout)?.[0];
    };
    assert.equal(await said(cwd), undefined);
    for (const make of [() => mkdir(path.join(top, '.git')), () => writeFile(path.join(top, '.git'), 'gitdir: x')]) {
      await make();
      assert.equal(
        await said(cwd),
        'GitHub runs a workflow only from the top of the repository: move .github/workflows/login-sync.yml to ../../.github/workflows/login-sync.yml, let its steps run in `auth/login` (`defaults: { run: { working-directory: auth/login } }`), and make `path: action.js` `path: auth/login/action.js`',
      );
      assert.equal(await said(cwd, '--no-workflow'), undefined);
      assert.equal(await said(top), undefined);
      await rm(path.join(top, '.git'), { recursive: true });
    }
  });

  it('leaves a .gitignore as it is, and says what it lacks: without `*.env`, Git takes the secrets of a deploy', async () => {
    for (const [theirs, lacks] of Object.entries({
      '': '`node_modules/`, `action.js`, `*.env`',
      'node_modules\r\n# *.env\r\n/action.js\r\n': '`*.env`',
      'dist\n/node_modules\naction.js\n *.env\n': undefined,
    })) {
      const cwd = path.join(folder, String(Math.random()));
      await mkdir(cwd);
      await writeFile(path.join(cwd, '.gitignore'), theirs);
      const { code, stdout } = await run(process.execPath, [INIT, '--no-workflow'], { cwd });
      assert.equal(code, 0);
      assert.equal(await readFile(path.join(cwd, '.gitignore'), 'utf8'), theirs);
      assert.equal(/^add to \.gitignore, which stays as it is: (.*)$/m.exec(stdout)?.[1], lacks);
      assert.doesNotMatch(stdout, /made \.gitignore/);
    }
  });
});
