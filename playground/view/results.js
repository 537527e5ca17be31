// The playground's screen: what comes out. One login at a time, and what the config comes to.
import { html, nothing } from 'lit-html';
import { AWAITED, CODE_BYTES, CONSOLE_CHARACTERS, ISSUING } from '../../tools/tenant/limits.mjs';
import { readResult } from '../../tools/tenant/logline.mjs';
import { deniedBy, factorText, isGood, USUAL_HEADERS } from '../../tools/tenant/outcome.mjs';
import { isEcho } from '../../tools/tenant/systems/echo.mjs';
import { commandOf } from '../command.js';
import { flowOf, userOf } from '../flows.js';
import { choice, saidBy } from './input.js';
import { bodyOf, coloured } from './json.js';
import { loginsTable } from './logins.js';
import { tabs } from './tabs.js';
import { hostOf, time, timeline, tone } from './timeline.js';
import { foldedToken, isJwt, tokenView } from './tokens.js';

/** @typedef {import('../state.js').State} State */
/** @typedef {import('../actions.js').Actions} Actions */
/** @typedef {import('../../tools/tenant/run.mjs').Result} Result */

/** @type {[number, string][]} */
const APART = [
  [50, '50 ms'],
  [1000, '1 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [86_400_000, '1 day'],
  [2_592_000_000, '30 days'],
];

const number = (/** @type {number} */ n) => n.toLocaleString('en');
const count = (/** @type {number} */ n, /** @type {string} */ what) => `${number(n)} ${what}${n === 1 ? '' : 's'}`;

const TIMES = ['', 'once', 'twice', 'three times', 'four times'];

/** What became of an execution. @param {Result} result @returns {{ tone: string, title: string, more: string }} */
export function verdict({ trigger, outcome, error, denied, thrown, mfa, log }) {
  const refused = isRefused(log);
  const what = AWAITED[trigger];
  if (what === undefined) {
    if (thrown !== null) {
      const again = flowOf(trigger).again?.length;
      const more = again ? `${thrown}. Auth0 delivers an event ${TIMES[again + 1]} at most.` : thrown;
      return { tone: 'bad', title: 'Ended with an error', more };
    }
    if (refused) return { tone: 'bad', title: 'The config is refused', more: 'nothing was sent' };
    if (outcome === 'failed') {
      const more = trigger === 'event-stream' ? 'Auth0 does not deliver the event again' : 'the log says why';
      return { tone: 'bad', title: 'Failed for good', more };
    }
    return { tone: 'good', title: 'Done', more: 'the user notices nothing of it' };
  }
  if (outcome === 'failed')
    return {
      tone: 'bad',
      title: `The ${what} fails`,
      more: [error === 'access_denied' ? null : error, denied ?? thrown].filter(Boolean).join(': '),
    };
  if (outcome === 'denied')
    return {
      tone: 'bad',
      title: refused ? `The config is refused, and the ${what} denied` : `The ${what} is denied`,
      more: denied ?? '',
    };
  const factor = mfa && factorText(mfa);
  if (factor) return { tone: 'warn', title: `The ${what} goes on after a second factor`, more: factor };
  return { tone: 'good', title: `The ${what} goes on`, more: refused ? 'although the config is refused' : '' };
}

/** @param {Result} result */
const claimsOf = ({ tokens }) => (tokens?.idToken?.custom.length ?? 0) + (tokens?.accessToken.custom.length ?? 0);

/** A result in a sentence, for those who hear the page. @param {Result} result */
export function sentence(result) {
  const { title, more } = verdict(result);
  return `${title}${more ? `: ${more}` : ''}, after ${time(result.ms)}, with ${count(result.requests.length, 'request')} and ${count(claimsOf(result), 'claim')}.`;
}

/** Which logins are run. @param {State} state @param {Actions} actions */
export const toolbar = (state, actions) => {
  const [user, machine] = [userOf(state.event), state.event?.client];
  const one = user || !machine ? 'user' : 'machine';
  return html`
  ${choice(
    `${flowOf(state.trigger).one.replace(/^./, (first) => first.toUpperCase())}s`,
    String(state.logins),
    (logins) => actions.choose({ logins: Number(logins) }),
    [1, 2, 3, 5, 10].map((n) => [String(n), String(n)]),
    { id: 'logins' },
  )}
  ${choice(
    'by',
    state.others ? 'others' : 'same',
    (who) => actions.choose({ others: who === 'others' }),
    [
      ['same', `the same ${one}`],
      ['others', `different ${one}s`],
    ],
    { id: 'who', off: state.logins === 1 || !(user ?? machine) },
  )}
  ${choice(
    'apart',
    String(state.apartMs),
    (ms) => actions.choose({ apartMs: Number(ms) }),
    APART.map(([ms, text]) => [String(ms), text]),
    { id: 'apart', off: state.logins === 1 },
  )}
  <button type="submit" class="run" id="run" title="Ctrl+Enter">Run</button>
`;
};

/** @param {State} state @param {Actions} actions */
export function resultsView(state, actions) {
  const { run, broken, login, resultTab, claims } = state;
  const result = run?.results[login];
  const chosen = resultTab;
  const panel = (/** @type {string} */ id, /** @type {() => unknown} */ content) =>
    html`<div id=${`panel-${id}`} class="panel scrolls" role="tabpanel" aria-labelledby=${`tab-${id}`} tabindex="0" ?hidden=${chosen !== id}>${chosen === id ? content() : nothing}</div>`;
  const without = html`<p class="quiet">There is no result to show.</p>`;
  return html`
    ${broken ? html`<div class="verdict bad"><h2>Nothing was run</h2><p>${broken}</p></div>` : nothing}
    ${run && result ? summary(state, result) : nothing}
    ${run && run.results.length > 1 ? loginsTable(run, login, actions) : nothing}
    ${run && result ? timeline(result, run.byHost) : nothing}
    ${tabs({
      label: 'Results',
      chosen,
      choose: (id) => actions.set({ resultTab: id }),
      tabs: [
        { id: 'requests', text: 'Requests', count: result?.requests.length ?? 0 },
        { id: 'tokens', text: 'Tokens', count: result ? claimsOf(result) : 0 },
        { id: 'left-out', text: 'Left out', ...(result ? { count: result.leftOut.length } : {}) },
        {
          id: 'commands',
          text: 'Calls',
          count: result?.commands.length ?? 0,
          bad: Boolean(result && (result.refused.length > 0 || result.commands.some(({ dropped }) => dropped))),
        },
        { id: 'log', text: 'Log', count: result?.faults.length || undefined, bad: true },
        { id: 'claims', text: 'Claims', count: claims.length },
        { id: 'file', text: 'File' },
        { id: 'command', text: 'Command' },
      ].map(({ count, ...tab }) => ({ ...tab, ...(count === undefined ? {} : { count }) })),
    })}
    ${panel('requests', () => (result ? requestsView(result, actions) : without))}
    ${panel('tokens', () => (run && result ? tokensView(result, run.tokens[login] ?? null, Boolean(userOf(run.event))) : without))}
    ${panel('left-out', () => (result ? leftOutView(result, actions) : without))}
    ${panel('commands', () => (run && result ? commandsView(result, Boolean(userOf(run.event))) : without))}
    ${panel('log', () => (result ? logView(result) : without))}
    ${panel('claims', () => claimsView(state))}
    ${panel('file', () => fileView(state, actions))}
    ${panel('command', () => commandView(state, actions))}
  `;
}

/** @param {State} state @param {Result} result */
function summary({ stale }, result) {
  const { tone, title, more } = verdict(result);
  const by = deniedBy(result);
  // What has changed since says nothing about what is on the left now.
  return html`<div class=${`verdict ${stale ? 'stale' : tone}`}>
    <h2>${stale ? 'Changed: runs again' : title}</h2>
    <p class="figures">${time(result.ms)} · ${count(result.requests.length, 'request')} · ${count(claimsOf(result), 'claim')}</p>
    ${more && !stale ? html`<p class="more">${more}</p>` : nothing}
    ${by && !stale ? html`<p class="more quiet">By <code>onFailure</code> of ${by.name}. With <code>${by.allow}</code> in its entry it goes on.</p>` : nothing}
    ${result.refused.length > 0 && !stale ? html`<p class="more">Auth0 refuses ${result.refused.map(({ method, message }) => `api.${method}: ${message}`).join('; ')}</p>` : nothing}
  </div>`;
}

/** @param {Record<string, unknown>} headers */
const headersView = (headers) => html`<dl class="headers">
  ${Object.entries(headers)
    .filter(([name]) => !USUAL_HEADERS.has(name))
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${[value].flat().join(', ')}</dd></div>`)}
</dl>`;

/** Who answered. @param {Result['requests'][number]} request @param {Actions} actions */
function answeredBy(request, actions) {
  const host = hostOf(request);
  if (!isEcho(request)) return nothing;
  return html`<p class="echo">An echo: the page does not know this system, and sent back what it was sent.
    <button type="button" @click=${() => actions.giveAnswer(host)}>Give its answer</button></p>`;
}

/** @param {Result} result @param {Actions} actions */
function requestsView({ requests }, actions) {
  if (requests.length === 0) return html`<p class="quiet">No request was sent.</p>`;
  return requests.map((request, i) => {
    const came = [request.status, request.failure].filter((part) => part !== null).join(', ') || 'nothing';
    const jwt = /(eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+)/.exec(request.headers.authorization ?? '')?.[1];
    return html`<article class="exchange" aria-labelledby=${`request-${i}`}>
      <h3 id=${`request-${i}`}><span class="method">${request.method}</span> <span class="url">${request.url}</span>
        <span class=${`chip ${isGood(request) ? 'good' : 'bad'}`}>${came}</span> <span class="quiet whole">${request.ms === null ? 'no end' : time(request.ms)}, at ${time(request.startMs)}</span></h3>
      <div class="sides">
        <section aria-label=${`Request ${i + 1}`}>
          ${headersView(request.headers)}
          ${jwt && isJwt(jwt) ? foldedToken('authorization', jwt) : nothing}
          ${request.body ? html`<pre tabindex="0" aria-label="Body of the request">${bodyOf(request.body)}</pre>` : html`<p class="quiet">no body</p>`}
        </section>
        <section aria-label=${`Answer ${i + 1}`}>
          ${answeredBy(request, actions)}
          ${headersView(request.responseHeaders)}
          ${request.responseBody ? html`<pre tabindex="0" aria-label="Body of the answer">${bodyOf(request.responseBody)}</pre>` : html`<p class="quiet">${request.status === null ? 'no answer' : 'no body'}</p>`}
        </section>
      </div>
    </article>`;
  });
}

/** @param {Result} result @param {Record<string, string> | null} texts @param {boolean} hasUser */
function tokensView({ trigger, tokens, ...result }, texts, hasUser) {
  if (!tokens || !texts)
    return html`<p class="quiet">No token is issued${ISSUING.includes(trigger) ? `: the ${flowOf(trigger).one} does not go on` : ' in this flow'}.</p>`;
  return html`
    ${tokens.idToken ? tokenView('ID token', 'token-id', tokens.idToken, texts.idToken ?? '') : html`<p class="quiet">No ID token${trigger === 'post-login' ? html`: the application did not ask for the scope <code>openid</code>` : ' in this flow'}.</p>`}
    ${tokenView('Access token', 'token-access', tokens.accessToken, texts.accessToken ?? '')}
    ${afterwards(result, hasUser).map((shown) => html`<article class="token">${shown}</article>`)}
  `;
}

/** What a login leaves next to its tokens: app_metadata always, the others where there is any. @param {Pick<Result, 'appMetadata' | 'userMetadata' | 'saml'>} result @param {boolean} hasUser a machine has no metadata */
const afterwards = ({ appMetadata, userMetadata, saml }, hasUser) =>
  /** @type {const} */ ([
    ['app_metadata', 'app_metadata after the login', appMetadata],
    ['user_metadata', 'user_metadata after the login', userMetadata],
    ['SAML', 'Attributes of a SAML response', saml],
  ])
    .filter(([name, , values]) => (name === 'app_metadata' && hasUser) || Object.keys(values).length > 0)
    .map(
      ([name, title, values]) =>
        html`<h3>${title}</h3><pre tabindex="0" aria-label=${name}>${coloured(JSON.stringify(values, null, 2))}</pre>`,
    );

/** Whether the config was refused. @param {Result['log']} log */
const isRefused = (log) => readResult(log) === 'refused';

/** What the config asks for and the login did not get. @param {Result} result @param {Actions} actions */
function leftOutView({ leftOut, trigger, outcome, log }, actions) {
  const { one } = flowOf(trigger);
  if (leftOut.length === 0)
    return html`<p class="quiet">${outcome === 'allowed' && !isRefused(log) ? `Nothing: this ${one} got all that the config asks for.` : `Of this ${one} nothing is told here: it ended before it got anything.`}</p>`;
  return html`<p class="quiet">What the config asks for and this ${one} did not get. Choose one to see it in the config.</p>
    <ul class="left-out">
      ${leftOut.map(
        ({ path, expression, why }) =>
          html`<li><button type="button" @click=${() => actions.goTo({ path, message: why })}><code>${path}</code></button>
          ${expression === null ? nothing : html`<code class="expression">${expression}</code>`} ${why}</li>`,
      )}
    </ul>`;
}

/** @param {Result} result @param {boolean} hasUser */
function commandsView({ commands, refused, trigger, ...result }, hasUser) {
  const thrown = refused.map(
    ({ method, message }) => html`<p class="fault">Auth0 refuses <code>api.${method}</code>: ${message}</p>`,
  );
  if (commands.length === 0)
    return html`${thrown}<p class="quiet">The Action asked Auth0 for nothing${trigger === 'post-user-registration' ? ': a registration has no claims, no metadata and no deny' : ''}.</p>`;
  return html`${thrown}
    <ol class="commands">
      ${commands.map(
        ({ method, args, dropped }) => html`<li class=${dropped ? 'warn' : ''}>
          <code>api.${method}(${args.map((arg, i) => html`${i > 0 ? ', ' : ''}${coloured(JSON.stringify(arg))}`)})</code>
          ${dropped ? html`<p>Auth0 drops this: ${dropped}</p>` : nothing}
        </li>`,
      )}
    </ol>
    ${commands.some(({ method }) => /Metadata|saml/.test(method)) ? afterwards(result, hasUser) : nothing}`;
}

/** @param {Result} result */
function logView({ log, syncs, faults }) {
  const length = log.reduce((sum, { text }) => sum + text.length, 0);
  return html`
    ${faults.map(({ kind, message }) => html`<p class="fault"><strong>${kind}</strong>: ${message}</p>`)}
    ${log.map(({ text, beyond }) => html`<pre class="line" tabindex="0" aria-label="Log line">${text.slice(0, text.length - beyond)}<span class="beyond">${text.slice(text.length - beyond)}</span></pre>`)}
    <p class="meter"><meter min="0" max=${CONSOLE_CHARACTERS} high=${CONSOLE_CHARACTERS - 1} .value=${length} aria-label="Length of the log"></meter> ${length} of the ${CONSOLE_CHARACTERS} characters that Auth0 keeps</p>
    ${
      syncs.length === 0
        ? nothing
        : html`<table>
          <caption class="unseen">What the line says of each system</caption>
          <thead><tr><th scope="col">System</th><th scope="col">Outcome</th><th scope="col">Status</th>
          <th scope="col">Detail</th><th scope="col">Requests</th><th scope="col">Time</th></tr></thead>
          <tbody>${syncs.map(
            (sync) => html`<tr><th scope="row">${sync.name}</th>
            <td><span class=${`chip ${tone(sync.outcome)}`}>${sync.outcome}</span></td><td>${sync.status ?? ''}</td>
            <td>${sync.detail ?? ''}</td><td>${sync.attempts}</td><td>${sync.attempts ? time(sync.ms) : ''}</td></tr>`,
          )}</tbody>
        </table>`
    }
  `;
}

/** @param {State} state */
function claimsView({ claims, analysis }) {
  if (analysis.refused !== null || analysis.problems.length > 0)
    return html`<p class="quiet">The claims are listed once the config has no problem.</p>`;
  if (claims.length === 0) return html`<p class="quiet">This config sets no claim.</p>`;
  const notes = claims.flatMap(({ name, scope }) =>
    scope
      ? [
          html`<li><code>${name}</code> comes with the access token only when the application asks for the scope <code>${scope}</code>.</li>`,
        ]
      : [],
  );
  return html`<p class="quiet">Every claim and SAML attribute that this config can set. One whose value is null is left out.</p>
    <table>
      <caption class="unseen">Claims</caption>
      <thead><tr><th scope="col">Token</th><th scope="col">Claim</th><th scope="col">Type</th><th scope="col">From</th>
      <th scope="col">Expression</th></tr></thead>
      <tbody>${claims.map(
        ({ token, name, type, items, from, expression, onlyWithSecrets }) => html`<tr>
          <td>${{ idToken: 'ID', accessToken: 'access', saml: 'SAML' }[token]}</td><th scope="row"><code>${name}</code></th><td>${items ? `${type} of ${items}` : type}</td>
          <td>${from}${onlyWithSecrets ? html` <span class="quiet">with ${onlyWithSecrets.join(', ')}</span>` : nothing}</td>
          <td><code>${typeof expression === 'string' ? expression : JSON.stringify(expression)}</code></td>
        </tr>`,
      )}</tbody>
    </table>
    ${notes.length > 0 ? html`<ul class="notes">${notes}</ul>` : nothing}`;
}

/** Where the file goes. @param {State['analysis']} analysis */
function stepsInAuth0({ syncs, fields }) {
  const needed = fields.filter(({ optional }) => !optional).map(({ name }) => name);
  const streams = syncs.length > 0 && syncs.every(({ on }) => on.join() === 'event-stream');
  const secrets = syncs.some(({ switched }) => switched)
    ? 'the secrets of your systems'
    : needed.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`);
  return html`<h3>Into Auth0</h3>
    <ol class="notes steps-in-auth0">
      <li>Actions > Library > Create Action > Build from scratch, with the runtime Node 22. Replace all the code with this file.</li>
      ${syncs.length > 0 && fields.length > 0 ? html`<li>The key icon at the left of the editor > Add Secret: ${secrets}. A secret is in the Action alone, never in this file.</li>` : nothing}
      <li>Deploy, and ${streams ? 'make an event stream with the Action as its destination' : 'drag the Action into its flow under Actions > Triggers'}.</li>
    </ol>`;
}

/** @param {State} state @param {Actions} actions */
function fileView({ file: { text, lines, refused }, analysis, done }, actions) {
  if (refused !== null) return html`<p class="fault">There is no file: ${refused.split('\n')[0]}</p>`;
  const end = text.indexOf('// ---- ... to here.');
  const systems = analysis.syncs.filter(({ switched }) => !switched).map(({ name }) => name);
  const said = `Copied: login-sync.js, ${number(text.length)} bytes, with ${systems.length > 0 ? systems.join(', ') : 'this config'}. Paste it over all the code of the Action.`;
  return html`
    <p class="buttons">
      <button type="button" class="run" id="copy" @click=${() => actions.copy('copy', text, said)}>Copy the file</button>
      <button type="button" id="download" @click=${actions.download}>Download login-sync.js</button>
      ${saidBy('copy', done)} ${saidBy('download', done)}
    </p>
    <p class="meter"><meter min="0" max=${CODE_BYTES} high=${CODE_BYTES * 0.95} .value=${text.length} aria-label="Size of the file"></meter> ${lines[0]}</p>
    <ul class="notes">${lines.slice(1).map((line) => html`<li>${line}</li>`)}</ul>
    ${stepsInAuth0(analysis)}
    <pre class="paste" tabindex="0" aria-label="The file's beginning">${text.slice(0, end)}<span class="quiet">// ---- ... to here. Below is the program. ----
… ${number(text.length - end)} more bytes</span></pre>
  `;
}

/** @param {State} state @param {Actions} actions */
function commandView(state, actions) {
  const { text, notes } = commandOf(state, actions.config());
  return html`
    <p class="quiet">The same in a terminal, in the folder where you have started the playground: it writes the files into <code>target/try</code> and runs the simulator on them.</p>
    <p class="buttons"><button type="button" class="run" id="copy-command" @click=${() => actions.copy('copy-command', text, 'The command is in the clipboard.')}>Copy the command</button> ${saidBy('copy-command', state.done)}</p>
    ${notes.length > 0 ? html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing}
    <pre class="command" tabindex="0" aria-label="Command">${text}</pre>
  `;
}
