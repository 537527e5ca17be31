// The playground's screen: tabs as the ARIA pattern has them. One of them is in the tab order, arrows go to the others.
import { html, nothing } from 'lit-html';

/**
 * @param {object} options
 * @param {string} options.label
 * @param {{ id: string, text: string, count?: number | string, bad?: boolean }[]} options.tabs
 * @param {string} options.chosen
 * @param {(id: string) => void} options.choose
 */
export function tabs({ label, tabs, chosen, choose }) {
  const move = (/** @type {KeyboardEvent} */ event) => {
    const ids = tabs.map(({ id }) => id);
    const now = ids.indexOf(chosen);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const id = /** @type {string} */ (ids.at(next % ids.length));
    choose(id);
    document.getElementById(`tab-${id}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${move}>
    ${tabs.map(
      ({ id, text, count, bad }) => html`<button
        type="button"
        role="tab"
        id=${`tab-${id}`}
        aria-selected=${id === chosen}
        aria-controls=${`panel-${id}`}
        tabindex=${id === chosen ? 0 : -1}
        @click=${() => choose(id)}
      >${text}${count === undefined ? nothing : html` <span class=${bad ? 'count bad' : 'count'}>${count}</span>`}</button>`,
    )}
  </div>`;
}
