// tests: the outside world of the local tenant: what is asked of it, however strange, is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirror, written } from '../../tools/tenant/systems/echo.mjs';
import { createWorld } from '../../tools/tenant/world.mjs';

/** @param {ReturnType<typeof createWorld>} world @param {string} url */
const ask = (world, url, host = 'api.mine.example') =>
  world.receive({ method: 'POST', url, headers: { host }, body: '{"a":1}', reused: false });

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
