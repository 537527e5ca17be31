// A config read ahead: it saves the reading and changes nothing else, and a paste whose config was edited by hand after
// that does what the new one says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAhead } from '../../tools/paste/ahead.mjs';
import { loadEngine, unpack, withConfig } from '../../tools/paste/paste.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';
import '../hurry.mjs';
import { CONFIGS, login } from './configs.mjs';
import { readPaste } from './support.mjs';

const PASTE = readPaste();
const CLAIM = { syncs: [], claims: { idToken: { 'https://example.com/a': "'first'" } } };

/** How often an engine that is made for a config asks the host something. @param {string} paste @param {unknown} config */
function questions(paste, config) {
  const { WebAssembly } = /** @type {any} */ (globalThis);
  let asked = 0;
  /** @param {(...args: any[]) => unknown} from */
  const counted =
    (from) =>
    (/** @type {any[]} */ ...args) => {
      asked += 1;
      return from(...args);
    };
  const Instance = function (/** @type {unknown} */ module, /** @type {any} */ { a }) {
    return new WebAssembly.Instance(module, {
      a: Object.fromEntries(Object.entries(a).map(([name, from]) => [name, counted(from)])),
    });
  };
  const Engine = loadEngine(paste, { Instance });
  asked = 0;
  Engine.read(config);
  new Engine(config, {});
  return asked;
}

describe('a config read ahead', () => {
  for (const [file, config] of CONFIGS) {
    it(`does the same: ${file}`, async () => {
      const plain = withConfig(readAhead(PASTE), config);
      assert.deepEqual(await login(readAhead(plain, config), config), await login(plain, config));
    });
  }

  it('keeps its texts as they are', async () => {
    const text = `\uFEFF\u0000Grüße, ${'日本語 '.repeat(100)}😀\u2028\\u0041`;
    const config = { syncs: [], claims: { idToken: { 'https://example.com/é😀': `\`${JSON.stringify(text)}\`` } } };
    for (const code of [withConfig(PASTE, config), readAhead(withConfig(PASTE, config), config)]) {
      const { results } = await run({ code, trigger: 'post-login', secrets: {} }, localTenant);
      assert.equal(results[0]?.tokens?.idToken?.claims['https://example.com/é😀'], text);
    }
  });

  it('is not read again', () => {
    for (const [file, config] of CONFIGS) {
      const [read, ahead] = [readAhead(PASTE), readAhead(PASTE, config)].map((paste) => questions(paste, config));
      assert.ok(ahead < 80 && ahead * 3 < read, `${file}: ${ahead} questions, and ${read} where it must be read`);
    }
  });

  it('is none in the committed paste, whose config is there to be edited', () => {
    assert.deepEqual(unpack(PASTE), unpack(readAhead(PASTE)));
  });

  it('leaves no trace of one that was read before', () => {
    const once = readAhead(PASTE, CLAIM);
    assert.notDeepEqual(unpack(once), unpack(PASTE));
    assert.deepEqual(unpack(readAhead(once)), unpack(PASTE));
  });
});

describe('a config edited by hand after that', () => {
  const edited = readAhead(withConfig(PASTE, CLAIM), CLAIM).replace('first', 'second');

  it('counts', async () => {
    const { results } = await run({ code: edited, trigger: 'post-login', secrets: {} }, localTenant);
    assert.equal(results[0]?.tokens?.idToken?.claims['https://example.com/a'], 'second');
  });

  it('is refused when it is wrong', async () => {
    const { results } = await run(
      { code: edited.replace('idToken', 'idTokens'), trigger: 'post-login', secrets: {} },
      localTenant,
    );
    assert.equal(results[0]?.outcome, 'denied');
    assert.match(JSON.stringify(results[0]?.log), /config\.claims: unknown field/);
  });
});
