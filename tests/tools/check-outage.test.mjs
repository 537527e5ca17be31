// What `login-sync check` says of an outage, next to what a login in an outage really gets: each expression is checked, and then run
// while the system is down.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, simulate } from '../../tools/library/index.mjs';

/** @param {Record<string, any>} [more] @returns {any} */
const entry = (more = {}) => ({ name: 'crm', request: { url: 'https://crm.example.com/users' }, ...more });

/** @param {any} config */
function warned(config) {
  const { errors, warnings } = check(config);
  assert.deepEqual(errors, []);
  return warnings.filter(({ level }) => level === 'warning').map(({ path, message }) => `${path} ${message}`);
}

/** What each gives every user while the system is down; null where it gives nothing, or what the event has. @type {[string, unknown][]} */
const TABLE = [
  ["syncs.crm.answer.plan || 'free'", 'free'],
  ["syncs.crm.answer.plan || user.app_metadata.plan || 'free'", 'free'],
  ["syncs.crm.answer.gold && 'gold' || 'free'", 'free'],
  ["syncs.crm.answer.plan == 'gold' && 'gold' || 'free'", 'free'],
  ["not_null(syncs.crm.answer.plan, 'free')", 'free'],
  ["syncs.crm.answer.plan == `null` && 'none'", 'none'],
  ["user.email_verified && !(syncs.crm.answer.blocked) && 'in' || `null`", 'in'],
  ["{plan: syncs.crm.answer.plan || 'free'}", { plan: 'free' }],
  ["[syncs.crm.answer.plan || 'free']", ['free']],
  ["syncs.crm.answer.{a: plan} || 'free'", 'free'],
  ["lower(syncs.crm.answer.plan || 'FREE')", null],
  ['!(syncs.crm.answer.blocked)', true],
  ["syncs.crm.answer.plan != 'gold'", true],
  ["(syncs.crm.answer.plan || 'free') == 'free'", true],
  ["(syncs.crm.answer.plan || 'free') != 'free'", null],
  ["(syncs.crm.answer.plan || 'free') == 'gold'", null],
  ["syncs.crm.answer.plan == 'gold'", null],
  ["syncs.crm.answer.plan == 'gold' && 'gold' || `null`", null],
  ['syncs.crm.answer.plan', null],
  ['syncs.crm.answer.plan || user.app_metadata.plan', null],
  ['syncs.crm.answer.roles || `[]`', null],
  ["contains(syncs.crm.answer.roles || `[]`, 'admin') && 'admin' || `null`", null],
  // Not because of the outage.
  ["user.email_verified && 'a' || syncs.crm.answer.plan", null],
  ["user.email || 'none'", null],
  // It knows how the entry ended.
  ["syncs.crm.outcome == 'ok' && (syncs.crm.answer.plan || 'free') || `null`", null],
  ["syncs.crm.answer.plan || syncs.crm.outcome != 'unavailable' && 'free' || `null`", null],
  ["syncs.crm.status == `404` && 'new' || 'known'", null],
];

describe('while a system is down', () => {
  for (const [expression, gives] of TABLE) {
    it(expression, async () => {
      const config = { syncs: [entry()], claims: { idToken: { a: expression } } };
      const [message, ...more] = warned(config);
      assert.deepEqual(more, []);
      if (gives === null) return void assert.equal(message, undefined);
      const shown = JSON.stringify(typeof gives === 'object' ? 'free' : gives).replaceAll('"', "'");
      assert.ok(message?.includes(`this gives \`${shown}\`, whatever \`crm\` knows`), message);
      const login = await simulate(config, { faults: '503' });
      assert.deepEqual(login.tokens.idToken?.a, gives);
    });
  }

  const free = "syncs.crm.answer.plan || 'free'";
  /** @type {[what: string, config: any, warnings: RegExp[]][]} */
  const places = [
    ['a key of the metadata', { appMetadata: { a: free } }, [/^config\.appMetadata\.a while `crm`/]],
    ["a user's own metadata", { userMetadata: { a: { b: free } } }, [/^config\.userMetadata\.a\.b while `crm`/]],
    ['an attribute', { saml: { a: free } }, [/^config\.saml\.a while `crm`/]],
    [
      'a condition',
      { saml: { a: { value: "'x'", when: '!(syncs.crm.answer.a)' } } },
      [/saml\.a\.when while .* `true`/],
    ],
    [
      'a scope',
      { scopes: { add: ["!(syncs.crm.answer.blocked) && 'a' || `null`"] } },
      [/scopes\.add\[0\] while .* `'a'`/],
    ],
    ['a scope that is earned', { scopes: { add: ["syncs.crm.answer.gold && 'a' || `null`"] } }, []],
    [
      'a scope that stays',
      { scopes: { remove: ["syncs.crm.answer.blocked && 'a' || `null`"] } },
      [/^config\.scopes\.remove\[0\] while `crm` is unavailable this removes no scope: `add` it/],
    ],
    ['a scope that goes', { scopes: { remove: ["!(syncs.crm.answer.gold) && 'a' || `null`"] } }, []],
    ['what is asked of another', { syncs: [entry(), entry({ name: 'b', when: `(${free}) == 'free'` })] }, []],
    ['an answer', { syncs: [entry({ response: { idToken: { a: "plan || 'free'" } } })] }, []],
  ];
  for (const [what, config, patterns] of places) {
    it(`is warned of, or not: ${what}`, () => {
      const found = warned({ syncs: [entry()], ...config });
      assert.equal(found.length, patterns.length, found.join('\n'));
      patterns.forEach((pattern, i) => void assert.match(found[i] ?? '', pattern));
    });
  }

  it('no login goes on where its policy denies, and shadow gives nothing', () => {
    for (const more of [
      { onFailure: 'deny' },
      { onFailure: { deny: 'No.' } },
      { onFailure: { unavailable: { deny: 'No.' } } },
      { mode: 'shadow' },
    ])
      assert.deepEqual(warned({ syncs: [entry(more)], claims: { idToken: { a: free } } }), []);
    for (const onFailure of ['allow', 'mfa', null, { unavailable: 'mfa' }, { rejected: 'deny' }])
      assert.equal(warned({ syncs: [entry({ onFailure })], claims: { idToken: { a: free } } }).length, 1);
  });
});

describe('metadata from the top', () => {
  /** @type {[what: string, config: any, warns: boolean][]} */
  const table = [
    ['of any answer', { syncs: [entry()], appMetadata: { plan: 'syncs.crm.answer.plan' } }, true],
    ["of any answer, a user's own", { syncs: [entry()], userMetadata: { plan: 'syncs.crm.answer.plan' } }, true],
    [
      'of what is kept of any answer',
      { syncs: [entry({ response: { keep: { plan: 'plan' } } })], appMetadata: { plan: 'syncs.crm.answer.plan' } },
      true,
    ],
    [
      'of a good answer',
      { syncs: [entry({ response: { expect: 'plan' } })], appMetadata: { plan: 'syncs.crm.answer.plan' } },
      false,
    ],
    [
      'with what was there',
      { syncs: [entry()], appMetadata: { a: 'syncs.crm.answer.a || user.app_metadata.a' } },
      false,
    ],
    ['of how it ended', { syncs: [entry()], appMetadata: { crm: 'syncs.crm.outcome' } }, false],
    ['of the event', { syncs: [entry()], appMetadata: { country: 'request.geoip.countryCode' } }, false],
  ];
  for (const [what, config, warns] of table) {
    it(`${warns ? 'is warned of' : 'may be'} ${what}`, async () => {
      const [message, ...more] = warned(config);
      assert.deepEqual(more, []);
      if (!warns) return void assert.equal(message, undefined);
      assert.match(message ?? '', /removes the key that the user has: say in `response\.expect` of `crm` what/);
      const [field = ''] = Object.keys(config).slice(1);
      const over = { user: { [field === 'appMetadata' ? 'app_metadata' : 'user_metadata']: { plan: 'gold' } } };
      const login = await simulate(config, { over, answers: { 'crm.example.com': { body: {} } } });
      assert.equal(/** @type {any} */ (login)[field].plan, undefined);
    });
  }
});
