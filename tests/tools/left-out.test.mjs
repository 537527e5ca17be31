// The library: what it says was left out of a login, and why.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../tools/library/index.mjs';
import { HOST, one, why } from './one-system.mjs';

describe('what was left out', () => {
  it('is a claim, a key, an attribute and a field, with what is null', async () => {
    const login = await simulate(
      {
        ...one({
          request: { url: `https://${HOST}/`, body: { a: 'user.email', b: { c: 'user.middle_name' } } },
          response: {
            keep: { id: 'data.id' },
            idToken: { name: 'data.name', all: { a: 'data.a', n: 'data.n' } },
            appMetadata: { key: 'data.key' },
            saml: { role: 'roles[0]' },
          },
        }),
        claims: {
          accessToken: { id: 'syncs.acme.answer.id', nick: 'user.nick || user.user_metadata.nick', email: "'x'" },
        },
      },
      {
        answers: { [HOST]: { body: { data: { n: 1 }, roles: [] } } },
        over: { transaction: { requested_scopes: ['openid'] } },
      },
    );
    assert.deepEqual(why(login), [
      'config.claims.accessToken.id: `data.id` is null in the answer of `acme`',
      'config.claims.accessToken.nick: `user.nick` is null, `user.user_metadata.nick` is null',
      'config.claims.accessToken.email: Auth0 drops it: a profile claim without the scope `email`',
      'config.syncs[0].request.body.b.c: `user.middle_name` is null',
      'config.syncs[0].response.idToken.name: `data.name` is null',
      'config.syncs[0].response.idToken.all.a: `data.a` is null',
      'config.syncs[0].response.saml.role: `roles[0]` is null',
      'config.syncs[0].response.appMetadata.key: `data.key` is null',
    ]);
  });

  it('is an entry that had nothing to do, and what reads it', async () => {
    const login = await simulate({
      ...one({ when: 'user.app_metadata.plan' }),
      claims: { idToken: { a: 'syncs.acme.answer.plan' } },
    });
    assert.deepEqual(why(login), [
      'config.claims.idToken.a: `acme` ended `skipped`',
      'config.syncs[0]: skipped: `user.app_metadata.plan` is null',
    ]);
  });

  it('is an entry that failed', async () => {
    assert.deepEqual(why(await simulate(one(), { faults: 'timeout' })), [
      'config.syncs[0].response: acme ended unavailable (timeout)',
    ]);
    assert.deepEqual(why(await simulate(one(), { over: { user: { user_id: null } } })), [
      'config.syncs[0].request.params.id: `user.user_id` is null',
      'config.syncs[0].response: acme ended invalid (url-param)',
    ]);
  });

  it('is a field of a form, and a header', async () => {
    const request = {
      url: `https://${HOST}/`,
      headers: {
        'x-plan': { value: 'user.email', when: 'user.plan' },
        'X-Id': { value: 'user.user_id' },
        'x-key': { secret: 'KEY' },
      },
      form: { mail: 'user.email', nick: 'user.nick', metadata: { a: 'user.a', id: 'user.user_id' }, tags: ["'x'"] },
    };
    assert.deepEqual(why(await simulate(one({ request, response: null }))), [
      'config.syncs[0].request.headers.x-plan.when: `user.plan` is null',
      'config.syncs[0].request.form.nick: `user.nick` is null',
      'config.syncs[0].request.form.metadata.a: `user.a` is null',
    ]);
  });

  it('is a request that could not be made', async () => {
    const of = (/** @type {any} */ request) =>
      simulate(one({ request: { url: `https://${HOST}/`, ...request }, response: null }));
    assert.deepEqual(why(await of({ text: "join(' ', [user.email, user.nick])" })), [
      'config.syncs[0].request.text: `user.nick` is null',
      'config.syncs[0]: acme ended invalid (body-expression)',
    ]);
    assert.deepEqual(why(await of({ body: { a: ['lower(user.nick)'], b: 'user.email', c: { secret: 'KEY' } } })), [
      'config.syncs[0].request.body.a[0]: `user.nick` is null',
      'config.syncs[0]: acme ended invalid (body-expression)',
    ]);
    assert.deepEqual(why(await of({ headers: { 'x-a': { value: 'lower(user.nick)' }, 'x-b': { bearer: 'KEY' } } })), [
      'config.syncs[0].request.headers.x-a.value: `user.nick` is null',
      'config.syncs[0]: acme ended invalid (header-value)',
    ]);
    assert.deepEqual(why(await of({ text: '[user.email]' })), ['config.syncs[0]: acme ended invalid (body-text)']);
  });

  it('is null in an answer that was kept', async () => {
    const config = one({ freshForSeconds: 600, response: { idToken: { plan: 'plan', tier: 'tier' } } });
    const { logins } = await simulate(config, { logins: 2, answers: { [HOST]: { body: { plan: 'gold' } } } });
    assert.deepEqual(logins.map(why), [
      ['config.syncs[0].response.idToken.tier: `tier` is null'],
      ['config.syncs[0].response.idToken.tier: it is null in the answer that was kept'],
    ]);
  });

  it('is a scope that was not added or not taken away', async () => {
    const add = [
      "'read:all'",
      'user.app_metadata.scopes',
      { value: "'read:gold'", when: "user.app_metadata.plan == 'gold'" },
      { value: "'read:now'", when: 'user.email_verified' },
      "user.app_metadata.role || 'read:basics'",
      "user.app_metadata.plan == 'gold' && 'read:more' || `null`",
      'syncs.acme.answer.scopes',
      "'write:all'",
    ];
    const remove = ["'write:all'", 'user.app_metadata.lost'];
    const login = await simulate({ ...one(), scopes: { add, remove } }, { faults: '503' });
    assert.deepEqual(why(login).slice(0, -1), [
      'config.scopes.remove[1]: `user.app_metadata.lost` is null',
      'config.scopes.add[1]: `user.app_metadata.scopes` is null',
      'config.scopes.add[2].when: `user.app_metadata.plan` is null',
      'config.scopes.add[6]: `acme` ended `unavailable`',
      'config.scopes.add[7]: `scopes.remove` takes it away',
    ]);
    const none = { scopes: { add: ["user.app_metadata.plan == 'gold' && 'read:more' || `null`"] } };
    assert.deepEqual(why(await simulate(none)), ['config.scopes.add[0]: `user.app_metadata.plan` is null']);
    assert.deepEqual(why(await simulate(none, { over: { user: { app_metadata: { plan: 'gold' } } } })), []);
    const wrong = { scopes: { add: ['user.app_metadata.scopes'] } };
    assert.deepEqual(why(await simulate(wrong, { over: { user: { app_metadata: { scopes: 'a b' } } } })), [
      'config.scopes.add[0]: it came to null, or the log says why: scopes-invalid',
    ]);
  });

  it('is not told of a login that is denied, but for what was not sent', async () => {
    const config = { ...one(), claims: { idToken: { a: 'user.nick' } }, deny: [{ when: 'user.email', reason: 'no' }] };
    assert.deepEqual(why(await simulate(config)), []);
  });

  it('is nothing where all is there', async () => {
    assert.deepEqual(why(await simulate(one(), { answers: { [HOST]: { body: { plan: 'gold' } } } })), []);
    assert.deepEqual(why(await simulate({})), []);
  });

  it('is never what a secret or a condition is made with', async () => {
    const signed = { hmac: { secret: 'KEY', of: 'user.user_id', prefix: 'v1=' } };
    const sent = { key: { secret: 'API_KEY', prefix: 'p:' }, signed, set: { value: 'user.email', when: 'user.email' } };
    const config = {
      syncs: [
        {
          name: 'crm',
          request: { url: `https://${HOST}/`, body: { ...sent, not: { value: '`1`', when: 'user.fax' } } },
        },
      ],
      claims: {
        idToken: {
          hash: { hmac: { ...signed.hmac, secret: 'OTHER' } },
          empty: { secret: 'user.fax', name: 'user.fax' },
        },
      },
    };
    const login = await simulate(/** @type {any} */ (config));
    assert.deepEqual(why(login), [
      'config.claims.idToken.empty.secret: `user.fax` is null',
      'config.claims.idToken.empty.name: `user.fax` is null',
      'config.syncs[0].request.body.not.when: `user.fax` is null',
    ]);
  });
});
