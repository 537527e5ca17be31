// tools/library/: the config that a caller gives, as a value or as a file, and the paste of this package.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readText, reasonOf } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { leanOf, PASTE, SCHEMA } from '../files.mjs';
import { openText, presetsOf } from '../paste/config.mjs';
import { openEngine } from '../paste/paste.mjs';
import { library as readLibrary } from './connectors.mjs';

/** @typedef {import('../paste/config.mjs').Opened} Opened */

/** @template T @param {() => T} make @returns {() => T} */
const once = (make) => {
  /** @type {{ value: T } | undefined} */
  let made;
  return () => (made ??= { value: make() }).value;
};

export const paste = once(() => readFileSync(PASTE, 'utf8'));
export const lean = once(() => readFileSync(leanOf(PASTE), 'utf8'));
export const schema = once(() => JSON.parse(readFileSync(SCHEMA, 'utf8')));
const library = once(readLibrary);
export const engine = once(() => openEngine(paste()));

/**
 * Opens a config. One that is wrong is refused by an error with all that is wrong, in `problems` too.
 * @param {unknown} config an object; or the path or `file:` URL of a JSON file
 * @returns {Opened}
 */
export function open(config) {
  const file = fileOf(config);
  const text = file === undefined ? jsonOf(config) : read(file);
  return openText({
    text,
    file: file ?? 'the config',
    paste: paste(),
    presets: presetsOf(schema()),
    library: library(),
    engine: engine(),
  });
}

/** @param {unknown} config */
function fileOf(config) {
  if (config instanceof URL) return fileURLToPath(config);
  return typeof config === 'string' ? config : undefined;
}

/** @param {unknown} config */
function jsonOf(config) {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new UserError('the config must be an object, or the path of a JSON file');
  return JSON.stringify(config);
}

/** @param {string} file */
export function read(file) {
  try {
    return readText(file);
  } catch (error) {
    throw new UserError(`cannot read \`${file}\`: ${reasonOf(error)}`);
  }
}
