// What the engine asks of any JavaScript value, and of the host: JSON, digests, dates, randomness, Auth0's `api`.
//
// Rust calls these by name (src/wasm.rs). `instanceof` is no use here: under some loaders values come from another realm.

/**
 * What the panic hook has to say: the place, in one line. Its message may quote the text that it broke on, and its stack
 * would push the login's own line out of what Auth0 keeps of a log.
 */
function hostPanic(text) {
  console.error(`login-sync ${text.split(':\n')[0]}`);
}

const hasOwn = Object.prototype.hasOwnProperty;

/** 0 null and whatever is not JSON, 1 boolean, 2 number, 3 string, 4 list, 5 object. */
function hostKind(value) {
  switch (typeof value) {
    case 'string':
      return 3;
    case 'object':
      return value === null ? 0 : Array.isArray(value) ? 4 : 5;
    case 'number':
      return 2;
    case 'boolean':
      return 1;
    default:
      return 0;
  }
}

/** An own field of an object, else null: `user.constructor` is nobody's data. */
function hostField(value, key) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasOwn.call(value, key)) return null;
  return value[key];
}

/** Sets a field of an object of ours. `__proto__` would be no field. */
function hostSet(object, key, value) {
  if (key !== '__proto__') object[key] = value;
}

/** The same, but the field is not among the keys and not in the JSON. (Without a prototype no one lends it a `get`.) */
function hostSetHidden(object, key, value) {
  Object.defineProperty(object, key, /** @type {any} */ ({ __proto__: null, value, enumerable: false }));
}

/** The same, unless the value is null. */
function hostSetPresent(object, key, value) {
  if (hostKind(value) !== 0) hostSet(object, key, value);
}

/** The own keys of an object that are none of these, which a space parts; of anything else, none. */
function hostOthers(value, keys) {
  if (hostKind(value) !== 5) return [];
  const left = keys ? keys.split(' ') : [];
  return Object.keys(value).filter((key) => !left.includes(key));
}

/** A copy of an object without these keys; of anything else, an empty object. */
function hostWithout(value, keys) {
  const copy = {};
  for (const key of hostOthers(value, keys)) hostSet(copy, key, value[key]);
  return copy;
}

/** A copy of an event without what nobody may read. */
function hostOpened(event) {
  const open = hostWithout(event, 'secrets');
  if (hostKind(open.request) === 5) open.request = hostWithout(open.request, 'body query');
  return open;
}

/** True as JMESPath has it: everything but null, false and what is empty. */
function hostTruthy(value) {
  const kind = hostKind(value);
  if (kind === 4) return value.length > 0;
  if (kind === 5) return Object.keys(value).length > 0;
  return kind === 2 || Boolean(kind && value);
}

/** As JSON. What has no JSON is null; so is what cannot be written, such as a cycle, which an event cannot have. */
function hostStringify(value) {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}

/** How many bytes a value takes as JSON. */
function hostSize(value) {
  return Buffer.byteLength(hostStringify(value));
}

/** From JSON; undefined when it is no string or not JSON. */
function hostParse(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** From JSON in base64url without padding; undefined when it is not that. */
function parsePart(part) {
  const text = Buffer.from(part, 'base64url').toString();
  return Buffer.from(text).toString('base64url') === part ? hostParse(text) : undefined;
}

/** The claims of a JWT whose signature nobody has checked; undefined for what is no JWT. */
function hostUncheckedClaims(token) {
  const [header, claims, signature, more] = typeof token === 'string' ? token.split('.', 4) : [];
  if (signature === undefined || more !== undefined) return undefined;
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined;
  if (hostKind(hostField(parsePart(header), 'alg')) !== 3) return undefined;
  const object = parsePart(claims);
  if (hostKind(object) !== 5 || (hasOwn.call(object, 'exp') && hostKind(object.exp) !== 2)) return undefined;
  return object;
}

/** SHA-256 of a text, or with a key its HMAC: a character for each byte. */
function hostSha256(text, key) {
  const { createHash, createHmac } = require('node:crypto');
  return (key === undefined ? createHash('sha256') : createHmac('sha256', key)).update(text).digest('binary');
}

/** A date of HTTP in milliseconds since 1970, null when it is none. */
function hostDate(text) {
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

/** Carries out a command; false when Auth0 refuses it. The numbers are those of `apply` in src/wasm.rs. */
function hostCommand(api, command, first, second) {
  try {
    if (command === 0) api.idToken.setCustomClaim(first, second);
    else if (command === 1) api.accessToken.setCustomClaim(first, second);
    else if (command === 2) api.user.setAppMetadata(first, second);
    else if (command === 3) api.multifactor.enable(first, second);
    else if (command === 4) api.authentication.challengeWith(first, second);
    else if (command === 5) api.authentication.enrollWith(first, second);
    else api.access.deny(first);
    return true;
  } catch {
    return false;
  }
}

let randomPool;
let randomUsed = 0;

/** Fills a buffer from a pool: a call of `randomFillSync` per login would cost ten microseconds. */
function hostRandom(buffer) {
  if (!randomPool || randomUsed + buffer.length > randomPool.length) {
    randomPool = require('node:crypto').randomFillSync(new Uint8Array(Math.max(4096, buffer.length)));
    randomUsed = 0;
  }
  const end = randomUsed + buffer.length;
  buffer.set(randomPool.subarray(randomUsed, end));
  randomPool.fill(0, randomUsed, end);
  randomUsed = end;
}
