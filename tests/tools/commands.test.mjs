// tests/tools/: every command, asked for help and given what is wrong: it answers in a line, and no stack is shown.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { agrees, explained } from '../../tools/cli.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { UserError } from '../../tools/error.mjs';
import { root } from '../../tools/files.mjs';
import { check } from '../../tools/library/index.mjs';
import { PROGRAM_MS } from '../patience.mjs';

const CONFIG = 'examples/several-systems/config.json';

/** Each with options that take a value, and what else it is refused for. @type {Record<string, { takes: string[], wrong: [string[], RegExp][] }>} */
const COMMANDS = {
  'tools/commands/simulate.mjs': {
    takes: ['--config', '--secret'],
    wrong: [
      [['--config', 'gone.json'], /^--config: there is no file `gone\.json`$/],
      [['--config', 'src'], /^--config: cannot read `src`: it is a folder$/],
      [['--event', 'gone.json'], /^--event: there is no file `gone\.json`$/],
      [['--secrets', 'src'], /^--secrets: cannot read `src`: it is a folder$/],
      [['NAME=hush-hush'], /^unexpected argument: every value needs its option before it; `--help` lists the options$/],
    ],
  },
  'tools/commands/login-sync.mjs': {
    takes: [],
    wrong: [
      [['lint'], /^unknown verb; use init, simulate, test, check, bundle, /],
      [['simulate', '--repeat', 'x'], /^--repeat: must be a whole number from 1 to 1000$/],
    ],
  },
  'tools/commands/check.mjs': {
    takes: ['--config', '--known'],
    wrong: [
      [[], /^needs `--config FILE`; `--help` lists the options$/],
      [['--config', 'gone.json'], /^--config: there is no file `gone\.json`$/],
    ],
  },
  'tools/commands/test.mjs': {
    takes: [],
    wrong: [
      [[], /^login-sync\.test\.json: there is no file `login-sync\.test\.json`$/],
      [['package.json'], /^`package\.json`: `config` must be a path or a config$/],
    ],
  },
  'tools/commands/init.mjs': {
    takes: ['--copy', '--example', '--use'],
    wrong: [
      [['--example', 'x'], /^--example: there is no `x`; use claims-from-event, /],
      [['--use', 'strpe'], /^--use: unknown connector: did you mean `stripe`\?$/],
      [['--copy', 'cleeng'], /^--copy: unknown connector: choose from airtable, /],
      [['--use', 'stripe', '--connectors'], /^--use, --example, --connectors and --copy: give one of them$/],
    ],
  },
  'tools/commands/bundle.mjs': {
    takes: ['--config', '--out'],
    wrong: [
      [[], /^needs `--config FILE`; `--help` lists the options$/],
      [['--config', 'gone.json', '--out', 'a.js'], /^--config: there is no file `gone\.json`$/],
      [['--config', CONFIG, '--paste', 'src', '--out', 'a.js'], /^--paste: cannot read `src`: it is a folder$/],
      [
        ['--config', CONFIG, '--out', 'package.json/a.js'],
        /^--out: cannot write `package\.json\/a\.js`: one of the folders is a file$/,
      ],
      [['--config', CONFIG, '--out', 'src'], /^--out: cannot write `src`: it is a folder$/],
    ],
  },
  'tools/commands/deploy.mjs': {
    takes: ['--config', '--name'],
    wrong: [
      [[], /^needs `--config FILE`; `--help` lists the options$/],
      [['--config', 'gone.json'], /^--config: there is no file `gone\.json`$/],
      [['--config', CONFIG, '--name', '!'], /^--name: must be letters, /],
    ],
  },
  'tools/commands/doctor.mjs': {
    takes: ['--config', '--name'],
    wrong: [
      [[], /^needs `--config FILE`; `--help` lists the options$/],
      [['--config', CONFIG, '--secrets', 'src'], /^--secrets: cannot read `src`: it is a folder$/],
    ],
  },
  'tools/build/connectors.mjs': { takes: [], wrong: [] },
  'tools/commands/claims.mjs': {
    takes: ['--format'],
    wrong: [[['--config', 'gone.json'], /^--config: there is no file `gone\.json`$/]],
  },
  'tools/commands/unpack.mjs': {
    takes: ['--out', '--paste'],
    wrong: [
      [[], /^needs `--out FOLDER`; `--help` lists the options$/],
      [['--out', 'a', '--paste', 'gone.js'], /^--paste: there is no file `gone\.js`$/],
      [['--out', 'a', '--paste', 'package.json'], /^this is no paste of login-sync, or its marks are gone: /],
      [['--out', 'package.json'], /^--out: cannot write `package\.json[/\\]shim\.js`: /],
    ],
  },
  'tools/commands/rehearse.mjs': {
    takes: ['--rate'],
    wrong: [[['--config', 'src'], /^--config: cannot read `src`: it is a folder$/]],
  },
  'tools/build/build.mjs': {
    takes: ['--features'],
    wrong: [
      [['--out', 'a.js'], /^--features and --out go together$/],
      [['--readable'], /^--readable: goes with `--check`$/],
    ],
  },
  'tools/build/size.mjs': {
    takes: ['--top'],
    wrong: [[['--top', 'x'], /^--top: must be a whole number from 0 to 1000000$/]],
  },
  'tools/develop/test.mjs': {
    takes: ['--only'],
    wrong: [[['--only', 'x'], /^--only: there is no step `x`; `--help` lists them$/]],
  },
  'tools/develop/fuzz.mjs': {
    takes: [],
    wrong: [
      [['x'], /^name a target/],
      [['config', '0'], /^name a target/],
    ],
  },
  'tools/develop/setup.mjs': { takes: [], wrong: [] },
  'bench/bench.mjs': {
    takes: ['--only', '--warm-up'],
    wrong: [
      [['--only', 'x'], /^--only: there is no part `x`: take budget, cold, /],
      [['--warm-up', 'x'], /^--warm-up: must be a whole number/],
      [['--write', '--only', 'cold'], /^--write: goes alone/],
    ],
  },
  'demo/demo.mjs': {
    takes: ['--secret'],
    wrong: [[['--config', 'src'], /^--config: cannot read `src`: it is a folder$/]],
  },
  'tests/pictures/pictures.mjs': { takes: ['--only'], wrong: [] },
  'playground/serve.mjs': {
    takes: ['--port'],
    wrong: [[['--port', '0'], /^--port: must be a whole number from 1 to 65535$/]],
  },
};

describe('every command', { concurrency: 2 }, () => {
  for (const [file, { takes, wrong }] of Object.entries(COMMANDS)) {
    const command = (/** @type {string[]} */ ...args) =>
      run(process.execPath, [file, ...args], { limitMs: PROGRAM_MS });

    it(`${file} --help`, async () => {
      const { code, stdout, output } = await command('--help');
      assert.deepEqual([code, stdout], [0, output]);
      assert.match(stdout, /^usage: /);
      for (const option of takes) assert.ok(stdout.includes(option), option);
    });

    /** @type {[string[], RegExp][]} */
    const table = [
      [['--unheard-of'], /^unknown (option '--unheard-of'; `--help` lists the options$|verb; use )/],
      ...takes.map(
        (option) =>
          /** @type {[string[], RegExp]} */ ([
            [option],
            new RegExp(`^option '${option} <value>' argument missing; \`--help\` lists the options$`),
          ]),
      ),
      ...wrong,
    ];
    for (const [args, line] of table) {
      it(`${file} ${args.join(' ')}`, async () => {
        const { code, stdout, output } = await command(...args);
        const [message = '', ...more] = output.split('\n');
        assert.deepEqual([code, stdout, more], [2, '', []], output);
        assert.match(message.replace(/^error: /, ''), line);
      });
    }
  }

  it('shows its help before a package is installed', async (t) => {
    const bare = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(bare, { recursive: true, force: true }));

    const parts = [
      'bench',
      'connectors',
      'demo',
      'examples',
      'pkg',
      'playground',
      'tests/pictures',
      'tools',
      'package.json',
    ];
    for (const part of parts) await cp(path.join(root, part), path.join(bare, part), { recursive: true });
    for (const file of Object.keys(COMMANDS)) {
      const { code, output } = await run(process.execPath, [file, '--help'], { cwd: bare });
      assert.deepEqual([code, output.slice(0, 6)], [0, 'usage:'], `${file}: ${output}`);
    }
  });

  it('runs by a link to the folder, too', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await symlink(root, path.join(folder, 'link'), 'junction');
    const { output } = await run(process.execPath, [path.join(folder, 'link/tools/commands/claims.mjs'), '--help']);
    assert.equal(output.slice(0, 6), 'usage:');
  });

  it('is one that package.json knows', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    const files = Object.values(scripts).flatMap((script) => /^node (\S+\.mjs)/.exec(script)?.[1] ?? []);
    assert.deepEqual(
      [...new Set(files)].filter((file) => !COMMANDS[file]),
      [],
    );
  });
});

describe('a question', () => {
  for (const [typed, yes] of Object.entries({
    'yes\r': true,
    ' Y\r': true,
    'no\r': false,
    '\r': false,
    '\x03': false,
    '\x04': false,
  })) {
    it(`is answered with ${JSON.stringify(typed)}`, async () => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const answer = agrees('Go on? ', { input, output, terminal: true });
      input.write(typed);
      assert.equal(await answer, yes);
      assert.match(String(output.read()), /Go on\? /);
    });
  }
});

describe('a config that is not UTF-8', () => {
  const config = JSON.stringify({ deny: [{ when: '!(user.email)', reason: 'Grüße' }] });
  const codings = {
    'Latin-1': Buffer.from(config, 'latin1'),
    'UTF-16': Buffer.from(`\uFEFF${config}`, 'utf16le'),
    'UTF-16 without a mark': Buffer.from(config.replace(/[^ -~]/g, ''), 'utf16le'),
  };
  for (const [coding, bytes] of Object.entries(codings)) {
    it(`is refused: ${coding}`, async (t) => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
      t.after(() => rm(folder, { recursive: true, force: true }));
      const file = path.join(folder, 'config.json');
      await writeFile(file, bytes);
      const why = `cannot read \`${file}\`: it is not UTF-8: save it as UTF-8`;
      assert.throws(() => check(pathToFileURL(file)), { message: why });
      for (const verb of ['check', 'simulate', 'bundle', 'claims', 'deploy']) {
        const command = [`tools/commands/${verb}.mjs`, '--config', file];
        const { code, output } = await run(process.execPath, [
          ...command,
          ...(verb === 'bundle' ? ['--out', 'a.js'] : []),
        ]);
        assert.deepEqual([code, output], [2, `error: --config: ${why}`]);
      }
    });
  }
});

describe('a command whose reader has gone', () => {
  /** @type {string} */
  let folder;
  before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  for (const file of ['tools/commands/simulate.mjs', 'tools/build/size.mjs']) {
    it(`ends quietly: ${file}`, async () => {
      await writeFile(path.join(folder, 'run.sh'), `"${process.execPath}" ${file} | head -c 1`);
      const { output } = await run('sh', [path.join(folder, 'run.sh')]);
      assert.equal(output.length, 1, output);
    });
  }
});

describe('an error in a line', () => {
  /** @type {[string, Error, string | undefined][]} */
  const table = [
    ['of ours', new UserError('wrong'), 'wrong'],
    [
      'no permission',
      Object.assign(new Error('x'), { code: 'EACCES', syscall: 'open', path: '/a' }),
      'cannot open `/a`: no permission',
    ],
    [
      'a port',
      Object.assign(new Error('x'), { code: 'EADDRINUSE', syscall: 'listen' }),
      'cannot listen: the port is in use',
    ],
    [
      'a package',
      Object.assign(new Error("Cannot find package 'vite' imported from /x"), { code: 'ERR_MODULE_NOT_FOUND' }),
      'the package `vite` is not installed: run `npm ci`',
    ],
    [
      'a module of our own',
      Object.assign(new Error("Cannot find module '/x.mjs'"), { code: 'ERR_MODULE_NOT_FOUND' }),
      undefined,
    ],
    ['a bug', new TypeError('x is not a function'), undefined],
  ];
  for (const [what, error, line] of table) it(what, () => assert.equal(explained(error), line));
});
