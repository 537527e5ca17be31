// Node, as far as a page needs it: the globals. This file comes before every other.
//
// `Buffer` is a few lines because the well-known package knows no `base64url`.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @param {string} binary */
const bytesOf = (binary) => Uint8Array.from(binary, (char) => char.charCodeAt(0));

/** @param {Uint8Array} bytes */
function binary(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return text;
}

/** Base64 of either alphabet. As in Node, what is no base64 is passed over. @param {string} text */
function unbase64(text) {
  const plain = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^\w+/]/g, '');
  return bytesOf(atob(plain.length % 4 === 1 ? plain.slice(0, -1) : plain));
}

export class PageBuffer extends Uint8Array {
  /**
   * @param {any} from a text, bytes, or the memory that they are to be a view of
   * @param {any} [encoding] of a text: utf8, base64 or base64url
   */
  static from(from, encoding = 'utf8') {
    if (typeof from !== 'string') return new PageBuffer(from);
    return new PageBuffer((encoding.startsWith('base64') ? unbase64(from) : encoder.encode(from)).buffer);
  }

  /** @param {string | Uint8Array} text */
  static byteLength = (text) => (typeof text === 'string' ? encoder.encode(text).length : text.length);

  /** @param {Uint8Array[]} parts */
  static concat(parts) {
    const whole = new PageBuffer(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** @param {unknown} value */
  static isBuffer = (value) => value instanceof PageBuffer;

  /** @param {string} [encoding] @param {number} [start] @param {number} [end] @returns {string} */
  toString(encoding = 'utf8', start = 0, end = this.length) {
    if (end - start < this.length)
      return new PageBuffer(this.buffer, this.byteOffset + start, end - start).toString(encoding);
    if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (encoding === 'binary') return binary(this);
    if (encoding === 'base64') return btoa(binary(this));
    if (encoding === 'base64url')
      return btoa(binary(this)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    return decoder.decode(this);
  }

  /** @param {string} text @param {number} at */
  write = (text, at) => encoder.encodeInto(text, this.subarray(at)).written;

  /** @param {Uint8Array} other */
  equals = (other) => binary(this) === binary(other);

  readUInt16BE = (at = 0) => new DataView(this.buffer, this.byteOffset).getUint16(at);
  readUInt32BE = (at = 0) => new DataView(this.buffer, this.byteOffset).getUint32(at);

  /** @param {number} value @param {number} at */
  writeInt32LE = (value, at) => new DataView(this.buffer, this.byteOffset).setInt32(at, value, true);
  /** @param {number} value @param {number} at */
  writeDoubleLE = (value, at) => new DataView(this.buffer, this.byteOffset).setFloat64(at, value, true);
}

const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
port1.onmessage = () => waiting.shift()?.();

/** A turn of the event loop: a page's `setTimeout` takes four milliseconds. @param {() => void} work */
function setImmediate(work) {
  waiting.push(work);
  port2.postMessage(null);
}

Object.assign(globalThis, { Buffer: PageBuffer, setImmediate });
