// The stand-ins for the outside world: each keeps its system's contract in both directions, and each fault is the fault it says.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { describe, it } from 'node:test';
import { FAULTS, startStandIns } from '../../tools/tenant/standins.mjs';
import { sign } from '../../tools/tenant/systems/cleeng.mjs';
import { PATIENCE_MS } from '../patience.mjs';

const SECRETS = {
  CLEENG_CLIENT_SECRET: sign({ publisherId: '1' }, 'k'),
  USERHUB_API_KEY: 'sk_abc',
  USERHUB_CONNECTION_ID: 'conn_x',
  OKTA_WORKFLOWS_CLIENT_TOKEN: 'flow-token',
  OKTA_WORKFLOWS_URL: 'https://example.workflows.okta.com/api/flo/other/invoke?clientToken=url-token',
  CRM_API_KEY: 'crm-key',
};

/** @param {import('node:test').TestContext} t @param {Parameters<typeof startStandIns>[0]} [options] */
async function start(t, options) {
  const standIns = await startStandIns({ secrets: SECRETS, ...options });
  t.after(() => standIns.close());
  return standIns;
}

/**
 * @param {import('../../tools/tenant/standins.mjs').StandIns} standIns
 * @param {{ url: string, method?: string, headers?: Record<string, string>, body?: unknown }} asked
 * @param {number} [timeout] without a byte
 * @returns {Promise<{ status: number | undefined, headers: http.IncomingHttpHeaders, text: string, json: any }>}
 */
function ask(standIns, { url, method = 'POST', headers = {}, body }, timeout = PATIENCE_MS) {
  const { host, pathname, search } = new URL(url);
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((done, fail) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: standIns.port,
        agent: false,
        method,
        path: pathname + search,
        timeout,
        headers: { host, ...type, ...headers },
      },
      (response) => {
        let answer = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk) => (answer += chunk))
          .on('error', fail);
        response.on('end', () =>
          done({ status: response.statusCode, headers: response.headers, text: answer, json: parsed(answer) }),
        );
      },
    );
    request
      .on('timeout', () => request.destroy(new Error('timeout')))
      .on('error', fail)
      .end(text);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('Cleeng', () => {
  const url = 'https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token';
  const headers = { authorization: `Bearer ${SECRETS.CLEENG_CLIENT_SECRET}` };
  const body = {
    auth0Id: 'auth0|1',
    email: 'maja@example.com',
    firstName: 'Maja',
    lastName: '',
    locale: 'en_US',
    country: 'SE',
    currency: 'SEK',
    userIpAddress: '2001:db8::1',
  };

  it('answers with a signed token that says whose it is and when it ends', async (t) => {
    const standIns = await start(t, { now: () => 1_000_000_000_000 });
    for (const host of ['prod', 'sandbox']) {
      const { status, json } = await ask(standIns, { url: url.replace('prod', host), headers, body });
      assert.equal(status, 200);
      const [head, claims, signature] = json.accessToken.split('.');
      assert.equal(signature, createHmac('sha256', 'stand-in').update(`${head}.${claims}`).digest('base64url'));
      const { customerId, publisherId, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      assert.deepEqual(
        [typeof customerId, typeof publisherId, iat, exp],
        ['string', 'string', 1_000_000_000, 1_000_003_600],
      );
    }
  });

  it('names the fields that are missing or malformed', async (t) => {
    const standIns = await start(t);
    for (const [field, values] of Object.entries({
      auth0Id: [undefined, 5, ''],
      email: [undefined, 'maja', ''],
      firstName: [undefined, null],
      lastName: [undefined, {}],
      locale: [undefined, 'sv', 'sv-SE'],
      country: [undefined, 'SWE', 'se'],
      currency: [undefined, '$', 'sek'],
      userIpAddress: [undefined, '1.2.3', 'localhost'],
    })) {
      for (const value of values) {
        const { status, json } = await ask(standIns, { url, headers, body: { ...body, [field]: value } });
        assert.deepEqual(
          [status, json],
          [400, { errors: [{ code: 'ID0001', message: `Missing or malformed parameters: ${field}` }] }],
          `${field}: ${value}`,
        );
      }
    }
    for (const bad of ['', '[]', '{', 'null'])
      assert.equal(
        (await ask(standIns, { url, headers: { ...headers, 'content-type': 'application/json' }, body: bad })).status,
        400,
        bad,
      );
    assert.equal(
      (await ask(standIns, { url, headers: { ...headers, 'content-type': 'text/plain' }, body })).status,
      400,
    );
  });

  it('takes only the secret that is good at the moment', async (t) => {
    const standIns = await start(t);
    for (const authorization of [
      '',
      'Bearer ',
      'Bearer a.b.c',
      SECRETS.CLEENG_CLIENT_SECRET,
      `Basic ${SECRETS.CLEENG_CLIENT_SECRET}`,
    ]) {
      const { status, json } = await ask(standIns, { url, headers: { authorization }, body });
      assert.deepEqual([status, json.errors[0].code], [401, 'ID2001'], authorization);
    }
    const next = sign({ publisherId: '1', n: 2 }, 'k');
    standIns.systems.cleeng.accepted = [next];
    assert.equal((await ask(standIns, { url, headers, body })).status, 401);
    assert.equal((await ask(standIns, { url, headers: { authorization: `Bearer ${next}` }, body })).status, 200);
  });

  it('keeps an e-mail address to the Auth0 user who came first', async (t) => {
    const standIns = await start(t);
    const first = await ask(standIns, { url, headers, body });
    const again = await ask(standIns, { url, headers, body: { ...body, firstName: 'M' } });
    assert.deepEqual([first.status, again.status], [200, 200]);
    const { status, json } = await ask(standIns, {
      url,
      headers,
      body: { ...body, email: 'Maja@example.com', auth0Id: 'google-oauth2|2' },
    });
    assert.deepEqual([status, json.errors[0].code], [409, 'ID2104']);
    assert.equal(standIns.systems.cleeng.customers.size, 1);
  });

  it('has one method on one path', async (t) => {
    const standIns = await start(t);
    assert.equal((await ask(standIns, { url: `${url}/`, headers, body })).status, 404);
    assert.equal((await ask(standIns, { url, method: 'PUT', headers, body })).status, 405);
  });
});

describe('UserHub', () => {
  const url = (/** @type {string} */ id) => `https://api.userhub.com/admin/v1/users/${id}:import`;
  const headers = { authorization: 'Bearer sk_abc', 'userhub-api-version': '2025-05-01' };

  it('imports a user, any number of times', async (t) => {
    const standIns = await start(t);
    const answers = [
      await ask(standIns, { url: url('auth0%7C123@conn_x'), headers }),
      await ask(standIns, { url: url('auth0%7C123@conn_x'), headers: { authorization: 'Bearer sk_abc' } }),
    ];
    for (const { status, json } of answers) {
      assert.equal(status, 200);
      assert.match(json.id, /^usr_/);
      assert.deepEqual([json.state, json.subscription.plan.id], ['ACTIVE', 'pln_basic']);
      assert.match(json.memberships[0].organization.id, /^org_/);
    }
    assert.equal(answers[0]?.json.id, answers[1]?.json.id);
    assert.deepEqual([...standIns.systems.userhub.imports], [['auth0|123', 2]]);
  });

  it('splits at the last @, and takes no other spelling of the id', async (t) => {
    const standIns = await start(t);
    assert.equal((await ask(standIns, { url: url('email%7Cmaja@example.com@conn_x'), headers })).status, 200);
    assert.ok(standIns.systems.userhub.imports.has('email|maja@example.com'));
    for (const [id, status] of /** @type {[string, number][]} */ ([
      ['auth0%7C123%40conn_x', 400],
      ['auth0%7c123@conn_x', 400],
      ['@conn_x', 400],
      ['auth0%7C123', 400],
      ['auth0%7C123@conn_y', 404],
      ['', 404],
    ])) {
      const answer = await ask(standIns, { url: url(id), headers });
      assert.equal(answer.status, status, id);
      assert.match(answer.json.code, /^(INVALID_ARGUMENT|NOT_FOUND)$/);
    }
  });

  it('refuses other keys, versions, methods, and a body', async (t) => {
    const standIns = await start(t);
    const good = { url: url('auth0%7C123@conn_x'), headers };
    for (const [changed, status, code] of /** @type {[object, number, string][]} */ ([
      [{ headers: {} }, 401, 'UNAUTHENTICATED'],
      [{ headers: { authorization: 'Bearer sk_other' } }, 401, 'UNAUTHENTICATED'],
      [{ headers: { ...headers, 'userhub-api-version': '1' } }, 400, 'INVALID_ARGUMENT'],
      [{ method: 'GET' }, 404, 'NOT_FOUND'],
      [{ body: {} }, 400, 'INVALID_ARGUMENT'],
    ])) {
      const answer = await ask(standIns, { ...good, ...changed });
      assert.deepEqual([answer.status, answer.json.code], [status, code]);
    }
  });
});

describe('Okta Workflows', () => {
  const url = 'https://example.workflows.okta.com/api/flo/sync-user/invoke';

  it('starts the flow for the holder of the token', async (t) => {
    const standIns = await start(t);
    assert.equal(
      (
        await ask(standIns, {
          url,
          headers: { 'x-api-client-token': 'flow-token' },
          body: { email: 'maja@example.com' },
        })
      ).status,
      200,
    );
    assert.equal((await ask(standIns, { url: `${url}?clientToken=flow-token`, body: {} })).status, 200);
    assert.equal((await ask(standIns, { url, headers: { 'x-api-client-token': 'url-token' }, body: {} })).status, 200);
    assert.deepEqual(standIns.systems.workflows.runs, [{ email: 'maja@example.com' }, {}, {}]);
  });

  it('refuses anything else', async (t) => {
    const standIns = await start(t);
    const headers = { 'x-api-client-token': 'flow-token' };
    assert.equal((await ask(standIns, { url, body: {} })).status, 401);
    assert.equal((await ask(standIns, { url, headers: { 'x-api-client-token': 'other' }, body: {} })).status, 401);
    assert.equal((await ask(standIns, { url, headers, body: '[1]' })).status, 400);
    assert.equal((await ask(standIns, { url: url.replace('invoke', 'run'), headers, body: {} })).status, 404);
    assert.deepEqual(standIns.systems.workflows.runs, []);
  });
});

describe('a CRM', () => {
  const asked = {
    url: 'https://crm.example.com/exist-by-phone',
    headers: { 'x-api-key': 'crm-key' },
    body: { phoneNumber: '+46701740605', extended: true },
  };

  it('finds a person by phone number', async (t) => {
    const standIns = await start(t);
    const { status, json } = await ask(standIns, asked);
    assert.equal(status, 200);
    assert.match(json.id, /^crm-/);
    assert.deepEqual(Object.keys(json), ['id', 'name', 'tier', 'since']);
    assert.deepEqual(Object.keys((await ask(standIns, { ...asked, body: { phoneNumber: '+46701740605' } })).json), [
      'id',
      'name',
    ]);
    standIns.systems.crm.unknown.add('+46701740605');
    assert.equal((await ask(standIns, asked)).status, 404);
  });

  it('refuses other keys and bodies', async (t) => {
    const standIns = await start(t);
    assert.equal((await ask(standIns, { ...asked, headers: { 'x-api-key': '' } })).status, 401);
    for (const body of [
      {},
      { phoneNumber: 46 },
      { phoneNumber: 'home' },
      { phoneNumber: '+46701740605', extended: 'yes' },
    ])
      assert.equal((await ask(standIns, { ...asked, body })).status, 400);
  });
});

describe('Google Apps Script', () => {
  it('answers with a redirect after it has done the work', async (t) => {
    const standIns = await start(t);
    const { status, headers } = await ask(standIns, {
      url: 'https://script.google.com/macros/s/AKfy-cbx_1/exec',
      body: { email: 'maja@example.com' },
    });
    assert.equal(status, 302);
    assert.deepEqual(standIns.systems.sheet.rows, [{ email: 'maja@example.com' }]);
    const { status: read, json } = await ask(standIns, { url: headers.location ?? '', method: 'GET' });
    assert.deepEqual([read, json], [200, { result: 'success' }]);
  });

  it('does nothing for other requests', async (t) => {
    const standIns = await start(t);
    assert.equal((await ask(standIns, { url: 'https://script.google.com/macros/s/x/dev', body: {} })).status, 404);
    assert.equal((await ask(standIns, { url: 'https://script.google.com/macros/s/x/exec', body: 'x' })).status, 400);
    assert.deepEqual(standIns.systems.sheet.rows, []);
  });
});

describe('any stand-in', () => {
  const asked = { url: 'https://api.example.com/hook?a=b', headers: { 'x-test': '1' }, body: { n: 1 } };

  it('records what arrived, and echoes it where no system is known', async (t) => {
    const standIns = await start(t);
    const { status, json } = await ask(standIns, asked);
    assert.deepEqual([status, json], [200, { method: 'POST', host: 'api.example.com', path: '/hook', body: { n: 1 } }]);
    const [arrival] = standIns.arrivals;
    assert.deepEqual(
      [
        arrival?.system,
        arrival?.query.get('a'),
        arrival?.headers['x-test'],
        arrival?.body,
        arrival?.fault,
        arrival?.status,
      ],
      ['echo', 'b', '1', '{"n":1}', null, 200],
    );
  });

  it('may be replaced by one of the test’s own', async (t) => {
    const own = { name: 'own', serves: () => true, answer: () => ({ status: 201, body: 'made' }), error: () => '' };
    const standIns = await start(t, { systems: [own] });
    assert.deepEqual([(await ask(standIns, asked)).status, standIns.arrivals[0]?.system], [201, 'own']);
  });

  it('shows each status on request, with Retry-After where it belongs', async (t) => {
    const standIns = await start(t);
    for (const [name, status, after] of /** @type {[string, number, string | undefined][]} */ ([
      ['400', 400, undefined],
      ['401', 401, undefined],
      ['403', 403, undefined],
      ['404', 404, undefined],
      ['409', 409, undefined],
      ['429', 429, '1'],
      ['429:7', 429, '7'],
      ['500', 500, undefined],
      ['503', 503, undefined],
      ['503:Wed, 21 Oct 2026 07:28:00 GMT', 503, 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ])) {
      standIns.fault(name, { times: 1 });
      const answer = await ask(standIns, asked);
      assert.deepEqual([answer.status, answer.headers['retry-after']], [status, after], name);
    }
    assert.equal((await ask(standIns, asked)).status, 200);
  });

  it("gives a status the system's own error", async (t) => {
    const standIns = await start(t);
    standIns.fault('409');
    assert.equal(
      (await ask(standIns, { ...asked, url: 'https://identity.api.prod.cleeng.com/' })).json.errors[0].code,
      'ID2104',
    );
    assert.equal((await ask(standIns, { ...asked, url: 'https://api.userhub.com/' })).json.code, 'ABORTED');
  });

  it('fails for so many requests, for one host, until fixed', async (t) => {
    const standIns = await start(t);
    standIns.fault('503', { times: 2 });
    standIns.fault('500', { host: 'other.example.com' });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await ask(standIns, asked)).status);
    const other = { ...asked, url: 'https://other.example.com/' };
    assert.deepEqual([...statuses, (await ask(standIns, other)).status], [503, 503, 200, 500]);
    standIns.heal();
    assert.equal((await ask(standIns, other)).status, 200);
    assert.deepEqual(
      standIns.arrivals.map(({ fault }) => fault),
      ['503', '503', null, '500', null],
    );
  });

  it('breaks in every way it promises', async (t) => {
    const standIns = await start(t);
    /** @type {Record<string, (answer: ReturnType<typeof ask>) => Promise<void>>} */
    const checks = {
      timeout: (answer) => assert.rejects(answer, /timeout/),
      reset: (answer) => assert.rejects(answer, /ECONNRESET/),
      slow: async (answer) =>
        assert.equal(
          await Promise.race([
            answer.catch(() => 'failed'),
            new Promise((done) => setTimeout(done, 250, 'still dripping')),
          ]),
          'still dripping',
        ),
      garbage: async (answer) => assert.deepEqual([(await answer).status, (await answer).json], [200, undefined]),
      'half-body': (answer) => assert.rejects(answer, /aborted/),
      huge: async (answer) => assert.ok((await answer).text.length > 2 * 1024 * 1024),
      redirect: async (answer) =>
        assert.deepEqual(
          [(await answer).status, (await answer).headers.location],
          [302, 'https://elsewhere.example.com/moved'],
        ),
      stale: async (answer) => assert.equal((await answer).status, 200), // on a new connection; on a kept one: redirect.test.mjs
      empty: async (answer) => assert.deepEqual([(await answer).status, (await answer).text], [200, '']),
    };
    assert.deepEqual(Object.keys(checks).sort(), [...FAULTS].sort());
    for (const [name, check] of Object.entries(checks)) {
      standIns.fault(name);
      await check(ask(standIns, asked, name === 'timeout' ? 1000 : PATIENCE_MS));
      assert.equal(standIns.arrivals.at(-1)?.fault, name === 'stale' ? null : name);
      standIns.heal();
    }
  });

  it('refuses a fault it does not know', async (t) => {
    const standIns = await start(t);
    for (const name of ['', 'flood', '200', '600']) assert.throws(() => standIns.fault(name), /unknown fault/);
  });
});
