// Node, as far as a page needs it: whose login this is. A page runs one at a time, so it is the one that began last.

/** @template T */
export class AsyncLocalStorage {
  /** @type {T | undefined} */
  #store;

  /** @template R @param {T} store @param {() => R} work @returns {R} */
  run(store, work) {
    const before = this.#store;
    this.#store = store;
    const result = work();
    if (!(result instanceof Promise)) this.#store = before;
    return result;
  }

  getStore() {
    return this.#store;
  }
}
