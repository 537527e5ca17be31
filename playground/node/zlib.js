// Node, as far as a page needs it: brotli, the way back only.
import { decompress } from 'brotli/decompress';
import { PageBuffer } from './globals.js';

/** The last text and what it held: the same wasm is asked for at every run. @type {{ packed: Uint8Array, bytes: Uint8Array } | undefined} */
let last;

/** @param {Uint8Array} packed */
function brotliDecompressSync(packed) {
  const same = last && last.packed.length === packed.length && last.packed.every((byte, i) => byte === packed[i]);
  if (!last || !same) last = { packed, bytes: decompress(packed) };
  return PageBuffer.from(last.bytes);
}

export default { brotliDecompressSync };
