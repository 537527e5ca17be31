// tools/paste/: a paste with a config of one's own, and what is to be said of it.

import { UserError } from '../error.mjs';
import { CODE_BYTES, SECRETS, TRIGGERS } from '../tenant/limits.mjs';
import { count, secretText, withoutSystems } from './config.mjs';
import { firstHosts } from './hosts.mjs';
import { withConfig } from './paste.mjs';
import { seal } from './seal.mjs';

/** @typedef {(paste: string, config?: unknown) => string} Ahead */

/**
 * Makes the result and says what it is.
 * @param {import('./config.mjs').Opened} opened
 * @param {Ahead} ahead what reads the config ahead: `readAhead`, or in a page, which cannot pack, nothing
 * @param {string} [lean] what a sealed result is made from; without it the result is editable
 * @param {string[]} [warnings] of the config, a line each
 * @returns {{ text: string, lines: string[] }}
 */
export function bundle({ config, paste, syncs }, ahead, lean, warnings = []) {
  let text = '';
  let note = '';
  for (const attempt of lean === undefined
    ? editables(paste, config, ahead)
    : sealed(paste, lean, config, firstHosts(syncs))) {
    [text, note] = attempt();
    if (text.length < CODE_BYTES) break;
  }
  const room = CODE_BYTES - text.length;
  if (room <= 0) {
    const way = lean === undefined ? 'leave out `--editable`, ' : '';
    throw new UserError(
      `the result has ${count(text.length, 'byte')} and Auth0 takes fewer than ${CODE_BYTES.toLocaleString('en')}: ${way}shorten the config by ${count(1 - room, 'byte')}, or split its \`syncs\` over two Actions`,
    );
  }
  const lines = [`${count(text.length, 'byte')} of the ${CODE_BYTES.toLocaleString('en')} that Auth0 takes`];
  if (note) lines.push(note);
  return { text, lines: [...lines, ...needs(config, syncs), ...markers(text, lean !== undefined), ...warnings] };
}

const ONE_LINE = 'the config is on one line: with its line breaks the result would be too long';
/** @typedef {() => [text: string, note: string]} Attempt from the one that reads best to the shortest */

/** @type {(paste: string, lean: string, config: unknown, hosts: import('./hosts.mjs').Group[]) => Attempt[]} */
const sealed = (paste, lean, config, hosts) => [
  () => [seal(paste, lean, config, { hosts }), ''],
  () => [seal(paste, lean, config, { hosts, compact: true }), ONE_LINE],
];

/** @param {string} paste @param {unknown} config @param {Ahead} ahead @returns {Attempt[]} */
const editables = (paste, config, ahead) => [
  () => [withConfig(ahead(paste, config), config), ''],
  () => [withConfig(ahead(paste, config), config, { compact: true }), ONE_LINE],
  () => [
    withConfig(ahead(paste), config, { compact: true }),
    'the config is on one line and is not read ahead, or the result would be too long: a first login takes some milliseconds more',
  ],
];

const COUNTS = ['none', 'one', 'two', 'three', 'four', 'five', 'six'];

/**
 * What the Action needs in Auth0.
 * @param {Record<string, any>} config
 * @param {import('./config.mjs').Sync[]} syncs
 */
function needs(config, syncs) {
  /** @type {[string, string[]][]} */
  const duties = TRIGGERS.map((trigger) => [
    trigger,
    [
      ...new Set(
        syncs.filter(({ on }) => on.includes(trigger)).map(({ name, switched }) => (switched ? 'presets' : name)),
      ),
      ...withoutSystems(config, trigger),
    ],
  ]);
  const serves = duties.filter(([, work]) => work.length > 0);
  const texts = serves.map(([trigger, work]) => `${trigger} (${work.join(', ')})`);
  const lines = [`serves ${texts.join(' and ') || 'nothing: the config asks for nothing'}`];
  if (serves.length > 1)
    lines.push(`an Action has one trigger: make ${COUNTS[serves.length] ?? serves.length} of this file`);
  if (serves.some(([trigger]) => trigger === 'event-stream'))
    lines.push('event-stream: make an event stream as well, with the Action as its destination');

  if (!config.syncs) {
    lines.push('no `syncs`: a preset is on once the Action has its secrets:');
    for (const { name, on, secrets } of syncs.filter(({ switched }) => switched)) {
      lines.push(
        `  ${name} (${on.join(', ')}): ${secrets.map((secret) => `${secretText(secret)}${secret.optional ? ' (optional)' : ''}`).join(', ')}`,
      );
    }
    return lines;
  }
  /** @param {boolean} without whether the Action can do without them */
  const named = (without) => [
    ...new Set(
      syncs.flatMap(({ secrets, spare = false }) =>
        secrets.filter(({ optional }) => (optional || spare) === without).map(secretText),
      ),
    ),
  ];
  const [needed, spare] = [named(false), named(true).filter((text) => !named(false).includes(text))];
  lines.push(`secrets it needs: ${needed.join(', ') || 'none'}`);
  if (spare.length > 0) lines.push(`secrets it can do without: ${spare.join(', ')}`);
  if (needed.length > SECRETS)
    lines.push(`warning: an Action has at most ${SECRETS} secrets: split the \`syncs\` over two Actions`);
  return lines;
}

/**
 * auth0-deploy-cli replaces these in a file that it deploys, where it has a value for the name.
 * @param {string} text
 * @param {boolean} sealed
 */
function markers(text, sealed) {
  const found = [...new Set(text.match(/(@@|##)\w+\1/g))];
  const refused = sealed ? '; then every login is denied: bundle the value instead, or add `--editable`' : '';
  return found.length > 0
    ? [
        `note: auth0-deploy-cli may replace ${found.map((marker) => `\`${marker}\``).join(', ')} in the config${refused}`,
      ]
    : [];
}
