// tests/tools/: `npm run unpack`, and what it rests on: a paste is taken apart and put together again, and one of another version
// is refused.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { sha256 } from '../../tools/build/digest.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { leanOf, MANIFEST, PASTE, root } from '../../tools/files.mjs';
import { toBase91 } from '../../tools/paste/base91.mjs';
import { repack, split, unpack } from '../../tools/paste/paste.mjs';

const PASTES = await Promise.all([PASTE, leanOf(PASTE)].map((file) => readFile(file, 'utf8')));
const [EDITABLE = ''] = PASTES;

/** @param {import('node:test').TestContext} t @param {string} [paste] */
async function unpacked(t, paste) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'action.js');
  if (paste !== undefined) await writeFile(file, paste);
  const args = ['tools/commands/unpack.mjs', '--out', path.join(folder, 'out')];
  const ran = await run(process.execPath, [...args, ...(paste === undefined ? [] : ['--paste', file])], { cwd: root });
  const names = ['shim.js', 'glue.js', 'engine.wasm'];
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, 'out', name)).catch(() => undefined)));
  return { ...ran, files };
}

describe('npm run unpack', () => {
  it('writes what is packed in the committed paste, and says its digests', async (t) => {
    const { code, output, files } = await unpacked(t);
    assert.equal(code, 0, output);
    const [shim, glue, wasm] = files;
    assert.match(String(shim), /rejectUnauthorized/);
    assert.match(String(glue), /^\/\/ Written by wasm-bindgen\.\nfunction makeGlue\(/);
    const manifest = JSON.parse(await readFile(MANIFEST, 'utf8'));
    assert.equal(sha256(wasm ?? ''), manifest.wasm);
    assert.ok(output.includes(`sha256 ${manifest.wasm}`));
  });

  for (const [end, name] of [
    ['\r\n', 'CRLF'],
    ['\r', 'CR'],
  ])
    it(`reads one that an editor saved with ${name}`, async (t) => {
      for (const paste of PASTES) {
        const { code, output, files } = await unpacked(t, paste.replaceAll('\n', end ?? ''));
        assert.equal(code, 0, output);
        const { shim, glue, wasm } = unpack(paste);
        assert.deepEqual(files, [Buffer.from(shim), Buffer.from(glue), Buffer.from(wasm)]);
      }
    });

  it('says where there is more behind what is packed', async (t) => {
    const more = /^behind what is packed there is more, /m;
    for (const paste of PASTES) {
      assert.doesNotMatch((await unpacked(t, `${paste}\n`)).output, more);
      assert.match((await unpacked(t, `${paste}exports.onExecutePostLogin = evil;\n`)).output, more);
    }
  });

  /** @type {[what: string, paste: string, message: RegExp][]} */
  const refused = [
    [
      'of an earlier version, whose shim was not packed',
      EDITABLE.replace(/(?=^const PACKED)/m, '// Written by wasm-bindgen.\n'),
      /^error: this paste is of an earlier version of login-sync: take the pkg\/login-sync\.js of this one$/,
    ],
    ['that was cut off', EDITABLE.slice(0, -1000), /^error: this is no paste of login-sync, or it was changed: /],
    [
      'that shows another packed text than the one that runs',
      EDITABLE.replace(/^const (PACKED = ".*";)$/m, '/* const $1 */\nconst PACKED = "";'),
      /^error: this is no paste of login-sync, or it was changed: its packed text is not where it must be$/,
    ],
    [
      'with a program in its hosts',
      (PASTES[1] ?? '').replace(/^const HOSTS = .*$/m, 'const HOSTS = [evil()];'),
      /^error: this is no paste of login-sync, or it was changed: its packed text is not where it must be$/,
    ],
    [
      'that unpacks without an end',
      EDITABLE.replace(
        /^const PACKED = ".*";$/m,
        () => `const PACKED = "${toBase91(brotliCompressSync(Buffer.alloc(2 ** 25)))}";`,
      ),
      /^error: this is no paste of login-sync, or it was changed: Cannot create a Buffer larger than /,
    ],
    ['that is another file', 'exports.a = 1;\n', /^error: this is no paste of login-sync, or its marks are gone: /],
  ];
  for (const [what, paste, message] of refused)
    it(`refuses one ${what}`, async (t) => {
      const { code, output, files } = await unpacked(t, paste);
      assert.equal(code, 2);
      assert.match(output, message);
      assert.deepEqual(files, [undefined, undefined, undefined]);
    });
});

it('a paste that is taken apart and put together is the same', () => {
  for (const paste of PASTES) {
    assert.equal(Object.values(split(paste)).join(''), paste);
    assert.equal(repack(paste, unpack(paste)), paste);
  }
});
