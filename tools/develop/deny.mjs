// tools/develop/: whether a crate of the paste, or one that builds it, has a known vulnerability, or a licence or a source that
// it may not have. cargo-deny says so, by .cargo/deny.toml. What cannot be had on this machine is named in a line, and is no
// failure.

import { run } from './programs.mjs';

const MINUTE_MS = 60_000;

/**
 * @param {import('./programs.mjs').Env} env
 * @returns {Promise<import('./programs.mjs').Ran>}
 */
export async function deny(env) {
  /** @param {...string} args */
  const cargo = (...args) => run('cargo', ['deny', ...args], { env, limitMs: MINUTE_MS });
  /** @param {import('./programs.mjs').Ran} ran @param {string} line */
  const passedOver = (ran, line) => ({ ...ran, code: 0, output: `${ran.output}\nnot checked: ${line}` });
  const there = await cargo('--version');
  if (there.code !== 0)
    return passedOver(there, 'the crates: cargo-deny is not there; `cargo install cargo-deny --locked` brings it');
  const known = await cargo('check', 'bans', 'licenses', 'sources');
  if (known.code !== 0) return known;
  // Asked for apart, so that a vulnerability that was found is told from a database that cannot be reached.
  const database = await cargo('fetch', 'db');
  if (database.code !== 0)
    return passedOver(known, 'known vulnerabilities in the crates: their database cannot be had here');
  return cargo('--offline', 'check', 'advisories');
}
