// tools/deploy/: the draft, run in Auth0's own host before it is deployed. It calls the real systems with the real secrets.

import { fakeEvent } from '../tenant/event.mjs';
import { CONSOLE_CHARACTERS } from '../tenant/limits.mjs';
import { TenantError } from './tenant.mjs';

/**
 * Runs the draft and gives login-sync's own log line. What else is in Auth0's answer is not documented, so the line is looked for
 * wherever it is.
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {string} id
 * @param {import('./wanted.mjs').Wanted} wanted
 * @param {Record<string, unknown>} [given] an event
 */
export async function tryDraft(tenant, id, { name, trigger }, given) {
  const { secrets: _, ...event } = given ?? fakeEvent(trigger, { secrets: {} });
  const { payload } = await tenant.test(id, event);
  const texts = [...stringsIn(payload)];
  const line = texts.map((text) => LINE.exec(text)?.[0].slice(0, CONSOLE_CHARACTERS)).find(Boolean);
  if (line === undefined) {
    const keys = Object.keys(payload ?? {}).join(', ');
    throw new TenantError(
      `--try: \`${name}\` ran in Auth0 and left no log line in the answer, which has ${keys || 'nothing'}: it is not deployed; press Test in the dashboard's editor to see more, or leave out \`--try\``,
    );
  }
  const [, result = ''] = /result=(\S+)/.exec(line) ?? [];
  if (!GOOD.has(result)) throw new TenantError(`--try: \`${name}\` is not deployed, for in Auth0 it said: ${line}`);
  return line;
}

/** A line of the log. It ends where its text does, also inside JSON: behind it may be the event. */
const LINE = /login-sync trigger=\S+ result=[^\n\\]*/;
const GOOD = new Set(['allowed', 'mfa', 'done']);

/** @param {unknown} value @returns {Generator<string>} */
function* stringsIn(value) {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* stringsIn(each);
}
