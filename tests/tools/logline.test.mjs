// tools/tenant/: the log line of the Action, read back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readResult, readSyncs } from '../../tools/tenant/logline.mjs';

describe('the log line', () => {
  const read = (/** @type {string[]} */ ...lines) =>
    readSyncs(lines.map((line) => ({ level: 'log', text: line, beyond: 0 })));
  /** @param {string} name @param {string} outcome @param {number | null} [status] @param {string | null} [detail] @param {number} [ms] @param {number} [attempts] */
  const sync = (name, outcome, status = null, detail = null, ms = 0, attempts = 0) => ({
    name,
    outcome,
    status,
    detail,
    attempts,
    ms,
  });

  for (const [value, expected] of /** @type {[string, ReturnType<typeof sync>][]} */ ([
    ['ok:200:129ms:1', sync('a', 'ok', 200, null, 129, 1)],
    ['fresh', sync('a', 'fresh')],
    ['unavailable:timeout:6080ms:2', sync('a', 'unavailable', null, 'timeout', 6080, 2)],
    ['unavailable:503:breaker:66ms:1', sync('a', 'unavailable', 503, 'breaker', 66, 1)],
    ['unavailable:breaker', sync('a', 'unavailable', null, 'breaker')],
    ['invalid:200:not-a-jwt:3ms:1', sync('a', 'invalid', 200, 'not-a-jwt', 3, 1)],
    [
      'unavailable:ERR_TLS_CERT_ALTNAME_INVALID:3ms:1',
      sync('a', 'unavailable', null, 'ERR_TLS_CERT_ALTNAME_INVALID', 3, 1),
    ],
  ])) {
    it(`reads ${value}`, () => {
      assert.deepEqual(read(`login-sync trigger=post-login result=allowed ms=5 id=txn_1 a=${value} warn=x`), [
        expected,
      ]);
      assert.deepEqual(
        read(JSON.stringify({ app: 'login-sync', trigger: 'post-login', result: 'allowed', ms: '5', a: value })),
        [expected],
      );
    });
  }

  it('says how the execution ended, in either format', () => {
    for (const [line, result] of /** @type {[string, string | undefined][]} */ ([
      ['login-sync trigger=event-stream result=failed ms=5 crm=rejected:400:4ms:1', 'failed'],
      ['{"app":"login-sync","trigger":"event-stream","result":"again","ms":"5"}', 'again'],
      ['login-sync trigger=post-login result=refused problem="config.a: result=done"', 'refused'],
      ['something else result=done', undefined],
    ]))
      assert.equal(readResult([{ level: 'log', text: line, beyond: 0 }]), result, line);
    assert.equal(readResult([]), undefined);
  });

  it('is found among others, and read once', () => {
    assert.deepEqual(
      read(
        'hello',
        'login-sync panicked at x',
        'login-sync trigger=post-login result=allowed ms=1 b=fresh a=reused',
        'login-sync trigger=x c=fresh',
      ).map(({ name }) => name),
      ['b', 'a'],
    );
  });

  it('has no systems when it is not there, or says something else', () => {
    for (const line of [
      '',
      'login-sync',
      '{"app":"login-sync"',
      'login-sync trigger=post-login result=refused problem="config.a=ok: no b=fresh"',
      'login-sync trigger=post-login a=no:such:thing:at:all',
    ])
      assert.deepEqual(read(line), [], line);
  });
});
