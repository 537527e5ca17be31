// The paste and what it sends: each signature, token and form is read by a library that others wrote.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import { jwtVerify } from 'jose';
import qs from 'qs';
import { Webhook } from 'standardwebhooks';
import { withConfig } from '../../tools/paste/paste.mjs';
import { readPaste, tenant } from './support.mjs';

const PASTE = readPaste();
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const EC = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const SECRETS = {
  KEY: 'a key of 32 bytes that is invented',
  PEM,
  // As it is kept where a secret has one line.
  LINE: PEM.replaceAll('\n', '\\n'),
  EC,
  BOTH: 'ada:pä:ss',
  SITE: 'acme',
  WHSEC: `whsec_${Buffer.from('a key of 24 bytes, made up').toString('base64')}`,
  NEXT: `whsec_${Buffer.from('another one of 24 bytes, too').toString('base64')}`,
};

/**
 * What one request brings.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, any>} request
 * @param {{ over?: any, claims?: any, faults?: string }} [more]
 */
async function login(t, request, { over, claims, faults } = {}) {
  const entry = { name: 'x', request: { url: 'https://api.example.com/', ...request } };
  const config = { syncs: [entry], ...(claims ? { claims } : {}) };
  const opened = await tenant(t, { code: withConfig(PASTE, config), secrets: SECRETS });
  if (faults) opened.standIns.fault(faults, { times: 1 });
  const execution = await opened.login(over);
  assert.deepEqual([execution.thrown, execution.faults], [null, []]);
  const log = execution.log.map(({ text }) => text).join('\n');
  for (const secret of Object.values(SECRETS)) assert.ok(!log.includes(secret), 'no secret is in the log');
  return { ...execution, line: log };
}

// jose takes the global `crypto`, which Node 18 does not have.
describe('a token, read by jose', { skip: !globalThis.crypto }, () => {
  const jwt = (/** @type {any} */ more) => ({ jwt: { audience: 'https://api.example.com', ...more } });

  it('by HS256 in a header, with claims of its own', async (t) => {
    const claims = { role: "'admin'", email: 'user.email', n: '`1.5`', deep: { list: 'user.identities[*].provider' } };
    const header = jwt({ secret: 'KEY', claims, header: { kid: 'k1' }, expiresInSeconds: 300 });
    const { requests } = await login(t, { headers: { 'x-token': header }, body: { a: 1 } });
    const token = String(requests[0]?.headers['x-token']);
    const read = await jwtVerify(token, Buffer.from(SECRETS.KEY), { audience: 'https://api.example.com' });
    assert.deepEqual(read.protectedHeader, { alg: 'HS256', kid: 'k1', typ: 'JWT' });
    const { iat = 0, exp = 0, jti, body_sha256, ...rest } = read.payload;
    assert.equal(exp - iat, 300);
    assert.equal(String(body_sha256).length, 43);
    assert.match(String(jti), /^[0-9a-f]{32}$/);
    assert.deepEqual(rest, {
      iss: 'login-sync',
      sub: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
      aud: 'https://api.example.com',
      role: 'admin',
      email: 'maja.lindqvist@example.com',
      n: 1.5,
      deep: { list: ['auth0'] },
    });
  });

  for (const secret of ['PEM', 'LINE']) {
    it(`by RS256 in a form, with a key of ${secret === 'PEM' ? 'many lines' : 'one line'}`, async (t) => {
      const assertion = jwt({ secret, alg: 'RS256', claims: { iss: "'client'", sub: "'client'" } });
      const form = { grant_type: "'urn:ietf:params:oauth:grant-type:jwt-bearer'", assertion };
      const { requests } = await login(t, { form });
      const sent = new URLSearchParams(requests[0]?.body);
      assert.equal(sent.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
      const read = await jwtVerify(String(sent.get('assertion')), publicKey, { issuer: 'client', subject: 'client' });
      assert.deepEqual([read.protectedHeader.alg, read.payload.body_sha256], ['RS256', undefined]);
    });
  }

  it('by HS256 in a claim', async (t) => {
    const supabase = {
      jwt: { secret: 'KEY', audience: 'authenticated', claims: { role: "'authenticated'" }, expiresInSeconds: 3600 },
    };
    const { tokens } = await login(t, {}, { claims: { idToken: { supabase } } });
    const read = await jwtVerify(String(tokens?.idToken?.claims.supabase), Buffer.from(SECRETS.KEY), {
      audience: 'authenticated',
      subject: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
    });
    assert.equal(read.payload.role, 'authenticated');
  });

  it('is not sent by a key of another kind', async (t) => {
    for (const secret of ['EC', 'KEY']) {
      const { requests, line } = await login(t, { headers: { x: jwt({ secret, alg: 'RS256' }) } });
      assert.deepEqual(requests, [], secret);
      assert.ok(line.includes(' x=invalid:jwt'), line);
    }
  });
});

describe('a signature', () => {
  it('of the body and of a text is what node:crypto says', async (t) => {
    const hmac = (/** @type {any} */ more) => ({ hmac: { secret: 'KEY', of: 'body', ...more } });
    const { requests } = await login(t, {
      headers: {
        a: hmac({}),
        b: hmac({ algorithm: 'sha512', encoding: 'base64', prefix: 'v1=' }),
        c: hmac({ of: 'user.name', algorithm: 'sha1' }),
      },
      text: "'grüße, 👋'",
    });
    const by = (/** @type {string} */ name, /** @type {string} */ text) => createHmac(name, SECRETS.KEY).update(text);
    const [{ headers, body }] = /** @type {any} */ (requests);
    assert.equal(body, 'grüße, 👋');
    assert.equal(headers.a, by('sha256', body).digest('hex'));
    assert.equal(headers.b, `v1=${by('sha512', body).digest('base64')}`);
    assert.equal(headers.c, by('sha1', 'Maja Lindqvist').digest('hex'));
  });

  it('of a Standard Webhook is verified by the library, with each of its secrets, at each try', async (t) => {
    const request = { sign: { standardWebhooks: ['WHSEC', 'NEXT'] }, body: { id: 'user.user_id', name: "'Zoë'" } };
    const { requests } = await login(t, request, { faults: '503' });
    assert.deepEqual(
      requests.map(({ status }) => status),
      [503, 200],
    );
    for (const { headers, body } of requests) {
      for (const secret of [SECRETS.WHSEC, SECRETS.NEXT]) {
        const read = new Webhook(secret).verify(body, /** @type {any} */ (headers));
        assert.deepEqual(read, { id: 'auth0|67a1f0c2d4b8e9000a1b2c3d', name: 'Zoë' });
      }
      const other = new Webhook(Buffer.from('a key of somebody else, 24 b').toString('base64'));
      assert.throws(() => other.verify(body, /** @type {any} */ (headers)), /No matching signature/);
      assert.throws(() => new Webhook(SECRETS.WHSEC).verify(`${body} `, /** @type {any} */ (headers)));
    }
    assert.equal(requests[0]?.headers['webhook-id'], requests[1]?.headers['webhook-id']);
  });
});

describe('a form', () => {
  const ODD = [
    'a b',
    'ä&=?#%+',
    '',
    '1',
    'x'.repeat(50),
    '👋',
    "'()*!~",
    '\r\n\t',
    '\u0000',
    '__proto__',
    '%41',
    'a;b',
    ':@$,',
  ];

  /** @param {number} levels @returns {any} */
  function value(levels) {
    const kind = randomInt(levels > 0 ? 6 : 4);
    if (kind === 4) return Array.from({ length: randomInt(1, 4) }, () => value(levels - 1) ?? 'x');
    if (kind === 5)
      return Object.fromEntries(Array.from({ length: randomInt(1, 4) }, (_, i) => [`k${i} é&=`, value(levels - 1)]));
    if (kind === 3) return [true, false, 7, -1.5, 1e21][randomInt(5)];
    return ODD[randomInt(ODD.length)];
  }
  /** As a form says it: texts alone. @param {any} part @returns {any} */
  const said = (part) => {
    if (Array.isArray(part)) return part.map(said);
    if (typeof part !== 'object') return String(part);
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, said(inner)]));
  };

  it('is read back by qs as the event has it, and by URLSearchParams field by field', async (t) => {
    for (let i = 0; i < 20; i += 1) {
      const metadata = { v: value(2), w: value(1) };
      const form = { before: "'1'", v: 'user.user_metadata.v', nested: { w: 'user.user_metadata.w' }, after: "'2'" };
      const { requests } = await login(t, { form }, { over: { user: { user_metadata: metadata } } });
      const { body = '', headers = {} } = requests[0] ?? {};
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
      const wanted = { before: '1', v: said(metadata.v), nested: { w: said(metadata.w) }, after: '2' };
      assert.deepEqual(qs.parse(body, { depth: 10 }), wanted, body);
      const fields = [...new URLSearchParams(body)];
      assert.deepEqual(
        [fields[0], fields.at(-1)],
        [
          ['before', '1'],
          ['after', '2'],
        ],
      );
    }
  });

  it('has a secret in it, and at a 401 the next one', async (t) => {
    const form = { key: { secret: ['SITE', 'KEY'] }, id: 'user.user_id' };
    const { requests } = await login(t, { form }, { faults: '401' });
    assert.deepEqual(
      requests.map(({ body }) => new URLSearchParams(body).get('key')),
      [SECRETS.SITE, SECRETS.KEY],
    );
  });
});

describe('a header', () => {
  it('of user and password is read by what knows Basic', async (t) => {
    const { requests } = await login(t, {
      headers: { authorization: { basic: 'BOTH' }, 'x-b': { basic: { user: 'SITE', password: 'KEY' } } },
    });
    const read = (/** @type {unknown} */ header) =>
      Buffer.from(String(header).replace(/^Basic /, ''), 'base64').toString();
    const { headers = {} } = requests[0] ?? {};
    assert.deepEqual(
      [read(headers.authorization), read(headers['x-b'])],
      [SECRETS.BOTH, `${SECRETS.SITE}:${SECRETS.KEY}`],
    );
  });

  it('of the event arrives as it is, or nothing is sent', async (t) => {
    for (const name of [
      'plain',
      'a  b',
      '"quoted", ok',
      ' blank',
      'blank ',
      'é',
      'a\r\nx: y',
      '',
      '\u0000',
      'a\u007f',
    ]) {
      const over = { user: { nickname: name } };
      const { requests, line } = await login(t, { headers: { 'x-name': { value: 'user.nickname' } } }, { over });
      const passes = /^[!-~]([ -~]*[!-~])?$/.test(name);
      assert.deepEqual(
        requests.map(({ headers }) => headers['x-name']),
        passes ? [name] : [],
        JSON.stringify(name),
      );
      assert.equal(line.includes('x=invalid:header-value'), !passes, line);
    }
  });
});

it('a host of an account is filled by a secret', async (t) => {
  const { requests } = await login(t, {
    url: 'https://{site}.api.example.com/{id}',
    params: { site: { secret: 'SITE' }, id: 'user.user_id' },
  });
  assert.deepEqual(
    requests.map(({ url }) => url),
    ['https://acme.api.example.com/auth0%7C67a1f0c2d4b8e9000a1b2c3d'],
  );
});
