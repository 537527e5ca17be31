// tools/paste/: bytes as a text of 91 characters, two for each 13 bits. js-shim/unpack.js reads it in the paste.
//
// Not among the characters: what would end or escape the string, and those of which deploy tools make markers (`##KEY##`,
// `@@KEY@@`).

const SIGNS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (sign) => !'"\\#@'.includes(sign),
);
const [BITS, BASE] = [13, SIGNS.length];

/** @param {Uint8Array} bytes */
export function toBase91(bytes) {
  let [text, buffer, bits] = ['', 0, 0];
  const pair = () => {
    const value = buffer % 2 ** BITS;
    text += `${SIGNS[value % BASE]}${SIGNS[Math.floor(value / BASE)]}`;
  };
  for (const byte of bytes) {
    buffer |= byte << bits;
    bits += 8;
    if (bits >= BITS) {
      pair();
      buffer >>>= BITS;
      bits -= BITS;
    }
  }
  if (bits > 0) pair();
  // The second character of the last pair, where its bits are not needed: so the text's length tells that of the bytes.
  return bits > 0 && bits <= 6 ? text.slice(0, -1) : text;
}

/** @param {string} text */
export function fromBase91(text) {
  const bytes = new Uint8Array(lengthOf(text));
  let [at, buffer, bits] = [0, 0, 0];
  for (let i = 0; i < text.length; i += 2) {
    const [low, high] = [SIGNS.indexOf(text[i] ?? ''), SIGNS.indexOf(text[i + 1] ?? ' ')];
    if (low < 0 || high < 0) throw new RangeError('this is no base91');
    buffer |= (low + BASE * high) << bits;
    for (bits += BITS; bits >= 8 && at < bytes.length; bits -= 8) {
      bytes[at++] = buffer;
      buffer >>>= 8;
    }
  }
  return bytes;
}

/** @param {string} text */
const lengthOf = (text) => Math.floor((text.length * BITS) / 16);
