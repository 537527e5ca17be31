// tools/commands/: `npm run bundle`: a paste with a config of your own, made from the committed one with Node alone.
//
//   npm run bundle -- --config my.config.json --out action.js
//
// It is sealed: smaller, and no one can edit the config in it. A config that is wrong is refused whole, and then nothing is
// written.

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call, command, FLAG, reasonOf, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { leanOf, PASTE } from '../files.mjs';
import { schema } from '../library/open.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle } from '../paste/bundle.mjs';
import { linesOfWarnings } from '../paste/check.mjs';
import { isSealed } from '../paste/paste.mjs';
import { openConfig, read } from './open.mjs';

const usage = `usage: ${call('bundle')} --config FILE --out FILE [--editable] [--paste FILE]

Checks your config as the Action will, and makes the file to paste. It is sealed: the config in it is for people to read,
and once someone edits it there, every login is denied.

  --config FILE   the config, JSON
  --out FILE      where the result goes
  --editable      a file whose config can be edited in Auth0, about 22 kB longer
  --paste FILE    the paste it is made from (pkg/login-sync.js), with the one to be sealed next to it

exit codes: 0 written, 2 the config or the arguments are wrong and nothing is written
`;

await command(
  import.meta.url,
  { usage, options: { config: TEXT, out: TEXT, editable: FLAG, paste: TEXT } },
  async ({ config, out, editable, paste = PASTE }) => {
    if (!config || !out)
      throw new UserError(`needs \`${config ? '--out' : '--config'} FILE\`; \`--help\` lists the options`);
    for (const [option, file] of Object.entries({
      '--config': config,
      '--paste': paste,
      '--paste, sealed': leanOf(paste),
    })) {
      if (path.resolve(file) === path.resolve(out))
        throw new UserError(`--out: would overwrite the file of ${option}: name another one`);
    }
    const opened = openConfig({ config, paste });
    if (isSealed(read(paste, '--paste')))
      throw new UserError(
        `--paste: \`${paste}\` is sealed and takes no other config: name an editable one, or leave out \`--paste\``,
      );
    const warnings = linesOfWarnings(opened, schema());
    const { text, lines } = bundle(opened, readAhead, editable ? undefined : readLean(paste), warnings);
    try {
      await mkdir(path.dirname(path.resolve(out)), { recursive: true });
      await writeFile(out, text);
    } catch (error) {
      throw new UserError(`--out: cannot write \`${out}\`: ${reasonOf(error)}`);
    }
    console.log(`${out}: ${lines.join('\n')}`);
  },
);

/** What a sealed paste is made from. @param {string} paste the editable one's file */
function readLean(paste) {
  const file = leanOf(paste);
  if (!existsSync(file))
    throw new UserError(
      `--paste: there is no \`${file}\` to be sealed: take both files from one pkg/, or add \`--editable\``,
    );
  return read(file, '--paste');
}
