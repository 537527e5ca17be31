// tools/library/: what a test file expects of a login, and how the login differs; and how two logins end differently.

import { isObject } from '../tenant/values.mjs';

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
  if (Array.isArray(expected) && Array.isArray(actual) && actual.length !== expected.length)
    return [`${path || 'the login'}: expected ${items(expected)}, and ${thereAre(actual)}`];
  return Object.entries(expected).flatMap(([key, inner]) =>
    differences(/** @type {any} */ (actual)[key], inner, `${path}${step(key, Array.isArray(expected), path)}`),
  );
}

/** @param {unknown[]} array */
const items = ({ length }) => (length === 0 ? 'no item' : `${length} item${length === 1 ? '' : 's'}`);

/** @param {unknown[]} array */
const thereAre = (array) =>
  array.length === 0 ? 'there is none' : `there ${array.length === 1 ? 'is' : 'are'} ${array.length}: ${shown(array)}`;

/** @param {string} key @param {boolean} isItem @param {string} path */
const step = (key, isItem, path) =>
  isItem ? `[${key}]` : /^[\w$-]+$/.test(key) ? `${path && '.'}${key}` : `[${JSON.stringify(key)}]`;

/** How a login ended, as far as the application, the user and the profile see it. @param {import('./index.js').Login} login */
export function endOf({ outcome, error, denied, mfa, tokens, appMetadata, userMetadata, saml }) {
  // Our own record says when it was made.
  const { login_sync: _, ...own } = appMetadata;
  return { outcome, error, denied, mfa, tokens, appMetadata: own, userMetadata, saml };
}

/**
 * Where two values differ. What is null and what is not there is the same.
 * @param {unknown} was
 * @param {unknown} is
 * @param {string} [path]
 * @returns {{ path: string, text: string }[]}
 */
export function changes(was, is, path = '') {
  if ((isObject(was) && isObject(is)) || (Array.isArray(was) && Array.isArray(is))) {
    const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
    return [...keys].flatMap((key) =>
      changes(
        /** @type {any} */ (was)[key],
        /** @type {any} */ (is)[key],
        `${path}${step(key, Array.isArray(was), path)}`,
      ),
    );
  }
  if (JSON.stringify(was ?? null) === JSON.stringify(is ?? null)) return [];
  return [{ path, text: `${path}: ${shown(was)} becomes ${shown(is)}` }];
}

const LONGEST = 200;

/** @param {unknown} value */
function shown(value) {
  const text = value === undefined ? 'not there' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
