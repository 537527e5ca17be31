// demo/: the tenant's own pages: who logs in, the second factor, logging out, errors. Everything else on the tenant's port
// is the provider's.
import { formOf, html, page, sendPage, sendStyle, trusted } from './html.mjs';
import { traits } from './people.mjs';

const PLACE = 'Example Media ID';

/**
 * @param {import('oidc-provider').Provider} provider
 * @param {import('./people.mjs').Person[]} people
 * @param {boolean} stories whether the people's stories hold
 * @returns {import('node:http').RequestListener}
 */
export function tenantPages(provider, people, stories) {
  const rest = provider.callback();
  return async (request, response) => {
    const path = new URL(request.url ?? '/', provider.issuer).pathname;
    if (path === '/style.css') return sendStyle(response);
    if (!path.startsWith('/u/')) return void rest(request, response);
    try {
      const { prompt } = await provider.interactionDetails(request, response);
      const answer = request.method === 'POST' ? answerOf(prompt, await formOf(request), people) : undefined;
      if (answer) await provider.interactionFinished(request, response, answer);
      else
        sendPage(
          response,
          prompt.name === 'login' ? pickPage(people, stories) : factorPage(String(prompt.details.factor)),
        );
    } catch (error) {
      const { error: code = 'server_error', error_description: text } =
        /** @type {{ error?: string, error_description?: string }} */ (error);
      sendPage(response, errorPage({ error: code, error_description: text }), code === 'server_error' ? 500 : 400);
    }
  };
}

/**
 * What the provider is told once the user has answered; nothing when the form makes no sense.
 * @param {{ name: string, details: Record<string, unknown> }} prompt
 * @param {URLSearchParams} form
 * @param {import('./people.mjs').Person[]} people
 * @returns {import('oidc-provider').InteractionResults | undefined}
 */
function answerOf({ name, details }, form, people) {
  if (form.has('cancel')) return { error: 'access_denied', error_description: 'the user gave up' };
  if (name !== 'login') return { [name]: { factor: details.factor }, consent: { grantId: String(details.grantId) } };
  const id = form.get('user');
  return people.some(({ user }) => user.user_id === id) ? { login: { accountId: String(id) } } : undefined;
}

/** @param {import('./people.mjs').Person[]} people @param {boolean} stories */
const pickPage = (people, stories) =>
  page({
    title: 'Log in',
    place: PLACE,
    kind: 'tenant',
    body: html`<div class="narrow">
<h1>Who are you today?</h1>
<p class="lead">No passwords here: pick someone. All of them are invented.</p>
<form method="post">
<ul class="people">${people.map(
      (
        person,
      ) => html`<li><button name="user" value="${person.user.user_id}"><span class="face" aria-hidden="true">${initials(person.user.name)}</span>
<span class="who"><strong>${person.user.name}</strong><span class="mail">${person.user.email}</span><span class="mail traits">${traits(person)}</span>${stories && html`<span class="story">${person.story}</span>`}</span></button></li>`,
    )}</ul>
<p class="aside"><button class="quiet" name="cancel" value="yes">Cancel</button></p>
</form></div>`,
  });

/** @param {string} factor */
const factorPage = (factor) =>
  page({
    title: 'Second factor',
    place: PLACE,
    kind: 'tenant',
    body: html`<div class="narrow">
<h1>One more step</h1>
<p class="lead">The Action asks for a second factor: <code>${factor}</code>. Auth0 would ask your phone now; here a button does.</p>
<form method="post" class="buttons"><button class="primary" name="approve" value="yes">Approve</button> <button name="cancel" value="yes">Cancel</button></form></div>`,
  });

/** @param {string} form the provider's own, with its token against forgery */
export const logoutPage = (form) =>
  page({
    title: 'Log out',
    place: PLACE,
    kind: 'tenant',
    body: html`<div class="narrow">
<h1>Log out here, too?</h1>
<p class="lead">The application has let you go. The tenant still knows who you are.</p>
${trusted(form)}
<p class="buttons"><button class="primary" form="op.logoutForm" name="logout" value="yes">Log out</button> <button form="op.logoutForm">Stay logged in</button></p></div>`,
  });

/** @param {{ error: string, error_description?: string | undefined }} out */
export const errorPage = ({ error, error_description: text }) =>
  page({
    title: 'Error',
    place: PLACE,
    kind: 'tenant',
    body: html`<div class="narrow"><h1>That did not work</h1>
    <p class="lead"><code>${error}</code>${text && html`: ${text}`}</p><p>Go back to the application and start again.</p></div>`,
  });

/** @param {string} name */
const initials = (name) =>
  name
    .split(' ')
    .map((part) => part.charAt(0))
    .join('')
    .slice(0, 2);
