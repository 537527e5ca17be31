// tools/commands/: `login-sync deploy`: the Actions of a config, in a tenant. It changes login-sync's own Actions and adds them to
// their flows; it never removes or changes another.

import { agrees, command, FLAG, TEXT, waiting } from '../cli.mjs';
import { apply, plan } from '../deploy/deploy.mjs';
import { hasFlow } from '../deploy/plan.mjs';
import { connect, TenantError } from '../deploy/tenant.mjs';
import { tryDraft } from '../deploy/try.mjs';
import { UserError } from '../error.mjs';
import { parseJson } from '../paste/json.mjs';
import { isObject } from '../tenant/values.mjs';
import { read } from './open.mjs';
import { OWN, ownOf, reporting, tenantUsage } from './own.mjs';

/** @typedef {{ action: string, trigger: string, steps: string[], unset: string[], id?: string | undefined }} Done */

const usage = `usage: npx login-sync deploy --config FILE [options]

Makes or updates the Actions of your config in an Auth0 tenant: code, secrets, runtime. Waits for the build, deploys, and adds each
to the end of its flow. Other Actions, and their places, stay as they are. Where nothing has changed, it does nothing.

${tenantUsage("Takes your config's secrets from there, too, by their names.")}
  --dry-run            says what would be done, and changes nothing
  --all-secrets        sends the value of every secret: without it, only those that are missing. Auth0 never shows a value
  --prune              removes the secrets that the config does not name
  --try                runs the draft in Auth0 before it is deployed. It calls your real systems with an invented user, and asks first
  --event FILE         for \`--try\`: another event
  --yes                for \`--try\`: does not ask
  --json               what was done, as JSON

scopes of the application: read:actions, create:actions, update:actions; for \`--dry-run\` read:actions

exit codes: 0 done, or nothing to do; 1 the tenant refused, or \`--try\` failed; 2 the config, a secret or an argument is wrong, and
nothing was changed
`;

const options = {
  ...OWN,
  'dry-run': FLAG,
  'all-secrets': FLAG,
  prune: FLAG,
  try: FLAG,
  event: TEXT,
  yes: FLAG,
  json: FLAG,
};

await command(import.meta.url, { usage, options }, (values) =>
  reporting(async () => {
    const { wanted, env } = ownOf(values);
    const event = values.event === undefined ? undefined : eventIn(values.event);
    if (event && !values.try) throw new UserError('--event: is for `--try`');
    const dry = values['dry-run'] ?? false;
    const tenant = await connect(env);
    const how = { all: values['all-secrets'] ?? false, prune: values.prune ?? false, values: env };
    const replan = (/** @type {import('../deploy/wanted.mjs').Wanted} */ each) => plan(tenant, each, how);
    const plans = [];
    // All that is wrong is found before anything is changed.
    for (const each of wanted) plans.push(await waiting(tenant.domain, () => replan(each)));
    const say = (/** @type {string} */ text) => void (values.json || console.log(text));
    const runs = values.try && !dry && plans.some(({ deploys }) => deploys);
    if (runs && !values.yes) await askFirst(tenant.domain);
    let changed = false;
    const done = [];
    for (const planned of plans) {
      const { name } = planned.wanted;
      /** Code 2 says that nothing was changed. @template T @param {() => Promise<T>} work */
      const attempt = (work) =>
        waiting(`${tenant.domain}: ${name}`, work).catch((error) => {
          throw changed && error instanceof UserError
            ? new TenantError(`${error.message}; what is above is done`)
            : error;
        });
      // While another was deployed, or a person asked, someone may have changed this one: its secrets are written whole.
      const each = changed || runs ? await attempt(() => replan(planned.wanted)) : planned;
      say(
        `${name} (${each.wanted.trigger}) in ${tenant.domain}${each.words.length === 0 ? ': nothing to do' : dry ? ', would:' : ':'}`,
      );
      for (const word of each.words) say(`  ${word}`);
      for (const secret of each.unset) say(`  it runs without ${secret}: not set, and what it is for is left out`);
      /** @type {Done} */
      const one = { action: name, trigger: each.wanted.trigger, steps: each.words, unset: each.unset };
      if (each.found) one.id = each.found.id;
      done.push(one);
      if (dry || each.words.length === 0) continue;
      const tried = async (/** @type {string} */ id, /** @type {import('../deploy/wanted.mjs').Wanted} */ one) =>
        say(`  tried in Auth0: ${await tryDraft(tenant, id, one, event)}`);
      one.id = await attempt(() => apply(tenant, each, { replan, ...(runs && { tried }) }));
      changed = true;
      say(hasFlow(each.wanted) ? '  done' : `  done: its id is ${one.id}`);
    }
    if (values.json) console.log(JSON.stringify({ tenant: tenant.domain, dryRun: dry, actions: done }, null, 2));
  }),
);

/** @param {string} domain */
async function askFirst(domain) {
  const question = `--try: runs the draft in ${domain}, which calls your real systems with the Action's secrets. Go on? (yes/no) `;
  if (!process.stdin.isTTY) throw new UserError('--try: calls real systems, and there is no one to ask: add `--yes`');
  if (!(await agrees(question))) throw new UserError('--try: stopped, and nothing was changed');
}

/** @param {string} file */
function eventIn(file) {
  const event = parseJson(read(file, '--event'), `--event: \`${file}\``);
  if (!isObject(event)) throw new UserError(`--event: \`${file}\` must be an object`);
  return event;
}
