// tools/build/: what each feature may weigh, before it is packed. Room in the paste is short, and what a feature grows by, another one
// cannot have: so its budget is in the table, and the build refuses more.
//
// A function of the wasm counts for the module in its name, a file of js-shim/ by its minified bytes. What is inlined counts where
// it is, and what std or a crate compiles for a type of ours counts as shared, for its name says no more.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { crateOf, readWasm } from '../paste/wasm-sections.mjs';

/**
 * @typedef {object} Feature
 * @property {string} name
 * @property {string} what
 * @property {number} most bytes of it before it is packed
 * @property {string} parts modules of src/ (`expression::parser`) and files of js-shim/ (`cache.js`)
 */
/** @typedef {[name: string, bytes: number, remark?: string]} Row */
/** @typedef {Feature & { bytes: number, rows: Row[] }} Weight `rows`: what it is made of, the largest first */

/** Where a function counts that is in no module of ours: std, crates, what wasm-bindgen exports. */
const REST = '*';
/** Where a function of ours counts that is in no file but this. */
const CRATE = 'lib';
const TABLE = 'tools/build/weights.mjs';

/**
 * Today's weight, five percent more, and up to the next hundred. Bottom up, as the rooms of src/lib.rs.
 * @type {Feature[]}
 */
export const FEATURES = [
  {
    name: 'host',
    what: 'values of JavaScript, and what a host can do with them',
    most: 7_200,
    parts:
      'host host::js host::kept host::native host::native::digest host::native::functions host::native::numbers host::value host.js',
  },
  { name: 'text', what: 'strings cut, compared, written', most: 3_300, parts: 'host::text' },
  {
    name: 'expressions',
    what: 'what a string of the config says, and its functions',
    most: 15_600,
    parts:
      'expression expression::eval expression::functions expression::functions::table expression::lexer expression::parser expression::reads functions.js',
  },
  {
    name: 'config',
    what: 'the config read, and what is wrong in it',
    most: 17_600,
    parts:
      'document document::config_value document::config_value::place document::config_value::reads document::problem document::root login::config system::entry',
  },
  {
    name: 'secrets',
    what: 'which secrets a config needs, and whether they are set',
    most: 1_600,
    parts: 'document::secrets',
  },
  {
    name: 'mappings',
    what: 'objects and arrays of expressions',
    most: 4_400,
    parts: 'document::fields document::mapping host::constant',
  },
  {
    name: 'forms',
    what: '`secret`, `hmac`, `value` and `when` in a mapping',
    most: 4_700,
    parts: 'document::mapping::form',
  },
  { name: 'jwt', what: 'tokens that we sign', most: 3_800, parts: 'document::mapping::jwt' },
  {
    name: 'outputs',
    what: 'claims, and what else an event or an answer gives',
    most: 1_800,
    parts: 'document::names document::outputs login::claims',
  },
  { name: 'scope', what: 'the event as expressions see it', most: 2_100, parts: 'request::scope' },
  {
    name: 'requests',
    what: 'headers, bodies, the request around them, and sending it',
    most: 16_100,
    parts:
      'request request::attempt request::body request::header request::plain request::template connect.js early.js transport.js',
  },
  { name: 'urls', what: 'urls, and labels of their hosts', most: 5_300, parts: 'request::label request::url' },
  { name: 'sign', what: 'requests signed as webhooks', most: 800, parts: 'request::sign' },
  {
    name: 'systems',
    what: 'the tries of one system in one login, and how it ended',
    most: 9_500,
    parts:
      'system system::context system::finished system::memory system::outcome system::policy system::step system::sync system::sync::rotation',
  },
  {
    name: 'answers',
    what: 'what an answer must be, and what is taken from it',
    most: 3_700,
    parts: 'system::response',
  },
  {
    name: 'guard',
    what: 'patience, the breaker, who failed, retries',
    most: 3_600,
    parts:
      'system::breaker system::failed system::guard system::patience system::retry system::sync::guarded system::users',
  },
  {
    name: 'reuse',
    what: 'answers kept in the instance, and freshness',
    most: 3_900,
    parts: 'system::reuse system::sync::kept',
  },
  {
    name: 'tokens',
    what: 'tokens of other systems',
    most: 6_900,
    parts: 'request::token system::grant system::sync::token system::token_source cache.js',
  },
  { name: 'presets', what: 'systems that the paste knows', most: 800, parts: 'system::presets' },
  {
    name: 'metrics',
    what: 'what a collector is told',
    most: 2_800,
    parts: 'system::collector system::metrics metrics.js',
  },
  {
    name: 'login',
    what: 'one login in its flow, from the event to its commands',
    most: 8_500,
    parts: 'document::trigger login login::command login::execution login::order',
  },
  { name: 'rules', what: '`deny` and `mfa`', most: 2_300, parts: 'login::rules' },
  { name: 'metadata', what: 'metadata, and records of what is fresh', most: 3_000, parts: 'login::metadata' },
  { name: 'scopes', what: 'scopes of the access token', most: 1_500, parts: 'login::scopes' },
  { name: 'saml', what: 'attributes of the SAML response', most: 500, parts: 'login::saml' },
  { name: 'log', what: 'the log line', most: 1_000, parts: 'login::log' },
  { name: 'engine', what: 'handlers, unpacking, exports', most: 16_200, parts: 'engine lib wasm action.js unpack.js' },
  { name: 'shared', what: 'std, crates, and what they compile for types of ours', most: 24_900, parts: REST },
];

/**
 * The functions of a wasm with names.
 * @param {Uint8Array} named
 */
export function functionsOf(named) {
  const functions = readWasm(named).functions.map(({ name = 'unnamed', bytes }) => ({
    name: name.replace(/::h[0-9a-f]{16}$/, ''),
    bytes,
  }));
  /** @type {Map<string, number>} */
  const crates = new Map();
  for (const { name, bytes } of functions) crates.set(crateOf(name), (crates.get(crateOf(name)) ?? 0) + bytes);
  /** @param {Row} a @param {Row} b */
  const bySize = (a, b) => b[1] - a[1];
  return {
    crates: /** @type {Row[]} */ ([...crates]).sort(bySize),
    functions: functions.map(({ name, bytes }) => /** @type {Row} */ ([name, bytes])).sort(bySize),
  };
}

/** @param {Feature} feature */
const partsOf = ({ parts }) => parts.split(' ');

/** The modules of src/ and the files of js-shim/ that are there. */
export async function partsThere() {
  const [modules, scripts] = await Promise.all(
    ['src', 'js-shim'].map((folder) => readdir(path.join(root, folder), { recursive: true })),
  );
  return [
    ...(modules ?? []).filter((file) => file.endsWith('.rs')).map(moduleOf),
    ...(scripts ?? []).filter((file) => file.endsWith('.js')),
  ];
}

/** @param {string} file */
const moduleOf = (file) => file.replace(/([\\/]mod)?\.rs$/, '').replaceAll(/[\\/]/g, '::');

/**
 * Refuses a table that is not of these parts: each is in one feature.
 * @param {string[]} there
 * @param {Feature[]} [features]
 */
export function refuseTable(there, features = FEATURES) {
  /** @type {Map<string, string>} */
  const owners = new Map();
  const faults = [];
  for (const feature of features) {
    for (const part of partsOf(feature)) {
      const other = owners.get(part);
      if (other) faults.push(`\`${part}\` is in ${other} and in ${feature.name}: leave it in one`);
      if (part !== REST && !there.includes(part))
        faults.push(`\`${part}\` of ${feature.name} is not there any more: take it out`);
      owners.set(part, feature.name);
    }
  }
  for (const part of there)
    if (!owners.has(part))
      faults.push(`\`${part}\` belongs to no feature: add it to one, or add a feature with a budget for it`);
  if (faults.length > 0) throw new UserError(`${TABLE}: ${faults.join('; ')}`);
}

/**
 * What each file of js-shim/ weighs, all of them minified as one function, as in the paste.
 * @returns {Promise<Row[]>}
 */
export async function scriptsOf() {
  const { transform } = await import('esbuild');
  const files = (await partsThere()).filter((part) => part.endsWith('.js'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, 'js-shim', file), 'utf8')));
  // As in shim.mjs: a direct `eval` keeps esbuild from renaming, and a `debugger` stays where it is.
  const whole = `(() => {${texts.join('debugger;').replace('eval(', 'EVALUATE(')}})();`;
  const { code } = await transform(whole, { minify: true, target: 'node18', charset: 'ascii' });
  const parts = code.split('debugger;');
  if (parts.length !== files.length)
    throw new UserError(`esbuild does not minify the shim as ${TABLE} expects: look there`);
  return files.map((file, i) => [file, parts[i]?.length ?? 0]);
}

/**
 * What each feature weighs. All functions and all files are in one of them.
 * @param {Row[]} functions by their names
 * @param {Row[]} scripts
 * @param {Feature[]} [features]
 * @returns {Weight[]}
 */
export function weigh(functions, scripts, features = FEATURES) {
  const weights = features.map((feature) => ({ ...feature, bytes: 0, rows: /** @type {Row[]} */ ([]) }));
  const owners = new Map(weights.flatMap((weight) => partsOf(weight).map((part) => [part, weight])));
  /** @param {string} part @param {Row} row */
  const add = (part, row) => {
    const weight = owners.get(part);
    if (!weight) throw new UserError(`${TABLE}: \`${part}\` belongs to no feature`);
    weight.bytes += row[1];
    weight.rows.push(row);
  };
  for (const [name, bytes] of functions) add(partOf(name, owners), [name, bytes]);
  for (const [file, bytes] of scripts) add(file, [`js-shim/${file}`, bytes]);
  for (const { rows } of weights) rows.sort((a, b) => b[1] - a[1]);
  return weights;
}

/**
 * The part that a function is in, by its name. Of `<T as Trait>::f` it is the type's.
 * @param {string} name
 * @param {{ has: (part: string) => boolean }} known
 */
export function partOf(name, known) {
  // wasm-bindgen names an export of wasm.rs so, and the engine's part of it is inlined there.
  if (/^engine_\w+/.test(name)) return 'wasm';
  const [, within] = /^[<&(]*(?:mut )?login_sync(?:\[[0-9a-f]+\])?::([\w:]*)/.exec(name) ?? [];
  if (within === undefined) return REST;
  const names = within.split('::');
  while (names.length > 0 && !known.has(names.join('::'))) names.pop();
  return names.join('::') || CRATE;
}

/**
 * What is wrong with these weights, if anything is.
 * @param {Weight[]} weights
 */
export function weightFault(weights) {
  const heavy = weights.filter(({ most, bytes }) => bytes > most);
  const faults = [
    ...weights
      .filter(({ bytes }) => bytes === 0)
      .map(
        ({ name }) =>
          `${name} weighs nothing: take its row out of ${TABLE}, or see what its functions are called now (\`npm run size\`)`,
      ),
    ...heavy.map(
      ({ name, most, bytes, rows }) =>
        `${name} weighs ${format(bytes)} bytes, ${format(bytes - most)} more than its budget of ${format(most)}; its heaviest are ${heaviest(rows)}`,
    ),
    ...(heavy.length > 0
      ? [
          `make it lighter (docs/performance.md, "What keeps the paste small"), or change \`most\` in ${TABLE} and say in the commit what the bytes buy`,
        ]
      : []),
  ];
  return faults.join('; ');
}

/** @param {Row[]} rows */
const heaviest = (rows) =>
  rows
    .slice(0, 3)
    .map(([part, size]) => `${part.replace(/^login_sync::/, '')} (${format(size)})`)
    .join(', ');

/** @param {number} bytes */
export const format = (bytes) => bytes.toLocaleString('en');
