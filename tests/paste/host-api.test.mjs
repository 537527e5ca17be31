// The strict host's `api`: for every rule of Auth0's about claims, metadata, the decision and the cache, a call that breaks it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';

const LOGIN = 'post-login';

/** @param {string} body @param {Record<string, any>} [over] */
const login = (body, over) =>
  createHost(`exports.onExecutePostLogin = async (event, api) => { ${body} };`).execute(
    LOGIN,
    fakeEvent(LOGIN, over ? { over } : {}),
  );

/** @param {'idToken' | 'accessToken'} token @param {string} name @param {Record<string, any>} [over] */
async function keeps(token, name, over) {
  const execution = await login(`api.${token}.setCustomClaim(${JSON.stringify(name)}, 'ours');`, over);
  assert.equal(execution.thrown, null);
  const kept = execution.tokens?.[token]?.claims[name] === 'ours';
  assert.equal(execution.commands[0]?.dropped === undefined, kept, 'the record says what the token shows');
  return kept;
}

describe('claims', () => {
  it('come to the tokens they were set on, next to the standard ones', async () => {
    const { tokens } = await login(
      "api.idToken.setCustomClaim('a', {b: [1, null]}).accessToken.setCustomClaim('https://example.com/c', true);",
    );
    assert.deepEqual(tokens?.idToken?.custom, ['a']);
    assert.deepEqual(tokens?.idToken?.claims.a, { b: [1, null] });
    assert.deepEqual(tokens?.accessToken.custom, ['https://example.com/c']);
    const { iss, sub, aud, iat, exp } = tokens?.idToken?.claims ?? {};
    assert.equal(iss, 'https://example-media.eu.auth0.com/');
    assert.deepEqual(
      [sub, aud, exp - iat],
      ['auth0|67a1f0c2d4b8e9000a1b2c3d', 'aBcD1234eFgH5678iJkL9012mNoP3456', 36_000],
    );
  });

  it('come as they were at the time of the call', async () => {
    const { tokens } = await login(
      "const list = [1]; api.idToken.setCustomClaim('list', list); list.push(2); api.idToken.setCustomClaim('twice', 1).idToken.setCustomClaim('twice', 2);",
    );
    assert.deepEqual([tokens?.idToken?.claims.list, tokens?.idToken?.claims.twice], [[1], 2]);
  });

  it('drop reserved names without a word', async () => {
    for (const name of [
      'sub',
      'amr',
      'roles',
      'exp',
      'org_id',
      'x5t#S256',
      'urn:auth0:x',
      'https://auth0.com/x',
      'https://my.webtask.io/x',
      'http://webtask.run/',
    ]) {
      assert.equal(await keeps('idToken', name), false, name);
      assert.equal(await keeps('accessToken', name), false, name);
    }
    for (const name of ['cleeng_access_token', 'https://example.com/sub', 'https://notauth0.com/x', 'urn:example:x'])
      assert.equal(await keeps('idToken', name), true, name);
  });

  it('keep off an access token what its API or its scopes do not allow', async () => {
    assert.equal(await keeps('accessToken', 'plan'), true);
    assert.equal(await keeps('accessToken', 'plan', { resource_server: null }), false);
    assert.equal(
      await keeps('accessToken', 'plan', {
        resource_server: { identifier: 'https://example-media.eu.auth0.com/api/v2/' },
      }),
      false,
    );
    assert.equal(await keeps('accessToken', 'https://example.com/plan', { resource_server: null }), true);
    assert.equal(await keeps('accessToken', 'email'), true);
    assert.equal(await keeps('accessToken', 'email', { transaction: { requested_scopes: ['openid'] } }), false);
    assert.equal(await keeps('accessToken', 'phone_number'), false);
  });

  it('throw for `scope`, for names that are no text, and for values that JSON cannot hold', async () => {
    assert.match((await login("api.idToken.setCustomClaim('scope', 'x');")).thrown ?? '', /scope/);
    assert.match((await login('api.idToken.setCustomClaim(undefined, 1);')).thrown ?? '', /claim name/);
    assert.match((await login("api.idToken.setCustomClaim('x', 1n);")).thrown ?? '', /BigInt/);
    assert.match((await login("const a = {}; a.a = a; api.idToken.setCustomClaim('x', a);")).thrown ?? '', /circular/i);
    const { commands, tokens } = await login("api.idToken.setCustomClaim('x', undefined);");
    assert.match(commands[0]?.dropped ?? '', /JSON/);
    assert.equal(Object.hasOwn(tokens?.idToken?.claims ?? {}, 'x'), false);
  });

  it('fail the login beyond 100 kB per token', async () => {
    const set = (/** @type {string} */ token, /** @type {number} */ size) =>
      `api.${token}.setCustomClaim('x', 'x'.repeat(${size}));`;
    const failed = await login(`${set('accessToken', 100_000)} api.user.setAppMetadata('a', 1);`);
    assert.match(failed.error?.error_description ?? '', /accessToken are larger than 100000 bytes/);
    assert.deepEqual([failed.tokens, failed.appMetadata], [null, {}]);
    assert.equal((await login(`${set('accessToken', 60_000)} ${set('idToken', 60_000)}`)).error, null);
  });

  it('come to no ID token without the scope `openid`', async () => {
    const { tokens } = await login("api.idToken.setCustomClaim('x', 1);", {
      transaction: { requested_scopes: ['email'] },
    });
    assert.equal(tokens?.idToken, null);
  });

  it('let scopes be added and removed', async () => {
    const { tokens } = await login("api.accessToken.addScope('read:x').accessToken.removeScope('email');");
    assert.equal(tokens?.accessToken.claims.scope, 'openid profile read:x');
    for (const scope of ['', 'two words', 'é', '"', 5])
      assert.match((await login(`api.accessToken.addScope(${JSON.stringify(scope)});`)).thrown ?? '', /scope/);
  });
});

describe('metadata', () => {
  it('is merged by key at the end, and null removes', async () => {
    const { appMetadata, userMetadata } = await login(
      "api.user.setAppMetadata('a', {b: 1}); api.user.setAppMetadata('old', null); api.user.setUserMetadata('c', 'd');",
      { user: { app_metadata: { old: 1, keep: 2 } } },
    );
    assert.deepEqual([appMetadata, userMetadata], [{ keep: 2, a: { b: 1 } }, { c: 'd' }]);
  });

  it('refuses keys with a dot or a dollar sign, at any depth', async () => {
    for (const call of ["'a.b', 1", "'$a', 1", "'a', {'b.c': 1}", "'a', [{'$b': 1}]"]) {
      assert.match((await login(`api.user.setAppMetadata(${call});`)).thrown ?? '', /holds `\.` or `\$`/, call);
    }
  });

  it('throws when the present metadata is not an object', async () => {
    for (const present of ['text', 5, ['x']])
      assert.match(
        (await login("api.user.setAppMetadata('a', 1);", { user: { app_metadata: present } })).thrown ?? '',
        /not an object/,
      );
    assert.equal((await login("api.user.setAppMetadata('a', 1);", { user: { app_metadata: null } })).thrown, null);
  });

  it('has 32 kB, for one value and for all', async () => {
    assert.match(
      (await login("api.user.setAppMetadata('a', 'x'.repeat(32000));")).thrown ?? '',
      /more than 32000 bytes/,
    );
    const execution = await login("api.user.setAppMetadata('a', 'x'.repeat(20000));", {
      user: { app_metadata: { b: 'y'.repeat(15_000) } },
    });
    assert.equal(execution.faults[0]?.kind, 'metadata');
    assert.equal(Object.hasOwn(execution.appMetadata, 'a'), false);
  });

  it('is not undone by a deny', async () => {
    const { appMetadata, denied, tokens, error } = await login(
      "api.user.setAppMetadata('a', 1); api.access.deny('no'); ",
    );
    assert.deepEqual([appMetadata, denied, tokens, error?.error_description], [{ a: 1 }, 'no', null, 'no']);
  });
});

describe('SAML attributes', () => {
  const set = (/** @type {unknown[]} */ ...args) =>
    `api.samlResponse.setAttribute(${args.map((arg) => JSON.stringify(arg)).join(', ')});`;

  it('are strings, numbers, booleans and arrays of these; null takes one away', async () => {
    const { saml } = await login(
      set('a', 'x') + set('b', 1) + set('c', [true, 'y']) + set('d', []) + set('a', 'z') + set('b', null),
    );
    assert.deepEqual(saml, { a: 'z', c: [true, 'y'], d: [] });
    for (const args of [
      ['a', {}],
      ['a', [null]],
      ['a', [['b']]],
      ['', 1],
      ['x'.repeat(1001), 1],
      ['a', 'x'.repeat(1999)],
    ])
      assert.match(
        (await login(set(...args))).thrown ?? '',
        /^samlResponse\.setAttribute: /,
        JSON.stringify(args).slice(0, 40),
      );
  });

  it('are a hundred', async () => {
    const many = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => set(`a${i}`, 1)).join('');
    assert.equal(Object.keys((await login(many(100) + set('a0', 2))).saml).length, 100);
    assert.match((await login(many(101))).thrown ?? '', /more than 100/);
  });

  it('come to no one where the login is denied', async () => {
    assert.deepEqual((await login(`${set('a', 1)} api.access.deny('no');`)).saml, {});
  });
});

describe('the decision', () => {
  it('asks for a second factor', async () => {
    assert.deepEqual((await login("api.multifactor.enable('guardian', {allowRememberBrowser: false});")).mfa, {
      provider: 'guardian',
      allowRememberBrowser: false,
    });
    assert.equal((await login("api.multifactor.enable('any').multifactor.enable('none');")).mfa, null);
    assert.deepEqual((await login("api.multifactor.enable('any');")).mfa, {
      provider: 'any',
      allowRememberBrowser: false,
    });
    const enrolled = { user: { enrolledFactors: [{ type: 'otp', method: 'otp' }] } };
    assert.deepEqual(
      (
        await login(
          "api.multifactor.enable('any').authentication.challengeWith({type: 'otp'}, {additionalFactors: [{type: 'email'}]});",
          enrolled,
        )
      ).mfa,
      { factors: ['otp', 'email'] },
    );
    assert.deepEqual((await login("api.authentication.enrollWithAny([{type: 'phone'}, {type: 'otp'}]);")).mfa, {
      enroll: ['phone', 'otp'],
    });
  });

  it('fails a login that is to be challenged with factors of which the user has none', async () => {
    const otp = {
      user: {
        enrolledFactors: [
          { type: 'otp', method: 'otp' },
          { type: 'push', method: 'push' },
        ],
      },
    };
    for (const [call, over, why] of /** @type {[string, any, RegExp | null][]} */ ([
      ["challengeWith({type: 'otp'})", {}, /none of the factors asked for: otp$/],
      ["challengeWith({type: 'email'}, {additionalFactors: [{type: 'phone'}]})", otp, /none .*: email, phone$/],
      ["challengeWith({type: 'email'}, {additionalFactors: [{type: 'otp'}]})", otp, null],
      ["challengeWithAny([{type: 'phone'}, {type: 'push-notification'}])", otp, null],
      ["challengeWithAny([{type: 'phone'}])", otp, /none .*: phone$/],
      ["enrollWith({type: 'otp'})", {}, null],
      ["challengeWith({type: 'otp'})", { user: { enrolledFactors: null } }, /none .*: otp$/],
    ])) {
      const { error, tokens } = await login(`api.idToken.setCustomClaim('a', 1); api.authentication.${call};`, over);
      if (why) assert.match(error?.error_description ?? '', why, call);
      assert.deepEqual([error?.error ?? null, tokens === null], [why && 'access_denied', why !== null], call);
    }
  });

  it('fails a login at the fifth call that challenges or enrolls', async () => {
    const otp = { user: { enrolledFactors: [{ type: 'otp', method: 'otp' }] } };
    for (const calls of [4, 5]) {
      const { error } = await login(
        `${"api.authentication.challengeWith({type: 'otp'});".repeat(calls - 1)}api.authentication.enrollWith({type: 'phone'});`,
        otp,
      );
      assert.equal(error?.error_description ?? null, calls === 4 ? null : 'more than 4 calls that challenge or enroll');
    }
  });

  it('is mfa_required where no page asks for the second factor', async () => {
    const none = { transaction: { prompt: ['none'] } };
    for (const over of [
      none,
      ...['oauth2-refresh-token', 'oauth2-token-exchange', 'oauth2-password'].map((protocol) => ({
        transaction: { protocol },
      })),
    ]) {
      for (const call of ["multifactor.enable('any')", "authentication.enrollWith({type: 'otp'})"]) {
        const { error, tokens, appMetadata } = await login(`api.user.setAppMetadata('a', 1).${call};`, over);
        assert.deepEqual(
          [error, tokens, appMetadata],
          [{ error: 'mfa_required', error_description: 'Multifactor authentication required' }, null, {}],
        );
      }
      assert.equal((await login("api.multifactor.enable('none');", over)).error, null);
      assert.equal(
        (await login("api.multifactor.enable('any'); api.access.deny('no');", over)).error?.error_description,
        'no',
      );
      assert.equal(
        (await login("api.multifactor.enable('any'); throw new Error('oh');", over)).error?.error,
        'access_denied',
      );
    }
  });

  for (const call of [
    "multifactor.enable('sms')",
    "multifactor.enable('any', 1)",
    "authentication.challengeWith('otp')",
    "authentication.challengeWith({type: 'duo'})",
    "authentication.enrollWith({type: 'sms'})",
    'authentication.challengeWithAny([])',
    "redirect.sendUserTo('nowhere')",
    'access.deny()',
    "authentication.recordMethod('x')",
    "session.setExpiresAt('soon')",
    'nothing.like.this()',
  ]) {
    it(`refuses api.${call}`, async () => {
      const execution = await login(`api.${call};`);
      assert.notEqual(execution.thrown, null);
      assert.deepEqual(execution.commands, []);
    });
  }

  it('takes every documented call, in order', async () => {
    const calls = [
      "authentication.challengeWith({type: 'otp'})",
      "authentication.enrollWithAny([{type: 'otp'}])",
      "samlResponse.setAttribute('a', 1)",
      "transaction.setMetadata('a', 1)",
      "redirect.sendUserTo('https://example.com/terms')",
      "session.revoke('why')",
      'refreshToken.setExpiresAt(1)',
    ];
    const { commands, thrown } = await login(calls.map((call) => `api.${call};`).join(' '));
    assert.equal(thrown, null);
    assert.deepEqual(
      commands.map(({ method }) => method),
      calls.map((call) => call.slice(0, call.indexOf('('))),
    );
  });
});

describe('post-user-registration', () => {
  it('has nothing but the cache', async () => {
    const host = createHost(
      'exports.onExecutePostUserRegistration = async (event, api) => { console.log(Object.keys(api), "request" in event, "transaction" in event, "client" in event); api.idToken.setCustomClaim("x", 1); };',
    );
    const execution = await host.execute('post-user-registration', fakeEvent('post-user-registration'));
    assert.equal(execution.log[0]?.text, "[ 'cache' ] false false false");
    assert.notEqual(execution.thrown, null);
    assert.equal(execution.error, null);
  });
});

describe('api.cache', () => {
  const cached = (
    /** @type {string} */ body,
    /** @type {import('../../tools/tenant/host.mjs').HostOptions} */ options = {},
  ) =>
    createHost(
      `exports.onExecutePostLogin = async (event, api) => { const c = api.cache; console.log(JSON.stringify(${body})); };`,
      options,
    );
  const told = async (/** @type {ReturnType<typeof cached>} */ host) =>
    JSON.parse((await host.execute(LOGIN, fakeEvent(LOGIN))).log[0]?.text ?? 'null');

  it('keeps what was set, for later executions of the trigger, until it expires or vanishes', async () => {
    let time = 1_000_000;
    const host = cached("[c.get('k') ?? null, c.set('k', 'v', {ttl: 50}).type]", { now: () => time });
    assert.deepEqual(await told(host), [null, 'success']);
    assert.deepEqual(await told(host), [{ value: 'v', expires_at: 1_000_050 }, 'success']);
    time += 50;
    assert.deepEqual(await told(host), [null, 'success']);
    host.vanishCache(LOGIN);
    assert.deepEqual(await told(host), [null, 'success']);
  });

  it('lets nothing live longer than a day, and by default a quarter of an hour', async () => {
    const host = cached(
      "[c.set('a', '').record.expires_at, c.set('b', '', {ttl: 1e12}).record.expires_at, c.set('c', '', {ttl: 9, expires_at: 5}).record.expires_at]",
      { now: () => 0 },
    );
    assert.deepEqual(await told(host), [900_000, 86_400_000, 5]);
  });

  it('answers with an error beyond its limits, and never throws', async () => {
    const codes =
      "[c.set('k'.repeat(65), ''), c.set('k', 'v'.repeat(4097)), c.set('k', 5), c.set(null, ''), c.delete('nothing')].map((r) => r.type + ' ' + r.code)";
    assert.deepEqual(await told(cached(codes)), [
      'error CacheKeySizeExceeded',
      'error CacheValueSizeExceeded',
      'error InvalidValue',
      'error InvalidKey',
      'error CacheKeyDoesNotExist',
    ]);
    assert.deepEqual(
      await told(cached("[c.set('a', 'v'.repeat(4000)), c.set('b', 'v'.repeat(4000))].map((r) => r.code ?? r.type)")),
      ['success', 'CacheSizeExceeded'],
    );
    assert.deepEqual(
      await told(cached("Array.from({length: 21}, (_, i) => c.set('k' + i, '')).map((r) => r.code ?? 'ok').slice(-2)")),
      ['ok', 'CacheSizeExceeded'],
    );
    const late =
      "[c.set('k', '', {expires_at: Date.now() - 1}), c.set('k', '', {ttl: 0}), c.set('k', '', {ttl: -5}), c.set('k', '', {ttl: NaN}), c.set('k', '', {expires_at: NaN})].map((r) => r.code)";
    assert.deepEqual(await told(cached(late)), [
      'ItemAlreadyExpired',
      'ItemAlreadyExpired',
      'ItemAlreadyExpired',
      'InvalidExpiry',
      'InvalidExpiry',
    ]);
    assert.deepEqual(await told(cached("[c.set('k', 'v').type, c.delete('k').type, c.get('k') ?? 'gone']")), [
      'success',
      'success',
      'gone',
    ]);
  });
});
