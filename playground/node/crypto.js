// Node, as far as a page needs it: hashes, AES-GCM, signatures with RSA, and random bytes from the browser.
import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import forge from 'node-forge';
import { PageBuffer } from './globals.js';

/** @type {Record<string, any>} */
const HASHES = { md5, sha1, sha256, sha512 };

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

const randomUUID = () => crypto.randomUUID();

const TAG_BYTES = 16;

/** @param {string} name @param {Uint8Array} key @param {Uint8Array} iv */
function cipherOf(name, key, iv) {
  if (name !== 'aes-256-gcm') throw new Error(`the page has no \`${name}\``);
  return gcm(key, iv);
}

/** In one piece: all that is given to the first `update`. @param {[string, Uint8Array, Uint8Array]} args */
function createCipheriv(...args) {
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
function createDecipheriv(...args) {
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

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};

/** A key as old as the page. @type {Promise<void> | undefined} */
let making;
let pem = '';

/** Makes the one pair of keys that there is: the browser takes its time for it. */
export const makeKeys = () =>
  (making ??= crypto.subtle
    .generateKey(RSA, true, ['sign', 'verify'])
    .then(({ privateKey }) => crypto.subtle.exportKey('pkcs8', privateKey))
    .then((key) => {
      const text = PageBuffer.from(new Uint8Array(key)).toString('base64');
      pem = `-----BEGIN PRIVATE KEY-----\n${text.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
    }));

const generateKeyPairSync = () => ({ privateKey: pem });

/** @param {string} text in PEM */
const createPrivateKey = (text) => ({ asymmetricKeyType: 'rsa', key: forge.pki.privateKeyFromPem(text) });

/** With SHA-256. @param {string} _ @param {Uint8Array} bytes @param {ReturnType<typeof createPrivateKey>} key */
function sign(_, bytes, { key }) {
  const digest = forge.md.sha256.create().update(PageBuffer.from(bytes).toString('binary'), 'raw');
  return PageBuffer.from(btoa(key.sign(digest)), 'base64');
}

export default {
  createHash,
  createHmac,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  randomFillSync,
  randomUUID,
  sign,
};
