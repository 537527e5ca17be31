// The playground's controls: what each of them does to the state, and what is kept of it. Each file in actions/ has those of one part of
// the page, and knows the ones before it.

import { configActions } from './actions/config.js';
import { eventActions } from './actions/event.js';
import { shareActions } from './actions/share.js';
import { createStage } from './actions/stage.js';
import { systemActions } from './actions/systems.js';
import { kept } from './state.js';

/** @typedef {ReturnType<typeof createActions>} Actions */

/** @param {import('./actions/stage.js').Page} page */
export function createActions(page) {
  const stage = createStage(page);
  const inputs = { ...stage, ...eventActions(page, stage), ...systemActions(page, stage) };
  const all = { ...inputs, ...configActions(page, inputs) };
  return {
    ...all,
    ...shareActions(page, all),
    /** @param {string} theme */
    theme(theme) {
      kept.set('theme', theme === 'system' ? undefined : theme);
      stage.set({ theme });
    },
  };
}
