// demo/: the application: an ordinary web application whose users log in at the tenant, by an OIDC client that no one here
// wrote (openid.mjs). It knows the tenant by its issuer alone. Only `watch` looks behind the scenes, for the page.
import { randomBytes } from 'node:crypto';
import { homePage, loggedInPage, missingPage, problemPage } from './application-pages.mjs';
import { mapAttributes } from './attributes.mjs';
import { formOf, HEADERS, sendPage, sendStyle } from './html.mjs';
import { createClient } from './openid.mjs';

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
 * @typedef {import('./openid.mjs').Token} Token
 * @typedef {{ by: 'tenant' | 'application', error: string, description: string | undefined, url: string | undefined, entry: import('./action.mjs').Entry | undefined }} Problem
 *
 * @typedef {object} Session
 * @property {Map<string, import('./openid.mjs').Pending>} pending by state; several tabs may be on their way
 * @property {Login | undefined} login
 * @property {Problem | undefined} problem shown once
 */

const COOKIE = 'example_media';

/**
 * @typedef {{ here: URL, id: string, session: Session }} At
 * @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, at: At) => Promise<void> | void} Route
 */

/** @param {ApplicationOptions} options */
export function createApplication(options) {
  const sessions = createSessions();
  /** @type {Record<string, Route>} */
  const routes = { 'GET /style.css': (_request, response) => sendStyle(response), ...pagesOf(options, sessions) };
  /** @type {import('node:http').RequestListener} */
  return async (request, response) => {
    const here = new URL(request.url ?? '/', options.url);
    const { id, session } = sessions.of(request);
    const route = routes[`${request.method} ${here.pathname}`];
    try {
      if (route) await route(request, response, { here, id, session });
      else sendPage(response, missingPage(), 404);
    } catch (error) {
      if (!response.headersSent) sendPage(response, problemPage(problemOf(error)), 500);
    }
  };
}

/** What the application holds of each browser. */
function createSessions() {
  /** @type {Map<string, Session>} */
  const sessions = new Map();
  return {
    /** @param {import('node:http').IncomingMessage} request */
    of({ headers }) {
      const id = new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1] ?? '';
      return { id, session: sessions.get(id) ?? { pending: new Map(), login: undefined, problem: undefined } };
    },

    /**
     * Under a new id: one that was there before the login must not be worth anything after it.
     * @param {import('node:http').ServerResponse} response
     * @param {Session} session
     * @param {string} [old]
     */
    keep(response, session, old) {
      if (old) sessions.delete(old);
      const id = randomBytes(24).toString('base64url');
      sessions.set(id, session);
      response.setHeader('set-cookie', `${COOKIE}=${id}; HttpOnly; SameSite=Lax; Path=/`);
    },

    /** @param {import('node:http').ServerResponse} response @param {string} id */
    end(response, id) {
      sessions.delete(id);
      response.setHeader('set-cookie', `${COOKIE}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0`);
    },
  };
}

/** @param {import('node:http').ServerResponse} response @param {string | URL} to */
function go(response, to) {
  response.writeHead(303, { ...HEADERS, location: String(to) });
  response.end();
}

/** @param {unknown} thrown @param {{ url?: string, entry?: Problem['entry'] }} [at] @returns {Problem} */
function problemOf(thrown, { url: shown, entry } = {}) {
  const {
    error,
    error_description: description,
    code,
    message,
  } = /** @type {Record<string, string | undefined>} */ (thrown);
  return {
    by: error ? 'tenant' : 'application',
    error: error ?? code ?? 'error',
    description: description ?? message,
    url: shown,
    entry,
  };
}

/** What tokens are to the application. @param {import('./openid.mjs').Tokens} tokens @param {ApplicationOptions} options */
const knownOf = (tokens, { manifest, watch }) => ({
  ...tokens,
  attributes: mapAttributes(
    manifest.map(({ cloudentity }) => cloudentity),
    { idToken: tokens.idToken.claims, accessToken: tokens.accessToken.claims },
  ),
  entry: watch.entry({ tokenId: String(tokens.accessToken.claims.jti) }),
});

/** A login with new tokens. @param {Login} login @param {ReturnType<typeof knownOf>} next @returns {Login} */
function renewed({ nonce, refreshToken, idToken }, next) {
  if (next.idToken.claims.sub !== idToken.claims.sub) throw new Error('the new tokens are about someone else');
  return { by: 'refresh', nonce, ...next, refreshToken: next.refreshToken ?? refreshToken };
}

/**
 * @param {ApplicationOptions} options
 * @param {ReturnType<typeof createSessions>} sessions
 * @returns {Record<string, Route>}
 */
function pagesOf(options, sessions) {
  const { manifest, config: configFile, watch } = options;
  const client = createClient(options);
  return {
    async 'GET /'(_request, response, { session }) {
      const jwksUri = await client.jwksUri();
      const { login, problem } = session;
      session.problem = undefined;
      if (problem) return sendPage(response, problemPage(problem));
      if (!login) return sendPage(response, homePage(watch.calls()));
      const history = watch.history(login.idToken.claims.sub);
      sendPage(response, loggedInPage({ login, manifest, configFile, jwksUri, history, calls: watch.calls() }));
    },

    async 'POST /login'(request, response, { id, session }) {
      const form = await formOf(request);
      // Without it, a user who is logged in at the tenant is logged in here at once.
      const { pending, to } = await client.begin(form.get('as') === 'someone' ? { prompt: 'login' } : {});
      session.pending.set(pending.state, pending);
      sessions.keep(response, session, id);
      go(response, to);
    },

    async 'GET /callback'(_request, response, { here, id, session }) {
      const state = here.searchParams.get('state') ?? '';
      const pending = session.pending.get(state);
      session.pending.delete(state);
      try {
        if (!pending) throw new Error('this login was not begun in this browser, or has ended already');
        const login = knownOf(await client.end(here, pending), options);
        sessions.keep(response, { ...session, login: { by: 'login', nonce: pending.nonce, ...login } }, id);
      } catch (error) {
        session.login = undefined;
        session.problem = problemOf(error, { url: here.href, entry: state ? watch.entry({ state }) : undefined });
        sessions.keep(response, session, id);
      }
      go(response, '/');
    },

    async 'POST /refresh'(_request, response, { session }) {
      const { login } = session;
      if (login?.refreshToken) {
        try {
          session.login = renewed(login, knownOf(await client.refresh(login.refreshToken), options));
        } catch (error) {
          session.login = undefined;
          session.problem = problemOf(error);
        }
      }
      go(response, '/');
    },

    async 'POST /logout'(_request, response, { id, session }) {
      const hint = session.login?.idToken.raw;
      sessions.end(response, id);
      go(response, hint ? await client.logout(hint) : '/');
    },
  };
}
