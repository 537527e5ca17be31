// tools/develop/: whether node_modules is what package-lock.json says, and a word on it where a program breaks that needs the packages.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { explained } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */
/** @typedef {{ packages: Packages }} Lock */

/**
 * node_modules against package-lock.json, by the record that npm leaves of what it installed.
 * Packages for other platforms are in the lock file only.
 */
export async function packagesMatch() {
  const [wanted, there] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(async (file) => {
      const text = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : /** @type {Lock} */ (JSON.parse(text)).packages;
    }),
  );
  if (!wanted) throw new UserError('package-lock.json is missing: get it back from git, or run `npm install`');
  return there && packagesEqual(wanted, there) ? `${Object.keys(there).length} npm packages` : undefined;
}

/** @param {Packages} wanted @param {Packages} there */
export function packagesEqual(wanted, there) {
  const differs = Object.keys(there).some((name) => wanted[name]?.version !== there[name].version);
  const lacks = Object.keys(wanted).some((name) => name !== '' && !wanted[name].optional && !there[name]);
  return !differs && !lacks;
}

/**
 * Runs what needs the packages. Where that breaks and they are others, it is most likely for that.
 * @template T
 * @param {() => Promise<T>} work
 * @param {() => Promise<unknown>} [match]
 * @returns {Promise<T>}
 */
export async function withPackages(work, match = packagesMatch) {
  try {
    return await work();
  } catch (error) {
    if (explained(error) !== undefined || (await match())) throw error;
    throw new UserError(`${firstLine(error)}; node_modules has other packages than package-lock.json: run \`npm ci\``);
  }
}

/** @param {unknown} error */
function firstLine(error) {
  const { message } = /** @type {Error} */ (error);
  const lines = message.split('\n').map((line) => line.trim());
  // What bundlers say comes below a heading.
  const line = lines.find((each) => /^(\w*Error|\[\w+\])/.test(each)) ?? lines[0] ?? '';
  return line.replace(/^\w*Error: |\[\w+\]:? |\.$/g, '');
}
