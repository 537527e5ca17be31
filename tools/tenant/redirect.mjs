// The local tenant, the way out: the `require` an Action gets. `https` is Node's own, all but the connection: whatever host
// is asked for, the socket goes to the stand-ins on loopback, in plain HTTP, and the host's name stays in the `Host` header.
// `fetch` and everything else that opens a connection can't be led from here; the guard in `context.mjs` refuses it and
// records a fault, so that such a call is never missed and never leaves the machine.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { currentScope, led } from './context.mjs';
import { builtinRequire } from './host.mjs';

const KEPT_BYTES = 65_536;

/**
 * @param {number} port where the stand-ins listen on 127.0.0.1
 */
export function createRedirect(port) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set();

  // The pool is Node's, and keeps one list of sockets per host and port asked for: only the target is ours.
  class Agent extends http.Agent {
    /** @param {http.AgentOptions} [options] */
    constructor(options) {
      super(options);
      Object.assign(this, { protocol: 'https:', defaultPort: 443 });
    }

    /** @param {object} _options @param {Function} [_done] */
    createConnection(_options, _done) {
      const socket = led(() => net.connect({ host: '127.0.0.1', port }));
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    }
  }

  const globalAgent = new Agent({ keepAlive: true });

  /** @param {any[]} args as `https.request` takes them */
  const request = (...args) => {
    const answer = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const [first, second] = args;
    const url = typeof first === 'string' ? new URL(first) : first instanceof URL ? first : undefined;
    const options = { ...(url ? urlOptions(url) : first), ...(url ? second : undefined) };
    const sent = http.request({ ...options, _defaultAgent: globalAgent }, answer);
    record(sent);
    return sent;
  };

  return {
    require: requireWith({ Agent, globalAgent, request }),
    /** Ends the connections that a keep-alive agent of the Action still holds. */
    close: () => sockets.forEach((socket) => void socket.destroy()),
  };
}

/** The way out that leads where the Action wants: Node's own `https`, with a record of each request. */
export function createPassage() {
  /** @param {any[]} args as `https.request` takes them */
  const request = (...args) => {
    const sent = Reflect.apply(https.request, https, args);
    record(sent);
    return sent;
  };
  return { require: requireWith({ request }) };
}

/**
 * The `require` of an Action, with this in Node's `https`.
 * @param {{ request: (...args: any[]) => http.ClientRequest, Agent?: unknown, globalAgent?: unknown }} own
 */
function requireWith(own) {
  const facade = {
    ...https,
    ...own,
    /** @param {any[]} args */
    get(...args) {
      const sent = own.request(...args);
      sent.end();
      return sent;
    },
  };
  return (/** @type {string} */ name) => (name === 'https' || name === 'node:https' ? facade : builtinRequire(name));
}

/** @param {URL} url */
const urlOptions = (url) => ({
  protocol: url.protocol,
  hostname: url.hostname.replace(/^\[|\]$/g, ''),
  port: url.port || undefined,
  path: url.pathname + url.search,
  ...(url.username || url.password
    ? { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }
    : {}),
});

// Watches one request without touching it: no listener of ours, so the Action sees the events and bytes it would see anyway,
// and a listener that it forgot stays missing.
/** @param {any} sent a `http.ClientRequest` */
function record(sent) {
  const scope = currentScope();
  if (!scope) return;
  const now = () => performance.now() - scope.startedAt;
  /** @type {import('./context.mjs').LedRequest} */
  const entry = {
    method: sent.method,
    url: `https://${headersOf(sent).host ?? sent.host}${sent.path}`,
    headers: {},
    body: '',
    startMs: now(),
    ms: null,
    status: null,
    responseHeaders: {},
    responseBody: '',
    failure: null,
  };
  scope.requests.push(entry);
  const over = (/** @type {string | null} */ failure) => {
    if (entry.ms !== null) return;
    entry.ms = now() - entry.startMs;
    entry.failure = failure;
  };

  const body = collector(Infinity);
  for (const name of ['write', 'end']) {
    before(sent, name, (args) => {
      entry.body = body(args);
      entry.headers = headersOf(sent);
    });
  }

  before(sent, 'destroy', ([error]) => over(error ? String(error.message) : 'given up'));

  const answer = collector(KEPT_BYTES);
  before(sent, 'emit', ([name, first]) => {
    if (name === 'error') over(String(first?.code ?? first?.message ?? first));
    if (name === 'close') over(entry.status === null ? 'no answer' : 'the answer broke off');
    if (name !== 'response') return;
    entry.status = first.statusCode;
    entry.responseHeaders = { ...first.headers };
    before(first, 'push', (args) => {
      if (args[0] === null) over(first.complete ? null : 'the answer broke off');
      else entry.responseBody = answer(args);
    });
    before(first, 'emit', ([name, error]) => {
      if (name === 'error') over(String(error?.code ?? error?.message));
    });
  });
}

/**
 * Lets `see` know of each call of a method, and then does what the method does.
 * @param {any} target
 * @param {string} name
 * @param {(args: any[]) => void} see
 */
function before(target, name, see) {
  const original = target[name];
  target[name] = function (/** @type {any[]} */ ...args) {
    see(args);
    return Reflect.apply(original, this, args);
  };
}

/** @param {number} limit @returns {(args: any[]) => string} the text so far */
function collector(limit) {
  /** @type {Buffer[]} */
  const chunks = [];
  let length = 0;
  return ([chunk, encoding]) => {
    if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) {
      const bytes = bytesOf(chunk, encoding);
      if (length < limit) chunks.push(bytes.subarray(0, limit - length));
      length += bytes.length;
    }
    return Buffer.concat(chunks).toString();
  };
}

/** @param {string | ArrayBufferView} chunk @param {unknown} encoding @returns {Buffer} */
const bytesOf = (chunk, encoding) =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, /** @type {BufferEncoding} */ (typeof encoding === 'string' ? encoding : 'utf8'))
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/** @param {any} sent a `http.ClientRequest` @returns {Record<string, string>} */
const headersOf = (sent) =>
  Object.fromEntries(headerList(sent).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]));

/** Of headers that came as a list Node keeps the text alone, with one of its own. @param {any} sent @returns {[name: string, value: any][]} */
function headerList(sent) {
  const known = Object.entries(sent.getHeaders());
  if (known.length > 0 || !sent._header) return known;
  const lines = sent._header.trim().split('\r\n').slice(1);
  const list = lines.map((/** @type {string} */ line) => /^(.*?): ?(.*)$/.exec(line)?.slice(1));
  return list.filter((/** @type {string[]} */ [name]) => name !== 'Connection');
}
