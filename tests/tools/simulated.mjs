// `npm run simulate` with the committed file, as tests run it: the files that it is given, and the executions that it prints.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { Ajv } from 'ajv';
import { root } from '../../tools/files.mjs';
import { withoutWaits } from '../patience.mjs';

/** The shape of what `--json` prints. */
export const SCHEMA = JSON.parse(
  readFileSync(path.join(root, 'tools', 'commands', 'simulate', 'result.schema.json'), 'utf8'),
);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(SCHEMA);

/** Where the files are. */
export const folder = mkdtempSync(path.join(tmpdir(), 'simulate-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** @param {unknown} content an object, or the file's text */
export function file(content) {
  const place = path.join(folder, `file-${(files += 1)}`);
  writeFileSync(place, typeof content === 'string' ? content : JSON.stringify(content));
  return place;
}

/** @param {string[]} args */
export function simulateAloud(...args) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'tools', 'commands', 'simulate.mjs'), ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

/** The same, but for what it says of waiting. @param {string[]} args */
export const simulate = (...args) => {
  const ran = simulateAloud(...args);
  return { ...ran, stderr: withoutWaits(ran.stderr) };
};

/** The executions that `--json` gives, as a list. @param {string[]} args @returns {any[]} */
export function executions(...args) {
  const { stdout, stderr } = simulate('--json', ...args);
  assert.ok(stdout, stderr);
  const result = JSON.parse(stdout);
  assert.ok(validate(result), JSON.stringify(validate.errors));
  return [result].flat();
}

/** An entry for a system that no stand-in knows. */
export const OWN = {
  name: 'own',
  request: {
    url: 'https://api.own.example.com/users/{id}',
    params: { id: 'user.user_id' },
    headers: { 'x-api-key': { secret: 'OWN_KEY' } },
    body: { id: 'user.user_id', tier: "'gold'" },
  },
  response: { idToken: { own_id: 'id', own_tier: 'tier', own_more: 'more' } },
};
