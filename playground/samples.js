// The playground's samples: the shipped examples, and the logins that an Action meets. All persons are invented.

import schema from '../pkg/schema.json';
import { presetsOf } from '../tools/paste/config.mjs';
import { fakeEvent } from '../tools/tenant/event.mjs';
import { TRIGGERS } from '../tools/tenant/limits.mjs';
import { aboutOf, CONNECTORS, CONTRACTS } from './connectors.js';

const modules = import.meta.glob('../examples/*/config.json', { query: '?raw', import: 'default', eager: true });

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} title
 * @property {string} group
 * @property {string} text
 * @property {string} [sample] the event that it is shown with
 */

const OF_CONNECTORS = [...presetsOf(schema), ...Object.keys(CONNECTORS)].map((name) => {
  const { title = name, area = 'in every paste' } = aboutOf(name) ?? {};
  const text = `${JSON.stringify({ syncs: [{ use: name }] }, null, 2)}\n`;
  return { name: `connector: ${name}`, title, group: `Connectors: ${area}`, text, sample: usualOf(name) };
});

/** A system that the page does not know, as most people have one. */
const OWN = `{
  "syncs": [
    {
      "name": "mine",
      "request": {
        "url": "https://api.example.com/users",
        "headers": { "x-api-key": { "secret": "MY_API_KEY" } },
        "body": { "id": "user.user_id", "email": "user.email" }
      },
      "response": { "idToken": { "https://example.com/plan": "plan" } },
      "onFailure": "allow"
    }
  ]
}
`;

/** The configs of examples/, by the name of their folder, and one with each connector. @type {Example[]} */
export const EXAMPLES = [
  { name: 'empty config', text: '{}\n' },
  { name: 'your own system', text: OWN },
  ...Object.entries(modules).map(([file, text]) => ({ name: file.split('/').at(-2) ?? file, text: String(text) })),
]
  .map(({ name, text }) => /** @type {Example} */ ({ name, title: name, group: 'Examples', text }))
  .concat(OF_CONNECTORS.sort((a, b) => (a.group + a.title).localeCompare(b.group + b.title, 'en')));

/** Their groups, in order. */
export const GROUPS = [...new Set(EXAMPLES.map(({ group }) => group))];

/** The login by which a connector is shown: the one that its contract calls usual. @param {string} name */
function usualOf(name) {
  return CONTRACTS[name]?.logins[0]?.event ? `${name}/0` : 'password';
}

/** No one typed a password. */
const noBody = { username: null, password: null };

/** Enrolled, which is not the same as used in this session. */
const enrolled = {
  user: {
    multifactor: ['guardian'],
    enrolledFactors: ['otp', 'push-notification'].map((type) => ({ type, method: type })),
  },
};

const social = {
  user: {
    user_id: 'google-oauth2|104815162342108642975',
    email: 'jonas.weber@example.com',
    given_name: 'Jonas',
    family_name: 'Weber',
    name: 'Jonas Weber',
    nickname: 'jonas.weber',
    phone_number: null,
    phone_verified: null,
    username: null,
    last_password_reset: null,
    picture: 'https://cdn.example.com/avatars/jw.png',
    identities: [
      { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '104815162342108642975', isSocial: true },
    ],
  },
  request: {
    ip: '198.51.100.7',
    language: 'de-DE',
    body: noBody,
    query: { login_hint: null, connection: 'google-oauth2' },
    geoip: {
      countryCode: 'DE',
      countryCode3: 'DEU',
      countryName: 'Germany',
      cityName: 'Hamburg',
      subdivisionCode: 'HH',
      subdivisionName: 'Hamburg',
      timeZone: 'Europe/Berlin',
      latitude: 53.5507,
      longitude: 9.993,
    },
  },
  connection: { id: 'con_gO0gLe5kj482KO1e', name: 'google-oauth2', strategy: 'google-oauth2' },
  authentication: { methods: [{ name: 'federated', timestamp: '2026-03-02T17:45:08.901Z' }] },
  transaction: { locale: 'de', ui_locales: ['de'], login_hint: null },
  stats: { logins_count: 1 },
};

/** A refresh token is exchanged by a program: no one sits before a browser, and there is no session to show. */
const refresh = {
  request: {
    body: noBody,
    query: { state: null, login_hint: null },
    language: null,
    user_agent: 'ExampleMedia/4.2 (Android 16)',
  },
  session: null,
  refresh_token: {
    id: 'rt_7pQx2cV9',
    client_id: 'aBcD1234eFgH5678iJkL9012mNoP3456',
    created_at: '2026-02-27T06:12:44.120Z',
    last_exchanged_at: '2026-03-02T16:45:02.007Z',
    rotating: true,
  },
  transaction: {
    protocol: 'oauth2-refresh-token',
    response_type: null,
    response_mode: null,
    redirect_uri: null,
    prompt: null,
    state: null,
    login_hint: null,
  },
  stats: { logins_count: 42 },
};

/** Only what Auth0 promises for every connection. */
const bare = {
  user: {
    user_id: 'sms|64f0c1b2a3948576d0e1f2a3',
    email: null,
    email_verified: false,
    given_name: null,
    family_name: null,
    name: '+12025550143',
    nickname: null,
    phone_number: '+12025550143',
    username: null,
    last_password_reset: null,
    picture: null,
    identities: [{ connection: 'sms', provider: 'sms', user_id: '64f0c1b2a3948576d0e1f2a3', isSocial: false }],
  },
  request: {
    language: null,
    asn: null,
    hostname: null,
    body: noBody,
    geoip: {
      countryCode: 'US',
      countryCode3: 'USA',
      countryName: 'United States',
      continentCode: 'NA',
      cityName: null,
      subdivisionCode: null,
      subdivisionName: null,
      timeZone: 'America/Chicago',
      latitude: 37.751,
      longitude: -97.822,
    },
  },
  connection: { id: 'con_smS5kj482KO1eOzQ', name: 'sms', strategy: 'sms' },
  organization: null,
  authorization: null,
  authentication: { methods: [{ name: 'sms', timestamp: '2026-03-02T17:45:08.901Z' }] },
  resource_server: null,
  transaction: { locale: null, ui_locales: null, login_hint: null, linking_id: null, requested_scopes: ['openid'] },
  stats: { logins_count: 3 },
};

const noGeoip = {
  request: { geoip: Object.fromEntries(Object.keys(fakeEvent('post-login').request.geoip).map((key) => [key, null])) },
};

/**
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} name
 * @property {import('../tools/tenant/limits.mjs').Trigger} trigger
 * @property {Record<string, any>} over laid over the invented event
 * @property {string} [connector] only for configs that use this
 */

/** @type {Sample[]} */
const LISTED = [
  { id: 'password', name: 'Login with a password', trigger: 'post-login', over: {} },
  { id: 'enrolled', name: 'Login, enrolled in two factors', trigger: 'post-login', over: enrolled },
  {
    id: 'second-factor',
    name: 'Login, second factor used before',
    trigger: 'post-login',
    over: {
      ...enrolled,
      authentication: {
        methods: [
          { name: 'pwd', timestamp: '2026-03-02T17:40:08.901Z' },
          { name: 'mfa', timestamp: '2026-03-02T17:40:31.377Z', type: 'otp' },
        ],
      },
    },
  },
  { id: 'refresh', name: 'Refresh-token exchange', trigger: 'post-login', over: refresh },
  {
    id: 'silent',
    name: 'Silent login (prompt=none)',
    trigger: 'post-login',
    over: {
      request: { body: noBody },
      transaction: { prompt: ['none'], response_mode: 'web_message' },
      stats: { logins_count: 8 },
    },
  },
  { id: 'social', name: 'First login with Google', trigger: 'post-login', over: social },
  { id: 'no-geoip', name: 'Login, place unknown (no geoip)', trigger: 'post-login', over: noGeoip },
  { id: 'sms', name: 'Passwordless, no email address', trigger: 'post-login', over: bare },
  {
    id: 'blocked',
    name: 'Login, blocked by billing',
    trigger: 'post-login',
    over: { user: { app_metadata: { blocked_by_billing: true } } },
  },
  { id: 'registration', name: 'Registration with a password', trigger: 'post-user-registration', over: {} },
  {
    id: 'registration-email',
    name: 'Registration, passwordless',
    trigger: 'post-user-registration',
    over: {
      user: {
        user_id: 'email|64f0c1b2a3948576d0e1f2a4',
        given_name: null,
        family_name: null,
        username: null,
        phone_number: null,
        phone_verified: null,
        name: 'maja.lindqvist@example.com',
      },
      connection: { id: 'con_eMa1lj482KO1eOzQ', name: 'email', strategy: 'email' },
    },
  },
  {
    id: 'saml',
    name: 'Login to a SAML application',
    trigger: 'post-login',
    over: { transaction: { protocol: 'samlp', requested_scopes: null, redirect_uri: null }, resource_server: null },
  },
  {
    id: 'organization',
    name: 'Login to an organization that pays late',
    trigger: 'post-login',
    over: {
      organization: { name: 'late-payers', display_name: 'Late Payers', metadata: { billing_account: 'acc_17' } },
      authorization: { roles: ['admin'] },
    },
  },
  { id: 'before-registration', name: 'Before a registration', trigger: 'pre-user-registration', over: {} },
  {
    id: 'before-disposable',
    name: 'Before a registration, disposable address',
    trigger: 'pre-user-registration',
    over: { user: { email: 'eve@disposable.example' } },
  },
  { id: 'machine', name: 'A machine asks for a token', trigger: 'credentials-exchange', over: {} },
  {
    id: 'machine-no-plan',
    name: 'A machine without metadata',
    trigger: 'credentials-exchange',
    over: { client: { metadata: { plan: null } }, organization: null },
  },
  { id: 'new-password', name: 'A changed password', trigger: 'post-change-password', over: {} },
  { id: 'user-created', name: 'Event: a social user was created', trigger: 'event-stream', over: {} },
  {
    id: 'user-updated',
    name: 'Event: a user was updated',
    trigger: 'event-stream',
    over: {
      message: { type: 'user.updated', time: '2026-03-03T09:12:44.010Z', data: { object: { name: 'Jonas W.' } } },
    },
  },
  {
    id: 'user-deleted',
    name: 'Event: a user was deleted',
    trigger: 'event-stream',
    over: { message: { type: 'user.deleted', time: '2026-03-04T10:00:00.000Z' } },
  },
];

/** What a connector makes of users and logins that are not the invented one. @type {Sample[]} */
const OF_CONTRACTS = Object.entries(CONTRACTS).flatMap(([connector, { logins }]) =>
  logins.flatMap(({ title, event, answers }, i) =>
    event && !answers
      ? [
          {
            id: `${connector}/${i}`,
            name: `${aboutOf(connector)?.title ?? connector} ${title}`,
            trigger: 'post-login',
            over: event,
            connector,
          },
        ]
      : [],
  ),
);

/** A trigger that comes later has the event that the local tenant invents for it. @type {Sample[]} */
export const SAMPLES = [
  ...LISTED,
  ...TRIGGERS.filter((trigger) => LISTED.every((sample) => sample.trigger !== trigger)).map((trigger) => ({
    id: trigger,
    name: trigger,
    trigger,
    over: {},
  })),
  ...OF_CONTRACTS,
];

/** @param {import('../tools/tenant/limits.mjs').Trigger} trigger @param {string} [connector] */
export const samplesOf = (trigger, connector) =>
  SAMPLES.filter((sample) => sample.trigger === trigger && sample.connector === connector);

/** A sample's event, without secrets: they have fields of their own. @param {Sample} sample */
export function eventOf({ trigger, over }) {
  const { secrets: _, ...event } = fakeEvent(trigger, { over });
  return event;
}
