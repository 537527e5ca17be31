// A tenant's Management API, played on loopback by the rules that Auth0 documents: builds take a while, a draft is deployed only once
// it is built, secrets have no values, a flow is written whole, every request needs its scope. What Auth0 does not document is
// refused here, so that nothing depends on it.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { certificate } from '../../tools/develop/certificate.mjs';
import { PROGRAM_MS } from '../patience.mjs';

/** @typedef {{ status: number, body?: unknown, text?: string, headers?: Record<string, string> }} Answer `text`: instead of JSON */

const TRIGGERS = {
  'post-login': 'v3',
  'post-user-registration': 'v2',
  'pre-user-registration': 'v2',
  'credentials-exchange': 'v2',
  'post-change-password': 'v2',
  'event-stream': 'v1',
};
const ALL_SCOPES = ['read:actions', 'create:actions', 'update:actions', 'delete:actions', 'read:logs'];
export const CLIENT = { id: 'client-of-the-tests', secret: 'secret-of-the-tests' };
const MOST = { code: 100_000, secrets: 30, secret: 4096, flow: 20, perPage: 100, actions: 100 };
/** One for all tenants of a file: it takes half a second to make. @type {ReturnType<typeof certificate> | undefined} */
let made;

/** @param {number} status @param {string} message @param {string} [errorCode] @returns {never} */
const refuse = (status, message, errorCode) => {
  throw Object.assign(new Error(message), {
    answer: { status, body: { statusCode: status, error: 'Refused', message, errorCode } },
  });
};

/** @param {{ scopes?: string[], buildMs?: number, latencyMs?: () => number, onTest?: (action: any, event: any) => unknown, onRequest?: (what: string) => Answer | undefined }} [options] */
export async function startTenant({
  scopes = [...ALL_SCOPES],
  buildMs = 50,
  latencyMs = () => 0,
  onTest = () => ({}),
  onRequest = () => undefined,
} = {}) {
  /** @type {any[]} */
  const actions = [];
  /** @type {Record<string, any[]>} */
  const flows = {};
  /** @type {any[]} */
  const logs = [];
  /** @type {Record<string, any>} */
  const executions = {};
  /** @type {string[]} what was asked */
  const requests = [];
  /** @type {Answer[]} given instead of the true answer, one per request */
  const instead = [];
  const tokens = new Set();
  const now = () => new Date().toISOString();

  /** @param {any} action */
  const build = (action) => {
    const mine = (action.build = randomUUID());
    action.status = 'pending';
    action.all_changes_deployed = false;
    action.updated_at = now();
    // One timer begins the other: of two that are late Node may run the later one first.
    const later = (/** @type {() => void} */ work) =>
      setTimeout(() => {
        if (action.build === mine) work();
      }, buildMs / 2);
    later(() => {
      action.status = 'building';
      later(() => {
        const failed = action.code.includes('fails to build');
        Object.assign(action, failed ? { status: 'failed' } : { status: 'built', built_at: now() });
      });
    });
  };
  /** @param {any} secret */
  const withoutValue = ({ name, updated_at }) => ({ name, updated_at });
  /** @param {any} action */
  const shown = ({ build: _, secrets, deployed_version: version, versions: __, ...rest }) => ({
    ...rest,
    secrets: secrets.map(withoutValue),
    ...(version && { deployed_version: { ...version, secrets: version.secrets.map(withoutValue) } }),
  });
  /** @param {string} id */
  const actionOf = (id) => actions.find((action) => action.id === id) ?? refuse(404, 'The action does not exist.');

  /** @param {any} fields @param {string[]} known */
  const check = (fields, known) => {
    const other = Object.keys(fields).find((key) => !known.includes(key));
    if (other) refuse(400, `Payload validation error: 'Additional properties not allowed: ${other}'.`);
    const { code = '', secrets = [], supported_triggers: triggers = [], runtime = 'node22' } = fields;
    if (code.length > MOST.code) refuse(400, 'The code is too long.');
    if (!['node22', 'node18'].includes(runtime)) refuse(400, 'The runtime is not supported.');
    if (secrets.length > MOST.secrets) refuse(400, 'There are too many secrets.');
    for (const { name, value, ...rest } of secrets) {
      if (!/^[\w]{1,128}$/.test(name)) refuse(400, `The secret name ${name} is not valid.`);
      if (typeof value !== 'string' || value.length > MOST.secret)
        refuse(400, `The secret ${name} needs a value of at most ${MOST.secret} characters.`);
      if (Object.keys(rest).length > 0) refuse(400, 'Additional properties not allowed in a secret.');
    }
    for (const { id, version } of triggers)
      if (/** @type {any} */ (TRIGGERS)[id] !== version) refuse(400, `There is no trigger ${id} ${version}.`);
  };
  const dated = (/** @type {any[]} */ secrets) => secrets.map((secret) => ({ ...secret, updated_at: now() }));

  /** @param {URLSearchParams} query @param {any[]} list @param {string} key @param {string[]} known */
  const paged = (query, list, key, known = []) => {
    for (const name of query.keys())
      if (!['page', 'per_page', ...known].includes(name)) refuse(400, `Additional properties not allowed: ${name}`);
    const [page, size] = [Number(query.get('page') ?? 0), Number(query.get('per_page') ?? 50)];
    if (!(size >= 1 && size <= MOST.perPage)) refuse(400, 'per_page is out of range.');
    return { total: list.length, page, per_page: size, [key]: list.slice(page * size, (page + 1) * size) };
  };

  /** @param {string} trigger @param {any[]} list */
  const setFlow = (trigger, list) => {
    if (!Object.hasOwn(TRIGGERS, trigger)) refuse(404, 'There is no such trigger.');
    if (list.length > MOST.flow) refuse(400, 'A flow has too many bindings.');
    const before = flows[trigger] ?? [];
    flows[trigger] = list.map(({ ref: { type, value }, display_name }) => {
      if (type === 'binding_id') {
        const kept = before.find(({ id }) => id === value) ?? refuse(404, 'There is no such binding.');
        return { ...kept, display_name };
      }
      const action =
        actions.find((each) => (type === 'action_id' ? each.id : each.name) === value) ??
        refuse(400, 'There is no such action.');
      if (!action.deployed_version) refuse(400, 'The action must be deployed before it is bound.');
      if (action.supported_triggers[0].id !== trigger) refuse(400, 'The action is for another trigger.');
      const kept = before.find((each) => each.actionId === action.id);
      return {
        id: kept?.id ?? randomUUID(),
        actionId: action.id,
        display_name,
        ...(kept?.config && { config: kept.config }),
      };
    });
  };
  /** @param {any} binding @param {string} trigger */
  const bindingShown = ({ actionId, ...binding }, trigger) => ({
    ...binding,
    trigger_id: trigger,
    action: shown(actionOf(actionId)),
  });

  /** @type {[RegExp, string, (found: string[], body: any, query: URLSearchParams) => any, number?][]} method and path, the scope, the answer */
  const ROUTES = [
    [
      /^GET \/actions\/triggers$/,
      'read:actions',
      () => ({
        triggers: Object.entries(TRIGGERS).map(([id, version]) => ({
          id,
          version,
          status: 'CURRENT',
          runtimes: ['node22'],
        })),
      }),
    ],
    [/^GET \/actions\/modules$/, 'read:actions', (_, __, query) => paged(query, [], 'modules')],
    [
      /^GET \/actions\/actions$/,
      'read:actions',
      (_, __, query) => {
        const [name, trigger] = [query.get('actionName'), query.get('triggerId')];
        const list = actions.filter(
          (each) => (!name || each.name.includes(name)) && (!trigger || each.supported_triggers[0].id === trigger),
        );
        return paged(query, list.map(shown), 'actions', ['actionName', 'triggerId', 'deployed', 'installed']);
      },
    ],
    [
      /^POST \/actions\/actions$/,
      'create:actions',
      (_, body) => {
        check(body, ['name', 'code', 'runtime', 'dependencies', 'secrets', 'supported_triggers', 'deploy', 'modules']);
        if (!body.name || !body.supported_triggers) refuse(400, 'Missing required property.');
        if (actions.some(({ name }) => name === body.name)) refuse(409, 'An action with that name already exists.');
        if (actions.length >= MOST.actions) refuse(400, 'The tenant has too many actions.');
        const action = {
          id: randomUUID(),
          code: '',
          runtime: 'node22',
          dependencies: [],
          versions: [],
          created_at: now(),
          ...body,
          secrets: dated(body.secrets ?? []),
        };
        actions.push(action);
        build(action);
        return shown(action);
      },
      201,
    ],
    [/^GET \/actions\/actions\/([^/]+)$/, 'read:actions', ([id = '']) => shown(actionOf(id))],
    [
      /^PATCH \/actions\/actions\/([^/]+)$/,
      'update:actions',
      ([id = ''], body) => {
        check(body, ['name', 'code', 'runtime', 'dependencies', 'secrets', 'supported_triggers', 'modules']);
        const action = actionOf(id);
        // The whole list: what is left out is gone.
        Object.assign(action, body, body.secrets && { secrets: dated(body.secrets) });
        build(action);
        return shown(action);
      },
    ],
    [
      /^POST \/actions\/actions\/([^/]+)\/deploy$/,
      'create:actions',
      ([id = '']) => {
        const action = actionOf(id);
        if (action.status !== 'built') refuse(400, "The action must be in the 'built' state to be deployed.");
        const { code, runtime, dependencies, secrets, supported_triggers, status } = action;
        const version = {
          id: randomUUID(),
          action_id: id,
          number: action.versions.length + 1,
          deployed: true,
          built_at: now(),
          code,
          runtime,
          dependencies,
          secrets,
          supported_triggers,
          status,
        };
        action.versions.push(version);
        Object.assign(action, { deployed_version: version, all_changes_deployed: true });
        return { ...version, secrets: secrets.map(withoutValue) };
      },
      202,
    ],
    [
      /^POST \/actions\/actions\/([^/]+)\/test$/,
      'create:actions',
      async ([id = ''], body) => {
        const action = actionOf(id);
        if (action.status !== 'built') refuse(400, "The action must be in the 'built' state to be tested.");
        const secrets = Object.fromEntries(action.secrets.map((/** @type {any} */ { name, value }) => [name, value]));
        return { payload: await onTest(action, { ...body.payload.event, secrets }) };
      },
    ],
    [
      /^GET \/actions\/triggers\/([^/]+)\/bindings$/,
      'read:actions',
      ([trigger = ''], _, query) =>
        paged(
          query,
          (flows[trigger] ?? []).map((each) => bindingShown(each, trigger)),
          'bindings',
        ),
    ],
    [
      /^PATCH \/actions\/triggers\/([^/]+)\/bindings$/,
      'update:actions',
      ([trigger = ''], body) => {
        setFlow(trigger, body.bindings);
        return { bindings: (flows[trigger] ?? []).map((each) => bindingShown(each, trigger)) };
      },
    ],
    [
      /^GET \/actions\/executions\/([^/]+)$/,
      'read:actions',
      ([id = '']) => executions[id] ?? refuse(404, 'There is no such execution.'),
    ],
    [
      /^GET \/logs$/,
      'read:logs',
      (_, __, query) => {
        const list = logs.slice(0, Number(query.get('per_page') ?? 50));
        // Without totals the answer is the bare array.
        return query.get('include_totals') === 'true'
          ? { start: 0, limit: list.length, total: logs.length, logs: list }
          : list;
      },
    ],
  ];

  /** @param {import('node:http').IncomingMessage} request @param {string} text @returns {Promise<Answer>} */
  async function answer(request, text) {
    const url = new URL(String(request.url), 'https://localhost');
    const what = `${request.method} ${url.pathname}`;
    requests.push(what);
    const other = instead.shift() ?? onRequest(what);
    if (other) return other;
    if (what === 'POST /oauth/token') {
      const form = text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
      if (form.client_id !== CLIENT.id || form.client_secret !== CLIENT.secret)
        return { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } };
      if (form.audience !== `https://${domain}/api/v2/`)
        return { status: 403, body: { error: 'access_denied', error_description: 'Service not found' } };
      const token = randomUUID();
      tokens.add(token);
      return {
        status: 200,
        body: { access_token: token, token_type: 'Bearer', expires_in: 86_400, scope: scopes.join(' ') },
      };
    }
    const key = what.replace('/api/v2', '');
    const [form, scope = '', handle, status = 200] = ROUTES.find(([each]) => each.test(key)) ?? [];
    if (!tokens.has(request.headers.authorization?.replace('Bearer ', ''))) refuse(401, 'Invalid token');
    if (!form || !handle) return refuse(404, `${key} is not played here`);
    if (!scopes.includes(scope)) refuse(403, `Insufficient scope, expected any of: ${scope}`, 'insufficient_scope');
    const [, ...found] = form.exec(key) ?? [];
    return {
      status,
      body: await handle(found.map(decodeURIComponent), text ? JSON.parse(text) : {}, url.searchParams),
    };
  }

  const { key, cert } = (made ??= certificate());
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-tenant-'));
  const authority = path.join(folder, 'authority.pem');
  await writeFile(authority, cert);
  const server = https.createServer({ key, cert }, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const given = await answer(request, text).catch(
      (error) => error.answer ?? { status: 500, body: { message: String(error.stack) } },
    );
    // On its way back an answer takes a while: what it says may be old when it arrives.
    await new Promise((done) => setTimeout(done, latencyMs()));
    response
      .writeHead(given.status, { 'content-type': 'application/json', ...given.headers })
      .end(given.text ?? JSON.stringify(given.body ?? {}));
  });
  // One that closed what was idle for five seconds would close it under the next request of a slow machine.
  server.keepAliveTimeout = PROGRAM_MS;
  await new Promise((done) => server.listen(0, 'localhost', () => done(undefined)));
  const domain = `localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;

  /** An Action of someone else, deployed and in its flow. @param {string} name @param {string} [trigger] */
  const another = (name, trigger = 'post-login') => {
    const version = {
      id: randomUUID(),
      number: 1,
      code: `// ${name}`,
      secrets: [],
      built_at: now(),
      runtime: 'node22',
    };
    const supported_triggers = [{ id: trigger, version: /** @type {any} */ (TRIGGERS)[trigger] }];
    const action = {
      id: randomUUID(),
      name,
      code: `// ${name}`,
      runtime: 'node22',
      dependencies: [],
      secrets: [],
      supported_triggers,
      status: 'built',
      all_changes_deployed: true,
      versions: [version],
      deployed_version: version,
    };
    actions.push(action);
    (flows[trigger] ??= []).push({ id: randomUUID(), actionId: action.id, display_name: name, config: { of: name } });
    return action;
  };

  return {
    domain,
    scopes,
    actions,
    logs,
    executions,
    requests,
    instead,
    another,
    /** @param {string} name */
    named: (name) => actions.find((action) => action.name === name),
    /** The names in a flow. @param {string} [trigger] @returns {string[]} */
    flow: (trigger = 'post-login') => (flows[trigger] ?? []).map(({ actionId }) => actionOf(actionId).name),
    /** @param {string} [trigger] @returns {any[]} */
    bindings: (trigger = 'post-login') => flows[trigger] ?? [],
    env: {
      AUTH0_DOMAIN: domain,
      AUTH0_CLIENT_ID: CLIENT.id,
      AUTH0_CLIENT_SECRET: CLIENT.secret,
      NODE_EXTRA_CA_CERTS: authority,
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
