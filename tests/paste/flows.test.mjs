// The flows that are no login, in the pasted file: each handler is there, asks for what its flow takes and for nothing else,
// and an event comes again where that may help.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { AWAITED, EVENT_STREAM, HANDLERS, TRIGGERS } from '../../tools/tenant/limits.mjs';
import { written } from '../../tools/tenant/systems/echo.mjs';
import { assertSound, outOfOrder, REALMS, readPaste, tenant } from './support.mjs';

/** @typedef {import('../../tools/tenant/limits.mjs').Trigger} Trigger */
const AGAIN = 'login-sync: deliver this event again';

/** @param {string} name */
const example = (name) =>
  JSON.parse(readFileSync(new URL(`../../examples/${name}/config.json`, import.meta.url), 'utf8'));

/** @param {import('node:test').TestContext} t @param {any} config @param {Partial<import('../../tools/tenant/tenant.mjs').TenantOptions>} [options] */
const opened = (t, config, options) => tenant(t, { code: withConfig(readPaste(), config), ...options });

describe('each flow', () => {
  for (const realm of REALMS) {
    it(`has its handler, and is told of in the log; realm ${realm}`, async (t) => {
      const names = TRIGGERS.filter((trigger) => trigger !== 'event-stream');
      const config = { syncs: [{ name: 'crm', on: names, request: { url: 'https://crm.example.com/' } }] };
      const host = await opened(t, config, { realm });
      assert.deepEqual(Object.keys(host.host.exports), Object.values(HANDLERS));
      for (const trigger of TRIGGERS) {
        const execution = await host.run(trigger);
        assertSound(execution, fakeEvent(trigger));
        assert.deepEqual([execution.thrown, execution.refused], [null, []]);
        assert.match(execution.log[0]?.text ?? '', new RegExp(`^login-sync trigger=${trigger} result=(allowed|done) `));
        assert.equal(execution.requests.length, trigger === 'event-stream' ? 0 : 1, trigger);
      }
    });
  }

  it('sets claims of a machine', async (t) => {
    const config = example('machine-claims');
    const secrets = { CONTRACTS_TOKEN: 'a-token-of-contracts' };
    const systems = [written('contracts.example.com', [{ body: { ended: true } }])];
    const ended = await (await opened(t, config, { secrets, systems })).run('credentials-exchange');
    assert.deepEqual([ended.error?.error, ended.tokens, ended.refused], ['invalid_request', null, []]);
    const host = await opened(t, config, { secrets });
    const { tokens, error, refused } = await host.run('credentials-exchange');
    assert.deepEqual([error, tokens?.idToken, refused], [null, null, []]);
    const { claims, custom } = /** @type {any} */ (tokens).accessToken;
    assert.deepEqual(
      [claims.sub, claims['https://example.com/plan'], claims['https://example.com/client']],
      ['mAcH1ne4gH5678iJkL9012mNoP34567@clients', 'gold', 'Example Media Billing'],
    );
    assert.ok(custom.length >= 3);
  });

  it('denies a registration in two texts, or gives it metadata', async (t) => {
    const host = await opened(t, example('registration-check'), { secrets: { CRM_API_KEY: 'a-key-of-the-crm' } });
    const denied = await host.run('pre-user-registration', { user: { email: 'eve@disposable.example' } });
    assert.deepEqual(
      [denied.denied, denied.error?.error_description],
      ['a disposable address', 'Please register with an address that you keep.'],
    );
    const { error, userMetadata, refused } = await host.run('pre-user-registration');
    assert.deepEqual([error, userMetadata, refused], [null, { registered_from: 'SE' }, []]);
  });
});

describe('a login', () => {
  it('to a SAML application gets attributes, of the event and of an answer', async (t) => {
    const host = await opened(t, example('saml-attributes'), {
      secrets: { DIRECTORY_TOKEN: 'a-token-of-the-directory' },
      systems: [
        written('directory.example.com', [{ body: { department: 'Sales', groups: [{ name: 'a' }, { name: 'b' }] } }]),
      ],
    });
    const { saml } = await host.login({ transaction: { protocol: 'samlp' } });
    assert.deepEqual(saml, {
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress': 'maja.lindqvist@example.com',
      'https://example.com/organization': 'subscribers',
      'https://example.com/department': 'Sales',
      'https://example.com/groups': ['a', 'b'],
    });
    assert.equal((await host.login()).requests.length, 0, 'of another application');
  });

  it('to an organization that does not pay is denied', async (t) => {
    const secrets = { BILLING_TOKEN: 'a-token-of-billing' };
    for (const overdue of [true, false]) {
      const systems = [written('billing.example.com', [{ body: { overdue, seats: 5 } }])];
      const host = await opened(t, example('organization-claims'), { secrets, systems });
      const { denied, tokens } = await host.login();
      assert.equal(denied, overdue ? 'Please ask the administrator of your organization.' : null);
      assert.equal(tokens?.accessToken.claims['https://example.com/seats'], overdue ? undefined : 5);
    }
    const host = await opened(t, example('organization-claims'), { secrets });
    const { denied, requests } = await host.login({ organization: null });
    assert.deepEqual([denied, requests.length], [null, 0]);
  });
});

describe('an engine that breaks down', () => {
  const broken = readPaste().replace(/(const PACKED = ".{400}).{40}/, '$1');
  /** @type {[Trigger, any, string[] | null, string | null][]} each with what is denied, and what is thrown */
  const table = [
    ['post-user-registration', { syncs: [] }, null, null],
    ['post-change-password', { syncs: [] }, null, null],
    ['pre-user-registration', { syncs: [] }, null, null],
    [
      'pre-user-registration',
      { syncs: [], flows: { 'pre-user-registration': { deny: [{ when: 'user', reason: 'No' }] } } },
      [outOfOrder('registration'), outOfOrder('registration')],
      null,
    ],
    [
      'credentials-exchange',
      { syncs: [], flows: { 'credentials-exchange': { deny: [{ when: 'client', reason: 'No' }] } } },
      ['server_error', outOfOrder('exchange')],
      null,
    ],
    ['credentials-exchange', { syncs: [], deny: [{ when: 'user', reason: 'Of logins' }] }, null, null],
    ['event-stream', { syncs: [] }, null, AGAIN],
  ];
  for (const [trigger, config, denied, thrown] of table) {
    it(`${trigger}: ${denied ? 'is denied' : thrown ? 'comes again' : 'goes on'}`, async () => {
      const host = createHost(withConfig(broken, config));
      const execution = await host.execute(trigger, { ...fakeEvent(trigger), secrets: {} });
      assert.deepEqual(
        [execution.commands, execution.thrown],
        [denied ? [{ method: 'access.deny', args: denied }] : [], thrown],
      );
      const result = denied ? 'denied' : thrown ? 'again' : 'allowed';
      assert.ok(execution.log[0]?.text.startsWith(`login-sync trigger=${trigger} result=${result} warn=broken `));
    });
  }

  it('has an event come again whatever there is in `api`', async () => {
    const { exports } = createHost(withConfig(broken, { syncs: [] }));
    for (const api of [undefined, {}, { access: { deny() {} } }])
      await assert.rejects(exports.onExecuteEventStream({ secrets: {} }, api), { message: AGAIN });
  });

  for (const config of [{ sync: [] }, null, []])
    it(`and a config that is wrong: an event comes again, what can be denied is; ${JSON.stringify(config)}`, async (t) => {
      const host = await opened(t, config);
      const told = { 'post-login': 1, 'pre-user-registration': 2, 'credentials-exchange': 2 };
      for (const trigger of TRIGGERS) {
        const { commands, thrown, log } = await host.run(trigger);
        const texts = /** @type {Record<string, number>} */ (told)[trigger];
        assert.deepEqual(
          commands.map(({ args }) => args.length),
          texts ? [texts] : [],
          trigger,
        );
        const awaited = AWAITED[trigger];
        assert.equal(commands[0]?.args.at(-1), awaited && outOfOrder(awaited));
        assert.equal(thrown, trigger === 'event-stream' ? AGAIN : null);
        assert.ok(log[0]?.text.includes('result=refused'), log[0]?.text);
      }
    });
});

describe('an event stream', () => {
  const config = example('users-by-event-stream');
  const secrets = { CRM_API_KEY: 'a-key-of-the-crm' };
  const sleep = async () => {};

  it('delivers a social sign-up, once by key', async (t) => {
    const host = await opened(t, config, { secrets });
    const { delivered, attempts } = await host.stream(sleep).deliver({});
    assert.deepEqual([delivered, attempts.length], [true, 1]);
    const [request] = attempts[0]?.requests ?? [];
    assert.equal(request?.url, 'https://accounts.example.com/users/google-oauth2%7C104815162342108642975');
    const again = await host.newInstance().execute('event-stream', fakeEvent('event-stream', { secrets }));
    assert.equal(again.requests[0]?.headers['idempotency-key'], request?.headers['idempotency-key']);
  });

  it('attempts four times, and redelivers by hand', async (t) => {
    const host = await opened(t, config, { secrets });
    host.standIns.fault('503');
    const stream = host.stream(sleep);
    const { delivered, attempts } = await stream.deliver({});
    assert.deepEqual([delivered, attempts.length, stream.failed.length], [false, 4, 1]);
    for (const { thrown, log } of attempts) {
      assert.equal(thrown, AGAIN);
      assert.match(log[0]?.text ?? '', /^login-sync trigger=event-stream result=again /);
    }
  });

  it('leaves it at that where the system refuses for good', async (t) => {
    const host = await opened(t, config, { secrets });
    host.standIns.fault('400');
    const { delivered, attempts } = await host.stream(sleep).deliver({});
    assert.deepEqual([delivered, attempts.length, attempts[0]?.thrown], [true, 1, null]);
    assert.match(attempts[0]?.log[0]?.text ?? '', / result=failed /);
  });

  it('ends after 500 failures in a row, and goes on when someone has redelivered', async () => {
    const { createStream } = await import('../../tools/tenant/stream.mjs');
    let down = true;
    /** @type {any} */
    const execute = async () => ({ thrown: down ? AGAIN : null });
    const stream = createStream({ execute, sleep });
    for (let i = 0; i < EVENT_STREAM.failuresInARow; i += 1) await stream.deliver({ i });
    assert.equal(stream.enabled, false);
    assert.deepEqual((await stream.deliver({ late: true })).attempts, []);
    down = false;
    assert.equal((await stream.redeliver()).length, EVENT_STREAM.failuresInARow + 1);
    assert.deepEqual([stream.failed, stream.enable()], [[], true]);
    assert.equal((await stream.deliver({})).delivered, true);
  });
});
