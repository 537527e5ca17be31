// The cases of the recipes for accounts in other systems.
import assert from 'node:assert/strict';
import { form, guarded, outcome, person } from './page.mjs';

const ID = 'auth0|67a1f0c2d4b8e9000a1b2c3d';
const AT = `${encodeURIComponent(ID)}`;
const MAIL = 'maja.lindqvist@example.com';

/** Stripe, as far as these two requests go: customers by address, forms alone, the same answer for the same key. */
function stripe() {
  /** @type {{ id: string, object: string, email?: string, metadata: Record<string, string> }[]} */
  const customers = [];
  const state = { broken: false };
  /** @type {Map<string, { body: string, customer: any }>} */
  const keys = new Map();
  /** @type {import('./page.mjs').Answering} */
  const answer = ({ method, path, query, headers, body }) => {
    if (headers.authorization !== 'Bearer sk_test_invented') return 401;
    if (path !== '/v1/customers') return 404;
    if (state.broken) return { status: 200, body: { object: 'event' } };
    if (method === 'GET') {
      const data = customers.filter(({ email }) => email === query.get('email')).slice(0, Number(query.get('limit')));
      return { status: 200, body: { object: 'list', data, has_more: false } };
    }
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return 400;
    const key = headers['idempotency-key'] ?? '';
    const known = keys.get(key);
    if (known) return known.body === body ? { status: 200, body: known.customer } : 400;
    const { email, 'metadata[auth0_id]': auth0_id = '', ...rest } = form(body);
    assert.deepEqual(Object.keys(rest), ['name']);
    const customer = { id: `cus_${customers.length + 1}`, object: 'customer', email, metadata: { auth0_id } };
    customers.push(customer);
    keys.set(key, { body, customer });
    return { status: 200, body: customer };
  };
  return { customers, state, answer };
}

/** Salesforce: tokens by client credentials, and contacts by an external id. */
function salesforce() {
  /** @type {Map<string, any>} */
  const contacts = new Map();
  const state = { tokens: 0, revoked: 0 };
  /** @type {import('./page.mjs').Answering} */
  const answer = ({ method, path, headers, body }) => {
    if (path === '/services/oauth2/token') {
      const { grant_type, client_id, client_secret, ...rest } = form(body);
      assert.deepEqual([grant_type, rest], ['client_credentials', {}]);
      if (client_id !== 'sf-client' || client_secret !== 'sf-secret-invented') return 400;
      state.tokens += 1;
      return {
        status: 200,
        body: { access_token: `00D!${state.tokens}`, token_type: 'Bearer', instance_url: 'https://x' },
      };
    }
    const given = /^Bearer 00D!(\d+)$/.exec(headers.authorization ?? '')?.[1];
    if (!given || Number(given) <= state.revoked)
      return { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }] };
    const [, id] = /^\/services\/data\/v62\.0\/sobjects\/Contact\/Auth0_Id__c\/([^/]+)$/.exec(path) ?? [];
    if (method !== 'PATCH' || !id) return 404;
    const fields = JSON.parse(body);
    if (fields.LastName === 'Duplicate')
      return { status: 200, body: { success: false, errors: [{ statusCode: 'X' }] } };
    if (!fields.LastName) return { status: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] };
    const created = !contacts.has(decodeURIComponent(id));
    contacts.set(decodeURIComponent(id), fields);
    return {
      status: created ? 201 : 200,
      body: { id: `003${[...contacts.keys()].indexOf(decodeURIComponent(id))}`, success: true, errors: [], created },
    };
  };
  return { contacts, state, answer };
}

/** @type {Record<string, import('./page.mjs').Case>} */
export const ACCOUNTS = {
  'Stripe: find or create a customer': async (open) => {
    const secrets = { STRIPE_KEY: 'sk_test_invented' };
    const { customers, state, answer } = stripe();
    const answers = { 'api.stripe.com': answer };
    const { login, fault, heal } = await open({ secrets, answers });
    const claim = 'https://example.com/stripe_id';

    // No one by that address: created, remembered, told, and found by no further request.
    const first = await login();
    assert.deepEqual(first.sent, [
      `GET https://api.stripe.com/v1/customers?limit=1&email=${encodeURIComponent(MAIL)}`,
      'POST https://api.stripe.com/v1/customers',
    ]);
    assert.deepEqual(customers, [{ id: 'cus_1', object: 'customer', email: MAIL, metadata: { auth0_id: ID } }]);
    assert.deepEqual([first.appMetadata.stripe_id, first.claims], ['cus_1', { [claim]: 'cus_1' }]);
    const second = await login({ user: { app_metadata: first.appMetadata } });
    assert.deepEqual([second.sent, second.commands.length, second.claims], [[], 1, { [claim]: 'cus_1' }]);

    // Known by the address: found, and not created.
    const found = await login(person('other', { email: MAIL.toUpperCase() }));
    assert.deepEqual([found.sent.length, found.appMetadata.stripe_id], [1, 'cus_1']);

    // An address that no one has verified finds nothing and creates nothing.
    const unverified = await login(person('thief', { email_verified: false }));
    assert.deepEqual([unverified.sent, unverified.claims, unverified.appMetadata], [[], {}, {}]);

    // Two first logins at once: one customer. What could not be asked is not created.
    const both = await Promise.all([0, 1].map(() => login(person('two', { email: 'two@example.com' }))));
    assert.deepEqual(new Set(both.map(({ appMetadata }) => appMetadata.stripe_id)).size, 1);
    assert.equal(customers.length, 2);
    // A list that is none, and none at all.
    state.broken = true;
    const odd = await login(person('odd', { email: 'odd@example.com' }));
    assert.deepEqual([outcome(odd, 'find'), odd.sent.length, customers.length], ['rejected:expect', 1, 2]);
    state.broken = false;
    fault('503', { host: 'api.stripe.com' });
    const down = await login(person('three', { email: 'three@example.com' }));
    assert.deepEqual([outcome(down, 'find'), outcome(down, 'create')], ['unavailable', 'skipped']);
    assert.deepEqual([down.denied, down.commands, customers.length], [null, [], 2]);
    heal();
  },

  'Salesforce: upsert a contact': async (open) => {
    const secrets = {
      SALESFORCE_DOMAIN: 'acme',
      SALESFORCE_CLIENT_ID: 'sf-client',
      SALESFORCE_CLIENT_SECRET: 'sf-secret-invented',
    };
    const host = 'acme.my.salesforce.com';
    const { contacts, state, answer } = salesforce();
    const { login } = await open({
      secrets,
      answers: { [host]: answer },
      loose: [host],
      plain: ['SALESFORCE_DOMAIN'],
    });
    const upsert = `PATCH https://${host}/services/data/v62.0/sobjects/Contact/Auth0_Id__c/`;
    const first = await login();
    assert.deepEqual(first.sent, [`POST https://${host}/services/oauth2/token`, upsert + AT]);
    assert.deepEqual(contacts.get(ID), { FirstName: 'Maja', LastName: 'Lindqvist', Email: MAIL });
    assert.equal(first.appMetadata.salesforce_id, '0030');
    const fresh = await login({ user: { app_metadata: first.appMetadata } });
    assert.deepEqual([fresh.sent, outcome(fresh, 'salesforce')], [[], 'fresh']);

    const failed = await login(person('1', { family_name: 'Duplicate', app_metadata: { salesforce_id: '7' } }));
    assert.deepEqual([outcome(failed, 'salesforce'), failed.appMetadata], ['rejected:expect', { salesforce_id: '7' }]);

    // One token for all, another once it is refused; an address that is not verified is not sent.
    const other = person('2', { family_name: null, name: null, given_name: null, email_verified: false });
    assert.deepEqual((await login(other)).sent, [`${upsert}auth0%7C2`]);
    assert.deepEqual(contacts.get('auth0|2'), { LastName: 'auth0|2' });
    state.revoked = 1;
    const again = await login(person('3'));
    assert.deepEqual([outcome(again, 'salesforce'), again.sent.length, state.tokens], ['ok', 3, 2]);
  },

  'HubSpot: upsert a contact': async (open) => {
    const answers = {
      'api.hubapi.com': (/** @type {import('./page.mjs').Arrival} */ { method, path, headers, body }) => {
        if (headers.authorization !== 'Bearer pat-invented') return 401;
        assert.deepEqual([method, path], ['POST', '/crm/v3/objects/contacts/batch/upsert']);
        const { inputs } = JSON.parse(body);
        const failed = inputs.some((/** @type {any} */ { properties }) => properties.firstname === 'Refused');
        return failed
          ? {
              status: 207,
              body: { status: 'COMPLETE', results: [], numErrors: 1, errors: [{ category: 'VALIDATION_ERROR' }] },
            }
          : {
              status: 200,
              body: { status: 'COMPLETE', results: [{ id: '512', new: true, properties: inputs[0].properties }] },
            };
      },
    };
    const { login, arrivals } = await open({ secrets: { HUBSPOT_TOKEN: 'pat-invented' }, answers });
    const first = await login({ user: { email: 'Maja@Example.com' } });
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), {
      inputs: [
        {
          idProperty: 'email',
          id: 'maja@example.com',
          properties: { firstname: 'Maja', lastname: 'Lindqvist', auth0_id: ID },
        },
      ],
    });
    assert.equal(first.appMetadata.hubspot_id, '512');
    const { appMetadata } = first;
    assert.equal(outcome(await login({ user: { app_metadata: appMetadata } }), 'hubspot'), 'fresh');
    assert.equal(outcome(await login({ user: { email_verified: false } }), 'hubspot'), 'skipped');
    const refused = await login({ user: { given_name: 'Refused', app_metadata: { hubspot_id: '7' } } });
    assert.deepEqual([outcome(refused, 'hubspot'), refused.appMetadata], ['rejected:expect', { hubspot_id: '7' }]);
  },

  'A CRM once a day': async (open) => {
    let body = /** @type {any} */ ({ id: 'c-1', segments: [{ name: 'vip' }, { name: 'new' }] });
    const answers = {
      'crm.example.com': guarded('GET', { 'x-api-key': 'key-invented' }, () => ({ status: 200, body })),
    };
    const { login, fault, heal } = await open({ secrets: { CRM_API_KEY: 'key-invented' }, answers });
    const wanted = { 'https://example.com/crm_id': 'c-1', 'https://example.com/segments': ['vip', 'new'] };
    const first = await login();
    assert.deepEqual(first.claims, wanted);
    const kept = { user: { app_metadata: first.appMetadata } };
    const second = await login(kept);
    assert.deepEqual([second.sent, second.claims, outcome(second, 'crm')], [[], wanted, 'fresh']);

    // Older than a day: asked again; and the old answer is used while there is none.
    const aged = (/** @type {number} */ days) => {
      const copy = JSON.parse(JSON.stringify(first.appMetadata));
      copy.login_sync.crm.at -= days * 86_400_000;
      return { user: { app_metadata: copy } };
    };
    assert.equal((await login(aged(2))).sent.length, 1);
    fault('503');
    const stale = await login(aged(2));
    assert.deepEqual([outcome(stale, 'crm'), stale.claims], ['stale', wanted]);
    const old = await login(aged(9));
    assert.deepEqual([outcome(old, 'crm').split(':')[0], old.claims], ['unavailable', {}]);
    heal();
    body = {};
    const empty = await login(person('2'));
    assert.deepEqual([outcome(empty, 'crm'), empty.commands], ['rejected:expect', []]);
  },

  'A second system as fallback': async (open) => {
    const plan = (/** @type {string} */ name) =>
      guarded('GET', { authorization: 'Bearer accounts-invented' }, () => ({ status: 200, body: { plan: name } }));
    const answers = { 'accounts.example.com': plan('gold'), 'replica.example.com': plan('gold, as of yesterday') };
    const { login, fault } = await open({ secrets: { ACCOUNTS_TOKEN: 'accounts-invented' }, answers });
    const first = await login();
    assert.deepEqual(first.sent, [`GET https://accounts.example.com/users/${AT}`]);
    assert.deepEqual(first.access, { 'https://example.com/plan': 'gold' });
    // A no is an answer: the replica is not asked for another one.
    fault('404', { host: 'accounts.example.com', times: 1 });
    const refused = await login();
    assert.deepEqual([refused.sent.length, refused.access, outcome(refused, 'replica')], [1, {}, 'skipped']);
    fault('503', { host: 'accounts.example.com' });
    const second = await login();
    assert.equal(second.sent.at(-1), `GET https://replica.example.com/users/${AT}`);
    assert.deepEqual(second.access, { 'https://example.com/plan': 'gold, as of yesterday' });
    // Once the first is known to be down, no login waits for it.
    for (let i = 0; i < 6; i += 1) await login(person(`${i}`));
    const late = await login(person('late'));
    assert.deepEqual(late.sent.length, 1);
    assert.deepEqual(late.access, second.access);
  },

  'GraphQL with errors in a 200': async (open) => {
    /** @type {unknown} */
    let body = { data: { customer: { tier: 'gold', points: 7 } } };
    const answers = {
      'shop.example.com': guarded('POST', { authorization: 'Bearer shop-invented' }, () => ({ status: 200, body })),
    };
    const { login, arrivals } = await open({ secrets: { SHOP_TOKEN: 'shop-invented' }, answers });
    const first = await login();
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), {
      query: 'query ($id: ID!) { customer(id: $id) { tier points } }',
      variables: { id: ID },
    });
    assert.deepEqual([first.claims, first.appMetadata], [{ 'https://example.com/tier': 'gold' }, { tier: 'gold' }]);
    for (body of [
      { errors: [{ message: 'not allowed' }], data: null },
      { errors: [{ message: 'slow' }], data: { customer: { tier: 'silver' } } },
      { data: { customer: null } },
      {},
    ]) {
      const { claims, appMetadata, line, denied, ...rest } = await login({ user: { app_metadata: { tier: 'gold' } } });
      assert.deepEqual([claims, appMetadata, denied], [{}, { tier: 'gold' }, null], line);
      assert.equal(outcome(/** @type {any} */ (rest), 'shop'), 'rejected:expect');
    }
    body = { data: { customer: { points: 7 } } };
    assert.deepEqual((await login({ user: { app_metadata: { tier: 'gold' } } })).appMetadata, {});
  },
};
