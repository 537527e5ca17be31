// What the engine asks of any JavaScript value, and of the host: JSON, digests, dates, randomness, Auth0's `api`.
//
// Rust calls these by name (src/host/js.rs). `instanceof` is no use here: under some loaders values come from another realm.

/**
 * What the panic hook has to say: the place, in one line. Its message may quote the text that it broke on, and its stack
 * would push the login's own line out of what Auth0 keeps of a log.
 */
function hostPanic(text) {
  console.error(`login-sync ${text.split(':\n')[0]}`);
}

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

/** The own keys of an object, in its order. `__proto__` is none: a copy by Object.assign would take it for a prototype. */
function hostNames(value) {
  const names = hostKind(value) === 5 ? Object.keys(value) : [];
  return hasOwn.call(value, '__proto__') ? names.filter((name) => name !== '__proto__') : names;
}

/** What an object has under these keys. */
function hostValues(value) {
  return hostNames(value).map((name) => value[name]);
}

/** A copy of what another provider says of the user, without its tokens, at any depth. */
function withoutTokens(value, levels) {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => withoutTokens(item, levels - 1));
  const copy = {};
  for (const key of hostNames(value)) {
    if (!/token|secret/i.test(key)) copy[key] = withoutTokens(value[key], levels - 1);
  }
  return copy;
}

/** A user without what no one may read, in `of` under this key, which is a copy. */
function openUser(of, key) {
  const identities = hostField(of[key], 'identities');
  const metadata = hostField(of[key], 'app_metadata');
  const recorded = hostKind(metadata) === 5 && hasOwn.call(metadata, 'login_sync');
  if (recorded || hostKind(identities) > 3) {
    of[key] = { ...of[key] };
    if (recorded) of[key].app_metadata = hostWithout(metadata, 'login_sync');
    if (identities) of[key].identities = withoutTokens(identities, 16);
  }
}

/** A copy of an event without what no one may read. */
function hostOpened(event) {
  // What is left is copied at once: key by key it would take three times as long.
  const { secrets: _, ...open } = hostKind(event) === 5 ? event : {};
  if (hostKind(open.request) === 5) {
    const { body: _, query: _query, ...request } = open.request;
    open.request = request;
  }
  openUser(open, 'user');
  if (hostKind(hostField(open.message, 'data')) === 5) {
    open.message = { ...open.message, data: { ...open.message.data } };
    openUser(open.message.data, 'object');
  }
  return open;
}

/** 0 if false, as JMESPath has it: null, false and what is empty. Else what it took to know: 1, or an object's keys. */
function hostTruth(value) {
  const kind = hostKind(value);
  if (kind === 5) return hostNames(value).length;
  return kind === 2 || (kind > 2 ? value.length > 0 : value === true) ? 1 : 0;
}

/**
 * Whether two values are equal as JSON, in whatever order their keys are: the work that it took, as its complement when
 * they are not. Ends as soon as it has taken more than `most`.
 */
function hostSame(one, other, most) {
  const pairs = [one, other];
  let work = 0;
  while (pairs.length > 0 && work++ < most) {
    const right = pairs.pop();
    const left = pairs.pop();
    const kind = hostKind(left);
    if (kind !== hostKind(right)) return ~work;
    if (kind > 2) {
      const keys = kind === 5 && hostNames(left);
      const size = (keys || left).length;
      const other = (keys ? hostNames(right) : right).length;
      work += (size + other) >> (kind === 3 ? 9 : 3);
      if (size !== other || (kind === 3 && left !== right)) return ~work;
      for (let i = 0; kind > 3 && i < size && work <= most; i++) {
        const key = keys ? keys[i] : i;
        if (keys && !hasOwn.call(right, key)) return ~work;
        pairs.push(left[key], right[key]);
      }
    } else if (kind && left !== right) return ~work;
  }
  return work;
}

let weight;
let hasProto;

/**
 * Adds up about how many bytes a value takes as JSON, and sees whether `__proto__` is a key in it. Throws when it weighs
 * more than `most`, is nested deeper, or has no JSON.
 */
function weigh(value, levels, most) {
  weight += 4;
  if (typeof value === 'string') weight += value.length;
  const inside = typeof value === 'object' && value !== null;
  if (weight > most || (inside && levels === 0) || typeof value === 'bigint') throw new RangeError();
  if (!inside) return;
  if (Array.isArray(value)) {
    for (const item of value) weigh(item, levels - 1, most);
  } else {
    for (const key of Object.keys(value)) {
      weight += key.length;
      if (key === '__proto__') hasProto = true;
      weigh(value[key], levels - 1, most);
    }
  }
}

/** About how many bytes this takes as JSON; -1 when it is more than `most`, too deep or no JSON. */
function hostWeight(value, most) {
  weight = 0;
  hasProto = false;
  try {
    weigh(value, DEEPEST, most);
    return weight;
  } catch {
    return -1;
  }
}

// How deep what we pass on may be nested.
const DEEPEST = 100;

/** A value as it may be sent or set, without keys `__proto__`; undefined when it is too deep, over 256 KiB or no JSON. */
function hostWritable(value) {
  if (hostWeight(value, 262144) < 0) return undefined;
  return hasProto ? JSON.parse(hostStringify(value) ?? 'null') : (value ?? null);
}

const withoutProto = (key, value) => (key === '__proto__' ? undefined : value);

/** As JSON, without keys `__proto__`. What has no JSON is null; undefined when it cannot be written, as a cycle. */
function hostStringify(value) {
  try {
    const text = JSON.stringify(value) ?? 'null';
    return text.includes('"__proto__":') ? JSON.stringify(JSON.parse(text, withoutProto)) : text;
  } catch {
    return undefined;
  }
}

/** How many bytes a value takes as JSON. There is room nowhere for one that cannot be written. */
function hostSize(value) {
  const text = hostStringify(value);
  return text === undefined ? 16777216 : Buffer.byteLength(text);
}

/** A number's digits from the first to the last that is not 0, and its power of ten. */
function digits(number) {
  const [, sign, whole, part = '', power = 0] = /^(-?)(\d+)\.?(\d*)e?(.*)$/i.exec(number) ?? [];
  const all = (whole + part).replace(/^0+/, '');
  const short = all.replace(/0+$/, '');
  return short && `${sign + short}e${Number(power) - part.length + all.length - short.length}`;
}

/**
 * Whether JavaScript holds a number of JSON: it writes it back as the same one, or these are the seventeen digits of the
 * very double that it holds, as many systems write one.
 */
function isHeld(token) {
  const number = Number(token);
  const size = Math.abs(number);
  // A double holds any fifteen digits. No power of ten makes 0 another number.
  if (token.length < 16 && size < Infinity && (size > 1e-300 || /^-?[0.]+e/i.test(token))) return true;
  const written = `${number}`;
  // Whole numbers are written as they are, up to 21 digits.
  if (written === token || (token.length < 21 && !/[.e]/i.test(token))) return written === token;
  if (token.length >= 40 || size === Infinity) return false;
  const came = digits(token);
  return came === digits(written) || (size < 2 ** 53 && came === digits(number.toPrecision(17)));
}

const PROTO_KEY = /"(_|\\u005f){2}(p|\\u0070)(r|\\u0072)(o|\\u006f)(t|\\u0074)(o|\\u006f)(_|\\u005f){2}"/i;

/**
 * From JSON: a number that JavaScript would write back as another one is the string of its digits, and no key is
 * `__proto__`. Undefined when it is no string, not JSON, or nested deeper than so many levels.
 */
function hostParse(text, levels) {
  if (typeof text !== 'string') return undefined;
  let kept = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      // To the quote that closes the string: one after an even number of backslashes.
      for (let escapes = 1; escapes % 2 === 1 && i >= 0; ) {
        i = text.indexOf('"', i + 1);
        for (escapes = 0; text.charCodeAt(i - 1 - escapes) === 92; ) escapes++;
      }
      if (i < 0) return undefined;
    } else if (c === 91 || c === 123) {
      if (--levels < 0) return undefined;
    } else if (c === 93 || c === 125) {
      levels++;
    } else if (c === 45 || (c > 47 && c < 58)) {
      const start = i;
      let power = false;
      // Digits, `.`, `+`, `-` and the sign of a power of ten.
      for (
        let next;
        (next = text.charCodeAt(i + 1)) && ((next > 42 && next < 58) || (next | 32) === 101) && next !== 44;
        i++
      )
        power ||= next > 58;
      const token = text.slice(start, i + 1);
      if ((power || token.length > 15) && !isHeld(token)) {
        kept += `${text.slice(from, start)}"${token}"`;
        from = i + 1;
      }
    }
  }
  try {
    if (from) JSON.parse(text);
    return JSON.parse(kept + text.slice(from), PROTO_KEY.test(text) ? withoutProto : undefined);
  } catch {
    return undefined;
  }
}

/** From JSON in base64url without padding; undefined when it is not that. */
function parsePart(part) {
  const text = Buffer.from(part, 'base64url').toString();
  return Buffer.from(text).toString('base64url') === part ? hostParse(text, DEEPEST) : undefined;
}

/** The header of the last JWT: those of one system are alike. */
let knownHeader;

/** The claims of a JWT whose signature no one has checked; undefined for what is no JWT. */
function hostUncheckedClaims(token) {
  const [header, claims, signature, more] = typeof token === 'string' ? token.split('.', 4) : [];
  if (signature === undefined || more !== undefined) return undefined;
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined;
  if (header !== knownHeader && hostKind(hostField(parsePart(header), 'alg')) !== 3) return undefined;
  knownHeader = header;
  const object = parsePart(claims);
  if (hostKind(object) !== 5 || (hasOwn.call(object, 'exp') && hostKind(object.exp) !== 2)) return undefined;
  return object;
}

/**
 * A text's digest, or with a key its HMAC or signature: `how` has the algorithm, the encoding of what comes out, and that of
 * a key which is no text. Null where the key is none.
 */
function hostDigest(text, key, how) {
  const { createHash, createHmac, createPrivateKey, sign } = require('node:crypto');
  const [algorithm, encoding, of] = how.split(' ');
  try {
    if (algorithm === 'text') return Buffer.from(text).toString(encoding);
    if (algorithm === 'RS256') {
      const pem = createPrivateKey(key.replaceAll('\\n', '\n'));
      return pem.asymmetricKeyType === 'rsa' ? sign('sha256', Buffer.from(text), pem).toString(encoding) : null;
    }
    const bytes = of ? Buffer.from(key, of) : key;
    if (of && (key === '' || bytes.toString(of) !== key)) return null;
    return (key === undefined ? createHash(algorithm) : createHmac(algorithm, bytes)).update(text).digest(encoding);
  } catch {
    return null;
  }
}

/** A time as expressions read it. */
function hostClock(ms) {
  const date = new Date(ms);
  return {
    iso: date.toISOString(),
    seconds: Math.floor(ms / 1000),
    ms,
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
  };
}

/** A date of HTTP in milliseconds since 1970, null when it is none. */
function hostDate(text) {
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

// By the numbers of `apply` in src/wasm.rs.
const COMMANDS =
  'idToken.setCustomClaim accessToken.setCustomClaim user.setAppMetadata multifactor.enable authentication.challengeWith authentication.enrollWith access.deny user.setUserMetadata samlResponse.setAttribute accessToken.addScope accessToken.removeScope'.split(
    ' ',
  );

/** Carries out a command; false when Auth0 refuses it. */
function hostCommand(api, command, first, second) {
  const [group, method] = COMMANDS[command].split('.');
  try {
    if (second === undefined) api[group][method](first);
    else api[group][method](first, second);
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
