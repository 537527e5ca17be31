// The playground's first words for an answer of one's own: what the system answered last where that was good, and else the fields
// that the config reads of it.

import schema from '../pkg/schema.json';
import { treeOf } from '../tools/paste/expression-tree.mjs';
import { placesOf } from '../tools/paste/places.mjs';
import { readsOf } from '../tools/paste/reads.mjs';

/** @typedef {import('./systems.js').AnswerForm} AnswerForm */
/** @typedef {{ status: number | null, responseBody: string, standIn: string | null }} Came */

/**
 * @param {import('../tools/paste/config.mjs').Sync[]} syncs those behind the host
 * @param {any} config
 * @param {Came[]} came what the host answered in the last run
 * @returns {AnswerForm}
 */
export function firstAnswer(syncs, config, came) {
  // An echo says what was sent, and no system answers so.
  const good = came.find(({ status, standIn }) => status !== null && status < 400 && standIn !== 'echo');
  if (good) return { ...form, status: String(good.status), body: pretty(good.responseBody) };
  const [success = 200] = syncs.flatMap(({ document }) => document.response?.success ?? []);
  return { ...form, status: String(success), body: JSON.stringify(skeletonOf(syncs, config), null, 2) };
}

const form = { delayMs: '', headers: '' };

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** An object with the fields that are read of an answer. @param {import('../tools/paste/config.mjs').Sync[]} syncs @param {any} config */
function skeletonOf(syncs, config) {
  const names = new Set(syncs.map(({ name }) => name));
  /** @type {any} */
  let body = {};
  for (const { steps, text, isExpression } of placesOf(config, schema)) {
    if (!isExpression) continue;
    const [field, at, part] = steps;
    const inside = field === 'syncs' && part === 'response' && names.has(config.syncs[Number(at)]?.name);
    for (const read of readsOf(treeOf(text)).map((each) => each.names)) {
      const [root, name, of, ...rest] = read;
      if (inside) body = put(body, read);
      else if (root === 'syncs' && names.has(String(name)) && of === 'answer' && !keeps(config, String(name)))
        body = put(body, rest);
    }
  }
  return body;
}

/** What others read of such an entry are fields of its `keep`. @param {any} config @param {string} name */
const keeps = ({ syncs }, name) => syncs?.find((/** @type {any} */ each) => each?.name === name)?.response?.keep;

/** @param {any} value @param {(string | number)[]} names @param {string} [last] @returns {any} */
function put(value, [name, ...rest], last = '') {
  if (name === undefined)
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0 ? value : `some ${last}`;
  const inner = typeof value === 'object' && value !== null ? value : undefined;
  if (name === '*' || typeof name === 'number') return [put(inner?.[0], rest, last)];
  // A map, for a key may be `__proto__`.
  const fields = new Map(Object.entries(Array.isArray(inner) ? {} : (inner ?? {})));
  return Object.fromEntries(fields.set(name, put(fields.get(name), rest, name)));
}
