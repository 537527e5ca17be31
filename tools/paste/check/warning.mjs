// tools/paste/check/: the two kinds of warnings.

/** @param {string} path @param {string} message @param {number} [column] @returns {import('../check.mjs').Warning} */
export const warning = (path, message, column) => ({
  level: 'warning',
  path,
  message,
  ...(column === undefined ? {} : { column }),
});

/** @param {string} path @param {string} message @returns {import('../check.mjs').Warning} */
export const note = (path, message) => ({ level: 'note', path, message });
