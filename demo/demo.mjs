#!/usr/bin/env node
// demo/: the command behind `npm run demo`: opens everything, says what is what, and ends it at Ctrl-C.
import { command, TEXT, TEXTS } from '../tools/cli.mjs';
import { withPackages } from '../tools/develop/packages.mjs';

const usage = `usage: npm run demo [-- options]

A login through the pasted file, in your browser: a local tenant and a local application, both on free ports of 127.0.0.1,
with stand-ins for the other systems. Nothing leaves this machine. Ctrl-C ends it.

  --config FILE          the config, JSON (demo/config.json)
  --secret NAME=VALUE    a secret of the Action, any number of times; those that are missing are invented
  --secrets FILE         a file of them
  --fault NAME           what the stand-ins do, such as timeout or 503; HOST:NAME for one of them
  --paste FILE           the file to run (pkg/login-sync.js)
  --help                 this text
`;

await command(
  import.meta.url,
  { usage, options: { config: TEXT, secret: TEXTS, secrets: TEXT, fault: TEXTS, paste: TEXT } },
  async (options) => {
    const demo = await withPackages(async () => (await import('./open.mjs')).openDemo(options));
    const stories = demo.stories
      ? `${demo.people.map(({ user, story }) => `  ${user.name.padEnd(16)} ${story}\n`).join('')}\n`
      : '';
    process.stdout.write(`login-sync demo: the pasted file in the login step of a local tenant

  open this    ${demo.url}   the application, by openid-client
  its tenant   ${demo.issuer}   by oidc-provider; you pick a user there, without a password
  stand-ins    127.0.0.1:${demo.action.port}           for ${
    demo.watch
      .calls()
      .map(({ system }) => system)
      .join(', ') || 'none: this config calls no system'
  }

${stories}${demo.notes.map((note) => `${note}\n`).join('')}Ctrl-C ends it.
`);
    // npm passes on the signal that the terminal has sent already: the second one must not cut the end short.
    /** @type {Promise<void> | undefined} */
    let ending;
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
      process.on(signal, () => void (ending ??= demo.close()));
  },
);
