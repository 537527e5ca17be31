// demo/: the way in: a login as the OpenID provider knows it, told as Auth0's `event`. It only translates.
import { createHash, randomBytes } from 'node:crypto';

/** @typedef {import('oidc-provider').KoaContextWithOIDC} Context */

/** The tenant's name. */
export const TENANT = 'example-media';

/**
 * @param {Context} ctx a request for tokens that the provider is about to answer
 * @param {import('./people.mjs').Person} person
 * @param {Record<string, string>} secrets
 * @param {{ name: string }[]} [factors] the second factors that were used in this session
 */
export function eventOf(ctx, person, secrets, factors = []) {
  const { oidc } = ctx;
  const refresh = oidc.entities.RefreshToken;
  const { user, roles, geoip, logins } = person;
  const identity = user.identities[0] ?? {};
  const connection = {
    id: `con_${identity.connection}`,
    name: identity.connection,
    strategy: identity.provider,
    metadata: {},
  };
  const authenticated = refresh?.authTime ?? oidc.session?.authTime();
  return {
    user,
    request: {
      ip: ctx.ip,
      method: ctx.method,
      hostname: ctx.hostname,
      language: ctx.acceptsLanguages()[0],
      user_agent: ctx.get('user-agent'),
      query: refresh ? {} : texts(oidc.params ?? {}),
      // Auth0 puts the form here that came with the request; for a refresh it holds the token, which is no Action's business.
      body: {},
      geoip,
    },
    client: { client_id: oidc.client?.clientId, name: oidc.client?.clientName, metadata: {} },
    connection,
    authentication: {
      methods: [
        {
          name: identity.isSocial ? 'federated' : 'pwd',
          timestamp: new Date((authenticated ?? 0) * 1000).toISOString(),
        },
        ...factors,
      ],
    },
    authorization: { roles },
    transaction: refresh ? exchange(refresh) : authorization(oidc),
    stats: { logins_count: logins },
    tenant: { id: TENANT },
    resource_server: { identifier: resourceOf(refresh?.resource ?? oidc.params?.resource) },
    session: { id: refresh?.sessionUid ?? oidc.session?.uid },
    ...(refresh
      ? { refresh_token: { id: fingerprint(refresh.jti), client_id: refresh.clientId, session_id: refresh.sessionUid } }
      : {}),
    secrets,
    configuration: {},
  };
}

/** @param {Context['oidc']} oidc */
function authorization({ params = {} }) {
  const list = (/** @type {unknown} */ text) => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);
  const { login_hint, redirect_uri, state, response_mode = 'query' } = texts(params);
  const locales = list(params.ui_locales);
  return {
    id: `txn_${randomBytes(9).toString('base64url')}`,
    protocol: 'oidc-basic-profile',
    ...(locales[0] ? { locale: locales[0] } : {}),
    ui_locales: locales,
    requested_scopes: list(params.scope),
    acr_values: list(params.acr_values),
    response_type: list(params.response_type),
    response_mode,
    prompt: list(params.prompt),
    redirect_uri,
    state,
    ...(login_hint ? { login_hint } : {}),
    metadata: {},
  };
}

/** @param {NonNullable<Context['oidc']['entities']['RefreshToken']>} refresh */
const exchange = ({ scopes }) => ({
  protocol: 'oauth2-refresh-token',
  requested_scopes: [...scopes],
  ui_locales: [],
  acr_values: [],
  metadata: {},
});

/** @param {unknown} resource one, or a list of them */
const resourceOf = (resource) => [resource].flat()[0];

/** A name for a token that does not give it away. @param {string} token */
const fingerprint = (token) => createHash('sha256').update(token).digest('base64url').slice(0, 16);

/** Only what is there, and is text. @param {Record<string, unknown>} params @returns {Record<string, string>} */
const texts = (params) =>
  /** @type {any} */ (Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value === 'string')));
