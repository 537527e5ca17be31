// The config of login-sync, as a type. Made from src/schema.json by `npm run build`: edit that.

/**
 * An expression, in JMESPath: a path such as user.given_name, a 'literal', ||, &&, !, ==, [*], [?filter], contains(a, b), lower(a) and so on.
 */
export type Expression = string;
/**
 * The name of a secret of the Action, or several in the order in which they are tried: the next one when the other system answers 401, or 403 where a header is the secret by itself.
 */
export type SecretNames = string | string[];
/**
 * What comes before the secret.
 */
export type Prefix = string | null;
/**
 * A literal (no expression), or where it comes from.
 */
export type HeaderValue =
  string | SecretForm | BearerHeader | BasicHeader | JwtHeader | HmacForm | ValueHeader | TokenHeader | null;
/**
 * Whether it is left out when the secret is not set; else that is an error.
 *
 * @default false
 */
export type Optional = boolean | null;
/**
 * A document in which every string is an expression and anything else is itself. A field whose value is null is left out.
 */
export type Mapping =
  | Expression
  | number
  | boolean
  | null
  | Mapping[]
  | ValueForm
  | {
      [k: string]: Mapping;
    };
/**
 * A document in which every string is an expression and anything else is itself. A field whose value is null is left out. An object with the key `secret`, `hmac`, or `value` and `when` is a form.
 */
export type BodyMapping =
  | Expression
  | number
  | boolean
  | null
  | BodyMapping[]
  | BodyValueForm
  | HmacForm
  | SecretForm
  | {
      [k: string]: BodyMapping;
    };
/**
 * A document in which every string is an expression and anything else is itself. A field whose value is null is left out. An object with the key `secret`, `hmac`, `jwt`, or `value` and `when` is a form.
 */
export type FormMapping =
  | Expression
  | number
  | boolean
  | null
  | FormMapping[]
  | FormValueForm
  | HmacForm
  | JwtForm
  | SecretForm
  | {
      [k: string]: FormMapping;
    };
/**
 * What a login does about a failure: it goes on without that system's claims, it is denied (with a reason for the user), or it goes on with a second factor.
 */
export type Policy =
  | ('allow' | 'deny' | 'mfa')
  | {
      deny: Reason;
    };
/**
 * What the application and its user will see: one line.
 */
export type Reason = string;
/**
 * A document in which every string is an expression and anything else is itself. A field whose value is null is left out. An object with the key `hmac`, `jwt`, or `value` and `when` is a form.
 */
export type ClaimMapping =
  | Expression
  | number
  | boolean
  | null
  | ClaimMapping[]
  | ClaimValueForm
  | HmacForm
  | JwtForm
  | {
      [k: string]: ClaimMapping;
    };
/**
 * A document in which every string is an expression and anything else is itself. A field whose value is null is left out. An object with the key `hmac`, or `value` and `when` is a form.
 */
export type MetadataMapping =
  | Expression
  | number
  | boolean
  | null
  | MetadataMapping[]
  | MetadataValueForm
  | HmacForm
  | {
      [k: string]: MetadataMapping;
    };
/**
 * Gives a scope, an array of scopes, or null.
 */
export type Scope = Expression | ValueForm;
/**
 * Asks for a second factor: by a provider, or with one of these factors. What was used in this session is in authentication.methods, what the user is enrolled in in user.enrolledFactors and user.multifactor.
 */
export type MfaRule = ProviderRule | FactorRule;
/**
 * A literal, or a secret.
 */
export type CollectorHeader = string | SecretForm | BearerHeader | BasicHeader | null;

/**
 * The config of login-sync: one document. Every string in a mapping is an expression (JMESPath, https://jmespath.org); anything else is itself.
 */
export interface Config {
  /**
   * Where this schema is, for editors.
   */
  $schema?: string;
  /**
   * The systems that are told about a login, side by side; one that reads another, as syncs.NAME.answer, comes after it. Left out, every preset is on whose secrets are all set under names of its own.
   *
   * @maxItems 64
   */
  syncs?: Sync[] | null;
  /**
   * Parameters of the login page's query that expressions may read, as request.query.NAME. A browser writes there what it likes.
   */
  requestQuery?: string[] | null;
  /**
   * Where access tokens of other systems come from, by a name that headers use: {"token": NAME}. One token for all users, kept until three quarters of its life are over.
   */
  tokens?: {
    [k: string]: TokenSource;
  } | null;
  /**
   * Claims from the event. In their mappings the scope is the event.
   */
  claims?: {
    idToken?: Claims | null;
    accessToken?: Claims | null;
  } | null;
  /**
   * Keys of the user's app_metadata from the event, written only when they change. Null removes a key that is there, and so does an object of which nothing is left.
   */
  appMetadata?: AppMetadata | null;
  /**
   * The same for user_metadata, which users may often change themselves.
   */
  userMetadata?: UserMetadata | null;
  /**
   * Attributes of the SAML response, from the event. A string, a number, a boolean, or an array of these.
   */
  saml?: SamlAttributes | null;
  /**
   * Scopes of the access token. What is removed is not added.
   */
  scopes?: {
    /**
     * Each gives a scope, an array of scopes, or null.
     */
    add?: Scope[] | null;
    /**
     * Each gives a scope, an array of scopes, or null.
     */
    remove?: Scope[] | null;
  } | null;
  /**
   * Who is asked for a second factor. The first rule that applies decides; one that cannot be evaluated applies. Where no one sits in front of Auth0's page (refresh-token exchange, token exchange, password grants, prompt=none) a rule applies only with always.
   */
  mfa?: MfaRule[] | null;
  /**
   * Who may not log in. A rule that cannot be evaluated applies.
   */
  deny?: DenyRule[] | null;
  /**
   * What is said above of a login, for other flows that wait for the Action.
   */
  flows?: {
    'pre-user-registration'?: PreUserRegistration | null;
    'credentials-exchange'?: CredentialsExchange | null;
  } | null;
  /**
   * What all systems together may take, in milliseconds.
   *
   * @default 8000
   * @minimum 100
   * @maximum 15000
   */
  budgetMs?: number | null;
  /**
   * How the log line is written.
   *
   * @default "logfmt"
   */
  log?: 'logfmt' | 'json' | null;
  /**
   * A collector that is told how logins and systems ended, as OTLP/HTTP in JSON. No login waits for it, and nothing of a user is in it.
   */
  metrics?: Metrics | null;
}
/**
 * One system: what is sent to it, what is taken from its answer, what a failure means. With `use`, these fields are laid over the preset's, field by field, and null takes a field away.
 */
export interface Sync {
  /**
   * The preset or the connector that this entry is laid over.
   */
  use?:
    | ('cleeng' | 'okta-workflows' | 'userhub')
    | (
        | 'airtable'
        | 'amplitude'
        | 'braze'
        | 'brightcove'
        | 'castle'
        | 'chargebee'
        | 'customer-io'
        | 'dynamics-365'
        | 'fingerprint'
        | 'freshdesk'
        | 'google-sheets'
        | 'hasura'
        | 'hibp'
        | 'hubspot'
        | 'intercom'
        | 'iterable'
        | 'jw-player'
        | 'klaviyo'
        | 'lago'
        | 'launchdarkly'
        | 'mailchimp'
        | 'make'
        | 'mixpanel'
        | 'n8n'
        | 'notion'
        | 'openfga'
        | 'ortto'
        | 'paddle'
        | 'permit-io'
        | 'pipedrive'
        | 'posthog'
        | 'recurly'
        | 'revenuecat'
        | 'rudderstack'
        | 'salesforce'
        | 'segment'
        | 'sendgrid'
        | 'sift'
        | 'slack'
        | 'standard-webhook'
        | 'stripe'
        | 'supabase'
        | 'teams'
        | 'twilio'
        | 'zapier'
        | 'zendesk'
        | 'zoho-crm'
        | 'zuora'
      );
  /**
   * Its name in the log and in the metadata: lower-case letters, digits, - and _.
   */
  name?: string;
  /**
   * shadow: the entry sends, is judged and logged, and touches nothing. What reads it is in shadow too.
   */
  mode?: 'shadow' | null;
  /**
   * The triggers on which it runs. What an entry takes of an answer is set where the trigger has it: claims of both tokens, metadata and SAML attributes at post-login, metadata at pre-user-registration, claims of the access token at credentials-exchange.
   *
   * @default ["post-login"]
   *
   * @minItems 1
   */
  on?:
    | (
        | 'post-login'
        | 'post-user-registration'
        | 'pre-user-registration'
        | 'credentials-exchange'
        | 'post-change-password'
        | 'event-stream'
      )[]
    | null;
  /**
   * It runs only when this is true of the event and of what it reads of other entries.
   */
  when?: Expression | null;
  /**
   * What is sent.
   */
  request?: Request;
  /**
   * What an answer must be, and what is taken from it.
   */
  response?: Response | null;
  /**
   * So long no call is made (for each user up to a tenth less): what was taken from the last answer is kept in app_metadata. Not for tokens.
   *
   * @minimum 60
   * @maximum 31536000
   */
  freshForSeconds?: number | null;
  /**
   * How much older than freshForSeconds what was kept may be when the system is unavailable. Needs freshForSeconds.
   *
   * @minimum 60
   * @maximum 31536000
   */
  staleForSeconds?: number | null;
  /**
   * Keeps an answer with a token in the memory of the instance while the token is good, at most an hour, so that refresh-token exchanges cost no call. Needs response.token.
   *
   * @default false
   */
  reuse?: boolean | null;
  /**
   * What one try may take at most, from connect to the last byte, in milliseconds; at most budgetMs. Once twenty answers are known a try is given up after twice the slowest of late, but not before 350 ms.
   *
   * @default 2000
   * @minimum 50
   * @maximum 15000
   */
  timeoutMs?: number | null;
  /**
   * How many more tries there are when the system is unavailable.
   *
   * @default 1
   * @minimum 0
   * @maximum 5
   */
  retries?: number | null;
  /**
   * What a failure means for the login: one policy for all failures, or one for each.
   *
   * @default "allow"
   */
  onFailure?: Policy | OnFailure | null;
}
/**
 * What is sent.
 */
export interface Request {
  /**
   * The method. A GET has no body.
   *
   * @default "POST"
   */
  method?: 'POST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE' | null;
  /**
   * Where to: https only, and a fixed host; {name} in the path or in the query takes its value from params, and for one label of the host a secret or a constant text. Or a secret that holds the URL.
   */
  url?: string | SecretUrl;
  /**
   * A value for each {name} in the url, percent-encoded.
   */
  params?: {
    [k: string]: Expression | number | boolean | null | SecretParam;
  } | null;
  /**
   * Headers by name. content-type, accept, user-agent, idempotency-key and login-sync-trigger-id are set unless they are here.
   */
  headers?: {
    [k: string]: HeaderValue;
  } | null;
  /**
   * The body, sent as JSON. In its mapping the scope is the event. The fields of the body itself are fields, whatever their names.
   */
  body?:
    | BodyMapping
    | {
        [k: string]: BodyMapping;
      };
  /**
   * The body, sent as application/x-www-form-urlencoded: a field in another one is a[b], an item of an array a[0].
   */
  form?: {
    [k: string]: FormMapping;
  } | null;
  /**
   * The body, sent as it is: an expression that gives a string.
   */
  text?: Expression | null;
  /**
   * Whether fields of the body whose value is null are sent, for PATCH; else they are left out.
   *
   * @default false
   */
  sendNulls?: boolean | null;
  /**
   * Signs the request by the Standard Webhooks specification, with a secret whsec_…; several give several signatures.
   */
  sign?: {
    /**
     * The secret.
     */
    standardWebhooks: SecretNames;
  } | null;
  /**
   * The key by which the system knows what it has been told already; false sends none.
   */
  idempotency?: Idempotency | false | null;
}
/**
 * A URL that is a secret.
 */
export interface SecretUrl {
  secret?: SecretNames;
  /**
   * Query fields that are cut out of the URL and sent as headers: a token in a query is logged by every proxy.
   */
  queryToHeaders?: {
    [k: string]: string | null;
  } | null;
}
/**
 * A part of the url that is a secret.
 */
export interface SecretParam {
  secret: SecretNames;
  prefix?: Prefix;
}
/**
 * A secret.
 */
export interface SecretForm {
  secret: SecretNames;
  prefix?: Prefix;
  optional?: Optional;
}
/**
 * A header that is `Bearer` and a secret.
 */
export interface BearerHeader {
  bearer: SecretNames;
  optional?: Optional;
}
/**
 * A header that is `Basic`, user and password: of one secret that holds `user:password`, or of one each.
 */
export interface BasicHeader {
  /**
   * The secret, or those of user and password, of which one may be left out.
   */
  basic: SecretNames | UserPassword;
  optional?: Optional;
}
export interface UserPassword {
  /**
   * The user. Left out, it is empty.
   */
  user?: SecretNames | null;
  /**
   * The password. Left out, it is empty.
   */
  password?: SecretNames | null;
}
/**
 * A header that is a JWT of ours, which vouches for the body. In `authorization`, `Bearer` goes before it.
 */
export interface JwtHeader {
  jwt: Jwt;
  /**
   * It cannot be: a receiver must be able to count on it.
   */
  optional?: false | null;
}
/**
 * A JWT of ours, new each time: with iat, exp, jti, and unless claims say otherwise iss login-sync and sub the user's id.
 */
export interface Jwt {
  secret: SecretNames;
  /**
   * RS256 takes a private key in PEM, in which \n may stand for a line break.
   *
   * @default "HS256"
   */
  alg?: 'HS256' | 'RS256' | null;
  /**
   * Its claims; null leaves one out. iat, exp, jti and body_sha256 are set for each token.
   */
  claims?: {
    [k: string]: Mapping;
  } | null;
  /**
   * Fields of its header.
   */
  header?: {
    /**
     * The name of the key.
     */
    kid?: string | null;
    /**
     * The type of the token.
     *
     * @default "JWT"
     */
    typ?: string | null;
  } | null;
  /**
   * Its `aud`: who may accept it. Needed where there are no claims.
   */
  audience?: string | null;
  /**
   * How long it is good.
   *
   * @default 60
   * @minimum 1
   * @maximum 86400
   */
  expiresInSeconds?: number | null;
}
/**
 * A value where a condition is true. Where it is not, the field or the item is left out, and a key of metadata stays as it is.
 */
export interface ValueForm {
  /**
   * The value.
   */
  value: Mapping;
  when: Expression;
}
/**
 * A signature, or a hash that only the holder of the key can make.
 */
export interface HmacForm {
  hmac: {
    secret: SecretNames;
    /**
     * What is signed: an expression that gives a string. In a header of a request that has a body also `body`: the body as it is sent.
     */
    of: Expression;
    /**
     * The hash.
     *
     * @default "sha256"
     */
    algorithm?: 'sha256' | 'sha512' | 'sha1' | null;
    /**
     * How it is written.
     *
     * @default "hex"
     */
    encoding?: 'hex' | 'base64' | null;
    /**
     * What comes before it.
     */
    prefix?: string | null;
  };
}
/**
 * A header made of the event: visible ASCII on one line, or nothing is sent. Never one that carries a credential.
 */
export interface ValueHeader {
  /**
   * An expression, a number or a boolean.
   */
  value: Expression | number | boolean;
  /**
   * The header is left out where this is not true.
   */
  when?: Expression | null;
}
/**
 * A header that is an access token of the top-level `tokens`.
 */
export interface TokenHeader {
  /**
   * Its name there.
   */
  token: string;
  /**
   * What is sent before it.
   *
   * @default "Bearer "
   */
  prefix?: string | null;
}
/**
 * A value where a condition is true; where it is not, there is none. The value may be any form that is taken here.
 */
export interface BodyValueForm {
  /**
   * The value.
   */
  value: BodyMapping;
  when: Expression;
}
/**
 * A value where a condition is true; where it is not, there is none. The value may be any form that is taken here.
 */
export interface FormValueForm {
  /**
   * The value.
   */
  value: FormMapping;
  when: Expression;
}
/**
 * A JWT of ours. In a header it vouches for the body, and in `authorization` `Bearer` goes before it.
 */
export interface JwtForm {
  jwt: Jwt;
}
export interface Idempotency {
  /**
   * The header that holds it.
   *
   * @default "idempotency-key"
   */
  header?: string | null;
  /**
   * login: the same for all tries of one login. user: always the same for one user and request.
   *
   * @default "login"
   */
  of?: 'login' | 'user' | null;
}
/**
 * What an answer must be, and what is taken from it. In the mappings the scope is the answer's JSON.
 */
export interface Response {
  /**
   * The statuses that count as success. Left out or empty: 200 to 299.
   */
  success?: number[] | null;
  /**
   * Where the token is in the response. It must be a JWT and not expired.
   */
  token?: Expression | null;
  /**
   * What must be true of a good answer: some systems say no with a status of success. Otherwise the outcome is rejected.
   */
  expect?: Expression | null;
  /**
   * What others read as syncs.NAME.answer. Without it they read the whole answer. Needed where others read the answer of an entry with freshForSeconds or reuse.
   */
  keep?: {
    [k: string]: Mapping;
  } | null;
  /**
   * Claims of the ID token.
   */
  idToken?: AnswerClaims | null;
  /**
   * Claims of the access token.
   */
  accessToken?: AnswerClaims | null;
  /**
   * Keys of the user's app_metadata. Written only when they change; null removes a key that is there.
   */
  appMetadata?: AnswerAppMetadata | null;
  /**
   * The same for user_metadata, which users may often change themselves.
   */
  userMetadata?: AnswerUserMetadata | null;
  /**
   * Attributes of the SAML response.
   */
  saml?: AnswerSamlAttributes | null;
}
/**
 * Claims by name, from an answer.
 */
export interface AnswerClaims {
  [k: string]: Mapping;
}
/**
 * Keys of the user's app_metadata, from an answer.
 */
export interface AnswerAppMetadata {
  [k: string]: Mapping;
}
/**
 * Keys of the user's user_metadata, from an answer.
 */
export interface AnswerUserMetadata {
  [k: string]: Mapping;
}
/**
 * Attributes of the SAML response by name, from an answer.
 */
export interface AnswerSamlAttributes {
  [k: string]: Mapping;
}
/**
 * A policy for each failure; one that is not named is allowed.
 */
export interface OnFailure {
  /**
   * The other system refuses what was sent (4xx), or its answer is not what `expect` says.
   */
  rejected?: Policy | null;
  /**
   * The other system refuses the secret (401, 403).
   */
  unauthorized?: Policy | null;
  /**
   * The other system knows this user otherwise (409).
   */
  conflict?: Policy | null;
  /**
   * No answer: network, timeout, 408, 425, 429, 5xx, or an open breaker.
   */
  unavailable?: Policy | null;
  /**
   * An answer, or an event, that is not what it must be.
   */
  invalid?: Policy | null;
}
/**
 * Where an access token comes from: by client credentials, by a refresh token, or by an assertion that is signed with a key (JWT bearer).
 */
export interface TokenSource {
  /**
   * The token endpoint: https only; {name} in the path, or for one label of the host, takes its value from params. Or a secret that holds the URL.
   */
  url: string | SecretUrl;
  /**
   * The secret that holds the client's id.
   */
  clientId?: SecretNames | null;
  /**
   * The secret that holds the client's secret.
   */
  clientSecret?: SecretNames | null;
  /**
   * How the client says who it is: by fields of the form, by an authorization header, or by fields of a JSON body.
   *
   * @default "form"
   */
  clientAuth?: 'form' | 'basic' | 'json' | null;
  /**
   * More fields, such as scope or audience: literals or secrets. No expressions: no user is in a token.
   */
  params?: {
    [k: string]: string | number | boolean | null | GrantSecret;
  } | null;
  /**
   * The secret that holds a refresh token that does not rotate: it is what a token is got for.
   */
  refreshToken?: SecretNames | null;
  /**
   * What says who the client is, in a JWT bearer grant: a JWT of ours, good for two minutes.
   */
  assertion?: {
    /**
     * The secret that holds the key: for RS256 a private key in PEM, in which \n may stand for a line break.
     */
    key: SecretNames;
    /**
     * How it is signed.
     *
     * @default "RS256"
     */
    alg?: 'RS256' | 'HS256' | null;
    /**
     * iss: who the client is.
     */
    issuer: string;
    /**
     * sub: for which user of the system.
     */
    subject?: string | null;
    /**
     * aud: who is to accept it, often the token endpoint.
     */
    audience: string;
    /**
     * More claims, as they are: no expressions, for no user is in it.
     */
    claims?: {
      [k: string]: unknown;
    } | null;
  } | null;
}
/**
 * A field of a grant that is a secret.
 */
export interface GrantSecret {
  secret: SecretNames;
}
/**
 * Claims by name. Auth0 drops the names of the protocol and those in its own namespaces; they are refused.
 */
export interface Claims {
  [k: string]: ClaimMapping;
}
/**
 * A value where a condition is true; where it is not, there is none. The value may be any form that is taken here.
 */
export interface ClaimValueForm {
  /**
   * The value.
   */
  value: ClaimMapping;
  when: Expression;
}
/**
 * Keys of the user's app_metadata.
 */
export interface AppMetadata {
  [k: string]: MetadataMapping;
}
/**
 * A value where a condition is true; where it is not, there is none. The value may be any form that is taken here.
 */
export interface MetadataValueForm {
  /**
   * The value.
   */
  value: MetadataMapping;
  when: Expression;
}
/**
 * Keys of the user's user_metadata.
 */
export interface UserMetadata {
  [k: string]: MetadataMapping;
}
/**
 * Attributes of the SAML response by name.
 */
export interface SamlAttributes {
  [k: string]: MetadataMapping;
}
export interface ProviderRule {
  when: Expression;
  /**
   * Whether it applies also where no one sits in front of Auth0's page. There a second factor that is asked for fails the exchange with mfa_required.
   *
   * @default false
   */
  always?: boolean | null;
  /**
   * As Auth0 names it in api.multifactor.enable.
   */
  provider: 'any' | 'guardian' | 'duo' | 'google-authenticator' | 'none';
  options?: {
    /**
     * Whether the user may have this browser remembered. Left out, Auth0 does not offer it.
     */
    allowRememberBrowser?: boolean | null;
  } | null;
}
export interface FactorRule {
  when: Expression;
  /**
   * Whether it applies also where no one sits in front of Auth0's page. There a second factor that is asked for fails the exchange with mfa_required.
   *
   * @default false
   */
  always?: boolean | null;
  /**
   * The factors, the preferred one first. Asked for are those that the user has (user.enrolledFactors). A user who has none of them enrolls: with enrollWith, or with any factor that the tenant offers.
   *
   * @minItems 1
   */
  challengeWith: (
    'otp' | 'recovery-code' | 'email' | 'push-notification' | 'phone' | 'webauthn-platform' | 'webauthn-roaming'
  )[];
  /**
   * The factors that a user who has none of challengeWith may enroll in, the preferred one first.
   *
   * @minItems 1
   */
  enrollWith?:
    | ('otp' | 'recovery-code' | 'email' | 'push-notification' | 'phone' | 'webauthn-platform' | 'webauthn-roaming')[]
    | null;
}
/**
 * Denies a login.
 */
export interface DenyRule {
  when: Expression;
  reason: Reason | ReasonValue;
}
/**
 * A reason that an expression gives: one line of it, at most 200 characters. Where it gives no string, the user is told that the login could not be completed.
 */
export interface ReasonValue {
  value: Expression;
}
/**
 * Before a registration: who may not register, and what the new user is given. There is no user id yet.
 */
export interface PreUserRegistration {
  /**
   * Who may not register. A rule that cannot be evaluated applies.
   */
  deny?: RegistrationDenyRule[] | null;
  /**
   * Keys of the new user's app_metadata.
   */
  appMetadata?: AppMetadata | null;
  /**
   * Keys of the new user's user_metadata.
   */
  userMetadata?: UserMetadata | null;
}
/**
 * Denies a registration.
 */
export interface RegistrationDenyRule {
  when: Expression;
  /**
   * What the log of the tenant says.
   */
  reason: Reason | ReasonValue;
  /**
   * What the person who registers sees. Without it that is the reason.
   */
  userMessage?: Reason | ReasonValue | null;
}
/**
 * A machine asks for an access token. There is no user: read client.
 */
export interface CredentialsExchange {
  /**
   * Claims from the event.
   */
  claims?: {
    accessToken?: Claims | null;
  } | null;
  /**
   * Which machine gets no token. A rule that cannot be evaluated applies.
   */
  deny?: MachineDenyRule[] | null;
}
/**
 * Denies a machine its token.
 */
export interface MachineDenyRule {
  when: Expression;
  /**
   * What it is told as error_description.
   */
  reason: Reason | ReasonValue;
  /**
   * What it is told as error.
   *
   * @default "invalid_request"
   */
  code?: 'invalid_request' | 'invalid_scope' | 'server_error' | null;
}
export interface Metrics {
  /**
   * Where, with the path: https://HOST/v1/metrics. Its host is fixed.
   */
  url: string | SecretUrl;
  /**
   * Headers by name. A secret that is not set costs no login: then nothing is sent.
   */
  headers?: {
    [k: string]: CollectorHeader;
  } | null;
  /**
   * At most one batch in so many seconds, from each instance of the Action.
   *
   * @default 60
   * @minimum 10
   * @maximum 3600
   */
  everySeconds?: number | null;
}
