// The local tenant, the `api` object: records what an Action asks for, in order, and enforces Auth0's rules at the call.
// What the record comes to in the end (tokens, metadata, the decision) is `outcome.mjs`'s business.

import {
  DENY_CODES,
  FACTORS,
  METADATA_BYTES,
  MFA_PROVIDERS,
  RESERVED_CLAIMS,
  RESERVED_HOSTS,
  SAML,
  SCOPE,
  SCOPE_OF_CLAIM,
} from './limits.mjs';
import { isObject, isUrl, requestedScopes, textOf } from './values.mjs';

/**
 * @typedef {object} Command one call of an `api` method
 * @property {string} method such as `idToken.setCustomClaim`
 * @property {any[]} args as they were at the time of the call
 * @property {string} [dropped] why Auth0 silently ignores it
 *
 * @typedef {object} Recorder
 * @property {any} api what the handler gets
 * @property {Command[]} commands
 * @property {{ method: string, message: string }[]} refused calls that threw, which no one hears of where the Action catches it
 * @property {() => void} close after this, a call is a fault and changes nothing
 */

/**
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {any} event
 * @param {import('./cache.mjs').Cache} cache
 * @param {import('./context.mjs').Fault[]} faults
 * @returns {Recorder}
 */
export function createApi(trigger, event, cache, faults) {
  /** @type {Command[]} */
  const commands = [];
  /** @type {Recorder['refused']} */
  const refused = [];
  let open = true;
  /** @type {any} */
  const api = {};

  /** @param {string} method @param {(...args: any[]) => any} work what the call returns; undefined means `api` itself */
  const define = (method, work) => {
    const [group, name] = /** @type {[string, string]} */ (method.split('.'));
    api[group] ??= {};
    api[group][name] = (/** @type {unknown[]} */ ...args) => {
      if (!open) {
        faults.push({ kind: 'late call', message: `\`api.${method}\` was called after the handler had ended` });
        return api;
      }
      try {
        return work(...args) ?? api;
      } catch (error) {
        refused.push({ method, message: textOf(error) });
        throw error;
      }
    };
  };

  /** @param {string} method @param {(...args: any[]) => string | undefined | void} [check] throws, or says why Auth0 drops the call */
  const record = (method, check) =>
    define(method, (...args) => {
      const dropped = check?.(...args);
      commands.push({ method, args: args.map(snapshot), ...(dropped ? { dropped } : {}) });
    });

  for (const method of /** @type {const} */ (['set', 'delete'])) {
    define(`cache.${method}`, (/** @type {unknown[]} */ ...args) => {
      commands.push({ method: `cache.${method}`, args: args.map(snapshot) });
      return Reflect.apply(cache[method], cache, args);
    });
  }
  // Not through `define`: undefined is an answer here.
  api.cache.get = (/** @type {unknown} */ key) =>
    open
      ? cache.get(key)
      : void faults.push({ kind: 'late call', message: '`api.cache.get` was called after the handler had ended' });

  if (trigger === 'post-login') definePostLogin(record, define, event);
  if (trigger === 'pre-user-registration') definePreUserRegistration(record, event);
  if (trigger === 'credentials-exchange') defineCredentialsExchange(record, event);
  return { api, commands, refused, close: () => (open = false) };
}

/** @typedef {(method: string, check?: (...args: any[]) => string | undefined | void) => void} RecordCall */

/** @param {RecordCall} record @param {any} event */
function definePreUserRegistration(record, event) {
  record('access.deny', (reason, userMessage) => {
    text('access.deny', 'the reason', reason);
    text('access.deny', 'what the user sees', userMessage);
  });
  defineMetadata(record, event);
}

/** @param {RecordCall} record @param {any} event */
function defineCredentialsExchange(record, event) {
  record('access.deny', (code, reason) => {
    if (!DENY_CODES.includes(code)) throw new TypeError(`access.deny: unknown code ${JSON.stringify(code)}`);
    text('access.deny', 'the reason', reason);
  });
  record('accessToken.setCustomClaim', (name, value) => claim('accessToken', name, value, event));
}

/** @param {RecordCall} record @param {any} event */
function defineMetadata(record, event) {
  record('user.setAppMetadata', (key, value) => metadata('user.setAppMetadata', key, value, event.user?.app_metadata));
  record('user.setUserMetadata', (key, value) =>
    metadata('user.setUserMetadata', key, value, event.user?.user_metadata),
  );
}

/**
 * @param {RecordCall} record
 * @param {(method: string, work: (...args: any[]) => any) => void} define
 * @param {any} event
 */
function definePostLogin(record, define, event) {
  record('access.deny', (reason) => text('access.deny', 'the reason', reason));

  record('idToken.setCustomClaim', (name, value) => claim('idToken', name, value, event));
  record('accessToken.setCustomClaim', (name, value) => claim('accessToken', name, value, event));
  record('accessToken.addScope', (scope) => oneScope('accessToken.addScope', scope));
  record('accessToken.removeScope', (scope) => oneScope('accessToken.removeScope', scope));

  defineMetadata(record, event);

  record('multifactor.enable', (provider, options) => {
    if (!MFA_PROVIDERS.includes(provider))
      throw new TypeError(`multifactor.enable: unknown provider ${JSON.stringify(provider)}`);
    if (options !== undefined && !isObject(options))
      throw new TypeError('multifactor.enable: the options must be an object');
  });
  const factor = (/** @type {string} */ method) => (/** @type {any} */ asked) => {
    if (!isObject(asked) || !FACTORS.includes(asked.type)) throw new TypeError(`${method}: unknown factor`);
  };
  const factors = (/** @type {string} */ method) => (/** @type {any} */ asked) => {
    if (!Array.isArray(asked) || asked.length === 0) throw new TypeError(`${method}: a list of factors is needed`);
    asked.forEach(factor(method));
  };
  record('authentication.challengeWith', factor('authentication.challengeWith'));
  record('authentication.challengeWithAny', factors('authentication.challengeWithAny'));
  record('authentication.enrollWith', factor('authentication.enrollWith'));
  record('authentication.enrollWithAny', factors('authentication.enrollWithAny'));
  record('authentication.setPrimaryUser', (id) => text('authentication.setPrimaryUser', 'the user id', id));
  define('authentication.recordMethod', () => {
    throw new Error('authentication.recordMethod: only available in `onContinuePostLogin`');
  });

  record('redirect.sendUserTo', (url) => {
    if (!isUrl(url)) throw new TypeError('redirect.sendUserTo: the URL cannot be parsed');
  });
  const attributes = new Set();
  record('samlResponse.setAttribute', (name, value) => {
    attribute(name, value);
    if (attributes.add(name).size > SAML.attributes)
      throw new RangeError(`samlResponse.setAttribute: more than ${SAML.attributes} attributes`);
  });
  record('transaction.setMetadata', (key) => text('transaction.setMetadata', 'the key', key));
  record('session.revoke');
  record('session.setExpiresAt', (at) => time('session.setExpiresAt', at));
  record('session.setIdleExpiresAt', (at) => time('session.setIdleExpiresAt', at));
  record('session.setMetadata', (key) => text('session.setMetadata', 'the key', key));
  record('refreshToken.revoke');
  record('refreshToken.setExpiresAt', (at) => time('refreshToken.setExpiresAt', at));
  record('refreshToken.setIdleExpiresAt', (at) => time('refreshToken.setIdleExpiresAt', at));
  record('refreshToken.setMetadata', (key) => text('refreshToken.setMetadata', 'the key', key));
  record('prompt.render', (id) => text('prompt.render', 'the prompt id', id));
  define('rules.wasExecuted', () => false);
}

/**
 * @param {'idToken' | 'accessToken'} token
 * @param {unknown} name
 * @param {unknown} value
 * @param {any} event
 * @returns {string | undefined} why the claim will be absent
 */
function claim(token, name, value, event) {
  text(`${token}.setCustomClaim`, 'the claim name', name);
  const key = String(name);
  if (key === 'scope') throw new Error(`${token}.setCustomClaim: \`scope\` cannot be set`);
  const json = JSON.stringify(value);
  if (RESERVED_CLAIMS.has(key)) return 'a reserved claim name';
  if (key.startsWith('urn:auth0')) return 'a reserved namespace';
  const host = /^https?:\/\//i.test(key) && isUrl(key) ? new URL(key).hostname : undefined;
  if (host !== undefined && RESERVED_HOSTS.some((reserved) => host === reserved || host.endsWith(`.${reserved}`)))
    return 'a reserved namespace';
  if (json === undefined) return 'a value that JSON cannot hold';
  if (token === 'idToken' || host !== undefined || key.startsWith('urn:')) return undefined;

  const audience = event.resource_server?.identifier;
  const ownApi = audience === undefined || (isUrl(audience) && new URL(audience).hostname.endsWith('.auth0.com'));
  if (ownApi) return "a bare name on an access token for Auth0's own API";
  const needed = SCOPE_OF_CLAIM.get(key);
  if (needed !== undefined && !requestedScopes(event).includes(needed))
    return `a profile claim without the scope \`${needed}\``;
  return undefined;
}

/** @param {string} method @param {unknown} key @param {unknown} value @param {unknown} present */
function metadata(method, key, value, present) {
  text(method, 'the key', key);
  if (present !== undefined && present !== null && !isObject(present))
    throw new TypeError(`${method}: the user's metadata is not an object`);
  const json = JSON.stringify({ [String(key)]: value });
  if (Buffer.byteLength(json) > METADATA_BYTES) throw new RangeError(`${method}: more than ${METADATA_BYTES} bytes`);
  JSON.parse(json, (name, part) => {
    if (/[.$]/.test(name)) throw new TypeError(`${method}: the key \`${name}\` holds \`.\` or \`$\``);
    return part;
  });
}

/** @param {string} method @param {unknown} scope */
function oneScope(method, scope) {
  text(method, 'the scope', scope);
  if (!SCOPE.test(String(scope))) throw new TypeError(`${method}: no scope has such characters`);
}

/** A string, a number, a boolean, an array of these; null takes the attribute away. @param {unknown} name @param {unknown} value */
function attribute(name, value) {
  const method = 'samlResponse.setAttribute';
  text(method, 'the attribute', name);
  if (Buffer.byteLength(String(name)) > SAML.nameBytes)
    throw new RangeError(`${method}: the name has more than ${SAML.nameBytes} bytes`);
  const plain = (/** @type {unknown} */ part) => ['string', 'number', 'boolean'].includes(typeof part);
  if (value !== null && value !== undefined && !(Array.isArray(value) ? value.every(plain) : plain(value)))
    throw new TypeError(`${method}: the value must be a string, a number, a boolean or an array of these`);
  if (Buffer.byteLength(JSON.stringify(value ?? null)) > SAML.valueBytes)
    throw new RangeError(`${method}: the value has more than ${SAML.valueBytes} bytes`);
}

/** @param {string} method @param {string} what @param {unknown} value */
function text(method, what, value) {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`${method}: ${what} must be a string that is not empty`);
}

/** @param {string} method @param {unknown} at */
function time(method, at) {
  if (typeof at !== 'number' || !Number.isFinite(at))
    throw new TypeError(`${method}: a time in milliseconds is needed`);
}

/** @param {unknown} value */
const snapshot = (value) => {
  const json = JSON.stringify(value);
  return json === undefined ? null : JSON.parse(json);
};
