// What holds for every verb of `login-sync`: its help, its exit codes (in the help, in the page, and when it runs), JSON alone on stdout,
// a word on stderr when it waits, and paths from where the person is. A new verb that is in no table here fails.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { VERBS } from '../../tools/commands/verbs.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { startTenant } from './management.mjs';
import { env, npm } from './packed.mjs';
import { read } from './pages.mjs';

const entry = {
  name: 'crm',
  request: { url: 'https://crm.example.com/exist-by-phone', body: { phoneNumber: 'user.phone_number' } },
};
const good = { syncs: [entry] };
const FILES = {
  'good.json': good,
  'denies.json': { syncs: [{ ...entry, onFailure: 'deny' }] },
  'warns.json': { syncs: [], claims: { idToken: { a: 'user.emial' } } },
  'bad.json': { sync: [] },
  'passes.test.json': { config: 'good.json', tests: [{ name: 'a', expect: { outcome: 'allowed' } }] },
  'fails.test.json': { config: 'good.json', tests: [{ name: 'a', expect: { outcome: 'denied' } }] },
  'refused.test.json': { config: 'bad.json', tests: [{ name: 'a', expect: {} }] },
  'waits.test.json': {
    config: 'good.json',
    tests: [{ name: 'a', clock: 'real', faults: ['timeout'], expect: { outcome: 'allowed' } }],
  },
};
const QUICK = ['--seconds', '1', '--rate', '10', '--phases', '503'];

/** What ends with each code, in this order. @type {Record<string, [code: number | number[], args: string[], env?: Record<string, string>][]>} */
const ENDS = {
  init: [
    [0, []],
    [2, []],
  ],
  simulate: [
    [0, ['--config', 'good.json', '--clock', 'virtual']],
    [1, ['--config', 'denies.json', '--clock', 'virtual', '--fault', '503']],
    [2, ['--config', 'bad.json']],
  ],
  test: [
    [0, ['passes.test.json']],
    [1, ['fails.test.json']],
    [2, ['refused.test.json']],
  ],
  check: [
    [0, ['--config', 'warns.json']],
    [1, ['--config', 'warns.json', '--strict']],
    [2, ['--config', 'bad.json']],
  ],
  bundle: [
    [0, ['--config', 'good.json', '--out', 'action.js']],
    [2, ['--config', 'bad.json', '--out', 'action.js']],
  ],
  doctor: [
    [1, ['--config', 'good.json', '--name', 'gone']],
    [0, ['--config', 'good.json', '--name', 'deployed']],
    [2, ['--config', 'bad.json']],
  ],
  deploy: [
    [0, ['--config', 'good.json']],
    [1, ['--config', 'good.json'], { AUTH0_CLIENT_SECRET: 'wrong' }],
    [2, ['--config', 'bad.json']],
  ],
  claims: [
    [0, ['--config', 'warns.json']],
    [2, ['--config', 'bad.json']],
  ],
  unpack: [
    [0, ['--out', 'unpacked']],
    [2, ['--out', 'unpacked', '--paste', 'good.json']],
  ],
  rehearse: [
    // Whether a bound holds is a matter of this machine.
    [[0, 1], QUICK],
    [2, ['--rate', 'x']],
  ],
  // It ends with 0 when it is stopped.
  playground: [[2, ['--port', 'x']]],
};

/** What makes a verb wait for more than two seconds; `rehearse` says what it does from the start, the others wait for nothing. @type {Record<string, string[]>} */
const WAITS = {
  simulate: ['--config', 'good.json', '--fault', 'timeout', '--json'],
  test: ['waits.test.json', '--json'],
  deploy: ['--config', 'good.json', '--dry-run', '--json'],
  doctor: ['--config', 'good.json', '--json'],
};

/** Those that npm runs in this repository, with a path. @type {Record<string, string[]>} */
const SCRIPTS = {
  start: ['--config', 'good.json', '--clock', 'virtual'],
  simulate: ['--config', 'good.json', '--clock', 'virtual'],
  bundle: ['--config', 'good.json', '--out', 'here.js'],
  check: ['--config', 'good.json'],
  claims: ['--config', 'good.json'],
  unpack: ['--out', 'here'],
  // Enough to see that it was found.
  rehearse: ['--config', 'bad.json', ...QUICK],
};

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startTenant>>} */
let tenant;
/** @type {typeof tenant} */
let slow;
before(async () => {
  // In the repository, so that npm finds its scripts from here.
  await mkdir(path.join(root, 'target'), { recursive: true });
  folder = await mkdtemp(path.join(root, 'target', 'verbs-'));
  for (const [file, content] of Object.entries(FILES))
    await writeFile(path.join(folder, file), JSON.stringify(content));
  [tenant, slow] = await Promise.all([startTenant(), startTenant({ latencyMs: () => 1_200 })]);
  const deployed = await verb('deploy', ['--config', 'good.json', '--name', 'deployed']);
  assert.equal(deployed.code, 0, deployed.stderr);
});
after(async () => {
  await Promise.all([tenant.close(), slow.close()]);
  await rm(folder, { recursive: true, force: true });
});

/**
 * Both streams, each by itself.
 * @param {string} name @param {string[]} args @param {Record<string, string>} [more]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
const verb = (name, args, more = {}) =>
  new Promise((done) => {
    const file = path.join(root, 'tools', 'commands', 'login-sync.mjs');
    const child = spawn(process.execPath, [file, ...name.split(' '), ...args], {
      cwd: folder,
      env: { ...env, ...tenant.env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const told = { stdout: '', stderr: '' };
    for (const stream of /** @type {const} */ (['stdout', 'stderr']))
      child[stream].setEncoding('utf8').on('data', (text) => (told[stream] += text));
    child.on('close', (code) => done({ code, ...told }));
  });

const NAMES = Object.keys(VERBS);
/** The help of each verb. @type {Map<string, Promise<string>>} */
const helps = new Map();
const helpOf = (/** @type {string} */ name) => {
  const help = helps.get(name) ?? verb(name, ['--help']).then(({ stdout }) => stdout);
  helps.set(name, help);
  return help;
};

describe('every verb', { concurrency: 2 }, () => {
  it('is in the tables', () => assert.deepEqual(Object.keys(ENDS).sort(), NAMES.slice().sort()));

  it('has a help, however one asks', async () => {
    for (const name of NAMES) {
      const help = await helpOf(name);
      assert.match(help, /^usage: (npx login-sync|npm run) /, name);
      for (const [asked, args] of /** @type {[string, string[]][]} */ ([
        [name, ['-h']],
        [`help ${name}`, []],
        [`--help ${name}`, []],
      ])) {
        const { code, stdout, stderr } = await verb(asked, args);
        assert.deepEqual([code, stdout, stderr], [0, help, ''], asked);
      }
    }
  });

  for (const name of NAMES) {
    it(`${name}: ends with the codes that its help and the page say`, async () => {
      const codes = [...new Set(ENDS[name]?.flatMap(([code]) => code))].sort();
      const help = await helpOf(name);
      const told = /^exit codes: ([\s\S]+)$/m.exec(help)?.[1] ?? '';
      const inHelp = [...told.matchAll(/(?:^|[,;] )(\d) /g)].map(([, code]) => Number(code));
      const [, row = ''] = new RegExp(`^\\| \`${name}\` (\\|.*\\|)$`, 'm').exec(read('docs/test-your-config.md')) ?? [];
      const inPage = row
        .split('|')
        .slice(1, -1)
        .flatMap((cell, code) => (cell.trim() === '–' ? [] : [code]));
      const all = name === 'playground' ? [0, ...codes] : codes;
      assert.deepEqual([inHelp, inPage], [all, all]);
      for (const [code, args, more] of ENDS[name] ?? []) {
        // What takes long is run once, with --json.
        if (Array.isArray(code)) continue;
        const { code: ended, stdout, stderr } = await verb(name, args, more);
        assert.equal(ended, code, `${name} ${args.join(' ')}\n${stdout}${stderr}`);
        if (ended === 2) assert.match(stderr, /^error: /m);
      }
    });

    it(`${name}: with --json stdout holds JSON alone`, async () => {
      if (!(await helpOf(name)).includes('--json')) return;
      for (const [code, args, more] of ENDS[name] ?? []) {
        const { code: ended, stdout, stderr } = await verb(name, [...args, '--json'], more);
        assert.ok([code].flat().includes(ended ?? -1), `${name} ${args.join(' ')}: ${ended}\n${stdout}${stderr}`);
        // What ended with an error says nothing there.
        if (/^error: /m.test(stderr)) assert.equal(stdout, '');
        else assert.equal(typeof JSON.parse(stdout), 'object');
      }
    });
  }

  for (const [name, args] of Object.entries(WAITS)) {
    it(`${name}: says on stderr what it waits for`, async () => {
      const { stdout, stderr } = await verb(name, args, slow.env);
      assert.match(stderr, /^waiting for /m);
      assert.equal(typeof JSON.parse(stdout), 'object', stdout);
    });
  }
});

describe('a script of this repository', { concurrency: 2 }, () => {
  it('is in the table if a verb has one', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const files = Object.values(VERBS).map(([file]) => `node ${file}`);
    const own = Object.keys(scripts).filter((name) => files.includes(scripts[name]) && name !== 'playground');
    assert.deepEqual(own.sort(), Object.keys(SCRIPTS).sort());
  });

  for (const [script, args] of Object.entries(SCRIPTS)) {
    it(`${script}: takes paths from where it is typed`, async () => {
      const at = path.join(folder, `of-${script}`);
      await mkdir(at);
      for (const file of ['good.json', 'bad.json']) await cp(path.join(folder, file), path.join(at, file));
      const { code, output } = await run(npm, ['run', '-s', script, '--', ...args], { cwd: at, env });
      assert.ok(script === 'rehearse' ? output.includes('unknown field `sync`') : code === 0, output);
    });
  }

  it("of someone's own project takes paths from that project's folder", async () => {
    const own = { INIT_CWD: path.join(folder, 'unpacked'), npm_package_json: path.join(folder, 'package.json') };
    const { code, stdout } = await verb('check', ['--config', 'good.json'], own);
    assert.deepEqual([code, stdout], [0, 'good.json: 0 warnings, 0 notes\n']);
  });
});
