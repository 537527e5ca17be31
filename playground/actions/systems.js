// The playground's controls: what the systems do, and the secrets with which they are called.

import { firstAnswer } from '../answer.js';
import { configs, kept } from '../state.js';
import { conductOf, formsOf, inOrder, OWN } from '../systems.js';
import { hostOf } from '../view/timeline.js';

/** @typedef {ReturnType<typeof systemActions>} SystemActions */

/** @param {import('./stage.js').Page} page @param {import('./stage.js').Stage} stage */
export function systemActions({ state, draw, soon, last }, { set, choose }) {
  /** What the systems do for the examples; a config of one's own has its own. */
  let ofExamples = state.systems;

  const actions = {
    /** Shows what the systems do for a config. @param {ReturnType<typeof configs.get>} own none where it is an example */
    showSystems(own) {
      state.systems = own ? formsOf(own.systems) : ofExamples;
    },

    /** @param {string} name @param {string} value */
    secret(name, value) {
      state.given.set(name, value);
      soon();
    },
    /** What a host does. @param {string} host `''`: all @param {Partial<import('../systems.js').Conduct>} part @param {boolean} [typed] */
    conduct(host, part, typed = false) {
      state.systems = { ...state.systems, [host]: { ...conductOf(state.systems, host), ...part } };
      const own = configs.get(state.example);
      if (own) state.keeps = configs.put({ ...own, systems: inOrder(state.systems) });
      else {
        ofExamples = state.systems;
        // A fault that no one remembers would puzzle them tomorrow.
        const answers = inOrder(ofExamples).filter((each) => each.answers.length > 0);
        kept.set('systems', JSON.stringify(answers));
      }
      if (!typed) return choose({});
      draw();
      soon();
    },
    /** What a host's answer begins with. @param {string} host */
    firstAnswer(host) {
      const { analysis, byHost } = state;
      const syncs = analysis.syncs.filter(({ name }) => byHost.get(host)?.includes(name));
      const requests = (last()?.results ?? []).flatMap((result) => result.requests);
      return firstAnswer(
        syncs,
        analysis.config,
        requests.filter((request) => hostOf(request) === host),
      );
    },
    /** Lets a host answer what is typed. @param {string} host */
    answerOf(host) {
      const { answers } = conductOf(state.systems, host);
      actions.conduct(host, { does: OWN, answers: answers.length > 0 ? answers : [actions.firstAnswer(host)] });
    },
    /** From a request to what is typed. @param {string} host */
    giveAnswer(host) {
      set({ inputTab: 'systems' });
      actions.answerOf(host);
      const field = document.querySelector(`[data-host="${CSS.escape(host)}"] [data-field="body"]`);
      /** @type {HTMLElement | null} */ (field)?.focus();
    },
  };
  return actions;
}
