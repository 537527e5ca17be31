// demo/: what a relying party that maps claims would have of two tokens. It reads the manifest as Cloudentity's form is
// filled in from it (source, claim name, data type), and knows nothing of how the manifest was made.

/** @typedef {import('../tools/paste/claims.mjs').Claim['cloudentity']} Attribute */
/**
 * @typedef {object} Mapped
 * @property {Attribute} attribute
 * @property {unknown} value undefined when the token has no such claim
 * @property {boolean} fits whether the value is of the attribute's data type
 */

/**
 * @param {Attribute[]} attributes
 * @param {{ idToken: Record<string, any>, accessToken: Record<string, any> }} tokens their claims
 * @returns {Mapped[]}
 */
export function mapAttributes(attributes, { idToken, accessToken }) {
  /** @type {Record<string, Record<string, any>>} */
  const sources = { 'ID token': idToken, 'Access token': accessToken };
  return attributes.map((attribute) => {
    const value = at(sources[attribute.source], pathOf(attribute.claimName));
    return { attribute, value, fits: value === undefined || isOf(value, attribute.dataType) };
  });
}

/**
 * A dot parts the fields of an object, and `\.` is a dot of a field's name.
 * @param {string} claimName
 */
export const pathOf = (claimName) =>
  (claimName.match(/(?:\\.|[^.\\])+/gs) ?? []).map((part) => part.replace(/\\(.)/gs, '$1'));

/** @param {any} value @param {string[]} path */
const at = (value, path) =>
  path.reduce(
    (inner, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );

/** @param {unknown} value @param {string} dataType @returns {boolean} */
function isOf(value, dataType) {
  const list = /^(.+)_array$/.exec(dataType)?.[1];
  if (list !== undefined) return Array.isArray(value) && value.every((each) => isOf(each, list));
  if (dataType === 'any') return true;
  if (dataType === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === (dataType === 'bool' ? 'boolean' : dataType);
}
