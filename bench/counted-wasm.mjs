// bench/: a wasm that counts the calls of its functions, for the budget. Each function begins with adding to a counter of its
// own, a global that is exported.

import {
  CODE,
  Cursor,
  EXPORTS,
  IMPORTS,
  joinSections,
  readImport,
  sectionsOf,
  unsigned,
  vector,
} from '../tools/paste/wasm-sections.mjs';

// The tools' types are Node's, which leave this out.
const { WebAssembly } = /** @type {any} */ (globalThis);

/**
 * @typedef {object} Counts
 * @property {number} crossings calls of the host into the wasm, and of the wasm into the host
 * @property {number} calls of the wasm's own functions, also by each other
 * @property {number} functions that were called at all
 * @property {number} bytes these have
 */

const GLOBALS = 6;
/** In imports and exports. */
const GLOBAL = 3;
/** `i32`, that may change, 0 at first. */
const COUNTER = Uint8Array.of(0x7f, 1, 0x41, 0, 0x0b);
const PREFIX = 'calls of ';

/** Adds one to a global: global.get, i32.const 1, i32.add, global.set. @param {number} global */
const count = (global) => Uint8Array.from([0x23, ...unsigned(global), 0x41, 1, 0x6a, 0x24, ...unsigned(global)]);

/** A section with more in it. @param {Uint8Array | undefined} body @param {Uint8Array[]} more */
function withMore(body = Uint8Array.of(0), more) {
  const cursor = new Cursor(body);
  const number = cursor.number() + more.length;
  return Buffer.concat([Uint8Array.from(unsigned(number)), body.subarray(cursor.at), ...more]);
}

/** @param {Uint8Array} bytes */
function withCounters(bytes) {
  const sections = new Map([...sectionsOf(bytes)].map(({ id, body }) => [id, body]));
  const cursor = (/** @type {number} */ id) => new Cursor(sections.get(id) ?? Uint8Array.of(0));
  let first = cursor(GLOBALS).number();
  const imports = cursor(IMPORTS);
  for (let left = imports.number(); left > 0; left--) first += readImport(imports) === GLOBAL ? 1 : 0;

  const code = cursor(CODE);
  const functions = Array.from({ length: code.number() }, () => code.take(code.number()));
  const counted = functions.map((body, i) => {
    const locals = new Cursor(body);
    for (let left = locals.number(); left > 0; left--) {
      locals.number();
      locals.byte();
    }
    return vector(Buffer.concat([body.subarray(0, locals.at), count(first + i), body.subarray(locals.at)]));
  });
  sections.set(CODE, withMore(undefined, counted));
  const named = functions.map((_, i) =>
    Buffer.concat([vector(Buffer.from(`${PREFIX}${i}`)), Uint8Array.from([GLOBAL, ...unsigned(first + i)])]),
  );
  sections.set(EXPORTS, withMore(sections.get(EXPORTS), named));
  const counters = withMore(
    sections.get(GLOBALS),
    functions.map(() => COUNTER),
  );
  sections.set(GLOBALS, counters);
  const whole = joinSections([...sections].map(([id, body]) => ({ id, body })));
  return { whole, sizes: functions.map(({ length }) => length) };
}

/** A `WebAssembly` that counts, for one instance of the Action, and what it has counted since it was asked last. */
export function counting() {
  /** @type {number[]} */
  let sizes = [];
  /** @type {Record<string, any>} */
  let all = {};
  let crossings = 0;

  /** @param {[name: string, part: any]} entry */
  const across = ([name, part]) => {
    if (typeof part !== 'function') return [name, part];
    const counted = (/** @type {unknown[]} */ ...given) => {
      crossings += 1;
      return part(...given);
    };
    return [name, counted];
  };
  /** @param {Uint8Array} bytes */
  const Module = function (bytes) {
    // The one that reads base91 is none of the engine.
    if (bytes.length < 1000) return new WebAssembly.Module(bytes);
    const counted = withCounters(bytes);
    sizes = counted.sizes;
    return new WebAssembly.Module(counted.whole);
  };
  /** @param {unknown} module @param {Record<string, object>} [imports] */
  const Instance = function (module, imports) {
    if (!imports) return new WebAssembly.Instance(module);
    const crossed = Object.entries(imports).map(([name, from]) => [
      name,
      Object.fromEntries(Object.entries(from).map(across)),
    ]);
    all = new WebAssembly.Instance(module, Object.fromEntries(crossed)).exports;
    return { exports: Object.fromEntries(Object.entries(all).map(across)) };
  };

  /** @returns {Counts} */
  const take = () => {
    const counts = { crossings, calls: 0, functions: 0, bytes: 0 };
    crossings = 0;
    for (const [i, size] of sizes.entries()) {
      const counter = all[PREFIX + i];
      if (counter.value === 0) continue;
      counts.calls += counter.value;
      counts.functions += 1;
      counts.bytes += size;
      counter.value = 0;
    }
    return counts;
  };
  return { WebAssembly: { Module, Instance }, take };
}
