// tools/paste/: every string of a config, with where it is and whether it is an expression. The schema says which is which, so a
// new field of the config needs nothing here.

/**
 * @typedef {object} Place
 * @property {string} path as in a message: `config.syncs[0].request.url`
 * @property {(string | number)[]} steps the same in parts, without `config`
 * @property {string} text
 * @property {boolean} isExpression
 */

/**
 * @param {unknown} config without errors
 * @param {any} schema pkg/schema.json
 * @returns {Place[]}
 */
export function placesOf(config, schema) {
  /** @type {Place[]} */
  const places = [];
  /**
   * @param {unknown} value
   * @param {any} node of the schema
   * @param {(string | number)[]} steps
   */
  const walk = (value, node, steps) => {
    const is = node?.$ref === '#/definitions/Expression';
    const here = resolved(node, schema);
    if (typeof value === 'string')
      return void places.push({ path: pathOf(steps), steps, text: value, isExpression: is });
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const field = Array.isArray(value) ? here.items : (here.properties?.[key] ?? here.additionalProperties);
      walk(inner, chosen(inner, field, schema), [...steps, Array.isArray(value) ? Number(key) : key]);
    }
  };
  walk(config, schema, []);
  return places;
}

/** Where something is in a config. @param {(string | number)[]} steps @param {string} [root] */
export const pathOf = (steps, root = 'config') =>
  steps.reduce(
    (/** @type {string} */ path, step) =>
      typeof step === 'number'
        ? `${path}[${step}]`
        : /^[\w$-]+$/.test(step)
          ? `${path}.${step}`
          : `${path}[${JSON.stringify(step)}]`,
    root,
  );

/** @param {any} node @param {any} schema */
const resolved = (node, schema) => {
  let at = node ?? {};
  while (at.$ref) at = schema.definitions[at.$ref.split('/').at(-1)] ?? {};
  return at;
};

/**
 * Of several forms the one that a value has: the first, for the forms come before what may be any object. An expression stays a
 * reference, by which it is known.
 * @param {unknown} value
 * @param {any} node
 * @param {any} schema
 * @returns {any}
 */
function chosen(value, node, schema) {
  if (node?.$ref === '#/definitions/Expression') return node;
  const here = resolved(node, schema);
  if (!here.anyOf) return here;
  for (const form of here.anyOf) {
    const found = chosen(value, form, schema);
    if (found !== undefined && fits(value, resolved(found, schema))) return found;
  }
  return undefined;
}

/** @param {any} value @param {any} node */
function fits(value, node) {
  if (node.enum) return node.enum.includes(value);
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (![node.type].flat().includes(kind)) return false;
  if (kind !== 'object') return true;
  const { required = [], properties = {}, additionalProperties = true } = node;
  return (
    required.every((/** @type {string} */ key) => key in value) &&
    (additionalProperties !== false || Object.keys(value).every((key) => Object.hasOwn(properties, key)))
  );
}
