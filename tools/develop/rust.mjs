// tools/develop/: the part of set-up that finds a Rust compiler for WebAssembly, or has rustup complete the one that is there;
// setup.mjs calls it.

import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { run, which } from './programs.mjs';

/** @typedef {import('./programs.mjs').Env} Env */

const TARGET = 'wasm32-unknown-unknown';

export class Rust {
  /**
   * @param {object} options
   * @param {string} [options.minimum] the `rust-version` of Cargo.toml
   * @param {Env} [options.env]
   */
  constructor({ minimum, env = process.env }) {
    this.minimum = minimum;
    // rustup's own folder comes last: a shell that was opened before rustup came finds it too.
    const cargoHome = env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
    /** @type {Env} */
    this.env = { ...env, PATH: [env.PATH, path.join(cargoHome, 'bin')].join(path.delimiter) };
  }

  /** The version of the compiler, if it is complete. */
  async look() {
    const { version: found, lacks } = await inspectRust(this.env, this.minimum);
    return lacks ? undefined : found;
  }

  async make() {
    if (!(await which('rustup', this.env))) {
      throw new UserError(
        `no Rust compiler for ${TARGET}: install rustup (https://rustup.rs), and this goes on by itself`,
      );
    }
    for (const args of [
      ['target', 'add', TARGET],
      ['component', 'add', 'rustfmt', 'clippy'],
    ]) {
      const { code, output } = await run('rustup', args, { env: this.env, limitMs: 300_000 });
      if (code !== 0) throw new UserError(`\`rustup ${args.join(' ')}\` failed (${lastLine(output)})`, output);
    }
    const { lacks } = await inspectRust(this.env, this.minimum);
    if (lacks) throw new UserError(lacks);
  }
}

/**
 * What a toolchain lacks to build and check this project, if anything.
 *
 * @param {Env} env
 * @param {string} [minimum] the oldest version that will do
 * @returns {Promise<{ version: string, lacks: string | undefined }>}
 */
export async function inspectRust(env, minimum) {
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
