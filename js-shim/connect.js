// In a sealed paste alone: the first execution of an instance connects to its systems before it unpacks the engine. A handshake
// takes two or three round trips, and the engine is there within the first.
//
// Which hosts these are is known from when the paste was sealed (tools/paste/hosts.mjs). The first request to each takes the
// connection that was begun for it, and what comes of that is the request's. Nothing else tells of it.

/** What is idle for longer the other side may close just when a request is written. */
const LONGEST_IDLE_MS = 1000;

/** Meanwhile what is under way in the sockets and in the look-up of names goes on. */
const turn = () => new Promise((done) => setImmediate(done));

/** Begins a connection for the first request to a host. */
function connectTo(host, port, ms, named) {
  const pool = poolOf(host, port);
  // As the pool would ask for it, and as `sendRequest` has the pool do.
  const autoSelectFamilyAttemptTimeout = Math.ceil(ms / 2);
  const target = { host, port, servername: named ? host : '', _agentKey: pool.getName() };
  const socket = pool.createConnection(onlyOwn({ ...pool.options, autoSelectFamilyAttemptTimeout, ...target }));
  let idleSince = Infinity;
  socket.once('connect', () => {
    idleSince = uptime();
  });
  socket.on('error', () => {});
  socket.unref();
  const unused = setTimeout(() => socket.destroy(), ms + LONGEST_IDLE_MS).unref();
  pool.createConnection = (...options) => {
    delete pool.createConnection;
    clearTimeout(unused);
    if (!socket.destroyed && uptime() - idleSince < LONGEST_IDLE_MS) return socket.ref();
    socket.destroy();
    return pool.createConnection(...options);
  };
}

/** Connects to the systems that this handler may call, once in an instance, and has the engine unpacked meanwhile. */
async function connectFirst(event, handler) {
  const groups = HOSTS.splice(0);
  try {
    if (POLLUTED.some((name) => name in Object.prototype)) return;
    const isSet = (name) => hostSecret(event.secrets, name) !== null;
    const hosts = groups
      .filter(([needs]) => needs.every((names) => names.some(isSet)))
      .flatMap(([, list]) => list.filter(([bits]) => bits & handler));
    if (hosts.length === 0) return;
    let looksUp = false;
    for (const [, host, port, ms] of hosts) {
      const named = /[a-z]/.test(host);
      looksUp ||= named;
      connectTo(host, port, ms, named);
    }
    // A name that the machine knows is there within a millisecond, while unpacking would let it wait for two.
    await (looksUp ? new Promise((done) => after(1, () => done(undefined))) : turn());
    const bytes = unpack();
    await turn();
    if (!program) load(bytes);
    await turn();
  } catch {
    // Whatever it was, the login itself meets it again and says so.
  }
}

// In the order in which the handlers are exported: the bits of HOSTS.
for (const [i, [name, handle]] of Object.entries(exports).entries()) {
  exports[name] = async (event, api) => {
    if (HOSTS.length > 0) await connectFirst(event, 1 << i);
    return handle(event, api);
  };
}
