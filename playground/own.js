// The playground's memory: what a person made here. Each config and each event of one's own has a place of its own in the
// browser's storage, so that no choice and no second tab can write over it. Secrets are never given to it.

/**
 * @typedef {object} Own
 * @property {string} id
 * @property {string} name
 * @property {string} text
 * @property {number} at
 * @property {import('../tools/tenant/limits.mjs').Trigger} [trigger] of an event
 * @property {unknown} [systems] of a config: what the systems do
 */

/** A value by its name, such as the theme. @param {() => Storage} storage */
export function openNotes(storage) {
  return {
    /** @param {string} name @returns {string | undefined} */
    get(name) {
      try {
        return storage().getItem(`login-sync.${name}`) ?? undefined;
      } catch {
        return undefined;
      }
    },
    /** False where the browser keeps nothing. @param {string} name @param {string | undefined} value */
    set(name, value) {
      try {
        if (value === undefined) storage().removeItem(`login-sync.${name}`);
        else storage().setItem(`login-sync.${name}`, value);
        return true;
      } catch {
        return false;
      }
    },
    /** @returns {string[]} */
    names() {
      try {
        const { length } = storage();
        const keys = Array.from({ length }, (_, at) => storage().key(at) ?? '');
        return keys.filter((key) => key.startsWith('login-sync.')).map((key) => key.slice('login-sync.'.length));
      } catch {
        return [];
      }
    },
  };
}

/**
 * What is of one kind: `config` or `event`. Where the browser keeps nothing, it lives as long as the page.
 * @param {ReturnType<typeof openNotes>} notes
 * @param {string} kind
 */
export function openShelf(notes, kind) {
  /** @type {Map<string, Own>} */
  const items = new Map();
  for (const name of notes.names()) {
    if (!name.startsWith(`${kind}.`)) continue;
    const item = read(notes.get(name));
    if (item) items.set(item.id, item);
  }
  return {
    /** The newest first. */
    all: () => [...items.values()].sort((a, b) => b.at - a.at),
    /** @param {string} id */
    get: (id) => items.get(id),
    /** Another one, under a name that no other has. @param {string} name @param {Omit<Own, 'id' | 'name' | 'at'>} of */
    add(name, of) {
      const names = new Set([...items.values()].map((item) => item.name));
      let free = name;
      for (let n = 2; names.has(free); n += 1) free = `${name} ${n}`;
      return { id: crypto.randomUUID(), name: free, at: Date.now(), ...of };
    },
    /** False where it lives no longer than the page. @param {Own} item @param {string | null} [kept] the text to keep, if it is another one; null keeps none */
    put(item, kept = item.text) {
      items.set(item.id, item);
      return kept !== null && notes.set(`${kind}.${item.id}`, JSON.stringify({ ...item, text: kept }));
    },
    /** @param {string} id */
    drop(id) {
      items.delete(id);
      notes.set(`${kind}.${id}`, undefined);
    },
  };
}

/** @param {string | undefined} text @returns {Own | undefined} */
function read(text) {
  try {
    const item = JSON.parse(text ?? '');
    return [item.id, item.name, item.text].every((part) => typeof part === 'string') ? item : undefined;
  } catch {
    return undefined;
  }
}
