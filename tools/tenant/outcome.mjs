// The local tenant, the end of the flow: what the commands of one execution come to. Pure functions of the record.
import { createHash } from 'node:crypto';
import { AWAITED, CLAIMS_BYTES, FACTOR_CALLS, ISSUING, METADATA_BYTES, PROTOCOLS_WITHOUT_A_PAGE } from './limits.mjs';
import { readResult } from './logline.mjs';
import { isObject, requestedScopes } from './values.mjs';

/**
 * @typedef {object} Token
 * @property {Record<string, any>} claims decoded, as the application or the API would read them
 * @property {string[]} custom which of them the Action set
 *
 * @typedef {object} Outcome
 * @property {string | null} denied the reason, as `error_description`
 * @property {{ error: string, error_description: string } | null} error what the application, or the one who registers, is told instead
 * @property {{ provider?: string, allowRememberBrowser?: boolean, factors?: string[], enroll?: string[] } | null} mfa either by a
 *   provider, or with one of these factors, or by enrolling in one of these
 * @property {{ idToken: Token | null, accessToken: Token } | null} tokens null when the login did not go on, or none are issued
 * @property {Record<string, any>} appMetadata after the flow
 * @property {Record<string, any>} userMetadata after the flow
 * @property {Record<string, any>} saml attributes that the Action set, for an application that gets a SAML response; others get
 *   none of them, and they are shown all the same
 * @property {string | null} failure why Auth0 fails the login although the handler ended well
 */

/**
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {any} event
 * @param {import('./api.mjs').Command[]} commands
 * @param {string | null} thrown the text of an error, which discards everything that was asked for
 * @param {number} now milliseconds since the epoch
 * @param {import('./context.mjs').Fault[]} faults
 * @returns {Outcome}
 */
export function settle(trigger, event, commands, thrown, now, faults) {
  const kept = thrown !== null ? [] : commands.filter((command) => command.dropped === undefined);
  const last = (/** @type {string} */ method) => kept.filter((command) => command.method === method).at(-1);

  const custom = { idToken: claims(kept, 'idToken'), accessToken: claims(kept, 'accessToken') };
  const heavy = Object.entries(custom).find(([, set]) => Buffer.byteLength(JSON.stringify(set)) > CLAIMS_BYTES);
  const denial = last('access.deny')?.args;
  const machine = trigger === 'credentials-exchange';
  const denied = denial?.[machine ? 1 : 0] ?? null;
  const calls = kept.filter(({ method }) => FACTOR_CALL.test(method));
  const mfa = secondFactor(last('multifactor.enable'), calls.at(-1));
  const unanswered = denied === null && mfa !== null && !hasPage(event);
  // What is denied before a registration is told in two texts: this one is for the user.
  const told = trigger === 'pre-user-registration' ? denial?.[1] : denied;
  const failure = heavy
    ? `the custom claims of the ${heavy[0]} are larger than ${CLAIMS_BYTES} bytes`
    : denied !== null
      ? null
      : (failedFactor(event, calls) ?? (unanswered ? 'Multifactor authentication required' : null));
  const reason = thrown ?? failure ?? denied;
  const error =
    unanswered && reason === failure
      ? 'mfa_required'
      : !machine
        ? 'access_denied'
        : thrown === null && failure === null
          ? denial?.[0]
          : 'server_error';
  return {
    error: AWAITED[trigger] && reason !== null ? { error, error_description: thrown ?? failure ?? told } : null,
    denied,
    mfa,
    tokens: !ISSUING.includes(trigger) || reason !== null ? null : issue(event, custom, scopes(event, kept), now),
    // A deny does not take back what was asked of the metadata; only an error does.
    appMetadata: merged(event.user?.app_metadata, failure ? [] : kept, 'user.setAppMetadata', faults),
    userMetadata: merged(event.user?.user_metadata, failure ? [] : kept, 'user.setUserMetadata', faults),
    saml: reason !== null ? {} : attributes(kept),
    failure,
  };
}

/**
 * How an execution ended, in a word. Where nothing waits for the Action, Auth0 takes an end without an error for a good one:
 * that it is none, and that nothing comes again, only the Action's own line says. (Another Action has no such line.)
 * @param {import('./host.mjs').Execution} execution
 * @returns {'allowed' | 'denied' | 'again' | 'failed'}
 */
export function outcomeOf({ trigger, thrown, failure, denied, log }) {
  if (thrown !== null && trigger === 'event-stream') return 'again';
  if (thrown !== null || failure !== null) return 'failed';
  if (denied !== null) return 'denied';
  return AWAITED[trigger] !== undefined || (readResult(log) ?? 'done') === 'done' ? 'allowed' : 'failed';
}

const FACTOR_CALL = /^authentication\.(challenge|enroll)With/;

/**
 * The last call for a factor counts, and more than any `enable`.
 * @param {import('./api.mjs').Command | undefined} enable
 * @param {import('./api.mjs').Command | undefined} call
 * @returns {Outcome['mfa']}
 */
function secondFactor(enable, call) {
  if (call) return call.method.includes('enroll') ? { enroll: factorsOf(call) } : { factors: factorsOf(call) };
  if (!enable || enable.args[0] === 'none') return null;
  return { provider: enable.args[0], allowRememberBrowser: enable.args[1]?.allowRememberBrowser ?? false };
}

/** @param {import('./api.mjs').Command} call @returns {string[]} */
const factorsOf = ({ args: [first, options] }) =>
  [first, options?.additionalFactors ?? []].flat().map(({ type }) => type);

/**
 * Why Auth0 fails the login: it counts the calls of all Actions, and asks for nothing that the user does not have.
 * @param {any} event
 * @param {import('./api.mjs').Command[]} calls
 * @returns {string | null}
 */
function failedFactor(event, calls) {
  if (calls.length > FACTOR_CALLS) return `more than ${FACTOR_CALLS} calls that challenge or enroll`;
  const enrolled = [event.user?.enrolledFactors ?? []]
    .flat()
    .map((factor) => plainName(factor?.type ?? factor?.method));
  const lost = calls.find(
    (call) =>
      call.method.includes('challenge') && !factorsOf(call).some((factor) => enrolled.includes(plainName(factor))),
  );
  return lost ? `the user is enrolled in none of the factors asked for: ${factorsOf(lost).join(', ')}` : null;
}

/** @param {string} factor */
const plainName = (factor) => (factor === 'push' ? 'push-notification' : factor);

/** Whether a page of Auth0's is shown that can ask for a second factor. @param {any} event */
function hasPage({ transaction }) {
  const silent = [transaction?.prompt ?? []].flat().includes('none');
  return !silent && !PROTOCOLS_WITHOUT_A_PAGE.includes(transaction?.protocol);
}

/**
 * The user and the session after the second factor that an execution asked for, as the next event tells of them.
 * @param {any} event
 * @param {Outcome['mfa']} mfa
 * @param {string} timestamp
 */
export function answered(event, mfa, timestamp) {
  if (mfa === null) return event;
  const { user } = event;
  const factors = listOf(user?.enrolledFactors);
  const had = factors.map((factor) => factor?.type);
  const type =
    mfa.factors?.find((factor) => had.includes(factor)) ??
    mfa.enroll?.[0] ??
    had[0] ??
    FACTOR_OF_PROVIDER[mfa.provider ?? ''] ??
    'otp';
  const enrolled = had.includes(type) ? {} : { enrolledFactors: [...factors, { type, method: type }] };
  const multifactor = [
    ...new Set([...listOf(user?.multifactor), mfa.provider && mfa.provider !== 'any' ? mfa.provider : 'guardian']),
  ];
  const methods = listOf(event.authentication?.methods).filter((method) => method?.name !== 'mfa');
  return {
    ...event,
    user: { ...user, ...enrolled, multifactor },
    authentication: { ...event.authentication, methods: [...methods, { name: 'mfa', timestamp, type }] },
  };
}

/** An event of one's own may hold anything. @param {unknown} value @returns {any[]} */
const listOf = (value) => (Array.isArray(value) ? value : []);

/** Whether a request was answered, whole and without an error. @param {{ status: number | null, failure: string | null }} request */
export const isGood = ({ status, failure }) => status !== null && status < 400 && failure === null;

/** Headers that every HTTP client and server sends, and no one asks about. */
export const USUAL_HEADERS = new Set(['host', 'connection', 'content-length', 'date', 'keep-alive']);

/** What a user who has nothing yet will have after a first login. @type {Record<string, string>} */
const FACTOR_OF_PROVIDER = { guardian: 'push-notification', 'google-authenticator': 'otp', any: 'otp' };

/** A second factor in words. @param {NonNullable<Outcome['mfa']>} mfa */
export const factorText = ({ provider, factors, enroll }) =>
  enroll ? `a new ${enroll.join(' or ')}` : (provider ?? factors?.join(' or ') ?? 'any');

/**
 * The system whose `onFailure` denied it, where the engine's own text names one; and what would let it go on.
 * @param {{ denied: string | null, syncs: import('./logline.mjs').Sync[] }} result
 */
export function deniedBy({ denied, syncs }) {
  const sync = syncs.find(({ name, outcome }) => denied?.endsWith(` (${name}: ${outcome}).`));
  return sync ? { name: sync.name, allow: `"onFailure": { "${sync.outcome}": "allow" }` } : null;
}

/** @param {import('./api.mjs').Command[]} commands @param {'idToken' | 'accessToken'} token */
const claims = (commands, token) =>
  Object.fromEntries(
    commands
      .filter(({ method }) => method === `${token}.setCustomClaim`)
      .map(({ args: [name, value] }) => [name, value]),
  );

/** What the Action set of the SAML response: the last value of each counts, and null takes it away. @param {import('./api.mjs').Command[]} commands */
const attributes = (commands) =>
  Object.fromEntries(
    [
      ...new Map(
        commands.flatMap(({ method, args: [name, value] }) =>
          method === 'samlResponse.setAttribute' ? [/** @type {const} */ ([name, value])] : [],
        ),
      ),
    ].filter(([, value]) => value !== null),
  );

/** @param {any} event @param {import('./api.mjs').Command[]} commands @returns {string[]} */
function scopes(event, commands) {
  const granted = new Set(requestedScopes(event));
  for (const { method, args } of commands) {
    if (method === 'accessToken.addScope') granted.add(args[0]);
    if (method === 'accessToken.removeScope') granted.delete(args[0]);
  }
  return [...granted];
}

/**
 * @param {any} event
 * @param {{ idToken: Record<string, any>, accessToken: Record<string, any> }} custom
 * @param {string[]} granted
 * @param {number} now
 * @returns {{ idToken: Token | null, accessToken: Token }}
 */
function issue(event, custom, granted, now) {
  const iat = Math.floor(now / 1000);
  const iss = `https://${event.custom_domain?.domain ?? `${event.tenant?.id ?? 'tenant'}.eu.auth0.com`}/`;
  const client = event.client?.client_id;
  // A machine has no user, and is its own subject.
  const machine = event.user === undefined;
  const sub = machine ? `${client}@clients` : event.user.user_id;
  const seconds = { idToken: 36_000, accessToken: 86_400 };
  const audience = [
    event.resource_server?.identifier,
    granted.includes('openid') ? `${iss}userinfo` : undefined,
  ].filter(Boolean);
  const idToken = { iss, sub, aud: client, iat, exp: iat + seconds.idToken, sid: event.session?.id ?? sessionId(sub) };
  const accessToken = {
    iss,
    sub,
    aud: audience.length === 1 ? audience[0] : audience,
    iat,
    exp: iat + seconds.accessToken,
    scope: granted.join(' '),
    azp: client,
    ...(machine ? { gty: 'client-credentials' } : {}),
  };
  const token = (/** @type {object} */ standard, /** @type {Record<string, any>} */ set) => ({
    claims: { ...standard, ...set },
    custom: Object.keys(set),
  });
  return {
    idToken: granted.includes('openid') ? token(idToken, custom.idToken) : null,
    accessToken: token(accessToken, custom.accessToken),
  };
}

/** @param {string} sub */
const sessionId = (sub) => createHash('sha256').update(String(sub)).digest('base64url').slice(0, 32);

/**
 * @param {unknown} present
 * @param {import('./api.mjs').Command[]} commands
 * @param {string} method
 * @param {import('./context.mjs').Fault[]} faults
 */
function merged(present, commands, method, faults) {
  const before = isObject(present) ? present : {};
  const calls = commands.filter((command) => command.method === method);
  if (calls.length === 0) return before;
  const entries = new Map(Object.entries(before));
  for (const { args } of calls) {
    if (args[1] === null) entries.delete(args[0]);
    else entries.set(args[0], args[1]);
  }
  const after = Object.fromEntries(entries);
  const size = Buffer.byteLength(JSON.stringify(after));
  if (size <= METADATA_BYTES) return after;
  faults.push({
    kind: 'metadata',
    message: `\`api.${method}\` would bring the metadata to ${size} bytes, and Auth0 keeps ${METADATA_BYTES}: nothing is written`,
  });
  return before;
}
