// The order of the wasm's functions: each next to its like, all of them there, and whatever their number.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { likeNextToLike, shortestOrder, withOrder } from '../../tools/build/order.mjs';
import { readWasm } from '../../tools/paste/wasm-sections.mjs';

const bytes = (/** @type {string} */ text) => Uint8Array.from(Buffer.from(text));

const shortestOf = (/** @type {Uint8Array[]} */ bodies) =>
  bodies.reduce((least, { length }, i) => (length < (bodies[least]?.length ?? 0) ? i : least), 0);

describe('the order of functions', () => {
  it('begins where it is told, and puts like next to like', () => {
    const bodies = [
      'the sun is shining today',
      'a b',
      'one two three four',
      'the sun is shining',
      'two three four five',
    ];
    const order = likeNextToLike(bodies.map(bytes), 1).map((i) => bodies[i]);
    assert.equal(order[0], 'a b');
    const at = (/** @type {number} */ i) => order.indexOf(bodies[i]);
    assert.equal(Math.abs(at(0) - at(3)), 1);
    assert.equal(Math.abs(at(2) - at(4)), 1);
  });

  it('has each once, and is the same each time', async () => {
    for (const count of [0, 1, 2, 150]) {
      const bodies = Array.from({ length: count }, (_, i) => bytes(`${(i * 7919) % 13} ${'x'.repeat(i % 9)} ${i}`));
      const order = await shortestOrder(bodies);
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        [...bodies.keys()],
      );
      assert.deepEqual(await shortestOrder(bodies), order);
      // None of those that begin elsewhere, of the few that are tried, is shorter.
      const size = (/** @type {number[]} */ some) =>
        brotliCompressSync(Buffer.concat(some.map((i) => bodies[i] ?? bytes('')))).length;
      if (count > 0) assert.ok(size(order) <= size(likeNextToLike(bodies, shortestOf(bodies))));
    }
  });

  it('is written into the names of the functions, after the imported ones', async () => {
    const { default: binaryen } = await import('binaryen');
    const module = binaryen.parseText(`(module
      (import "a" "b" (func $imported))
      (func $long (export "long") (drop (i32.const 1234567)) (drop (i32.const 7654321)) (call $imported))
      (func $short (export "short"))
      (func $longer (export "longer") (drop (i32.const 1234567)) (drop (i32.const 7654321)) (call $long)))`);
    const { functions } = readWasm(await withOrder(module.emitBinary()));
    assert.deepEqual(
      functions.map(({ name }) => /^f\d{5}$/.test(name ?? '')),
      [true, true, true],
    );
    assert.equal(new Set(functions.map(({ name }) => name)).size, 3);
  });
});
