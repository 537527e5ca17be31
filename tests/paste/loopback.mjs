// Real TLS on loopback for tests of what an answer may be: the path of a request says what the server does with it. The
// server has a thread of its own, so it answers while the Action's thread is busy. (tls.mjs breaks connections instead.)
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { led } from '../../tools/tenant/context.mjs';
import { builtinRequire } from '../../tools/tenant/host.mjs';
import { authority } from './tls.mjs';

/**
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {Record<string, string>} [headers]
 * @property {string} [base64] the body, as it is sent
 * @property {number} [times] the body is so many of them
 * @property {'gzipSync' | 'brotliCompressSync' | 'deflateSync'} [pack] the whole of it is compressed
 * @property {number} [delayMs]
 * @property {string} [raw] written as it is before `reset`
 * @property {boolean} [reset] the connection is destroyed instead
 */

/** The answers to a path's requests, in turn; the last one stays. @param {Answer[]} answers */
export const pathOf = (...answers) => `/${Buffer.from(JSON.stringify(answers)).toString('base64url')}`;

// ---- in the server's thread ---------------------------------------------------------------------

async function serve() {
  const { ca, issue } = authority();
  /** @type {{ path: string, headers: import('node:http').IncomingHttpHeaders }[]} */
  const arrivals = [];
  const server = https.createServer({ ...issue(), keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume().once('end', () => {
      const path = String(request.url);
      const answers = JSON.parse(Buffer.from(path.slice(1), 'base64url').toString());
      const before = arrivals.filter((arrival) => arrival.path === path).length;
      arrivals.push({ path, headers: request.headers });
      /** @type {Answer} */
      const {
        status = 200,
        headers = {},
        base64 = '',
        times = 1,
        pack,
        delayMs = 0,
        raw,
        reset = false,
      } = answers[Math.min(before, answers.length - 1)];
      setTimeout(() => {
        if (raw) request.socket.write(raw);
        if (reset) return void setTimeout(() => request.socket.destroy(), raw ? 20 : 0);
        const plain = Buffer.concat(Array(times).fill(Buffer.from(base64, 'base64')));
        const body = pack ? zlib[pack](plain) : plain;
        response
          .writeHead(status, { ...(status === 204 ? {} : { 'content-length': body.length }), ...headers })
          .end(body);
      }, delayMs);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  parentPort?.on('message', () => parentPort?.postMessage(arrivals));
  parentPort?.postMessage({ ca, port: /** @type {net.AddressInfo} */ (server.address()).port });
}

if (!isMainThread && workerData === 'loopback') await serve();

// ---- in the Action's thread ---------------------------------------------------------------------

/** Starts the server, and gives the `require` of an Action that is led to it. */
export async function startLoopback() {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'loopback' });
  const message = async () => (await once(worker, 'message'))[0];
  const { ca, port } = await message();
  /** What a host's name resolves to. @type {Record<string, string[]>} */
  const addresses = {};

  /** @param {string} host @param {{ all?: boolean }} options @param {Function} done */
  const lookup = (host, { all }, done) => {
    const found = (addresses[host] ?? ['127.0.0.1']).map((address) => ({ address, family: net.isIP(address) }));
    setImmediate(() => (all ? done(null, found) : done(null, found[0]?.address, found[0]?.family)));
  };
  class Agent extends https.Agent {
    /** @param {any} options @param {any} done */
    createConnection(options, done) {
      return led(() =>
        /** @type {any} */ (https.Agent.prototype).createConnection.call(this, { ...options, ca, port, lookup }, done),
      );
    }
  }
  const facade = { ...https, Agent };
  return {
    addresses,
    /** @param {string} name */
    require: (name) => (name === 'https' || name === 'node:https' ? facade : builtinRequire(name)),
    /** The headers of each request that arrived for a path. @param {string} path @returns {Promise<Record<string, string>[]>} */
    async arrivals(path) {
      worker.postMessage('arrivals');
      const all = /** @type {{ path: string, headers: Record<string, string> }[]} */ (await message());
      return all.filter((arrival) => arrival.path === path).map(({ headers }) => headers);
    },
    close: () => worker.terminate(),
  };
}
