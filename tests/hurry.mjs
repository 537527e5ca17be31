// To import, or to preload into a command, where it is all one how long a paste is: brotli at its best takes half a second and
// more for each, and the tests make hundreds. What is packed so is a tenth longer.
import zlib from 'node:zlib';

const { brotliCompressSync } = zlib;
const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 };
zlib.brotliCompressSync = (bytes) => brotliCompressSync(bytes, { params });

/** For the environment of a command. */
export const HURRY = { NODE_OPTIONS: `--import=${import.meta.url}` };
