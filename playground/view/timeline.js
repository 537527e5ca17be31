// The playground's screen: one login as a picture. A row per system, a bar per request, time from left to right.
import { html, nothing, svg } from 'lit-html';
import { GOOD, isFailure } from '../../tools/tenant/logline.mjs';
import { isGood } from '../../tools/tenant/outcome.mjs';
import { flowOf } from '../flows.js';

const ROW = 40;
const TOP = 22;

/** What an outcome means that is no failure. @type {Record<string, string>} */
const WORDS = {
  ok: 'answered, and the answer is what it must be',
  fresh: 'no request: what app_metadata keeps is fresh',
  reused: 'no request: the token of an earlier login is still good',
  stale: 'unavailable: what app_metadata keeps is not too old for that',
  skipped: 'no request: `when` is not true',
};

/** @param {number} ms */
export const time = (ms) =>
  ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 && ms % 1 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** The host of a request; a URL that was a secret may be no URL any more. @param {{ url: string }} request */
export const hostOf = ({ url }) => /^https:\/\/([^/:?]*)/.exec(url)?.[1] ?? url;

/** @param {string} outcome */
export const tone = (outcome) => (GOOD.has(outcome) ? 'good' : isFailure(outcome) ? 'bad' : 'idle');

/** Steps between ticks that people count in: 1, 2 or 5 times a power of ten. @param {number} total */
function step(total) {
  const rough = total / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * /** @type {number} */ ([1, 2, 5, 10].find((factor) => factor * power >= rough));
}

/**
 * @param {import('../../tools/tenant/run.mjs').Result} result
 * @param {Map<string, string[]>} byHost which systems are behind a host
 */
function rowsOf({ syncs, requests }, byHost) {
  const rows = syncs.map((sync) => {
    const mine = requests.filter((request) => byHost.get(hostOf(request))?.includes(sync.name));
    const status = sync.status === null ? '' : ` ${sync.status}`;
    const sent =
      sync.attempts === 0 ? 'no request' : `${sync.attempts} ${sync.attempts === 1 ? 'request' : 'requests'}`;
    return {
      name: sync.name,
      tone: tone(sync.outcome),
      text: `${sync.outcome}${status}`,
      more: [sync.detail, sent, sync.attempts ? time(sync.ms) : ''].filter(Boolean).join(' · '),
      words: WORDS[sync.outcome] ?? '',
      requests: mine,
    };
  });
  const shown = new Set(rows.flatMap(({ requests }) => requests));
  const rest = requests.filter((request) => !shown.has(request));
  const others = [...new Set(rest.map(hostOf))].map((host) => {
    const mine = rest.filter((request) => hostOf(request) === host);
    return {
      name: host,
      tone: 'idle',
      text: '',
      more: `${mine.length} ${mine.length === 1 ? 'request' : 'requests'}`,
      words: '',
      requests: mine,
    };
  });
  return [...rows, ...others];
}

/**
 * @param {import('../../tools/tenant/run.mjs').Result} result
 * @param {Map<string, string[]>} byHost
 */
export function timeline(result, byHost) {
  const rows = rowsOf(result, byHost);
  if (rows.length === 0)
    return html`<p class="quiet none">No system is asked in this ${flowOf(result.trigger).one}.</p>`;
  const total = Math.max(result.ms, 1);
  // The end of the login has room for its word.
  const span = total * 1.08;
  const x = (/** @type {number} */ ms) => `${(100 * ms) / span}%`;
  const height = TOP + rows.length * ROW + 4;
  const ticks = [];
  for (let at = 0; at <= result.ms; at += step(total)) ticks.push(at);
  const words = rows.map(({ name, text, more }) => `${name}: ${[text, more].filter(Boolean).join(', ')}`).join('; ');
  return html`<figure class="timeline">
    <svg role="img" aria-label=${`Timeline of ${time(result.ms)}. ${words}.`} width="100%" height=${height}>
      ${ticks.map(
        (at) => svg`<line class="tick" x1=${x(at)} x2=${x(at)} y1=${TOP - 6} y2=${height}></line>
          <text class="tick" x=${x(at)} y="11" dx=${at === 0 ? 0 : -3} text-anchor=${at === 0 ? 'start' : 'end'}>${time(at)}</text>`,
      )}
      ${rows.map((row, i) => {
        const y = TOP + i * ROW;
        const [first, last] = [row.requests[0], row.requests.at(-1)];
        return svg`<g>
          <text class="name" x="0" y=${y + 13}>${row.name}<tspan class=${row.tone} dx="8">${row.text}</tspan><tspan class="more" dx="8">${row.more}</tspan></text>
          ${row.words ? svg`<title>${row.name}: ${row.words}</title>` : nothing}
          ${first && last && first !== last ? svg`<line class="wait" x1=${x(first.startMs)} x2=${x(last.startMs)} y1=${y + 26} y2=${y + 26}></line>` : nothing}
          ${row.requests.length === 0 ? svg`<line class="wait" x1="0" x2=${x(total)} y1=${y + 26} y2=${y + 26}></line>` : nothing}
          ${row.requests.map((request) => {
            const ms = request.ms ?? total - request.startMs;
            const word =
              request.status !== null && request.failure === null
                ? String(request.status)
                : request.failure === 'given up'
                  ? 'given up'
                  : (request.failure ?? '');
            return svg`<g>
              <title>${`${request.method} ${hostOf(request)}: ${word} after ${time(ms)}, begun at ${time(request.startMs)}`}</title>
              <rect class=${`bar ${isGood(request) && row.tone !== 'bad' ? 'good' : 'bad'}`} x=${x(request.startMs)} y=${y + 19} width=${x(Math.max(ms, span / 300))} height="14" rx="3"></rect>
              ${ms / span > 0.07 ? svg`<text class="on" x=${x(request.startMs)} dx="6" y=${y + 30}>${word}</text>` : nothing}
            </g>`;
          })}
        </g>`;
      })}
      <line class="end" x1=${x(total)} x2=${x(total)} y1=${TOP - 8} y2=${height}></line>
    </svg>
  </figure>`;
}
