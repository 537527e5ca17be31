// tests/tools/: the developer's tools. Here: `npm run bundle`, as a command, with the committed paste: what it writes runs,
// what it refuses it refuses whole, and what it says of secrets and triggers is what the engine says.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openConfig, presetNames } from '../../tools/commands/open.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { leanOf, PASTE, root } from '../../tools/files.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { isSealed, openEngine, problems, repack, split, unpack } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';

const CRM = {
  name: 'crm',
  request: { url: 'https://crm.example.com/', headers: { 'x-api-key': { secret: 'CRM_API_KEY' } } },
};

/**
 * Runs the command in a folder of its own, with this as `my.config.json`.
 * @param {import('node:test').TestContext} t
 * @param {unknown} config an object, or the file's text
 * @param {string[]} [args]
 */
async function bundle(t, config, args = ['--config', 'my.config.json', '--out', 'out/action.js']) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'my.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const ran = await run(process.execPath, [path.join(root, 'tools', 'commands', 'bundle.mjs'), ...args], {
    cwd: folder,
  });
  const written = await readFile(path.join(folder, 'out', 'action.js'), 'utf8').catch(() => undefined);
  return { ...ran, written, folder };
}

/** The same again in that folder, with other arguments. @param {{ folder: string }} first @param {string[]} more */
async function again({ folder }, more) {
  const args = ['--config', 'my.config.json', '--out', 'second.js', ...more];
  const ran = await run(process.execPath, [path.join(root, 'tools', 'commands', 'bundle.mjs'), ...args], {
    cwd: folder,
  });
  return { ...ran, written: await readFile(path.join(folder, 'second.js'), 'utf8').catch(() => undefined) };
}

/** As the command's arguments: both kinds of result. */
const KINDS = /** @type {const} */ ([
  ['sealed', []],
  ['editable', ['--editable']],
]);
const ARGS = ['--config', 'my.config.json', '--out', 'out/action.js'];

/** The committed pastes. */
const [EDITABLE, LEAN] = await Promise.all([PASTE, leanOf(PASTE)].map((file) => readFile(file, 'utf8')));

for (const [kind, more] of KINDS)
  describe(`a config without problems, ${kind}`, () => {
    it('is in the result as it was written, and the rest but the wasm is the committed paste', async (t) => {
      const config = {
        $schema: 'pkg/schema.json',
        syncs: [CRM],
        claims: {
          idToken: { greeting: "'Grüße, \u2028 ✓ 😀'", end: "'// ---- ... to here. Below is the program. ----'" },
        },
      };
      const { code, written = '' } = await bundle(t, config, [...ARGS, ...more]);
      assert.equal(code, 0);
      assert.match(written, /^[\x00-\x7f]*$/);
      assert.equal(isSealed(written), kind === 'sealed');
      const [text] = /(?<=const config = )\{[\s\S]*?\n\}(?=;\n)/.exec(written) ?? [];
      assert.deepEqual(JSON.parse(text ?? ''), config);
      const [paste, result] = [kind === 'sealed' ? LEAN : EDITABLE, written].map(split);
      for (const part of /** @type {const} */ (['head', 'outside'])) assert.equal(result?.[part], paste?.[part]);
      const [before, after] = [kind === 'sealed' ? LEAN : EDITABLE, written].map(unpack);
      for (const part of /** @type {const} */ (['shim', 'glue'])) assert.equal(after?.[part], before?.[part]);
    });

    it('gives an Action that does what it says', async (t) => {
      const { written = '' } = await bundle(
        t,
        { syncs: [], claims: { idToken: { 'https://example.com/name': 'user.name' } } },
        [...ARGS, ...more],
      );
      const host = createHost(written);
      const { tokens, faults } = await host.execute(
        'post-login',
        fakeEvent('post-login', { over: { user: { name: 'Ada' } } }),
      );
      assert.deepEqual(faults, []);
      assert.equal(tokens?.idToken?.claims['https://example.com/name'], 'Ada');
    });

    it('may be made from pastes that an editor saved with CRLF', async (t) => {
      const first = await bundle(t, { syncs: [CRM] }, [...ARGS, ...more]);
      await writeFile(path.join(first.folder, 'crlf.js'), EDITABLE.replaceAll('\n', '\r\n'));
      await writeFile(path.join(first.folder, 'crlf.sealed.js'), LEAN.replaceAll('\n', '\r\n'));
      const { code, output, written } = await again(first, ['--paste', 'crlf.js', ...more]);
      assert.equal(code, 0, output);
      assert.equal(written, first.written);
    });

    it('takes a field that is null for one that is not there', async (t) => {
      const none = {
        on: null,
        when: null,
        response: null,
        freshForSeconds: null,
        reuse: null,
        timeoutMs: null,
        retries: null,
        onFailure: null,
      };
      const { code, output } = await bundle(
        t,
        { syncs: [{ ...CRM, ...none }], claims: null, mfa: null, deny: null, budgetMs: null, log: null },
        [...ARGS, ...more],
      );
      assert.equal(code, 0, output);
      assert.match(output, /^serves post-login \(crm\)$/m);
    });
  });

describe('a result that is editable', () => {
  it('may be bundled again', async (t) => {
    const first = await bundle(t, { syncs: [CRM] }, [...ARGS, '--editable']);
    await writeFile(path.join(first.folder, 'first.js'), first.written ?? '');
    const { code, written } = await again(first, ['--paste', 'first.js', '--editable']);
    assert.equal(code, 0);
    assert.equal(written, first.written);
  });
});

describe('a paste that cannot be sealed', () => {
  /** @type {[what: string, lean: string | undefined, message: RegExp][]} */
  const table = [
    [
      'with nothing next to it',
      undefined,
      /^error: --paste: there is no `other\.sealed\.js` to be sealed: take both files from one pkg\/, or add `--editable`$/,
    ],
    [
      'with one of another build',
      repack(LEAN, { wasm: Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]) }),
      /^error: the paste and the one to be sealed are not of one build/,
    ],
    ['with an editable one', EDITABLE, /^error: the paste and the one to be sealed are not of one build/],
  ];
  for (const [what, lean, message] of table) {
    it(`is refused: ${what}`, async (t) => {
      const first = await bundle(t, { syncs: [CRM] });
      await writeFile(path.join(first.folder, 'other.js'), EDITABLE);
      if (lean !== undefined) await writeFile(path.join(first.folder, 'other.sealed.js'), lean);
      const { code, output, written } = await again(first, ['--paste', 'other.js']);
      assert.equal(code, 2);
      assert.match(output, message);
      assert.equal(written, undefined);
    });
  }

  it('is refused: one that is sealed already', async (t) => {
    const first = await bundle(t, { syncs: [CRM] });
    const { code, output } = await again(first, ['--paste', 'out/action.js']);
    assert.equal(code, 2);
    assert.match(output, /^error: --paste: `out\/action\.js` is sealed and takes no other config/);
  });
});

describe('what is said of the result', () => {
  /** @type {[what: string, config: any, lines: RegExp[]][]} */
  const table = [
    ['the size', { syncs: [] }, [/^out\/action\.js: \d\d,\d{3} bytes of the 100,000 that Auth0 takes$/m]],
    [
      'secrets, those of presets too',
      { syncs: [{ use: 'cleeng' }, CRM] },
      [/^secrets it needs: CLEENG_CLIENT_SECRET \(or CLEENG_CLIENT_SECRET_NEXT\), CRM_API_KEY$/m],
    ],
    ['that none is needed', { syncs: [] }, [/^secrets it needs: none$/m]],
    [
      'optional secrets',
      { syncs: [{ use: 'okta-workflows' }] },
      [/^secrets it needs: OKTA_WORKFLOWS_URL$/m, /^secrets it can do without: OKTA_WORKFLOWS_CLIENT_TOKEN$/m],
    ],
    [
      'the token of metrics, without which nothing is told',
      {
        syncs: [CRM],
        metrics: { url: 'https://otel.example.com/v1/metrics', headers: { authorization: { bearer: 'OTEL_TOKEN' } } },
      },
      [/^secrets it needs: CRM_API_KEY$/m, /^secrets it can do without: OTEL_TOKEN$/m],
    ],
    [
      'a secret that is optional in one place only',
      {
        syncs: [
          { ...CRM, request: { ...CRM.request, headers: { a: { secret: 'A', optional: true }, b: { secret: 'A' } } } },
        ],
      },
      [/^secrets it needs: A$/m],
    ],
    [
      'secrets of the url, of its parameters and of signed tokens',
      {
        syncs: [
          { name: 'a', request: { url: { secret: 'URL' } } },
          {
            name: 'b',
            request: {
              url: 'https://a.example.com/{p}',
              params: { p: { secret: 'PARAM' } },
              headers: { a: { jwt: { secret: 'KEY', audience: 'b' } } },
            },
          },
        ],
      },
      [/^secrets it needs: URL, PARAM, KEY$/m],
    ],
    [
      'both triggers',
      { syncs: [{ use: 'cleeng' }, CRM] },
      [/^serves post-login \(cleeng, crm\) and post-user-registration \(cleeng\)$/m, /make two of this file/],
    ],
    [
      'registrations alone',
      { syncs: [{ ...CRM, on: ['post-user-registration'] }] },
      [/^serves post-user-registration \(crm\)$/m],
    ],
    [
      'all flows',
      {
        syncs: [
          { ...CRM, response: null, on: ['post-login', 'post-user-registration', 'post-change-password'] },
          { name: 'users', on: ['event-stream'], request: { url: 'https://users.example.com/' } },
        ],
        flows: {
          'pre-user-registration': { deny: [{ when: '!(user.email)', reason: 'No' }], appMetadata: { a: 1 } },
          'credentials-exchange': { claims: { accessToken: { a: 'client.name' } } },
        },
      },
      [
        /^serves post-login \(crm\) and post-user-registration \(crm\) and pre-user-registration \(appMetadata, deny\) and credentials-exchange \(claims\) and post-change-password \(crm\) and event-stream \(users\)$/m,
        /^an Action has one trigger: make six of this file$/m,
        /^event-stream: make an event stream as well, with the Action as its destination$/m,
      ],
    ],
    ['a flow that gets nothing', { syncs: [], flows: { 'credentials-exchange': { deny: [] } } }, [/^serves nothing/m]],
    [
      'rules and claims',
      { syncs: [], deny: [{ when: 'a', reason: 'b' }], claims: { idToken: { a: '@' } } },
      [/^serves post-login \(claims, deny\)$/m],
    ],
    [
      'all that a login gets without a system',
      {
        syncs: [{ ...CRM, on: ['post-user-registration'] }],
        appMetadata: { a: 1 },
        userMetadata: { a: 1 },
        saml: { a: 1 },
        scopes: { add: ["'a'"] },
        mfa: [{ when: 'a', provider: 'any' }],
      },
      [/^serves post-login \(appMetadata, userMetadata, saml, scopes, mfa\) and post-user-registration \(crm\)$/m],
    ],
    ['that nothing is asked for', { syncs: [], saml: {}, scopes: { add: [] }, deny: null }, [/^serves nothing/m]],
    [
      'presets that secrets switch on',
      {},
      [
        /^serves post-login \(presets\) and post-user-registration \(presets\)$/m,
        /^no `syncs`:/m,
        /^ {2}cleeng \(post-login, post-user-registration\): CLEENG_CLIENT_SECRET \(or CLEENG_CLIENT_SECRET_NEXT\)$/m,
        /^ {2}userhub \(post-login\): USERHUB_CONNECTION_ID, USERHUB_API_KEY$/m,
      ],
    ],
    [
      'what auth0-deploy-cli may replace',
      { syncs: [], claims: { idToken: { a: "'##ENV##'", b: "'#ENV# @@'" } } },
      [
        /^note: auth0-deploy-cli may replace `##ENV##` in the config; then every login is denied: bundle the value instead, or add `--editable`$/m,
      ],
    ],
  ];
  for (const [what, config, lines] of table) {
    it(`has ${what}`, async (t) => {
      const { output, code } = await bundle(t, config);
      assert.equal(code, 0, output);
      for (const line of lines) assert.match(output, line);
    });
  }

  it('agrees with the engine about secrets', async () => {
    const paste = await readFile(PASTE, 'utf8');
    const engine = openEngine(paste);
    for (const config of [{}, { syncs: [{ use: 'cleeng' }, { use: 'userhub' }, { use: 'okta-workflows' }, CRM] }]) {
      for (const { name, document, secrets, switched } of systems(engine, config, presetNames())) {
        const needed = secrets.filter(({ optional }) => !optional);
        assert.ok(needed.length > 0, name);
        const asked = switched ? {} : { syncs: [document] };
        const set = Object.fromEntries(needed.map(({ names }) => [names[0], 'https://a.example.com']));
        assert.deepEqual(engine.problems(asked, set), [], name);
        for (const { names } of needed) {
          const { [names[0]]: _, ...less } = set;
          assert.notDeepEqual(engine.problems(asked, less), [], `${name} without ${names[0]}`);
        }
      }
    }
  });
});

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

describe('opening a config', () => {
  it('gives the syncs as the engine sees them, laid over their presets', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'a.json');
    await writeFile(
      file,
      JSON.stringify({ syncs: [{ use: 'cleeng', request: { body: { country: "'SE'", currency: null } } }, CRM] }),
    );
    const [cleeng, crm] = openConfig({ config: file, paste: PASTE }).syncs;
    const preset = JSON.parse(await readFile(path.join(root, 'src', 'presets', 'cleeng.json'), 'utf8'));
    const { currency: _, ...body } = preset.request.body;
    assert.deepEqual(cleeng.document, {
      ...preset,
      request: { ...preset.request, body: { ...body, country: "'SE'" } },
    });
    assert.deepEqual(crm.document, CRM);
  });
});
