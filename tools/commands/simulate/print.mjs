// tools/commands/: `npm run simulate`, what a person reads: the executions of one trigger as text. It decides nothing and reads nothing but
// the results.

import { AWAITED, CONSOLE_CHARACTERS } from '../../tenant/limits.mjs';
import { isFailure } from '../../tenant/logline.mjs';
import { deniedBy, factorText, isGood, USUAL_HEADERS } from '../../tenant/outcome.mjs';
import { isBatch } from '../../tenant/systems/checks.mjs';
import { isEcho } from '../../tenant/systems/echo.mjs';
import { parsed } from '../../tenant/values.mjs';
import { bar, busy } from './timeline.mjs';

/** @typedef {(text: string) => string} Paint */
/** @typedef {Record<keyof typeof CODES, Paint>} Paints */

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
const LABEL = 14;

/**
 * The first execution whole, those after it in a line each, and like ones together.
 * @param {import('../../tenant/run.mjs').Run} shownRun
 * @param {{ color?: boolean, width?: number }} [options]
 * @returns {string}
 */
export function print(shownRun, { color = false, width = 100 } = {}) {
  const { event, results, loadMs } = visible(shownRun);
  const [result, ...rest] =
    /** @type {[import('../../tenant/run.mjs').Result, ...import('../../tenant/run.mjs').Result[]]} */ (results);
  const paint = /** @type {Paints} */ (
    Object.fromEntries(
      Object.entries(CODES).map(([name, code]) => [
        name,
        (/** @type {string} */ text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text),
      ]),
    )
  );
  /** @type {string[]} */
  const lines = [];
  const room = Math.max(40, Math.min(width, 110) - LABEL - 2);
  const put = (
    /** @type {string} */ label,
    /** @type {string[]} */ texts,
    /** @type {Paint} */ tint = (text) => text,
  ) =>
    texts.forEach(
      (text, i) => void lines.push(`  ${paint.dim((i === 0 ? label : '').padEnd(LABEL - 2))}  ${tint(text)}`),
    );
  const at = { put, paint, room };

  lines.push(`${paint.bold(result.trigger)}  ${STORIES[result.trigger](event)}`);

  putRequests(result, at);
  put(
    'systems',
    result.syncs.map((sync) => (isFailure(sync.outcome) ? paint.red : paint.green)(syncText(sync))),
  );

  putCommands(result, at);
  putTokens(result, at);
  put(
    'left out',
    result.leftOut.flatMap(({ path, why }) => flow(`${path}: ${why}`.split(' '), room, ' ', wrapped)),
    paint.yellow,
  );
  if (Object.keys(result.saml).length > 0) put('SAML', flow(pairs(result.saml, ' '), room), paint.cyan);
  putMetadata(result, at);
  putLog(result, at);
  putMetrics(results, at);

  for (const { kind, message } of results.flatMap(({ faults }) => faults))
    put('FAULT', [`${kind}: ${message}`], paint.red);
  put('timeline', timeline(result, room, paint));
  const request = busy(result.requests, result.ms);
  put('time', [
    `load ${time(loadMs)}, execution ${time(result.ms)}: requests ${time(request)}, the rest ${time(result.ms - request)}`,
  ]);
  lines.push(`  ${verdict(result, paint)}`);
  if (rest.length > 0) put('and then', again(rest, paint));
  return lines.join('\n');
}

/** @type {Record<import('../../tenant/limits.mjs').Trigger, (event: import('../../tenant/run.mjs').Run['event']) => string>} */
const STORIES = {
  'post-login': ({ user, client }) => `${user} logs in to ${client ?? 'an application'}`,
  'post-user-registration': ({ user, connection }) => `${user} has registered on ${connection ?? 'a connection'}`,
  'pre-user-registration': ({ user, connection }) => `${user} registers on ${connection ?? 'a connection'}`,
  'credentials-exchange': ({ client }) => `${client ?? 'a machine'} asks for an access token`,
  'post-change-password': ({ user, connection }) =>
    `${user} has changed the password on ${connection ?? 'a connection'}`,
  'event-stream': ({ user }) => `an event tells of ${user}`,
};

/** @typedef {{ put: (label: string, texts: string[], tint?: Paint) => void, paint: Paints, room: number }} Page */

/** @param {import('../../tenant/run.mjs').Result} result @param {Page} page */
function putRequests(result, { put, paint, room }) {
  for (const request of result.requests) {
    const { method, url, headers, body, responseBody } = request;
    const [line = '', ...rest] = wrapped(`${method} ${url}`, room);
    put('sent', [line.replace(method, paint.bold(method)), ...rest]);
    put('', flow(pairs(headers, ': '), room, '  ', wrapped), paint.dim);
    if (body) put('', flow(jsonParts(body), room, ' ', wrapped));
    const came = [request.status ?? 'nothing', request.failure].filter((part) => part !== null).join(', ');
    const after = `${request.ms === null ? 'and no end yet' : `after ${time(request.ms)}`}${isEcho(request) ? ', an echo' : ''}`;
    const [first = '', ...more] = shortened(responseBody, room, came.length + after.length + 3);
    put('came back', [`${(isGood(request) ? paint.green : paint.red)(came)} ${after}  ${first}`.trimEnd(), ...more]);
  }
  if (result.requests.length === 0) put('sent', ['nothing']);
}

/** @param {import('../../tenant/run.mjs').Result} result @param {Page} page */
function putCommands({ commands, refused, mfa }, { put, paint, room }) {
  const asked = commands.flatMap(({ method, args, dropped }) => {
    const call = `api.${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
    return dropped
      ? wrapped(`${call}  (dropped: ${dropped})`, room).map((line) => paint.yellow(line))
      : wrapped(call, room);
  });
  put('asked for', asked.length > 0 ? asked : ['nothing']);
  put(
    'refused',
    refused.map(({ message }) => message),
    paint.red,
  );
  if (mfa) put('multifactor', [`with ${factorText(mfa)}`], paint.yellow);
}

/** @param {import('../../tenant/run.mjs').Result} result @param {Page} page */
function putMetadata({ commands, appMetadata, userMetadata }, { put, room }) {
  for (const [label, method, metadata] of /** @type {const} */ ([
    ['app_metadata', 'user.setAppMetadata', appMetadata],
    ['user_metadata', 'user.setUserMetadata', userMetadata],
  ]))
    if (commands.some((command) => command.method === method)) put(label, wrapped(JSON.stringify(metadata), room));
}

/** @param {import('../../tenant/run.mjs').Result} result @param {Page} page */
function putTokens(result, { put, paint, room }) {
  for (const [label, token] of /** @type {const} */ ([
    ['ID token', result.tokens?.idToken],
    ['access token', result.tokens?.accessToken],
  ])) {
    if (!token) continue;
    const standard = Object.fromEntries(Object.entries(token.claims).filter(([name]) => !token.custom.includes(name)));
    put(label, flow(pairs(standard, ' '), room), paint.dim);
    put(
      '',
      token.custom.flatMap((name) => claimLines(name, token, room)),
      paint.cyan,
    );
  }
}

/** @param {import('../../tenant/run.mjs').Result} result @param {Page} page */
function putLog(result, { put, paint }) {
  let kept = 0;
  for (const { text, beyond } of result.log) {
    kept += text.length;
    put('log', [beyond > 0 ? text.slice(0, text.length - beyond) + paint.red(text.slice(text.length - beyond)) : text]);
  }
  if (result.log.length > 0)
    put(
      '',
      [`${kept} of the ${CONSOLE_CHARACTERS} characters that Auth0 keeps`],
      kept > CONSOLE_CHARACTERS ? paint.red : paint.dim,
    );
}

/** The first batch of metrics that these executions sent. @param {import('../../tenant/run.mjs').Result[]} results @param {Page} page */
function putMetrics(results, { put, paint, room }) {
  const batch = results.flatMap(({ requests }) => requests).find(({ body }) => isBatch(body));
  if (!batch) return;
  const next = results[0]?.trigger === 'event-stream' ? 'event' : 'login';
  const [line = '', ...rest] = wrapped(`${batch.method} ${batch.url}  with the next ${next} that calls`, room);
  put('metrics', [line.replace(batch.method, paint.bold(batch.method)), ...rest]);
  put('', flow(pairs(batch.headers, ': '), room, '  ', wrapped), paint.dim);
  const metrics = JSON.parse(batch.body).resourceMetrics.flatMap((/** @type {any} */ { scopeMetrics }) =>
    scopeMetrics.flatMap((/** @type {any} */ { metrics }) => metrics),
  );
  for (const { name, histogram, sum } of metrics) {
    for (const { attributes, count, sum: seconds, asInt } of (histogram ?? sum).dataPoints) {
      const labels = attributes.map((/** @type {any} */ { key, value }) => `${key}=${value.stringValue}`).join(' ');
      put('', wrapped(`${name}  ${labels}  ${histogram ? `${count} in ${time(seconds * 1000)}` : asInt}`, room));
    }
  }
}

/** @param {import('../../tenant/run.mjs').Result} result @param {Paints} paint */
function verdict(result, paint) {
  const failed = result.syncs
    .filter(({ outcome }) => isFailure(outcome))
    .map(({ name, outcome }) => `${name} (${outcome})`);
  const without = failed.length > 0 ? `, without ${failed.join(', ')}` : '';
  const tint = failed.length > 0 ? paint.yellow : paint.green;
  const what = AWAITED[result.trigger];
  if (what === undefined) {
    if (result.outcome === 'allowed') return tint(`✓ done${without}; the user notices nothing of it`);
    if (result.outcome === 'again')
      return paint.red(`✗ ended with an error${without}: Auth0 delivers the event again, four times in all`);
    if (result.thrown !== null)
      return paint.red(`✗ ended with an error, which only the tenant's log shows: ${result.thrown}`);
    return result.trigger === 'event-stream'
      ? paint.red(`✗ failed for good: ${failed.join(', ')}; Auth0 does not deliver the event again`)
      : paint.red('✗ failed for good, and the user notices nothing of it: the log says why');
  }
  if (result.outcome === 'allowed')
    return tint(`✓ the ${what} goes on${without}${result.mfa ? ', after a second factor' : ''}`);
  const by = deniedBy(result);
  return [
    paint.red(`✗ the ${what} ends: ${result.error}, "${result.denied}"`),
    ...(by ? [`    by onFailure of ${by.name}: with ${by.allow} it goes on`] : []),
  ].join('\n');
}

/** How an execution ended: what no one waits for is done, and not allowed. @param {import('../../tenant/run.mjs').Result} result */
const ended = ({ trigger, outcome }) => (outcome === 'allowed' && AWAITED[trigger] === undefined ? 'done' : outcome);

/**
 * One row per request, over the milliseconds of the execution.
 * @param {import('../../tenant/run.mjs').Result} result
 * @param {number} room
 * @param {Paints} paint
 */
function timeline({ requests, ms }, room, paint) {
  if (requests.length === 0) return [];
  const names = requests.map(({ url }) => fit(hostOf(url), 30));
  const spans = requests.map(
    (request) => `${time(request.startMs)} to ${request.ms === null ? 'the end' : time(request.startMs + request.ms)}`,
  );
  const longest = (/** @type {string[]} */ texts) => Math.max(...texts.map((text) => text.length));
  const [left, width] = [longest(names) + 2, Math.max(10, Math.min(50, room - longest(names) - longest(spans) - 4))];
  const end = time(ms);
  return [
    paint.dim(`${' '.repeat(left)}0${end.padStart(width - 1)}`),
    ...requests.map(
      (request, i) =>
        `${names[i]?.padEnd(left)}${(isGood(request) ? paint.green : paint.red)(bar(request, ms, width))}  ${paint.dim(spans[i] ?? '')}`,
    ),
  ];
}

/** @param {import('../../tenant/run.mjs').Result[]} results those after the first @param {Paints} paint */
function again(results, paint) {
  /** @type {{ text: string, good: boolean, from: number, times: number[] }[]} */
  const groups = [];
  results.forEach((result, i) => {
    // What a collector of metrics is told is shown above, and no system was asked.
    const { length } = result.requests.filter(({ body }) => !isBatch(body));
    const calls = `${length || 'no'} request${length === 1 ? '' : 's'}`;
    const text = [
      `${calls}, ${ended(result)}`,
      ...result.syncs.map(({ name, outcome, status, detail }) =>
        [name, outcome, status, detail].filter((part) => part !== null).join(' '),
      ),
    ].join('; ');
    const last = groups.at(-1);
    if (last?.text === text) last.times.push(result.ms);
    else groups.push({ text, good: result.outcome === 'allowed', from: i + 2, times: [result.ms] });
  });
  return groups.map(({ text, good, from, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    const took =
      times.length === 1
        ? time(times[0] ?? 0)
        : `median ${time(sorted[sorted.length >> 1] ?? 0)}, slowest ${time(sorted.at(-1) ?? 0)}`;
    const number = times.length === 1 ? `no. ${from}` : `no. ${from} to ${from + times.length - 1}`;
    return (good ? paint.green : paint.red)(`${number}: ${text}; ${took}`);
  });
}

/** @param {import('../../tenant/logline.mjs').Sync} sync */
function syncText({ name, outcome, status, detail, attempts, ms }) {
  const calls = attempts === 0 ? 'no request' : `${attempts} request${attempts === 1 ? '' : 's'}, ${ms} ms`;
  return `${name}: ${[outcome, status, detail].filter((part) => part !== null).join(', ')}; ${calls}`;
}

/** @param {string} url */
const hostOf = (url) => /^https:\/\/([^/?]+)/.exec(url)?.[1] ?? url;

/** @param {number} ms */
const time = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** @param {Record<string, any>} object @param {string} between */
const pairs = (object, between) =>
  Object.entries(object)
    .filter(([name, value]) => value !== undefined && (between !== ': ' || !USUAL_HEADERS.has(name)))
    .map(([name, value]) => `${name}${between}${typeof value === 'string' ? value : JSON.stringify(value)}`);

/**
 * Items one after the other, as many to a line as fit.
 * @param {string[]} items
 * @param {number} room
 * @param {string} [between]
 * @param {(item: string, room: number) => string[]} [part] what becomes of an item that is longer than a line
 */
function flow(items, room, between = '  ', part = (item) => [fit(item, room)]) {
  /** @type {string[]} */
  const lines = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + between.length + item.length <= room)
      lines[lines.length - 1] = line + between + item;
    else lines.push(...part(item, room));
  }
  return lines;
}

/** JSON in parts that may be on lines of their own. @param {string} text */
function jsonParts(text) {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return [text];
  const isArray = Array.isArray(value);
  const items = Object.entries(value).map(
    ([key, inner]) => `${isArray ? '' : `${JSON.stringify(key)}: `}${JSON.stringify(inner)}`,
  );
  const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
  return items.length === 0
    ? [open + close]
    : items.map((item, i) => `${i === 0 ? `${open} ` : ''}${item}${i === items.length - 1 ? ` ${close}` : ','}`);
}

/** All of a text, on as many lines as it takes. @param {string} text @param {number} room @param {number} [taken] of the first line */
function wrapped(text, room, taken = 0) {
  const lines = [text.slice(0, Math.max(1, room - taken))];
  for (let at = lines[0]?.length ?? 0; at < text.length; at += room) lines.push(text.slice(at, at + room));
  return lines;
}

/** What came back may be long, and no one reads all of it. */
const MOST_LINES = 4;

/** @param {string} text @param {number} room @param {number} taken of the first line */
function shortened(text, room, taken) {
  const lines = wrapped(text, room, taken);
  const rest = lines.slice(MOST_LINES).reduce((sum, line) => sum + line.length, 0);
  return rest === 0
    ? lines
    : [...lines.slice(0, MOST_LINES), `… and ${rest.toLocaleString('en')} more characters; \`--json\` has them`];
}

/** One of our claims; of a token also what is in it. @param {string} name @param {import('../../tenant/run.mjs').Token} token @param {number} room */
function claimLines(name, { claims, inside }, room) {
  const value = claims[name];
  const lines = wrapped(`+ ${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`, room);
  return [...lines, ...flow(pairs(inside[name] ?? {}, ' '), room - 4).map((each) => `    ${each}`)];
}

/**
 * The same value with line ends and control characters made visible: what comes from outside must not steer a terminal.
 * @template T
 * @param {T} value
 * @returns {T}
 */
function visible(value) {
  const escaped = (/** @type {string} */ text) =>
    text
      .replace(/\s*[\r\n]\s*/g, ' ')
      .replace(
        /[\u0000-\u001f\u007f-\u009f]/g,
        (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
      );
  /** @param {any} part @returns {any} */
  const walk = (part) => {
    if (typeof part === 'string') return escaped(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([key, each]) => [escaped(key), walk(each)]));
    return part;
  };
  return walk(value);
}

/** @param {string} text @param {number} room */
const fit = (text, room) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
