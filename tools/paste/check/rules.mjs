// tools/paste/check/: rules of `deny` and `mfa` that do not do what they say.

import { AWAITED } from '../../tenant/limits.mjs';
import { nodesOf, pathOf } from '../reads.mjs';
import { decidesBy, policyOf } from './outage.mjs';
import { note, warning } from './warning.mjs';

/** @typedef {import('../check.mjs').Subject} Subject */
/** @typedef {import('../check.mjs').Expression} Expression */

/** @param {Subject} subject */
export function ruleWarnings({ config, syncs, expressions }) {
  return expressions.flatMap((expression) => {
    const [field, index, part] = expression.steps.slice(-3);
    if (part !== 'when' || (field !== 'deny' && field !== 'mfa')) return [];
    const rule = field === 'mfa' ? config.mfa?.[Number(index)] : undefined;
    return [...ofFailedEntry(expression, syncs), ...(rule ? ofMfa(expression, rule) : [])];
  });
}

/** Of an entry that failed a rule reads null. @param {Expression} expression @param {Subject['syncs']} syncs */
function ofFailedEntry({ path, reads, triggers }, syncs) {
  const what = AWAITED[triggers[0] ?? ''];
  const names = [...new Set(reads.flatMap(({ names: [root, name] }) => (root === 'syncs' ? [name] : [])))];
  return names.flatMap((name) => {
    const entry = syncs.find((sync) => sync.name === name)?.document;
    if (!entry || entry.mode === 'shadow' || decidesBy(reads, String(name)) || policyOf(entry) !== 'allow') return [];
    return [
      warning(
        path,
        `while \`${name}\` is unavailable this reads null, and the ${what} goes on if that is false: set \`onFailure\` of \`${name}\`, or read \`syncs.${name}.outcome\``,
      ),
    ];
  });
}

const FAILS = 'in a refresh-token exchange no one can answer, and the exchange fails with `mfa_required`';

/** @param {Expression} expression @param {any} rule */
function ofMfa({ path, tree, reads }, rule) {
  const reading = (/** @type {string} */ text) => reads.some(({ names }) => names.join('.').startsWith(text));
  const negated = [...nodesOf(tree)].flatMap(({ type, children = [], at }) => {
    const of = type === 'NotExpression' && children[0] ? pathOf(children[0])?.join('.') : undefined;
    return of === undefined ? [] : [{ of, at }];
  });
  const alone = negated.find(({ of }) => of === 'interactive');
  const enrolled = negated.find(({ of }) => of === 'user.multifactor' || of === 'user.enrolledFactors');
  return [
    ...(alone && !rule.always
      ? [
          warning(
            path,
            'a rule applies only where `interactive` is true: use a `deny` rule, or add `"always": true` for a password grant',
            alone.at,
          ),
        ]
      : []),
    ...(rule.always && !reading('transaction.protocol')
      ? [
          warning(
            path,
            `${FAILS}: leave out \`always\`, or name the password grant, as in \`transaction.protocol == 'oauth2-password'\``,
          ),
        ]
      : []),
    ...(enrolled && !reading('authentication.methods')
      ? [
          note(
            path,
            `\`${enrolled.of}\` lists what the user is enrolled in, so this never asks users who are: what was used in this session is \`authentication.methods[?name == 'mfa']\``,
          ),
        ]
      : []),
  ];
}
