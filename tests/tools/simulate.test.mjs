// `npm start` and `npm run simulate` as a command: what is shown where, the exit codes, and every way to get it wrong. It is
// run as a person runs it, on an Action of the test's own; the committed file and configs are simulate-config.test.mjs's.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PASSWORD, SECRETS } from '../../tools/tenant/event.mjs';
import { withoutWaits } from '../patience.mjs';
import { ACTION } from './own-action.mjs';

const COMMAND = fileURLToPath(new URL('../../tools/commands/simulate.mjs', import.meta.url));

const folder = mkdtempSync(path.join(tmpdir(), 'simulate-'));
after(() => rmSync(folder, { recursive: true }));

/** @param {string} name @param {string | Buffer} text */
function file(name, text) {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
}
const paste = file('action.js', ACTION);

/** @param {string[]} args */
function simulate(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, '--paste', paste, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr: withoutWaits(stderr) };
}

describe('what is shown', () => {
  it('is a login and a registration, with no secret in sight', () => {
    const { status, stdout, stderr } = simulate();
    assert.deepEqual([status, stderr], [0, '']);
    for (const part of [
      'against stand-ins on this machine\ninvented secret: CLEENG_CLIENT_SECRET\n',
      'post-login  maja.lindqvist@example.com logs in to Example Media Web',
      'POST https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token',
      'authorization: Bearer eyJ…redacted',
      '"firstName": "Maja"',
      'api.idToken.setCustomClaim("cleeng_access_token", "eyJ',
      '+ cleeng_access_token eyJ',
      'customerId 971740740',
      '+ plan gold',
      '(dropped: a reserved claim name)',
      'app_metadata  {"seen":1}',
      'synced auth0|67a1f0c2d4b8e9000a1b2c3d',
      'of the 256 characters that Auth0 keeps',
      'timeline ',
      '█',
      '✓ the login goes on',
      'post-user-registration  maja.lindqvist@example.com has registered on customers',
      '✓ done; the user notices nothing of it',
    ])
      assert.ok(stdout.includes(part), `\`${part}\` is not in:\n${stdout}`);
    for (const hidden of [SECRETS.CLEENG_CLIENT_SECRET, PASSWORD, '\u001b', 'host: ', 'connection: '])
      assert.ok(!stdout.includes(hidden));
    assert.ok(stdout.split('\n').length <= 60, stdout);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 110),
      stdout,
    );
  });

  it('is one trigger, as often as asked, each login with what the one before it wrote', () => {
    const { status, stdout } = simulate('--trigger', 'post-login', '--repeat', '4');
    assert.equal(status, 0);
    assert.ok(!stdout.includes('post-user-registration'));
    assert.match(stdout, /no\. 2 to 4: 1 request, allowed; median .* ms, slowest .* ms\n/);
    const executions = JSON.parse(simulate('--json', '--repeat', '3').stdout);
    assert.deepEqual(
      executions.map((/** @type {any} */ each) => each.appMetadata),
      [{ seen: 1 }, { seen: 2 }, { seen: 3 }],
    );
    assert.deepEqual(
      executions.map((/** @type {any} */ each) => each.log[0].split(' ').at(-1)),
      ['7', '8', '9'],
    );
  });

  it('is about a partial event and other secrets', () => {
    const event = file('event.json', JSON.stringify({ user: { given_name: 'Noor', phone_number: null } }));
    const { status, stdout } = simulate(
      '--trigger',
      'post-login',
      '--over',
      event,
      '--secret',
      'CLEENG_CLIENT_SECRET=aaaa.bbbb.cccc',
      '--secret',
      'OTHER=x=y',
    );
    assert.equal(status, 0);
    assert.match(stdout, /"firstName": "Noor"/);
    assert.match(stdout, /authorization: Bearer …redacted/);
    assert.ok(!stdout.includes('aaaa.bbbb') && !stdout.includes('invented'));
  });

  it('is what would go wrong on a tenant', () => {
    const bad = file(
      'bad.js',
      "exports.onExecutePostLogin = async (event, api) => { Promise.reject(new Error('stray')); console.log('x'.repeat(300)); };",
    );
    const { status, stdout } = simulate('--trigger', 'post-login', '--paste', bad);
    assert.equal(status, 1);
    assert.match(stdout, /FAULT {9}unhandledRejection: stray/);
    assert.match(stdout, /300 of the 256 characters/);
    const quiet = file(
      'quiet.js',
      "exports.onExecutePostLogin = async (event, api) => { try { api.user.setAppMetadata('a.b', 1); } catch {} };",
    );
    const refused = simulate('--trigger', 'post-login', '--paste', quiet);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /refused {7}user\.setAppMetadata: the key `a\.b` holds/);
  });

  it('survives events of any shape', () => {
    for (const event of [
      { user: null, request: 5, client: 'x', secrets: { N: 5 } },
      { transaction: { requested_scopes: 5 }, secrets: null, connection: [], tenant: 'x' },
    ]) {
      const { status, stderr } = simulate('--repeat', '2', '--over', file('odd.json', JSON.stringify(event)));
      assert.deepEqual([status, stderr], [1, '']);
    }
  });

  it('explains itself', () => {
    const { status, stdout } = simulate('--help');
    assert.equal(status, 0);
    for (const option of [
      'config',
      'event',
      'trigger',
      'secret',
      'secrets',
      'fault',
      'answer',
      'repeat',
      'live',
      'json',
      'paste',
      'help',
    ])
      assert.ok(stdout.includes(`--${option} `), option);
    assert.ok(stdout.split('\n').every((line) => line.length <= 120));
  });
});

describe('secrets', () => {
  const names = file(
    'names.js',
    'exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("held", Object.entries(event.secrets).map(([name, value]) => name + value.length)); };',
  );
  const held = (/** @type {string[]} */ ...args) =>
    JSON.parse(simulate('--paste', names, '--json', ...args).stdout).tokens.idToken.held;

  it('are invented, given, or taken away', () => {
    assert.deepEqual(held(), [`CLEENG_CLIENT_SECRET${SECRETS.CLEENG_CLIENT_SECRET.length}`]);
    assert.deepEqual(held('--secret', 'CLEENG_CLIENT_SECRET='), []);
    assert.deepEqual(held('--secret', 'CLEENG_CLIENT_SECRET=abc', '--secret', 'B=x=y'), [
      'CLEENG_CLIENT_SECRET3',
      'B3',
    ]);
  });

  for (const [what, text] of /** @type {[string, string][]} */ ([
    ['JSON', '{"CLEENG_CLIENT_SECRET": "", "B": "x=y", "C": "a b"}'],
    ['lines', '\uFEFF# comment\r\n\r\nCLEENG_CLIENT_SECRET=\r\n  export B=x=y  \r\nC="a b"\r\n'],
    ['lines of an old Mac', 'CLEENG_CLIENT_SECRET=\rB=x=y\rC=a b\r'],
    ['lines with comments', 'CLEENG_CLIENT_SECRET=""\t#\nB="x=y" # one\nC=a#b\n'],
    ['quoted lines', "CLEENG_CLIENT_SECRET=''\nB = 'x=y'\nC=a b"],
  ])) {
    it(`come from a file of ${what}`, () => assert.deepEqual(held('--secrets', file('secrets', text)), ['B3', 'C3']));
  }

  it('of the command line come before those of a file', () =>
    assert.deepEqual(held('--secrets', file('secrets', 'CLEENG_CLIENT_SECRET=\nB=1'), '--secret', 'B=22'), ['B2']));
});

describe('the exit code', () => {
  for (const [what, args, reason] of /** @type {[string, string[], RegExp][]} */ ([
    ['a fault', ['--fault', '503'], /503 after .*\n(.*\n)*.*✗ the login ends: access_denied, "status 503"/],
    ['a fault of one host', ['--fault', 'identity.api.prod.cleeng.com:429:7'], /429 after /],
    ['a fault of one stand-in', ['--fault', 'cleeng:reset'], /nothing, ECONNRESET after /],
    [
      'a time-out',
      ['--fault', 'timeout'],
      /nothing, too slow after .*\n(.*\n)*.*✗ the login ends: access_denied, "too slow"/,
    ],
    ['a missing secret', ['--secret', 'CLEENG_CLIENT_SECRET='], /✗ the login ends: access_denied, "status 401"/],
  ])) {
    it(`is 1 when the login ends: ${what}`, () => {
      const { status, stdout } = simulate('--trigger', 'post-login', ...args);
      assert.equal(status, 1);
      assert.match(stdout, reason);
    });
  }

  it('is 1 when any execution ends badly', () => {
    const third = file(
      'third.js',
      'let n = 0; exports.onExecutePostLogin = async (event, api) => { if (++n === 3) api.access.deny("third"); };',
    );
    assert.deepEqual(
      ['2', '3', '4'].map((repeat) => simulate('--paste', third, '--trigger', 'post-login', '--repeat', repeat).status),
      [0, 1, 1],
    );
  });

  it('is 0 when a fault is not met, which is said', () => {
    const { status, stdout } = simulate('--fault', 'crm.example.com:503');
    assert.equal(status, 0);
    assert.match(stdout, /\nnothing was sent to `crm\.example\.com`: its --fault or --answer was never met\n$/);
  });

  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [
      ['--trigger', 'post-logout'],
      /^--trigger: unknown trigger `post-logout`; use post-login, post-user-registration, pre-user-registration, .*, event-stream$/,
    ],
    [
      ['--fault', 'flood'],
      /^--fault: unknown fault `flood`; use timeout, .*, or a status such as 503 or 429:3, alone or as HOST:NAME$/,
    ],
    [['--fault', 'crm.example.com:flood'], /^--fault: unknown fault `flood`; /],
    [['--fault', '200'], /^--fault: unknown fault `200`; /],
    ...['0', '-1', '1.5', '', 'many', '1e3', '1001'].map(
      (text) =>
        /** @type {[string[], RegExp]} */ ([[`--repeat=${text}`], /^--repeat: must be a whole number from 1 to 1000$/]),
    ),
    [['--secret', 'topsecret'], /^--secret: must be NAME=VALUE$/],
    [['--secret', '=topsecret'], /^--secret: must be NAME=VALUE$/],
    [['--secret', `BIG=${'x'.repeat(4097)}`], /^--secret: `BIG` is longer than the 4096 characters that Auth0 allows$/],
    [Array.from({ length: 31 }, (_, i) => `--secret=S${i}=x`), /^--secret: an Action holds at most 30 secrets$/],
    [['--secrets', 'KEY=topsecret'], /^--secrets: takes a file, and there is none of this name$/],
    [['--secrets', '{"KEY": "topsecret"}'], /^--secrets: takes a file, and there is none of this name$/],
    [['--secrets', file('blunt.env', 'A="topsecret\nB=1')], /^--secrets: `.*blunt\.env` line 1: the quotation mark /],
    ...['topsecret # old', ' # topsecret'].map(
      (text, i) =>
        /** @type {[string[], RegExp]} */ ([
          ['--secrets', file(`after-${i}.env`, `A=${text}`)],
          /^--secrets: `.*after-.\.env` line 1: put the value into quotation marks, or remove the comment$/,
        ]),
    ),
    ...['latin1', 'utf16le'].map(
      (code) =>
        /** @type {[string[], RegExp]} */ ([
          ['--secrets', file(`${code}.env`, Buffer.from('A=töpsecret', /** @type {BufferEncoding} */ (code)))],
          /^--secrets: cannot read `.*\.env`: it is not UTF-8: save it as UTF-8$/,
        ]),
    ),
    [['--secrets', 'nowhere.env'], /^--secrets: there is no file `nowhere\.env`$/],
    [['--secrets', file('bad.env', 'A=1\ntopsecret')], /^--secrets: `.*bad\.env` line 2: must be NAME=VALUE$/],
    [['--secrets', file('bad.json', '{"A": 5}')], /^--secrets: `.*bad\.json`: `A` must be a string$/],
    [['--secrets', file('list.json', '["topsecret"]')], /^--secrets: `.*list\.json` is not a JSON object of strings$/],
    [
      ['--secrets', file('half.json', '{"A": "topsecret')],
      /^--secrets: `.*half\.json` is not JSON: line 1, column 7: this string is never closed$/,
    ],
    [['--answer', 'x.example.com'], /^--answer: must be HOST=FILE$/],
    [['--answer', 'x.example.com=nowhere.json'], /^--answer: there is no file `nowhere\.json`$/],
    [['--paste', 'nowhere.js'], /^--paste: there is no file `nowhere\.js`$/],
    [['--paste', tmpdir()], /^--paste: cannot read `.*`: it is a folder$/],
    [
      ['--config', 'nowhere.json'],
      /^--paste: `.*action\.js` cannot be given a config: this is no paste of login-sync, /,
    ],
    [['--event', 'nowhere.json'], /^--event: there is no file `nowhere\.json`$/],
    [
      ['--event', file('broken.json', '{"user": ')],
      /^--event: `.*` is not JSON: line 1, column 10: the `\{` of line 1, column 1 is never closed$/,
    ],
    [['--event', file('list.json', '[]')], /^--event: `.*` must hold an object$/],
    [['--live'], /^--live: needs the real secrets of the systems to call: /],
    [['--colour'], /^unknown option '--colour'; `--help` lists the options$/],
    [['--repeat'], /^option '--repeat <value>' argument missing; `--help` lists the options$/],
    [['--json=yes'], /^option '--json' does not take an argument; `--help` lists the options$/],
    [['--secret', '--json'], /^option '--secret' argument is ambiguous; `--help` lists the options$/],
    [
      ['--secret', 'NAME', 'topsecret'],
      /^unexpected argument: every value needs its option before it; `--help` lists the options$/,
    ],
  ])) {
    it(`is 2 for ${args.join(' ').slice(0, 60)}`, () => {
      const { status, stdout, stderr } = simulate(...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^error: [^\n]*\n$/, 'one line');
      assert.match(stderr.slice('error: '.length, -1), message);
      assert.ok(!stderr.includes('topsecret'));
    });
  }

  it('is 2 for all that is wrong at once, a line each', () => {
    const { status, stderr } = simulate(
      '--repeat',
      '0',
      '--fault',
      'a',
      '--fault',
      'b',
      '--secret',
      'c',
      '--secrets',
      file('worse.env', 'd\ne'),
      '--event',
      'f',
      '--live',
    );
    assert.equal(status, 2);
    assert.deepEqual(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':', 2).join(':')),
      [
        'error: --repeat',
        'error: --fault',
        'error: --fault',
        'error: --event',
        'error: --secrets',
        'error: --secrets',
        'error: --secret',
        'error: --fault',
        'error: --live',
      ],
    );
  });
});

describe('the terminal', () => {
  /** Runs the command on a terminal of its own. @param {Record<string, string>} env */
  const onTerminal = (env) =>
    spawnSync(
      'script',
      ['-qec', `"${process.execPath}" "${COMMAND}" --paste "${paste}" --trigger post-login`, '/dev/null'],
      { encoding: 'utf8', env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...env } },
    );
  const skip = process.platform !== 'linux' || !existsSync('/usr/bin/script') ? 'needs `script` of util-linux' : false;

  it('gets colour', { skip }, () =>
    assert.ok(onTerminal({}).stdout.includes('\u001b[32m✓ the login goes on\u001b[0m')),
  );

  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    it(`gets none with ${Object.entries(env)[0]?.join('=')}`, { skip }, () => {
      const { stdout } = onTerminal(/** @type {any} */ (env));
      assert.ok(stdout.includes('✓ the login goes on') && !stdout.includes('\u001b['));
    });
  }

  it('may stop reading', async () => {
    const child = spawn(process.execPath, [COMMAND, '--paste', paste, '--json', '--repeat', '50'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((done) => child.once('close', done));
    assert.deepEqual([code, withoutWaits(stderr)], [0, 'invented secret: CLEENG_CLIENT_SECRET\n']);
  });
});
