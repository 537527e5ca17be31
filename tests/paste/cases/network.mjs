// The network of a case, as the Action's thread sees it: names, ports, whom to trust, and how long a connection takes.
//
// It is put below everything that an Action can use to connect (`https`, `tls`, `net`, its own lookup), and reads options as Node
// does: an inherited field counts, so that a polluted prototype does what it would do in the world.
import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';

/**
 * @typedef {object} Network
 * @property {Record<string, number>} ports where each host is, by `host` (port 443) or `host:port`
 * @property {Record<string, string[]>} addresses what a name resolves to; 127.0.0.1 where it is not here
 * @property {number} slowConnect milliseconds until a connection is made
 */

/** @type {Network} */
let network = { ports: Object.create(null), addresses: Object.create(null), slowConnect: 0 };

/** @param {Network} next */
export const setNetwork = ({ ports, addresses, slowConnect }) => {
  network = {
    ports: Object.assign(Object.create(null), ports),
    addresses: Object.assign(Object.create(null), addresses),
    slowConnect,
  };
};

/** Puts it in place, for good. @param {string} ca the authority to trust */
export async function installNetwork(ca) {
  leadNames();
  leadConnections();
  trust(ca);
  await slowDown();
}

function leadNames() {
  /** @param {string} name @param {unknown} family */
  const addressesOf = (name, family) => {
    const known = Object.keys(network.ports).some((place) => place.replace(/:\d+$/, '') === name);
    const all = net.isIP(name) ? [name] : (network.addresses[name] ?? (known ? ['127.0.0.1'] : []));
    const wanted = { 4: 4, 6: 6, IPv4: 4, IPv6: 6 }[String(family)];
    return all
      .map((address) => ({ address, family: net.isIP(address) }))
      .filter((each) => !wanted || each.family === wanted);
  };
  /** @param {string} name */
  const notFound = (name) =>
    Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
      code: 'ENOTFOUND',
      errno: -3008,
      syscall: 'getaddrinfo',
      hostname: name,
    });

  dns.lookup = /** @type {any} */ (
    (/** @type {string} */ name, /** @type {any} */ options, /** @type {Function} */ callback = options) => {
      const { all, family } =
        typeof options === 'object' && options !== null ? options : { all: false, family: options };
      const found = addressesOf(name, family);
      setImmediate(() => {
        if (found.length === 0) callback(notFound(name));
        else if (all) callback(null, found);
        else callback(null, found[0]?.address, found[0]?.family);
      });
    }
  );
  dns.promises.lookup = /** @type {any} */ (
    (/** @type {string} */ name, /** @type {any} */ options = {}) =>
      new Promise((done, fail) =>
        dns.lookup(
          name,
          options,
          /** @type {any} */ (
            (/** @type {any} */ error, /** @type {any} */ address, /** @type {any} */ family) =>
              error ? fail(error) : done(options.all ? address : { address, family })
          ),
        ),
      )
  );
}

function leadConnections() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = /** @type {any} */ (
    /** @this {net.Socket} @param {any[]} args */
    function (...args) {
      const list = Array.isArray(args[0]) ? args[0] : undefined;
      const options = list ? list[0] : args[0];
      if (typeof options !== 'object' || options === null || options.path) return Reflect.apply(connect, this, args);
      const host = options.host || 'localhost';
      const name = net.isIP(host) ? options.servername || host : host;
      const port = network.ports[String(options.port) === '443' ? name : `${name}:${options.port}`];
      if (
        port === undefined &&
        !net.isIP(host) &&
        !(name in network.addresses) &&
        !Object.keys(network.ports).some((place) => place.startsWith(`${name}:`))
      ) {
        return Reflect.apply(connect, this, args);
      }
      const led = Object.create(Object.getPrototypeOf(options), Object.getOwnPropertyDescriptors(options));
      Object.defineProperty(led, 'port', { value: port ?? 1, enumerable: true, writable: true, configurable: true });
      // Node marks a list of arguments that it has looked at with a symbol.
      const next = list
        ? Object.assign(
            list.slice(),
            Object.fromEntries(
              Object.getOwnPropertySymbols(list).map((mark) => [mark, /** @type {any} */ (list)[mark]]),
            ),
          )
        : led;
      if (list) next[0] = led;
      return Reflect.apply(connect, this, [next, ...args.slice(1)]);
    }
  );
}

/** @param {string} ca */
function trust(ca) {
  const { createSecureContext } = tls;
  /** @type {any} */ (tls).createSecureContext = (/** @type {any} */ options = {}) =>
    createSecureContext(
      options.ca === undefined
        ? Object.create(Object.getPrototypeOf(options), {
            ...Object.getOwnPropertyDescriptors(options),
            ca: { value: ca, enumerable: true },
          })
        : options,
    );
}

/** Only at the handle can a connection be made to take its time: the system accepts those of loopback at once. */
async function slowDown() {
  const probe = net.createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', () => done(undefined)));
  const handles = Object.getPrototypeOf(/** @type {any} */ (probe)._handle);
  await new Promise((done) => probe.close(done));
  for (const name of ['connect', 'connect6']) {
    const real = handles[name];
    handles[name] = function (/** @type {any[]} */ ...args) {
      // Nothing answers at an address that is not of this machine, and nothing leaves this machine.
      if (!/^(127\.|::1$|::ffff:127\.)/.test(String(args[1]))) return 0;
      if (network.slowConnect === 0) return Reflect.apply(real, this, args);
      setTimeout(() => Reflect.apply(real, this, args), network.slowConnect);
      return 0;
    };
  }
}
