// The local tenant, rule book: Auth0's numbers and names, and nothing that runs. Where Auth0 does not say which
// kilobyte it means, the smaller one is here, so that what passes here passes there.

export const EXECUTION_MS = 20_000;
export const CONSOLE_CHARACTERS = 256;
export const CLAIMS_BYTES = 100_000;
export const METADATA_BYTES = 32_000;
export const SAML = { attributes: 100, nameBytes: 1000, valueBytes: 2000 };
export const SECRETS = 30;
export const SECRET_CHARACTERS = 4096;
export const CODE_BYTES = 100_000;

export const CACHE = {
  entries: 20,
  keyBytes: 64,
  valueBytes: 4096,
  totalBytes: 8000,
  maxMs: 24 * 3600 * 1000,
  defaultMs: 15 * 60 * 1000,
};

/** Setting one of these does nothing: no error, and no claim. */
export const RESERVED_CLAIMS = new Set(
  `acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest
  entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce
  object_id org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag
  sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256`.split(/\s+/),
);

/** http(s) claim names on these hosts are Auth0's own, and so are names that start with `urn:auth0`. */
export const RESERVED_HOSTS = ['auth0.com', 'webtask.io', 'webtask.run'];

/** OpenID Connect's profile claims, and the scope that lets each onto an access token. */
export const SCOPE_OF_CLAIM = new Map(
  Object.entries({
    profile:
      'name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo locale updated_at',
    email: 'email email_verified',
    address: 'address',
    phone: 'phone_number phone_number_verified',
  }).flatMap(([scope, names]) => names.split(' ').map((name) => /** @type {[string, string]} */ ([name, scope]))),
);

export const MFA_PROVIDERS = ['any', 'guardian', 'duo', 'google-authenticator', 'none'];

/** Duo is a provider, and no factor. `push` is another name of `push-notification`. */
export const FACTORS = [
  'otp',
  'recovery-code',
  'email',
  'push-notification',
  'push',
  'phone',
  'webauthn-platform',
  'webauthn-roaming',
];

/** Calls that challenge or enroll, of all Actions of a login together. One more fails the login. */
export const FACTOR_CALLS = 4;

/** What a scope may be made of (RFC 6749). */
export const SCOPE = /^[!#-[\]-~]+$/;

/** Where a program asks for tokens, and no page of Auth0's is shown that could ask for a second factor. */
export const PROTOCOLS_WITHOUT_A_PAGE = [
  'oauth2-refresh-token',
  'oauth2-token-exchange',
  'oauth2-password',
  'oauth2-resource-owner',
  'oauth2-resource-owner-jwt-bearer',
  'oauth2-access-token',
  'oauth2-webauthn',
  'oidc-ciba',
  'wstrust-usernamemixed',
];

/** What `access.deny` takes as its code where a machine asks for a token. */
export const DENY_CODES = ['invalid_request', 'invalid_scope', 'server_error'];

/** An event that is not taken comes again after so long each time; a stream ends after so many failures, in a row and in all. */
export const EVENT_STREAM = { againAfterMs: [1_000, 2_000, 4_000], failuresInARow: 500, failures: 5_000 };

/**
 * @typedef {'post-login' | 'post-user-registration' | 'pre-user-registration' | 'credentials-exchange' | 'post-change-password'
 *   | 'event-stream'} Trigger
 */

/** Flows that wait for the Action, which may deny what happens in them: each with what that is. @type {Record<string, string | undefined>} */
export const AWAITED = {
  'post-login': 'login',
  'pre-user-registration': 'registration',
  'credentials-exchange': 'exchange',
};

/** Flows that end in tokens. @type {readonly string[]} */
export const ISSUING = ['post-login', 'credentials-exchange'];

/** In the order of `Trigger` in src/document/trigger.rs. @type {Record<Trigger, string>} */
export const HANDLERS = {
  'post-login': 'onExecutePostLogin',
  'post-user-registration': 'onExecutePostUserRegistration',
  'pre-user-registration': 'onExecutePreUserRegistration',
  'credentials-exchange': 'onExecuteCredentialsExchange',
  'post-change-password': 'onExecutePostChangePassword',
  'event-stream': 'onExecuteEventStream',
};

/** All of them, in that order. */
export const TRIGGERS = /** @type {Trigger[]} */ (Object.keys(HANDLERS));
