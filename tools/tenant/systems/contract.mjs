// The local tenant, the stand-in for every system of which there is a contract: a short description of the requests that it takes
// and of what it answers (connectors/contracts/). It checks a request as strictly as the contract says: what is not in there is
// refused, so that a misspelled field is seen.

import { isObject, parsed } from '../values.mjs';

/**
 * @typedef {[status: number, body?: unknown, headers?: Record<string, string>]} Told an answer
 *
 * @typedef {object} Taken a request
 * @property {string} method
 * @property {string} host may hold `{SECRET}`
 * @property {string} path may hold `{SECRET}`, and `{}` for a part that is not empty
 * @property {Record<string, string>} [query] shapes
 * @property {Record<string, string>} [headers] texts that may hold `{SECRET}`; after `Basic ` they are meant in base64; or `~` and a
 *   pattern
 * @property {unknown} [json] the body's shape
 * @property {Record<string, string>} [form] the same of a form
 * @property {Told} answer
 * @property {Record<string, Told>} [others] what it may answer instead, by a name
 *
 * @typedef {object} Login what is to come of one
 * @property {string} title
 * @property {Record<string, any>} [event] laid over the invented event
 * @property {Record<string, string>} [answers] of `others`
 * @property {string[]} requests by their names, in any order
 * @property {'allow' | 'deny' | 'mfa'} [result]
 * @property {Record<string, any>} [sets] shapes of claims and metadata
 *
 * @typedef {object} Contract
 * @property {Record<string, string>} secrets invented, in the form of real ones; `RSA` means a new private key
 * @property {Record<string, Taken>} [requests] by the entry that sends them; `token NAME` for that of a token
 * @property {Record<string, unknown>} [errors] bodies by status
 * @property {Login[]} logins the first is the usual one
 * @property {string[]} again what is sent when the same user logs in once more
 * @property {string[]} bare what is sent of a user who has nothing but an id
 * @property {string | Record<string, string>} failures what the login makes of a failure, or of each
 */

/** What a shape's word means. @type {Record<string, (value: any) => boolean>} */
const KINDS = {
  string: (value) => typeof value === 'string' && value !== '' && !/^(undefined|null|\[object)/.test(value),
  email: (value) => typeof value === 'string' && /^[^@\s]+@[^@\s]+\.[a-z]+$/.test(value),
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  none: (value) => Array.isArray(value) && value.length === 0,
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  seconds: (value) => Number.isInteger(value) && value > 1e9 && value < 1e11,
  milliseconds: (value) => Number.isInteger(value) && value > 1e12,
};

/** @param {string} text @param {Record<string, string>} secrets */
const filled = (text, secrets) => text.replace(/\{(\w+)\}/g, (_, name) => secrets[name] ?? `no secret ${name}`);

/**
 * Where a value does not have a shape. A shape is a word of `KINDS`, `=text`, `~pattern`, an array of one shape, an object of
 * shapes (`name?` may be missing), `{ "$jwt": shape }` for what a token says, or a number, boolean or null itself.
 * @param {any} shape
 * @param {any} value
 * @param {Record<string, string>} [secrets]
 * @param {string} [at]
 * @returns {string[]}
 */
export function misfits(shape, value, secrets = {}, at = 'body') {
  if (typeof shape === 'string') {
    const fits = shape.startsWith('=')
      ? value === filled(shape.slice(1), secrets)
      : shape.startsWith('~')
        ? typeof value === 'string' && new RegExp(shape.slice(1)).test(value)
        : KINDS[shape]?.(value);
    return fits ? [] : [`${at} is not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length === 0) return [`${at} is no array, or empty`];
    return value.flatMap((each, i) => misfits(shape[0], each, secrets, `${at}[${i}]`));
  }
  if (!isObject(shape)) return shape === value ? [] : [`${at} is not ${shape}`];
  if ('$jwt' in shape) return misfits(shape.$jwt, payload(value), secrets, at);
  if (!isObject(value)) return [`${at} is no object`];
  const known = Object.entries(shape).map(([key, inner]) => ({
    key: key.replace(/\?$/, ''),
    optional: key.endsWith('?'),
    inner,
  }));
  return [
    ...known.flatMap(({ key, optional, inner }) => {
      if (Object.hasOwn(value, key)) return misfits(inner, value[key], secrets, `${at}.${key}`);
      return optional ? [] : [`${at}.${key} is missing`];
    }),
    ...Object.keys(value).flatMap((key) => (known.some((each) => each.key === key) ? [] : [`${at}.${key} is unknown`])),
  ];
}

/** What the transport and the engine set, whatever the system. */
const USUAL = new Set(
  'accept accept-encoding connection content-length content-type host idempotency-key login-sync-trigger-id user-agent'.split(
    ' ',
  ),
);

/**
 * A stand-in that keeps to a contract.
 * @param {string} name
 * @param {Contract} contract
 * @param {Record<string, string>} secrets the Action's
 * @param {{ strict?: boolean }} [options] not strict: a user may send more than the connector does, and only a wrong secret is
 *   refused
 */
export function contractor(name, { requests = {}, errors = {} }, secrets, { strict = true } = {}) {
  const taken = Object.entries(requests).map(([entry, request]) => ({
    entry,
    request,
    host: filled(request.host, secrets),
    path: pattern(request.path, secrets),
  }));
  const state = {
    /** The requests that came, by the names of their entries. @type {string[]} */
    came: [],
    /** What was wrong with them. @type {string[]} */
    wrong: [],
    /** Which of `others` to answer. @type {Record<string, string>} */
    answers: {},
  };

  /** @param {import('../world.mjs').Arrival} arrival @returns {import('../world.mjs').Answer} */
  const answer = (arrival) => {
    const found = taken.find(
      ({ request, host, path }) =>
        host === arrival.host && request.method === arrival.method && path.test(arrival.path),
    );
    if (!found) {
      state.came.push('?');
      state.wrong.push(`${arrival.method} ${arrival.host}${arrival.path} is unknown`);
      return { status: 404, body: errors[404] ?? {} };
    }
    const { entry, request } = found;
    state.came.push(entry);
    const credential = request.headers?.authorization;
    if (!strict && credential && !headerFits(credential, arrival.headers.authorization, secrets))
      return { status: 401, body: errors[401] ?? {} };
    const wrong = strict ? violations(request, arrival, secrets) : [];
    state.wrong.push(...wrong.map((each) => `${entry}: ${each}`));
    if (wrong.length > 0) return { status: 400, body: { message: wrong.join('; ') } };
    const [status, body, headers] = request.others?.[state.answers[entry] ?? ''] ?? request.answer;
    return { status, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) };
  };

  return Object.assign(state, {
    name,
    serves: (/** @type {string} */ host) => taken.some((each) => each.host === host),
    answer,
    error: (/** @type {number} */ status) => errors[status] ?? { message: `status ${status}` },
  });
}

/** @param {string} path @param {Record<string, string>} secrets */
function pattern(path, secrets) {
  const parts = path.split(/(\{\w*\})/).map((part) => {
    if (part === '{}') return '[^/]+';
    const text = /^\{\w+\}$/.test(part) ? encodeURIComponent(filled(part, secrets)) : part;
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** @param {Taken} request @param {import('../world.mjs').Arrival} arrival @param {Record<string, string>} secrets */
function violations(request, { query, headers, body }, secrets) {
  const { json, form } = request;
  const type = headers['content-type'] ?? '';
  const wanted = request.headers ?? {};
  const wrong = [
    ...misfits(request.query ?? {}, Object.fromEntries(query), secrets, 'query'),
    ...Object.entries(wanted).flatMap(([header, text]) =>
      headerFits(text, headers[header], secrets) ? [] : [`the header ${header} is wrong`],
    ),
    ...Object.keys(headers).flatMap((header) =>
      USUAL.has(header) || header in wanted ? [] : [`the header ${header} is unknown`],
    ),
  ];
  if (json !== undefined)
    return [...wrong, ...(/json/.test(type) ? misfits(json, parsed(body), secrets) : ['the body is no JSON'])];
  if (form === undefined) return body === '' ? wrong : [...wrong, 'there is a body'];
  const fields = Object.fromEntries(new URLSearchParams(body));
  return [...wrong, ...(/x-www-form-urlencoded/.test(type) ? misfits(form, fields, secrets) : ['the body is no form'])];
}

/** @param {string} text @param {string | undefined} value @param {Record<string, string>} secrets */
function headerFits(text, value = '', secrets) {
  if (text.startsWith('~')) return new RegExp(text.slice(1)).test(value);
  const [, basic] = /^Basic (.*)$/s.exec(text) ?? [];
  return value === (basic === undefined ? filled(text, secrets) : `Basic ${btoa(filled(basic, secrets))}`);
}

/** @param {unknown} token */
const payload = (token) => parsed(atob(String(token).split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''));
