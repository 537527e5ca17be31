// tools/build/: the shim as it is in the paste: all of it minified, so that there is room for what it does. js-shim/ is the place
// to read it. The build can be repeated, so it is known that the paste holds nothing else.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';

/** @param {string} file */
const source = (file) => readFile(path.join(root, 'js-shim', file), 'utf8');

const INSIDE = ['host.js', 'functions.js', 'transport.js', 'cache.js', 'metrics.js', 'action.js'];
/** What esbuild leaves where it is. */
const [CUT, EVAL, NAMES] = ['debugger', 'EVALUATE', 'NAMES'];

/**
 * The two parts of the shim: what is not packed, and what is. They are minified as one function, since what is packed sees the
 * names of what is not.
 * @param {{ sealed?: boolean, readable?: boolean }} [options] `readable`: all of it but for comments as it is written
 * @returns {Promise<{ outside: string, shim: string, rename: (glue: string) => string }>} `rename`: gives the functions that the
 *   glue calls the names that they have in the paste
 */
export async function shim({ sealed = false, readable = false } = {}) {
  const early = ['early.js'];
  const files = sealed ? [[...early, 'unpack.js', 'connect.js'], INSIDE] : [['unpack.js'], [...early, ...INSIDE]];
  const [outside = '', inside = ''] = await Promise.all(
    files.map(async (part) => (await Promise.all(part.map(source))).join('')),
  );
  const called = [...`${outside}${inside}`.matchAll(/^function (host\w+)/gm)].map(([, name = '']) => name);
  // A direct `eval` keeps esbuild from renaming what it could see.
  const whole = `(() => {${outside.replace('eval(', `${EVAL}(`)}${CUT};${inside}${CUT};${NAMES}({${called}})})();`;
  const [, first = '', second = '', names = ''] =
    /^\(\(\)=>\{([\s\S]*);debugger;([\s\S]*);debugger;NAMES\(\{(.*)\}\)\}\)\(\);\n$/.exec(
      await transformed(whole, { minify: true }),
    ) ?? [];
  const short = new Map(names.split(',').map((pair) => /** @type {[string, string]} */ (pair.split(':'))));
  if (called.length === 0 || !called.every((name) => short.get(name)))
    throw new UserError('esbuild does not minify the shim as tools/build/shim.mjs expects: look there');
  /** @param {string} glue */
  const rename = (glue) => glue.replace(/\bhost[A-Z]\w*/g, (name) => short.get(name) ?? name);
  // Strict also where a user has put something above the paste.
  const strict = '"use strict";\n';
  if (readable) {
    const aliases = called.map((name) => `const ${short.get(name)} = ${name};\n`).join('');
    const [outer, inner] = await Promise.all([outside, inside].map((script) => transformed(script)));
    return { outside: outer ?? '', shim: `${strict}${inner}${aliases}`, rename };
  }
  return { outside: await withLines(first), shim: `${strict}${second};\n`, rename };
}

/** @param {string} script @param {import('esbuild').TransformOptions} [options] */
async function transformed(script, options) {
  const { transform } = await import('esbuild');
  const define = { BASE91: JSON.stringify(await readerOfBase91()) };
  return (await transform(script, { target: 'node18', charset: 'ascii', define, ...options })).code;
}

/** What is not packed, on lines that an editor shows whole; each handler begins one. @param {string} script */
const withLines = async (script) =>
  (await transformed(script, { minifyWhitespace: true, minifySyntax: true, lineLimit: 120 }))
    .replace(`${EVAL}(`, 'eval(')
    .replace(/([},;])\n?(?=exports\.on)/g, (_, end) => (end === '}' ? '}\n' : ';\n'));

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
