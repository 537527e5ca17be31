// Node, as far as a page needs it: hashes, and random bytes from the browser.
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { PageBuffer } from './globals.js';

/** @type {Record<string, any>} */
const HASHES = { sha1, sha256, sha512 };

/** @param {string} name */
function hashOf(name) {
  if (!(name in HASHES)) throw new Error(`the page has no \`${name}\``);
  return HASHES[name];
}

/** @param {{ update(bytes: Uint8Array): any, digest(): Uint8Array }} hash */
function chained(hash) {
  const self = {
    /** @param {string | Uint8Array} part */
    update(part) {
      hash.update(PageBuffer.from(part));
      return self;
    },
    /** @param {string} [encoding] */
    digest(encoding) {
      const bytes = PageBuffer.from(hash.digest());
      return encoding ? bytes.toString(encoding) : bytes;
    },
  };
  return self;
}

/** @param {string} name */
export function createHash(name) {
  return chained(hashOf(name).create());
}

/** @param {string} name @param {string | Uint8Array} key */
export function createHmac(name, key) {
  return chained(hmac.create(hashOf(name), PageBuffer.from(key)));
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
const randomFillSync = (bytes) => crypto.getRandomValues(bytes);

export default { createHash, createHmac, randomFillSync };
