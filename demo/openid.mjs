// demo/: the application's OIDC client, which no one here wrote (openid-client): what it asks the tenant for, and what it checks.
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

/**
 * @typedef {{ raw: string, header: Record<string, any>, claims: Record<string, any> }} Token
 * @typedef {{ idToken: Token, accessToken: Token, refreshToken: string | undefined }} Tokens
 * @typedef {{ verifier: string, nonce: string, state: string }} Pending a login that has begun
 */

const SCOPE = 'openid profile email offline_access';

/** @typedef {{ url: string, issuer: string, clientId: string, clientSecret: string, audience: string }} ClientOptions */

/**
 * What the tenant says of itself. Plain http is for loopback only. The client would trust an ID token that came straight from the
 * token endpoint; `enableNonRepudiationChecks` has it verify the signature as well.
 * @param {ClientOptions} options
 */
async function discovery({ issuer, clientId, clientSecret }) {
  const config = await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  const jwksUri = config.serverMetadata().jwks_uri ?? '';
  return { config, jwksUri, keys: createRemoteJWKSet(new URL(jwksUri)) };
}

/**
 * The access token as an API would check it, the ID token as openid-client has.
 * @param {oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers} tokens
 * @param {ReturnType<typeof createRemoteJWKSet>} keys
 * @param {ClientOptions} options
 * @returns {Promise<Tokens>}
 */
async function checked(tokens, keys, { issuer, audience }) {
  const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
    issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['RS256'],
  });
  const idToken = {
    raw: tokens.id_token ?? '',
    header: decodeProtectedHeader(tokens.id_token ?? ''),
    claims: { ...tokens.claims() },
  };
  const accessToken = { raw: tokens.access_token, header: protectedHeader, claims: payload };
  return { idToken, accessToken, refreshToken: tokens.refresh_token };
}

/** @param {ClientOptions} options */
export function createClient(options) {
  const { url, audience } = options;
  /** @type {ReturnType<typeof discovery> | undefined} */
  let discovered;
  const discover = () => (discovered ??= discovery(options));

  return {
    /** Where the tenant's keys are. */
    jwksUri: async () => (await discover()).jwksUri,

    /** The way to the tenant. @param {{ prompt?: string }} [more] */
    async begin(more) {
      const { config } = await discover();
      const pending = { verifier: oidc.randomPKCECodeVerifier(), nonce: oidc.randomNonce(), state: oidc.randomState() };
      const to = oidc.buildAuthorizationUrl(config, {
        redirect_uri: new URL('/callback', url).href,
        scope: SCOPE,
        audience,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        ...more,
      });
      return { pending, to };
    },

    /** The way back. @param {URL} here @param {Pending} pending */
    async end(here, { verifier, nonce, state }) {
      const { config, keys } = await discover();
      const tokens = await oidc.authorizationCodeGrant(config, here, {
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        expectedState: state,
      });
      return checked(tokens, keys, options);
    },

    /** @param {string} refreshToken */
    async refresh(refreshToken) {
      const { config, keys } = await discover();
      return checked(await oidc.refreshTokenGrant(config, refreshToken), keys, options);
    },

    /** The way out. @param {string} hint */
    async logout(hint) {
      const { config } = await discover();
      return oidc.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: url });
    },
  };
}
