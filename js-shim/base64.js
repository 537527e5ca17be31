// The bytes of the wasm in a sealed paste, which has room for the encoding that Node itself reads.

/** The wasm's bytes, packed. */
function packed() {
  return Buffer.from(WASM, 'base64');
}
