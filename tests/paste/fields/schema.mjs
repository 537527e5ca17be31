// The fields of the schema, where they are in a document, and other values that they may have.

/** @typedef {{ field: string, path: string[] }} Place */

/** A schema without its references, with the name that its fields go by. @param {any} schema @param {any} node @param {string} name */
function open(schema, node, name) {
  while (node.$ref) {
    name = node.$ref.split('/').at(-1);
    node = schema.definitions[name];
  }
  return { node, name };
}

/** All that a node may be. @param {any} schema @param {any} given @param {string} given_name @returns {{ node: any, name: string }[]} */
function alternatives(schema, given, given_name) {
  const { node, name } = open(schema, given, given_name);
  return [{ node, name }, ...(node.anyOf ?? []).flatMap((/** @type {any} */ each) => alternatives(schema, each, name))];
}

/** Every field, as `Request.url` or `Config.claims.idToken`. @param {any} schema @returns {string[]} */
export function fieldsOf(schema) {
  /** @type {Set<string>} */
  const fields = new Set();
  const done = new Set();
  const walk = (/** @type {any} */ given, /** @type {string} */ of) => {
    for (const { node, name } of alternatives(schema, given, of)) {
      if (done.has(node)) continue;
      done.add(node);
      for (const [key, inner] of Object.entries(node.properties ?? {})) {
        fields.add(`${name}.${key}`);
        walk(inner, `${name}.${key}`);
      }
      if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, name);
      if (node.items) walk(node.items, name);
    }
  };
  walk(schema, 'Config');
  return [...fields];
}

/** Whether an object can be this: it has no other key, and all that it must have. @param {any} node @param {any} value */
const fits = (node, value) =>
  Object.keys(value).every((key) => node.properties?.[key] || node.additionalProperties) &&
  (node.required ?? []).every((/** @type {string} */ key) => key in value);

/**
 * Every field that a document has.
 * @param {any} schema
 * @param {any} document
 * @returns {Place[]}
 */
export function fieldsIn(schema, document) {
  /** @type {Place[]} */
  const found = [];
  const walk = (
    /** @type {any} */ given,
    /** @type {string} */ of,
    /** @type {any} */ value,
    /** @type {string[]} */ path,
  ) => {
    if (typeof value !== 'object' || value === null) return;
    for (const { node, name } of alternatives(schema, given, of)) {
      if (Array.isArray(value)) {
        if (node.items) value.forEach((item, i) => void walk(node.items, name, item, [...path, `${i}`]));
      } else if ((node.properties || typeof node.additionalProperties === 'object') && fits(node, value)) {
        for (const [key, inner] of Object.entries(value)) {
          const known = node.properties?.[key];
          if (known) found.push({ field: `${name}.${key}`, path: [...path, key] });
          walk(known ?? node.additionalProperties, known ? `${name}.${key}` : name, inner, [...path, key]);
        }
      }
    }
  };
  walk(schema, 'Config', document, []);
  return found;
}

/**
 * The document with another value there, or none.
 * @param {any} schema
 * @param {any} document
 * @param {string[]} path
 * @param {string} field
 */
export function* changes(schema, document, path, field) {
  const key = path.at(-1) ?? '';
  const parent = (/** @type {any} */ whole) => path.slice(0, -1).reduce((at, step) => at[step], whole);
  const [, ...steps] = field.split('.');
  const [name = ''] = field.split('.');
  let node = name === 'Config' ? schema : schema.definitions[name];
  for (const step of steps)
    node = alternatives(schema, node, '').find((each) => each.node.properties?.[step])?.node.properties[step] ?? {};
  const may = alternatives(schema, node, '');
  const items = may.flatMap((each) => (each.node.items ? alternatives(schema, each.node.items, '') : []));
  const words = [
    ...may.flatMap((each) => each.node.enum ?? []),
    ...items.flatMap((each) => (each.node.enum ?? []).map((/** @type {string} */ word) => [word])),
  ];
  for (const value of [...others(parent(document)[key]), ...words]) {
    const whole = structuredClone(document);
    parent(whole)[key] = value;
    yield whole;
  }
  const without = structuredClone(document);
  delete parent(without)[key];
  yield without;
}

/** Other values of the same kind, and the same with another value somewhere inside. @param {any} value @returns {any[]} */
function others(value) {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value * 2, value + 1, 0];
  if (typeof value === 'object') {
    const inside = Object.keys(value).flatMap((key) =>
      others(value[key]).map((other) => Object.assign(structuredClone(value), { [key]: other })),
    );
    return Array.isArray(value)
      ? [[], value.slice(1), ['OTHER'], ["'other'"], ['other'], [201], ...inside]
      : [{}, ...inside];
  }
  if (/^https:/.test(value))
    return [value.replace('/users', '/others').replace('/token', '/tokens').replace('/v1', '/v2')];
  return /^[A-Z_]+$/.test(value) ? ['OTHER'] : ["'other'", 'other', '`false`', 'user.nickname'];
}
