// tools/build/: what of others is in the paste, and under which licences. It is written into two files of pkg/: the licences
// with their texts, and a bill of materials (CycloneDX, JSON) for programs. Both hold no time and no random number, so that
// the same sources give the same bytes.
//
// What counts is what the wasm is linked from, which cargo says: not what runs in the compiler only, and no tests. The names
// and versions are those of Cargo.lock, the texts those in the crates themselves.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from '../develop/programs.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';

/** @typedef {import('../develop/programs.mjs').Env} Env */
/**
 * @typedef {object} Crate
 * @property {string} id name and version
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression
 * @property {string | null} repository
 * @property {string} folder its source on this machine
 * @property {string} checksum what Cargo.lock says of it
 * @property {string[]} needs ids
 */

const TARGET = 'wasm32-unknown-unknown';
const CRATES_IO = 'registry+https://github.com/rust-lang/crates.io-index';

/** The two files, in pkg/. */
export const [LICENCES, SBOM] = ['THIRD-PARTY-LICENSES.txt', 'login-sync.cdx.json'];

/** The licences that may be in the paste, each with words of its text. Of a choice the first one is taken. */
export const TAKEN = new Map([
  ['MIT', /Permission is hereby granted, free of charge/],
  ['Apache-2.0', /Apache License\s+Version 2\.0/],
  ['BSD-3-Clause', /Redistribution and use in source and binary forms/],
  ['Unicode-3.0', /UNICODE LICENSE V3/],
]);

/** The compiler's own part of the wasm. No file of it is on every machine, so its notices are here. */
const STD = {
  name: 'rust-std',
  what: 'the standard library of Rust: core, alloc, std, compiler_builtins with libm',
  license: '(MIT OR Apache-2.0) AND Unicode-3.0',
  repository: 'https://github.com/rust-lang/rust',
  notice: `Copyright (c) The Rust Project Developers (see https://thanks.rust-lang.org)
Copyright (c) 2014 Alex Crichton
Copyright (c) 2018 Jorge Aparicio
Copyright (c) 2019 The Crossbeam Project Developers
Copyright (c) 2005-2020 Rich Felker, et al. (musl libc)
Copyright (c) 1993, 2004 Sun Microsystems
Copyright (c) 2003-2011 David Schultz
Copyright (c) 2003-2009 Steven G. Kargl
Copyright (c) 2003-2009 Bruce D. Evans
Copyright (c) 2008 Stephen L. Moshier
Copyright (c) 2017-2018 Arm Limited
Copyright (c) 1991-2024 Unicode, Inc. (tables of characters, under Unicode-3.0)`,
};

/**
 * The two files.
 * @param {{ env: Env, rustc: string, paste: string }} made `rustc`: the release whose standard library is inside; `paste`: its digest
 * @returns {Promise<{ licences: string, sbom: string }>}
 */
export async function thirdParty({ env, rustc, paste }) {
  const [self, ...crates] = await linked(env);
  if (!self) throw new UserError('cargo names no crate of the paste');
  return { licences: await licenceFile(crates, rustc), sbom: billOfMaterials(self, crates, rustc, paste) };
}

/**
 * The crates that the wasm is linked from; the first is login-sync itself, the others are sorted.
 * @param {Env} env
 * @returns {Promise<Crate[]>}
 */
async function linked(env) {
  const form = ['--edges', 'normal,no-proc-macro', '--prefix', 'depth', '--format', ' {p}'];
  const [tree, metadata, lock] = await Promise.all([
    mustRun('cargo', ['tree', '--color', 'never', '--locked', '--target', TARGET, ...form], { env }),
    mustRun('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', TARGET], { env }),
    readFile(path.join(root, 'Cargo.lock'), 'utf8'),
  ]);
  /** @type {Map<string, Set<string>>} */
  const needs = new Map();
  /** @type {string[]} the way from login-sync to a line */
  const way = [];
  for (const [, depth, name, version] of tree.stdout.matchAll(/^(\d+) (\S+) v(\S+)/gm)) {
    const id = `${name} ${version}`;
    way.splice(Number(depth), Infinity, id);
    if (!needs.has(id)) needs.set(id, new Set());
    needs.get(way.at(-2) ?? '')?.add(id);
  }
  const checksums = new Map(
    [...lock.matchAll(/^name = "(.+)"\r?\nversion = "(.+)"\r?\nsource = ".+"\r?\nchecksum = "(.+)"/gm)].map(
      ([, name, version, sum]) => [`${name} ${version}`, sum],
    ),
  );
  /** @type {Map<string, Record<string, any>>} */
  const known = new Map(
    JSON.parse(metadata.stdout).packages.map((/** @type {Record<string, any>} */ one) => [
      `${one.name} ${one.version}`,
      one,
    ]),
  );
  return [...needs]
    .map(([id, ids], i) => {
      const { name, version, license, repository, manifest_path: manifest, source } = known.get(id) ?? {};
      if (i > 0 && source !== CRATES_IO)
        throw new UserError(`${id} comes from ${source ?? 'nowhere'}: the paste may hold crates of crates.io only`);
      const spdx = String(license ?? '').replaceAll('/', ' OR ');
      return {
        id,
        name,
        version,
        license: spdx,
        repository,
        folder: path.dirname(manifest),
        checksum: checksums.get(id) ?? '',
        needs: [...ids].sort(),
      };
    })
    .sort((a, b) => Number(b.checksum === '') - Number(a.checksum === '') || (a.id < b.id ? -1 : 1));
}

/**
 * Those of a crate's licences under which login-sync takes it.
 * @param {string} expression
 * @returns {string[]}
 */
export function taken(expression) {
  return expression.split(' AND ').map((choice) => {
    const offered = choice.replaceAll(/[()]/g, '').split(' OR ');
    const found = [...TAKEN.keys()].find((licence) => offered.includes(licence));
    if (!found)
      throw new UserError(
        `the licence \`${expression}\` is not among those that the paste may hold: ${[...TAKEN.keys()].join(', ')}`,
      );
    return found;
  });
}

/**
 * The texts in a crate of the licences under which it is taken, and its notices.
 * @param {Crate} crate
 */
async function textsOf({ id, folder, license }) {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: tidy(await readFile(path.join(folder, name), 'utf8')) })),
  );
  const texts = taken(license).map((licence) => {
    const words = TAKEN.get(licence) ?? /$^/;
    // A file that holds this licence alone, rather than one with all of them.
    const [found] = files.filter(({ text }) => words.test(text)).sort((a, b) => a.text.length - b.text.length);
    if (!found) throw new UserError(`${id}: no file in it has the text of ${licence}`);
    return found.text;
  });
  return [...texts, ...files.filter(({ name }) => /^notice/i.test(name)).map(({ text }) => text)];
}

/** @param {string} text the same on every system */
const tidy = (text) =>
  text
    .replace(/^\uFEFF/, '')
    .replaceAll(/[ \t]*\r?$/gm, '')
    .replaceAll(/^\n+|\n+$/g, '');

/**
 * @param {Crate[]} crates
 * @param {string} rustc
 */
async function licenceFile(crates, rustc) {
  /** @type {Map<string, string[]>} a text, and whose it is */
  const texts = new Map();
  for (const crate of crates)
    for (const text of await textsOf(crate)) texts.set(text, [...(texts.get(text) ?? []), crate.id]);
  if (![...texts.keys()].some((text) => TAKEN.get('Unicode-3.0')?.test(text)))
    throw new UserError('the text of Unicode-3.0, which the standard library needs, is in no crate any more');
  const own = tidy(await readFile(path.join(root, 'LICENSE'), 'utf8'));
  texts.set(`${STD.notice}\n\n${own.slice(own.indexOf('Permission is'))}`, [`${STD.name} ${rustc}`]);
  const rows = [...crates, { ...STD, id: `${STD.name} ${rustc}` }].map(({ id, license, repository }) =>
    `  ${id.padEnd(34)}${taken(license).join(' AND ').padEnd(24)}${repository ?? ''}`.trimEnd(),
  );
  const line = '-'.repeat(100);
  const parts = [...texts].map(([text, ids]) => `${line}\n${ids.join(', ')}\n${line}\n\n${text}\n`);
  return `Software by others in login-sync.js
===================================

login-sync is under the MIT licence, in the file LICENSE. login-sync.js also holds parts of the
following, compiled to WebAssembly, and the JavaScript glue that wasm-bindgen writes. Where there is
a choice of licences, the one named here is taken.

${STD.name}: ${STD.what}.

\`npm run build\` writes this file. Keep it with the copies of login-sync.js that you give to others.

${rows.join('\n')}

${parts.join('\n')}`;
}

/**
 * One piece of software, as CycloneDX has it.
 * @param {{ purl: string, name: string, version: string, what?: string, license: string, repository: string | null, sum?: string }} software
 */
const component = ({ purl, name, version, what, license, repository, sum }) => ({
  type: 'library',
  'bom-ref': purl,
  name,
  version,
  ...(what ? { description: what } : {}),
  ...(sum ? { hashes: [{ alg: 'SHA-256', content: sum }] } : {}),
  licenses: [{ expression: license }],
  purl,
  ...(repository ? { externalReferences: [{ type: 'vcs', url: repository }] } : {}),
});

/**
 * CycloneDX 1.6.
 * @param {Crate} self
 * @param {Crate[]} crates
 * @param {string} rustc
 * @param {string} paste
 */
function billOfMaterials(self, crates, rustc, paste) {
  const purls = new Map(crates.map(({ id, name, version }) => [id, `pkg:cargo/${name}@${version}`]));
  /** @param {Crate} crate */
  const purlOf = ({ id }) => purls.get(id) ?? '';
  const main = `pkg:github/login-sync/login-sync@${self.version}`;
  const std = `pkg:generic/${STD.name}@${rustc}`;
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        ...component({ ...self, purl: main, what: 'pkg/login-sync.js, an Auth0 Action', sum: paste }),
        type: 'application',
      },
    },
    components: [
      ...crates.map((crate) => component({ ...crate, purl: purlOf(crate), sum: crate.checksum })),
      component({ ...STD, version: rustc, purl: std }),
    ],
    dependencies: [
      { ref: main, dependsOn: [...self.needs.map((id) => purls.get(id)), std] },
      ...crates.map((crate) => ({ ref: purlOf(crate), dependsOn: crate.needs.map((id) => purls.get(id)) })),
      { ref: std, dependsOn: [] },
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}
