// The config editor: what the schema says about a place, for completion and for the words that are shown there.
import schema from '../../pkg/schema.json';

/** @typedef {Record<string, any>} Schema */

/** @param {Schema} node @returns {Schema} */
function resolved(node) {
  if (!node.$ref) return node;
  const { $ref, ...rest } = node;
  const target = $ref
    .split('/')
    .slice(1)
    .reduce((/** @type {any} */ at, /** @type {string} */ key) => at[key], schema);
  return { ...resolved(target), ...rest };
}

/**
 * A schema and all its alternatives.
 * @param {Schema} node
 * @returns {Schema[]}
 */
function alternatives(node) {
  const whole = resolved(node);
  return [whole, ...(whole.anyOf ?? []).flatMap(alternatives)];
}

/**
 * All that the schema says of the value at a path.
 * @param {(string | number)[]} path
 * @returns {Schema[]}
 */
export function schemasAt(path) {
  let found = alternatives(schema);
  for (const step of path) {
    found = found.flatMap((node) => {
      const next =
        typeof step === 'number'
          ? node.items
          : (node.properties?.[step] ??
            (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined));
      return next ? alternatives(next) : [];
    });
  }
  // An entry is there more than once where several alternatives lead to it.
  return [...new Map(found.map((node) => [JSON.stringify(node), node])).values()];
}

/** @param {Schema[]} schemas */
export const isExpression = (schemas) => schemas.some(({ title }) => title === 'Expression');

/** What is said of a place: the nearest words. @param {Schema[]} schemas */
export const wordsOf = (schemas) => schemas.find(({ description }) => description)?.description ?? '';

/**
 * The fields an object at this place may have.
 * @param {Schema[]} schemas
 * @returns {{ key: string, about: string, required: boolean, schemas: Schema[] }[]}
 */
export function fieldsAt(schemas) {
  /** @type {Map<string, { key: string, about: string, required: boolean, schemas: Schema[] }>} */
  const fields = new Map();
  for (const node of schemas) {
    for (const [key, value] of Object.entries(node.properties ?? {})) {
      const inner = alternatives(value);
      if (!fields.has(key))
        fields.set(key, {
          key,
          about: wordsOf(inner),
          required: Boolean(node.required?.includes(key)),
          schemas: inner,
        });
    }
  }
  return [...fields.values()];
}

/**
 * The values that the schema names for a place.
 * @param {Schema[]} schemas
 * @returns {{ value: unknown, kind: 'enum' | 'example' | 'default' }[]}
 */
export function valuesAt(schemas) {
  /** @type {Map<string, { value: unknown, kind: 'enum' | 'example' | 'default' }>} */
  const values = new Map();
  const add = (/** @type {unknown} */ value, /** @type {'enum' | 'example' | 'default'} */ kind) => {
    const json = JSON.stringify(value);
    if (value !== null && !values.has(json)) values.set(json, { value, kind });
  };
  for (const node of schemas) {
    for (const value of node.enum ?? []) add(value, 'enum');
    if ([node.type].flat().includes('boolean')) for (const value of [true, false]) add(value, 'enum');
    if ('default' in node) add(node.default, 'default');
    for (const value of node.examples ?? []) add(value, 'example');
  }
  return [...values.values()];
}

/** What is there at first when a field is completed; `#{}` is where the cursor goes. @param {Schema[]} schemas */
export function blankOf(schemas) {
  const types = new Set(
    schemas.flatMap(({ type, properties, additionalProperties }) =>
      type ? [type].flat() : properties || additionalProperties ? ['object'] : [],
    ),
  );
  if (schemas.some((node) => node.enum)) return '"#{}"';
  if (isExpression(schemas) || types.has('string')) return '"#{}"';
  if (types.has('array')) return '[#{}]';
  if (types.has('object')) return '{ #{} }';
  return '#{}';
}
