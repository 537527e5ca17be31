// tools/paste/check/: what one entry reads of another, what an answer without a field does to metadata, and what needs an entry.

import { nearest } from '../nearest.mjs';
import { pathOf as placeOf } from '../places.mjs';
import { nodesOf, pathOf, textOfRead } from '../reads.mjs';
import { warning } from './warning.mjs';

/** @typedef {import('../check.mjs').Subject} Subject */

/** @param {Subject} subject */
export const entryWarnings = (subject) => [
  ...notThere(subject),
  ...notKept(subject),
  ...onlyOk(subject),
  ...removing(subject),
  ...untold(subject),
];

/** Of an entry that runs in none of its flows an expression reads null: a rule by it keeps no one out. @param {Subject} subject */
function notThere({ expressions, syncs }) {
  return expressions.flatMap(({ path, reads, triggers, ofAnswer }) => {
    const names = new Set(reads.flatMap(({ names: [root, name] }) => (root === 'syncs' && !ofAnswer ? [name] : [])));
    return syncs.flatMap(({ name, on }) => {
      if (!names.has(name) || triggers.some((trigger) => on.includes(trigger))) return [];
      const flows = triggers.map((trigger) => `\`${trigger}\``).join(', ');
      return [warning(path, `\`${textOfRead(['syncs', name])}\` is always null here: add ${flows} to its \`on\``)];
    });
  });
}

/** A field of an answer that `keep` does not have is null. @param {Subject} subject */
function notKept({ expressions, syncs }) {
  return expressions.flatMap(({ path, reads, ofAnswer }) => {
    if (ofAnswer) return [];
    return reads.flatMap(({ names, at }) => {
      const [root, name, part, ...rest] = names;
      const keep = syncs.find((sync) => sync.name === name)?.document.response?.keep;
      if (root !== 'syncs' || part !== 'answer' || !keep) return [];
      const lost = lostIn(keep, rest);
      if (lost === undefined) return [];
      const near = nearest(String(lost.name), lost.fields);
      const way = near ? `did you mean \`${near}\`?` : `add \`${lost.name}\` to \`keep\` of \`${name}\``;
      return [warning(path, `\`${textOfRead(names)}\` is always null, as \`keep\` does not have it: ${way}`, at)];
    });
  });
}

/** @param {any} mapping @param {(string | number)[]} names */
function lostIn(mapping, names) {
  for (const name of names) {
    if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping) || name === '*') return undefined;
    if (!Object.hasOwn(mapping, name)) return { name, fields: Object.keys(mapping) };
    mapping = mapping[name];
  }
}

/** An entry that needs no call is not `ok`. @param {Subject} subject */
function onlyOk({ expressions, syncs }) {
  return expressions.flatMap(({ path, tree }) =>
    [...nodesOf(tree)].flatMap(({ type, name: comparison = '', children = [], at }) => {
      if (type !== 'Comparator' || !['EQ', 'NE'].includes(comparison)) return [];
      const literal = children.find((child) => child.type === 'Literal')?.value;
      const [root, name, part] = children.flatMap((child) => pathOf(child) ?? []);
      const entry = syncs.find((sync) => sync.name === name)?.document;
      if (root !== 'syncs' || part !== 'outcome' || literal !== 'ok' || !entry) return [];
      const others = [
        ...(entry.freshForSeconds ? ['fresh'] : []),
        ...(entry.staleForSeconds ? ['stale'] : []),
        ...(entry.reuse ? ['reused'] : []),
      ];
      if (others.length === 0) return [];
      const all = ['ok', ...others].map((outcome) => `'${outcome}'`).join(', ');
      return [
        warning(
          path,
          `when no call is needed the outcome is ${others.map((outcome) => `\`${outcome}\``).join(' or ')}, and not \`ok\`: write \`contains([${all}], ${textOfRead([root, name ?? '', part])})\``,
          at,
        ),
      ];
    }),
  );
}

const REMOVES = 'an answer without such a field removes the key that the user has: say in';

/** Null removes a key, so an answer without the field does. @param {Subject} subject */
function removing({ config, syncs, expressions }) {
  const own = (config.syncs ?? []).flatMap((/** @type {any} */ { response }, /** @type {number} */ i) =>
    METADATA.flatMap((field) => {
      const reads = Object.values(response?.[field] ?? {}).some((mapping) => readsAnswer(mapping));
      if (!reads || response.expect) return [];
      return [
        warning(placeOf(['syncs', i, 'response', field]), `${REMOVES} \`response.expect\` what a good answer has`),
      ];
    }),
  );
  // The same from the top. What has another value to give removes nothing.
  const top = expressions.flatMap(({ path, steps, tree }) => {
    const [root, name, part] = pathOf(tree) ?? [];
    if (!METADATA.includes(String(steps[0])) || root !== 'syncs' || part !== 'answer') return [];
    const entry = syncs.find((sync) => sync.name === name)?.document;
    if (!entry || entry.response?.expect || entry.mode === 'shadow') return [];
    return [warning(path, `${REMOVES} \`response.expect\` of \`${name}\` what a good answer has`)];
  });
  return [...own, ...top];
}

const METADATA = ['appMetadata', 'userMetadata'];

/** @param {unknown} mapping @returns {boolean} */
const readsAnswer = (mapping) =>
  typeof mapping === 'string'
    ? !/^\s*('[^']*'|`[^`]*`)\s*$/.test(mapping)
    : typeof mapping === 'object' && mapping !== null && Object.values(mapping).some(readsAnswer);

/** @param {Subject} subject */
const untold = ({ config, syncs }) =>
  config.metrics && syncs.every(({ on }) => on.length === 0)
    ? [
        warning(
          placeOf(['metrics']),
          'nothing is ever sent, as metrics go with the call of an entry, and there is none: leave it out',
        ),
      ]
    : [];
