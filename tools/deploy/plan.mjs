// tools/deploy/: what an Action has and what its config gives, compared: what is to be done, and the same in words.

import { UserError } from '../error.mjs';
import { count } from '../paste/config.mjs';
import { split } from '../paste/paste.mjs';
import { SECRETS } from '../tenant/limits.mjs';
import { isObject } from '../tenant/values.mjs';
import { RUNTIME } from './wanted.mjs';

/** @typedef {import('./wanted.mjs').Wanted} Wanted */
/** @typedef {import('./tenant.mjs').Action} Action */
/** @typedef {import('./tenant.mjs').Binding} Binding */
/** @typedef {import('./tenant.mjs').SecretList} SecretList */
/**
 * @typedef {object} Plan
 * @property {Wanted} wanted
 * @property {Action | undefined} found
 * @property {{ code?: string, runtime?: string, secrets?: SecretList }} change of the draft
 * @property {boolean} deploys
 * @property {boolean} binds
 * @property {string[]} words
 * @property {string[]} unset the secrets that it runs without
 */

const SET_IT = 'set it in the environment, or in the file of `--secrets`';

/** An event stream has its Action as its destination; all other triggers have a flow. @param {{ trigger: string }} wanted */
export const hasFlow = ({ trigger }) => trigger !== 'event-stream';

/** @param {Wanted} wanted @param {Binding[]} flow */
export const isBound = ({ name }, flow) => flow.some(({ action }) => action?.name === name);

/**
 * @param {Wanted} wanted
 * @param {Action | undefined} found
 * @param {Binding[]} flow
 * @param {{ all?: boolean, prune?: boolean, values: Record<string, string | undefined> }} options `all`: sends every secret
 * @returns {Plan}
 */
export function planOf(wanted, found, flow, options) {
  if (found) checkOwn(wanted, found);
  const have = (found?.secrets ?? []).map(({ name = '' }) => name);
  const wrong = wanted.wrong(have);
  if (wrong.length > 0) throw new UserError(`\`${wanted.name}\`: ${wrong.join('; ')}: ${SET_IT}`);
  const fresh = [...wanted.given.keys()].filter((name) => options.all || !have.includes(name));
  const extra = have.filter((name) => !wanted.named.includes(name));
  const gone = options.prune ? extra : [];
  /** @type {Plan['change']} */
  const change = {};
  if (found?.code !== wanted.code) change.code = wanted.code;
  if (found?.runtime !== RUNTIME) change.runtime = RUNTIME;
  if (fresh.length > 0 || gone.length > 0) change.secrets = secretList(wanted, have, gone, options.values);
  const changes = Object.keys(change).length > 0;
  const deploys = !found || changes || !isDeployed(found);
  const binds = hasFlow(wanted) && !isBound(wanted, flow);
  const words = [
    ...(found ? [] : [`make the Action, for ${wanted.trigger} on ${RUNTIME}`]),
    ...(change.code === undefined ? [] : codeWords(found?.code, wanted.code)),
    ...(found && change.runtime ? [`change the runtime from ${found.runtime} to ${RUNTIME}`] : []),
    ...fresh.map((name) => `set the secret ${name}`),
    ...gone.map((name) => `remove the secret ${name}`),
    ...(deploys ? ['deploy it'] : []),
    ...(found || hasFlow(wanted) ? [] : ['leave it to you to make an event stream with it as its destination']),
    ...(binds ? [`add it to the flow of ${wanted.trigger}, ${placeIn(flow)}`] : []),
  ];
  const unset = wanted.unset(have.filter((name) => !gone.includes(name)));
  return { wanted, found, change, deploys, binds, words, unset };
}

/** @param {string} code */
export const isPaste = (code) => /^\/\/ login-sync \S+:/.test(code.trimStart());

/** @param {Wanted} wanted @param {Action} found */
function checkOwn({ name, trigger }, { code = '', supported_triggers: triggers = [] }) {
  const other = triggers.find(({ id }) => id !== trigger);
  if (other) throw new UserError(`the tenant has an Action \`${name}\` for ${other.id}: choose another \`--name\``);
  if (code.trim() && !isPaste(code))
    throw new UserError(`the tenant has an Action \`${name}\` that is not login-sync: choose another \`--name\``);
}

/**
 * Whether what runs is the draft, with the secrets as they are. A secret works from the next deploy on.
 * @param {Action} action
 */
const isDeployed = (action) =>
  action.deployed_version !== undefined &&
  action.all_changes_deployed !== false &&
  (action.deployed_version.code ?? action.code) === action.code &&
  newerSecrets(action).length === 0;

/** The secrets that were set after the deploy. @param {Action} action */
export function newerSecrets({ secrets = [], deployed_version: version }) {
  const built = Date.parse(String(version?.built_at ?? ''));
  return secrets.flatMap(({ name = '', updated_at: at }) => (Date.parse(String(at)) > built ? [name] : []));
}

/**
 * A change of secrets is the whole list: what is left out is gone. So every value must be known.
 * @param {Wanted} wanted @param {string[]} have @param {string[]} gone @param {Record<string, string | undefined>} values
 * @returns {SecretList}
 */
function secretList({ name, given }, have, gone, values) {
  const names = [...new Set([...have.filter((each) => !gone.includes(each)), ...given.keys()])];
  const list = names.map((each) => ({ name: each, value: given.get(each) ?? values[each] ?? '' }));
  const unknown = list.filter(({ value }) => !value.trim()).map((each) => `\`${each.name}\``);
  if (unknown.length > 0)
    throw new UserError(
      `\`${name}\`: Auth0 takes the secrets of an Action as a whole list and never shows a value: set ${unknown.join(', ')} in the environment or in the file of \`--secrets\`, too, or remove what the config does not name with \`--prune\``,
    );
  if (list.length > SECRETS) throw new UserError(`\`${name}\`: an Action has at most ${SECRETS} secrets`);
  return list;
}

/** @param {Binding[]} flow */
const placeIn = (flow) => {
  const { display_name: last } = flow.at(-1) ?? {};
  return last === undefined ? 'alone' : `after \`${last}\``;
};

/** @param {string | undefined} old @param {string} code */
export function codeWords(old, code) {
  if (!old?.trim()) return [`put in the code, ${count(code.length, 'byte')}, login-sync ${versionOf(code)}`];
  const [before, after] = [old, code].map(versionOf);
  const paths = differences(configIn(old), configIn(code));
  const kinds = [
    ...(before === after ? [] : [`login-sync ${before} becomes ${after}`]),
    ...(paths.length > 0 ? [`the config changes at ${few(paths)}`] : []),
  ];
  return [`change the code: ${kinds.join(', ') || 'the program differs, and not its version or config'}`];
}

const FEW = 8;
/** @param {string[]} paths */
const few = (paths) =>
  paths.length > FEW ? `${paths.slice(0, FEW).join(', ')} and ${paths.length - FEW} more` : paths.join(', ');

/** @param {string} code */
const versionOf = (code) => /^\/\/ login-sync (\S+):/.exec(code.trimStart())?.[1] ?? 'of no known version';

/** The config in a paste, if it is JSON: in Auth0's editor people may write JavaScript there. @param {string} code @returns {unknown} */
function configIn(code) {
  try {
    const [, json = ''] = /const config = ([\s\S]*);\s*$/.exec(split(code).config) ?? [];
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * The places at which two configs differ. The values are not said: one may be a secret in the wrong place.
 * @param {any} a @param {any} b @param {string} [path]
 * @returns {string[]}
 */
function differences(a, b, path = '') {
  if (a === undefined && b === undefined) return [];
  const both = (/** @type {(value: unknown) => boolean} */ is) => is(a) && is(b);
  if (both(Array.isArray) && a.length === b.length)
    return a.flatMap((/** @type {any} */ item, /** @type {number} */ i) => differences(item, b[i], `${path}[${i}]`));
  if (both(isObject))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences(a[key], b[key], path ? `${path}.${key}` : key),
    );
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [path || 'its top'];
}
