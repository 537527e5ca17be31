// tools/paste/: what is inside a wasm file: its sections, and its functions with their sizes and names. Only what the tools ask
// of the format is read here; it checks nothing.

const SECTIONS = [
  'custom',
  'types',
  'imports',
  'functions',
  'table',
  'memory',
  'globals',
  'exports',
  'start',
  'elements',
  'code',
  'data',
  'data count',
  'tags',
];
export const [CUSTOM, IMPORTS, TABLES, MEMORIES, EXPORTS, CODE, DATA, DATA_COUNT] = [0, 2, 4, 5, 7, 10, 11, 12];
const HEAD = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
/** What an import is, and how many numbers describe it; a table and a memory have limits too. */
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

/** Reads what a wasm file is made of, from one place on. */
export class Cursor {
  /** @param {Uint8Array} bytes @param {number} [at] */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get over() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++] ?? 0;
  }

  /** A whole number, not negative. */
  number() {
    for (let value = 0, shift = 1; ; shift *= 128) {
      const next = this.byte();
      value += (next & 127) * shift;
      if (next < 128) return value;
    }
  }

  /** A whole number with its sign. */
  signed() {
    for (let value = 0, shift = 1; ; shift *= 128) {
      const next = this.byte();
      value += (next & 127) * shift;
      if (next < 128) return next & 64 ? value - shift * 128 : value;
    }
  }

  /** @param {number} length */
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return new TextDecoder().decode(this.take(this.number()));
  }
}

/**
 * The sections of a wasm file, each with what is in it.
 * @param {Uint8Array} bytes
 */
export function* sectionsOf(bytes) {
  for (const file = new Cursor(bytes, 8); !file.over; ) {
    const id = file.byte();
    yield { id, body: file.take(file.number()) };
  }
}

/** A wasm file of these sections. @param {Iterable<{ id: number, body: Uint8Array }>} sections */
export const joinSections = (sections) =>
  Buffer.concat([HEAD, ...[...sections].flatMap(({ id, body }) => [Uint8Array.from([id]), vector(body)])]);

/** @param {Uint8Array} bytes */
export const vector = (bytes) => Buffer.concat([Uint8Array.from(unsigned(bytes.length)), bytes]);

/** LEB128. @param {number} value @returns {number[]} */
export function unsigned(value) {
  return value < 128 ? [value] : [(value % 128) | 128, ...unsigned(Math.floor(value / 128))];
}

/** The same with room for a sign, of what is not negative. @param {number} value @returns {number[]} */
export function signed(value) {
  return value < 64 ? [value] : [(value % 128) | 128, ...signed(Math.floor(value / 128))];
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ sections: Map<string, number>, functions: { name: string | undefined, bytes: number }[] }}
 */
export function readWasm(bytes) {
  /** @type {Map<string, number>} */
  const sections = new Map();
  /** @type {number[]} */
  const sizes = [];
  /** @type {Map<number, string>} */
  const names = new Map();
  let imported = 0;
  for (const { id, body } of sectionsOf(bytes)) {
    const cursor = new Cursor(body);
    let section = SECTIONS[id] ?? `section ${id}`;
    if (id === IMPORTS) {
      for (let left = cursor.number(); left > 0; left -= 1) imported += readImport(cursor) === FUNCTION ? 1 : 0;
    } else if (id === CODE) {
      for (let left = cursor.number(); left > 0; left -= 1) sizes.push(cursor.take(cursor.number()).length);
    } else if (id === CUSTOM) {
      section = cursor.text();
      while (section === 'name' && !cursor.over) {
        const functions = cursor.byte() === 1;
        const list = new Cursor(cursor.take(cursor.number()));
        for (let left = functions ? list.number() : 0; left > 0; left -= 1) names.set(list.number(), list.text());
      }
    }
    sections.set(section, (sections.get(section) ?? 0) + body.length);
  }
  return { sections, functions: sizes.map((size, i) => ({ name: names.get(imported + i), bytes: size })) };
}

/** @param {Cursor} cursor */
export function readImport(cursor) {
  cursor.text();
  cursor.text();
  const kind = cursor.byte();
  if (kind === TABLE || kind === GLOBAL) cursor.byte();
  if (kind === TABLE || kind === MEMORY) readLimits(cursor);
  else cursor.number();
  return kind;
}

/** How many of something there are from the start. @param {Cursor} cursor */
export function readLimits(cursor) {
  const bounded = cursor.number() & 1;
  const least = cursor.number();
  return { least, most: bounded ? cursor.number() : undefined };
}

/**
 * The crate that a function belongs to, from its demangled name. Of `<T as Trait>::f` it is the type's own, unless that is
 * one of the language's. wasm-bindgen's `shim`s around our exports hold what was inlined there, and that is ours.
 * @param {string} name
 */
export function crateOf(name) {
  const [, crate] = /(?:^|[<\s&(,*])([a-z][a-z0-9_]*)(?:\[[0-9a-f]+\])?::/.exec(name) ?? [];
  return crate ?? (name.endsWith(' shim') ? 'login_sync' : 'runtime');
}
