// The local tenant, the stand-in for a Google Apps Script web app that appends rows to a sheet: it does the work, and then
// answers with a redirect to where the script's output can be read.
import { createHash } from 'node:crypto';
import { jsonObject } from './checks.mjs';

export function sheet() {
  const state = {
    /** The rows appended so far. @type {Record<string, any>[]} */
    rows: [],
  };

  /** @param {import('../standins.mjs').Arrival} arrival @returns {import('../standins.mjs').Answer} */
  const answer = (arrival) => {
    if (arrival.host === 'script.googleusercontent.com') {
      return arrival.path === '/macros/echo' && arrival.method === 'GET'
        ? { status: 200, body: { result: 'success' } }
        : { status: 404 };
    }
    if (!/^\/macros\/s\/[\w-]+\/exec$/.test(arrival.path)) return { status: 404 };
    const row = arrival.method === 'POST' ? jsonObject(arrival.body) : undefined;
    if (row === undefined) return { status: 400 };
    state.rows.push(row);
    const key = createHash('sha256').update(arrival.body).digest('base64url');
    return {
      status: 302,
      headers: { location: `https://script.googleusercontent.com/macros/echo?user_content_key=${key}` },
    };
  };

  return Object.assign(state, {
    name: 'sheet',
    serves: (/** @type {string} */ host) => host === 'script.google.com' || host === 'script.googleusercontent.com',
    answer,
    error: (/** @type {number} */ status) => `<html><body>Error ${status}</body></html>`,
  });
}
