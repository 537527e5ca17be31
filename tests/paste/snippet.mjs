// What Cleeng publishes as its Action, as a contract: for an event, the request it makes. A pure function of our own that
// knows nothing of the paste; differential.test.mjs holds the one against the other.

/**
 * @typedef {object} Sent
 * @property {string} method
 * @property {string} url
 * @property {string | undefined} authorization
 * @property {string | undefined} contentType
 * @property {string} body
 */

/**
 * The first value that JavaScript takes for true; without one the empty string.
 * @param {...unknown} values
 */
const firstOf = (...values) => values.find(Boolean) ?? '';

/** @param {any} from @param {string} key what is not there has no fields */
const field = (from, key) => (from === undefined || from === null ? undefined : from[key]);

/** @param {any} event @returns {Sent} */
export function snippet(event) {
  const user = field(event, 'user');
  const name = (/** @type {string} */ own, /** @type {string} */ kept) =>
    firstOf(field(user, own), field(field(user, 'user_metadata'), kept), field(field(user, 'app_metadata'), kept));
  return {
    method: 'POST',
    url: 'https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token',
    authorization: `Bearer ${event.secrets.CLEENG_CLIENT_SECRET}`,
    contentType: 'application/json',
    // The keys in this order; a key whose value is undefined is not written.
    body: JSON.stringify({
      auth0Id: field(user, 'user_id'),
      email: field(user, 'email'),
      firstName: name('given_name', 'firstName'),
      lastName: name('family_name', 'lastName'),
      locale: 'en_US',
      country: 'US',
      currency: 'USD',
      userIpAddress: firstOf(field(field(event, 'request'), 'ip'), field(field(event, 'client'), 'ip')),
    }),
  };
}
