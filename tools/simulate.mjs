#!/usr/bin/env node
// The command behind `npm start` and `npm run simulate`: a login and a registration through the pasted file, on this
// machine, with stand-ins for the outside world. Arguments and exit codes live here; the work is done in `simulate/`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SECRETS } from './simulate/event.mjs';
import { textOf } from './simulate/context.mjs';
import { HANDLERS, SECRET_CHARACTERS } from './simulate/limits.mjs';
import { print } from './simulate/print.mjs';
import { run } from './simulate/run.mjs';
import { FAULTS, isFault } from './simulate/standins.mjs';

const PASTE = 'pkg/login-sync.js';

const HELP = `usage: npm start -- [options]

Runs the pasted file as Auth0 does, with an invented user and stand-ins for Cleeng and the other systems.

  --paste FILE          the file to run (${PASTE})
  --trigger NAME        ${Object.keys(HANDLERS).join(' or ')} (both, one after the other)
  --event FILE          a JSON file laid over the invented event, field by field; null removes a field
  --secret NAME=VALUE   a secret of the Action, any number of times; no value removes one
  --fault NAME          what the stand-ins do: ${FAULTS.join(', ')},
                        or a status such as 503 or 429:3 (with Retry-After: 3)
  --repeat N            executions on one instance (2)
  --help                this text

exit codes: 0 the login goes on, 1 it is denied or something is wrong with the file, 2 the arguments are wrong
`;

/** What the person at the keyboard got wrong: one line, no stack. */
class InputError extends Error {}

/** @param {string[]} args */
function parse(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  try {
    return parseArgs({
      args,
      options: { paste: text, trigger: text, event: text, secret: { ...text, multiple: true }, fault: text, repeat: text, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new InputError(`${textOf(error).split('. ')[0]?.replace(/^./, (first) => first.toLowerCase())}; \`--help\` lists the options`);
  }
}

/** @param {string} file @param {string} option */
function read(file, option) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
    throw new InputError(`${option}: ${missing ? 'there is no file' : 'cannot read'} \`${file}\``);
  }
}

/** @param {string} file @returns {Record<string, any>} */
function readEvent(file) {
  /** @type {unknown} */
  let event;
  try {
    event = JSON.parse(read(file, '--event'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`--event: \`${file}\` is not JSON`);
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new InputError(`--event: \`${file}\` must hold an object`);
  return event;
}

/** @param {string[]} given @returns {Record<string, string>} */
function secretsOf(given) {
  /** @type {Record<string, string>} */
  const secrets = { ...SECRETS };
  for (const each of given) {
    const at = each.indexOf('=');
    if (at <= 0) throw new InputError('--secret: must be NAME=VALUE');
    const [name, value] = [each.slice(0, at), each.slice(at + 1)];
    if (value.length > SECRET_CHARACTERS) throw new InputError(`--secret: \`${name}\` is longer than the ${SECRET_CHARACTERS} characters that Auth0 allows`);
    if (value === '') delete secrets[name];
    else secrets[name] = value;
  }
  return secrets;
}

/**
 * @param {ReturnType<typeof parse>} values
 * @returns {import('./simulate/run.mjs').RunOptions[]} one per trigger
 */
function plan(values) {
  const triggers = /** @type {import('./simulate/limits.mjs').Trigger[]} */ (Object.keys(HANDLERS));
  const wanted = triggers.filter((trigger) => values.trigger === undefined || values.trigger === trigger);
  if (wanted.length === 0) throw new InputError(`--trigger: unknown trigger \`${values.trigger}\`; use ${triggers.join(' or ')}`);
  const repeat = Number(values.repeat ?? 2);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 100_000) throw new InputError('--repeat: must be a whole number from 1 to 100000');
  const fault = values.fault;
  if (fault !== undefined && !isFault(fault)) throw new InputError(`--fault: unknown fault \`${fault}\`; use ${FAULTS.join(', ')}, or a status such as 503 or 429:3`);

  const file = values.paste ?? fileURLToPath(new URL(`../${PASTE}`, import.meta.url));
  const code = read(file, '--paste');
  const event = values.event === undefined ? undefined : readEvent(values.event);
  const secrets = secretsOf(values.secret ?? []);
  return wanted.map((trigger) => ({ code, file: values.paste ?? PASTE, trigger, secrets, repeat, ...(event ? { event } : {}), ...(fault ? { fault } : {}) }));
}

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const color = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
  let code = 0;
  for (const [i, options] of plan(values).entries()) {
    const result = await run(options);
    if (i === 0) process.stdout.write(`${result.paste.file}, ${result.paste.bytes.toLocaleString('en')} bytes, against stand-ins on this machine\n`);
    process.stdout.write(`\n${print(result, { color, width: process.stdout.columns ?? 100 })}\n`);
    if (result.outcome !== 'allowed' || result.faults.length > 0) code = 1;
  }
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`simulate: ${error.message}\n`);
  process.exitCode = 2;
}
