// The local tenant, Cleeng's stand-in: `Auth0 - Generate token`, with the contract and the error codes of its reference.
import { createHash, createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { bearer, heldSecrets, isJson, jsonObject } from './checks.mjs';

const HOSTS = ['identity.api.prod.cleeng.com', 'identity.api.sandbox.cleeng.com'];
const PATH = '/hooks/v1/auth0/actions/token';
const LIFETIME_S = 3600;

// The reference wants all eight. The published snippet sends '' where it knows no better, so that counts as present.
/** @type {Record<string, (text: string) => boolean>} */
const FIELDS = {
  auth0Id: (text) => text !== '',
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  firstName: () => true,
  lastName: () => true,
  locale: (text) => /^[a-z]{2}_[A-Z]{2}$/.test(text),
  country: (text) => /^[A-Z]{2}$/.test(text),
  currency: (text) => /^[A-Z]{3}$/.test(text),
  userIpAddress: (text) => text === '' || isIP(text) !== 0,
};

/** @param {string} code @param {string} message */
const problem = (code, message) => ({ errors: [{ code, message }] });

/** @type {Record<number, unknown>} */
const ERRORS = {
  400: problem('ID0001', 'Missing or malformed parameters'),
  401: problem('ID2001', 'Invalid or expired credentials'),
  409: problem('ID2104', 'The email address belongs to another Auth0 user'),
};

/**
 * @param {Record<string, string>} secrets
 * @param {() => number} now
 */
export function cleeng(secrets, now) {
  /** @type {Map<string, { auth0Id: string, customerId: string }>} */
  const customers = new Map();
  const state = {
    /** The secrets that are good at the moment; after a rotation only the newest is. */
    accepted: heldSecrets(secrets, ['CLEENG_CLIENT_SECRET']),
    /** By email. */
    customers,
    /** Seconds a token lives; a number in the publisher's settings. */
    lifetime: LIFETIME_S,
  };

  /** @param {import('../standins.mjs').Arrival} arrival @returns {import('../standins.mjs').Answer} */
  const answer = (arrival) => {
    if (arrival.path !== PATH) return { status: 404, body: problem('ID0004', 'Not found') };
    if (arrival.method !== 'POST') return { status: 405, body: problem('ID0005', 'Method not allowed') };
    const token = bearer(arrival);
    if (token === undefined || !state.accepted.includes(token) || token.split('.').length !== 3)
      return { status: 401, body: ERRORS[401] };
    const body = isJson(arrival) ? jsonObject(arrival.body) : undefined;
    if (body === undefined) return { status: 400, body: problem('ID0001', 'The body must be a JSON object') };
    const wrong = Object.entries(FIELDS).flatMap(([name, good]) =>
      typeof body[name] === 'string' && good(body[name]) ? [] : [name],
    );
    if (wrong.length > 0)
      return { status: 400, body: problem('ID0001', `Missing or malformed parameters: ${wrong.join(', ')}`) };

    const email = body.email.toLowerCase();
    const customer = customers.get(email) ?? { auth0Id: body.auth0Id, customerId: numberOf(email) };
    if (customer.auth0Id !== body.auth0Id) return { status: 409, body: ERRORS[409] };
    customers.set(email, customer);
    const iat = Math.floor(now() / 1000);
    return {
      status: 200,
      body: {
        accessToken: sign(
          { customerId: customer.customerId, publisherId: '123456789', iat, exp: iat + state.lifetime },
          'stand-in',
        ),
      },
    };
  };

  return Object.assign(state, {
    name: 'cleeng',
    serves: (/** @type {string} */ host) => HOSTS.includes(host),
    answer,
    error: (/** @type {number} */ status) => ERRORS[status] ?? problem('ID0500', `Status ${status}`),
  });
}

/** @param {string} text */
const numberOf = (text) =>
  String((createHash('sha256').update(text).digest().readUInt32BE() % 900_000_000) + 100_000_000);

/**
 * A JSON Web Token, signed with HS256.
 * @param {Record<string, unknown>} claims
 * @param {string} key
 */
export function sign(claims, key) {
  const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
}
