// tools/paste/: a config read ahead, so that no login waits for it.
//
// The engine in a paste reads a config here, and what its memory is by then becomes the memory with which the wasm of the
// paste begins (pre-initialisation, as Wizer does it). The engine itself sees whether the config that it is given is the
// one it knows; where it is not, edited by hand say, it reads what it is given.

import { UserError } from '../error.mjs';
import { loadEngine, repack, unpack } from './paste.mjs';
import {
  CUSTOM,
  Cursor,
  DATA,
  DATA_COUNT,
  joinSections,
  MEMORIES,
  readLimits,
  sectionsOf,
  signed,
  TABLES,
  unsigned,
  vector,
} from './wasm-sections.mjs';

// The tools' types are Node's, which leave this out.
const { WebAssembly } = /** @type {any} */ (globalThis);
/** @typedef {{ length: number, get(index: number): unknown }} Values the host's, of which the wasm holds the numbers */
/** @typedef {{ memory: Uint8Array, values: Values, from: number }} State of an engine; `from`: where its data begin */
/** @typedef {Map<number, Uint8Array>} Sections by their number */

const [EXTERNREF, I32_CONST, END] = [0x6f, 0x41, 0x0b];
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
  const wasm = config === undefined ? plain : withUndo(plain, beginningAs(plain, stateAfter(paste, plain, config)));
  return repack(paste, { wasm });
}

/**
 * What an engine is after it has read a config.
 * @param {string} paste
 * @param {Uint8Array} plain its wasm
 * @param {unknown} config
 * @returns {State}
 */
export function stateAfter(paste, plain, config) {
  /** @type {unknown[]} */
  let parts = [];
  /** @this {unknown} @param {unknown} module @param {unknown} imports */
  const Instance = function (module, imports) {
    const instance = new WebAssembly.Instance(module, imports);
    parts = Object.values(instance.exports);
    return instance;
  };
  const Engine = loadEngine(paste, { wasm: plain, Instance });
  Engine.read(config);
  const memory = /** @type {{ buffer: ArrayBuffer } | undefined} */ (
    parts.find((part) => part instanceof WebAssembly.Memory)
  );
  const values = /** @type {Values | undefined} */ (parts.find((part) => part instanceof WebAssembly.Table));
  if (!memory || !values) throw new UserError('the wasm in this paste shows no memory or no table: build it again');
  return { memory: new Uint8Array(memory.buffer), values, from: segmentsOf(split(plain).get(DATA))[0]?.address ?? 0 };
}

/** The wasm of a paste with nothing read ahead. @param {string} paste */
export const plainWasm = (paste) => undone(unpack(paste).wasm);

/**
 * A wasm that begins in this state.
 * @param {Uint8Array} wasm with nothing read ahead
 * @param {State} state
 * @returns {Sections}
 */
export function beginningAs(wasm, { memory, values, from }) {
  const sections = split(wasm);
  const segments = segmentsOf(sections.get(DATA));
  const pages = Uint8Array.from([1, 0, ...unsigned(memory.length / PAGE)]);
  const added = changes(memory, memoryOf(segments, memory.length), from);
  setState(sections, withValues(sections.get(TABLES) ?? new Uint8Array(), values), pages, [
    ...segments.map(({ whole }) => whole),
    ...added,
  ]);
  return sections;
}

/** What a wasm begins with, in so many bytes of memory. @param {Uint8Array} wasm @param {number} length */
export const beginningOf = (wasm, length) => memoryOf(segmentsOf(split(wasm).get(DATA)), length);

/** With what it takes to undo this. @param {Uint8Array} plain @param {Sections} sections */
function withUndo(plain, sections) {
  const before = split(plain);
  const [table, pages] = [TABLES, MEMORIES].map((id) => vector(before.get(id) ?? new Uint8Array()));
  const count = Uint8Array.from(unsigned(segmentsOf(before.get(DATA)).length));
  return join(sections.set(CUSTOM, Buffer.concat([vector(Buffer.from(NAME)), table, pages, count])));
}

/** The same wasm with nothing read ahead. @param {Uint8Array} wasm */
function undone(wasm) {
  const sections = split(wasm);
  const before = sections.get(CUSTOM);
  const cursor = new Cursor(before ?? new Uint8Array());
  if (!before || cursor.text() !== NAME) return wasm;
  const table = cursor.take(cursor.number());
  const pages = cursor.take(cursor.number());
  const segments = segmentsOf(sections.get(DATA)).slice(0, cursor.number());
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
  sections.set(TABLES, table);
  sections.set(MEMORIES, pages);
  sections.set(DATA, Buffer.concat([count, ...segments]));
  if (sections.has(DATA_COUNT)) sections.set(DATA_COUNT, count);
}

/** @param {Sections} sections */
export const join = (sections) => joinSections([...sections].map(([id, body]) => ({ id, body })));

/** @param {Uint8Array} wasm @returns {Sections} */
export const split = (wasm) => new Map([...sectionsOf(wasm)].map(({ id, body }) => [id, body]));

/**
 * As many places for the host's values as there are. They must be empty, for a value cannot be written down.
 * @param {Uint8Array} table
 * @param {Values} values
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

/** @typedef {{ address: number, bytes: Uint8Array, whole: Uint8Array }} Segment */
/** @param {Uint8Array} [data] @returns {Segment[]} */
function segmentsOf(data = Uint8Array.from([0])) {
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

/** @param {Segment[]} segments @param {number} length */
function memoryOf(segments, length) {
  const memory = new Uint8Array(length);
  for (const { address, bytes } of segments) memory.set(bytes, address);
  return memory;
}

/**
 * Segments for what a memory has that it had not before. Below `from` is the stack, which is empty between two calls.
 * @param {Uint8Array} memory
 * @param {Uint8Array} before
 * @param {number} from
 */
function changes(memory, before, from) {
  /** @type {[from: number, to: number][]} */
  const runs = [];
  for (let at = from; at < memory.length; at++) {
    if (memory[at] === before[at]) continue;
    const last = runs.at(-1);
    if (last && at - last[1] < GAP) last[1] = at + 1;
    else runs.push([at, at + 1]);
  }
  return runs.map(([from, to]) =>
    Buffer.concat([Uint8Array.from([0, I32_CONST, ...signed(from), END]), vector(memory.subarray(from, to))]),
  );
}
