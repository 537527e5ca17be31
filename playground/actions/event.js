// The playground's controls: the event that is run, a sample or one of one's own.

import { importEvent } from '../import-event.js';
import { eventOf, SAMPLES, samplesOf } from '../samples.js';
import { withoutSecrets } from '../share.js';
import { events, keptInTab } from '../state.js';
import { pretty } from './stage.js';

/** @typedef {import('../../tools/tenant/limits.mjs').Trigger} Trigger */
/** @typedef {ReturnType<typeof eventActions>} EventActions */

/** @param {import('./stage.js').Page} page @param {import('./stage.js').Stage} stage */
export function eventActions({ state, eventEditor, soon }, { set, choose }) {
  const actions = {
    /** Shows an event: a sample, or one of one's own. @param {string} name */
    showEvent(name) {
      const own = events.get(name);
      const sample =
        SAMPLES.find(({ id }) => id === name) ?? /** @type {import('../samples.js').Sample} */ (SAMPLES[0]);
      state.sample = own?.id ?? sample.id;
      state.trigger = own?.trigger ?? sample.trigger;
      state.eventNote = '';
      eventEditor.replace(own?.text ?? pretty(eventOf(sample)));
      keptInTab.set('chosen', state.sample);
    },
    /** Makes the event that is shown one's own. @param {string} name @param {string} text @param {Trigger} trigger */
    newEvent(name, text, trigger) {
      const item = events.add(name, { text, trigger });
      events.put(item, withoutSecrets(text));
      Object.assign(state, { sample: item.id, trigger });
      keptInTab.set('chosen', item.id);
    },

    /** @param {string} id */
    sample(id) {
      actions.showEvent(id);
      choose({});
    },
    /** @param {string} text */
    typedEvent(text) {
      const own = events.get(state.sample);
      if (own) events.put({ ...own, text, at: Date.now() }, withoutSecrets(text));
      else
        actions.newEvent(
          `my ${SAMPLES.find(({ id }) => id === state.sample)?.name.toLowerCase() ?? 'event'}`,
          text,
          state.trigger,
        );
      soon();
    },
    /** A sample is of one trigger; an event of one's own is what its owner says. @param {Trigger} trigger */
    trigger(trigger) {
      const own = events.get(state.sample);
      if (own) events.put({ ...own, trigger }, withoutSecrets(own.text));
      else actions.showEvent(samplesOf(trigger)[0]?.id ?? '');
      choose({ trigger });
    },
  };

  /** Shows a real event, as one of one's own. @param {string} name @param {ReturnType<typeof importEvent>} imported */
  const take = (name, { event, trigger, left }) => {
    const text = pretty(event);
    actions.newEvent(name, text, trigger);
    eventEditor.replace(text);
    const note = `${name}: a ${trigger} event${left.length > 0 ? `, without ${left.join(' and ')}` : ''}.`;
    choose({ eventNote: note });
  };
  return { ...actions, ...importActions(take, set) };
}

/**
 * What comes from outside the page.
 * @param {(name: string, imported: ReturnType<typeof importEvent>) => void} take
 * @param {import('./stage.js').Stage['set']} set
 */
const importActions = (take, set) => ({
  /** @param {File | undefined} file */
  async importFile(file) {
    if (!file) return;
    try {
      take(file.name, importEvent(await file.text()));
    } catch (error) {
      const message = /** @type {Error} */ (error).message.replace(/^ is not JSON: /, '');
      set({ eventNote: `${file.name} is not taken: ${message}` });
    }
  },
  /** Takes a whole event that was pasted over the one that is there; false where it is none. @param {string} text */
  pasteEvent(text) {
    try {
      take('pasted event', importEvent(text));
      return true;
    } catch {
      return false;
    }
  },
});
