// Configs for the tests of the ways in which a paste may hold one, and what a login with one of them does.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { presetNames } from '../../tools/commands/open.mjs';
import { root } from '../../tools/files.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { openEngine } from '../../tools/paste/paste.mjs';
import { run } from '../../tools/tenant/run.mjs';
import { active, expected, invent } from '../../tools/tenant/secrets.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';
import { readPaste } from './support.mjs';

const files = ['examples', 'tests/documents/good'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(config|good.*)?\.json$/.test(file))
    .sort()
    .map((file) => path.join(folder, file)),
);

/** Every example, and what else there is. @type {[file: string, config: any][]} */
export const CONFIGS = files.map((file) => [file, JSON.parse(readFileSync(path.join(root, file), 'utf8'))]);

const engine = openEngine(readPaste());
const presets = presetNames();

/** A batch of metrics without its instance and what was measured. @param {unknown} body */
const withoutTimes = (body) =>
  String(body)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    .replaceAll(/(?<="(?:startTimeUnixNano|timeUnixNano|sum)":)"?[\d.]+"?|(?<="bucketCounts":)\[[\d,]*\]/g, 'time');

/**
 * What logins do, but for what is made new at each.
 * @param {string} code
 * @param {any} config
 * @param {{ fault?: string, trigger?: import('../../tools/tenant/limits.mjs').Trigger, repeat?: number, change?: (secrets: Record<string, any>) => Record<string, any> }} [how]
 *   `change`: makes other secrets of those that it needs
 */
export async function login(
  code,
  config,
  { fault, trigger = 'post-login', repeat = 1, change = (secrets) => secrets } = {},
) {
  const syncs = systems(engine, config, presets);
  const secrets = change(invent(active(syncs, new Map()), new Map()));
  const faults = fault ? [{ name: fault }] : [];
  const { results } = await run(
    { code, trigger, secrets, faults, repeat, expected: expected(syncs, secrets) },
    localTenant,
  );
  return results.map(({ outcome, requests, tokens, log, commands, denied, thrown, appMetadata, faults }) => ({
    outcome,
    denied,
    thrown,
    requests: requests.map(({ method, url, body }) => `${method} ${url} ${withoutTimes(body)}`).sort(),
    claims: [tokens?.idToken?.custom, tokens?.accessToken?.custom],
    commands: commands.map(({ method }) => method),
    metadata: Object.keys(appMetadata ?? {}),
    systems: log?.map(({ text }) => text.replaceAll(/\d+(?=ms)|(?<=\bms\W{1,3})\d+/g, '')),
    // As an editable one a long config is too long, which is the bundle's to say.
    faults: faults.filter(({ kind }) => kind !== 'size'),
  }));
}
