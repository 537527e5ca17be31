// What a simulated login gives a program: the result as plain data; and the event that it is about.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEvent, overlay, PASSWORD, SECRETS } from '../../tools/tenant/event.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';
import { ACTION } from './own-action.mjs';

describe('a result', () => {
  const options = { code: ACTION, trigger: /** @type {const} */ ('post-login'), secrets: SECRETS };

  it('is plain data', async () => {
    const done = await run({ ...options, repeat: 2 }, localTenant);
    assert.deepEqual(JSON.parse(JSON.stringify(done)), done);
    const [first, second] = done.results;
    assert.deepEqual(
      [first?.outcome, first?.denied, first?.mfa, first?.faults, first?.requests.length, done.results.length],
      ['allowed', null, null, [], 1, 2],
    );
    assert.deepEqual(
      first?.commands.map(({ method }) => method),
      ['idToken.setCustomClaim', 'accessToken.setCustomClaim', 'accessToken.setCustomClaim', 'user.setAppMetadata'],
    );
    assert.deepEqual(
      [first?.requests[0]?.standIn, first?.tokens?.idToken?.inside.cleeng_access_token?.customerId],
      ['cleeng', '971740740'],
    );
    assert.deepEqual([first?.appMetadata, second?.appMetadata], [{ seen: 1 }, { seen: 2 }]);
  });

  it('holds what went wrong after the end', async () => {
    const code =
      "let later; exports.onExecutePostLogin = async (event, api) => { if (later) return new Promise((done) => later.then(done)); later = new Promise((done) => setTimeout(() => { api.access.deny('late'); done(); }, 20)); };";
    const { results } = await run({ ...options, code, repeat: 2 }, localTenant);
    assert.deepEqual(
      results.map(({ faults }) => faults.map(({ kind }) => kind)),
      [['late call'], []],
    );
  });

  it('leaves metadata alone that is no object', async () => {
    const code =
      'exports.onExecutePostLogin = async (event) => console.log(JSON.stringify([event.user.app_metadata, event.user.user_metadata]));';
    const { results } = await run(
      { ...options, code, repeat: 2, event: { user: { app_metadata: 'text', user_metadata: null } } },
      localTenant,
    );
    assert.deepEqual(
      results.map(({ log }) => log[0]?.text),
      ['["text",null]', '["text",{}]'],
    );
  });

  it('takes secrets for good that the config sends to a host', async () => {
    const secrets = { CLEENG_CLIENT_SECRET: 'a.b.c' };
    const send = (/** @type {any} */ more) =>
      run(
        {
          ...options,
          secrets: { MINE: 'd.e.f', ...secrets },
          code: ACTION.replace('secrets.CLEENG_CLIENT_SECRET', 'secrets.MINE'),
          ...more,
        },
        localTenant,
      );
    assert.equal((await send({})).results[0]?.requests[0]?.status, 401);
    assert.equal(
      (await send({ expected: [{ host: 'identity.api.prod.cleeng.com', secrets: ['d.e.f'] }] })).results[0]?.requests[0]
        ?.status,
      200,
    );
  });
});

describe('the event', () => {
  it('is laid over field by field', () => {
    assert.deepEqual(
      overlay({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: null, e: 3 }, d: [3], f: { g: null, h: 1 } }),
      { a: { c: 2, e: 3 }, d: [3], f: { h: 1 } },
    );
    const odd = overlay({}, JSON.parse('{"__proto__": {"x": 1}}'));
    assert.deepEqual([Object.keys(odd), odd.x], [['__proto__'], undefined]);
  });

  it('is new each time, and holds a password where none may look', () => {
    const event = fakeEvent('post-login');
    assert.equal(event.request.body.password, PASSWORD);
    event.user.app_metadata.x = 1;
    event.secrets.Y = 'y';
    assert.deepEqual(fakeEvent('post-login').user.app_metadata, {});
    assert.equal(fakeEvent('post-login').secrets.Y, undefined);
  });

  it('of a registration knows no request, no transaction, no client', () => {
    assert.deepEqual(Object.keys(fakeEvent('post-user-registration')), [
      'user',
      'connection',
      'tenant',
      'configuration',
      'secrets',
    ]);
  });
});
