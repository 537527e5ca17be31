// demo/: the Action in the tenant: one instance of the paste under the strict host, with stand-ins for the outside world.
// It keeps what a tenant keeps of a login (metadata, a log); what the provider makes of the outcome is tenant.mjs's.
import { createHost } from '../tools/tenant/host.mjs';
import { readSyncs } from '../tools/tenant/logline.mjs';
import { factorText } from '../tools/tenant/outcome.mjs';
import { createRedirect } from '../tools/tenant/redirect.mjs';
import { startStandIns } from '../tools/tenant/standins.mjs';
import { crm } from '../tools/tenant/systems/crm.mjs';
import { CRM_NAMES, TAKEN_EMAIL } from './people.mjs';

/**
 * @typedef {object} Entry one execution, as the tenant's log has it
 * @property {number} number counts from 1
 * @property {number} at milliseconds since the epoch
 * @property {string} protocol
 * @property {string} userId
 * @property {string} name
 * @property {string | undefined} state the application's own, of an authorization request
 * @property {string | undefined} tokenId `jti` of the access token that came of it
 * @property {number} ms
 * @property {string | null} denied the reason
 * @property {string | null} factor the second factor that is asked for
 * @property {{ method: string, url: string, status: number | null, ms: number }[]} calls
 * @property {Record<string, string>} outcomes by system
 * @property {string} log
 * @property {string[]} faults what would go wrong, or unnoticed, on a real tenant
 *
 * @typedef {object} Outcome
 * @property {{ idToken: Record<string, any>, accessToken: Record<string, any> }} claims
 * @property {string | undefined} scope of the access token, where the Action has changed it
 * @property {import('../tools/tenant/outcome.mjs').Outcome['mfa']} mfa
 * @property {import('../tools/tenant/outcome.mjs').Outcome['error']} error
 * @property {Entry} entry
 */

const KEPT = 200;

/**
 * @param {Pick<import('../tools/tenant/run.mjs').RunOptions, 'code' | 'secrets' | 'faults' | 'expected'>} options
 */
export async function openAction({ code, secrets, faults = [], expected = [] }) {
  const standIns = await startStandIns({ secrets, systems: [crmOf(secrets)] });
  for (const each of expected) standIns.expect(each.host, each.secrets);
  for (const { name, host } of faults) standIns.fault(name, host === undefined ? {} : { host });
  standIns.systems.cleeng.customers.set(TAKEN_EMAIL, { auth0Id: 'auth0|another-identity', customerId: '123456780' });
  const redirect = createRedirect(standIns.port);
  const host = createHost(code, { require: redirect.require });
  /** @type {Entry[]} */
  const log = [];
  let number = 0;

  return {
    port: standIns.port,
    standIns,
    /** The last executions, in order. */
    log,

    /**
     * Runs it at a login or a refresh.
     * @param {import('./people.mjs').Person} person
     * @param {any} event
     * @returns {Promise<Outcome>}
     */
    async run({ user }, event) {
      const at = Date.now();
      const execution = await host.execute('post-login', event);
      user.app_metadata = execution.appMetadata;
      user.user_metadata = execution.userMetadata;
      const entry = { number: (number += 1), at, ...toldOf(event, execution, host.load.faults) };
      log.push(entry);
      if (log.length > KEPT) log.shift();
      return {
        claims: { idToken: custom(execution.tokens?.idToken), accessToken: custom(execution.tokens?.accessToken) },
        scope: execution.commands.some(({ method }) => /^accessToken\.(add|remove)Scope$/.test(method))
          ? execution.tokens?.accessToken.claims.scope
          : undefined,
        mfa: execution.mfa,
        error: execution.error,
        entry,
      };
    },

    async close() {
      redirect.close();
      await standIns.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openAction>>} Action */

/**
 * An execution as the tenant's log has it.
 * @param {any} event
 * @param {import('../tools/tenant/host.mjs').Execution} execution
 * @param {import('../tools/tenant/context.mjs').Fault[]} before what went wrong when the file was loaded
 * @returns {Omit<Entry, 'number' | 'at'>}
 */
const toldOf = ({ user, transaction }, { ms, error, mfa, requests, log, faults, refused }, before) => ({
  protocol: transaction.protocol,
  userId: user.user_id,
  name: user.name,
  state: transaction.state,
  tokenId: undefined,
  ms,
  denied: error?.error_description ?? null,
  factor: mfa && factorText(mfa),
  calls: requests.map(({ method, url, status, ms }) => ({ method, url, status, ms: ms ?? 0 })),
  outcomes: Object.fromEntries(readSyncs(log).map(({ name, outcome }) => [name, outcome])),
  log: log.map(({ text }) => text).join('\n'),
  faults: [...before, ...faults, ...refused].map(({ message }) => message),
});

/** What the Action set, without what any token has. @param {import('../tools/tenant/outcome.mjs').Token | null | undefined} token */
const custom = (token) => Object.fromEntries((token?.custom ?? []).map((name) => [name, token?.claims[name]]));

/** The stand-in for the CRM, which knows each of our people by name. @param {Record<string, string>} secrets */
function crmOf(secrets) {
  const system = crm(secrets);
  /** @param {import('../tools/tenant/standins.mjs').Arrival} arrival @returns {import('../tools/tenant/standins.mjs').Answer} */
  const answer = (arrival) => {
    const found = system.answer(arrival);
    if (found.status !== 200) return found;
    const name = CRM_NAMES.get(JSON.parse(arrival.body).phoneNumber);
    return name
      ? { status: 200, body: { .../** @type {object} */ (found.body), name } }
      : { status: 404, body: { message: 'no such person' } };
  };
  return { ...system, answer };
}
