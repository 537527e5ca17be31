// tools/commands/: `login-sync init`: a config, a test of it and a workflow, in the folder where it is typed; and the connectors,
// listed, explained and copied. Nothing that is there is changed.

import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call, command, FLAG, reasonOf, TEXT, TEXTS } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { connectors, copy, library } from '../library/connectors.mjs';
import { open } from '../library/open.mjs';
import { secretNames } from '../paste/config.mjs';
import { unknown } from '../paste/connectors.mjs';
import { presetNames } from './open.mjs';

const TEMPLATES = path.join(root, 'tools', 'commands', 'init');
const EXAMPLES = path.join(root, 'examples');
const CONFIG = 'login-sync.json';
const WORKFLOW = '.github/workflows/login-sync.yml';

const examples = () =>
  readdirSync(EXAMPLES)
    .filter((name) => existsSync(path.join(EXAMPLES, name, 'config.json')))
    .sort();

/** Names on lines of their own, no line too long. @param {string[]} names */
const lines = (names) =>
  names.join(', ').replace(/(.{1,90}),(?: |$)|.+$/g, (line) => `${' '.repeat(19)}${line.trim()}\n`);

const usage = `usage: ${call('init', false)} [--use NAME | --example NAME] [--no-workflow]
       ${call('init', false)} --connectors
       ${call('init', false)} --copy NAME

Makes these files in this folder, and changes none that is there:

  ${CONFIG}                  a config
  login-sync.test.mjs              its test, for \`node --test\`
  .github/workflows/login-sync.yml what GitHub does: checks, tests, bundles, and deploys from main
  .gitignore                       if there is none; else it says what to add to yours

  --use NAME       a config with this connector, and what to do before it works; more than once for more of them
  --example NAME   the config of an example:
${lines(examples())}  --no-workflow    without the workflow
  --connectors     lists the connectors, and makes nothing
  --copy NAME      makes NAME.json alone: a connector as a config of your own, to be changed

exit codes: 0 made, 2 a file is there, cannot be written, or the arguments are wrong
`;

await command(
  import.meta.url,
  { usage, options: { use: TEXTS, example: TEXT, 'no-workflow': FLAG, connectors: FLAG, copy: TEXT } },
  async ({ use = [], example, 'no-workflow': noWorkflow, connectors: listed, copy: copied }) => {
    if ([use.length > 0, example !== undefined, listed, copied !== undefined].filter(Boolean).length > 1)
      throw new UserError('--use, --example, --connectors and --copy: give one of them');
    if (listed) return void process.stdout.write(list());
    for (const name of use) mustBeKnown('use', name);
    if (copied !== undefined) {
      mustBeKnown('copy', copied);
      await make({ [`${copied}.json`]: withSchema(JSON.parse(copy(copied))) });
      console.log(`\n${explained(copied)}\nnext: change it, \`${call('check')} --config ${copied}.json\``);
      return;
    }
    if (example !== undefined && !examples().includes(example))
      throw new UserError(`--example: there is no \`${example}\`; use ${examples().join(', ')}`);
    const template = (/** @type {string} */ name) => readFileSync(path.join(TEMPLATES, name), 'utf8');
    if (use.length > 0 && existsSync(CONFIG)) {
      const entries = [...new Set(use)].map((name) => `\`{ "use": "${name}" }\``).join(', ');
      throw new UserError(`there is \`${CONFIG}\`: add ${entries} to its \`syncs\`, or go to another folder`);
    }
    const own = use.length === 0 && example === undefined;
    const config = own ? template(CONFIG) : withSchema(example === undefined ? usesOf(use) : configOf(example));
    await make({
      [CONFIG]: config,
      'login-sync.test.mjs': template(own ? 'login-sync.test.mjs' : 'example.test.mjs'),
      ...(noWorkflow ? {} : { [WORKFLOW]: workflow(template('workflow.yml'), JSON.parse(config)) }),
      ...(existsSync('.gitignore') ? {} : { '.gitignore': template('gitignore') }),
    });
    const unlisted = notIgnored(template('gitignore'));
    if (unlisted.length > 0)
      console.log(`add to .gitignore, which stays as it is: ${unlisted.map((line) => `\`${line}\``).join(', ')}`);
    const top = repositoryAbove();
    if (!noWorkflow && top !== undefined) console.log(elsewhere(top));
    for (const name of new Set(use)) console.log(`\n${explained(name)}`);
    console.log(`next: \`node --test\`, \`${call('simulate')} --config ${CONFIG}\``);
  },
);

/** The last step of the workflow is given each secret of the config. One that the repository does not have is empty, and counts as unset. @param {string} template @param {unknown} config */
function workflow(template, config) {
  const names = secretNames(open(config).syncs).map((name) => `          ${name}: \${{ secrets.${name} }}\n`);
  return `${template}${names.join('')}`;
}

/** What the .gitignore that is there does not name: with `*.env`, that may be the secrets of a deploy. @param {string} template */
function notIgnored(template) {
  const lines = (/** @type {string} */ text) => text.split(/\r?\n/).map((line) => line.trim());
  const bare = (/** @type {string} */ line) => line.replace(/^\/|\/$/g, '');
  const there = new Set(lines(readFileSync('.gitignore', 'utf8')).map(bare));
  return lines(template).filter((line) => line && !line.startsWith('#') && !there.has(bare(line)));
}

/** The folder of the repository, if this one is inside it and not its top. */
function repositoryAbove() {
  const has = (/** @type {string} */ folder) => existsSync(path.join(folder, '.git'));
  if (has('.')) return undefined;
  for (let folder = path.resolve('.'); folder !== path.dirname(folder); ) {
    folder = path.dirname(folder);
    if (has(folder)) return folder;
  }
}

/** @param {string} top */
function elsewhere(top) {
  const posix = (/** @type {string} */ file) => file.split(path.sep).join('/');
  const [here, there] = [posix(path.relative(top, '.')), posix(path.relative('.', path.join(top, WORKFLOW)))];
  return `GitHub runs a workflow only from the top of the repository: move ${WORKFLOW} to ${there}, let its steps run in \`${here}\` (\`defaults: { run: { working-directory: ${here} } }\`), and make \`path: action.js\` \`path: ${here}/action.js\``;
}

/** Also where it is a link to nothing. @param {string} file */
function isThere(file) {
  try {
    return Boolean(lstatSync(file));
  } catch {
    return false;
  }
}

/** Writes files, if none of them is there. @param {Record<string, string>} files */
async function make(files) {
  const there = Object.keys(files).filter(isThere);
  if (there.length > 0)
    throw new UserError(`there is ${there.map((file) => `\`${file}\``).join(', ')}: move it, or go to another folder`);
  for (const [file, text] of Object.entries(files)) {
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text, { flag: 'wx' });
    } catch (error) {
      throw new UserError(`cannot write \`${file}\`: ${reasonOf(error)}`);
    }
    console.log(`made ${file}`);
  }
}

/** @param {string} option @param {string} name */
function mustBeKnown(option, name) {
  const presets = option === 'use' ? presetNames() : [];
  if (!Object.hasOwn(library(), name) && !presets.includes(name))
    throw new UserError(`--${option}: ${unknown(name, library(), presets)}`);
}

/** All connectors, by what they are for. */
function list() {
  const all = connectors();
  const width = Math.max(...all.map(({ name }) => name.length)) + 2;
  const areas = [...new Set(all.map(({ about }) => about.area))].sort();
  const parts = areas.map((area) => [
    `${area}:`,
    ...all.filter(({ about }) => about.area === area).map(({ name, about }) => `  ${name.padEnd(width)}${about.does}`),
  ]);
  const presets = presetNames().join(', ');
  return `${[...parts.map((lines) => lines.join('\n')), `in the paste itself: ${presets}`].join('\n\n')}\n`;
}

/** What to know before a connector is used. @param {string} name */
function explained(name) {
  const about = connectors().find((each) => each.name === name)?.about;
  if (!about) return `${name} is in the paste itself: \`${page(name)}\` says what it needs\n`;
  const { title, does, secrets, setup, scopes, limits, failure, privacy, doubt } = about;
  return `${title}: ${does}
${Object.entries(secrets)
  .map(([secret, what]) => `  secret      ${secret}: ${what}\n`)
  .join('')}${setup ? `  first       ${setup}\n` : ''}  rights      ${scopes}
  limits      ${limits}
  if it fails ${failure}
  privacy     ${privacy}
${doubt ? `  in doubt    ${doubt}\n` : ''}  each field  ${page(path.join('connectors', name))}
`;
}

/** Where a page is, as one would open it from here. @param {string} name */
function page(name) {
  return path.relative('.', path.join(root, 'docs', `${name}.md`));
}

/** @param {string[]} names */
function usesOf(names) {
  return { syncs: [...new Set(names)].map((use) => ({ use })) };
}

/** @param {string} example @returns {Record<string, any>} */
function configOf(example) {
  return JSON.parse(readFileSync(path.join(EXAMPLES, example, 'config.json'), 'utf8'));
}

/** A config, which its editor finds the schema for. @param {Record<string, any>} config */
function withSchema({ $schema: _, ...config }) {
  return `${JSON.stringify({ $schema: './node_modules/login-sync/pkg/schema.json', ...config }, null, 2)}\n`;
}
