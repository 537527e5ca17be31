// tools/deploy/: what is in a tenant, held against what the config gives, and how it has fared of late. It only reads.

import { count } from '../paste/config.mjs';
import { AWAITED } from '../tenant/limits.mjs';
import { codeWords, hasFlow, newerSecrets } from './plan.mjs';
import { TenantError } from './tenant.mjs';
import { RUNTIME } from './wanted.mjs';

/** @typedef {import('./tenant.mjs').Tenant} Tenant */
/** @typedef {import('./wanted.mjs').Wanted} Wanted */
/** @typedef {{ action: string, ok: boolean | null, text: string }} Finding `ok`: null where it is a fact and no judgement */

/** @param {Tenant} tenant @param {Wanted} wanted @returns {Promise<Finding[]>} */
export async function examine(tenant, wanted) {
  /** @param {boolean | null} ok @param {string} text @returns {Finding} */
  const says = (ok, text) => ({ action: wanted.name, ok, text });
  const found = await tenant.find(wanted.name);
  if (!found) return [says(false, 'is not in the tenant: run `deploy`')];
  const { deployed_version: version, secrets = [] } = found;
  if (!version) return [says(false, 'was never deployed: run `deploy`')];
  const running = version.code ?? found.code;
  const runtime = version.runtime ?? found.runtime;
  const findings = [
    running === wanted.code
      ? says(true, `the deployed code is the one of the config, ${count(wanted.code.length, 'byte')}`)
      : says(false, `deploying would ${codeWords(running, wanted.code).join(', ')}`),
    runtime === RUNTIME ? says(true, `runs on ${RUNTIME}`) : says(false, `runs on ${runtime}, not ${RUNTIME}`),
    ...(found.all_changes_deployed === false || found.code !== running
      ? [says(false, 'has a draft that is not deployed')]
      : []),
    ...secretFindings(wanted, found, says),
  ];
  const extra = secrets.map(({ name = '' }) => name).filter((name) => !wanted.named.includes(name));
  if (extra.length > 0) findings.push(says(null, `has secrets that the config does not name: ${extra.join(', ')}`));
  return [
    ...findings,
    hasFlow(wanted)
      ? await flowFinding(tenant, wanted, says)
      : says(null, `has the id ${found.id}, for its event stream`),
  ];
}

/** @param {Wanted} wanted @param {import('./tenant.mjs').Action} found @param {(ok: boolean | null, text: string) => Finding} says */
function secretFindings(wanted, found, says) {
  const have = (found.secrets ?? []).map(({ name = '' }) => name);
  // Values are no matter here: only what the tenant has counts.
  const wrong = wanted.wrong(have);
  const unset = wanted.unset(have);
  const late = newerSecrets(found);
  return [
    ...(wrong.length > 0
      ? [says(false, wrong.join('; '))]
      : unset.length > 0
        ? [says(null, `runs without ${unset.join(', ')}: not set, and what it is for is left out`)]
        : [says(true, `all secrets are set: ${have.join(', ') || 'it needs none'}`)]),
    ...(late.length > 0 ? [says(false, `changed after the deploy, and not in use yet: ${late.join(', ')}`)] : []),
  ];
}

/** @param {Tenant} tenant @param {Wanted} wanted @param {(ok: boolean, text: string) => Finding} says */
async function flowFinding(tenant, wanted, says) {
  const flow = await tenant.flow(/** @type {import('./tenant.mjs').TriggerName} */ (wanted.trigger));
  const names = flow.map(({ action }) => action?.name ?? '');
  const at = names.indexOf(wanted.name);
  return at < 0
    ? says(false, `is not in the flow of ${wanted.trigger}, so it never runs`)
    : says(true, `is number ${at + 1} of ${names.length} in the flow of ${wanted.trigger}`);
}

const LOGS = 100;
const EXECUTIONS = 25;

/** @typedef {{ log: import('auth0').Management.Log, result: import('auth0').Management.ActionExecutionResult, last: boolean }} Ran */

/**
 * What the newest logs say of these Actions. A denial of an Action is a failed entry in which it was the last one to run.
 * @param {Tenant} tenant
 * @param {Wanted[]} wanted
 * @returns {Promise<Finding[]>}
 */
export async function history(tenant, wanted) {
  const [first] = wanted;
  if (!first) return [];
  let logs;
  try {
    logs = await tenant.logs(LOGS);
  } catch (error) {
    if (!(error instanceof TenantError && error.status === 403)) throw error;
    return [{ action: first.name, ok: null, text: `of denials and durations nothing is known: ${error.message}` }];
  }
  const entries = logs
    .flatMap((log) => {
      const ids = /** @type {any} */ (log.details)?.actions?.executions;
      return Array.isArray(ids) && ids.length > 0 ? [{ log, ids: ids.map(String) }] : [];
    })
    .slice(0, EXECUTIONS);
  /** @type {Ran[]} */
  const all = [];
  for (const { log, ids } of entries) {
    for (const id of ids) {
      const { results = [] } = await tenant.execution(id);
      results.forEach((result, i) => void all.push({ log, result, last: i === results.length - 1 }));
    }
  }
  return wanted.flatMap(({ name, trigger }) => {
    const own = all.filter(({ result }) => result.action_name === name);
    const texts = own.length > 0 ? fared(own, AWAITED[trigger] ?? 'execution') : [notRun(entries.length)];
    return texts.map((text) => ({ action: name, ok: null, text }));
  });
}

/** @param {number} entries how many log entries with Actions were looked at */
const notRun = (entries) =>
  entries === 0
    ? `has not run of late: none of the last ${LOGS} log entries is of a flow with Actions`
    : `ran in none of the last log entries with Actions: ${entries} looked at`;

/** How an Action has fared. @param {Ran[]} runs of that Action, at least one @param {string} what it is that a flow ends */
function fared(runs, what) {
  const times = runs
    .map(({ result }) => Date.parse(String(result.ended_at)) - Date.parse(String(result.started_at)))
    .filter((ms) => ms >= 0)
    .sort((a, b) => a - b);
  const failed = runs.filter(({ result }) => result.error);
  const denied = runs.filter(({ log, last, result }) => last && !result.error && String(log.type).startsWith('f'));
  const idsOf = (/** @type {Ran[]} */ list) =>
    list
      .slice(0, 3)
      .map(({ log }) => log.log_id)
      .join(', ');
  return [
    `ran ${count(runs.length, 'time')} in the last logs: half within ${times[times.length >> 1] ?? '?'} ms, the slowest ${times.at(-1) ?? '?'} ms`,
    ...(denied.length > 0 ? [`${count(denied.length, what)} ended with it, denied: see the log ${idsOf(denied)}`] : []),
    ...(failed.length > 0 ? [`threw ${count(failed.length, 'time')}: see the log ${idsOf(failed)}`] : []),
  ];
}
