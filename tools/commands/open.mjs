// tools/commands/: the files that a user names: read, or refused in a line that names the option.

import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { readText, reasonOf } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { PASTE, SCHEMA } from '../files.mjs';
import { library } from '../library/connectors.mjs';
import { openText, presetsOf } from '../paste/config.mjs';
import { configIn, isSealed } from '../paste/paste.mjs';

/**
 * Opens a config file and the engine of a paste. The file may be a paste itself, such as one that was edited in Auth0.
 * @param {{ config: string, paste: string }} files
 */
export function openConfig(files) {
  const [text, paste] = [read(files.config, '--config'), read(files.paste, '--paste')];
  const script = configIn(text);
  return openText({
    text: script === undefined ? text : evaluated(script, files.config),
    file: files.config === '-' ? 'stdin' : files.config,
    paste: readerOf(paste),
    presets: presetNames(),
    library: library(),
  });
}

/** The config of a paste, where it is JavaScript. @param {string} script @returns {any} */
export const configOf = (script) => vm.compileFunction(`${script}\nreturn config;`)();

/** The same, as JSON. @param {string} script @param {string} file */
function evaluated(script, file) {
  try {
    return JSON.stringify(configOf(script)) ?? '';
  } catch (error) {
    throw new UserError(`--config: the config in \`${file}\` cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * The paste that reads a paste's config: for a sealed one the committed one, if it is of the same version.
 * @param {string} paste
 */
export function readerOf(paste) {
  if (!isSealed(paste)) return paste;
  const reader = readFileSync(PASTE, 'utf8');
  const [version, own] = [paste, reader].map((text) => /^\/\/ login-sync (\S+):/.exec(text)?.[1]);
  if (version !== own)
    throw new UserError(`--paste: it is sealed by login-sync ${version}, and this is ${own}: bundle it again`);
  return reader;
}

/** The names that `use` may have. */
export const presetNames = () => presetsOf(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** What is on stdin can be read once. @type {string | undefined} */
let stdin;

/** @param {string} file `-` is stdin @param {string} option */
export function read(file, option) {
  try {
    if (file === '-') return (stdin ??= readText(0));
    return readText(file);
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
    throw new UserError(
      missing ? `${option}: there is no file \`${file}\`` : `${option}: cannot read \`${file}\`: ${reasonOf(error)}`,
    );
  }
}
