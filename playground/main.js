// The playground: a page that runs the very paste against stand-ins in memory. This file has the editors, what each control
// does, and the run after each change. The state is state.js's; secrets are kept nowhere.
import './node/globals.js';
import './style.css';
import { render } from 'lit-html';
import { parseJson } from '../tools/paste/json.mjs';
import { createActions } from './actions.js';
import { completion } from './editor/complete.js';
import { openEditor } from './editor/json-editor.js';
import { pathAt, placeOf } from './editor/place.js';
import { schemasAt, wordsOf } from './editor/schema.js';
import {
  analyse,
  claimsManifest,
  finishedFile,
  inventSecrets,
  missingSecrets,
  prepared,
  probe,
  runLogins,
  systemsByHost,
} from './engine.js';
import { isLink } from './share.js';
import { configs, events, initial, secretsOf } from './state.js';
import { answersOf, faultsOf } from './systems.js';
import { chooseConfig, chooseEvent, header, inputTabs, problemsList, secretsPanel } from './view/input.js';
import { nameOfRun } from './view/logins.js';
import { resultsView, sentence, toolbar } from './view/results.js';
import { systemsPanel } from './view/systems.js';
import { signed } from './view/tokens.js';
import { valueWords, whyView } from './view/why.js';
import { answerOf, explainAt, expressionAt } from './why/at-cursor.js';

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** How long nothing is typed until it is run. */
const QUIET_MS = 350;
const state = initial();

const configEditor = openEditor({
  parent: at('editor-config'),
  label: 'Config, JSON',
  describedBy: 'hint-editor',
  text: '',
  changed: (text) => actions.typedConfig(text),
  run: () => void run(),
  complete: completion({
    event: () => state.event,
    answer: (index) => (last ? answerOf(last, state.login, state.analysis.entryAt(index)?.name ?? '') : null),
  }),
  words(editor, position) {
    const { node, path, inName } = pathAt(editor, position);
    if (!inName && node.name !== 'String') return null;
    const found = expressionAt(editor, position);
    const value = found && valueWords(explainAt(found, state, probe));
    const text = [
      value,
      wordsOf(schemasAt(inName ? [...path, JSON.parse(editor.sliceDoc(node.from, node.to))] : path)),
    ];
    return { from: node.from, to: node.to, text: text.filter(Boolean).join('\n\n') };
  },
  moved: () => queueMicrotask(explain),
});

const eventEditor = openEditor({
  parent: at('editor-event'),
  label: 'Event, JSON',
  describedBy: 'hint-editor',
  text: '',
  changed: (text) => actions.typedEvent(text),
  run: () => void run(),
  pasted: (text) => actions.pasteEvent(text),
});

/** The last run that there was. @type {import('./state.js').Run | null} */
let last = null;
const actions = createActions({ state, configEditor, eventEditor, draw, run, soon, settled, last: () => last });

/** What the expression at the cursor gives. */
function explain() {
  const editor = configEditor.view.state;
  const found = expressionAt(editor, editor.selection.main.head);
  state.why = found && explainAt(found, state, probe);
  render(whyView(state), at('why'));
  hideWhy();
}

const hideWhy = () => {
  at('why').hidden = !state.why || at('why').childElementCount === 0;
};

let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Typing has its peace, and what is on the right is no more what is on the left. */
function soon() {
  // A run that is under way is of what was there before.
  turn += 1;
  busy(true);
  if (!state.stale) {
    state.stale = true;
    draw();
  }
  clearTimeout(timer);
  timer = setTimeout(() => void run({ typed: true }), QUIET_MS);
}

/** Looks at all that was typed: the problems at their places, the secrets, the file, the claims. */
async function settled() {
  clearTimeout(timer);
  // A run follows, and what is shown until then is of what was there before.
  busy(true);
  const text = configEditor.text();
  const analysis = analyse(text);
  const whole = analysis.refused === null && analysis.problems.length === 0;
  if (whole) await prepared(analysis);
  state.analysis = analysis;
  if (whole) {
    state.invented = inventSecrets(analysis, state.given);
    state.byHost = systemsByHost(analysis.syncs, secretsOf(state));
  }
  state.missing = whole ? missingSecrets(analysis, secretsOf(state)) : [];
  configEditor.mark((editor) => [
    ...(analysis.refused === null ? [] : [syntaxError(editor, analysis.refused)]),
    ...analysis.problems.map((problem) => ({
      ...placeOf(editor, problem),
      severity: /** @type {const} */ ('error'),
      message: `${problem.path}: ${problem.message}`,
    })),
    ...state.missing.map((problem) => ({
      ...placeOf(editor, problem),
      severity: /** @type {const} */ ('warning'),
      message: `${problem.path}: ${problem.message}`,
    })),
    ...analysis.warnings.map(({ level, path, message }) => ({
      ...placeOf(editor, { path, message }),
      severity: level === 'note' ? /** @type {const} */ ('info') : /** @type {const} */ ('warning'),
      message: `${path}: ${message}`,
    })),
  ]);
  readEvent();
  [state.file, state.claims] = await Promise.all([finishedFile(text), whole ? claimsManifest(text) : []]);
}

/** @param {import('@codemirror/state').EditorState} editor @param {string} message one that may begin with its place */
function syntaxError(editor, message) {
  const { doc } = editor;
  const [, number = '1', column = '1'] = /^line (\d+), column (\d+): /.exec(message) ?? [];
  const line = doc.line(Math.min(doc.lines, Number(number)));
  // A column counts characters, and the editor's positions are halves of some.
  const before = [...line.text].slice(0, Number(column) - 1).join('').length;
  const token = /^"(?:[^"\\]|\\.)*"|./su.exec(line.text.slice(before))?.[0] ?? '';
  const from = Math.min(line.from + before, Math.max(0, doc.length - 1));
  return { from, to: Math.min(doc.length, from + token.length), severity: /** @type {const} */ ('error'), message };
}

function readEvent() {
  const text = eventEditor.text();
  try {
    const event = /** @type {any} */ (parseJson(text, ''));
    if (typeof event !== 'object' || event === null || Array.isArray(event))
      throw new SyntaxError('the event must be an object');
    Object.assign(state, { event, eventProblem: '' });
    eventEditor.mark(() => []);
  } catch (error) {
    state.eventProblem = /** @type {Error} */ (error).message.replace(/^ is not JSON: /, '');
    eventEditor.mark((editor) => [syntaxError(editor, state.eventProblem)]);
  }
}

/** Whether what the results show is about to change. @param {boolean} yes */
const busy = (yes) => at('results').setAttribute('aria-busy', String(yes));

/** The run that is under way. A page has one network, which would give the requests of one run to another. */
let before = Promise.resolve();

/** Runs what is on the screen. Of two runs the later one counts, and begins when the other has ended. @param {{ typed?: boolean }} [how] */
async function run({ typed = false } = {}) {
  const mine = (turn += 1);
  const wanted = () => mine === turn;
  busy(true);
  const done = before.then(() => (wanted() ? runNow(wanted, typed) : undefined));
  before = done.catch(() => {});
  try {
    await done;
  } finally {
    if (wanted()) busy(false);
  }
}

/** @param {() => boolean} wanted whether no later run has begun @param {boolean} typed someone who types is told only what is new */
async function runNow(wanted, typed) {
  await settled();
  const { analysis, event, eventProblem, trigger, systems, byHost, logins, others, apartMs, latencyMs } = state;
  const end = (/** @type {Partial<import('./state.js').State>} */ change) => {
    const said = change.said ?? '';
    const news = !typed || said.split(',')[0] !== state.said.split(',')[0];
    actions.set({ ...change, stale: false, said: news ? said : state.said });
    explain();
  };
  const why =
    analysis.refused !== null
      ? `The config cannot be read: ${analysis.refused}`
      : eventProblem && `The event cannot be read: ${eventProblem}`;
  if (why) return end({ run: null, broken: why, said: why });
  try {
    const { results, attempts } = await runLogins({
      ...analysis,
      event,
      trigger,
      secrets: secretsOf(state),
      faults: faultsOf(systems, byHost.keys()),
      answers: answersOf(systems),
      logins,
      others,
      apartMs,
      latencyMs,
    });
    const tokens = await Promise.all(results.map(signed));
    if (!wanted()) return;
    const done = { results, attempts, tokens, syncs: analysis.syncs, byHost, event };
    if (analysis.problems.length === 0) last = done;
    end({
      run: done,
      login: Math.min(state.login, results.length - 1),
      broken: '',
      said: results
        .map((result, i) => (results.length > 1 ? `${nameOfRun(done, i)}: ` : '') + sentence(result))
        .join(' '),
    });
  } catch (error) {
    const broken = `The run broke off: ${error instanceof Error ? error.message : String(error)}`;
    if (wanted()) end({ run: null, broken, said: broken });
  }
}

function draw() {
  document.documentElement.dataset.theme = state.theme;
  render(header(state, actions), at('header'));
  render(inputTabs(state, actions), at('input-tabs'));
  for (const tab of ['config', 'event', 'secrets', 'systems']) at(`panel-${tab}`).hidden = state.inputTab !== tab;
  render(chooseConfig(state, configs.all(), actions), at('choose-config'));
  render(chooseEvent(state, events.all(), actions), at('choose-event'));
  render(secretsPanel(state, actions), at('panel-secrets'));
  render(systemsPanel(state, actions), at('panel-systems'));
  render(problemsList(state, actions), at('problems'));
  render(toolbar(state, actions), at('toolbar'));
  render(resultsView(state, actions), at('results'));
  if (at('status').textContent !== state.said) at('status').textContent = state.said;
}

at('toolbar').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  event.preventDefault();
  void run();
});
addEventListener('hashchange', () => void (isLink(location.hash) && actions.openLink(location.hash)));

if (isLink(location.hash)) await actions.openLink(location.hash);
else actions.begin();
await run();
document.documentElement.dataset.ready = 'true';
