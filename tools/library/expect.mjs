// tools/library/: what a test file expects of a login, and how the login differs.

/**
 * Where a value is not as expected. Of an object only the expected fields count, of an array all items; null is also what is not
 * there.
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [path]
 * @returns {string[]} a line each
 */
export function differences(actual, expected, path = '') {
  const say = () => [`${path || 'the login'}: expected ${shown(expected)}, and it is ${shown(actual)}`];
  if (typeof expected !== 'object' || expected === null)
    return Object.is(actual ?? null, expected ?? null) ? [] : say();
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return say();
  if (Array.isArray(expected) && /** @type {unknown[]} */ (actual).length !== expected.length) return say();
  return Object.entries(expected).flatMap(([key, inner]) =>
    differences(/** @type {any} */ (actual)[key], inner, `${path}${step(key, Array.isArray(expected), path)}`),
  );
}

/** @param {string} key @param {boolean} isItem @param {string} path */
const step = (key, isItem, path) =>
  isItem ? `[${key}]` : /^[\w$-]+$/.test(key) ? `${path && '.'}${key}` : `[${JSON.stringify(key)}]`;

const LONGEST = 200;

/** @param {unknown} value */
function shown(value) {
  const text = value === undefined ? 'not there' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
