// tests/tools/: the folders of tools/ say who uses what: those that a package of login-sync will hold need nothing of the
// others, and nothing that is not in Node.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { root } from '../../tools/files.mjs';

/** What each folder may import from, apart from itself. `''` is tools/ itself, which all share. @type {Record<string, string[]>} */
const ROOMS = {
  '': [],
  tenant: [],
  paste: ['', 'tenant'],
  library: ['', 'tenant', 'paste'],
  deploy: ['', 'tenant', 'paste', 'library'],
  commands: ['', 'tenant', 'paste', 'library', 'deploy'],
  build: ['', 'tenant', 'paste', 'library', 'develop'],
  develop: [''],
};
const IN_THE_PACKAGE = ['', 'tenant', 'paste', 'library', 'deploy', 'commands'];
/** Asked for when it is needed, with a word on how to get it. */
const OPTIONAL = new Set(['axios', 'auth0']);

const tools = path.join(root, 'tools');
// What `login-sync init` writes is the user's.
const isTemplate = (/** @type {string} */ file) => file.startsWith(path.join('commands', 'init', path.sep));
const files = (await readdir(tools, { recursive: true })).filter((file) => file.endsWith('.mjs') && !isTemplate(file));
const roomOf = (/** @type {string} */ file) => (file.includes(path.sep) ? (file.split(path.sep)[0] ?? '') : '');

for (const [room, may] of Object.entries(ROOMS)) {
  it(`tools/${room} imports from ${['itself', ...may.map((other) => `tools/${other}`)].join(', ')} alone`, async () => {
    const own = files.filter((file) => roomOf(file) === room);
    assert.ok(own.length > 0);
    for (const file of own) {
      const text = await readFile(path.join(tools, file), 'utf8');
      // A type that is named in a comment counts, too: it ties the two files together as well.
      for (const [, from = ''] of text.matchAll(/(?:^import [^'"]*|^export [^'"]* from |\bimport\()'([^']+)'/gm)) {
        if (from.startsWith('.')) {
          const target = roomOf(path.relative(tools, path.join(tools, path.dirname(file), from)));
          assert.ok(target === room || may.includes(target), `${file} imports ${from}`);
        } else if (IN_THE_PACKAGE.includes(room)) {
          assert.ok(from.startsWith('node:') || OPTIONAL.has(from), `${file} imports ${from}`);
        }
      }
    }
  });
}

it('every folder is a room, and has a row in docs/architecture.md', async () => {
  assert.deepEqual([...new Set(files.map(roomOf))].sort(), Object.keys(ROOMS).sort());
  const page = await readFile(path.join(root, 'docs', 'architecture.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `tools\/(\w+)\/` \|/gm)].map(([, room]) => room);
  assert.deepEqual(
    rows,
    Object.keys(ROOMS).filter((room) => room !== ''),
  );
});
