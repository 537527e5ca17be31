// Node, as far as a page needs it: hashes, AES-GCM, and random bytes from the browser.
import { gcm } from '@noble/ciphers/aes.js';
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

/** @param {number} size */
const randomBytes = (size) => randomFillSync(PageBuffer.from(new Uint8Array(size)));

const TAG_BYTES = 16;

/** @param {string} name @param {Uint8Array} key @param {Uint8Array} iv */
function cipherOf(name, key, iv) {
  if (name !== 'aes-256-gcm') throw new Error(`the page has no \`${name}\``);
  return gcm(key, iv);
}

/** In one piece: all that is given to the first `update`. @param {[string, Uint8Array, Uint8Array]} args */
export function createCipheriv(...args) {
  const cipher = cipherOf(...args);
  let tag = new Uint8Array();
  return {
    /** @param {string | Uint8Array} text */
    update(text) {
      const sealed = cipher.encrypt(PageBuffer.from(text));
      tag = sealed.slice(-TAG_BYTES);
      return PageBuffer.from(sealed.slice(0, -TAG_BYTES));
    },
    final: () => PageBuffer.from(''),
    getAuthTag: () => PageBuffer.from(tag),
  };
}

/** The same. @param {[string, Uint8Array, Uint8Array]} args */
export function createDecipheriv(...args) {
  const cipher = cipherOf(...args);
  let tag = new Uint8Array();
  const self = {
    /** @param {Uint8Array} given */
    setAuthTag(given) {
      tag = new Uint8Array(given);
      return self;
    },
    /** @param {Uint8Array} bytes */
    update: (bytes) => PageBuffer.from(cipher.decrypt(new Uint8Array([...bytes, ...tag]))),
    final: () => PageBuffer.from(''),
  };
  return self;
}

export default { createHash, createHmac, createCipheriv, createDecipheriv, randomBytes, randomFillSync };
