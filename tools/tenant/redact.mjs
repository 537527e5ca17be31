// The local tenant, what no one may read: takes secrets out of whatever is shown. It knows how a secret may be spelled, and
// not what the values are about.
import { encodingsOf, isUrl } from './values.mjs';

/** @typedef {{ text: string, shown: string }} Mark a text that must not be seen, and what is in its place */
/** @typedef {Mark & { units: RegExp[] }} Hunted `units`: each of its characters, in all its spellings */

/** Headers that hold a credential, whether or not it came from a secret of the Action. */
const CREDENTIAL = /(^|-)(authorization|cookie|api-?key|token|secret|password)$/i;

/** So many characters tell where a secret may begin; a pattern for all of it would be too large. */
const PREFIX = 8;

/**
 * A shorter one is in half of all words and numbers, and so it is taken out only where it is a whole value: between the quotes of
 * JSON, as a part of a URL, or alone. The names of fields stay.
 */
const SEARCHED = 6;

/** Of an answer that broke off, so much of a secret at its end is enough to be taken out. */
const TELLING = 4;

/**
 * @param {Record<string, unknown>} secrets
 * @param {{ cut?: (text: string) => string, shown?: string }} [options] `cut`: what becomes of tokens in a text; `shown`: what is in the
 *   place of every secret
 */
export function redactor(secrets, { cut = shortened, shown } = {}) {
  const all = Object.values(secrets)
    .flatMap(marksOf)
    .map((mark) => ({ ...mark, shown: shown ?? mark.shown }));
  const whole = wholeValues(all.filter(({ text }) => text.length < SEARCHED));
  const marks = all
    .filter(({ text }) => text.length >= SEARCHED)
    .map((mark) => ({ ...mark, units: Array.from(mark.text, spellings) }));
  // The longer first: one secret may begin with another.
  marks.sort((a, b) => b.text.length - a.text.length);
  const searched = searcher(marks);

  /** @param {string} text */
  const cleanText = (text) => cut(whole(searched(text)));

  /**
   * The same value with its tokens cut down and without a secret in it: neither in texts, nor in the names of fields, nor
   * as a number.
   * @template T
   * @param {T} value
   * @returns {T}
   */
  function clean(value) {
    /** @param {any} part @returns {any} */
    const walk = (part) => {
      if (typeof part === 'string') return cleanText(part);
      if (typeof part === 'number')
        return all.some(({ text }) => text === String(part)) ? cleanText(String(part)) : part;
      if (Array.isArray(part)) return part.map(walk);
      if (typeof part === 'object' && part !== null)
        return Object.fromEntries(Object.entries(part).map(([key, each]) => [searched(key), walk(each)]));
      return part;
    };
    return walk(value);
  }

  return {
    clean,
    /** An answer's text, which may have broken off in the middle of a secret. @param {string} text */
    cleanAnswer: (text) => withoutBegun(cleanText(text), marks),
    /** @template {string | string[] | undefined} T @param {Record<string, T>} headers @returns {Record<string, T>} */
    cleanHeaders: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, /** @type {T} */ (hidden(name, clean(value)))]),
      ),
  };
}

/**
 * Takes texts out wherever they are, in whatever spelling.
 * @param {Hunted[]} marks
 * @returns {(text: string) => string}
 */
function searcher(marks) {
  if (marks.length === 0) return (text) => text;
  const starts = marks.map(({ units }) =>
    units
      .slice(0, PREFIX)
      .map(({ source }) => source)
      .join(''),
  );
  const start = new RegExp(starts.join('|'), 'g');
  return (text) => {
    let [cleaned, done, from] = ['', 0, 0];
    for (;;) {
      start.lastIndex = from;
      const at = start.exec(text)?.index;
      if (at === undefined) return cleaned + text.slice(done);
      from = at + 1;
      for (const mark of marks) {
        const end = endOf(mark, text, at);
        if (end < 0) continue;
        cleaned += text.slice(done, at) + mark.shown;
        done = from = end;
        break;
      }
    }
  };
}

/** A text without the beginning of a secret at its end. @param {string} text @param {Mark[]} marks */
function withoutBegun(text, marks) {
  for (const { text: secret, shown } of marks) {
    for (let length = secret.length - 1; length >= TELLING; length -= 1) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + shown;
    }
  }
  return text;
}

/**
 * Takes short texts out where they are a whole value.
 * @param {Mark[]} marks
 * @returns {(text: string) => string}
 */
function wholeValues(marks) {
  const shown = new Map(marks.flatMap((mark) => writings(mark.text).map((text) => [text, mark.shown])));
  if (shown.size === 0) return (text) => text;
  const texts = [...shown.keys()].map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  // A quote with a colon after it ends the name of a field.
  const pattern = new RegExp(`(?<=^|["/=?&]|: |^(?:Bearer|Basic|Token) )(?:${texts})(?=$|\\\\*"(?!\\s*:)|[/?&#])`, 'g');
  return (text) => text.replace(pattern, (found) => shown.get(found) ?? found);
}

/** How a text may be written; half a character of two halves has no place in a url. @param {string} text */
const writings = (text) => [
  text,
  ...(/\p{Surrogate}/u.test(text) ? [] : [encodeURIComponent(text)]),
  JSON.stringify(text).slice(1, -1),
];

/** @param {string} name @param {string | string[] | undefined} value @returns {string | string[] | undefined} */
function hidden(name, value) {
  if (Array.isArray(value)) return value.map((each) => String(hidden(name, each)));
  // A secret or a token has been seen to already.
  if (value === undefined || !CREDENTIAL.test(name) || /^(Bearer )?(eyJ|sk_)?\w*\u2026[\w-]*$/.test(value))
    return value;
  return value.replace(/^((Bearer|Basic|Token) )?.*/s, '$1\u2026redacted');
}

/** Tokens are long, say nothing to the eye, and are good for a login as long as they live. @param {string} text */
const shortened = (text) =>
  text.replace(
    /eyJ(?:[\w-]{10,}|[\w-]{5,}(?=\.))(?:\.[\w-]*)*/g,
    (token) => `${token.slice(0, 8)}\u2026${token.slice(-4)}`,
  );

/** @param {unknown} secret @returns {Mark[]} */
function marksOf(secret) {
  if (typeof secret !== 'string' || secret === '') return [];
  // What kind of secret it was helps; the rest does not.
  const shown = `${/^(eyJ|sk_)/.exec(secret)?.[0] ?? ''}\u2026redacted`;
  // A label of a host is written in lower case.
  const label = /^[a-z\d-]{8,63}$/i.test(secret.trim()) ? [secret.trim().toLowerCase()] : [];
  const encoded = [...encodingsOf(secret.trim()), ...label].map((text) => ({ text, shown: '\u2026redacted' }));
  if (!isUrl(secret) || !/^https?:/i.test(secret)) return [{ text: secret, shown }, ...encoded];
  // Of a URL the host may be seen. Its path and its query travel apart from it, too.
  const { origin, href, pathname, search, searchParams } = new URL(secret);
  const values = [
    ...searchParams.values(),
    ...search
      .slice(1)
      .split('&')
      .map((pair) => pair.slice(pair.indexOf('=') + 1)),
  ];
  return [
    ...encoded,
    ...[secret, href].map((text) => ({ text, shown: `${origin}/\u2026redacted` })),
    ...[pathname + search, pathname]
      .filter((text) => text.length > 1)
      .map((text) => ({ text, shown: '/\u2026redacted' })),
    ...values.filter(Boolean).map((text) => ({ text, shown: '\u2026redacted' })),
  ];
}

/**
 * Where a text ends that begins here; -1 when another one begins here.
 * @param {Hunted} mark
 * @param {string} text
 * @param {number} at
 */
function endOf({ units }, text, at) {
  for (const unit of units) {
    unit.lastIndex = at;
    if (!unit.test(text)) return -1;
    at = unit.lastIndex;
  }
  return at;
}

/** @type {Map<string, RegExp>} */
const known = new Map();

/**
 * A character as it is, percent-encoded, and inside JSON, once or more often.
 * @param {string} char
 */
function spellings(char) {
  const pattern = known.get(char) ?? new RegExp(spelled(char), 'y');
  known.set(char, pattern);
  return pattern;
}

/**
 * No unit needs the backslashes before it: a backslash of the secret may have taken them.
 * @param {string} char
 */
function spelled(char) {
  if (/[\w~-]/.test(char)) return char;
  const percent = Array.from(Buffer.from(char), (byte) => `%(?:25)*${hex(byte, 2)}`).join('');
  const inJson = Array.from(char.split(''), (unit) => `\\\\*u${hex(unit.charCodeAt(0), 4)}`).join('');
  const short = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' }[char];
  const plain = char === '\\' ? '\\\\+' : `\\\\*${char.replace(/[$()*+.?[\]^{|}/]/, '\\$&')}`;
  return `(?:${[percent, inJson, ...(short ? [`\\\\*${short}`] : []), ...(char === ' ' ? ['\\+'] : []), plain].join('|')})`;
}

/** @param {number} number @param {number} length */
const hex = (number, length) =>
  number
    .toString(16)
    .padStart(length, '0')
    .replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
