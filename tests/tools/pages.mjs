// The pages that people read, and what is in them: fenced blocks, and commands.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../tools/files.mjs';

/** @param {string} folder @param {RegExp} pattern */
export const filesOf = (folder, pattern) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => path.join(folder, file));

/** @param {string} file */
export const read = (file) => readFileSync(path.join(root, file), 'utf8');

/** What people read who use login-sync, and what those read who work on it. */
export const PAGES = [...filesOf('docs', /\.md$/), 'README.md'];
export const ALL_PAGES = [
  ...PAGES,
  'BENCHMARKS.md',
  'CONTRIBUTING.md',
  'RELEASING.md',
  'SECURITY.md',
  'fuzz/README.md',
  'tests/cases/README.md',
];

/** The fenced blocks of a page: language, text, line. @param {string} file */
export function blocks(file) {
  const page = read(file);
  return [...page.matchAll(/^( *)```(\S*)\n([\s\S]*?)^\1```$/gm)].map(
    ({ 1: indent = '', 2: language = '', 3: text = '', index }) => {
      const line = page.slice(0, index).split('\n').length;
      return { language, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), line, at: `${file}:${line}` };
    },
  );
}

/**
 * @typedef {object} Command
 * @property {string} text as it is printed, without its comment
 * @property {string[]} shown what the page shows that it prints
 * @property {string} at
 */

/**
 * The commands of a page's blocks in their order: each line of `sh`, and of `console` each line after a `$`.
 * @param {string} file
 * @returns {Command[]}
 */
export function commands(file) {
  return blocks(file).flatMap(({ language, text, line: from }) => {
    if (language !== 'sh' && language !== 'console') return [];
    /** @type {Command[]} */
    const found = [];
    for (const [i, line] of text.trimEnd().split('\n').entries()) {
      const prompt = language === 'console' ? /^\$ (.*)/.exec(line) : [line, line];
      if (!prompt) found.at(-1)?.shown.push(line);
      else found.push({ text: plain(prompt[1] ?? ''), shown: [], at: `${file}:${from + 1 + i}` });
    }
    return found;
  });
}

/** @param {string} line */
const plain = (line) => line.replace(/\s+# .*$/, '').trim();

/** Commands within the text of a page: `npx login-sync check`. @param {string} file @returns {Command[]} */
export const spans = (file) =>
  read(file)
    .split('\n')
    .flatMap((line, i) =>
      [...line.matchAll(/`((?:npx login-sync|npm run|npm start|npm test|npm pack|node) ?[^`]*)`/g)].map(
        ([, text = '']) => ({
          text: plain(text),
          shown: [],
          at: `${file}:${i + 1}`,
        }),
      ),
    );
