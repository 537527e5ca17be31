// tools/develop/: set-up: the tools that the build and the tests need, each in the version that the project names, made present,
// and where they are. As a command: `node tools/develop/setup.mjs`. A second run only looks, and takes a fraction of a second.
//
// To add a tool, add a `Part`. Nothing counts as there before its own version answers, and whatever
// goes into the cache is made next to its place and renamed last, so a half-done install is no install.

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { command } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { browserProgram } from './browser.mjs';
import { debian } from './debian.mjs';
import { packagesMatch } from './packages.mjs';
import { lock, mustRun, place, run, seconds, which } from './programs.mjs';
import { minimumRust, Rust } from './rust.mjs';

/** @typedef {import('./programs.mjs').Env} Env */
/** @typedef {'rust' | 'wasm-bindgen' | 'wasm-pack' | 'node-18' | 'node-22' | 'packages' | 'chromium' | 'cargo-deny'} PartName */
/**
 * @typedef {object} Part one thing that must be there
 * @property {PartName} name
 * @property {'cargo' | 'npm'} lane parts of one lane are made one after the other, in this order
 * @property {string} why
 * @property {string} time about how long making it takes
 * @property {() => Promise<string | undefined>} look the version that is there, if it is the right one
 * @property {() => Promise<void>} make
 * @property {string} [optional] what to do where it is not to be had, and what is missed without it
 */
/**
 * @typedef {object} Tools
 * @property {Env} env for every command: the compiler, wasm-bindgen and wasm-pack are on its PATH
 * @property {Record<string, string>} versions of the parts that were asked for
 * @property {string} wasmBindgen
 * @property {string} wasmPack
 * @property {{ [major: number]: string }} node the `node` of Node 18 and 22, and the running one
 */

const WASM_PACK = '0.15.1';
const CARGO_DENY = '0.20.2';
const RUNNING = Number(process.versions.node.split('.')[0]);

// These tools are run here and never shipped. Not optimising them halves the time of a set-up from nothing, which
// each continuous integration run is, and costs about 2 s at each run of the wasm tests.
const QUICK = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
  CARGO_PROFILE_RELEASE_DEBUG: '0',
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
};

// None of what we install needs its install script.
const NPM_QUIET = ['--ignore-scripts', '--no-audit', '--no-fund'];

/** What a developer needs; cargo-deny is for continuous integration. @type {readonly PartName[]} */
export const everything = ['rust', 'wasm-bindgen', 'wasm-pack', 'node-18', 'node-22', 'packages', 'chromium'];

/**
 * Makes the named parts present and says where they are.
 *
 * @param {{ need?: readonly PartName[], say?: (line: string) => void }} [options]
 *   `say` gets a line before and after each step; nothing when all is there
 * @returns {Promise<Tools>}
 */
export async function setup({ need = everything, say = console.log } = {}) {
  if (process.platform === 'win32') throw new UserError('the toolchain does not run on Windows itself: use WSL');
  const { all, cache, tools } = await everyPart(say);
  const parts = all.filter(({ name }) => need.includes(name));
  const looks = await Promise.all(parts.map((part) => part.look()));
  /** @type {Record<string, string>} */
  const versions = {};
  const missing = parts.filter(({ name }, i) => {
    const found = looks[i];
    if (found) versions[name] = found;
    return !found;
  });
  // cargo compiles the tools, so its absence is the first thing to fix.
  if (missing.some(({ lane }) => lane === 'cargo') && !need.includes('rust')) missing.unshift(all[0]);
  if (missing.length > 0) await fill(cache, missing, versions, say);
  return { ...tools(), versions };
}

/** All parts, and where they are once they are there. @param {(line: string) => void} say */
async function everyPart(say) {
  const cache = cacheFolder(process.env);
  const bindgen = wasmBindgenVersion(await projectFile('Cargo.lock'));
  const rust = new Rust({ cache, minimum: minimumRust(await projectFile('Cargo.toml')), say });
  /** @type {Part} */
  const compiler = {
    name: 'rust',
    lane: 'cargo',
    why: 'a Rust compiler for WebAssembly, with rustfmt and clippy',
    time: '10 s with rustup, 2 min with Debian packages',
    look: () => rust.look(),
    make: () => rust.make(),
  };
  const compiled = compiledParts({ cache, rust, bindgen, say });
  /** @type {[Part, ...Part[]]} */
  const all = [compiler, ...compiled, ...[18, 22].map((major) => nodePart(cache, major)), PACKAGES, CHROMIUM];

  const [bindgenBin = '', packBin = '', ...bins] = compiled.map(({ bin }) => bin);
  const tools = () => ({
    env: { ...rust.env, PATH: [bindgenBin, packBin, ...bins, rust.env.PATH].join(path.delimiter) },
    wasmBindgen: path.join(bindgenBin, 'wasm-bindgen'),
    wasmPack: path.join(packBin, 'wasm-pack'),
    node: { 18: nodeProgram(cache, 18), 22: nodeProgram(cache, 22), [RUNNING]: process.execPath },
  });
  return { all, cache, tools };
}

/**
 * The programs that cargo compiles from crates.io, each with the folder that it is in.
 * @param {{ cache: string, rust: Rust, bindgen: string, say: (line: string) => void }} options
 * @returns {(Part & { bin: string })[]}
 */
function compiledParts({ cache, rust, bindgen, say }) {
  /** @param {PartName} name @param {string} wanted @param {string} purpose @param {string} time @param {string} [crate] */
  const part = (name, wanted, purpose, time, crate = name) => {
    const bin = path.join(cache, `${crate}-${wanted}`, 'bin');
    return {
      name,
      lane: /** @type {const} */ ('cargo'),
      why: `${crate} ${wanted}, ${purpose}`,
      time,
      bin,
      look: () => version(path.join(bin, name), ['--version'], exactly(name, wanted)),
      make: () => cargoInstall({ cache, env: rust.env, crate, wanted, say }),
    };
  };
  const deny = part('cargo-deny', CARGO_DENY, 'to look for known vulnerabilities in the crates', '2 min');
  return [
    part('wasm-bindgen', bindgen, 'the version of the crate, to write the glue', '1 min', 'wasm-bindgen-cli'),
    part('wasm-pack', WASM_PACK, 'to run the tests inside WebAssembly', '1 min'),
    {
      ...deny,
      optional: 'the crates are not looked through',
      make: () => deny.make().catch((error) => say(error.message)),
    },
  ];
}

/** @param {string} cache @param {number} major @returns {Part} */
const nodePart = (cache, major) => ({
  name: /** @type {PartName} */ (`node-${major}`),
  lane: 'npm',
  why: `Node ${major} from npm, to run the paste where Auth0 runs it`,
  time: '10 s',
  look: () => version(nodeProgram(cache, major), ['--version'], new RegExp(`^v(${major}\\..+)$`)),
  make: () => place(path.join(cache, `node-${major}`), (folder) => npmNode(folder, major)),
});

/** @type {Part} */
const PACKAGES = {
  name: 'packages',
  lane: 'npm',
  why: 'the npm packages of package-lock.json (binaryen, esbuild, typescript)',
  time: '10 s',
  look: packagesMatch,
  make: async () => void (await mustRun('npm', ['ci', ...NPM_QUIET])),
};

/** @type {Part} */
const CHROMIUM = {
  name: 'chromium',
  lane: 'npm',
  why: 'Chromium, to test the playground and the demo as people see them',
  time: '1 min',
  optional: 'install it, or name a browser in the variable CHROMIUM; its tests are passed over',
  look: browserVersion,
  make: installBrowser,
};

/**
 * Makes what is missing, while no other run does.
 * @param {string} cache
 * @param {Part[]} missing
 * @param {Record<string, string>} versions
 * @param {(line: string) => void} say
 */
async function fill(cache, missing, versions, say) {
  await mkdir(cache, { recursive: true });
  const unlock = await lock(path.join(cache, 'lock'), say);
  try {
    // What a killed run left half-done.
    for (const name of await readdir(cache)) {
      if (name.includes('.part-')) await rm(path.join(cache, name), { recursive: true, force: true });
    }
    const lanes = ['cargo', 'npm'].map((lane) =>
      makeAll(
        missing.filter((part) => part.lane === lane),
        versions,
        say,
      ),
    );
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  } finally {
    await rm(path.join(cache, 'build'), { recursive: true, force: true });
    await unlock();
  }
}

/**
 * @param {Part[]} parts
 * @param {Record<string, string>} versions
 * @param {(line: string) => void} say
 */
async function makeAll(parts, versions, say) {
  for (const { name, why, time, optional, look, make } of parts) {
    // Another run may have made it while this one waited for the lock.
    let found = await look();
    if (!found) {
      say(`${name}: getting ${why} (about ${time})`);
      const start = Date.now();
      await make();
      found = await look();
      if (!found && optional) {
        say(`${name}: not to be had here: ${optional}`);
        continue;
      }
      if (!found)
        throw new UserError(`${name}: installed without an error, but not there in the right version afterwards`);
      say(`${name}: ${found}, done in ${seconds(Date.now() - start)}`);
    }
    versions[name] = found;
  }
}

// ---- tools from registries ----------------------------------------------------------------------

/**
 * A program from crates.io, built with the versions that its own lock file names. Where the registry at hand does not hold
 * them all (a mirror may lag, or hold new versions back), with others: what then goes into pkg/ is what `--check` compares.
 * @param {{ cache: string, env: Env, crate: string, wanted: string, say: (line: string) => void }} options
 */
export async function cargoInstall({ cache, env, crate, wanted, say }) {
  await place(path.join(cache, `${crate}-${wanted}`), async (folder) => {
    const install = ['install', crate, '--version', wanted, '--root', folder];
    const options = { cwd: folder, env: { ...env, ...QUICK, CARGO_TARGET_DIR: path.join(cache, 'build', 'tools') } };
    const { code, output } = await run('cargo', [...install, '--locked'], options);
    if (code === 0) return;
    const lacking = /failed to select a version for the requirement `(\S+)/.exec(output)?.[1];
    if (!lacking) throw new UserError(`\`cargo ${install.join(' ')} --locked\` failed with code ${code}`, output);
    say(`${crate}: the registry lacks the ${lacking} of its lock file; going on without that file`);
    await mustRun('cargo', install, options);
  });
}

/**
 * The binary that the package `node` would fetch in an install script, without the script: npm is
 * ceasing to run those unasked.
 * @param {string} folder
 * @param {number} major
 */
async function npmNode(folder, major) {
  const machine = `${process.platform}-${process.arch}`;
  const name = machine === 'darwin-arm64' ? `node-bin-${machine}` : `node-${machine}`;
  await mustRun('npm', ['install', '--prefix', folder, ...NPM_QUIET, `${name}@${major}`], { cwd: folder });
}

/** @param {string} cache @param {number} major */
function nodeProgram(cache, major) {
  return major === RUNNING ? process.execPath : path.join(cache, `node-${major}`, 'node_modules', '.bin', 'node');
}

/** A browser's own version is slow to ask for: that one is there is enough. */
async function browserVersion() {
  return browserProgram();
}

/** Only Debian's can be installed unasked. */
async function installBrowser() {
  if (await which('apt-get')) await (await debian(process.env)).install('chromium');
}

// ---- small things -------------------------------------------------------------------------------

/** @param {Env} env */
export function cacheFolder(env) {
  if (env.LOGIN_SYNC_CACHE) return path.resolve(env.LOGIN_SYNC_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'login-sync');
}

/** @param {string} name */
async function projectFile(name) {
  try {
    return await readFile(path.join(root, name), 'utf8');
  } catch {
    throw new UserError(`${name} is missing: get it back with \`git checkout ${name}\``);
  }
}

/** @param {string} lockFile the text of Cargo.lock */
export function wasmBindgenVersion(lockFile) {
  const found = /^name = "wasm-bindgen"\r?\nversion = "([^"]+)"/m.exec(lockFile)?.[1];
  if (!found) throw new UserError('Cargo.lock names no wasm-bindgen: the crate must depend on it');
  return found;
}

/** @param {string} program @param {string[]} args @param {RegExp} pattern */
async function version(program, args, pattern) {
  const { code, stdout } = await run(program, args);
  return code === 0 ? pattern.exec(stdout)?.[1] : undefined;
}

/** @param {string} name @param {string} wanted */
function exactly(name, wanted) {
  return new RegExp(`^${name} (${wanted.replaceAll('.', '\\.')})$`);
}

/** The parts in a line; an optional one may not be there. @param {Record<string, string>} versions */
export function whatIsThere(versions) {
  const lacking = everything.filter((name) => !versions[name]);
  const list = everything.flatMap((name) =>
    versions[name] ? [name === 'packages' ? versions[name] : `${name} ${versions[name]}`] : [],
  );
  return `all there${lacking.length > 0 ? ` but ${lacking.join(', ')}` : ''}: ${list.join(', ')}`;
}

const usage = `usage: node tools/develop/setup.mjs

Makes present what the build and the tests need, and says what it does.
`;

await command(import.meta.url, { usage, options: {} }, async () => {
  const start = Date.now();
  const { versions } = await setup();
  console.log(`set-up: ${whatIsThere(versions)} (${seconds(Date.now() - start)})`);
});
