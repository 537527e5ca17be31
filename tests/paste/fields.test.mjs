// Nothing in a config is read and ignored: for each field of the schema there is a config in which another value of it makes
// another login. So a field that the reader knows and no one uses is found, and one that the schema lacks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SCHEMA } from '../../tools/files.mjs';
import { openEngine } from '../../tools/paste/paste.mjs';
import { DOCUMENTS } from './fields/documents.mjs';
import { observe } from './fields/observe.mjs';
import { changes, fieldsIn, fieldsOf } from './fields/schema.mjs';
import { readPaste } from './support.mjs';

const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));
const engine = openEngine(readPaste());

/**
 * What changes no login: only editors read the first, of a signed token `false` is all that the second may be, and the third is
 * seen after ten seconds (tests/native/metrics.rs).
 */
const SILENT = ['Config.$schema', 'JwtHeader.optional', 'Metrics.everySeconds'];

/** Where each field is in the documents. @type {Map<string, { of: string, path: string[] }[]>} */
const places = new Map(fieldsOf(schema).map((field) => [field, []]));
for (const [of, document] of Object.entries(DOCUMENTS)) {
  for (const { field, path } of fieldsIn(schema, document)) places.get(field)?.push({ of, path });
}

/** @type {Map<string, Promise<string>>} */
const known = new Map();
/** What comes of a config. @param {any} config */
function seen(config) {
  const text = JSON.stringify(config);
  known.set(text, known.get(text) ?? observe(config));
  return /** @type {Promise<string>} */ (known.get(text));
}

it('the documents are configs without errors', () => {
  for (const [name, document] of Object.entries(DOCUMENTS)) assert.deepEqual(engine.problems(document), [], name);
});

it('what is seen of a config is the same each time', async () => {
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    // A busy machine makes one of two logins slower, and how long they take is seen of some.
    for (let left = 5; ; left -= 1) {
      const [one, other] = [await observe(document), await seen(document)];
      if (one === other || left === 0) {
        assert.equal(one, other, name);
        break;
      }
      known.delete(JSON.stringify(document));
    }
  }
});

describe('another value makes another login', () => {
  for (const [field, all] of places) {
    if (SILENT.includes(field)) continue;
    it(field, async () => {
      assert.ok(all.length > 0, 'no document has it');
      for (const { of, path } of all) {
        const before = await seen(DOCUMENTS[of]);
        for (const config of changes(schema, DOCUMENTS[of], path, field)) {
          if (engine.problems(config).length === 0 && (await seen(config)) !== before) return;
        }
      }
      assert.fail(
        `it is read, and no login is another one: ${all.map(({ of, path }) => `${of}: ${path.join('.')}`).join(', ')}`,
      );
    });
  }
});
