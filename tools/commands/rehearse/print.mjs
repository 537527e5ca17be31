// The outage rehearsal, what a person reads: a chart and a table per contender, and the figures. It adds nothing to what
// was measured.
import { number, percentile } from './measure.mjs';

/** @typedef {import('./child.mjs').Login} Login */
/** @typedef {import('./measure.mjs').Row} Row */
/** @typedef {import('./plan.mjs').Phase} Phase */

const BLOCKS = '▁▂▃▄▅▆▇█';
/** Up to so many milliseconds a block is as high as its place here says; above the last it is full. */
const STEPS_MS = [1, 5, 20, 100, 500, 2000, 8000];
const LABEL = 10;
/** A run is not to be believed on a machine that halted for so long. */
export const STALL_MS = 100;

/**
 * Time goes to the right, a column for each stretch of it.
 * @param {Login[]} logins
 * @param {Phase[]} phases
 * @param {number} width of the screen, in characters
 * @returns {string[]}
 */
export function chart(logins, phases, width) {
  const total = phases.at(-1)?.toMs ?? 0;
  const columns = Math.max(7 * 4, width - LABEL);
  const columnOf = (/** @type {number} */ ms) => Math.round((ms / total) * columns);
  const ruler = phases
    .map(({ kind, fromMs, toMs }) =>
      `|${kind}`.slice(0, columnOf(toMs) - columnOf(fromMs)).padEnd(columnOf(toMs) - columnOf(fromMs)),
    )
    .join('');
  const cells = Array.from({ length: columns }, (_, i) =>
    logins.filter(({ atMs }) => Math.min(columns - 1, Math.floor((atMs / total) * columns)) === i),
  );
  const latency = cells.map((cell) => (cell.length > 0 ? height(percentile(cell, 50).ms) : ' '));
  const letIn = cells.map((cell) => (cell.length > 0 ? share(cell) : ' '));
  return [
    `${''.padEnd(LABEL)}${ruler.trimEnd()}`,
    `${'latency'.padEnd(LABEL)}${latency.join('')}`,
    `${'let in'.padEnd(LABEL)}${letIn.join('')}`,
  ];
}

/** @param {number} ms */
function height(ms) {
  const step = STEPS_MS.findIndex((limit) => ms <= limit);
  return BLOCKS.at(step);
}

// Full and empty are kept for all and none.
/** @param {Login[]} cell */
function share(cell) {
  const letIn = cell.filter(({ denied, cutOff }) => !denied && !cutOff).length / cell.length;
  return letIn === 0 ? BLOCKS[0] : letIn === 1 ? BLOCKS.at(-1) : BLOCKS[1 + Math.min(5, Math.floor(letIn * 6))];
}

export const LEGEND = [
  `latency: the median of the logins that began there, in ms; ${STEPS_MS.map((limit, i) => `${BLOCKS[i]} to ${limit.toLocaleString('en')}`).join(', ')}, █ more`,
  'let in: the share of them that got their tokens; ▁ none, █ all',
];

/** @param {Row[]} rows @returns {string[]} */
export function table(rows) {
  const time = (/** @type {import('./measure.mjs').Latency | undefined} */ latency) =>
    latency ? (latency.cutOff ? '>' : '') + number(latency.ms) : '-';
  const lines = rows.map(({ phase, logins, added, requestsPerLogin, denied, outcomes }) => [
    phase,
    `${logins}`,
    time(added?.p50),
    time(added?.p95),
    time(added?.max),
    requestsPerLogin.toFixed(2),
    `${denied}`,
    Object.entries(outcomes)
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', '),
  ]);
  const head = ['phase', 'logins', 'p50 ms', 'p95 ms', 'max ms', 'req/login', 'denied', 'outcomes'];
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const last = head.length - 1;
  return [head, ...lines].map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : i === last ? cell : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  );
}

/** @param {import('./run.mjs').Contender} contender @returns {string[]} */
export function remarks({ phases, lateMs, faults }) {
  const cutOff = phases.reduce((sum, row) => sum + row.cutOff, 0);
  return [
    ...(cutOff > 0
      ? [`${cutOff} logins were still under way when the rehearsal ended, and are cut off there: > is at least`]
      : []),
    `because this machine was busy a login began at most ${number(lateMs.logins)} ms late, and the other system was ${number(lateMs.system)} ms late`,
    ...(Math.max(lateMs.logins, lateMs.system) >= STALL_MS
      ? [
          'so late the answers are others than the plan has, and so is what the guard learns: repeat this on a quieter machine',
        ]
      : []),
    ...faults.map((fault) => `FAULT ${fault}`),
    ...refusedWhenWell(phases),
  ];
}

/** A stand-in that does not answer as the config wants makes no figure of an outage true. @param {Row[]} rows */
function refusedWhenWell(rows) {
  const well = rows.filter(({ phase }) => phase === 'healthy').flatMap(({ outcomes }) => Object.keys(outcomes));
  const refused = [...new Set(well)].filter((outcome) =>
    /^(.+=)?(rejected|invalid|unauthorized|conflict)\b/.test(outcome),
  );
  if (refused.length === 0) return [];
  return [
    `while all was well there was ${refused.join(', ')}, so the figures below say little: say by --answer HOST=FILE what your system answers`,
  ];
}

/** @param {import('./measure.mjs').Figure} figure */
export function verdict({ what, value, most, unit, of, holds }) {
  const told = (/** @type {number} */ amount) => `${number(amount)}${unit === '' ? '' : ` ${unit}`}`;
  const measured =
    value === null ? 'not seen in this run' : `${told(value)}${of === undefined ? '' : ` of ${number(of)} logins`}`;
  return `  ${holds ? 'holds' : 'FAILS'}  ${what}: ${measured}; at most ${told(most)}`;
}
