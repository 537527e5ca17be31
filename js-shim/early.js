// What a sealed paste needs before its program is there, to connect (connect.js): in that it is not packed, in an editable one it
// is a part of the program.

/** What Node reads from objects of its own, where it would throw past us or wait for ever: with these nothing is sent. */
const POLLUTED =
  'signal encoding defaultEncoding captureRejections newListener resume infoAccess pauseOnConnect blockList'.split(' ');

let https;
const pools = new Map();

/** The kept-alive connections to a host and port. */
function poolOf(host, port) {
  https ??= require('node:https');
  const origin = `${host}:${port}`;
  let pool = pools.get(origin);
  if (!pool) {
    pool = new https.Agent({
      __proto__: null,
      keepAlive: true,
      maxSockets: 256,
      rejectUnauthorized: true,
      autoSelectFamily: true,
    });
    // Node would put twenty options together for a connection's name, three times a request. Here all are alike.
    pool.getName = () => 'pool';
    pools.set(origin, pool);
  }
  return pool;
}

/** Does this after so many milliseconds; what is in the sockets by then is read first, since timers run before sockets. */
function after(ms, work) {
  let immediate;
  const timer = setTimeout(() => {
    immediate = setImmediate(work);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** Milliseconds of a clock that only goes forward. */
function uptime() {
  return process.uptime() * 1000;
}

const hasOwn = Object.prototype.hasOwnProperty;

/** An own field of an object, else null: `user.constructor` is no one's data. */
function hostField(value, key) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasOwn.call(value, key)) return null;
  return value[key];
}

// What a deploy tool or a page leaves where a secret belongs: ##KEY##, @@KEY@@, ${KEY}, {{KEY}}, <your key>.
const MARKER = /^(##.*##|@@.*@@|\$\{.*\}|\{\{.*\}\}|<[\w .-]+>)$|##[A-Z]\w*##|@@[A-Z]\w*@@/s;

/** A secret without the blanks, line ends and byte order mark around it; null where none is set. */
function hostSecret(secrets, name) {
  const secret = hostField(secrets, name);
  const text = typeof secret === 'string' ? secret.trim() : '';
  return text === '' || MARKER.test(text) ? null : text;
}
