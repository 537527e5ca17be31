// Why an expression gives what it gives, the steps: an expression is taken apart into the smaller ones that it is made of, in
// the order in which a person would try them. This file cuts text at words and brackets; what each part gives, the engine
// says, and it refuses what was cut wrongly.

import { CLOSES, WORD } from '../../tools/paste/expression-tree.mjs';

/**
 * @typedef {object} Step
 * @property {string} text as it is in the expression
 * @property {string} full what gives its value: with all that is piped into it
 * @property {number} depth how deep it is inside the whole
 * @property {number} from the step that this one goes on from; -1 where it begins
 * @property {string} link what it adds to that one: `.email`, `[0]`
 */
/** @typedef {{ word: string, from: number, to: number }} Word */

const CLOSED = new Set(CLOSES.values());
/** From the loosest to the tightest. */
const OPERATORS = [new Set(['||']), new Set(['&&']), new Set(['==', '!=', '<', '<=', '>', '>='])];
/** More of them no one reads. */
const MOST = 40;

/** @param {string} expression @returns {Step[]} the whole is the last one, or what is piped into last */
export function stepsOf(expression) {
  const words = [...expression.matchAll(WORD)].flatMap(({ 0: word, index }) =>
    word.trim() === '' ? [] : [{ word, from: index, to: index + word.length }],
  );
  /** @type {Step[]} */
  const steps = [];
  /** @param {Word[]} part */
  const textOf = (part) => expression.slice(part[0]?.from, part.at(-1)?.to);

  /** @param {Word[]} part @param {string} before what is piped in @param {number} depth @param {{ from: number, link: string }} [on] */
  const add = (part, before, depth, on = { from: -1, link: textOf(part) }) => {
    const text = textOf(part);
    const full = `${before}${text}`;
    const known = steps.findIndex((step) => step.full === full);
    return known >= 0 ? known : steps.push({ text, full, depth, ...on }) - 1;
  };

  /** @param {Word[]} part @param {string} before @param {number} depth */
  const walk = (part, before, depth) => {
    if (part.length === 0 || isPlain(part)) return;
    const [first = part, ...piped] = cut(part, new Set(['|']));
    if (piped.length > 0) {
      walk(first, before, depth + 1);
      let left = first;
      for (const right of piped) {
        walk(right, `${before}${textOf(left)} | `, depth + 1);
        left = [...left, ...right];
      }
      add(part, before, depth);
      return;
    }
    for (const operator of OPERATORS) {
      const sides = cut(part, operator);
      if (sides.length === 1) continue;
      for (const side of sides) walk(side, before, depth + 1);
      add(part, before, depth);
      return;
    }
    if (part[0]?.word === '!') {
      walk(part.slice(1), before, depth + 1);
      add(part, before, depth);
      return;
    }
    chain(part, before, depth);
  };

  /** `a.b[0].c`: each name goes on from the one before. @param {Word[]} part @param {string} before @param {number} depth */
  const chain = (part, before, depth) => {
    const ends = linksOf(part);
    const head = part.slice(0, ends[0]);
    for (const inner of insideOf(head)) walk(inner, before, depth + 1);
    let from = -1;
    ends.forEach((end, i) => {
      const link = textOf(part.slice(i === 0 ? 0 : ends[i - 1], end));
      from = add(part.slice(0, end), before, depth, { from, link });
    });
  };

  walk(words, '', 0);
  return steps.slice(-MOST);
}

/** A literal, a number in brackets or the current value: there is nothing to say about it. @param {Word[]} part */
const isPlain = (part) => part.length === 1 && /^['`@&\d-]/.test(part[0]?.word ?? '');

/** @param {Word[]} part @param {Set<string>} operator */
function cut(part, operator) {
  /** @type {Word[][]} */
  const sides = [[]];
  eachOutside(part, (word, i) => {
    if (word !== undefined && operator.has(word)) sides.push([]);
    else sides.at(-1)?.push(/** @type {Word} */ (part[i]));
  });
  return sides;
}

/** Where each link of a chain ends. @param {Word[]} part */
function linksOf(part) {
  /** @type {number[]} */
  const ends = [];
  eachOutside(part, (word, i) => {
    if (i > 0 && word !== undefined && ['.', '[', '[?', '[]'].includes(word) && part[i - 1]?.word !== '.') ends.push(i);
  });
  return [...ends, part.length];
}

/** The arguments of a call, the items of `[…]`, the values of `{…}`, what is in parentheses. @param {Word[]} head */
function insideOf(head) {
  const open = head.findIndex(({ word }) => CLOSES.has(word));
  if (open < 0 || !CLOSED.has(head.at(-1)?.word ?? '') || head[open]?.word === '[?') return [];
  return cut(head.slice(open + 1, -1), new Set([',']))
    .filter(([first]) => first?.word !== '&')
    .map((item) => (head[open]?.word === '{' ? item.slice(2) : item));
}

/**
 * Each word, and its text where it is in no bracket.
 * @param {Word[]} part
 * @param {(word: string | undefined, at: number) => void} each
 */
function eachOutside(part, each) {
  let depth = 0;
  part.forEach(({ word }, i) => {
    if (CLOSED.has(word)) depth -= 1;
    each(depth === 0 && !CLOSED.has(word) ? word : undefined, i);
    if (CLOSES.has(word)) depth += 1;
  });
}
