// tools/paste/: connectors. A connector is a document of the config's own schema, in connectors/NAME.json: entries, and what
// they need. An entry `{ "use": "NAME" }` means all of it, and is written out here, before the engine reads the config.
// So a paste holds the connectors that its config uses, and no others.
//
// What a connector may say is below in three lists; the rules of a config are the engine's, here as everywhere.

import { isObject } from '../tenant/values.mjs';
import { nearest } from './nearest.mjs';

/** @typedef {Record<string, Record<string, any>>} Library the connectors' documents, by their names */
/** @typedef {import('./paste.mjs').Problem} Problem */
/**
 * @typedef {object} Expanded
 * @property {any} config without connectors
 * @property {Problem[]} problems what is wrong with how connectors are used
 * @property {string[]} used the connectors
 * @property {(problem: Problem) => Problem} placed a problem of the expanded config, at its place in the one that was written
 */

/** Objects by name: what the user writes wins, and two connectors may not set the same. */
const MAPS = [['claims', 'idToken'], ['claims', 'accessToken'], ['appMetadata'], ['userMetadata'], ['saml']];
/** Arrays: what the user writes comes first. */
const LISTS = [['requestQuery'], ['deny'], ['mfa'], ['scopes', 'add'], ['scopes', 'remove']];
/** All that a connector's document may have; `about` is for people, and no part of a config. */
export const FIELDS = ['about', 'syncs', 'tokens', ...new Set([...MAPS, ...LISTS].map(([field = '']) => field))];

const FAILURES = ['rejected', 'unauthorized', 'conflict', 'unavailable', 'invalid'];

/** @type {(list: readonly string[]) => string} */
const quoted = (list) => list.map((word) => `\`${word}\``).join(', ');

/**
 * Writes out the connectors that a config uses.
 * @param {any} written the config
 * @param {Library} library
 * @param {readonly string[]} [presets] the names that the engine knows
 * @returns {Expanded}
 */
export function expand(written, library, presets = []) {
  if (!isObject(written) || !Array.isArray(written.syncs))
    return { config: written, problems: [], used: [], placed: (problem) => problem };
  /** @type {Problem[]} */
  const problems = [];
  /** Where each entry of the result was written, and the name of one that was not. @type {{ at: number, name?: string }[]} */
  const origins = [];
  /** @type {string[]} */
  const used = [];
  const syncs = written.syncs.flatMap((entry, at) => {
    const name = entry?.use;
    const refuse = (/** @type {string} */ field, /** @type {string} */ message) =>
      problems.push({ path: `config.syncs[${at}].${field}`, message });
    if (typeof name !== 'string' || !Object.hasOwn(library, name)) {
      if (typeof name === 'string' && !presets.includes(name)) refuse('use', unknown(name, library, presets));
      origins.push({ at });
      return [entry];
    }
    const document = library[name] ?? {};
    if (used.includes(name)) {
      refuse('use', `\`${name}\` is here twice: copy it, and give the copy's entries other names`);
      return [];
    }
    for (const [field, message] of misuses(entry, name, document)) refuse(field, message);
    used.push(name);
    const entries = (document.syncs ?? []).map((/** @type {any} */ each) => entryOf(each, entry, name));
    origins.push(
      ...entries.map((/** @type {any} */ each) => ({ at, ...(each.name === name ? {} : { name: each.name }) })),
    );
    return entries;
  });
  const config = { ...written, syncs };
  const brought = used.map((name) => ({ name, document: library[name] ?? {} }));
  for (const path of MAPS) mergeMaps(config, path, brought, problems);
  mergeTokens(config, brought, problems);
  for (const path of LISTS) mergeLists(config, path, brought);
  return { config, problems, used, placed: (problem) => placed(problem, origins) };
}

/** The document as a config of one's own. @param {Record<string, any>} document */
export const copyOf = ({ about: _, ...config }) => config;

/**
 * What cannot be written next to `use`.
 * @param {Record<string, any>} entry
 * @param {string} name
 * @param {Record<string, any>} document
 * @returns {Generator<[field: string, message: string]>}
 */
function* misuses({ use: _, name: own, ...over }, name, document) {
  const [first] = Object.keys(over);
  if (!document.syncs?.length && first !== undefined)
    yield [first, `the connector \`${name}\` calls no system, so there is nothing to change: remove this`];
  else if (own != null && own !== name)
    yield ['name', `must be \`${name}\`, because the rest of the connector reads the entry by this name: remove it`];
}

/**
 * An entry of a connector, with what is written next to `use`: of the entry that has the connector's name. The others follow it
 * into shadow mode.
 * @param {Record<string, any>} each
 * @param {Record<string, any>} written
 * @param {string} name
 */
function entryOf(each, { use: _, name: __, ...over }, name) {
  if (each.name !== name) return over.mode == null ? each : { ...each, mode: over.mode };
  const { onFailure, ...rest } = each;
  if (!isObject(over.onFailure)) return layOver(each, over, 3);
  // One policy for all failures takes the place of one for each.
  if (over.onFailure.deny != null) return layOver(rest, over, 3);
  // And one for each that is not named stays as it was for all.
  const ofAll = typeof onFailure === 'string' || onFailure?.deny != null;
  const named = ofAll ? Object.fromEntries(FAILURES.map((name) => [name, onFailure])) : onFailure;
  return layOver({ ...rest, ...(named && { onFailure: named }) }, over, 3);
}

/**
 * As the engine lays an entry over its preset (src/system/presets.rs): so many levels deep field by field, and null removes.
 * @param {any} base @param {any} over @param {number} levels @returns {any}
 */
export function layOver(base, over, levels) {
  if (levels === 0 || !isObject(base) || !isObject(over)) return over;
  const result = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    if (value !== null) result.set(key, result.has(key) ? layOver(result.get(key), value, levels - 1) : value);
    else if (Object.hasOwn(base, key)) result.delete(key);
    else result.set(key, null);
  }
  return Object.fromEntries(result);
}

/** @typedef {{ name: string, document: Record<string, any> }[]} Brought */

/** @param {any} object @param {string[]} path */
const at = (object, path) => path.reduce((value, field) => (isObject(value) ? value[field] : undefined), object);

/** Sets a field without changing what was written. @param {any} config @param {string[]} path @param {unknown} value */
function set(config, [field = '', ...rest], /** @type {unknown} */ value) {
  if (rest.length === 0) config[field] = value;
  else set((config[field] = { ...config[field] }), rest, value);
}

/** Whether something can be added here; what is written wrong is the engine's to refuse. @param {any} config @param {string[]} path */
const isOpen = (config, path) => path.length < 2 || config[path[0] ?? ''] == null || isObject(config[path[0] ?? '']);

/** @param {any} config @param {string[]} path @param {Brought} brought @param {Problem[]} problems */
function mergeMaps(config, path, brought, problems) {
  const own = at(config, path);
  if (!isOpen(config, path) || !(own == null || isObject(own))) return;
  /** @type {Map<string, string>} */
  const setBy = new Map();
  const all = new Map();
  for (const { name, document } of brought) {
    for (const [key, value] of Object.entries(at(document, path) ?? {})) {
      const other = setBy.get(key);
      if (other !== undefined && !Object.hasOwn(own ?? {}, key))
        problems.push({
          path: ['config', ...path, key].join('.'),
          message: `is set by ${quoted([other, name])}: set it here yourself`,
        });
      setBy.set(key, name);
      all.set(key, value);
    }
  }
  if (all.size > 0) set(config, path, Object.fromEntries([...all, ...Object.entries(own ?? {})]));
}

/** @param {any} config @param {Brought} brought @param {Problem[]} problems */
function mergeTokens(config, brought, problems) {
  for (const { name, document } of brought) {
    for (const [token, source] of Object.entries(document.tokens ?? {})) {
      if (config.tokens != null && !isObject(config.tokens)) continue;
      if (Object.hasOwn(config.tokens ?? {}, token))
        problems.push({
          path: `config.tokens.${token}`,
          message: `the connector \`${name}\` brings a token of this name: choose another name, or copy the connector and change it there`,
        });
      else config.tokens = { ...config.tokens, [token]: source };
    }
  }
}

/** @param {any} config @param {string[]} path @param {Brought} brought */
function mergeLists(config, path, brought) {
  const own = at(config, path);
  if (!isOpen(config, path) || !(own == null || Array.isArray(own))) return;
  const all = [...(own ?? []), ...brought.flatMap(({ document }) => at(document, path) ?? [])];
  if (all.length > (own ?? []).length) set(config, path, path[0] === 'requestQuery' ? [...new Set(all)] : all);
}

/**
 * @param {Problem} problem
 * @param {{ at: number, name?: string }[]} origins
 * @returns {Problem}
 */
function placed({ path, message, ...rest }, origins) {
  const moved = (/** @type {string} */ text) =>
    text.replaceAll(/config\.syncs\[(\d+)\](\S*)/g, (whole, index, field) => {
      const origin = origins[Number(index)];
      if (!origin) return whole;
      return origin.name === undefined ? `config.syncs[${origin.at}]${field}` : `config.syncs[${origin.at}]`;
    });
  const helper = origins[Number(/^config\.syncs\[(\d+)\]/.exec(path)?.[1])]?.name;
  return {
    path: moved(path),
    message: helper === undefined ? moved(message) : `in its entry \`${helper}\`: ${moved(message)}`,
    ...rest,
  };
}

/** @param {string} name @param {Library} library @param {readonly string[]} presets */
export function unknown(name, library, presets) {
  const names = [...new Set([...presets, ...Object.keys(library)])].sort();
  const near = nearest(name, names);
  return near ? `unknown connector: did you mean \`${near}\`?` : `unknown connector: choose from ${names.join(', ')}`;
}
