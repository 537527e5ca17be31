#!/usr/bin/env node
// The command `login-sync` of the package: a verb, and what that verb takes.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { installed } from '../cli.mjs';
import { root } from '../files.mjs';
import { VERBS } from './verbs.mjs';

const [, , typed, ...typedRest] = process.argv;
const width = Math.max(...Object.keys(VERBS).map((name) => name.length));
const usage = `usage: ${installed ? 'npx ' : ''}login-sync VERB [options]

${Object.entries(VERBS)
  .map(([name, [, what]]) => `  ${name.padEnd(width)}  ${what}`)
  .join('\n')}

\`login-sync VERB --help\` lists the options of a verb, and so does \`login-sync help VERB\`. Every verb but \`deploy\` and
\`doctor\` works without a network.

  --version   the version of login-sync
  --help      this text

exit codes: those of the verb; 2 for arguments that are wrong
`;

/** @param {string} message */
function refuse(message) {
  console.error(`error: ${message}`);
  process.exitCode = 2;
}

const isHelp = (/** @type {string | undefined} */ arg) => arg === '--help' || arg === '-h' || arg === 'help';
// `help VERB` is `VERB --help`.
const [verb, ...rest] = isHelp(typed) && typedRest.length > 0 ? [typedRest[0], '--help'] : [typed, ...typedRest];

if (verb === undefined || isHelp(verb)) {
  process.stdout.write(usage);
  if (verb === undefined) process.exitCode = 2;
} else if (verb === '--version') {
  console.log(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version);
} else if (!Object.hasOwn(VERBS, verb)) {
  refuse(`unknown verb; use ${Object.keys(VERBS).join(', ')}`);
} else {
  const [file] = /** @type {[string, string]} */ (VERBS[verb]);
  const place = path.join(root, file);
  if (existsSync(place)) {
    // As if it had been started by itself.
    process.argv = [process.argv[0] ?? '', place, ...rest];
    await import(new URL(`../../${file}`, import.meta.url).href);
  } else {
    const words = `\`${verb}\` is not in the package: \`git clone https://github.com/login-sync/login-sync\`, then \`npm ci\` and \`npm run ${verb}\` there`;
    if (rest.some(isHelp)) process.stdout.write(`usage: ${words}\n`);
    else refuse(words);
  }
}
