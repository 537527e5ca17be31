// The local tenant, the way out without a wire: Node's `https`, as far as an Action can tell, and the stand-ins answer from memory
// on a virtual clock. No socket is opened. Nothing here is Node's alone: a page can have the same network.

/** What a stand-in sends at a time when it sends in pieces. */
const PIECE = 65_536;
/** How long after each other the bytes of a slow answer come. */
const SLOW_MS = 100;
const KEPT = 65_536;

/**
 * @typedef {object} Wire
 * @property {import('./clock.mjs').Clock} clock
 * @property {Pick<import('./world.mjs').World, 'receive'>} world
 * @property {(host: string) => number} latency milliseconds from the request to its answer
 * @property {(request: import('./context.mjs').LedRequest) => { sinceStart: () => number, fault: (message: string) => void }} record
 */

/** @param {Wire} wire */
export function createNetwork(wire) {
  const globalAgent = new Agent({ keepAlive: true });

  /** @param {any[]} args as Node's `https.request` takes them */
  const request = (...args) => {
    const answered = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const [first, second] = args;
    const url = typeof first === 'string' || first instanceof URL ? new URL(first) : undefined;
    const from = url
      ? { hostname: url.hostname, port: Number(url.port || 443), path: url.pathname + url.search }
      : first;
    return new Request(wire, { agent: globalAgent, ...from, ...(url ? second : undefined) }, answered);
  };
  /** @param {any[]} args */
  const get = (...args) => {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  return { Agent, globalAgent, request, get };
}

class Emitter {
  /** @type {Map<string, { work: (...args: any[]) => void, once: boolean }[]>} */
  #listeners = new Map();

  /** @param {string} name @param {(...args: any[]) => void} work */
  on(name, work, once = false) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { work, once }]);
    return this;
  }

  /** @param {string} name @param {(...args: any[]) => void} work */
  once(name, work) {
    return this.on(name, work, true);
  }

  /** @param {string} name @param {any[]} args */
  emit(name, ...args) {
    const listeners = this.#listeners.get(name) ?? [];
    this.#listeners.set(
      name,
      listeners.filter(({ once }) => !once),
    );
    // In Node, an error that has no listener takes the process down.
    if (name === 'error' && listeners.length === 0) throw args[0];
    for (const { work } of listeners) work.apply(this, args);
    return listeners.length > 0;
  }
}

/** @param {string} code @param {string} message */
const failure = (code, message) => Object.assign(new Error(message), { code });

/** Connections that stay open, by host and port, as Node's agent shows them. */
class Agent {
  /** @param {{ keepAlive?: boolean }} [options] */
  constructor({ keepAlive = false } = {}) {
    this.keepAlive = keepAlive;
    /** @type {Record<string, { destroy: () => void }[]>} */
    this.freeSockets = {};
  }

  destroy() {
    this.freeSockets = {};
  }
}

/** Headers, as Node takes them: an object, or names and values in turns. @param {any} headers @returns {Record<string, string>} */
export const headersOf = (headers) => {
  const list = Array.isArray(headers)
    ? headers.flatMap((name, i) => (i % 2 ? [] : [[name, headers[i + 1]]]))
    : Object.entries(headers);
  return Object.fromEntries(list.map(([name, value]) => [name.toLowerCase(), String(value)]));
};

class Request extends Emitter {
  /** @param {Wire} wire @param {any} options @param {((answer: unknown) => void) | undefined} answered */
  constructor(wire, options, answered) {
    super();
    this.wire = wire;
    const { method = 'GET', host, hostname = host, port = 443, path = '/', headers = {}, agent } = options;
    this.agent = agent;
    this.key = `${hostname}:${port}`;
    this.latency = wire.latency(hostname);
    this.reusedSocket = Boolean(agent?.freeSockets?.[this.key]?.pop());
    this.destroyed = false;
    this.done = false;
    this.path = path;
    const authority = Number(port) === 443 ? hostname : this.key;
    /** @type {import('./context.mjs').LedRequest} */
    this.entry = {
      method,
      url: `https://${authority}${path}`,
      headers: {
        host: authority,
        ...headersOf(headers),
      },
      body: '',
      startMs: 0,
      ms: null,
      status: null,
      responseHeaders: {},
      responseBody: '',
      failure: null,
    };
    this.scope = wire.record(this.entry);
    this.entry.startMs = this.scope.sinceStart();
    if (answered) this.on('response', answered);
  }

  /** @param {string | Uint8Array} chunk */
  write(chunk) {
    this.entry.body += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
    return true;
  }

  /** @param {string | Uint8Array} [body] */
  end(body) {
    if (body !== undefined && body !== null) this.write(body);
    if (this.entry.body !== '') this.entry.headers['content-length'] ??= String(Buffer.byteLength(this.entry.body));
    this.later(this.latency / 2, () => this.arrive());
    return this;
  }

  arrive() {
    const { method, headers, body } = this.entry;
    const reply = this.wire.world.receive({ method, url: this.path, headers, body, reused: this.reusedSocket });
    if (reply.manner === 'never') return;
    this.later(this.latency / 2 + reply.delayMs, () =>
      reply.manner === 'reset' ? this.fail(failure('ECONNRESET', 'socket hang up')) : this.answer(reply),
    );
  }

  /** @param {import('./world.mjs').Reply} reply */
  answer({ manner, status, headers, body }) {
    const whole = Buffer.from(body);
    const answer = new Answer(this, status, { 'content-length': String(whole.length), ...headers });
    Object.assign(this.entry, { status, responseHeaders: answer.headers });
    this.response = answer;
    this.emit('response', answer);
    const sent = manner === 'half' ? whole.subarray(0, whole.length / 2) : whole;
    const size = manner === 'drip' ? 1 : PIECE;
    /** @param {number} at */
    const piece = (at) => {
      if (at < sent.length) {
        answer.push(sent.subarray(at, at + size));
        return void this.later(manner === 'drip' ? SLOW_MS : 0, () => piece(at + size));
      }
      if (manner === 'half') return this.fail(failure('ECONNRESET', 'aborted'));
      this.over(null);
      if (this.agent?.keepAlive)
        (this.agent.freeSockets[this.key] ??= []).push({ destroy: () => void (this.agent.freeSockets[this.key] = []) });
      answer.complete = true;
      answer.emit('end');
      answer.emit('close');
      this.emit('close');
    };
    piece(0);
  }

  /** Unless the request has been given up by then. @param {number} ms @param {() => void} work */
  later(ms, work) {
    this.wire.clock.setTimeout(() => {
      if (this.destroyed || this.done) return;
      try {
        work();
      } catch (error) {
        this.scope.fault(error instanceof Error ? error.message : String(error));
      }
    }, ms);
  }

  /** @param {any} error */
  fail(error) {
    this.over(this.response ? 'the answer broke off' : String(error.code ?? error.message));
    (this.response ?? this).emit('error', error);
    this.emit('close');
  }

  /** @param {string | null} failure */
  over(failure) {
    if (this.done) return;
    this.done = true;
    this.entry.ms = this.scope.sinceStart() - this.entry.startMs;
    this.entry.failure = failure;
  }

  /** @param {Error} [error] */
  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    const open = !this.done;
    this.over(error ? error.message : 'given up');
    if (open)
      this.wire.clock.setTimeout(
        () => !this.response && this.emit('error', error ?? failure('ECONNRESET', 'socket hang up')),
      );
    return this;
  }

  abort = () => this.destroy();

  /** Node tells of a connection that is idle for so long, and leaves it to the caller. @param {number} ms @param {() => void} [work] */
  setTimeout(ms, work) {
    if (work) this.once('timeout', work);
    if (ms > 0) this.later(ms, () => this.emit('timeout'));
    return this;
  }
}

class Answer extends Emitter {
  /** @param {Request} request @param {number} status @param {Record<string, string>} headers */
  constructor(request, status, headers) {
    super();
    this.statusCode = status;
    // As Node gives them.
    this.headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.request = request;
    this.complete = false;
    /** @type {InstanceType<typeof TextDecoder> | undefined} */
    this.text = undefined;
    this.kept = new TextDecoder('utf-8', { ignoreBOM: true });
  }

  setEncoding() {
    this.text = new TextDecoder('utf-8', { ignoreBOM: true });
    return this;
  }

  /** A character may be in two pieces. @param {Uint8Array} piece */
  push(piece) {
    const { entry } = this.request;
    const text = this.kept.decode(piece, { stream: true });
    if (entry.responseBody.length < KEPT) entry.responseBody = (entry.responseBody + text).slice(0, KEPT);
    this.emit('data', this.text ? this.text.decode(piece, { stream: true }) : piece);
  }

  resume = () => this;
  destroy = () => this.request.destroy();
}
