// tools/deploy/: a real tenant, through Auth0's Management API. This file knows Auth0's SDK and what Auth0 says no with; nothing
// else here does. The SDK is not a part of the package: it is installed where a config is deployed from.

import { UserError } from '../error.mjs';

/** @typedef {import('auth0').ManagementClient} Client */
/** @typedef {import('auth0').Management.Action & { id: string, name: string }} Action */
/** @typedef {import('auth0').Management.ActionBinding} Binding */
/** @typedef {import('auth0').Management.ActionTriggerTypeEnum} TriggerName */
/** @typedef {Record<string, string | undefined>} Env */

/** What the tenant or the network said no to: nothing in the config or the arguments is wrong. */
export class TenantError extends Error {
  /** @param {string} message @param {number} [status] */
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const NAMES = ['AUTH0_DOMAIN', 'AUTH0_CLIENT_ID', 'AUTH0_CLIENT_SECRET'];
const TIMEOUT_S = 30;
/** The SDK waits as long as `retry-after` or `x-ratelimit-reset` says. */
const RETRIES = 5;
const PAGE = 50;
const TOKEN_TRIES = 3;
const PAUSE_MS = 2_000;

/** @param {number} ms */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** @param {Env} env */
export async function connect(env) {
  const unset = NAMES.filter((name) => !env[name]?.trim());
  if (unset.length > 0)
    throw new UserError(
      `needs ${unset.map((name) => `\`${name}\``).join(', ')} in the environment or in the file of \`--secrets\`: \`--help\` says of which application`,
    );
  const [domain = '', clientId = '', clientSecret = ''] = NAMES.map((name) => env[name]?.trim() ?? '');
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain))
    throw new UserError('AUTH0_DOMAIN: must be a host alone, such as `example.eu.auth0.com`');
  const { ManagementClient } = await sdk();
  const client = new ManagementClient({
    domain,
    clientId,
    clientSecret,
    timeoutInSeconds: TIMEOUT_S,
    maxRetries: RETRIES,
    telemetry: false,
  });
  return tenantOf(domain, client);
}

async function sdk() {
  try {
    return await import('auth0');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError("needs Auth0's SDK, which is a package of its own: run `npm install --save-dev auth0`");
  }
}

/** @typedef {ReturnType<typeof tenantOf>} Tenant */

/** @param {string} domain @param {Client} client */
function tenantOf(domain, { actions, logs }) {
  /** @template T @param {() => PromiseLike<T>} request */
  const ask = (request) => asked(domain, request);
  const { bindings } = actions.triggers;
  return {
    domain,
    /** The Action of that name. @param {string} name @returns {Promise<Action | undefined>} */
    find: (name) =>
      ask(async () => {
        const found = await all(await actions.list({ actionName: name, per_page: PAGE }));
        const { id } = found.find((action) => action.name === name) ?? {};
        return id === undefined ? undefined : /** @type {Promise<Action>} */ (actions.get(id));
      }),
    /** @param {string} id @returns {Promise<Action>} */
    get: (id) => ask(() => /** @type {Promise<Action>} */ (actions.get(id))),
    /** @param {Parameters<Client['actions']['create']>[0]} action */
    create: (action) => ask(() => /** @type {Promise<Action>} */ (actions.create(action))),
    /** @param {string} id @param {NonNullable<Parameters<Client['actions']['update']>[1]>} change */
    update: (id, change) => ask(() => /** @type {Promise<Action>} */ (actions.update(id, change))),
    /** @param {string} id */
    deploy: (id) => ask(() => actions.deploy(id)),
    /** Runs the draft. @param {string} id @param {Record<string, unknown>} event */
    test: (id, event) => ask(() => actions.test(id, { payload: { event } })),
    /** The flow of a trigger, in order. @param {TriggerName} trigger @returns {Promise<Binding[]>} */
    flow: (trigger) => ask(async () => all(await bindings.list(trigger, { per_page: PAGE }))),
    /**
     * Writes a whole flow, once: what is sent again later may be older than the flow.
     * @param {TriggerName} trigger @param {import('auth0').Management.ActionBindingWithRef[]} list
     */
    setFlow: (trigger, list) => ask(() => bindings.updateMany(trigger, { bindings: list }, { maxRetries: 0 })),
    /** The newest log entries. Without `include_totals` the SDK takes the answer for empty. @param {number} count */
    logs: (count) =>
      ask(async () => (await logs.list({ per_page: count, sort: 'date:-1', include_totals: true })).data),
    /** @param {string} id */
    execution: (id) => ask(() => actions.executions.get(id)),
  };
}

/** @template T @param {AsyncIterable<T>} page @returns {Promise<T[]>} */
async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

/** @template T @param {string} domain @param {() => PromiseLike<T>} request @returns {Promise<T>} */
async function asked(domain, request) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (error instanceof TypeError && !error.cause) throw error;
      const refused = /** @type {{ statusCode?: number, message: string }} */ (error);
      // The SDK tries again by itself, but not for its token.
      const again = ofToken(refused) && (refused.statusCode === 429 || (refused.statusCode ?? 0) >= 500);
      if (!again || tries === TOKEN_TRIES) throw new TenantError(said(domain, error), refused.statusCode);
      await pause(PAUSE_MS);
    }
  }
}

/** @param {{ message?: string }} error */
const ofToken = ({ message }) => message?.startsWith('ManagementClient: token request') ?? false;

const API = 'Applications > APIs > Auth0 Management API > Application Access';

/** What went wrong, in a line. @param {string} domain @param {any} error */
function said(domain, error) {
  const { statusCode: status, body, name = '', message = '' } = error;
  const text = oneLine(typeof body === 'object' && body ? (body.message ?? body.error_description) : body);
  if (ofToken(error) && (status === 401 || status === 403))
    return `${domain} refuses the application: check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, and that ${API} has it${text && ` (${text})`}`;
  if (status === 403 && body?.errorCode === 'insufficient_scope') {
    const scope = /expected any of:\s*([a-z_:, ]+)/.exec(text)?.[1]?.trim() ?? '';
    return `the application may not do this: give it the scope ${scope ? `\`${scope}\`` : 'that `--help` lists'} in ${API}`;
  }
  if (status === 429) return `${domain} has taken too many requests of late: try again in a minute`;
  if (name === 'ManagementTimeoutError' || status === 408)
    return `${domain} did not answer within ${TIMEOUT_S} seconds: try again; a second run does what is left`;
  if (status === undefined) {
    const { code, message: why } = error.cause?.cause ?? error.cause ?? {};
    return `cannot reach ${domain}: ${code || oneLine(why ?? message)}; check AUTH0_DOMAIN and the network`;
  }
  return `${domain} answered ${status}${text && `: ${text}`}`;
}

/** @param {unknown} text */
const oneLine = (text) => (typeof text === 'string' ? text.replace(/\s+/g, ' ').trim().slice(0, 300) : '');
