// The config editor: from the engine's words for a place, `config.syncs[2].request.url`, to where it is in the text.
import { syntaxTree } from '@codemirror/language';

/** @typedef {{ from: number, to: number }} Range */
/** @typedef {import('@lezer/common').SyntaxNode} Node */

/**
 * @param {string} path
 * @returns {(string | number)[]}
 */
export function stepsOf(path) {
  const steps = [...path.matchAll(/\.([\w$-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)];
  return steps.map(([, name, index, quoted]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? JSON.parse(quoted) : (name ?? ''),
  );
}

/**
 * The text of a node that is a string, a number or a word, as a value.
 * @param {import('@codemirror/state').Text} doc
 * @param {Node} node
 */
export function textOf(doc, node) {
  try {
    return JSON.parse(doc.sliceString(node.from, node.to));
  } catch {
    return undefined;
  }
}

/**
 * The fields of an object: the name's node and the value's.
 * @param {import('@codemirror/state').Text} doc
 * @param {Node} object
 */
export const fieldsOf = (doc, object) =>
  object.getChildren('Property').map((property) => {
    const name = /** @type {Node} */ (property.getChild('PropertyName'));
    return {
      key: name ? textOf(doc, name) : undefined,
      name,
      value: name?.nextSibling?.nextSibling ?? name?.nextSibling ?? null,
      property,
    };
  });

/** The values in a list. @param {Node} list */
export function itemsOf(list) {
  const items = [];
  for (let node = list.firstChild; node; node = node.nextSibling) if (!/^[[\],⚠]$/.test(node.name)) items.push(node);
  return items;
}

/**
 * Where a problem is: the expression's column, the unknown field, the value, or, where the value is missing, what it
 * is missing from.
 * @param {import('@codemirror/state').EditorState} state
 * @param {{ path: string, message: string, caret?: string | null }} problem
 * @returns {Range}
 */
export function placeOf(state, { path, message, caret }) {
  const { doc } = state;
  let node = syntaxTree(state).topNode.firstChild;
  /** @type {Node | null} */
  let name = null;
  let whole = true;
  for (const step of stepsOf(path)) {
    const next =
      typeof step === 'number'
        ? { name: null, value: node ? itemsOf(node)[step] : undefined }
        : node && fieldsOf(doc, node).find(({ key }) => key === step);
    if (!next?.value) {
      whole = false;
      break;
    }
    [name, node] = [next.name, next.value];
  }
  if (!node) return { from: 0, to: Math.min(1, doc.length) };

  const unknown = whole ? /^unknown field `([^`]*)`/.exec(message)?.[1] : undefined;
  if (unknown !== undefined) {
    const field = fieldsOf(doc, node).find(({ key }) => key === unknown);
    if (field) return { from: field.name.from, to: field.name.to };
  }
  if (whole && caret && node.name === 'String') return columnOf(doc.sliceString(node.from, node.to), node.from, caret);
  // A whole object in red says nothing: its name does, or its first brace.
  if (node.name !== 'Object' && node.name !== 'Array') return { from: node.from, to: node.to };
  return name ? { from: name.from, to: name.to } : { from: node.from, to: node.from + 1 };
}

/**
 * The caret's column is one of the expression, which the text holds with JSON's escapes.
 * @param {string} literal
 * @param {number} from
 * @param {string} caret the expression and a caret below, on two lines
 * @returns {Range}
 */
function columnOf(literal, from, caret) {
  const column = caret.split('\n').at(-1)?.indexOf('^') ?? 0;
  const characters = [...literal.slice(1, -1).matchAll(/\\u[\da-f]{4}|\\.|[\ud800-\udbff][\udc00-\udfff]|[\s\S]/gi)];
  const at = characters[column];
  // At the end of the expression it is the quote that is in the way.
  const start = at ? from + 1 + at.index : from + literal.length - 1;
  return { from: start, to: start + (at ? at[0].length : 1) };
}

/**
 * The path of a place in the text, and whether it is in a field's name or in a value.
 * @param {import('@codemirror/state').EditorState} state
 * @param {number} position
 */
export function pathAt(state, position) {
  const { doc } = state;
  let node = syntaxTree(state).resolveInner(position, -1);
  // What is half typed is in the way of the parser: it is where its parent says.
  if (node.type.isError && node.parent) node = node.parent;
  const inName = node.name === 'PropertyName';
  /** @type {(string | number)[]} */
  const path = [];
  /** @type {Node | null} */
  let object = null;
  for (let child = node, parent = node.parent; parent; child = parent, parent = parent.parent) {
    if (parent.name === 'Property' && child.name !== 'PropertyName') {
      const name = parent.getChild('PropertyName');
      path.unshift(name ? textOf(doc, name) : '');
    } else if (parent.name === 'Array') {
      path.unshift(
        Math.max(
          0,
          itemsOf(parent).findIndex(({ from, to }) => from <= child.from && child.to <= to),
        ),
      );
    }
    if (!object && parent.name === 'Object') object = parent;
  }
  return { node, path, inName, object };
}
