// The playground's screen: JSON Web Tokens, taken apart and coloured: header, payload, signature.
import { html } from 'lit-html';
import { parsed } from '../../tools/tenant/values.mjs';
import { coloured, jsonOf } from './json.js';

const JWT = /^(eyJ[\w-]+)\.(eyJ[\w-]+)\.([\w-]*)$/;

/** A key as old as the page, in the place of the tenant's. @type {Promise<CryptoKeyPair> | undefined} */
let key;

/** @param {string | Uint8Array} value */
const base64url = (value) => Buffer.from(/** @type {any} */ (value)).toString('base64url');

/** @param {object} claims */
async function sign(claims) {
  key ??= crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  );
  const head = `${base64url(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: 'playground' }))}.${base64url(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign(
    'RSASSA-PKCS1-v1_5',
    (await key).privateKey,
    new TextEncoder().encode(head),
  );
  return `${head}.${base64url(new Uint8Array(signature))}`;
}

/**
 * The tokens of a login as the tenant would send them.
 * @param {import('../../tools/tenant/run.mjs').Result} result
 * @returns {Promise<Record<string, string> | null>}
 */
export async function signed({ tokens }) {
  if (!tokens) return null;
  const { idToken, accessToken } = tokens;
  return { ...(idToken ? { idToken: await sign(idToken.claims) } : {}), accessToken: await sign(accessToken.claims) };
}

/** @param {string} part */
const decoded = (part) => parsed(Buffer.from(part, 'base64url').toString());

/** @param {unknown} value */
export const isJwt = (value) => typeof value === 'string' && JWT.test(value);

/** The three parts in their colours. @param {string} token */
export function encoded(token) {
  const [, head, payload, signature] = JWT.exec(token) ?? [];
  return html`<p class="jwt" tabindex="0" role="group" aria-label="the token, encoded"><span class="t-head">${head}</span>.<wbr><span class="t-payload">${payload}</span>.<wbr><span class="t-signature">${signature}</span></p>`;
}

/** Times in words, for `exp` and its kin. @param {any} claims */
const times = (claims) =>
  ['iat', 'exp', 'nbf'].flatMap((name) =>
    typeof claims?.[name] === 'number'
      ? [`${name} ${new Date(claims[name] * 1000).toISOString().replace('.000Z', 'Z')}`]
      : [],
  );

/** A token in a claim or a header, folded. @param {string} name @param {string} token */
export function foldedToken(name, token) {
  const [, head = '', payload = ''] = JWT.exec(token) ?? [];
  const claims = decoded(payload);
  return html`<details class="inner">
    <summary>the token in <code>${name}</code>, decoded</summary>
    <div class="t-parts">
      <pre class="t-head" tabindex="0" aria-label=${`header of the token in ${name}`}>${JSON.stringify(decoded(head), null, 2)}</pre>
      <pre class="t-payload" tabindex="0" aria-label=${`payload of the token in ${name}`}>${JSON.stringify(claims, null, 2)}</pre>
    </div>
    <p class="quiet">${times(claims).join(' · ')}</p>
  </details>`;
}

/**
 * One of the login's tokens.
 * @param {string} title
 * @param {string} id
 * @param {{ claims: Record<string, any>, custom: string[] }} token
 * @param {string} text
 */
export function tokenView(title, id, { claims, custom }, text) {
  const [, head = ''] = JWT.exec(text) ?? [];
  const standard = Object.fromEntries(Object.entries(claims).filter(([name]) => !custom.includes(name)));
  const ours = Object.fromEntries(custom.map((name) => [name, claims[name]]));
  const inner = Object.entries(ours).filter(([, value]) => isJwt(value));
  return html`<article class="token" aria-labelledby=${id}>
    <h3 id=${id}>${title} <span class="quiet">${custom.length === 1 ? '1 claim' : `${custom.length} claims`} by the Action</span></h3>
    <div class="t-sides">
    ${encoded(text)}
    <dl class="t-decoded">
      <dt class="t-head">Header</dt>
      <dd><pre tabindex="0" aria-label=${`${title}, header`}>${coloured(JSON.stringify(decoded(head)))}</pre></dd>
      <dt class="t-payload">Payload <span class="quiet">what the Action sets</span></dt>
      <dd>${custom.length > 0 ? html`<pre class="ours" tabindex="0" aria-label=${`${title}, claims by the Action`}>${jsonOf(ours)}</pre>` : html`<p class="quiet">nothing</p>`}
        ${inner.map(([name, value]) => foldedToken(name, value))}</dd>
      <dt class="t-payload">Payload <span class="quiet">what Auth0 sets</span></dt>
      <dd><pre tabindex="0" aria-label=${`${title}, payload by Auth0`}>${jsonOf(standard)}</pre><p class="quiet">${times(claims).join(' · ')}</p></dd>
      <dt class="t-signature">Signature</dt>
      <dd class="quiet">RS256 by a key that is as old as this page, in the place of your tenant's.</dd>
    </dl>
    </div>
  </article>`;
}
