// tools/commands/: `npm run bundle`: a paste with a config of your own, made from the committed one with Node alone.
//
//   npm run bundle -- --config my.config.json --out action.js
//
// It is sealed: smaller, and no one can edit the config in it. A config that is wrong is refused whole, and then nothing is
// written.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call, command, FLAG, reasonOf, TEXT } from '../cli.mjs';
import { deployCliFiles, isOwn, terraformFiles } from '../deploy/files.mjs';
import { wantedOf } from '../deploy/wanted.mjs';
import { UserError } from '../error.mjs';
import { leanOf, PASTE } from '../files.mjs';
import { schema } from '../library/open.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle } from '../paste/bundle.mjs';
import { linesOfWarnings } from '../paste/check.mjs';
import { parseJson } from '../paste/json.mjs';
import { isSealed } from '../paste/paste.mjs';
import { openConfig, read } from './open.mjs';
import { nameOf } from './own.mjs';

const TOOLS = ['deploy-cli', 'terraform'];

const usage = `usage: ${call('bundle')} --config FILE --out FILE [--editable] [--paste FILE]
       ${call('bundle')} --config FILE --out FOLDER --for TOOL [--new-flow] [--name NAME]

Checks your config as the Action will, and makes the file to paste. It is sealed: the config in it is for people to read,
and once someone edits it there, every login is denied.

  --config FILE   the config, JSON, or a paste of any version that has it; - is stdin
  --out FILE      where the result goes
  --for TOOL      files for deploy-cli or terraform: \`--out\` is a folder then. For deploy-cli it is one of its exports, for
                  triggers/triggers.json there holds whole flows, and what it leaves out is removed from the tenant's flows
  --new-flow      for deploy-cli: the flows are empty, so triggers/triggers.json may be made here
  --name NAME     with \`--for\`: the Action for logins (login-sync); others are called NAME-registration and so on
  --editable      a file whose config can be edited in Auth0, about 27 kB longer
  --paste FILE    the paste it is made from (pkg/login-sync.js), with the one to be sealed next to it

exit codes: 0 written, 2 the config or the arguments are wrong and nothing is written
`;

await command(
  import.meta.url,
  { usage, options: { config: TEXT, out: TEXT, for: TEXT, 'new-flow': FLAG, name: TEXT, editable: FLAG, paste: TEXT } },
  async ({ config, out, for: tool, 'new-flow': newFlow, name, editable, paste = PASTE }) => {
    if (!config || !out)
      throw new UserError(`needs \`${config ? '--out' : '--config'} FILE\`; \`--help\` lists the options`);
    const inputs = { '--config': config, '--paste': paste, '--paste, sealed': leanOf(paste) };
    const opened = openConfig({ config, paste });
    if (isSealed(read(paste, '--paste')))
      throw new UserError(
        `--paste: \`${paste}\` is sealed and takes no other config: name an editable one, or leave out \`--paste\``,
      );
    const warnings = linesOfWarnings(opened, schema());
    const { text, lines } = bundle(opened, readAhead, editable ? undefined : readLean(paste), warnings);
    if (tool === undefined && (name ?? newFlow) !== undefined)
      throw new UserError(`--${name === undefined ? 'new-flow' : 'name'}: needs \`--for\``);
    const files = tool === undefined ? { [out]: text } : filesFor(tool, opened, text, { out, newFlow, name });
    for (const file of Object.keys(files)) {
      const [option] = Object.entries(inputs).find(([, input]) => isSame(input, file)) ?? [];
      if (option) throw new UserError(`--out: would overwrite the file of ${option}: name another one`);
    }
    try {
      for (const [file, content] of Object.entries(files)) {
        await mkdir(path.dirname(path.resolve(file)), { recursive: true });
        await writeFile(file, content);
      }
    } catch (error) {
      throw new UserError(`--out: cannot write \`${out}\`: ${reasonOf(error)}`);
    }
    if (tool !== undefined) console.log(Object.keys(files).join('\n'));
    console.log(`${out}: ${lines.join('\n')}`);
  },
);

/** Whether two paths lead to one file, also by a link or in other letters. @param {string} a @param {string} b */
function isSame(a, b) {
  if (!existsSync(a) || !existsSync(b)) return false;
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.ino === other.ino && one.dev === other.dev;
}

/**
 * @param {string} tool
 * @param {import('../paste/config.mjs').Opened} opened
 * @param {string} code
 * @param {{ out: string, newFlow?: boolean | undefined, name?: string | undefined }} given
 */
function filesFor(tool, opened, code, { out, newFlow, name }) {
  if (!TOOLS.includes(tool)) throw new UserError(`--for: unknown tool \`${tool}\`; use ${TOOLS.join(' or ')}`);
  const wanted = wantedOf(opened, { code, name: nameOf(name), values: process.env });
  const files = tool === 'terraform' ? terraformFiles(wanted) : deployCliFiles(wanted, flowsIn(out, newFlow));
  const placed = Object.entries(files).map(([file, text]) => [path.join(out, file), text]);
  for (const [file = ''] of placed) {
    if (existsSync(file) && !isOwn(file, read(file, '--out')))
      throw new UserError(
        `--out: \`${file}\` is there, and is not as \`bundle\` wrote it: choose another \`--name\`, or move what is yours to another file and remove this one`,
      );
  }
  return Object.fromEntries(placed);
}

/** The flows of an export. auth0-deploy-cli reads one file of the folder only. @param {string} out @param {boolean} [newFlow] */
function flowsIn(out, newFlow) {
  const folder = path.join(out, 'triggers');
  const file = path.join(folder, 'triggers.json');
  const other =
    existsSync(folder) && readdirSync(folder).find((each) => each.endsWith('.json') && each !== 'triggers.json');
  if (other)
    throw new UserError(`--out: auth0-deploy-cli reads one file of \`${folder}\`: put \`${other}\` into triggers.json`);
  if (existsSync(file)) return parseJson(read(file, '--out'), `\`${file}\``);
  if (newFlow) return {};
  throw new UserError(
    `--out: there is no \`${file}\`, and without what the flows have now an import would remove it: run \`npx auth0-deploy-cli export --format directory --output_folder ${out}\` first, or add \`--new-flow\` if the flows are empty`,
  );
}

/** What a sealed paste is made from. @param {string} paste the editable one's file */
function readLean(paste) {
  const file = leanOf(paste);
  if (!existsSync(file))
    throw new UserError(
      `--paste: there is no \`${file}\` to be sealed: take both files from one pkg/, or add \`--editable\``,
    );
  return read(file, '--paste');
}
