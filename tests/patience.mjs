// tests/: how long a test waits. It waits for what must come, and never for a time that is long enough on a quiet machine. A
// limit is there only to end a test that can never pass, so it is far above what a slow machine with other work takes.

import { setTimeout as sleep } from 'node:timers/promises';

/** For one thing that must come. */
export const PATIENCE_MS = 60_000;

/** For a program that is run to its end. */
export const PROGRAM_MS = 5 * 60_000;

/** What a command says, but for what it says of waiting: that depends on the machine. @param {string} text */
export const withoutWaits = (text) => text.replaceAll(/^waiting for .*(\n|$)/gm, '');

/** What a busy machine may add to a time that an assertion bounds: less than what would pass if there were no bound. */
export const SLACK_MS = 5_000;

/** For all tests of a file. */
export const FILE_MS = 15 * 60_000;

/**
 * Waits until it is so, or for as long as there is patience: then the assertion that follows says what is not.
 * @param {() => boolean | Promise<boolean>} done
 */
export async function until(done) {
  const end = performance.now() + PATIENCE_MS;
  while (!(await done()) && performance.now() < end) await sleep(10);
}
