#!/usr/bin/env node
// demo/: the command behind `npm run demo`: opens everything, says what is what, and ends it at Ctrl-C.
import { parseArgs } from 'node:util';

const HELP = `usage: npm run demo [-- options]

A login through the pasted file, in your browser: a local tenant and a local application, both on free ports of 127.0.0.1,
with stand-ins for the other systems. Nothing leaves this machine. Ctrl-C ends it.

  --config FILE          the config, JSON (demo/config.json)
  --secret NAME=VALUE    a secret of the Action, any number of times; those that are missing are invented
  --secrets FILE         a file of them
  --fault NAME           what the stand-ins do, such as timeout or 503; HOST:NAME for one of them
  --paste FILE           the file to run (pkg/login-sync.js)
  --help                 this text
`;

/** @param {string[]} args */
async function main(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const many = /** @type {const} */ ({ type: 'string', multiple: true });
  const { help, ...options } = parseArgs({ args, options: { config: text, secret: many, secrets: text, fault: many, paste: text, help: { type: 'boolean', short: 'h' } } }).values;
  if (help) return void process.stdout.write(HELP);
  const { openDemo } = await import('./open.mjs');
  const demo = await openDemo(options);
  process.stdout.write(`login-sync demo: the pasted file in the login step of a local tenant

  open this    ${demo.url}   the application, by openid-client
  its tenant   ${demo.issuer}   by oidc-provider; you pick a user there, without a password
  stand-ins    127.0.0.1:${demo.action.port}           for ${demo.watch.calls().map(({ system }) => system).join(', ') || 'nobody: this config calls no system'}

${demo.stories ? `${demo.people.map(({ user, story }) => `  ${user.name.padEnd(16)} ${story}\n`).join('')}\n` : ''}${demo.notes.map((note) => `${note}\n`).join('')}Ctrl-C ends it.
`);
  // npm passes on the signal that the terminal has sent already: the second one must not cut the end short.
  /** @type {Promise<void> | undefined} */
  let ending;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => void (ending ??= demo.close()));
}

/** One line for what the person at the keyboard can mend. @param {NodeJS.ErrnoException} error */
function mend({ code, message, constructor }) {
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes('Cannot find package')) return `the packages of the demo are missing: run \`npm ci\``;
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message.split(/\. |\n/)[0]?.replace(/^./, (first) => first.toLowerCase())}; \`--help\` lists the options`;
  return constructor.name === 'UserError' ? message : undefined;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const line = mend(/** @type {NodeJS.ErrnoException} */ (error));
  if (line === undefined) throw error;
  process.stderr.write(`error: ${line}\n`);
  process.exitCode = 2;
}
