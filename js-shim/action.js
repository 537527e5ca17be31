// The program: the engine of this instance, and its logins.
//
// Thin and dumb: it does what the engine asks for, and comes back with what happened. The engine decides.

let current;
let logins = 0;

/** The engine of this instance, made at the first execution and again after a breakdown. */
function openEngine(event) {
  if (!current) {
    const { Engine } = makeGlue(compiled);
    Engine.read(config);
    // No secrets at all are none that are set: without this the engine would take the config for one on a desk.
    const engine = new Engine(config, event.secrets ?? {});
    current = { engine, guards: engine.guards() };
  }
  return current;
}

/** One execution. It holds all that is under way for it; when it ends, only a request on the line lives on. */
class Login {
  constructor(event, api, flow, done) {
    this.id = ++logins >>> 0;
    this.api = api;
    this.flow = flow;
    this.done = done;
    this.over = false;
    // Set by the engine: a denial that Auth0 refused, or an event that must come again. Only an error does that.
    this.mustThrow = false;
    this.open = new Map();
    this.instance = openEngine(event);
    this.step(() => this.instance.engine.start(this.id, flow, event, api, this, Date.now(), uptime()));
  }

  /**
   * The engine asks for a request, or for time. Asked again under the same number, the new time counts. Without a head
   * but with null: the request that was just given up stays on the line of the system `longest`. A body that is an
   * array is a token request's, and the token that was refused.
   */
  ask(id, ms, head, body, longest) {
    if (head === null) {
      this.stay?.(longest);
      return;
    }
    if (head && !ms) {
      sendMetrics(head, longest);
      return;
    }
    this.open.get(id)?.();
    if (head) {
      this.send(id, ms, head, body, longest);
    } else {
      this.open.set(
        id,
        after(ms, () => this.answer(id, 0, null)),
      );
    }
  }

  /**
   * A request that may take `longest`, and that this login waits for no longer than `ms`. Then the engine says whether
   * it stays on the line: it is no part of this login any more, and ends by itself.
   */
  send(id, ms, head, body, longest) {
    const { instance } = this;
    let line;
    let cancel = () => {};
    let shared;
    if (Array.isArray(body)) {
      const [plain, refused] = body;
      body = plain;
      shared = sharedToken(this.api.cache, head, body, refused);
      const known = shared.known();
      if (known) {
        const soon = setImmediate(() => this.answer(id, 200, known));
        this.open.set(id, () => clearImmediate(soon));
        return;
      }
    }
    const close = sendRequest(head, body, longest, (status, text, retryAfter, error) => {
      cancel();
      if (line !== undefined) {
        overhear(instance, line, status, text, error);
        return;
      }
      if (status === 200) shared?.keep(text);
      this.answer(id, status, text, retryAfter, error);
    });
    this.open.set(id, () => {
      cancel();
      close();
    });
    if (ms >= longest) return;
    const lose = () => {
      this.stay = (system) => (line = system);
      this.answer(id, 0, null, undefined, 'timeout');
      if (line === undefined) close();
    };
    cancel = after(ms, lose);
  }

  answer(id, status, text, retryAfter, error) {
    this.open.delete(id);
    this.step(() => this.instance.engine.resume(this.id, id, status, text, retryAfter, error, Date.now(), uptime()));
  }

  /** A call into the engine. A panic in there is an exception here. */
  step(call) {
    if (this.over) return;
    let line;
    try {
      line = call();
    } catch (error) {
      line = this.breakDown(error);
    }
    if (line !== undefined) {
      this.over = true;
      const [own, ...ends] = line.split('\n');
      this.line = own;
      if (config?.metrics) countLogin(own, ends);
      if (this.mustThrow) this.thrown = apology(this.flow);
      for (const giveUp of this.open.values()) giveUp();
      this.done(this);
    }
  }

  /**
   * The engine broke down: the next login gets a new one, those under way end on the old one, and this one is denied
   * if the config guards its flow. A panic has said where by its hook; of any other error the name alone is told.
   */
  breakDown(error) {
    if (current === this.instance) current = undefined;
    const guards = (this.instance.guards >> this.flow) & 1;
    const { line, thrown } = outOfOrder(this.api, this.flow, guards, error?.name);
    this.thrown = thrown;
    return line;
  }
}

/**
 * What came of a request that stayed on the line: for the engine to learn from, and for no login. An engine that has been
 * replaced need not know.
 */
function overhear(instance, line, status, text, error) {
  if (instance !== current) return;
  try {
    instance.engine.overhear(line, status, text, error, Date.now(), uptime());
  } catch {
    current = undefined;
  }
}

program = (event, api, flow) => new Promise((done) => new Login(event, api, flow, done));
