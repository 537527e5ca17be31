// The local tenant, the stand-ins for hosts that have none of their own.
import { isObject } from '../values.mjs';
import { isBatch, isGrant, jsonObject } from './checks.mjs';

/** @param {number} status */
const error = (status) => ({ error: `status ${status}` });

/**
 * Says what it was asked.
 * @returns {import('../standins.mjs').System}
 */
export const echo = () => ({
  name: 'echo',
  serves: () => true,
  answer: ({ method, host, path, body }) => ({
    status: 200,
    body: { method, host, path, body: jsonObject(body) ?? body },
  }),
  error,
});

const TOKEN = { access_token: 'invented-access-token', token_type: 'Bearer', expires_in: 3600 };

/**
 * Says it so that the fields of what it was sent are where a config looks for an answer's. A request
 * for an access token gets one, and metrics are taken.
 * @returns {import('../standins.mjs').System}
 */
export const mirror = () => {
  const plain = echo();
  return {
    ...plain,
    answer(arrival) {
      if (isGrant(arrival.body)) return { status: 200, body: TOKEN };
      if (isBatch(arrival.body)) return { status: 200, body: {} };
      const { status, body } = plain.answer(arrival);
      const sent = jsonObject(arrival.body);
      return { status, body: sent && isObject(body) ? { ...body, ...sent } : body };
    },
  };
};

/**
 * Whether an answer is what was sent: a fault comes in its place.
 * @param {{ standIn: string | null, status: number | null, failure: string | null, responseBody: string }} request
 */
export const isEcho = ({ standIn, status, failure, responseBody }) =>
  standIn === 'echo' && status === 200 && failure === null && jsonObject(responseBody) !== undefined;

/** @typedef {Partial<import('../standins.mjs').Answer>} Written an answer as someone writes it; status 200 if it says none */

/**
 * Whether an answer is a good one that says nothing of a token, so that no token endpoint can mean it. A text is given as it is:
 * so are recorded ones.
 * @param {Written} answer
 */
const isOfAnother = ({ status = 200, body, fault }) =>
  fault === undefined &&
  status < 300 &&
  typeof body !== 'string' &&
  !(isObject(body) && ('access_token' in body || 'error' in body));

/**
 * Gives one host's answers as they are written, in order; the last one again and again. A function is asked each time. Many
 * systems have their token endpoint on the same host: what cannot be its answer waits for the next request, and it gives an
 * invented token.
 * @param {string} host
 * @param {Written[] | ((arrival: import('../standins.mjs').Arrival) => Written)} answers
 * @returns {import('../standins.mjs').System}
 */
export function written(host, answers) {
  let count = 0;

  return {
    name: host,
    serves: (asked) => asked === host,
    answer(arrival) {
      const answer = typeof answers === 'function' ? answers(arrival) : answers[Math.min(count, answers.length - 1)];
      if (isGrant(arrival.body) && isOfAnother(answer ?? {})) return { status: 200, body: TOKEN };
      count += 1;
      return { status: 200, ...answer };
    },
    error,
  };
}
