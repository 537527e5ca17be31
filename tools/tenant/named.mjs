// The local tenant, the secrets that a config names: where, and what each must be. By the forms of
// src/document/mapping/form.rs; what a good config is, the engine alone says.
import { isObject } from './values.mjs';

/**
 * @typedef {object} NamedSecret
 * @property {string[]} names
 * @property {boolean} optional
 * @property {'text' | 'pair' | 'rsa' | 'webhook'} kind what it must be
 * @property {'url' | 'param' | 'header' | 'body' | 'claim'} as
 */

/**
 * Where an entry or claims name secrets.
 * @param {Record<string, any>} document
 * @returns {NamedSecret[]}
 */
export function secretsIn({ request: { url, params, headers, body, form, sign }, gets = [] }) {
  /** @param {NamedSecret['as']} as @param {any} fields @param {typeof formOf} read */
  const of = (as, fields, read) =>
    Object.values(isObject(fields) ? fields : {}).flatMap((value) => read(value).map((use) => ({ ...use, as })));
  return [
    ...of('url', { url }, formOf),
    ...of('param', params, formOf),
    ...of('header', headers, formOf),
    ...of('body', body, formsIn),
    ...of('body', form, formsIn),
    ...of('header', { sign }, (value) => named(value?.standardWebhooks, 'webhook')),
    ...gets.flatMap((/** @type {any} */ fields) => of('claim', fields, formsIn)),
  ];
}

/** @param {any} names @param {NamedSecret['kind']} [kind] @param {boolean} [optional] @returns {Omit<NamedSecret, 'as'>[]} */
const named = (names, kind = 'text', optional = false) => (names ? [{ names: [names].flat(), optional, kind }] : []);

/** The secrets of what can only be a form. @param {any} value @returns {Omit<NamedSecret, 'as'>[]} */
function formOf(value) {
  const { secret, bearer, basic, jwt, hmac, optional } = Object(value);
  const may = optional === true;
  const pair = isObject(basic)
    ? [basic.user, basic.password].flatMap((names) => named(names, 'text', may))
    : named(basic, 'pair', may);
  return [
    ...named(secret, 'text', may),
    ...named(bearer, 'text', may),
    ...pair,
    ...named(jwt?.secret, jwt?.alg === 'RS256' ? 'rsa' : 'text'),
    ...named(hmac?.secret),
  ];
}

/** The secrets of the forms in a mapping. @param {any} value @returns {Omit<NamedSecret, 'as'>[]} */
function formsIn(value) {
  if (Array.isArray(value)) return value.flatMap(formsIn);
  if (!isObject(value)) return [];
  const only = (/** @type {string[]} */ known) => Object.keys(value).every((key) => known.includes(key));
  const isForm =
    (only(['secret', 'prefix', 'optional']) && (typeof value.secret === 'string' || Array.isArray(value.secret))) ||
    (only(['jwt']) && isObject(value.jwt)) ||
    (only(['hmac']) && isObject(value.hmac));
  return isForm ? formOf(value) : Object.values(value).flatMap(formsIn);
}
