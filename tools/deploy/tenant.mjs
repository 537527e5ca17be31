// tools/deploy/: a real tenant, through Auth0's Management API. This file knows Auth0's SDK and what Auth0 says no with; nothing
// else here does. The SDK is not a part of the package: it is installed where a config is deployed from.

import { UserError } from '../error.mjs';
import { redactor } from '../tenant/redact.mjs';
import { isObject } from '../tenant/values.mjs';

/** @typedef {import('auth0').ManagementClient} Client */
/** @typedef {import('auth0').Management.Action & { id: string, name: string }} Action */
/** @typedef {import('auth0').Management.ActionBinding} Binding */
/** @typedef {import('auth0').Management.ActionTriggerTypeEnum} TriggerName */
/** @typedef {Record<string, string | undefined>} Env */
/** @typedef {{ name: string, value: string }[]} SecretList */
/** @typedef {(text: string) => string} Clean takes secrets out of a text */

/** What the tenant or the network said no to: nothing in the config or the arguments is wrong. */
export class TenantError extends Error {
  /** @param {string} message @param {number} [status] */
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** An answer that Auth0 does not give. The SDK takes what it cannot read for empty, and an empty flow would be written back. */
class UnreadableError extends Error {}

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
  return tenantOf(domain, client, clientSecret);
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

/** @param {string} domain @param {Client} client @param {string} clientSecret */
function tenantOf(domain, { actions, logs }, clientSecret) {
  /** @template T @param {() => PromiseLike<T>} request @param {SecretList} [secrets] that are sent with it: a refusal may quote them */
  const ask = (request, secrets = []) => {
    const { clean } = redactor(Object.fromEntries([clientSecret, ...secrets.map(({ value }) => value)].entries()));
    return asked(domain, request, clean);
  };
  const { bindings } = actions.triggers;
  /** @param {PromiseLike<unknown>} answer */
  const action = async (answer) => /** @type {Action} */ (formed(await answer, isAction));
  return {
    domain,
    /** The Action of that name. @param {string} name @returns {Promise<Action | undefined>} */
    find: (name) =>
      ask(async () => {
        const found = await all(await actions.list({ actionName: name, per_page: PAGE }), 'actions');
        const { id } = found.find((each) => each.name === name) ?? {};
        return id === undefined ? undefined : action(actions.get(id));
      }),
    /** @param {string} id */
    get: (id) => ask(() => action(actions.get(id))),
    /** @param {Parameters<Client['actions']['create']>[0] & { secrets: SecretList }} made */
    create: (made) => ask(() => action(actions.create(made)), made.secrets),
    /** @param {string} id @param {NonNullable<Parameters<Client['actions']['update']>[1]> & { secrets?: SecretList }} change */
    update: (id, change) => ask(() => action(actions.update(id, change)), change.secrets),
    /** @param {string} id */
    deploy: (id) => ask(async () => formed(await actions.deploy(id), isAction)),
    /** Runs the draft. @param {string} id @param {Record<string, unknown>} event */
    test: (id, event) => ask(async () => formed(await actions.test(id, { payload: { event } }), isAnswer)),
    /** The flow of a trigger, in order. @param {TriggerName} trigger @returns {Promise<Binding[]>} */
    flow: (trigger) => ask(async () => all(await bindings.list(trigger, { per_page: PAGE }), 'bindings')),
    /**
     * Writes a whole flow, once: what is sent again later may be older than the flow.
     * @param {TriggerName} trigger @param {import('auth0').Management.ActionBindingWithRef[]} list
     */
    setFlow: (trigger, list) => ask(() => bindings.updateMany(trigger, { bindings: list }, { maxRetries: 0 })),
    /** The newest log entries. Without `include_totals` the SDK takes the answer for empty. @param {number} count */
    logs: (count) =>
      ask(async () => listIn(await logs.list({ per_page: count, sort: 'date:-1', include_totals: true }), 'logs')),
    /** @param {string} id */
    execution: (id) => ask(async () => formed(await actions.executions.get(id), isAnswer)),
  };
}

/** The SDK makes an object of what is no JSON, too. @param {unknown} value @returns {value is Record<string, any>} */
const isAnswer = (value) => isObject(value) && value.error?.reason !== 'non-json';

/** An Action, or a version of it. @param {unknown} value */
const isAction = (value) => isAnswer(value) && typeof value.id === 'string';

/** @template T @param {T} answer @param {(answer: T) => boolean} is @returns {T} */
function formed(answer, is) {
  if (!is(answer)) throw new UnreadableError();
  return answer;
}

/**
 * The items of a page. Its own `data` is empty where the answer has none.
 * @template T @param {{ data: T[], response: unknown }} page @param {string} key @returns {T[]}
 */
function listIn({ data, response }, key) {
  formed(response, () => isAnswer(response) && Array.isArray(response[key]) && response[key].every(isObject));
  return data;
}

/**
 * The items of all pages.
 * @template T
 * @param {{ data: T[], response: unknown, hasNextPage: () => boolean, getNextPage: () => Promise<{ data: T[], response: unknown }> }} page
 * @param {string} key
 * @returns {Promise<T[]>}
 */
async function all(page, key) {
  const items = [...listIn(page, key)];
  while (page.hasNextPage()) items.push(...listIn(await page.getNextPage(), key));
  return items;
}

/** @template T @param {string} domain @param {() => PromiseLike<T>} request @param {Clean} clean @returns {Promise<T>} */
async function asked(domain, request, clean) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (error instanceof TypeError && !error.cause) throw error;
      const refused = /** @type {{ statusCode?: number, message: string }} */ (error);
      // The SDK tries again by itself, but not for its token.
      const again = ofToken(refused) && (refused.statusCode === 429 || (refused.statusCode ?? 0) >= 500);
      if (!again || tries === TOKEN_TRIES) throw new TenantError(said(domain, error, clean), refused.statusCode);
      await pause(PAUSE_MS);
    }
  }
}

/** @param {{ message?: string }} error */
const ofToken = ({ message }) => message?.startsWith('ManagementClient: token request') ?? false;

const API = 'Applications > APIs > Auth0 Management API > Application Access';

/** What went wrong, in a line. @param {string} domain @param {any} error @param {Clean} clean */
function said(domain, error, clean) {
  const { statusCode: status, body, name = '', message = '' } = error;
  // A text that is cut could end in the middle of a secret.
  const oneLine = (/** @type {unknown} */ said) =>
    typeof said === 'string' ? clean(said).replace(/\s+/g, ' ').trim().slice(0, 300) : '';
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
  // Where the network fails, what Node throws has a cause.
  if (status === undefined && (!error.cause || error instanceof SyntaxError))
    return `${domain} gave an answer that Auth0 does not give: check AUTH0_DOMAIN, and whether a proxy is on the way; a second run does what is left`;
  if (status === undefined) {
    const { code, message: why } = error.cause?.cause ?? error.cause ?? {};
    return `cannot reach ${domain}: ${code || oneLine(why ?? message)}; check AUTH0_DOMAIN and the network`;
  }
  return `${domain} answered ${status}${text && `: ${text}`}`;
}
