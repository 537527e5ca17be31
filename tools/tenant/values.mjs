// The local tenant, small change: questions about values that several files ask.

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {unknown} value @returns {value is string} */
export function isUrl(value) {
  try {
    return typeof value === 'string' && Boolean(new URL(value));
  } catch {
    return false;
  }
}

/** @param {any} event @returns {string[]} */
export function requestedScopes(event) {
  const scopes = event?.transaction?.requested_scopes;
  return Array.isArray(scopes) ? scopes : [];
}

/**
 * The text of whatever was thrown, also of another realm's errors, which `instanceof` does not recognise.
 * @param {unknown} thrown
 * @returns {string}
 */
export function textOf(thrown) {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  try {
    return String(thrown);
  } catch {
    return 'a value that has no text';
  }
}
