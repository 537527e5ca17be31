// The local tenant, the event: what Auth0 tells an Action about a login, a registration, a machine, a change. All persons, addresses and ids
// here are invented; the address ranges and phone numbers are those set aside for examples.
import { sign } from './systems/cleeng.mjs';
import { isObject } from './values.mjs';

/** The password that is in `request.body`, where an Action must never look. */
export const PASSWORD = 'correct-horse-battery-staple';

/** The secrets a first try needs: invented, and in the form of the real ones. */
export const SECRETS = {
  CLEENG_CLIENT_SECRET: sign({ publisherId: '123456789', purpose: 'auth0-actions', iat: 1_767_225_600 }, 'invented'),
};

/**
 * An event to be kept or given away: without secrets, what was typed, what the browser sent, and the tokens of other identities.
 * No expression reads these.
 * @param {Record<string, any>} event
 */
export function withoutCredentials(event) {
  /** @type {Record<string, (part: any) => unknown>} */
  const parts = {
    request: (request) => without(request, /^(body|query)$/),
    user: (user) =>
      isObject(user) && Array.isArray(user.identities)
        ? { ...user, identities: user.identities.map((identity) => without(identity, /token|secret/i)) }
        : user,
  };
  const rest = Object.entries(without(event, /^secrets$/));
  return Object.fromEntries(rest.map(([name, part]) => [name, parts[name]?.(part) ?? part]));
}

/** @param {any} object @param {RegExp} names */
const without = (object, names) =>
  isObject(object) ? Object.fromEntries(Object.entries(object).filter(([name]) => !names.test(name))) : object;

/**
 * What an invented person, or a machine, does, with the keys that Auth0 documents for it.
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {{ secrets?: Record<string, string>, over?: Record<string, any> | undefined }} [options] `over`: laid over the event, see `overlay`
 * @returns {any}
 */
export function fakeEvent(trigger, { secrets = SECRETS, over = {} } = {}) {
  return overlay({ ...EVENTS[trigger](), secrets: { ...secrets } }, over);
}

/**
 * Lays a partial document over another, field by field: objects are merged, null removes a key, anything else replaces.
 * @param {any} base
 * @param {any} over
 * @returns {any}
 */
export function overlay(base, over) {
  if (!isObject(over)) return over;
  // A map, for a key may be `__proto__`, and must then be a key like any other.
  const result = new Map(Object.entries(isObject(base) ? base : {}));
  for (const [key, value] of Object.entries(over)) {
    if (value === null) result.delete(key);
    else result.set(key, overlay(result.get(key), value));
  }
  return Object.fromEntries(result);
}

const user = () => ({
  user_id: 'auth0|67a1f0c2d4b8e9000a1b2c3d',
  email: 'maja.lindqvist@example.com',
  email_verified: true,
  given_name: 'Maja',
  family_name: 'Lindqvist',
  name: 'Maja Lindqvist',
  nickname: 'maja',
  phone_number: '+46701740605',
  phone_verified: true,
  picture: 'https://cdn.example.com/avatars/ml.png',
  username: 'maja',
  created_at: '2026-01-12T08:30:11.402Z',
  updated_at: '2026-03-02T17:45:09.118Z',
  last_password_reset: '2026-02-01T10:00:00.000Z',
  app_metadata: {},
  user_metadata: {},
});

const tenant = () => ({ id: 'example-media' });

const connection = () => ({ id: 'con_fpe5kj482KO1eOzQ', name: 'customers', strategy: 'auth0', metadata: {} });

const client = () => ({ client_id: 'aBcD1234eFgH5678iJkL9012mNoP3456', name: 'Example Media Web', metadata: {} });

const organization = () => ({
  id: 'org_eX4mPl3M3d1a',
  name: 'subscribers',
  display_name: 'Subscribers',
  metadata: {},
});

const custom_domain = () => ({ domain: 'login.example.com', domain_metadata: {} });

const resource_server = () => ({ identifier: 'https://api.example.com/' });

const security_context = () => ({
  ja3: '579ccef312d18482fc42e2b822ca2430',
  ja4: 't13d1516h2_8daaf6152771_02713d6af862',
});

/** What every flow is told of a request. */
const request = () => ({
  ip: '203.0.113.24',
  method: 'POST',
  hostname: 'example-media.eu.auth0.com',
  language: 'sv-SE',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  geoip: {
    countryCode: 'SE',
    countryCode3: 'SWE',
    countryName: 'Sweden',
    continentCode: 'EU',
    cityName: 'Stockholm',
    subdivisionCode: 'AB',
    subdivisionName: 'Stockholm',
    timeZone: 'Europe/Stockholm',
    latitude: 59.3294,
    longitude: 18.0687,
  },
});

/** What an application asked for when it sent the user to Auth0. */
const transaction = () => ({
  protocol: 'oidc-basic-profile',
  locale: 'sv',
  ui_locales: ['sv', 'en'],
  requested_scopes: ['openid', 'profile', 'email'],
  acr_values: [],
  response_type: ['code'],
  response_mode: 'query',
  redirect_uri: 'https://www.example.com/callback',
  login_hint: 'maja.lindqvist@example.com',
  prompt: ['login'],
  state: 'hKFo2SBCcFd',
  correlation_id: 'c0rr-7Yp2-4f1e',
});

/** @type {Record<import('./limits.mjs').Trigger, () => Record<string, any>>} */
const EVENTS = {
  'post-login': login,
  'post-user-registration': registration,
  'pre-user-registration': newcomer,
  'credentials-exchange': machine,
  'post-change-password': newPassword,
  'event-stream': message,
};

function login() {
  const at = '2026-03-02T17:45:08.901Z';
  const { client_id } = client();
  return {
    user: {
      ...user(),
      identities: [
        {
          connection: 'customers',
          provider: 'auth0',
          user_id: '67a1f0c2d4b8e9000a1b2c3d',
          isSocial: false,
          profileData: { email: 'maja.lindqvist@example.com', email_verified: true },
        },
      ],
      enrolledFactors: [],
      multifactor: [],
    },
    request: {
      ...request(),
      asn: '64496',
      query: { client_id, state: 'hKFo2SBCcFd', login_hint: 'maja.lindqvist@example.com' },
      body: { username: 'maja.lindqvist@example.com', password: PASSWORD },
    },
    client: client(),
    connection: connection(),
    organization: organization(),
    authentication: {
      methods: [{ name: 'pwd', timestamp: at }],
      riskAssessment: {
        confidence: 'high',
        version: '1',
        assessments: {
          NewDevice: { confidence: 'high', code: 'match' },
          ImpossibleTravel: { confidence: 'high', code: 'minimal_travel_from_last_login' },
          UntrustedIP: { confidence: 'high', code: 'not_found_on_deny_list' },
        },
      },
    },
    authorization: { roles: ['subscriber'] },
    transaction: { id: 'txn_01JNB6W7Q2', ...transaction(), linking_id: 'lnk_7Yp2', metadata: {} },
    stats: { logins_count: 7 },
    tenant: tenant(),
    resource_server: resource_server(),
    security_context: security_context(),
    session: {
      id: 'sess_Vb3kq0Yt1mZc',
      client_id,
      created_at: at,
      authenticated_at: at,
      clients: [{ client_id }],
      device: { initial_ip: '203.0.113.24', last_ip: '203.0.113.24', initial_asn: '64496', last_asn: '64496' },
    },
    configuration: {},
  };
}

// There is no request, no transaction and no client here, and no count of logins: the user has never logged in.
function registration() {
  const { last_password_reset: _, ...rest } = user();
  return {
    user: {
      ...rest,
      email_verified: false,
      created_at: '2026-03-02T17:45:08.901Z',
      updated_at: '2026-03-02T17:45:08.901Z',
    },
    connection: connection(),
    tenant: tenant(),
    configuration: {},
  };
}

// A person who is about to register has no id yet, nothing of theirs is verified, and the password is in the body of the request.
function newcomer() {
  const { email, given_name, family_name, name, nickname, phone_number, picture, username } = user();
  return {
    user: {
      email,
      given_name,
      family_name,
      name,
      nickname,
      phone_number,
      picture,
      username,
      app_metadata: {},
      user_metadata: {},
    },
    client: client(),
    connection: connection(),
    authentication: {
      riskAssessment: {
        supplemental: {
          akamai: {
            akamaiBot: {
              type: 'unknown',
              action: 'monitor',
              botCategory: [],
              botScore: 3,
              botScoreResponseSegment: 'human',
              botnetId: '',
            },
            akamaiUserRisk: {
              action: 'monitor',
              allow: 1,
              emailDomain: 'example.com',
              general: {},
              ouid: '',
              requestid: '1a2b3c4d',
              risk: {},
              score: 4,
              status: 0,
              trust: {},
              username: 'maja',
              uuid: '3f6c1f0e-5f0a-4d0b-9d5e-0a1b2c3d4e5f',
            },
          },
        },
      },
    },
    request: { ...request(), hostname: custom_domain().domain, body: { email, password: PASSWORD } },
    transaction: transaction(),
    security_context: security_context(),
    custom_domain: custom_domain(),
    tenant: tenant(),
    configuration: {},
  };
}

function machine() {
  return {
    client: { client_id: 'mAcH1ne4gH5678iJkL9012mNoP34567', name: 'Example Media Billing', metadata: { plan: 'gold' } },
    agent: { agent_id: 'agt_eX4mPl3B1ll1ng00000001', name: 'Billing', agent_metadata: {} },
    organization: organization(),
    request: {
      ...request(),
      ip: '203.0.113.60',
      hostname: custom_domain().domain,
      user_agent: 'curl/8.5.0',
      body: { grant_type: 'client_credentials', client_secret: PASSWORD },
    },
    resource_server: resource_server(),
    accessToken: { customClaims: {}, scope: ['read:invoices'] },
    transaction: {
      requested_scopes: ['read:invoices'],
      target_scopes: ['read:invoices'],
      correlation_id: 'c0rr-8Zq3-5a2f',
    },
    custom_domain: custom_domain(),
    tenant: tenant(),
    configuration: {},
  };
}

function newPassword() {
  return {
    user: user(),
    connection: connection(),
    request: { ...request(), hostname: custom_domain().domain, body: { password: PASSWORD } },
    transaction: { correlation_id: 'c0rr-9Ar4-6b3a' },
    custom_domain: custom_domain(),
    tenant: tenant(),
    configuration: {},
  };
}

// A social user, whom no registration flow sees.
function message() {
  const at = '2026-03-02T17:45:08.901Z';
  return {
    message: {
      id: 'evt_eX4mPl3N3wUs3r00000001',
      type: 'user.created',
      source: 'urn:auth0:example-media',
      specversion: '1.0',
      time: at,
      a0tenant: 'example-media',
      a0stream: 'est_eX4mPl3Str34m000000001',
      data: {
        object: {
          user_id: 'google-oauth2|104815162342108642975',
          email: 'jonas.weber@example.com',
          email_verified: true,
          given_name: 'Jonas',
          family_name: 'Weber',
          name: 'Jonas Weber',
          nickname: 'jonas.weber',
          picture: 'https://cdn.example.com/avatars/jw.png',
          identities: [
            {
              connection: 'google-oauth2',
              provider: 'google-oauth2',
              user_id: '104815162342108642975',
              isSocial: true,
            },
          ],
          app_metadata: {},
          user_metadata: {},
          created_at: at,
          updated_at: at,
        },
      },
    },
  };
}
