// tests: why an expression gives what it gives: its steps, and where a null comes from, by the engine of the paste itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { explain } from '../../playground/why/explain.js';
import { stepsOf } from '../../playground/why/steps.js';
import { FAILED, openProbe } from '../../playground/why/values.js';
import { PASTE } from '../../tools/files.mjs';
import { loadEngine } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';

const probe = openProbe(loadEngine(readFileSync(PASTE, 'utf8')));
const event = fakeEvent('post-login');
const words = { of: 'this event', root: 'the event' };

test('takes an expression apart in the order in which a person would try it', () => {
  /** @type {[expression: string, steps: string[]][]} */
  const cases = [
    ['user.email', ['user', 'user.email']],
    ['a || b.c', ['a', 'b', 'b.c', 'a || b.c']],
    ["a.b[?c == 'd.e'].f | [0]", ['a', 'a.b', "a.b[?c == 'd.e']", "a.b[?c == 'd.e'].f", '[0]']],
    ['!(a.b)', ['a', 'a.b', '(a.b)', '!(a.b)']],
    ["contains(a || `[]`, 'x')", ['a', 'a || `[]`', "contains(a || `[]`, 'x')"]],
    ['sort_by(a.b, &c)[-1].d', ['a', 'a.b', 'sort_by(a.b, &c)', 'sort_by(a.b, &c)[-1]', 'sort_by(a.b, &c)[-1].d']],
    ['a.{b: c, d: e}', ['a', 'a.{b: c, d: e}']],
    ['{b: c.d}', ['c', 'c.d', '{b: c.d}']],
    ['"a b"."c.d"', ['"a b"', '"a b"."c.d"']],
    ["'a'", []],
    ['', []],
  ];
  for (const [expression, steps] of cases)
    assert.deepEqual(
      stepsOf(expression)
        .map(({ text }) => text)
        .sort(),
      [...steps].sort(),
      expression,
    );
});

test('survives what is no expression', () => {
  for (const text of [
    'user..x',
    '(((',
    ')))',
    'a.b[',
    '| |',
    "'never closed",
    '!!!',
    '[?',
    '{a',
    '\u{1f600}.a',
    'a.'.repeat(500),
  ]) {
    const { value, why } = explain(text, probe, { event, query: [] }, words);
    assert.deepEqual([value, why], [undefined, []], text);
  }
});

test('says where a null comes from', () => {
  /** @type {[expression: string, why: string[]][]} */
  const cases = [
    ['user.phone', ['`user` has no field `phone`: did you mean `phone_number`?']],
    ['user.e_mail', ['`user` has no field `e_mail`: did you mean `email`?']],
    ['usr.email', ['the event has no field `usr`: did you mean `user`?']],
    ['user.app_metadata.plan', ['`user.app_metadata` has no field `plan`: it has none']],
    ['user.email.host', ['`user.email` is a string, and has no fields']],
    [
      'user.identities.provider',
      ['`user.identities` is an array: write `[*].provider` for each item, or `[0].provider` for the first'],
    ],
    ['user.identities[3].provider', ['`user.identities` has 1 item, and no item 3']],
    ["user.identities[?provider == 'x'] | [0].user_id", ["`user.identities[?provider == 'x']` is an empty array"]],
    ['user[0]', ['`user` is an object, and no array']],
    [
      'tenant.name || client.title',
      ['`tenant` has no field `name`: it has id', '`client` has no field `title`: it has client_id, name, metadata'],
    ],
    [
      'lower(user.mail)',
      [
        '`user` has no field `mail`: did you mean `email`?',
        '`lower(user.mail)` fails: a function was given what it does not take',
      ],
    ],
    ['user.email', []],
    ["user.nick || 'none'", []],
  ];
  for (const [expression, why] of cases) {
    const found = explain(expression, probe, { event, query: [] }, words);
    assert.deepEqual(found.why, why, expression);
  }
  assert.equal(explain('lower(user.mail)', probe, { event, query: [] }, words).value, FAILED);
});

test('reads what the engine lets expressions read, and no more', () => {
  const secret = { ...event, secrets: { KEY: 's3cr3t' } };
  const all = JSON.stringify(probe.scope({ event: secret, query: [] }));
  assert.doesNotMatch(all, /s3cr3t|correct-horse/);
  assert.match(all, /"interactive":true,"clock":\{/);
  assert.deepEqual(probe.values(['request.query.state', 'request.query.login_hint'], { event, query: ['state'] }), [
    'hKFo2SBCcFd',
    undefined,
  ]);
  // In a response the answer is all there is.
  assert.deepEqual(probe.values(['@', 'user', 'a[0]'], { event, query: [], instead: { a: [1] } }), [
    { a: [1] },
    null,
    1,
  ]);
  assert.deepEqual(probe.values(['[0]'], { event, query: [], instead: ['x'] }), ['x']);
});
