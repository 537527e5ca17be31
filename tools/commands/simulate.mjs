#!/usr/bin/env node
// The command behind `npm start` and `npm run simulate`: a login and a registration through the pasted file, on this
// machine, with stand-ins for the outside world. What was typed is `simulate/options.mjs`'s business, what is shown that of
// `simulate/print.mjs` and `simulate/result.schema.json`; here are the help, the streams and the exit codes.
import { call, command, waiting } from '../cli.mjs';
import { PASTE } from '../files.mjs';
import { loginOf } from '../library/simulate.mjs';
import { run } from '../tenant/run.mjs';
import { FAULTS } from '../tenant/standins.mjs';
import { liveTenant, localTenant } from '../tenant/tenant.mjs';
import { virtualTenant } from '../tenant/virtual.mjs';
import { OPTIONS, plan } from './simulate/options.mjs';
import { print } from './simulate/print.mjs';
import { checkPlace, writeRecord } from './simulate/record.mjs';
import { compareWith, replayed } from './simulate/replay.mjs';

/** @typedef {import('../tenant/run.mjs').Run} Run */

const usage = `usage: ${call('simulate')} [options]

Runs the pasted file as Auth0 does, with an invented user and stand-ins for Cleeng and the other systems. A host
that has no stand-in of its own is answered with what it was sent.

  --config FILE         your config, JSON; - is stdin; what it needs and is not given is invented
  --event FILE          the whole event, JSON; - is stdin
  --over FILE           a JSON file laid over the event, field by field; null removes a field
  --trigger NAME        post-login, post-user-registration, pre-user-registration, credentials-exchange,
                        post-change-password or event-stream (all that the config serves, one after the other)
  --secret NAME=VALUE   a secret of the Action, any number of times; no value removes one
  --secrets FILE        secrets, as a JSON object or as NAME=VALUE lines
  --fault NAME          what the stand-ins do: ${FAULTS.slice(0, 5).join(', ')}, ${FAULTS.slice(5, 7).join(', ')},
                        ${FAULTS.slice(7).join(', ')}, or a status such as 503 or 429:3 (with Retry-After: 3);
                        HOST:NAME for one system; any number of times
  --answer HOST=FILE    a file that replaces a host's answers, any number of times
  --answers FILE        answers by host, JSON: { "crm.example.com": [{ "status": 503 }, { "body": {} }] }
  --repeat N            executions, one after the other on one instance (1)
  --others              each of them is another user's, or another machine's
  --apart MS            milliseconds from one to the next, on the virtual clock (0)
  --clock NAME          virtual: no one waits for a timeout; real: over connections on this machine (real)
  --at TIME             when the login is, such as 2026-11-27T09:30:00Z, on the virtual clock
  --live                calls the real systems, with the secrets you give
  --json                the result as JSON, of one trigger; with --repeat a list
  --record FILE         writes the login as a test, for \`${call('test', false)}\`: with what was answered, without secrets
  --replay FILE         shows the logins of such a file; with --config FILE as they are with another config
  --watch               again after each change of a file that it reads
  --paste FILE          the file to run (pkg/login-sync.js)
  --help                this text

exit codes: 0 the login goes on or the event is done, 1 it is denied, comes again or has failed, or something is wrong
            with the file, 2 the arguments are wrong
`;

const watched = (
  /** @type {Record<string, string>} */ { config, event, over, answers, secrets, replay, paste = PASTE },
) =>
  [config, event, over, answers, secrets, replay, paste].flatMap((file) =>
    file === undefined || file === '-' ? [] : [file],
  );

await command(import.meta.url, { usage, options: OPTIONS, watched }, async (values) => {
  const color = Boolean(process.stdout.isTTY && process.stdout.hasColors());
  const show = (/** @type {Run} */ done) => print(done, { color, width: process.stdout.columns ?? 100 });
  if (values.replay !== undefined) return replay({ ...values, replay: values.replay }, show);
  if (values.record !== undefined) checkPlace(values.record);
  const { runs, notes, live, clock, at, apartMs = 0 } = plan(values, PASTE);
  const say = (/** @type {string} */ text) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  if (live !== undefined) process.stderr.write(`${live}\n`);
  if (!values.json) say(titleOf(values, runs[0]?.code ?? '', live));
  notes.forEach(say);

  const virtual = () => virtualTenant({ ...(at === undefined ? {} : { at }), apartMs, redactor: localTenant.redactor });
  const tenant = live !== undefined ? liveTenant : clock === 'virtual' ? virtual() : localTenant;
  /** @type {Run[]} */
  const all = [];
  /** @type {import('../tenant/run.mjs').Facts[][]} */
  const recorded = [];
  for (const options of runs) {
    /** @type {import('../tenant/run.mjs').Facts[]} */
    const facts = [];
    const explain = (/** @type {import('../tenant/run.mjs').Facts} */ fact) => {
      facts.push(fact);
      return options.explain?.(fact) ?? [];
    };
    const done = await waiting('the other systems', () => run({ ...options, explain }, tenant));
    all.push(done);
    recorded.push(facts);
    if (!values.json) process.stdout.write(`\n${show(done)}\n`);
  }
  const results = all.flatMap((done) => done.results);
  if (values.json)
    process.stdout.write(
      `${JSON.stringify(values.repeat === undefined ? loginOf(/** @type {any} */ (results[0])) : results.map(loginOf), null, 2)}\n`,
    );
  if (values.record !== undefined) {
    const { others, apart } = values;
    const how = { ...(others ? { others } : {}), ...(apart === undefined ? {} : { apartMs }) };
    const unsteady = await writeRecord(values.record, values.config, recorded, how);
    say(`wrote ${values.record}: it holds what the event says of the user`);
    if (unsteady.length > 0) say(`not expected there, because it is different each time: ${unsteady.join(', ')}`);
  }
  const more = remarks(all);
  if (!values.json && more.length > 0) say('');
  more.forEach(say);
  if (process.argv.length === 2) say(`\nmore: ${call('simulate')} --help`);
  return codeOf(results);
});

/** @param {import('../tenant/run.mjs').Result[]} results */
function codeOf(results) {
  const goesOn = results.every(
    ({ outcome, faults, refused }) => outcome === 'allowed' && faults.length + refused.length === 0,
  );
  return goesOn ? 0 : 1;
}

/** @param {{ replay: string, config?: string, json?: boolean }} values @param {(done: Run) => string} show */
async function replay(values, show) {
  /** @type {import('../tenant/run.mjs').Result[]} */
  const results = [];
  for await (const { name, done } of replayed(values)) {
    results.push(...done.results);
    if (!values.json) console.log(`${name}\n\n${show(done)}\n`);
  }
  console.log(values.json ? JSON.stringify(results.map(loginOf), null, 2) : compareWith(values));
  return codeOf(results);
}

/** @param {{ paste?: string | undefined, config?: string | undefined }} values @param {string} code @param {string | undefined} live */
function titleOf({ paste = 'pkg/login-sync.js', config }, code, live) {
  const file = config === undefined ? paste : `${paste} with ${config}`;
  return `${file}, ${Buffer.byteLength(code).toLocaleString('en')} bytes, ${live === undefined ? 'against stand-ins on this machine' : 'against the real systems'}`;
}

/** What no execution shows. @param {Run[]} all */
function remarks(all) {
  const echoed = new Set(all.flatMap((done) => done.echoed));
  // A host counts where no trigger's run has met it.
  const untouched = new Set(
    all.flatMap((done) => done.untouched).filter((host) => all.every((done) => done.untouched.includes(host))),
  );
  return [
    ...[...echoed].map(
      (host) =>
        `${host} has no stand-in of its own: it was answered with what it was sent, so \`expect\` and claims read that; write its answer into a file, and add \`--answer ${host}=FILE\``,
    ),
    ...[...untouched].map((host) => `nothing was sent to \`${host}\`: its --fault or --answer was never met`),
  ];
}
