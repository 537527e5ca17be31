// The playground's screen: what goes in. Header, tabs, what is chosen at the top of each, secrets, the list of problems.
import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { TRIGGERS } from '../../tools/tenant/limits.mjs';
import { aboutOf } from '../connectors.js';
import { VERSION } from '../engine.js';
import { labelOf } from '../flows.js';
import { EXAMPLES, GROUPS, samplesOf } from '../samples.js';
import { conductOf } from '../systems.js';
import { tabs } from './tabs.js';

/** @typedef {[key: string, words: string]} Pair */
/** @typedef {import('../state.js').State} State */
/** @typedef {import('../actions.js').Actions} Actions */

/** Where the pages are. */
const DOCS = 'https://github.com/login-sync/login-sync/blob/main/docs';

/** @param {State} state @param {Actions} actions */
export const header = ({ theme, done }, actions) => html`
  <h1>login-sync <span>playground</span></h1>
  <p class="quiet">${VERSION}: the file that you paste, in this page. Nothing leaves it.</p>
  ${saidBy('share', done)}
  <button type="button" id="share" @click=${actions.share}>Copy a link</button>
  <button type="button" id="help" @click=${() => /** @type {any} */ (document.getElementById('help-text')).showModal()}>Help</button>
  <label class="theme">Theme
    <select .value=${live(theme)} @change=${(/** @type {any} */ { target }) => actions.theme(target.value)}>
      ${['system', 'light', 'dark'].map((each) => html`<option value=${each} ?selected=${each === theme}>${each}</option>`)}
    </select>
  </label>
  ${helpText}
`;

/** What a button did, next to it. @param {string} button @param {State['done']} done */
export const saidBy = (button, done) =>
  done[button]
    ? html`<span class="did" id=${`did-${button}`}><span aria-hidden="true">✓</span> ${done[button]}</span>`
    : nothing;

/** @type {[string, string][]} */
const KEYS = [
  ['Ctrl Enter', 'run now; typing runs by itself'],
  ['Ctrl Space', 'complete a field, a value or a path'],
  ['F8', 'the next problem'],
  ['Tab', 'leave the editor'],
];
/** @type {[string, string][]} */
const PAGES = [
  ['playground.md', 'this page, and what stays where'],
  ['config.md', 'every field of the config'],
  ['expressions.md', 'expressions'],
  ['failure.md', 'what happens when a system is down'],
  ['deploy.md', 'bring the file into Auth0'],
];

const helpText = html`<dialog id="help-text" aria-labelledby="help-title">
  <h2 id="help-title">Help</h2>
  <ol>
    <li><strong>Config</strong>: choose an example or write your own. Put the cursor into an expression to see its value, and why it is null.</li>
    <li><strong>Event</strong>: who logs in. Choose one, edit it, or import a real one.</li>
    <li><strong>Systems</strong>: what the other systems answer. Give answers of your own, or let one fail.</li>
    <li>On the right: each login, what was sent, the tokens, the log line; <strong>File</strong> has what you paste into Auth0.</li>
  </ol>
  <dl class="keys">${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
  <p>The pages: ${PAGES.map(([page, what], i) => html`${i > 0 ? ', ' : ''}<a href=${`${DOCS}/${page}`} target="_blank" rel="noopener noreferrer">${what}</a>`)}.</p>
  <form method="dialog"><button class="run">Close</button></form>
</dialog>`;

/**
 * A labelled choice.
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} choose
 * @param {(Pair | { group: string, options: Pair[] })[]} options
 * @param {{ id: string, off?: boolean }} how
 */
export const choice = (label, value, choose, options, { id, off = false }) => html`<label>${label}
  <select id=${id} .value=${live(value)} ?disabled=${off} @change=${(/** @type {any} */ { target }) => choose(target.value)}>
    ${options.map((each) =>
      Array.isArray(each)
        ? optionOf(each, value)
        : each.options.length > 0
          ? html`<optgroup label=${each.group}>${each.options.map((pair) => optionOf(pair, value))}</optgroup>`
          : nothing,
    )}
  </select>
</label>`;

/** @param {[string, string]} pair @param {string} chosen */
const optionOf = ([key, text], chosen) => html`<option value=${key} ?selected=${key === chosen}>${text}</option>`;

/** @param {State} state @param {import('../own.js').Own[]} own @param {Actions} actions */
export const chooseConfig = ({ example, keeps, analysis }, own, actions) => html`
  ${choice(
    'Config',
    example,
    (name) => void actions.example(name),
    [
      { group: 'Your own', options: own.map(({ id, name }) => [id, name]) },
      ...GROUPS.map((each) => ({
        group: each,
        options: EXAMPLES.filter(({ group }) => group === each).map(
          ({ name, title }) => /** @type {Pair} */ ([name, title]),
        ),
      })),
    ],
    { id: 'example' },
  )}
  ${analysis.used.map(connectorNote)}
  ${
    own.some(({ id }) => id === example)
      ? html`<span class="buttons">
          <button type="button" id="rename" @click=${actions.rename}>Rename</button>
          <button type="button" id="delete" @click=${() => void actions.remove()}>Delete</button>
        </span>`
      : nothing
  }
  ${keeps ? nothing : html`<span class="quiet">This browser keeps nothing: copy what you need.</span>`}
`;

/** What is between backticks is code. @param {string} text */
const withCode = (text) => text.split('`').map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));

/** What a connector does, and what must be there before it works. @param {string} name */
function connectorNote(name) {
  const about = aboutOf(name);
  if (!about) return nothing;
  /** @type {[string, string | undefined][]} */
  const facts = [
    ['Set up', about.setup],
    ['Rights', about.scopes],
    ['Limits', about.limits],
    ['If it fails', about.failure],
    ['Privacy', about.privacy],
    ['Not confirmed', about.verified ? undefined : about.doubt],
  ];
  return html`<details class="connector">
    <summary><strong>${about.title}</strong>: ${withCode(about.does)}</summary>
    <dl>${facts.map(([term, text]) => (text ? html`<div><dt>${term}</dt><dd>${withCode(text)}</dd></div>` : nothing))}</dl>
    <p><a href=${`${DOCS}/connectors/${name}.md`} target="_blank" rel="noopener noreferrer">The page of ${about.title}</a> has every field that is sent.</p>
  </details>`;
}

/** @param {State} state @param {import('../own.js').Own[]} own @param {Actions} actions */
export const chooseEvent = ({ sample, trigger, eventNote, analysis }, own, actions) => html`
  ${choice(
    'Event',
    sample,
    actions.sample,
    [
      { group: 'Your own', options: own.map(({ id, name }) => [id, name]) },
      ...TRIGGERS.map((each) => ({
        group: labelOf(each),
        options: pairsOf(samplesOf(each)),
      })),
      ...analysis.used.map((name) => ({
        group: aboutOf(name)?.title ?? name,
        options: pairsOf(samplesOf('post-login', name)),
      })),
    ],
    { id: 'sample' },
  )}
  ${choice(
    'Trigger',
    trigger,
    (chosen) => actions.trigger(/** @type {any} */ (chosen)),
    TRIGGERS.map((each) => [each, labelOf(each)]),
    { id: 'trigger' },
  )}
  <label class="file">Real event: paste it below, or a file
    <input type="file" id="import" accept=".json,.txt,.log,application/json,text/plain" @change=${(
      /** @type {any} */ { target },
    ) => {
      void actions.importFile(target.files[0]);
      target.value = '';
    }}>
  </label>
  ${eventNote ? html`<p class="noted" id="event-note">${eventNote}</p>` : nothing}
`;

/** @param {import('../samples.js').Sample[]} samples */
const pairsOf = (samples) => samples.map(({ id, name }) => /** @type {Pair} */ ([id, name]));

/** @param {State} state @param {Actions} actions */
export function inputTabs({ inputTab, analysis, missing, eventProblem, systems, byHost }, actions) {
  const wrong = analysis.problems.length + (analysis.refused === null ? 0 : 1);
  const changed = ['', ...byHost.keys()].filter((host) => conductOf(systems, host).does !== '').length;
  return tabs({
    label: 'Input',
    chosen: inputTab,
    choose: (id) => actions.set({ inputTab: id }),
    tabs: [
      { id: 'config', text: 'Config', ...(wrong > 0 ? { count: wrong, bad: true } : {}) },
      { id: 'event', text: 'Event', ...(eventProblem ? { count: 1, bad: true } : {}) },
      { id: 'systems', text: 'Systems', ...(changed > 0 ? { count: `${changed} changed` } : {}) },
      { id: 'secrets', text: 'Secrets', count: analysis.fields.length, bad: missing.length > 0 },
    ],
  });
}

/** @param {State} state @param {Actions} actions */
export function secretsPanel({ analysis: { fields, problems, refused }, given, invented, shown }, actions) {
  const none =
    problems.length > 0 || refused !== null
      ? 'They are listed once the config has no problem.'
      : 'This config uses no secret.';
  return html`
    <p class="note" id="secrets-note">
      Secrets stay in this page's memory: they are not stored, not in the address, and the page's content policy lets it open no
      connection. The invented ones will do for a try; an empty field is a secret that is not set.
    </p>
    ${
      fields.length === 0
        ? html`<p class="quiet">${none}</p>`
        : html`
          <label class="check"><input type="checkbox" .checked=${live(shown)} @change=${(/** @type {any} */ { target }) => actions.set({ shown: target.checked })}> Show what is in the fields</label>
          ${fields.map(({ name, systems, optional, others, words }) => {
            const value = given.get(name) ?? invented[name] ?? '';
            const origin = given.has(name) ? '' : invented[name] ? 'invented' : '';
            const about = [
              words,
              `for ${systems.join(', ')}`,
              others.length > 0 ? `or ${others.join(', ')}` : optional ? 'optional' : '',
              origin,
            ]
              .filter(Boolean)
              .join(' · ');
            return html`<div class="secret">
              <label for=${`secret-${name}`}><code>${name}</code></label>
              <span class="quiet" id=${`about-${name}`}>${about}</span>
              <input
                id=${`secret-${name}`}
                type=${shown ? 'text' : 'password'}
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                data-1p-ignore
                data-lpignore="true"
                aria-describedby=${`about-${name} secrets-note`}
                maxlength="4096"
                .value=${live(value)}
                @input=${(/** @type {any} */ { target }) => actions.secret(name, target.value)}
              >
            </div>`;
          })}
        `
    }
  `;
}

/** @param {State} state @param {Actions} actions */
export function problemsList({ analysis: { problems, refused, warnings }, missing, eventProblem }, actions) {
  const all = [
    ...problems.map((problem) => ({ problem, kind: 'bad' })),
    ...missing.map((problem) => ({ problem, kind: 'warn' })),
    ...warnings.map(({ level, path, message }) => ({
      problem: /** @type {import('../../tools/paste/paste.mjs').Problem} */ ({ path, message }),
      kind: level === 'note' ? 'note' : 'warn',
    })),
  ];
  const fine = html`<p class="fine"><span aria-hidden="true">✓</span> The engine finds no problem in the config.</p>`;
  if (all.length === 0 && refused === null && !eventProblem) return fine;
  const good = problems.length === 0 && refused === null && !eventProblem && missing.length === 0;
  return html`${good ? fine : nothing}<h2 class="unseen">${good ? 'Warnings' : 'Problems'}</h2>
    <ul class="problems" aria-label=${good ? 'Warnings' : 'Problems'}>
      ${refused === null ? nothing : html`<li class="bad">config: ${refused}</li>`}
      ${eventProblem ? html`<li class="bad">event: ${eventProblem}</li>` : nothing}
      ${all.map(
        ({ problem, kind }) => html`<li class=${kind}>
          <button type="button" @click=${() => actions.goTo(problem)}>${kind === 'note' ? 'Note: ' : nothing}<code>${problem.path}</code>: ${problem.message}</button>
          ${problem.caret ? html`<pre>${problem.caret}</pre>` : nothing}
        </li>`,
      )}
    </ul>`;
}
