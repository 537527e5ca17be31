// Node, as far as a page needs it: a line of a log.

/** @param {unknown[]} values */
export const format = (...values) =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
