// Why an expression gives what it gives, in words: the value of each step, and where a null comes from.
import { nearest } from '../../tools/paste/nearest.mjs';
import { stepsOf } from './steps.js';
import { FAILED } from './values.js';

/** @typedef {{ text: string, depth: number, value: unknown }} Shown */
/**
 * @typedef {object} Explained
 * @property {string} expression
 * @property {string} of what it was read from
 * @property {unknown} value undefined where the engine refuses the expression; `FAILED`
 * @property {string[]} why where a null comes from
 * @property {Shown[]} steps the parts of it, without itself
 */

/**
 * @param {string} expression
 * @param {ReturnType<typeof import('./values.js').openProbe>} probe
 * @param {import('./values.js').Scope} scope
 * @param {{ of: string, root: string }} words `root`: what a first name is a field of
 * @returns {Explained}
 */
export function explain(expression, probe, scope, { of, root }) {
  const steps = stepsOf(expression);
  const values = probe.values([expression, ...steps.map(({ full }) => full)], scope);
  const value = values.shift();
  const known = steps.map((step, i) => ({ ...step, value: values[i] }));
  const whole = known.at(-1);
  const rest = known.filter((step) => step.value !== undefined && (step !== whole || step.text !== expression.trim()));
  const why =
    value === null || value === FAILED ? known.flatMap((step) => reasonOf(step, known, root, probe, scope) ?? []) : [];
  return { expression, of, value, why: [...new Set(why)].slice(0, 3), steps: rest };
}

/** @typedef {import('./steps.js').Step & { value: unknown }} Known */

/**
 * Why a step is null though the one that it goes on from is not.
 * @param {Known} step
 * @param {Known[]} steps
 * @param {string} root
 * @param {ReturnType<typeof import('./values.js').openProbe>} probe
 * @param {import('./values.js').Scope} scope
 */
function reasonOf(step, steps, root, probe, scope) {
  const before = steps[step.from];
  const name = nameOf(step.link);
  if (step.value === FAILED && name === undefined && !/^[[({.]/.test(step.link))
    return `\`${step.text}\` fails: a function was given what it does not take`;
  if (step.value !== null) return undefined;
  if (step.from >= 0 && (before?.value === null || before?.value === undefined)) return undefined;
  // What is piped in is what a first name is a field of.
  const piped = step.full.slice(0, step.full.length - step.text.length).replace(/\s*\|\s*$/, '');
  const on = before
    ? { value: before.value, where: `\`${before.text}\`` }
    : piped
      ? { value: probe.values([piped], scope)[0], where: `\`${piped}\`` }
      : { value: scope.instead === undefined ? probe.scope(scope) : scope.instead, where: root };
  if (on.value === null || on.value === undefined) return undefined;
  return name === undefined ? ofBrackets(step.link, on.value, on.where) : ofField(name, on.value, on.where);
}

/** The field that a link of a chain names. @param {string} link */
function nameOf(link) {
  const plain = link.replace(/^\./, '');
  if (/^[A-Za-z_]\w*$/.test(plain)) return plain;
  return /^"(?:[^"\\]|\\.)*"$/.test(plain) ? String(JSON.parse(plain)) : undefined;
}

/** @param {string} name @param {unknown} value @param {string} where */
function ofField(name, value, where) {
  if (Array.isArray(value))
    return `${where} is an array: write \`[*].${name}\` for each item, or \`[0].${name}\` for the first`;
  if (typeof value !== 'object' || value === null) return `${where} is ${kindOf(value)}, and has no fields`;
  const keys = Object.keys(value);
  if (keys.includes(name)) return `\`${name}\` of ${where} is null`;
  const near = nearest(name, keys);
  const has =
    keys.length === 0 ? 'it has none' : `it has ${keys.slice(0, 12).join(', ')}${keys.length > 12 ? ' …' : ''}`;
  return `${where} has no field \`${name}\`: ${near ? `did you mean \`${near}\`?` : has}`;
}

/** @param {string} link @param {unknown} value @param {string} where */
function ofBrackets(link, value, where) {
  if (!link.startsWith('[')) return undefined;
  const index = /^\[(-?\d+)\]$/.exec(link)?.[1];
  if (!Array.isArray(value)) return `${where} is ${kindOf(value)}, and no array`;
  if (index === undefined) return undefined;
  return value.length === 0
    ? `${where} is an empty array`
    : `${where} has ${value.length} ${value.length === 1 ? 'item' : 'items'}, and no item ${index}`;
}

/** @param {unknown} value */
const kindOf = (value) =>
  value === null || value === undefined
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
