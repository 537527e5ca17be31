// `npm run demo`, run as a person runs it: what it prints, how it ends, what it says when something is missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from '../patience.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = path.join(ROOT, 'demo', 'demo.mjs');

it('says where to go, serves there, and ends cleanly', { timeout: PATIENCE_MS }, async (t) => {
  const child = spawn(process.execPath, [COMMAND], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  await new Promise((done, fail) => {
    child.once('exit', () => fail(new Error(`it ended: ${err}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (out.includes('Ctrl-C')) done(undefined);
    });
  });
  const [url = '', issuer = ''] = out.match(/http:\/\/127\.0\.0\.1:\d+\//g) ?? [];
  assert.match(await (await fetch(url)).text(), /A real login/);
  const metadata = /** @type {any} */ (await (await fetch(new URL('.well-known/openid-configuration', issuer))).json());
  assert.equal(metadata.issuer, issuer);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGINT'])) child.kill(signal);
  assert.deepEqual([await ended, err], [0, '']);
});

for (const [what, args, line] of /** @type {[string, string[], RegExp][]} */ ([
  ['a config that is not there', ['--config', 'nowhere.json'], /^error: --config: there is no file `nowhere\.json`\n$/],
  ['an unknown fault', ['--fault', 'flood'], /^error: --fault: unknown fault `flood`; use .*\n$/],
  ['an unknown option', ['--port', '1'], /^error: unknown option '--port'; `--help` lists the options\n$/],
])) {
  it(`says in one line what to fix: ${what}`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, line);
  });
}

it('says in one line what to fix: packages that are not installed', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'demo-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const part of ['demo', 'tools', 'pkg', 'package.json'])
    cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(folder, 'demo', 'demo.mjs')], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [2, '', 'error: the package `jose` is not installed: run `npm ci`\n']);
});
