// The local tenant, the Action's own log line read back: what became of each system. Its format is described in src/login/log.rs.

/**
 * @typedef {object} Sync one system in one execution
 * @property {string} name
 * @property {string} outcome `ok`, `fresh`, `reused`, `stale`, `skipped`, or a failure
 * @property {number | null} status the last one; null without an answer
 * @property {string | null} detail a word on what was wrong
 * @property {number} attempts how many requests were sent
 * @property {number} ms from the start of the execution; 0 without a request
 */

/** The outcomes by which an entry has what it asks for. */
export const GOOD = new Set(['ok', 'fresh', 'reused', 'stale']);

/** Whether an outcome is a failure; src/system/outcome.rs has them all. @param {string} outcome */
export const isFailure = (outcome) => outcome !== 'skipped' && !GOOD.has(outcome);

/** Fields that are about the execution and not about a system. */
const OWN = new Set(['app', 'trigger', 'result', 'ms', 'id', 'warn']);

/**
 * The systems of the first line that is an execution's. Those for which the line had no room are missing.
 * @param {import('./host.mjs').LogLine[]} log
 * @returns {Sync[]}
 */
export const readSyncs = (log) =>
  fieldsOf(log).flatMap(([name, value]) => (OWN.has(name) ? [] : (readSync(name, value) ?? [])));

/** How that line says that the execution ended: `done`, `again`, `refused` and so on. @param {import('./host.mjs').LogLine[]} log @returns {string | undefined} */
export const readResult = (log) => fieldsOf(log).find(([name]) => name === 'result')?.[1];

/** @param {import('./host.mjs').LogLine[]} log */
const fieldsOf = (log) => log.map(({ text }) => readFields(text)).find((fields) => fields !== undefined) ?? [];

/** @param {string} text @returns {[string, string][] | undefined} */
function readFields(text) {
  if (text.startsWith('login-sync trigger=')) {
    // A refused config's problem is in quotes, and may say anything.
    return [...text.replace(/ problem=".*$/s, '').matchAll(/ ([^\s=]+)=(\S*)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
  }
  if (!text.startsWith('{"app":"login-sync"')) return undefined;
  try {
    return Object.entries(JSON.parse(text)).map(([name, value]) => [name, String(value)]);
  } catch {
    return undefined;
  }
}

/** @param {string} name @param {string} value @returns {Sync | undefined} */
function readSync(name, value) {
  const found = /^([a-z]+)(?::(\d{3}))?(?::([\w-]+?))?(?::(\d+)ms:(\d+))?$/.exec(value);
  if (!found) return undefined;
  const [, outcome = '', status, detail, ms, attempts] = found;
  return {
    name,
    outcome,
    status: status === undefined ? null : Number(status),
    detail: detail ?? null,
    attempts: Number(attempts ?? 0),
    ms: Number(ms ?? 0),
  };
}
