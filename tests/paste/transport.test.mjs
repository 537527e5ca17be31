// One request, over real TLS: it goes to the host of the config whatever pollutes Object.prototype, it is sent once, it reaches
// a host of several addresses, and an answer that is there is taken.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { pathOf, startLoopback } from './loopback.mjs';
import { assertSound, block, readPaste, stopClock, until } from './support.mjs';
import { authority } from './tls.mjs';

/** @type {Awaited<ReturnType<typeof startLoopback>>} */
let server;
before(async () => {
  server = await startLoopback();
});
after(() => server.close());

/** @param {string} json */
const base64 = (json) => Buffer.from(json).toString('base64');
const GOOD = { base64: base64('{"id":"1"}') };

/** How long the system may take where a test keeps the thread busy for longer: time for a slow machine to connect. */
const TIMEOUT_MS = 2000;
const BUSY_MS = 2500;

/** An instance whose one system answers in this way. @param {import('./loopback.mjs').Answer[]} answers @param {object} [entry] @param {string} [host] */
function open(answers, entry = {}, host = 'crm.example.com') {
  const path = pathOf(...answers);
  const crm = {
    name: 'crm',
    request: { url: `https://${host}${path}`, body: { id: 'user.user_id' } },
    response: { idToken: { id: 'id' } },
    retries: 0,
    onFailure: 'deny',
    ...entry,
  };
  const action = createHost(withConfig(readPaste(), { syncs: [crm] }), { require: server.require });
  /** @type {import('../../tools/tenant/context.mjs').Fault[][]} */
  const faults = [];
  return {
    faults,
    async login() {
      const event = fakeEvent('post-login', { secrets: {} });
      const execution = await action.execute('post-login', event);
      faults.push(execution.faults);
      assertSound(execution, event);
      return / crm=(\S+)/.exec(execution.log[0]?.text ?? '')?.[1]?.replace(/:\d+ms:/, ':') ?? execution.log[0]?.text;
    },
    sent: async () => (await server.arrivals(path)).length,
    /** Waits until so many requests have arrived. @param {number} count */
    arrived: (count) => until(async () => (await server.arrivals(path)).length >= count),
  };
}

// The connections as Node's own code makes them; what replaces the network is below it.
const { TCP } = /** @type {any} */ (process).binding('tcp_wrap');
const { connect, connect6 } = TCP.prototype;
const direct = () => Object.assign(TCP.prototype, { connect, connect6 });

/** @param {number} ms until a connection over IPv4 is there; over IPv6 none ever is, or it is refused at once */
function network(ms, refused = false) {
  TCP.prototype.connect = function (/** @type {any[]} */ ...args) {
    setTimeout(() => connect.apply(this, args), ms);
    return 0;
  };
  TCP.prototype.connect6 = () => (refused ? -101 : 0);
}

describe('a polluted Object.prototype', () => {
  // What Node's https, http, tls, net, dns, zlib and streams read from options, by their documentation and their sources.
  const OPTIONS =
    `agent auth createConnection defaultPort family headers hints host hostname insecureHTTPParser joinDuplicateHeaders localAddress localPort
    lookup maxHeaderSize method path port protocol setHost setDefaultHeaders socketPath timeout signal uniqueHeaders _defaultAgent href
    keepAlive keepAliveMsecs maxSockets maxTotalSockets maxFreeSockets scheduling maxCachedSessions proxyEnv agentKeepAliveTimeoutBuffer noDelay keepAliveInitialDelay
    ca cert key pfx passphrase ciphers crl sigalgs ecdhCurve dhparam minVersion maxVersion secureProtocol secureOptions secureContext sessionIdContext
    sessionTimeout ticketKeys honorCipherOrder clientCertEngine privateKeyEngine privateKeyIdentifier allowPartialTrustChain rejectUnauthorized
    checkServerIdentity servername session minDHSize ALPNProtocols SNICallback pskCallback enableTrace requestOCSP requestCert isServer server credentials
    pauseOnConnect handshakeTimeout socket infoAccess subject subjectaltname pool _agentKey encoding
    autoSelectFamily autoSelectFamilyAttemptTimeout blockList fd handle onread allowHalfOpen all verbatim order tries maxTimeout type
    highWaterMark readableHighWaterMark writableHighWaterMark objectMode readableObjectMode writableObjectMode readable writable defaultEncoding emitClose
    autoDestroy decodeStrings captureRejections newListener resume drain error code
    retry-after content-encoding content-type content-length transfer-encoding connection expect authorization
    chunkSize flush finishFlush windowBits dictionary info params maxOutputLength NODE_TLS_REJECT_UNAUTHORIZED HTTPS_PROXY`.split(
      /\s+/,
    );
  const CALLS = [
    'lookup',
    'createConnection',
    'checkServerIdentity',
    'hostname',
    'agent',
    'SNICallback',
    'pskCallback',
    'onread',
  ];
  /** Where an attacker has a certificate that Node trusts. */
  const ELSEWHERE = '127.0.0.2';
  const FURTHER = [{ host: ELSEWHERE, hostname: ELSEWHERE }, true, 0];

  /** @type {{ who: string, method: string | undefined, url: string | undefined, headers: string[] }[]} */
  const arrivals = [];
  /** @type {https.Server[]} */
  let servers = [];
  let folder = '';
  let port = 0;
  let able = true;
  before(async () => {
    const { ca, issue } = authority();
    folder = mkdtempSync(path.join(os.tmpdir(), 'login-sync-polluted-'));
    writeFileSync(path.join(folder, 'ca.pem'), ca);
    const serve = (/** @type {string} */ who) =>
      https.createServer(issue({ names: ['localhost', ELSEWHERE] }), (request, response) => {
        arrivals.push({ who, method: request.method, url: request.url, headers: Object.keys(request.headers) });
        request.resume().once('end', () => response.end(`{"id":"${who}"}`));
      });
    servers = [serve('ours'), serve('elsewhere')];
    const listen = (/** @type {https.Server | undefined} */ server, /** @type {string} */ host) =>
      new Promise((done, fail) => server?.once('error', fail).listen(port, host, () => done(undefined)));
    await listen(servers[0], '127.0.0.1');
    port = /** @type {import('node:net').AddressInfo} */ (
      /** @type {import('node:http').Server} */ (servers[0]).address()
    ).port;
    // Not every system has this address.
    await listen(servers[1], ELSEWHERE).catch(() => (able = false));
  });
  after(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true });
  });

  /** @param {import('node:test').TestContext} t */
  async function startChild(t) {
    const child = fork(fileURLToPath(new URL('polluted.mjs', import.meta.url)), [String(port), 'localhost'], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem') },
    });
    t.after(() => child.kill());
    await once(child, 'message');
    return async (/** @type {object} */ pollution) => {
      arrivals.length = 0;
      child.send({ name: 'nothing', kept: false, hidden: false, call: false, ...pollution });
      const [told] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(([code]) => [{ died: code }]),
      ]);
      return { ...told, arrivals: [...arrivals] };
    };
  }

  for (const kept of [false, true]) {
    for (const hidden of [false, true]) {
      it(`sends a request to the host of the config or nowhere, on a ${kept ? 'kept' : 'new'} connection${hidden ? ', where the field is not enumerable' : ''}`, async (t) => {
        if (!able) return t.skip(`this machine has no ${ELSEWHERE}`);
        const ask = await startChild(t);
        const plain = await ask({ kept });
        assert.deepEqual([plain.denied, plain.id, plain.arrivals.length], [null, 'ours', kept ? 2 : 1]);
        let through = 0;
        // Each login takes a new instance: so a field has the other address, and of the further values one in turn.
        const values = (/** @type {number} */ i) =>
          kept || hidden ? [ELSEWHERE] : [ELSEWHERE, FURTHER[i % FURTHER.length]];
        // What is not enumerable is tried for each field once: on a new connection or on a kept one.
        const fields = OPTIONS.map((name, i) => ({ name, i })).filter(({ i }) => !hidden || (i % 2 === 1) === kept);
        const chosen = fields.flatMap(({ name, i }) => values(i).map((value) => ({ name, value, call: false })));
        chosen.push(...CALLS.map((name) => ({ name, value: ELSEWHERE, call: true })));
        for (const pollution of chosen) {
          const told = await ask({ ...pollution, kept, hidden });
          const what = `${JSON.stringify(pollution)}: ${JSON.stringify(told)}`;
          assert.deepEqual([told.faults, told.thrown], [[], null], what);
          if (told.denied === null) {
            assert.deepEqual([told.id, told.arrivals], ['ours', plain.arrivals], what);
            through += 1;
          } else {
            assert.deepEqual(told.arrivals, kept ? plain.arrivals.slice(1) : [], what);
          }
        }
        assert.ok(through > chosen.length / 2, `${through} of ${chosen.length}`);
      });
    }
  }

  it('with fields that Node would stumble over has a word of its own', async (t) => {
    const ask = await startChild(t);
    for (const name of ['signal', 'captureRejections', 'encoding'])
      assert.match((await ask({ name, value: 'x' })).log[0], / crm=unavailable:polluted:/);
  });

  it('does not change where a host is', async (t) => {
    const ask = await startChild(t);
    for (const name of [
      'hostname',
      'host',
      'servername',
      'ca',
      'rejectUnauthorized',
      'socketPath',
      'lookup',
      'auth',
      'method',
    ]) {
      const told = await ask({ name, value: ELSEWHERE });
      assert.deepEqual([name, told.denied, told.id], [name, null, 'ours']);
    }
  });
});

describe('a request on a kept connection', () => {
  for (const delayMs of [1500, 400, 250]) {
    it(`that breaks ${delayMs} ms after it was sent is not sent again`, async () => {
      const { login, sent } = open([GOOD, { delayMs, reset: true }, GOOD]);
      assert.equal(await login(), 'ok:200:1');
      assert.equal(await login(), 'unavailable:ECONNRESET:1');
      assert.equal(await sent(), 2);
    });
  }

  it('that breaks at once is sent again, and no retry is counted', async (t) => {
    stopClock(t);
    const { login, sent } = open([GOOD, { reset: true }, GOOD]);
    assert.deepEqual([await login(), await login()], ['ok:200:1', 'ok:200:2']);
    assert.equal(await sent(), 3);
  });

  it('that breaks within the head of an answer is not sent again', async () => {
    const { login, sent } = open([GOOD, { raw: 'HTTP/1.1 200 OK\r\nContent-', reset: true }, GOOD]);
    assert.deepEqual([await login(), await login()], ['ok:200:1', 'unavailable:ECONNRESET:1']);
    assert.equal(await sent(), 2);
  });
});

describe('a host of several addresses', () => {
  after(direct);
  /** @type {[string, string[], number, boolean][]} */
  const table = [
    ['a far one and a dead one', ['127.0.0.1', '::1'], 950, false],
    ['a far one and one without a route', ['127.0.0.1', '::1'], 950, true],
    ['a dead one and a near one', ['::1', '127.0.0.1'], 0, false],
    ['one without a route and a far one', ['::1', '127.0.0.1'], 950, true],
    ['a dead one and a far one', ['::1', '127.0.0.1'], 400, false],
    ['two dead ones between two far ones', ['127.0.0.1', '::1', '::2'], 700, false],
  ];
  for (const [what, addresses, ms, refused] of table) {
    it(`${what} is reached`, async () => {
      network(ms, refused);
      server.addresses['far.example.com'] = addresses;
      assert.equal(await open([GOOD], { timeoutMs: 8000 }, 'far.example.com').login(), 'ok:200:1');
    });
  }

  it('of which none answers is given up in time', async () => {
    network(60_000);
    assert.equal(await open([GOOD], { timeoutMs: 300 }, 'far.example.com').login(), 'unavailable:timeout:1');
    network(0, true);
    server.addresses['far.example.com'] = ['::1', '::2'];
    assert.equal(await open([GOOD], {}, 'far.example.com').login(), 'unavailable:ENETUNREACH:1');
  });
});

describe('a request that is given up while one of several addresses is tried', () => {
  after(direct);
  for (const addresses of [
    ['127.0.0.1', '::1'],
    ['::1', '127.0.0.1', '::2', '127.0.0.2'],
    ['::1', '::2', '::3', '127.0.0.1'],
  ]) {
    it(`throws nothing later, and is not sent later: ${addresses}`, async () => {
      network(450);
      server.addresses['given-up.example.com'] = addresses;
      const opened = open(
        [{ ...GOOD, headers: { 'x-of': addresses.join() } }],
        { timeoutMs: 200 },
        'given-up.example.com',
      );
      assert.equal(await opened.login(), 'unavailable:timeout:1');
      await sleep(900);
      assert.deepEqual([opened.faults, await opened.sent()], [[[]], 0]);
    });
  }
});

describe('an answer that is there when the timer fires', () => {
  /** A login during which the thread is busy, from right after its request arrived. @param {ReturnType<typeof open>} opened @param {number} ms */
  async function blocked(opened, ms) {
    const before = await opened.sent();
    const login = opened.login();
    await opened.arrived(before + 1);
    await new Promise((done) => setImmediate(done));
    block(ms);
    return login;
  }

  it('is taken', async () => {
    const opened = open([GOOD, { ...GOOD, delayMs: 100 }], { timeoutMs: TIMEOUT_MS });
    await opened.login();
    assert.equal(await blocked(opened, BUSY_MS), 'ok:200:1');
    assert.equal(await opened.sent(), 2);
  });

  it('is taken when it is large, too, and compressed', async () => {
    const filler = { base64: base64('"0123456789abcdef"'), times: 0 };
    const large = {
      headers: { 'content-encoding': 'gzip' },
      base64: base64(' '.repeat(1024)),
      times: 900,
      pack: /** @type {const} */ ('gzipSync'),
      delayMs: 100,
    };
    assert.equal(
      await blocked(open([filler, large], { timeoutMs: TIMEOUT_MS, onFailure: 'allow' }), 1),
      'invalid:200:empty:1',
    );
    const opened = open([GOOD, large], { timeoutMs: TIMEOUT_MS });
    await opened.login();
    assert.equal(await blocked(opened, BUSY_MS), 'invalid:200:empty:1');
  });

  it('is not waited for when it is not there', async () => {
    const opened = open([GOOD, { ...GOOD, delayMs: 30_000 }], { timeoutMs: TIMEOUT_MS });
    await opened.login();
    assert.equal(await blocked(opened, BUSY_MS), 'unavailable:timeout:1');
  });

  it('is taken by all that wait for it', async () => {
    const part = (/** @type {string} */ text) => Buffer.from(text).toString('base64url');
    const tokenUntil = (/** @type {number} */ s) =>
      `${part('{"alg":"none"}')}.${part(`{"exp":${Math.floor(Date.now() / 1000) + s}}`)}.c2ln`;
    const answer = { base64: base64(JSON.stringify({ token: tokenUntil(3600) })) };
    // The first login connects. Its token has expired, so the next two ask again.
    const expired = { base64: base64(JSON.stringify({ token: tokenUntil(-3600) })) };
    const opened = open([expired, { ...answer, delayMs: 100 }], {
      timeoutMs: TIMEOUT_MS,
      reuse: true,
      onFailure: 'allow',
      response: { token: 'token', idToken: { token: 'token' } },
    });
    await opened.login();
    const logins = [opened.login(), opened.login()];
    await opened.arrived(2);
    await new Promise((done) => setImmediate(done));
    block(BUSY_MS);
    assert.deepEqual(
      (await Promise.all(logins)).map((said) => said?.split(':')[0]),
      ['ok', 'reused'],
    );
    assert.equal(await opened.sent(), 2);
  });
});
