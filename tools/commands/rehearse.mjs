#!/usr/bin/env node
// The command behind `npm run rehearse`: outages, rehearsed on this machine. The other system fails in all kinds of ways
// while logins keep coming. How that is done is in `rehearse/run.mjs`; here are the options, the streams and the exit codes.
import { createRequire } from 'node:module';
import { call, command, FLAG, TEXT, TEXTS, whole } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { KINDS } from './rehearse/plan.mjs';
import { chart, LEGEND, remarks, table, verdict } from './rehearse/print.mjs';
import { rehearse } from './rehearse/run.mjs';

/** @typedef {import('./rehearse/run.mjs').Rehearsed} Rehearsed */

const NAMES = Object.keys(KINDS);
const SEEDS = 2 ** 32;
const usage = `usage: ${call('rehearse')} [options]

Rehearses outages on this machine. Logins begin at random, so many a second, whatever becomes of those before; each is of
somebody new, on one of the instances of the Action, which know only themselves. Meanwhile a stand-in for the other system
goes through these phases, with good times between; a seed decides their order, their lengths and who comes when:

  hang      nothing is answered
  503       every answer is a 503
  429       every answer is a 429 with \`Retry-After: 2\`
  slow      every answer takes five times as long
  account   one account's data make it fail, and that account logs in in bursts; one in 20 others meets a 503 once
  crowds    it is well, with one answer in 100 after 1.2 s and one in 100 a 500, and 40 people come at once

Prints what each login was made to wait, what the other system was asked, and who was denied; then each figure that is
promised, and its bound.

  --instances N   instances of the Action, 1 to 50 (1)
  --rate N        logins a second, 10 to 100 (100)
  --seconds N     how long a phase lasts, 1 to 100 (6); half as long to half as long again
  --phases LIST   some of them only, such as hang,503
  --seed N        the seed of an earlier run, 0 to ${SEEDS - 1} (a new one)
  --snippet       afterwards the same with the snippet that people paste today (axios, no timeout)
  --config FILE   your config, JSON; what it needs is invented
  --answer HOST=FILE, --answers FILE
                  what your systems answer while they are well, as for \`${call('simulate', false)}\`
  --json          the result as JSON
  --paste FILE    the file to run (pkg/login-sync.js)
  --help          this text

exit codes: 0 every bound holds, 1 one does not, 2 the arguments are wrong
`;

const options = {
  instances: TEXT,
  rate: TEXT,
  seconds: TEXT,
  phases: TEXT,
  seed: TEXT,
  config: TEXT,
  answer: TEXTS,
  answers: TEXT,
  paste: TEXT,
  snippet: FLAG,
  json: FLAG,
};

/** @param {string} text */
function kindsOf(text) {
  const kinds = text.split(',');
  const wrong = kinds.find((kind, i) => !NAMES.includes(kind) || kinds.indexOf(kind) !== i);
  if (wrong !== undefined)
    throw new UserError(
      `--phases: \`${wrong}\` ${NAMES.includes(wrong) ? 'is there twice' : 'is no phase'}: write some of ${NAMES.join(',')}`,
    );
  return kinds;
}

/** Whether the snippet's one dependency is installed. */
function hasAxios() {
  try {
    createRequire(import.meta.url).resolve('axios');
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {Rehearsed} rehearsed
 * @param {number} width of the screen, in characters
 */
export function shown({ result: { seed, rate, instances, contenders, figures }, phases, logins }, width) {
  return [
    `${rate} logins a second for ${Math.round((phases.at(-1)?.toMs ?? 0) / 1000)} s; instances: ${instances}; seed ${seed}`,
    ...contenders.flatMap((contender, i) => [
      '',
      contender.name,
      ...chart(logins[i] ?? [], phases, width),
      '',
      ...table(contender.phases),
      ...remarks(contender),
    ]),
    '',
    ...LEGEND,
    'p50, p95, max: how long the Action kept the login',
    'req/login: requests that came to the other system in that phase, over the logins that began in it',
    "denied: no token, or one without a system's claims",
    '',
    'what is promised of login-sync',
    ...figures.map(verdict),
  ];
}

await command(
  import.meta.url,
  { usage, options },
  async ({
    json,
    instances = '1',
    rate = '100',
    seconds = '6',
    phases = NAMES.join(),
    seed = `${Math.floor(Math.random() * SEEDS)}`,
    ...rest
  }) => {
    const asked = {
      instances: whole('instances', instances, 1, 50),
      rate: whole('rate', rate, 10, 100),
      seconds: whole('seconds', seconds, 1, 100),
      kinds: kindsOf(phases),
      seed: whole('seed', seed, 0, SEEDS - 1),
      ...rest,
    };
    if (asked.snippet && !hasAxios()) throw new UserError('--snippet: axios is not installed: run `npm install axios`');
    const say = (/** @type {string} */ line) => void process.stderr.write(`${line}\n`);
    const rehearsed = await rehearse(asked, say);
    process.stdout.write(
      `${json ? JSON.stringify(rehearsed.result, null, 2) : shown(rehearsed, Math.min(process.stdout.columns ?? 110, 110)).join('\n')}\n`,
    );
    return rehearsed.result.holds ? 0 : 1;
  },
);
