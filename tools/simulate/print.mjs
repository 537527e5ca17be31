// The local tenant, what a person reads: one result as text. It decides nothing and reads nothing but the result.

/** @typedef {(text: string) => string} Paint */

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
const LABEL = 14;

/** Headers that every HTTP client sends, and nobody asks about. */
const USUAL = new Set(['host', 'connection', 'content-length', 'date', 'keep-alive']);

/**
 * @param {import('./run.mjs').Result} shownResult
 * @param {{ color?: boolean, width?: number }} [options]
 * @returns {string}
 */
export function print(shownResult, { color = false, width = 100 } = {}) {
  const result = visible(shownResult);
  const paint = /** @type {Record<keyof typeof CODES, Paint>} */ (
    Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, (/** @type {string} */ text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)]))
  );
  /** @type {string[]} */
  const lines = [];
  const room = Math.max(40, Math.min(width, 110) - LABEL - 2);
  const put = (/** @type {string} */ label, /** @type {string[]} */ texts, /** @type {Paint} */ tint = (text) => text) =>
    texts.forEach((text, i) => lines.push(`  ${paint.dim((i === 0 ? label : '').padEnd(LABEL - 2))}  ${tint(text)}`));

  const { event } = result;
  const who = result.trigger === 'post-login' ? `${event.user} logs in to ${event.client ?? 'an application'}` : `${event.user} has registered on ${event.connection ?? 'a connection'}`;
  lines.push(`${paint.bold(result.trigger)}  ${who}`);

  for (const request of result.requests) {
    put('sent', [`${paint.bold(request.method)} ${request.url}`]);
    put('', flow(pairs(request.headers, ': '), room), paint.dim);
    if (request.body) put('', flow(jsonParts(request.body), room, ' '));
    const tint = request.status !== null && request.status < 400 && request.failure === null ? paint.green : paint.red;
    const came = [request.status ?? 'nothing', request.failure].filter((part) => part !== null).join(', ');
    const after = request.ms === null ? 'and no end yet' : `after ${time(request.ms)}`;
    put('came back', [`${tint(came)} ${after}  ${fit(shortened(request.responseBody), room - came.length - 20)}`.trimEnd()]);
  }
  if (result.requests.length === 0) put('sent', ['nothing']);

  const asked = result.commands.map(({ method, args, dropped }) => {
    const call = fit(`api.${method}(${args.map((arg) => shortened(JSON.stringify(arg))).join(', ')})`, room);
    return dropped ? paint.yellow(`${call}  (dropped: ${dropped})`) : call;
  });
  put('asked for', asked.length > 0 ? asked : ['nothing']);
  if (result.mfa) put('multifactor', [`with ${result.mfa.provider}`], paint.yellow);

  if (result.tokens) {
    for (const [label, token] of /** @type {const} */ ([['ID token', result.tokens.idToken], ['access token', result.tokens.accessToken]])) {
      if (!token) continue;
      const standard = Object.fromEntries(Object.entries(token.claims).filter(([name]) => !token.custom.includes(name)));
      put(label, flow(pairs(standard, ' '), room), paint.dim);
      put('', token.custom.flatMap((name) => claimLines(name, token.claims[name], room)), paint.cyan);
    }
  }
  if (result.commands.some(({ method }) => method === 'user.setAppMetadata')) put('app_metadata', [fit(JSON.stringify(result.appMetadata), room)]);

  let kept = 0;
  for (const { text, beyond } of result.log) {
    kept += text.length;
    put('log', [beyond > 0 ? text.slice(0, text.length - beyond) + paint.red(text.slice(text.length - beyond)) : text]);
  }
  if (result.log.length > 0) put('', [`${kept} of the 256 characters that Auth0 keeps`], kept > 256 ? paint.red : paint.dim);

  for (const { kind, message } of result.faults) put('FAULT', [`${kind}: ${message}`], paint.red);
  put('time', [`load ${time(result.ms.load)}, first execution ${time(result.ms.total)}: requests ${time(result.ms.request)}, the rest ${time(result.ms.rest)}`]);
  if (result.again.length > 0) put('', [again(result.again)]);
  lines.push(`  ${verdict(result, paint)}`);
  return lines.join('\n');
}

/** @param {import('./run.mjs').Result} result @param {Record<keyof typeof CODES, Paint>} paint */
function verdict(result, paint) {
  if (result.trigger === 'post-user-registration') {
    return result.thrown === null ? paint.green('✓ done; the user notices nothing of it') : paint.red(`✗ ended with an error, which only the tenant's log shows: ${result.thrown}`);
  }
  if (result.outcome === 'allowed') return paint.green(result.mfa ? '✓ the login goes on, after a second factor' : '✓ the login goes on');
  return paint.red(`✗ the login ends: access_denied, "${result.denied}"`);
}

/** @param {import('./run.mjs').Result['again']} executions */
function again(executions) {
  const times = executions.map(({ ms }) => ms).sort((a, b) => a - b);
  const requests = executions.reduce((sum, each) => sum + each.requests, 0);
  const calls = `${requests === 0 ? 'no' : requests} request${requests === 1 ? '' : 's'}`;
  if (times.length === 1) return `second execution ${time(times[0] ?? 0)} with ${calls}`;
  return `${times.length} more: median ${time(times[times.length >> 1] ?? 0)}, slowest ${time(times.at(-1) ?? 0)}, ${calls} in all`;
}

/** @param {number} ms */
const time = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** @param {Record<string, any>} object @param {string} between */
const pairs = (object, between) =>
  Object.entries(object)
    .filter(([name]) => between !== ': ' || !USUAL.has(name))
    .map(([name, value]) => `${name}${between}${typeof value === 'string' ? shortened(value) : JSON.stringify(value)}`);

/**
 * Items one after the other, as many to a line as fit.
 * @param {string[]} items
 * @param {number} room
 * @param {string} [between]
 */
function flow(items, room, between = '  ') {
  /** @type {string[]} */
  const lines = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + between.length + item.length <= room) lines[lines.length - 1] = line + between + item;
    else lines.push(fit(item, room));
  }
  return lines;
}

/** A JSON object in parts that may stand on lines of their own. @param {string} text */
function jsonParts(text) {
  try {
    const entries = Object.entries(JSON.parse(text)).map(([key, value]) => `${JSON.stringify(key)}: ${shortened(JSON.stringify(value))}`);
    return entries.map((entry, i) => `${i === 0 ? '{ ' : ''}${entry}${i === entries.length - 1 ? ' }' : ','}`);
  } catch {
    return [text];
  }
}

/** One of our claims; of a token also what is in it. @param {string} name @param {unknown} value @param {number} room */
function claimLines(name, value, room) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = fit(`+ ${name} ${shortened(text)}`, room);
  const inner = /^eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+$/.exec(text)?.[1];
  const claims = inner === undefined ? undefined : decoded(inner);
  return claims ? [line, ...flow(pairs(claims, ' '), room - 4).map((each) => `    ${each}`)] : [line];
}

/** @param {string} part of a token @returns {Record<string, any> | undefined} */
function decoded(part) {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/**
 * The same value with line ends and control characters made visible: what comes from outside must not steer a terminal.
 * @template T
 * @param {T} value
 * @returns {T}
 */
function visible(value) {
  const escaped = (/** @type {string} */ text) => text.replace(/\s*[\r\n]\s*/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
  /** @param {any} part @returns {any} */
  const walk = (part) => {
    if (typeof part === 'string') return escaped(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null) return Object.fromEntries(Object.entries(part).map(([key, each]) => [escaped(key), walk(each)]));
    return part;
  };
  return walk(value);
}

/** Tokens are long and say nothing to the eye. @param {string} text */
const shortened = (text) => text.replace(/eyJ[\w-]{8,}\.[\w-]{8,}\.([\w-]+)/g, (token) => `${token.slice(0, 8)}…${token.slice(-4)}`);

/** @param {string} text @param {number} room */
const fit = (text, room) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
