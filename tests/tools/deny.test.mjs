// tests/tools/: what `npm test` says of the crates, with a stand-in for cargo as the whole PATH.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { deny } from '../../tools/develop/deny.mjs';

/** @type {[what: string, fails: string, code: number, said: RegExp][]} */
const table = [
  ['nothing is wrong', 'none', 0, /^ran deny --offline check advisories$/],
  ['cargo-deny is not there', '*--version', 0, /^not checked: the crates: cargo-deny is not there; .*$/m],
  ['a licence is not allowed', '*licenses*', 1, /^ran deny check bans licenses sources$/],
  [
    'the database cannot be reached',
    '*fetch*',
    0,
    /^ran deny check .*\nnot checked: known vulnerabilities in the crates: .*$/,
  ],
  ['a crate has a known vulnerability', '*advisories', 1, /^ran deny --offline check advisories$/],
];

for (const [what, fails, code, said] of table) {
  it(`where ${what}`, async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(path.join(folder, 'cargo'), `#!/bin/sh\necho "ran $*"\ncase "$*" in ${fails}) exit 1;; esac\n`, {
      mode: 0o755,
    });
    const ran = await deny({ PATH: folder });
    assert.equal(ran.code, code, ran.output);
    assert.match(ran.output, said);
  });
}
