// The playground's controls: the config that is edited, an example or one of one's own.

import { withoutSystems } from '../../tools/paste/config.mjs';
import { placeOf } from '../editor/place.js';
import { EXAMPLES, SAMPLES, samplesOf, TRIGGERS } from '../samples.js';
import { configs, events, kept } from '../state.js';
import { inOrder } from '../systems.js';

/** @typedef {ReturnType<typeof configActions>} ConfigActions */

/**
 * @param {import('./stage.js').Page} page
 * @param {import('./stage.js').Stage & import('./event.js').EventActions & import('./systems.js').SystemActions} others
 */
export function configActions({ state, configEditor, draw, run, soon, settled }, { set, showEvent, showSystems }) {
  const actions = {
    /** Shows a config: an example, or one of one's own. @param {string} name */
    showConfig(name) {
      const own = configs.get(name);
      const example = EXAMPLES.find((each) => each.name === name) ?? EXAMPLES[0];
      state.example = own?.id ?? example?.name ?? '';
      showSystems(own);
      configEditor.replace(own?.text ?? example?.text ?? '{}\n');
      kept.set('chosen', state.example);
    },
    /** Makes the config that is shown one's own. @param {string} name @param {string} text */
    newConfig(name, text) {
      const item = configs.add(name, { text, systems: inOrder(state.systems) });
      state.keeps = configs.put(item);
      state.example = item.id;
      kept.set('chosen', item.id);
    },
    /** What was on the screen when the page was left. */
    begin() {
      const old = kept.get('config');
      if (old !== undefined) {
        actions.newConfig('my config', old);
        kept.set('config', undefined);
      }
      actions.showConfig(state.example);
      showEvent(state.sample);
    },

    /** @param {string} name */
    async example(name) {
      const left = configs.get(state.example);
      if (left?.text.trim() === '') configs.drop(left.id);
      actions.showConfig(name);
      state.stale = true;
      await settled();
      // An example is shown at the trigger that it is for, a login where it is for several; and a connector's by its usual login.
      const fitting = configs.get(name) ? undefined : triggersOf(state)[0];
      const usual = EXAMPLES.find((each) => each.name === name)?.sample;
      const ofAnother = SAMPLES.find(({ id }) => id === state.sample)?.connector;
      if (fitting && fitting !== state.trigger) showEvent(samplesOf(fitting)[0]?.id ?? '');
      else if (usual && !configs.get(name) && !events.get(state.sample)) showEvent(usual);
      else if (ofAnother && !state.analysis.used.includes(ofAnother)) showEvent(samplesOf(state.trigger)[0]?.id ?? '');
      await run();
    },
    /** Gives one's own config another name. */
    rename() {
      const own = configs.get(state.example);
      const name = own && prompt('The name of this config', own.name)?.trim();
      if (!own || !name || name === own.name) return;
      const { name: free } = configs.add(name, { text: '' });
      state.keeps = configs.put({ ...own, name: free });
      draw();
    },
    async remove() {
      const own = configs.get(state.example);
      if (!own || !confirm(`Delete “${own.name}”? This browser keeps no copy.`)) return;
      configs.drop(own.id);
      await actions.example(configs.all()[0]?.id ?? EXAMPLES[0]?.name ?? '');
      document.getElementById('example')?.focus();
    },
    /** @param {string} text */
    typedConfig(text) {
      const own = configs.get(state.example);
      if (own) state.keeps = configs.put({ ...own, text, at: Date.now() });
      else
        actions.newConfig(
          state.example === EXAMPLES[0]?.name ? 'my config' : `my ${state.example.replace('connector: ', '')}`,
          text,
        );
      soon();
    },
    config: () => configEditor.text(),
    /** @param {import('../../tools/paste/paste.mjs').Problem} problem */
    goTo(problem) {
      set({ inputTab: 'config' });
      const { from, to } = placeOf(configEditor.view.state, problem);
      configEditor.show(from, to);
    },
  };
  return actions;
}

/** The triggers at which a config does something, a login first. @param {import('../state.js').State} state */
function triggersOf({ analysis: { config, syncs } }) {
  return TRIGGERS.filter(
    (trigger) => syncs.some(({ on }) => on.includes(trigger)) || withoutSystems(config, trigger).length > 0,
  );
}
