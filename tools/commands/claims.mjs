// tools/commands/: `npm run claims`: the claims manifest, every claim that a config can set, for those who read the tokens.
//
//   npm run claims -- --config my.config.json                          a table
//   npm run claims -- --config my.config.json --format json            for programs
//   npm run claims -- --config my.config.json --format cloudentity     what to fill in as attributes of a Cloudentity IDP

import { UserError, isCommand } from '../cli.mjs';
import { command } from '../command.mjs';
import { openConfig, secretText, systems } from './config.mjs';
import { openTypes, opened, typeOfValue } from './expression-type.mjs';
import { PASTE } from '../paste/paste.mjs';
import { fakeEvent } from '../tenant/event.mjs';
import { SCOPE_OF_CLAIM } from '../tenant/limits.mjs';

/** @typedef {import('./expression-type.mjs').Type} Type */
/** @typedef {'string' | 'number' | 'boolean' | 'array' | 'object' | 'any'} JsonType */
/**
 * @typedef {object} Claim
 * @property {'idToken' | 'accessToken'} token
 * @property {string} name
 * @property {JsonType} type `any` where it depends on the answer or on metadata
 * @property {JsonType} [items] of an array, where it is known
 * @property {string} from the system it comes from, or `event`
 * @property {unknown} expression the mapping as it stands
 * @property {string[]} [onlyWithSecrets] of a preset that nothing but these secrets switches on
 * @property {string} [scope] without it, Auth0 leaves the claim out of an access token
 * @property {{ source: string, claimName: string, displayName: string, dataType: string }} cloudentity
 */

const USAGE = `usage: npm run claims -- --config FILE [--format table|json|cloudentity] [--paste FILE]

Lists every claim the config can set. A claim whose value is null is left out of the token.

  --config FILE   the config, JSON
  --format NAME   table, json, or cloudentity: what to fill in as attributes of an IDP there
  --paste FILE    the paste whose presets count (pkg/login-sync.js)

exit codes: 0 listed, 2 the config or the arguments are wrong
`;

/**
 * @param {{ config: string, paste: string }} files
 * @returns {Promise<Claim[]>}
 */
export async function manifest(files) {
  const { config, engine } = await openConfig(files);
  const { typeOfMapping } = await openTypes();
  const event = eventType();
  /** @type {Claim[]} */
  const claims = [];
  /** @param {any} named @param {{ from: string, typeOf: (mapping: unknown) => Type, onlyWithSecrets?: string[] }} source */
  const add = (named, { from, typeOf, ...rest }) => {
    for (const token of /** @type {const} */ (['idToken', 'accessToken'])) {
      for (const [name, expression] of Object.entries(named?.[token] ?? {})) {
        const scope = token === 'accessToken' ? SCOPE_OF_CLAIM.get(name) : undefined;
        const type = typeOf(expression);
        claims.push({ token, name, ...jsonType(type), from, expression, ...rest, ...(scope ? { scope } : {}), cloudentity: attribute(token, name, type) });
      }
    }
  };
  add(config.claims, { from: 'event', typeOf: (mapping) => typeOfMapping(mapping, event) });
  for (const { name, document, secrets, switched } of await systems(engine, config)) {
    const token = document.response?.token;
    add(document.response, {
      from: name,
      // The answer's shape is not known, but that its token is one has been checked before any claim is made of it.
      typeOf: (mapping) => (token && mapping === token ? 'string' : typeOfMapping(mapping, 'any')),
      ...(switched ? { onlyWithSecrets: secrets.filter(({ optional }) => !optional).map(secretText) } : {}),
    });
  }
  return claims.sort((a, b) => Number(b.token === 'idToken') - Number(a.token === 'idToken'));
}

/** What is known of an event: the fields that Auth0 documents, as the simulated login has them all, and the one of ours. */
export function eventType() {
  const { secrets: _, request: { body: _body, query: _query, ...request }, ...event } = fakeEvent('post-login');
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
 * @param {'idToken' | 'accessToken'} token
 * @param {string} name
 * @param {Type} type
 */
function attribute(token, name, type) {
  const json = jsonType(type);
  const word = (json.type === 'array' ? (json.items ?? 'any') : json.type).replace('boolean', 'bool');
  return {
    source: token === 'idToken' ? 'ID token' : 'Access token',
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
  const words = rest.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{N}]+/u).filter(Boolean).join(' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
  return host && title ? `${title} (${host})` : title || host || name;
}

/** @type {Record<string, (claims: Claim[]) => string>} */
const FORMATS = {
  json: (claims) => JSON.stringify(claims, null, 2),

  table(claims) {
    const rows = claims.map(({ token, name, type, items, from, expression, onlyWithSecrets }) => [
      token,
      name,
      items ? `${type} of ${items}` : type,
      onlyWithSecrets ? `${from} *` : from,
      typeof expression === 'string' ? expression : JSON.stringify(expression),
    ]);
    return [columns(['TOKEN', 'CLAIM', 'TYPE', 'FROM', 'EXPRESSION'], rows), ...notes(claims)].join('\n');
  },

  cloudentity(claims) {
    const rows = claims.map(({ cloudentity: { source, claimName, displayName, dataType } }) => [source, claimName, displayName, dataType]);
    return [columns(['Source', 'Claim name', 'Display name', 'Data type'], rows), ...notes(claims)].join('\n');
  },
};

/** @param {Claim[]} claims */
function notes(claims) {
  const lines = claims.flatMap(({ name, scope }) => (scope ? [`\`${name}\` comes with the access token only when the application asks for the scope \`${scope}\``] : []));
  const switched = new Map(claims.flatMap(({ from, onlyWithSecrets }) => (onlyWithSecrets ? [[from, onlyWithSecrets.join(', ')]] : [])));
  for (const [from, secrets] of switched) lines.push(`* the config has no \`syncs\`: claims from ${from} come once the Action has ${secrets}`);
  return lines.length > 0 ? ['', ...lines] : [];
}

/** @param {string[]} head @param {string[][]} rows */
function columns(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
}

if (isCommand(import.meta.url)) {
  await command(USAGE, ['config', 'format', 'paste'], async ({ config, format = 'table', paste = PASTE }) => {
    if (!config) throw new UserError('needs `--config FILE`; `--help` lists the options');
    if (!Object.hasOwn(FORMATS, format)) throw new UserError(`--format: unknown format \`${format}\`; use ${Object.keys(FORMATS).join(', ')}`);
    const claims = await manifest({ config, paste });
    const none = claims.length === 0 && format !== 'json';
    console.log(none ? 'this config sets no claim' : FORMATS[format](claims));
  });
}
