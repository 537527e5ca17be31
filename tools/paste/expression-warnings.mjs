// tools/paste/: what an expression says that JMESPath accepts and that surely means something else. It weighs nothing in the paste:
// the engine reads such an expression as JMESPath does.

import { CLOSES, tokensOf } from './expression-tree.mjs';

/** @typedef {{ column: number, message: string }} Warning the column counts characters from 1 */

const COMPARE = new Set(['==', '!=', '<', '<=', '>', '>=']);

/**
 * @param {string} text an expression that the engine accepts
 * @returns {Warning[]}
 */
export function warningsOf(text) {
  const words = tokensOf(text)
    .slice(0, -1)
    .map(({ text: word, at: column }) => ({ word, column }));
  return words.flatMap(({ word, column }, at) => {
    const message = word === '!' ? ofNot(words, at) : COMPARE.has(word) ? ofCompare(words, at) : ofName(words, at);
    return message ? [{ column, message }] : [];
  });
}

/** @typedef {{ word: string }[]} Words */

/**
 * `!a.b` is `(!a).b`, which is always null.
 * @param {Words} words
 * @param {number} at
 */
function ofNot(words, at) {
  let next = at + 1;
  while (words[next]?.word === '!') next += 1;
  const end = past(words, next);
  const after = words[end]?.word ?? '';
  // Indices go with what they are of: `!a[0]`. A slice or `[*]` is a projection, and so is what comes after it.
  return ['.', '[]', '[?'].includes(after)
    ? '`!` takes only what is before this, and the result is always null: write `!(…)` around it all'
    : undefined;
}

/**
 * The word after an operand: a name, with the arguments of a call and with indices, or something in brackets.
 * @param {Words} words
 * @param {number} at
 */
function past(words, at) {
  let end = CLOSES.has(words[at]?.word ?? '') ? closing(words, at) + 1 : at + 1;
  if (words[end]?.word === '(') end = closing(words, end) + 1;
  while (words[end]?.word === '[') end = closing(words, end) + 1;
  return end;
}

/** @param {Words} words @param {number} at where a bracket opens */
function closing(words, at) {
  let depth = 0;
  for (let i = at; i < words.length; i += 1) {
    const word = words[i]?.word ?? '';
    if (CLOSES.has(word)) depth += 1;
    else if ([')', ']', '}'].includes(word) && --depth === 0) return i;
  }
  return words.length;
}

/**
 * `a == b == c` compares `true` or `false` with c.
 * @param {Words} words
 * @param {number} at
 */
function ofCompare(words, at) {
  for (let i = at - 1, depth = 0; i >= 0; i -= 1) {
    const word = words[i]?.word ?? '';
    if ([')', ']', '}'].includes(word)) depth += 1;
    else if (CLOSES.has(word)) depth -= 1;
    if (depth < 0 || (depth === 0 && ['&&', '||', '|', ',', '&', ':'].includes(word))) return undefined;
    if (depth === 0 && COMPARE.has(word))
      return 'this compares the result of the comparison before it: join them with `&&`, or use parentheses';
  }
  return undefined;
}

/**
 * `true` is a field of that name.
 * @param {Words} words
 * @param {number} at
 */
function ofName(words, at) {
  const word = words[at]?.word ?? '';
  const isKey = words[at + 1]?.word === ':' || words[at - 1]?.word === '.';
  return ['true', 'false', 'null'].includes(word) && !isKey
    ? `\`${word}\` here is a field: write the value in backticks, the field in double quotes`
    : undefined;
}
