// tools/commands/: what `deploy` and `doctor` share: the Actions that a config gives, with the secrets of the environment, and how
// what a tenant says no to ends a command.

import { FLAG, TEXT } from '../cli.mjs';
import { TenantError } from '../deploy/tenant.mjs';
import { wantedOf } from '../deploy/wanted.mjs';
import { UserError } from '../error.mjs';
import { leanOf, PASTE } from '../files.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle } from '../paste/bundle.mjs';
import { openConfig, read } from './open.mjs';
import { secretsOf } from './simulate/options.mjs';

export const OWN = {
  config: TEXT,
  name: TEXT,
  secrets: TEXT,
  editable: FLAG,
};

/** @param {string} also what else it takes from the environment */
export const tenantUsage = (
  also,
) => `Takes the tenant and an application of it ("machine to machine", for the Auth0 Management API) from the environment: AUTH0_DOMAIN,
AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET. ${also}

  --config FILE        the config, JSON; - is stdin
  --name NAME          the Action for logins (login-sync); others are called NAME-registration and so on
  --secrets FILE       any of these in a file, a JSON object or NAME=VALUE lines; the environment wins
  --editable           a paste whose config can be edited in Auth0`;

const NAME = /^[a-z0-9](?:[a-z0-9_ -]{0,98}[a-z0-9])?$/i;

/** The name of an Action. @param {string} [name] */
export function nameOf(name = 'login-sync') {
  if (!NAME.test(name)) throw new UserError('--name: must be letters, digits, `-`, `_` and spaces');
  return name;
}

/** @param {{ config?: string, name?: string, secrets?: string, editable?: boolean }} values */
export function ownOf({ config, name, secrets, editable }) {
  if (!config) throw new UserError('needs `--config FILE`; `--help` lists the options');
  const opened = openConfig({ config, paste: PASTE });
  const { text: code } = bundle(opened, readAhead, editable ? undefined : read(leanOf(PASTE), 'pkg/'));
  const ofFile = secrets === undefined ? {} : Object.fromEntries(secretsOf(secrets));
  // In CI a secret that is not there is an empty variable.
  const set = Object.entries(process.env).filter(([, value]) => value?.trim());
  const env = { ...ofFile, ...Object.fromEntries(set) };
  return { wanted: wantedOf(opened, { code, name: nameOf(name), values: env }), env };
}

/** @param {() => Promise<number | void>} work */
export async function reporting(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TenantError)) throw error;
    console.error(`error: ${error.message}`);
    return 1;
  }
}
