// The encoding of what is packed: the tools read back what they wrote, and so does the paste's own little WebAssembly.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { shim } from '../../tools/build/shim.mjs';
import { fromBase91, toBase91 } from '../../tools/paste/base91.mjs';

const { outside } = await shim({ readable: true });
const reader = /** @type {(text: string) => Buffer} */ (new Function('exports', `${outside}\nreturn fromBase91;`)({}));

describe('base91', () => {
  it('is read back, by the tools and in the paste', () => {
    for (let length = 0; length < 300; length += 1) {
      const bytes = randomBytes(length);
      const text = toBase91(bytes);
      assert.deepEqual(Buffer.from(fromBase91(text)), bytes);
      assert.deepEqual(Buffer.from(reader(text)), bytes, `${length} bytes`);
    }
    for (const bytes of [Buffer.alloc(60_001), Buffer.alloc(60_001, 255), randomBytes(80_000)])
      assert.deepEqual(Buffer.from(reader(toBase91(bytes))), bytes);
  });

  it('takes 16 characters for 13 bytes, none of which ends a string or makes a marker', () => {
    const text = toBase91(randomBytes(13_000));
    assert.equal(text.length, 16_000);
    assert.match(text, /^[ !$-?A-[\]-~]+$/);
  });

  it('is refused when it is something else', () => {
    for (const text of ['"', 'ab\\', '@@', 'é!']) assert.throws(() => fromBase91(text), RangeError);
  });
});
