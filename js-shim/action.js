// The two handlers, and the engine of this instance.
//
// Thin and dumb: it unpacks the wasm once, at the first execution (an error at the top level would be thrown again at
// every later one), does what the engine asks for, and comes back with what happened. The engine decides.

const OUT_OF_ORDER = 'We could not complete your login (login-sync is out of order).';

let compiled;
let current;
let logins = 0;

/** The engine of this instance, made at the first execution and again after a breakdown. */
function openEngine(event) {
  if (!current) {
    compiled ??= new WebAssembly.Module(unpack());
    const { Engine } = makeGlue(compiled);
    Engine.read(config);
    // No secrets at all are none that are set: without this the engine would take the config for one on a desk.
    const engine = new Engine(config, event.secrets ?? {});
    current = { engine, guards: engine.guards() };
  }
  return current;
}

/** The wasm's bytes. */
function unpack() {
  // In one piece: by default it would come in eight, to be put together.
  return require('node:zlib').brotliDecompressSync(packed(), onlyOwn({ chunkSize: 262144 }));
}

/** One execution. It holds all that is under way for it; when it ends, only a request on the line lives on. */
class Login {
  constructor(event, api, registration, done) {
    this.id = ++logins >>> 0;
    this.event = event;
    this.api = api;
    this.registration = registration;
    this.done = done;
    this.over = false;
    // Set by the engine, too: a denial that Auth0 refused. Only an error keeps the login from passing then.
    this.mustThrow = false;
    this.open = new Map();
    this.step(() => {
      this.instance = openEngine(event);
      return this.instance.engine.start(this.id, registration, event, api, this, Date.now(), uptime());
    });
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
      this.line = line;
      for (const giveUp of this.open.values()) giveUp();
      this.done(this);
    }
  }

  /**
   * The engine broke down: the next login gets a new one, those under way end on the old one, and this one is denied
   * if the config guards logins. A panic has said where by its hook. An engine that could not be made has had no event to
   * quote, so there the whole error is told; else its name alone.
   */
  breakDown(error) {
    const guards = this.instance ? this.instance.guards : mayGuard(this.event);
    if (!this.instance || current === this.instance) current = undefined;
    const deny = guards && !this.registration;
    try {
      if (deny) this.api.access.deny(OUT_OF_ORDER);
    } catch {
      this.mustThrow = true;
    }
    const trigger = this.registration ? 'post-user-registration' : 'post-login';
    const told = `${(this.instance ? error?.name : error) ?? 'error'}`.replace(/[^ -~]+/g, ' ').replaceAll('"', "'");
    return `login-sync trigger=${trigger} result=${deny ? 'denied' : 'allowed'} warn=broken problem="${told.slice(0, 140)}"`;
  }
}

/** Whether the config guards logins, as far as it can be seen without an engine. A preset brings its own policy. */
function mayGuard(event) {
  try {
    const { syncs, claims, appMetadata, userMetadata, saml, scopes, deny, mfa } = config;
    const guards = ({ use, onFailure }) =>
      (use && onFailure !== 'allow') || /"(deny|mfa)"/.test(JSON.stringify(onFailure));
    // Without `syncs` secrets switch presets on, and a preset may deny.
    const own = claims || appMetadata || userMetadata || saml || scopes;
    const some = syncs ? syncs.some(guards) : !own || Object.keys(event.secrets ?? {}).length > 0;
    return some || [deny, mfa, scopes?.remove].some((rules) => rules?.length > 0);
  } catch {
    return true;
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

/** Milliseconds of a clock that only goes forward. */
function uptime() {
  return process.uptime() * 1000;
}

// The line is logged here, after the `await`: an error of a kept connection arises in the asynchronous context of the
// login that opened it, and a log that is kept apart by context would get the line with the wrong login.
exports.onExecutePostLogin = async (event, api) => {
  const { line, mustThrow } = await new Promise((done) => new Login(event, api, false, done));
  console.log(line);
  // Its text reaches the application: it is fixed, and says nothing of the user.
  if (mustThrow) throw new Error(OUT_OF_ORDER);
};

exports.onExecutePostUserRegistration = async (event, api) => {
  console.log((await new Promise((done) => new Login(event, api, true, done))).line);
};
