// What `npm run bundle` refuses: a config that is wrong, a result that is too long, arguments that make no sense. It writes nothing
// then, and says what to do.
import assert from 'node:assert/strict';
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { PASTE, root } from '../../tools/files.mjs';
import { problems } from '../../tools/paste/paste.mjs';
import { ARGS, bundle, CRM, EDITABLE } from './bundled.mjs';

describe('a config that is wrong', () => {
  it('is refused with all that is wrong, by path and with the caret, and nothing is written', async (t) => {
    const { code, output, written } = await bundle(t, {
      syncs: [{ use: 'cleng' }, { ...CRM, when: 'user..email' }],
      mfaa: [],
    });
    assert.equal(code, 2);
    assert.equal(written, undefined);
    const [head, ...lines] = output.split('\n');
    assert.equal(head, 'error: `my.config.json` is refused: 3 errors');
    assert.match(lines[0], /^config: unknown field `mfaa`/);
    assert.equal(lines[1], 'config.syncs[0].use: unknown connector: did you mean `cleeng`?');
    assert.match(lines[2], /^config\.syncs\[1\]\.when: column 6: /);
    assert.deepEqual(lines.slice(3), ['    user..email', '         ^']);
  });

  it('is refused with more errors than a screen holds', async (t) => {
    const syncs = Array.from({ length: 50 }, (_, i) => ({ ...CRM, name: `crm${i}`, when: 'a..b' }));
    const { output } = await bundle(t, { syncs });
    assert.equal(output.match(/^config\.syncs\[\d+\]\.when: /gm)?.length, 50);
  });

  /** @type {[what: string, text: string, message: RegExp][]} */
  const texts = [
    ['no JSON', '{"syncs": [}', /^error: `my\.config\.json` is not JSON: line 1, column 12: expected a value$/],
    ['empty', '', /^error: `my\.config\.json` is not JSON: line 1, column 1: the text is empty$/],
    ['an array', '[]', /\nconfig: must be an object$/],
    ['null', 'null', /\nconfig: .*must be an object$/],
    [
      'a field twice',
      '{"claims": {\n"idToken": {"a": "b"},\n"idToken": {}}}',
      /^error: `my\.config\.json`: line 3, column 1: `idToken` is here twice in one object: remove one$/,
    ],
    ['a field twice, once escaped', '{"log": "json", "l\\u006fg": "logfmt"}', /line 1, column 17: `log` is here twice/],
    [
      '`__proto__`',
      '{"claims": {"idToken": {"__proto__": "a"}}}',
      /column 25: `__proto__` cannot be the name of a field/,
    ],
  ];
  for (const [what, text, message] of texts) {
    it(`is refused when it is ${what}`, async (t) => {
      const { code, output, written } = await bundle(t, text);
      assert.equal(code, 2);
      assert.match(output, message);
      assert.equal(written, undefined);
    });
  }

  it('is not wrong for a byte order mark, nor for one name in two objects', async (t) => {
    const { code, output } = await bundle(
      t,
      '\uFEFF{"syncs": [], "claims": {"idToken": {"a": "\'}{\\":\'"}, "accessToken": {"a": "b"}}}',
    );
    assert.equal(code, 0, output);
  });
});

describe('a result that is too long', () => {
  const room = 100_000;
  /** @param {number} claims of about 100 bytes each */
  const long = (claims) => ({
    syncs: [],
    claims: { idToken: Object.fromEntries(Array.from({ length: claims }, (_, i) => [`c${i}`, `'${'x'.repeat(84)}'`])) },
  });

  it('is refused with what to do', async (t) => {
    const { code, output, written } = await bundle(t, long(400));
    assert.equal(code, 2);
    assert.match(
      output,
      /^error: the result has 1\d\d,\d{3} bytes and Auth0 takes fewer than 100,000: shorten the config by \d+,\d{3} bytes, or split/,
    );
    assert.equal(written, undefined);
  });

  it('loses its line breaks before it is refused', async (t) => {
    // One more until they no longer fit: a claim with its break takes about 100 bytes, and as it was read about as many.
    for (let claims = 100, done = false; !done; claims += 4) {
      const { code, output, written = '' } = await bundle(t, long(claims));
      assert.equal(code, 0, output);
      assert.ok(written.length < room);
      done = /the config is on one line/.test(output);
    }
  });

  it('is not read ahead before it is refused, where it is editable', async (t) => {
    const each = JSON.stringify(long(101)).length - JSON.stringify(long(100)).length;
    const claims = Math.floor((room - EDITABLE.length - 150) / each);
    const { code, output, written = '' } = await bundle(t, long(claims), [...ARGS, '--editable']);
    assert.equal(code, 0, output);
    assert.match(output, /the config is on one line/);
    assert.ok(written.length < room);
    assert.deepEqual(problems(written, long(claims)), []);
  });
});

describe('the arguments', () => {
  /** @type {[what: string, args: string[], message: RegExp][]} */
  const table = [
    ['none', [], /^error: needs `--config FILE`; `--help` lists the options$/],
    ['no --out', ['--config', 'my.config.json'], /^error: needs `--out FILE`/],
    ['an unknown one', ['--conf', 'a'], /^error: unknown option '--conf'; `--help`/],
    [
      'a config that is not there',
      ['--config', 'no.json', '--out', 'out/action.js'],
      /^error: --config: there is no file `no\.json`$/,
    ],
    [
      'a paste that is none',
      ['--config', 'my.config.json', '--paste', 'my.config.json', '--out', 'out/action.js'],
      /^error: this is no paste of login-sync, or its marks are gone: take pkg\/login-sync\.js as it was built$/,
    ],
    [
      'the config as --out',
      ['--config', 'my.config.json', '--out', './my.config.json'],
      /^error: --out: would overwrite the file of --config/,
    ],
    [
      'the committed paste as --out',
      ['--config', 'my.config.json', '--out', PASTE],
      /^error: --out: would overwrite the file of --paste/,
    ],
    ['a folder as --out', ['--config', 'my.config.json', '--out', '.'], /^error: --out: cannot write `\.`/],
  ];
  for (const [what, args, message] of table) {
    it(`are refused: ${what}`, async (t) => {
      const before = await readFile(PASTE, 'utf8');
      const { code, output, folder } = await bundle(t, {}, args);
      assert.equal(code, 2);
      assert.match(output, message);
      assert.deepEqual(await readdir(folder), ['my.config.json']);
      assert.equal(await readFile(PASTE, 'utf8'), before);
    });
  }

  it('are refused: what leads to the config as --out', async (t) => {
    const given = { claims: { idToken: { a: 'user.email' } } };
    const { folder } = await bundle(t, given, ['--help']);
    const config = path.join(folder, 'my.config.json');
    await symlink(config, path.join(folder, 'by-name.js'));
    await link(config, path.join(folder, 'by-number.js'));
    await mkdir(path.join(folder, 'actions'));
    await link(config, path.join(folder, 'actions/login-sync.json'));
    for (const args of [['by-name.js'], ['by-number.js'], ['.', '--for', 'deploy-cli', '--new-flow']]) {
      const command = [
        'tools/commands/bundle.mjs',
        '--config',
        config,
        '--out',
        path.join(folder, ...args.splice(0, 1)),
      ];
      const { code, output } = await run(process.execPath, [...command, ...args]);
      assert.deepEqual([code, output], [2, 'error: --out: would overwrite the file of --config: name another one']);
      assert.deepEqual(JSON.parse(await readFile(config, 'utf8')), given);
    }
  });

  it('lead to the usage with --help', async (t) => {
    const { code, output } = await bundle(t, {}, ['--help']);
    assert.equal(code, 0);
    assert.match(output, /^usage: npm run bundle/);
  });

  it('need nothing but Node', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    // Outside the project there is no node_modules above it.
    for (const part of ['tools', 'pkg', 'connectors']) await run('cp', ['-r', '--parents', part, folder]);
    await copyFile(path.join(root, 'package.json'), path.join(folder, 'package.json'));
    await writeFile(path.join(folder, 'a.json'), '{}');
    const { code, output } = await run(
      process.execPath,
      ['tools/commands/bundle.mjs', '--config', 'a.json', '--out', 'b.js'],
      { cwd: folder },
    );
    assert.equal(code, 0, output);
  });
});
