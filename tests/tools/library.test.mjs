// The library: a login as a function, and what it says was left out.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { differences } from '../../tools/library/expect.mjs';
import { bundle, sampleEvent, simulate } from '../../tools/library/index.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { entry, HOST, one, why } from './one-system.mjs';

describe('answers', () => {
  it('are given by host, with any status', async () => {
    const { outcome, tokens, syncs } = await simulate(one(), {
      answers: { [HOST]: { status: 201, body: { plan: 'gold' } } },
    });
    assert.deepEqual([outcome, tokens.idToken?.plan, syncs[0]?.status], ['allowed', 'gold', 201]);
  });

  it('come in order, and the last one again and again', async () => {
    const config = one({ retries: 0 });
    const { logins } = await simulate(config, {
      logins: 4,
      apartMs: 5_000,
      answers: { [HOST]: [{ body: { plan: 'a' } }, { status: 404 }, { body: { plan: 'c' } }] },
    });
    assert.deepEqual(
      logins.map(({ tokens, syncs }) => [tokens.idToken?.plan, syncs[0]?.outcome]),
      [
        ['a', 'ok'],
        [undefined, 'rejected'],
        ['c', 'ok'],
        ['c', 'ok'],
      ],
    );
  });

  it('may be a function of the request', async () => {
    const { tokens } = await simulate(one(), {
      answers: {
        [HOST]: ({ method, path, body }) => ({ body: { plan: `${method} ${path} ${JSON.parse(body).email}` } }),
      },
      over: { user: { user_id: 'a|1', email: 'a@example.com' } },
    });
    assert.equal(tokens.idToken?.plan, 'POST /users/a%7C1 a@example.com');
  });

  it('take their time, have headers, and go wrong', async () => {
    const { ms, syncs, requests } = await simulate(one(), {
      answers: {
        [HOST]: [{ status: 503, headers: { 'Retry-After': '1' }, delayMs: 200 }, { fault: 'half-body' }],
      },
    });
    assert.deepEqual([syncs[0]?.outcome, syncs[0]?.attempts], ['unavailable', 2]);
    assert.equal(requests[0]?.ms, 220);
    assert.ok(ms > 1_220 && ms < 1_600, `${ms}`);
  });

  it('need a connection no more than stand-ins do', async () => {
    const { syncs, requests } = await simulate({ syncs: [{ use: 'cleeng' }, entry()] });
    assert.deepEqual(
      syncs.map(({ outcome }) => outcome),
      ['ok', 'ok'],
    );
    assert.deepEqual(
      requests.map(({ standIn }) => standIn),
      ['cleeng', 'echo'],
    );
  });
});

describe('time', () => {
  it('passes at once on the virtual clock', async () => {
    const began = performance.now();
    const { logins } = await simulate(one(), { faults: 'timeout', logins: 30, others: true, apartMs: 3_600_000 });
    const waited = logins.reduce((sum, { ms }) => sum + ms, 0);
    assert.ok(waited >= 60_000, `${waited} ms`);
    assert.ok(performance.now() - began < waited);
  });

  it('is the same at every run', async () => {
    const times = await Promise.all(
      Array.from({ length: 3 }, () => simulate(one({ retries: 0 }), { faults: 'timeout' })),
    );
    assert.deepEqual(
      times.map(({ ms }) => ms),
      [2_000, 2_000, 2_000],
    );
  });

  it('begins when it is said to', async () => {
    const config = { syncs: [], claims: { idToken: { now: 'clock.iso' } } };
    for (const at of ['2026-02-03T04:05:06Z', new Date('2026-02-03T04:05:06Z'), 1_770_091_506_000]) {
      const { tokens } = await simulate(config, { at });
      assert.deepEqual([tokens.idToken?.now, tokens.idToken?.iat], ['2026-02-03T04:05:06.000Z', 1_770_091_506]);
    }
  });

  it('passes between logins', async () => {
    const config = one({ freshForSeconds: 3_600 });
    const given = { answers: { [HOST]: { body: { plan: 'gold' } } }, logins: 2 };
    const outcomes = async (/** @type {number} */ apartMs) =>
      (await simulate(config, { ...given, apartMs })).logins.map(({ syncs }) => syncs[0]?.outcome);
    assert.deepEqual(await outcomes(60_000), ['ok', 'fresh']);
    assert.deepEqual(await outcomes(3_700_000), ['ok', 'ok']);
    const { logins } = await simulate(config, { ...given, others: true });
    assert.deepEqual(
      logins.map(({ syncs }) => syncs[0]?.outcome),
      ['ok', 'ok'],
    );
  });

  it('is the same machine’s at each login, or each time another one’s', async () => {
    const config = one({
      on: ['credentials-exchange'],
      request: { url: `https://${HOST}/`, body: { id: 'client.client_id' } },
      response: { accessToken: { plan: 'plan' } },
    });
    const ids = async (/** @type {boolean} */ others) => {
      const { logins } = await simulate(config, { trigger: 'credentials-exchange', logins: 3, others });
      return new Set(logins.flatMap(({ requests }) => requests.map(({ body }) => body))).size;
    };
    assert.deepEqual([await ids(false), await ids(true)], [1, 3]);
  });

  it('is that of the machine when asked for', async () => {
    const { ms } = await simulate(one(), { clock: 'real', answers: { [HOST]: { delayMs: 300, body: {} } } });
    assert.ok(ms >= 290, `${ms}`);
  });
});

describe('the event', () => {
  const config = {
    syncs: [],
    claims: { idToken: { mail: 'user.email', phone: 'user.phone_number', ip: 'request.ip' } },
  };

  it('is a whole one, and nothing is mixed into it', async () => {
    const event = { user: { user_id: 'a|1', email: 'a@example.com' }, transaction: { requested_scopes: ['openid'] } };
    const before = structuredClone(event);
    const { tokens } = await simulate(config, { event });
    assert.deepEqual([tokens.idToken?.sub, tokens.idToken?.mail], ['a|1', 'a@example.com']);
    assert.equal('phone' in (tokens.idToken ?? {}), false);
    assert.deepEqual(event, before);
  });

  it('is the invented one with something laid over it', async () => {
    const { tokens } = await simulate(config, { over: { user: { email: 'a@example.com', phone_number: null } } });
    assert.deepEqual(
      [tokens.idToken?.mail, tokens.idToken?.phone, tokens.idToken?.ip],
      ['a@example.com', undefined, '203.0.113.24'],
    );
  });

  it('may be both', async () => {
    const { tokens } = await simulate(config, {
      event: sampleEvent('post-login', { request: null }),
      over: { user: { email: null } },
    });
    assert.deepEqual([tokens.idToken?.mail, tokens.idToken?.ip], [undefined, undefined]);
  });

  it('may hold anything where the next login finds the second factor of this one', async () => {
    const odd = [null, 'x', [null, 'x', 5], {}];
    for (const value of odd) {
      const over = { user: { enrolledFactors: value, multifactor: value }, authentication: { methods: value } };
      const rules = { mfa: [{ when: '`true`', provider: 'any' }] };
      const { logins } = await simulate(rules, { event: sampleEvent('post-login', over), logins: 2 });
      assert.deepEqual(
        logins.map(({ outcome, mfa }) => [outcome, mfa?.provider]),
        [
          ['allowed', 'any'],
          ['allowed', 'any'],
        ],
      );
    }
  });

  it('is a registration where the config serves no login', async () => {
    const { trigger, outcome, requests } = await simulate(one({ on: ['post-user-registration'], response: null }));
    assert.deepEqual([trigger, outcome, requests.length], ['post-user-registration', 'allowed', 1]);
  });
});

describe('a flow', () => {
  const flows = {
    'credentials-exchange': {
      claims: { accessToken: { plan: 'client.metadata.plan', team: 'client.metadata.team' } },
      deny: [{ when: "client.metadata.plan == 'none'", reason: 'No plan', code: 'invalid_scope' }],
    },
    'pre-user-registration': {
      userMetadata: { from: 'request.geoip.countryCode' },
      deny: [{ when: "ends_with(user.email, '@bad.example')", reason: 'bad', userMessage: 'Another address, please.' }],
    },
  };

  it('is served by what `flows` says of it alone', async () => {
    const first = await simulate({ syncs: [], flows });
    assert.deepEqual([first.trigger, first.userMetadata], ['pre-user-registration', { from: 'SE' }]);
    const machine = await simulate({ syncs: [], flows }, { trigger: 'credentials-exchange' });
    const { accessToken, idToken } = machine.tokens;
    assert.deepEqual([accessToken?.plan, accessToken?.team, idToken], ['gold', undefined, null]);
    assert.deepEqual(why(machine), [
      'config.flows.credentials-exchange.claims.accessToken.team: `client.metadata.team` is null',
    ]);
  });

  it('is denied in its own words', async () => {
    const over = { client: { metadata: { plan: 'none' } }, user: { email: 'a@bad.example' } };
    for (const [trigger, told] of /** @type {const} */ ([
      ['credentials-exchange', { error: 'invalid_scope', description: 'No plan' }],
      ['pre-user-registration', { error: 'access_denied', description: 'Another address, please.' }],
    ])) {
      const { outcome, error } = await simulate({ syncs: [], flows }, { trigger, over });
      assert.deepEqual([outcome, error], ['denied', told.error], told.description);
    }
  });

  it('takes of a response what it has a use for', async () => {
    const response = { idToken: { a: 'id' }, accessToken: { b: 'id' }, appMetadata: { c: 'id' } };
    const on = ['post-login', 'credentials-exchange', 'pre-user-registration'];
    const config = one({ on, response, request: { url: `https://${HOST}/`, body: { client: 'client.client_id' } } });
    const answers = { [HOST]: { body: { id: 'x' } } };
    const seen = [];
    for (const trigger of /** @type {const} */ (['post-login', 'credentials-exchange', 'pre-user-registration'])) {
      const run = await simulate(config, { trigger, answers });
      seen.push(run.commands.map(({ args }) => args[0]));
      assert.deepEqual(run.leftOut, [], trigger);
    }
    assert.deepEqual(seen, [['a', 'b', 'c'], ['b'], ['c']]);
  });

  it('of an event ends as it will come again, or not', async () => {
    const config = one({ on: ['event-stream'], response: null, request: { url: `https://${HOST}/` } });
    for (const [status, outcome, thrown] of /** @type {const} */ ([
      [200, 'allowed', null],
      [503, 'again', 'login-sync: deliver this event again'],
      [401, 'again', 'login-sync: deliver this event again'],
      [400, 'failed', null],
      [409, 'failed', null],
    ]))
      for (const log of /** @type {const} */ (['logfmt', 'json'])) {
        const run = await simulate({ ...config, log }, { answers: { [HOST]: { status } } });
        const { trigger } = run;
        assert.deepEqual([trigger, run.outcome, run.thrown], ['event-stream', outcome, thrown], `${status} ${log}`);
      }
  });

  it('that nothing waits for has failed where the config is refused, and its systems are told nothing', async () => {
    const request = { url: `https://${HOST}/`, headers: { 'x-api-key': { secret: 'KEY' } } };
    for (const [trigger, outcome] of /** @type {const} */ ([
      ['post-user-registration', 'failed'],
      ['post-change-password', 'failed'],
      ['event-stream', 'again'],
    ])) {
      const config = one({ on: [trigger], response: null, request });
      const run = await simulate(config, { secrets: { KEY: '' } });
      assert.deepEqual([run.outcome, run.requests], [outcome, []], trigger);
      assert.equal((await simulate(config)).outcome, 'allowed', trigger);
    }
  });
});

describe('secrets', () => {
  const config = one({ request: { url: `https://${HOST}/`, headers: { 'x-api-key': { secret: 'KEY' } } } });
  const sent = (/** @type {import('../../tools/library/index.js').Login} */ { requests }) =>
    requests[0]?.headers['x-api-key'];

  it('are seen as they are sent, and invented where none is given', async () => {
    assert.equal(sent(await simulate(config, { secrets: { KEY: 'k' } })), 'k');
    assert.equal(sent(await simulate(config)), 'invented-key');
  });

  it('may be missing', async () => {
    const { denied, log } = await simulate(config, { secrets: { KEY: '' } });
    assert.ok(denied);
    assert.match(log[0] ?? '', /`KEY` is not set/);
  });
});

describe('what is wrong', () => {
  /** @type {[what: string, config: any, options: any, message: RegExp][]} */
  const table = [
    ['a config', { clams: {} }, {}, /is refused: 1 error\nconfig: unknown field `clams`/],
    ['no config', undefined, {}, /^the config must be an object, or the path of a JSON file$/],
    ['a file that is not there', 'gone.json', {}, /^cannot read `gone\.json`: there is no such file/],
    ['an option', {}, { anwsers: {} }, /^unknown option `anwsers`: choose from event, over, /],
    [
      'an answer',
      {},
      { answers: { [HOST]: { plan: 'gold' } } },
      /has no field `plan`: choose from status, headers, body, delayMs, fault$/,
    ],
    ['no answers', {}, { answers: { [HOST]: [] } }, /needs one answer at least$/],
    ['a fault', {}, { faults: ['slwo'] }, /^unknown fault `slwo`; use timeout, /],
    ['a fault in an answer', {}, { answers: { [HOST]: { fault: 'x' } } }, /^unknown fault `x`/],
    ['a trigger', {}, { trigger: 'login' }, /^unknown trigger `login`: choose from post-login, /],
    ['a clock', {}, { clock: 'fast' }, /^`clock` must be virtual or real$/],
    ['a time', {}, { at: 'noon' }, /^`at` must be a time/],
    ['a time that no one plays', {}, { clock: 'real', at: 0 }, /^`at` and `apartMs` need the virtual clock$/],
    ['a time between logins', {}, { apartMs: '5' }, /^`apartMs` must be a whole number from 0$/],
    ['whose logins they are', {}, { others: 'yes' }, /^`others` must be true or false$/],
    ['a number of logins', {}, { logins: 0 }, /^`logins` must be a whole number from 1 to 1000$/],
    ['a secret', {}, { secrets: { KEY: 5 } }, /^the secret `KEY` must be a string$/],
  ];
  for (const [what, config, options, message] of table)
    it(`is said of ${what}`, () =>
      assert.rejects(simulate(config, options), (/** @type {Error} */ error) => message.test(error.message)));

  it('is in `problems` of a config that is refused', async () => {
    const error = await simulate({ clams: {} }, {}).catch((error) => error);
    assert.deepEqual(
      error.problems.map((/** @type {any} */ { path }) => path),
      ['config'],
    );
  });
});

describe('a config', () => {
  it('may be a file, by its path or its URL', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'login-sync.json');
    await writeFile(file, JSON.stringify({ syncs: [], claims: { idToken: { a: "'b'" } } }));
    for (const config of [file, pathToFileURL(file)]) assert.equal((await simulate(config)).tokens.idToken?.a, 'b');
  });

  it('is bundled as the command does it', async () => {
    const { code, notes } = bundle({ syncs: [], claims: { idToken: { a: "'b'" } } });
    assert.match(notes[0] ?? '', /^\d\d,\d{3} bytes of the 100,000/);
    const { commands } = await createHost(code).execute('post-login', sampleEvent());
    assert.deepEqual(
      commands.map(({ args }) => args),
      [['a', 'b']],
    );
    assert.ok(bundle({ syncs: [] }, { editable: true }).code.length > code.length + 10_000);
  });

  it('may be longer than an editable file has room for', async () => {
    const claims = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`a-claim-with-a-long-name-${i}`, "'value'"]),
    );
    const { outcome, faults } = await simulate({ syncs: [], claims: { idToken: claims } });
    assert.deepEqual([outcome, faults], ['allowed', []]);
  });
});

it('many logins at once do not meet', async () => {
  const config = one({ response: { idToken: { plan: 'plan', mail: 'mail' } } });
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      simulate(config, {
        over: { user: { email: `user-${i}@example.com` } },
        answers: { [HOST]: ({ body }) => ({ delayMs: i * 10, body: { plan: i, mail: JSON.parse(body).email } }) },
      }),
    ),
  );
  assert.deepEqual(
    all.map(({ tokens }) => [tokens.idToken?.plan, tokens.idToken?.mail]),
    all.map((_, i) => [i, `user-${i}@example.com`]),
  );
});

describe('what is expected', () => {
  /** @type {[actual: unknown, expected: unknown, lines: string[]][]} */
  const table = [
    [{ a: 1, b: 2 }, { a: 1 }, []],
    [{ a: 1 }, { a: 2 }, ['a: expected 2, and it is 1']],
    [
      { a: { 'x-y': 1, 'https://b/': 1 } },
      { a: { 'x-y': 2, 'https://b/': 3 } },
      ['a.x-y: expected 2, and it is 1', 'a["https://b/"]: expected 3, and it is 1'],
    ],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ['a[1].b: expected 3, and it is 2']],
    [{ a: [1] }, { a: [1, 2] }, ['a: expected 2 items, and there is 1: [1]']],
    [{ a: [1, 2] }, { a: [1] }, ['a: expected 1 item, and there are 2: [1,2]']],
    [{ a: [1, 2] }, { a: [] }, ['a: expected no item, and there are 2: [1,2]']],
    [{ a: [] }, { a: [1] }, ['a: expected 1 item, and there is none']],
    [{ a: [] }, { a: {} }, ['a: expected {}, and it is []']],
    [{}, { a: null }, []],
    [{ a: 0 }, { a: null }, ['a: expected null, and it is 0']],
    [{}, { a: 'b' }, ['a: expected "b", and it is not there']],
  ];
  for (const [actual, expected, lines] of table)
    it(JSON.stringify([actual, expected]), () => assert.deepEqual(differences(actual, expected), lines));
});
