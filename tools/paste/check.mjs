// tools/paste/: what is accepted in a config and surely means something else, or will surprise someone. The engine refuses nothing
// of it: these are warnings. Each file in check/ knows one kind.

import { claimWarnings } from './check/claims.mjs';
import { credentialWarnings } from './check/credentials.mjs';
import { entryWarnings } from './check/entries.mjs';
import { eventWarnings } from './check/event.mjs';
import { outageWarnings } from './check/outage.mjs';
import { ruleWarnings } from './check/rules.mjs';
import { treeOf } from './expression-tree.mjs';
import { warningsOf } from './expression-warnings.mjs';
import { placesOf } from './places.mjs';
import { readsOf } from './reads.mjs';

/**
 * @typedef {object} Warning
 * @property {'warning' | 'note'} level a note is about what depends on the tenant or on the application
 * @property {string} path where it is in the config
 * @property {string} message
 * @property {number} [column] within an expression, from 1
 *
 * @typedef {import('./places.mjs').Place & { tree: import('./expression-tree.mjs').Node, reads: import('./reads.mjs').Read[], triggers: string[], ofAnswer: boolean }} Expression
 *   `triggers`: those that it is for; `ofAnswer`: whether it reads an answer and not the event
 *
 * @typedef {object} Subject what is checked
 * @property {Record<string, any>} config
 * @property {import('./config.mjs').Sync[]} syncs
 * @property {Expression[]} expressions
 * @property {import('./places.mjs').Place[]} texts all strings, expressions or not
 * @property {string[]} known event paths that this tenant has besides those that Auth0 documents
 */

/**
 * @param {Pick<import('./config.mjs').Opened, 'config' | 'syncs'> & Partial<Pick<import('./config.mjs').Opened, 'placed'>>} opened
 * @param {any} schema pkg/schema.json
 * @param {{ known?: string[] }} [options]
 * @returns {Warning[]} in the order of the config
 */
export function warningsIn({ config, syncs, placed = (problem) => problem }, schema, { known = [] } = {}) {
  const texts = placesOf(config, schema);
  const expressions = texts.flatMap((place) => {
    if (!place.isExpression) return [];
    const tree = treeOf(place.text);
    const [field, index, part] = place.steps;
    const own = field === 'syncs' ? syncs[Number(index)]?.on : field === 'flows' ? [String(index)] : undefined;
    const ofAnswer = field === 'syncs' && part === 'response';
    return [{ ...place, tree, reads: readsOf(tree), triggers: own ?? ['post-login'], ofAnswer }];
  });
  /** @type {Subject} */
  const subject = { config, syncs, expressions, texts, known };
  const found = [
    ...expressions.flatMap(({ path, text }) =>
      warningsOf(text).map((warning) => ({ level: /** @type {const} */ ('warning'), path, ...warning })),
    ),
    ...eventWarnings(subject),
    ...entryWarnings(subject),
    ...ruleWarnings(subject),
    ...outageWarnings(subject),
    ...credentialWarnings(subject),
    ...claimWarnings(subject),
  ];
  const order = new Map(texts.map(({ path }, i) => [path, i]));
  // One about a whole part comes where that begins.
  const place = (/** @type {Warning} */ { path }) =>
    order.get(path) ?? texts.findIndex((text) => text.path.startsWith(path));
  return found
    .map((warning, i) => ({ warning, i, at: place(warning) }))
    .sort((a, b) => a.at - b.at || a.i - b.i)
    .map(({ warning }) => ({ ...warning, ...placed(warning) }));
}

/** A warning in a line. @param {Warning} warning */
export const textOfWarning = ({ level, path, message, column }) =>
  `${level}: ${path}: ${column === undefined ? '' : `column ${column}: `}${message}`;

/** What a bundle says of its config: notes depend on what only the tenant knows. @param {Parameters<typeof warningsIn>} given */
export const linesOfWarnings = (...given) =>
  warningsIn(...given).flatMap((warning) => (warning.level === 'warning' ? [textOfWarning(warning)] : []));
