// The playground's controls: the config that is edited, an example or one of one's own.

import { withoutSystems } from '../../tools/paste/config.mjs';
import { TRIGGERS } from '../../tools/tenant/limits.mjs';
import { placeOf } from '../editor/place.js';
import { EXAMPLES, SAMPLES, samplesOf } from '../samples.js';
import { configs, events, kept } from '../state.js';
import { inOrder } from '../systems.js';

/** @typedef {ReturnType<typeof configActions>} ConfigActions */

/**
 * @param {import('./stage.js').Page} page
 * @param {import('./stage.js').Stage & import('./event.js').EventActions & import('./systems.js').SystemActions} others
 */
export function configActions(page, { set, showEvent, showSystems }) {
  const { state, configEditor, run, soon, settled } = page;
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
      const fitting = eventFor(name, state);
      if (fitting !== undefined) showEvent(fitting);
      await run();
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
  return { ...actions, ...ownActions(page, actions.example) };
}

/** What one's own config alone can do. @param {import('./stage.js').Page} page @param {(name: string) => Promise<void>} choose another one */
const ownActions = ({ state, draw }, choose) => ({
  /** Gives it another name. */
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
    await choose(configs.all()[0]?.id ?? EXAMPLES[0]?.name ?? '');
    document.getElementById('example')?.focus();
  },
});

/**
 * The event to show a config with, where the one on the screen does not fit it. An example is shown at the trigger that it is
 * for, a login where it is for several; and a connector's by its usual login.
 * @param {string} name of the config
 * @param {import('../state.js').State} state
 * @returns {string | undefined}
 */
function eventFor(name, state) {
  const first = (/** @type {import('../../tools/tenant/limits.mjs').Trigger} */ trigger) =>
    samplesOf(trigger)[0]?.id ?? '';
  if (!configs.get(name)) {
    const [fitting] = triggersOf(state);
    const usual = EXAMPLES.find((each) => each.name === name)?.sample;
    if (fitting && fitting !== state.trigger) return first(fitting);
    if (usual && !events.get(state.sample)) return usual;
  }
  const ofAnother = SAMPLES.find(({ id }) => id === state.sample)?.connector;
  return ofAnother && !state.analysis.used.includes(ofAnother) ? first(state.trigger) : undefined;
}

/** The triggers at which a config does something, a login first. @param {import('../state.js').State} state */
function triggersOf({ analysis: { config, syncs } }) {
  return TRIGGERS.filter(
    (trigger) => syncs.some(({ on }) => on.includes(trigger)) || withoutSystems(config, trigger).length > 0,
  );
}
