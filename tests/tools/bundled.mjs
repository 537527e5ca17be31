// tests/tools/: `npm run bundle` as tests run it, in a folder of their own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../tools/develop/programs.mjs';
import { leanOf, PASTE, root } from '../../tools/files.mjs';

export const CRM = {
  name: 'crm',
  request: { url: 'https://crm.example.com/', headers: { 'x-api-key': { secret: 'CRM_API_KEY' } } },
};

/**
 * Runs the command in a folder of its own, with this as `my.config.json`.
 * @param {import('node:test').TestContext} t
 * @param {unknown} config an object, or the file's text
 * @param {string[]} [args]
 */
export async function bundle(t, config, args = ['--config', 'my.config.json', '--out', 'out/action.js']) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'my.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const ran = await run(process.execPath, [path.join(root, 'tools', 'commands', 'bundle.mjs'), ...args], {
    cwd: folder,
  });
  const written = await readFile(path.join(folder, 'out', 'action.js'), 'utf8').catch(() => undefined);
  return { ...ran, written, folder };
}

/** The same again in that folder, with other arguments. @param {{ folder: string }} first @param {string[]} more */
export async function again({ folder }, more) {
  const args = ['--config', 'my.config.json', '--out', 'second.js', ...more];
  const ran = await run(process.execPath, [path.join(root, 'tools', 'commands', 'bundle.mjs'), ...args], {
    cwd: folder,
  });
  return { ...ran, written: await readFile(path.join(folder, 'second.js'), 'utf8').catch(() => undefined) };
}

/** As the command's arguments: both kinds of result. */
export const KINDS = /** @type {const} */ ([
  ['sealed', []],
  ['editable', ['--editable']],
]);
export const ARGS = ['--config', 'my.config.json', '--out', 'out/action.js'];

/** The committed pastes. */
export const [EDITABLE, LEAN] = await Promise.all([PASTE, leanOf(PASTE)].map((file) => readFile(file, 'utf8')));
