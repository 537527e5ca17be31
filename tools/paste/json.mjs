// tools/paste/: JSON as people write it. This file says where a text stops being JSON and what to write there, in the same words
// on every Node; `JSON.parse` decides whether it is JSON.

import { UserError } from '../error.mjs';

const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const OTHER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)|[{}[\]:,]/y;

/** @typedef {{ at: number, message: string }} Wrong */

/**
 * The value of a text. A byte order mark is no part of it.
 * @param {string} text
 * @param {string} what the file, for the message
 * @returns {unknown}
 */
export function parseJson(text, what) {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8's own message is another on each Node, and quotes the text, which may be a file of secrets.
    const { at, message } = wrongAt(json) ?? { at: 0, message: 'the text is wrong' };
    throw new UserError(`${what} is not JSON: ${place(json, at)}: ${message}`);
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
export function place(text, at) {
  const lines = text.slice(0, at).split(/\r\n|[\r\n]/);
  return `line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1}`;
}

/**
 * The first place where a text is not JSON.
 * @param {string} text
 * @returns {Wrong | undefined}
 */
export function wrongAt(text) {
  /** @type {{ sign: string, at: number }[]} what is open, outermost first */
  const open = [];
  /** @type {'value' | 'key' | 'colon' | 'after'} */
  let want = 'value';
  // Right behind a bracket it may close again.
  let empty = false;
  for (let at = 0; ; ) {
    at += match(BLANK, text, at).length;
    const inside = open.at(-1);
    if (at === text.length) return want === 'after' && !inside ? undefined : ended(text, at, open);
    const token = match(STRING, text, at) || match(OTHER, text, at);
    const sign = token.charAt(0);
    const close = inside?.sign === '{' ? '}' : ']';
    if (inside && sign === close && (want === 'after' || empty)) {
      open.pop();
      [want, empty] = ['after', false];
    } else if (want === 'after' && inside && sign === ',') {
      want = inside.sign === '{' ? 'key' : 'value';
    } else if (want === 'key' && sign === '"') {
      [want, empty] = ['colon', false];
    } else if (want === 'colon' && sign === ':') {
      want = 'value';
    } else if (want === 'value' && /[{[]/.test(sign)) {
      open.push({ sign, at });
      [want, empty] = [sign === '{' ? 'key' : 'value', true];
    } else if (want === 'value' && /[^}\]:,]/.test(sign)) {
      [want, empty] = ['after', false];
    } else {
      return explained(text, at, want, inside && close, empty);
    }
    at += token.length;
  }
}

/** @param {RegExp} pattern @param {string} text @param {number} at */
function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** @param {string} text @param {number} at @param {{ sign: string, at: number }[]} open @returns {Wrong} */
function ended(text, at, open) {
  const last = open.at(-1);
  if (!last) return { at, message: 'the text is empty' };
  return { at, message: `the \`${last.sign}\` of ${place(text, last.at)} is never closed` };
}

/**
 * @param {string} text
 * @param {number} at
 * @param {'value' | 'key' | 'colon' | 'after'} want
 * @param {string | undefined} close what closes what is open
 * @param {boolean} empty
 * @returns {Wrong}
 */
function explained(text, at, want, close, empty) {
  const rest = text.slice(at);
  const sign = rest.charAt(0);
  if (sign === '"' && (want === 'value' || want === 'key') && !match(STRING, text, at)) return brokenString(text, at);
  if (/^(\/[/*]|#)/.test(rest)) return { at, message: 'JSON has no comments: remove this one' };
  if (sign === "'") return { at, message: 'a string needs double quotes' };
  if (want === 'colon') return { at, message: 'expected `:` after the name of a field' };
  if (want === 'after')
    return { at, message: close ? `expected \`,\` or \`${close}\`` : 'expected the end of the text' };
  if (/[}\]]/.test(sign) && sign === close && !empty && /,\s*$/.test(text.slice(0, at))) {
    return { at: text.lastIndexOf(',', at), message: `remove the comma before the \`${sign}\`` };
  }
  if (want === 'key') return { at, message: 'expected the name of a field, in double quotes' };
  if (/^[\d.+-]/.test(rest)) return { at, message: 'a number is written otherwise in JSON, such as 0.5 or -12' };
  return { at, message: /^\w/.test(rest) ? 'expected a value: a string needs double quotes' : 'expected a value' };
}

/** What is wrong in the string that begins here. @param {string} text @param {number} start @returns {Wrong} */
function brokenString(text, start) {
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '\\' && !/^\\(["\\/bfnrt]|u[\da-fA-F]{4})/.test(text.slice(at, at + 6))) {
      return { at, message: 'JSON does not have this escape: write `\\\\` for a backslash' };
    }
    if (/[\n\r]/.test(sign)) return { at: start, message: 'this string is not closed on its line' };
    if (sign < ' ') return { at, message: 'a string cannot contain this control character: write `\\t` for a tab' };
    if (sign === '\\') at += 1;
  }
  return { at: start, message: 'this string is never closed' };
}
