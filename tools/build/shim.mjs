// tools/build/: the shim as it is in the paste. What is not packed is there as it is written; the rest is minified first, so that
// there is room for what it does. js-shim/ is the place to read that. The build can be repeated, so it is known that the paste
// holds nothing else.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../files.mjs';

/** @param {string} file */
const source = (file) => readFile(path.join(root, 'js-shim', file), 'utf8');

const INSIDE = ['host.js', 'functions.js', 'transport.js', 'cache.js', 'action.js'];

/**
 * The two parts of the shim: what is not packed, and what is.
 * @param {{ sealed?: boolean, readable?: boolean }} [options] `readable`: all of it but for comments as it is written
 * @returns {Promise<{ outside: string, shim: string }>}
 */
export async function shim({ sealed = false, readable = false } = {}) {
  const early = ['early.js'];
  const define = { BASE91: JSON.stringify(await readerOfBase91()) };
  return {
    outside: await joined(sealed ? [...early, 'unpack.js', 'connect.js'] : ['unpack.js'], { define, lineLimit: 120 }),
    // Strict also where a user has put something above the paste.
    shim: `"use strict";\n${await joined([...(sealed ? [] : early), ...INSIDE], { minify: !readable })}`,
  };
}

/** @param {string[]} files @param {import('esbuild').TransformOptions} options */
async function joined(files, options) {
  const { transform } = await import('esbuild');
  const script = (await Promise.all(files.map(source))).join('');
  return (await transform(script, { target: 'node18', charset: 'ascii', ...options })).code;
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
