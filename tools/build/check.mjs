// tools/build/: whether pkg/ is what the sources give. pkg/ is committed and people paste it, so a change of it that no source
// explains is the thing to find: a digest in pkg/manifest.json says nothing, since a change of the paste can change that too.
//
// The readable parts are made again here, in a second, without a compiler. The wasm and its glue take one, and the same bytes
// take the same release: then all of pkg/ is built again in another folder. Each gives a list of what differs.

import { cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from '../develop/programs.mjs';
import { setup, wasmBindgenVersion } from '../develop/setup.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { assemble, split, unpack } from '../paste/paste.mjs';
import { parsed } from '../tenant/values.mjs';
import { sha256, sourceDigest } from './digest.mjs';
import { editorFiles } from './schema.mjs';
import { shim } from './shim.mjs';
import { LICENCES, SBOM, thirdParty } from './third-party.mjs';

/** The release of Rust that makes pkg/, as its makers give it out: Debian's has another LLVM. */
export const RUSTC = '1.95.0';

/** What a copy of the project is built without. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'pkg', 'target']);

/** @typedef {{ paste: string, sealed: string, manifest: string, schema: string, types: string, licences: string, sbom: string }} Package the files of pkg/ */

/** @param {string} folder @returns {Promise<Package>} */
export async function readPackage(folder) {
  const names = [
    'login-sync.js',
    'login-sync.sealed.js',
    'manifest.json',
    'schema.json',
    'login-sync.d.ts',
    LICENCES,
    SBOM,
  ];
  const [paste = '', sealed = '', manifest = '', schema = '', types = '', licences = '', sbom = ''] = await Promise.all(
    names.map((name) => readFile(path.join(folder, name), 'utf8').catch(() => '')),
  );
  return { paste, sealed, manifest, schema, types, licences, sbom };
}

/**
 * The tools whose release decides the bytes of pkg/. Node's is noted in the manifest too, but 18, 20 and 22 give the same bytes.
 * @param {string} rustc
 */
export async function madeWith(rustc) {
  const [lock, list] = await Promise.all(
    ['Cargo.lock', 'package.json'].map((name) => readFile(path.join(root, name), 'utf8')),
  );
  const { binaryen, esbuild } = JSON.parse(list ?? '').devDependencies;
  return { rustc, 'wasm-bindgen': wasmBindgenVersion(lock ?? ''), binaryen, esbuild };
}

/** The two pastes of a package by their files' names. @param {Package} files */
const pastes = ({ paste, sealed }) =>
  /** @type {const} */ ([
    ['login-sync.js', paste],
    ['login-sync.sealed.js', sealed],
  ]);

/**
 * What of pkg/ is not what the sources give, as far as that can be said without a compiler: everything but what is inside
 * the wasm and its glue.
 * @param {Package} found
 * @returns {Promise<string[]>}
 */
export async function readableFaults(found) {
  const { paste, manifest, schema, types } = found;
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const faults = [];
  for (const [file, text] of pastes(found)) {
    if (!text) {
      faults.push(`${file}: it is not there`);
      continue;
    }
    const kind = { sealed: file !== 'login-sync.js' };
    const own = await shim(kind);
    const wanted = split(assemble({ version, ...own, glue: '', wasm: Buffer.alloc(1) }, kind));
    const parts = split(text);
    if (Object.values(parts).join('') !== text) faults.push(`${file}: its line ends`);
    if (parts.head !== wanted.head) faults.push(`${file}: the comment at its top`);
    if (parts.config !== wanted.config) faults.push(`${file}: its config, or the marks around it`);
    if (parts.outside !== wanted.outside) faults.push(`${file}: the shim outside of what is packed`);
    if (insideOf(text)?.shim !== own.shim) faults.push(`${file}: the shim`);
    // Nothing but one text may come after that, and in a sealed one no hosts.
    if (!/^\/\/ [^\n]+\nconst PACKED = "[ !#-[\]-~]+";\n(const HOSTS = \[\];\n)?$/.test(parts.packed))
      faults.push(`${file}: the form of the line that is packed`);
  }
  const editor = await editorFiles();
  if (schema !== editor.schema) faults.push('schema.json');
  if (types !== editor.types) faults.push('login-sync.d.ts');
  const said = parsed(manifest) ?? {};
  const right = {
    version,
    bytes: Buffer.byteLength(paste),
    paste: sha256(paste),
    sealed: sha256(found.sealed),
    sources: await sourceDigest(),
  };
  for (const [field, value] of Object.entries(right))
    if (said[field] !== value) faults.push(`manifest.json: \`${field}\``);
  const { node, ...tools } = said.madeWith ?? {};
  if (!/^\d+\.\d+\.\d+$/.test(node) || JSON.stringify(tools) !== JSON.stringify(await madeWith(RUSTC)))
    faults.push('manifest.json: `madeWith`');
  return faults;
}

/**
 * What of pkg/ is not what was built again.
 * @param {Package} found
 * @param {Package} built
 * @returns {string[]}
 */
export function builtFaults(found, built) {
  const faults = [];
  const again = new Map(pastes(built));
  for (const [file, text] of pastes(found)) {
    if (!text) continue;
    const [parts, wanted] = [split(text), split(again.get(file) ?? text)];
    for (const part of /** @type {const} */ (['head', 'config', 'outside']))
      if (parts[part] !== wanted[part]) faults.push(`${file}: the ${part}`);
    if (parts.packed !== wanted.packed) faults.push(`${file}: ${insideFault(text, again.get(file) ?? text)}`);
  }
  if (withoutNode(found.manifest) !== withoutNode(built.manifest)) faults.push('the manifest');
  for (const file of /** @type {const} */ (['schema', 'types']))
    if (found[file] !== built[file]) faults.push(`the ${file}`);
  return [...faults, ...thirdPartyFaults(found, built)];
}

/** The release of Node in a manifest says who to ask where bytes differ; another one is no fault. @param {string} manifest */
const withoutNode = (manifest) => manifest.replace(/"node": "[\d.]+"/, '');

/**
 * What pkg/ says of the software of others and Cargo.lock does not. Any rustc will do.
 * @param {Pick<Package, 'licences' | 'sbom'>} found
 * @param {Pick<Package, 'licences' | 'sbom'>} right
 */
function thirdPartyFaults(found, right) {
  const faults = [];
  if (found.licences !== right.licences) faults.push(LICENCES);
  if (found.sbom !== right.sbom) faults.push(SBOM);
  return faults;
}

/** Fails when pkg/ is not what the sources give. @param {boolean} [readable] leave the wasm and its glue aside */
export async function check(readable = false) {
  await setup({ need: ['packages'] });
  const found = await readPackage(path.join(root, 'pkg'));
  refuse(await readableFaults(found));
  console.log('the readable parts of pkg/ are what the sources give');
  if (readable) return;
  const { env, versions } = await setup({ need: ['rust', 'wasm-bindgen', 'packages'] });
  refuse(thirdPartyFaults(found, await thirdParty({ env, rustc: RUSTC, paste: sha256(found.paste) })));
  console.log('so are the licences and the bill of materials');
  const { rustc, node } = parsed(found.manifest).madeWith;
  if (versions.rust !== rustc) {
    const line = `not checked: the wasm of pkg/ and its glue, which rustc ${rustc} made; this is rustc ${versions.rust}, and makes other bytes`;
    // Where the check decides what is released, nothing is passed over.
    if (process.env.CI) throw new UserError(line);
    console.log(line);
    return;
  }
  refuse(
    builtFaults(found, await buildElsewhere(env)),
    `it was made with Node ${node}, and this is Node ${process.versions.node}`,
  );
  console.log('so are the wasm and its glue, built again in another folder');
}

/** @param {string[]} faults @param {string} [hint] */
function refuse(faults, hint) {
  const list = [...faults, ...(hint ? [hint] : [])].join('; ');
  if (faults.length > 0)
    throw new UserError(
      `pkg/ is not what the sources give (${list}): run \`npm run build\`, look at what has changed, and commit pkg/`,
    );
}

/**
 * Builds pkg/ from a copy of the project in another folder, so that no path of the one or the other can be in it.
 * @param {import('../develop/programs.mjs').Env} env
 */
async function buildElsewhere(env) {
  const place = path.join(root, 'target', 'elsewhere');
  const copy = path.join(place, 'a', 'copy');
  await rm(copy, { recursive: true, force: true });
  await mkdir(path.dirname(copy), { recursive: true });
  const copied = (/** @type {string} */ file) =>
    !path
      .relative(root, file)
      .split(path.sep)
      .some((name) => NOT_COPIED.has(name));
  // With their times, so that cargo builds what has changed. Cargo's own folder is next to the copy, and stays.
  for (const name of await entries())
    await cp(path.join(root, name), path.join(copy, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: copied,
    });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  await mustRun(process.execPath, ['tools/build/build.mjs'], {
    cwd: copy,
    env: { ...env, CARGO_TARGET_DIR: path.join(place, 'target') },
  });
  return readPackage(path.join(copy, 'pkg'));
}

/** What is at the top of the project. */
const entries = async () => (await readdir(root)).filter((name) => !NOT_COPIED.has(name));

/** What is packed in a paste, if it can be unpacked. @param {string} paste */
function insideOf(paste) {
  try {
    return unpack(paste);
  } catch {
    return undefined;
  }
}

/** What is not the same of what is packed. @param {string} paste @param {string} again */
function insideFault(paste, again) {
  const [found, wanted] = [insideOf(paste), insideOf(again)];
  const bytes = (/** @type {string | Uint8Array} */ part) => Buffer.from(part);
  for (const part of /** @type {const} */ (['shim', 'glue', 'wasm']))
    if (!found || !wanted || !bytes(found[part]).equals(bytes(wanted[part]))) return `the ${part}`;
  return 'how it is packed';
}
