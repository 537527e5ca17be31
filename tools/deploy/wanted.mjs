// tools/deploy/: the Actions that a config asks for, and which secrets each must have. Nothing here knows a tenant.

import { UserError } from '../error.mjs';
import { choose } from '../library/choose.mjs';
import { secretNames, secretText, withoutSystems } from '../paste/config.mjs';
import { SECRET_CHARACTERS, SECRETS, TRIGGERS } from '../tenant/limits.mjs';
import { inventAll } from '../tenant/secrets.mjs';

/** @typedef {import('../tenant/limits.mjs').Trigger} Trigger */
/**
 * @typedef {object} Wanted an Action as the config gives it
 * @property {string} name
 * @property {Trigger} trigger
 * @property {string} version of the trigger
 * @property {string} code
 * @property {string[]} named the secrets that the config names
 * @property {string[]} needed of those, the ones that it has to have or that are known here
 * @property {Map<string, string>} given their values, as far as they are known here
 * @property {(have: string[]) => string[]} unset what it runs without, given the secrets that the tenant has
 * @property {(have: string[]) => string[]} wrong what is wrong with the secrets, given those that the tenant has
 */

export const RUNTIME = 'node22';

/** The versions of the triggers that the handlers are written for. @type {Record<string, string>} */
const VERSIONS = { 'post-login': 'v3', 'event-stream': 'v1' };
const VERSION = 'v2';

/** An Action has one trigger, and a name of its own. @param {string} name @param {Trigger} trigger */
const nameFor = (name, trigger) => {
  if (trigger === 'post-login') return name;
  return `${name}-${trigger === 'post-user-registration' ? 'registration' : trigger}`;
};

/**
 * @param {import('../paste/config.mjs').Opened} opened
 * @param {{ code: string, name: string, values: Record<string, string | undefined> }} own `values`: what the environment holds
 * @returns {Wanted[]}
 */
export function wantedOf({ config, engine, syncs }, { code, name, values }) {
  const all = secretNames(syncs);
  const set = new Map(all.flatMap((each) => (values[each]?.trim() ? [[each, String(values[each])]] : [])));
  const subject = { config, syncs, refuses: () => false };
  const { syncs: running, serves } = choose(subject, set, { inventing: false });
  if (
    !config.syncs &&
    running.length === 0 &&
    TRIGGERS.every((trigger) => withoutSystems(config, trigger).length === 0)
  )
    throw new UserError(
      `the config has no \`syncs\`, and no secret that turns a preset on is set: set ${syncs.flatMap(({ secrets }) => secrets.map(secretText)).join(', ')}`,
    );
  const used = secretNames(running);
  const given = new Map([...set].filter(([each]) => used.includes(each)));
  const needed = [
    ...new Set(
      running.flatMap(({ secrets }) =>
        secrets.flatMap(({ names, optional }) => {
          const known = names.filter((each) => given.has(each));
          return known.length > 0 || optional ? known : names.slice(0, 1);
        }),
      ),
    ),
  ];
  checkSizes(given);
  const unset = (/** @type {string[]} */ have) => [
    ...new Set(
      running.flatMap(({ secrets }) =>
        secrets.filter(({ names }) => !names.some((each) => given.has(each) || have.includes(each))).map(secretText),
      ),
    ),
  ];
  const wrong = (/** @type {string[]} */ have) => {
    // A value that the tenant has cannot be read: one that fits takes its place.
    const there = running.flatMap(({ secrets }) =>
      secrets.flatMap(({ names: [first = '', ...others] }) =>
        [first, ...others].some((each) => have.includes(each)) ? [first] : [],
      ),
    );
    const fitting = Object.entries(inventAll(running, given, {})).filter(([each]) => there.includes(each));
    return engine
      .problems(config, Object.fromEntries([...fitting, ...given]))
      .map(({ message }) => message.replace(/: add it to the Action's secrets.*$/, ''))
      .filter((message, i, list) => list.indexOf(message) === i);
  };
  return serves.map((trigger) => ({
    name: nameFor(name, trigger),
    trigger,
    version: VERSIONS[trigger] ?? VERSION,
    code,
    // Of presets that secrets turn on, those too that only the tenant's secrets do.
    named: all,
    needed,
    given,
    unset,
    wrong,
  }));
}

/** @param {Map<string, string>} given */
function checkSizes(given) {
  for (const [name, value] of given) {
    if (value.length > SECRET_CHARACTERS)
      throw new UserError(`\`${name}\` is longer than the ${SECRET_CHARACTERS} characters that Auth0 allows`);
  }
  if (given.size > SECRETS)
    throw new UserError(`an Action has at most ${SECRETS} secrets: split the \`syncs\` over two Actions`);
}
