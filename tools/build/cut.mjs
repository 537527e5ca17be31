// tools/build/: the engine without its reader, for sealed pastes.
//
// A config is read on the desk, so a sealed paste needs nothing that reads one. What only the reader's exports reach is cut
// out of the linked wasm: functions become traps, texts become zeros. All the rest is where it was, so that a memory of the
// whole engine is one of the lean engine, too. Nothing that a login can reach is cut, since the linker says what refers to
// what (wasm-links.mjs); and where a login does reach the reader, the build fails.
//
// Out of both goes what is in the table of functions alone, because a crate exports or describes it for others.
//
// A function may also be called by its number in the table. What was read of a config holds none; where it refers to data that
// does, seal.mjs refuses it.

import { UserError } from '../error.mjs';
import { CODE, CUSTOM, Cursor, DATA, joinSections, sectionsOf, unsigned, vector } from '../paste/wasm-sections.mjs';
import { reach, readLinks } from './wasm-links.mjs';

/** The engine's exports that need a reader, by their names in src/wasm.rs. */
export const READERS = ['problems', 'read', 'syncs'];
/** What the reader is made of, as rustc writes it in names: a login has no business with a function of these. */
const READING = ['10expression6parser', '8document12config_value11ConfigValue'];
/** From these wasm-bindgen learns what types the imports and exports have. */
const DESCRIPTION = /^__wbindgen_describe_/;
/**
 * What no login, no reader and no description of theirs needs: js-sys's tasks for JSPI, and wasm-bindgen's closures. Their
 * numbers in the table keep them alive in wasm-opt.
 */
const UNUSED = /^__wbg_jspi_|12wasm_bindgen7convert8closures/;
/** A function's body: no locals, `unreachable`, `end`. */
const TRAP = Uint8Array.from([0, 0, 0x0b]);

/** @typedef {import('./wasm-links.mjs').Part} Part */
/** @typedef {import('../paste/seal.mjs').Piece} Piece */

/**
 * @param {Uint8Array} linked with its relocations
 * @returns {{ whole: Uint8Array, lean: Uint8Array, texts: Piece[] }} both without relocations; `texts`: what of the data the
 *   lean one lacks, each piece by itself
 */
export function cut(linked) {
  const { parts, exports } = readLinks(linked);
  const reader = (/** @type {string} */ name) => READERS.some((method) => name.startsWith(`engine_${method}_`));
  const from = (/** @type {(name: string) => boolean} */ some) =>
    reach(
      [...exports].filter(([name]) => some(name) && !UNUSED.test(name)).map(([, part]) => part),
      ({ name }) => !UNUSED.test(name),
    );
  const running = from((name) => !reader(name) && !DESCRIPTION.test(name));
  refuseReading(running);
  const described = from((name) => DESCRIPTION.test(name));
  const read = from(reader);
  const gone = new Set([...read.keys()].filter((part) => !running.has(part) && !described.has(part)));
  const roots = [...exports].filter(([name]) => UNUSED.test(name)).map(([, part]) => part);
  const unused = reach([...roots, ...parts.filter(({ name }) => UNUSED.test(name))]);
  const dead = new Set([...unused.keys()].filter((part) => ![running, described, read].some((of) => of.has(part))));
  // One that is nowhere would guard nothing.
  const missing = READING.find((part) => ![...gone].some(({ name }) => name.includes(part)));
  if (missing)
    throw new UserError(`the reader has no \`${missing}\` any more: see READERS and READING in tools/build/cut.mjs`);

  const sections = [...sectionsOf(linked)].filter(
    ({ id, body }) => id !== CUSTOM || !/^(linking|reloc\..*)$/.test(new Cursor(body).text()),
  );
  const functions = parts.filter(({ body }) => body !== undefined);
  const pieces = parts.filter(({ body }) => body === undefined);
  const without = (/** @type {Set<Part>} */ some) =>
    sections.map(({ id, body }) => ({
      id,
      body: id === CODE ? withTraps(body, functions, some) : id === DATA ? withZeros(body, pieces, some) : body,
    }));
  const texts = pieces
    .filter((piece) => gone.has(piece))
    .map(({ address, size, refersTo }) => ({
      address,
      size,
      calls: [...refersTo].some(({ body }) => body !== undefined),
    }));
  return {
    whole: joinSections(without(dead)),
    lean: joinSections(without(new Set([...dead, ...gone]))),
    texts: texts.sort((a, b) => a.address - b.address),
  };
}

/** @param {Map<Part, Part | undefined>} running with what led to each */
function refuseReading(running) {
  for (const part of running.keys()) {
    if (!READING.some((reading) => part.name.includes(reading))) continue;
    const path = [];
    for (let at = /** @type {Part | undefined} */ (part); at; at = running.get(at)) path.unshift(at.name || 'data');
    throw new UserError(`a login reaches what reads configs, so nothing can be sealed: ${path.join(' -> ')}`);
  }
}

/** The code section with traps for these. @param {Uint8Array} code @param {Part[]} functions @param {Set<Part>} gone */
function withTraps(code, functions, gone) {
  const bodies = functions.map((part) =>
    vector(gone.has(part) ? TRAP : code.subarray(part.from, part.from + part.size)),
  );
  return Buffer.concat([Uint8Array.from(unsigned(functions.length)), ...bodies]);
}

/** The data section with zeros for these, but where another piece shares the bytes. @param {Uint8Array} data @param {Part[]} pieces @param {Set<Part>} gone */
function withZeros(data, pieces, gone) {
  const zeroed = Buffer.from(data);
  for (const { from, size } of pieces.filter((piece) => gone.has(piece))) zeroed.fill(0, from, from + size);
  for (const { from, size } of pieces.filter((piece) => !gone.has(piece)))
    zeroed.set(data.subarray(from, from + size), from);
  return zeroed;
}
