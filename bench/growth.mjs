// bench/: how cost grows with the config, the event and the answers. The engine's own time alone: the other system is a
// function that answers at once, so what Node spends on a request is not in the figures.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../tools/files.mjs';
import { fakeEvent } from '../tools/tenant/event.mjs';
import { pasteFile, round, table } from './runs.mjs';

const CHILD = path.join(root, 'bench', 'growth-child.mjs');
const KIB = 1024;

/** The shim's one call into the engine, timed. */
const STEP = 'line = call();';
const TIMED =
  'const begun = performance.now(); try { line = call(); } finally { globalThis.benchStep(performance.now() - begun); }';

/** @param {number} count @param {string} what */
const several = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Systems as an admin would write them: a body and claims from expressions. @param {number} count */
const syncs = (count) =>
  Array.from({ length: count }, (_, i) => ({
    name: `system-${i}`,
    request: {
      url: `https://system-${i}.example.com/users/{id}`,
      params: { id: 'user.user_id' },
      headers: { authorization: { bearer: 'KEY' } },
      body: { email: 'user.email', name: 'user.name || user.nickname', country: 'request.geoip.countryCode' },
    },
    response: { idToken: { [`https://example.com/plan-${i}`]: 'plan' } },
  }));

/** @param {number} count */
const claims = (count) => ({
  idToken: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`https://example.com/claim-${i}`, `user.name || 'no name ${i}'`]),
  ),
});

/** Records of about 100 bytes, as systems keep them. @param {number} bytes */
const records = (bytes) =>
  Array.from({ length: Math.round(bytes / 100) }, (_, i) => ({
    id: `record-${i}`,
    plan: 'gold',
    since: '2026-01-12T08:30:11.402Z',
    active: true,
    seats: i,
  }));

/** @param {number} bytes of metadata @param {'user_metadata' | 'app_metadata'} [where] */
const eventOf = (bytes, where = 'user_metadata') =>
  fakeEvent('post-login', { secrets: { KEY: 'k3y' }, over: { user: { [where]: { records: records(bytes) } } } });

/** A record that is kept in app_metadata, so that what is there must be compared and measured. */
const keeping = () => {
  const [sync] = syncs(1);
  return [{ ...sync, freshForSeconds: 60, response: { ...sync?.response, appMetadata: { plan: 'plan' } } }];
};

/** @typedef {[what: string, config: object, event: object, answer: number]} Case */

/** @param {number[]} sizes @param {(size: number) => Case} make */
const each = (sizes, make) => sizes.map(make);

const CASES = [
  ...each([1, 10, 50], (count) => [several(count, 'sync'), { syncs: syncs(count) }, eventOf(0), 0]),
  ...each([1, 10, 50], (count) => [
    `${several(count, 'claim')} from the event`,
    { syncs: [], claims: claims(count) },
    eventOf(0),
    0,
  ]),
  ...each([2, 20, 200], (kb) => [`an event of ${kb} KiB`, { syncs: syncs(1) }, eventOf((kb - 2) * KIB), 0]),
  ...each([1, 10, 25], (kb) => [
    `app_metadata of ${kb} KiB, written to`,
    { syncs: keeping() },
    eventOf(kb * KIB, 'app_metadata'),
    0,
  ]),
  ...each([1, 10, 100, 1000], (kb) => [`an answer of ${kb} KiB`, { syncs: syncs(1) }, eventOf(0), kb * KIB]),
];

/** @param {string} folder @param {number} logins */
export async function growth(folder, logins) {
  const rows = [];
  for (const [what, config, event, answer] of CASES) {
    const file = await pasteFile(folder, 'growth', 'sealed', config, (paste) => paste.replace(STEP, TIMED));
    const files = ['event', 'answer'].map((name) => path.join(folder, `${name}.json`));
    for (const [i, value] of [event, { plan: 'gold', records: records(answer) }].entries())
      await writeFile(files[i] ?? '', JSON.stringify(value));
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, file, ...files, String(logins)]);
    const { first, login, step } = JSON.parse(stdout);
    rows.push([what, round(login, 3), round(step, 3), round(first, 1)]);
  }
  return table(
    ['', "the engine's time in a warm login, ms", 'its longest step, ms', 'longest step of the first login, ms'],
    rows,
  );
}
