// tools/commands/: `npm run bundle`: a paste with a config of your own, made from the committed one with Node alone.
//
//   npm run bundle -- --config my.config.json --out action.js
//
// A config that is wrong is refused whole, and then nothing is written.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { command, reasonOf, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { PASTE } from '../files.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle } from '../paste/bundle.mjs';
import { openConfig } from './open.mjs';

const usage = `usage: npm run bundle -- --config FILE --out FILE [--paste FILE]

Puts your config into the paste and checks it as the Action will.

  --config FILE   the config, JSON
  --out FILE      where the result goes
  --paste FILE    the paste it is made from (pkg/login-sync.js)

exit codes: 0 written, 2 the config or the arguments are wrong and nothing is written
`;

await command(
  import.meta.url,
  { usage, options: { config: TEXT, out: TEXT, paste: TEXT } },
  async ({ config, out, paste = PASTE }) => {
    if (!config || !out)
      throw new UserError(`needs \`${config ? '--out' : '--config'} FILE\`; \`--help\` lists the options`);
    for (const [option, file] of Object.entries({ '--config': config, '--paste': paste })) {
      if (path.resolve(file) === path.resolve(out))
        throw new UserError(`--out: would overwrite the file of ${option}: name another one`);
    }
    const { text, lines } = bundle(openConfig({ config, paste }), readAhead);
    try {
      await mkdir(path.dirname(path.resolve(out)), { recursive: true });
      await writeFile(out, text);
    } catch (error) {
      throw new UserError(`--out: cannot write \`${out}\`: ${reasonOf(error)}`);
    }
    console.log(`${out}: ${lines.join('\n')}`);
  },
);
