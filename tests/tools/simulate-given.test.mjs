// What `npm run simulate` is given besides a config: an event, answers, a time. And what is made of it: a recorded login, and
// another run after a change.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../tools/files.mjs';
import { executions, file, folder, OWN, simulate, simulateAloud } from './simulated.mjs';

describe('what a login is given', () => {
  const config = file({ syncs: [OWN], claims: { idToken: { phone: 'user.phone_number', now: 'clock.iso' } } });

  it('is a whole event, and nothing of the invented one', () => {
    const event = { user: { user_id: 'a|1', email: 'a@example.com' }, transaction: { requested_scopes: ['openid'] } };
    const [{ tokens, requests, leftOut }] = executions('--config', config, '--event', file(event));
    assert.deepEqual(
      [tokens.idToken.sub, tokens.idToken.phone, requests[0].body],
      ['a|1', undefined, '{"id":"a|1","tier":"gold"}'],
    );
    assert.ok(leftOut.some((/** @type {any} */ { why }) => why === '`user.phone_number` is null'));
    assert.doesNotMatch(simulate('--config', config, '--event', file(event)).stdout, /undefined/, 'no client is named');
    const over = file({ user: { phone_number: '1' } });
    assert.equal(executions('--config', config, '--event', file(event), '--over', over)[0].tokens.idToken.phone, '1');
  });

  it('may be on stdin', () => {
    const { stdout } = spawnSync(
      process.execPath,
      [path.join(root, 'tools/commands/simulate.mjs'), '--json', '--config', config, '--event', '-'],
      { encoding: 'utf8', input: '{ "user": { "user_id": "a|2" } }' },
    );
    assert.equal(JSON.parse(stdout).tokens.accessToken.sub, 'a|2');
  });

  it('is answers by host, in order', () => {
    const answers = file({ 'api.own.example.com': [{ status: 503 }, { body: { id: 'x' } }] });
    const [{ syncs, tokens }] = executions('--config', config, '--answers', answers);
    assert.deepEqual([syncs[0].attempts, tokens.idToken.own_id], [2, 'x']);
  });

  it('is an answer that is a string', () => {
    const echo = file({ syncs: [{ ...OWN, response: { idToken: { all: '@' } } }] });
    for (const [text, value] of [
      ['"a text"\n', 'a text'],
      ['[1, "b"]', [1, 'b']],
      ['7', 7],
    ]) {
      const [{ tokens }] = executions('--config', echo, '--answer', `api.own.example.com=${file(text)}`);
      assert.deepEqual(tokens.idToken.all, value);
    }
  });

  it('is who comes next, and when', () => {
    const often = file({ syncs: [{ ...OWN, freshForSeconds: 600 }] });
    const outcomes = (/** @type {string[]} */ ...args) =>
      executions('--config', often, '--repeat', '2', ...args).map(({ syncs }) => syncs[0].outcome);
    assert.deepEqual(outcomes('--apart', '60000'), ['ok', 'fresh']);
    assert.deepEqual(outcomes('--apart', '660000'), ['ok', 'ok']);
    assert.deepEqual(outcomes('--others'), ['ok', 'ok']);
    const [, { requests }] = executions('--config', config, '--repeat', '2', '--others');
    assert.match(requests[0].url, /c3d2$/);
  });

  it('is a time, and a clock on which no one waits', () => {
    const [{ tokens }] = executions('--config', config, '--at', '2026-02-03T04:05:06Z');
    assert.equal(tokens.idToken.now, '2026-02-03T04:05:06.000Z');
    const began = performance.now();
    const given = ['--config', config, '--clock', 'virtual', '--fault', 'timeout', '--repeat', '30', '--others'];
    const ended = executions(...given, '--apart', '3600000');
    const waited = ended.reduce((sum, { ms }) => sum + ms, 0);
    assert.ok(ended.every(({ syncs }) => syncs[0].outcome === 'unavailable') && waited >= 60_000, `${waited} ms`);
    assert.ok(performance.now() - began < waited);
  });

  it('is a wait that is not silent', () => {
    const { stderr, stdout } = simulateAloud('--config', config, '--fault', 'timeout', '--json');
    assert.match(stderr, /^waiting for the other systems$/m);
    assert.equal(JSON.parse(stdout).syncs[0].outcome, 'unavailable');
  });

  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [['--at', 'noon'], /^error: --at: must be a time, such as /],
    [['--clock', 'fast'], /^error: --clock: unknown clock `fast`; use virtual or real$/],
    [['--clock', 'real', '--at', '2026-01-01'], /^error: --at: needs the virtual clock/],
    [['--clock', 'real', '--apart', '5'], /^error: --apart: needs the virtual clock/],
    [['--apart', 'soon'], /^error: --apart: must be a whole number from 0 to /],
    [
      ['--answers', file({ 'a.example.com': { id: 1 } })],
      /^error: --answers: an answer of `a\.example\.com` has no field `id`/,
    ],
    [['--answers', file([])], /^error: --answers: `.*` must hold an object$/],
    [['--live', '--at', '2026-01-01'], /^error: --at: real systems do as they please/],
  ]))
    it(`is refused: ${args[0]} ${args[1]}`, () => {
      const { status, stderr } = simulate(...args);
      assert.equal(status, 2);
      assert.match(stderr.split('\n')[0] ?? '', message);
    });
});

describe('a login that is recorded', () => {
  const TOKEN = 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJl';
  const config = file({
    syncs: [{ ...OWN, response: { idToken: { own_id: 'id', token: 'token' } }, freshForSeconds: 600 }],
  });
  const answers = file({
    'api.own.example.com': [{ status: 503 }, { body: { id: 'x', key: 'hush-hush', token: TOKEN } }],
  });
  const event = file({
    user: { user_id: 'a|1', identities: [{ provider: 'x', access_token: 'of-another' }] },
    request: { ip: '203.0.113.1', body: { password: 'typed-in' }, query: { code: 'of-the-browser' } },
    transaction: { requested_scopes: ['openid'] },
  });
  const record = path.join(folder, 'record.json');
  const test = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [path.join(root, 'tools/commands/test.mjs'), record, ...args], { encoding: 'utf8' });

  it('is a test without secrets, which passes', () => {
    const given = ['--config', config, '--answers', answers, '--event', event, '--secret', 'OWN_KEY=hush-hush'];
    const { stdout } = simulate(...given, '--repeat', '2', '--record', record);
    assert.match(stdout, /\nwrote .*record\.json: it holds what the event says of the user\n/);
    const text = readFileSync(record, 'utf8');
    for (const hidden of ['hush-hush', 'c2lnbmF0dXJl', 'typed-in', 'of-another', 'of-the-browser'])
      assert.ok(!text.includes(hidden), hidden);
    const { status, stdout: tested } = test();
    assert.deepEqual([status, tested.trim().split('\n').at(-1)], [0, '1 passed, 0 failed'], tested);
  });

  it('says which logins end otherwise with another config', () => {
    const { status, stdout } = test('--config', file({ syncs: [], deny: [{ when: 'user.user_id', reason: 'no' }] }));
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^FAILED {2}post-login of a\|1 .*\n {8}logins\[0\]\.outcome: expected "allowed", and it is "denied"\n/,
    );
  });

  it('says where a login ends otherwise, also what no test expects', () => {
    const before = { syncs: [], claims: { idToken: { a: "'1'", id: 'uuid()' } }, userMetadata: { old: "'1'" } };
    const after = {
      syncs: [],
      claims: { idToken: { a: "'1'", b: "'2'", id: 'uuid()' } },
      userMetadata: { new: "'1'" },
      saml: { mail: "'m'" },
      mfa: [{ when: 'user.user_id', provider: 'duo' }],
    };
    for (const repeat of [1, 2]) {
      simulate('--config', file(before), '--event', event, '--record', record, '--repeat', `${repeat}`);
      const { status, stdout } = test('--config', file(after));
      assert.equal(status, 1);
      const at = (/** @type {number} */ i) => (repeat === 1 ? '' : `logins[${i}].`);
      const lines = Array.from({ length: repeat }, (_, i) => [
        // What was asked for once in a session is not asked for again.
        `${at(i)}mfa`,
        `${at(i)}tokens.idToken.b: not there becomes "2"`,
        `${at(i)}userMetadata.old`,
        `${at(i)}userMetadata.new: not there becomes "1"`,
        `${at(i)}saml.mail: not there becomes "m"`,
      ]).flat();
      for (const line of lines) assert.ok(stdout.includes(`\n        ${line}`), `${line}\n${stdout}`);
      assert.doesNotMatch(stdout, /idToken\.id|idToken\.a\b/);
    }
    assert.equal(test('--config', file(before)).status, 0);
  });

  it('expects nothing that is different each time', () => {
    const hmac = { hmac: { secret: 'OWN_KEY', of: 'user.user_id' } };
    const config = file({ syncs: [], claims: { idToken: { a: "'1'", at: 'clock.iso', id: 'uuid()', hash: hmac } } });
    const { stdout } = simulate('--config', config, '--secret', 'OWN_KEY=hush-hush', '--record', record);
    const [, places = ''] = /^not expected there, because it is different each time: (.*)$/m.exec(stdout) ?? [];
    for (const name of ['id', 'hash']) assert.ok(places.includes(`tokens.idToken.${name}`), stdout);
    assert.doesNotMatch(places, /idToken\.a\b/);
    const { status, stdout: tested } = test();
    assert.equal(status, 0, tested);
  });

  it('is one of other users, and later, where it was', () => {
    const often = file({ syncs: [{ ...OWN, freshForSeconds: 600 }] });
    for (const how of [['--others'], ['--apart', '660000'], ['--apart', '60000']]) {
      simulate('--config', often, '--repeat', '2', ...how, '--record', record);
      const { status, stdout } = test();
      assert.equal(status, 0, stdout);
      const { tests } = JSON.parse(readFileSync(record, 'utf8'));
      assert.ok(
        tests.some((/** @type {any} */ { others, apartMs }) => others || apartMs),
        how.join(' '),
      );
      assert.equal(JSON.stringify(tests).includes('"fresh"'), how[1] === '60000');
    }
  });

  it('is shown again, also with another config, and without secrets', () => {
    const given = ['--config', config, '--answers', answers, '--event', event, '--secret', 'OWN_KEY=hush-hush'];
    const first = simulate(...given, '--clock', 'virtual', '--record', record);
    const again = simulate('--replay', record);
    assert.equal(again.status, 0, again.stderr);
    // But for ids, times and the token's signature it is the same.
    const shown = (/** @type {string} */ text) =>
      (/^ {2}sent {2}[\s\S]*?(?=^ {2}asked for )/m.exec(text)?.[0] ?? '')
        .replace(/\d[\d.]* ms|[\da-f]{32}/g, '')
        .replaceAll('dXJl', 'rded');
    assert.match(shown(first.stdout), /api\.own\.example\.com[\s\S]*"id":"x"/);
    assert.equal(shown(again.stdout), shown(first.stdout));
    assert.match(again.stdout, /^post-login of a\|1$[\s\S]*^what has changed: npx login-sync test /m);
    const other = file({ syncs: [], deny: [{ when: 'user.user_id', reason: 'no' }] });
    const denied = simulate('--replay', record, '--config', other, '--json');
    assert.deepEqual([denied.status, JSON.parse(denied.stdout)[0].denied], [1, 'no']);
    assert.match(
      simulate('--replay', record, '--fault', '503').stderr,
      /^error: --fault: a login is replayed as it was: leave it out, or change `/,
    );
    assert.match(simulate('--replay', 'none.json').stderr, /^error: --replay: there is no file `none\.json`/);
  });

  it('holds no token that a system gave for a grant, and is played with another one', () => {
    const api = { url: 'https://api.example.com/x', headers: { authorization: { token: 'grant' } } };
    const config = file({
      tokens: { grant: { url: 'https://auth.example.com/token', clientId: 'CLIENT', clientSecret: 'SECRET' } },
      syncs: [{ name: 'api', request: api, response: { idToken: { id: 'id', seen: 'seen' } } }],
    });
    const [first, second] = ['ya29.opaque-and-good', 'ya29.another-and-good'];
    const answers = file({
      'auth.example.com': [
        { body: { access_token: first, refresh_token: '1//good-for-ever', expires_in: 3600 } },
        { body: { access_token: second, expires_in: 3600 } },
      ],
      'api.example.com': [{ status: 401, body: { token: first } }, { body: { id: '7', seen: `Bearer ${second}` } }],
    });
    const { stdout } = simulate('--config', config, '--answers', answers, '--record', record);
    assert.match(stdout, /api: ok, 200/);
    assert.doesNotMatch(stdout, /not expected there/);
    assert.doesNotMatch(readFileSync(record, 'utf8'), /good/);
    const { tests } = JSON.parse(readFileSync(record, 'utf8'));
    assert.deepEqual(tests[0].expect.tokens.idToken, { id: '7', seen: 'Bearer recorded-3' });
    assert.equal(test().status, 0);
  });

  it('is written over nothing but another record', () => {
    const handMade = { config: 'login-sync.json', tests: [{ name: 'a user of the gold plan', expect: {} }] };
    for (const there of [JSON.parse(readFileSync(config, 'utf8')), handMade, 'a text']) {
      const place = file(there);
      const before = readFileSync(place, 'utf8');
      const { status, stderr } = simulate('--config', there === handMade ? config : place, '--record', place);
      assert.equal(status, 2);
      if (typeof there !== 'string')
        assert.equal(
          stderr,
          `error: --record: \`${place}\` is there, and \`--record\` did not write it: name another file\n`,
        );
      assert.equal(readFileSync(place, 'utf8'), before);
    }
  });

  it('needs a config', () => {
    const { status, stderr } = simulate('--record', record);
    assert.deepEqual([status, stderr], [2, 'error: --record: needs `--config FILE`, which the test is about\n']);
  });
});

it('--watch runs it again after a change', async () => {
  const config = file({ syncs: [] });
  const child = spawn(process.execPath, [path.join(root, 'tools/commands/check.mjs'), '--config', config, '--watch']);
  try {
    const seen = (/** @type {RegExp} */ pattern) =>
      new Promise((done) => {
        let text = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (/** @type {string} */ chunk) => pattern.test((text += chunk)) && done(text));
      });
    await seen(/^watching /m);
    const again = seen(/did you mean `user\.email`\?/);
    writeFileSync(config, JSON.stringify({ syncs: [], claims: { idToken: { a: 'user.emial' } } }));
    await again;
    const refused = seen(/^error: .* is not JSON/m);
    writeFileSync(config, '{');
    await refused;
  } finally {
    child.kill();
  }
});
