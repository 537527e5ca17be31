// tools/paste/check/: fields that Auth0's event does not have.

import { unknownField } from '../event-fields.mjs';
import { warningsOf } from '../expression-warnings.mjs';
import { warning } from './warning.mjs';

/** @param {import('../check.mjs').Subject} subject */
export function eventWarnings({ expressions, known }) {
  return expressions.flatMap(({ path, text, ofAnswer, reads, triggers }) => {
    if (ofAnswer) return [];
    const told = new Set();
    // `true` is no field that someone meant, and has been warned of at its place.
    const words = new Set(warningsOf(text).map(({ column }) => column));
    return reads.flatMap(({ names, at }) => {
      if (words.has(at)) return [];
      const found = unknownField(names, triggers, known);
      if (!found || told.has(found.unknown)) return [];
      told.add(found.unknown);
      return [warning(path, messageOf(found, triggers, meantOf(text, names)), at)];
    });
  });
}

/** What is often meant as it is: a word alone, and a path that is the whole expression. @param {string} text @param {(string | number)[]} names */
const meantOf = (text, names) => (names.length === 1 || text.trim() === names.join('.') ? names.join('.') : undefined);

/** @param {{ unknown: string, instead: string | undefined }} found @param {string[]} triggers @param {string | undefined} meant */
function messageOf({ unknown, instead }, triggers, meant) {
  const plain = unknown.replace(/^event\b\.?/, '');
  if (plain !== unknown) return `\`event\` is not a field of the event: leave it out, as in \`user.email\``;
  const where = triggers.length === 1 ? `the event of ${triggers[0]}` : 'the events of these triggers';
  if (instead) return `\`${unknown}\` is not in ${where}: did you mean \`${instead}\`?`;
  const text = meant === undefined ? '' : `: a text is in single quotes, \`'${meant}'\``;
  return `\`${unknown}\` is not in ${where}, as Auth0 documents it${text}`;
}
