// The playground: a page that runs the very paste against stand-ins in memory. This file holds the state and says who does
// what when it changes. What is typed stays here: only the config's text and the theme are kept by the browser, secrets
// and the event never are.
import './node/globals.js';
import './style.css';
import { render } from 'lit-html';
import { parseJson } from '../tools/paste/json.mjs';
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
  runLogins,
  systemsByHost,
} from './engine.js';
import { EXAMPLES, eventOf, SAMPLES } from './samples.js';
import { header, inputTabs, problemsList, secretsPanel, toolbar } from './view/input.js';
import { resultsView, sentence } from './view/results.js';
import { hostOf } from './view/timeline.js';
import { signed } from './view/tokens.js';

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const QUIET_MS = 250;

/** @typedef {ReturnType<typeof initial>} State */
function initial() {
  return {
    theme: kept('theme') ?? 'system',
    example: kept('config') === undefined ? 'several-systems' : '',
    sample: 'password',
    trigger: /** @type {import('../tools/tenant/limits.mjs').Trigger} */ ('post-login'),
    /** @type {any} */
    event: {},
    eventProblem: '',
    /** Typed or taken away by hand. @type {Map<string, string>} */
    given: new Map(),
    /** @type {Record<string, string>} */
    invented: {},
    shown: false,
    fault: { name: '', host: '', times: Infinity },
    logins: 2,
    apartMs: 60_000,
    latencyMs: 60,
    inputTab: 'config',
    resultTab: 'requests',
    login: 0,
    /** @type {import('./engine.js').Analysis} */
    analysis: { config: undefined, refused: null, problems: [], syncs: [], fields: [] },
    /** @type {import('../tools/paste/paste.mjs').Problem[]} */
    missing: [],
    /**
     * What the last run was, and what came of it.
     * @type {null | {
     *   results: import('../tools/tenant/run.mjs').Result[],
     *   tokens: (Record<string, string> | null)[],
     *   byHost: Map<string, string[]>,
     *   syncs: import('../tools/paste/config.mjs').Sync[],
     *   fault: string,
     * }}
     */
    run: null,
    broken: '',
    stale: false,
    /** @type {Awaited<ReturnType<typeof finishedFile>>} */
    file: { text: '', lines: [], refused: '' },
    /** @type {Awaited<ReturnType<typeof claimsManifest>>} */
    claims: [],
    said: '',
  };
}

const state = initial();

/** @param {string} key @returns {string | undefined} */
function kept(key) {
  try {
    return localStorage.getItem(`login-sync.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {string | undefined} value */
function keep(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(`login-sync.${key}`);
    else localStorage.setItem(`login-sync.${key}`, value);
  } catch {
    // A browser that keeps nothing: the page does without.
  }
}

/** The secrets of the Action: an empty field is a secret that is not set. */
const secrets = () =>
  Object.fromEntries([...Object.entries(state.invented), ...state.given].filter(([, value]) => value !== ''));

const actions = {
  /** @param {Partial<State>} change */
  set(change) {
    Object.assign(state, change);
    draw();
  },
  /** Something that a run depends on. @param {Partial<State>} change */
  choose(change) {
    actions.set({ ...change, stale: true });
    void run();
  },
  /** @param {string} theme */
  theme(theme) {
    keep('theme', theme === 'system' ? undefined : theme);
    actions.set({ theme });
  },
  /** @param {string} name */
  async example(name) {
    busy(true);
    const text = EXAMPLES.find((example) => example.name === name)?.text ?? '{}\n';
    configEditor.replace(text);
    state.example = name;
    keep('config', undefined);
    state.given.clear();
    await settled();
    // A config that asks for nothing at this trigger is shown at the other one.
    const { config, syncs } = state.analysis;
    const rules = ['claims', 'mfa', 'deny'].some((field) => Object.keys(config?.[field] ?? {}).length > 0);
    const triggers = new Set([...syncs.flatMap(({ on }) => on), ...(rules ? ['post-login'] : [])]);
    const fitting =
      triggers.size === 0 || triggers.has(state.trigger)
        ? undefined
        : SAMPLES.find(({ trigger }) => triggers.has(trigger));
    if (fitting) actions.sample(fitting.id);
    else void run();
  },
  /** @param {string} id */
  sample(id) {
    const sample = SAMPLES.find((each) => each.id === id);
    if (!sample) return;
    state.trigger = sample.trigger;
    eventEditor.replace(`${JSON.stringify(eventOf(sample), null, 2)}\n`);
    state.sample = id;
    void run();
  },
  /** @param {string} name @param {string} value */
  async secret(name, value) {
    state.given.set(name, value);
    state.stale = true;
    await settled();
  },
  run: () => void run(),
  /** @param {import('../tools/paste/paste.mjs').Problem} problem */
  goTo(problem) {
    actions.set({ inputTab: 'config' });
    const { from, to } = placeOf(configEditor.view.state, problem);
    configEditor.show(from, to);
  },
  /** @param {string} said */
  say: (said) => actions.set({ said }),
  async copy() {
    try {
      await navigator.clipboard.writeText(state.file.text);
      actions.say('The file is in the clipboard.');
    } catch {
      actions.say('The browser does not let the page copy: download the file.');
    }
  },
  download() {
    const link = Object.assign(document.createElement('a'), {
      href: URL.createObjectURL(new Blob([state.file.text], { type: 'text/javascript' })),
      download: 'login-sync.js',
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    actions.say('The file has been downloaded as login-sync.js.');
  },
};
/** @typedef {typeof actions} Actions */

const configEditor = openEditor({
  parent: at('panel-config'),
  label: 'Config, JSON',
  describedBy: 'hint-editor',
  text: kept('config') ?? EXAMPLES.find(({ name }) => name === state.example)?.text ?? '{}\n',
  changed(text) {
    state.example = '';
    keep('config', text);
    soon();
  },
  run: actions.run,
  complete: completion({ event: () => state.event, answer: answerOf }),
  words(editor, position) {
    const { node, path, inName } = pathAt(editor, position);
    if (!inName && node.name !== 'String') return null;
    const text = wordsOf(schemasAt(inName ? [...path, JSON.parse(editor.sliceDoc(node.from, node.to))] : path));
    return text ? { from: node.from, to: node.to, text } : null;
  },
});

const eventEditor = openEditor({
  parent: at('panel-event'),
  label: 'Event, JSON',
  describedBy: 'hint-editor',
  text: `${JSON.stringify(eventOf(/** @type {import('./samples.js').Sample} */ (SAMPLES[0])), null, 2)}\n`,
  changed() {
    state.sample = '';
    soon();
  },
  run: actions.run,
});

/** What a sync was answered in the last run, for completion. @param {number} index */
function answerOf(index) {
  const host = [...(state.run?.byHost ?? [])].find(([, names]) =>
    names.includes(state.run?.syncs[index]?.name ?? ''),
  )?.[0];
  const request = state.run?.results
    .flatMap(({ requests }) => requests)
    .find((each) => each.responseBody && hostOf(each) === host);
  try {
    return JSON.parse(request?.responseBody ?? 'null');
  } catch {
    return null;
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Typing has its peace. */
function soon() {
  state.stale = true;
  clearTimeout(timer);
  timer = setTimeout(settled, QUIET_MS);
}

/** Looks at all that was typed: the problems at their places, the secrets, the file, the claims. */
async function settled() {
  clearTimeout(timer);
  const text = configEditor.text();
  const analysis = analyse(text);
  const whole = analysis.refused === null && analysis.problems.length === 0;
  state.analysis = analysis;
  if (whole) state.invented = inventSecrets(analysis, state.given);
  state.missing = whole ? missingSecrets(analysis, secrets()) : [];
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
  ]);
  readEvent();
  [state.file, state.claims] = await Promise.all([finishedFile(text), whole ? claimsManifest(text) : []]);
  draw();
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

let turn = 0;
/** Runs what is on the screen. Of two runs the later one counts. */
async function run() {
  const mine = (turn += 1);
  busy(true);
  try {
    await runNow(() => mine === turn);
  } finally {
    if (mine === turn) busy(false);
  }
}

/** @param {() => boolean} wanted whether no later run has begun */
async function runNow(wanted) {
  await settled();
  const { analysis, event, eventProblem, trigger, fault, logins, apartMs, latencyMs } = state;
  const why =
    analysis.refused !== null
      ? `The config is not JSON: ${analysis.refused}`
      : eventProblem && `The event is not JSON: ${eventProblem}`;
  if (why) return actions.set({ run: null, broken: why, stale: false, said: why });
  try {
    const held = secrets();
    const results = await runLogins({
      ...analysis,
      event,
      trigger,
      secrets: held,
      fault: fault.name ? fault : null,
      logins,
      apartMs,
      latencyMs,
    });
    const tokens = await Promise.all(results.map(signed));
    if (!wanted()) return;
    const login = Math.min(state.login, results.length - 1);
    actions.set({
      run: { results, tokens, byHost: systemsByHost(analysis.syncs, held), syncs: analysis.syncs, fault: fault.name },
      login,
      broken: '',
      stale: false,
      said: results.map((result, i) => (results.length > 1 ? `Login ${i + 1}: ` : '') + sentence(result)).join(' '),
    });
  } catch (error) {
    const broken = `The run broke off: ${error instanceof Error ? error.message : String(error)}`;
    if (wanted()) actions.set({ run: null, broken, said: broken });
  }
}

function draw() {
  document.documentElement.dataset.theme = state.theme;
  render(header(state, actions), at('header'));
  render(toolbar(state, actions), at('toolbar'));
  render(inputTabs(state, actions), at('input-tabs'));
  for (const tab of ['config', 'event', 'secrets']) at(`panel-${tab}`).hidden = state.inputTab !== tab;
  render(secretsPanel(state, actions), at('panel-secrets'));
  render(problemsList(state, actions), at('problems'));
  render(resultsView(state, actions), at('results'));
  if (at('status').textContent !== state.said) at('status').textContent = state.said;
}

at('toolbar').addEventListener('submit', (event) => {
  event.preventDefault();
  actions.run();
});
addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  event.preventDefault();
  actions.run();
});

draw();
await run();
document.documentElement.dataset.ready = 'true';
