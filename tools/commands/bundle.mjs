// tools/commands/: `npm run bundle`: a paste with a config of your own, made from the committed one with Node alone.
//
//   npm run bundle -- --config my.config.json --out action.js
//
// A config that is wrong is refused whole, and then nothing is written.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readAhead } from '../paste/ahead.mjs';
import { UserError, isCommand } from '../cli.mjs';
import { command } from '../command.mjs';
import { count, openConfig, secretText, systems } from './config.mjs';
import { PASTE, withConfig } from '../paste/paste.mjs';
import { CODE_BYTES, SECRETS } from '../tenant/limits.mjs';

const USAGE = `usage: npm run bundle -- --config FILE --out FILE [--paste FILE]

Puts your config into the paste and checks it as the Action will.

  --config FILE   the config, JSON
  --out FILE      where the result goes
  --paste FILE    the paste it is made from (pkg/login-sync.js)

exit codes: 0 written, 2 the config or the arguments are wrong and nothing is written
`;

/**
 * Makes the result and says what it is.
 * @param {{ config: string, out: string, paste: string }} files
 * @param {typeof readAhead} [ahead] what reads the config ahead; a page, which cannot pack, has a way of its own
 * @returns {Promise<{ text: string, lines: string[] }>}
 */
export async function bundle(files, ahead = readAhead) {
  for (const [option, file] of Object.entries({ '--config': files.config, '--paste': files.paste })) {
    if (path.resolve(file) === path.resolve(files.out)) throw new UserError(`--out: would overwrite the file of ${option}: name another one`);
  }
  const { config, engine, paste } = await openConfig(files);
  // From the one that reads and starts best to the shortest.
  const whole = ahead(paste, config);
  let text = withConfig(whole, config);
  let note = '';
  if (text.length >= CODE_BYTES) {
    text = withConfig(whole, config, { compact: true });
    note = 'the config is on one line: with its line breaks the result would be too long';
  }
  if (text.length >= CODE_BYTES) {
    text = withConfig(ahead(paste), config, { compact: true });
    note = 'the config is on one line and is not read ahead, or the result would be too long: a first login takes some milliseconds more';
  }
  const room = CODE_BYTES - text.length;
  if (room <= 0) {
    throw new UserError(
      `the result has ${count(text.length, 'byte')} and Auth0 takes fewer than ${CODE_BYTES.toLocaleString('en')}: shorten the config by ${count(1 - room, 'byte')}, or part its syncs between two Actions`,
    );
  }
  const lines = [`${count(text.length, 'byte')} of the ${CODE_BYTES.toLocaleString('en')} that Auth0 takes`];
  if (note) lines.push(note);
  return { text, lines: [...lines, ...needs(config, await systems(engine, config)), ...markers(text)] };
}

/**
 * What the Action needs in Auth0.
 * @param {Record<string, any>} config
 * @param {import('./config.mjs').Sync[]} syncs
 */
function needs(config, syncs) {
  const rules = ['claims', 'mfa', 'deny'].filter((field) => Object.keys(config[field] ?? {}).length > 0);
  /** @type {[string, string[]][]} */
  const duties = ['post-login', 'post-user-registration'].map((trigger) => [
    trigger,
    [...new Set(syncs.filter(({ on }) => on.includes(trigger)).map(({ name, switched }) => (switched ? 'presets' : name))), ...(trigger === 'post-login' ? rules : [])],
  ]);
  const serves = duties.filter(([, work]) => work.length > 0).map(([trigger, work]) => `${trigger} (${work.join(', ')})`);
  const lines = [`serves ${serves.join(' and ') || 'nothing: the config asks for nothing'}`];
  if (serves.length > 1) lines.push('an Action has one trigger: make two of this file');

  if (!config.syncs) {
    lines.push('no `syncs`: a preset is on once the Action has its secrets:');
    for (const { name, on, secrets } of syncs) {
      lines.push(`  ${name} (${on.join(', ')}): ${secrets.map((secret) => `${secretText(secret)}${secret.optional ? ' (optional)' : ''}`).join(', ')}`);
    }
    return lines;
  }
  /** @param {boolean} optional */
  const named = (optional) => [...new Set(syncs.flatMap(({ secrets }) => secrets.filter((secret) => secret.optional === optional).map(secretText)))];
  const [needed, spare] = [named(false), named(true).filter((text) => !named(false).includes(text))];
  lines.push(`secrets it needs: ${needed.join(', ') || 'none'}`);
  if (spare.length > 0) lines.push(`secrets it can do without: ${spare.join(', ')}`);
  if (needed.length > SECRETS) lines.push(`warning: an Action has at most ${SECRETS} secrets: part the syncs between two Actions`);
  return lines;
}

/**
 * auth0-deploy-cli replaces these in a file that it deploys, where it has a value for the name.
 * @param {string} text
 */
function markers(text) {
  const found = [...new Set(text.match(/(@@|##)\w+\1/g))];
  return found.length > 0 ? [`note: auth0-deploy-cli may replace ${found.map((marker) => `\`${marker}\``).join(', ')} in the config`] : [];
}

if (isCommand(import.meta.url)) {
  await command(USAGE, ['config', 'out', 'paste'], async ({ config, out, paste = PASTE }) => {
    if (!config || !out) throw new UserError(`needs \`${config ? '--out' : '--config'} FILE\`; \`--help\` lists the options`);
    const { text, lines } = await bundle({ config, out, paste });
    try {
      await mkdir(path.dirname(path.resolve(out)), { recursive: true });
      await writeFile(out, text);
    } catch (error) {
      throw new UserError(`--out: cannot write \`${out}\`: ${/** @type {NodeJS.ErrnoException} */ (error).code}`);
    }
    console.log(`${out}: ${lines.join('\n')}`);
  });
}
