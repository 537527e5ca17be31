// The playground's screen: what the expression at the cursor gives, and why.
import { html, nothing } from 'lit-html';
import { FAILED } from '../why/values.js';
import { coloured } from './json.js';

/** @typedef {import('../why/explain.js').Explained} Explained */

const MOST = 160;

/** @param {unknown} value */
function textOf(value) {
  if (value === FAILED) return 'an error';
  const text = JSON.stringify(value) ?? '';
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

/** In plain text. @param {Explained} explained */
export function valueWords({ of, value, why }) {
  const first = value === undefined ? '' : `${textOf(value)} in ${of}`;
  return [first, ...why].filter(Boolean).join('\n');
}

/** @param {{ why: Explained | null }} state */
export function whyView({ why: explained }) {
  if (!explained) return nothing;
  const { expression, of, value, why, steps } = explained;
  if (value === undefined && why.length === 0) return nothing;
  return html`
    <h2 class="unseen">The expression at the cursor</h2>
    <p class="value"><code>${expression}</code> ${
      value === undefined
        ? nothing
        : html`is <code class=${value === null ? 'nothing' : ''}>${coloured(textOf(value))}</code>`
    } <span class="quiet">in ${of}</span></p>
    ${why.map((line) => html`<p class="because">${line}</p>`)}
    ${
      steps.length === 0
        ? nothing
        : html`<details><summary>Step by step</summary>
          <ol class="steps">${steps.map(
            (step) =>
              html`<li style=${`margin-left:${Math.min(step.depth, 6) * 14}px`}><code>${step.text}</code> <span class="quiet">is</span> <code>${coloured(textOf(step.value))}</code></li>`,
          )}</ol></details>`
    }
  `;
}
