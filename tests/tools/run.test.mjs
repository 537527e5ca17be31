// The local tenant: several executions, one after the other, on one instance.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { redactor } from '../../tools/tenant/redact.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { virtualTenant } from '../../tools/tenant/virtual.mjs';

const AT = Date.parse('2026-11-27T09:30:00Z');
/** An Action that says whose event it is and when, and that fails at its first so many executions. @param {number} failures */
const action = (failures) => `
  let left = ${failures};
  exports.onExecutePostLogin = async ({ user, message }) => {
    console.log((user ?? message.data.object).user_id, message?.id ?? '', (Date.now() - ${AT}) / 1000);
    if (left-- > 0) throw new Error('once more');
  };`;

/** @param {number} failures @param {Partial<Parameters<typeof run>[0]>} options */
async function lines(failures, options) {
  const { results, attempts } = await run(
    {
      code: action(failures),
      trigger: 'post-login',
      secrets: {},
      whole: true,
      event: { user: { user_id: 'a' } },
      ...options,
    },
    virtualTenant({ at: AT, apartMs: 60_000, redactor }),
  );
  return results.map(({ log }, i) => [attempts[i], log[0]?.text].join(' '));
}

it('one that ends with an error comes again, as often as it is said, and then the next one comes', async () => {
  const again = [1_000, 2_000];
  assert.deepEqual(await lines(0, { again, repeat: 2 }), ['1 a  0', '1 a  60']);
  assert.deepEqual(await lines(2, { again, repeat: 2 }), ['1 a  0', '2 a  1', '3 a  3', '1 a  63']);
  assert.deepEqual(await lines(9, { again }), ['1 a  0', '2 a  1', '3 a  3']);
  assert.deepEqual(await lines(9, {}), ['1 a  0']);
});

it('each may be another user’s, also of what a stream tells', async () => {
  assert.deepEqual(await lines(0, { others: true, repeat: 3 }), ['1 a  0', '1 a2  60', '1 a3  120']);
  const event = { message: { id: 'evt_', data: { object: { user_id: 'a' } } } };
  assert.deepEqual(await lines(0, { others: true, repeat: 2, event }), ['1 a evt_ 0', '1 a2 evt_2 60']);
});

it('who the first one is about is told, also where others come after', async () => {
  for (const others of [true, false]) {
    const given = { code: action(0), trigger: /** @type {const} */ ('post-login'), secrets: {}, whole: true };
    const event = { user: { user_id: 'a', email: 'a@example.com' } };
    const { event: told } = await run({ ...given, event, others, repeat: 3 }, virtualTenant({ at: AT, redactor }));
    assert.equal(told.user, 'a@example.com');
  }
});
