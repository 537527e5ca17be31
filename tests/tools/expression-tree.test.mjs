// The tree of an expression, compared with the one that the `jmespath` package makes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
// @ts-expect-error -- it has no types
import jmespath from 'jmespath';
import { root } from '../../tools/files.mjs';
import { treeOf } from '../../tools/paste/expression-tree.mjs';

/** Columns are ours alone, and of a slice only that it is one. @param {any} node @returns {any} */
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== 'object' || node === null) return node;
  const { at: _, type, name, value, children } = node;
  if (type === 'Slice') return { type };
  return { type, name, value: type === 'KeyValuePair' ? plain(value) : value, children: plain(children) };
}

const page = await readFile(path.join(root, 'docs', 'expressions.md'), 'utf8');
const documented = [...page.matchAll(/```expressions\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block.split('\n').flatMap((line) => (line.includes('# error') ? [] : line.split(/\s{2,}#/)[0]?.trim() || [])),
);

const EXPRESSIONS = [
  ...documented,
  'a.b.c',
  '"a b"."c\\u00e9"',
  'a[0].b[-1]',
  'a[1:2:3].b',
  '[0]',
  '[::-1]',
  'a[*].b[0].c',
  'a[*].[b, c][0]',
  'a[].b[].c',
  'a[?b == `1`].c | [0]',
  'a[?b[?c]].d[*]',
  '[?a]',
  '[]',
  '*',
  '*.a.*',
  'a.*.b[0]',
  '[a, *]',
  'a.[b, c]',
  'a.{b: c, "d e": f.g}',
  'a || b && c | d || e',
  '!a.b',
  '!(a.b) == !c',
  'a < b && c >= d || e != f',
  "contains(a[*].b, 'x') && length(@) > `0`",
  'sort_by(a, &b.c)[0].d',
  'map(&[a, b], c)[].d',
  'max_by(a, &to_number(b)).c',
  "'it\\'s' == '\\\\'",
  '`"a\\`b"` == `{"a": [1, null]}`',
  '(a || b).c[0]',
  ' a\n.\tb ',
];

describe('the tree of an expression', () => {
  for (const text of new Set(EXPRESSIONS))
    it(text, () => assert.deepEqual(plain(treeOf(text)), plain(jmespath.compile(text))));

  it('knows the column of each word, in characters', () => {
    const { children: [left, right] = [] } = treeOf("'é👋' || a . bc");
    assert.deepEqual([left?.at, right?.at, right?.children?.[1]?.at], [1, 9, 13]);
  });

  it('is refused for what is no expression', () => {
    for (const text of ['', 'a.', 'a b', '[a', "'a", 'a[b]', 'f(a', '{a}', 'a = b']) {
      assert.throws(() => treeOf(text), SyntaxError, text);
    }
  });
});
