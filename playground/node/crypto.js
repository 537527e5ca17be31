// Node, as far as a page needs it: hashes, and random bytes from the browser.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { PageBuffer } from './globals.js';

/** @param {string} name */
function only(name) {
  if (name !== 'sha256') throw new Error(`the page has sha256 and no \`${name}\``);
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
  only(name);
  return chained(sha256.create());
}

/** @param {string} name @param {string} key */
export function createHmac(name, key) {
  only(name);
  return chained(hmac.create(sha256, PageBuffer.from(key)));
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
const randomFillSync = (bytes) => crypto.getRandomValues(bytes);

export default { createHash, createHmac, randomFillSync };
