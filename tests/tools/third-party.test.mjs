// tests/tools/: the two files of pkg/ that say what of others is in the paste. That they are what Cargo.lock and the crates
// give is seen by `npm run build -- --check`; here, that they are right in themselves.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { Ajv } from 'ajv';
import { readPackage } from '../../tools/build/check.mjs';
import { sha256 } from '../../tools/build/digest.mjs';
import { TAKEN, taken } from '../../tools/build/third-party.mjs';
import { root } from '../../tools/files.mjs';

const { paste, licences, sbom } = await readPackage(path.join(root, 'pkg'));
const bom = JSON.parse(sbom);
/** @type {Record<string, any>[]} */
const crates = bom.components.filter((/** @type {{ purl: string }} */ { purl }) => purl.startsWith('pkg:cargo/'));

it('the bill of materials is valid CycloneDX', async () => {
  const folder = path.join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
  const schema = async (/** @type {string} */ name) =>
    JSON.parse(await readFile(path.join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const valid = ajv.compile(await schema('bom-1.6'));
  assert.equal(valid(bom), true, ajv.errorsText(valid.errors));
  bom.components.push({ type: 'library' });
  assert.equal(valid(bom), false, 'the schema takes a component without a name');
  bom.components.pop();
});

it('it is of this paste, and its graph is whole', () => {
  assert.equal(bom.metadata.component.hashes[0].content, sha256(paste));
  const refs = [bom.metadata.component, ...bom.components].map((one) => one['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(
    bom.dependencies.map((/** @type {{ ref: string }} */ { ref }) => ref),
    refs,
  );
  const needed = new Set([
    refs[0],
    ...bom.dependencies.flatMap((/** @type {{ dependsOn: string[] }} */ { dependsOn }) => dependsOn),
  ]);
  assert.deepEqual([...needed].sort(), [...refs].sort());
});

it('each crate is in Cargo.lock, with its digest, and in the list of licences', async () => {
  const lock = await readFile(path.join(root, 'Cargo.lock'), 'utf8');
  assert.ok(crates.length > 20);
  for (const { name, version, hashes } of crates) {
    const entry = lock
      .split('[[package]]')
      .find((text) => text.includes(`\nname = "${name}"\nversion = "${version}"\n`));
    assert.ok(entry?.includes(`checksum = "${hashes[0].content}"`), name);
    assert.match(licences, new RegExp(`^  ${name} ${version.replaceAll('.', '\\.')} +\\S`, 'm'));
  }
});

it('what only runs in the compiler or in tests is not in it, and nothing changes with time or chance', () => {
  const names = new Set(crates.map(({ name }) => name));
  for (const name of ['wasm-bindgen', 'js-sys', 'jwt-compact', 'talc']) assert.ok(names.has(name), name);
  for (const name of ['syn', 'serde_derive', 'proptest', 'jmespath', 'httpdate', 'login-sync'])
    assert.ok(!names.has(name), name);
  assert.doesNotMatch(sbom, /timestamp|serialNumber/);
});

it('cargo-deny lets in the same licences', async () => {
  const [, list] = /^allow = (\[.*\])$/m.exec(await readFile(path.join(root, '.cargo/deny.toml'), 'utf8')) ?? [];
  assert.deepEqual(JSON.parse(list ?? ''), [...TAKEN.keys()]);
});

it('of a choice of licences the first that is known is taken, and one that is not known stops the build', () => {
  /** @type {[string, string[]][]} */
  const table = [
    ['MIT', ['MIT']],
    ['Apache-2.0', ['Apache-2.0']],
    ['Apache-2.0 OR MIT', ['MIT']],
    ['Unlicense OR MIT', ['MIT']],
    ['Apache-2.0 WITH LLVM-exception OR Apache-2.0', ['Apache-2.0']],
    ['(MIT OR Apache-2.0) AND Unicode-3.0', ['MIT', 'Unicode-3.0']],
  ];
  for (const [expression, wanted] of table) assert.deepEqual(taken(expression), wanted, expression);
  for (const expression of ['GPL-3.0-only', 'MIT AND GPL-3.0-only', '', 'MPL-2.0 OR LGPL-3.0'])
    assert.throws(() => taken(expression), /is not among those/, expression);
});
