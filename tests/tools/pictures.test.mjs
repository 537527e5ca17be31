// tests/tools/: every picture of the pages is one that `npm run pictures` makes, and each that it makes is shown.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { PICTURES } from '../pictures/pictures.mjs';

const pages = [
  'README.md',
  ...(await readdir(path.join(root, 'docs'))).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
];

test('the folder holds what the command makes, and nothing else', async () => {
  assert.deepEqual((await readdir(path.join(root, 'docs', 'images'))).sort(), [...PICTURES].sort());
});

test('the pages show what the command makes, all of it, in words too', async () => {
  const shown = new Set();
  for (const page of pages) {
    const text = await readFile(path.join(root, page), 'utf8');
    const markdown = [...text.matchAll(/!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/g)].map(([, words = '', file = '']) => ({
      words,
      file,
    }));
    const html = [...text.matchAll(/<img\b[^>]*>/g)].map(([tag]) => ({
      words: /\balt="([^"]*)"/.exec(tag)?.[1] ?? '',
      file: /\bsrc="([^"]*)"/.exec(tag)?.[1] ?? '',
    }));
    for (const { words, file } of [...markdown, ...html]) {
      const whole = path.relative(root, path.resolve(root, path.dirname(page), file));
      assert.equal(path.dirname(whole), path.join('docs', 'images'), `${page} shows ${file}`);
      assert.ok(PICTURES.includes(path.basename(whole)), `${page} shows ${file}, which no one makes`);
      assert.ok(words.trim().length > 10, `${page}: ${file} needs words`);
      shown.add(path.basename(whole));
    }
  }
  assert.deepEqual([...shown].sort(), [...PICTURES].sort(), 'each is shown');
});

test('says what there is when it is asked for another', async () => {
  const { code, output } = await run(process.execPath, ['tests/pictures/pictures.mjs', '--only', 'x']);
  assert.equal(code, 2);
  assert.match(output, /^error: --only: no picture begins so; there are playground-light, /);
});
