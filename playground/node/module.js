// Node, as far as a page needs it: the modules that an Action asks for, but for `https`, which the tenant has.
import crypto from './crypto.js';
import { PageBuffer } from './globals.js';
import zlib from './zlib.js';

/** @type {Record<string, unknown>} */
const MODULES = { buffer: { Buffer: PageBuffer }, crypto, zlib };
const nameOf = (/** @type {string} */ name) => name.replace(/^node:/, '');

/** @param {string} name */
export const isBuiltin = (name) => Object.hasOwn(MODULES, nameOf(name));

export const createRequire = () => (/** @type {string} */ name) => MODULES[nameOf(name)];
