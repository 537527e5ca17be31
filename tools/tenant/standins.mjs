// The local tenant, the outside world on a wire: one HTTP server on loopback that takes the place of every system. It carries
// requests and replies; what is in them is `world.mjs`'s business.
import http from 'node:http';
import { createWorld } from './world.mjs';

/**
 * @typedef {import('./world.mjs').Arrival} Arrival
 * @typedef {import('./world.mjs').Answer} Answer
 * @typedef {import('./world.mjs').System} System
 * @typedef {import('./world.mjs').FaultOptions} FaultOptions
 */
export { FAULTS, isFault } from './world.mjs';

const SLOW_MS = 100;

/**
 * @typedef {{ fault: string | null, delayMs: number }} Conduct
 *
 * @param {import('./world.mjs').WorldOptions & { conduct?: (request: { url: string, body: string }) => Conduct }} [options]
 *   `conduct`: what to do with each request; it takes the place of the world's faults
 */
export async function startStandIns({ conduct, ...options } = {}) {
  const { receive, ...world } = createWorld(options);
  /** Connections that have carried a request before. @type {WeakSet<import('node:net').Socket>} */
  const used = new WeakSet();

  const server = http.createServer(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    );
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return; // the caller went away while sending
    }
    const reused = used.has(request.socket);
    used.add(request.socket);
    const url = request.url ?? '/';
    const { fault = null, delayMs = 0 } = conduct?.({ url, body }) ?? {};
    if (conduct) world.heal();
    if (fault !== null) world.fault(fault);
    const ready = receive({ method: request.method ?? '', url, headers, body, reused });
    const afterMs = delayMs + ready.delayMs;
    if (afterMs === 0) reply(response, ready);
    else setTimeout(reply, afterMs, response, ready).unref();
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  server.unref();

  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    ...world,
    close: () =>
      new Promise((done) => {
        server.close(() => done(undefined));
        server.closeAllConnections();
      }),
  };
}

/** @typedef {Awaited<ReturnType<typeof startStandIns>>} StandIns */

/** @param {http.ServerResponse} response @param {import('./world.mjs').Reply} reply */
function reply(response, { manner, status, headers, body }) {
  if (manner === 'never') return;
  if (manner === 'reset') return void response.socket?.resetAndDestroy();
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  if (manner === 'half') response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
  else if (manner === 'drip') drip(response, body);
  else response.end(body);
}

// One byte at a time: the connection is alive, and the answer takes longer than anybody should wait.
/** @param {http.ServerResponse} response @param {string} text */
function drip(response, text) {
  const bytes = Buffer.from(text);
  let at = 0;
  const timer = setInterval(() => {
    if (response.destroyed || at >= bytes.length) {
      clearInterval(timer);
      response.end();
    } else {
      response.write(bytes.subarray(at, (at += 1)));
    }
  }, SLOW_MS);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}
