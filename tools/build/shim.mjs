// tools/build/: the shim as it is in the paste, without comments. The handlers are left as they are, because people read what
// they paste. The rest is minified, so that there is room for what it does: js-shim/ is the place to read that.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../files.mjs';

const FILES = ['host.js', 'functions.js', 'transport.js', 'action.js'];

/** @param {string[]} [readable] the files that are not minified */
export async function shim(readable = ['action.js']) {
  const { transform } = await import('esbuild');
  const parts = FILES.map(async (file) => {
    const text = await readFile(path.join(root, 'js-shim', file), 'utf8');
    const minify = !readable.includes(file);
    return (await transform(text, { target: 'node18', charset: 'ascii', minify, lineLimit: 120 })).code;
  });
  return (await Promise.all(parts)).join('');
}
