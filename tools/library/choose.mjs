// tools/library/: what a simulated login needs besides its config: the secrets of the Action, invented where no one has given
// them, and the triggers that the config serves.

import { withoutSystems } from '../paste/config.mjs';
import { SECRETS } from '../tenant/event.mjs';
import { HANDLERS, TRIGGERS } from '../tenant/limits.mjs';
import { active, inventAll } from '../tenant/secrets.mjs';

/**
 * @typedef {object} Subject
 * @property {string} [code] the file
 * @property {Record<string, any>} [config] none where the file is no paste of this project
 * @property {import('../paste/config.mjs').Sync[]} syncs
 * @property {(secrets: Record<string, string>) => boolean} refuses whether there is something wrong with these secrets
 * @property {Record<string, import('../tenant/systems/contract.mjs').Contract>} [contracts] of the connectors in it
 */

/**
 * @param {Subject} subject
 * @param {import('../tenant/secrets.mjs').Given} given
 * @param {{ inventing?: boolean }} [options]
 */
export function choose({ code = '', config, syncs, refuses, contracts = {} }, given, { inventing = true } = {}) {
  const named = Object.fromEntries([...given].filter(([, value]) => value !== ''));
  let running = active(syncs, given);
  // A config that does nothing by itself is shown with the system that most have.
  if (inventing && running.length === 0 && config && !config.syncs && refuses(named))
    running = syncs.filter(({ name }) => name === 'cleeng');
  const spare = config === undefined ? withoutNamed(SECRETS, given) : inventAll(running, given, contracts);
  const invented = inventing ? spare : {};
  const serves = TRIGGERS.filter(
    (trigger) => running.some(({ on }) => on.includes(trigger)) || withoutSystems(config, trigger).length > 0,
  );
  const handled = TRIGGERS.filter((trigger) => config === undefined && code.includes(HANDLERS[trigger]));
  return {
    held: { ...invented, ...named },
    syncs: running,
    invented: Object.keys(invented),
    serves: [serves, handled, TRIGGERS.slice(0, 1)].find(({ length }) => length > 0) ?? [],
  };
}

/** @param {Record<string, string>} secrets @param {import('../tenant/secrets.mjs').Given} given */
const withoutNamed = (secrets, given) =>
  Object.fromEntries(Object.entries(secrets).filter(([name]) => !given.has(name)));
