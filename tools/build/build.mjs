// tools/build/: makes pkg/ from source: release wasm, wasm-bindgen, wasm-opt, then the paste.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { command, FLAG, TEXT } from '../cli.mjs';
import { mustRun } from '../develop/programs.mjs';
import { setup } from '../develop/setup.mjs';
import { UserError } from '../error.mjs';
import { leanOf, MANIFEST, PASTE, root } from '../files.mjs';
import { assemble, MOST_BYTES } from '../paste/paste.mjs';
import { withNote } from '../paste/seal.mjs';
import { check, madeWith, RUSTC } from './check.mjs';
import { cut, READERS } from './cut.mjs';
import { sha256, sourceDigest } from './digest.mjs';
import { withOrder } from './order.mjs';
import { writeEditorFiles } from './schema.mjs';
import { shim } from './shim.mjs';
import { LICENCES, SBOM, thirdParty } from './third-party.mjs';
import { functionsOf, partsThere, refuseTable, scriptsOf, weigh, weightFault } from './weights.mjs';

const usage = `usage: npm run build [-- --check [--readable]] [-- --features NAME --out FILE]

Makes pkg/ from source.

  --check           fails when pkg/ is not what these sources give; builds in another folder and writes nothing here
  --readable        with --check: without a compiler, all but the wasm and its glue
  --features NAME   a paste with these features of the crate, for a test
  --out FILE        where that goes

exit codes: 0 written, or pkg/ is right; 2 it is not, the build failed, or the arguments are wrong
`;

/**
 * For size; but a function with one caller stays apart from it, unless it is tiny. V8 compiles a function when it is first
 * called, so what a first login does not need is not compiled before its request is out. What is written twice compresses better
 * than what is kept in a variable, and a tiny function better where it is called.
 */
const OPTIMISE = [
  '-Oz',
  '--converge',
  '--one-caller-inline-max-function-size=20',
  '--always-inline-max-function-size=4',
  '--skip-pass=local-cse',
];

/** How much a load or store is aligned is a hint that V8 does not read: all are said to be alike. */
const ARRANGE = ['--reorder-functions-by-name', '--dealign'];

/**
 * Builds a paste.
 * @param {{ features?: string, say?: (line: string) => void }} [options]
 * @returns {Promise<{ paste: string, sealed: string, wasm: Buffer, version: string, env: Env, rustc: string }>} `sealed`: what a
 *   sealed paste is made from; `wasm`: the whole one
 */
export async function build({ features = '', say } = {}) {
  refuseTable(await partsThere());
  const { env, versions } = await setup({ need: ['rust', 'wasm-bindgen', 'packages'], say });
  if (versions.rust !== RUSTC)
    say?.(`this is rustc ${versions.rust}: pkg/ must be made by rustc ${RUSTC}, or others cannot compare it`);
  const out = path.join(root, 'target', features ? `paste-${features}` : 'paste');
  const target = env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  await mkdir(out, { recursive: true });
  // The crate's kind is said here: with both kinds in the manifest cargo loses fat LTO, 13 % of the wasm.
  const crate = ['--lib', '--release', '--crate-type', 'cdylib', '--target', 'wasm32-unknown-unknown'];
  // A panic names its place in the source; no path of the machine that built it may be among those. What refers to what is
  // for cut.mjs.
  const flags = ['--cfg', 'getrandom_backend="custom"', '-Clink-arg=--emit-relocs', ...(await remaps(env))];
  const cargoEnv = { ...env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
  await mustRun('cargo', ['rustc', ...crate, '--locked', ...(features ? ['--features', features] : [])], {
    env: cargoEnv,
  });
  const { whole, lean, texts } = cut(
    await readFile(path.join(target, 'wasm32-unknown-unknown', 'release', 'login_sync.wasm')),
  );
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const kind = { sealed: true };
  const [around, aroundSealed] = [await shim(), await shim(kind)];
  const engine = await finish(path.join(out, 'whole'), whole, { without: ['readSealed'] }, env);
  // A paste for a test has more in it, and another compiler makes other bytes.
  const fault = features ? '' : weightFault(weigh(functionsOf(engine.named).functions, await scriptsOf()));
  if (fault && versions.rust === RUSTC) throw new UserError(fault);
  if (fault) say?.(fault);
  const rest = await finish(path.join(out, 'lean'), lean, { without: READERS, renamed: ['readSealed', 'read'] }, env);
  const parts = { ...around, ...engine, glue: await minify(around.rename(engine.glue)) };
  const sealedParts = { ...aroundSealed, glue: await minify(aroundSealed.rename(rest.glue)) };
  const note = { whole: engine.wasm, texts };
  return {
    paste: assemble({ version, ...parts }),
    sealed: assemble({ version, ...sealedParts, wasm: withNote(rest.wasm, note) }, kind),
    wasm: engine.wasm,
    version,
    env,
    rustc: versions.rust ?? '',
  };
}

/** @typedef {import('../develop/programs.mjs').Env} Env */
/** @typedef {{ without: string[], renamed?: [from: string, to: string] }} Exports what becomes of the engine's exports */

/**
 * From what cargo made to what goes into a paste.
 * @param {string} out a folder
 * @param {Uint8Array} wasm
 * @param {Exports} exports
 * @param {Env} env
 * @returns {Promise<{ glue: string, wasm: Buffer, named: Buffer }>} `named`: the wasm before it lost its names
 */
async function finish(out, wasm, exports, env) {
  await mkdir(out, { recursive: true });
  const linked = path.join(out, 'linked.wasm');
  await writeFile(linked, wasm);
  const form = ['--target', 'no-modules', '--no-typescript', '--out-name', 'glue', '--out-dir', out];
  await mustRun('wasm-bindgen', [linked, ...form], { env });
  const start = await changeExports(path.join(out, 'glue_bg.wasm'), exports);
  const optimised = path.join(out, 'login-sync.wasm');
  const wasmOpt = path.join(root, 'node_modules', '.bin', 'wasm-opt');
  // Kept for `npm run size`.
  const withNames = path.join(out, 'named.wasm');
  await mustRun(wasmOpt, [path.join(out, 'glue_bg.wasm'), ...OPTIMISE, '-g', '-o', withNames], { env });
  const named = await readFile(withNames);
  await writeFile(optimised, await withOrder(named));
  const strip = ['--strip-debug', '--strip-producers'];
  await mustRun(wasmOpt, [optimised, ...ARRANGE, ...strip, '-o', optimised], { env });
  // Apart from `--converge`, which would do it twice and lose the first names.
  const rename = ['--minify-imports-and-exports-and-modules', '--strip-target-features', '-o', optimised];
  const { stdout: names } = await mustRun(wasmOpt, [optimised, ...rename], { env });
  const glue = withMethods(await readFile(path.join(out, 'glue.js'), 'utf8'), exports);
  return {
    glue: cutLoader(direct(shorten(glue, JSON.parse(names))), start),
    wasm: await readFile(optimised),
    named,
  };
}

/** The glue with what became of the engine's exports. @param {string} glue @param {Exports} exports */
function withMethods(glue, { without, renamed: [from, to] = ['', ''] }) {
  for (const name of without) {
    const less = glue.replace(new RegExp(`\\n {8}(static )?${name}\\([^)]*\\) \\{\\n[^]*?\\n {8}\\}(?=\\n)`), '');
    if (less === glue) throw new UserError(`wasm-bindgen's glue has changed: its class has no \`${name}\``);
    glue = less;
  }
  return from
    ? glue.replace(`static ${from}(`, `static ${to}(`).replace(`wasm.engine_${from}(`, `wasm.engine_${to}(`)
    : glue;
}

/**
 * What wasm-bindgen exports as the wasm's start is an import under another name, and V8 of Node 22 compiles a wrapper for
 * that: 0.4 ms of a cold start. So the export goes, and the glue calls what it means.
 * @param {string} file
 * @param {Exports} exports
 * @returns {Promise<string>} the import's name
 */
async function changeExports(file, { without, renamed: [from, to] = ['', ''] }) {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(await readFile(file));
  const { value } = binaryen.getExportInfo(module.getExport('__wbindgen_start'));
  const { base } = binaryen.getFunctionInfo(module.getFunction(value));
  if (!base)
    throw new UserError(
      "wasm-bindgen's start has changed: it is no import any more, and changeExports in tools/build/build.mjs can go",
    );
  module.removeExport('__wbindgen_start');
  for (const name of without) module.removeExport(`engine_${name}`);
  if (from) {
    module.addFunctionExport(binaryen.getExportInfo(module.getExport(`engine_${from}`)).value, `engine_${to}`);
    module.removeExport(`engine_${from}`);
  }
  // The names of functions stay, for `npm run size`.
  binaryen.setDebugInfo(true);
  await writeFile(file, module.emitBinary());
  return base;
}

/**
 * Flags that name the crates' and the toolchain's folders by what they are: the same on every machine.
 * @param {import('../develop/programs.mjs').Env} env
 */
async function remaps(env) {
  // On a machine that has built nothing yet, the folders to name are not there before this.
  await mustRun('cargo', ['fetch', '--locked', '--target', 'wasm32-unknown-unknown'], { env });
  const registry = path.join(env.CARGO_HOME ?? path.join(os.homedir(), '.cargo'), 'registry', 'src');
  const sysroot = (await mustRun('rustc', ['--print', 'sysroot'], { env })).stdout;
  const std = path.join(sysroot, 'lib', 'rustlib', 'src', 'rust');
  // Where the component rust-src is there, rustc names these files; where it is not, what std was built with. So say that.
  const hash = /^commit-hash: (.+)$/m.exec((await mustRun('rustc', ['-vV'], { env })).stdout)?.[1];
  const sources = (await readdir(registry).catch(() => [])).map((index) => path.join(registry, index));
  const from = [[root, ''], [std, `/rustc/${hash}`], ...sources.map((source) => [source, 'crates'])];
  return from.map(([path, name]) => `--remap-path-prefix=${path}=${name}`);
}

/**
 * The short names that wasm-opt gave the imports and exports (2,300 bytes of the paste), in the glue too.
 * @param {string} glue
 * @param {{ imports: [module: string, name: string, short: string][], exports: [name: string, short: string][] }} names
 */
function shorten(glue, { imports, exports }) {
  for (const [, name, short] of imports) glue = glue.replaceAll(new RegExp(`\\b${name}:`, 'g'), `${short}:`);
  for (const [name, short] of exports) glue = glue.replaceAll(new RegExp(`\\bwasm\\.${name}\\b`, 'g'), `wasm.${short}`);
  return glue.replace('"./glue_bg.js": import0', 'a: import0');
}

/**
 * Where an import only hands its arguments on to a function of the shim, that function is the import: one call less at
 * each crossing, and a dozen functions that V8 need not compile before the first request is out.
 * @param {string} glue
 */
function direct(glue) {
  return glue.replaceAll(/function\(([^)]*)\) \{\s*(?:const ret = )?(host\w+)\(\1\);\s*(?:return ret;\s*)?\}/g, '$2');
}

/**
 * Strings by Node's `Buffer`, which takes a tenth of the time of the glue's loop and its decoder at a cold start. Where
 * the text expected is not there, `cut` says so.
 */
const STRINGS = `function getStringFromWasm0(ptr, len) {
  return getUint8ArrayMemory0().toString('utf8', ptr >>> 0, (ptr >>> 0) + len);
}
function passStringToWasm0(text, malloc) {
  WASM_VECTOR_LEN = Buffer.byteLength(text);
  const ptr = malloc(WASM_VECTOR_LEN, 1) >>> 0;
  getUint8ArrayMemory0().write(text, ptr);
  return ptr;
}
`;

/**
 * wasm-bindgen's glue as a factory that gives each instance its own. Its loader (2 kB, asynchronous, and at a loss in
 * a realm that is not its own) makes way for `new WebAssembly.Instance`. Where the text expected is not there, the
 * glue has changed and a person must look.
 * @param {string} glue
 * @param {string} start the import that makes an instance ready
 */
function cutLoader(glue, start) {
  /** @param {string} from @param {string} to */
  const cut = (from, to) => {
    const start = glue.indexOf(from);
    const end = glue.indexOf(to, start);
    if (start < 0 || end < 0) throw new UserError(`wasm-bindgen's glue has changed: \`${from}\` is not there`);
    glue = glue.slice(0, start) + glue.slice(end);
  };
  /** @param {RegExp} from @param {string} to */
  const change = (from, to) => {
    if (!from.test(glue)) throw new UserError(`wasm-bindgen's glue has changed: ${from} is not there`);
    glue = glue.replace(from, to);
  };
  cut('let wasm_bindgen = (function(exports) {', '    class Engine');
  cut('function getStringFromWasm0(', 'let cachedUint8ArrayMemory0');
  cut('function passStringToWasm0(', 'let WASM_VECTOR_LEN');
  // An engine lives as long as its instance, and goes with it.
  cut('__destroy_into_raw() {', 'free() {');
  change(/const ptr = this\.__destroy_into_raw\(\);\s*(wasm\.\w+\()ptr,/, '$1this.__wbg_ptr,');
  cut('EngineFinalization.register(', 'return this;');
  cut('if (Symbol.dispose)', 'exports.Engine');
  cut('const EngineFinalization', 'function getArrayU8FromWasm0');
  // Node's `Buffer` writes numbers, too.
  const [view, to] = ['getDataViewMemory0\\(\\)', '(\\(arg0 >>> 0\\) \\+ \\d \\* \\d), (.*), true'];
  change(new RegExp(`${view}\\.setInt32\\(${to}\\)`, 'g'), 'getUint8ArrayMemory0().writeInt32LE($2, $1)');
  change(new RegExp(`${view}\\.setFloat64\\(${to}\\)`, 'g'), 'getUint8ArrayMemory0().writeDoubleLE($2, $1)');
  cut('let cachedDataViewMemory0', 'let cachedUint8ArrayMemory0');
  cut('let wasmModule, wasmInstance, wasm;', '    return Object.assign(__wbg_init, { initSync }, exports);');
  cut('    return Object.assign(', '\n})({ __proto__: null });');
  const [memory] = /(?<=new Uint8Array\()wasm\.\w+\.buffer(?=\))/.exec(glue) ?? [];
  if (!memory) throw new UserError("wasm-bindgen's glue has changed: its view of the memory is not there");
  glue = glue.replace(`new Uint8Array(${memory})`, `Buffer.from(${memory})`);
  // What the panic hook writes to the console is the shim's to cut.
  return `function makeGlue(compiled) {
const console = { error: hostPanic };
const exports = {};
${STRINGS}${glue.replace('\n})({ __proto__: null });', '')}
const imports = __wbg_get_imports();
const wasm = new WebAssembly.Instance(compiled, imports).exports;
imports.a.${start}();
return exports;
}`;
}

/** @param {string} script */
async function minify(script) {
  const { transform } = await import('esbuild');
  return (await transform(script, { minify: true, target: 'node18', charset: 'ascii' })).code;
}

const options = { features: TEXT, out: TEXT, check: FLAG, readable: FLAG };

await command(import.meta.url, { usage, options }, async (values) => {
  if (values.readable && !values.check) throw new UserError('--readable: goes with `--check`');
  if (!values.features !== !values.out) throw new UserError('--features and --out go together');
  if (values.check) return check(values.readable);
  // Another paste that is of these sources already need not be built again.
  const made = `${await sourceDigest()} ${values.features ?? ''}`;
  const note = values.out && `${values.out}.made-of`;
  if (note && (await readFile(note, 'utf8').catch(() => '')) === made) {
    console.log(`${values.out} is of these sources`);
    return;
  }
  const { paste, sealed, wasm, version, env, rustc } = await build({ features: values.features, say: console.log });
  const file = values.out ?? PASTE;
  await mkdir(path.dirname(file), { recursive: true });
  if (paste.length > MOST_BYTES) throw new UserError(`the paste has ${paste.length} bytes, more than ${MOST_BYTES}`);
  await writeFile(file, paste);
  if (note) await writeFile(note, made);
  if (!values.out) {
    const release = { ...(await madeWith(rustc)), node: process.versions.node };
    const manifest = {
      version,
      bytes: paste.length,
      paste: sha256(paste),
      wasm: sha256(wasm),
      sealed: sha256(sealed),
      sources: await sourceDigest(),
      madeWith: release,
    };
    await writeEditorFiles();
    await writeFile(leanOf(file), sealed);
    await writeFile(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
    const others = await thirdParty({ env, rustc, paste: sha256(paste) });
    await writeFile(path.join(path.dirname(MANIFEST), LICENCES), others.licences);
    await writeFile(path.join(path.dirname(MANIFEST), SBOM), others.sbom);
  }
  console.log(`${path.relative(process.cwd(), file)}: ${paste.length} bytes`);
});
