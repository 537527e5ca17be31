// tools/commands/: `npm run simulate`, what ran side by side: one bar per request over the milliseconds of an execution. It only measures;
// how a row is put on the screen is print.mjs's business.

/** @typedef {Pick<import('../../tenant/context.mjs').LedRequest, 'startMs' | 'ms'>} Span */

/**
 * A request's bar. Even the shortest can be seen; one that never ended runs to the end.
 * @param {Span} span
 * @param {number} totalMs
 * @param {number} width in characters
 */
export function bar({ startMs, ms }, totalMs, width) {
  const at = (/** @type {number} */ time) => (totalMs > 0 ? Math.min(1, Math.max(0, time / totalMs)) * width : 0);
  const from = Math.min(width - 1, Math.floor(at(startMs)));
  const to = Math.max(from + 1, Math.round(at(ms === null ? totalMs : startMs + ms)));
  return '·'.repeat(from) + '█'.repeat(to - from) + '·'.repeat(width - to);
}

/**
 * For how long at least one request was under way: requests side by side count once.
 * @param {Span[]} spans
 * @param {number} totalMs
 */
export function busy(spans, totalMs) {
  const ends = spans
    .map(({ startMs, ms }) => [startMs, ms === null ? totalMs : startMs + ms])
    .sort(([a = 0], [b = 0]) => a - b);
  let [sum, until] = [0, 0];
  for (const [from = 0, to = 0] of ends) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.min(sum, totalMs);
}
