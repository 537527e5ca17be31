// tools/build/: the shim as it is in the paste, without comments. The handlers and the request are left as they are, because people
// read what they paste. What the engine asks of a value is minified: js-shim/host.js and functions.js are the places to read that.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../files.mjs';

export async function shim() {
  const { transform } = await import('esbuild');
  /** @param {string} file @param {boolean} minify */
  const part = async (file, minify) => {
    const text = await readFile(path.join(root, 'js-shim', file), 'utf8');
    return (await transform(text, { target: 'node18', charset: 'ascii', minify, lineLimit: 120 })).code;
  };
  return (await Promise.all([part('host.js', true), part('functions.js', true), part('transport.js', false), part('action.js', false)])).join('');
}
