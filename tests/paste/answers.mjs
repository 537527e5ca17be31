// An instance of the paste whose systems answer with a given text, byte by byte, without a network.
import { EventEmitter } from 'node:events';
import { withConfig } from '../../tools/paste/paste.mjs';
import { builtinRequire, createHost } from '../../tools/tenant/host.mjs';
import { headersOf } from '../../tools/tenant/network.mjs';
import { readPaste } from './support.mjs';

/** @typedef {{ host: string, path: string, headers: Record<string, string>, body: string | undefined }} Sent */

/**
 * @param {any} config
 * @param {(sent: Sent) => string} answer the JSON that comes back
 * @param {string} [before] what is above the paste
 */
export function instance(config, answer, before = '') {
  const request = (/** @type {any} */ options) => {
    const made = new EventEmitter();
    const respond = (/** @type {string | undefined} */ body) => {
      const coming = Object.assign(new EventEmitter(), {
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        setEncoding() {},
        resume() {},
        destroy() {},
      });
      made.emit('response', coming);
      coming.emit('data', Buffer.from(answer({ ...options, headers: headersOf(options.headers), body })));
      coming.emit('end');
    };
    return Object.assign(made, {
      setTimeout() {},
      destroy() {},
      write() {},
      end: (/** @type {string} */ body) => setImmediate(respond, body),
    });
  };
  const https = {
    Agent: class {
      freeSockets = {};
    },
    request,
  };
  return createHost(before + withConfig(readPaste(), config), {
    require: (name) => (name === 'node:https' ? https : builtinRequire(name)),
  });
}
