// tools/paste/check/: fields that Auth0's event does not have.

import { unknownField } from '../event-fields.mjs';
import { warning } from './warning.mjs';

/** @param {import('../check.mjs').Subject} subject */
export function eventWarnings({ expressions, known }) {
  return expressions.flatMap(({ path, ofAnswer, reads, triggers }) => {
    if (ofAnswer) return [];
    const told = new Set();
    return reads.flatMap(({ names, at }) => {
      const found = unknownField(names, triggers, known);
      if (!found || told.has(found.unknown)) return [];
      told.add(found.unknown);
      return [warning(path, messageOf(found, triggers), at)];
    });
  });
}

/** @param {{ unknown: string, instead: string | undefined }} found @param {string[]} triggers */
function messageOf({ unknown, instead }, triggers) {
  const plain = unknown.replace(/^event\b\.?/, '');
  if (plain !== unknown) return `\`event\` is not a field of the event: leave it out, as in \`user.email\``;
  const where = triggers.length === 1 ? `the event of ${triggers[0]}` : 'the events of these triggers';
  return `\`${unknown}\` is not in ${where}${instead ? `: did you mean \`${instead}\`?` : ', as Auth0 documents it'}`;
}
