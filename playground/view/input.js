// The playground's screen: what goes in. Header, toolbar, tabs, secrets, the list of problems.
import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { FAULTS } from '../../tools/tenant/world.mjs';
import { VERSION } from '../engine.js';
import { EXAMPLES, SAMPLES } from '../samples.js';
import { tabs } from './tabs.js';

/** @typedef {import('../main.js').State} State */
/** @typedef {import('../main.js').Actions} Actions */

/** What a stand-in can do wrong, in words. @type {Record<string, string>} */
const FAULT_WORDS = {
  timeout: 'never answers',
  reset: 'resets the connection',
  slow: 'a byte at a time',
  garbage: 'an answer that is no JSON',
  'half-body': 'breaks off half-way',
  huge: 'an answer of 2 MB',
  redirect: '302 to elsewhere',
  empty: '200 without a body',
  stale: 'closes kept connections',
  400: '400 bad request',
  401: '401 wrong secret',
  403: '403 not allowed',
  404: '404 not found',
  409: '409 conflict',
  '429:2': '429, retry after 2 s',
  500: '500 error',
  503: '503 unavailable',
  '503:1': '503, retry after 1 s',
};
/** Faults that the stand-ins learn later are offered by their names. */
const faults = [...Object.keys(FAULT_WORDS).filter((name) => /^\d/.test(name)), ...FAULTS];

/** @type {[number, string][]} */
const APART = [
  [1000, '1 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [86_400_000, '1 day'],
  [2_592_000_000, '30 days'],
];

/** @param {State} state @param {Actions} actions */
export const header = ({ theme }, { theme: choose }) => html`
  <h1>login-sync <span>playground</span></h1>
  <p class="quiet">version ${VERSION}, the file that you paste, against stand-ins in this page. Nothing leaves it.</p>
  <label class="theme">Theme
    <select .value=${live(theme)} @change=${(/** @type {any} */ { target }) => choose(target.value)}>
      ${['system', 'light', 'dark'].map((each) => html`<option value=${each} ?selected=${each === theme}>${each}</option>`)}
    </select>
  </label>
`;

/**
 * A labelled choice.
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} choose
 * @param {[string, string][]} options
 * @param {{ id: string, wide?: boolean, off?: boolean }} how
 */
const choice = (
  label,
  value,
  choose,
  options,
  { id, wide = false, off = false },
) => html`<label class=${wide ? 'wide' : ''}>${label}
  <select id=${id} .value=${live(value)} ?disabled=${off} @change=${(/** @type {any} */ { target }) => choose(target.value)}>
    ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}
  </select>
</label>`;

/** A choice and its words. @param {string} value @returns {[string, string]} */
const pair = (value, words = value) => [value, words];

/** @param {State} state @param {Actions} actions */
export function toolbar(state, actions) {
  const { fault, analysis } = state;
  const hosts = [...(state.run?.byHost ?? [])].map(([host, names]) => pair(host, names.join(', ')));
  const groups = (/** @type {import('../../tools/tenant/limits.mjs').Trigger} */ trigger) =>
    SAMPLES.filter((sample) => sample.trigger === trigger);
  const examples = [...(state.example ? [] : [pair('', 'your own')]), ...EXAMPLES.map(({ name }) => pair(name))];
  const faultNames = [pair('', 'none'), ...faults.map((name) => pair(name, FAULT_WORDS[name]))];
  /** @type {[string, string][]} */
  const times = [
    ['Infinity', 'all requests'],
    ['1', '1 request'],
    ['2', '2 requests'],
  ];
  const noSystem = !fault.name || analysis.syncs.length === 0;
  const chooseFault = (/** @type {Partial<State['fault']>} */ part) => actions.choose({ fault: { ...fault, ...part } });
  return html`
    ${choice('Config', state.example, actions.example, examples, { id: 'example', wide: true })}
    <label class="wide">Event
      <select id="sample" .value=${live(state.sample)} @change=${(/** @type {any} */ { target }) => actions.sample(target.value)}>
        ${state.sample ? nothing : html`<option value="" selected>your own</option>`}
        ${
          /** @type {const} */ (['post-login', 'post-user-registration']).map(
            (trigger) =>
              html`<optgroup label=${trigger}>${groups(trigger).map(({ id, name }) => html`<option value=${id} ?selected=${id === state.sample}>${name}</option>`)}</optgroup>`,
          )
        }
      </select>
    </label>
    ${choice(
      'Trigger',
      state.trigger,
      (trigger) => actions.choose({ trigger: /** @type {any} */ (trigger) }),
      [
        ['post-login', 'post-login'],
        ['post-user-registration', 'registration'],
      ],
      { id: 'trigger' },
    )}
    ${choice('Fault', fault.name, (name) => chooseFault({ name }), faultNames, { id: 'fault' })}
    ${choice('at', fault.host, (host) => chooseFault({ host }), [['', 'all systems'], ...hosts], { id: 'fault-host', off: noSystem })}
    ${choice('for', String(fault.times), (times) => chooseFault({ times: Number(times) }), times, { id: 'fault-times', off: !fault.name })}
    ${choice(
      'Logins',
      String(state.logins),
      (logins) => actions.choose({ logins: Number(logins) }),
      [1, 2, 3, 5, 10].map((n) => [String(n), String(n)]),
      { id: 'logins' },
    )}
    ${choice(
      'apart',
      String(state.apartMs),
      (ms) => actions.choose({ apartMs: Number(ms) }),
      APART.map(([ms, text]) => [String(ms), text]),
      { id: 'apart', off: state.logins === 1 },
    )}
    ${choice(
      'Answers after',
      String(state.latencyMs),
      (ms) => actions.choose({ latencyMs: Number(ms) }),
      [5, 60, 250, 1000, 2500].map((n) => [String(n), `≈ ${n} ms`]),
      { id: 'latency' },
    )}
    <button type="submit" class="run" id="run" title="Ctrl+Enter">Run${state.trigger === 'post-login' ? ' login' : ''}</button>
  `;
}

/** @param {State} state @param {Actions} actions */
export function inputTabs({ inputTab, analysis, missing, eventProblem }, actions) {
  const wrong = analysis.problems.length + (analysis.refused === null ? 0 : 1);
  return tabs({
    label: 'Input',
    chosen: inputTab,
    choose: (id) => actions.set({ inputTab: id }),
    tabs: [
      { id: 'config', text: 'Config', ...(wrong > 0 ? { count: wrong, bad: true } : {}) },
      { id: 'event', text: 'Event', ...(eventProblem ? { count: 1, bad: true } : {}) },
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
          ${fields.map(({ name, systems, optional, others }) => {
            const value = given.get(name) ?? invented[name] ?? '';
            const origin = given.has(name) ? '' : invented[name] ? 'invented' : '';
            const about = [
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
export function problemsList({ analysis: { problems, refused }, missing, eventProblem }, actions) {
  const all = [
    ...problems.map((problem) => ({ problem, warning: false })),
    ...missing.map((problem) => ({ problem, warning: true })),
  ];
  if (all.length === 0 && refused === null && !eventProblem)
    return html`<p class="fine"><span aria-hidden="true">✓</span> The engine finds no problem in the config.</p>`;
  return html`<h2 class="unseen">Problems</h2>
    <ul class="problems" aria-label="Problems">
      ${refused === null ? nothing : html`<li class="bad">config: ${refused}</li>`}
      ${eventProblem ? html`<li class="bad">event: ${eventProblem}</li>` : nothing}
      ${all.map(
        ({ problem, warning }) => html`<li class=${warning ? 'warn' : 'bad'}>
          <button type="button" @click=${() => actions.goTo(problem)}><code>${problem.path}</code>: ${problem.message}</button>
          ${problem.caret ? html`<pre>${problem.caret}</pre>` : nothing}
        </li>`,
      )}
    </ul>`;
}
