// tools/build/: the order of a wasm's functions. It means nothing to the wasm, but what compresses it remembers best what it has
// just seen: next to their like, functions take a percent less.

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import {
  CODE,
  CUSTOM,
  Cursor,
  IMPORTS,
  joinSections,
  readImport,
  sectionsOf,
  unsigned,
  vector,
} from '../paste/wasm-sections.mjs';

const FUNCTION = 0;
const brotli = promisify(zlib.brotliCompress);
/** So many orders are tried: which is the shortest when compressed is chance, and a hundred bytes may lie between them. */
const TRIES = 12;
/** How many bytes in a row count as something that two functions share. */
const RUN = 4;

/**
 * The same wasm, with names for its functions by which `wasm-opt --reorder-functions-by-name` puts them in order.
 * @param {Uint8Array} wasm
 */
export async function withOrder(wasm) {
  const sections = [...sectionsOf(wasm)];
  /** @param {number} id */
  const cursorOf = (id) => new Cursor(sections.find((section) => section.id === id)?.body ?? new Uint8Array());
  const imports = cursorOf(IMPORTS);
  let imported = 0;
  for (let left = imports.number(); left > 0; left -= 1) imported += readImport(imports) === FUNCTION ? 1 : 0;
  const code = cursorOf(CODE);
  const bodies = Array.from({ length: code.number() }, () => code.take(code.number()));
  /** @type {number[][]} */
  const names = [];
  for (const [place, i] of (await shortestOrder(bodies)).entries())
    names[i] = [...unsigned(imported + i), ...vector(Buffer.from(`f${place + 10_000}`))];
  const functions = vector(Uint8Array.from([...unsigned(names.length), ...names.flat()]));
  const body = Buffer.concat([vector(Buffer.from('name')), Uint8Array.from([1]), functions]);
  const rest = sections.filter((section) => section.id !== CUSTOM || new Cursor(section.body).text() !== 'name');
  return joinSections([...rest, { id: CUSTOM, body }]);
}

/**
 * Of orders that put like next to like, the one that compresses best. Each begins with a body of another size.
 * @param {Uint8Array[]} bodies
 */
export async function shortestOrder(bodies) {
  const sizeOf = (/** @type {number} */ i) => bodies[i]?.length ?? 0;
  const bySize = [...bodies.keys()].sort((one, other) => sizeOf(one) - sizeOf(other));
  const starts = new Set(Array.from({ length: TRIES }, (_, i) => bySize[Math.floor((i * bySize.length) / TRIES)] ?? 0));
  const tried = [...starts].map(async (start) => {
    const order = likeNextToLike(bodies, start);
    const packed = await brotli(Buffer.concat(order.map((i) => bodies[i] ?? new Uint8Array())));
    return { order, size: packed.length };
  });
  return (await Promise.all(tried)).reduce((best, each) => (each.size < best.size ? each : best)).order;
}

/**
 * An order that begins with this one, and in which each is followed by the one that has most in common with it, of those that
 * are left.
 * @param {Uint8Array[]} bodies
 * @param {number} start
 * @returns {number[]}
 */
export function likeNextToLike(bodies, start) {
  const runs = bodies.map(runsOf);
  /** In which of them a run is. @type {Map<number, number[]>} */
  const holders = new Map();
  for (const [i, some] of runs.entries())
    for (const run of some) {
      const list = holders.get(run);
      if (list) list.push(i);
      else holders.set(run, [i]);
    }
  const left = new Set(bodies.keys());
  const order = [];
  let at = start;
  while (left.size > 0) {
    left.delete(at);
    order.push(at);
    const shared = new Uint32Array(bodies.length);
    for (const run of runs[at] ?? []) for (const i of holders.get(run) ?? []) shared[i] = (shared[i] ?? 0) + 1;
    const size = runs[at]?.size ?? 0;
    let most = -1;
    for (const i of left) {
      // Of two of the same size, all that both have would be a half.
      const likeness = (shared[i] ?? 0) / (size + (runs[i]?.size ?? 0) + 1);
      if (likeness <= most) continue;
      most = likeness;
      at = i;
    }
  }
  return order;
}

/** The runs in a body, each as a number. @param {Uint8Array} body */
function runsOf(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return new Set(Array.from({ length: Math.max(0, body.length - RUN + 1) }, (_, i) => view.getUint32(i)));
}
