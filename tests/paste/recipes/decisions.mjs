// The cases of the recipes that decide who may log in.
import assert from 'node:assert/strict';
import { guarded, outcome, person, REFRESH } from './page.mjs';

const REASON = 'We could not log you in. Please contact support.';
const ID = 'auth0|67a1f0c2d4b8e9000a1b2c3d';
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const MFA_DONE = { authentication: { methods: [{ name: 'pwd' }, { name: 'mfa' }] } };

/** @param {Record<string, any>} over @param {Record<string, string>} query */
const withQuery = (over, query) => ({ ...over, request: { query } });

/** How a login was decided. @param {{ denied: string | null, mfa: unknown }} execution */
const verdict = ({ denied, mfa }) => (denied !== null ? `denied: ${denied}` : mfa ? 'second factor' : 'allowed');

/**
 * Each fault meets a user of its own, after a good answer: else the guard would answer instead of the system.
 * @param {import('./page.mjs').Opened} opened
 * @param {string[]} faults
 * @param {any} [over]
 */
async function asksWhen({ login, fault, heal }, faults, over = {}) {
  for (const name of faults) {
    assert.notEqual(verdict(await login(over)), 'second factor');
    fault(name);
    const execution = await login({ ...over, ...person(name.replace(':', '-')) });
    assert.deepEqual([execution.sent.length > 0, verdict(execution)], [true, 'second factor'], name);
    heal();
  }
}

/** @type {Record<string, import('./page.mjs').Case>} */
export const DECISIONS = {
  'A risk score denies or asks': async (open) => {
    let score = /** @type {any} */ (10);
    const answers = {
      'risk.example.com': guarded('POST', { authorization: 'Bearer risk-invented' }, () => ({
        status: 200,
        body: { score },
      })),
    };
    const opened = await open({ secrets: { RISK_TOKEN: 'risk-invented' }, answers });
    const { login, arrivals } = opened;
    for (const [given, wanted] of /** @type {[any, string][]} */ ([
      [10, 'allowed'],
      [60, 'allowed'],
      [60.5, 'second factor'],
      [90, 'second factor'],
      [91, `denied: ${REASON}`],
      // No score at all.
      [null, 'second factor'],
      ['95', 'second factor'],
    ])) {
      score = given;
      assert.equal(verdict(await login()), wanted, JSON.stringify(given));
    }
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), { user: ID, ip: '203.0.113.24', agent: AGENT });
    score = 70;
    assert.equal(verdict(await login(MFA_DONE)), 'allowed');
    score = 10;
    await asksWhen(opened, ['503', '401', '404', 'garbage', 'reset']);
    score = 99;
    const refresh = await login(REFRESH);
    assert.deepEqual([refresh.sent, verdict(refresh)], [[], 'allowed']);
  },

  Castle: async (open) => {
    const secret = 'castle-secret-invented';
    let action = 'allow';
    const answers = {
      'api.castle.io': (/** @type {import('./page.mjs').Arrival} */ { method, path, headers, body }) => {
        assert.deepEqual([method, path], ['POST', '/v1/risk']);
        if (headers.authorization !== `Basic ${Buffer.from(`:${secret}`).toString('base64')}`) return 401;
        const { type, status, request_token, user, context } = JSON.parse(body);
        if (!request_token || !context?.ip || !context.headers) return 422;
        assert.deepEqual([type, status], ['$login', '$succeeded']);
        assert.deepEqual(Object.keys(user), ['id', 'email', 'registered_at']);
        assert.deepEqual(context, { ip: '203.0.113.24', headers: { 'User-Agent': AGENT } });
        if (action === '') return { status: 201, body: { risk: 0.6 } };
        return { status: 201, body: { risk: 0.6, policy: { action, name: 'ours' }, device: { token: 'ey' } } };
      },
    };
    const opened = await open({ secrets: { CASTLE_API_SECRET: secret }, answers });
    const { login } = opened;
    const token = withQuery({}, { castle_request_token: 'tok', castle: 'x' });
    for (const [given, wanted] of [
      ['allow', 'allowed'],
      ['challenge', 'second factor'],
      ['deny', `denied: ${REASON}`],
      ['', 'second factor'],
      ['hold', 'second factor'],
    ]) {
      action = given;
      assert.equal(verdict(await login(token)), wanted);
    }
    action = 'challenge';
    assert.equal(verdict(await login({ ...token, ...MFA_DONE })), 'allowed');
    // Without a token there is no verdict, and no way around it.
    action = 'allow';
    const without = await login();
    assert.deepEqual([outcome(without, 'castle').split(':')[0], verdict(without)], ['rejected', 'second factor']);
    await asksWhen(opened, ['503', '401', 'garbage'], token);
    assert.deepEqual((await login(REFRESH)).sent, []);
  },

  Fingerprint: async (open) => {
    const good = {
      event_id: 'evt.1',
      ip_address: '203.0.113.24',
      bot: 'not_detected',
      replayed: false,
      suspect_score: 3,
      identification: { visitor_id: 'vis_1' },
    };
    /** @type {any} */
    let event = good;
    const answers = {
      'eu.api.fpjs.io': guarded('GET', { authorization: 'Bearer fp-invented' }, ({ path }) =>
        path === '/v4/events/evt.1' ? { status: 200, body: event } : 404,
      ),
    };
    const opened = await open({ secrets: { FINGERPRINT_KEY: 'fp-invented' }, answers });
    const { login } = opened;
    const named = withQuery({}, { fingerprint_event: 'evt.1' });
    for (const [over, wanted] of /** @type {[any, string][]} */ ([
      [{}, 'allowed'],
      [{ bot: 'good' }, 'allowed'],
      [{ bot: 'bad' }, `denied: ${REASON}`],
      [{ replayed: true }, `denied: ${REASON}`],
      [{ suspect_score: 16 }, 'second factor'],
      [{ ip_address: '198.51.100.7' }, 'second factor'],
      [{ ip_address: undefined }, 'second factor'],
      [{ identification: undefined }, 'second factor'],
    ])) {
      event = { ...good, ...over };
      const execution = await login(named);
      assert.equal(verdict(execution), wanted, JSON.stringify(over));
      const claim =
        wanted.startsWith('denied') || (over.identification === undefined && 'identification' in over)
          ? {}
          : { 'https://example.com/visitor': 'vis_1' };
      assert.deepEqual(execution.claims, claim);
    }
    event = { ...good, suspect_score: 20 };
    assert.equal(verdict(await login({ ...named, ...MFA_DONE })), 'allowed');
    event = good;
    const without = await login();
    assert.deepEqual(
      [without.sent, outcome(without, 'fingerprint'), verdict(without)],
      [[], 'invalid:url-param', 'second factor'],
    );
    for (const invented of ['evt.2', '..', '../visitors', 'a/b', '']) {
      const execution = await login(withQuery({}, { fingerprint_event: invented }));
      assert.equal(verdict(execution), 'second factor', invented);
      for (const url of execution.sent) assert.match(url, /\/v4\/events\/[^/]+$/);
    }
    await asksWhen(opened, ['503', '403', 'garbage'], named);
    const refresh = await login({ ...named, ...REFRESH });
    assert.deepEqual([refresh.sent, verdict(refresh)], [[], 'allowed']);
  },

  'Shadow mode first': async (open) => {
    let score = /** @type {any} */ (10);
    const answers = {
      'risk.example.com': guarded('POST', { authorization: 'Bearer risk-invented' }, () => ({
        status: 200,
        body: { score },
      })),
    };
    const { login, arrivals, fault } = await open({ secrets: { RISK_TOKEN: 'risk-invented' }, answers });
    const calm = await login();
    assert.deepEqual([verdict(calm), calm.sent.length, /would-/.test(calm.line)], ['allowed', 1, false]);
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), { user: ID, ip: '203.0.113.24' });
    assert.deepEqual((await login(REFRESH)).sent, []);
    score = 99;
    const high = await login();
    assert.deepEqual([verdict(high), high.commands], ['allowed', []]);
    assert.match(high.line, / warn=would-deny( |,)/);
    score = 'high';
    const odd = await login();
    assert.deepEqual([odd.commands, outcome(odd, 'risk')], [[], 'rejected:expect']);
    fault('503');
    const down = await login();
    assert.deepEqual([verdict(down), down.commands], ['allowed', []]);
    assert.match(down.line, / warn=would-mfa( |,)/);
  },

  'A step-up when the application asks': async (open) => {
    const { login } = await open();
    const asked = (/** @type {unknown} */ acr_values, more = {}) => ({ transaction: { acr_values, ...more } });
    const POLICY = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
    for (const [over, wanted] of /** @type {[any, string][]} */ ([
      [{}, 'allowed'],
      [asked(null), 'allowed'],
      [asked(['urn:other']), 'allowed'],
      [asked([POLICY]), 'second factor'],
      [asked(['urn:other', POLICY]), 'second factor'],
      [{ ...asked([POLICY]), ...MFA_DONE }, 'allowed'],
      // No one can answer there.
      [asked([POLICY], { prompt: ['none'] }), 'allowed'],
    ]))
      assert.equal(verdict(await login(over)), wanted, JSON.stringify(over));
  },

  'A gradual rollout': async (open) => {
    const answers = {
      'new-crm.example.com': guarded('POST', { authorization: 'Bearer new-invented' }, ({ body }) => {
        assert.deepEqual(Object.keys(JSON.parse(body)), ['id', 'email']);
        return { status: 200, body: { id: 'n-1' } };
      }),
    };
    const { login } = await open({ secrets: { NEW_CRM_TOKEN: 'new-invented' }, answers });
    const drawn = [];
    for (let i = 0; i < 300; i += 1) {
      const { sent, claims } = await login(person(`rollout-${i}`));
      assert.deepEqual(claims, sent.length ? { 'https://example.com/crm_id': 'n-1' } : {});
      if (sent.length) drawn.push(i);
    }
    assert.ok(drawn.length > 10 && drawn.length < 60, `${drawn.length} of 300`);
    // The same ones again.
    for (const i of [...drawn.slice(0, 5), 0, 1, 2, 3, 4])
      assert.equal((await login(person(`rollout-${i}`))).sent.length, drawn.includes(i) ? 1 : 0);
  },

  'A switch for each application': async (open) => {
    const answers = {
      'crm.example.com': guarded('POST', { 'x-api-key': 'key-invented' }, () => ({ status: 200, body: {} })),
    };
    const { login, arrivals, fault } = await open({ secrets: { CRM_API_KEY: 'key-invented' }, answers });
    const on = await login();
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), { id: ID, app: 'Example Media Web' });
    assert.deepEqual([on.sent, outcome(on, 'crm')], [['POST https://crm.example.com/logins'], 'ok']);
    fault('503');
    assert.match(verdict(await login()), /^denied: /);
    const off = await login({ client: { metadata: { crm: 'off' } } });
    assert.deepEqual([off.sent, outcome(off, 'crm'), verdict(off)], [[], 'skipped', 'allowed']);
    assert.match(verdict(await login({ client: { metadata: { crm: 'on' } } })), /^denied: /);
  },

  'Only addresses of your company': async (open) => {
    const { login } = await open();
    const staff = { connection: { name: 'staff' } };
    const denied = 'denied: Please use your company address.';
    for (const [user, wanted] of /** @type {[any, string][]} */ ([
      [{}, 'allowed'],
      [{ email: 'Maja@EXAMPLE.com' }, 'allowed'],
      [{ email_verified: false }, denied],
      [{ email: 'maja@notexample.com' }, denied],
      [{ email: 'maja@example.com.evil.example' }, denied],
      [{ email: null }, denied],
      [{ email: 7 }, denied],
    ])) {
      assert.equal(verdict(await login({ ...staff, user })), wanted, JSON.stringify(user));
      assert.equal(verdict(await login({ user })), 'allowed');
    }
  },
};
