// The paste: entries that read each other, `clock` and `requestQuery`, in the wasm and with real values of JavaScript.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

const PASTE = readPaste();

/** @param {string} name @param {unknown} of what its body holds @param {Record<string, any>} [over] */
const entry = (name, of, over = {}) => ({
  name,
  retries: 0,
  request: { url: `https://${name}.example.com/`, body: { of } },
  ...over,
});

/**
 * A tenant with systems that give these answers, by the entry's name.
 * @param {import('node:test').TestContext} t
 * @param {any} config
 * @param {Record<string, { status?: number, body?: unknown }>} answers
 */
async function open(t, config, answers) {
  const systems = Object.entries(answers).map(([name, answer]) => ({
    name,
    serves: (/** @type {string} */ host) => host === `${name}.example.com`,
    answer: () => ({ status: 200, body: null, ...answer }),
    error: () => ({}),
  }));
  const opened = await tenant(t, { code: withConfig(PASTE, config), systems });
  return async (/** @type {Record<string, any>} */ over = {}) => {
    const execution = await opened.login(over);
    assert.equal(execution.thrown, null);
    assertSound(execution, opened.event(over));
    return {
      denied: execution.denied,
      sent: execution.requests.map(({ url, body }) => [new URL(url).hostname.split('.')[0], JSON.parse(`${body}`).of]),
      claims: execution.tokens?.idToken?.claims ?? {},
      log: execution.log.at(-1)?.text ?? '',
    };
  };
}

describe('entries that read each other', () => {
  it('run in the order of reading, login after login', async (t) => {
    const config = {
      syncs: [
        entry('c', '[syncs.a.answer.id, syncs.b.answer.of, syncs.b.status]'),
        entry('b', 'syncs.a.answer.id', { response: { keep: { of: 'of' } } }),
        entry('a', 'user.email'),
      ],
      claims: {
        idToken: { 'https://example.com/a': '[syncs.a.answer, syncs.c.outcome]', 'https://example.com/all': 'keys(@)' },
      },
    };
    const answers = { a: { body: { id: 7, list: [{ x: 1 }] } }, b: { body: { of: 'b', more: 1 } }, c: { body: null } };
    const login = await open(t, config, answers);
    for (let count = 0; count < 3; count++) {
      const { sent, claims, log } = await login();
      assert.deepEqual(sent.slice(1), [
        ['b', 7],
        ['c', [7, 'b', 200]],
      ]);
      assert.equal(sent[0]?.[0], 'a');
      assert.deepEqual(claims['https://example.com/a'], [{ id: 7, list: [{ x: 1 }] }, 'ok'], log);
      const all = claims['https://example.com/all'];
      assert.ok(all.includes('user') && !all.includes('syncs') && !all.includes('clock'), `${all}`);
    }
  });

  it('are denied by what an answer says, and not in shadow mode', async (t) => {
    const deny = [{ when: 'syncs.risk.answer.score > `70`', reason: 'Please call us.' }];
    for (const [mode, denied, warn] of [
      [null, 'Please call us.', 'deny-rule'],
      ['shadow', null, 'would-deny'],
    ]) {
      const syncs = [
        entry('risk', 'user.user_id', { mode, response: { idToken: { 'https://example.com/s': 'score' } } }),
      ];
      const login = await open(t, { syncs, deny }, { risk: { body: { score: 90 } } });
      const { denied: reason, claims, log } = await login();
      assert.deepEqual([reason, claims['https://example.com/s']], [denied, undefined]);
      assert.match(log, new RegExp(`warn=${warn} risk=ok:200`));
    }
  });

  it('fall back, and need what they read', async (t) => {
    const config = {
      syncs: [
        entry('find', 'user.email'),
        entry('create', 'user.email', { when: 'syncs.find.status == `404`' }),
        entry('tag', 'syncs.find.answer.id'),
      ],
    };
    const found = await (await open(t, config, { find: { body: { id: 1 } }, create: {}, tag: {} }))();
    assert.match(found.log, /find=ok:200\S* create=skipped tag=ok:200/);
    const lost = await (await open(t, config, { find: { status: 404 }, create: {}, tag: {} }))();
    assert.match(lost.log, /find=rejected:404\S* tag=unavailable:needs-find create=ok:200/);
  });
});

describe('what comes with the event', () => {
  it('is the time, and the parameters of the query that the config lists', async (t) => {
    const claims = {
      iso: 'clock.iso',
      parts: '[clock.ms, clock.seconds, clock.weekday, clock.hour]',
      fp: 'request.query.fp',
      query: '[@][0].request.query',
    };
    const idToken = Object.fromEntries(Object.entries(claims).map(([name, of]) => [`https://example.com/${name}`, of]));
    const login = await open(t, { syncs: [], requestQuery: ['fp', 'none'], claims: { idToken } }, {});
    const before = Date.now();
    const { claims: got } = await login({ request: { query: { fp: 'f1', code: 'c0de' } } });
    const ms = Date.parse(got['https://example.com/iso']);
    assert.ok(ms >= before && ms <= Date.now());
    const date = new Date(ms);
    assert.deepEqual(got['https://example.com/parts'], [
      ms,
      Math.floor(ms / 1000),
      date.getUTCDay(),
      date.getUTCHours(),
    ]);
    assert.deepEqual([got['https://example.com/fp'], got['https://example.com/query']], ['f1', { fp: 'f1' }]);
  });
});
