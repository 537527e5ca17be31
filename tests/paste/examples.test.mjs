// The examples of examples/: each of them once through the pasted file under the strict host, against stand-ins that check the
// contract. The systems with a preset are systems.test.mjs's.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import { describe, it } from 'node:test';
import { problems, withConfig } from '../../tools/paste/paste.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { createRedirect } from '../../tools/tenant/redirect.mjs';
import { SECRETS, tenant } from './support.mjs';
import { action, CRM, called, custom, example, lastLine, PASTE, sound, USERHUB } from './systems.mjs';

describe('claims for Cloudentity (examples/cloudentity)', () => {
  it('arrive with stable names and types', async (t) => {
    const opened = await action(t, example('cloudentity'));
    const execution = await sound(opened);
    assert.deepEqual(custom(execution), {
      'https://example.com/roles': ['subscriber'],
      'https://example.com/organization': 'subscribers',
      'https://example.com/authentication_methods': ['pwd'],
      'https://example.com/email_verified': true,
    });
    assert.deepEqual(custom(execution, 'accessToken'), { 'https://example.com/roles': ['subscriber'] });
    assert.deepEqual(
      custom(await sound(opened, { authorization: null, organization: null }))['https://example.com/roles'],
      [],
      'a list with no one in it is a list',
    );
  });

  it('are not called `amr`', () => {
    assert.deepEqual(
      problems(PASTE, { claims: { idToken: { amr: 'authentication.methods[*].name' } } }).map(({ path }) => path),
      ['config.claims.idToken.amr'],
    );
  });
});

describe('what people do with Actions', () => {
  it('claims from the event (examples/claims-from-event)', async (t) => {
    const opened = await action(t, example('claims-from-event'));
    const execution = await sound(opened);
    assert.deepEqual(custom(execution), { secretIdentity: 'Batman', userAuth0Identities: ['auth0'] });
    assert.deepEqual(custom(execution, 'accessToken'), { email: 'maja.lindqvist@example.com', emailVerified: true });
    assert.deepEqual(execution.requests, []);
    const two = await sound(opened, {
      user: { email_verified: false, identities: [{ provider: 'google-oauth2' }, { provider: 'auth0' }, {}] },
    });
    assert.deepEqual(custom(two).userAuth0Identities, ['google-oauth2', 'auth0']);
    assert.equal(custom(two, 'accessToken').emailVerified, false);
  });

  const geoip = (/** @type {unknown} */ continentCode) => ({ request: { geoip: { continentCode } } });
  const unknown = { request: { geoip: null } };
  const has = (/** @type {string[]} */ ...types) => ({
    user: { multifactor: ['guardian'], enrolledFactors: types.map((type) => ({ type, method: type })) },
  });
  const used = { authentication: { methods: [{ name: 'pwd' }, { name: 'mfa' }] } };
  const guardian = { provider: 'guardian', allowRememberBrowser: false };
  for (const [what, file, over, mfa] of /** @type {[string, string, Record<string, any>, any][]} */ ([
    ['in Europe', 'config.json', geoip('EU'), guardian],
    ['in Europe, enrolled', 'config.json', { ...geoip('EU'), ...has('push-notification') }, guardian],
    ['in Europe, used in this session', 'config.json', { ...geoip('EU'), ...has('push-notification'), ...used }, null],
    [
      'in Europe, at a refresh',
      'config.json',
      { ...geoip('EU'), transaction: { protocol: 'oauth2-refresh-token' } },
      null,
    ],
    ['elsewhere', 'config.json', geoip('NA'), null],
    ['where no one knows', 'config.json', unknown, { enroll: ['otp'] }],
    [
      'where no one knows, with a key',
      'config.json',
      { ...unknown, ...has('webauthn-roaming') },
      { factors: ['webauthn-roaming'] },
    ],
    [
      'where no one knows, with both',
      'config.json',
      { ...unknown, ...has('webauthn-roaming', 'otp') },
      { factors: ['otp', 'webauthn-roaming'] },
    ],
    ['where no one knows, used in this session', 'config.json', { ...unknown, ...used }, null],
    ['in Europe, the other way round', 'outside-europe.json', geoip('EU'), null],
    ['elsewhere, the other way round', 'outside-europe.json', geoip('NA'), guardian],
    ['where no one knows, the other way round', 'outside-europe.json', unknown, null],
  ])) {
    it(`a second factor by region (examples/mfa-by-region): ${what}`, async (t) => {
      const execution = await sound(await action(t, example('mfa-by-region', file)), over);
      assert.deepEqual([execution.mfa, execution.error], [mfa, null]);
      assert.match(lastLine(execution), mfa ? / result=mfa / : / result=allowed /);
    });
  }

  it('a deny rule (examples/mfa-by-region)', async (t) => {
    const execution = await sound(await action(t, example('mfa-by-region')), {
      user: { app_metadata: { blocked_by_billing: true } },
    });
    assert.deepEqual(execution.error, { error: 'access_denied', error_description: 'Please contact support.' });
    assert.deepEqual(
      execution.commands.map(({ method }) => method),
      ['access.deny'],
    );
    assert.match(lastLine(execution), / result=denied .* warn=deny-rule/);
  });

  describe('a row in a Google sheet (examples/google-sheet-row)', () => {
    const SHEET_URL = 'https://script.google.com/macros/s/AKfy-cbx_1/exec?key=0123456789abcdef0123456789abcdef';
    const customers = { connection: { name: 'customers' } };

    it('is written after a registration on the connection `customers`, and only there', async (t) => {
      const opened = await action(t, example('google-sheet-row'), { SHEET_URL });
      const execution = await sound(opened, customers, 'register');
      assert.deepEqual([execution.requests[0]?.method, execution.requests[0]?.url], ['POST', SHEET_URL]);
      assert.deepEqual(opened.standIns.systems.sheet.rows, [
        {
          id: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
          email: 'maja.lindqvist@example.com',
          name: 'Maja Lindqvist',
          createdAt: '2026-03-02T17:45:08.901Z',
        },
      ]);
      assert.match(lastLine(execution), / sheet=ok:302:/);
      assert.equal(execution.requests.length, 1, 'the redirect is not followed, nor the request repeated');

      const other = await sound(opened, { connection: { name: 'employees' } }, 'register');
      assert.deepEqual([other.requests, opened.standIns.systems.sheet.rows.length], [[], 1]);
      assert.match(lastLine(other), / sheet=skipped/);
      const login = await sound(opened, customers);
      assert.deepEqual([login.requests, opened.standIns.systems.sheet.rows.length], [[], 1]);
    });

    it('counts as not written when Google answers with a page of its own', async (t) => {
      const opened = await action(t, example('google-sheet-row'), { SHEET_URL });
      opened.standIns.fault('garbage');
      assert.match(lastLine(await sound(opened, customers, 'register')), / sheet=invalid:200:/);
    });
  });
});

describe('a CRM, once a day (examples/crm-once-a-day)', () => {
  const DAY_MS = 86_400_000;

  it('is asked by phone number, and its record becomes claims', async (t) => {
    const execution = await sound(await action(t, example('crm-once-a-day'), CRM));
    const [request] = execution.requests;
    assert.deepEqual(
      [request?.method, request?.url, request?.headers['x-api-key'], request?.body],
      ['POST', 'https://crm.example.com/exist-by-phone', 'crm-key-1', '{"phoneNumber":"+46701740605","extended":true}'],
    );
    assert.deepEqual(custom(execution), {
      'https://crm.example.com/': JSON.parse(request?.responseBody ?? ''),
      'https://crm.example.com/name': 'Maja Lindqvist',
    });
  });

  it('is not asked again the same day, and the claims are the same', async (t) => {
    const opened = await action(t, example('crm-once-a-day'), CRM);
    const first = await sound(opened);
    assert.deepEqual(
      called(first, 'user.setAppMetadata').map(([key]) => key),
      ['login_sync'],
      'one key',
    );
    assert.deepEqual(called(first, 'user.setUserMetadata'), []);

    const second = await sound(opened, { user: { app_metadata: { plan: 'gold', ...first.appMetadata } } });
    assert.deepEqual([second.requests, called(second, 'user.setAppMetadata')], [[], []]);
    assert.deepEqual(custom(second), custom(first));
    assert.match(lastLine(second), / crm=fresh/);
    assert.deepEqual(second.appMetadata.plan, 'gold');

    // Another instance knows it as well: it is the user's metadata that remembers.
    const other = await opened
      .newInstance()
      .execute('post-login', opened.event({ user: { app_metadata: first.appMetadata } }));
    assert.deepEqual([other.requests, custom(other)], [[], custom(first)]);
  });

  it('is asked again when the day is over', async (t) => {
    const opened = await action(t, example('crm-once-a-day'), CRM);
    const { login_sync: record } = (await sound(opened)).appMetadata;
    const aged = (/** @type {number} */ ms) => ({
      user: { app_metadata: { login_sync: { ...record, crm: { ...record.crm, at: record.crm.at - ms } } } },
    });
    // Freshness ends up to a tenth early, for each user at another time.
    assert.equal((await sound(opened, aged(0.9 * DAY_MS - 60_000))).requests.length, 0);
    assert.equal((await sound(opened, aged(DAY_MS))).requests.length, 1);
  });

  it('lets the login go on when it fails, and without a phone number', async (t) => {
    for (const fault of ['500', 'garbage', '404', 'reset']) {
      const opened = await action(t, example('crm-once-a-day'), CRM);
      opened.standIns.fault(fault);
      const execution = await sound(opened);
      assert.deepEqual([execution.error, custom(execution), execution.appMetadata], [null, {}, {}], fault);
    }
    const execution = await sound(await action(t, example('crm-once-a-day'), CRM), { user: { phone_number: null } });
    assert.deepEqual([execution.error, execution.requests], [null, []]);
    assert.match(lastLine(execution), / crm=skipped/);
  });
});

describe('several systems in one login (examples/several-systems)', () => {
  const secrets = { ...SECRETS, ...USERHUB, ...CRM };

  it('each does its part', async (t) => {
    const opened = await action(t, example('several-systems'), secrets);
    const execution = await sound(opened);
    assert.deepEqual(
      execution.requests.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.deepEqual(Object.keys(custom(execution)), ['cleeng_access_token', 'https://crm.example.com/name']);
  });

  it('writes metadata that changed, and no other', async (t) => {
    const opened = await action(t, example('several-systems'), secrets);
    const first = await sound(opened);
    const [[key, id] = []] = called(first, 'user.setAppMetadata');
    assert.equal(key, 'crm_id');
    const same = await sound(opened, { user: { app_metadata: { crm_id: id } } });
    assert.deepEqual(called(same, 'user.setAppMetadata'), []);
    const changed = await sound(opened, { user: { phone_number: '+46701740606', app_metadata: { crm_id: id } } });
    assert.equal(called(changed, 'user.setAppMetadata').length, 1);
    assert.notEqual(changed.appMetadata.crm_id, id);
  });

  it('one that fails does not take the others down, unless the config says so', async (t) => {
    const opened = await action(t, example('several-systems'), secrets);
    opened.standIns.fault('503', { host: 'identity.api.prod.cleeng.com' });
    const execution = await sound(opened);
    assert.deepEqual([execution.error, Object.keys(custom(execution))], [null, ['https://crm.example.com/name']]);
    opened.standIns.fault('503', { host: 'api.userhub.com' });
    const denied = await sound(opened, { user: { user_id: 'auth0|2' } });
    assert.equal(denied.denied, 'We could not complete your login (userhub: unavailable).');
    assert.deepEqual(
      denied.commands.map(({ method }) => method),
      ['access.deny'],
      'a denied login writes nothing',
    );
  });

  it('they are asked side by side', async (t) => {
    const opened = await action(t, example('several-systems'), secrets);
    const host = await behindGate(t, opened, withConfig(PASTE, example('several-systems')), 3);
    for (const n of [1, 2]) {
      const user = { user_id: `auth0|${n}`, email: `u${n}@example.com` };
      const { requests } = await host.execute('post-login', opened.event({ user }));
      assert.deepEqual(
        requests.map(({ status }) => status),
        [200, 200, 200],
      );
    }
  });
});

/**
 * An instance whose requests reach the tenant's stand-ins only when so many are on their way.
 * @param {import('node:test').TestContext} t
 * @param {import('../../tools/tenant/tenant.mjs').Tenant} opened
 * @param {string} code
 * @param {number} many
 */
async function behindGate(t, opened, code, many) {
  /** @type {(() => void)[]} */
  const waiting = [];
  const proxy = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    waiting.push(() => {
      const onward = http.request(
        { host: '127.0.0.1', port: opened.standIns.port, agent: false, method, path, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    });
    if (waiting.length === many) for (const pass of waiting.splice(0)) pass();
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', () => done(undefined)));
  const redirect = createRedirect(/** @type {import('node:net').AddressInfo} */ (proxy.address()).port);
  t.after(() => {
    redirect.close();
    proxy.close();
  });
  return createHost(code, { require: redirect.require });
}

describe('a signed webhook (examples/signed-webhook)', () => {
  const WEBHOOK_KEY = 'a key of 32 bytes that is invented';
  const part = (/** @type {string | undefined} */ text) => JSON.parse(Buffer.from(text ?? '', 'base64url').toString());

  it('carries a token that vouches for its body, a new one for each try', async (t) => {
    const opened = await action(t, example('signed-webhook'), { WEBHOOK_KEY });
    opened.standIns.fault('503', { times: 1 });
    const before = Math.floor(Date.now() / 1000);
    const { requests } = await sound(opened);
    assert.deepEqual(
      requests.map(({ status }) => status),
      [503, 200],
    );
    const ids = requests.map(({ headers, body }) => {
      const [head, claims, signature] = (headers.authorization ?? '').replace(/^Bearer /, '').split('.');
      assert.equal(signature, createHmac('sha256', WEBHOOK_KEY).update(`${head}.${claims}`).digest('base64url'));
      assert.deepEqual(part(head), { alg: 'HS256', typ: 'JWT' });
      const { iat, exp, jti, ...rest } = part(claims);
      assert.deepEqual(rest, {
        iss: 'login-sync',
        sub: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
        aud: 'https://hooks.example.com/login',
        body_sha256: createHash('sha256').update(body).digest('base64url'),
      });
      assert.ok(iat >= before && iat <= Date.now() / 1000 && exp - iat === 60);
      return jti;
    });
    assert.notEqual(ids[0], ids[1], 'a token is good once');
    assert.equal(
      requests[0]?.headers['idempotency-key'],
      requests[1]?.headers['idempotency-key'],
      'and the request is the same',
    );
  });
});

describe('a default role (examples/default-role)', () => {
  it('gives users who do not have it a role, by the Management API', async (t) => {
    /** @type {any[]} */
    const seen = [];
    const secrets = { MANAGEMENT_TENANT: 'acme', MANAGEMENT_CLIENT_ID: 'm2m', MANAGEMENT_CLIENT_SECRET: 'm2m-secret' };
    const one = await tenant(t, {
      code: withConfig(PASTE, example('default-role')),
      secrets,
      systems: [
        {
          name: 'auth0',
          serves: (host) => host === 'acme.auth0.com',
          answer({ method, path, headers, body }) {
            seen.push([method, path]);
            if (path === '/oauth/token') {
              assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
                grant_type: 'client_credentials',
                audience: 'https://example.auth0.com/api/v2/',
                client_id: 'm2m',
                client_secret: 'm2m-secret',
              });
              return {
                status: 200,
                body: { access_token: 'management-token', expires_in: 86_400, token_type: 'Bearer' },
              };
            }
            assert.equal(headers.authorization, 'Bearer management-token');
            assert.deepEqual(JSON.parse(body), { roles: ['rol_1234567890abcdef'] });
            return { status: 204 };
          },
          error: (status) => ({ statusCode: status }),
        },
      ],
    });
    const login = (/** @type {string[]} */ roles) =>
      one.login({ user: { user_id: 'auth0|a/b' }, authorization: { roles } });
    assert.match(lastLine(await login([])), / role=ok:204:/);
    assert.match(lastLine(await login(['member'])), / role=skipped/);
    assert.match(lastLine(await login([])), / role=ok:204:/);
    const roles = ['POST', '/api/v2/users/auth0%7Ca%2Fb/roles'];
    assert.deepEqual(seen, [['POST', '/oauth/token'], roles, roles]);
  });
});
