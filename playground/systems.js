// What the other systems do, as it is chosen and typed: for each host its stand-in, one's own answers or a fault. `''` is all
// hosts that have no choice of their own.
import { isFault } from '../tools/tenant/world.mjs';

/**
 * @typedef {object} AnswerForm an answer as it is typed
 * @property {string} status
 * @property {string} delayMs
 * @property {string} headers one on each line, `name: value`
 * @property {string} body
 *
 * @typedef {object} Conduct
 * @property {string} does `''`: what its stand-in does; `answers`; or the name of a fault
 * @property {number} times how many requests meet the fault
 * @property {AnswerForm[]} answers
 *
 * @typedef {Record<string, Conduct>} Systems by host
 */
/** @typedef {import('../tools/tenant/world.mjs').Answer} Answer */

export const OWN = 'answers';
const MOST_DELAY = 60_000;

/** @returns {Conduct} */
export const plain = () => ({ does: '', times: Number.POSITIVE_INFINITY, answers: [] });

/** @param {Systems} systems @param {string} host */
export const conductOf = (systems, host) => (Object.hasOwn(systems, host) ? systems[host] : undefined) ?? plain();

/** What is wrong with an answer as it is typed. @param {AnswerForm} form @returns {string[]} */
export function wrongIn({ status, delayMs, headers }) {
  const line = headers.split('\n').find((each) => each.trim() !== '' && !/^[!#$%&'*+.^`|~\w-]+\s*:/.test(each.trim()));
  return [
    ...(/^[2-5]\d\d$/.test(status.trim()) ? [] : ['the status must be a number from 200 to 599']),
    ...(/^\d*$/.test(delayMs.trim()) && Number(delayMs) <= MOST_DELAY
      ? []
      : [`the delay must be a number of milliseconds up to ${MOST_DELAY.toLocaleString('en')}`]),
    ...(line === undefined ? [] : ['a header must be written as `name: value`']),
  ];
}

/** @param {AnswerForm} form @returns {Answer} */
function answerOf({ status, delayMs, headers, body }) {
  const lines = headers.split('\n').filter((line) => line.includes(':'));
  const pairs = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
  });
  const given = bodyOf(body);
  return {
    status: Number(status),
    ...(pairs.length > 0 ? { headers: Object.fromEntries(pairs) } : {}),
    ...(given === undefined ? {} : { body: given }),
    ...(Number(delayMs) > 0 ? { delayMs: Number(delayMs) } : {}),
  };
}

/** JSON where it is JSON, and else the text itself. @param {string} text */
function bodyOf(text) {
  if (text.trim() === '') return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value === 'string' ? text : value;
  } catch {
    return text;
  }
}

/** The answers that count, by host. @param {Systems} systems @returns {Record<string, Answer[]>} */
export const answersOf = (systems) =>
  Object.fromEntries(
    Object.entries(systems).flatMap(([host, { does, answers }]) => {
      const good = answers.filter((form) => wrongIn(form).length === 0);
      return does === OWN && host !== '' && good.length > 0 ? [[host, good.map(answerOf)]] : [];
    }),
  );

/**
 * The faults, those of a host before that of all.
 * @param {Systems} systems
 * @param {Iterable<string>} hosts
 * @returns {{ name: string, host?: string, times: number }[]}
 */
export function faultsOf(systems, hosts) {
  const all = conductOf(systems, '');
  const own = [...hosts].flatMap((host) => {
    const { does, times } = conductOf(systems, host);
    return isFault(does) ? [{ name: does, host, times }] : [];
  });
  const rest = isFault(all.does) ? [{ name: all.does, times: all.times }] : [];
  return [...own, ...rest];
}

/** As a link and the browser's storage hold it. @param {Systems} systems */
export const inOrder = (systems) =>
  Object.entries(systems).map(([host, { does, times, answers }]) => ({
    host,
    does,
    ...(Number.isFinite(times) ? { times } : {}),
    answers,
  }));

/** The way back, of what anyone may have written. @param {unknown} list @returns {Systems} */
export function formsOf(list) {
  /** @type {[string, Conduct][]} */
  const systems = [];
  for (const { host, does, times, answers } of Array.isArray(list) ? list.filter(Boolean) : []) {
    if (typeof host !== 'string' || typeof does !== 'string') continue;
    if (does !== '' && does !== OWN && !isFault(does)) continue;
    const forms = (Array.isArray(answers) ? answers : []).filter(Boolean).map((form) => ({
      status: String(form.status ?? '200'),
      delayMs: String(form.delayMs ?? ''),
      headers: String(form.headers ?? ''),
      body: String(form.body ?? ''),
    }));
    systems.push([host, { does, times: Number.isInteger(times) ? times : Number.POSITIVE_INFINITY, answers: forms }]);
  }
  return Object.fromEntries(systems);
}
