// demo/: the tenant: an OpenID provider that no one here wrote (oidc-provider), with the Action in its login step. The way
// out is here: the Action's claims go into the tokens, its deny becomes the error that Auth0 would answer.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { errors, interactionPolicy, Provider } from 'oidc-provider';
import { answered } from '../tools/tenant/outcome.mjs';
import { eventOf } from './event.mjs';
import { errorPage, logoutPage, tenantPages } from './tenant-pages.mjs';

/** @typedef {import('oidc-provider').KoaContextWithOIDC} Context */

/**
 * @typedef {object} TenantOptions
 * @property {string} issuer
 * @property {import('oidc-provider').ClientMetadata} client the one application
 * @property {string} audience the API that access tokens are for
 * @property {import('./action.mjs').Action} action
 * @property {Record<string, string>} secrets of the Action
 * @property {import('./people.mjs').Person[]} people
 * @property {boolean} stories whether the people's stories hold: they are about the demo's own config
 * @property {string[]} claimNames those that the config can put into an ID token
 */

/** The key that signs, once per process: making one takes a while. @type {Record<string, unknown> | undefined} */
let signingKey;
const keyOf = () =>
  (signingKey ??= {
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    alg: 'RS256',
    use: 'sig',
  });

/** What the provider itself puts into an ID token, by scope. */
const PROFILE = {
  profile: ['name', 'nickname', 'given_name', 'family_name', 'updated_at'],
  email: ['email', 'email_verified'],
};
const DAY = 86_400;

/** Its name in the provider's policy; the page for it is the tenant's own. */
const SECOND_FACTOR = 'second-factor';

/** @param {TenantOptions} options */
export function createTenant(options) {
  const { issuer, action, secrets, people, stories } = options;
  const personOf = (/** @type {string} */ id) => people.find(({ user }) => user.user_id === id);
  /** The second factors that were used, by session. */
  /** @type {Map<string, { name: string }[]>} */
  const used = new Map();
  /** What the Action said of a login, until its code is exchanged: by grant, for each login gets one of its own. */
  /** @type {Map<string, import('./action.mjs').Outcome>} */
  const logins = new Map();
  /** The same for the request for tokens that is being answered. */
  /** @type {WeakMap<Context, import('./action.mjs').Outcome>} */
  const answering = new WeakMap();

  /** @param {Context} ctx @param {import('./people.mjs').Person} person */
  async function runAction(ctx, person) {
    const { session, entities } = ctx.oidc;
    const more = used.get(entities.RefreshToken?.sessionUid ?? session?.uid ?? '');
    const outcome = await action.run(person, eventOf(ctx, person, secrets, more));
    if (outcome.error) throw new errors.CustomOIDCProviderError(outcome.error.error, outcome.error.error_description);
    return outcome;
  }

  /**
   * The user has answered: from now on the events of this session say so.
   * @param {Context} ctx
   * @param {import('./people.mjs').Person} person
   * @param {import('./action.mjs').Outcome} outcome
   */
  function remember({ oidc: { session } }, { user }, { mfa }) {
    const after = answered({ user, authentication: { methods: [] } }, mfa, new Date().toISOString());
    Object.assign(user, { enrolledFactors: after.user.enrolledFactors, multifactor: after.user.multifactor });
    used.set(session?.uid ?? '', after.authentication.methods);
  }

  const flow = { personOf, logins, answering, runAction, remember };
  const provider = new Provider(issuer, settingsOf(options, flow));
  provider.on('grant.success', (ctx) => {
    const { AccessToken, AuthorizationCode } = ctx.oidc.entities;
    const outcome = answering.get(ctx);
    if (outcome) outcome.entry.tokenId = AccessToken?.jti;
    if (AuthorizationCode?.grantId) logins.delete(AuthorizationCode.grantId);
  });

  return { provider, handle: tenantPages(provider, people, stories) };
}

/**
 * @typedef {object} Flow what the provider asks of the tenant while somebody logs in
 * @property {(id: string) => import('./people.mjs').Person | undefined} personOf
 * @property {Map<string, import('./action.mjs').Outcome>} logins
 * @property {WeakMap<Context, import('./action.mjs').Outcome>} answering
 * @property {(ctx: Context, person: import('./people.mjs').Person) => Promise<import('./action.mjs').Outcome>} runAction
 * @property {(ctx: Context, person: import('./people.mjs').Person, outcome: import('./action.mjs').Outcome) => void} remember
 */

/**
 * When a login may go on.
 * @param {Flow} flow
 */
function policyOf({ personOf, logins, runAction, remember }) {
  // Where Auth0 runs post-login: the user is known, no token is made yet. That is so at a login with the picker, at a
  // login in a session that is there already, and at a silent one; this check is on the way of them all.
  const check = new interactionPolicy.Check(
    'factor',
    'the Action asks for a second factor',
    async (ctx) => {
      const { grant, session, result } = ctx.oidc;
      const person = personOf(session?.accountId ?? '');
      if (!grant || !person) throw new errors.AccessDenied('no one has logged in');
      // Back from the second factor the flow goes on: the Action does not run again.
      let outcome = logins.get(grant.jti);
      if (!outcome) {
        person.logins += 1;
        outcome = await runAction(ctx, person);
        logins.set(grant.jti, outcome);
      }
      if (outcome.mfa === null) return false;
      if (!result || !(SECOND_FACTOR in result)) return true;
      remember(ctx, person, outcome);
      return false;
    },
    (ctx) => ({ factor: logins.get(ctx.oidc.grant?.jti ?? '')?.entry.factor, grantId: ctx.oidc.grant?.jti }),
  );
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: SECOND_FACTOR }, check));
  return policy;
}

/**
 * @param {TenantOptions} options
 * @param {Flow} flow
 * @returns {import('oidc-provider').Configuration}
 */
function settingsOf({ client, audience, claimNames }, flow) {
  const { answering } = flow;
  return {
    clients: [client],
    jwks: { keys: [keyOf()] },
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: { session: 'tenant_session', interaction: 'tenant_login', resume: 'tenant_resume' },
    },
    // The paths that an Auth0 tenant has.
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      end_session: '/oidc/logout',
    },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', ...claimNames], ...PROFILE },
    conformIdTokenClaims: false,
    // Auth0's parameter for what others call a resource.
    extraParams: ['audience'],
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: indicatorsOf(audience),
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => void (ctx.body = logoutPage(form)) },
    },
    pkce: { required: () => true },
    interactions: { policy: policyOf(flow), url: (_ctx, { prompt, uid }) => `/u/${prompt.name}/${uid}` },
    renderError: (ctx, out) => void Object.assign(ctx, { type: 'html', body: errorPage(out) }),
    ttl: {
      AccessToken: DAY,
      AuthorizationCode: 60,
      Grant: 14 * DAY,
      IdToken: 36_000,
      Interaction: 3600,
      RefreshToken: 14 * DAY,
      Session: DAY,
    },
    issueRefreshToken: (_ctx, { grantTypes }) => grantTypes?.includes('refresh_token') ?? false,
    rotateRefreshToken: false,
    expiresWithSession: () => false,

    loadExistingGrant: grantOf,
    findAccount: accountsOf(flow),
    extraTokenClaims: (ctx) => answering.get(ctx)?.claims.accessToken,
    formats: {
      customizers: {
        jwt(ctx, _token, { payload }) {
          const scope = answering.get(ctx)?.scope;
          if (scope !== undefined) Object.assign(payload, { scope });
        },
      },
    },
  };
}

/**
 * The one API that tokens are for.
 * @param {string} audience
 * @returns {NonNullable<import('oidc-provider').Configuration['features']>['resourceIndicators']}
 */
const indicatorsOf = (audience) => ({
  enabled: true,
  defaultResource: (ctx) => asText(ctx.oidc.params?.audience),
  useGrantedResource: () => true,
  getResourceServerInfo(_ctx, resource) {
    if (resource !== audience) throw new errors.InvalidTarget();
    return {
      scope: 'openid profile email',
      audience,
      accessTokenFormat: 'jwt',
      accessTokenTTL: DAY,
      jwt: { sign: { alg: 'RS256' } },
    };
  },
});

/**
 * Who tokens are about, and what the Action has put into them.
 * @param {Flow} flow
 * @returns {import('oidc-provider').FindAccount}
 */
const accountsOf =
  ({ personOf, logins, answering, runAction }) =>
  async (ctx, sub, token) => {
    const person = personOf(sub);
    if (!person) return undefined;
    const outcome =
      token?.kind === 'RefreshToken'
        ? await runAction(ctx, person)
        : token?.kind === 'AuthorizationCode'
          ? logins.get(token.grantId ?? '')
          : undefined;
    if (outcome) answering.set(ctx, outcome);
    const profile = Object.values(PROFILE)
      .flat()
      .map((name) => [name, person.user[name]]);
    return {
      accountId: sub,
      claims: (use) => ({
        sub,
        ...Object.fromEntries(profile),
        ...(use === 'id_token' ? outcome?.claims.idToken : {}),
      }),
    };
  };

/** The application is the tenant's own: no one is asked to consent. @param {Context} ctx */
async function grantOf(ctx) {
  const {
    result,
    session,
    client: asking,
    requestParamScopes,
    resourceServers,
    provider: { Grant },
  } = ctx.oidc;
  const known = result?.consent?.grantId;
  if (known) return Grant.find(known);
  if (!session?.accountId || !asking) return undefined;
  const grant = new Grant({ accountId: session.accountId, clientId: asking.clientId });
  const scope = [...requestParamScopes].join(' ');
  grant.addOIDCScope(scope);
  for (const resource of Object.keys(resourceServers ?? {})) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** @param {unknown} value */
const asText = (value) => (typeof value === 'string' ? value : undefined);
