// tools/commands/: `login-sync doctor`: whether a tenant has what the config gives, and how it fares. It changes nothing.

import { command, FLAG, waiting } from '../cli.mjs';
import { examine, history } from '../deploy/doctor.mjs';
import { connect } from '../deploy/tenant.mjs';
import { OWN, ownOf, reporting, tenantUsage } from './own.mjs';

const usage = `usage: npx login-sync doctor --config FILE [options]

Reads an Auth0 tenant and says whether what is deployed is what your config gives: code, config, runtime, secrets, flow. Reads the
last logs, too: how long the Actions took, and which logins they denied. It changes nothing.

${tenantUsage("Takes your config's secrets from there, too, where they turn a preset on; otherwise it needs none.")}
  --json               the findings, as JSON

scopes of the application: read:actions; read:logs for denials and durations

exit codes: 0 all is as the config gives it; 1 something is not, or the tenant refused; 2 the config or an argument is wrong
`;

/** @param {boolean | null} ok */
const sign = (ok) => (ok === null ? '-' : ok ? '✓' : '✗');

await command(import.meta.url, { usage, options: { ...OWN, json: FLAG } }, (values) =>
  reporting(async () => {
    const { wanted, env } = ownOf(values);
    const tenant = await connect(env);
    const findings = await waiting(tenant.domain, async () => {
      const found = [];
      for (const each of wanted) found.push(...(await examine(tenant, each)));
      return [...found, ...(await history(tenant, wanted))];
    });
    const good = findings.every(({ ok }) => ok !== false);
    if (values.json) console.log(JSON.stringify({ tenant: tenant.domain, good, findings }, null, 2));
    else for (const { action, ok, text } of findings) console.log(`${sign(ok)} ${action}: ${text}`);
    return good ? 0 : 1;
  }),
);
