// The page's tenant, what no one may read over a shoulder: secrets, and secrets alone. The command line cuts tokens down as
// well, for what it prints is pasted into tickets; here they are what people want to look into, and they stay in the page.
import { encodingsOf, isUrl } from '../../tools/tenant/values.mjs';

/** @param {string} secret @returns {[text: string, shown: string][]} */
function marksOf(secret) {
  const shown = `${/^(eyJ|sk_)/.exec(secret)?.[0] ?? ''}…redacted`;
  if (!isUrl(secret) || !/^https:/i.test(secret))
    return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].map((text) => [text, shown]);
  const { origin, href, pathname, search, searchParams } = new URL(secret);
  /** @type {[string, string][]} */
  const parts = [href, secret, origin + pathname].map((text) => [text, `${origin}/…redacted`]);
  if (pathname.length > 1) parts.push([pathname + search, '/…redacted'], [pathname, '/…redacted']);
  return [
    ...parts,
    ...[...searchParams.values()].filter(Boolean).map((text) => /** @type {[string, string]} */ ([text, '…redacted'])),
  ];
}

/** @param {string} secret @returns {[text: string, shown: string][]} */
const encodedMarks = (secret) => encodingsOf(secret.trim()).map((text) => [text, '…redacted']);

/** @param {Record<string, unknown>} secrets */
export function redactor(secrets) {
  const marks = Object.values(secrets).flatMap((secret) =>
    typeof secret === 'string' && secret !== '' ? [...marksOf(secret), ...encodedMarks(secret)] : [],
  );
  // The longer first: one secret may begin with another.
  marks.sort(([a], [b]) => b.length - a.length);
  const cleanText = (/** @type {string} */ text) =>
    marks.reduce((rest, [secret, shown]) => rest.split(secret).join(shown), text);
  /**
   * @template T
   * @param {T} value
   * @returns {T}
   */
  const clean = (value) => {
    /** @param {any} part @returns {any} */
    const walk = (part) => {
      if (typeof part === 'string') return cleanText(part);
      if (Array.isArray(part)) return part.map(walk);
      if (typeof part === 'object' && part !== null)
        return Object.fromEntries(Object.entries(part).map(([key, each]) => [cleanText(key), walk(each)]));
      return part;
    };
    return walk(value);
  };
  return { clean, cleanAnswer: cleanText, cleanHeaders: clean };
}
