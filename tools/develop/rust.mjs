// tools/develop/: the part of set-up that finds or gets a Rust compiler for WebAssembly; setup.mjs calls it.
//
// Two kinds of machine are served. Where rustup can add the wasm32 target, that is all. Where it
// cannot, and the machine is a Debian, the compiler comes from Debian's packages and the standard
// library for wasm32 is built once from Debian's sources and put into its sysroot. Either way what
// follows is an ordinary stable toolchain: no nightly flag in any daily command.

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { debian } from './debian.mjs';
import { mustRun, place, run, which } from './programs.mjs';

/** @typedef {import('./programs.mjs').Env} Env */

const TARGET = 'wasm32-unknown-unknown';

/** Says which rustc a std that was built here belongs to: after an upgrade it must be built again. */
const STD_STAMP = 'built-with';

export class Rust {
  /**
   * @param {object} options
   * @param {string} options.cache
   * @param {string} [options.minimum] the `rust-version` of Cargo.toml
   * @param {(line: string) => void} options.say
   * @param {Env} [options.env]
   */
  constructor({ cache, minimum, say, env = process.env }) {
    this.minimum = minimum;
    this.say = say;
    // rustup's own folder comes last: a shell that was opened before rustup came finds it too.
    this.cargoHome = env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
    /** @type {Env} */
    this.ordinary = { ...env, PATH: [env.PATH, path.join(this.cargoHome, 'bin')].join(path.delimiter) };
    // Debian's compiler must win over rustup's shims, but no other program of /usr/bin over the
    // user's choice, so its programs get a folder of their own.
    this.debianBin = path.join(cache, 'debian-rust', 'bin');
    /** @type {Env} */
    this.debian = { ...this.ordinary, PATH: [this.debianBin, this.ordinary.PATH].join(path.delimiter) };
    this.env = this.ordinary;
  }

  /** Takes the first compiler that is complete: the one on the PATH, else Debian's. */
  async look() {
    for (const env of existsSync(this.debianBin) ? [this.ordinary, this.debian] : [this.ordinary]) {
      const { version: found, lacks } = await inspectRust(env, this.minimum);
      if (lacks) continue;
      this.env = env;
      return `${found}${env === this.debian ? ' of Debian' : ''}`;
    }
  }

  async make() {
    const tried = [];
    let output = '';
    const ways = [
      { there: await which('rustup', this.ordinary), name: 'rustup', make: () => this.#withRustup() },
      { there: await which('apt-get', this.ordinary), name: "Debian's apt-get", make: () => this.#withDebian() },
    ];
    for (const { there, name, make } of ways) {
      try {
        if (!there) throw new UserError(`${name} is not there`);
        return await make();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        tried.push(error.message);
        output = error.output;
        this.say(`rust: ${error.message}`);
      }
    }
    throw new UserError(
      `no Rust compiler for ${TARGET}: ${tried.join('; ')}; it takes a rustup (https://rustup.rs) that can download, or a Debian with rustc-web packages and root or sudo`,
      output,
    );
  }

  async #withRustup() {
    for (const args of [
      ['target', 'add', TARGET],
      ['component', 'add', 'rustfmt', 'clippy'],
    ]) {
      const { code, output } = await run('rustup', args, { env: this.ordinary, limitMs: 300_000 });
      if (code !== 0) throw new UserError(`\`rustup ${args.join(' ')}\` failed (${lastLine(output)})`, output);
    }
    await this.#mustBeComplete(this.ordinary);
  }

  async #withDebian() {
    this.say("rust: going on with Debian's packages, which takes about 2 min");
    const { asRoot, install } = await debian(this.ordinary);
    await install('rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-llvm', 'rust-web-clippy', 'rustfmt-web');
    // The linker's package is named after the LLVM that this rustc was built with.
    const linker = await readlink('/usr/bin/rust-lld').catch(() => {
      throw new UserError('the package rust-web-llvm brought no /usr/bin/rust-lld');
    });
    await install(path.basename(linker));

    await place(path.dirname(this.debianBin), async (folder) => {
      await mkdir(path.join(folder, 'bin'));
      for (const program of ['cargo', 'cargo-clippy', 'cargo-fmt', 'clippy-driver', 'rustc', 'rustdoc', 'rustfmt']) {
        await symlink(path.join('/usr/bin', program), path.join(folder, 'bin', program));
      }
    });
    await this.#buildStd(asRoot);
    await this.#mustBeComplete(this.debian);
  }

  /** @param {Env} env */
  async #mustBeComplete(env) {
    const { lacks } = await inspectRust(env, this.minimum);
    if (lacks) throw new UserError(lacks);
  }

  /**
   * Builds std as the dependency of an empty crate and moves the libraries to where rustc looks
   * for those of a target.
   * @param {(...command: string[]) => Promise<unknown>} asRoot
   */
  async #buildStd(asRoot) {
    this.say(`rust: building the standard library for ${TARGET} from Debian's sources (about 1 min)`);
    const [rustc, { stdout: sysroot }] = await Promise.all([
      mustRun('rustc', ['--version'], { env: this.debian }),
      mustRun('rustc', ['--print', 'sysroot'], { env: this.debian }),
    ]);
    const crate = path.join(path.dirname(path.dirname(this.debianBin)), 'build', 'std');
    const build = path.join(crate, 'target');
    await mkdir(path.join(crate, 'src'), { recursive: true });
    await writeFile(path.join(crate, 'Cargo.toml'), '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n');
    await writeFile(path.join(crate, 'src', 'lib.rs'), '');
    await mustRun('cargo', ['build', '--release', '-Zbuild-std=std,panic_abort,test,proc_macro', '--target', TARGET], {
      cwd: crate,
      env: {
        ...this.debian,
        RUSTC_BOOTSTRAP: '1',
        // Without bitcode in it, fat LTO of the crate fails; without the other, panic messages name a home folder.
        CARGO_ENCODED_RUSTFLAGS: ['-Cembed-bitcode=yes', `--remap-path-prefix=${this.cargoHome}=/cargo`].join('\x1f'),
        CARGO_TARGET_DIR: build,
      },
    });
    const made = path.join(build, TARGET, 'release', 'deps');
    const libraries = (await readdir(made)).filter((file) => file.endsWith('.rlib') && !file.startsWith('libempty-'));
    const stamp = path.join(crate, STD_STAMP);
    await writeFile(stamp, rustc.stdout);

    const target = path.join(sysroot, 'lib', 'rustlib', TARGET);
    const part = `${target}.part`;
    await asRoot('rm', '-rf', part);
    await asRoot('mkdir', '-p', path.join(part, 'lib'));
    await asRoot('cp', ...libraries.map((file) => path.join(made, file)), path.join(part, 'lib'));
    await asRoot('cp', stamp, part);
    await asRoot('rm', '-rf', target);
    await asRoot('mv', part, target);
  }
}

/**
 * What a toolchain lacks to build and check this project, if anything.
 *
 * @param {Env} env
 * @param {string} [minimum] the oldest version that will do
 * @returns {Promise<{ version: string, lacks: string | undefined }>}
 */
async function inspectRust(env, minimum) {
  const ask = (/** @type {string} */ program, /** @type {string[]} */ ...args) => run(program, args, { env });
  const [rustc, sysroot, ...others] = await Promise.all([
    ask('rustc', '--version'),
    ask('rustc', '--print', 'sysroot'),
    ask('cargo', '--version'),
    ask('cargo', 'fmt', '--version'),
    ask('cargo', 'clippy', '--version'),
  ]);
  const found = /^rustc (\d+\.\d+\.\d+)/.exec(rustc.stdout)?.[1] ?? '';
  /** @param {string | undefined} lacks */
  const verdict = (lacks) => ({ version: found, lacks });
  if (rustc.code !== 0 || !found) return verdict('rustc does not run');
  if (minimum && olderThan(found, minimum))
    return verdict(`rustc ${found} is older than ${minimum}, try \`rustup update\``);

  const target = path.join(sysroot.stdout, 'lib', 'rustlib', TARGET);
  const libraries = await readdir(path.join(target, 'lib')).catch(() => []);
  if (!libraries.some((file) => /^libstd-.*\.rlib$/.test(file)))
    return verdict(`rustc ${found} has no std for ${TARGET}`);
  const stamp = await readFile(path.join(target, STD_STAMP), 'utf8').catch(() => undefined);
  if (stamp !== undefined && stamp !== rustc.stdout)
    return verdict(`the std for ${TARGET} is not that of rustc ${found}`);

  const index = others.findIndex(({ code }) => code !== 0);
  return verdict(index < 0 ? undefined : `${['cargo', 'cargo fmt', 'cargo clippy'][index]} does not run`);
}

/** @param {string} manifest the text of Cargo.toml */
export function minimumRust(manifest) {
  return /^rust-version = "([^"]+)"/m.exec(manifest)?.[1];
}

/** @param {string} a @param {string} b */
export function olderThan(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (const [i, number] of right.entries()) {
    if ((left[i] ?? 0) !== number) return (left[i] ?? 0) < number;
  }
  return false;
}

/** @param {string} text */
function lastLine(text) {
  return text.split('\n').at(-1)?.trim() ?? '';
}
