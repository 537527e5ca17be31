#!/usr/bin/env node
// The command behind `npm run rehearse`: an outage, rehearsed on this machine. The other system is well, hangs, is well,
// fails, is well, limits, is well, while logins keep coming. How that is done is in `rehearse/run.mjs`; here are the
// options, the streams and the exit codes.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { UserError, isCommand, report } from './cli.mjs';
import { LEGEND, chart, remarks, table } from './rehearse/print.mjs';
import { rehearse } from './rehearse/run.mjs';

/** @typedef {import('./rehearse/run.mjs').Rehearsed} Rehearsed */

const USAGE = `usage: npm run rehearse -- [options]

Rehearses an outage on this machine: a stand-in for the other system is well, hangs, is well, answers 503, is well,
answers 429 with \`Retry-After: 2\`, is well. Logins begin at a fixed rate all the while, one in four a refresh-token
exchange of somebody who was let in before. Beside the paste runs the snippet that people paste today (axios, no
timeout), in a process of its own. Prints what each login was made to wait, what the other system was asked, and who was
denied; then whether the figures hold that are promised of an outage.

  --seconds N     how long a phase lasts, 1 to 60 (5); the one that hangs, one timeout more
  --rate N        logins a second, 20 to 200 (20)
  --config FILE   your config, JSON; what it needs is invented
  --json          the result as JSON
  --paste FILE    the file to run (pkg/login-sync.js)
  --help          this text

exit codes: 0 the figures hold, 1 one does not, 2 the arguments are wrong
`;

/** Whether the snippet's one dependency is installed. */
export function hasAxios() {
  try {
    createRequire(import.meta.url).resolve('axios');
    return true;
  } catch {
    return false;
  }
}

/** @param {string[]} args */
function parse(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    return parseArgs({ args, options: { seconds: text, rate: text, config: text, paste: text, json: flag, help: flag } }).values;
  } catch (error) {
    const [message = ''] = /** @type {Error} */ (error).message.split('. ');
    throw new UserError(`${message.charAt(0).toLowerCase()}${message.slice(1)}; \`--help\` lists the options`);
  }
}

/** @param {string} option @param {string} text @param {number} least @param {number} most */
function whole(option, text, least, most) {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new UserError(`--${option}: must be a whole number from ${least} to ${most}`);
  return value;
}

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const { help, json, seconds = '5', rate = '20', ...files } = parse(args);
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const alone = !hasAxios();
  const options = { seconds: whole('seconds', seconds, 1, 60), rate: whole('rate', rate, 20, 200), ...files, alone };
  const say = (/** @type {string} */ line) => void process.stderr.write(`${line}\n`);
  if (alone) say('axios is not installed, so the paste runs alone; `npm install` brings it');
  const rehearsed = await rehearse(options, say);
  process.stdout.write(`${json ? JSON.stringify(rehearsed.result, null, 2) : shown(rehearsed, Math.min(process.stdout.columns ?? 90, 110)).join('\n')}\n`);
  return rehearsed.result.holds ? 0 : 1;
}

/**
 * @param {Rehearsed} rehearsed
 * @param {number} width of the screen, in characters
 */
export function shown({ result: { rate, contenders, figures }, phases, logins }, width) {
  return [
    `${rate} logins a second for ${Math.round((phases.at(-1)?.toMs ?? 0) / 1000)} s; one instance each`,
    ...contenders.flatMap(({ name, phases: rows, lateMs, faults }, i) => [
      '',
      name,
      ...chart(logins[i] ?? [], phases, width),
      '',
      ...table(rows),
      ...remarks(rows),
      `a login began at most ${lateMs} ms late, because its process was busy`,
      ...faults.map((fault) => `FAULT ${fault}`),
    ]),
    '',
    ...LEGEND,
    'p50, p95, max: how long the Action kept the login',
    'req/login: requests that came to the other system in that phase, over the logins that began in it',
    '',
    'what is promised of login-sync in an outage',
    ...figures.map(({ what, measured, bound, holds }) => `  ${holds ? 'holds' : 'FAILS'}  ${what}: ${measured}; at most ${bound}`),
  ];
}

if (isCommand(import.meta.url)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    report(error);
    process.exitCode = 2;
  }
}
