// demo/: the door of both servers. A page elsewhere can have its name point to this machine and then read what is here, so only
// this machine's own names are answered; and what is no path comes no further than here.
import { HEADERS } from './html.mjs';

/** The names of this machine, with any port. */
const HERE = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
/** A path on this server: with two slashes it would be another one's name. */
const PATH = /^\/(?![/\\])/;

/**
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} handle
 * @returns {import('node:http').RequestListener}
 */
export const door = (handle) => async (request, response) => {
  const { url = '', headers } = request;
  const refuse = (/** @type {number} */ status, /** @type {string} */ why) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...HEADERS });
    response.end(`${why}\n`);
  };
  if (!HERE.test(headers.host ?? '')) return refuse(403, 'this demo answers at localhost and 127.0.0.1 alone');
  if (!PATH.test(url) || !isSound(url)) return refuse(400, 'this is no path');
  try {
    await handle(request, response);
  } catch {
    if (!response.headersSent) refuse(500, 'this did not work: start again');
  }
};

/** @param {string} url */
function isSound(url) {
  try {
    decodeURI(new URL(url, 'http://localhost').pathname);
    return true;
  } catch {
    return false;
  }
}
