// The paste and the systems that it has a preset for: each of them through the pasted file under the strict host, against stand-ins
// that check the contract. What the config can say beyond that is tested elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problems, withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent, overlay } from '../../tools/tenant/event.mjs';
import { sign } from '../../tools/tenant/systems/cleeng.mjs';
import { assertSound, bodies, REALMS, SECRETS, SLACK_MS, tenant } from './support.mjs';
import { action, custom, example, lastLine, PASTE, sound, USERHUB } from './systems.mjs';

describe('Cleeng', () => {
  /** The payload of the published snippet. @param {any} event */
  const published = (event) => {
    const user = event.user || {};
    const userMetadata = user.user_metadata || {};
    const appMetadata = user.app_metadata || {};
    return JSON.stringify({
      auth0Id: user.user_id,
      email: user.email,
      firstName: user.given_name || userMetadata.firstName || appMetadata.firstName || '',
      lastName: user.family_name || userMetadata.lastName || appMetadata.lastName || '',
      locale: 'en_US',
      country: 'US',
      currency: 'USD',
      userIpAddress: event.request?.ip || event.client?.ip || '',
    });
  };

  for (const realm of REALMS) {
    it(`is told at login what the published snippet tells it, and its token becomes a claim (${realm} realm)`, async (t) => {
      const opened = await tenant(t, { code: withConfig(PASTE, {}), secrets: SECRETS, realm });
      for (const [at, over] of [
        {},
        {
          user: {
            given_name: null,
            family_name: '',
            user_metadata: { firstName: 'M\u00e5ja "x"' },
            app_metadata: { firstName: 'no', lastName: 'L' },
          },
        },
        { user: { given_name: null, family_name: null }, request: null },
      ].entries()) {
        // Another user each time, so that no answer is reused.
        const whole = overlay(over, { user: { user_id: `auth0|${at}`, email: `u${at}@example.com` } });
        const execution = await sound(opened, whole);
        const [request] = execution.requests;
        assert.equal(execution.requests.length, 1);
        assert.deepEqual(
          [request?.method, request?.url],
          ['POST', 'https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token'],
        );
        assert.equal(request?.headers.authorization, `Bearer ${SECRETS.CLEENG_CLIENT_SECRET}`);
        assert.equal(request?.headers['content-type'], 'application/json');
        assert.equal(request?.body, published(opened.event(whole)));
        assert.deepEqual(custom(execution), {
          cleeng_access_token: JSON.parse(request?.responseBody ?? '').accessToken,
        });
      }
    });
  }

  it('is not asked again while its token is good', async (t) => {
    const opened = await action(t, {}, SECRETS);
    const first = await sound(opened);
    const exchange = await sound(opened, { transaction: { protocol: 'oauth2-refresh-token' } });
    assert.deepEqual([first.requests.length, exchange.requests.length], [1, 0]);
    assert.deepEqual(custom(exchange), custom(first));
    assert.match(lastLine(exchange), / cleeng=reused( |$)/);
  });

  it('is told at registration, where there are no claims', async (t) => {
    const opened = await action(t, {}, SECRETS);
    const execution = await sound(opened, undefined, 'register');
    assert.equal(execution.requests[0]?.body, published(fakeEvent('post-user-registration')));
    assert.deepEqual(execution.commands, []);
    assert.match(lastLine(execution), / result=done /);
  });

  it('takes a rotated secret without a break', async (t) => {
    const next = sign({ publisherId: '123456789', n: 2 }, 'k');
    const opened = await action(t, {}, { ...SECRETS, CLEENG_CLIENT_SECRET_NEXT: next });
    opened.standIns.systems.cleeng.accepted = [next];
    const first = await sound(opened);
    assert.deepEqual(
      first.requests.map(({ status }) => status),
      [401, 200],
    );
    assert.ok(custom(first).cleeng_access_token);
    const second = await sound(opened, { user: { user_id: 'auth0|2', email: 'u2@example.com' } });
    assert.deepEqual(
      second.requests.map(({ status }) => status),
      [200],
      'the secret that works is tried first from now on',
    );
  });

  for (const [what, fault, requests, outcome] of /** @type {[string, string, number, string][]} */ ([
    ['a field it misses', '400', 1, 'rejected'],
    ['a secret it refuses', '401', 1, 'unauthorized'],
    ['an email that is another user’s', '409', 1, 'conflict'],
    ['trouble', '503', 2, 'unavailable'],
    ['an answer without sense', 'garbage', 1, 'invalid'],
  ])) {
    it(`denies the login for ${what}, and asks again only where that helps`, async (t) => {
      const opened = await action(t, {}, SECRETS);
      opened.standIns.fault(fault);
      const execution = await sound(opened);
      assert.equal(execution.requests.length, requests);
      assert.equal(execution.error?.error_description, `We could not complete your login (cleeng: ${outcome}).`);
      assert.deepEqual(
        execution.commands.map(({ method }) => method),
        ['access.deny'],
      );
      assert.match(lastLine(execution), new RegExp(` result=denied .* cleeng=${outcome}:`));
    });
  }

  it('gets country, locale and currency from the event (examples/cleeng-better-fields)', async (t) => {
    const opened = await action(t, example('cleeng-better-fields'), SECRETS);
    for (const [n, [over, expected]] of /** @type {[Record<string, any>, string[]][]} */ ([
      [{}, ['sv_SE', 'SE', 'SEK']],
      [{ transaction: { locale: 'de' }, request: { geoip: { countryCode: 'DE' } } }, ['de_DE', 'DE', 'EUR']],
      [{ transaction: { locale: 'en' }, request: { geoip: { countryCode: 'GB' } } }, ['en_GB', 'GB', 'GBP']],
      [{ transaction: { locale: 'pt-BR' }, request: { geoip: { countryCode: 'BR' } } }, ['en_US', 'BR', 'USD']],
      [{ transaction: null, request: { geoip: null } }, ['en_US', 'US', 'USD']],
    ]).entries()) {
      await sound(opened, overlay(over, { user: { user_id: `auth0|${n}`, email: `u${n}@example.com` } }));
      const { locale, country, currency } = bodies(opened, 'cleeng').at(-1);
      assert.deepEqual([locale, country, currency], expected);
    }
    const registered = await sound(opened, { user: { user_id: 'auth0|r', email: 'r@example.com' } }, 'register');
    assert.equal(registered.requests[0]?.status, 200);
  });
});

describe('UserHub', () => {
  /** As its package spells an id. @param {string} id */
  const spelled = (id) =>
    encodeURIComponent(id).replace(/%(24|26|2B|2C|3B|3D|3A|40)/g, (code) => decodeURIComponent(code));

  it('imports the user under the exact URL, with no body', async (t) => {
    const opened = await action(t, { syncs: [{ use: 'userhub' }] }, USERHUB);
    for (const id of [
      'auth0|123',
      'email|maja@example.com',
      'oidc|a b/c?d#e%f',
      "samlp|o'hara!(*)~x",
      'ad|$&+,;=:@',
      'auth0|\u00e5\u{1f600}',
    ]) {
      const execution = await sound(opened, { user: { user_id: id } });
      const [request] = execution.requests;
      assert.deepEqual(
        [request?.method, request?.url, request?.body, request?.status],
        ['POST', `https://api.userhub.com/admin/v1/users/${spelled(`${id}@conn_x`)}:import`, '', 200],
        id,
      );
      assert.equal(request?.headers.authorization, 'Bearer sk_abc123');
      assert.equal(request?.headers['userhub-api-version'], '2025-05-01');
      assert.equal(request?.headers['content-type'], undefined);
      assert.ok(opened.standIns.systems.userhub.imports.has(id));
      assert.deepEqual(execution.commands, [], 'it sets no claim unless it is told to');
    }
  });

  it('takes the names of the secrets of its page too, where the config says `use`', async (t) => {
    const generic = { API_KEY: 'sk_generic', CONNECTION_ID: 'conn_y' };
    const opened = await action(t, { syncs: [{ use: 'userhub' }] }, generic);
    const { requests } = await sound(opened, { user: { user_id: 'auth0|1' } });
    assert.deepEqual(
      [requests[0]?.url, requests[0]?.status],
      ['https://api.userhub.com/admin/v1/users/auth0%7C1@conn_y:import', 200],
    );
  });

  it('is on with an empty config under names of its own alone', async (t) => {
    assert.equal((await sound(await action(t, {}, USERHUB))).requests[0]?.status, 200);
    assert.match(problems(PASTE, {}, { API_KEY: 'sk_x', CONNECTION_ID: 'conn_x' })[0]?.message ?? '', /^nothing to do/);
  });

  it('gives its id and the plan as claims (examples/userhub-claims)', async (t) => {
    const execution = await sound(await action(t, example('userhub-claims'), USERHUB));
    const answer = JSON.parse(execution.requests[0]?.responseBody ?? '');
    assert.deepEqual(custom(execution), { 'https://example.com/userhub_id': answer.id });
    assert.deepEqual(custom(execution, 'accessToken'), { 'https://example.com/plan': 'pln_basic' });
  });

  it('denies the login when it fails, as its own package does', async (t) => {
    const opened = await action(t, { syncs: [{ use: 'userhub' }] }, USERHUB);
    opened.standIns.fault('403');
    assert.equal((await sound(opened)).denied, 'We could not complete your login (userhub: unauthorized).');
  });
});

describe('Okta Workflows', () => {
  const url = 'https://acme.workflows.okta.com/api/flo/sync-user/invoke';
  const token = 'f10w-t0ken';

  for (const [what, secrets] of /** @type {[string, Record<string, string>][]} */ ([
    ['in the copied URL', { OKTA_WORKFLOWS_URL: `${url}?clientToken=${token}` }],
    ['in a secret of its own', { OKTA_WORKFLOWS_URL: url, OKTA_WORKFLOWS_CLIENT_TOKEN: token }],
    ['in both', { OKTA_WORKFLOWS_URL: `${url}?clientToken=an-old-one`, OKTA_WORKFLOWS_CLIENT_TOKEN: token }],
  ])) {
    it(`gets the client token as a header, and never in the URL: ${what}`, async (t) => {
      const opened = await action(t, {}, secrets);
      const execution = await opened.login();
      const [request] = execution.requests;
      assert.deepEqual([request?.url, request?.headers['x-api-client-token'], request?.status], [url, token, 200]);
      // The URL itself is what is asked for; its token is what must not be seen.
      assertSound(execution, { ...opened.event(), secrets: { token } });
      assert.deepEqual(bodies(opened, 'workflows'), [
        {
          user: {
            user_id: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
            email: 'maja.lindqvist@example.com',
            email_verified: true,
            name: 'Maja Lindqvist',
          },
          connection: 'customers',
          client_id: 'aBcD1234eFgH5678iJkL9012mNoP3456',
          organization: 'org_eX4mPl3M3d1a',
          logins_count: 7,
        },
      ]);
    });
  }

  it('keeps what else is in the query', async (t) => {
    const opened = await action(t, {}, { OKTA_WORKFLOWS_URL: `${url}?a=1&clientToken=${token}&b=2` });
    assert.equal((await opened.login()).requests[0]?.url, `${url}?a=1&b=2`);
  });

  it('never holds up a login', async (t) => {
    for (const fault of ['401', '500', 'timeout', 'reset']) {
      const opened = await action(t, {}, { OKTA_WORKFLOWS_URL: `${url}?clientToken=${token}` });
      opened.standIns.fault(fault);
      const execution = await opened.login();
      assert.deepEqual([execution.error, execution.requests.length], [null, 1], fault);
      assert.ok(execution.ms < 1500 + SLACK_MS, fault);
      assert.match(lastLine(execution), / result=allowed .* okta-workflows=un(authorized|available):/);
    }
  });

  it('gets more of the event, but not at refresh-token exchanges (examples/okta-workflows)', async (t) => {
    const opened = await action(t, example('okta-workflows'), { OKTA_WORKFLOWS_URL: `${url}?clientToken=${token}` });
    await opened.login();
    const [body] = bodies(opened, 'workflows');
    assert.deepEqual(
      [body.ip, body.country, body.roles, body.user.name, body.logins_count],
      ['203.0.113.24', 'SE', ['subscriber'], 'Maja Lindqvist', 7],
    );
    assert.deepEqual((await sound(opened, { transaction: { protocol: 'oauth2-refresh-token' } })).requests, []);
  });
});
