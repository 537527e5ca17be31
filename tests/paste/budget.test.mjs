// What a login costs that does not depend on the machine (bench/budget.mjs): no more than its budget, in each version of Node.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CASES, counted, measure, overBudget } from '../../bench/budget.mjs';
import { pasteOf, preset } from '../../bench/runs.mjs';

describe('a login costs no more than its budget', () => {
  for (const given of CASES) {
    it(given.name, async () => {
      assert.deepEqual(overBudget(given, await measure(given)), []);
    });
  }
});

describe('what is counted', () => {
  const syncs = [preset('https://system.example.com/login')];

  it('is the same in each run', async () => {
    const run = () => measure({ name: 'a', syncs, before: 3, most: [] });
    assert.deepEqual(await run(), await run());
  });

  it('is the same at each login, once an instance is warm', async () => {
    const { login } = counted(await pasteOf('sealed', { syncs: [{ ...syncs[0], reuse: false }] }));
    for (let who = 0; who < 30; who++) await login(who);
    assert.deepEqual(await login(30), await login(31));
  });

  it('is more for a claim more', async () => {
    const claims = { idToken: { a: 'user.email' } };
    const [less, more] = [
      await measure({ name: 'a', syncs, before: 3, most: [] }),
      await counted(await pasteOf('sealed', { syncs, claims })).login(3),
    ];
    assert.ok(more.crossings > less.crossings && more.calls > less.calls);
    assert.ok(more.bytes > less.bytes);
    const tight = { name: 'a', syncs, before: 3, most: [less.crossings, less.calls, less.functions, less.bytes] };
    assert.deepEqual(overBudget(tight, less), []);
    assert.equal(overBudget(tight, more).length, 4);
  });
});
