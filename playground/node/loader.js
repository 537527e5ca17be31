// Node, as far as a page needs it: a text made a function (`vm`), and the `require` it gets (`module`).
import * as crypto from './crypto.js';
import * as zlib from './zlib.js';

/** What an Action may ask for in a page; the tenant adds the network. @type {Record<string, unknown>} */
export const MODULES = { crypto, zlib };

/**
 * @param {Record<string, unknown>} [more]
 * @returns {(name: string) => unknown}
 */
export const requireOf = (more = {}) => (name) => {
  const module = { ...MODULES, ...more }[name.replace(/^node:/, '')];
  if (!module) throw Object.assign(new Error(`Cannot find module '${name}' (in the playground)`), { code: 'MODULE_NOT_FOUND' });
  return module;
};

export const createRequire = () => requireOf();

/** @param {string} text @param {string[]} names */
export const compileFunction = (text, names) => new Function(...names, text);

export default { compileFunction };
