// tools/paste/: the fields of Auth0's events, as its documentation has them. A field that is not here is surely a mistake, or one
// that Auth0 has added since: so it is warned of, and never refused.

import { nearest } from './nearest.mjs';

/** @typedef {true | Fields | [Fields]} Shape `true`: a value, or an object whose fields are not known; in an array the items */
/** @typedef {{ [name: string]: Shape }} Fields */

/** @param {string} names @returns {Fields} */
const fields = (names) => Object.fromEntries(names.split(/\s+/).map((name) => [name, true]));

const device = fields('initial_asn initial_ip initial_user_agent last_asn last_ip last_user_agent');

/** @type {Fields} */
const user = {
  ...fields(
    `user_id email email_verified given_name family_name name nickname phone_number phone_verified picture username created_at
    updated_at last_password_reset app_metadata user_metadata multifactor`,
  ),
  identities: [fields('connection provider user_id userId isSocial profileData')],
  enrolledFactors: [fields('type method options')],
};

/** @type {Fields} */
const request = {
  ...fields('ip asn method hostname language user_agent query body'),
  geoip: fields(
    'cityName continentCode countryCode countryCode3 countryName latitude longitude subdivisionCode subdivisionName timeZone',
  ),
};

const connection = fields('id name strategy metadata');
const organization = fields('id name display_name metadata');
const tenant = fields('id');
const custom_domain = fields('domain domain_metadata');
const security_context = fields('ja3 ja4');
const resource_server = fields('identifier');
const agent = fields('agent_id agent_metadata name');

const client = fields('client_id name metadata external_client_id authentication refresh_token');

const transaction = fields(
  `id protocol locale ui_locales requested_scopes requested_authorization_details acr_values redirect_uri login_hint prompt
  metadata actor actor_token_type subject_token_type correlation_id linking_id response_mode response_type state target_scopes`,
);

/** @type {Fields} */
const authentication = {
  methods: [fields('name timestamp type')],
  riskAssessment: fields('confidence version assessments supplemental'),
};

/** @type {Fields} */
const session = {
  ...fields(
    `id user_id client_id created_at updated_at authenticated_at last_interacted_at expires_at idle_expires_at metadata clients
    cookie authentication authentication_methods actor session_transfer`,
  ),
  device,
};

/** @type {Fields} */
const refresh_token = {
  ...fields(
    `id user_id client_id session_id created_at expires_at idle_expires_at last_exchanged_at rotating resource_servers
    metadata session_transfer`,
  ),
  device,
};

const shared = { connection, custom_domain, request, security_context, tenant, transaction, user };

/** @type {Record<string, Fields>} */
const EVENTS = {
  'post-login': {
    ...shared,
    ...fields('anonymous_session configuration experiment session_transfer_token'),
    agent,
    authentication,
    authorization: fields('roles permissions'),
    client,
    organization,
    prompt: fields('id fields vars'),
    refresh_token,
    resource_server,
    session,
    stats: fields('logins_count'),
  },
  'post-user-registration': { ...shared, authentication, configuration: true },
  'pre-user-registration': { ...shared, authentication, client, configuration: true },
  'credentials-exchange': {
    accessToken: fields('customClaims scope'),
    agent,
    client,
    configuration: true,
    custom_domain,
    organization,
    request,
    resource_server,
    tenant,
    transaction,
  },
  'post-change-password': { ...shared, authentication, configuration: true },
  'event-stream': { message: true },
};

/** What is in scope besides the event. @type {Fields} */
const OURS = { clock: fields('iso seconds ms weekday hour'), interactive: true, syncs: true };

/**
 * What is wrong with a path: undefined if one of these triggers has it in its event.
 * @param {(string | number)[]} names
 * @param {string[]} triggers
 * @param {string[]} [known] paths that this tenant has besides
 * @returns {{ unknown: string, instead: string | undefined } | undefined} `unknown`: as far as it is wrong
 */
export function unknownField(names, triggers, known = []) {
  const path = names.filter((name) => typeof name === 'string');
  if (known.some((each) => path.join('.') === each || path.join('.').startsWith(`${each}.`))) return undefined;
  const found = triggers.map((trigger) => lookUp(names, trigger));
  if (found.includes(undefined)) return undefined;
  // The one that goes further is the one that was meant.
  const [best] = found.sort((a, b) => Number(b?.depth) - Number(a?.depth));
  return best;
}

/** @param {(string | number)[]} names @param {string} trigger */
function lookUp(names, trigger) {
  const event = EVENTS[trigger];
  if (!event) return undefined;
  /** @type {Shape | undefined} */
  let shape = { ...event, ...OURS };
  /** @type {string[]} */
  const path = [];
  for (const name of names) {
    if (shape === true) return undefined;
    const isItem = name === '*' || typeof name === 'number';
    /** @type {Shape | undefined} */
    const next = Array.isArray(shape) ? (isItem ? shape[0] : undefined) : isItem ? true : own(shape, name);
    if (!isItem) path.push(name);
    if (next === undefined) {
      const siblings = Array.isArray(shape) ? shape[0] : shape;
      return { unknown: path.join('.'), instead: likely(path, siblings, event), depth: path.length };
    }
    shape = next;
  }
}

/** @param {Fields} fields @param {string} name */
const own = (fields, name) => (Object.hasOwn(fields, name) ? fields[name] : undefined);

/** What was meant. @param {string[]} path @param {Fields} siblings @param {Fields} event @returns {string | undefined} */
function likely(path, siblings, event) {
  const [last = '', before] = [path.at(-1), path.slice(0, -1)];
  const near = nearest(last, Object.keys(siblings));
  if (near) return [...before, near].join('.');
  // `email`, or `client.ip`.
  for (const [group, shape] of Object.entries(event)) {
    if (typeof shape === 'object' && !Array.isArray(shape) && Object.hasOwn(shape, last)) return `${group}.${last}`;
  }
}
