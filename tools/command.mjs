// tools/: how a command takes its options and how it ends when its user got something wrong. It knows no command.

import { parseArgs } from 'node:util';
import { UserError, report } from './cli.mjs';

/**
 * Runs a command. Whatever its user got wrong ends it with code 2.
 * @param {string} usage
 * @param {readonly string[]} names the options, each with a value
 * @param {(options: Record<string, any>) => Promise<void>} main
 * @param {readonly string[]} [flags] the options without a value
 */
export async function command(usage, names, main, flags = []) {
  try {
    const { help, ...values } = parse(names, ['help', ...flags]);
    if (help) process.stdout.write(usage);
    else await main(values);
  } catch (error) {
    report(error);
    process.exitCode = 2;
  }
}

/** @param {readonly string[]} names @param {readonly string[]} flags @returns {Record<string, any>} */
function parse(names, flags) {
  const texts = names.map((name) => [name, /** @type {const} */ ({ type: 'string' })]);
  const bare = flags.map((name) => [name, /** @type {const} */ ({ type: 'boolean' })]);
  try {
    return parseArgs({ options: Object.fromEntries([...texts, ...bare]) }).values;
  } catch (error) {
    const [message] = /** @type {Error} */ (error).message.split('. ');
    throw new UserError(`${message.charAt(0).toLowerCase()}${message.slice(1)}; \`--help\` lists the options`);
  }
}
