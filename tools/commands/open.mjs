// tools/commands/: the files that a user names: read, or refused in a line that names the option.

import { readFileSync } from 'node:fs';
import { reasonOf } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { SCHEMA } from '../files.mjs';
import { openText, presetsOf } from '../paste/config.mjs';

/**
 * Opens a config file and the engine of a paste.
 * @param {{ config: string, paste: string }} files
 */
export function openConfig(files) {
  const [text, paste] = [read(files.config, '--config'), read(files.paste, '--paste')];
  return openText({ text, file: files.config, paste, presets: presetNames() });
}

/** The names that `use` may have. */
export const presetNames = () => presetsOf(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** @param {string} file @param {string} option */
export function read(file, option) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
    throw new UserError(
      missing ? `${option}: there is no file \`${file}\`` : `${option}: cannot read \`${file}\`: ${reasonOf(error)}`,
    );
  }
}
