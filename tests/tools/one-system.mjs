// tests: a config with one system, for the tests of the library, and why a login lacks something.

export const HOST = 'api.acme.example';
/** @param {Record<string, any>} [more] @returns {any} */
export const entry = (more = {}) => ({
  name: 'acme',
  request: { url: `https://${HOST}/users/{id}`, params: { id: 'user.user_id' }, body: { email: 'user.email' } },
  response: { idToken: { plan: 'plan' } },
  ...more,
});
/** @param {Record<string, any>} [more] @returns {any} */
export const one = (more) => ({ syncs: [entry(more)] });
/** @param {import('../../tools/library/index.js').Login} login */
export const why = ({ leftOut }) => leftOut.map(({ path, why }) => `${path}: ${why}`);
