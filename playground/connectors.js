// The connectors that come with login-sync, and what their systems take and answer.

/** @param {Record<string, unknown>} modules @returns {Record<string, any>} */
const byName = (modules) =>
  Object.fromEntries(Object.entries(modules).map(([file, document]) => [file.replace(/^.*\/|\.json$/g, ''), document]));

/** @type {import('../tools/paste/connectors.mjs').Library} */
export const CONNECTORS = byName(import.meta.glob('../connectors/*.json', { import: 'default', eager: true }));

/** @type {Record<string, import('../tools/tenant/systems/contract.mjs').Contract>} */
export const CONTRACTS = byName(import.meta.glob('../connectors/contracts/*.json', { import: 'default', eager: true }));
