// The playground's state: all that is on the screen comes from it.
import { NOTHING } from './engine.js';
import { openNotes, openShelf } from './own.js';
import { formsOf } from './systems.js';

/** What the browser keeps: configs, answers and the theme for good, events as long as the tab is open. */
export const kept = openNotes(() => localStorage);
export const keptInTab = openNotes(() => sessionStorage);
export const configs = openShelf(kept, 'config');
export const events = openShelf(keptInTab, 'event');

/** @typedef {ReturnType<typeof initial>} State */
export function initial() {
  return {
    theme: kept.get('theme') ?? 'system',
    /** The config that is edited: the name of an example, or the id of one of one's own. */
    example: kept.get('chosen') ?? 'several-systems',
    /** The event that is edited, in the same way. */
    sample: keptInTab.get('chosen') ?? 'password',
    trigger: /** @type {import('../tools/tenant/limits.mjs').Trigger} */ ('post-login'),
    /** @type {any} */
    event: {},
    eventProblem: '',
    eventNote: '',
    /** Typed or taken away by hand. @type {Map<string, string>} */
    given: new Map(),
    /** @type {Record<string, string>} */
    invented: {},
    shown: false,
    systems: openSystems(),
    logins: 2,
    others: false,
    apartMs: 60_000,
    latencyMs: 60,
    inputTab: 'config',
    resultTab: 'requests',
    login: 0,
    /** What is said of the config. */
    analysis: NOTHING,
    /** @type {import('../tools/paste/paste.mjs').Problem[]} */
    missing: [],
    /** Which systems are behind a host. @type {Map<string, string[]>} */
    byHost: new Map(),
    /** The value at the cursor. @type {import('./why/explain.js').Explained | null} */
    why: null,
    /** What the last run was, and what came of it. @type {Run | null} */
    run: null,
    broken: '',
    stale: false,
    /** @type {Awaited<ReturnType<typeof import('./engine.js').finishedFile>>} */
    file: { text: '', lines: [], refused: '' },
    /** @type {Awaited<ReturnType<typeof import('./engine.js').claimsManifest>>} */
    claims: [],
    said: '',
    /** What a button did, next to it: by the button's id. @type {Record<string, string>} */
    done: {},
    /** Whether the browser keeps what is made here. */
    keeps: true,
  };
}

/**
 * @typedef {object} Run
 * @property {import('../tools/tenant/run.mjs').Result[]} results
 * @property {number[]} attempts which attempt each of them is
 * @property {(Record<string, string> | null)[]} tokens
 * @property {import('../tools/paste/config.mjs').Sync[]} syncs
 * @property {Map<string, string[]>} byHost
 * @property {any} event
 */

function openSystems() {
  try {
    return formsOf(JSON.parse(kept.get('systems') ?? '[]'));
  } catch {
    return {};
  }
}

/** The secrets of the Action: an empty field is a secret that is not set. @param {State} state @returns {Record<string, string>} */
export const secretsOf = ({ invented, given }) =>
  Object.fromEntries([...Object.entries(invented), ...given].filter(([, value]) => value !== ''));
