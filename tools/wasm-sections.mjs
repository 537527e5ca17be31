// tools/: what is inside a wasm file: its sections, and its functions with their sizes and names. Only what `npm run size`
// asks of the format is read here; it checks nothing.

const SECTIONS = ['custom', 'types', 'imports', 'functions', 'table', 'memory', 'globals', 'exports', 'start', 'elements', 'code', 'data', 'data count', 'tags'];
const [CUSTOM, IMPORTS, CODE] = [0, 2, 10];
/** What an import is, and how many numbers describe it; a table and a memory have limits besides. */
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

/**
 * @param {Uint8Array} bytes
 * @returns {{ sections: Map<string, number>, functions: { name: string | undefined, bytes: number }[] }}
 */
export function readWasm(bytes) {
  let at = 8;
  const byte = () => bytes[at++];
  const number = () => {
    for (let value = 0, shift = 1; ; shift *= 128) {
      const next = byte();
      value += (next & 127) * shift;
      if (next < 128) return value;
    }
  };
  const text = () => {
    const end = number() + at;
    const read = new TextDecoder().decode(bytes.subarray(at, end));
    at = end;
    return read;
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };

  /** @type {Map<string, number>} */
  const sections = new Map();
  /** @type {number[]} */
  const sizes = [];
  /** @type {Map<number, string>} */
  const names = new Map();
  let imported = 0;
  while (at < bytes.length) {
    const id = byte();
    const end = number() + at;
    let section = SECTIONS[id] ?? `section ${id}`;
    const start = at;
    if (id === IMPORTS) {
      for (let left = number(); left > 0; left -= 1) {
        text();
        text();
        const kind = byte();
        if (kind === FUNCTION) imported += 1;
        if (kind === TABLE || kind === GLOBAL) byte();
        if (kind === TABLE || kind === MEMORY) limits();
        else number();
      }
    } else if (id === CODE) {
      for (let left = number(); left > 0; left -= 1) {
        const size = number();
        sizes.push(size);
        at += size;
      }
    } else if (id === CUSTOM) {
      section = text();
      while (section === 'name' && at < end) {
        const functions = byte() === 1;
        const next = number() + at;
        for (let left = functions ? number() : 0; left > 0; left -= 1) names.set(number(), text());
        at = next;
      }
    }
    sections.set(section, (sections.get(section) ?? 0) + end - start);
    at = end;
  }
  return { sections, functions: sizes.map((size, i) => ({ name: names.get(imported + i), bytes: size })) };
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
