// The digest of the sources in pkg/manifest.json: it changes with every tool that decides about a byte of the paste.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { TOOLS } from '../../tools/build/digest.mjs';
import { root } from '../../tools/files.mjs';

/** What these make is next to the paste, or they compare it or weigh it. */
const NOT_IN_IT = ['check', 'digest', 'schema', 'third-party', 'weights'].map((name) => `tools/build/${name}.mjs`);

it('the digest of the sources holds all that the build of a paste imports', () => {
  const found = ['tools/build/build.mjs'];
  for (const file of found) {
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const [, from = ''] of text.matchAll(/^import [^'"]*'(\.[^']+)'/gm)) {
      const target = path.posix.join(path.posix.dirname(file), from);
      if (!/^tools\/(build|paste)\//.test(target) || NOT_IN_IT.includes(target) || found.includes(target)) continue;
      found.push(target);
    }
  }
  assert.deepEqual(found.sort(), [...TOOLS].sort());
});
