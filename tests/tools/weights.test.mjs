// What each feature may weigh: a table of all there is, and what the build refuses.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shim } from '../../tools/build/shim.mjs';
import {
  FEATURES,
  partOf,
  partsThere,
  refuseTable,
  scriptsOf,
  weigh,
  weightFault,
} from '../../tools/build/weights.mjs';

/** @typedef {import('../../tools/build/weights.mjs').Feature} Feature */

/** @type {Feature[]} */
const TWO = [
  { name: 'metrics', what: '', most: 900, parts: 'system::metrics metrics.js' },
  { name: 'guard', what: '', most: 300, parts: 'system system::guard lib wasm' },
  { name: 'shared', what: '', most: 50, parts: '*' },
];
const THERE = ['lib', 'wasm', 'system', 'system::guard', 'system::metrics', 'metrics.js'];
/** @type {[string, number][]} */
const FUNCTIONS = [
  ['login_sync::system::metrics::send', 500],
  ['login_sync::system::guard::Guard::admit', 200],
  ['<login_sync::system::metrics::Sent as core::clone::Clone>::clone', 100],
  ['core::ptr::drop_in_place<login_sync::system::guard::Guard>', 40],
  ['unnamed', 10],
];

describe('the table', () => {
  it('is of the modules and files that are there', async () => {
    refuseTable(await partsThere());
    refuseTable(THERE, TWO);
  });

  it('has a name for each feature of its own', () => {
    assert.equal(new Set(FEATURES.map(({ name }) => name)).size, FEATURES.length);
  });

  /** @type {[what: string, there: string[], parts: string, message: string][]} */
  const table = [
    [
      'a module that is in no feature',
      [...THERE, 'system::passkeys'],
      'system::metrics metrics.js',
      '`system::passkeys` belongs to no feature: add it to one, or add a feature with a budget for it',
    ],
    [
      'a module that was in one',
      THERE,
      'metrics.js',
      '`system::metrics` belongs to no feature: add it to one, or add a feature with a budget for it',
    ],
    [
      'a file of js-shim/ that is in no feature',
      [...THERE, 'passkeys.js'],
      'system::metrics metrics.js',
      '`passkeys.js` belongs to no feature: add it to one, or add a feature with a budget for it',
    ],
    [
      'a row with a module that has gone',
      THERE,
      'system::metrics system::gauges metrics.js',
      '`system::gauges` of metrics is not there any more: take it out',
    ],
    [
      'a row with a file that has gone',
      THERE.filter((part) => part !== 'metrics.js'),
      'system::metrics metrics.js',
      '`metrics.js` of metrics is not there any more: take it out',
    ],
    [
      'a module that is in two',
      THERE,
      'system::metrics system::guard metrics.js',
      '`system::guard` is in metrics and in guard: leave it in one',
    ],
  ];
  for (const [what, there, parts, message] of table) {
    it(`is refused with ${what}`, () => {
      const features = TWO.map((feature) => (feature.name === 'metrics' ? { ...feature, parts } : feature));
      assert.throws(() => refuseTable(there, features), { message: `tools/build/weights.mjs: ${message}` });
    });
  }
});

describe('a function belongs to', () => {
  const known = new Set(THERE);
  /** @type {[name: string, part: string][]} */
  const table = [
    ['login_sync::system::guard::Guard::admit', 'system::guard'],
    ['login_sync::system::guard::Guard::admit::{{closure}}', 'system::guard'],
    ['login_sync::system::guard::<impl login_sync::system::metrics::Sent>::held', 'system::guard'],
    ['<login_sync::system::guard::Guard as login_sync::system::metrics::Told>::tell', 'system::guard'],
    ['<&mut login_sync::system::guard::Guard as core::fmt::Debug>::fmt', 'system::guard'],
    ['<login_sync[0123456789abcdef]::system::guard::Guard>::admit', 'system::guard'],
    // No file of its own: the module around it.
    ['login_sync::system::passkeys::read', 'system'],
    ['login_sync::passkeys::read', 'lib'],
    ['login_sync::system::guardian::read', 'system'],
    ['engine_start', 'wasm'],
    ['engine_start externref shim', 'wasm'],
    ['core::ptr::drop_in_place<login_sync::system::guard::Guard>', '*'],
    ['<alloc::vec::Vec<login_sync::system::guard::Guard> as core::clone::Clone>::clone', '*'],
    ['talc::base::Talc<S,B>::allocate', '*'],
    ['F64 -> Externref externref shim', '*'],
    ['unnamed', '*'],
  ];
  for (const [name, part] of table) it(`${part}: ${name}`, () => assert.equal(partOf(name, known), part));
});

describe('a weight', () => {
  it('is that of its functions and files, and all together weigh the whole', () => {
    const weights = weigh(FUNCTIONS, [['metrics.js', 300]], TWO);
    assert.deepEqual(
      weights.map(({ name, bytes }) => [name, bytes]),
      [
        ['metrics', 900],
        ['guard', 200],
        ['shared', 50],
      ],
    );
    assert.equal(weightFault(weights), '');
  });

  it('over the budget is refused: by how much, by what, and what to do', () => {
    const weights = weigh(FUNCTIONS, [['metrics.js', 1301]], TWO);
    assert.equal(
      weightFault(weights),
      'metrics weighs 1,901 bytes, 1,001 more than its budget of 900; its heaviest are js-shim/metrics.js (1,301), system::metrics::send (500), <login_sync::system::metrics::Sent as core::clone::Clone>::clone (100); make it lighter (docs/performance.md, "What keeps the paste small"), or change `most` in tools/build/weights.mjs and say in the commit what the bytes buy',
    );
  });

  it('a byte over the budget is refused, also in what is shared', () => {
    const weights = weigh([...FUNCTIONS, ['memcmp', 1]], [], TWO);
    assert.match(weightFault(weights), /^shared weighs 51 bytes, 1 more than its budget of 50; /);
  });

  it('of nothing is refused: its row guards nothing', () => {
    const weights = weigh(
      FUNCTIONS.filter(([name]) => !name.includes('guard::Guard::')),
      [],
      TWO,
    );
    assert.match(weightFault(weights), /^guard weighs nothing: take its row out of tools\/build\/weights\.mjs, or /);
  });
});

it('the files of js-shim/ weigh what they do in a paste', async () => {
  const scripts = await scriptsOf();
  for (const [file, bytes] of scripts) assert.ok(bytes > 100, file);
  const whole = scripts.reduce((sum, [, bytes]) => sum + bytes, 0);
  const { outside, shim: inside } = await shim({ sealed: true });
  const ratio = whole / (outside.length + inside.length);
  assert.ok(Math.abs(ratio - 1) < 0.05, `${ratio}`);
});
