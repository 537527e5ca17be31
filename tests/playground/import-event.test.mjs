// tests: a real event, as people bring it: whose it is, and what of it is left out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importEvent } from '../../playground/import-event.js';
import { fakeEvent, PASSWORD } from '../../tools/tenant/event.mjs';
import { TRIGGERS } from '../../tools/tenant/limits.mjs';

test('tells the flow by the event, with or without what a log says around it', () => {
  for (const trigger of TRIGGERS) {
    const event = fakeEvent(trigger, { secrets: { KEY: 's3cr3t' } });
    const text = JSON.stringify(event);
    for (const whole of [text, `2026-11-27 event: ${text}\n`, `{"event": ${text}}`, `{"body": {"event": ${text}}}`]) {
      const { event: taken, trigger: found, left } = importEvent(whole);
      assert.equal(found, trigger, whole.slice(0, 80));
      assert.ok(left.includes('its secrets'));
      assert.doesNotMatch(JSON.stringify(taken), new RegExp(`s3cr3t|${PASSWORD}`));
    }
  }
});

test('tells a login of which little is known from a registration', () => {
  const user = { user_id: 'auth0|1', email: 'a@example.com' };
  assert.equal(importEvent(JSON.stringify({ user, stats: { logins_count: 1 } })).trigger, 'post-login');
  assert.equal(importEvent(JSON.stringify({ user, client: { name: 'web' } })).trigger, 'post-login');
  assert.equal(importEvent(JSON.stringify({ user, authentication: {} })).trigger, 'post-user-registration');
});

test('refuses what is no event', () => {
  for (const text of [
    '{ "no": "event" }',
    '[]',
    '7',
    '"user"',
    'null',
    '{',
    '{ "user": "auth0|1" }',
    '{ "message": "hi" }',
  ])
    assert.throws(() => importEvent(text), Error, text);
});
