// The local tenant, the stand-in for every host that has none of its own: it says what it was asked.
import { jsonObject } from './checks.mjs';

/** @returns {import('../standins.mjs').System} */
export const echo = () => ({
  name: 'echo',
  serves: () => true,
  answer: ({ method, host, path, body }) => ({ status: 200, body: { method, host, path, body: jsonObject(body) ?? body } }),
  error: (status) => ({ error: `status ${status}` }),
});
