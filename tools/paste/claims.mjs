// tools/paste/: the claims manifest: every claim and SAML attribute that a config can set, for those who read them.

import { fakeEvent } from '../tenant/event.mjs';
import { ISSUING, SCOPE_OF_CLAIM } from '../tenant/limits.mjs';
import { secretText } from './config.mjs';
import { opened, typeOfMapping, typeOfValue } from './expression-type.mjs';

/** @typedef {import('./expression-type.mjs').Type} Type */
/** @typedef {'string' | 'number' | 'boolean' | 'array' | 'object' | 'any'} JsonType */
/**
 * @typedef {object} Claim
 * @property {'idToken' | 'accessToken' | 'saml'} token where it comes
 * @property {string} name
 * @property {JsonType} type `any` where it depends on the answer or on metadata
 * @property {JsonType} [items] of an array, where it is known
 * @property {string} from the system it comes from, or `event`
 * @property {unknown} expression the mapping as it is written
 * @property {string[]} [flows] the flows that set it, where that is not the login alone
 * @property {string[]} [onlyWithSecrets] of a preset that nothing but these secrets switches on
 * @property {string} [scope] without it, Auth0 leaves the claim out of an access token
 * @property {{ source: string, claimName: string, displayName: string, dataType: string }} cloudentity
 */

/**
 * Every claim and attribute that a config can set.
 * @param {import('./config.mjs').Opened} opened
 * @returns {Claim[]}
 */
export function manifest({ config, syncs }) {
  const event = eventType();
  /** @type {Claim[]} */
  const claims = [];
  /** @param {any} named @param {{ from: string, typeOf: (mapping: unknown) => Type, flows?: string[], onlyWithSecrets?: string[] }} source */
  const add = (named, { from, typeOf, ...rest }) => {
    for (const token of /** @type {const} */ (['idToken', 'accessToken', 'saml'])) {
      for (const [name, expression] of Object.entries(named?.[token] ?? {})) {
        const scope = token === 'accessToken' ? SCOPE_OF_CLAIM.get(name) : undefined;
        const type = typeOf(expression);
        claims.push({
          token,
          name,
          ...jsonType(type),
          from,
          expression,
          ...rest,
          ...(scope ? { scope } : {}),
          cloudentity: attribute(token, name, type),
        });
      }
    }
  };
  const { claims: tokens, saml, flows } = config;
  add({ ...tokens, saml }, { from: 'event', typeOf: (mapping) => typeOfMapping(mapping, event) });
  for (const flow of /** @type {import('../tenant/limits.mjs').Trigger[]} */ (Object.keys(flows ?? {}))) {
    const ofFlow = eventType(flow);
    add(flows[flow].claims, { from: 'event', typeOf: (mapping) => typeOfMapping(mapping, ofFlow), flows: [flow] });
  }
  for (const { name, document, on, secrets, switched } of syncs) {
    const sets = on.filter((flow) => ISSUING.includes(flow));
    const token = document.response?.token;
    add(document.response, {
      from: name,
      ...(sets.some((flow) => flow !== 'post-login') ? { flows: sets } : {}),
      // The answer's shape is not known, but that its token is one has been checked before any claim is made of it.
      typeOf: (mapping) => (token && mapping === token ? 'string' : typeOfMapping(mapping, 'any')),
      ...(switched ? { onlyWithSecrets: secrets.filter(({ optional }) => !optional).map(secretText) } : {}),
    });
  }
  return ['idToken', 'accessToken', 'saml'].flatMap((place) => claims.filter(({ token }) => token === place));
}

/** What is known of an event: the fields that Auth0 documents, as the simulated login has them all, and the one of ours. */
export function eventType(/** @type {import('../tenant/limits.mjs').Trigger} */ flow = 'post-login') {
  const {
    secrets: _,
    request: { body: _body, query: _query, ...request },
    ...event
  } = fakeEvent(flow);
  return opened(typeOfValue({ ...event, request, interactive: true }));
}

/** @param {Type} type @returns {{ type: JsonType, items?: JsonType }} */
function jsonType(type) {
  if (type === 'null') return { type: 'any' };
  if (typeof type === 'string') return { type };
  if ('fields' in type) return { type: 'object' };
  const items = jsonType(type.items).type;
  return { type: 'array', ...(items === 'any' ? {} : { items }) };
}

/**
 * Cloudentity's data types: string, number, bool, object, and arrays of one of them; any for the rest.
 * @param {Claim['token']} token
 * @param {string} name
 * @param {Type} type
 */
function attribute(token, name, type) {
  const json = jsonType(type);
  const word = (json.type === 'array' ? (json.items ?? 'any') : json.type).replace('boolean', 'bool');
  return {
    source: { idToken: 'ID token', accessToken: 'Access token', saml: 'SAML' }[token],
    // There a dot parts the fields of an object, unless it is escaped.
    claimName: name.replaceAll('.', '\\.'),
    displayName: displayName(name),
    dataType: json.type !== 'array' ? word : word === 'any' || word === 'array' ? 'any' : `${word}_array`,
  };
}

/**
 * `Email verified` for `emailVerified`, `Name (crm.example.com)` for `https://crm.example.com/name`.
 * @param {string} name
 */
function displayName(name) {
  const [, host, rest] = /^https?:\/*([^/]+)\/*(.*)$/i.exec(name) ?? ['', '', name];
  const words = rest
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
  return host && title ? `${title} (${host})` : title || host || name;
}
