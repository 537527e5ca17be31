// tools/commands/: a file of tests as `login-sync test` runs it and `simulate --record` writes it.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../error.mjs';
import { parseJson } from '../../paste/json.mjs';
import { isObject } from '../../tenant/values.mjs';
import { read } from '../open.mjs';

/**
 * @typedef {{ name: string, expect: unknown } & Record<string, any>} Test what is not named here are options of the library's `simulate`
 */

/** @param {string} file @param {string} [option] that names it @returns {{ config: any, tests: Test[] }} */
export function openTests(file, option = file) {
  const content = parseJson(read(file, option), `\`${file}\``);
  const { config, tests } = /** @type {any} */ (isObject(content) ? content : {});
  if (typeof config !== 'string' && !isObject(config))
    throw new UserError(`\`${file}\`: \`config\` must be a path or a config`);
  if (!Array.isArray(tests) || tests.length === 0)
    throw new UserError(`\`${file}\`: \`tests\` must be an array of tests`);
  tests.forEach((test, i) => {
    if (typeof test?.name !== 'string' || !isObject(test.expect))
      throw new UserError(`\`${file}\`: tests[${i}] needs a \`name\`, a string, and \`expect\`, an object`);
  });
  const place = typeof config === 'string' ? pathToFileURL(path.resolve(path.dirname(file), config)) : config;
  return { config: place, tests };
}
