// Tokens of other systems, in the pasted file: real token servers on the other side, several instances and `api.cache`.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { describe, it } from 'node:test';
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { print } from '../../tools/commands/simulate/print.mjs';
import { loginOf } from '../../tools/library/simulate.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { openEngine, withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { createRedirect } from '../../tools/tenant/redirect.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { hosts } from '../../tools/tenant/secrets.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

const PASTE = readPaste();

/** @param {Record<string, any>} over of the source */
const config = (over = {}) => ({
  syncs: [
    {
      name: 'crm',
      request: {
        url: 'https://api.example.com/me',
        headers: { authorization: { token: 'crm' } },
        body: { id: 'user.user_id' },
      },
      response: { idToken: { plan: 'plan' } },
    },
  ],
  tokens: {
    crm: { url: 'https://auth.example.com/token', clientId: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET', ...over },
  },
});
const SECRETS = { CLIENT_ID: 'action:one', CLIENT_SECRET: 'Kx+/=7% &secret-of-the-client' };

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const line = ({ log }) => log.map(({ text }) => text).join('\n');

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const outcome = (execution) => / crm=(\S+?):\d+ms/.exec(line(execution))?.[1] ?? line(execution);

/** The paths that were asked for. @param {import('../../tools/tenant/host.mjs').Execution} execution */
const asked = ({ requests }) => requests.map(({ url }) => new URL(url).pathname);

/**
 * A host whose requests all go to one server.
 * @param {import('node:test').TestContext} t
 * @param {http.RequestListener} listener
 */
async function served(t, listener) {
  const server = http.createServer(listener);
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const redirect = createRedirect(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
  t.after(() => {
    redirect.close();
    server.close();
    server.closeAllConnections();
  });
  return (/** @type {any} */ document, /** @type {Record<string, string>} */ secrets) => {
    const host = createHost(withConfig(PASTE, document), { require: redirect.require });
    const login = async (/** @type {any} */ over = {}) => {
      const event = fakeEvent('post-login', { secrets, over });
      const execution = await host.execute('post-login', event);
      assert.deepEqual([execution.faults, execution.thrown], [[], null]);
      for (const secret of Object.values(secrets)) assert.ok(!line(execution).includes(secret));
      return execution;
    };
    return { login };
  };
}

/** @param {http.ServerResponse} response @param {number} status @param {unknown} body */
const json = (response, status, body) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** The libraries on the other side need more than Node 18 has. */
const skip = !globalThis.crypto || !('parse' in URL);

describe('a token server (oidc-provider)', { skip }, () => {
  /** @param {'client_secret_basic' | 'client_secret_post'} method */
  async function provider(method) {
    const { Provider } = await import('oidc-provider');
    const made = new Provider('https://auth.example.com', {
      clients: [
        {
          client_id: SECRETS.CLIENT_ID,
          client_secret: SECRETS.CLIENT_SECRET,
          grant_types: ['client_credentials'],
          response_types: [],
          redirect_uris: [],
          token_endpoint_auth_method: method,
        },
      ],
      scopes: ['api'],
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    });
    const handler = made.callback();
    /** @type {string[]} */
    const scopes = [];
    /** @type {http.RequestListener} */
    const listener = async (request, response) => {
      if (request.url !== '/me') return handler(request, response);
      request.resume();
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const found = await made.ClientCredentials.find(token);
      scopes.push(String(found?.scope));
      json(response, found ? 200 : 401, { plan: 'gold' });
    };
    return { listener, scopes };
  }

  for (const [clientAuth, method] of /** @type {const} */ ([
    ['form', 'client_secret_post'],
    ['basic', 'client_secret_basic'],
  ])) {
    it(`gives one by client credentials: ${clientAuth}`, async (t) => {
      const { listener, scopes } = await provider(method);
      const open = await served(t, listener);
      const { login } = open(config({ clientAuth, params: { scope: 'api' } }), SECRETS);
      const first = await login();
      assert.deepEqual([outcome(first), asked(first)], ['ok:200', ['/token', '/me']]);
      assert.equal(first.tokens?.idToken?.claims.plan, 'gold');
      assert.deepEqual(asked(await login({ user: { user_id: 'auth0|2' } })), ['/me']);
      assert.deepEqual(scopes, ['api', 'api']);
      const wrong = open(config({ clientAuth }), { ...SECRETS, CLIENT_SECRET: 'another' });
      assert.match(line(await wrong.login()), / crm=unauthorized:token( |$)/);
    });
  }
});

describe('an assertion', { skip }, () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

  for (const [what, pem] of [
    ['as it is', privateKey],
    ['on one line', privateKey.replaceAll('\n', '\\n')],
  ]) {
    it(`is one for jose, with its key ${what}`, async (t) => {
      /** @type {any[]} */
      const claims = [];
      const open = await served(t, async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        if (request.url === '/me') return json(response, 200, { plan: 'gold' });
        const form = new URLSearchParams(body);
        assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
        const assertion = form.get('assertion') ?? '';
        assert.deepEqual(decodeProtectedHeader(assertion), { alg: 'RS256', typ: 'JWT' });
        const key = await importSPKI(publicKey, 'RS256');
        const { payload } = await jwtVerify(assertion, key, {
          audience: 'https://auth.example.com/',
          issuer: 'service@x',
        });
        claims.push(payload);
        json(response, 200, { access_token: 'opaque', expires_in: 0 });
      });
      const assertion = {
        key: 'PEM',
        issuer: 'service@x',
        audience: 'https://auth.example.com/',
        claims: { scope: "a 'b' `c`", n: [1, { x: null }] },
      };
      const { login } = open(config({ clientId: undefined, clientSecret: undefined, assertion }), { PEM: pem });
      const [first, second] = [await login(), await login()];
      assert.deepEqual([outcome(first), asked(second)], ['ok:200', ['/token', '/me']]);
      const { iat, exp, jti, ...rest } = claims[0];
      assert.deepEqual(rest, {
        iss: 'service@x',
        aud: 'https://auth.example.com/',
        scope: "a 'b' `c`",
        n: [1, { x: null }],
      });
      assert.equal(exp - iat, 120);
      assert.notEqual(jti, claims[1].jti);
    });
  }
});

/** A token server as a stand-in, which counts; and a system that takes what `good` says. */
function world({
  expires_in = /** @type {any} */ (3600),
  size = 0,
  good = /** @type {(token: string) => boolean} */ (() => true),
} = {}) {
  const state = { given: 0, good, last: '' };
  /** @type {import('../../tools/tenant/standins.mjs').System} */
  const system = {
    name: 'world',
    serves: (host) => /\.example\.com$/.test(host),
    answer({ host, headers }) {
      if (host === 'auth.example.com') {
        state.given += 1;
        state.last = `token-${state.given}-${'x'.repeat(size)}`;
        return { status: 200, body: { access_token: state.last, token_type: 'Bearer', expires_in } };
      }
      const token = String(headers.authorization).replace('Bearer ', '');
      return { status: state.good(token) ? 200 : 401, body: { plan: token } };
    },
    error: (status) => ({ status }),
  };
  return { state, system };
}

/** @param {import('node:test').TestContext} t @param {ReturnType<typeof world>} made @param {any} [document] */
async function opened(t, { system }, document = config()) {
  const one = await tenant(t, { code: withConfig(PASTE, document), secrets: SECRETS, systems: [system] });
  const login = async (/** @type {import('../../tools/tenant/host.mjs').Host} */ host = one.host) => {
    const execution = await host.execute('post-login', one.event());
    assertSound(execution, { ...one.event(), secrets: {} });
    assert.ok(!line(execution).includes('token-'), line(execution));
    return execution;
  };
  const cache = () => /** @type {import('../../tools/tenant/cache.mjs').Cache} */ (one.caches.get('post-login'));
  return { one, login, cache };
}

/** The name and the value of what an execution put into the cache. @param {import('../../tools/tenant/host.mjs').Execution} execution @returns {[string, string, any][]} */
const puts = ({ commands }) =>
  commands.flatMap(({ method, args }) => (method === 'cache.set' ? [/** @type {any} */ (args)] : []));

describe('api.cache', () => {
  it('gives another instance the token, sealed, as long as it is kept where it was got', async (t) => {
    const made = world();
    const { one, login } = await opened(t, made);
    const first = await login();
    const [[name, value, options] = ['', '', {}], more] = puts(first);
    assert.equal(more, undefined);
    assert.match(name, /^login-sync:[\w-]{43}$/);
    assert.deepEqual(options, { ttl: 2_700_000 });
    const bytes = Buffer.from(value, 'base64').toString('latin1');
    for (const text of ['token', ...Object.values(SECRETS)]) assert.ok(!`${name}${value}${bytes}`.includes(text));
    const second = one.newInstance();
    assert.deepEqual([asked(await login(second)), asked(await login(second))], [['/me'], ['/me']]);
    assert.equal(made.state.given, 1);
  });

  it('is not trusted: what was changed, moved or is of another is not used', async (t) => {
    const made = world();
    const { one, login, cache } = await opened(t, made);
    const [[name = '', value = ''] = []] = puts(await login());
    const flipped = Buffer.from(value, 'base64');
    flipped[flipped.length - 1] = Number(flipped.at(-1)) ^ 1;
    const forged = [
      '',
      'garbage',
      '{"token":"evil"}',
      value.slice(0, -8),
      Buffer.from(value, 'base64').subarray(0, 16).toString('base64'),
      Buffer.from(value, 'base64').subarray(0, 28).toString('base64'),
      flipped.toString('base64'),
      Buffer.alloc(80).toString('base64'),
    ];
    for (const [i, text] of forged.entries()) {
      assert.equal(cache().set(name, text).type, 'success');
      const execution = await login(one.newInstance());
      assert.deepEqual([asked(execution), made.state.given], [['/token', '/me'], i + 2], text);
    }
    // One that was sealed for another source of the same client.
    const other = await tenant(t, {
      code: withConfig(PASTE, config({ params: { scope: 'admin' } })),
      secrets: SECRETS,
      systems: [made.system],
    });
    const [[elsewhere = '', theirs = ''] = []] = puts(await other.login());
    assert.notEqual(elsewhere, name);
    cache().set(name, theirs);
    assert.deepEqual(asked(await login(one.newInstance())), ['/token', '/me']);
  });

  it('may be full, forget and refuse, and what others keep there stays', async (t) => {
    const made = world();
    const { one, login, cache } = await opened(t, made);
    await login();
    one.host.vanishCache('post-login');
    for (let i = 0; i < 20; i += 1) assert.equal(cache().set(`theirs-${i}`, 'x').type, 'success');
    assert.deepEqual(asked(await login(one.newInstance())), ['/token', '/me']);
    for (let i = 0; i < 20; i += 1) assert.equal(cache().get(`theirs-${i}`)?.value, 'x');
    // Its own instance still knows it.
    assert.deepEqual(asked(await login()), ['/me']);
  });

  it('gets no token that does not fit, and none that is not kept', async (t) => {
    for (const [made, count] of /** @type {const} */ ([
      [world({ size: 2_800 }), 1],
      [world({ size: 3_100 }), 0],
      [world({ expires_in: 0 }), 0],
      [world({ expires_in: 86_400 * 30 }), 1],
    ])) {
      const { login } = await opened(t, made);
      const execution = await login();
      assert.deepEqual([outcome(execution), puts(execution).length], ['ok:200', count]);
    }
  });

  it("gets nothing but a token: an error in a 200 is asked again, and is no other instance's", async (t) => {
    for (const body of [
      '<html>',
      {},
      { error: 'later' },
      { access_token: null },
      { access_token: 5 },
      { access_token: ['a'] },
    ]) {
      const made = world();
      const { answer } = made.system;
      let well = false;
      made.system.answer = (arrival) =>
        arrival.host === 'auth.example.com' && !well ? { status: 200, body } : answer(arrival);
      const { one, login } = await opened(t, made);
      const failed = await one.login();
      assert.deepEqual([asked(failed), puts(failed)], [['/token'], []], JSON.stringify(body));
      well = true;
      for (const host of [one.host, one.newInstance()]) assert.equal(outcome(await login(host)), 'ok:200');
    }
  });

  it('need not be there', async (t) => {
    const made = world();
    const { one } = await opened(t, made);
    const code = withConfig(PASTE, config());
    const without = `${code}\n{ const run = exports.onExecutePostLogin; exports.onExecutePostLogin = async (event, api) => { const { cache, ...rest } = api; return run(event, rest); }; }`;
    const other = await tenant(t, { code: without, secrets: SECRETS, systems: [made.system] });
    assert.equal(outcome(await other.login()), 'ok:200');
    assert.ok(one);
  });

  it('serves registrations as well, each trigger its own', async (t) => {
    const document = config();
    /** @type {any} */ (document.syncs[0]).on = ['post-login', 'post-user-registration'];
    const made = world();
    const { one, login } = await opened(t, made, document);
    await login();
    // In the same instance the token is known.
    assert.deepEqual(asked(await one.register()), ['/me']);
    assert.equal(one.caches.get('post-user-registration')?.get('x'), undefined);
  });

  it('is told of the new token after a 401', async (t) => {
    const made = world();
    const { one, login } = await opened(t, made);
    await login();
    made.state.good = (/** @type {string} */ token) => !token.startsWith('token-1');
    const execution = await login();
    assert.deepEqual([asked(execution), puts(execution).length], [['/me', '/token', '/me'], 1]);
    assert.deepEqual(asked(await login(one.newInstance())), ['/me']);
  });
});

describe('many logins', () => {
  it('share one request, in each instance', async (t) => {
    const made = world();
    const { login } = await opened(t, made);
    const all = await Promise.all(Array.from({ length: 50 }, () => login()));
    assert.ok(all.every((execution) => outcome(execution) === 'ok:200'));
    assert.equal(made.state.given, 1);
  });
});

describe('the tools', () => {
  it('know the secrets of a token and where it comes from', () => {
    const assertion = { key: ['PEM', 'PEM_NEXT'], issuer: 'a', audience: 'b' };
    /** @type {[any, string[][]][]} */
    const table = [
      [{}, [['CLIENT_ID'], ['CLIENT_SECRET']]],
      [{ clientAuth: 'basic' }, [['CLIENT_ID'], ['CLIENT_SECRET']]],
      [{ clientAuth: 'json', params: { a: 'b', c: { secret: 'C' } } }, [['C'], ['CLIENT_ID'], ['CLIENT_SECRET']]],
      [{ refreshToken: 'REFRESH' }, [['CLIENT_ID'], ['CLIENT_SECRET'], ['REFRESH']]],
      [{ clientId: undefined, clientSecret: undefined, assertion }, [['PEM', 'PEM_NEXT']]],
      [
        { url: 'https://{site}.example.com/token', params: { site: { secret: 'SITE' } } },
        [['SITE'], ['CLIENT_ID'], ['CLIENT_SECRET']],
      ],
    ];
    for (const [over, names] of table) {
      const known = systems(openEngine(PASTE), JSON.parse(JSON.stringify(config(over))), []);
      const [source] = known.filter(({ name }) => name === 'token crm');
      assert.deepEqual(
        source?.secrets.map((use) => use.names),
        names,
      );
      assert.ok(source && hosts([source], { SITE: 'auth' }).join() === 'auth.example.com');
    }
  });
});

describe('the simulator', () => {
  for (const [
    what,
    answers,
    token,
  ] of /** @type {[string, import('../../tools/tenant/run.mjs').HostAnswers[], string][]} */ ([
    ['invents a token', [], 'invented-access-token'],
    [
      'plays a token endpoint by an answer',
      [
        {
          host: 'auth.example.com',
          answers: [{ body: { access_token: 'given-access-token', refresh_token: 'given-refresh-token' } }],
        },
      ],
      'given-access-token',
    ],
  ])) {
    it(`${what}, and shows neither it nor what got it`, async () => {
      for (const clientAuth of ['form', 'basic', 'json']) {
        const code = withConfig(PASTE, config({ clientAuth }));
        const result = await run({ code, trigger: 'post-login', secrets: SECRETS, answers }, localTenant);
        const [{ requests, syncs } = /** @type {any} */ ({})] = result.results;
        assert.deepEqual(
          requests.map((/** @type {any} */ { url, status }) => [url, status]),
          [
            ['https://auth.example.com/token', 200],
            ['https://api.example.com/me', 200],
          ],
        );
        assert.equal(syncs[0].outcome, 'ok');
        const shown = JSON.stringify([result, result.results.map(loginOf)]) + print(result, { width: 400 });
        const basic = Buffer.from(
          `${encodeURIComponent(SECRETS.CLIENT_ID)}:${encodeURIComponent(SECRETS.CLIENT_SECRET)}`,
        ).toString('base64');
        for (const text of [token, 'given-refresh-token', ...Object.values(SECRETS), basic, basic.slice(10, 40)])
          assert.ok(!shown.includes(text), text);
      }
    });
  }
});
