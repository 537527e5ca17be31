// What people read when a config is wrong, on the JavaScript side: the cases of tests/messages/ through the engine in the
// paste (tests/native/messages.rs runs them natively), and those that are about the text before it is JSON.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PASTE, root } from '../../tools/files.mjs';
import { linesOf, readConfig } from '../../tools/paste/config.mjs';
import { parseJson, wrongAt } from '../../tools/paste/json.mjs';
import { openEngine } from '../../tools/paste/paste.mjs';

const FOLDER = path.join(root, 'tests', 'messages');
/** The entry that a case's `entry` is laid over. */
const ENTRY = { name: 'crm', request: { url: 'https://crm.example.com/user' } };

/** @typedef {{ text?: string, config?: any, entry?: any, secrets?: Record<string, string>, says: string[] }} Case */

/** @type {[name: string, it: Case][]} */
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const text = readFileSync(path.join(FOLDER, file), 'utf8');
    return Object.entries(JSON.parse(text)).map(
      ([name, each]) => /** @type {[string, Case]} */ ([`${path.parse(file).name}: ${name}`, each]),
    );
  });

const engine = openEngine(readFileSync(PASTE, 'utf8'));

/** @param {any} base @param {any} over @returns {any} */
function laidOver(base, over) {
  if (typeof base !== 'object' || typeof over !== 'object' || over === null || Array.isArray(over)) return over;
  return {
    ...base,
    ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, laidOver(base[key], value)])),
  };
}

/** @param {string} text @returns {string[]} */
function saidOf(text) {
  try {
    readConfig(text, 'my.config.json');
    return [];
  } catch (error) {
    return /** @type {Error} */ (error).message.split('\n');
  }
}

describe('each message', () => {
  for (const [name, { text, config, entry, secrets, says }] of cases) {
    it(name, () => {
      const said =
        text === undefined
          ? engine
              .problems(entry === undefined ? config : { syncs: [laidOver(ENTRY, entry)] }, secrets)
              .flatMap(linesOf)
          : saidOf(text);
      assert.deepEqual(said, says);
    });
  }
});

describe('a text that is not JSON', () => {
  it('is one for this reader exactly where it is one for Node', () => {
    const good = [
      '{"a": [1, -2.5e+3, "x\\u00e9\\n", true, false, null], "b": {}, "c": [[]]}',
      ' [] ',
      '0',
      '"\u2028"',
      readFileSync(path.join(root, 'demo', 'config.json'), 'utf8'),
    ];
    const signs = [...'{}[]",:\\ \n\t0-.e+tn\'/x\u00a0', '', 'true', '""', '\\u12', ',}'];
    let wrong = 0;
    for (const text of good) {
      for (let at = 0; at <= text.length; at += 1) {
        for (const sign of signs) {
          for (const cut of [0, 1]) {
            const changed = text.slice(0, at) + sign + text.slice(at + cut);
            let valid = true;
            try {
              JSON.parse(changed);
            } catch {
              valid = false;
            }
            assert.equal(wrongAt(changed) === undefined, valid, changed);
            if (!valid) wrong += 1;
          }
        }
      }
    }
    assert.ok(wrong > 10_000, `only ${wrong} texts were wrong`);
  });

  it('is never quoted', () => {
    for (const text of ['{"KEY": s3cret}', '{"KEY": "s3cret}', '{"KEY": "s3\\cret"}', '{"KEY" "s3cret"}']) {
      assert.throws(
        () => parseJson(text, 'it'),
        (/** @type {Error} */ error) => !/s3/.test(error.message),
        text,
      );
    }
  });

  it('may be nested as deep as JSON.parse reads it', () => {
    assert.equal(wrongAt(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), undefined);
  });
});
