// A login without a browser: the authorization code flow with PKCE between two pieces of software that no one here wrote,
// oidc-provider with the paste in its login step, and openid-client. What is looked at is what the client gets.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { mapAttributes } from '../../demo/attributes.mjs';
import { application, demo, idOf, visitor } from './visitor.mjs';

/** The claims that are the tenant's own business. @param {Record<string, unknown>} claims @param {string[]} names */
const without = (claims, names) => Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
const STANDARD = [
  'iss',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'nonce',
  'jti',
  'client_id',
  'scope',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'updated_at',
  'email_verified',
];

describe('a login', () => {
  it('brings the claims, in tokens that the client has verified', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const { idToken, accessToken } = await client.login(visitor(), { as: idOf(opened, 'Maja') });

    const { cleeng_access_token: cleeng, ...ours } = without(idToken, [...STANDARD, 'email']);
    assert.deepEqual(ours, {
      sub: idOf(opened, 'Maja'),
      'https://example.com/roles': ['subscriber'],
      'https://example.com/email_verified': true,
      'https://example.com/logins': 1,
      userAuth0Identities: ['auth0'],
      'https://example.com/userhub_id': ours['https://example.com/userhub_id'],
      'https://crm.example.com/': { id: 'crm-11469', name: 'Maja Lindqvist', tier: 'gold', since: '2021-04-13' },
      'https://crm.example.com/name': 'Maja Lindqvist',
    });
    assert.match(String(ours['https://example.com/userhub_id']), /^usr_[0-9a-f]{12}$/);
    const customer = opened.action.standIns.systems.cleeng.customers.get('maja.lindqvist@example.com');
    const inside = JSON.parse(Buffer.from(String(cleeng).split('.')[1] ?? '', 'base64url').toString());
    assert.equal(inside.customerId, customer?.customerId);

    assert.deepEqual(without(accessToken, STANDARD), {
      sub: idOf(opened, 'Maja'),
      'https://example.com/roles': ['subscriber'],
      email: 'maja.lindqvist@example.com',
      'https://example.com/plan': 'pln_basic',
    });
    assert.deepEqual(
      opened.action.log.flatMap(({ faults }) => faults),
      [],
    );
  });

  it('gives a relying party the attributes that the claims manifest promises', async (t) => {
    const opened = await demo(t);
    const { idToken, accessToken } = await (await application(opened)).login(visitor(), { as: idOf(opened, 'Thomas') });
    const mapped = mapAttributes(
      opened.manifest.map(({ cloudentity }) => cloudentity),
      { idToken, accessToken },
    );
    assert.deepEqual(
      mapped.map(({ attribute: { source, claimName, dataType }, value, fits }) => [
        source,
        claimName,
        dataType,
        fits,
        claimName.startsWith('cleeng') || claimName.endsWith('userhub_id') ? typeof value : value,
      ]),
      [
        ['ID token', String.raw`https://example\.com/roles`, 'string_array', true, ['subscriber', 'beta']],
        ['ID token', String.raw`https://example\.com/email_verified`, 'bool', true, true],
        ['ID token', String.raw`https://example\.com/logins`, 'number', true, 1],
        ['ID token', 'userAuth0Identities', 'string_array', true, ['google-oauth2']],
        ['ID token', 'cleeng_access_token', 'string', true, 'string'],
        ['ID token', String.raw`https://example\.com/userhub_id`, 'any', true, 'string'],
        [
          'ID token',
          String.raw`https://crm\.example\.com/`,
          'any',
          true,
          { id: 'crm-21679', name: 'Thomas A. Reyes', tier: 'gold', since: '2021-04-13' },
        ],
        ['ID token', String.raw`https://crm\.example\.com/name`, 'any', true, 'Thomas A. Reyes'],
        ['Access token', String.raw`https://example\.com/roles`, 'string_array', true, ['subscriber', 'beta']],
        ['Access token', 'email', 'string', true, 'thomas.reyes@example.com'],
        ['Access token', String.raw`https://example\.com/plan`, 'any', true, 'pln_basic'],
      ],
    );
  });

  it('is worth nothing to somebody who does not know the PKCE verifier', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const stolen = client.login(visitor(), { as: idOf(opened, 'Maja'), verifier: 'x'.repeat(43) });
    await assert.rejects(stolen, { error: 'invalid_grant' });
  });

  it('calls no system the second time on a day, nor at a refresh', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const browser = visitor();
    const { arrivals } = opened.action.standIns;
    const first = await client.login(browser, { as: idOf(opened, 'Maja') });
    assert.deepEqual(arrivals.map(({ system }) => system).sort(), ['cleeng', 'crm', 'userhub']);

    const second = await client.login(browser, { as: idOf(opened, 'Maja'), parameters: { prompt: 'login' } });
    const third = await client.refresh(second.refreshToken);
    assert.equal(arrivals.length, 3);
    for (const { idToken } of [second, third]) {
      for (const name of ['cleeng_access_token', 'https://example.com/userhub_id', 'https://crm.example.com/name'])
        assert.deepEqual(idToken[name], first.idToken[name]);
      assert.equal(idToken['https://example.com/logins'], 2);
    }
    assert.equal(third.accessToken['https://example.com/plan'], 'pln_basic');
    assert.deepEqual(
      opened.action.log.map(({ protocol, outcomes, calls }) => [protocol, outcomes, calls.length]),
      [
        ['oidc-basic-profile', { cleeng: 'ok', userhub: 'ok', crm: 'ok' }, 3],
        ['oidc-basic-profile', { cleeng: 'reused', userhub: 'fresh', crm: 'fresh' }, 0],
        ['oauth2-refresh-token', { cleeng: 'reused', userhub: 'fresh', crm: 'fresh' }, 0],
      ],
    );
  });

  it('runs the Action also where no one is asked anything', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const browser = visitor();
    await assert.rejects(client.login(browser, { parameters: { prompt: 'none' } }), { error: 'login_required' });
    assert.equal(opened.action.log.length, 0);
    await client.login(browser, { as: idOf(opened, 'Maja') });
    for (const parameters of /** @type {Record<string, string>[]} */ ([{}, { prompt: 'none' }])) {
      const { idToken } = await client.login(browser, { parameters });
      assert.equal(idToken['https://crm.example.com/name'], 'Maja Lindqvist');
    }
    assert.deepEqual([opened.action.log.length, browser.seen], [3, ['Log in']]);
  });

  it('goes on after the second factor that the Action asks for, and the Action runs once', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const browser = visitor();
    const { idToken } = await client.login(browser, { as: idOf(opened, 'Aiko') });
    assert.deepEqual(browser.seen, ['Log in', 'Second factor']);
    assert.deepEqual(idToken['https://example.com/roles'], ['editor']);
    assert.equal(idToken['https://crm.example.com/name'], undefined);
    assert.deepEqual(
      opened.action.log.map(({ factor, outcomes }) => [factor, outcomes.crm]),
      [['guardian', 'skipped']],
    );
  });

  it('is asked for once in a session, and where no one can answer not at all', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const browser = visitor();
    const { refreshToken } = await client.login(browser, { as: idOf(opened, 'Aiko') });
    const aiko = opened.people.find(({ user }) => user.user_id === idOf(opened, 'Aiko'))?.user;
    assert.deepEqual(
      [aiko?.multifactor, aiko?.enrolledFactors],
      [['guardian'], [{ type: 'push-notification', method: 'push-notification' }]],
    );
    await client.login(browser, { parameters: { prompt: 'none' } });
    await client.login(browser);
    await client.refresh(refreshToken);
    assert.deepEqual(browser.seen, ['Log in', 'Second factor']);
    // Who is enrolled is asked in the next session.
    await client.login(visitor(), { as: idOf(opened, 'Aiko') });
    assert.deepEqual(
      opened.action.log.map(({ factor }) => factor),
      ['guardian', null, null, null, 'guardian'],
    );
  });

  it('is what an exchange fails for where a rule asks always', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'login-sync-'));
    t.after(() => rm(folder, { recursive: true }));
    const config = path.join(folder, 'config.json');
    await writeFile(
      config,
      JSON.stringify({
        syncs: [],
        mfa: [{ when: "transaction.protocol == 'oauth2-refresh-token'", always: true, provider: 'any' }],
      }),
    );
    const opened = await demo(t, { config });
    const client = await application(opened);
    const { refreshToken } = await client.login(visitor(), { as: idOf(opened, 'Maja') });
    await assert.rejects(client.refresh(refreshToken), {
      code: 'OAUTH_RESPONSE_BODY_ERROR',
      error: 'mfa_required',
      error_description: 'Multifactor authentication required',
    });
  });
});

describe('a login that the Action denies', () => {
  for (const { who, why, calls } of [
    { who: 'Noor', why: 'We could not complete your login (cleeng: conflict).', calls: 2 },
    { who: 'Piet', why: 'Please contact support.', calls: 0 },
  ]) {
    it(`reaches the application as access_denied with the reason: ${who}`, async (t) => {
      const opened = await demo(t);
      const client = await application(opened);
      await assert.rejects(client.login(visitor(), { as: idOf(opened, who) }), {
        code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
        error: 'access_denied',
        error_description: why,
      });
      assert.deepEqual(
        opened.action.log.map(({ denied, calls }) => [denied, calls.length]),
        [[why, calls]],
      );
    });
  }

  it('is denied at a refresh as well', async (t) => {
    const opened = await demo(t);
    const client = await application(opened);
    const { refreshToken } = await client.login(visitor(), { as: idOf(opened, 'Maja') });
    const [maja] = opened.people;
    assert.ok(maja);
    maja.user.app_metadata = { ...maja.user.app_metadata, blocked_by_billing: true };
    await assert.rejects(client.refresh(refreshToken), {
      code: 'OAUTH_RESPONSE_BODY_ERROR',
      error: 'access_denied',
      error_description: 'Please contact support.',
    });
    maja.user.app_metadata = { ...maja.user.app_metadata, blocked_by_billing: false };
    assert.equal((await client.refresh(refreshToken)).idToken.sub, maja.user.user_id);
  });
});

it('logins that have not got their tokens yet stay apart', async (t) => {
  const opened = await demo(t);
  const client = await application(opened);
  const browser = visitor();
  const [maja, thomas] = [idOf(opened, 'Maja'), idOf(opened, 'Thomas')];
  const begun = [];
  for (const [who, as] of /** @type {[import('./visitor.mjs').Visitor, string][]} */ ([
    [browser, maja],
    [visitor(), thomas],
    [browser, maja],
  ])) {
    begun.push(await client.begin(who, { as, parameters: { prompt: 'login' } }));
  }
  const tokens = [];
  for (const exchange of begun) tokens.push(await exchange());
  assert.deepEqual(
    tokens.map(({ idToken }) => [
      idToken.sub,
      idToken['https://crm.example.com/name'],
      idToken['https://example.com/logins'],
    ]),
    [
      [maja, 'Maja Lindqvist', 1],
      [thomas, 'Thomas A. Reyes', 1],
      [maja, 'Maja Lindqvist', 2],
    ],
  );
});

it('logins of several people at the same time stay apart', async (t) => {
  const opened = await demo(t);
  const client = await application(opened);
  const people = ['Maja', 'Thomas', 'Aiko', 'Maja', 'Thomas'];
  const tokens = await Promise.all(people.map((name) => client.login(visitor(), { as: idOf(opened, name) })));
  const refreshed = await Promise.all(tokens.map(({ refreshToken }) => client.refresh(refreshToken)));
  for (const { idToken, accessToken } of [...tokens, ...refreshed]) {
    const person = opened.people.find(({ user }) => user.user_id === idToken.sub);
    assert.ok(person);
    assert.equal(accessToken.sub, idToken.sub);
    assert.equal(accessToken.email, person.user.email);
    assert.deepEqual(idToken['https://example.com/roles'], person.roles);
    assert.equal(
      String(idToken['https://crm.example.com/name'] ?? person.user.name).split(' ')[0],
      person.user.given_name,
    );
  }
  const cleeng = new Map(
    tokens.map(({ idToken }) => [
      idToken.sub,
      JSON.parse(Buffer.from(String(idToken.cleeng_access_token).split('.')[1] ?? '', 'base64url').toString())
        .customerId,
    ]),
  );
  assert.equal(new Set(cleeng.values()).size, 3);
});
