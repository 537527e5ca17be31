// The local tenant, small change: questions about values that several files ask.

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a text says as JSON; undefined where it is none. @param {string} text @returns {any} */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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

/**
 * A secret as it may be sent without being a text of its own: in base64 (also behind something else, as in Basic) and in
 * hex. What is so short that it may stand anywhere is left out.
 * @param {string} secret
 */
export function encodingsOf(secret) {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].flatMap((before) => {
    const text = Buffer.from('\0'.repeat(before) + secret).toString('base64');
    // All bits of these characters are the secret's.
    const whole = text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  return [...new Set([...aligned, hex, hex.toUpperCase()])].filter((text) => text.length >= 8);
}
