// A real event, as people have it: from the test of the Action editor, from a line of a log, alone or inside something else.
import { parseJson } from '../tools/paste/json.mjs';

/** Only a login has one of these. */
const OF_A_LOGIN = ['authentication', 'authorization', 'session', 'refresh_token', 'stats'];

/**
 * @param {string} text
 * @returns {{ event: Record<string, any>, trigger: import('../tools/tenant/limits.mjs').Trigger, left: string[] }} `left`: what
 *   was left out, for it is no one's business
 */
export function importEvent(text) {
  // In a log something is said before it.
  const json = /^[^{[]*(\{[\s\S]*\})[^}\]]*$/.exec(text)?.[1] ?? text;
  const found = /** @type {any} */ (parseJson(json, ''));
  const event = [found?.event, found?.body?.event, found].find((each) => isObject(each) && isObject(each.user));
  if (!event) throw new SyntaxError('this is no event: an object with the field `user`');
  const { secrets, ...rest } = event;
  const left = isObject(secrets) && Object.keys(secrets).length > 0 ? ['its secrets'] : [];
  const { body } = isObject(rest.request) ? rest.request : /** @type {any} */ ({});
  if (isObject(body) && typeof body.password === 'string') {
    rest.request = { ...rest.request, body: { ...body, password: null } };
    left.push('the password');
  }
  const login = OF_A_LOGIN.some((name) => name in rest);
  return { event: rest, trigger: login ? 'post-login' : 'post-user-registration', left };
}

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
