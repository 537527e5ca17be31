// tools/commands/: `login-sync simulate --record`: logins as tests, with the event and what each host answered. No secret is in it,
// no token is good for anything any more, and what the user typed at login is left out. What the event says of the user is there.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../../cli.mjs';
import { UserError } from '../../error.mjs';
import { differences } from '../../library/expect.mjs';
import { simulate } from '../../library/simulate.mjs';
import { withoutCredentials } from '../../tenant/event.mjs';
import { outcomeOf } from '../../tenant/outcome.mjs';
import { redactor } from '../../tenant/redact.mjs';
import { tokensOf } from '../../tenant/run.mjs';
import { isObject } from '../../tenant/values.mjs';
import { openTests } from '../test/file.mjs';

/** @typedef {import('../../tenant/run.mjs').Facts} Facts */

/**
 * Refuses to write over a file of anything else: a config, or tests that someone wrote.
 * @param {string} file
 */
export function checkPlace(file) {
  if (existsSync(file) && !isRecord(file))
    throw new UserError(`--record: \`${file}\` is there, and \`--record\` did not write it: name another file`);
}

/** @param {string} file */
function isRecord(file) {
  try {
    return openTests(file).tests.every(({ name, event, at, answers }) => / of /.test(name) && event && at && answers);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Headers of a response that mean something to a login. */
const HEADERS = ['content-type', 'retry-after', 'location'];

/**
 * Each test is run once: what does not come out as it was is not expected, for it is different each time (a random id, a
 * time, a signature by an invented secret).
 * @param {string} file
 * @param {string | undefined} config
 * @param {Facts[][]} logins those of each trigger, on one instance
 * @param {{ others?: boolean, apartMs?: number }} how
 * @returns {Promise<string[]>} the places of what is not expected
 */
export async function writeRecord(file, config = '', logins, how) {
  const tests = logins.flatMap((facts) => (facts.length > 0 ? [{ ...testOf(facts), ...how }] : []));
  /** @type {string[]} */
  const unsteady = [];
  for (const test of tests) {
    const { name: _, expect, ...options } = test;
    const login = await simulate(config, options);
    unsteady.push(...differences(login, expect).map((line) => line.split(': expected ')[0] ?? ''));
    test.expect = steady(expect, login);
  }
  const record = { config: path.relative(path.dirname(path.resolve(file)), path.resolve(config)), tests };
  try {
    await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw new UserError(`--record: cannot write \`${file}\`: ${reasonOf(error)}`);
  }
  return unsteady;
}

const OTHERWISE = Symbol('another one');

/** What is expected and is so. Of an array it is all items or none. @param {any} expected @param {any} actual @returns {any} */
function steady(expected, actual) {
  if (Array.isArray(expected)) {
    const items = expected.map((item, i) => steady(item, actual?.[i]));
    return actual?.length !== expected.length || items.includes(OTHERWISE) ? OTHERWISE : items;
  }
  if (!isObject(expected)) return Object.is(expected ?? null, actual ?? null) ? expected : OTHERWISE;
  if (!isObject(actual)) return OTHERWISE;
  const fields = Object.entries(expected).map(([key, value]) => [key, steady(value, actual[key])]);
  return Object.fromEntries(fields.filter(([, value]) => value !== OTHERWISE));
}

/** @param {Facts[]} facts */
function testOf(facts) {
  const [{ trigger, event }] = /** @type {[Facts, ...Facts[]]} */ (facts);
  const { clean } = redactor(event.secrets ?? {}, { cut: unsigned });
  const shown = facts.map(expected);
  return clean(
    withoutGrants(facts, {
      name: `${trigger} of ${event.user?.user_id ?? 'no user'}`,
      trigger,
      event: withoutCredentials(event),
      // Tokens in the answers must not have expired when this is run again.
      at: new Date(timeOf(facts)).toISOString(),
      ...(facts.length > 1 ? { logins: facts.length } : {}),
      answers: answersOf(facts),
      expect: facts.length > 1 ? { logins: shown } : shown[0],
    }),
  );
}

/**
 * What other systems gave for a grant is good for anyone who has it. In its place is a text that an engine sends as a token; one of
 * JSON loses its signature, and says when it expires.
 * @template T @param {Facts[]} facts @param {T} value @returns {T}
 */
function withoutGrants(facts, value) {
  const tokens = Object.values(tokensOf(facts.map(({ execution }) => execution))).filter((token) => !isSigned(token));
  const hiding = tokens.map((token, i) => redactor({ token }, { cut: (text) => text, shown: `recorded-${i + 1}` }));
  return hiding.reduce((part, { clean }) => clean(part), value);
}

/** @param {Facts[]} facts */
const timeOf = ([first]) => (first?.execution.tokens?.accessToken.claims.iat ?? Math.floor(Date.now() / 1000)) * 1000;

/** @param {Facts[]} facts */
function answersOf(facts) {
  /** @type {Record<string, Record<string, unknown>[]>} */
  const answers = {};
  for (const request of facts.flatMap(({ execution }) => execution.requests)) {
    const host = new URL(request.url).hostname;
    (answers[host] ??= []).push(answerOf(request));
  }
  return answers;
}

/** @param {import('../../tenant/context.mjs').LedRequest} request */
function answerOf({ status, responseHeaders, responseBody, failure }) {
  if (status === null) return { fault: failure === 'ECONNRESET' ? 'reset' : 'timeout' };
  const headers = Object.fromEntries(
    HEADERS.flatMap((name) => (responseHeaders[name] === undefined ? [] : [[name, String(responseHeaders[name])]])),
  );
  const fault = failure === null ? {} : { fault: 'half-body' };
  return { status, ...fault, headers, body: responseBody };
}

/** @param {Facts} facts */
function expected({ execution, syncs }) {
  const { tokens, error, mfa, userMetadata, saml } = execution;
  // When our own record was made is another time when it is run again.
  const { login_sync: _, ...appMetadata } = execution.appMetadata;
  const custom = (/** @type {import('../../tenant/outcome.mjs').Token | null | undefined} */ token) =>
    token && Object.fromEntries(token.custom.map((name) => [name, token.claims[name]]));
  return {
    outcome: outcomeOf(execution),
    error: error?.error ?? null,
    denied: error?.error_description ?? null,
    mfa,
    ...(tokens ? { tokens: { idToken: custom(tokens.idToken) ?? null, accessToken: custom(tokens.accessToken) } } : {}),
    ...filled({ appMetadata, userMetadata, saml }),
    syncs: syncs.map(({ name, outcome }) => ({ name, outcome })),
  };
}

/** @param {Record<string, Record<string, unknown>>} objects */
const filled = (objects) =>
  Object.fromEntries(Object.entries(objects).filter(([, fields]) => Object.keys(fields).length > 0));

/** Tokens with what they say, and without what makes them good. @param {string} text */
const unsigned = (text) => text.replace(/(eyJ[\w-]+\.eyJ[\w-]+)\.[\w-]+/g, '$1.recorded');

/** @param {string} token */
const isSigned = (token) => unsigned(token) !== token;
