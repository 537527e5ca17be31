// The other side of this example: a receiver that believes a request only if the Action has signed it.
//
//   npm install jose
//   WEBHOOK_KEY=… WEBHOOK_AUDIENCE=https://hooks.example.com/login PORT=8080 node receiver.mjs
//
// It speaks plain HTTP: put it behind whatever ends TLS for you. One process; several need a common place for `seen`.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { jwtVerify } from 'jose';

const LARGEST_BODY = 65_536;
/** An execution of an Action ends within 20 s; so long a retry may follow the request that it repeats. */
const RETRIES_MS = 60_000;

/**
 * A request listener for `http.createServer`. It answers 204 when `handle` has done its work, 401 to a stranger, 409 to a
 * replay, 413 to a body that is too large, 500 when `handle` fails, so that the Action tries again.
 * @param {object} options
 * @param {string} options.key the secret that the Action holds as WEBHOOK_KEY
 * @param {string} options.audience the audience in its config
 * @param {(body: any, userId: string) => unknown} options.handle
 * @param {() => number} [options.now] milliseconds since 1970
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>}
 */
export function receiver({ key, audience, handle, now = Date.now }) {
  // A shorter key can be guessed from a single token.
  if (Buffer.byteLength(key) < 32) throw new RangeError('the key must have 32 bytes or more');
  const secret = new TextEncoder().encode(key);
  const tokens = once(now);
  const done = once(now);

  /** @param {import('node:http').IncomingMessage} request @returns {Promise<number>} the status */
  const receive = async (request) => {
    const body = await read(request);
    if (body === undefined) return 413;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const claims = token && (await verified(token));
    if (!claims || !sameText(claims.body_sha256, createHash('sha256').update(body).digest('base64url'))) return 401;
    if (!tokens.add(claims.jti, claims.exp * 1000)) return 409;

    // Each try has a token of its own; what makes it the same request is this header.
    const request_id = String(request.headers['idempotency-key'] ?? claims.jti);
    if (done.has(request_id)) return 204;
    try {
      await handle(JSON.parse(body.toString()), claims.sub);
    } catch (error) {
      console.error('the work failed:', error);
      return 500;
    }
    done.add(request_id, now() + RETRIES_MS);
    return 204;
  };

  /** @param {string} token @returns {Promise<any>} its claims, or nothing */
  const verified = async (token) => {
    const rules = {
      algorithms: ['HS256'],
      issuer: 'login-sync',
      audience,
      requiredClaims: ['jti', 'sub', 'iat', 'exp', 'body_sha256'],
    };
    try {
      return (await jwtVerify(token, secret, { ...rules, currentDate: new Date(now()), clockTolerance: 5 })).payload;
    } catch {
      return undefined;
    }
  };

  return async (request, response) => {
    const status = await receive(request).catch(() => 400);
    response.writeHead(status, status === 413 ? { connection: 'close' } : {}).end();
  };
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<Buffer | undefined>} nothing when it is too large */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Ids, each until its time is over. @param {() => number} now */
function once(now) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const has = (/** @type {string} */ id) => (seen.get(id) ?? 0) > now();
  return {
    has,
    /** @param {string} id @param {number} until milliseconds since 1970 @returns {boolean} whether it is new */
    add(id, until) {
      for (const [known, end] of seen) if (end <= now()) seen.delete(known);
      if (has(id)) return false;
      seen.set(id, until + 10_000);
      return true;
    },
  };
}

/** @param {unknown} a @param {string} b */
const sameText = (a, b) =>
  typeof a === 'string' && a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { WEBHOOK_KEY: key = '', WEBHOOK_AUDIENCE: audience = '', PORT: port = '8080' } = process.env;
  createServer(
    receiver({ key, audience, handle: (body, userId) => console.log('login of', userId, Object.keys(body)) }),
  ).listen(Number(port));
}
