// The paste's way out over real sockets and real TLS (tls.mjs): whatever a server does, the login ends in time, the log says
// how, and nothing is left behind.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { assertSound, readPaste, resources, SLACK_MS, stopClock, until } from './support.mjs';
import { ANSWER, BEFORE_TLS, CERTIFICATES, FAULTS, REFUSED, startTls } from './tls.mjs';

/** For a server that never ends by itself. */
const SHORT_MS = 250;
/** For all others, so that a busy machine changes no outcome. */
const LONG_MS = 8000;
/** For a server that is good at first. */
const MEDIUM_MS = 2000;
const MIB = 1024 * 1024;

let users = 0;
/** @type {Awaited<ReturnType<typeof startTls>>} */
let server;
/** @type {string[]} */
let idle;
before(async () => {
  server = await startTls();
  idle = resources();
});
after(() => server.close());

/**
 * An instance of an Action whose one system is a server with this fault.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {Record<string, unknown>} [entry]
 */
function open(t, name, entry = {}) {
  const host = `${name}.example.com`;
  const hook = {
    name: 'hook',
    request: {
      url: `https://${host}/sync`,
      headers: { authorization: { bearer: 'HOOK_SECRET' } },
      body: { id: 'user.user_id' },
    },
    response: { idToken: { answer: 'answer' } },
    timeoutMs: LONG_MS,
    retries: 0,
    onFailure: 'deny',
    ...entry,
  };
  const action = createHost(withConfig(readPaste(), { syncs: [hook] }), { require: server.require });
  t.after(() => server.hangUp());
  return {
    host,
    /** @returns {Promise<{ said: string, ms: number, answer: unknown, execution: import('../../tools/tenant/host.mjs').Execution }>} */
    async login() {
      const event = fakeEvent('post-login', { secrets: { HOOK_SECRET: 'hook-secret-text' } });
      // Each of somebody else: a user who has failed must wait.
      event.user.user_id = `auth0|${(users += 1)}`;
      const execution = await action.execute('post-login', event);
      assertSound(execution, event);
      const said =
        / hook=(\S+)/.exec(execution.log[0]?.text ?? '')?.[1]?.replace(/:\d+ms:/, ':') ??
        `no line: ${JSON.stringify(execution.log)}`;
      const failed = !said.startsWith('ok:');
      assert.equal(execution.denied, failed ? `We could not complete your login (hook: ${said.split(':')[0]}).` : null);
      return { said, ms: execution.ms, answer: execution.tokens?.idToken?.claims.answer, execution };
    },
    /** How many of its requests arrived. */
    arrived: async () => (await server.arrivals()).filter((arrival) => arrival.startsWith(`${host} `)).length,
  };
}

/** @param {string} host @param {number} kept connections that may still be there, idle */
async function assertNothingLeft(host, kept) {
  await until(() => server.open(host) <= kept && resources().length <= idle.length);
  assert.equal(server.open(host), kept, 'connections');
  assert.deepEqual(resources(), idle);
}

/** What the log says of each server that breaks. @type {Record<string, RegExp>} */
const BROKEN = {
  [REFUSED]: /^unavailable:ECONNREFUSED:1$/,
  'reset-at-connect': /^unavailable:ECONNRESET:1$/,
  'close-at-connect': /^unavailable:ECONNRESET:1$/,
  'hang-in-handshake': /^unavailable:timeout:1$/,
  'reset-in-handshake': /^unavailable:ECONNRESET:1$/,
  'no-tls': /^unavailable:(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER):1$/,
  redirect: /^invalid:302:1$/,
  'hang-before-headers': /^unavailable:timeout:1$/,
  'hang-in-headers': /^unavailable:timeout:1$/,
  'hang-after-headers': /^unavailable:timeout:1$/,
  'hang-mid-body': /^unavailable:timeout:1$/,
  'drip-headers': /^unavailable:timeout:1$/,
  'drip-body': /^unavailable:timeout:1$/,
  'interim-for-ever': /^unavailable:timeout:1$/,
  'close-before-headers': /^unavailable:ECONNRESET:1$/,
  'close-mid-body': /^unavailable:ECONNRESET:1$/,
  'close-mid-chunks': /^unavailable:ECONNRESET:1$/,
  'end-mid-body': /^unavailable:ECONNRESET:1$/,
  'reset-before-headers': /^unavailable:ECONNRESET:1$/,
  'reset-after-headers': /^unavailable:ECONNRESET:1$/,
  'reset-mid-body': /^unavailable:ECONNRESET:1$/,
  'length-too-long': /^unavailable:ECONNRESET:1$/,
  // What is left over may be seen before the end of the answer or after it.
  'length-too-short': /^(unavailable:HPE_INVALID_CONSTANT|invalid:200:not-json):1$/,
  'length-no-number': /^unavailable:HPE_INVALID_CONTENT_LENGTH:1$/,
  'length-twice': /^unavailable:HPE_UNEXPECTED_CONTENT_LENGTH:1$/,
  'bad-chunks': /^unavailable:HPE_INVALID_CHUNK_SIZE:1$/,
  garbage: /^unavailable:HPE_INVALID_CONSTANT:1$/,
  'no-status': /^unavailable:HPE_INVALID_STATUS:1$/,
  'huge-headers': /^unavailable:HPE_HEADER_OVERFLOW:1$/,
  // Node closes the connection and tells no one.
  upgrade: /^unavailable:timeout:1$/,
  huge: /^invalid:too-large:1$/,
  'huge-without-length': /^invalid:too-large:1$/,
};

/** Servers that answer well, and whether the connection is kept. @type {Record<string, number>} */
const FINE = { good: 1, chunked: 1, slow: 1, interim: 1, 'http-1-0': 0, 'says-close': 0 };

describe('a server that answers', () => {
  for (const [name, kept] of Object.entries(FINE)) {
    it(`${name}: the answer is taken, the connection ${kept ? 'kept' : 'closed'}`, async (t) => {
      const { host, login, arrived } = open(t, name);
      for (let i = 0; i < 2; i += 1) {
        const { said, answer } = await login();
        assert.deepEqual([said, answer], ['ok:200:1', ANSWER]);
        await assertNothingLeft(host, kept);
      }
      assert.equal(await arrived(), 2);
    });
  }
});

describe('a server that breaks', () => {
  it('is tried in each way there is', () => {
    const others = (/** @type {string} */ name) => name in FINE || /^(kept|idle)-/.test(name);
    const all = [REFUSED, ...Object.keys(BEFORE_TLS), ...Object.keys(FAULTS).filter((name) => !others(name))];
    assert.deepEqual(Object.keys(BROKEN).sort(), all.sort());
  });

  for (const [name, expected] of Object.entries(BROKEN)) {
    it(`${name}: the login ends by policy, in time, with nothing left`, async (t) => {
      const timeoutMs = expected.source.includes('timeout') ? SHORT_MS : LONG_MS;
      const { host, login } = open(t, name, { timeoutMs });
      const { said, ms, execution } = await login();
      assert.match(said, expected);
      assert.ok(ms < (timeoutMs === SHORT_MS ? SHORT_MS : 500) + SLACK_MS, `it took ${ms} ms`);
      assert.equal(execution.commands.length, 1);
      await assertNothingLeft(host, name === 'redirect' ? 1 : 0);
      assert.deepEqual(execution.faults, [], 'later, too');
    });
  }

  it('with too large an answer is cut off', () => {
    assert.ok(server.mostRead() > MIB && server.mostRead() < 5 * MIB, `${server.mostRead()} bytes of 64 MiB were read`);
  });

  it('with a redirect is not followed', async () => {
    assert.deepEqual(
      (await server.arrivals()).filter((arrival) => /^(redirect|moved)/.test(arrival)),
      ['redirect.example.com 1'],
    );
  });
});

describe('a server with a certificate that is', () => {
  /** @type {Record<string, string>} */
  const codes = {
    'wrong-host': 'ERR_TLS_CERT_ALTNAME_INVALID',
    expired: 'CERT_HAS_EXPIRED',
    'not-yet': 'CERT_NOT_YET_VALID',
    'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
    'other-authority': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  };
  const off = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  after(() => {
    if (off === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = off;
  });

  for (const name of Object.keys(CERTIFICATES)) {
    it(`${name} gets no request, not even where Node was told to trust everybody`, async (t) => {
      const { host, login, arrived } = open(t, name);
      assert.equal((await login()).said, `unavailable:${codes[name]}:1`);
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      assert.equal((await login()).said, `unavailable:${codes[name]}:1`);
      assert.equal(await arrived(), 0);
      await assertNothingLeft(host, 0);
    });
  }
});

describe('a kept connection', () => {
  it('carries one login after the other', async (t) => {
    const { login } = open(t, 'good');
    const before = server.connections();
    for (let i = 0; i < 5; i += 1) assert.equal((await login()).said, 'ok:200:1');
    assert.equal(server.connections() - before, 1);
  });

  for (const name of ['kept-reset', 'kept-close', 'kept-end']) {
    it(`${name}: that breaks under a request is made good at once, without a retry`, async (t) => {
      const { host, login, arrived } = open(t, name);
      stopClock(t);
      assert.equal((await login()).said, 'ok:200:1');
      const { said, answer } = await login();
      assert.deepEqual([said, answer], ['ok:200:2', ANSWER]);
      assert.equal(await arrived(), 3);
      await assertNothingLeft(host, 1);
    });
  }

  it('that hangs is given up', async (t) => {
    const { host, login } = open(t, 'kept-hang', { timeoutMs: MEDIUM_MS });
    assert.equal((await login()).said, 'ok:200:1');
    const { said, ms } = await login();
    assert.equal(said, 'unavailable:timeout:1');
    assert.ok(ms < MEDIUM_MS + SLACK_MS, `it took ${ms} ms`);
    await assertNothingLeft(host, 0);
  });

  it('that breaks within an answer is no stale one', async (t) => {
    const { host, login } = open(t, 'kept-reset-mid-body');
    assert.equal((await login()).said, 'ok:200:1');
    assert.equal((await login()).said, 'unavailable:ECONNRESET:1');
    await assertNothingLeft(host, 0);
  });

  // An instance is put to sleep between executions, and finds all its connections closed when it wakes.
  for (const name of ['idle-reset', 'idle-close', 'idle-end']) {
    it(`${name}: of several that were closed unnoticed none costs the login`, async (t) => {
      const { host, login } = open(t, name);
      stopClock(t);
      const before = server.count('idle end');
      await Promise.all(Array.from({ length: 8 }, login));
      server.count('idle end', before + 8);
      // Where this machine is slow, Node has noticed some of them before.
      for (const { said } of await Promise.all([login(), login()])) assert.match(said, /^ok:200:[12]$/);
      await until(() => server.open(host) === 0);
      assert.equal((await login()).said, 'ok:200:1');
    });
  }
});

describe('many logins at once', () => {
  it('have a connection each, and keep them', async (t) => {
    const { host, login } = open(t, 'slow');
    const before = server.connections();
    for (let i = 0; i < 2; i += 1) {
      for (const { said } of await Promise.all(Array.from({ length: 50 }, login))) assert.equal(said, 'ok:200:1');
    }
    assert.equal(server.connections() - before, 50);
    await assertNothingLeft(host, 50);
  });
});
