// The values of a case: the base event, what is laid over it, and the short forms for what is long or deep.
import { createHmac } from 'node:crypto';

/** The event that each case starts from. */
const BASE = {
  user: {
    user_id: 'auth0|5f7c8ec7c33c6c004bbafe82',
    email: 'robin.ek@example.org',
    email_verified: true,
    given_name: 'Robin',
    family_name: 'Ek',
    name: 'Robin Ek',
    nickname: 'robin',
    phone_number: '+46700000001',
    created_at: '2026-01-12T08:30:11.402Z',
    updated_at: '2026-03-02T17:45:09.118Z',
    app_metadata: {},
    user_metadata: {},
    identities: [{ connection: 'customers', provider: 'auth0', user_id: '5f7c8ec7c33c6c004bbafe82', isSocial: false }],
    enrolledFactors: [],
    multifactor: [],
  },
  request: {
    ip: '203.0.113.24',
    method: 'GET',
    hostname: 'tenant.eu.auth0.com',
    language: 'sv',
    user_agent: 'a browser',
    query: {},
    body: {},
    geoip: { countryCode: 'SE', continentCode: 'EU' },
  },
  client: { client_id: 'client_1', name: 'Web', metadata: {} },
  connection: { id: 'con_1', name: 'customers', strategy: 'auth0', metadata: {} },
  authentication: { methods: [{ name: 'pwd', timestamp: '2026-03-02T17:45:08.901Z' }] },
  authorization: { roles: ['reader'] },
  transaction: {
    id: 'txn_1',
    protocol: 'oidc-basic-profile',
    locale: 'en',
    requested_scopes: ['openid', 'profile'],
    ui_locales: [],
    acr_values: [],
    metadata: {},
  },
  stats: { logins_count: 7 },
  tenant: { id: 'tenant' },
  session: { id: 'session_1' },
  configuration: {},
  secrets: {},
};

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {any} value */
const isShort = (value) => isObject(value) && Object.keys(value).length === 1 && Object.keys(value)[0]?.startsWith('$');

/**
 * One value over another, object by object; null takes a field away.
 * @param {any} base
 * @param {any} over
 * @returns {any}
 */
export function layOver(base, over) {
  if (!isObject(over) || isShort(over)) return over === undefined ? base : over;
  const fields = new Map(isObject(base) && !isShort(base) ? Object.entries(base) : []);
  for (const [key, value] of Object.entries(over)) {
    if (value === null) fields.delete(key);
    else fields.set(key, layOver(fields.get(key), value));
  }
  return Object.fromEntries(fields);
}

/** The event with these laid over it, as a value of its own. @param {...any} overs @returns {any} */
export const eventOf = (...overs) => JSON.parse(jsonText(overs.reduce(layOver, BASE)));

/**
 * A value as JSON, with its short forms written out. Text, because `JSON.stringify` cannot write what is deep.
 * @param {any} value
 * @param {number} [now] milliseconds since 1970, for tokens
 * @returns {string}
 */
export function jsonText(value, now = Date.now()) {
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, now)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  if (isShort(value)) {
    const [name, options] = /** @type {[string, any]} */ (Object.entries(value)[0]);
    const form = SHORT[name];
    if (!form) throw new Error(`no short form \`${name}\``);
    return form(options, now);
  }
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item, now)}`)
    .join(',')}}`;
}

/** @type {Record<string, (options: any, now: number) => string>} */
const SHORT = {
  $nest: ({ depth, of }) =>
    of === 'object' ? `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}` : `${'['.repeat(depth)}${']'.repeat(depth)}`,
  $list: ({ count, text, item }, now) => {
    const one = item === undefined ? undefined : jsonText(item, now);
    return `[${Array.from({ length: count }, (_, i) => one ?? JSON.stringify(text.replaceAll('{i}', String(i)))).join(',')}]`;
  },
  $keys: ({ count }) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`,
  $jwt: ({ expiresInSeconds, unit = 's', ...claims }, now) => {
    const at = (/** @type {number} */ ms) => (unit === 'ms' ? ms : Math.floor(ms / 1000));
    const times = expiresInSeconds === undefined ? {} : { iat: at(now), exp: at(now + expiresInSeconds * 1000) };
    const part = (/** @type {object} */ object) => Buffer.from(JSON.stringify(object)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, ...times })}`;
    return JSON.stringify(`${signed}.${createHmac('sha256', 'a key').update(signed).digest('base64url')}`);
  },
};
