// tools/develop/: `npm run fuzz`: one target of fuzz/ for a while. What it finds and how to go on is in fuzz/README.md.
//
// Nothing is installed here: a nightly compiler and cargo-fuzz are for those who fuzz.

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { command } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { run } from './programs.mjs';

const usage = `usage: npm run fuzz -- TARGET [SECONDS]

  TARGET    config, expression, answer or form
  SECONDS   for how long (60)
`;

/** The longest input of each target, in bytes: longer ones cost time and show nothing new. */
const TARGETS = { config: 6_000, expression: 2_000, answer: 4_000, form: 2_000 };
/** An input that takes longer is a finding. */
const SLOW_SECONDS = 5;
const MOST_MB = 2_048;

/**
 * What cargo is told.
 * @param {readonly string[]} args
 */
export function fuzzCommand([target = '', time = '60', ...more]) {
  const longest = Object.entries(TARGETS).find(([name]) => name === target)?.[1];
  if (!longest || more.length > 0 || !/^[1-9]\d*$/.test(time)) {
    throw new UserError(
      'name a target (config, expression, answer or form) and perhaps a whole number of seconds: `npm run fuzz -- config 60`',
    );
  }
  const folder = path.join('fuzz', 'corpus', target);
  const limits = [
    `-max_len=${longest}`,
    `-max_total_time=${time}`,
    `-timeout=${SLOW_SECONDS}`,
    `-rss_limit_mb=${MOST_MB}`,
  ];
  const dictionary = `-dict=${path.join('fuzz', `${target}.dict`)}`;
  // The address sanitizer would find nothing: natively the engine has no unsafe code. Without it all is four times faster.
  // What is new goes into the first folder.
  const args = [
    '+nightly',
    'fuzz',
    'run',
    '--sanitizer',
    'none',
    target,
    folder,
    path.join('fuzz', 'seeds', target),
    '--',
    dictionary,
    ...limits,
  ];
  return { folder, args };
}

await command(import.meta.url, { usage, options: {}, positionals: true }, async (_, given) => {
  const { folder, args } = fuzzCommand(given);
  if ((await run('cargo', ['+nightly', 'fuzz', '--version'])).code !== 0) {
    throw new UserError(
      'fuzzing needs a nightly compiler and cargo-fuzz: `rustup toolchain install nightly`, then `cargo install cargo-fuzz`',
    );
  }
  await mkdir(path.join(root, folder), { recursive: true });
  const child = spawn('cargo', args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
});
