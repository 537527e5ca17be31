// demo/: the application: an ordinary web application whose users log in at the tenant, by an OIDC client that no one here
// wrote (openid-client). It knows the tenant by its issuer alone. Only `watch` looks behind the scenes, for the page.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { homePage, loggedInPage, missingPage, problemPage } from './application-pages.mjs';
import { mapAttributes } from './attributes.mjs';
import { HEADERS, formOf, sendPage, sendStyle } from './html.mjs';

/**
 * @typedef {object} ApplicationOptions
 * @property {string} url its own
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string} audience the API it wants access tokens for
 * @property {import('../tools/paste/claims.mjs').Claim[]} manifest
 * @property {string} config the file that the manifest was made of
 * @property {Watch} watch
 *
 * @typedef {object} Watch a window into the tenant, which no real application has
 * @property {(of: { state: string } | { tokenId: string }) => import('./action.mjs').Entry | undefined} entry
 * @property {(userId: string) => import('./action.mjs').Entry[]} history the newest first
 * @property {() => { system: string, host: string, calls: number }[]} calls since the start, of all users
 *
 * @typedef {object} Login what the application holds of a user who is logged in
 * @property {'login' | 'refresh'} by
 * @property {Token} idToken
 * @property {Token} accessToken
 * @property {string | undefined} refreshToken
 * @property {string | undefined} nonce
 * @property {import('./attributes.mjs').Mapped[]} attributes
 * @property {import('./action.mjs').Entry | undefined} entry
 *
 * @typedef {{ raw: string, header: Record<string, any>, claims: Record<string, any> }} Token
 * @typedef {{ by: 'tenant' | 'application', error: string, description: string | undefined, url: string | undefined, entry: import('./action.mjs').Entry | undefined }} Problem
 *
 * @typedef {object} Session
 * @property {Map<string, { verifier: string, nonce: string }>} pending by state; several tabs may be on their way
 * @property {Login | undefined} login
 * @property {Problem | undefined} problem shown once
 */

const COOKIE = 'example_media';
const SCOPE = 'openid profile email offline_access';

/** @param {ApplicationOptions} options */
export function createApplication({ url, issuer, clientId, clientSecret, audience, manifest, config: configFile, watch }) {
  const callback = new URL('/callback', url).href;
  /** @type {Map<string, Session>} */
  const sessions = new Map();

  /** @type {Promise<{ config: oidc.Configuration, keys: ReturnType<typeof createRemoteJWKSet>, jwksUri: string }> | undefined} */
  let discovered;
  // Plain http is for loopback only. The client would trust an ID token that came straight from the token endpoint;
  // `enableNonRepudiationChecks` has it verify the signature as well.
  const discover = () =>
    (discovered ??= oidc
      .discovery(new URL(issuer), clientId, clientSecret, undefined, { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] })
      .then((config) => {
        const jwksUri = config.serverMetadata().jwks_uri ?? '';
        return { config, jwksUri, keys: createRemoteJWKSet(new URL(jwksUri)) };
      }));

  /** @param {import('node:http').IncomingMessage} request */
  const idOf = ({ headers }) => new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1] ?? '';

  /** Under a new id: one that was there before the login must not be worth anything after it. @param {import('node:http').ServerResponse} response @param {Session} session @param {string} [old] */
  function keep(response, session, old) {
    if (old) sessions.delete(old);
    const id = randomBytes(24).toString('base64url');
    sessions.set(id, session);
    response.setHeader('set-cookie', `${COOKIE}=${id}; HttpOnly; SameSite=Lax; Path=/`);
  }

  /** @param {import('node:http').ServerResponse} response @param {string | URL} to */
  function go(response, to) {
    response.writeHead(303, { ...HEADERS, location: String(to) });
    response.end();
  }

  /**
   * The access token as an API would check it, the ID token as openid-client has.
   * @param {oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers} tokens
   * @returns {Promise<Pick<Login, 'idToken' | 'accessToken' | 'refreshToken' | 'attributes' | 'entry'>>}
   */
  async function read(tokens) {
    const { keys } = await discover();
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, { issuer, audience, typ: 'at+jwt', algorithms: ['RS256'] });
    const idToken = { raw: tokens.id_token ?? '', header: decodeProtectedHeader(tokens.id_token ?? ''), claims: { ...tokens.claims() } };
    const accessToken = { raw: tokens.access_token, header: protectedHeader, claims: payload };
    return {
      idToken,
      accessToken,
      refreshToken: tokens.refresh_token,
      attributes: mapAttributes(manifest.map(({ cloudentity }) => cloudentity), { idToken: idToken.claims, accessToken: payload }),
      entry: watch.entry({ tokenId: String(payload.jti) }),
    };
  }

  /** @param {unknown} thrown @param {{ url?: string, state?: string }} [at] @returns {Problem} */
  function problemOf(thrown, { url: shown, state } = {}) {
    const { error, error_description: description, code, message } = /** @type {Record<string, string | undefined>} */ (thrown);
    return { by: error ? 'tenant' : 'application', error: error ?? code ?? 'error', description: description ?? message, url: shown, entry: state ? watch.entry({ state }) : undefined };
  }

  /** @type {Record<string, (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, at: { here: URL, id: string, session: Session }) => Promise<void> | void>} */
  const routes = {
    'GET /style.css': (_request, response) => sendStyle(response),

    async 'GET /'(_request, response, { session }) {
      const { jwksUri } = await discover();
      const { login, problem } = session;
      session.problem = undefined;
      if (problem) return sendPage(response, problemPage(problem));
      if (!login) return sendPage(response, homePage(watch.calls()));
      const history = watch.history(login.idToken.claims.sub);
      sendPage(response, loggedInPage({ login, manifest, configFile, jwksUri, history, calls: watch.calls() }));
    },

    async 'POST /login'(request, response, { id, session }) {
      const form = await formOf(request);
      const { config } = await discover();
      const [verifier, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()];
      session.pending.set(state, { verifier, nonce });
      keep(response, session, id);
      go(response, oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: SCOPE,
        audience,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        // Without it, who is logged in at the tenant is logged in here at once.
        ...(form.get('as') === 'someone' ? { prompt: 'login' } : {}),
      }));
    },

    async 'GET /callback'(_request, response, { here, id, session }) {
      const { config } = await discover();
      const state = here.searchParams.get('state') ?? '';
      const pending = session.pending.get(state);
      session.pending.delete(state);
      try {
        if (!pending) throw new Error('this login was not begun in this browser, or has ended already');
        const tokens = await oidc.authorizationCodeGrant(config, here, { pkceCodeVerifier: pending.verifier, expectedNonce: pending.nonce, expectedState: state });
        keep(response, { ...session, login: { by: 'login', nonce: pending.nonce, ...(await read(tokens)) } }, id);
      } catch (error) {
        session.login = undefined;
        session.problem = problemOf(error, { url: here.href, state });
        keep(response, session, id);
      }
      go(response, '/');
    },

    async 'POST /refresh'(_request, response, { session }) {
      const { config } = await discover();
      const { login } = session;
      if (login?.refreshToken) {
        try {
          const tokens = await oidc.refreshTokenGrant(config, login.refreshToken);
          const next = await read(tokens);
          if (next.idToken.claims.sub !== login.idToken.claims.sub) throw new Error('the new tokens are about someone else');
          session.login = { by: 'refresh', nonce: login.nonce, ...next, refreshToken: next.refreshToken ?? login.refreshToken };
        } catch (error) {
          session.login = undefined;
          session.problem = problemOf(error);
        }
      }
      go(response, '/');
    },

    async 'POST /logout'(_request, response, { id, session }) {
      const { config } = await discover();
      const hint = session.login?.idToken.raw;
      sessions.delete(id);
      response.setHeader('set-cookie', `${COOKIE}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0`);
      go(response, hint ? oidc.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: url }) : '/');
    },
  };

  /** @type {import('node:http').RequestListener} */
  return async (request, response) => {
    const here = new URL(request.url ?? '/', url);
    const id = idOf(request);
    const session = sessions.get(id) ?? { pending: new Map(), login: undefined, problem: undefined };
    const route = routes[`${request.method} ${here.pathname}`];
    try {
      if (route) await route(request, response, { here, id, session });
      else sendPage(response, missingPage(), 404);
    } catch (error) {
      if (!response.headersSent) sendPage(response, problemPage(problemOf(error)), 500);
    }
  };
}
