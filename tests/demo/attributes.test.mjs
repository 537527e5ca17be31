// How the demo maps claims to attributes, as a relying party does: paths with escaped dots, sources, data types.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mapAttributes, pathOf } from '../../demo/attributes.mjs';

describe('a claim name', () => {
  for (const [claimName, path] of /** @type {[string, string[]][]} */ ([
    ['email', ['email']],
    ['address.country', ['address', 'country']],
    [String.raw`https://example\.com/roles`, ['https://example.com/roles']],
    [String.raw`https://crm\.example\.com/.name`, ['https://crm.example.com/', 'name']],
    [String.raw`a\\b.c`, [String.raw`a\b`, 'c']],
  ])) {
    it(`${claimName} is the path ${JSON.stringify(path)}`, () => assert.deepEqual(pathOf(claimName), path));
  }
});

const tokens = {
  idToken: { 'https://example.com/a': 'x', flag: true, nested: { deep: [1, 2] }, words: ['a', 'b'], mixed: ['a', 1] },
  accessToken: { flag: 'not a boolean' },
};

describe('an attribute', () => {
  for (const [
    source,
    claimName,
    dataType,
    value,
    fits,
  ] of /** @type {[string, string, string, unknown, boolean][]} */ ([
    ['ID token', String.raw`https://example\.com/a`, 'string', 'x', true],
    ['ID token', 'https://example.com/a', 'string', undefined, true],
    ['ID token', 'flag', 'bool', true, true],
    ['Access token', 'flag', 'bool', 'not a boolean', false],
    ['ID token', 'nested.deep', 'number_array', [1, 2], true],
    ['ID token', 'nested', 'object', { deep: [1, 2] }, true],
    ['ID token', 'words', 'object', ['a', 'b'], false],
    ['ID token', 'words', 'string_array', ['a', 'b'], true],
    ['ID token', 'mixed', 'string_array', ['a', 1], false],
    ['ID token', 'mixed', 'any', ['a', 1], true],
    ['ID token', 'toString', 'any', undefined, true],
  ])) {
    it(`${dataType} from the ${source}'s ${claimName} is ${JSON.stringify(value)}`, () => {
      const [mapped] = mapAttributes([{ source, claimName, displayName: '', dataType }], tokens);
      assert.deepEqual([mapped?.value, mapped?.fits], [value, fits]);
    });
  }
});
