// tests/tools/: the developer's tools. Here: `npm run bundle`, as a command, with the committed paste: what it writes runs,
// what it refuses it refuses whole, and what it says of secrets and triggers is what the engine says.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openConfig, presetNames } from '../../tools/commands/open.mjs';
import { PASTE, root } from '../../tools/files.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { isSealed, openEngine, repack, split, unpack } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { ARGS, again, bundle, CRM, EDITABLE, KINDS, LEAN } from './bundled.mjs';

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

describe('a config that is in a paste', () => {
  const inPaste = (/** @type {string} */ config, paste = EDITABLE) =>
    [split(paste).head, '// ---- The config: edit from here ... ----\n', config, split(paste).outside, 'program'].join(
      '',
    );
  const written = `const config = {\n  // Our own.\n  syncs: [${JSON.stringify(CRM)},],\n};\n`;

  it('is taken from there, also from one of another version, and with the line ends of Windows', async (t) => {
    const { written: wanted } = await bundle(t, { syncs: [CRM] });
    for (const file of [
      inPaste(written),
      inPaste(written).replaceAll('\n', '\r\n'),
      `// login-sync 0.1.0: an Action\n'use strict';\n\n${inPaste(written).slice(split(EDITABLE).head.length)}`,
      wanted ?? '',
    ]) {
      const { code, output, written: made } = await bundle(t, file);
      assert.equal(code, 0, output);
      assert.equal(made, wanted);
    }
  });

  for (const [what, config, message] of /** @type {const} */ ([
    ['is no JavaScript', 'const config = { syncs: [ };\n', /cannot be read: Unexpected token '}'/],
    ['names what is not there', 'const config = { syncs: CRM };\n', /cannot be read: CRM is not defined/],
    ['is gone', '\n', /cannot be read: config is not defined/],
    ['has an error', 'const config = { sync: [] };\n', /config: unknown field `sync`: did you mean `syncs`\?/],
  ]))
    it(`is refused where it ${what}`, async (t) => {
      const { code, output, written: made } = await bundle(t, inPaste(config));
      assert.deepEqual([code, made], [2, undefined]);
      assert.match(output, message);
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
