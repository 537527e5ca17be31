// tests/tools/: the developer's tools. Here: how set-up decides, on machines made of shell scripts —
// a folder of stand-ins for rustc, cargo, rustup and apt-get is the whole PATH. Nothing is installed.

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { packagesEqual, withPackages } from '../../tools/develop/packages.mjs';
import { lock, place } from '../../tools/develop/programs.mjs';
import { minimumRust, olderThan, Rust } from '../../tools/develop/rust.mjs';
import { cacheFolder, cargoInstall, everything, wasmBindgenVersion, whatIsThere } from '../../tools/develop/setup.mjs';
import { UserError } from '../../tools/error.mjs';

/** @param {import('node:test').TestContext} t */
async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A machine with a rustc 1.90.0 and these programs. Each program writes its name and arguments to
 * a file first; `said` collects what set-up tells the user.
 * @param {import('node:test').TestContext} t
 * @param {{ std?: boolean, programs?: Record<string, string>, minimum?: string }} options
 */
async function machine(t, { std = false, programs = {}, minimum }) {
  const folder = await temporaryFolder(t);
  const target = path.join(folder, 'sysroot/lib/rustlib/wasm32-unknown-unknown');
  const library = path.join(target, 'lib/libstd-0.rlib');
  await mkdir(path.join(folder, 'bin'));
  await mkdir(path.dirname(library), { recursive: true });
  if (std) await writeFile(library, '');
  const calls = path.join(folder, 'calls');
  await writeFile(calls, '');
  const all = {
    rustc: `[ "$1" = --print ] && echo ${folder}/sysroot || echo "rustc 1.90.0 (abc 2025-01-01)"`,
    cargo: 'echo fine',
    env: 'shift; exec "$@"',
    sudo: 'exec "$@"',
    ...programs,
  };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(folder, 'bin', name);
    await writeFile(file, `#!/bin/sh\necho "${name} $*" >> ${calls}\n${text.replaceAll('$LIBRARY', library)}\n`);
    await chmod(file, 0o755);
  }
  /** @type {string[]} */
  const said = [];
  const env = { PATH: path.join(folder, 'bin'), CARGO_HOME: path.join(folder, 'cargo') };
  const rust = new Rust({ cache: path.join(folder, 'cache'), minimum, say: (line) => said.push(line), env });
  /** @param {string} program */
  const callsOf = async (program) =>
    (await readFile(calls, 'utf8')).split('\n').filter((line) => line.startsWith(`${program} `));
  return { rust, said, target, callsOf };
}

test('a complete compiler is taken as it is', async (t) => {
  const { rust } = await machine(t, { std: true });
  assert.equal(await rust.look(), '1.90.0');
});

test('a compiler is not taken', async (t) => {
  /** @type {[string, Parameters<typeof machine>[1]][]} */
  const cases = [
    ['without a std for wasm32', {}],
    ['older than the crate needs', { std: true, minimum: '1.91' }],
    ['without clippy', { std: true, programs: { cargo: '[ "$1" != clippy ]' } }],
    ['without rustfmt', { std: true, programs: { cargo: '[ "$1" != fmt ]' } }],
    ['that does not run', { std: true, programs: { rustc: 'exit 1' } }],
  ];
  for (const [name, options] of cases) {
    await t.test(name, async (t) => assert.equal(await (await machine(t, options)).rust.look(), undefined));
  }
});

test('a std that was built here counts only for the rustc that built it', async (t) => {
  const { rust, target } = await machine(t, { std: true });
  await writeFile(path.join(target, 'built-with'), 'rustc 1.89.0 (abc 2024-12-01)');
  assert.equal(await rust.look(), undefined);
  await writeFile(path.join(target, 'built-with'), 'rustc 1.90.0 (abc 2025-01-01)');
  assert.equal(await rust.look(), '1.90.0');
});

test('where rustup can add the target, that is all', async (t) => {
  const programs = { rustup: '[ "$1" = target ] && : > $LIBRARY; exit 0', 'apt-get': 'exit 1' };
  const { rust, callsOf } = await machine(t, { programs });
  assert.equal(await rust.look(), undefined);
  await rust.make();
  assert.equal(await rust.look(), '1.90.0');
  assert.deepEqual(await callsOf('rustup'), [
    'rustup target add wasm32-unknown-unknown',
    'rustup component add rustfmt clippy',
  ]);
  assert.deepEqual(await callsOf('apt-get'), []);
});

test("where rustup is refused, Debian's packages come next, and take no package away", async (t) => {
  const programs = {
    rustup: 'echo "error: could not download" >&2; exit 1',
    'apt-get': '[ "$1" = update ] || { echo "E: Unable to locate package rustc-web" >&2; exit 100; }',
  };
  const { rust, said, callsOf } = await machine(t, { programs });
  await assert.rejects(rust.make(), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /rustup target add.*could not download.*apt-get install.*code 100.*https:\/\/rustup\.rs/,
    );
    assert.equal(error.output, 'E: Unable to locate package rustc-web');
    return true;
  });
  assert.match(said[0], /could not download/);
  const [update, install] = await callsOf('apt-get');
  assert.equal(update, 'apt-get update');
  assert.match(install, /^apt-get install -y --no-remove .*rustc-web/);
});

test('with neither, one line says what would do', async (t) => {
  const { rust } = await machine(t, {});
  await assert.rejects(rust.make(), {
    message:
      "no Rust compiler for wasm32-unknown-unknown: rustup is not there; Debian's apt-get is not there; " +
      'it takes a rustup (https://rustup.rs) that can download, or a Debian with rustc-web packages and root or sudo',
  });
});

test('a program from crates.io is built by its lock file, and without it only where the registry lacks what that names', async (t) => {
  /** @param {string} cargo @param {import('node:test').TestContext} t */
  const install = async (cargo, t) => {
    const { rust, callsOf } = await machine(t, { programs: { cargo } });
    /** @type {string[]} */
    const said = [];
    const cache = await temporaryFolder(t);
    const fault = await cargoInstall({
      cache,
      env: rust.env,
      crate: 'tool',
      wanted: '1.2.3',
      say: (line) => said.push(line),
    }).then(
      () => '',
      (error) => error.message,
    );
    return {
      said,
      fault,
      locked: (await callsOf('cargo')).map((call) => call.endsWith(' --locked')),
      there: await readdir(cache),
    };
  };
  assert.deepEqual(await install('echo fine', t), { said: [], fault: '', locked: [true], there: ['tool-1.2.3'] });
  const lacks =
    'case "$*" in *--locked) echo "error: failed to select a version for the requirement \\`roots = \\"^1.0.10\\"\\` (locked to 1.0.11)" >&2; exit 101;; esac';
  const without = await install(lacks, t);
  assert.deepEqual(without, {
    said: ['tool: the registry lacks the roots of its lock file; going on without that file'],
    fault: '',
    locked: [true, false],
    there: ['tool-1.2.3'],
  });
  const broken = await install('echo "error: could not compile" >&2; exit 101', t);
  assert.match(broken.fault, /--locked` failed with code 101$/);
  assert.deepEqual([broken.locked, broken.there], [[true], []]);
});

test('versions are compared by number', () => {
  for (const [a, b, expected] of /** @type {const} */ ([
    ['1.88.0', '1.88', false],
    ['1.87.9', '1.88', true],
    ['1.100.0', '1.88', false],
    ['2.0.0', '1.88.1', false],
    ['1.88.0', '1.88.1', true],
  ])) {
    assert.equal(olderThan(a, b), expected, `${a} older than ${b}`);
  }
});

test('what is not to be had is not said to be there', () => {
  const versions = Object.fromEntries(everything.map((name) => [name, `of ${name}`]));
  assert.match(whatIsThere(versions), /^all there: rust of rust, .*, of packages, chromium of chromium$/);
  const { chromium: _, ...others } = versions;
  assert.match(whatIsThere(others), /^all there but chromium: rust of rust, .*, of packages$/);
});

test('the versions come from Cargo.lock and Cargo.toml', () => {
  const lockFile =
    '[[package]]\nname = "wasm-bindgen"\nversion = "0.2.9"\n\n[[package]]\nname = "wasm-bindgen-macro"\nversion = "0.2.8"\n';
  assert.equal(wasmBindgenVersion(lockFile), '0.2.9');
  assert.throws(() => wasmBindgenVersion('[[package]]\nname = "serde"\nversion = "1.0.0"\n'), UserError);
  assert.equal(minimumRust('[package]\nname = "x"\nrust-version = "1.88"\n'), '1.88');
});

test('npm packages are there when every one is, and in its version', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  assert.equal(packagesEqual(wanted, { 'node_modules/a': { version: '1.0.0' } }), true);
  assert.equal(packagesEqual(wanted, { 'node_modules/a': { version: '1.0.1' } }), false);
  assert.equal(packagesEqual(wanted, { 'node_modules/b': { version: '2.0.0' } }), false);
  assert.equal(
    packagesEqual(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }),
    false,
  );
});

test('the cache folder is the one asked for, else that of the system', () => {
  assert.equal(cacheFolder({ LOGIN_SYNC_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }), '/b/login-sync');
  assert.equal(cacheFolder({}), path.join(os.homedir(), '.cache/login-sync'));
});

test('a folder that could not be filled leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t);
  const fill = async (/** @type {string} */ part) => writeFile(path.join(part, 'file'), 'new');
  await assert.rejects(
    place(path.join(folder, 'tool'), async (part) => {
      await fill(part);
      throw new Error('no network');
    }),
  );
  assert.deepEqual(await readdir(folder), []);
  await place(path.join(folder, 'tool'), fill);
  assert.deepEqual(await readdir(folder), ['tool']);
});

test('one run at a time holds the lock, and a dead one loses it', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'lock');
  const times = { beatMs: 20, staleMs: 60_000 };
  /** @type {string[]} */
  const said = [];
  const unlock = await lock(folder, (line) => said.push(line), times);
  let second = false;
  const waiting = lock(folder, (line) => said.push(line), times).then((unlockSecond) => {
    second = true;
    return unlockSecond;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(second, false);
  await unlock();
  await (await waiting)();
  assert.deepEqual(said, ['set-up: waiting for another run that is filling the cache']);

  await mkdir(folder);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(folder, longAgo, longAgo);
  await (await lock(folder, () => {}, times))();
});

test('what breaks with other packages than those of the lock file says so in a line', async () => {
  const broken = () => Promise.reject(new Error('Build failed\n\nError: [vite]: failed to find "a" from "b".\nMore.'));
  const [stale, right] = [async () => undefined, async () => '9 npm packages'];
  await assert.rejects(withPackages(broken, stale), (error) => {
    assert.ok(error instanceof UserError);
    const line = 'failed to find "a" from "b"; node_modules has other packages than package-lock.json: run `npm ci`';
    return error.message === line;
  });
  await assert.rejects(withPackages(broken, right), /^Error: Build failed/);
  await assert.rejects(
    withPackages(() => Promise.reject(new UserError('the port is in use')), stale),
    /^UserError|in use/,
  );
  assert.equal(await withPackages(async () => 5, stale), 5);
});
