// The playground's words for the flows of Auth0. The flows themselves are the local tenant's: one that has no words here has its name.

import { EVENT_STREAM } from '../tools/tenant/limits.mjs';

/**
 * @typedef {object} Flow
 * @property {string} label what happens in it
 * @property {string} one what an execution of it is
 * @property {number[]} [again] after how long it comes again each time, where an execution ended with an error
 */

/** @type {Record<string, Flow>} */
const FLOWS = {
  'post-login': { label: 'a login', one: 'login' },
  'post-user-registration': { label: 'after a registration', one: 'registration' },
  'pre-user-registration': { label: 'before a registration', one: 'registration' },
  'credentials-exchange': { label: 'a machine asks for a token', one: 'exchange' },
  'post-change-password': { label: 'after a new password', one: 'change' },
  'event-stream': { label: 'an event about a user', one: 'event', again: EVENT_STREAM.againAfterMs },
};

/** @param {string} trigger @returns {Flow} */
export const flowOf = (trigger) => FLOWS[trigger] ?? { label: '', one: 'run' };

/** @param {string} trigger */
export const labelOf = (trigger) => [trigger, flowOf(trigger).label].filter(Boolean).join(': ');

/** Whose event it is; a machine is no user. @param {any} event */
export const userOf = (event) => event?.user ?? event?.message?.data?.object;
