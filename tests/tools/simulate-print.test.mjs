// What a person reads of a simulated login, on fixed results: every line of it, and the timeline.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { print } from '../../tools/commands/simulate/print.mjs';
import { bar, busy } from '../../tools/commands/simulate/timeline.mjs';

/** @typedef {import('../../tools/tenant/run.mjs').Result} Result */
/** @typedef {import('../../tools/tenant/run.mjs').Request} Request */

/** @param {Partial<Request>} [over] @returns {Request} */
const request = (over = {}) => ({
  method: 'POST',
  url: 'https://api.example.com/users',
  headers: { host: 'api.example.com', authorization: 'Bearer …redacted' },
  body: '{"email":"maja@example.com","n":1}',
  startMs: 10,
  ms: 40,
  status: 200,
  responseHeaders: {},
  responseBody: '{"id":"u1"}',
  failure: null,
  standIn: 'crm',
  ...over,
});

/** @param {Partial<Result>} [over] @returns {Result} */
const result = (over = {}) => ({
  trigger: 'post-login',
  outcome: 'allowed',
  ms: 100,
  error: null,
  denied: null,
  thrown: null,
  mfa: null,
  syncs: [{ name: 'crm', outcome: 'ok', status: 200, detail: null, attempts: 1, ms: 41 }],
  requests: [request()],
  commands: [{ method: 'idToken.setCustomClaim', args: ['crm_id', 'u1'] }],
  refused: [],
  tokens: {
    idToken: { claims: { sub: 'auth0|1', crm_id: 'u1' }, custom: ['crm_id'], inside: {} },
    accessToken: { claims: { sub: 'auth0|1' }, custom: [], inside: {} },
  },
  appMetadata: {},
  userMetadata: {},
  saml: {},
  leftOut: [],
  log: [{ level: 'log', text: 'login-sync trigger=post-login result=allowed ms=41 crm=ok:200:41ms:1', beyond: 0 }],
  faults: [],
  ...over,
});

/** @param {Partial<Result>[]} results @param {Parameters<typeof print>[1]} [options] */
const text = (results, options) =>
  print(
    {
      loadMs: 1.23,
      event: { user: 'maja@example.com', client: 'Web', connection: 'customers' },
      results: results.map(result),
      attempts: results.map(() => 1),
      echoed: [],
      untouched: [],
    },
    options,
  );

describe('what is long', () => {
  const long = `${'0123456789'.repeat(30)}.`;
  const joined = (/** @type {Partial<Result>} */ over) => text([over], { width: 100 }).replace(/\n {16}/g, '');

  it('is shown whole, on lines that fit', () => {
    for (const over of /** @type {Partial<Result>[]} */ ([
      { requests: [request({ url: `https://api.example.com/${long}` })] },
      { requests: [request({ headers: { 'x-long': long } })] },
      { requests: [request({ body: JSON.stringify({ a: long }) })] },
      { requests: [request({ body: JSON.stringify([long, 1]) })] },
      { commands: [{ method: 'user.setAppMetadata', args: ['a', long] }] },
      {
        tokens: {
          idToken: { claims: { a: long }, custom: ['a'], inside: {} },
          accessToken: { claims: {}, custom: [], inside: {} },
        },
      },
    ])) {
      assert.ok(joined(over).includes(long), JSON.stringify(over));
      for (const line of text([over], { width: 100 }).split('\n')) assert.ok(line.length <= 100, line);
    }
  });

  it('keeps the words of what was left out whole', () => {
    const path = 'config.syncs[0].response.idToken["https://accounts.example.com/claims/contract"]';
    const shown = text([{ leftOut: [{ path, expression: 'number', why: '`number` is null in what came back' }] }], {
      width: 100,
    });
    assert.match(shown, /^ {2}left out {6}config\S+:\n {16}`number` is null in what came back$/m);
  });

  it('is cut off if it came back, and the rest is counted', () => {
    const shown = text([{ requests: [request({ responseBody: long.repeat(10) })] }], { width: 100 });
    assert.match(shown, /\n {16}… and 2,\d{3} more characters; `--json` has them\n/);
  });
});

describe('an execution', () => {
  it('is shown from the request to the verdict', () => {
    assert.equal(
      text([{}]),
      `
post-login  maja@example.com logs in to Web
  sent          POST https://api.example.com/users
                authorization: Bearer …redacted
                { "email": "maja@example.com", "n": 1 }
  came back     200 after 40 ms  {"id":"u1"}
  systems       crm: ok, 200; 1 request, 41 ms
  asked for     api.idToken.setCustomClaim("crm_id", "u1")
  ID token      sub auth0|1
                + crm_id u1
  access token  sub auth0|1
  log           login-sync trigger=post-login result=allowed ms=41 crm=ok:200:41ms:1
                68 of the 256 characters that Auth0 keeps
  timeline                       0                                           100 ms
                api.example.com  ·····████████████████████·························  10 ms to 50 ms
  time          load 1.2 ms, execution 100 ms: requests 40 ms, the rest 60 ms
  ✓ the login goes on`.trimStart(),
    );
  });

  for (const [what, over, expected] of /** @type {[string, Partial<Result>, string][]} */ ([
    ['no request', { requests: [] }, '  sent          nothing\n'],
    ['no command', { commands: [] }, '  asked for     nothing\n'],
    [
      'a request without an answer',
      { requests: [request({ status: null, failure: 'ECONNRESET' })] },
      '  came back     nothing, ECONNRESET after 40 ms',
    ],
    [
      'a request without an end',
      { requests: [request({ status: null, ms: null })] },
      '  came back     nothing and no end yet',
    ],
    ['an echo', { requests: [request({ standIn: 'echo' })] }, 'after 40 ms, an echo  {'],
    [
      'a dropped claim',
      { commands: [{ method: 'idToken.setCustomClaim', args: ['amr', []], dropped: 'a reserved claim name' }] },
      'setCustomClaim("amr", [])  (dropped: a reserved claim name)\n',
    ],
    [
      'a body that is an array',
      { requests: [request({ body: '[1,{"a":"b"},"c"]' })] },
      '\n                [ 1, {"a":"b"}, "c" ]\n',
    ],
    ['a body that is a string', { requests: [request({ body: '"a b"' })] }, '\n                "a b"\n'],
    ['a body that is empty', { requests: [request({ body: '{}' })] }, '\n                {}\n'],
    ['a body that is no JSON', { requests: [request({ body: 'a=b&c=d' })] }, '\n                a=b&c=d\n'],
    [
      'what was left out',
      { leftOut: [{ path: 'config.claims.idToken.plan', expression: 'user.plan', why: '`user.plan` is null' }] },
      '  left out      config.claims.idToken.plan: `user.plan` is null\n',
    ],
    [
      'a call that threw',
      { refused: [{ method: 'user.setAppMetadata', message: 'user.setAppMetadata: no' }] },
      '  refused       user.setAppMetadata: no\n',
    ],
    [
      'multifactor by provider',
      { mfa: { provider: 'guardian', allowRememberBrowser: true } },
      '  multifactor   with guardian\n',
    ],
    ['multifactor by enrolling', { mfa: { enroll: ['otp', 'phone'] } }, '  multifactor   with a new otp or phone\n'],
    [
      'a second factor that no one can give',
      { outcome: 'failed', error: 'mfa_required', denied: 'Multifactor authentication required', tokens: null },
      '  ✗ the login ends: mfa_required, "Multifactor authentication required"',
    ],
    ['multifactor by factor', { mfa: { factors: ['otp', 'phone'] } }, '  multifactor   with otp or phone\n'],
    ['a second factor in the verdict', { mfa: { factors: ['otp'] } }, '  ✓ the login goes on, after a second factor'],
    [
      'a claim that is a token',
      {
        tokens: {
          idToken: null,
          accessToken: { claims: { t: 'eyJhbGci…AbCd' }, custom: ['t'], inside: { t: { customerId: '7' } } },
        },
      },
      '                + t eyJhbGci…AbCd\n                    customerId 7\n',
    ],
    [
      'metadata that was written',
      { commands: [{ method: 'user.setAppMetadata', args: ['k', 1] }], appMetadata: { k: 1 } },
      '  app_metadata  {"k":1}\n',
    ],
    [
      'user metadata that was written',
      { commands: [{ method: 'user.setUserMetadata', args: ['k', 1] }], userMetadata: { k: 1 } },
      '  user_metadata  {"k":1}\n',
    ],
    ['SAML attributes', { saml: { role: ['a', 'b'], name: 'Maja' } }, '  SAML          role ["a","b"]  name Maja\n'],
    [
      'a log that is too long',
      { log: [{ level: 'log', text: 'x'.repeat(300), beyond: 44 }] },
      '300 of the 256 characters',
    ],
    ['a fault', { faults: [{ kind: 'late call', message: 'too late' }] }, '  FAULT         late call: too late\n'],
    [
      'a failed system',
      { syncs: [{ name: 'crm', outcome: 'unavailable', status: null, detail: 'timeout', attempts: 2, ms: 6000 }] },
      '  systems       crm: unavailable, timeout; 2 requests, 6000 ms\n',
    ],
    [
      'a login without a system',
      { syncs: [{ name: 'crm', outcome: 'unavailable', status: 503, detail: 'breaker', attempts: 0, ms: 0 }] },
      '  ✓ the login goes on, without crm (unavailable)',
    ],
    [
      'a denied login',
      { outcome: 'denied', error: 'access_denied', denied: 'No.', tokens: null },
      '  ✗ the login ends: access_denied, "No."',
    ],
    [
      'a login that a policy denied',
      {
        outcome: 'denied',
        error: 'access_denied',
        denied: 'We could not complete your login (crm: invalid).',
        tokens: null,
        syncs: [
          { name: 'cleeng', outcome: 'unavailable', status: 503, detail: null, attempts: 2, ms: 60 },
          { name: 'crm', outcome: 'invalid', status: 200, detail: 'not-json', attempts: 1, ms: 3 },
        ],
      },
      '(crm: invalid)."\n    by onFailure of crm: with "onFailure": { "invalid": "allow" } it goes on',
    ],
    ['a registration', { trigger: 'post-user-registration', tokens: null }, '  ✓ done; the user notices nothing of it'],
    [
      'a registration without a system',
      {
        trigger: 'post-user-registration',
        syncs: [{ name: 'crm', outcome: 'invalid', status: 200, detail: 'not-json', attempts: 1, ms: 3 }],
      },
      '  ✓ done, without crm (invalid); the user notices nothing of it',
    ],
    [
      'a registration that threw',
      { trigger: 'post-user-registration', outcome: 'failed', thrown: 'oh' },
      "  ✗ ended with an error, which only the tenant's log shows: oh",
    ],
    [
      'a registration whose config is refused',
      { trigger: 'post-user-registration', outcome: 'failed', thrown: null },
      '  ✗ failed for good, and the user notices nothing of it: the log says why',
    ],
  ])) {
    it(`shows ${what}`, () => assert.ok(text([over]).includes(expected), text([over])));
  }

  it('tells an event that is done from one that comes again, and from one that has failed for good', () => {
    const syncs = [{ name: 'crm', outcome: 'rejected', status: 400, detail: null, attempts: 1, ms: 41 }];
    for (const [word, over, verdict] of /** @type {[string, Partial<Result>, string][]} */ ([
      ['done', { outcome: 'allowed' }, '✓ done; the user notices nothing of it'],
      [
        'failed',
        { outcome: 'failed', syncs },
        '✗ failed for good: crm (rejected); Auth0 does not deliver the event again',
      ],
      [
        'again',
        { outcome: 'again', thrown: 'again' },
        '✗ ended with an error: Auth0 delivers the event again, four times in all',
      ],
    ])) {
      const event = { trigger: /** @type {const} */ ('event-stream'), ...over };
      const shown = text([event, event]);
      assert.ok(shown.includes(`  ${verdict}\n`), shown);
      assert.match(shown, new RegExp(`and then +no\\. 2: 1 request, ${word}; `));
    }
  });

  it('shows nothing where there is nothing', () => {
    const shown = text([{ syncs: [], requests: [], tokens: null, outcome: 'denied', denied: 'x', log: [] }]);
    for (const label of [
      'systems',
      'ID token',
      'access token',
      'timeline',
      'log',
      'refused',
      'FAULT',
      'app_metadata',
      'SAML',
    ])
      assert.ok(!shown.includes(`  ${label} `), label);
  });

  it('has colour only when asked for', () => {
    assert.ok(!text([{}]).includes('\u001b'));
    const coloured = text([{}], { color: true });
    assert.ok(coloured.includes('\u001b[32m✓ the login goes on\u001b[0m'));
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), text([{}]));
  });

  it('makes control characters visible, wherever they come from', () => {
    const evil = 'a\u001b[2Jb\n  c\u0000\u009b';
    const shown = text([
      {
        requests: [request({ responseBody: evil, failure: evil })],
        log: [{ level: 'log', text: evil, beyond: 0 }],
        tokens: {
          idToken: null,
          accessToken: { claims: { [evil]: evil }, custom: [evil], inside: { [evil]: { [evil]: evil } } },
        },
      },
    ]);
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(shown));
    assert.ok(shown.includes('  log           a\\x1b[2Jb c\\x00\\x9b\n'), shown);
  });

  it('stays within the width', () => {
    const long = 'x'.repeat(300);
    const shown = text(
      [
        {
          requests: [
            request({
              url: 'https://api.example.com/',
              headers: { [long]: long },
              body: JSON.stringify({ [long]: long }),
              responseBody: long,
            }),
          ],
          commands: [{ method: 'm', args: [long] }],
          log: [],
        },
      ],
      { width: 60 },
    );
    assert.ok(
      shown.split('\n').every((line) => line.length <= 78),
      shown,
    );
  });
});

describe('executions after the first', () => {
  it('are a line each, and like ones together', () => {
    const down = {
      outcome: /** @type {const} */ ('denied'),
      syncs: [{ name: 'crm', outcome: 'unavailable', status: null, detail: 'breaker', attempts: 0, ms: 0 }],
      requests: [],
    };
    const shown = text([{}, { ms: 7 }, { ...down, ms: 1 }, { ...down, ms: 3 }, { ...down, ms: 2 }])
      .split('\n')
      .slice(-2);
    assert.deepEqual(shown, [
      '  and then      no. 2: 1 request, allowed; crm ok 200; 7.0 ms',
      '                no. 3 to 5: no requests, denied; crm unavailable breaker; median 2.0 ms, slowest 3.0 ms',
    ]);
  });

  it('have their faults shown, too', () =>
    assert.ok(text([{}, { faults: [{ kind: 'k', message: 'second' }] }]).includes('FAULT         k: second')));
});

describe('the timeline', () => {
  for (const [startMs, ms, expected] of /** @type {[number, number | null, string][]} */ ([
    [0, 100, '██████████'],
    [0, 50, '█████·····'],
    [50, 50, '·····█████'],
    [20, 30, '··███·····'],
    [42, 0, '····█·····'],
    [100, 0, '·········█'],
    [60, null, '······████'],
    [90, 500, '·········█'],
  ])) {
    it(`draws ${startMs} ms to ${ms === null ? 'no end' : startMs + ms}`, () =>
      assert.equal(bar({ startMs, ms }, 100, 10), expected));
  }

  it('draws an execution that took no time', () => assert.equal(bar({ startMs: 0, ms: 0 }, 0, 3), '█··'));

  it('has a row per request, side by side or one after the other', () => {
    const shown = text(
      [
        {
          requests: [
            request({ startMs: 0, ms: 50 }),
            request({ url: 'https://b.example.com/x', startMs: 25, ms: 50 }),
            request({ startMs: 75, ms: 25, status: 503 }),
          ],
        },
      ],
      { color: true },
    );
    const rows = shown
      .split('\n')
      .filter((line) => line.includes('█'))
      .map((line) => line.replace(/\u001b\[(\d+)m/g, (_, code) => (code === '31' ? '!' : '')));
    const drawn = (/** @type {number[]} */ ...lengths) =>
      lengths.map((length, i) => '·█·'.charAt(i).repeat(length)).join('');
    assert.deepEqual(rows, [
      `                api.example.com  ${drawn(0, 25, 25)}  0.0 ms to 50 ms`,
      `                b.example.com    ${drawn(12, 26, 12)}  25 ms to 75 ms`,
      `                api.example.com  !${drawn(37, 13, 0)}  75 ms to 100 ms`,
    ]);
  });

  it('counts the time of requests side by side once', () => {
    const span = (/** @type {number} */ startMs, /** @type {number | null} */ ms) => ({ startMs, ms });
    assert.equal(busy([], 10), 0);
    assert.equal(busy([span(1, 4), span(2, 1), span(3, 4)], 10), 6);
    assert.equal(busy([span(6, 1), span(1, 2)], 10), 3);
    assert.equal(busy([span(8, null)], 10), 2);
  });
});
