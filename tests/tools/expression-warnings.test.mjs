// What is accepted and surely means something else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { warningsOf } from '../../tools/paste/expression-warnings.mjs';

const NOT = '`!` takes only what is before this, and the result is always null: write `!(…)` around it all';
const CHAIN = 'this compares the result of the comparison before it: join them with `&&`, or use parentheses';
/** @param {string} word */
const field = (word) => `\`${word}\` here is a field: write the value in backticks, the field in double quotes`;

/** @type {[string, ...[number, string][]][]} */
const CASES = [
  ['!user.email_verified', [1, NOT]],
  ['a && !user.blocked', [6, NOT]],
  ['!!a.b', [1, NOT], [2, NOT]],
  ['!a[0].b', [1, NOT]],
  ['!a[]', [1, NOT]],
  ['!a[?b]', [1, NOT]],
  ['!@.a', [1, NOT]],
  ['!length(a).b', [1, NOT]],
  ['!(a).b', [1, NOT]],
  ['a[?!b.c]', [4, NOT]],
  ['!a'],
  ['!(a.b)'],
  ['!a && b.c'],
  ['!a[0]'],
  ['!contains(a.b, c.d)'],
  ['a != b.c'],
  ["'!a.b'"],
  ['a < b < c', [7, CHAIN]],
  ['a == b != c', [8, CHAIN]],
  ['a[?b == c == d]', [11, CHAIN]],
  ['a == b && c == d'],
  ['(a == b) == c'],
  ['a == (b == c)'],
  ['[a == b, c == d]'],
  ['{a: b == c, d: e == f}'],
  ['a[?b == c] == d'],
  ['a == `1` | b == `2`'],
  ['a == true', [6, field('true')]],
  ['false || null', [1, field('false')], [10, field('null')]],
  ['contains(a, null)', [13, field('null')]],
  ["'é👋' == true", [9, field('true')]],
  ['a == `true`'],
  ['"true"'],
  ['{true: a}'],
  ['a.true'],
  ["'true'"],
  ['truely'],
];

describe('an expression that means something else', () => {
  for (const [text, ...wanted] of CASES) {
    it(text, () =>
      assert.deepEqual(
        warningsOf(text),
        wanted.map(([column, message]) => ({ column, message })),
      ),
    );
  }
});
