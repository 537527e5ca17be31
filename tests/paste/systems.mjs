// What the tests of the systems and of the examples share: the configs of examples/, and a login with what must hold after each.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { assertSound, readPaste, tenant } from './support.mjs';

export const PASTE = readPaste();
export const USERHUB = { USERHUB_API_KEY: 'sk_abc123', USERHUB_CONNECTION_ID: 'conn_x' };
export const CRM = { CRM_API_KEY: 'crm-key-1' };

/** @param {string} name @param {string} [file] */
export const example = (name, file = 'config.json') =>
  JSON.parse(readFileSync(new URL(`../../examples/${name}/${file}`, import.meta.url), 'utf8'));

/** @param {import('node:test').TestContext} t @param {unknown} config @param {Record<string, string>} [secrets] */
export const action = (t, config, secrets = {}) => tenant(t, { code: withConfig(PASTE, config), secrets });

/**
 * A login or a registration, with what must hold after every one of them.
 * @param {import('../../tools/tenant/tenant.mjs').Tenant} opened
 * @param {Record<string, any>} [over]
 * @param {'login' | 'register'} [what]
 */
export async function sound(opened, over, what = 'login') {
  const execution = await opened[what](over);
  const event =
    what === 'login'
      ? opened.event(over)
      : fakeEvent('post-user-registration', { secrets: opened.event().secrets, over });
  assert.equal(execution.thrown, null);
  for (const { dropped, args } of execution.commands)
    assert.equal(dropped, undefined, `Auth0 would drop the claim ${args[0]}`);
  // Some secrets belong in the URL that is sent; in the log none does.
  const sent = Object.entries(event.secrets).filter(([name]) => /(_URL|CONNECTION_ID)$/.test(name));
  assertSound(execution, {
    ...event,
    secrets: Object.fromEntries(
      Object.entries(event.secrets).filter(([name]) => !sent.some(([known]) => known === name)),
    ),
  });
  for (const [name, value] of sent) assert.ok(!lastLine(execution).includes(String(value)), `${name} is in the log`);
  return execution;
}

/** @param {import('../../tools/tenant/host.mjs').Execution} execution @param {'idToken' | 'accessToken'} [token] */
export function custom(execution, token = 'idToken') {
  const issued = execution.tokens?.[token];
  return Object.fromEntries((issued?.custom ?? []).map((name) => [name, issued?.claims[name]]));
}

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
export const lastLine = (execution) => execution.log.at(-1)?.text ?? '';

/** @param {import('../../tools/tenant/host.mjs').Execution} execution @param {string} method */
export const called = (execution, method) =>
  execution.commands.filter((command) => command.method === method).map(({ args }) => args);
