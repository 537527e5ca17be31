// The local tenant, what several stand-ins check alike.
import { isObject, parsed } from '../values.mjs';

/**
 * @param {string} text
 * @returns {Record<string, any> | undefined} undefined when it is not a JSON object
 */
export function jsonObject(text) {
  const value = parsed(text);
  return isObject(value) ? value : undefined;
}

/** Whether a body asks for an access token (RFC 6749), as a form or as JSON. @param {string} body */
export const isGrant = (body) => /^grant_type=|&grant_type=|^\{.*"grant_type":/s.test(body);

/** Whether a body is a batch of metrics, as a config's `metrics` sends it. @param {string | undefined} body */
export const isBatch = (body = '') => body.startsWith('{"resourceMetrics":');

/** @param {import('../standins.mjs').Arrival} arrival */
export const bearer = ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];

/** @param {import('../standins.mjs').Arrival} arrival */
export const isJson = ({ headers }) => /^application\/json(;\s*charset=utf-8)?$/i.test(headers['content-type'] ?? '');

/**
 * The secrets of these names that the Action holds.
 * @param {Record<string, string>} secrets
 * @param {string[]} names
 */
export const heldSecrets = (secrets, names) =>
  names.flatMap((name) => (secrets[name] === undefined ? [] : [secrets[name]]));
