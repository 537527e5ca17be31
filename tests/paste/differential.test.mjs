// The paste against Cleeng's published Action (snippet.mjs): the same request, byte for byte, for any event.
//
// Two differences are meant; both are JMESPath's and no event of Auth0's shows them:
// - `||` skips what is empty, an empty list and an empty object too, and does not skip the number 0. JSON has these; names
//   do not.
// - a field that is null is left out, as one that is absent, where the snippet sends `"email":null`.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PASSWORD } from '../../tools/tenant/event.mjs';
import { CONSOLE_CHARACTERS } from '../../tools/tenant/limits.mjs';
import { snippet } from './snippet.mjs';
import { REALMS, SECRETS, tenant } from './support.mjs';

const EVENTS = 500;
/** To repeat a run: `LOGIN_SYNC_SEED=… node --test tests/paste/differential.test.mjs`. */
const SEED = Number(process.env.LOGIN_SYNC_SEED ?? Date.now() % 2 ** 32);

/** @typedef {import('../../tools/tenant/limits.mjs').Trigger} Trigger */

/** @param {Awaited<ReturnType<typeof tenant>>} opened @param {Trigger} trigger @param {any} event */
async function send(opened, trigger, event) {
  const execution = await opened.host.execute(trigger, event);
  assert.deepEqual([execution.faults, execution.thrown], [[], null]);
  const log = execution.log.map(({ text }) => text).join('\n');
  assert.ok(log.length <= CONSOLE_CHARACTERS && !log.includes(SECRETS.CLEENG_CLIENT_SECRET), log);
  assert.equal(execution.requests.length, 1, log);
  const [request] = execution.requests;
  const arrival = opened.standIns.arrivals.at(-1);
  assert.deepEqual(
    [`https://${arrival?.host}${arrival?.path}`, arrival?.method, arrival?.body],
    [request?.url, request?.method, request?.body],
    'what was sent has arrived',
  );
  const { method, url, headers, body } = /** @type {NonNullable<typeof request>} */ (request);
  return { method, url, authorization: headers.authorization, contentType: headers['content-type'], body };
}

describe(`the request to Cleeng, seed ${SEED}`, () => {
  for (const realm of REALMS) {
    for (const trigger of /** @type {const} */ (['post-login', 'post-user-registration'])) {
      it(`${trigger}, realm ${realm}`, async (t) => {
        const opened = await tenant(t, { realm });
        const random = generator(SEED);
        for (let i = 0; i < EVENTS; i += 1) {
          const event = anyEvent(random, i);
          const sent = await send(opened, trigger, event);
          assert.deepEqual(sent, snippet(event), `event ${i} of seed ${SEED}: ${JSON.stringify(event).slice(0, 2000)}`);
        }
      });
    }
  }
});

describe('where the request differs on purpose', () => {
  /** @type {[string, any, object, object][]} */
  const table = [
    ['an empty list as a name', { given_name: [], family_name: 'B' }, { firstName: [] }, { firstName: '' }],
    ['an empty object as a name', { given_name: 'A', family_name: {} }, { lastName: {} }, { lastName: '' }],
    ['the number 0 as a name', { given_name: 0, family_name: 'B' }, { firstName: '' }, { firstName: 0 }],
    ['null as the e-mail address', { email: null }, { email: null }, { email: undefined }],
  ];
  for (const [what, user, theirs, ours] of table) {
    it(what, async (t) => {
      const event = { user: { user_id: 'auth0|1', ...user }, secrets: SECRETS };
      const expected = snippet(event);
      const sent = await send(await tenant(t), 'post-login', event);
      assert.deepEqual(JSON.parse(expected.body), { ...JSON.parse(sent.body), ...theirs });
      assert.deepEqual(sent, { ...expected, body: JSON.stringify({ ...JSON.parse(expected.body), ...ours }) });
    });
  }
});

/** @typedef {{ below: (n: number) => number, pick: <T>(list: readonly T[]) => T, chance: (percent: number) => boolean }} Random */

/** mulberry32. @param {number} seed @returns {Random} */
function generator(seed) {
  let state = seed >>> 0;
  const below = (/** @type {number} */ n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
  return {
    below,
    pick: (list) => /** @type {any} */ (list[below(list.length)]),
    chance: (percent) => below(100) < percent,
  };
}

const HOSTILE = [
  '',
  ' ',
  'Maja',
  'Zo\u00eb',
  '\u674e\u5c0f\u9f99',
  '\u{1f469}\u200d\u{1f467}',
  'I\u0307\u0131',
  'e\u0301',
  '\ufeffBOM',
  '\uffff\ufffd',
  '\u202eright to left',
  '\u0000',
  '\u0001\u0008\u001f\u007f\u0085',
  '\r\n\t',
  '\u2028\u2029',
  '\ud800',
  'a\udfff',
  '\udc00\ud800',
  '\ud83d',
  '"',
  '\\',
  "'",
  '`',
  '\\u0041',
  '"}],{"',
  '</script>',
  '${7*7}',
  '{{x}}',
  '%00%0a',
  '__proto__',
  'constructor',
  'null',
  'false',
  '0',
  'NaN',
  '[object Object]',
  '##KEY##',
  'long '.repeat(4000),
  '\u00e9\u{10348}'.repeat(2000),
];

/** @param {Random} random @returns {string} */
function text(random) {
  if (random.chance(60)) return random.pick(HOSTILE);
  // Any code units: half of them from where surrogates and control characters are.
  const unit = () =>
    random.chance(50)
      ? random.below(0x10000)
      : random.pick([random.below(0x20), 0xd800 + random.below(0x800), 0x2020 + random.below(16)]);
  return String.fromCharCode(...Array.from({ length: random.below(24) }, unit));
}

/** What may be where a name should be: mostly text. @param {Random} random @returns {unknown} */
function nameLike(random) {
  if (random.chance(75)) return text(random);
  return random.pick([null, false, true, 1, -1.5, 1e21, 5e-324, ['A', null], { first: 'A' }, [[]], { '': 0 }]);
}

/** An object with some of these fields. @param {Random} random @param {Record<string, () => unknown>} fields @param {number} percent */
const some = (random, fields, percent) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (random.chance(percent) ? [[key, value()]] : [])),
  );

/** @param {Random} random @returns {unknown} */
function metadata(random) {
  if (random.chance(10)) return random.pick([null, 'firstName', 7, true, ['firstName'], '']);
  const names = some(
    random,
    {
      firstName: () => nameLike(random),
      lastName: () => nameLike(random),
      first_name: () => 'no',
      FirstName: () => 'no',
    },
    50,
  );
  // `JSON.parse` makes `__proto__` a key like any other: its fields are no one's names.
  const strange = random.chance(30)
    ? JSON.parse(
        '{"__proto__":{"firstName":"inherited","lastName":"inherited"},"constructor":{"firstName":"x"},"toString":null,"a.b":1,"":"x"}',
      )
    : {};
  return JSON.parse(JSON.stringify(Object.fromEntries([...Object.entries(strange), ...Object.entries(names)])));
}

/**
 * An event as Auth0 might send it, and then some. The user's id is new each time, for what was answered once is not asked
 * again.
 * @param {Random} random
 * @param {number} i
 */
function anyEvent(random, i) {
  const user = some(
    random,
    {
      email: () => (random.chance(90) ? text(random) : false),
      given_name: () => nameLike(random),
      family_name: () => nameLike(random),
      name: () => text(random),
      user_metadata: () => metadata(random),
      app_metadata: () => metadata(random),
      identities: () => [],
    },
    60,
  );
  const whole = random.chance(90)
    ? { user_id: `${text(random)}|${i}`, ...user }
    : random.pick([user, {}, null, undefined]);
  const ip = () =>
    random.chance(50) ? `203.0.113.${random.below(256)}` : random.pick([text(random), '', null, false, '2001:db8::1']);
  const request = () =>
    random.pick([
      { ip: ip(), body: { password: PASSWORD }, query: { code: 'x' } },
      some(random, { ip, language: () => 'sv' }, 50),
      null,
    ]);
  const client = () => random.pick([{ client_id: 'x', ip: ip() }, { client_id: 'x' }, null]);
  const rest = some(
    random,
    {
      request,
      client,
      transaction: () => ({ id: text(random), protocol: 'oidc-basic-profile' }),
      stats: () => ({ logins_count: 1 }),
    },
    70,
  );
  const event = JSON.parse(
    JSON.stringify({ ...(whole === undefined ? {} : { user: whole }), ...rest, secrets: SECRETS }),
  );
  if (random.chance(20))
    Object.defineProperty(event, '__proto__', {
      value: { user: { email: 'inherited' } },
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return event;
}
