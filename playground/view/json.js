// The playground's screen: JSON as people like to read it.
import { html } from 'lit-html';

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** @param {string} text JSON with its line breaks */
export function coloured(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(TOKENS)) {
    const [whole, string, colon] = found;
    const kind = colon ? 'key' : string ? 'string' : /^[\d-]/.test(whole) ? 'number' : 'word';
    parts.push(text.slice(last, found.index), html`<span class=${`j-${kind}`}>${string ?? whole}</span>`, colon ?? '');
    last = found.index + whole.length;
  }
  return html`${parts}${text.slice(last)}`;
}

/** @param {unknown} value */
export const jsonOf = (value) => coloured(JSON.stringify(value, null, 2) ?? 'undefined');

/** A body: JSON when it is JSON. @param {string} text */
export function bodyOf(text) {
  const short = text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text;
  try {
    return coloured(JSON.stringify(JSON.parse(text), null, 2).slice(0, 20_000));
  } catch {
    return html`${short}`;
  }
}
