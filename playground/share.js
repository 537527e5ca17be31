// The playground's links: what is on the screen as the fragment of an address, which a browser sends to no server. Secrets
// have no place in it. What a link brings was written by someone else, so each part is looked at before it counts.
import { parseJson } from '../tools/paste/json.mjs';
import { withoutCredentials } from '../tools/tenant/event.mjs';
import { HANDLERS } from '../tools/tenant/limits.mjs';
import { redactor } from '../tools/tenant/redact.mjs';
import { isObject } from '../tools/tenant/values.mjs';
import { formsOf, inOrder } from './systems.js';

/**
 * @typedef {object} Shared
 * @property {string} config the text
 * @property {import('../tools/tenant/limits.mjs').Trigger} trigger
 * @property {string} event the text, or a sample's name
 * @property {boolean} sample
 * @property {import('./systems.js').Systems} systems
 * @property {number} logins
 * @property {boolean} others
 * @property {number} apartMs
 * @property {number} latencyMs
 */

const MARK = '#try=';
/** No config and no event is larger; a link may unpack to anything. */
const MOST = 1_000_000;

/**
 * The text of an event without secrets and other credentials; null where it cannot be said whether some are in it.
 * @param {string} text
 * @param {string | null} [unread] what is given for a text that is not JSON: what stays in this browser may be unfinished
 */
export function withoutSecrets(text, unread = /secrets|\\u/.test(text) ? null : text) {
  try {
    const event = /** @type {any} */ (parseJson(text, ''));
    if (!isObject(event)) return text;
    const rest = withoutCredentials(event);
    return JSON.stringify(rest) === JSON.stringify(event) ? text : `${JSON.stringify(rest, null, 2)}\n`;
  } catch {
    return unread;
  }
}

/**
 * The name of a secret that is in what would be shared: a long one anywhere, a short one where it is a whole value, as in all
 * that is shown.
 * @param {Pick<Shared, 'config' | 'event' | 'systems'>} shared
 * @param {Record<string, string>} secrets
 */
export function secretIn({ config, event, systems }, secrets) {
  const answers = Object.values(systems).flatMap(({ answers }) => answers);
  const texts = [
    config,
    event,
    ...Object.keys(systems),
    ...answers.map(({ body }) => body),
    ...answers.flatMap(({ headers }) => headers.split('\n').map((line) => line.replace(/^[^:]*:\s*/, '').trimEnd())),
    // A literal of an expression is a value, too.
    ...[config, event].flatMap((text) => [...text.matchAll(/'([^'\n]*)'/g)].map(([, literal = '']) => literal)),
  ];
  return Object.keys(secrets).find((name) => {
    const { clean } = redactor({ [name]: secrets[name] }, { cut: (text) => text });
    return texts.some((text) => clean(text) !== text);
  });
}

/** @param {Shared} shared @returns {Promise<string>} what comes after the page's address */
export async function linkOf(shared) {
  const { systems, ...rest } = shared;
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, ...rest, systems: inOrder(systems) }));
  const packed = await through(new CompressionStream('deflate-raw'), bytes, Number.POSITIVE_INFINITY);
  return MARK + packed.toString('base64url');
}

export const isLink = (/** @type {string} */ hash) => hash.startsWith(MARK);

/**
 * @param {string} hash
 * @returns {Promise<Shared | undefined>} undefined where it is no link of this page
 */
export async function openLink(hash) {
  try {
    const bytes = await through(
      new DecompressionStream('deflate-raw'),
      Buffer.from(hash.slice(MARK.length), 'base64url'),
      MOST,
    );
    const { v, config, trigger, event, ...rest } = JSON.parse(bytes.toString());
    if (v !== 1 || typeof config !== 'string' || typeof event !== 'string' || !Object.hasOwn(HANDLERS, trigger))
      return undefined;
    const whole = (/** @type {unknown} */ value, /** @type {number} */ most, /** @type {number} */ other) =>
      typeof value === 'number' && value >= 0 && value <= most ? Math.floor(value) : other;
    return {
      config,
      trigger,
      event,
      sample: rest.sample === true,
      systems: formsOf(rest.systems),
      logins: Math.max(1, whole(rest.logins, 10, 1)),
      others: rest.others === true,
      apartMs: whole(rest.apartMs, 1e11, 60_000),
      latencyMs: whole(rest.latencyMs, 1e5, 60),
    };
  } catch {
    return undefined;
  }
}

/** @param {CompressionStream | DecompressionStream} stream @param {Uint8Array<ArrayBuffer>} bytes @param {number} most */
async function through(stream, bytes, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError('too large');
    }
    parts.push(value);
  }
}
