// What must be true of a login: the fields of `right`, and what must be true always. Each gives the ways in which it is not.
import { isDeepStrictEqual } from 'node:util';
import { CLAIMS_BYTES, CONSOLE_CHARACTERS } from '../../../tools/tenant/limits.mjs';
import { readSyncs } from '../../../tools/tenant/logline.mjs';

/** @typedef {import('./login.mjs').Seen} Seen */

const FACTORS = [
  'multifactor.enable',
  'authentication.challengeWith',
  'authentication.challengeWithAny',
  'authentication.enrollWith',
  'authentication.enrollWithAny',
];
/** Deeper than this, a token's reader may fail. */
const LEVELS = 200;

/** @param {unknown} value */
const json = (value) => {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return 'what JSON cannot write';
  }
};
/** Whether they are the same as JSON. @param {unknown} one @param {unknown} other */
const same = (one, other) => {
  const [left, right] = [json(one), json(other)];
  return (
    left === right ||
    (/^[[{]/.test(left) && /^[[{]/.test(right) && isDeepStrictEqual(JSON.parse(left), JSON.parse(right)))
  );
};

/** The calls of a method that were not refused. @param {Seen} seen @param {string} method */
const calls = (seen, method) => seen.calls.filter((call) => call.method === method && !call.refused);
/** @param {Seen} seen @param {string} method @returns {Record<string, any>} by the first argument */
const set = (seen, method) => Object.fromEntries(calls(seen, method).map(({ args: [name, value] }) => [name, value]));
/** @param {Seen} seen */
const deniedOf = (seen) => calls(seen, 'access.deny').at(-1)?.args[0];
/** @param {Seen} seen */
const sent = (seen) => seen.arrivals.map(({ path, headers, body }) => `${path}\n${json(headers)}\n${body}`).join('\n');
/** @param {Seen} seen */
const metadata = (seen) => set(seen, 'user.setAppMetadata');
/** @param {Seen} seen */
const factors = (seen) => seen.calls.filter(({ method, refused }) => FACTORS.includes(method) && !refused);

/** All values in a value, with how deep they are. @param {unknown} root @param {(value: any, level: number) => void} visit */
function walk(root, visit) {
  /** @type {[any, number][]} */
  const left = [[root, 0]];
  for (;;) {
    const next = left.pop();
    if (!next) return;
    const [value, level] = next;
    visit(value, level);
    if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) left.push([item, level + 1]);
  }
}

/** What was set anywhere. @param {Seen} seen */
const everything = (seen) =>
  seen.calls
    .filter(({ method }) => /\.set(CustomClaim|AppMetadata|UserMetadata|Attribute)$/.test(method))
    .map(({ args }) => args);

/** @param {boolean} fine @param {string} otherwise @returns {string[]} */
const unless = (fine, otherwise) => (fine ? [] : [otherwise]);

/** @param {Record<string, any>} there @param {Record<string, any>} wanted */
const has = (there, wanted) =>
  Object.entries(wanted).flatMap(([name, value]) =>
    unless(same(there[name], value), `the claim ${name} is ${json(there[name])?.slice(0, 100)}`),
  );

/** @type {Record<string, (seen: Seen, wanted: any) => string[]>} */
const CHECKS = {
  requests: (seen, wanted) =>
    unless(seen.arrivals.length === wanted, `${seen.arrivals.length} requests instead of ${wanted}`),
  hosts: (seen, wanted) => {
    const hosts = [...new Set(seen.arrivals.flatMap(({ host, named }) => [host, named]))].sort();
    // None at all is right, too, where the number of requests is judged apart.
    return unless(
      hosts.every((host) => wanted.includes(host)),
      `requests reached ${json(hosts)}`,
    );
  },
  sentHas: (seen, wanted) =>
    wanted.flatMap((/** @type {string} */ text) => unless(sent(seen).includes(text), `\`${text}\` was not sent`)),
  sentLacks: (seen, wanted) =>
    wanted.flatMap((/** @type {string} */ text) => unless(!sent(seen).includes(text), `\`${text}\` was sent`)),
  bodiesNotNull: (seen) =>
    unless(
      seen.arrivals.every(({ body }) => body !== 'null'),
      'the body `null` was sent',
    ),
  plainPaths: (seen) => {
    const plain = (/** @type {string} */ part) =>
      !['', '.', '..'].includes(decodeURIComponent(part).split(';')[0] ?? '');
    return unless(
      seen.arrivals.every(({ path }) => (path.split('?')[0] ?? '').slice(1).split('/').every(plain)),
      `a path is not plain: ${json(seen.arrivals.map(({ path }) => path))}`,
    );
  },
  outcome: (seen, wanted) => {
    const ends = Object.fromEntries(
      readSyncs([{ level: 'log', text: seen.log, beyond: 0 }]).map(({ name, outcome }) => [name, outcome]),
    );
    return Object.entries(wanted).flatMap(([name, outcome]) =>
      unless(ends[name] === outcome, `${name} ended as ${ends[name]} instead of ${outcome}`),
    );
  },
  denied: (seen, wanted) => {
    const denied = deniedOf(seen);
    return unless(
      typeof wanted === 'string' ? denied === wanted : (denied !== undefined) === wanted,
      denied === undefined ? 'it was not denied' : `it was denied: ${denied}`,
    );
  },
  throws: (seen, wanted) =>
    unless((seen.thrown !== undefined) === wanted, wanted ? 'nothing was thrown' : `it threw ${seen.thrown}`),
  idToken: (seen, wanted) =>
    unless(
      same(set(seen, 'idToken.setCustomClaim'), wanted),
      `the ID token has ${json(set(seen, 'idToken.setCustomClaim')).slice(0, 300)} instead of ${json(wanted)}`,
    ),
  accessToken: (seen, wanted) =>
    unless(
      same(set(seen, 'accessToken.setCustomClaim'), wanted),
      `the access token has ${json(set(seen, 'accessToken.setCustomClaim')).slice(0, 300)} instead of ${json(wanted)}`,
    ),
  idTokenHas: (seen, wanted) => has(set(seen, 'idToken.setCustomClaim'), wanted),
  accessTokenHas: (seen, wanted) => has(set(seen, 'accessToken.setCustomClaim'), wanted),
  claimsLackText: (seen, wanted) => {
    const claims = json([set(seen, 'idToken.setCustomClaim'), set(seen, 'accessToken.setCustomClaim')]);
    return wanted.flatMap((/** @type {string} */ text) => unless(!claims.includes(text), `\`${text}\` is in a claim`));
  },
  appMetadata: (seen, wanted) =>
    Object.entries(wanted).flatMap(([key, value]) =>
      unless(
        key in metadata(seen) && same(metadata(seen)[key], value),
        `app_metadata.${key} is written as ${json(metadata(seen)[key])} instead of ${json(value)}`,
      ),
    ),
  appMetadataLacks: (seen, wanted) =>
    wanted.flatMap((/** @type {string} */ key) => unless(!(key in metadata(seen)), `app_metadata.${key} is written`)),
  record: (seen, wanted) => {
    const kept = Object.keys(metadata(seen).login_sync ?? {}).length > 0;
    return unless(kept === wanted, kept ? 'a fresh record is kept' : 'no fresh record is kept');
  },
  factors: (seen, wanted) =>
    unless(
      same(
        factors(seen).map(({ method }) => method),
        wanted,
      ),
      `the second factors asked for: ${json(factors(seen))}`,
    ),
  factorCallHas: (seen, wanted) =>
    wanted.flatMap((/** @type {string} */ text) =>
      unless(
        factors(seen).some(({ args }) => json(args).includes(text)),
        `no call for a second factor has \`${text}\``,
      ),
    ),
  finite: (seen) => {
    let fine = true;
    walk(everything(seen), (value) => (fine &&= typeof value !== 'number' || Number.isFinite(value)));
    return unless(fine, 'a number is not finite');
  },
  noProto: (seen) => {
    let fine = true;
    walk(
      everything(seen),
      (value) => (fine &&= typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')),
    );
    return unless(fine, 'there is a key `__proto__`');
  },
  log: (seen, wanted) =>
    [wanted].flat().flatMap((text) => unless(seen.log.includes(text), `\`${text}\` is not in the log`)),
  logLacks: (seen, wanted) =>
    [wanted].flat().flatMap((text) => unless(!seen.log.includes(text), `\`${text}\` is in the log`)),
  blockedMsAtMost: (seen, wanted) =>
    unless(seen.blockedMs <= wanted, `the thread was blocked for ${Math.round(seen.blockedMs)} ms`),
  anyOf: (seen, wanted) => {
    const all = wanted.map((/** @type {any} */ right) => wrongs(seen, right));
    return all.some((/** @type {string[]} */ each) => each.length === 0)
      ? []
      : [`none of these: ${all.map((/** @type {string[]} */ each) => each.join(', ')).join(' | ')}`];
  },
};

/** @param {Seen} seen @param {any} right @returns {string[]} */
function wrongs(seen, right) {
  return Object.entries(right).flatMap(([name, wanted]) => {
    const check = CHECKS[name];
    if (!check) throw new Error(`\`right\` has no field \`${name}\``);
    return check(seen, wanted);
  });
}

/** What must be true of every login. @param {Seen} seen @param {any} right @returns {string[]} */
function always(seen, right) {
  const found = seen.faults.map(({ kind, message }) => `${kind}: ${message}`);
  const personal = [
    seen.event.user?.email,
    seen.event.user?.name,
    seen.event.user?.phone_number,
    seen.event.request?.ip,
  ];
  const secrets = Object.values(seen.event.secrets ?? {})
    .map((secret) => String(secret).trim())
    .filter((secret) => secret.length > 3);
  const told = `${seen.log}\n${seen.thrown ?? ''}\n${deniedOf(seen) ?? ''}`;
  for (const text of [...personal, ...secrets])
    if (text && told.includes(text)) found.push(`\`${text}\` is in the log, in an error or in a reason`);
  if (seen.log.length > CONSOLE_CHARACTERS) found.push(`the log has ${seen.log.length} characters`);
  if (seen.thrown !== undefined && right?.throws === undefined) found.push(`it threw ${seen.thrown}`);
  if (deniedOf(seen) !== undefined && everything(seen).length > 0)
    found.push('it was denied, and something is set nevertheless');
  if (calls(seen, 'access.deny').length > 1) found.push('it was denied twice');
  for (const token of ['idToken', 'accessToken']) {
    const text = json(set(seen, `${token}.setCustomClaim`));
    if (text === 'what JSON cannot write' || Buffer.byteLength(text) > CLAIMS_BYTES)
      found.push(`the claims of the ${token} are ${Buffer.byteLength(text)} bytes, or cannot be written`);
  }
  let deepest = 0;
  walk(everything(seen), (_, level) => (deepest = Math.max(deepest, level)));
  if (deepest > LEVELS) found.push(`something that is set has ${deepest} levels`);
  return found;
}

/**
 * In which ways a login is not right.
 * @param {Seen} seen
 * @param {any} right
 * @returns {string[]}
 */
export const faultsOf = (seen, right) => [...always(seen, right), ...wrongs(seen, right ?? {})];
