// The local tenant, one simulated trigger from file to result: plain data that JSON can hold, with the secrets taken out.
// Printing is `print.mjs`'s business; arguments are `simulate.mjs`'s.
import { fakeEvent } from './event.mjs';
import { openTenant } from './tenant.mjs';
import { isUrl } from './values.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} code the text that is pasted
 * @property {string} file where it came from, for the reader
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {Record<string, any>} [event] laid over the fake event
 * @property {Record<string, string>} secrets
 * @property {string} [fault] what every stand-in does, see `FAULTS`
 * @property {number} [repeat] executions in all, one after the other on one instance; 2 by default
 *
 * @typedef {object} Result
 * @property {import('./limits.mjs').Trigger} trigger
 * @property {{ file: string, bytes: number }} paste
 * @property {{ user: string, client: string | null, connection: string | null }} event
 * @property {'allowed' | 'denied' | 'failed'} outcome of the first execution, as are all fields below; `failed`: by an error
 * @property {{ load: number, total: number, request: number, rest: number }} ms `rest`: what is left of `total` without requests
 * @property {string | null} denied what the application is told as `error_description`
 * @property {string | null} thrown the text of an error, also where it changes nothing for the user
 * @property {import('./outcome.mjs').Outcome['mfa']} mfa
 * @property {import('./context.mjs').LedRequest[]} requests
 * @property {import('./api.mjs').Command[]} commands
 * @property {import('./outcome.mjs').Outcome['tokens']} tokens
 * @property {Record<string, any>} appMetadata
 * @property {import('./host.mjs').LogLine[]} log
 * @property {import('./context.mjs').Fault[]} faults of all executions, and of the loading
 * @property {{ outcome: string, ms: number, requests: number }[]} again the executions after the first
 */

/**
 * @param {RunOptions} options
 * @returns {Promise<Result>}
 */
export async function run({ code, file, trigger, event: over, secrets, fault, repeat = 2 }) {
  const event = fakeEvent(trigger, { secrets, over });
  const held = Object.fromEntries(Object.entries(event.secrets ?? {}).filter(([, value]) => typeof value === 'string'));
  const { host, standIns, close } = await openTenant({ code, secrets: held });
  try {
    if (fault) standIns.fault(fault);
    const executions = [];
    for (let i = 0; i < repeat; i += 1) executions.push(await host.execute(trigger, event));
    const [first, ...again] = /** @type {[import('./host.mjs').Execution, ...import('./host.mjs').Execution[]]} */ (executions);

    const request = busy(first.requests, first.ms);
    /** @type {Result} */
    const result = {
      trigger,
      paste: { file, bytes: Buffer.byteLength(code) },
      event: { user: event.user?.email ?? event.user?.user_id ?? 'nobody', client: event.client?.name ?? null, connection: event.connection?.name ?? null },
      outcome: outcomeOf(first),
      ms: { load: round(host.load.ms), total: round(first.ms), request: round(request), rest: round(first.ms - request) },
      denied: first.error?.error_description ?? null,
      thrown: first.thrown,
      mfa: first.mfa,
      requests: first.requests.map((each) => ({ ...each, startMs: round(each.startMs), ms: each.ms === null ? null : round(each.ms) })),
      commands: first.commands,
      tokens: first.tokens,
      appMetadata: first.appMetadata,
      log: first.log,
      faults: [...host.load.faults, ...executions.flatMap((execution) => execution.faults)],
      again: again.map((execution) => ({ outcome: outcomeOf(execution), ms: round(execution.ms), requests: execution.requests.length })),
    };
    return redacted(result, held);
  } finally {
    await close();
  }
}

/** @param {import('./host.mjs').Execution} execution */
const outcomeOf = (execution) => (execution.thrown !== null || execution.failure !== null ? 'failed' : execution.denied !== null ? 'denied' : 'allowed');

/** @param {number} ms */
const round = (ms) => Math.round(ms * 100) / 100;

/**
 * For how long at least one request was under way: requests side by side count once.
 * @param {import('./context.mjs').LedRequest[]} requests
 * @param {number} total
 */
export function busy(requests, total) {
  const spans = requests.map(({ startMs, ms }) => [startMs, ms === null ? total : startMs + ms]).sort(([a = 0], [b = 0]) => a - b);
  let [sum, until] = [0, 0];
  for (const [from = 0, to = 0] of spans) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.min(sum, total);
}

/**
 * The same value with every secret in it, also in its URL spelling or as a part of a secret URL's query, cut down to what tells which kind it was.
 * @template T
 * @param {T} value
 * @param {Record<string, string>} secrets
 * @returns {T}
 */
export function redacted(value, secrets) {
  const marks = Object.values(secrets)
    .flatMap((secret) => [secret, ...(isUrl(secret) ? new URL(secret).searchParams.values() : [])])
    .filter((secret) => secret.length > 0)
    .sort((a, b) => b.length - a.length)
    .flatMap((secret) => {
      const mark = `${/^(eyJ|sk_)/.exec(secret)?.[0] ?? ''}…redacted`;
      return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].map((text) => /** @type {[string, string]} */ ([text, mark]));
    });
  const clean = (/** @type {string} */ text) => marks.reduce((rest, [secret, mark]) => rest.split(secret).join(mark), text);
  /** @param {any} part @returns {any} */
  const walk = (part) => {
    if (typeof part === 'string') return clean(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null) return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, walk(each)]));
    return part;
  };
  return walk(value);
}
