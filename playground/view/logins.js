// The playground's screen: a row for each login of a run.
import { html, nothing } from 'lit-html';
import { flowOf } from '../flows.js';
import { verdict } from './results.js';
import { time, tone } from './timeline.js';

/** @typedef {import('../../tools/tenant/run.mjs').Result} Result */

/** The verdict in a word. @param {Result} result */
function word(result) {
  if (result.thrown !== null) return 'error';
  if (result.outcome !== 'allowed') return result.outcome === 'denied' ? 'denied' : 'fails';
  if (result.mfa) return 'second factor';
  return verdict(result).title === 'Done' ? 'done' : 'goes on';
}

/** Systems that are not called because they have failed too often. @param {Result} result */
const open = ({ syncs }) => syncs.flatMap(({ name, detail }) => (detail === 'breaker' ? [name] : []));

/** What a row is of: `login 2`, or `event 1, attempt 3`. @param {Pick<import('../state.js').Run, 'results' | 'attempts'>} run @param {number} i */
export function nameOfRun({ results, attempts }, i) {
  const number = attempts.slice(0, i + 1).filter((attempt) => attempt === 1).length;
  const again = (attempts[i] ?? 1) > 1 || (attempts[i + 1] ?? 1) > 1;
  return `${flowOf(results[i]?.trigger ?? '').one} ${number}${again ? `, attempt ${attempts[i]}` : ''}`;
}

/**
 * @param {import('../state.js').Run} run
 * @param {number} chosen
 * @param {import('../actions.js').Actions} actions
 */
export function loginsTable(run, chosen, actions) {
  const { results } = run;
  const breaker = results.some((result) => open(result).length > 0);
  const one = flowOf(results[0]?.trigger ?? '').one;
  return html`<div class="logins" role="region" tabindex="0" aria-label="All logins"><table>
    <caption class="unseen">All of them: choose one to see it</caption>
    <thead><tr><th scope="col">${one.charAt(0).toUpperCase() + one.slice(1)}</th><th scope="col">Result</th><th scope="col">Time</th><th scope="col">Requests</th><th scope="col">Systems</th>
    ${breaker ? html`<th scope="col">Breaker</th>` : nothing}</tr></thead>
    <tbody>${results.map(
      (result, i) => html`<tr class=${i === chosen ? 'chosen' : ''}>
        <th scope="row"><button type="button" aria-pressed=${i === chosen} @click=${() => actions.set({ login: i })}>${nameOfRun(run, i)}</button></th>
        <td class=${verdict(result).tone}>${word(result)}</td>
        <td>${time(result.ms)}</td>
        <td>${result.requests.length}</td>
        <td>${result.syncs.map(
          (sync) =>
            html`<span class="system">${sync.name} <span class=${`chip ${tone(sync.outcome)}`}>${sync.outcome}${sync.detail && sync.detail !== 'breaker' ? ` ${sync.detail}` : ''}</span></span> `,
        )}</td>
        ${breaker ? html`<td>${open(result).length > 0 ? `open: ${open(result).join(', ')}` : 'closed'}</td>` : nothing}
      </tr>`,
    )}</tbody>
  </table></div>`;
}
