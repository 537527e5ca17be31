// The playground's controls: what all of them do. They change the state, have it drawn and run, and say what they did.

/** @typedef {import('../state.js').State} State */
/** @typedef {ReturnType<typeof import('../editor/json-editor.js').openEditor>} Editor */
/**
 * @typedef {object} Page what the controls are given
 * @property {State} state
 * @property {Editor} configEditor
 * @property {Editor} eventEditor
 * @property {() => void} draw
 * @property {() => Promise<void>} run
 * @property {() => void} soon runs when no more is typed
 * @property {() => Promise<void>} settled
 * @property {() => import('../state.js').Run | null} last the last run that there was
 */
/** @typedef {ReturnType<typeof createStage>} Stage */

/** How long it is said next to a button what it did. */
const SAID_MS = 8000;

export const pretty = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;

/** @param {Pick<Page, 'state' | 'draw' | 'run'>} page */
export function createStage({ state, draw, run }) {
  /** @type {Record<string, ReturnType<typeof setTimeout>>} */
  const timers = {};
  const stage = {
    /** @param {Partial<State>} change */
    set(change) {
      Object.assign(state, change);
      draw();
    },
    /** Something that a run depends on. @param {Partial<State>} change */
    choose(change) {
      stage.set({ ...change, stale: true });
      void run();
    },
    /** Says next to a button what it did, and to those who hear the page. @param {string} button @param {string} said */
    say(button, said) {
      stage.set({ said, done: { ...state.done, [button]: said } });
      clearTimeout(timers[button]);
      timers[button] = setTimeout(() => {
        const { [button]: _, ...done } = state.done;
        stage.set({ done });
      }, SAID_MS);
    },
  };
  return stage;
}
