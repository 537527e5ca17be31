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
const [CUSTOM, IMPORTS, CODE] = [0, 2, 10];
/** What an import is, and how many numbers describe it; a table and a memory have limits besides. */
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
function readImport(cursor) {
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
