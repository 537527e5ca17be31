// tools/library/: the connectors that come with login-sync, read from their folder: for `use`, for those who list and explain
// them, and for those who copy one.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { CONNECTORS } from '../files.mjs';
import { copyOf, unknown } from '../paste/connectors.mjs';
import { parseJson } from '../paste/json.mjs';

/**
 * What a connector's document says of itself.
 * @typedef {object} About
 * @property {string} title the system's name
 * @property {string} area what the system is for
 * @property {string} does what the connector does at a login, in a sentence or two
 * @property {string[]} sources the vendor's pages that describe what is sent
 * @property {string} date when they were read
 * @property {boolean} verified whether they confirm all of it
 * @property {string} [doubt] what they do not confirm
 * @property {Record<string, string>} secrets what each secret is
 * @property {string} [setup] what has to be there at the vendor, and in Auth0, first
 * @property {string} scopes what the key must be allowed to do
 * @property {string} limits of the vendor
 * @property {string} failure why a failure means what it means here
 * @property {string} privacy what to know of consent and data protection
 */
/** @typedef {{ name: string, about: About, document: Record<string, any> }} Connector */

/** All of them, by name. @returns {Connector[]} */
export const connectors = () =>
  Object.entries(library()).map(([name, document]) => ({ name, about: document.about, document }));

/** The documents, by name. @param {string} [folder] @returns {import('../paste/connectors.mjs').Library} */
export const library = (folder = CONNECTORS) => jsonFiles(folder);

/** What their systems take and answer, by name. @returns {Record<string, import('../tenant/systems/contract.mjs').Contract>} */
export const contracts = () => jsonFiles(path.join(CONNECTORS, 'contracts'));

/** The same of those that a config uses. @param {string[]} used */
export function contractsOf(used) {
  const known = used.length > 0 ? contracts() : {};
  return Object.fromEntries(used.flatMap((name) => (known[name] ? [[name, known[name]]] : [])));
}

/** A connector as a config of one's own, to be changed. @param {string} name */
export function copy(name) {
  const all = library();
  const document = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!document) throw new UserError(`\`${name}\`: ${unknown(name, all, [])}`);
  return `${JSON.stringify(copyOf(document), null, 2)}\n`;
}

/** @param {string} folder @returns {Record<string, any>} */
function jsonFiles(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.sort().map((file) => {
      const place = path.join(folder, file);
      return [path.parse(file).name, parseJson(readFileSync(place, 'utf8'), `\`${path.relative('.', place)}\``)];
    }),
  );
}
