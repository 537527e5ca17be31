// bench/: the paste measured: next to what people paste today, and as its work grows.
//
// A figure is a median. Nothing here fails on a time: a machine may be busy.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { command, FLAG, TEXT } from '../tools/cli.mjs';
import { setup } from '../tools/develop/setup.mjs';
import { UserError } from '../tools/error.mjs';
import { root } from '../tools/files.mjs';
import { budgetTable } from './budget.mjs';
import { coldStarts, features, linearMemory, sideBySide, throughput, warmLogins } from './contenders.mjs';
import { growth } from './growth.mjs';
import { coldPhases } from './phases.mjs';

const usage = `usage: npm run bench [-- --write] [--short] [--only PART] [--warm-up N]

Measures the paste, sealed and editable, next to what people paste today, and as its work grows. It takes half an hour.

  --write       puts the figures into BENCHMARKS.md
  --short       only to see that it works
  --only PART   one of budget, cold, phases, warm, features, memory, side, flights, growth
  --warm-up N   so many logins before warm ones are measured (10000)

exit codes: 0 measured, 2 the arguments are wrong or a package is missing
`;

const FULL = {
  cold: 21,
  warm: { times: 5, warmUp: 10_000, logins: 3_000 },
  features: { times: 5, warmUp: 5_000, logins: 2_000 },
  linear: 50_000,
  side: 50,
  flights: { times: 5, warmUp: 3_000, logins: 5_000 },
  growth: 100,
};
const LITTLE = { times: 1, warmUp: 10, logins: 10 };
const SHORT = { cold: 1, warm: LITTLE, features: LITTLE, linear: 20, side: 2, flights: LITTLE, growth: 1 };

/** @typedef {typeof FULL} Much */
/** @typedef {{ folder: string, node: string, much: Much }} Place */
/**
 * @typedef {object} Part of the bench
 * @property {string} name
 * @property {string} title
 * @property {(place: Place) => Promise<string>} measure
 * @property {string} [note]
 * @property {boolean} [each] on each version of Node
 */

/** @type {Part[]} */
const PARTS = [
  {
    name: 'budget',
    title: 'What does not depend on the machine',
    measure: budgetTable,
    note: 'How often the wasm and the host call each other in a login, and how much of the wasm runs in it: so much is compiled, since V8 compiles a function when it is first called. In brackets the most that `npm test` lets pass.',
  },
  {
    name: 'cold',
    title: 'Cold start',
    measure: ({ folder, node, much }) => coldStarts(folder, node, much.cold),
    note: 'From reading the file to the end of its first login, against a server on loopback. The one that is far away is behind a proxy.',
    each: true,
  },
  {
    name: 'phases',
    title: 'Where a cold start goes',
    measure: ({ folder, node, much }) => coldPhases(folder, node, much.cold),
    note: 'Http, by address. node:https brings node:crypto along: bare pays for both in one step. The whole is more than without marks.',
    each: true,
  },
  {
    name: 'warm',
    title: 'Warm logins',
    measure: ({ folder, node, much }) => warmLogins(folder, node, much.warm),
    note: 'The paste reuses what it knows of users who return; the others call at each login.',
    each: true,
  },
  {
    name: 'features',
    title: 'What a login does',
    measure: ({ folder, much }) => features(folder, much.features),
    note: 'CPU of a warm login, each a new user, next to as many bare calls as it makes.',
  },
  {
    name: 'memory',
    title: 'The memory of the wasm',
    measure: ({ folder, much }) => linearMemory(folder, much.warm.warmUp, much.linear),
  },
  {
    name: 'side',
    title: 'Systems in one login, each answering after 50 ms',
    measure: ({ folder, much }) => sideBySide(folder, much.side),
  },
  {
    name: 'flights',
    title: 'Logins per second of one instance',
    measure: ({ folder, much }) => throughput(folder, much.flights),
    note: 'Each a new user; Auth0 takes 250 executions at a time from a whole tenant. The server has the other core for itself where the machine is quiet; by CPU it does not matter.',
  },
  {
    name: 'growth',
    title: 'How cost grows',
    measure: ({ folder, much }) => growth(folder, much.growth),
    note: 'Sealed, without what Node spends on requests. The first login holds decompressing and compiling in its longest step.',
  },
];

/** @param {boolean} short @param {Part[]} parts @param {number} [warmUp] */
async function measure(short, parts, warmUp) {
  const much = structuredClone(short ? SHORT : FULL);
  if (warmUp !== undefined) much.warm.warmUp = warmUp;
  const { node } = await setup({ need: short ? [] : ['packages', 'node-22'], say: console.log });
  const programs = short ? [process.execPath] : [...new Set([process.execPath, node[22] ?? process.execPath])];
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-bench-'));
  /** @type {string[]} */
  const told = [];
  /** @param {Part} part @param {string} program @param {string} [version] */
  const add = async ({ title, measure, note }, program, version) => {
    const text = await measure({ folder, node: program, much });
    told.push(`## ${title}${version ? `, Node ${version}` : ''}\n\n${note ? `${note}\n\n` : ''}${text}`);
    console.log(`\n${told.at(-1)}`);
  };
  const [before] = os.loadavg();
  try {
    for (const part of parts.filter(({ each }) => !each)) await add(part, process.execPath);
    for (const program of programs) {
      const { stdout } = await promisify(execFile)(program, ['--version']);
      for (const part of parts.filter(({ each }) => each)) await add(part, program, stdout.trim());
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const machine = `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} cores, ${os.type()}`;
  const load = [before, os.loadavg()[0]].map((value) => (value ?? 0).toFixed(1));
  const { version } = createRequire(import.meta.url)('axios/package.json');
  return `# Benchmarks

By \`npm run bench -- --write\` on ${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.version} where nothing else is said, axios ${version}. The load of the machine was ${load[0]} before and ${load[1]} at the end; the bench itself makes about 2. Medians. What was tried to make them better is in [performance.md](docs/performance.md).

${told.join('\n')}`;
}

/** @param {string} [only] */
function choose(only) {
  const list = only === undefined ? PARTS : PARTS.filter(({ name }) => name === only);
  if (list.length === 0)
    throw new UserError(`--only: there is no part \`${only}\`: take ${PARTS.map(({ name }) => name).join(', ')}`);
  return list;
}

await command(
  import.meta.url,
  { usage, options: { write: FLAG, short: FLAG, only: TEXT, 'warm-up': TEXT } },
  async ({ short = false, write = false, only, 'warm-up': warmUp }) => {
    if (warmUp !== undefined && !/^\d+$/.test(warmUp)) throw new UserError('--warm-up: must be a whole number');
    if (write && (short || only || warmUp))
      throw new UserError('--write: goes alone: BENCHMARKS.md holds the figures of a whole run');
    const text = await measure(short, choose(only), warmUp === undefined ? undefined : Number(warmUp));
    if (write) await writeFile(path.join(root, 'BENCHMARKS.md'), text);
  },
);
