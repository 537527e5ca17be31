// What the tests of the demo share: somebody with a browser's manners (cookies, redirects) and no browser, and an
// application that is nothing but openid-client.
import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { openDemo } from '../../demo/open.mjs';

/**
 * A demo that is closed after the test.
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof openDemo>[0]} [options]
 */
export async function demo(t, options) {
  const opened = await openDemo(options);
  t.after(() => opened.close());
  return opened;
}

/** @typedef {{ as?: string, verifier?: string, parameters?: Record<string, string> }} How `as`: who, if asked; `verifier`: another than was promised */

/**
 * An application of the tenant's.
 * @param {import('../../demo/open.mjs').Demo} opened
 */
export async function application({ issuer, client, audience }) {
  const config = await oidc.discovery(new URL(issuer), client.client_id, client.client_secret, undefined, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  const redirectUri = /** @type {string} */ (client.redirect_uris[0]);
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''));
  /** The access token as an API checks it. @param {string} token */
  const verified = async (token) =>
    (await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', algorithms: ['RS256'] })).payload;
  /** @param {oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers} tokens */
  const read = async (tokens) => ({
    idToken: { ...tokens.claims() },
    accessToken: await verified(tokens.access_token),
    refreshToken: tokens.refresh_token ?? '',
    raw: tokens,
  });

  /**
   * A login up to the code, and what exchanges that for the tokens.
   * @param {Visitor} visitor
   * @param {How} [how]
   */
  async function begin(visitor, { as, verifier, parameters = {} } = {}) {
    const [promised, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access',
      audience,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(promised),
      code_challenge_method: 'S256',
      ...parameters,
    });
    const back = await visitor.walk(url, redirectUri, as);
    return async () =>
      read(
        await oidc.authorizationCodeGrant(config, back, {
          pkceCodeVerifier: verifier ?? promised,
          expectedNonce: nonce,
          expectedState: state,
        }),
      );
  }

  return {
    begin,
    /** A login to its end. @param {Visitor} visitor @param {How} [how] */
    login: async (visitor, how) => (await begin(visitor, how))(),
    /** @param {string} refreshToken */
    refresh: async (refreshToken) => read(await oidc.refreshTokenGrant(config, refreshToken)),
  };
}

/** Somebody with cookies of their own. */
export function visitor() {
  /** @type {Map<string, string>} */
  const jar = new Map();
  /** @type {string[]} */
  const seen = [];

  /** @param {URL} url @param {Record<string, string>} [form] */
  async function request(url, form) {
    const headers = { accept: 'text/html', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
    const response = await fetch(url, {
      redirect: 'manual',
      headers,
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    return response;
  }

  return {
    /** The titles of the pages on the way. */
    seen,
    request,
    /**
     * From an address to where it ends up at the application, answering the tenant's pages.
     * @param {URL} from
     * @param {string} to
     * @param {string} [as] a user's id
     */
    async walk(from, to, as) {
      let url = from;
      /** @type {Record<string, string> | undefined} */
      let form;
      for (let steps = 0; steps < 20; steps += 1) {
        const response = await request(url, form);
        const location = response.headers.get('location');
        form = undefined;
        if (location) {
          url = new URL(location, url);
          if (url.href.startsWith(to)) return url;
          continue;
        }
        const text = await response.text();
        const title = /<title>([^<·]+)/.exec(text)?.[1]?.trim() ?? '';
        seen.push(title);
        if (title === 'Log in' && as) form = { user: as };
        else if (title === 'Second factor') form = { approve: 'yes' };
        else assert.fail(`no way on from ${url}: ${text.slice(0, 500)}`);
      }
      return assert.fail('too many steps');
    },
  };
}

/** @typedef {ReturnType<typeof visitor>} Visitor */

/** @param {import('../../demo/open.mjs').Demo} opened @param {string} name the beginning */
export function idOf({ people }, name) {
  const found = people.find(({ user }) => user.name.startsWith(name));
  assert.ok(found, `no one is called ${name}`);
  return found.user.user_id;
}
