// tools/build/: what in a linked wasm refers to what. The linker says so itself when it is asked for its relocations
// (`--emit-relocs`): which function calls which or takes its address, and which piece of data each of them reads. So what an
// export can reach is known and not guessed, also through a table of functions.

import { CODE, CUSTOM, Cursor, DATA, EXPORTS, IMPORTS, readImport, sectionsOf } from '../paste/wasm-sections.mjs';

/** The kinds of symbols. */
const [FUNCTION, PIECE, SECTION] = [0, 1, 3];
/** The part of the section `linking` with the symbols. */
const SYMBOLS = 8;
const [UNDEFINED, EXPLICIT_NAME] = [0x10, 0x40];
/** Relocations whose symbol is a function or a piece of data, and those that have an addend. */
const [TO_FUNCTION, TO_DATA, WITH_ADDEND] = [
  [0, 1, 2],
  [3, 4, 5],
  [3, 4, 5, 8, 9],
];

/**
 * @typedef {object} Part a function or a piece of data
 * @property {string} name
 * @property {number} [body] of a function: which one of the code section
 * @property {number} from where its bytes begin in its section
 * @property {number} size
 * @property {number} address of a piece of data
 * @property {Set<Part>} refersTo
 */

/** @param {Uint8Array} wasm linked with `--emit-relocs` @returns {{ parts: Part[], exports: Map<string, Part> }} */
export function readLinks(wasm) {
  const sections = [...sectionsOf(wasm)];
  /** @param {number} id */
  const cursorOf = (id) => new Cursor(sections.find((section) => section.id === id)?.body ?? new Uint8Array());
  const customs = new Map(
    sections
      .filter(({ id }) => id === CUSTOM)
      .map(({ body }) => {
        const cursor = new Cursor(body);
        return [cursor.text(), cursor];
      }),
  );
  const linking = customs.get('linking');
  if (!linking) throw new Error('the linker was not asked for its relocations');

  const functions = bodies(cursorOf(CODE));
  const imported = countFunctions(cursorOf(IMPORTS));
  const symbols = readSymbols(linking, functions, imported, segments(cursorOf(DATA)));
  const pieces = [...new Set(symbols)].flatMap((part) => (part && part.body === undefined ? [part] : []));
  for (const name of ['reloc.CODE', 'reloc.DATA']) {
    const cursor = customs.get(name) ?? new Cursor(new Uint8Array());
    const owners = sections[cursor.over ? 0 : cursor.number()]?.id === CODE ? functions : pieces;
    for (const { type, offset, symbol } of relocations(cursor)) {
      const to = [...TO_FUNCTION, ...TO_DATA].includes(type) ? symbols[symbol] : undefined;
      // Pieces may share bytes.
      if (to) for (const owner of holding(owners, offset)) owner.refersTo.add(to);
    }
  }
  /** @type {Map<string, Part>} */
  const exports = new Map();
  for (const { name, kind, index } of readExports(cursorOf(EXPORTS))) {
    const part = kind === FUNCTION ? functions[index - imported] : undefined;
    if (part) exports.set(name, part);
  }
  return { parts: [...functions, ...pieces], exports };
}

/**
 * What can be reached from here, each with the part that led there.
 * @param {Iterable<Part>} roots
 * @param {(part: Part) => boolean} [passes] which parts count
 * @returns {Map<Part, Part | undefined>}
 */
export function reach(roots, passes = () => true) {
  /** @type {Map<Part, Part | undefined>} */
  const reached = new Map([...roots].map((root) => [root, undefined]));
  for (const part of reached.keys()) {
    for (const next of part.refersTo) if (!reached.has(next) && passes(next)) reached.set(next, part);
  }
  return reached;
}

/** @param {Part[]} parts @param {number} offset */
const holding = (parts, offset) => parts.filter(({ from, size }) => from <= offset && offset < from + size);

/** @param {Cursor} cursor @returns {Part[]} */
function bodies(cursor) {
  return Array.from({ length: cursor.number() }, (_, body) => {
    const size = cursor.number();
    const from = cursor.at;
    cursor.take(size);
    return { name: '', body, from, size, address: 0, refersTo: new Set() };
  });
}

/** @param {Cursor} cursor */
function segments(cursor) {
  return Array.from({ length: cursor.number() }, () => {
    // Its kind, `i32.const`, the address, `end`.
    cursor.number();
    cursor.byte();
    const address = cursor.signed();
    cursor.byte();
    const size = cursor.number();
    const from = cursor.at;
    cursor.take(size);
    return { address, from };
  });
}

/** @param {Cursor} cursor */
function countFunctions(cursor) {
  let count = 0;
  for (let left = cursor.number(); left > 0; left -= 1) count += readImport(cursor) === FUNCTION ? 1 : 0;
  return count;
}

/** @param {Cursor} cursor */
function readExports(cursor) {
  return Array.from({ length: cursor.number() }, () => ({
    name: cursor.text(),
    kind: cursor.byte(),
    index: cursor.number(),
  }));
}

/**
 * What each symbol is, where that is a function or a piece of data in this file.
 * @param {Cursor} linking
 * @param {Part[]} functions
 * @param {number} imported
 * @param {{ address: number, from: number }[]} data
 * @returns {(Part | undefined)[]}
 */
function readSymbols(linking, functions, imported, data) {
  /** @type {(Part | undefined)[]} */
  const symbols = [];
  // The format's version.
  linking.number();
  while (!linking.over) {
    const table = linking.byte() === SYMBOLS;
    const cursor = new Cursor(linking.take(linking.number()));
    for (let left = table ? cursor.number() : 0; left > 0; left -= 1)
      symbols.push(readSymbol(cursor, functions, imported, data));
  }
  return symbols;
}

/** @type {(cursor: Cursor, functions: Part[], imported: number, data: { address: number, from: number }[]) => Part | undefined} */
function readSymbol(cursor, functions, imported, data) {
  const kind = cursor.byte();
  const flags = cursor.number();
  if (kind === PIECE) {
    const name = cursor.text();
    if (flags & UNDEFINED) return undefined;
    const segment = data[cursor.number()];
    const [offset, size] = [cursor.number(), cursor.number()];
    return (
      segment && { name, from: segment.from + offset, size, address: segment.address + offset, refersTo: new Set() }
    );
  }
  const index = cursor.number();
  const named = kind !== SECTION && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME);
  const name = named ? cursor.text() : '';
  const part = kind === FUNCTION ? functions[index - imported] : undefined;
  if (part) part.name = name;
  return part;
}

/** @param {Cursor} cursor after the number of the section that they are of */
function* relocations(cursor) {
  for (let left = cursor.over ? 0 : cursor.number(); left > 0; left -= 1) {
    const [type, offset, symbol] = [cursor.byte(), cursor.number(), cursor.number()];
    if (WITH_ADDEND.includes(type)) cursor.signed();
    yield { type, offset, symbol };
  }
}
