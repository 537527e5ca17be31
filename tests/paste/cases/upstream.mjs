// The other systems of a case: an HTTPS server for each host, with a certificate for that host alone. They live in a thread of
// their own, so that they go on while the Action's thread is busy.
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { authority } from '../tls.mjs';
import { jsonText } from './values.mjs';

/**
 * @typedef {object} Arrival a request that came whole
 * @property {string} host whose server it reached
 * @property {string} named the host that it named
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string} body
 */

/** Starts the thread. */
export async function startUpstream() {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'upstream' });
  const [{ ca }] = await once(worker, 'message');
  /** @param {object} message */
  const ask = async (message) => {
    worker.postMessage(message);
    return (await once(worker, 'message'))[0];
  };
  return {
    ca: /** @type {string} */ (ca),
    /** Opens the servers of a case. @param {Record<string, any[]>} rules by host @param {string[]} untrusted @returns {Promise<Record<string, number>>} their ports */
    open: (rules, untrusted) => ask({ rules, untrusted }),
    /** How far the clock of the case is ahead. @param {number} ahead milliseconds */
    clock: (ahead) => ask({ ahead }),
    /** What has come since it was asked last. @returns {Promise<Arrival[]>} */
    arrivals: () => ask({ arrivals: true }),
    close: () => worker.terminate(),
  };
}

// ---- in the thread ------------------------------------------------------------------------------

/** @type {Arrival[]} */
let arrivals = [];
let ahead = 0;
/** @type {net.Server[]} */
let open = [];
/** The connections below TLS, by the port of the other side: only there can one be reset. @type {Map<number | undefined, net.Socket>} */
const below = new Map();

/** @type {Record<string, (body: Buffer) => Buffer>} */
const CODINGS = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate-raw': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
  identity: (body) => body,
};

/** @param {any} rule @param {Arrival} arrival */
function fits({ if: wanted = {} }, { path, method, headers, body }) {
  const { path: inPath = '', body: inBody = '', method: byMethod = method, header = {} } = wanted;
  return (
    path.includes(inPath) &&
    body.includes(inBody) &&
    method === byMethod &&
    Object.entries(header).every(([name, value]) => headers[name.toLowerCase()] === value)
  );
}

/** @param {any} rule whose count goes up */
function nextAnswer(rule) {
  const n = rule.count ?? 0;
  rule.count = n + 1;
  if (rule.answers) return rule.answers[Math.min(n, rule.answers.length - 1)];
  if (rule.cycle) return rule.cycle[n % rule.cycle.length];
  return rule.answer ?? {};
}

/** @param {any} answer @returns {{ status: number, headers: Record<string, string>, body: Buffer }} */
function written({ status = 200, headers = {}, json, text, base64, coding }) {
  const whole =
    json === undefined
      ? Buffer.from(base64 ?? text ?? '', base64 === undefined ? 'utf8' : 'base64')
      : Buffer.from(jsonText(json, Date.now() + ahead));
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const body = coding && whole.length > 0 ? (CODINGS[coding] ?? CODINGS.identity)(whole) : whole;
  return {
    status,
    headers: {
      ...type,
      ...(coding ? { 'content-encoding': coding === 'deflate-raw' ? 'deflate' : coding } : {}),
      ...headers,
    },
    body,
  };
}

/**
 * @param {string} host
 * @param {any[]} rules
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function serve(host, rules, request, response) {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  /** @type {Arrival} */
  const arrival = {
    host,
    named: String(request.headers.host).replace(/:\d+$/, ''),
    method: String(request.method),
    path: String(request.url),
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
  };
  arrivals.push(arrival);
  const rule = rules.find((each) => fits(each, arrival));
  const answer = rule ? nextAnswer(rule) : { status: 404 };
  if (answer.delayMs) await new Promise((done) => setTimeout(done, answer.delayMs));
  if (answer.reset) return void below.get(request.socket.remotePort)?.resetAndDestroy();
  const { status, headers, body } = written(answer);
  response.writeHead(status, [204, 304].includes(status) ? headers : { 'content-length': body.length, ...headers });
  response.end(body);
}

/** @param {ReturnType<typeof authority>} certificates @param {string} place @param {any[]} rules @param {boolean} trusted */
function listen(certificates, place, rules, trusted) {
  const host = place.replace(/:\d+$/, '');
  const secure = https.createServer(certificates.issue({ names: [host], issuer: trusted ? 'ours' : 'another' }));
  secure.keepAliveTimeout = 0;
  secure.on('tlsClientError', () => {});
  secure.on('request', (request, response) => void serve(host, rules, request, response).catch(() => {}));
  const front = net.createServer((socket) => {
    const port = socket.remotePort;
    below.set(
      port,
      socket.on('error', () => {}).once('close', () => below.delete(port)),
    );
    secure.emit('connection', socket);
  });
  open.push(front);
  return /** @type {Promise<number>} */ (
    new Promise((done) =>
      front.listen(0, '127.0.0.1', () => done(/** @type {net.AddressInfo} */ (front.address()).port)),
    )
  );
}

if (!isMainThread && workerData === 'upstream') {
  const made = authority();
  parentPort?.on('message', async (message) => {
    if (message.rules) {
      for (const server of open) server.close();
      for (const socket of below.values()) socket.destroy();
      [open, arrivals, ahead] = [[], [], 0];
      /** @type {Record<string, number>} */
      const ports = {};
      for (const [place, rules] of Object.entries(message.rules))
        ports[place] = await listen(made, place, rules, !message.untrusted.includes(place));
      parentPort?.postMessage(ports);
    } else if (message.arrivals) {
      parentPort?.postMessage(arrivals);
      arrivals = [];
    } else {
      ahead = message.ahead;
      parentPort?.postMessage(true);
    }
  });
  parentPort?.postMessage({ ca: made.ca });
}
