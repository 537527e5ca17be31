// tools/build/: the shim as it is in the paste: minified, so that there is room for what it does. js-shim/ is the place to read
// that. The build can be repeated, so it is known that the paste holds nothing else.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../files.mjs';

/** @param {string} file */
const source = (file) => readFile(path.join(root, 'js-shim', file), 'utf8');

/** @param {{ sealed?: boolean, readable?: boolean }} [options] `readable`: as it is written, but for comments */
export async function shim({ sealed = false, readable = false } = {}) {
  const { transform } = await import('esbuild');
  const define = { BASE91: JSON.stringify(await readerOfBase91()) };
  const files = ['host.js', 'functions.js', 'transport.js', 'cache.js', 'base91.js', 'action.js'];
  if (sealed) files.push('connect.js');
  const parts = files.map(async (file) => {
    const options = { charset: /** @type {const} */ ('ascii'), minify: !readable, lineLimit: 120, define };
    return (await transform(await source(file), { target: 'node18', ...options })).code;
  });
  return (await Promise.all(parts)).join('');
}

/** The WebAssembly that reads base91. */
async function readerOfBase91() {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.parseText(await source('base91.wat'));
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  // All modules share these settings, and cut.mjs has others.
  binaryen.setDebugInfo(false);
  module.optimize();
  return Buffer.from(module.emitBinary()).toString('base64');
}
