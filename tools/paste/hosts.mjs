// tools/paste/: the hosts to which a sealed paste connects before its engine is there (js-shim/connect.js): those that the
// config itself fixes. One that a secret or a part of the URL decides is the engine's to know.

import { TRIGGERS } from '../tenant/limits.mjs';

/** As src/system/ has it, where an entry says nothing. */
const TIMEOUT_MS = 2_000;
/** Each takes a millisecond of the first login to begin. */
const MOST = 4;

/** @typedef {[bits: number, host: string, port: number, ms: number]} Host `bits`: 1 << i for the i-th of TRIGGERS; `ms`: how long an entry waits for it */
/** @typedef {[needs: string[][], hosts: Host[]]} Group the hosts of what runs only where of each list one secret is set */

/** @param {import('./config.mjs').Sync[]} syncs @returns {Group[]} */
export function firstHosts(syncs) {
  const needs = (/** @type {import('./config.mjs').Sync} */ { secrets }) =>
    secrets.filter(({ optional }) => !optional).map(({ names }) => names);
  // Those that surely run come first.
  const some = [...syncs].sort((a, b) => doubt(a) - doubt(b)).map((sync) => ({ sync, host: hostOf(sync) }));
  /** @type {Map<string, { sync: import('./config.mjs').Sync, host: Host }>} */
  const first = new Map();
  for (const { sync, host } of some) {
    if (!host) continue;
    const origin = `${host[1]}:${host[2]}`;
    const same = first.get(origin);
    // Either of them may be the one that asks.
    if (same) same.host[0] |= host[0];
    else if (first.size < MOST) first.set(origin, { sync, host });
  }
  const found = [...first.values()];
  // A config with `syncs` is refused as a whole while any of them lacks a secret.
  if (syncs.every(({ switched }) => !switched))
    return found.length > 0 ? [[syncs.flatMap(needs), found.map(({ host }) => host)]] : [];
  return found.map(({ sync, host }) => [needs(sync), [host]]);
}

/** Whether an entry may have nothing to do in a login. @param {import('./config.mjs').Sync} sync */
const doubt = ({ document }) => ((document.when ?? document.freshForSeconds ?? null) === null ? 0 : 1);

/** @param {import('./config.mjs').Sync} sync @returns {Host | undefined} */
function hostOf({ document: { request, timeoutMs }, on }) {
  const [authority = ''] = /(?<=^https:\/\/)[^/?#]*/i.exec(typeof request.url === 'string' ? request.url : '') ?? [];
  // Anything else is for the engine to read.
  const [, host = '', port = '443'] = /^([a-z\d.-]+)(?::(\d+))?$/i.exec(authority) ?? [];
  const bits = TRIGGERS.reduce((bits, trigger, i) => (on.includes(trigger) ? bits | (1 << i) : bits), 0);
  // What no trigger runs by itself is not there at once.
  return host && bits ? [bits, host.toLowerCase(), Number(port), timeoutMs ?? TIMEOUT_MS] : undefined;
}
