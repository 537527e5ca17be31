// A sealed paste: it does what the editable one does, for the one config that it was made for, and has nothing that reads
// another. The cut itself: tests/tools/cut.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { shim } from '../../tools/build/shim.mjs';
import { leanOf, PASTE } from '../../tools/files.mjs';
import { readAhead } from '../../tools/paste/ahead.mjs';
import { loadEngine, repack, unpack, withConfig } from '../../tools/paste/paste.mjs';
import { seal } from '../../tools/paste/seal.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { CONFIGS, login } from './configs.mjs';
import '../hurry.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

const EDITABLE = readPaste();
const LEAN = readFileSync(leanOf(PASTE), 'utf8');
const sealed = (/** @type {unknown} */ config) => seal(EDITABLE, LEAN, config);

const CONFIG = {
  syncs: [{ name: 'crm', request: { url: 'https://crm.example.com/', body: { id: 'user.user_id' } } }],
  claims: { idToken: { 'https://example.com/a': "'first'" } },
};

describe('a sealed paste does what an editable one does', () => {
  for (const [file, config] of CONFIGS) {
    const pastes = [sealed(config), readAhead(withConfig(EDITABLE, config), config)];
    /** @param {Parameters<typeof login>[2]} how */
    const same = async (how) => {
      const [one, other] = await Promise.all(pastes.map((code) => login(code, config, how)));
      assert.deepEqual(one, other, JSON.stringify(how));
    };

    it(`with every system well, in two logins and a registration: ${file}`, async () => {
      await same({ repeat: 2 });
      await same({ trigger: 'post-user-registration' });
    });

    it(`in each fault: ${file}`, async () => {
      for (const fault of ['401', '404', '429:3', '503', 'reset', 'garbage', 'half-body', 'empty', 'redirect'])
        await same({ fault, repeat: 2 });
    });

    it(`whatever the secrets are: ${file}`, async () => {
      const none = (/** @type {Record<string, any>} */ secrets, /** @type {(name: string) => any} */ value) =>
        Object.fromEntries(Object.keys(secrets).map((name) => [name, value(name)]));
      for (const value of [
        (/** @type {string} */ name) => `@@${name}@@`,
        () => ' ',
        () => undefined,
        () => 'http://no',
        () => 'a\nb',
        () => '\ud800',
        () => 7,
      ]) {
        await same({ change: (secrets) => none(secrets, value) });
        // One alone that is set.
        await same({
          change: (secrets) => ({
            ...none(secrets, value),
            ...Object.fromEntries(Object.entries(secrets).slice(0, 1)),
          }),
        });
      }
      await same({ change: () => ({}) });
    });
  }
});

describe('the config in a sealed paste', () => {
  const code = sealed(CONFIG);

  /** @type {[what: string, change: (code: string) => string][]} */
  const spaces = [
    ['as it is', (code) => code],
    ['on one line', (code) => withConfig(code, CONFIG, { compact: true })],
    [
      'with tabs and line ends of Windows',
      (code) =>
        code.replace(/const config = [\s\S]*?\n\};/, (text) => text.replaceAll('  ', '\t')).replaceAll('\n', '\r\n'),
    ],
    ['with a comment', (code) => code.replace('const config = {', 'const config = { // ours\n')],
    [
      'with a comma more, and without quotation marks',
      (code) => code.replace('"name"', 'name').replace("'first'\"\n", "'first'\",\n"),
    ],
  ];
  for (const [what, change] of spaces) {
    it(`is the one that was sealed: ${what}`, async (t) => {
      const { host } = await tenant(t, { code: change(code) });
      const event = fakeEvent('post-login', {});
      const execution = await host.execute('post-login', event);
      assertSound(execution, event);
      assert.equal(execution.tokens?.idToken?.claims['https://example.com/a'], 'first');
      assert.match(execution.log[0]?.text ?? '', /result=allowed/);
    });
  }

  /** @type {[what: string, change: (code: string) => string][]} */
  const edits = [
    ['a text', (code) => code.replace("'first'", "'second'")],
    ['an entry', (code) => withConfig(code, { ...CONFIG, syncs: [] })],
    ['a field more', (code) => withConfig(code, { ...CONFIG, deny: [] })],
    ['a number', (code) => withConfig(code, { ...CONFIG, budgetMs: 8000 })],
    ['all of it', (code) => withConfig(code, {})],
    ['something that is no config', (code) => code.replace(/const config = [\s\S]*?\n\};/, 'const config = null;')],
    ['something that has no JSON', (code) => code.replace(/const config = [\s\S]*?\n\};/, 'const config = 1n;')],
    [
      'a line that changes it',
      (code) => code.replace('// ---- ... to here.', 'config.syncs.pop();\n// ---- ... to here.'),
    ],
  ];
  for (const [what, change] of edits) {
    it(`is refused once it is edited: ${what}`, async (t) => {
      const edited = change(code);
      assert.notEqual(edited, code);
      const { host } = await tenant(t, { code: edited });
      for (const [trigger, outcome] of /** @type {const} */ ([
        ['post-login', 'access_denied'],
        ['post-user-registration', undefined],
      ])) {
        const event = fakeEvent(trigger, {});
        const execution = await host.execute(trigger, event);
        assertSound(execution, event);
        assert.equal(execution.error?.error, outcome);
        assert.deepEqual(execution.requests, []);
        assert.match(
          execution.log[0]?.text ?? '',
          /result=refused problem="config: was edited in a sealed file: run .*bundle.? again/,
        );
      }
    });
  }

  it('is refused in the file from which sealed ones are made, which has none', async (t) => {
    const { host } = await tenant(t, { code: LEAN });
    const { error, log } = await host.execute('post-login', fakeEvent('post-login', {}));
    assert.equal(error?.error, 'access_denied');
    assert.match(log[0]?.text ?? '', /was edited in a sealed file/);
  });

  it('is still known after a breakdown', async (t) => {
    const shim = unpack(code).shim.replace(
      'this.instance.engine.start(',
      '(globalThis.broken||(globalThis.broken=true,null.x),this.instance.engine).start(',
    );
    const { host } = await tenant(t, { code: repack(code, { shim }) });
    const [first, second] = [
      await host.execute('post-login', fakeEvent('post-login', {})),
      await host.execute('post-login', fakeEvent('post-login', {})),
    ];
    assert.match(first.log[0]?.text ?? '', /warn=broken/);
    assert.match(second.log[0]?.text ?? '', /result=allowed/);
  });
});

describe('what a sealed paste lacks', () => {
  const example = CONFIGS.find(([file]) => file.includes('several-systems'))?.[1];

  it('is what reads and explains a config', () => {
    const wasm = Buffer.from(unpack(sealed(example)).wasm);
    const whole = Buffer.from(unpack(EDITABLE).wasm);
    for (const text of ['unknown field', 'did you mean', 'must be an object', 'choose from ']) {
      assert.ok(whole.includes(text), `the editable one has \`${text}\``);
      assert.ok(!wasm.includes(text), `the sealed one has no \`${text}\``);
    }
    const Engine = loadEngine(sealed(example));
    assert.deepEqual(
      ['problems', 'syncs'].filter((name) => name in Engine.prototype),
      [],
    );
  });

  it('is nothing of the shim, which only connects first besides', async () => {
    const [whole, lean] = await Promise.all([false, true].map((sealed) => shim({ sealed, readable: true })));
    const functions = (/** @type {typeof whole} */ of) =>
      new Set(`${of?.outside}${of?.shim}`.match(/^(async function|function|class) \w+/gm));
    assert.deepEqual(
      [...functions(lean)].filter((name) => !functions(whole).has(name)),
      ['function connectTo', 'async function connectFirst'],
    );
    assert.deepEqual(
      [...functions(whole)].filter((name) => !functions(lean).has(name)),
      [],
    );
  });
});
