// One case from its first login to its last.
import { openEngine, withConfig } from '../../../tools/paste/paste.mjs';
import { movableClock, openInstance, runLogin } from './login.mjs';
import { installNetwork, setNetwork } from './network.mjs';
import { faultsOf } from './right.mjs';
import { startUpstream } from './upstream.mjs';
import { eventOf, jsonText, layOver } from './values.mjs';

/**
 * @typedef {object} Case see tests/cases/README.md
 * @property {string} about
 * @property {any} config
 * @property {string} [refused]
 * @property {any} [event]
 * @property {Record<string, string>} [secrets]
 * @property {Record<string, any[]>} [upstream]
 * @property {{ addresses?: Record<string, string[]>, slowConnect?: number, untrusted?: string[] }} [network]
 * @property {any[]} logins
 */

/** What all cases of this process share: the network, the other systems' thread, the clock. */
export async function openCases() {
  const upstream = await startUpstream();
  await installNetwork(upstream.ca);
  const clock = movableClock();
  return {
    /** @param {Case} each @param {string} paste @returns {Promise<string[]>} in which ways it is not right */
    run: (each, paste) => runCase(each, paste, upstream, clock),
    close: () => upstream.close(),
  };
}

/**
 * @param {Case} each
 * @param {string} paste
 * @param {Awaited<ReturnType<typeof startUpstream>>} upstream
 * @param {ReturnType<typeof movableClock>} clock
 */
async function runCase(each, paste, upstream, clock) {
  const { config, refused, network = {}, upstream: rules = {} } = each;
  const problems = openEngine(paste)
    .problems(config)
    .map(({ path, message }) => `${path}: ${message}`);
  if (problems.length > 0) {
    const told = refused !== undefined && problems.some((problem) => problem.includes(refused));
    return told ? [] : [`the config is refused: ${problems.join('; ')}`];
  }
  const ports = await upstream.open(rules, network.untrusted ?? []);
  setNetwork({ ports, addresses: network.addresses ?? {}, slowConnect: network.slowConnect ?? 0 });
  const code = withConfig(paste, JSON.parse(jsonText(config)));
  let instance = openInstance(code);
  let ahead = 0;
  /** @type {Map<string, any>} */
  const written = new Map();
  const faults = [];
  try {
    for (const [index, login] of each.logins.entries()) {
      if (login.newInstance) instance = openInstance(code);
      ahead += (login.laterSeconds ?? 0) * 1000;
      clock.set(ahead);
      await upstream.clock(ahead);
      for (let time = 1; time <= (login.times ?? 1); time += 1) {
        await upstream.arrivals();
        const seen = {
          ...(await runLogin(instance, eventFor(each, login, written), login)),
          arrivals: await upstream.arrivals(),
        };
        keep(seen, written);
        const right = time === (login.times ?? 1) && login.right ? JSON.parse(jsonText(login.right)) : {};
        faults.push(...faultsOf(seen, right).map((fault) => `login ${index + 1}: ${fault}; ${seen.log}`));
      }
    }
  } finally {
    clock.set(0);
  }
  return faults;
}

/** @param {Case} each @param {any} login @param {Map<string, any>} written */
function eventFor(each, login, written) {
  const event = eventOf(each.event, login.event, { secrets: layOver(each.secrets ?? {}, login.secrets) });
  if (!login.carry) return event;
  const metadata = (event.user.app_metadata ??= {});
  for (const [key, value] of structuredClone(written)) {
    if (value === null) delete metadata[key];
    else metadata[key] = value;
  }
  if (login.forge && metadata.login_sync) metadata.login_sync = forged(metadata.login_sync, login.forge);
  return event;
}

/** Auth0 writes metadata at the end of a flow that did not throw. @param {import('./login.mjs').Seen} seen @param {Map<string, any>} written */
function keep({ calls, thrown }, written) {
  if (thrown !== undefined) return;
  for (const { method, args, refused } of calls) {
    if (method === 'user.setAppMetadata' && !refused) written.set(args[0], JSON.parse(JSON.stringify(args[1])));
  }
}

/**
 * The record of what is fresh, changed by somebody who may write app_metadata: in whatever JSON text it holds.
 * @param {any} value
 * @param {{ nextTo?: string, add?: Record<string, unknown>, break?: string }} how
 * @returns {any}
 */
function forged(value, how) {
  if (typeof value === 'string') {
    const inner = parsed(value);
    if (typeof inner !== 'object' || inner === null) return value;
    if (how.break !== undefined) return how.break;
    return JSON.stringify(forged(inner, how));
  }
  if (typeof value !== 'object' || value === null) return value;
  const items = Object.values(value);
  // Next to the claim that is named, and for the other token.
  const tokens = items.some((item) => isHolder(item, how.nextTo))
    ? items.filter((item) => typeof item === 'object' && item !== null)
    : [];
  const changed = (/** @type {any} */ item) => (tokens.includes(item) ? { ...item, ...how.add } : forged(item, how));
  const own = isHolder(value, how.nextTo) ? how.add : undefined;
  return Array.isArray(value)
    ? value.map(changed)
    : { ...Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item)])), ...own };
}

/** @param {any} value @param {string | undefined} name */
const isHolder = (value, name) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  name !== undefined &&
  Object.hasOwn(value, name);

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
