// tools/commands/: `npm run unpack`: what is packed in a paste, as files to look into. Node alone.
//
//   npm run unpack -- --paste action.js --out unpacked

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call, command, reasonOf, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { PASTE } from '../files.mjs';
import { packedIn, unpack } from '../paste/paste.mjs';
import { read } from './open.mjs';

const usage = `usage: ${call('unpack')} --out FOLDER [--paste FILE]

Writes what is packed in a paste: shim.js and glue.js, which are minified, and engine.wasm. Nothing of it is run.

  --out FOLDER   where the three files go
  --paste FILE   the paste (pkg/login-sync.js)

exit codes: 0 written, 2 the file is no paste or the arguments are wrong
`;

await command(import.meta.url, { usage, options: { out: TEXT, paste: TEXT } }, async ({ out, paste = PASTE }) => {
  if (!out) throw new UserError('needs `--out FOLDER`; `--help` lists the options');
  const text = read(paste, '--paste');
  const { shim, glue, wasm } = unpack(text);
  for (const [name, content] of Object.entries({ 'shim.js': shim, 'glue.js': glue, 'engine.wasm': wasm })) {
    const file = path.join(out, name);
    try {
      await mkdir(out, { recursive: true });
      await writeFile(file, content);
    } catch (error) {
      throw new UserError(`--out: cannot write \`${file}\`: ${reasonOf(error)}`);
    }
    const digest = createHash('sha256').update(content).digest('hex');
    console.log(`${file}: ${content.length.toLocaleString('en')} bytes, sha256 ${digest}`);
  }
  if (packedIn(text).behind.trim())
    console.log('behind what is packed there is more, which login-sync did not write and which runs too: read it');
});
