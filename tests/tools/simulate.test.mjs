// `npm start`: what it shows, what it never shows, its arguments and its exit codes. It is run as a person runs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fakeEvent, overlay, PASSWORD, SECRETS } from '../../tools/simulate/event.mjs';
import { print } from '../../tools/simulate/print.mjs';
import { busy, redacted, run } from '../../tools/simulate/run.mjs';

const COMMAND = fileURLToPath(new URL('../../tools/simulate.mjs', import.meta.url));

/** An Action of the test's own, so that these tests are about the simulation and not about the paste. */
const ACTION = `
const https = require('node:https');
const sync = (event) => new Promise((done, fail) => {
  const { user, request, secrets } = event;
  const body = JSON.stringify({ auth0Id: user.user_id, email: user.email, firstName: user.given_name, lastName: user.family_name, locale: 'en_US', country: 'US', currency: 'USD', userIpAddress: request ? request.ip : '' });
  https.request({ hostname: 'identity.api.prod.cleeng.com', path: '/hooks/v1/auth0/actions/token', method: 'POST', timeout: 200, headers: { authorization: 'Bearer ' + secrets.CLEENG_CLIENT_SECRET, 'content-type': 'application/json' } }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => { text += chunk; }).on('end', () => answer.statusCode === 200 ? done(JSON.parse(text)) : fail(new Error('status ' + answer.statusCode))).on('error', fail);
  }).on('error', fail).on('timeout', function () { this.destroy(new Error('too slow')); }).end(body);
});
exports.onExecutePostLogin = async (event, api) => {
  const { accessToken } = await sync(event);
  api.idToken.setCustomClaim('cleeng_access_token', accessToken);
  api.accessToken.setCustomClaim('plan', 'gold').accessToken.setCustomClaim('amr', ['mfa']);
  api.user.setAppMetadata('seen', true);
  console.log('synced ' + event.user.user_id);
};
exports.onExecutePostUserRegistration = async (event) => { await sync(event); };`;

const folder = mkdtempSync(path.join(tmpdir(), 'simulate-'));
after(() => rmSync(folder, { recursive: true }));

/** @param {string} name @param {string} text */
function file(name, text) {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
}
const paste = file('action.js', ACTION);

/** @param {string[]} args */
function simulate(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, '--paste', paste, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('npm start', () => {
  it('shows a login and a registration, with no secret in sight', () => {
    const { status, stdout, stderr } = simulate();
    assert.deepEqual([status, stderr], [0, '']);
    for (const part of [
      'post-login  maja.lindqvist@example.com logs in to Example Media Web',
      'POST https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token',
      'authorization: Bearer eyJ…redacted',
      '"firstName": "Maja"',
      'api.idToken.setCustomClaim("cleeng_access_token", "eyJ',
      '+ cleeng_access_token eyJ',
      'customerId 971740740',
      '+ plan gold',
      '(dropped: a reserved claim name)',
      'app_metadata  {"seen":true}',
      'synced auth0|67a1f0c2d4b8e9000a1b2c3d',
      'of the 256 characters that Auth0 keeps',
      'second execution',
      '✓ the login goes on',
      'post-user-registration  maja.lindqvist@example.com has registered on customers',
      '✓ done; the user notices nothing of it',
    ]) assert.ok(stdout.includes(part), `\`${part}\` is not in:\n${stdout}`);
    for (const hidden of [SECRETS.CLEENG_CLIENT_SECRET, PASSWORD, '\u001b', 'host: ', 'connection: ']) assert.ok(!stdout.includes(hidden));
    assert.ok(stdout.split('\n').length <= 60, stdout);
    assert.ok(stdout.split('\n').every((line) => line.length <= 110), stdout);
  });

  it('runs one trigger, as often as asked', () => {
    const { status, stdout } = simulate('--trigger', 'post-user-registration', '--repeat', '4');
    assert.equal(status, 0);
    assert.ok(!stdout.includes('post-login'));
    assert.match(stdout, /3 more: median .* slowest .* 3 requests in all/);
  });

  it('takes a partial event and secrets', () => {
    const event = file('event.json', JSON.stringify({ user: { given_name: 'Noor', phone_number: null } }));
    const { status, stdout } = simulate('--trigger', 'post-login', '--event', event, '--secret', 'CLEENG_CLIENT_SECRET=aaaa.bbbb.cccc', '--secret', 'OTHER=x=y');
    assert.equal(status, 0);
    assert.match(stdout, /"firstName": "Noor"/);
    assert.match(stdout, /authorization: Bearer …redacted/);
    assert.ok(!stdout.includes('aaaa.bbbb'));
  });

  it('removes a secret that is given no value', () => {
    const names = file('names.js', 'exports.onExecutePostLogin = async (event) => console.log(`holds ${Object.keys(event.secrets).length}`);');
    assert.match(simulate('--paste', names, '--trigger', 'post-login', '--secret', 'CLEENG_CLIENT_SECRET=').stdout, /holds 0\n/);
    assert.match(simulate('--paste', names, '--trigger', 'post-login').stdout, /holds 1\n/);
  });

  for (const [what, args, reason] of /** @type {[string, string[], RegExp][]} */ ([
    ['a fault', ['--fault', '503'], /503 after .*\n(.*\n)*.*✗ the login ends: access_denied, "status 503"/],
    ['a time-out', ['--fault', 'timeout'], /nothing, too slow after .*\n(.*\n)*.*✗ the login ends: access_denied, "too slow"/],
    ['a missing secret', ['--secret', 'CLEENG_CLIENT_SECRET='], /✗ the login ends: access_denied, "status 401"/],
  ])) {
    it(`says that the login ends: ${what}`, () => {
      const { status, stdout } = simulate('--trigger', 'post-login', ...args);
      assert.equal(status, 1);
      assert.match(stdout, reason);
    });
  }

  it('shows what would go wrong on a tenant, and fails', () => {
    const bad = file('bad.js', "exports.onExecutePostLogin = async () => { Promise.reject(new Error('stray')); console.log('x'.repeat(300)); };");
    const { status, stdout } = simulate('--trigger', 'post-login', '--paste', bad);
    assert.equal(status, 1);
    assert.match(stdout, /FAULT {9}unhandledRejection: stray/);
    assert.match(stdout, /300 of the 256 characters/);
  });

  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [['--trigger', 'post-logout'], /^simulate: --trigger: unknown trigger `post-logout`; use post-login or post-user-registration\n$/],
    [['--fault', 'flood'], /^simulate: --fault: unknown fault `flood`; use timeout, .*\n$/],
    [['--repeat', '0'], /^simulate: --repeat: must be a whole number from 1 to 100000\n$/],
    [['--secret', 'NAME'], /^simulate: --secret: must be NAME=VALUE\n$/],
    [['--secret', `BIG=${'x'.repeat(4097)}`], /^simulate: --secret: `BIG` is longer than the 4096 characters that Auth0 allows\n$/],
    [['--paste', 'nowhere.js'], /^simulate: --paste: there is no file `nowhere.js`\n$/],
    [['--paste', tmpdir()], /^simulate: --paste: cannot read `.*`\n$/],
    [['--event', file('broken.json', '{"user": ')], /^simulate: --event: `.*` is not JSON\n$/],
    [['--event', file('list.json', '[]')], /^simulate: --event: `.*` must hold an object\n$/],
    [['--colour'], /^simulate: unknown option '--colour'; `--help` lists the options\n$/],
    [['--repeat'], /^simulate: option '--repeat <value>' argument missing; `--help` lists the options\n$/],
    [['stray'], /^simulate: unexpected argument 'stray'.*; `--help` lists the options\n$/],
  ])) {
    it(`refuses ${args.join(' ').slice(0, 40)}`, () => {
      const { status, stdout, stderr } = simulate(...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, message);
    });
  }

  it('survives events of any shape', () => {
    for (const event of [{ user: null, request: 5, client: 'x', secrets: { N: 5 } }, { transaction: { requested_scopes: 5 }, secrets: null, connection: [], tenant: 'x' }]) {
      const { status, stderr } = simulate('--event', file('odd.json', JSON.stringify(event)));
      assert.deepEqual([status, stderr], [1, '']);
    }
  });

  it('explains itself', () => {
    const { status, stdout } = simulate('--help');
    assert.equal(status, 0);
    for (const option of ['--paste', '--trigger', '--event', '--secret', '--fault', '--repeat']) assert.ok(stdout.includes(option));
  });
});

describe('a result', () => {
  const options = { code: ACTION, file: 'action.js', trigger: /** @type {const} */ ('post-login'), secrets: SECRETS };

  it('is plain data without secrets', async () => {
    const result = await run(options);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
    assert.ok(!JSON.stringify(result).includes(SECRETS.CLEENG_CLIENT_SECRET));
    assert.deepEqual([result.outcome, result.denied, result.mfa, result.faults, result.requests.length, result.again.length], ['allowed', null, null, [], 1, 1]);
    assert.deepEqual(result.commands.map(({ method }) => method), ['idToken.setCustomClaim', 'accessToken.setCustomClaim', 'accessToken.setCustomClaim', 'user.setAppMetadata']);
    const { load, total, request, rest } = result.ms;
    assert.ok(load > 0 && request > 0 && rest > 0 && Math.abs(request + rest - total) < 0.02);
  });

  it('has colour only when asked for', async () => {
    const result = await run({ ...options, repeat: 1 });
    assert.ok(!print(result).includes('\u001b['));
    assert.ok(print(result, { color: true }).includes('\u001b[32m✓ the login goes on\u001b[0m'));
    assert.equal(print(result, { color: true }).replace(/\u001b\[\d+m/g, ''), print(result));
  });

  it('makes control characters visible', async () => {
    const code = "exports.onExecutePostLogin = async () => console.log('a\\u001b[2Jb\\n  c\\u0000\\u009b');";
    const text = print(await run({ ...options, code, repeat: 1 }));
    assert.ok(text.includes('a\\x1b[2Jb c\\x00\\x9b'), text);
  });

  it('counts the time of requests side by side once', () => {
    const span = (/** @type {number} */ startMs, /** @type {number | null} */ ms) => /** @type {any} */ ({ startMs, ms });
    assert.equal(busy([], 10), 0);
    assert.equal(busy([span(1, 4), span(2, 1), span(3, 4)], 10), 6);
    assert.equal(busy([span(6, 1), span(1, 2)], 10), 3);
    assert.equal(busy([span(8, null)], 10), 2);
  });

  it('hides secrets in every spelling, the longer before the shorter', () => {
    const secrets = { A: 'ab/c"d', B: 'ab/c"d-long', C: '', D: 'sk_live', E: 'https://x/invoke?clientToken=t%2Fok' };
    const value = { url: `https://x/?t=${encodeURIComponent('ab/c"d')}`, list: ['ab/c"d-long', JSON.stringify('ab/c"d'), 'sk_live', 'token t/ok'], n: 1, none: null };
    assert.deepEqual(redacted(value, secrets), { url: 'https://x/?t=…redacted', list: ['…redacted', '"…redacted"', 'sk_…redacted', 'token …redacted'], n: 1, none: null });
  });
});

describe('the event', () => {
  it('is laid over field by field', () => {
    assert.deepEqual(overlay({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: null, e: 3 }, d: [3], f: { g: null, h: 1 } }), { a: { c: 2, e: 3 }, d: [3], f: { h: 1 } });
    const odd = overlay({}, JSON.parse('{"__proto__": {"x": 1}}'));
    assert.deepEqual([Object.keys(odd), odd.x], [['__proto__'], undefined]);
  });

  it('is new each time, and holds a password where none may look', () => {
    const event = fakeEvent('post-login');
    assert.equal(event.request.body.password, PASSWORD);
    event.user.app_metadata.x = 1;
    event.secrets.Y = 'y';
    assert.deepEqual(fakeEvent('post-login').user.app_metadata, {});
    assert.equal(fakeEvent('post-login').secrets.Y, undefined);
  });

  it('of a registration knows no request, no transaction, no client', () => {
    assert.deepEqual(Object.keys(fakeEvent('post-user-registration')), ['user', 'connection', 'tenant', 'configuration', 'secrets']);
  });
});
