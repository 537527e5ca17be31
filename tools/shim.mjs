// tools/: the shim as it is in the paste: the files of js-shim/ without their comments, and else as they are, because people
// read what they paste.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './cli.mjs';

export async function shim() {
  const files = ['host.js', 'transport.js', 'action.js'];
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, 'js-shim', file), 'utf8')));
  const { transform } = await import('esbuild');
  return (await transform(texts.join('\n'), { target: 'node18', charset: 'ascii' })).code;
}
