// tools/develop/: other programs: running them, finding them, and a folder that only one run at a time fills.

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';

/** @typedef {Record<string, string | undefined>} Env */
/** @typedef {{ code: number, stdout: string, output: string }} Ran `output` is both streams as they came */

/**
 * Runs a program to its end with no stdin and keeps what it prints. A program that cannot be
 * started, or is still running after `limitMs`, ends with code 127 or 124, as a shell says it.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Env, limitMs?: number }} [options]
 * @returns {Promise<Ran>}
 */
export function run(program, args, { cwd = root, env = process.env, limitMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, output, late] = ['', '', false];
    const timer =
      limitMs &&
      setTimeout(() => {
        late = child.kill();
        // A grandchild that lives on may hold these open, and with them this run.
        child.stdout.destroy();
        child.stderr.destroy();
      }, limitMs);
    /** @param {number} code */
    const end = (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: stdout.trim(), output: output.trim() });
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => {
      output += error.message;
      end(127);
    });
    child.on('close', (code) => {
      if (late) output += `\nstopped after ${seconds(limitMs ?? 0)}`;
      end(late ? 124 : (code ?? 1));
    });
  });
}

/**
 * `run`, for a program that must succeed.
 * @param {string} program
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function mustRun(program, args, options) {
  const ran = await run(program, args, options);
  if (ran.code === 0) return ran;
  throw new UserError(`\`${[program, ...args].join(' ')}\` failed with code ${ran.code}`, ran.output);
}

/**
 * The path of a program on `env.PATH`, or undefined.
 * @param {string} program
 * @param {Env} [env]
 */
export async function which(program, env = process.env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (!folder) continue;
    const file = path.join(folder, program);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // not there: the next folder
    }
  }
}

/**
 * Fills a folder next to its place and renames it when it is whole.
 * @param {string} folder
 * @param {(part: string) => Promise<void>} fill
 */
export async function place(folder, fill) {
  const part = `${folder}.part-${process.pid}`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    await fill(part);
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/**
 * One run at a time fills the cache. The holder touches its lock; one that was not touched for a
 * while was left behind by a run that was killed.
 * @param {string} folder
 * @param {(line: string) => void} say
 * @param {{ beatMs?: number, staleMs?: number }} [times]
 */
export async function lock(folder, say, { beatMs = 2_000, staleMs = 15_000 } = {}) {
  for (let told = false; ; ) {
    try {
      await mkdir(folder);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const touched = await stat(folder).then(
      (found) => found.mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - touched > staleMs) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    if (!told) say('set-up: waiting for another run that is filling the cache');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, beatMs / 2));
  }
  const beat = setInterval(() => utimes(folder, new Date(), new Date()).catch(() => {}), beatMs).unref();
  return async () => {
    clearInterval(beat);
    await rm(folder, { recursive: true, force: true });
  };
}

/** @param {number} ms */
export function seconds(ms) {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
