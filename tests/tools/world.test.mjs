// tests: the outside world of the local tenant: what is asked of it, however strange, is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirror, written } from '../../tools/tenant/systems/echo.mjs';
import { createWorld } from '../../tools/tenant/world.mjs';

/** @param {ReturnType<typeof createWorld>} world @param {string} url */
const ask = (world, url, host = 'api.mine.example', body = '{"a":1}') =>
  world.receive({ method: 'POST', url, headers: { host }, body, reused: false });

test('a path may begin with two slashes, and is a path all the same', () => {
  const world = createWorld({ fallback: mirror() });
  for (const url of ['//', '///', '//x/y', '/\\', '//[', '//evil.example.com/?a=b', '/?a=//b']) {
    const { status } = ask(world, url);
    assert.equal(status, 200, url);
    assert.equal(world.arrivals.at(-1)?.host, 'api.mine.example');
  }
  assert.deepEqual(world.arrivals.map(({ path }) => path).slice(0, 3), ['//', '///', '//x/y']);
});

test('a host gives the answers that are written down, in their order, and the last one again and again', () => {
  const world = createWorld({
    systems: [
      written('api.mine.example', [
        { body: { plan: 'gold' } },
        { status: 503, headers: { 'x-from': 'mine' }, body: 'no', delayMs: 700 },
      ]),
    ],
  });
  const [first, second, third] = [1, 2, 3].map(() => ask(world, '/'));
  assert.deepEqual([first?.status, first?.body, first?.delayMs], [200, '{"plan":"gold"}', 0]);
  assert.deepEqual(
    [second?.status, second?.body, second?.headers['x-from'], second?.delayMs],
    [503, 'no', 'mine', 700],
  );
  assert.deepEqual(third, second);
  assert.equal(ask(world, '/', 'other.example.com').status, 200);
});

const TOKEN = { access_token: 'invented-access-token', token_type: 'Bearer', expires_in: 3600 };
const PLAN = { plan: 'gold' };
for (const [what, answers, token, next] of /** @type {[string, any, unknown, unknown][]} */ ([
  ['nothing about tokens', [{ body: PLAN }], TOKEN, PLAN],
  ['the same by a function', () => ({ body: PLAN }), TOKEN, PLAN],
  ['nothing about tokens, with a status', [{ status: 201, body: PLAN }, { body: {} }], TOKEN, PLAN],
  ['an array', [{ body: [PLAN] }], TOKEN, [PLAN]],
  ['no body', [{ status: 204 }], TOKEN, ''],
  ['a token of its own', [{ body: { access_token: 'mine' } }, { body: PLAN }], { access_token: 'mine' }, PLAN],
  ['no token, by an error in a 200', [{ body: { error: 'no' } }, { body: PLAN }], { error: 'no' }, PLAN],
  ['a refusal', [{ status: 401, body: { a: 1 } }, { body: PLAN }], { a: 1 }, PLAN],
  ['a text', [{ body: 'busy' }, { body: PLAN }], 'busy', PLAN],
]))
  test(`a host whose answers have ${what} answers for its token endpoint, too`, () => {
    for (const grant of ['grant_type=client_credentials&client_id=a', '{"grant_type":"client_credentials"}']) {
      const world = createWorld({ systems: [written('api.mine.example', answers)] });
      const given = [grant, '{"a":1}'].map((body) => ask(world, '/', undefined, body).body);
      assert.deepEqual(
        given,
        [token, next].map((body) => (typeof body === 'string' ? body : JSON.stringify(body))),
      );
    }
  });

test('a fault in an answer is for a token endpoint, too', () => {
  const world = createWorld({ systems: [written('api.mine.example', [{ fault: 'reset' }, { body: PLAN }])] });
  assert.equal(ask(world, '/', undefined, 'grant_type=client_credentials').manner, 'reset');
  assert.equal(ask(world, '/').body, JSON.stringify(PLAN));
});
