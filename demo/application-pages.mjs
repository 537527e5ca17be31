// demo/: the application's pages: what it got, what it checked, and what went on behind it. They show; they decide nothing.
import { isFailure } from '../tools/tenant/logline.mjs';
import { parsed } from '../tools/tenant/values.mjs';
import { html, page, scrolling } from './html.mjs';

/** @typedef {import('./application.mjs').Login} Login */
/** @typedef {import('./application.mjs').Token} Token */
/** @typedef {import('./action.mjs').Entry} Entry */
/** @typedef {import('../tools/paste/claims.mjs').Claim} Claim */

const PLACE = 'Example Media';

/** What an outcome of the log means to somebody who reads this page. @type {Record<string, string>} */
const OUTCOMES = {
  ok: 'asked, and it answered',
  fresh: 'no call: its answer is kept in app_metadata',
  reused: 'no call: its token is still good',
  stale: 'it did not answer: an older answer is in app_metadata',
  skipped: 'no call: not for this user',
  rejected: 'it refused what was sent',
  unauthorized: 'it refused the secret',
  conflict: 'it knows this user otherwise',
  unavailable: 'it did not answer',
  invalid: 'its answer is not what it must be',
};

/** @type {Record<string, string>} */
const PROTOCOLS = { 'oidc-basic-profile': 'login', 'oauth2-refresh-token': 'refresh' };

/** @param {{ system: string }[]} systems */
export const homePage = (systems) =>
  page({
    title: 'Welcome',
    place: PLACE,
    kind: 'application',
    body: html`<div class="hero">
<h1>A real login, on this machine</h1>
<p class="lead">You log in at a local tenant. In its login step runs <code>pkg/login-sync.js</code>, the file that is pasted into Auth0.
${systems.length > 0 && `It tells other systems who you are (${systems.map(({ system }) => system).join(', ')}: stand-ins on loopback).`}
What comes of it reaches this application as claims.</p>
<form method="post" action="/login"><button class="primary big" name="as" value="someone">Log in</button></form>
<ol class="steps">
<li><strong>Log in</strong> as one of five people. With the demo's own config, one needs a second factor and two are denied.</li>
<li><strong>Read the tokens</strong>, checked by an OpenID client, and the attributes that Cloudentity would map from them.</li>
<li><strong>Refresh, log in again</strong>, and see that no system is called a second time.</li>
</ol></div>`,
  });

/** @param {import('./application.mjs').Problem} problem */
export const problemPage = ({ by, error, description, url, entry }) =>
  page({
    title: 'No login',
    place: PLACE,
    kind: 'application',
    body: html`<div class="middle">
<section class="card bad" aria-labelledby="problem"><h1 id="problem">You are not logged in</h1>
<p class="lead">${by === 'tenant' ? 'The tenant answered with an error and without a token. This is all the application gets to know:' : 'The application does not accept what it got:'}</p>
<dl class="facts"><dt>error</dt><dd><code id="error">${error}</code></dd><dt>error_description</dt>
<dd id="description">${description ?? 'none'}</dd></dl>
${url && html`<details><summary>The address that the browser came back to</summary><p class="raw">${url}</p></details>`}
</section>
${entry && html`<section class="card"><h2>In the tenant's log</h2>${logTable([entry])}</section>`}
<div class="buttons">
<form method="post" action="/login"><button class="primary" name="as" value="someone">Log in as someone else</button></form></div></div>`,
  });

export const missingPage = () =>
  page({
    title: 'Not found',
    place: PLACE,
    kind: 'application',
    body: html`<div class="narrow">
  <h1>There is no such page</h1><p class="lead"><a href="/">Go to the start</a></p></div>`,
  });

/** @param {{ login: Login, manifest: Claim[], configFile: string, jwksUri: string, history: Entry[], calls: { system: string, host: string, calls: number }[] }} view */
export function loggedInPage({ login, manifest, configFile, jwksUri, history, calls }) {
  const { idToken, accessToken, entry } = login;
  return page({
    title: String(idToken.claims.name),
    place: PLACE,
    kind: 'application',
    body: html`<div class="top">
<div><h1>${idToken.claims.name}</h1><p class="lead"><code>${idToken.claims.sub}</code></p></div>
<div class="buttons">
<form method="post" action="/refresh"><button class="primary" id="refresh">Refresh the tokens</button></form>
<form method="post" action="/login"><button id="again" name="as" value="same">Log in again</button></form>
<form method="post" action="/login"><button id="other" name="as" value="someone">Log in as someone else</button></form>
<form method="post" action="/logout"><button id="logout">Log out</button></form>
</div></div>
${entry && callsSection(login, entry, calls)}
${tokenSection({ id: 'id-token', title: 'ID token', token: idToken, ours: manifest.filter(({ token }) => token === 'idToken'), checks: idTokenChecks(login, jwksUri) })}
${tokenSection({ id: 'access-token', title: 'Access token', token: accessToken, ours: manifest.filter(({ token }) => token === 'accessToken'), checks: accessTokenChecks(accessToken, jwksUri) })}
${attributesSection(login, configFile)}
<section class="card" aria-labelledby="log"><h2 id="log">The tenant's log</h2>
<p class="note">Your logins and refreshes, the newest first. No application sees this.</p>${logTable(history.slice(0, 8))}</section>`,
  });
}

/** @param {Login} login @param {Entry} entry @param {{ system: string, host: string, calls: number }[]} calls */
function callsSection({ by }, entry, calls) {
  const total = calls.reduce((sum, each) => sum + each.calls, 0);
  const here = (/** @type {string} */ host) => entry.calls.filter(({ url }) => new URL(url).host === host).length;
  return html`<section class="card" aria-labelledby="calls"><h2 id="calls">Calls to other systems</h2>
<div class="numbers">
<p><strong id="calls-now">${entry.calls.length}</strong> in this ${by}</p>
<p><strong id="calls-total">${total}</strong> since the start, by everyone</p>
<p><strong>${ms(entry.ms)}</strong> for the whole Action</p>
</div>
${scrolling(
  'Calls by system',
  html`<table><caption class="hidden">Calls by system</caption><thead><tr><th scope="col">System</th>
<th scope="col">In this ${by}</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Since the start</th></tr></thead><tbody>
${calls.map(
  ({
    system,
    host,
    calls: all,
  }) => html`<tr data-system="${system}"><th scope="row">${system}<span class="sub">${host}</span></th>
<td>${outcomeBadge(entry.outcomes[system])} ${OUTCOMES[entry.outcomes[system] ?? ''] ?? 'did not run here'}</td>
<td class="number">${here(host)}</td><td class="number">${all}</td></tr>`,
)}</tbody></table>`,
)}</section>`;
}

/** @param {Login} login @param {string} jwksUri */
const idTokenChecks = ({ by, idToken: { header, claims }, nonce }, jwksUri) => [
  html`signature: ${header.alg}, by the key <code>${header.kid}</code> from <code>${jwksUri}</code>`,
  html`issuer: <code>${claims.iss}</code>`,
  html`audience: <code>${claims.aud}</code>, this application`,
  by === 'login'
    ? html`nonce: <code>${nonce}</code>, the one that was sent`
    : html`the same user as before the refresh`,
  html`not expired: good until ${time(claims.exp * 1000, 'day')}`,
];

/** @param {Token} token @param {string} jwksUri */
const accessTokenChecks = ({ header, claims }, jwksUri) => [
  html`signature: ${header.alg}, by the key <code>${header.kid}</code> from <code>${jwksUri}</code>`,
  html`issuer: <code>${claims.iss}</code>`,
  html`audience: <code>${claims.aud}</code>, the API`,
  html`type: <code>${header.typ}</code>`,
  html`not expired: good until ${time(claims.exp * 1000, 'day')}`,
];

/** @param {{ id: string, title: string, token: Token, ours: Claim[], checks: unknown[] }} section */
function tokenSection({ id, title, token, ours, checks }) {
  const names = new Set(ours.map(({ name }) => name));
  const there = ours.filter(({ name }) => name in token.claims);
  const rest = Object.entries(token.claims).filter(([name]) => !names.has(name));
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${scrolling(
  `${title}: claims that the Action set`,
  html`<table id="${id}-claims"><caption>Claims that the Action set</caption><thead><tr>
<th scope="col">Claim</th><th scope="col">Value</th><th scope="col">From</th></tr></thead><tbody>
${there.map(
  ({ name, from }) => html`<tr data-claim="${name}"><th scope="row"><code>${name}</code></th>
<td>${claimValue(token.claims[name])}</td><td><span class="from">${from}</span></td></tr>`,
)}
</tbody></table>`,
)}
<details><summary>${rest.length} claims that the tenant set</summary>${scrolling(
    `${title}: claims that the tenant set`,
    html`<table>
<tbody>${rest.map(
      ([name, value]) => html`<tr><th scope="row"><code>${name}</code></th>
<td>${claimValue(value)}</td></tr>`,
    )}</tbody></table>`,
  )}</details>
<details><summary>The token as it came</summary><p class="raw">${token.raw}</p></details>
<h3>Checked by ${id === 'id-token' ? 'openid-client' : 'jose, as an API would'}</h3>
<ul class="checks">${checks.map((check) => html`<li>${check}</li>`)}</ul></section>`;
}

/** @param {Login} login @param {string} configFile */
const attributesSection = ({ attributes }, configFile) =>
  html`<section class="card" aria-labelledby="attributes"><h2 id="attributes">Attributes, as Cloudentity would map them</h2>
<p class="note">From <code>npm run claims -- --config ${configFile} --format cloudentity</code>, and the two tokens above. In a claim name a dot is written <code>\\.</code></p>
${scrolling(
  'Mapped attributes',
  html`<table id="attribute-table"><caption class="hidden">Mapped attributes</caption><thead><tr>
<th scope="col">Display name</th><th scope="col">Source</th><th scope="col">Claim name</th>
<th scope="col">Data type</th><th scope="col">Value</th></tr></thead><tbody>
${attributes.map(
  ({
    attribute: { source, claimName, displayName, dataType },
    value,
    fits,
  }) => html`<tr data-attribute="${source} ${claimName}">
    <th scope="row">${displayName}</th><td class="nowrap">${source}</td>
    <td class="nowrap"><code>${claimName}</code></td><td class="nowrap"><code>${dataType}</code></td>
<td>${value === undefined ? html`<span class="none">not in the token</span>` : claimValue(value)}${fits ? '' : html` <span class="badge bad">not a ${dataType}</span>`}</td></tr>`,
)}</tbody></table>`,
)}</section>`;

/** @param {Entry[]} entries */
const logTable = (entries) =>
  scrolling(
    'Executions of the Action',
    html`<table class="log"><caption class="hidden">Executions of the Action</caption><thead><tr>
  <th scope="col">Time</th><th scope="col">What</th><th scope="col">End</th><th scope="col" class="number">Calls</th>
  <th scope="col" class="number">Took</th><th scope="col">The Action's line</th></tr></thead><tbody>
${entries.map(
  (entry) => html`<tr><td class="nowrap">${time(entry.at)}</td><td>${PROTOCOLS[entry.protocol] ?? entry.protocol}</td>
    <td>${entry.denied === null ? badge(entry.factor ? 'second factor' : 'allowed', 'good') : badge('denied', 'bad')}</td>
<td class="number">${entry.calls.length}</td><td class="number nowrap">${ms(entry.ms)}</td>
<td><code class="line">${entry.log}</code>${entry.faults.map((fault) => html`<p class="fault">${fault}</p>`)}</td></tr>`,
)}</tbody></table>`,
  );

/** @param {string} word @param {'good' | 'quiet' | 'bad'} tone */
const badge = (word, tone) => html`<span class="badge ${tone}">${word}</span>`;

/** What a system has given without being asked is no news. @param {string | undefined} outcome */
const outcomeBadge = (outcome) =>
  badge(outcome ?? 'none', outcome === 'ok' ? 'good' : outcome && isFailure(outcome) ? 'bad' : 'quiet');

/** A value of a claim; of a token also what is in it, unchecked. @param {unknown} value */
function claimValue(value) {
  const inner = typeof value === 'string' ? claimsInside(value) : undefined;
  if (inner)
    return html`<details class="token"><summary><code>${String(value).slice(0, 16)}…</code> a token of its own</summary>
  <pre>${JSON.stringify(inner, null, 2)}</pre><p class="raw">${value}</p></details>`;
  return html`<code class="value">${typeof value === 'string' ? value : JSON.stringify(value)}</code>`;
}

/** @param {string} text @returns {Record<string, any> | undefined} */
function claimsInside(text) {
  const part = /^eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+$/.exec(text)?.[1];
  return part === undefined ? undefined : parsed(Buffer.from(part, 'base64url').toString());
}

/** @param {number} value */
const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** @param {number} at @param {'day'} [also] */
const time = (at, also) =>
  html`<time datetime="${new Date(at).toISOString()}">${also && `${new Date(at).toLocaleDateString('en-GB', { weekday: 'long' })}, `}${new Date(at).toLocaleTimeString('en-GB')}</time>`;
