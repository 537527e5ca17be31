// The package as a user has it: packed, installed in an empty folder without a network, and each of its verbs run there. What a verb
// does is tested elsewhere; here is that it is there, with all its files, and takes its paths from where it is called.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { env, npm, pack, TARBALL, version } from './packed.mjs';

/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {string} */
let folder;
before(async () => {
  packed = await pack();
  folder = packed.folder;
  await writeFile(path.join(folder, 'package.json'), '{ "name": "mine", "version": "1.0.0", "type": "module" }');
  const installed = await run(npm, ['install', `./${TARBALL}`], { cwd: folder, env });
  assert.equal(installed.code, 0, installed.output);
});
after(() => packed.remove());

// What npm puts there for `npx`, which itself would take a second longer.
const bin = () =>
  path.join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'login-sync.cmd' : 'login-sync');
/** @param {string[]} args */
const verb = (...args) => run(bin(), args, { cwd: folder, env });
const own = (/** @type {string[]} */ ...parts) => path.join(folder, 'node_modules', 'login-sync', ...parts);

describe('the package', () => {
  it('brings no other, and nothing that is heavy', async () => {
    const packages = (await readdir(path.join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
    assert.deepEqual(packages, ['login-sync']);
    assert.ok((await stat(path.join(folder, TARBALL))).size < 550_000);
    for (const part of ['playground', 'demo', 'bench', 'src', 'tests', 'target', 'tools/build', 'tools/develop'])
      assert.equal(existsSync(own(part)), false, part);
  });

  it('has the pages and the examples that its pages lead to', async () => {
    const pages = (await readdir(own('docs'), { recursive: true })).filter((file) => file.endsWith('.md'));
    for (const page of ['README.md', ...pages.map((file) => path.join('docs', file))])
      for (const [, link = ''] of (await readFile(own(page), 'utf8')).matchAll(/\]\(([\w./-]+)[)#]/g)) {
        const to = path.join(path.dirname(page), link);
        if (/^(docs|examples)\b(?!.*\.png$)/.test(to)) assert.ok(existsSync(own(to)), `${page}: ${link}`);
      }
  });

  it('says what it can do', async () => {
    const { code, stdout } = await run(npm, ['exec', '--offline', '--', 'login-sync', '--help'], { cwd: folder, env });
    assert.equal(code, 0);
    assert.match(stdout, /^usage: npx login-sync VERB/);
    assert.equal((await verb('--version')).stdout.trim(), version);
  });

  it('init: makes files that pass their own test', async () => {
    const { code, stdout, output } = await verb('init');
    assert.equal(code, 0, output);
    for (const [, file = ''] of stdout.matchAll(/^made (.+)$/gm)) assert.ok(existsSync(path.join(folder, file)), file);
    const tested = await run(process.execPath, ['--test'], { cwd: folder, env });
    assert.equal(tested.code, 0, tested.output);
    assert.match(tested.output, /pass 4/);
    const again = await verb('init');
    assert.deepEqual([again.code, again.stdout], [2, '']);
    assert.match(again.output, /there is `login-sync\.json`, `login-sync\.test\.mjs`, /);
  });

  it('init --example: every one passes its own test', async () => {
    const examples = await readdir(own('examples'));
    for (const example of examples) {
      const at = path.join(folder, 'examples', example);
      await mkdir(at, { recursive: true });
      const { code, output } = await run(process.execPath, [own('tools/commands/init.mjs'), '--example', example], {
        cwd: at,
        env,
      });
      assert.equal(code, 0, output);
    }
    const files = examples.map((example) => path.join('examples', example, 'login-sync.test.mjs'));
    const tested = await run(process.execPath, ['--test', ...files], { cwd: folder, env });
    assert.equal(tested.code, 0, tested.output);
    assert.match(tested.output, new RegExp(`pass ${2 * examples.length}`));
  });

  it('init --use: a config of connectors passes its own test', async () => {
    const at = path.join(folder, 'connectors');
    await mkdir(at, { recursive: true });
    const uses = ['stripe', 'klaviyo', 'castle', 'hasura'].flatMap((name) => ['--use', name]);
    const made = await run(process.execPath, [own('tools/commands/init.mjs'), ...uses], { cwd: at, env });
    assert.equal(made.code, 0, made.output);
    const tested = await run(process.execPath, ['--test', path.join('connectors', 'login-sync.test.mjs')], {
      cwd: folder,
      env,
    });
    assert.equal(tested.code, 0, tested.output);
  });

  it('simulate: says how to call it here', async () => {
    const { code, stdout } = await verb('simulate', '--config', 'login-sync.json', '--clock', 'virtual');
    assert.equal(code, 0);
    assert.match(stdout, /✓ the login goes on/);
    assert.match((await verb('simulate', '--help')).stdout, /^usage: npx login-sync simulate \[options\]/);
  });

  it('test: runs a file of logins', async () => {
    const expect = { outcome: 'allowed', tokens: { idToken: { 'https://example.com/plan': 'gold' } } };
    const answers = { 'api.example.com': { body: { plan: 'gold' } } };
    const tests = [
      { name: 'gold', answers, expect },
      { name: 'down', faults: ['503'], expect },
    ];
    await writeFile(path.join(folder, 'login-sync.test.json'), JSON.stringify({ config: 'login-sync.json', tests }));
    const { code, stdout } = await verb('test');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^ok {6}gold {2}\(\d+ ms\)\nFAILED {2}down {2}\(\d+ ms\)\n {8}tokens\.idToken\["https:\/\/example\.com\/plan"\]: expected "gold", and it is not there\n {8}left out: .*\n1 passed, 1 failed/,
    );
  });

  it('check, bundle, claims: take the paths of the folder', async () => {
    const checked = await verb('check', '--config', 'login-sync.json', '--strict');
    assert.deepEqual([checked.code, checked.stdout.trim()], [0, 'login-sync.json: 0 warnings, 0 notes']);
    const bundled = await verb('bundle', '--config', 'login-sync.json', '--out', 'out/action.js');
    assert.equal(bundled.code, 0, bundled.output);
    assert.match(await readFile(path.join(folder, 'out', 'action.js'), 'utf8'), /^\/\/ login-sync /);
    const claims = await verb('claims', '--config', 'login-sync.json', '--format', 'json');
    assert.deepEqual(
      JSON.parse(claims.stdout).map((/** @type {any} */ { name }) => name),
      ['https://example.com/plan'],
    );
  });

  it('rehearse: runs, and says what it lacks', async () => {
    const { code, stdout, output } = await verb(
      'rehearse',
      '--seconds',
      '1',
      '--rate',
      '10',
      '--phases',
      '503',
      '--json',
    );
    assert.ok(code === 0 || code === 1, output);
    assert.equal(JSON.parse(stdout).rate, 10);
    assert.match((await verb('rehearse', '--snippet')).output, /axios is not installed: run `npm install axios`/);
  });

  it('playground: says where it is', async () => {
    const { code, output } = await verb('playground');
    assert.equal(code, 2);
    assert.match(output, /is not in the package: `git clone https:/);
  });
});

describe('the library', () => {
  it('is typed', async () => {
    await writeFile(
      path.join(folder, 'typed.ts'),
      `import { bundle, check, sampleEvent, simulate, type Config, type Login } from 'login-sync';
import { onExecutePostLogin } from 'login-sync/paste';
const config: Config = { syncs: [], claims: { idToken: { a: 'user.email' } } };
const login: Login = await simulate(config, { answers: { 'a.example.com': [{ status: 503 }, { body: {} }] }, at: new Date() });
const left: string[] = login.leftOut.map(({ why }) => why);
const { errors, warnings } = check(config, { known: ['user.groups'] });
const text: string = bundle(config, { editable: true }).code;
await onExecutePostLogin(sampleEvent(), {});
// @ts-expect-error -- no such option
await simulate(config, { anwsers: {} });
// @ts-expect-error -- no such field
const wrong: Config = { clams: {} };
export { errors, left, text, warnings, wrong };
`,
    );
    const args = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
    const roots = ['--typeRoots', path.join(root, 'node_modules', '@types')];
    const { code, output } = await run(
      process.execPath,
      [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...args, ...roots, 'typed.ts'],
      { cwd: folder, env },
    );
    assert.equal(code, 0, output);
  });

  it('gives the paste to `require` and to `import`', async () => {
    await writeFile(
      path.join(folder, 'paste.cjs'),
      `const { onExecutePostLogin } = require('login-sync/paste');
const { syncs } = require('login-sync/schema.json').properties;
const { name } = require('login-sync/package.json');
const calls = [];
const api = { access: { deny: (reason) => calls.push(reason) } };
onExecutePostLogin({ user: {}, secrets: {} }, api).then(() => console.log(JSON.stringify([name, typeof syncs, calls.length])));
`,
    );
    const { stdout, output } = await run(process.execPath, ['paste.cjs'], { cwd: folder, env });
    assert.equal(stdout.trim().split('\n').at(-1), '["login-sync","object",1]', output);
    await writeFile(
      path.join(folder, 'paste.mjs'),
      `import { onExecutePostLogin } from 'login-sync/paste'; console.log(typeof onExecutePostLogin);`,
    );
    assert.equal((await run(process.execPath, ['paste.mjs'], { cwd: folder, env })).stdout.trim(), 'function');
  });
});
