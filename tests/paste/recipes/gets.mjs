// The cases of the recipes for what a login gets.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { jwtVerify } from 'jose';
import { form, guarded, outcome, person } from './page.mjs';

const ID = 'auth0|67a1f0c2d4b8e9000a1b2c3d';

/** jose needs more than Node 18 has. */
const CAN_VERIFY = Boolean(globalThis.crypto);

/** @type {Record<string, import('./page.mjs').Case>} */
export const GETS = {
  'A Supabase token': async (open) => {
    const secret = 'an invented key of Supabase, 40 bytes or so';
    const { login } = await open({ secrets: { SUPABASE_JWT_SECRET: secret } });
    const { claims, access } = await login();
    assert.deepEqual(access, {});
    const token = String(claims['https://example.com/supabase']);
    assert.equal(token.split('.').length, 3);
    if (!CAN_VERIFY) return;
    const { payload, protectedHeader } = await jwtVerify(token, Buffer.from(secret), {
      algorithms: ['HS256'],
      audience: 'authenticated',
      issuer: 'https://abcdefghijklmnop.supabase.co/auth/v1',
      subject: ID,
    });
    const { iat = 0, exp = 0, role, email } = payload;
    assert.deepEqual(
      [protectedHeader.typ, exp - iat, role, email],
      ['JWT', 3600, 'authenticated', 'maja.lindqvist@example.com'],
    );
    await assert.rejects(jwtVerify(token, Buffer.from('another key of 32 bytes, or more')));
  },

  "Intercom's user hash": async (open) => {
    const secret = 'intercom-invented';
    const { login } = await open({ secrets: { INTERCOM_SECRET: secret } });
    for (const id of [ID, 'google-oauth2|1', 'auth0|é']) {
      const { claims } = await login({ user: { user_id: id } });
      assert.equal(claims['https://example.com/intercom_hash'], createHmac('sha256', secret).update(id).digest('hex'));
    }
  },

  'A default role': async (open) => {
    const secrets = {
      MANAGEMENT_TENANT: 'example-media-1',
      MANAGEMENT_CLIENT_ID: 'management-client',
      MANAGEMENT_CLIENT_SECRET: 'management-invented',
    };
    const host = 'example-media-1.auth0.com';
    /** @type {Map<string, string[]>} */
    const roles = new Map();
    /** @type {import('./page.mjs').Answering} */
    const answer = ({ method, path, headers, body }) => {
      if (path === '/oauth/token') {
        assert.deepEqual(form(body), {
          grant_type: 'client_credentials',
          client_id: 'management-client',
          client_secret: 'management-invented',
          audience: 'https://example.auth0.com/api/v2/',
        });
        return { status: 200, body: { access_token: 'management-token', expires_in: 86_400, token_type: 'Bearer' } };
      }
      if (headers.authorization !== 'Bearer management-token') return 401;
      const [, id = ''] = /^\/api\/v2\/users\/([^/]+)\/roles$/.exec(path) ?? [];
      assert.equal(method, 'POST');
      roles.set(decodeURIComponent(id), JSON.parse(body).roles);
      return { status: 204, body: '' };
    };
    const { login, fault } = await open({
      secrets,
      answers: { [host]: answer },
      loose: [host],
      plain: ['MANAGEMENT_TENANT'],
    });
    const claim = 'https://example.com/roles';
    const first = await login();
    assert.deepEqual(first.sent, [
      `POST https://${host}/oauth/token`,
      `POST https://${host}/api/v2/users/${encodeURIComponent(ID)}/roles`,
    ]);
    assert.deepEqual([...roles], [[ID, ['rol_1234567890abcdef']]]);
    assert.deepEqual(first.access, { [claim]: ['subscriber', 'member'] });
    const none = await login(person('2', {}));
    assert.deepEqual([none.sent.length, roles.size], [1, 2]);
    const has = await login({ authorization: { roles: ['member'] } });
    assert.deepEqual([has.sent, has.access], [[], { [claim]: ['member'] }]);
    fault('503');
    const down = await login({ ...person('3'), authorization: null });
    assert.deepEqual([down.denied, down.access, outcome(down, 'role')], [null, { [claim]: [] }, 'unavailable']);
  },

  'Scopes by plan': async (open) => {
    const { login } = await open();
    const asked = { transaction: { requested_scopes: ['openid', 'write:posts'] } };
    for (const [user, wanted] of /** @type {[any, string[]][]} */ ([
      [{}, ['openid', 'write:posts']],
      [{ app_metadata: { plan: 'gold' } }, ['export:reports', 'openid', 'read:reports', 'write:posts']],
      [{ app_metadata: { plan: 'silver' }, email_verified: false }, ['openid']],
      [{ app_metadata: { plan: 'gold' }, email_verified: null }, ['export:reports', 'openid', 'read:reports']],
    ])) {
      const { scope } = await login({ ...asked, user });
      assert.deepEqual(scope.split(' ').sort(), wanted, JSON.stringify(user));
    }
  },

  'A SAML attribute from a CRM': async (open) => {
    let body = /** @type {any} */ ({
      id: 'p-1',
      department: { name: 'Sales' },
      cost_centers: [{ code: 'K1' }, { code: 'K2' }],
    });
    const answers = {
      'crm.example.com': guarded('GET', { 'x-api-key': 'key-invented' }, () => ({ status: 200, body })),
    };
    const { login } = await open({ secrets: { CRM_API_KEY: 'key-invented' }, answers });
    const saml = { transaction: { protocol: 'samlp' } };
    const wanted = { 'https://example.com/department': 'Sales', 'https://example.com/cost_centers': ['K1', 'K2'] };
    const first = await login(saml);
    assert.deepEqual(first.saml, wanted);
    const fresh = await login({ ...saml, user: { app_metadata: first.appMetadata } });
    assert.deepEqual([fresh.sent, fresh.saml], [[], wanted]);
    assert.deepEqual((await login()).sent, [], 'another protocol');
    body = { id: 'p-2', department: null };
    const bare = await login({ ...saml, ...person('2') });
    assert.deepEqual(bare.saml, {});
    body = { error: 'unknown' };
    assert.equal(outcome(await login({ ...saml, ...person('3') }), 'directory'), 'rejected:expect');
  },

  'A plan that ends': async (open) => {
    let body = /** @type {any} */ ({ status: 'active', plan: { name: 'gold', until: '2027-01-01' } });
    const answers = {
      'billing.example.com': guarded('GET', { authorization: 'Bearer billing-invented' }, () => ({
        status: 200,
        body,
      })),
    };
    const { login, fault, heal } = await open({ secrets: { BILLING_TOKEN: 'billing-invented' }, answers });
    const first = await login();
    const plan = { name: 'gold', until: '2027-01-01' };
    assert.deepEqual([first.appMetadata, first.access], [{ plan }, { 'https://example.com/plan': 'gold' }]);
    const kept = { user: { app_metadata: { plan, other: 1 } } };
    assert.deepEqual(
      (await login(kept)).commands.map(({ method }) => method),
      ['accessToken.setCustomClaim'],
      'no write',
    );
    // Nothing but a good answer takes it away.
    for (const name of ['503', '404', '401', 'garbage', 'empty', 'reset']) {
      fault(name);
      const { commands, appMetadata, sent } = await login(person(name, kept.user));
      assert.deepEqual([commands, appMetadata, sent.length > 0], [[], { plan, other: 1 }, true], name);
      heal();
      await login(kept);
    }
    body = {};
    assert.deepEqual((await login(kept)).appMetadata, { plan, other: 1 });
    body = { status: 'none' };
    const ended = await login(kept);
    assert.deepEqual([ended.appMetadata, ended.access], [{ other: 1 }, {}]);
    assert.deepEqual(
      ended.commands.map(({ method, args }) => [method, ...args]),
      [['user.setAppMetadata', 'plan', null]],
    );
    body = { status: 'active', plan: { name: 'silver' } };
    assert.deepEqual((await login(kept)).appMetadata, { plan: { name: 'silver' }, other: 1 });
  },

  'A query parameter by name': async (open) => {
    const { login } = await open();
    for (const [campaign, known, wanted] of /** @type {[any, any, any][]} */ ([
      ['spring', {}, { campaign: 'spring' }],
      ['autumn', { campaign: 'spring', other: 1 }, { campaign: 'spring', other: 1 }],
      ['<script>', {}, {}],
      [undefined, { campaign: 'spring' }, { campaign: 'spring' }],
      [undefined, {}, {}],
      [['spring'], {}, {}],
    ])) {
      const { userMetadata, line } = await login({ request: { query: { campaign } }, user: { user_metadata: known } });
      assert.deepEqual(userMetadata, wanted, `${campaign}: ${line}`);
    }
  },
};
