// tools/paste/: what an expression reads of its scope: `user.email`, `syncs.crm.answer.id`. Of the items of an array it is what
// each has: `user.identities.*.provider`.

/** @typedef {import('./expression-tree.mjs').Node} Node */
/**
 * @typedef {object} Read
 * @property {(string | number)[]} names from the root of the scope; `*` is each item, a number one of them
 * @property {number} at its column, from 1
 */

/** What gives an array: its second child reads each item of what its first child gives. */
const PROJECTIONS = new Set(['Projection', 'ValueProjection', 'FilterProjection']);

/**
 * @param {Node} tree
 * @returns {Read[]}
 */
export function readsOf(tree) {
  /** @type {Read[]} */
  const found = [];
  collect(tree, [], found);
  return found;
}

/**
 * The names of a plain path, `a.b[0]`, and undefined for anything else.
 * @param {Node} node
 * @returns {(string | number)[] | undefined}
 */
export function pathOf({ type, name = '', value, children: [left, right] = [] }) {
  if (type === 'Field') return [name];
  if (type === 'Index') return [value];
  if (type === 'Current' || type === 'Identity') return [];
  if ((type !== 'Subexpression' && type !== 'IndexExpression') || !left || !right) return undefined;
  const [first, then] = [pathOf(left), pathOf(right)];
  return first && then && [...first, ...then];
}

/** @param {Node} node @param {(string | number)[]} scope what it is read from @param {Read[]} found */
function collect(node, scope, found) {
  const { type, at, children = [] } = node;
  const path = pathOf(node);
  if (path) return void found.push({ names: [...scope, ...path], at });
  const [left, right, condition] = children;
  const isProjection = PROJECTIONS.has(type);
  if (left && right && (isProjection || type === 'Subexpression' || type === 'Pipe')) {
    const from = left.type === 'Flatten' ? left.children?.[0] : left;
    const source = from && pathOf(from);
    // What the left side makes has no name, and so has nothing that is read of it.
    if (!source) return void (from && collect(from, scope, found));
    const inner = [...scope, ...source, ...(isProjection ? ['*'] : [])];
    found.push({ names: [...scope, ...source], at });
    for (const each of condition ? [condition, right] : [right]) {
      if (each.type !== 'Identity') collect(each, inner, found);
    }
    return;
  }
  for (const child of children) {
    if (child.type === 'KeyValuePair') collect(child.value, scope, found);
    // Such an argument is about the items of another one.
    else if (child.type !== 'ExpressionReference') collect(child, scope, found);
  }
}

/**
 * All nodes of a tree, each before those inside.
 * @param {Node} node
 * @returns {Generator<Node>}
 */
export function* nodesOf(node) {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
  if (node.type === 'KeyValuePair') yield* nodesOf(node.value);
}

/** A read as it is written. @param {(string | number)[]} names */
export const textOfRead = (names) =>
  names.reduce(
    (/** @type {string} */ text, name) =>
      name === '*' || typeof name === 'number' ? `${text}[${name}]` : `${text}${text && '.'}${quoted(name)}`,
    '',
  ) || '@';

/** @param {string} name */
const quoted = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
