// The recipes of docs/recipes.md as they are on the page, each in a tenant of its own: stand-ins answer for the hosts that a case
// names, and any other host fails the case.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { leanOf, PASTE, root } from '../../../tools/files.mjs';
import { readAhead } from '../../../tools/paste/ahead.mjs';
import { withConfig } from '../../../tools/paste/paste.mjs';
import { seal } from '../../../tools/paste/seal.mjs';
import { fakeEvent } from '../../../tools/tenant/event.mjs';
import { readSyncs } from '../../../tools/tenant/logline.mjs';
import '../../hurry.mjs';
import { assertSound, readPaste, tenant } from '../support.mjs';

/**
 * @typedef {import('../../../tools/tenant/world.mjs').Arrival} Arrival
 * @typedef {import('../../../tools/tenant/world.mjs').Answer} Answer
 * @typedef {(arrival: Arrival, before: number) => Answer | number} Answering `before`: how many requests this host had before
 * @typedef {{ secrets?: Record<string, string>, answers?: Record<string, Answering>, loose?: string[], plain?: string[] }} World
 *   `loose`: hosts that get secrets in a body, as token endpoints do; `plain`: secrets that are part of a url
 * @typedef {Awaited<ReturnType<typeof open>>} Opened
 * @typedef {(open: (world?: World) => Promise<Opened>) => Promise<void>} Case
 */

const EDITABLE = readPaste();
const LEAN = readFileSync(leanOf(PASTE), 'utf8');
const PAGE = readFileSync(path.join(root, 'docs', 'recipes.md'), 'utf8');

/** Every recipe by its heading. @type {Map<string, any>} */
export const RECIPES = new Map(
  [...PAGE.matchAll(/^### (.+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)].map(([, title = '', text = '']) => {
    const configs = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = '']) => JSON.parse(json));
    assert.equal(configs.length, 1, `${title} has one config`);
    return [title, configs[0]];
  }),
);

/** The ways in which a paste holds a config. @type {Record<string, (config: unknown) => string>} */
export const PASTES = {
  editable: (config) => readAhead(withConfig(EDITABLE, config), config),
  sealed: (config) => seal(EDITABLE, LEAN, config),
};

/**
 * @param {import('node:test').TestContext} t
 * @param {string} code
 * @param {World} world
 */
export async function open(t, code, { secrets = {}, answers = {}, loose = [], plain = [] }) {
  /** @type {import('../../../tools/tenant/world.mjs').System[]} */
  const systems = Object.entries(answers).map(([name, answer]) => {
    let before = 0;
    return {
      name,
      serves: (host) => host === name,
      answer(arrival) {
        const given = answer(arrival, before++);
        return typeof given === 'number' ? { status: given, body: {} } : given;
      },
      error: () => ({}),
    };
  });
  const opened = await tenant(t, { code, mostBytes: Infinity, secrets, systems });

  /** @param {import('../../../tools/tenant/host.mjs').Execution} execution @param {any} event */
  const judged = (execution, event) => {
    const requests = execution.requests.filter(({ url }) => !loose.includes(new URL(url).hostname));
    const hidden = Object.entries(secrets).filter(([name]) => !plain.includes(name));
    assertSound({ ...execution, requests }, { ...event, secrets: Object.fromEntries(hidden) });
    assert.deepEqual([execution.thrown, execution.refused], [null, []]);
    for (const { host, path: asked } of opened.standIns.arrivals)
      assert.ok(host in answers, `a request to ${host}${asked}, for which there is no stand-in`);
    return {
      ...execution,
      claims: custom(execution.tokens?.idToken),
      access: custom(execution.tokens?.accessToken),
      scope: String(execution.tokens?.accessToken.claims.scope ?? ''),
      line: execution.log.at(-1)?.text ?? '',
      /** What was sent, as `METHOD url`. */
      sent: execution.requests.map(({ method, url }) => `${method} ${url}`),
    };
  };
  return {
    arrivals: opened.standIns.arrivals,
    fault: opened.standIns.fault,
    heal: opened.standIns.heal,
    /** @param {Record<string, any>} [over] */
    login: async (over) => judged(await opened.login(over), opened.event(over)),
    /** @param {Record<string, any>} [over] */
    register: async (over) => judged(await opened.register(over), fakeEvent('post-user-registration', { over })),
  };
}

/** The claims that the Action set. @param {import('../../../tools/tenant/outcome.mjs').Token | null | undefined} token */
const custom = (token) => Object.fromEntries((token?.custom ?? []).map((name) => [name, token?.claims[name]]));

/** A person other than that of the event. @param {string} id @param {Record<string, any>} [over] */
export const person = (id, over = {}) => ({ user: { user_id: `auth0|${id}`, ...over } });

/** The event of a refresh-token exchange. */
export const REFRESH = { transaction: { protocol: 'oauth2-refresh-token', prompt: null } };

/** What an entry came to, by the log line: `ok`, `rejected:expect`. @param {import('../../../tools/tenant/host.mjs').Execution} execution @param {string} name */
export function outcome({ log }, name) {
  const found = readSyncs(log).find((sync) => sync.name === name);
  return [found?.outcome, found?.detail].filter(Boolean).join(':');
}

/**
 * A system that refuses whatever has no such credential or another method.
 * @param {string} method
 * @param {Record<string, string>} headers
 * @param {Answering} answer
 * @returns {Answering}
 */
export const guarded = (method, headers, answer) => (arrival, before) => {
  if (Object.entries(headers).some(([name, value]) => arrival.headers[name] !== value)) return 401;
  return arrival.method === method ? answer(arrival, before) : 405;
};

/** A form as a server reads it. @param {string} text */
export const form = (text) => Object.fromEntries(new URLSearchParams(text));
