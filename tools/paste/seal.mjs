// tools/paste/: a sealed paste: one config, read on the desk, and no reader.
//
// The whole engine reads the config here. What its memory is by then becomes the memory with which the lean engine begins, the
// same but for what reads (cut.mjs): what they share is in the same places. A note in the lean wasm says of which whole one it
// is, and which texts it lacks. Of those a config takes along the few that what was read of it refers to.

import crypto from 'node:crypto';
import { UserError } from '../error.mjs';
import { beginningAs, beginningOf, join, plainWasm, split, stateAfter } from './ahead.mjs';
import { repack, unpack, withConfig } from './paste.mjs';
import { CUSTOM, Cursor, unsigned, vector } from './wasm-sections.mjs';

const NAME = 'lean';

/** @typedef {{ address: number, size: number, calls: boolean }} Piece of the memory; `calls`: it refers to functions */

/**
 * A paste of this config that reads no other.
 * @param {string} paste the editable one, which reads it
 * @param {string} lean the one to be sealed, of the same build
 * @param {unknown} config without problems
 * @param {{ compact?: boolean, hosts?: import('./hosts.mjs').Group[] }} [options] `compact`: as that of `withConfig`; `hosts`: to
 *   which it connects first
 */
export function seal(paste, lean, config, { hosts, ...options } = {}) {
  const whole = plainWasm(paste);
  const { wasm } = unpack(lean);
  const note = readNote(wasm);
  if (note?.of !== digest(whole))
    throw new UserError(
      'the paste and the one to be sealed are not of one build: take both from one pkg/, or add `--editable`',
    );
  const state = stateAfter(paste, whole, config);
  const memory = withoutTexts(state, note.texts, beginningOf(wasm, state.memory.length));
  const sections = beginningAs(wasm, { ...state, memory });
  sections.delete(CUSTOM);
  return withConfig(repack(lean, { wasm: join(sections) }, hosts), config, options);
}

/**
 * The lean wasm with its note.
 * @param {Uint8Array} lean
 * @param {{ whole: Uint8Array, texts: Piece[] }} of
 */
export function withNote(lean, { whole, texts }) {
  let last = 0;
  const list = texts.flatMap(({ address, size, calls }) => {
    const from = address - last;
    last = address;
    return [...unsigned(from), ...unsigned(size * 2 + (calls ? 1 : 0))];
  });
  const note = [
    vector(Buffer.from(NAME)),
    Buffer.from(digest(whole), 'hex'),
    Uint8Array.from([...unsigned(texts.length), ...list]),
  ];
  return join(split(lean).set(CUSTOM, Buffer.concat(note)));
}

/** @param {Uint8Array} wasm @returns {{ of: string, texts: Piece[] } | undefined} */
function readNote(wasm) {
  const cursor = new Cursor(split(wasm).get(CUSTOM) ?? new Uint8Array());
  if (cursor.over || cursor.text() !== NAME) return undefined;
  const of = Buffer.from(cursor.take(32)).toString('hex');
  let address = 0;
  const texts = Array.from({ length: cursor.number() }, () => {
    address += cursor.number();
    const size = cursor.number();
    return { address, size: size >> 1, calls: (size & 1) === 1 };
  });
  return { of, texts };
}

/**
 * A memory where these texts are as the lean one has them, unless something in it refers to them: some aligned word that is
 * an address in there.
 * @param {import('./ahead.mjs').State} state
 * @param {Piece[]} texts
 * @param {Uint8Array} lean
 */
function withoutTexts({ memory, from }, texts, lean) {
  const less = Uint8Array.from(memory);
  for (const { address, size } of texts) less.set(lean.subarray(address, address + size), address);
  const [first, last] = [texts[0]?.address ?? 0, Math.max(...texts.map(({ address, size }) => address + size))];
  /** @param {number} begin @param {number} end */
  const follow = (begin, end) => {
    const words = new DataView(less.buffer);
    for (let at = (begin + 3) & ~3; at + 4 <= end; at += 4) {
      const word = words.getUint32(at, true);
      if (word < first || word > last) continue;
      for (const text of texts) {
        // One that ends there counts, for an empty string may point to its end.
        if (word < text.address || word > text.address + text.size || kept.has(text)) continue;
        if (text.calls) throw new UserError('this config cannot be sealed: add `--editable`, and please report it');
        kept.add(text);
        less.set(memory.subarray(text.address, text.address + text.size), text.address);
        follow(text.address, text.address + text.size);
      }
    }
  };
  /** @type {Set<Piece>} */
  const kept = new Set();
  follow(from, less.length);
  return less;
}

/** @param {Uint8Array} bytes */
const digest = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
