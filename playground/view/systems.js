// The playground's screen: what the other systems do. A row for all of them, and one for each host of the config.
import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { systemsOf } from '../../tools/tenant/run.mjs';
import { createWorld, FAULTS } from '../../tools/tenant/world.mjs';
import { secretsOf } from '../state.js';
import { conductOf, OWN, wrongIn } from '../systems.js';
import { choice } from './input.js';

/** @typedef {import('../state.js').State} State */
/** @typedef {import('../actions.js').Actions} Actions */

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
/** Faults that the stand-ins learn later are offered by their names. @type {[string, string][]} */
const faults = [...Object.keys(FAULT_WORDS).filter((name) => /^\d/.test(name)), ...FAULTS].map((name) => [
  name,
  FAULT_WORDS[name] ?? name,
]);

/** @type {[string, string][]} */
const TIMES = [
  ['Infinity', 'all requests'],
  ['1', 'the first request'],
  ['2', 'the first 2 requests'],
];

/** The hosts of the config of which the page knows how they answer. @param {State} state */
function knownHosts(state) {
  const { contracts } = state.analysis;
  const world = createWorld({ systems: systemsOf({ contracts }, secretsOf(state)) });
  return new Set([...state.byHost.keys()].filter((host) => world.nameOf(host) !== 'echo'));
}

/** @param {State} state @param {Actions} actions */
export function systemsPanel(state, actions) {
  const { systems, byHost, latencyMs } = state;
  const known = knownHosts(state);
  const all = conductOf(systems, '');
  return html`
    <fieldset class="host">
      <legend>All systems</legend>
      <div class="choices">
        ${choice('Fault', all.does, (does) => actions.conduct('', { does }), [['', 'none'], ...faults], { id: 'fault' })}
        ${timesOf('', all, 'fault-times', actions)}
        ${choice(
          'Answer after',
          String(latencyMs),
          (ms) => actions.choose({ latencyMs: Number(ms) }),
          [5, 60, 250, 1000, 2500].map((n) => [String(n), `≈ ${n} ms`]),
          { id: 'latency' },
        )}
      </div>
    </fieldset>
    ${[...byHost].map(([host, names]) => hostView(host, names, known.has(host), conductOf(systems, host), actions))}
    ${byHost.size === 0 ? html`<p class="quiet">This config calls no system.</p>` : nothing}
  `;
}

/** How many requests meet a fault. @param {string} host @param {import('../systems.js').Conduct} conduct @param {string} id @param {Actions} actions */
const timesOf = (host, { does, times }, id, actions) =>
  does === '' || does === OWN
    ? nothing
    : choice('For', String(times), (chosen) => actions.conduct(host, { times: Number(chosen) }), TIMES, { id });

/**
 * @param {string} host
 * @param {string[]} names
 * @param {boolean} known whether the page knows how it answers
 * @param {import('../systems.js').Conduct} conduct
 * @param {Actions} actions
 */
function hostView(host, names, known, conduct, actions) {
  const answers = conduct.answers;
  const put = (/** @type {import('../systems.js').AnswerForm[]} */ list, typed = false) =>
    actions.conduct(host, { answers: list, ...(list.length === 0 ? { does: '' } : {}) }, typed);
  const another = () => answers.at(-1) ?? actions.firstAnswer(host);
  const does = (/** @type {string} */ chosen) =>
    chosen === OWN ? actions.answerOf(host) : actions.conduct(host, { does: chosen });
  return html`<fieldset class="host" data-host=${host}>
    <legend>${names.join(', ')} <code>${host}</code></legend>
    <div class="choices">
      ${choice(
        'Does',
        conduct.does,
        does,
        [
          {
            group: 'Answers',
            options: [
              ['', known ? 'as the real system does' : 'echo: what it was sent'],
              [OWN, 'your own answers'],
            ],
          },
          { group: 'Fails', options: faults },
        ],
        { id: `does-${host}` },
      )}
      ${timesOf(host, conduct, `times-${host}`, actions)}
    </div>
    ${known || conduct.does !== '' ? nothing : html`<p class="quiet">The page does not know this system: it sends back what it was sent. Choose “your own answers” to say what it really answers.</p>`}
    ${
      conduct.does === OWN
        ? html`${answers.map((form, i) =>
            answerView(
              host,
              i,
              form,
              answers.length,
              (part) => put(answers.with(i, { ...form, ...part }), true),
              () => put(answers.toSpliced(i, 1)),
            ),
          )}
          <p class="buttons"><button type="button" class="add" @click=${() => put([...answers, another()])}>Add an answer</button>
          ${answers.length > 1 ? html`<span class="quiet">They come in this order, the last one again and again.</span>` : nothing}</p>`
        : nothing
    }
  </fieldset>`;
}

/**
 * @param {string} host
 * @param {number} i
 * @param {import('../systems.js').AnswerForm} form
 * @param {number} count
 * @param {(part: Partial<import('../systems.js').AnswerForm>) => void} change
 * @param {() => void} remove
 */
function answerView(host, i, form, count, change, remove) {
  const id = `${host}-${i}`;
  const wrong = wrongIn(form);
  const title = count > 1 ? `Answer ${i + 1}` : 'Answer';
  /** @param {keyof typeof form} name @param {string} label @param {unknown} more */
  const line = (name, label, more = nothing) => html`<label class=${name}>${label}
    <input type="text" inputmode="numeric" data-field=${name} aria-describedby=${`wrong-${id}`} .value=${live(form[name])} @input=${(/** @type {any} */ { target }) => change({ [name]: target.value })}>${more}
  </label>`;
  /** @param {keyof typeof form} name @param {string} label @param {number} rows */
  const text = (name, label, rows) => html`<label class=${`at-${name}`}>${label}
    <textarea data-field=${name} rows=${rows} spellcheck="false" autocapitalize="off" aria-describedby=${`wrong-${id}`} .value=${live(form[name])} @input=${(/** @type {any} */ { target }) => change({ [name]: target.value })}></textarea>
  </label>`;
  return html`<fieldset class="answer">
    <legend>${title}</legend>
    ${line('status', 'Status')} ${line('delayMs', 'Delay, ms')}
    ${text('headers', 'Headers, one on each line', 1)}
    ${text('body', 'Body', Math.min(14, Math.max(3, form.body.split('\n').length)))}
    <p class="wrong" id=${`wrong-${id}`}>${wrong.length > 0 ? `Not used: ${wrong.join('; ')}.` : ''}</p>
    <button type="button" @click=${remove}>Remove</button>
  </fieldset>`;
}
