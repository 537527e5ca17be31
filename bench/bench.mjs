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
import { coldStarts, linearMemory, sideBySide, throughput, warmLogins } from './contenders.mjs';
import { growth } from './growth.mjs';
import { coldPhases } from './phases.mjs';

const usage = `usage: npm run bench [-- --write] [--short] [--warm-up N]

Measures the paste next to what people paste today, and as its work grows. It takes some minutes.

  --write       puts the figures into BENCHMARKS.md
  --short       only to see that it works
  --warm-up N   so many logins before warm ones are measured (500)

exit codes: 0 measured, 2 the arguments are wrong or a package is missing
`;

const FULL = {
  warmUp: 500,
  cold: 21,
  warm: { times: 7, logins: 2_000 },
  linear: 50_000,
  side: 50,
  flights: 5_000,
  growth: 100,
};
const SHORT = { warmUp: 20, cold: 1, warm: { times: 1, logins: 20 }, linear: 20, side: 2, flights: 20, growth: 1 };

/** @param {boolean} short @param {string} [warmUp] */
async function measure(short, warmUp) {
  const much = short ? SHORT : FULL;
  process.env.BENCH_WARM = warmUp ?? String(much.warmUp);
  const { node } = await setup({ need: short ? [] : ['packages', 'node-22'], say: console.log });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-bench-'));
  /** @type {string[]} */
  const parts = [];
  /** @param {string} title @param {string} text @param {string} [note] */
  const add = (title, text, note) => {
    parts.push(`## ${title}\n\n${note ? `${note}\n\n` : ''}${text}`);
    console.log(`\n${parts.at(-1)}`);
  };
  try {
    for (const program of short ? [process.execPath] : [...new Set([process.execPath, node[22] ?? process.execPath])]) {
      const { stdout } = await promisify(execFile)(program, ['--version']);
      const version = stdout.trim();
      add(`Cold start, Node ${version}`, await coldStarts(folder, program, much.cold), COLD);
      add(`Where a cold start goes, Node ${version}`, await coldPhases(folder, program, much.cold), PHASES);
      add(`Warm logins, Node ${version}`, await warmLogins(folder, program, much.warm));
    }
    add('The memory of the wasm', await linearMemory(folder, much.linear));
    add('Systems in one login, each answering after 50 ms', await sideBySide(folder, much.side));
    add('Logins per second of one instance', await throughput(folder, much.flights));
    add('How cost grows', await growth(folder, much.growth), GROWTH);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const machine = `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} cores, ${os.type()}`;
  const { version } = createRequire(import.meta.url)('axios/package.json');
  return `# Benchmarks\n\nBy \`npm run bench -- --write\` on ${new Date().toISOString().slice(0, 10)}, ${machine}, axios ${version}. Medians. What was tried to make them better is in [performance.md](docs/performance.md).\n\n${parts.join('\n')}`;
}

const COLD = 'From reading the file to the end of its first login, against a server on loopback.';
const PHASES =
  'Http, by address. node:https brings node:crypto along: bare pays for both in one step. The whole is more than without marks.';
const GROWTH =
  'Without what Node spends on requests. The first login holds decompressing and compiling in its longest step.';

await command(
  import.meta.url,
  { usage, options: { write: FLAG, short: FLAG, 'warm-up': TEXT } },
  async ({ short = false, write = false, 'warm-up': warmUp }) => {
    if (warmUp !== undefined && !/^\d+$/.test(warmUp)) throw new UserError('--warm-up: must be a whole number');
    if (write && (short || warmUp))
      throw new UserError('--write: goes alone: BENCHMARKS.md holds the figures of a whole run');
    const text = await measure(short, warmUp);
    if (write) await writeFile(path.join(root, 'BENCHMARKS.md'), text);
  },
);
