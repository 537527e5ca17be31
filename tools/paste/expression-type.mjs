// tools/paste/: which JSON type an expression gives, as far as that can be known without an event.

import { treeOf } from './expression-tree.mjs';

/**
 * `any` is a type that is not known. What is not in `fields` is not known in an `open` object, and null in another.
 * @typedef {'any' | 'null' | 'string' | 'number' | 'boolean' | ListType | ObjectType} Type
 * @typedef {{ items: Type }} ListType
 * @typedef {{ fields: Record<string, Type>, open: boolean }} ObjectType
 * @typedef {import('./expression-tree.mjs').Node} Node
 */

/** What each function gives, as far as its name says it; the editor completes these. */
export const FUNCTIONS = /** @type {Record<string, Type>} */ ({
  abs: 'number',
  age: 'number',
  avg: 'number',
  base64: 'string',
  ceil: 'number',
  contains: 'boolean',
  ends_with: 'boolean',
  find_first: 'number',
  find_last: 'number',
  floor: 'number',
  from_items: { fields: {}, open: true },
  items: { items: { items: 'any' } },
  join: 'string',
  json: 'any',
  keys: { items: 'string' },
  length: 'number',
  lower: 'string',
  map: { items: 'any' },
  max: 'any',
  max_by: 'any',
  md5: 'string',
  merge: { fields: {}, open: true },
  min: 'any',
  min_by: 'any',
  not_null: 'any',
  pad_left: 'string',
  pad_right: 'string',
  percent: 'number',
  replace: 'string',
  reverse: 'any',
  seconds: 'number',
  sha256: 'string',
  sort: { items: 'any' },
  sort_by: { items: 'any' },
  split: { items: 'string' },
  starts_with: 'boolean',
  sum: 'number',
  to_array: { items: 'any' },
  to_number: 'number',
  to_string: 'string',
  trim: 'string',
  trim_left: 'string',
  trim_right: 'string',
  type: 'string',
  upper: 'string',
  uuid: 'string',
  values: { items: 'any' },
});

/**
 * The type that a mapping gives when it is filled from a scope of this type.
 * @param {unknown} mapping
 * @param {Type} scope
 * @returns {Type}
 */
export function typeOfMapping(mapping, scope) {
  if (typeof mapping === 'string') return typeOfNode(treeOf(mapping), scope);
  // Anything else in a config is JSON.
  return typeOfValue(mapping, (inner) => typeOfMapping(inner, scope));
}

/**
 * @param {unknown} value
 * @param {(inner: unknown) => Type} [typeOfInner]
 * @returns {Type}
 */
export function typeOfValue(value, typeOfInner = (inner) => typeOfValue(inner)) {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return { items: value.length > 0 ? oneOf(value.map(typeOfInner)) : 'any' };
  if (typeof value === 'object')
    return {
      fields: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeOfInner(inner)])),
      open: false,
    };
  return /** @type {Type} */ (typeof value);
}

/**
 * The same type where every object may have more fields than are known, as Auth0's events do.
 * @param {Type} type
 * @returns {Type}
 */
export function opened(type) {
  if (typeof type === 'string') return type;
  if ('items' in type) return { items: opened(type.items) };
  return {
    fields: Object.fromEntries(Object.entries(type.fields).map(([key, inner]) => [key, opened(inner)])),
    open: true,
  };
}

/** @param {Node} node @param {Type} scope @returns {Type} */
function typeOfNode({ type, name = '', value, children = [] }, scope) {
  /** @param {number} child @param {Type} [on] */
  const of = (child, on = scope) => typeOfNode(children[child], on);
  const all = () => oneOf(children.map((child) => typeOfNode(child, scope)));
  switch (type) {
    case 'Current':
    case 'Identity':
      return scope;
    case 'Literal':
      return typeOfValue(value);
    case 'Field':
      return fieldOf(scope, name);
    case 'Index':
      return itemsOf(scope);
    case 'Subexpression':
    case 'IndexExpression':
    case 'Pipe':
      return of(1, of(0));
    case 'Projection':
    case 'FilterProjection':
      return listOf(itemsOf(of(0)), (item) => of(1, item));
    case 'ValueProjection':
      return listOf(valuesOf(of(0)), (item) => of(1, item));
    case 'Flatten':
      return listOf(itemsOf(of(0)), (item) => (typeof item === 'object' && 'items' in item ? item.items : item));
    case 'Comparator':
    case 'NotExpression':
      return 'boolean';
    // Of `a && b` it is an empty value of a's type, or b.
    case 'OrExpression':
    case 'AndExpression':
      return all();
    case 'MultiSelectList':
      return { items: all() };
    case 'MultiSelectHash':
      return {
        fields: Object.fromEntries(children.map((pair) => [pair.name, typeOfNode(pair.value, scope)])),
        open: false,
      };
    case 'Function':
      return given(name, children, scope) ?? FUNCTIONS[name] ?? 'any';
    // A slice is of the array that is gone over.
    case 'Slice':
      return listOf(itemsOf(scope), (item) => item);
    default:
      return 'any';
  }
}

/**
 * What a function gives of what it is given; undefined where that says nothing more than its name.
 * @param {string} name
 * @param {Node[]} children
 * @param {Type} scope
 * @returns {Type | undefined}
 */
function given(name, children, scope) {
  const [first = 'any', second = 'any'] = children.map((child) =>
    child.type === 'ExpressionReference' ? 'any' : typeOfNode(child, scope),
  );
  /** @param {Type} type */
  const known = (type) => (type === 'any' || type === 'null' ? undefined : type);
  switch (name) {
    case 'not_null':
      return oneOf(children.map((child) => typeOfNode(child, scope)));
    case 'reverse':
    case 'sort':
    case 'sort_by':
      return known(first);
    case 'max':
    case 'max_by':
    case 'min':
    case 'min_by':
      return known(itemsOf(first));
    case 'map':
      return { items: typeOfNode(/** @type {Node} */ (children[0]?.children?.[0]), itemsOf(second)) };
    case 'to_array':
      return typeof first === 'object' && 'items' in first ? first : first === 'any' ? undefined : { items: first };
    case 'values':
      return { items: valuesOf(first) };
    default:
      return undefined;
  }
}

/** @param {Type} type @param {string} name @returns {Type} */
function fieldOf(type, name) {
  if (type === 'any') return 'any';
  if (typeof type === 'string' || !('fields' in type)) return 'null';
  return Object.hasOwn(type.fields, name) ? type.fields[name] : type.open ? 'any' : 'null';
}

/** @param {Type} type @returns {Type} null when there are none */
function itemsOf(type) {
  if (type === 'any') return 'any';
  return typeof type === 'object' && 'items' in type ? type.items : 'null';
}

/** @param {Type} type @returns {Type} null when there are none */
function valuesOf(type) {
  if (type === 'any') return 'any';
  if (typeof type === 'string' || !('fields' in type)) return 'null';
  return type.open ? 'any' : oneOf(Object.values(type.fields));
}

/** A projection of what is no list is null. @param {Type} item @param {(item: Type) => Type} make @returns {Type} */
function listOf(item, make) {
  return item === 'null' ? 'null' : { items: make(item) };
}

/**
 * The type of a value that has one of these. Null counts for nothing, for what is null is left out.
 * @param {Type[]} types
 * @returns {Type}
 */
function oneOf(types) {
  return types.filter((type) => type !== 'null').reduce(either, 'null');
}

/** @param {Type} one @param {Type} other @returns {Type} */
function either(one, other) {
  if (one === 'null' || JSON.stringify(one) === JSON.stringify(other)) return other;
  if (typeof one === 'string' || typeof other === 'string') return 'any';
  if ('items' in one && 'items' in other) return { items: either(one.items, other.items) };
  return 'fields' in one && 'fields' in other ? { fields: {}, open: true } : 'any';
}
