// tools/paste/: a config as its writer has it. This file reads its text, has the engine in a paste judge it, and says what
// it needs: which secrets, which triggers. The rules of a config live in src/ alone; nothing here repeats them.

import { UserError } from '../error.mjs';
import { secretsIn } from '../tenant/named.mjs';
import { expand } from './connectors.mjs';
import { parseJson, place } from './json.mjs';
import { openEngine } from './paste.mjs';

/** @typedef {ReturnType<typeof openEngine>} Engine */
/** @typedef {{ names: string[], optional: boolean }} SecretUse one of the names must be set, unless it is optional */
/**
 * @typedef {object} Sync
 * @property {string} name
 * @property {Record<string, any>} document the entry as it is written, laid over its preset
 * @property {string[]} on the triggers
 * @property {SecretUse[]} secrets
 * @property {boolean} switched whether it is a preset that only its secrets switch on
 * @property {boolean} [spare] whether only this is left out where its secrets are not set
 */

/**
 * Reads a config's text. Beyond JSON's own rules no field may be there twice: one of the two would be lost.
 * @param {string} text
 * @param {string} file for the message
 * @returns {unknown}
 */
export function readConfig(text, file) {
  const json = text.replace(/^\uFEFF/, '');
  const config = parseJson(json, `\`${file}\``);
  for (const { key, at } of lostKeys(json)) {
    const why =
      key === '__proto__'
        ? 'cannot be the name of a field: use another name'
        : 'is here twice in one object: remove one';
    throw new UserError(`\`${file}\`: ${place(json, at)}: \`${key}\` ${why}`);
  }
  return config;
}

/**
 * The keys that `JSON.parse` drops without a word.
 * @param {string} json valid
 */
function* lostKeys(json) {
  /** @type {Set<string>[]} */
  const open = [];
  let [last, at] = ['', 0];
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') open.push(new Set(['__proto__']));
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const [key, seen] = [JSON.parse(last), open.at(-1)];
      if (seen?.has(key)) yield { key, at };
      seen?.add(key);
    } else [last, at] = [token, index];
  }
}

/**
 * @typedef {object} Opened a config without problems
 * @property {Record<string, any>} config with its connectors written out
 * @property {string} paste
 * @property {Engine} engine the one inside the paste
 * @property {Sync[]} syncs
 * @property {string[]} used the connectors that were written out
 * @property {import('./connectors.mjs').Expanded['placed']} placed what is said of a place, at the one where that was written
 */

/**
 * Opens a config and the engine of a paste. A config that is wrong is refused whole, with all that is wrong.
 * @param {object} given
 * @param {string} given.text
 * @param {string} given.file its name, for the message
 * @param {string} given.paste
 * @param {readonly string[]} given.presets
 * @param {import('./connectors.mjs').Library} [given.library] the connectors that it may use
 * @param {Engine} [given.engine] the paste's, where it is open already
 * @returns {Opened}
 */
export function openText({ text, file, paste, presets, library = {}, engine = openEngine(paste) }) {
  const { config, problems: found, used, placed } = expanded(engine, readConfig(text, file), library, presets);
  if (found.length > 0) {
    const lines = found.flatMap(linesOf);
    const message = `\`${file}\` is refused: ${count(found.length, 'error')}\n${lines.join('\n')}`;
    throw Object.assign(new UserError(message), { problems: found });
  }
  return { config, engine, paste, syncs: systems(engine, config, presets), used, placed };
}

/**
 * A config with its connectors written out, and all that is wrong with it, at the places where it was written.
 * @param {Engine} engine
 * @param {unknown} written
 * @param {import('./connectors.mjs').Library} library
 * @param {readonly string[]} presets
 */
export function expanded(engine, written, library, presets) {
  const { problems, ...rest } = expand(written, library, presets);
  // Of the two that are said of one place the first knows more.
  const own = new Map(problems.map((problem) => [problem.path, problem]));
  const found = engine.problems(rest.config).map((problem) => {
    const at = rest.placed(problem);
    const better = own.get(at.path);
    own.delete(at.path);
    return better ?? at;
  });
  return { ...rest, problems: [...own.values(), ...found] };
}

/**
 * An error of a config as a person reads it: where, what, and for an expression a caret under the column.
 * @param {import('./paste.mjs').Problem} problem
 */
export function linesOf({ path, message, caret }) {
  return [`${path}: ${message}`, ...(caret ? caret.split('\n').map((line) => `    ${line}`) : [])];
}

/**
 * The systems of a config without problems. Where `syncs` is left out these are the presets that secrets would switch on.
 * @param {Engine} engine
 * @param {Record<string, any>} config
 * @param {readonly string[]} presets the names that `use` may have
 * @returns {Sync[]}
 */
export function systems(engine, config, presets) {
  const login = [...ofTokens(config), ...ofLogin(config), ...ofMetrics(config)];
  if (config.syncs) return [...engine.syncs(config).map((document) => system(document, false)), ...login];
  // A paste of an earlier version may not know them all.
  const known = presets.map((use) => ({ use })).filter((entry) => engine.problems({ syncs: [entry] }).length === 0);
  return [...engine.syncs({ syncs: known }).map((document) => system(document, true)), ...login];
}

/** The names of the presets, by pkg/schema.json. @param {any} schema @returns {string[]} */
export const presetsOf = (schema) => schema.definitions.Sync.properties.use.anyOf[0].enum;

/** @param {Record<string, any>} document @param {boolean} switched @returns {Sync} */
function system(document, switched) {
  const { name } = document;
  // As the engine has it: a field that is null is not there.
  const on = document.on ?? ['post-login'];
  // Only under names of its own do secrets switch a preset on.
  const prefix = switched ? `${name.toUpperCase().replaceAll('-', '_')}_` : '';
  /** @type {Map<string, SecretUse>} */
  const secrets = new Map();
  for (const use of secretsIn(document)) {
    const names = use.names.filter((each) => each.startsWith(prefix));
    const optional = use.optional && secrets.get(names.join())?.optional !== false;
    secrets.set(names.join(), { names, optional });
  }
  return { name, document, on, secrets: [...secrets.values()], switched };
}

/**
 * Where tokens come from, as systems that no trigger runs by itself.
 * @param {Record<string, any>} config
 * @returns {Sync[]}
 */
function ofTokens({ tokens }) {
  return Object.entries(tokens ?? {}).map(([name, source]) => {
    const { url, params = {}, clientId, clientSecret, clientAuth, refreshToken, assertion } = source;
    const inUrl = (/** @type {string} */ param) => typeof url === 'string' && url.includes(`{${param}}`);
    const part = (/** @type {boolean} */ ofUrl) =>
      Object.fromEntries(Object.entries(params).filter(([param]) => inUrl(param) === ofUrl));
    const basic = clientAuth === 'basic';
    const document = {
      name: `token ${name}`,
      request: {
        url,
        params: part(true),
        headers: basic && { authorization: { basic: { user: clientId, password: clientSecret } } },
        form: {
          ...part(false),
          client_id: !basic && { secret: clientId },
          client_secret: !basic && { secret: clientSecret },
          refresh_token: { secret: refreshToken },
          assertion: assertion && { jwt: { secret: assertion.key, alg: assertion.alg ?? 'RS256' } },
        },
      },
    };
    return { name: document.name, document, on: [], secrets: secretsIn(document), switched: false };
  });
}

/**
 * The secrets of what the login gets without an answer, as a system that sends nothing; none where it names none.
 * @param {Record<string, any>} config
 * @returns {Sync[]}
 */
function ofLogin(config) {
  const gets = [config, ...Object.values(config.flows ?? {})].flatMap((says) => [
    says?.claims?.idToken,
    says?.claims?.accessToken,
    says?.appMetadata,
    says?.userMetadata,
    says?.saml,
  ]);
  const document = { name: 'claims', request: {}, gets };
  const secrets = secretsIn(document);
  return secrets.length > 0 ? [{ name: 'claims', document, on: [], secrets, switched: false }] : [];
}

/**
 * The collector, as a system that no trigger runs by itself. The engine can do without its secrets, and then tells it nothing:
 * that is to be said when a config is deployed.
 * @param {Record<string, any>} config
 * @returns {Sync[]}
 */
function ofMetrics({ metrics }) {
  if (!metrics) return [];
  const document = { name: 'metrics', request: { url: metrics.url, headers: metrics.headers } };
  return [{ name: 'metrics', document, on: [], secrets: secretsIn(document), switched: false, spare: true }];
}

/**
 * The fields of a config that have something for a flow without any system: for a login at its top, for others in `flows`.
 * @param {Record<string, any> | null | undefined} config
 * @param {string} [trigger]
 */
export function withoutSystems(config, trigger = 'post-login') {
  const says = trigger === 'post-login' ? config : config?.flows?.[trigger];
  const { claims, scopes, appMetadata, userMetadata, saml, mfa, deny } = says ?? {};
  const parts = {
    claims: { ...claims?.idToken, ...claims?.accessToken },
    appMetadata,
    userMetadata,
    saml,
    scopes: [...(scopes?.add ?? []), ...(scopes?.remove ?? [])],
    mfa,
    deny,
  };
  return Object.entries(parts).flatMap(([name, part]) => (Object.keys(part ?? {}).length > 0 ? [name] : []));
}

/**
 * A secret as people read it: the first name, and the others it may have.
 * @param {SecretUse} secret
 */
export function secretText({ names: [first, ...others] }) {
  return others.length > 0 ? `${first} (or ${others.join(', ')})` : first;
}

/** @param {number} number @param {string} what */
export function count(number, what) {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

/** All secrets that systems name, once each. @param {Sync[]} syncs */
export const secretNames = (syncs) => [
  ...new Set(syncs.flatMap(({ secrets }) => secrets.flatMap(({ names }) => names))),
];
