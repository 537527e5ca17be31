// demo/: who can log in. All persons, addresses and numbers are invented; the numbers and domains are those set aside for
// examples. What becomes of a login follows from these records and the config alone: nothing elsewhere knows a name.

/**
 * @typedef {object} Person one user of the tenant
 * @property {Record<string, any> & { user_id: string, email: string, name: string, app_metadata: Record<string, any>, user_metadata: Record<string, any>, identities: Record<string, any>[] }} user
 *   as `event.user` has it; the tenant writes the metadata
 * @property {string[]} roles
 * @property {Record<string, string>} geoip where the tenant takes the browser to be, for 127.0.0.1 is nowhere
 * @property {number} logins
 * @property {string} story what becomes of a login under the demo's own config
 */

/** What a config can tell people apart by. @param {Person} person */
export const traits = ({ user, roles, geoip }) =>
  [
    geoip.countryName,
    user.identities[0]?.provider,
    roles.length > 0 ? roles.join(' and ') : 'no roles',
    user.phone_number ?? 'no phone number',
  ].join(' · ');

/** The email that Cleeng knows under another Auth0 identity. */
export const TAKEN_EMAIL = 'noor.haddad@example.org';

/** What the CRM knows, by phone number. */
export const CRM_NAMES = new Map([
  ['+46701740605', 'Maja Lindqvist'],
  ['+12025550143', 'Thomas A. Reyes'],
]);

/** @returns {Person[]} new ones: a tenant changes them */
export const people = () => [
  person({
    user: user('auth0', 'Maja', 'Lindqvist', 'maja.lindqvist@example.com', {
      phone_number: '+46701740605',
      phone_verified: true,
    }),
    roles: ['subscriber'],
    geoip: { countryCode: 'SE', countryName: 'Sweden', continentCode: 'EU', timeZone: 'Europe/Stockholm' },
    story: 'Cleeng, UserHub and the CRM are asked. Log in twice: the second time none is.',
  }),
  person({
    user: user('google-oauth2', 'Thomas', 'Reyes', 'thomas.reyes@example.com', {
      phone_number: '+12025550143',
      phone_verified: false,
    }),
    roles: ['subscriber', 'beta'],
    geoip: { countryCode: 'US', countryName: 'United States', continentCode: 'NA', timeZone: 'America/New_York' },
    story: 'Came through Google. Other roles, another record in the CRM.',
  }),
  person({
    user: user('auth0', 'Aiko', 'Tanaka', 'aiko.tanaka@example.com'),
    roles: ['editor'],
    geoip: { countryCode: 'JP', countryName: 'Japan', continentCode: 'AS', timeZone: 'Asia/Tokyo' },
    story: 'An editor: a second factor is asked for. No phone number: the CRM is skipped.',
  }),
  person({
    user: user('auth0', 'Noor', 'Haddad', TAKEN_EMAIL),
    roles: ['subscriber'],
    geoip: { countryCode: 'FR', countryName: 'France', continentCode: 'EU', timeZone: 'Europe/Paris' },
    story: 'Cleeng knows the email under another identity: the login is denied.',
  }),
  person({
    user: user('auth0', 'Piet', 'Janssen', 'piet.janssen@example.com', { app_metadata: { blocked_by_billing: true } }),
    roles: [],
    geoip: { countryCode: 'NL', countryName: 'Netherlands', continentCode: 'EU', timeZone: 'Europe/Amsterdam' },
    story: 'Blocked by billing: a rule denies the login.',
  }),
];

/** @param {Omit<Person, 'logins'>} rest @returns {Person} */
const person = (rest) => ({ ...rest, logins: 0 });

/**
 * @param {string} provider
 * @param {string} given
 * @param {string} family
 * @param {string} email
 * @param {Record<string, any>} [more]
 * @returns {Person['user']}
 */
function user(provider, given, family, email, more = {}) {
  const id = Buffer.from(`${given}${family}`.toLowerCase()).toString('hex').padEnd(24, '0').slice(0, 24);
  const connection = provider === 'auth0' ? 'customers' : provider;
  return {
    user_id: `${provider}|${id}`,
    email,
    email_verified: true,
    given_name: given,
    family_name: family,
    name: `${given} ${family}`,
    nickname: given.toLowerCase(),
    created_at: '2026-01-12T08:30:11.402Z',
    updated_at: '2026-03-02T17:45:09.118Z',
    app_metadata: {},
    user_metadata: {},
    identities: [{ connection, provider, user_id: id, isSocial: provider !== 'auth0' }],
    enrolledFactors: [],
    multifactor: [],
    ...more,
  };
}
