#!/usr/bin/env node
// The command behind `npm start` and `npm run simulate`: a login and a registration through the pasted file, on this
// machine, with stand-ins for the outside world. What was typed is `simulate/options.mjs`'s business, what is shown that of
// `simulate/print.mjs` and `simulate/json.mjs`; here are the help, the streams and the exit codes.
import { UserError, report } from '../cli.mjs';
import { PASTE } from '../paste/paste.mjs';
import { toJson } from './simulate/json.mjs';
import { parse, plan } from './simulate/options.mjs';
import { print } from './simulate/print.mjs';
import { run } from '../tenant/run.mjs';
import { FAULTS } from '../tenant/standins.mjs';

const HELP = `usage: npm run simulate -- [options]

Runs the pasted file as Auth0 does, with an invented user and stand-ins for Cleeng and the other systems. A host
that has no stand-in of its own is answered with what it was sent.

  --config FILE         your config, JSON; what it needs and is not given is invented
  --event FILE          a JSON file laid over the invented event, field by field; null removes a field
  --trigger NAME        post-login or post-user-registration (all that the config serves, one after the other)
  --secret NAME=VALUE   a secret of the Action, any number of times; no value removes one
  --secrets FILE        secrets, as a JSON object or as NAME=VALUE lines
  --fault NAME          what the stand-ins do: ${FAULTS.slice(0, 5).join(', ')}, ${FAULTS.slice(5, 7).join(', ')},
                        ${FAULTS.slice(7).join(', ')}, or a status such as 503 or 429:3 (with Retry-After: 3);
                        HOST:NAME for one system; any number of times
  --answer HOST=FILE    what stands in for a host's answers, any number of times
  --repeat N            executions, one after the other on one instance (1)
  --live                calls the real systems, with the secrets you give
  --json                the result as JSON, of one trigger; with --repeat a list
  --paste FILE          the file to run (pkg/login-sync.js)
  --help                this text

exit codes: 0 the login goes on, 1 it is denied or something is wrong with the file, 2 the arguments are wrong
`;

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { runs, notes, live } = await plan(values, PASTE);
  const [{ code = '' } = {}] = runs;
  const say = (/** @type {string} */ text) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  if (live !== undefined) process.stderr.write(`${live}\n`);
  const file = [values.paste ?? 'pkg/login-sync.js', ...(values.config === undefined ? [] : [`with ${values.config}`])].join(' ');
  if (!values.json) say(`${file}, ${Buffer.byteLength(code).toLocaleString('en')} bytes, ${live === undefined ? 'against stand-ins on this machine' : 'against the real systems'}`);
  notes.forEach(say);

  let good = true;
  /** @type {import('../tenant/run.mjs').Result[]} */
  const all = [];
  const echoes = new Set();
  const untouched = new Set(runs.flatMap(({ faults = [], answers = [] }) => [...faults, ...answers].flatMap(({ host }) => host ?? [])));
  const color = Boolean(process.stdout.isTTY && process.stdout.hasColors());
  for (const options of runs) {
    const done = await run(options);
    all.push(...done.results);
    good &&= done.results.every(({ outcome, faults, refused }) => outcome === 'allowed' && faults.length + refused.length === 0);
    done.echoed.forEach((host) => echoes.add(host));
    for (const host of untouched) if (!done.untouched.includes(host)) untouched.delete(host);
    if (!values.json) process.stdout.write(`\n${print(done, { color, width: process.stdout.columns ?? 100 })}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(values.repeat === undefined ? toJson(/** @type {any} */ (all[0])) : all.map(toJson), null, 2)}\n`);
  if (!values.json && echoes.size + untouched.size > 0) say('');
  for (const host of echoes) say(`${host} has no stand-in of its own: it was answered with what it was sent, and its claims come from that; \`--answer ${host}=FILE\` says better`);
  for (const host of untouched) say(`nothing was sent to \`${host}\`: its --fault or --answer was never met`);
  if (args.length === 0) say('\nmore: npm run simulate -- --help');
  return good ? 0 : 1;
}

// Whoever reads the output may have read enough.
process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  report(error);
  process.exitCode = 2;
}
