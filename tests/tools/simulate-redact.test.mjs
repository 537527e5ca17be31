// What no one may read in a simulated login: canaries sown wherever a secret can turn up, and looked for in all that is shown.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { print } from '../../tools/commands/simulate/print.mjs';
import { loginOf } from '../../tools/library/simulate.mjs';
import { SECRETS } from '../../tools/tenant/event.mjs';
import { redactor } from '../../tools/tenant/redact.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { sign } from '../../tools/tenant/systems/cleeng.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';

describe('a secret', () => {
  const secrets = {
    A: 'ab/c"d',
    B: 'ab/c"d-long',
    C: '',
    D: 'sk_live',
    E: 'https://x.example.com/hook/invoke?clientToken=t%2Fok',
    F: 'ü €\\\n%',
    G: 'eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln',
    H: '4711',
    I: 'dacted',
    J: 'Tenant-77',
  };
  const { clean, cleanAnswer, cleanHeaders } = redactor(secrets);

  for (const [what, value, expected] of /** @type {[string, any, any][]} */ ([
    ['as it is', 'x ab/c"d y', 'x …redacted y'],
    ['twice', 'ab/c"dab/c"d', '…redacted…redacted'],
    ['that begins with another', 'ab/c"d-long', '…redacted'],
    ['that is in the replacement of another', 'sk_live', 'sk_…redacted'],
    ['percent-encoded', `?t=${encodeURIComponent('ab/c"d')}`, '?t=…redacted'],
    ['percent-encoded in lower case', '?t=ab%2fc%22d', '?t=…redacted'],
    ['percent-encoded in part', '?t=ab/c%22d', '?t=…redacted'],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent('ab/c"d')), '…redacted'],
    ['beyond ASCII, percent-encoded', encodeURIComponent(secrets.F), '…redacted'],
    ['in base64', Buffer.from('ab/c"d').toString('base64'), '…redacted'],
    ['in base64url', Buffer.from(secrets.F).toString('base64url'), '…redacted'],
    ['in base64 behind something else', Buffer.from(`ada:${secrets.B}`).toString('base64'), 'YWRhOm…redacted'],
    ['in hex', Buffer.from(secrets.B).toString('hex'), '…redacted'],
    ['in hex of upper case', Buffer.from(secrets.B).toString('hex').toUpperCase(), '…redacted'],
    ['in a form', new URLSearchParams({ f: secrets.F }).toString(), 'f=…redacted'],
    [
      'in JSON',
      JSON.stringify(secrets),
      '{"A":"…redacted","B":"…redacted","C":"","D":"sk_…redacted","E":"https://x.example.com/…redacted","F":"…redacted","G":"eyJ…redacted","H":"…redacted","I":"…redacted","J":"…redacted"}',
    ],
    ['in JSON in JSON', JSON.stringify(JSON.stringify('ab/c"d')), '"\\"…redacted\\""'],
    ['in JSON with escaped slashes', '"ab\\/c\\"d"', '"…redacted"'],
    ['in JSON with escapes for all that is not ASCII', '"\\u00fc \\u20AC\\\\\\n%"', '"…redacted"'],
    ['in a host', 'https://tenant-77.example.com/', 'https://…redacted.example.com/'],
    ['in a list', [['sk_live']], [['sk_…redacted']]],
    ['as the name of a field', { 'ab/c"d': 1 }, { '…redacted': 1 }],
    ['as a number', { n: 4711, m: 47110 }, { n: '…redacted', m: 47110 }],
    ['that is a URL: its path', 'https://x.example.com/hook/invoke', 'https://x.example.com/…redacted'],
    ['that is a URL: its query', 'x-token: t/ok', 'x-token: …redacted'],
    ['that is a URL: its host may be seen', 'x.example.com', 'x.example.com'],
    ['that is a token', `Bearer ${secrets.G}`, 'Bearer eyJ…redacted'],
    ['that is none', [1, true, null, 'plain'], [1, true, null, 'plain']],
  ])) {
    it(`is taken out ${what}`, () => assert.deepEqual(clean(value), expected));
  }

  describe('of a few letters', () => {
    const { clean, cleanAnswer, cleanHeaders } = redactor({ A: 'a', B: 'ok', C: 'name', D: '41', E: 'en/1', F: 'é"' });
    /** @type {[what: string, value: any, expected: any][]} */
    const table = [
      ['a line of the log', 'login-sync trigger=post-login result=allowed ms=41 crm=ok:200:41ms:1', undefined],
      ['a message', 'a name that is ok', undefined],
      ['the names of fields', { a: 1, ok: { name: 'x' } }, undefined],
      ['the names of fields in JSON', '{"a":1,"ok":{"name" : "x"},"list":["name of a"]}', undefined],
      ['the names of fields in JSON in JSON', JSON.stringify(JSON.stringify({ a: 1, name: 'x' })), undefined],
      ['numbers and words that hold it', { n: 141, m: 'banana', o: [410] }, undefined],
      ['a whole value', { a: 'ok', b: ['name'] }, { a: '…redacted', b: ['…redacted'] }],
      ['a whole number', { n: 41 }, { n: '…redacted' }],
      [
        'a whole value in JSON',
        '{"ok":"ok","b":["name"],"c":"é\\""}',
        '{"ok":"…redacted","b":["…redacted"],"c":"…redacted"}',
      ],
      [
        'a whole value in JSON in JSON',
        JSON.stringify(JSON.stringify({ name: 'ok' })),
        '"{\\"name\\":\\"…redacted\\"}"',
      ],
      [
        'a part of a path',
        'https://a.example.com/name/ok/names?x=a&y=ab',
        'https://a.example.com/…redacted/…redacted/names?x=…redacted&y=ab',
      ],
      ['a part that is encoded', 'https://b.example.com/en%2F1', 'https://b.example.com/…redacted'],
      ['what comes with a scheme', 'Bearer ok', 'Bearer …redacted'],
    ];
    for (const [what, value, expected] of table) {
      it(expected === undefined ? `leaves ${what} as they are` : `is taken out as ${what}`, () =>
        assert.deepEqual(clean(value), expected ?? value),
      );
    }

    it('leaves the names of headers, and what an answer ends with', () => {
      assert.deepEqual(cleanHeaders({ name: 'ok', 'x-name': 'names', authorization: 'Bearer ok' }), {
        name: '…redacted',
        'x-name': 'names',
        authorization: 'Bearer …redacted',
      });
      assert.equal(cleanAnswer('{"text":"my name'), '{"text":"my name');
    });
  });

  it('is taken out where an answer broke off', () => {
    assert.equal(cleanAnswer('{"t":"sk_l'), '{"t":"sk_…redacted');
    assert.equal(cleanAnswer('{"t":"sk_'), '{"t":"sk_');
    assert.equal(cleanAnswer(`x ${secrets.B.slice(0, -1)}`), 'x …redacted-lon');
    assert.equal(cleanAnswer('{"t":1}'), '{"t":1}');
  });

  it('may be as long as Auth0 allows, any number of times', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`S${i}`, `${i}/${'é"'.repeat(2046)}`]));
    const { clean } = redactor(many);
    assert.equal(
      clean(JSON.stringify(many)),
      JSON.stringify(Object.fromEntries(Object.keys(many).map((name) => [name, '…redacted']))),
    );
  });

  it('may be one that no url can hold', () => assert.equal(redactor({ A: '\ud800' }).clean('\ud800'), '…redacted'));

  it('is nothing that looks like a pattern', () =>
    assert.equal(redactor({ A: '.*+?^${}()|[]\\-/' }).clean('abc .*+?^${}()|[]\\-/'), 'abc …redacted'));

  it('leaves all as it is where there is none', () =>
    assert.deepEqual(redactor({}).clean({ a: ['b', 1] }), { a: ['b', 1] }));

  it('is not shown in a header for credentials, even if the Action does not hold it', () => {
    const shown = cleanHeaders({
      authorization: 'Basic dXNlcjpwYXNz',
      'x-api-key': 'two words',
      'x-client-token': `Bearer ${secrets.G}`,
      'set-cookie': ['a=b; Path=/', 'c=d'],
      cookie: 'a=b',
      'idempotency-key': 'shown',
      'content-type': 'text/plain',
      'proxy-authorization': 'Bearer eyJhbGciOiJ.eyJhIjox.x trailing',
    });
    assert.deepEqual(shown, {
      authorization: 'Basic …redacted',
      'x-api-key': '…redacted',
      'x-client-token': 'Bearer eyJ…redacted',
      'set-cookie': ['…redacted', '…redacted'],
      cookie: '…redacted',
      'idempotency-key': 'shown',
      'content-type': 'text/plain',
      'proxy-authorization': 'Bearer …redacted',
    });
  });
});

describe('a token', () => {
  const token = sign({ sub: 'auth0|1' }, 'key');
  const { clean } = redactor({});

  it('is cut down, wherever it is', () => {
    assert.equal(clean(`{"t":"${token}"}`), `{"t":"eyJhbGci…${token.slice(-4)}"}`);
    for (const length of [20, 40, token.length - 20])
      assert.match(clean(token.slice(0, length)), /^eyJhbGci….{4}$/, 'cut off');
    assert.equal(clean(clean(token)), clean(token));
  });
});

// Each canary has a part that no spelling changes.
const CANARIES = {
  PLAIN: 'canary1x-plain',
  KEY: 'sk_canary2x',
  ODD: 'cañ "q"\\/%+&=? canary3x',
  URL: 'https://hooks.example.com/canary4x/path?token=canary5x&other=a%2Fcanary6x',
  TOKEN: sign({ purpose: 'canary7x' }, 'canary8x'),
  NUMBER: '8812734401',
  MULTILINE: '-----BEGIN-----\ncanary9x\n-----END-----',
};

/** Sows every secret wherever an Action can: what it sends, where to, what comes back, and what it asks for. */
const SOWER = `
const https = require('node:https');
const ask = (options, body) => new Promise((done) => {
  const sent = https.request({ method: 'POST', ...options }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk) => { text += chunk; }).on('end', () => done(text)).on('error', () => done(text));
  });
  sent.on('error', () => done('')).on('timeout', () => sent.destroy(new Error('too slow for ' + body))).end(body);
});
const sow = async ({ secrets, user }, api) => {
  const timeout = user.nickname === 'hasty' ? 50 : 3000;
  const all = Object.values(secrets);
  const echoes = [];
  for (const secret of all) {
    const spelled = encodeURIComponent(secret);
    echoes.push(await ask({
      timeout, hostname: 'echo.example.com', path: '/a/' + spelled + '?q=' + spelled + '&b=' + Buffer.from(secret).toString('base64url').slice(0, 0),
      headers: { 'content-type': 'application/json', authorization: 'Basic ' + Buffer.from('user:' + secret).toString('base64'), 'x-api-key': spelled, 'x-other': spelled },
    }, JSON.stringify({ secret, [secret]: Number(secret) || secret, list: [secret], nested: JSON.stringify({ secret }) })));
    const url = new URL('https://hooks.example.com/');
    try { url.href = secret; } catch {}
    echoes.push(await ask({ timeout, hostname: url.hostname, path: url.pathname, headers: { 'x-token': [...url.searchParams.values()].join() || 'none' } }, secret));
  }
  console.log('all', ...all, echoes);
  return { all, echoes };
};
exports.onExecutePostLogin = async (event, api) => {
  const { all, echoes } = await sow(event, api);
  const unsigned = ['{"alg":"none"}', JSON.stringify({ all })].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.sig0';
  for (const [i, secret] of all.entries()) {
    api.idToken.setCustomClaim('claim' + i, secret);
    api.accessToken.setCustomClaim('https://x.example.com/' + secret, { [secret]: Number(secret) || secret });
    api.user.setAppMetadata('key' + i, secret);
    api.user.setAppMetadata('n' + i, { secret });
    try { api.user.setAppMetadata('k.' + secret, 1); } catch {}
  }
  api.idToken.setCustomClaim('echoes', echoes);
  api.idToken.setCustomClaim('token', unsigned);
  Promise.reject(new Error('stray ' + all.join()));
  if (event.user.given_name === 'Denied') api.access.deny('because of ' + all.join());
  if (event.user.given_name === 'Failed') throw new Error('no luck with ' + all.join());
};
exports.onExecutePostUserRegistration = async (event, api) => { const { all } = await sow(event, api); throw new Error(all.join()); };`;

describe('what is shown of a login that leaks', () => {
  for (const [what, options] of /** @type {[string, Partial<import('../../tools/tenant/run.mjs').RunOptions>][]} */ ([
    ['and goes on', {}],
    ['again and again', { repeat: 3 }],
    ['and is denied', { event: { user: { given_name: 'Denied' } } }],
    ['and throws', { event: { user: { given_name: 'Failed' } } }],
    ['at registration', { trigger: 'post-user-registration' }],
    ['to answers that break off', { faults: [{ name: 'half-body' }] }],
    ['to no one', { faults: [{ name: 'timeout' }], event: { user: { nickname: 'hasty' } } }],
    ['to somebody who redirects', { faults: [{ name: 'redirect' }] }],
    ['with a secret in the event', { secrets: {}, event: { secrets: CANARIES } }],
    [
      'to a host that answers with a secret',
      { answers: [{ host: 'echo.example.com', answers: [{ body: JSON.stringify(CANARIES) }] }] },
    ],
    [
      'no matter who the user is',
      {
        event: {
          user: { email: CANARIES.PLAIN, app_metadata: { kept: CANARIES.ODD } },
          client: { name: CANARIES.KEY },
        },
      },
    ],
  ])) {
    it(`holds no secret: ${what}`, async () => {
      const done = await run({ code: SOWER, trigger: 'post-login', secrets: CANARIES, ...options }, localTenant);
      assert.ok(
        done.results.every(({ requests, faults }) => requests.length === 14 && (faults.length > 0 || options.trigger)),
      );
      const shown = [
        print(done),
        print(done, { color: true, width: 20 }),
        JSON.stringify(done),
        JSON.stringify(done.results.map(loginOf)),
      ];
      for (const text of shown) {
        assert.doesNotMatch(text, /canary\dx|8812734401/);
        assert.doesNotMatch(text, /eyJ[\w-]{10}/, 'a token in full');
        for (const secret of Object.values(CANARIES))
          assert.ok(!text.includes(Buffer.from(`user:${secret}`).toString('base64').slice(0, 12)));
      }
      assert.match(shown[0] ?? '', /…redacted/);
    });
  }

  it('holds no part of a secret in whose middle an answer broke off', async () => {
    const secret = 'canary'.repeat(20);
    const code =
      "exports.onExecutePostLogin = () => new Promise((done) => require('node:https').get('https://echo.example.com/', (answer) => answer.resume().on('error', done).on('end', done)));".replace(
        '() =>',
        'async () =>',
      );
    const { results } = await run(
      {
        code,
        trigger: 'post-login',
        secrets: { A: secret },
        answers: [{ host: 'echo.example.com', answers: [{ body: `{"key":"${secret}"}` }] }],
        faults: [{ name: 'half-body' }],
      },
      localTenant,
    );
    assert.equal(results[0]?.requests[0]?.status, 200);
    assert.doesNotMatch(JSON.stringify(results), /canary/);
  });

  it('is the same with the secrets that a first try gets', async () => {
    const done = await run({ code: SOWER, trigger: 'post-login', secrets: SECRETS }, localTenant);
    assert.ok(!JSON.stringify(done).includes(SECRETS.CLEENG_CLIENT_SECRET.slice(-20)));
  });
});
