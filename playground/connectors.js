// The connectors that come with login-sync: what their systems take and answer, and what is said of them.

/** @param {Record<string, unknown>} modules @returns {Record<string, any>} */
const byName = (modules) =>
  Object.fromEntries(Object.entries(modules).map(([file, document]) => [file.replace(/^.*\/|\.json$/g, ''), document]));

/** @type {import('../tools/paste/connectors.mjs').Library} */
export const CONNECTORS = byName(import.meta.glob('../connectors/*.json', { import: 'default', eager: true }));

/** @type {Record<string, import('../tools/tenant/systems/contract.mjs').Contract>} */
export const CONTRACTS = byName(import.meta.glob('../connectors/contracts/*.json', { import: 'default', eager: true }));

/**
 * @typedef {object} About what a connector's document says to people
 * @property {string} title
 * @property {string} area
 * @property {string} does
 * @property {boolean} verified
 * @property {string} [doubt]
 * @property {string} [setup]
 * @property {string} scopes
 * @property {string} limits
 * @property {string} failure
 * @property {string} privacy
 * @property {Record<string, string>} secrets
 */

/** @param {string} name @returns {About | undefined} */
export const aboutOf = (name) => (Object.hasOwn(CONNECTORS, name) ? CONNECTORS[name]?.about : undefined);

/** What each secret of the connectors is. @type {Record<string, string>} */
export const SECRET_WORDS = Object.assign({}, ...Object.keys(CONNECTORS).map((name) => aboutOf(name)?.secrets));
