// tools/tenant/: the log line of the Action, read back; and that a page explains each word that may be in it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../tools/files.mjs';
import { readResult, readSyncs } from '../../tools/tenant/logline.mjs';

/** How src/ writes down a word for the log: why a request cannot be made, how a call ended, what to look at. */
const WORDS = [
  /\b(?:Invalid|fail|failed)\(\s*(?:Outcome::\w+, )?"([a-z-]+)"/g,
  /\bErr\("([a-z-]+)"\)/g,
  /\bpub const \w+: &str = "([a-z-]+)"/g,
  /\bnotes\.(?:push|extend)\([^"\n]*"([a-z-]+)"/g,
  /"((?:user-)?metadata-[a-z-]+|saml-[a-z-]+|deny-rule|more|not-json|charset|content-encoding|decompress|empty)"/g,
];

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

  it('has no word that docs/failure.md does not explain', () => {
    const files = ['document', 'login', 'request', 'system'].flatMap((room) =>
      readdirSync(path.join(root, 'src', room), { recursive: true }).map((file) =>
        path.join('src', room, String(file)),
      ),
    );
    const source = files
      .filter((file) => file.endsWith('.rs'))
      .map((file) => readFileSync(path.join(root, file), 'utf8'))
      .join('\n');
    const words = new Set(WORDS.flatMap((word) => [...source.matchAll(word)].map(([, found = '']) => found)));
    assert.ok(words.size > 35, `src/ writes its words down in another way: ${[...words].join(' ')}`);
    const page = readFileSync(path.join(root, 'docs', 'failure.md'), 'utf8');
    assert.deepEqual(
      [...words].filter((word) => !page.includes(`\`${word}\``)),
      [],
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
