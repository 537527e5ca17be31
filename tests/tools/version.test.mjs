// tests/tools/: one version, in all places that say one.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { RUSTC, readPackage } from '../../tools/build/check.mjs';
import { root } from '../../tools/files.mjs';
import { unpack } from '../../tools/paste/paste.mjs';

/** @param {string} name */
const file = (name) => readFile(path.join(root, name), 'utf8');
const { version } = JSON.parse(await file('package.json'));
const pkg = await readPackage(path.join(root, 'pkg'));
const locked = /^name = "login-sync"\nversion = "(.+)"/gm;

/** @type {[place: string, text: string, said: RegExp][]} */
const places = [
  ['Cargo.toml', await file('Cargo.toml'), /^name = "login-sync"\nversion = "(.+)"/gm],
  ['Cargo.lock', await file('Cargo.lock'), locked],
  ['fuzz/Cargo.lock', await file('fuzz/Cargo.lock'), locked],
  // The file's own number and the one of its list.
  ['package-lock.json', await file('package-lock.json'), /"name": "login-sync",\s+"version": "(.+)"/g],
  ['CHANGELOG.md, its newest section', (await file('CHANGELOG.md')).split(/^(?=## )/m)[1] ?? '', /^## ([\d.]+\d)/gm],
  ['README.md, the transcript', await file('README.md'), /user-agent: login-sync\/([\d.]+\d)/g],
  ['the first line of the paste', pkg.paste.split('\n')[0] ?? '', /^\/\/ login-sync ([\d.]+\d):/g],
  [
    'what the paste says to other systems',
    Buffer.from(unpack(pkg.paste).wasm).toString('latin1'),
    /login-sync\/(\d+\.\d+\.\d+)/g,
  ],
  ['pkg/manifest.json', pkg.manifest, /"version": "(.+)"/g],
  ['pkg/login-sync.cdx.json', pkg.sbom, /pkg:github\/login-sync\/login-sync@([\d.]+)"/g],
];

for (const [place, text, said] of places) {
  test(`the version is that of package.json: ${place}`, () => {
    const found = [...text.matchAll(said)].map(([, number]) => number);
    assert.ok(found.length > 0, 'no version there');
    assert.deepEqual([...new Set(found)], [version]);
  });
}

test('the pages name the rustc that makes pkg/', async () => {
  const named = [
    ...(await file('docs/security.md')).matchAll(/(?:rustc |RUSTUP_TOOLCHAIN=|toolchain install )(\d+\.\d+\.\d+)/g),
  ].map(([, release]) => release);
  assert.ok(named.length > 0);
  assert.deepEqual([...new Set(named)], [RUSTC]);
});
