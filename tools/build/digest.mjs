// tools/build/: digests: of what pkg/ is made from, and of what it holds.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../files.mjs';

/** The tools that decide about a byte of the paste. */
export const TOOLS = [
  'build/build',
  'build/cut',
  'build/order',
  'build/shim',
  'build/wasm-links',
  'paste/ahead',
  'paste/base91',
  'paste/paste',
  'paste/seal',
  'paste/wasm-sections',
].map((name) => `tools/${name}.mjs`);

/** A digest of all that the paste is made from. */
export async function sourceDigest() {
  const files = ['Cargo.toml', 'Cargo.lock', '.cargo/config.toml', ...TOOLS];
  for (const folder of ['src', 'js-shim']) {
    for (const name of await readdir(path.join(root, folder), { recursive: true })) {
      if (/\.(rs|js|json|wat)$/.test(name)) files.push(path.join(folder, name));
    }
  }
  const hash = createHash('sha256');
  for (const file of files.sort())
    hash
      .update(file)
      .update('\0')
      .update(await readFile(path.join(root, file)))
      .update('\0');
  const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  hash.update(`binaryen ${devDependencies.binaryen} esbuild ${devDependencies.esbuild}`);
  return hash.digest('hex');
}

/** @param {string | Buffer} text */
export function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
