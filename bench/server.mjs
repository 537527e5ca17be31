// bench/: the other system, in a process of its own: on loopback, over TLS or plain, a good answer at once.
//
// BENCH_TLS {key, cert}: over TLS · BENCH_DELAY: milliseconds before the answer · BENCH_PADDING: bytes more in it
// BENCH_AWAY: how far away it is, in milliseconds for a round trip
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { passOn } from '../tools/develop/far.mjs';

const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const claims = { customerId: 971740740, publisherId: 123456789, iat: now, exp: now + 86_400 };
const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
const accessToken = `${signed}.${createHmac('sha256', 'bench').update(signed).digest('base64url')}`;
const padding = Number(process.env.BENCH_PADDING ?? 0);
const delay = Number(process.env.BENCH_DELAY ?? 0);
const away = Number(process.env.BENCH_AWAY ?? 0);
const body = JSON.stringify(padding ? { accessToken, padding: 'x'.repeat(padding) } : { accessToken });
const token = JSON.stringify({ access_token: 'bench', expires_in: 86_400 });
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const tokenHead = { ...head, 'content-length': token.length };

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
function answer(request, response) {
  const reply = () =>
    request.url === '/token' ? response.writeHead(200, tokenHead).end(token) : response.writeHead(200, head).end(body);
  request.resume();
  request.on('end', delay ? () => setTimeout(reply, delay) : reply);
}

/** @param {net.Server} server @returns {Promise<number>} */
const listen = (server) =>
  new Promise((done) =>
    server.listen(0, '127.0.0.1', 4096, () => done(/** @type {net.AddressInfo} */ (server.address()).port)),
  );

const server = process.env.BENCH_TLS
  ? https.createServer(JSON.parse(process.env.BENCH_TLS), answer)
  : http.createServer(answer);
server.keepAliveTimeout = 60_000;
const near = await listen(server);
const port = away ? await listen(net.createServer((client) => passOn(client, near, away))) : near;
process.send?.({ port });
