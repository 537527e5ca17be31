// tools/commands/: `login-sync check`: what is wrong with a config, and what is accepted and surely not meant.
//
//   npm run check -- --config my.config.json            a line each
//   npm run check -- --config my.config.json --strict   for CI: a warning fails it

import { call, command, FLAG, TEXT, TEXTS } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { PASTE } from '../files.mjs';
import { schema } from '../library/open.mjs';
import { textOfWarning, warningsIn } from '../paste/check.mjs';
import { count } from '../paste/config.mjs';
import { openConfig } from './open.mjs';

const usage = `usage: ${call('check')} --config FILE [--strict] [--known PATH] [--json] [--watch] [--paste FILE]

Checks your config as the Action will, and then warns of what is accepted and surely not meant: fields that Auth0's event
does not have, strings that look like credentials, rules that cannot apply, claims that are dropped. A note is about what
depends on your tenant or your application.

  --config FILE   the config, JSON; - is stdin
  --strict        a warning ends it with code 1; a note does not
  --known PATH    a field of the event that your tenant has, such as user.groups; any number of times
  --json          the warnings as JSON
  --watch         again after each change of the config
  --paste FILE    the paste that reads the config (pkg/login-sync.js)

exit codes: 0 the config is good, 1 with --strict: there is a warning, 2 the config is refused, or the arguments are wrong
`;

const options = { config: TEXT, strict: FLAG, known: TEXTS, json: FLAG, paste: TEXT };

const watched = (/** @type {{ config?: string }} */ { config }) => (config ? [config] : []);

await command(import.meta.url, { usage, options, watched }, ({ config, strict, known = [], json, paste = PASTE }) => {
  if (!config) throw new UserError('needs `--config FILE`; `--help` lists the options');
  const warnings = warningsIn(openConfig({ config, paste }), schema(), { known });
  const serious = warnings.filter(({ level }) => level === 'warning').length;
  if (json) console.log(JSON.stringify(warnings, null, 2));
  else {
    for (const warning of warnings) console.log(textOfWarning(warning));
    const counts = [count(serious, 'warning'), count(warnings.length - serious, 'note')];
    console.log(`${config === '-' ? 'stdin' : config}: ${counts.join(', ')}`);
  }
  return strict && serious > 0 ? 1 : 0;
});
