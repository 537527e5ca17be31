// A paste whose WebAssembly is counted: how often it is compiled and instantiated, and whether old instances are let go.

/**
 * @typedef {object} Counts
 * @property {number} modules
 * @property {WeakRef<object>[]} memories one of each instance
 */

// It shadows the name inside the Action alone, so that it works in either realm and nothing of the test's is touched. The
// little one that reads base91 is not counted: it is let go at once.
const SHADOW = `const counts = (exports.counts = { modules: 0, memories: [] });
const WebAssembly = {
  Module: class extends globalThis.WebAssembly.Module {
    constructor(bytes) { super(bytes); this.counts = bytes.length > 1000; if (this.counts) counts.modules += 1; }
  },
  Instance: class extends globalThis.WebAssembly.Instance {
    constructor(module, imports) {
      super(module, imports);
      if (module.counts) counts.memories.push(new WeakRef(Object.values(this.exports).find((each) => each.buffer)));
    }
  },
};
`;

/** @param {string} paste @returns {string} the paste, exporting \`counts\` as well */
export const counted = (paste) => SHADOW + paste;

/** @param {import('../../tools/tenant/host.mjs').Host} host an instance of such a paste @returns {{ modules: number, instances: number }} */
export const countsOf = ({ exports }) => ({
  modules: exports.counts.modules,
  instances: exports.counts.memories.length,
});

/** The bytes of the first instance's linear memory. @param {import('../../tools/tenant/host.mjs').Host} host */
export const linearBytes = ({ exports }) => exports.counts.memories[0].deref()?.buffer.byteLength;

/** How many linear memories are still held. @param {import('../../tools/tenant/host.mjs').Host} host */
export const heldMemories = ({ exports }) =>
  /** @type {Counts} */ (exports.counts).memories.filter((memory) => memory.deref()).length;
