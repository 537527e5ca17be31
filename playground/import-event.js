// A real event, as people have it: from the test of the Action editor, from a line of a log, alone or inside something else.
import { parseJson } from '../tools/paste/json.mjs';
import { HANDLERS } from '../tools/tenant/limits.mjs';
import { isObject } from '../tools/tenant/values.mjs';

/** @typedef {import('../tools/tenant/limits.mjs').Trigger} Trigger */

/** Only a login has one of these; of a user who is known, it alone has a client. */
const OF_A_LOGIN = ['authorization', 'session', 'refresh_token', 'stats'];

/** What tells whose event it is, the surest first; a flow that this version does not run is passed over. @type {[trigger: string, is: (event: any) => boolean][]} */
const TELLS = [
  ['event-stream', ({ message }) => isObject(message)],
  ['post-login', (event) => OF_A_LOGIN.some((name) => name in event) || Boolean(event.client && event.user?.user_id)],
  ['credentials-exchange', ({ user }) => !isObject(user)],
  ['pre-user-registration', ({ user }) => isObject(user) && !user.user_id],
  ['post-change-password', ({ user }) => Boolean(user.last_password_reset)],
  ['post-user-registration', () => true],
];

/**
 * @param {string} text
 * @returns {{ event: Record<string, any>, trigger: Trigger, left: string[] }} `left`: what
 *   was left out, for it is no one's business
 */
export function importEvent(text) {
  // In a log something is said before it.
  const json = /^[^{[]*(\{[\s\S]*\})[^}\]]*$/.exec(text)?.[1] ?? text;
  const found = /** @type {any} */ (parseJson(json, ''));
  const event = [found?.event, found?.body?.event, found].find(
    (each) => isObject(each) && [each.user, each.client, each.message].some(isObject),
  );
  if (!event) throw new SyntaxError('this is no event: an object with the field `user`, `client` or `message`');
  const { secrets, ...rest } = event;
  const left = isObject(secrets) && Object.keys(secrets).length > 0 ? ['its secrets'] : [];
  const { body } = isObject(rest.request) ? rest.request : /** @type {any} */ ({});
  const hidden = isObject(body) ? ['password', 'client_secret'].filter((name) => typeof body[name] === 'string') : [];
  if (hidden.length > 0) {
    rest.request = { ...rest.request, body: { ...body, ...Object.fromEntries(hidden.map((name) => [name, null])) } };
    left.push(hidden.includes('password') ? 'the password' : 'the secret of the client');
  }
  const [trigger] = TELLS.find(([name, is]) => Object.hasOwn(HANDLERS, name) && is(rest)) ?? ['post-login'];
  return { event: rest, trigger: /** @type {Trigger} */ (trigger), left };
}
