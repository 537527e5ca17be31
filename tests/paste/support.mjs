// What the tests of the paste share: a tenant that is closed after the test, and what must hold after every execution.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PASSWORD, SECRETS } from '../../tools/tenant/event.mjs';
import { CONSOLE_CHARACTERS } from '../../tools/tenant/limits.mjs';
import { openTenant } from '../../tools/tenant/tenant.mjs';

export { SLACK_MS, until } from '../patience.mjs';
export { SECRETS };

/** What a flow that someone waits for is told where nothing can decide. @param {string} [what] */
export const outOfOrder = (what = 'login') => `We could not complete your ${what} (login-sync is out of order).`;

/** Both realms an Action must work in: a tenant's, and the test loader's, where `instanceof` fails. */
export const REALMS = /** @type {const} */ (['own', 'other']);

/** The committed file, the one that people paste. */
export const readPaste = () => readFileSync(new URL('../../pkg/login-sync.js', import.meta.url), 'utf8');

/**
 * A local tenant with one instance of the Action.
 * @param {import('node:test').TestContext} t
 * @param {Partial<import('../../tools/tenant/tenant.mjs').TenantOptions>} [options] `code`: the committed paste when absent
 */
export async function tenant(t, { code = readPaste(), ...options } = {}) {
  const opened = await openTenant({ code, ...options });
  t.after(() => opened.close());
  return opened;
}

/**
 * Stops the clock by which an Action tells a connection that was closed before from one that broke later, and how long one was
 * idle: on a slow machine, too, it breaks at once.
 * @param {import('node:test').TestContext} t
 */
export function stopClock(t) {
  // A whole second: of parts of one the milliseconds would be rounded, and 1,000 of them may be less than a second later.
  let now = Math.ceil(process.uptime());
  t.mock.method(process, 'uptime', () => now);
  return {
    /** @param {number} ms */
    advance: (ms) => void (now += ms / 1000),
  };
}

/** Keeps this thread busy while a server in another goes on. @param {number} ms */
export const block = (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** What keeps this process alive, as far as an Action could have left it behind. */
export const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|TLS|Timeout|Immediate|DNS|GetAddrInfo/.test(name))
    .sort();

/**
 * The JSON bodies that arrived, in order.
 * @param {import('../../tools/tenant/tenant.mjs').Tenant} opened
 * @param {string} [system] only of this stand-in
 */
export const bodies = (opened, system) =>
  opened.standIns.arrivals
    .filter((arrival) => system === undefined || arrival.system === system)
    .map(({ body }) => (body === '' ? undefined : JSON.parse(body)));

/**
 * What holds after every execution, whatever it was about: no fault, a log line that Auth0 keeps whole, and neither a secret
 * nor personal data where others can read it.
 * @param {import('../../tools/tenant/host.mjs').Execution} execution
 * @param {any} event the one it was given
 */
export function assertSound(execution, event) {
  assert.deepEqual(execution.faults, []);
  const log = execution.log.map(({ text }) => text).join('\n');
  assert.ok(log.length <= CONSOLE_CHARACTERS, `the log is ${log.length} characters long`);
  const told = [log, execution.thrown ?? '', execution.denied ?? ''].join('\n');
  for (const [what, value] of Object.entries(hidden(event)))
    assert.ok(!told.includes(value), `the ${what} is in the log or in an error: ${told}`);
  for (const { url, headers, body } of execution.requests) {
    assert.ok(!`${url}${JSON.stringify(headers)}${body}`.includes(PASSWORD), `the password was sent to ${url}`);
    for (const [name, secret] of Object.entries(event.secrets ?? {}))
      assert.ok(
        !`${url}${body}`.includes(String(secret)),
        `the secret ${name} is in the URL or the body sent to ${url}`,
      );
  }
}

/** @param {any} event @returns {Record<string, string>} */
function hidden(event) {
  const { email, name, phone_number: phone, family_name: family } = event.user ?? {};
  const personal = {
    'e-mail address': email,
    name,
    'phone number': phone,
    'family name': family,
    'IP address': event.request?.ip,
    password: PASSWORD,
  };
  const entries = [
    ...Object.entries(personal),
    ...Object.entries(event.secrets ?? {}).map(([key, value]) => [`secret ${key}`, value]),
  ];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string' && value !== ''));
}
