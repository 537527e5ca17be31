// The paste: what it takes from answers and from the event, what it keeps of them, and what it writes, against systems that
// change their minds, users who write where they should not, and an Auth0 that refuses.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

const PASTE = readPaste();
const HOST = 'shop.example.com';

/** @typedef {{ status?: number, body?: unknown }} Answer */

/**
 * A tenant whose one system gives these answers in turn, the last one for ever; or what a function says.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, any>} entry all but its name and its url
 * @param {Answer[] | ((arrival: import('../../tools/tenant/world.mjs').Arrival) => Answer)} answers
 * @param {{ secrets?: Record<string, string>, claims?: any }} [more]
 */
async function shop(t, entry, answers, { secrets = {}, ...more } = {}) {
  let count = 0;
  const answer =
    typeof answers === 'function'
      ? answers
      : () => /** @type {Answer} */ (answers[Math.min(count++, answers.length - 1)]);
  /** @type {import('../../tools/tenant/world.mjs').System} */
  const system = {
    name: HOST,
    serves: (host) => host === HOST,
    answer: (arrival) => ({ status: 200, body: null, ...answer(arrival) }),
    error: () => ({}),
  };
  const request = { url: `https://${HOST}/users`, body: { id: 'user.user_id', ip: 'request.ip' }, ...entry.request };
  const config = { syncs: [{ name: 'shop', retries: 0, ...entry, request }], ...more };
  const opened = await tenant(t, { code: withConfig(PASTE, config), secrets, systems: [system] });
  const login = async (/** @type {Record<string, any>} */ over = {}) => {
    const execution = await opened.login(over);
    assert.equal(execution.thrown, null);
    assertSound(execution, opened.event(over));
    return {
      asked: execution.requests.length,
      denied: execution.denied !== null,
      id: custom(execution, 'idToken'),
      access: custom(execution, 'accessToken'),
      written: Object.fromEntries(
        execution.commands.filter(({ method }) => method === 'user.setAppMetadata').map(({ args }) => args),
      ),
      metadata: execution.appMetadata,
      log: execution.log.at(-1)?.text ?? '',
    };
  };
  return { opened, login };
}

/** @param {import('../../tools/tenant/host.mjs').Execution} execution @param {'idToken' | 'accessToken'} token */
function custom(execution, token) {
  const issued = execution.tokens?.[token];
  return Object.fromEntries((issued?.custom ?? []).map((name) => [name, issued?.claims[name]]));
}

/** @param {Record<string, any>} metadata */
const knowing = (metadata) => ({ user: { app_metadata: metadata } });

/** A token that no one signed. @param {Record<string, unknown>} claims */
const token = (claims) =>
  `${[{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.c2ln`;

describe('a record of freshness', () => {
  const entry = {
    response: { idToken: { 'https://example.com/tier': 'tier' }, accessToken: { seat: 'seat' } },
    freshForSeconds: 7200,
    onFailure: 'deny',
  };
  const answers = [{ body: { tier: 'blue', seat: 4 } }, { status: 403 }];

  it('brings no claim that the entry does not have, and none for the other token', async (t) => {
    const { login } = await shop(t, entry, answers);
    const { metadata } = await login();
    const record = metadata.login_sync.shop;
    const parts = JSON.parse(record.claims).map((/** @type {object} */ part) => ({
      seat: 9,
      'https://example.com/tier': 'blue',
      email_verified: true,
      'https://bank.example.com/admin': true,
      ...part,
    }));
    parts.push({ blocked: false });
    const { asked, id, access, log } = await login(
      knowing({ login_sync: { shop: { ...record, claims: JSON.stringify(parts) } } }),
    );
    assert.deepEqual([asked, id, access], [0, { 'https://example.com/tier': 'blue' }, { seat: 4 }]);
    assert.match(log, / shop=fresh/);
  });

  it('that cannot be read is none', async (t) => {
    for (const claims of [
      '{',
      '',
      'null',
      '[]',
      '[7,7]',
      '{"0":{"https://example.com/tier":"blue"},"1":null}',
      7,
      null,
    ]) {
      const { login } = await shop(t, entry, answers);
      const record = (await login()).metadata.login_sync.shop;
      const { asked, denied } = await login(knowing({ login_sync: { shop: { ...record, claims } } }));
      assert.deepEqual([asked, denied], [1, true], JSON.stringify(claims));
    }
  });

  it('is not made of an answer that has nothing yet', async (t) => {
    for (const nothing of [null, {}, [], { tier: null, seat: null }]) {
      const { login } = await shop(t, entry, [{ body: nothing }, { body: { tier: 'blue' } }]);
      const first = await login();
      assert.deepEqual([first.denied, first.id, first.metadata], [false, {}, {}], JSON.stringify(nothing));
      const second = await login(knowing(first.metadata));
      assert.deepEqual([second.asked, second.id], [1, { 'https://example.com/tier': 'blue' }]);
      assert.equal((await login(knowing(second.metadata))).asked, 0);
    }
  });

  it('is not made where Auth0 refuses a key of the entry', async (t) => {
    const response = { idToken: { tier: 'tier' }, appMetadata: { tier: 'tier', seat: 'seat' } };
    // Auth0 takes no value with a dot in a key, at any depth.
    const { login } = await shop(t, { ...entry, response }, [
      { body: { tier: { 'a.b': 1 }, seat: 4 } },
      { body: { tier: 'blue', seat: 4 } },
    ]);
    const first = await login();
    assert.deepEqual([first.id, first.metadata], [{ tier: { 'a.b': 1 } }, { seat: 4 }]);
    assert.match(first.log, / warn=api$/);
    const second = await login(knowing(first.metadata));
    assert.deepEqual([second.asked, Object.keys(second.metadata)], [1, ['seat', 'tier', 'login_sync']]);
    assert.equal((await login(knowing(second.metadata))).asked, 0);
  });

  it('may be older when the system is unavailable, and not when it says no', async (t) => {
    const stale = { ...entry, freshForSeconds: 60, staleForSeconds: 3600 };
    const aged = (/** @type {any} */ metadata, /** @type {number} */ seconds) => {
      const { shop: record } = metadata.login_sync;
      return knowing({ login_sync: { shop: { ...record, at: record.at - seconds * 1000 } } });
    };
    for (const [status, seconds, outcome] of /** @type {const} */ ([
      [503, 600, 'stale:503'],
      [429, 3600, 'stale:429'],
      [503, 3700, 'unavailable:503'],
      [404, 600, 'rejected:404'],
    ])) {
      const { login } = await shop(t, stale, [{ body: { tier: 'blue', seat: 4 } }, { status }]);
      const { metadata } = await login();
      const second = await login(aged(metadata, seconds));
      assert.match(second.log, new RegExp(` shop=${outcome}:`));
      const isStale = outcome.startsWith('stale');
      assert.deepEqual(
        [second.denied, second.access, second.written],
        [!isStale, isStale ? { seat: 4 } : {}, {}],
        outcome,
      );
    }
  });
});

describe('claims', () => {
  it('fail one by one', async (t) => {
    const claims = {
      idToken: {
        suspended: 'user.app_metadata.suspended',
        tags: "join(' ', user.user_metadata.tags)",
        n: 'length(user.user_metadata.tags)',
      },
      accessToken: { mail: 'user.email' },
    };
    const { login } = await shop(t, { when: '`false`' }, [], { claims });
    const { denied, id, access, log } = await login({
      user: { app_metadata: { suspended: true }, user_metadata: { tags: false } },
    });
    assert.deepEqual([denied, id, Object.keys(access)], [false, { suspended: true }, ['mail']]);
    assert.match(log, / warn=claims-expression /);
  });

  it('that do not fit into their token are left out, wherever they come from', async (t) => {
    const response = { idToken: { catalogue: 'catalogue', seat: 'seat' }, accessToken: { catalogue: 'catalogue' } };
    const claims = { idToken: { teams: 'user.groups', mail: 'user.nickname' }, accessToken: { teams: 'user.groups' } };
    const list = (/** @type {number} */ count) =>
      Array.from({ length: count }, (_, i) => `CN=Team ${i},OU=Groups,DC=example`);
    for (const [groups, catalogue, idToken, accessToken] of /** @type {const} */ ([
      [4000, 10, ['mail', 'catalogue', 'seat'], ['catalogue']],
      [1500, 2500, ['teams', 'mail', 'seat'], ['teams']],
      [1200, 1200, ['teams', 'mail', 'catalogue', 'seat'], ['teams', 'catalogue']],
    ])) {
      const { login } = await shop(
        t,
        { response, onFailure: 'deny' },
        [{ body: { catalogue: list(catalogue), seat: 4 } }],
        { claims },
      );
      const { denied, id, access, log } = await login({ user: { groups: list(groups), nickname: 'maja' } });
      assert.deepEqual(
        [denied, Object.keys(id), Object.keys(access)],
        [false, idToken, accessToken],
        `${groups} ${catalogue} ${log}`,
      );
      assert.equal(/ warn=claims-too-large /.test(log), idToken.length < 4, log);
    }
  });
});

describe('metadata', () => {
  it('lose a key that the system no longer has, and only where it is there', async (t) => {
    const response = { appMetadata: { tier: 'tier', seat: 'seat' } };
    const { login } = await shop(t, { response }, [{ body: { tier: null, seat: 4 } }], {
      claims: { idToken: { tier: 'user.app_metadata.tier' } },
    });
    assert.deepEqual((await login(knowing({ tier: 'blue', seat: 4, other: 1 }))).written, { tier: null });
    assert.deepEqual((await login(knowing({ seat: 4 }))).written, {});
    const { metadata } = await login(knowing({ tier: 'blue' }));
    assert.deepEqual([metadata, (await login(knowing(metadata))).id], [{ seat: 4 }, {}]);
  });

  it('lose nothing in an outage', async (t) => {
    for (const answer of [{ status: 503 }, { status: 404 }, { body: 'no' }]) {
      const { login } = await shop(t, { response: { expect: "type(@) == 'object'", appMetadata: { tier: 'tier' } } }, [
        answer,
      ]);
      assert.deepEqual((await login(knowing({ tier: 'blue' }))).written, {});
    }
  });
});

describe('a no inside a 200', () => {
  it('is a refusal, and is not kept', async (t) => {
    const entry = {
      response: { expect: 'ok', idToken: { seat: 'seat' }, appMetadata: { seat: 'seat' } },
      freshForSeconds: 7200,
      onFailure: { rejected: 'deny' },
    };
    const { login } = await shop(t, entry, [
      { body: { ok: false, error: 'suspended', seat: 4 } },
      { body: { ok: true, seat: 5 } },
    ]);
    const first = await login();
    assert.deepEqual([first.denied, first.written], [true, {}]);
    assert.match(first.log, / shop=rejected:200:expect:/);
    assert.deepEqual([(await login()).id], [{ seat: 5 }]);
  });
});

describe('a key that a gateway refuses with 403', () => {
  /** @param {string} header @param {string} known @returns {(arrival: { headers: Record<string, string> }) => Answer} */
  const gateway =
    (header, known) =>
    ({ headers }) =>
      headers[header] === known ? { body: { seat: 4 } } : { status: 403, body: { message: 'Forbidden' } };
  const secrets = { SHOP_KEY: 'k-1', SHOP_KEY_NEXT: 'k-2', SHOP_KEY_LAST: 'k-3' };
  const names = Object.keys(secrets);

  it('is followed by the next one, where it is sent by itself', async (t) => {
    for (const [header, value, known, asked] of /** @type {const} */ ([
      ['x-api-key', { secret: names }, 'k-3', 3],
      ['authorization', { secret: names }, 'k-2', 2],
      ['authorization', { bearer: names }, 'Bearer k-2', 1],
    ])) {
      const { login } = await shop(
        t,
        { request: { headers: { [header]: value } }, response: { idToken: { seat: 'seat' } }, onFailure: 'deny' },
        gateway(header, known),
        { secrets },
      );
      const first = await login();
      assert.deepEqual([first.asked, first.denied], [asked, asked === 1], JSON.stringify(value));
      if (asked > 1) assert.equal((await login()).asked, 1, 'remembered');
    }
  });
});

describe('what is reused', () => {
  const entry = { response: { token: 'jwt', idToken: { seat_token: 'jwt' } }, reuse: true, onFailure: 'deny' };
  const good = { body: { jwt: token({ exp: 4_000_000_000 }) } };
  const elsewhere = { request: { ip: '198.51.100.9' } };

  it('ends when the system refuses that user', async (t) => {
    for (const status of [401, 403]) {
      const { login } = await shop(t, entry, [good, good, { status }, { status }, good]);
      const other = { user: { user_id: 'auth0|another' } };
      assert.deepEqual([(await login()).asked, (await login(other)).asked, (await login()).asked], [1, 1, 0]);
      assert.deepEqual(
        [await login(elsewhere), await login(), await login(other), await login(), await login()].map(
          ({ asked, denied }) => [asked, denied],
        ),
        [
          [1, true],
          [1, true],
          [0, false],
          [1, false],
          [0, false],
        ],
      );
    }
  });

  it('ends after an hour, whatever the token says', async (t) => {
    const start = Date.now();
    for (const [exp, minutes] of [
      [4_000_000_000, 60],
      [start / 1000 + 86_400, 60],
      [start + 86_400_000, 60],
      [start + 40 * 60_000, 30],
      [253_402_300_799, 60],
    ]) {
      let now = start;
      const clock = t.mock.method(Date, 'now', () => now);
      const { login } = await shop(t, entry, [{ body: { jwt: token({ exp }) } }]);
      assert.equal((await login()).asked, 1);
      now = start + (minutes ?? 0) * 60_000 - 1000;
      assert.equal((await login()).asked, 0, `${exp}`);
      now = start + (minutes ?? 0) * 60_000 + 1000;
      assert.equal((await login()).asked, 1, `${exp}`);
      clock.mock.restore();
    }
  });

  it('is never shared by ids that differ in a lone surrogate alone', async (t) => {
    const answers = (/** @type {{ body: string }} */ { body }) => ({
      body: { jwt: token({ exp: 4_000_000_000, body }) },
    });
    const { login } = await shop(t, { ...entry, request: { body: { ip: 'request.ip' } } }, answers);
    const ids = ['auth0|\ud800', 'auth0|\ud801', 'auth0|\udc00', 'auth0|\ufffd', 'auth0|'];
    for (const asked of [1, 0])
      for (const id of ids) assert.equal((await login({ user: { user_id: id } })).asked, asked, JSON.stringify(id));
    const together = await Promise.all(ids.map((id) => login({ user: { user_id: id }, ...elsewhere })));
    assert.deepEqual(
      together.map(({ asked }) => asked),
      [1, 1, 1, 1, 1],
    );
  });
});

describe('a user id that no text can spell', () => {
  it('names no user to another system', async (t) => {
    const over = (/** @type {string} */ id) => ({ user: { user_id: id } });
    const url = { url: `https://${HOST}/users/{id}`, params: { id: 'user.user_id' }, body: null };
    const signed = { headers: { authorization: { jwt: { secret: 'SIGNING_KEY', audience: HOST } } } };
    for (const [request, word] of /** @type {const} */ ([
      [url, 'url-param'],
      [signed, 'jwt'],
    ])) {
      const { login } = await shop(t, { request }, [{}], {
        secrets: { SIGNING_KEY: 'a key of thirty-two bytes or more' },
      });
      for (const id of ['auth0|\ud800', '\udc00'])
        assert.match((await login(over(id))).log, new RegExp(` shop=invalid:${word}$`), JSON.stringify(id));
      for (const id of ['auth0|1', 'auth0|\u00e9', 'auth0|\ud83d\ude00'])
        assert.equal((await login(over(id))).asked, 1, JSON.stringify(id));
    }
  });
});
