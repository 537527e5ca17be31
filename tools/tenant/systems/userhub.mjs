// The local tenant, UserHub's stand-in: `users:import` of the Admin API.
import { createHash } from 'node:crypto';
import { bearer, heldSecrets } from './checks.mjs';

/** @param {string} code @param {string} message */
const problem = (code, message) => ({ code, message });

/** @type {Record<number, string>} */
const CODES = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** encodeURIComponent, with the characters put back that a path segment may hold: UserHub takes no other spelling. */
const encoded = (/** @type {string} */ text) =>
  encodeURIComponent(text).replace(/%(24|26|2B|2C|3B|3D|3A|40)/g, (code) => decodeURIComponent(code));

/** @param {Record<string, string>} secrets */
export function userhub(secrets) {
  const state = {
    accepted: heldSecrets(secrets, ['USERHUB_API_KEY', 'API_KEY']),
    connections: heldSecrets(secrets, ['USERHUB_CONNECTION_ID', 'CONNECTION_ID']),
    /** How often each Auth0 user was imported. @type {Map<string, number>} */
    imports: new Map(),
  };

  /** @param {import('../standins.mjs').Arrival} arrival @returns {import('../standins.mjs').Answer} */
  const answer = (arrival) => {
    const fail = (/** @type {number} */ status, /** @type {string} */ message) => ({
      status,
      body: problem(CODES[status] ?? 'UNKNOWN', message),
    });
    const key = bearer(arrival);
    if (key === undefined || !key.startsWith('sk_') || !state.accepted.includes(key))
      return fail(401, 'The API key is missing or not valid');
    const id = /^\/admin\/v1\/users\/([^/]+):import$/.exec(arrival.path)?.[1];
    if (id === undefined || arrival.method !== 'POST') return fail(404, 'No such method');
    const version = arrival.headers['userhub-api-version'];
    if (version !== undefined && version !== '2025-05-01') return fail(400, 'Unknown API version');
    if (arrival.body !== '') return fail(400, 'The import takes no body');

    const plain = decodeURIComponent(id);
    const at = plain.lastIndexOf('@');
    if (at <= 0 || encoded(plain) !== id) return fail(400, 'The user ID is not well-formed');
    const [user, connection] = [plain.slice(0, at), plain.slice(at + 1)];
    if (!state.connections.includes(connection)) return fail(404, 'The connection does not exist');
    state.imports.set(user, (state.imports.get(user) ?? 0) + 1);
    const short = createHash('sha256').update(user).digest('hex').slice(0, 12);
    return {
      status: 200,
      body: {
        id: `usr_${short}`,
        state: 'ACTIVE',
        subscription: { plan: { id: 'pln_basic' } },
        memberships: [{ organization: { id: `org_${short}` } }],
      },
    };
  };

  return Object.assign(state, {
    name: 'userhub',
    serves: (/** @type {string} */ host) => host === 'api.userhub.com',
    answer,
    error: (/** @type {number} */ status) => problem(CODES[status] ?? 'UNKNOWN', `Status ${status}`),
  });
}
