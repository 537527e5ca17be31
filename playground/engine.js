// The playground's view of the project's own tools: what `npm run bundle`, `npm run claims` and `npm start` do, in the page.

import paste from '../pkg/login-sync.js?raw';
import schema from '../pkg/schema.json';
import { bundle } from '../tools/paste/bundle.mjs';
import { warningsIn } from '../tools/paste/check.mjs';
import { manifest } from '../tools/paste/claims.mjs';
import { expanded, openText, presetsOf, readConfig, systems } from '../tools/paste/config.mjs';
import { explainer } from '../tools/paste/left-out.mjs';
import { loadEngine, openEngine, withConfig } from '../tools/paste/paste.mjs';
import { redactor } from '../tools/tenant/redact.mjs';
import { run } from '../tools/tenant/run.mjs';
import { active, expected, hosts, inventAll } from '../tools/tenant/secrets.mjs';
import { virtualTenant } from '../tools/tenant/virtual.mjs';
import { CONNECTORS, CONTRACTS, SECRET_WORDS } from './connectors.js';
import { stepsOf } from './editor/place.js';
import { flowOf } from './flows.js';
import { makeKeys } from './node/crypto.js';
import { openProbe } from './why/values.js';

const presets = presetsOf(schema);
const FILE = 'the config';

export const VERSION = /^\/\/ login-sync (\S+):/.exec(paste)?.[1] ?? '';

/** A page cannot pack a wasm again. @param {string} paste */
const notAhead = (paste) => paste;

/** One engine for all questions; each opens the config again. */
const engine = openEngine(paste);

/** What an expression gives, as the paste's own engine says. */
export const probe = openProbe(loadEngine(paste));

/** @typedef {import('../tools/paste/paste.mjs').Problem} Problem */
/**
 * @typedef {object} SecretField a secret that a config may use
 * @property {string} name
 * @property {string[]} systems who is sent it
 * @property {boolean} optional
 * @property {string[]} others names that would do as well
 * @property {string} words what it is, where that is known
 *
 * @typedef {object} Analysis
 * @property {any} config with its connectors written out; undefined when the text is no config at all
 * @property {Record<string, import('../tools/tenant/systems/contract.mjs').Contract>} contracts of its connectors
 * @property {(problem: Problem) => Problem} placed a problem at the place where it was written
 * @property {string | null} refused why it is none
 * @property {Problem[]} problems
 * @property {import('../tools/paste/check.mjs').Warning[]} warnings what is accepted and surely not meant
 * @property {string[]} used its connectors
 * @property {(at: number) => import('../tools/paste/config.mjs').Sync | undefined} entryAt the entry that was written there
 * @property {import('../tools/paste/config.mjs').Sync[]} syncs
 * @property {SecretField[]} fields
 */

/**
 * What can be said of a config without running it.
 * @param {string} text
 * @returns {Analysis}
 */
export function analyse(text) {
  let written;
  try {
    written = readConfig(text, FILE);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { ...NOTHING, refused: message.replace(`\`${FILE}\``, '').replace(/^(: | is not JSON: )/, '') };
  }
  const { config, problems, used, placed } = expanded(engine, written, CONNECTORS, presets);
  const contracts = Object.fromEntries(used.flatMap((name) => (CONTRACTS[name] ? [[name, CONTRACTS[name]]] : [])));
  if (problems.length > 0) return { ...NOTHING, config, contracts, placed, problems, used };
  const syncs = systems(engine, config, presets);
  // What a connector brings is not for its users to change.
  const isWritten = (/** @type {Problem} */ { path }) => valueAt(written, stepsOf(path)) !== undefined;
  const warnings = warningsIn({ config, syncs, placed }, schema).filter(isWritten);
  const entryAt = (/** @type {number} */ at) =>
    syncs[
      syncs.findIndex(
        (_, i) => placed({ path: `config.syncs[${i}].name`, message: '' }).path === `config.syncs[${at}].name`,
      )
    ];
  return { ...NOTHING, config, contracts, placed, syncs, fields: fieldsOf(syncs), warnings, used, entryAt };
}

/** @param {any} value @param {(string | number)[]} steps */
const valueAt = (value, steps) =>
  steps.reduce((at, step) => (Object.hasOwn(Object(at), step) ? at[step] : undefined), value);

/** What is said of no config. @type {Analysis} */
export const NOTHING = {
  config: undefined,
  contracts: {},
  placed: (problem) => problem,
  refused: null,
  problems: [],
  warnings: [],
  used: [],
  syncs: [],
  fields: [],
  entryAt: () => undefined,
};

/** What is wrong only because a secret is not set. @param {Analysis} analysis @param {Record<string, string>} secrets */
export const missingSecrets = ({ config, problems, placed }, secrets) =>
  problems.length > 0 ? [] : engine.problems(config, secrets).map(placed);

/** @param {import('../tools/paste/config.mjs').Sync[]} syncs @returns {SecretField[]} */
function fieldsOf(syncs) {
  /** @type {Map<string, SecretField>} */
  const fields = new Map();
  for (const { name: system, secrets } of syncs) {
    for (const { names, optional } of secrets) {
      for (const [i, name] of names.entries()) {
        const words = SECRET_WORDS[name] ?? '';
        const field = fields.get(name) ?? { name, systems: [], optional: true, others: [], words };
        field.systems = [...new Set([...field.systems, system])];
        field.optional &&= optional || i > 0;
        field.others = [...new Set([...field.others, ...names.filter((other) => other !== name)])];
        fields.set(name, field);
      }
    }
  }
  return [...fields.values()];
}

/** What takes the browser a while, where a config needs it. @param {Analysis} analysis */
export const prepared = async ({ config }) => void (JSON.stringify(config).includes('"RS256"') && (await makeKeys()));

/**
 * Invented secrets for those that the config cannot do without and no one gave. An empty one was taken away on purpose.
 * @param {Analysis} analysis
 * @param {Map<string, string>} given
 */
export function inventSecrets({ syncs, contracts }, given) {
  // Of an empty config one system is on, so that there is something to see.
  const first = syncs.every(({ switched }) => switched) ? new Map([['CLEENG_CLIENT_SECRET', '']]) : new Map();
  return inventAll(active(syncs, new Map([...first, ...given])), given, contracts);
}

/**
 * @typedef {object} RunRequest
 * @property {any} config
 * @property {Analysis['contracts']} contracts
 * @property {Analysis['placed']} placed
 * @property {import('../tools/paste/config.mjs').Sync[]} syncs
 * @property {any} event
 * @property {import('../tools/tenant/limits.mjs').Trigger} trigger
 * @property {Record<string, string>} secrets
 * @property {(import('../tools/tenant/world.mjs').FaultOptions & { name: string })[]} faults
 * @property {Record<string, import('../tools/tenant/world.mjs').Answer[]>} answers by host
 * @property {number} logins
 * @property {boolean} others whether each login is another user's
 * @property {number} apartMs
 * @property {number} latencyMs
 */

/**
 * Runs logins one after the other on one instance.
 * @param {RunRequest} request
 */
export async function runLogins(request) {
  const { config, contracts, placed, syncs, event, trigger, secrets, faults, answers } = request;
  const { logins, others, apartMs, latencyMs } = request;
  const { secrets: _, ...own } = event;
  const { results, attempts } = await run(
    {
      code: withConfig(paste, config),
      trigger,
      event: own,
      whole: true,
      secrets,
      contracts,
      expected: expected(syncs, secrets),
      faults,
      answers: Object.entries(answers).map(([host, list]) => ({ host, answers: list })),
      repeat: logins,
      others,
      again: flowOf(trigger).again ?? [],
      explain: explainer({ config, syncs: active(syncs, new Map(Object.entries(secrets))), placed }),
    },
    virtualTenant({ apartMs, latency: (host) => Math.round(latencyMs * paceOf(host)), redactor: shown }),
  );
  return { results, attempts };
}

/** Tokens are what people want to look into here, and they stay in the page. @param {Record<string, unknown>} secrets */
const shown = (secrets) => redactor(secrets, { cut: (text) => text });

/** Not every system is equally quick: from three fifths of the time to seven fifths, always the same for a host. @param {string} host */
const paceOf = (host) =>
  0.6 + (Array.from(host).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7) / 997) * 0.8;

/** Which systems are behind a host. @param {import('../tools/paste/config.mjs').Sync[]} syncs @param {Record<string, string>} secrets */
export const systemsByHost = (syncs, secrets) => {
  /** @type {Map<string, string[]>} */
  const byHost = new Map();
  for (const sync of syncs)
    for (const host of hosts([sync], secrets)) byHost.set(host, [...(byHost.get(host) ?? []), sync.name]);
  return byHost;
};

/** @param {string} text */
const open = (text) => openText({ text, file: FILE, paste, presets, library: CONNECTORS });

/**
 * The finished file, as `npm run bundle -- --editable` writes it, but for what that reads ahead.
 * @param {string} text
 * @returns {{ text: string, lines: string[], refused: null } | { text: '', lines: [], refused: string }}
 */
export function finishedFile(text) {
  try {
    return { ...bundle(open(text), notAhead), refused: null };
  } catch (error) {
    return { text: '', lines: [], refused: /** @type {Error} */ (error).message.replaceAll(`\`${FILE}\``, FILE) };
  }
}

/** The claims that a config without problems can set, as `npm run claims` lists them. @param {string} text */
export const claimsManifest = (text) => manifest(open(text));
