// tests/tools/: whether pkg/ is what the sources give. Here each way to change it that a reader would not see: what the check
// without a compiler finds, what it cannot find, and what building again finds. `npm test` does build again, in its step `pkg`.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { builtFaults, readableFaults, readPackage } from '../../tools/build/check.mjs';
import { sha256 } from '../../tools/build/digest.mjs';
import { root } from '../../tools/files.mjs';
import { toBase91 } from '../../tools/paste/base91.mjs';
import { repack, split, unpack } from '../../tools/paste/paste.mjs';

/** @typedef {import('../../tools/build/check.mjs').Package} Package */

const committed = await readPackage(path.join(root, 'pkg'));
/** What is wrong with it before it is changed: nothing, but while somebody works on the sources. */
const before = await readableFaults(committed);

/** @param {Package} tampered */
const found = async (tampered) =>
  (await readableFaults(tampered)).filter((fault) => !before.includes(fault)).join('; ');

/** Another paste, with a manifest that says so: what somebody does who wants to hide it. @param {string} paste @returns {Package} */
const withPaste = (paste) => ({
  ...committed,
  paste,
  manifest: `${JSON.stringify({ ...JSON.parse(committed.manifest), bytes: Buffer.byteLength(paste), paste: sha256(paste) }, null, 2)}\n`,
});

/** @param {string} text @param {string} from @param {string} to */
function replaced(text, from, to) {
  assert.ok(text.includes(from), `there is no ${from}`);
  return text.replace(from, to);
}

/** The same with a part changed. @param {'head' | 'config' | 'outside'} part @param {string} from @param {string} to */
function changed(part, from, to) {
  const parts = split(committed.paste);
  return withPaste(Object.values({ ...parts, [part]: replaced(parts[part], from, to) }).join(''));
}

/** A paste with a part of what is packed changed. @param {string} paste @param {'shim' | 'glue'} part @param {string} from @param {string} to */
const changedInside = (paste, part, from, to) => repack(paste, { [part]: replaced(unpack(paste)[part], from, to) });

/** Another one to be sealed, with a manifest that says so. @param {string} sealed @returns {Package} */
const withSealed = (sealed) => ({
  ...committed,
  sealed,
  manifest: `${JSON.stringify({ ...JSON.parse(committed.manifest), sealed: sha256(sealed) }, null, 2)}\n`,
});

/** The same packed in another way. @param {string} paste */
function packedWorse(paste) {
  const { shim, glue, wasm } = unpack(paste);
  const bytes = Buffer.concat([Buffer.from(`${shim}${glue}`), wasm]);
  const text = toBase91(zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }));
  return paste.replace(/(?<=PACKED = ")[^"]*/, () => text);
}

/** With another last byte. @param {Uint8Array} bytes */
const flipped = (bytes) => Buffer.concat([bytes.subarray(0, -1), Uint8Array.from([(bytes.at(-1) ?? 0) ^ 1])]);

/** A wasm that runs, and does something else: one byte of its last section, the data, is another. */
function backdoored() {
  const wasm = Buffer.from(unpack(committed.paste).wasm);
  const at = wasm.lastIndexOf('https://');
  wasm.write('h', at < 0 ? wasm.length - 1 : at + 4, 'latin1');
  assert.ok(/** @type {any} */ (globalThis).WebAssembly.validate(wasm));
  return withPaste(repack(committed.paste, { wasm }));
}

const LEAK = "require('node:dns').lookup(JSON.stringify(process.env), () => {});\n";

it('pkg/ is what it is', () => {
  assert.deepEqual(builtFaults(committed, committed), []);
});

describe('a paste that was changed, with a manifest to match', () => {
  /** @type {[what: string, tampered: Package, fault: RegExp][]} */
  const readable = [
    [
      'one byte of the shim',
      withPaste(changedInside(committed.paste, 'shim', 'rejectUnauthorized:!0', 'rejectUnauthorized:!1')),
      /^login-sync\.js: the shim$/,
    ],
    [
      'a line more in the shim',
      withPaste(changedInside(committed.paste, 'shim', 'class ', `${LEAK}class `)),
      /^login-sync\.js: the shim$/,
    ],
    [
      'a line more outside of what is packed',
      changed('outside', 'exports.on', `${LEAK}exports.on`),
      /the shim outside of what is packed/,
    ],
    ['a comment at its top', changed('head', 'MIT', 'BSD'), /the comment at its top/],
    ['a config', changed('config', '{}', '{"syncs":[]}'), /its config/],
    ['a statement after what is packed', withPaste(`${committed.paste}exports.more = 1;\n`), /the form of the line/],
    [
      'a statement on the line that is packed',
      withPaste(committed.paste.replace(/";\n$/, '"; void 0;\n')),
      /the form of the line/,
    ],
    [
      'what is packed, which cannot be unpacked',
      withPaste(committed.paste.replace(/PACKED = "/, 'PACKED = "x')),
      /^login-sync\.js: the shim$/,
    ],
    ['line ends of Windows', withPaste(committed.paste.replaceAll('\n', '\r\n')), /its line ends/],
    [
      'the shim of the sealed one',
      withSealed(committed.sealed.replace('rejectUnauthorized:!0', 'rejectUnauthorized:!1')),
      /login-sync\.sealed\.js: the shim outside of what is packed/,
    ],
    [
      'what is packed of it',
      withSealed(changedInside(committed.sealed, 'shim', 'clearImmediate', 'setImmediate')),
      /^login-sync\.sealed\.js: the shim$/,
    ],
    [
      'the sealed one, which is editable',
      withSealed(committed.paste),
      /login-sync\.sealed\.js: the comment at its top/,
    ],
    ['no sealed one', withSealed(''), /login-sync\.sealed\.js: it is not there/],
  ];
  for (const [what, tampered, fault] of readable) {
    it(`is found without a compiler: ${what}`, async () => {
      assert.match(await found(tampered), fault);
      assert.notDeepEqual(builtFaults(tampered, committed), []);
    });
  }

  /** @type {[what: string, tampered: Package, fault: RegExp][]} */
  const hidden = [
    ['one byte of the wasm', backdoored(), /^login-sync\.js: the wasm$/],
    [
      'one byte of the sealed wasm',
      withSealed(repack(committed.sealed, { wasm: flipped(unpack(committed.sealed).wasm) })),
      /^login-sync\.sealed\.js: the wasm$/,
    ],
    [
      'a word of the glue',
      withPaste(changedInside(committed.paste, 'glue', 'Buffer.byteLength', 'Buffer.bytelength')),
      /^login-sync\.js: the glue$/,
    ],
    ['how it is packed', withPaste(packedWorse(committed.paste)), /^login-sync\.js: how it is packed$/],
  ];
  for (const [what, tampered, fault] of hidden) {
    it(`is found only by building again: ${what}`, async () => {
      assert.equal(await found(tampered), '');
      const [first, ...others] = builtFaults(tampered, committed);
      assert.match(first ?? '', fault);
      assert.deepEqual(others, ['the manifest']);
    });
  }

  it('is found by building again where it cannot even be unpacked', () => {
    const broken = withPaste(committed.paste.replace(/(?<=PACKED = ").{9}/, ''));
    assert.match(builtFaults(broken, committed).join('; '), /^login-sync\.js: the shim; /);
  });
});

describe('another file of pkg/ that was changed', () => {
  /** @type {[what: string, tampered: Package, fault: string][]} */
  const table = [
    ['the schema', { ...committed, schema: committed.schema.replace('"object"', '"string"') }, 'schema.json'],
    ['the types', { ...committed, types: `${committed.types}\n` }, 'login-sync.d.ts'],
    [
      'a digest in the manifest',
      { ...committed, manifest: committed.manifest.replace(/"paste": "./, '"paste": "x') },
      'manifest.json: `paste`',
    ],
    [
      'the rustc in the manifest',
      { ...committed, manifest: committed.manifest.replace(/"rustc": "/, '"rustc": "1') },
      'manifest.json: `madeWith`',
    ],
    [
      'no Node in the manifest',
      { ...committed, manifest: committed.manifest.replace(/"node": ".*"/, '"node": ""') },
      'manifest.json: `madeWith`',
    ],
    ['no manifest', { ...committed, manifest: '' }, 'manifest.json: `version`'],
  ];
  for (const [what, tampered, fault] of table) {
    it(`is found without a compiler: ${what}`, async () => {
      assert.ok((await found(tampered)).includes(fault));
    });
  }

  for (const file of /** @type {const} */ (['licences', 'sbom'])) {
    it(`is found with cargo: the ${file}`, () => {
      const [fault, ...others] = builtFaults(
        { ...committed, [file]: committed[file].replace('wasm-bindgen', 'wasm-binder') },
        committed,
      );
      assert.match(fault ?? '', /^THIRD-PARTY-LICENSES\.txt$|^login-sync\.cdx\.json$/);
      assert.deepEqual(others, []);
    });
  }
});

it('another release of Node that made the same bytes is no fault', async () => {
  const other = { ...committed, manifest: committed.manifest.replace(/"node": "[^"]+"/, '"node": "22.0.0"') };
  assert.notEqual(other.manifest, committed.manifest);
  assert.equal(await found(other), '');
  assert.deepEqual(builtFaults(other, committed), []);
});

it('no folder of the machine that built it is in the wasm', () => {
  const wasm = Buffer.from(unpack(committed.paste).wasm).toString('latin1');
  // Places in the sources: of this project, of the crates, of the standard library as its makers name it.
  assert.match(wasm, /src\/login/);
  assert.match(wasm, /crates\/jwt-compact-/);
  const std = wasm.match(/library\/(?:core|alloc|std)\/src\//g)?.length;
  assert.ok(std);
  assert.equal(wasm.match(/\/rustc\/[0-9a-f]{40}\/library\/(?:core|alloc|std)\/src\//g)?.length, std);
  assert.doesNotMatch(wasm, /registry\/src|rustlib|\/home\/|\/root\/|\/Users\//);
});
