// tools/library/: a login as a function: a config in, what became of the login out. It runs the paste on a virtual clock and
// without a network, so that a team can test its config in milliseconds. Nothing is hidden in what it gives: the secrets are those
// that the caller gave, or invented ones.

import { UserError } from '../error.mjs';
import { explainer } from '../paste/left-out.mjs';
import { withConfig } from '../paste/paste.mjs';
import { fakeEvent, overlay } from '../tenant/event.mjs';
import { TRIGGERS } from '../tenant/limits.mjs';
import { run } from '../tenant/run.mjs';
import { expected } from '../tenant/secrets.mjs';
import { localTenant } from '../tenant/tenant.mjs';
import { isObject } from '../tenant/values.mjs';
import { virtualTenant } from '../tenant/virtual.mjs';
import { FAULTS, isFault } from '../tenant/world.mjs';
import { choose } from './choose.mjs';
import { contractsOf } from './connectors.mjs';
import { open } from './open.mjs';

/** @typedef {import('./index.js').SimulateOptions} Options */
/** @typedef {import('./index.js').Login} Login */

const OPTIONS = 'event over trigger secrets answers faults clock at logins others apartMs'.split(' ');
const ANSWER = ['status', 'headers', 'body', 'delayMs', 'fault'];
const MOST_LOGINS = 1_000;

/** Nothing is taken out: the caller knows the secrets. @type {import('../tenant/run.mjs').Tenant['redactor']} */
const plain = () => ({ clean: (value) => value, cleanAnswer: (text) => text, cleanHeaders: (headers) => headers });

/**
 * @param {unknown} config an object; or the path or `file:` URL of a JSON file
 * @param {Options} [options]
 * @returns {Promise<Login & { logins: Login[] }>} the last login, and all of them
 */
export async function simulate(config, options = {}) {
  const { results } = await runOf(config, options, plain);
  const logins = results.map(loginOf);
  return { .../** @type {Login} */ (logins.at(-1)), logins };
}

/**
 * The same as the local tenant has it.
 * @param {unknown} config
 * @param {Options} options
 * @param {import('../tenant/run.mjs').Tenant['redactor']} redactor
 */
export function runOf(config, options, redactor) {
  const planned = planOf(open(config), checked(options));
  const { at, apartMs = 0, clock = 'virtual' } = options;
  const time = { ...(at === undefined ? {} : { at: msOf(at) }), apartMs };
  return run(planned, clock === 'virtual' ? virtualTenant({ ...time, redactor }) : { ...localTenant, redactor });
}

/**
 * @param {import('./open.mjs').Opened} opened
 * @param {Options} options
 * @returns {import('../tenant/run.mjs').RunOptions}
 */
function planOf({ config, paste, engine, syncs, used, placed }, options) {
  const { event, over = {}, secrets = {}, answers = {}, faults = [], logins = 1, others = false } = options;
  const refuses = (/** @type {Record<string, string>} */ held) => engine.problems(config, held).length > 0;
  const contracts = contractsOf(used);
  const chosen = choose({ config, syncs, refuses, contracts }, new Map(Object.entries(secrets)));
  const trigger = /** @type {import('../tenant/limits.mjs').Trigger} */ (options.trigger ?? chosen.serves[0]);
  return {
    // The one that is pasted is sealed, and shorter; `bundle` says how long it is.
    code: withConfig(paste, config),
    mostBytes: Infinity,
    trigger,
    secrets: chosen.held,
    event: event ? overlay(event, over) : fakeEvent(trigger, { secrets: {}, over }),
    whole: true,
    answers: hostAnswers(answers),
    contracts,
    faults: [faults].flat().map((fault) => faultOf(fault)),
    expected: expected(chosen.syncs, chosen.held),
    repeat: logins,
    others,
    explain: explainer({ config, syncs: chosen.syncs, placed }),
  };
}

/** One login as plain data. @param {import('../tenant/run.mjs').Result} result @returns {Login} */
export const loginOf = (result) => ({
  ...result,
  tokens: { idToken: result.tokens?.idToken?.claims ?? null, accessToken: result.tokens?.accessToken.claims ?? null },
  log: result.log.map(({ text }) => text),
});

/** A misspelled option would be a test that tests nothing. @param {Options} options @returns {Options} */
function checked(options) {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new UserError(`unknown option \`${name}\`: choose from ${OPTIONS.join(', ')}`);
  }
  const { event, over, trigger, secrets, answers, clock, logins, others, at, apartMs } = options;
  const objects = { event, over, secrets, answers };
  for (const [name, value] of Object.entries(objects)) {
    if (value !== undefined && !isObject(value)) throw new UserError(`\`${name}\` must be an object`);
  }
  if (trigger !== undefined && !TRIGGERS.includes(trigger))
    throw new UserError(`unknown trigger \`${trigger}\`: choose from ${TRIGGERS.join(', ')}`);
  if (clock !== undefined && clock !== 'virtual' && clock !== 'real')
    throw new UserError('`clock` must be virtual or real');
  if (clock === 'real' && (at !== undefined || apartMs !== undefined))
    throw new UserError('`at` and `apartMs` need the virtual clock');
  if (apartMs !== undefined && !(Number.isInteger(apartMs) && apartMs >= 0))
    throw new UserError('`apartMs` must be a whole number from 0');
  if (others !== undefined && typeof others !== 'boolean') throw new UserError('`others` must be true or false');
  if (logins !== undefined && !(Number.isInteger(logins) && logins >= 1 && logins <= MOST_LOGINS))
    throw new UserError(`\`logins\` must be a whole number from 1 to ${MOST_LOGINS}`);
  for (const [name, secret] of Object.entries(secrets ?? {})) {
    if (typeof secret !== 'string') throw new UserError(`the secret \`${name}\` must be a string`);
  }
  return options;
}

/** @param {NonNullable<Options['answers']>} answers @returns {import('../tenant/run.mjs').HostAnswers[]} */
export const hostAnswers = (answers) =>
  Object.entries(answers).map(([host, given]) => {
    const name = host.toLowerCase();
    if (typeof given === 'function') return { host: name, answers: (arrival) => answerOf(given(arrival), host) };
    const list = [given].flat();
    if (list.length === 0) throw new UserError(`\`${host}\` needs one answer at least`);
    return { host: name, answers: list.map((answer) => answerOf(answer, host)) };
  });

/** @param {any} answer @param {string} host @returns {import('./index.js').Answer} */
function answerOf(answer, host) {
  if (!isObject(answer)) throw new UserError(`an answer of \`${host}\` must be an object with ${ANSWER.join(', ')}`);
  for (const name of Object.keys(answer)) {
    if (!ANSWER.includes(name))
      throw new UserError(`an answer of \`${host}\` has no field \`${name}\`: choose from ${ANSWER.join(', ')}`);
  }
  if (answer.fault !== undefined && !isFault(answer.fault)) throw unknownFault(answer.fault);
  return answer;
}

/** @param {string | { name: string, host?: string, times?: number }} fault @param {string} [before] the message */
export function faultOf(fault, before = '') {
  if (typeof fault === 'string' && isFault(fault)) return { name: fault };
  const [, host = '', name = ''] = (typeof fault === 'string' && /^([^:]+):(.+)$/s.exec(fault)) || [];
  const found = typeof fault === 'string' ? { name: name || fault, host: host.toLowerCase() } : fault;
  if (!isFault(found.name)) throw unknownFault(found.name, before);
  return found;
}

/** @param {string} name @param {string} [before] */
const unknownFault = (name, before = '') =>
  new UserError(
    `${before}unknown fault \`${name}\`; use ${FAULTS.join(', ')}, or a status such as 503 or 429:3, alone or as HOST:NAME`,
  );

/** @param {Date | string | number} at */
function msOf(at) {
  const ms = at instanceof Date ? at.getTime() : typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isFinite(ms)) throw new UserError('`at` must be a time, such as 2026-11-27T09:30:00Z');
  return ms;
}
