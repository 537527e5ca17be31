// The paste: what a login gets in addition to claims, under the strict host: both metadata, SAML attributes, scopes; what Auth0 would not
// take is left out and said, and what it refuses all the same costs that one call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

const PASTE = readPaste();
const HOST = 'crm.example.com';

/**
 * A login by this config.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, any>} config
 * @param {Record<string, any>} [over] of the event
 * @param {{ status?: number, body?: unknown }} [answer] of the one system
 */
async function login(t, config, over = {}, answer = {}) {
  /** @type {import('../../tools/tenant/world.mjs').System} */
  const system = {
    name: HOST,
    serves: (host) => host === HOST,
    answer: () => ({ status: 200, body: null, ...answer }),
    error: () => ({}),
  };
  const opened = await tenant(t, { code: withConfig(PASTE, config), secrets: {}, systems: [system] });
  const execution = await opened.login(over);
  assertSound(execution, opened.event(over));
  assert.deepEqual([execution.thrown, execution.refused], [null, []], 'Auth0 refuses nothing of it');
  return { ...execution, line: execution.log.at(-1)?.text ?? '' };
}

/** @param {Record<string, any>} response */
const crm = (response) => ({
  syncs: [{ name: 'crm', retries: 0, request: { url: `https://${HOST}/users` }, response }],
});

/** @param {{ commands: import('../../tools/tenant/api.mjs').Command[] }} execution */
const asked = ({ commands }) => commands.map(({ method, args }) => [method, ...args]);

describe('metadata', () => {
  for (const [field, group, method] of /** @type {const} */ ([
    ['appMetadata', 'app_metadata', 'user.setAppMetadata'],
    ['userMetadata', 'user_metadata', 'user.setUserMetadata'],
  ])) {
    it(`${field} from the event: what changed is written, null removes, the rest stays`, async (t) => {
      const config = {
        syncs: [],
        [field]: { mail: 'user.email', last: { asn: 'to_number(request.asn)' }, old: null, none: 'user.x' },
      };
      const known = { mail: 'maja.lindqvist@example.com', old: 7, other: [1] };
      const execution = await login(t, config, { user: { [group]: known } });
      assert.deepEqual(asked(execution), [
        [method, 'last', { asn: 64496 }],
        [method, 'old', null],
      ]);
      assert.deepEqual(execution[field], { mail: known.mail, other: [1], last: { asn: 64496 } });
      const again = await login(t, config, { user: { [group]: execution[field] } });
      assert.deepEqual(asked(again), []);
    });

    it(`${field} from an answer, and a literal from one without a body`, async (t) => {
      const config = crm({ [field]: { plan: 'plan', told: true } });
      const good = await login(t, config, {}, { body: { plan: 'gold' } });
      assert.deepEqual(good[field], { plan: 'gold', told: true });
      const none = await login(t, crm({ [field]: { told: true } }), {}, { status: 204, body: '' });
      assert.deepEqual(none[field], { told: true });
      const down = await login(t, config, { user: { [group]: { plan: 'gold' } } }, { status: 503 });
      assert.deepEqual(asked(down), []);
    });

    it(`${field} up to the last byte that Auth0 keeps`, async (t) => {
      const word = field === 'appMetadata' ? 'metadata-full' : 'user-metadata-full';
      for (const [length, kept] of /** @type {const} */ ([
        [15_985, true],
        [15_986, false],
      ])) {
        const over = {
          user: {
            nickname: 'å'.repeat(7000) + 'x'.repeat(length - 14_000),
            [group]: { b: 'y'.repeat(16_000) },
          },
        };
        const execution = await login(t, { syncs: [], [field]: { a: 'user.nickname' } }, over);
        assert.deepEqual(
          [Object.hasOwn(execution[field], 'a'), execution.line.includes(` warn=${word}`)],
          [kept, !kept],
        );
      }
    });

    it(`${field} of a custom database that is no object is left alone`, async (t) => {
      const execution = await login(t, { syncs: [], [field]: { a: 1 } }, { user: { [group]: 'text' } });
      assert.deepEqual(asked(execution), []);
      assert.match(execution.line, / warn=(user-)?metadata-not-an-object/);
    });
  }

  it('are refused one by one: the rest is set', async (t) => {
    // A key inside a value of the event, which only Auth0 sees.
    const config = {
      syncs: [],
      userMetadata: { bad: 'user.x', good: 'user.nickname' },
      appMetadata: { bad: 'user.x' },
    };
    const opened = await tenant(t, { code: withConfig(PASTE, config), secrets: {} });
    const execution = await opened.login({ user: { x: { 'a.b': 1 } } });
    assert.deepEqual(
      execution.refused.map(({ method }) => method),
      ['user.setAppMetadata', 'user.setUserMetadata'],
    );
    assert.deepEqual([execution.appMetadata, execution.userMetadata], [{}, { good: 'maja' }]);
    assert.match(execution.log.at(-1)?.text ?? '', / warn=api$/);
  });
});

describe('SAML attributes', () => {
  it('come from the event and from an answer', async (t) => {
    const role = 'https://aws.amazon.com/SAML/Attributes/Role';
    const config = {
      ...crm({ saml: { [role]: 'roles[*].arn', seats: 'seats' } }),
      saml: { mail: 'user.email', none: 'user.x' },
    };
    const execution = await login(t, config, {}, { body: { roles: [{ arn: 'a' }, { arn: 'b' }], seats: 4 } });
    assert.deepEqual(execution.saml, { mail: 'maja.lindqvist@example.com', [role]: ['a', 'b'], seats: 4 });
  });

  it('that Auth0 does not take are left out, each alone', async (t) => {
    for (const [value, word] of /** @type {[any, string | undefined][]} */ ([
      ['x'.repeat(1998), undefined],
      ['x'.repeat(1999), 'saml-too-large'],
      ['å'.repeat(1000), 'saml-too-large'],
      [{ a: 1 }, 'saml-invalid'],
      [[[1]], 'saml-invalid'],
    ])) {
      const execution = await login(
        t,
        { syncs: [], saml: { a: 'user.x', b: 'user.nickname' } },
        { user: { x: value } },
      );
      assert.deepEqual(Object.keys(execution.saml), word ? ['b'] : ['a', 'b']);
      assert.equal(/ warn=(\S+)/.exec(execution.line)?.[1], word);
    }
  });

  it('are a hundred at most', async (t) => {
    const saml = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`a${i}`, 1]));
    assert.equal(Object.keys((await login(t, { syncs: [], saml })).saml).length, 100);
  });
});

describe('scopes', () => {
  const scopeOf = (/** @type {{ tokens: any }} */ { tokens }) => tokens.accessToken.claims.scope;

  it('are added and removed, and removing counts for more', async (t) => {
    const scopes = {
      add: ["user.app_metadata.vip && 'read:vip' || `null`", 'user.app_metadata.scopes'],
      remove: ["'email'", "!(user.email_verified) && 'write:x' || `null`"],
    };
    const user = { app_metadata: { vip: true, scopes: ['write:x', 'read:x'] } };
    assert.equal(scopeOf(await login(t, { syncs: [], scopes }, { user })), 'openid profile read:vip write:x read:x');
    const unverified = { ...user, email_verified: false };
    assert.equal(
      scopeOf(await login(t, { syncs: [], scopes }, { user: unverified })),
      'openid profile read:vip read:x',
    );
  });

  it('that are none are left out', async (t) => {
    const over = { user: { app_metadata: { scopes: ['read:x', 'two words', 'é', '"', '', 5] } } };
    const execution = await login(t, { syncs: [], scopes: { add: ['user.app_metadata.scopes'] } }, over);
    assert.equal(scopeOf(execution), 'openid profile email read:x');
    assert.match(execution.line, / warn=scopes-invalid/);
  });
});

describe('a denied login', () => {
  const gets = {
    claims: { idToken: { a: 1 } },
    appMetadata: { a: 1 },
    userMetadata: { a: 1 },
    saml: { a: 1 },
    scopes: { add: ["'a'"], remove: ["'email'"] },
  };
  const response = { idToken: { b: 'b' }, appMetadata: { b: 'b' }, userMetadata: { b: 'b' }, saml: { b: 'b' } };

  it('sets nothing, whatever denies it', async (t) => {
    const [entry] = crm(response).syncs;
    for (const [config, answer] of /** @type {[any, any][]} */ ([
      [{ ...gets, syncs: [], deny: [{ when: 'user.email', reason: 'No.' }] }, {}],
      [{ ...gets, syncs: [{ ...entry, onFailure: 'deny' }] }, { status: 404 }],
      [{ ...gets, syncs: [{ ...entry, onFailure: 'deny' }] }, { body: 'text' }],
    ])) {
      const { commands } = await login(t, config, {}, answer);
      assert.deepEqual(
        commands.map(({ method }) => method),
        ['access.deny'],
      );
    }
    const { commands } = await login(t, { ...gets, syncs: [entry] }, {}, { body: { b: 1 } });
    assert.equal(commands.length, 10, 'and all of it when it is not denied');
  });

  it('may be told a reason that an expression gives', async (t) => {
    const deny = [{ when: 'user.app_metadata.why', reason: { value: 'user.app_metadata.why.text' } }];
    for (const [text, told] of /** @type {[any, string][]} */ ([
      ['Until\nMay.', 'Until May.'],
      ['😀'.repeat(201), '😀'.repeat(200)],
      [7, 'We could not complete your login.'],
    ])) {
      const { denied } = await login(t, { syncs: [], deny }, { user: { app_metadata: { why: { text, on: true } } } });
      assert.equal(denied, told);
    }
  });
});

it('a registration gets none of it', async (t) => {
  const code = withConfig(PASTE, {
    syncs: [],
    appMetadata: { a: 1 },
    userMetadata: { a: 1 },
    saml: { a: 1 },
    scopes: { add: ["'a'"] },
  });
  const opened = await tenant(t, { code, secrets: {} });
  const execution = await opened.register();
  assert.deepEqual([execution.commands, execution.faults], [[], []]);
});
