// tools/paste/check/: what a login gets while an entry has failed and the login goes on. Then every read of its answer is null, and a
// fallback such as `|| 'free'` is given to every user.
//
// An expression is followed with those reads null. What the event gives is not known, and may be anything.

import { pathOf, readsOf, textOfRead } from '../reads.mjs';
import { warning } from './warning.mjs';

/** @typedef {import('../check.mjs').Subject} Subject */
/** @typedef {import('../expression-tree.mjs').Node} Node */
/**
 * @typedef {object} Outcome what a node may give. `ofOutage`: it would not, were it not for the outage
 * @property {{ ofOutage: boolean } | undefined} falsy null, false or empty
 * @property {{ node: Node, ofOutage: boolean }[]} fixed what is not falsy, and is in the config
 * @property {boolean} other what is not falsy, and comes from the event
 */

/** What takes values for the login; rules and requests are others' business. */
const FIELDS = new Set(['claims', 'appMetadata', 'userMetadata', 'saml', 'scopes']);

/** @param {Subject} subject */
export function outageWarnings({ syncs, expressions }) {
  return expressions.flatMap(({ path, steps, tree, reads }) => {
    const [field, list] = steps[0] === 'flows' ? steps.slice(2) : steps;
    if (!FIELDS.has(String(field))) return [];
    const names = [...new Set(reads.flatMap(({ names: [root, name] }) => (root === 'syncs' ? [String(name)] : [])))];
    return names.flatMap((name) => {
      const entry = syncs.find((sync) => sync.name === name)?.document;
      if (!entry || entry.mode === 'shadow' || policyOf(entry) === 'deny' || decidesBy(reads, name)) return [];
      const { falsy, fixed, other } = during(tree, name);
      const way = `read \`${textOfRead(['syncs', name, 'outcome'])}\` too, or set \`onFailure\` of \`${name}\` to \`deny\``;
      if (field === 'scopes' && list === 'remove')
        return falsy?.ofOutage && fixed.length === 0 && !other
          ? [
              warning(
                path,
                `while \`${name}\` is unavailable this removes no scope: \`add\` it for those who earn it, or ${way}`,
              ),
            ]
          : [];
      const [first] = fixed.filter(({ ofOutage }) => ofOutage);
      return first
        ? [
            warning(
              path,
              `while \`${name}\` is unavailable this gives ${textOf(first.node)}, whatever \`${name}\` knows of the user: ${way}`,
              first.node.at,
            ),
          ]
        : [];
    });
  });
}

/** What it means for a login that an entry is unavailable. @param {any} entry @returns {'allow' | 'deny' | 'mfa'} */
export function policyOf({ onFailure }) {
  const isWhole = typeof onFailure !== 'object' || onFailure === null || Object.hasOwn(onFailure, 'deny');
  const policy = (isWhole ? onFailure : onFailure.unavailable) ?? 'allow';
  return typeof policy === 'object' ? 'deny' : policy;
}

/** Whether an expression tells a failed entry from one that answered. @param {import('../reads.mjs').Read[]} reads @param {string} name */
export const decidesBy = (reads, name) =>
  reads.some(
    ({ names: [root, of, part] }) => root === 'syncs' && of === name && (part === 'outcome' || part === 'status'),
  );

/** @param {Node} node */
const textOf = ({ type, value }) =>
  type !== 'Literal' ? '`true`' : `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``;

/** @param {unknown} value */
const isFalsy = (value) =>
  value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

/** @type {(ofOutage: boolean) => Outcome} */
const nothing = (ofOutage) => ({ falsy: { ofOutage }, fixed: [], other: false });
/** @type {Outcome} */
const anything = { falsy: { ofOutage: false }, fixed: [], other: true };

/** @param {Node} node @param {string} name the entry that has failed @returns {Outcome} */
function during(node, name) {
  const path = pathOf(node);
  if (path) return path[0] === 'syncs' && path[1] === name ? nothing(true) : anything;
  const { type, value, children = [] } = node;
  const of = (/** @type {Node} */ child) => during(child, name);
  if (type === 'Literal')
    return isFalsy(value) ? nothing(false) : { falsy: undefined, fixed: [fixed(node)], other: false };
  if (type === 'OrExpression' || (type === 'Function' && node.name === 'not_null')) return children.map(of).reduce(or);
  if (type === 'AndExpression') return children.map(of).reduce(and);
  if (type === 'NotExpression') return children.map(of).map((given) => not(given, node))[0] ?? anything;
  if (type === 'MultiSelectHash' || type === 'MultiSelectList') {
    const parts = children.map((child) => of(child.type === 'KeyValuePair' ? child.value : child));
    return { falsy: undefined, fixed: parts.flatMap((part) => part.fixed), other: true };
  }
  const reads = readsOf(node).some(({ names: [root, entry] }) => root === 'syncs' && entry === name);
  if (type === 'Comparator' && reads) return compared(node, children.map(of));
  // A function of null fails, and what is looked for in null is not found.
  return reads ? nothing(true) : anything;
}

/** @param {Node} node @param {boolean} [ofOutage] */
const fixed = (node, ofOutage = false) => ({ node, ofOutage });

/** @param {Outcome} left @param {Outcome} right @returns {Outcome} */
function or(left, right) {
  if (!left.falsy) return left;
  const { ofOutage } = left.falsy;
  return {
    falsy: right.falsy && { ofOutage: ofOutage || right.falsy.ofOutage },
    fixed: [...left.fixed, ...right.fixed.map((each) => fixed(each.node, ofOutage || each.ofOutage))],
    other: left.other || right.other,
  };
}

/** @param {Outcome} left @param {Outcome} right @returns {Outcome} */
function and(left, right) {
  if (left.fixed.length === 0 && !left.other) return left;
  const ofOutage = left.fixed.some((each) => each.ofOutage);
  const falsy = left.falsy ?? right.falsy;
  return {
    falsy: falsy && { ofOutage: Boolean(left.falsy?.ofOutage || right.falsy?.ofOutage) },
    fixed: right.fixed.map((each) => fixed(each.node, ofOutage || each.ofOutage)),
    other: right.other,
  };
}

/** @param {Outcome} given @param {Node} node @returns {Outcome} */
function not(given, node) {
  const isTrue = given.fixed.length > 0 || given.other;
  return {
    falsy: isTrue ? { ofOutage: given.fixed.some((each) => each.ofOutage) } : undefined,
    fixed: given.falsy ? [fixed(node, given.falsy.ofOutage)] : [],
    other: false,
  };
}

/** Null is equal to null alone, and neither more nor less than anything. @param {Node} node @param {Outcome[]} sides @returns {Outcome} */
function compared(node, sides) {
  const values = sides.map(({ fixed: [first], falsy, other }, i) => {
    const child = node.children?.[i];
    if (child?.type === 'Literal') return child.value;
    if (other) return undefined;
    return falsy ? null : first?.node.type === 'Literal' ? first.node.value : undefined;
  });
  const [left, right] = values.map((value) => JSON.stringify(value));
  // What the event gives is hardly ever null on purpose.
  const equal = left !== undefined && left === right;
  const holds = node.name === 'EQ' ? equal : node.name === 'NE' && !equal;
  return holds ? { falsy: undefined, fixed: [fixed(node, true)], other: false } : nothing(true);
}
