// tools/paste/: the word that someone meant by a misspelled one. The engine has its own: src/host/text.rs.

/**
 * The word that is so near that it was meant: a letter or two are others, or it goes on where this one ends (`phone`, `phone_number`).
 * @param {string} word
 * @param {readonly string[]} words
 */
export function nearest(word, words) {
  const plain = (/** @type {string} */ text) => text.toLowerCase().replace(/[^a-z\d]/g, '');
  const [first] = words
    .map((other) => ({ other, distance: distance(plain(word), plain(other)) }))
    .sort((a, b) => a.distance - b.distance);
  if (first && first.distance <= Math.min(2, Math.floor(word.length / 3))) return first.other;
  return words.find((other) => word.length > 2 && other.startsWith(word) && /^[_A-Z-]/.test(other.slice(word.length)));
}

/** How many letters are added, left out, changed, or swapped with the next. @param {string} a @param {string} b */
function distance(a, b) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (/** @type {number} */ i, /** @type {number} */ j) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change, swap));
    }
  }
  return at(a.length, b.length);
}
