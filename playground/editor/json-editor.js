// The editors: CodeMirror for JSON, with the page's colours. What is completed and what is wrong come from outside.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

/** @typedef {import('@codemirror/lint').Diagnostic} Diagnostic */

/** What any editor of JSON has. */
const STANDARD = [
  lineNumbers(),
  foldGutter(),
  lintGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  syntaxHighlighting(classHighlighter),
  json(),
  EditorState.tabSize.of(2),
  EditorView.lineWrapping,
];

/**
 * @param {object} options
 * @param {HTMLElement} options.parent
 * @param {string} options.label for those who hear the page
 * @param {string} options.describedBy the id of a hint
 * @param {string} options.text
 * @param {(text: string) => void} options.changed
 * @param {() => void} options.run
 * @param {import('@codemirror/autocomplete').CompletionSource} [options.complete]
 * @param {(state: EditorState, position: number) => { from: number, to: number, text: string } | null} [options.words]
 * @param {() => void} [options.moved] the cursor is elsewhere
 * @param {(text: string) => boolean} [options.pasted] whether a text that was pasted has been taken, and is not to be written
 */
export function openEditor({ parent, label, describedBy, text, changed, run, complete, words, moved, pasted }) {
  const open = (/** @type {string} */ doc) =>
    EditorState.create({
      doc,
      extensions: [
        // Tab leaves the editor: no one without a mouse may be caught in it.
        keymap.of([
          {
            key: 'Mod-Enter',
            run() {
              run();
              return true;
            },
          },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          ...searchKeymap,
          ...foldKeymap,
          ...completionKeymap,
          ...lintKeymap,
        ]),
        STANDARD,
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
          if (update.docChanged || update.selectionSet || update.focusChanged) moved?.();
        }),
        autocompletion({
          activateOnTyping: true,
          icons: false,
          ...(complete ? { override: [complete] } : { override: [] }),
        }),
        ...(words ? [about(words)] : []),
        ...(pasted ? [taking(pasted)] : []),
      ],
    });
  const view = new EditorView({ parent, state: open(text) });
  return {
    view,
    text: () => view.state.doc.toString(),
    /** Another text, which no one typed: its history begins with it. @param {string} next */
    replace(next) {
      if (next !== view.state.doc.toString()) view.setState(open(next));
    },
    /** @param {(state: EditorState) => Diagnostic[]} found */
    mark: (found) => view.dispatch(setDiagnostics(view.state, found(view.state))),
    /** @param {number} from @param {number} [to] */
    show(from, to = from) {
      view.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      });
      view.focus();
    },
  };
}

/** @param {(text: string) => boolean} pasted */
const taking = (pasted) =>
  EditorView.domEventHandlers({
    paste(event) {
      const taken = pasted(event.clipboardData?.getData('text/plain') ?? '');
      if (taken) event.preventDefault();
      return taken;
    },
  });

/** @param {(state: EditorState, position: number) => { from: number, to: number, text: string } | null} words */
const about = (words) =>
  hoverTooltip((view, position) => {
    const found = words(view.state, position);
    if (!found) return null;
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create() {
        const dom = document.createElement('div');
        dom.className = 'cm-words';
        dom.textContent = found.text;
        return { dom };
      },
    };
  });
