// tools/build/: `npm run size`: what the paste weighs, part by part, for those who must make room in it.
//
// What the paste itself tells is printed from the committed one. Names of functions are not in there: those are in what the last
// build has kept, so `npm run build` must have run.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { command, TEXT, whole } from '../cli.mjs';
import { leanOf, PASTE, root, SCHEMA } from '../files.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle } from '../paste/bundle.mjs';
import { openText, presetsOf } from '../paste/config.mjs';
import { MOST_BYTES, MOST_SEALED_BYTES, pack, split, unpack } from '../paste/paste.mjs';
import { readWasm } from '../paste/wasm-sections.mjs';
import { CODE_BYTES } from '../tenant/limits.mjs';
import { format, functionsOf, scriptsOf, weigh } from './weights.mjs';

const usage = `usage: npm run size [-- --top N]

  --top N   how many of the largest functions are listed (25)
`;

/** What the last `npm run build` left behind. */
const BUILD = path.join(root, 'target', 'paste', 'whole');

/** @typedef {import('./weights.mjs').Row} Row */

/**
 * The parts of a paste, in its order.
 * @param {string} paste
 */
export function partsOf(paste) {
  const { head, config, outside, packed } = split(paste);
  const inside = unpack(paste);
  const { shim, glue, wasm } = inside;
  const [brotli, engine] = [inside, { shim: '', glue: '', wasm }].map((part) => pack(part).length);
  /** @type {Row[]} */
  const parts = [
    ['readable top', head.length],
    ['config', config.length],
    ['shim, not packed', outside.length],
    [
      'packed',
      packed.length,
      `shim ${format(shim.length)}, glue ${format(glue.length)}, wasm ${format(wasm.length)}, as brotli ${format(brotli)} (the wasm alone ${format(engine)}); base91 adds ${format(packed.length - brotli)}`,
    ],
  ];
  /** @type {Row[]} */
  const sections = [...readWasm(wasm).sections];
  return { parts, sections, wasm };
}

/**
 * The wasm of the last build, optimised as the paste's is, but with its names, and whether the paste's is that one.
 * @param {Uint8Array} committed the paste's
 */
async function named(committed) {
  const [bytes, own] = await Promise.all(
    ['named.wasm', 'login-sync.wasm'].map((name) => readFile(path.join(BUILD, name)).catch(() => undefined)),
  );
  return { bytes, isOurs: own?.equals(committed) };
}

/** @param {string} title @param {Row[]} rows @param {number} whole */
function print(title, rows, whole) {
  console.log(`\n${title}`);
  for (const [name, bytes, remark] of rows) {
    const share = `${((100 * bytes) / whole).toFixed(1)} %`;
    console.log(
      `${format(bytes).padStart(9)}  ${share.padStart(6)}  ${name.length > 110 ? `${name.slice(0, 107)}...` : name}${remark ? `: ${remark}` : ''}`,
    );
  }
}

/** @param {number} top */
async function main(top) {
  const paste = await readFile(PASTE, 'utf8');
  const { parts, sections, wasm } = partsOf(paste);
  const room = MOST_BYTES - paste.length;
  console.log(
    `pkg/login-sync.js: ${format(paste.length)} bytes; ${format(room)} to our limit of ${format(MOST_BYTES)}, Auth0 takes ${format(CODE_BYTES)}`,
  );
  const file = path.join(root, 'examples', 'several-systems', 'config.json');
  const presets = presetsOf(JSON.parse(await readFile(SCHEMA, 'utf8')));
  const opened = openText({ text: await readFile(file, 'utf8'), file, paste, presets });
  const { text: sealed } = bundle(opened, readAhead, await readFile(leanOf(PASTE), 'utf8'));
  console.log(
    `sealed, with the config of examples/several-systems: ${format(sealed.length)} bytes; our limit is ${format(MOST_SEALED_BYTES)}`,
  );
  print('the paste', parts, paste.length);
  print('the same, sealed', partsOf(sealed).parts, sealed.length);
  print(
    'the wasm, by section',
    sections.filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]),
    wasm.length,
  );
  const { bytes, isOurs } = await named(wasm);
  if (!bytes)
    return console.log('\nthe functions by name are missing, for there is no build: run `npm run build` first');
  // After a build that was refused, that is what one wants to see.
  if (!isOurs) console.log('\nwhat follows is of the last build, and pkg/ is not made of it');
  const { crates, functions } = functionsOf(bytes);
  const code = crates.reduce((sum, [, size]) => sum + size, 0);
  const weights = weigh(functions, await scriptsOf()).sort((a, b) => b.bytes - a.bytes);
  print(
    'the code and js-shim/, by feature: what it weighs of its budget in tools/build/weights.mjs',
    weights.map(({ name, what, most, bytes }) => [
      name,
      bytes,
      `${((100 * bytes) / most).toFixed(0)} % of ${format(most)}; ${what}`,
    ]),
    weights.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  print('the code, by crate (what was inlined counts where it is)', crates, code);
  print(`the code, the ${top} largest functions`, functions.slice(0, top), code);
}

await command(import.meta.url, { usage, options: { top: TEXT } }, ({ top = '25' }) =>
  main(whole('top', top, 0, 1_000_000)),
);
