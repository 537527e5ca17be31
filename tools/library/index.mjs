// tools/library/: what `import 'login-sync'` gives. It is described in index.d.ts and in docs/test-your-config.md.

import { UserError } from '../error.mjs';
import { readAhead } from '../paste/ahead.mjs';
import { bundle as bundleConfig } from '../paste/bundle.mjs';
import { linesOfWarnings, warningsIn } from '../paste/check.mjs';
import { fakeEvent } from '../tenant/event.mjs';
import { lean, open, schema } from './open.mjs';

export { simulate } from './simulate.mjs';

/**
 * What is wrong with a config, and what is surely not meant.
 * @param {unknown} config
 * @param {{ known?: string[] }} [options]
 * @returns {import('./index.js').Checked}
 */
export function check(config, options = {}) {
  try {
    return { errors: [], warnings: warningsIn(open(config), schema(), options) };
  } catch (error) {
    const { problems } = /** @type {{ problems?: import('./index.js').Problem[] }} */ (error);
    if (!(error instanceof UserError) || !problems) throw error;
    return { errors: problems.map(({ path, message }) => ({ path, message })), warnings: [] };
  }
}

/**
 * The text to paste.
 * @param {unknown} config
 * @param {{ editable?: boolean }} [options]
 * @returns {import('./index.js').Bundled}
 */
export function bundle(config, { editable = false } = {}) {
  const opened = open(config);
  const warnings = linesOfWarnings(opened, schema());
  const { text, lines } = bundleConfig(opened, readAhead, editable ? undefined : lean(), warnings);
  return { code: text, notes: lines };
}

/**
 * The event of an invented user, as a new object.
 * @param {import('../tenant/limits.mjs').Trigger} [trigger]
 * @param {Record<string, any>} [over] laid over it, field by field; null removes a field
 */
export function sampleEvent(trigger = 'post-login', over = {}) {
  const { secrets: _, ...event } = fakeEvent(trigger, { secrets: {}, over });
  return event;
}
