// The local tenant, one simulated trigger from file to results: plain data that JSON can hold, with the secrets taken out.
// It is handed the tenant on which it runs, so that a page can bring one of its own.
import { fakeEvent } from './event.mjs';
import { readSyncs } from './logline.mjs';
import { answered, outcomeOf } from './outcome.mjs';
import { attemptsOf } from './stream.mjs';
import { isBatch, isGrant, jsonObject } from './systems/checks.mjs';
import { contractor } from './systems/contract.mjs';
import { isEcho, mirror, written } from './systems/echo.mjs';
import { isObject } from './values.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} code the text that is pasted
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {Record<string, any>} [event] laid over the fake event
 * @property {boolean} [whole] whether the event is all there is, and not laid over another
 * @property {Record<string, string>} secrets
 * @property {{ name: string, host?: string, times?: number }[]} [faults] what the stand-ins do, see `FAULTS`; all of them where no
 *   host is named, and for ever where no number is
 * @property {HostAnswers[]} [answers] what replaces a host's answers
 * @property {Record<string, import('./systems/contract.mjs').Contract>} [contracts] what answers for the hosts of connectors
 * @property {{ host: string, secrets: string[] }[]} [expected] secrets that are good at a host besides those its stand-in knows
 * @property {number} [repeat] executions in all, one after the other on one instance; 1 by default
 * @property {boolean} [others] whether each of them is another user's, or another machine's
 * @property {number[]} [again] an execution that ends with an error comes again: after so many milliseconds each time
 * @property {number} [mostBytes] how long the file may be, where it is not the one that will be pasted
 * @property {(facts: Facts) => LeftOut[]} [explain] says what an execution left out, and why
 *
 * @typedef {{ host: string, answers: Parameters<typeof written>[1] }} HostAnswers
 *
 * @typedef {object} Facts an execution as it was, with its secrets
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {any} event
 * @property {import('./host.mjs').Execution} execution
 * @property {import('./logline.mjs').Sync[]} syncs
 *
 * @typedef {{ path: string, expression: string | null, why: string }} LeftOut `path`: in the config
 *
 * @typedef {import('./context.mjs').LedRequest & { standIn: string | null }} Request `standIn`: who answered; null when it was real
 *
 * @typedef {import('./outcome.mjs').Token & { inside: Record<string, Record<string, any>> }} Token `inside`: of each claim that is
 *   a token itself, what it says
 *
 * @typedef {object} Result one execution
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {ReturnType<typeof outcomeOf>} outcome
 * @property {number} ms
 * @property {string | null} error what the application is told as `error`
 * @property {string | null} denied what the application is told as `error_description`
 * @property {string | null} thrown the text of an error, also where it changes nothing for the user
 * @property {import('./outcome.mjs').Outcome['mfa']} mfa
 * @property {import('./logline.mjs').Sync[]} syncs
 * @property {Request[]} requests
 * @property {import('./api.mjs').Command[]} commands
 * @property {import('./api.mjs').Recorder['refused']} refused calls of `api` that threw
 * @property {{ idToken: Token | null, accessToken: Token } | null} tokens null when the login did not go on
 * @property {Record<string, any>} appMetadata
 * @property {Record<string, any>} userMetadata
 * @property {Record<string, any>} saml attributes of a SAML response
 * @property {LeftOut[]} leftOut what the config asks for and the login did not get
 * @property {import('./host.mjs').LogLine[]} log
 * @property {import('./context.mjs').Fault[]} faults
 *
 * @typedef {object} Run
 * @property {number} loadMs how long the file took to load
 * @property {{ user: string, client: string | null, connection: string | null }} event the first one
 * @property {Result[]} results
 * @property {number[]} attempts which attempt each of them is; more than one only where they come again
 * @property {string[]} echoed hosts that were answered with what they were sent
 * @property {string[]} untouched hosts whose fault or answer was never asked for
 */

/**
 * @typedef {object} Tenant where a run takes place
 * @property {(options: { code: string, mostBytes?: number } & import('./world.mjs').WorldOptions) => Promise<OpenTenant>} open
 * @property {(secrets: Record<string, unknown>) => Redactor} redactor
 *
 * @typedef {object} OpenTenant
 * @property {{ load: { ms: number, faults: import('./context.mjs').Fault[] }, execute(trigger: import('./limits.mjs').Trigger, event: any, afterMs?: number): Promise<import('./host.mjs').Execution> }} host
 *   one instance of the Action; `afterMs`: how long after the one before, where the tenant knows a time for that
 * @property {Pick<import('./world.mjs').World, 'fault' | 'expect' | 'nameOf' | 'arrivals'> | undefined} standIns none where the systems are real
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Redactor takes secrets out of what is shown
 * @property {<T>(value: T) => T} clean
 * @property {(text: string) => string} cleanAnswer
 * @property {<T extends string | string[] | undefined>(headers: Record<string, T>) => Record<string, T>} cleanHeaders
 */

/**
 * @param {RunOptions} options
 * @param {Tenant} tenant
 * @returns {Promise<Run>}
 */
export async function run(
  {
    code,
    trigger,
    event: given,
    whole = false,
    secrets,
    faults = [],
    answers = [],
    contracts = {},
    expected = [],
    repeat = 1,
    others = false,
    again = [],
    mostBytes,
    explain = () => [],
  },
  { open, redactor },
) {
  const event = whole
    ? { ...given, secrets: { ...secrets, ...given?.secrets } }
    : fakeEvent(trigger, { secrets, over: given });
  /** @type {Record<string, string>} */
  const held = Object.fromEntries(Object.entries(event.secrets ?? {}).filter(([, value]) => typeof value === 'string'));
  const { host, standIns, close } = await open({
    code,
    ...(mostBytes === undefined ? {} : { mostBytes }),
    secrets: held,
    systems: systemsOf({ answers, contracts }, held),
    fallback: mirror(),
  });
  try {
    for (const { name, ...where } of faults) standIns?.fault(name, where);
    for (const { host, secrets } of expected) standIns?.expect(host, secrets);

    const { facts, attempts } = await executed(host, trigger, event, { repeat, others, again });
    const redacting = redactor({ ...event.secrets, ...tokensOf(facts.map(({ execution }) => execution)) });
    const { clean } = redacting;
    // Only now: what goes wrong after an execution's end is its fault, too.
    const results = facts.map((fact, i) => ({
      ...resultOf(fact, i === 0 ? host.load.faults : [], redacting, standIns),
      leftOut: clean(explain(fact)),
    }));

    const asked = new Set(standIns?.arrivals.flatMap(({ host, system }) => [host, system]));
    const named = [...faults, ...answers].flatMap(({ host }) => (host === undefined || asked.has(host) ? [] : [host]));
    return {
      loadMs: round(host.load.ms),
      event: clean({
        user: nameOf(event.user ?? event.message?.data?.object),
        client: textOr(event.client?.name, null),
        connection: textOr(event.connection?.name, null),
      }),
      results,
      attempts,
      echoed: clean([...new Set(facts.flatMap(({ execution }) => echoedIn(execution.requests, standIns)))]),
      untouched: [...new Set(named)],
    };
  } finally {
    await close();
  }
}

/**
 * All executions, one after the other, each with the event that the one before it left.
 * @param {OpenTenant['host']} host
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {any} first
 * @param {Required<Pick<RunOptions, 'repeat' | 'others' | 'again'>>} options
 */
async function executed(host, trigger, first, { repeat, others, again }) {
  /** @type {Facts[]} */
  const facts = [];
  /** @type {number[]} */
  const attempts = [];
  let event = first;
  for (let i = 0; i < repeat; i += 1) {
    const same = event;
    const executions = await attemptsOf((afterMs) => host.execute(trigger, same, afterMs), again);
    for (const execution of executions) facts.push({ trigger, event, execution, syncs: readSyncs(execution.log) });
    attempts.push(...executions.map((_, at) => at + 1));
    const ended = /** @type {import('./host.mjs').Execution} */ (executions.at(-1));
    event = others ? another(first, i + 2) : next(trigger, event, ended);
  }
  return { facts, attempts };
}

/**
 * The stand-ins that a run brings: for hosts whose answers are written, and for those of connectors.
 * @param {Pick<RunOptions, 'answers' | 'contracts'>} options
 * @param {Record<string, string>} secrets
 */
export const systemsOf = ({ answers = [], contracts = {} }, secrets) => [
  ...answers.map(({ host, answers }) => written(host, answers)),
  ...Object.entries(contracts).map(([name, contract]) => contractor(name, contract, secrets, { strict: false })),
];

/**
 * @param {Facts} facts
 * @param {import('./context.mjs').Fault[]} before what went wrong before it
 * @param {Redactor} redacting
 * @param {OpenTenant['standIns']} standIns
 * @returns {Omit<Result, 'leftOut'>}
 */
function resultOf({ trigger, execution, syncs }, before, redacting, standIns) {
  const { clean } = redacting;
  const { ms, error, thrown, mfa, commands, refused, tokens, log, requests, faults } = execution;
  const { appMetadata, userMetadata, saml } = execution;
  return {
    trigger,
    outcome: outcomeOf(execution),
    ms: round(ms),
    error: error?.error ?? null,
    denied: clean(error?.error_description ?? null),
    thrown: clean(thrown),
    mfa,
    syncs: syncs.map((sync) => ({ ...sync, detail: clean(sync.detail) })),
    requests: requests.map((request) => requestOf(request, redacting, standIns)),
    commands: commands.map((command) => ({ ...command, args: clean(command.args) })),
    refused: refused.map(({ method, message }) => ({ method, message: clean(message) })),
    tokens: tokens && {
      idToken: tokens.idToken && tokenOf(tokens.idToken, clean),
      accessToken: tokenOf(tokens.accessToken, clean),
    },
    appMetadata: clean(appMetadata),
    userMetadata: clean(userMetadata),
    saml: clean(saml),
    log: log.map((line) => ({ ...line, text: clean(line.text) })),
    faults: [...before, ...faults].map(({ kind, message }) => ({ kind, message: clean(message) })),
  };
}

/** @param {import('./context.mjs').LedRequest} request @param {Redactor} redacting @param {OpenTenant['standIns']} standIns @returns {Request} */
function requestOf(request, { clean, cleanAnswer, cleanHeaders }, standIns) {
  return {
    method: request.method,
    url: clean(request.url),
    headers: cleanHeaders(request.headers),
    body: clean(request.body),
    startMs: round(request.startMs),
    ms: request.ms === null ? null : round(request.ms),
    status: request.status,
    responseHeaders: cleanHeaders(request.responseHeaders),
    responseBody: cleanAnswer(request.responseBody),
    failure: request.failure === null ? null : clean(request.failure),
    standIn: standInOf(request, standIns),
  };
}

/** @param {{ url: string }} request */
const hostOf = ({ url }) => /^https:\/\/([^/:?]*)/.exec(url)?.[1] ?? '';

/** @param {{ url: string }} request @param {OpenTenant['standIns']} standIns */
const standInOf = (request, standIns) => standIns?.nameOf(hostOf(request)) ?? null;

/** The hosts that were answered with what they were sent. @param {import('./context.mjs').LedRequest[]} requests @param {OpenTenant['standIns']} standIns */
const echoedIn = (requests, standIns) =>
  requests
    .filter((request) => isEcho({ ...request, standIn: standInOf(request, standIns) }) && !isBatch(request.body))
    .map(hostOf);

/**
 * What other systems gave for a grant: anyone who reads it can do there what the Action can.
 * @param {import('./host.mjs').Execution[]} executions
 * @returns {Record<string, string>}
 */
export function tokensOf(executions) {
  const answers = executions.flatMap(({ requests }) =>
    requests.flatMap(({ body, responseBody }) => (isGrant(body) ? [jsonObject(responseBody) ?? {}] : [])),
  );
  const tokens = answers.flatMap((answer) => [answer.access_token, answer.refresh_token, answer.id_token]);
  return Object.fromEntries(
    tokens.filter((token) => typeof token === 'string').map((token) => [`token ${token}`, token]),
  );
}

/**
 * The next event of the same user in the same session: what one login writes, the next one finds, and the second factor that
 * one has asked for was used.
 * @param {import('./limits.mjs').Trigger} trigger
 * @param {any} event
 * @param {import('./host.mjs').Execution} execution
 */
function next(trigger, event, { appMetadata, userMetadata, mfa, error }) {
  if (trigger !== 'post-login' || !isObject(event.user)) return event;
  const after = error === null ? answered(event, mfa, event.session?.authenticated_at) : event;
  const user = { ...after.user };
  for (const [key, written] of Object.entries({ app_metadata: appMetadata, user_metadata: userMetadata })) {
    // What is no object a custom database has put there, and it stays.
    if (user[key] === undefined || isObject(user[key])) user[key] = written;
  }
  const logins = event.stats?.logins_count;
  return {
    ...after,
    user,
    ...(typeof logins === 'number' ? { stats: { ...event.stats, logins_count: logins + 1 } } : {}),
  };
}

/** The same by someone else, who has not been here before. @param {any} event @param {number} n */
function another(event, n) {
  const marked = (/** @type {unknown} */ text, /** @type {RegExp} */ at) =>
    typeof text === 'string' ? text.replace(at, `${n}$&`) : text;
  const other = (/** @type {any} */ user) =>
    isObject(user) ? { ...user, user_id: marked(user.user_id, /$/), email: marked(user.email, /@/) } : user;
  const { user, message } = event;
  // An event of a stream is told by a message, which is another one too.
  if (isObject(message?.data)) {
    const data = { ...message.data, object: other(message.data.object) };
    return { ...event, message: { ...message, id: marked(message.id, /$/), data } };
  }
  if (user !== undefined) return { ...event, user: other(user) };
  // A machine is its client.
  const { client } = event;
  return isObject(client) ? { ...event, client: { ...client, client_id: marked(client.client_id, /$/) } } : event;
}

/** @param {import('./outcome.mjs').Token} token @param {<T>(value: T) => T} clean @returns {Token} */
function tokenOf({ claims, custom }, clean) {
  const inside = custom.flatMap((name) => {
    // A secret may be a token, too, and what it says is no one's business.
    const inner = String(clean(claims[name])).includes('…redacted') ? undefined : payload(claims[name]);
    return inner ? [[name, inner]] : [];
  });
  return { claims: clean(claims), custom: clean(custom), inside: clean(Object.fromEntries(inside)) };
}

/** @param {unknown} claim */
function payload(claim) {
  const part = typeof claim === 'string' ? /^eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]*$/.exec(claim)?.[1] : undefined;
  return part === undefined ? undefined : jsonObject(Buffer.from(part, 'base64url').toString());
}

/** @param {any} user */
const nameOf = (user) => textOr(user?.email, textOr(user?.user_id, 'no user'));

/** @template T @param {unknown} value @param {T} other */
const textOr = (value, other) => (typeof value === 'string' ? value : other);

/** @param {number} ms */
const round = (ms) => Math.round(ms * 100) / 100;
