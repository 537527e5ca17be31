// tools/: `npm run fuzz`. What it tells cargo, and that each target has what it needs. Nothing is fuzzed here.

import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fuzzCommand } from '../../tools/develop/fuzz.mjs';
import { root, SCHEMA } from '../../tools/files.mjs';
import { fieldsIn, fieldsOf } from '../paste/fields/schema.mjs';

test('each target of the crate can be run, and has seeds and words', async () => {
  const manifest = await readFile(path.join(root, 'fuzz', 'Cargo.toml'), 'utf8');
  const targets = [...manifest.matchAll(/^name = "(\w+)"$/gm)].map(([, name]) => name);
  assert.deepEqual(targets, ['config', 'expression', 'answer', 'form']);
  for (const target of targets) {
    const { args } = fuzzCommand([target, '5']);
    assert.ok(args.includes(target) && args.includes('-max_total_time=5'), args.join(' '));
    await access(path.join(root, 'fuzz', 'fuzz_targets', `${target}.rs`));
    await access(path.join(root, args.find((arg) => arg.startsWith('-dict='))?.slice(6) ?? 'no dictionary'));
    assert.ok((await readdir(path.join(root, 'fuzz', 'seeds', target))).length > 10, target);
  }
});

test('each field of the config is a word of its dictionary, and in a seed', async () => {
  const schema = JSON.parse(await readFile(SCHEMA, 'utf8'));
  const words = await readFile(path.join(root, 'fuzz', 'config.dict'), 'utf8');
  const folder = path.join(root, 'fuzz', 'seeds', 'config');
  const seeded = new Set();
  for (const file of await readdir(folder)) {
    try {
      for (const { field } of fieldsIn(schema, JSON.parse(await readFile(path.join(folder, file), 'utf8'))))
        seeded.add(field);
    } catch (error) {
      // Some are no JSON, as what an admin writes may be none.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  const fields = fieldsOf(schema);
  assert.ok(fields.length > 60);
  assert.deepEqual(
    fields.filter((field) => !words.includes(`\\"${field.split('.').at(-1)}\\"`)),
    [],
  );
  assert.deepEqual(
    fields.filter((field) => !seeded.has(field)),
    [],
  );
});

test('what it does not understand is refused', () => {
  for (const args of [
    [],
    ['all'],
    ['toString'],
    ['config', '0'],
    ['config', '1.5'],
    ['config', 'x'],
    ['config', '5', '6'],
  ]) {
    assert.throws(() => fuzzCommand(args), /name a target/, args.join(' '));
  }
  assert.ok(fuzzCommand(['answer']).args.includes('-max_total_time=60'));
});
