// tools/commands/: `login-sync simulate --replay`: the logins of a test file, such as `--record` writes one, each with all that is to
// see of it. What is expected of them is the business of `login-sync test`.

import { call, waiting } from '../../cli.mjs';
import { UserError } from '../../error.mjs';
import { runOf } from '../../library/simulate.mjs';
import { localTenant } from '../../tenant/tenant.mjs';
import { openTests } from '../test/file.mjs';

/** @typedef {import('../../tenant/run.mjs').Run} Run */

/** Of another config, and shown otherwise; all else is in the file. */
const ALLOWED = ['replay', 'config', 'json', 'watch'];

/**
 * @param {{ replay: string, config?: string } & Record<string, unknown>} values what was typed
 * @returns {AsyncGenerator<{ name: string, done: Run }>}
 */
export async function* replayed(values) {
  const other = Object.keys(values).find((option) => !ALLOWED.includes(option));
  if (other !== undefined)
    throw new UserError(`--${other}: a login is replayed as it was: leave it out, or change \`${values.replay}\``);
  const { config, tests } = openTests(values.replay, '--replay');
  for (const { name, expect: _, ...options } of tests) {
    const done = await waiting(`\`${name}\``, () => runOf(values.config ?? config, options, localTenant.redactor));
    yield { name, done };
  }
}

/** What to do next. @param {{ replay: string, config?: string }} files */
export const compareWith = ({ replay, config }) =>
  `what has changed: ${call('test', false)} ${replay}${config === undefined ? '' : ` --config ${config}`}`;
