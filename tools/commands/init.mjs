// tools/commands/: `login-sync init`: a config, a test of it and a workflow, in the folder where it is typed. Nothing that is there
// is changed.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call, command, FLAG, reasonOf, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';

const TEMPLATES = path.join(root, 'tools', 'commands', 'init');
const EXAMPLES = path.join(root, 'examples');
const CONFIG = 'login-sync.json';

const examples = () =>
  readdirSync(EXAMPLES)
    .filter((name) => existsSync(path.join(EXAMPLES, name, 'config.json')))
    .sort();

const usage = `usage: ${call('init', false)} [--example NAME] [--no-workflow]

Makes these files in this folder, and changes none that is there:

  ${CONFIG}                  a config
  login-sync.test.mjs              its test, for \`node --test\`
  .github/workflows/login-sync.yml what GitHub does at every push

  --example NAME   the config of an example: ${examples().join(', ')}
  --no-workflow    without the workflow

exit codes: 0 made, 2 a file is there, cannot be written, or the arguments are wrong
`;

await command(
  import.meta.url,
  { usage, options: { example: TEXT, 'no-workflow': FLAG } },
  async ({ example, 'no-workflow': noWorkflow }) => {
    if (example !== undefined && !examples().includes(example))
      throw new UserError(`--example: there is no \`${example}\`; use ${examples().join(', ')}`);
    const template = (/** @type {string} */ name) => readFileSync(path.join(TEMPLATES, name), 'utf8');
    const files = Object.entries({
      [CONFIG]: example === undefined ? template(CONFIG) : configOf(example),
      'login-sync.test.mjs': template(example === undefined ? 'login-sync.test.mjs' : 'example.test.mjs'),
      ...(noWorkflow ? {} : { '.github/workflows/login-sync.yml': template('workflow.yml') }),
    });
    const there = files.map(([file]) => file).filter((file) => existsSync(file));
    if (there.length > 0)
      throw new UserError(
        `there is ${there.map((file) => `\`${file}\``).join(', ')}: move it, or go to another folder`,
      );
    for (const [file, text] of files) {
      try {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text, { flag: 'wx' });
      } catch (error) {
        throw new UserError(`cannot write \`${file}\`: ${reasonOf(error)}`);
      }
      console.log(`made ${file}`);
    }
    console.log(`next: \`node --test\`, \`${call('simulate')} --config ${CONFIG}\``);
  },
);

/** The config of an example, which its editor finds the schema for. @param {string} example */
function configOf(example) {
  const { $schema: _, ...config } = JSON.parse(readFileSync(path.join(EXAMPLES, example, 'config.json'), 'utf8'));
  return `${JSON.stringify({ $schema: './node_modules/login-sync/pkg/schema.json', ...config }, null, 2)}\n`;
}
