// The local tenant, Okta Workflows' stand-in: the invoke URL of a flow's API endpoint card.
import { isUrl } from '../values.mjs';
import { heldSecrets, isJson, jsonObject } from './checks.mjs';

/** @param {Record<string, string>} secrets */
export function workflows(secrets) {
  const state = {
    /** A copied invoke URL carries the token, too. */
    accepted: [
      ...heldSecrets(secrets, ['OKTA_WORKFLOWS_CLIENT_TOKEN']),
      ...heldSecrets(secrets, ['OKTA_WORKFLOWS_URL']).flatMap(tokenOf),
    ],
    /** What the flow was started with. @type {Record<string, any>[]} */
    runs: [],
  };

  /** @param {import('../standins.mjs').Arrival} arrival @returns {import('../standins.mjs').Answer} */
  const answer = (arrival) => {
    const alias = /^\/api\/flo\/([0-9A-Za-z_-]+)\/invoke$/.exec(arrival.path)?.[1];
    if (alias === undefined || arrival.method !== 'POST') return { status: 404, body: { error: 'No such flow' } };
    // Okta takes the token from either place; in the URL it ends up in logs, so tests look where it was.
    const token = arrival.headers['x-api-client-token'] ?? arrival.query.get('clientToken');
    if (!token || !state.accepted.includes(token))
      return { status: 401, body: { error: 'The client token is missing or not valid' } };
    const body = isJson(arrival) ? jsonObject(arrival.body) : undefined;
    if (body === undefined) return { status: 400, body: { error: 'The body must be a JSON object' } };
    state.runs.push(body);
    return { status: 200, body: {} };
  };

  return Object.assign(state, {
    name: 'workflows',
    serves: (/** @type {string} */ host) => /^[a-z0-9-]+\.workflows\.okta(preview)?\.com$/.test(host),
    answer,
    error: (/** @type {number} */ status) => ({ error: `Status ${status}` }),
  });
}

/** @param {string} url @returns {string[]} */
const tokenOf = (url) => (isUrl(url) ? new URL(url).searchParams.getAll('clientToken') : []);
