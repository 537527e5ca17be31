// What the engine asks of any JavaScript value, and of the host's randomness.
//
// Rust calls these by name (src/wasm.rs). `instanceof` is no use here: under some loaders values come from another realm.

const hasOwn = Object.prototype.hasOwnProperty;

/** 0 null and whatever is not JSON, 1 boolean, 2 number, 3 string, 4 list, 5 object. */
function hostKind(value) {
  switch (typeof value) {
    case 'string':
      return 3;
    case 'object':
      return value === null ? 0 : Array.isArray(value) ? 4 : 5;
    case 'number':
      return 2;
    case 'boolean':
      return 1;
    default:
      return 0;
  }
}

/** An own field of an object, else null: `user.constructor` is nobody's data. */
function hostField(value, key) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasOwn.call(value, key)) return null;
  return value[key];
}

let randomPool;
let randomUsed = 0;

/** Fills a buffer from a pool: a call of `randomFillSync` per login would cost ten microseconds. */
function hostRandom(buffer) {
  if (!randomPool || randomUsed + buffer.length > randomPool.length) {
    randomPool = require('node:crypto').randomFillSync(new Uint8Array(Math.max(1024, buffer.length)));
    randomUsed = 0;
  }
  const end = randomUsed + buffer.length;
  buffer.set(randomPool.subarray(randomUsed, end));
  randomPool.fill(0, randomUsed, end);
  randomUsed = end;
}
