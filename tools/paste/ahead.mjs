// tools/paste/: a config read ahead, so that no login waits for it.
//
// The engine in a paste reads a config here, and what its memory is by then becomes the memory with which the wasm of the
// paste begins (pre-initialisation, as Wizer does it). The engine itself sees whether the config that it is given is the
// one it knows; where it is not, edited by hand say, it reads what it is given.

import { UserError } from '../error.mjs';
import { loadEngine, unpack, withWasm } from './paste.mjs';
import { Cursor, readLimits, sectionsOf } from './wasm-sections.mjs';

// The tools' types are Node's, which leave this out.
const { WebAssembly } = /** @type {any} */ (globalThis);
/** @typedef {{ buffer: ArrayBuffer }} Memory */
/** @typedef {{ length: number, get(index: number): unknown }} Table the host's values, of which the wasm holds the numbers */
/** @typedef {Map<number, Uint8Array>} Sections by their number */

const [CUSTOM, TABLE, MEMORY, DATA, DATA_COUNT] = [0, 4, 5, 11, 12];
const [EXTERNREF, I32_CONST, END] = [0x6f, 0x41, 0x0b];
const HEAD = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const NAME = 'ahead';
const PAGE = 65536;
/** A shorter run of zeros is not worth a segment more: they compress to nothing. */
const GAP = 256;

/**
 * The same paste, with this config read ahead; without one, with nothing read ahead.
 * @param {string} paste
 * @param {unknown} [config]
 */
export function readAhead(paste, config) {
  const plain = plainWasm(paste);
  if (config === undefined) return withWasm(paste, plain);
  /** @type {unknown[]} */
  let state = [];
  const Module = function () {
    return new WebAssembly.Module(plain);
  };
  /** @this {unknown} @param {unknown} module @param {unknown} imports */
  const Instance = function (module, imports) {
    const instance = new WebAssembly.Instance(module, imports);
    state = Object.values(instance.exports);
    return instance;
  };
  const Engine = loadEngine(paste, { Module, Instance });
  // A paste of an earlier version reads at its first login.
  if (!Engine.readAhead) return paste;
  Engine.readAhead(config);
  return withWasm(paste, beginningAs(plain, state));
}

/** The wasm of a paste with nothing read ahead. @param {string} paste */
export const plainWasm = (paste) => undone(unpack(paste));

/**
 * A wasm that begins in the state of an instance of it.
 * @param {Uint8Array} wasm with nothing read ahead
 * @param {unknown[]} state the instance's exports
 */
function beginningAs(wasm, state) {
  const memory = /** @type {Memory | undefined} */ (state.find((part) => part instanceof WebAssembly.Memory));
  const values = /** @type {Table | undefined} */ (state.find((part) => part instanceof WebAssembly.Table));
  if (!memory || !values) throw new UserError('the wasm in this paste shows no memory or no table: build it anew');
  const sections = split(wasm);
  const [table, pages, data] = [TABLE, MEMORY, DATA].map((id) => sections.get(id) ?? new Uint8Array());
  const segments = segmentsOf(data);
  const added = changes(new Uint8Array(memory.buffer), segments);
  const size = Uint8Array.from([1, 0, ...unsigned(memory.buffer.byteLength / PAGE)]);
  setState(sections, withValues(table, values), size, [...segments.map(({ whole }) => whole), ...added]);
  // What it takes to undo this.
  sections.set(
    CUSTOM,
    Buffer.concat([
      vector(Buffer.from(NAME)),
      vector(table),
      vector(pages),
      Uint8Array.from(unsigned(segments.length)),
    ]),
  );
  return join(sections);
}

/** The same wasm with nothing read ahead. @param {Uint8Array} wasm */
function undone(wasm) {
  const sections = split(wasm);
  const before = sections.get(CUSTOM);
  const cursor = new Cursor(before ?? new Uint8Array());
  if (!before || cursor.text() !== NAME) return wasm;
  const table = cursor.take(cursor.number());
  const pages = cursor.take(cursor.number());
  const segments = segmentsOf(sections.get(DATA) ?? new Uint8Array()).slice(0, cursor.number());
  setState(
    sections,
    table,
    pages,
    segments.map(({ whole }) => whole),
  );
  sections.delete(CUSTOM);
  return join(sections);
}

/** What a wasm begins with. @param {Sections} sections @param {Uint8Array} table @param {Uint8Array} pages @param {Uint8Array[]} segments */
function setState(sections, table, pages, segments) {
  const count = Uint8Array.from(unsigned(segments.length));
  sections.set(TABLE, table);
  sections.set(MEMORY, pages);
  sections.set(DATA, Buffer.concat([count, ...segments]));
  if (sections.has(DATA_COUNT)) sections.set(DATA_COUNT, count);
}

/** @param {Uint8Array} wasm @returns {Sections} */
const split = (wasm) => new Map([...sectionsOf(wasm)].map(({ id, body }) => [id, body]));

/** @param {Sections} sections */
const join = (sections) =>
  Buffer.concat([HEAD, ...[...sections].flatMap(([id, body]) => [Uint8Array.from([id]), vector(body)])]);

/**
 * As many places for the host's values as there are. They must be empty, for a value cannot be written down.
 * @param {Uint8Array} table
 * @param {Table} values
 */
function withValues(table, values) {
  const cursor = new Cursor(table);
  const written = [...unsigned(cursor.number())];
  while (!cursor.over) {
    const type = cursor.byte();
    const { least, most } = readLimits(cursor);
    for (let i = least; type === EXTERNREF && i < values.length; i++) {
      if (values.get(i) != null)
        throw new UserError(
          `the engine holds a value of the host after it has read the config, a ${typeof values.get(i)}: src/host/constant.rs says how it need not`,
        );
    }
    const count = type === EXTERNREF ? values.length : least;
    written.push(type, ...(most === undefined ? [0, ...unsigned(count)] : [1, ...unsigned(count), ...unsigned(most)]));
  }
  return Uint8Array.from(written);
}

/** @param {Uint8Array} data */
function segmentsOf(data) {
  const cursor = new Cursor(data);
  return Array.from({ length: cursor.number() }, () => {
    const from = cursor.at;
    const [kind, code, address, end] = [cursor.number(), cursor.byte(), cursor.number(), cursor.byte()];
    if (kind !== 0 || code !== I32_CONST || end !== END)
      throw new UserError('the wasm in this paste has other data than tools/paste/ahead.mjs knows');
    const bytes = cursor.take(cursor.number());
    return { address, bytes, whole: data.subarray(from, cursor.at) };
  });
}

/**
 * Segments for what a memory has that these have not. Before the first of them is the stack, which is empty between two
 * calls.
 * @param {Uint8Array} memory
 * @param {{ address: number, bytes: Uint8Array }[]} segments
 */
function changes(memory, segments) {
  const before = new Uint8Array(memory.length);
  for (const { address, bytes } of segments) before.set(bytes, address);
  /** @type {[from: number, to: number][]} */
  const runs = [];
  for (let at = segments[0]?.address ?? 0; at < memory.length; at++) {
    if (memory[at] === before[at]) continue;
    const last = runs.at(-1);
    if (last && at - last[1] < GAP) last[1] = at + 1;
    else runs.push([at, at + 1]);
  }
  return runs.map(([from, to]) =>
    Buffer.concat([Uint8Array.from([0, I32_CONST, ...signed(from), END]), vector(memory.subarray(from, to))]),
  );
}

/** @param {Uint8Array} bytes */
const vector = (bytes) => Buffer.concat([Uint8Array.from(unsigned(bytes.length)), bytes]);

/** LEB128. @param {number} value @returns {number[]} */
function unsigned(value) {
  return value < 128 ? [value] : [(value % 128) | 128, ...unsigned(Math.floor(value / 128))];
}

/** The same with room for a sign, of what is not negative. @param {number} value @returns {number[]} */
function signed(value) {
  return value < 64 ? [value] : [(value % 128) | 128, ...signed(Math.floor(value / 128))];
}
