// `npm run simulate -- --live`: requests really leave, to where the config says, over TLS that is checked; and only with
// secrets that were given. A server on loopback is the real system here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from '../../tools/cli.mjs';
import { OPTIONS, plan } from '../../tools/commands/simulate/options.mjs';
import { certificate } from '../../tools/develop/certificate.mjs';
import { root } from '../../tools/files.mjs';
import { withoutWaits } from '../patience.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'simulate-live-'));

/** @param {string} name @param {unknown} content */
function file(name, content) {
  const place = path.join(folder, name);
  writeFileSync(place, typeof content === 'string' ? content : JSON.stringify(content));
  return place;
}

/** What arrived: the key, the host, the body. @type {string[][]} */
let arrivals = [];
/** @type {https.Server} */
let server;
let config = '';
let authority = '';

before(async () => {
  const { key, cert } = certificate();
  authority = file('authority.pem', cert);
  server = https.createServer({ key, cert }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    arrivals.push([String(request.headers['x-api-key']), String(request.headers.host), body]);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'real-1', echo: request.headers['x-api-key'] }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  config = file('config.json', {
    syncs: [
      {
        name: 'own',
        request: {
          url: `https://localhost:${port}/users`,
          headers: { 'x-api-key': { secret: 'OWN_KEY' } },
          body: { id: 'user.user_id' },
        },
        response: { idToken: { own_id: 'id', own_echo: 'echo' } },
        retries: 0,
      },
    ],
  });
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/**
 * The server runs in this process, so that nothing here may block.
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
 */
function simulate(args, env = { NODE_EXTRA_CA_CERTS: authority }) {
  arrivals = [];
  const child = spawn(
    process.execPath,
    [path.join(root, 'tools', 'commands', 'simulate.mjs'), '--config', config, ...args],
    { env: { ...process.env, ...env } },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  return new Promise((done) =>
    child.once('close', (code) => done({ status: code ?? -1, stdout, stderr: withoutWaits(stderr) })),
  );
}

const SECRET = ['--secret', 'OWN_KEY=canary-live'];

describe('--live', () => {
  it('reaches the real system, says so before, and shows no secret', async () => {
    const { status, stdout, stderr } = await simulate(['--live', ...SECRET]);
    assert.equal(status, 0, stdout + stderr);
    assert.match(
      stderr,
      /^live: real requests go to localhost, about maja\.lindqvist@example\.com \(the invented user\); what they change there stays changed\n$/,
    );
    assert.match(stdout, /, against the real systems\n/);
    assert.ok(stdout.includes('+ own_id real-1\n') && stdout.includes('+ own_echo …redacted\n'));
    assert.ok(!stdout.includes('canary'));
    assert.deepEqual(
      arrivals.map(([key, , body]) => [key, body]),
      [['canary-live', '{"id":"auth0|67a1f0c2d4b8e9000a1b2c3d"}']],
    );
    assert.match(arrivals[0]?.[1] ?? '', /^localhost:\d+$/);
  });

  it('is about the user one says, and may be read by a program', async () => {
    const event = file('event.json', { user: { user_id: 'auth0|me', email: 'me@example.com' } });
    const { stdout, stderr } = await simulate(['--live', '--json', '--over', event, '--repeat', '2', ...SECRET]);
    assert.match(stderr, /^live: .* about me@example\.com; what they change/);
    const [first, second] = JSON.parse(stdout);
    assert.deepEqual(
      [first.requests[0].standIn, first.requests[0].status, first.tokens.idToken.own_id, second.requests.length],
      [null, 200, 'real-1', 1],
    );
    assert.match(first.requests[0].url, /^https:\/\/localhost:\d+\/users$/);
    assert.equal(arrivals.length, 2);
    assert.ok(!stdout.includes('canary'));
  });

  it('trusts no one whose certificate is not good', async () => {
    const { status, stdout } = await simulate(['--live', '--json', ...SECRET], {});
    assert.equal(status, 0, 'the policy of this system lets the login go on');
    assert.deepEqual([JSON.parse(stdout).syncs[0].outcome, arrivals], ['unavailable', []]);
  });

  for (const [what, args, message] of /** @type {[string, string[], RegExp][]} */ ([
    [
      'without secrets',
      [],
      /^error: --live: needs the real secret `OWN_KEY`: give each with `--secret NAME=VALUE`, or all in a file with `--secrets FILE`\n$/,
    ],
    ['with others', ['--secret', 'OTHER=x'], /^error: --live: needs the real secret `OWN_KEY`: /],
    ['with none', ['--secret', 'OWN_KEY='], /^error: --live: needs the real secrets /],
    [
      'with faults',
      [...SECRET, '--fault', '503'],
      /^error: --fault: real systems do as they please: leave out `--live` or this\n$/,
    ],
    ['with answers', [...SECRET, '--answer', 'localhost=package.json'], /^error: --answer: /],
  ])) {
    it(`is refused ${what}`, async () => {
      const { status, stdout, stderr } = await simulate(['--live', ...args]);
      assert.deepEqual([status, stdout, arrivals], [2, '', []]);
      assert.match(stderr, message);
    });
  }

  it('invents nothing, also for another Action', async () => {
    const paste = file('action.js', 'exports.onExecutePostLogin = async () => {};');
    const { runs } = plan(parse(['--live', '--secret', 'OTHER=x'], OPTIONS).values, paste);
    assert.deepEqual(
      runs.map(({ secrets }) => secrets),
      [{ OTHER: 'x' }],
    );
  });

  it('is not what happens without it', async () => {
    const { status, stdout, stderr } = await simulate(SECRET);
    assert.deepEqual([status, stderr, arrivals], [0, '', []]);
    assert.match(stdout, /localhost has no stand-in of its own/);
  });
});
