// Real TLS on loopback, for sockets.test.mjs: a certificate authority made for the run, a server that breaks in every way a
// server can, and the `https` an Action gets to reach it. The server lives in a thread of its own: so its handles are not
// taken for the Action's, and it can close a connection while the Action's thread is busy.
//
// A host's first label says what its server does: `https://reset-mid-body.example.com/`. To add a fault, add a line to
// `FAULTS`, `BEFORE_TLS` or `CERTIFICATES`.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import forge from 'node-forge';
import { passOn } from '../../tools/develop/far.mjs';
import { led } from '../../tools/tenant/context.mjs';
import { builtinRequire } from '../../tools/tenant/host.mjs';
import { PATIENCE_MS } from '../patience.mjs';

/** What a server answers that answers well. */
export const ANSWER = 'ja, 5 \u20ac \u{1f44d}';
const BODY = JSON.stringify({ answer: ANSWER });
const LENGTH = Buffer.byteLength(BODY);
const MIB = 1024 * 1024;
/** After so long the server closes a connection that is idle. */
const IDLE_MS = 150;

/** What the Action's thread can wait for while it stands still: how often each of these has happened. */
const EVENTS = /** @type {const} */ (['flight', 'arrival', 'answer', 'idle end']);
const counters = new Int32Array(new SharedArrayBuffer(4 * EVENTS.length));
/** @param {(typeof EVENTS)[number]} event */
function count(event) {
  Atomics.add(counters, EVENTS.indexOf(event), 1);
  Atomics.notify(counters, EVENTS.indexOf(event));
}

/** @param {string} [body] @param {string} [head] further header lines @param {number} [length] */
const ok = (body = BODY, head = '', length = Buffer.byteLength(body)) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${head}\r\n${body}`;

/** @param {net.Socket} socket @param {string} text and then, when it is out, `next` */
const say = (socket, text, next = () => {}) => void socket.write(text, next);

/** The connections below TLS, by the port of the other side: only there can one be reset. @type {Map<number | undefined, net.Socket>} */
const below = new Map();

/** Ends a connection as a crash does, with a reset. @param {net.Socket} socket */
const reset = (socket) => void below.get(socket.remotePort)?.resetAndDestroy();

/** Ends it as a server does that has had enough, without TLS's goodbye. @param {net.Socket} socket */
const close = (socket) => void below.get(socket.remotePort)?.destroy();

/** Answers well, and ends the connection in this way once it has been idle. @param {(socket: net.Socket) => void} end */
const thenIdle = (end) => (/** @type {net.Socket} */ socket) =>
  say(socket, ok(), () =>
    setTimeout(() => {
      end(socket);
      setImmediate(count, 'idle end');
    }, IDLE_MS),
  );

/** What waits for a word of the test, by host. @type {Map<string, (() => void)[]>} */
const held = new Map();

/** Does this once the test says so. @param {net.Socket} socket @param {() => void} act */
function hold(socket, act) {
  const host = String(/** @type {tls.TLSSocket} */ (socket).servername);
  held.set(host, [...(held.get(host) ?? []), act]);
}

/** @param {string} host */
function release(host) {
  for (const act of held.get(host) ?? []) act();
  held.delete(host);
}

/** Writes a part again and again. @param {net.Socket} socket @param {string | Buffer} part @param {number} everyMs */
function drip(socket, part, everyMs) {
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(part)), everyMs);
  socket.once('close', () => clearInterval(timer));
}

/** Writes in chunks of one byte, so that no character is whole. @param {net.Socket} socket @param {Buffer} body */
function chunks(socket, body) {
  for (const byte of body) socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]));
  socket.write('0\r\n\r\n');
}

/** Writes much, as fast as it is taken. @param {net.Socket} socket @param {string} head @param {string} unit @param {number} bytes */
function pour(socket, head, unit, bytes) {
  const part = Buffer.from(unit.repeat(64 * 1024));
  let left = bytes;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= part.length;
      if (!socket.write(part)) return void socket.once('drain', more);
    }
    if (!socket.destroyed) socket.end();
  };
  say(socket, head, more);
}

/**
 * What is done with a request, the `n`th on its connection (from 1 on).
 * @type {Record<string, (socket: net.Socket, n: number) => void>}
 */
export const FAULTS = {
  good: (socket) => say(socket, ok()),
  chunked: (socket) =>
    say(socket, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', () => chunks(socket, Buffer.from(BODY))),
  'http-1-0': (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${BODY}`),
  interim: (socket) =>
    say(socket, `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${ok()}`),
  'says-close': (socket) => say(socket, ok(BODY, 'Connection: close\r\n'), () => socket.end()),
  slow: (socket) => void setTimeout(() => say(socket, ok()), 100),
  redirect: (socket) =>
    say(socket, `HTTP/1.1 302 Found\r\nLocation: https://moved.example.com/\r\nContent-Length: 0\r\n\r\n`),

  'hang-before-headers': () => {},
  'hang-in-headers': (socket) => say(socket, 'HTTP/1.1 200 OK\r\nContent-'),
  'hang-after-headers': (socket) => say(socket, ok('', '', LENGTH)),
  'hang-mid-body': (socket) => say(socket, ok(BODY.slice(0, 5), '', LENGTH)),
  'drip-headers': (socket) => say(socket, 'HTTP/1.1 200 OK\r\n', () => drip(socket, 'X-Drip: 1\r\n', 20)),
  'drip-body': (socket) => say(socket, ok('', '', 1000), () => drip(socket, ' ', 20)),
  'interim-for-ever': (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', 20),

  'close-before-headers': (socket) => close(socket),
  'close-mid-body': (socket) => say(socket, ok(BODY.slice(0, 5), '', LENGTH), () => close(socket)),
  'close-mid-chunks': (socket) =>
    say(socket, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ans\r\n', () => close(socket)),
  'end-mid-body': (socket) => say(socket, ok(BODY.slice(0, 5), '', LENGTH), () => socket.end()),
  'reset-before-headers': (socket) => reset(socket),
  'reset-after-headers': (socket) => say(socket, ok('', '', LENGTH), () => setTimeout(reset, 20, socket)),
  'reset-mid-body': (socket) => say(socket, ok(BODY.slice(0, 5), '', LENGTH), () => setTimeout(reset, 20, socket)),

  'length-too-long': (socket) => say(socket, ok(BODY, '', LENGTH + 10), () => socket.end()),
  'length-too-short': (socket) => say(socket, ok(BODY, '', LENGTH - 5)),
  'length-no-number': (socket) => say(socket, ok().replace(/Length: \d+/, 'Length: many')),
  'length-twice': (socket) => say(socket, ok(BODY, `Content-Length: ${LENGTH - 1}\r\n`)),
  'bad-chunks': (socket) => say(socket, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'),
  garbage: (socket) => say(socket, '\u0000\u0001 SSH-2.0-OpenSSH_9.2 \r\n\r\n'),
  'no-status': (socket) => say(socket, 'HTTP/1.1 abc OK\r\n\r\n'),
  'huge-headers': (socket) => say(socket, `HTTP/1.1 200 OK\r\nX-Huge: ${'x'.repeat(128 * 1024)}\r\n\r\n`),
  upgrade: (socket) =>
    say(socket, 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),

  huge: (socket) => pour(socket, ok('', '', 64 * MIB), 'x', 64 * MIB),
  'huge-without-length': (socket) => pour(socket, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', '\u20ac', 64 * MIB),

  // Of a connection that was kept: good at first.
  'kept-reset': (socket, n) => (n === 1 ? say(socket, ok()) : reset(socket)),
  'kept-close': (socket, n) => (n === 1 ? say(socket, ok()) : close(socket)),
  'kept-end': (socket, n) => (n === 1 ? say(socket, ok()) : void socket.end()),
  'kept-hang': (socket, n) => (n === 1 ? say(socket, ok()) : undefined),
  'kept-reset-mid-body': (socket, n) => (n === 1 ? say(socket, ok()) : FAULTS['reset-mid-body']?.(socket, n)),
  'idle-reset': thenIdle(reset),
  'idle-close': thenIdle(close),
  'idle-end': thenIdle((socket) => socket.end()),
};

/** How often the one that hangs for all has been asked. */
let asked = 0;

/** The same, of servers that are quick twenty times, which is then what is usual. @type {typeof FAULTS} */
const TURNS = {
  'then-held': (socket, n) =>
    n <= 20 ? say(socket, ok()) : hold(socket, () => say(socket, ok(), () => count('answer'))),
  'then-held-reset': (socket, n) => (n <= 20 ? say(socket, ok()) : hold(socket, () => reset(socket))),
  'then-hang': (socket, n) => (n <= 20 ? say(socket, ok()) : undefined),
  'then-hang-for-all': (socket) => ((asked += 1) <= 20 ? say(socket, ok()) : undefined),
};

/** What is done with a connection on which TLS has not begun. @type {Record<string, (socket: net.Socket) => void>} */
export const BEFORE_TLS = {
  'reset-at-connect': (socket) => void socket.resetAndDestroy(),
  'close-at-connect': (socket) => void socket.destroy(),
  'hang-in-handshake': () => {},
  'reset-in-handshake': (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  'no-tls': (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
};

const DAY = 24 * 3600 * 1000;

/** Certificates that must not be trusted. @type {Record<string, Partial<Wanted>>} */
export const CERTIFICATES = {
  'wrong-host': { names: ['elsewhere.example.org'] },
  expired: { from: -2 * DAY, to: -DAY },
  'not-yet': { from: DAY, to: 2 * DAY },
  'self-signed': { issuer: 'itself' },
  'other-authority': { issuer: 'another' },
};

/** The label of a host that is 40 ms away and answers well. */
export const FAR = 'far';
const FAR_MS = 40;

/** A port where no one listens. */
export const REFUSED = 'refused';

/**
 * @typedef {object} Wanted
 * @property {string[]} names
 * @property {number} from milliseconds from now
 * @property {number} to
 * @property {'ours' | 'another' | 'itself'} issuer
 */

/** Two authorities, of which one is ours, and the certificates they give. */
export function authority() {
  const pair = () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return {
      pem: privateKey,
      public: forge.pki.publicKeyFromPem(publicKey),
      private: forge.pki.privateKeyFromPem(privateKey),
    };
  };
  const [ca, another, leaf] = [pair(), pair(), pair()];
  const name = (/** @type {string} */ text) => [{ shortName: 'CN', value: text }];
  let serial = 0;

  /** @param {string} subject @param {typeof ca} keys @param {string} issuer @param {typeof ca} by @param {object[]} extensions @param {Partial<Wanted>} [dates] */
  const certificate = (subject, keys, issuer, by, extensions, { from = -DAY, to = DAY } = {}) => {
    const made = forge.pki.createCertificate();
    serial += 1;
    made.serialNumber = `0${serial}`;
    made.publicKey = keys.public;
    made.validity.notBefore = new Date(Date.now() + from);
    made.validity.notAfter = new Date(Date.now() + to);
    made.setSubject(name(subject));
    made.setIssuer(name(issuer));
    made.setExtensions(extensions);
    made.sign(by.private, forge.md.sha256.create());
    return forge.pki.certificateToPem(made);
  };

  return {
    ca: certificate('test authority', ca, 'test authority', ca, [
      { name: 'basicConstraints', cA: true, critical: true },
    ]),
    /** @param {Partial<Wanted>} [wanted] */
    issue({ names = ['*.example.com'], issuer = 'ours', ...dates } = {}) {
      const extensions = [
        {
          name: 'subjectAltName',
          altNames: names.map((value) => (net.isIP(value) ? { type: 7, ip: value } : { type: 2, value })),
        },
      ];
      const subject = /** @type {string} */ (names[0]);
      const [by, keys] = {
        ours: /** @type {const} */ (['test authority', ca]),
        another: /** @type {const} */ (['another authority', another]),
        itself: /** @type {const} */ ([subject, leaf]),
      }[issuer];
      return { key: leaf.pem, cert: certificate(subject, leaf, by, keys, extensions, dates) };
    },
  };
}

// ---- in the server's thread ---------------------------------------------------------------------

/** Every request that arrived whole, as `host n`. @type {string[]} */
const arrivals = [];

/** @param {tls.TLSSocket} socket */
function serve(socket) {
  const host = String(socket.servername);
  const name = host.split('.')[0] ?? '';
  const fault = FAULTS[name] ?? TURNS[name] ?? FAULTS.good;
  let text = '';
  let n = 0;
  socket.on('error', () => {});
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    for (;;) {
      const head = text.indexOf('\r\n\r\n') + 4;
      const end = head + Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
      if (head < 4 || text.length < end) return;
      text = text.slice(end);
      n += 1;
      arrivals.push(`${host} ${n}`);
      count('arrival');
      fault?.(socket, n);
    }
  });
}

/** Flights of clients to the far one are a connection, and what they write after something was written to them. @param {net.Socket} client @param {number} port */
function passFar(client, port) {
  count('flight');
  let mayFly = true;
  passOn(client, port, FAR_MS, (from) => {
    if (mayFly && from === 'client') count('flight');
    mayFly = from === 'server';
  });
}

/** @param {net.Server} server @returns {Promise<number>} */
const listen = (server) =>
  new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done(/** @type {net.AddressInfo} */ (server.address()).port)),
  );

async function serveAll() {
  const { ca, issue } = authority();
  const good = tls.createSecureContext(issue());
  const bad = Object.fromEntries(
    Object.entries(CERTIFICATES).map(([name, wanted]) => [name, tls.createSecureContext(issue(wanted))]),
  );
  const secure = tls
    .createServer({ SNICallback: (host, done) => done(null, bad[host.split('.')[0] ?? ''] ?? good) }, serve)
    .on('tlsClientError', () => {});
  const front = net.createServer((socket) => {
    const port = socket.remotePort;
    below.set(
      port,
      socket.on('error', () => {}).once('close', () => below.delete(port)),
    );
    secure.emit('connection', socket);
  });

  /** @type {Record<string, number>} */
  const ports = { '': await listen(front) };
  const { '': near = 0 } = ports;
  ports[FAR] = await listen(net.createServer((socket) => passFar(socket, near)));
  for (const [name, act] of Object.entries(BEFORE_TLS))
    ports[name] = await listen(net.createServer((socket) => act(socket.on('error', () => {}))));
  const closed = net.createServer();
  ports[REFUSED] = await listen(closed);
  await new Promise((done) => closed.close(done));

  parentPort?.on('message', (host) => (host === '' ? parentPort?.postMessage(arrivals) : release(host)));
  parentPort?.postMessage({ ca, ports, counters });
}

if (!isMainThread && workerData === 'tls') await serveAll();

// ---- in the Action's thread ---------------------------------------------------------------------

/** Starts the server, and gives the `require` of an Action that is led to it. */
export async function startTls() {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'tls' });
  const message = async () => (await once(worker, 'message'))[0];
  const { ca, ports, counters: shared } = await message();
  /** @type {Int32Array} */
  const counters = shared;
  /** @type {Map<net.Socket, string>} */
  const sockets = new Map();
  let connections = 0;
  let most = 0;

  // The pool, TLS and the checks of certificates are Node's: only the address is ours, and the authority to trust.
  class Agent extends https.Agent {
    /** @param {any} options @param {any} done */
    createConnection(options, done) {
      const port = ports[options.host.split('.')[0]] ?? ports[''];
      const socket = led(() =>
        /** @type {any} */ (https.Agent.prototype).createConnection.call(
          this,
          { ...options, ca, host: '127.0.0.1', port, servername: options.host },
          done,
        ),
      );
      sockets.set(socket, options.host);
      connections += 1;
      socket.once('close', () => {
        most = Math.max(most, socket.bytesRead);
        sockets.delete(socket);
      });
      return socket;
    }
  }

  const facade = { ...https, Agent };
  return {
    /** @param {string} name */
    require: (name) => (name === 'https' || name === 'node:https' ? facade : builtinRequire(name)),
    /** How often it has happened; meanwhile this thread stands still until it has so often. @param {(typeof EVENTS)[number]} event @param {number} [least] */
    count(event, least = 0) {
      const at = EVENTS.indexOf(event);
      for (let seen = 0; (seen = Atomics.load(counters, at)) < least; )
        if (Atomics.wait(counters, at, seen, PATIENCE_MS) === 'timed-out') break;
      return Atomics.load(counters, at);
    },
    /** Lets a host do what it has held back. @param {string} host */
    release: (host) => worker.postMessage(host),
    /** How many connections to a host are open. @param {string} host */
    open: (host) => [...sockets.values()].filter((each) => each === host).length,
    /** How many of them are there already, at least below TLS. @param {string} host */
    made: (host) => [...sockets].filter(([socket, each]) => each === host && !socket.connecting).length,
    /** Ends them all. */
    hangUp: () => sockets.forEach((_, socket) => void socket.destroy()),
    /** How many were opened so far. */
    connections: () => connections,
    /** The most bytes that one connection brought. */
    mostRead: () => most,
    /** Every request that arrived whole, as `host n`, n counting on its connection. @returns {Promise<string[]>} */
    async arrivals() {
      worker.postMessage('');
      return message();
    },
    close: () => worker.terminate(),
  };
}
