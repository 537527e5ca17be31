// Why an expression gives what it gives, in the editor: which expression is at a place, and what it is read from: the event,
// or the answer that its system gave in the login that is shown.
import { parseJson } from '../../tools/paste/json.mjs';
import { GOOD } from '../../tools/tenant/logline.mjs';
import { pathAt, textOf } from '../editor/place.js';
import { isExpression, schemasAt } from '../editor/schema.js';
import { hostOf } from '../view/timeline.js';
import { explain } from './explain.js';

/** @typedef {ReturnType<typeof import('./values.js').openProbe>} Probe */

/**
 * @param {import('@codemirror/state').EditorState} editor
 * @param {number} position
 * @returns {{ expression: string, path: (string | number)[], from: number, to: number } | null}
 */
export function expressionAt(editor, position) {
  const { node, path, inName } = pathAt(editor, position);
  if (inName || node.name !== 'String' || !isExpression(schemasAt(path))) return null;
  const expression = textOf(editor.doc, node);
  return typeof expression === 'string' && expression.trim() !== ''
    ? { expression, path, from: node.from, to: node.to }
    : null;
}

/**
 * What the expression gives on what is on the screen.
 * @param {{ expression: string, path: (string | number)[] }} found
 * @param {import('../state.js').State} state
 * @param {Probe} probe
 * @returns {import('./explain.js').Explained}
 */
export function explainAt({ expression, path }, { event, run, login, analysis }, probe) {
  const query = Array.isArray(analysis.config?.requestQuery) ? analysis.config.requestQuery : [];
  const scope = { event: { ...event, secrets: {} }, query };
  if (path[0] === 'syncs' && path[2] === 'response') {
    const name = analysis.entryAt(Number(path[1]))?.name ?? '';
    const answer = run ? answerOf(run, login, name) : undefined;
    const of = `the answer of ${name || 'this system'}`;
    if (answer === undefined)
      return { expression, of, value: undefined, why: [`there is no ${of.slice(4)} in this run`], steps: [] };
    return explain(expression, probe, { ...scope, instead: answer }, { of, root: 'the answer' });
  }
  const words = { of: 'this event', root: 'the event' };
  if (!run || !/\bsyncs\b/.test(expression)) return explain(expression, probe, scope, words);
  const instead = { ...probe.scope(scope), syncs: endsOf(run, login, probe) };
  return explain(expression, probe, { ...scope, instead }, { of: 'this login', root: 'what it reads' });
}

/** The newest good answer of a system up to this login. @param {import('../state.js').Run} run @param {number} login @param {string} name @returns {unknown} */
export function answerOf({ results, byHost }, login, name) {
  const requests = results
    .slice(0, login + 1)
    .flatMap((result) => result.requests)
    .filter((request) => request.responseBody && byHost.get(hostOf(request))?.includes(name));
  const good = requests.findLast(({ status }) => status !== null && status < 300) ?? requests.at(-1);
  try {
    return good && parseJson(good.responseBody, '');
  } catch {
    return undefined;
  }
}

/** `syncs`, as other expressions read it. @param {import('../state.js').Run} run @param {number} login @param {Probe} probe */
function endsOf(run, login, probe) {
  const ends = run.results[login]?.syncs ?? [];
  return Object.fromEntries(
    ends.map(({ name, outcome, status }) => {
      const good = GOOD.has(outcome);
      const keep = run.syncs.find((sync) => sync.name === name)?.document.response?.keep;
      const answer = good ? (answerOf(run, login, name) ?? null) : null;
      return [name, { outcome, status, answer: answer !== null && keep ? kept(keep, answer, probe) : answer }];
    }),
  );
}

/** What a mapping takes of an answer. @param {any} mapping @param {unknown} answer @param {Probe} probe @returns {unknown} */
function kept(mapping, answer, probe) {
  if (typeof mapping === 'string') return probe.values([mapping], { event: {}, query: [], instead: answer })[0] ?? null;
  if (Array.isArray(mapping)) return mapping.map((item) => kept(item, answer, probe));
  if (typeof mapping !== 'object' || mapping === null) return mapping;
  return Object.fromEntries(Object.entries(mapping).map(([key, item]) => [key, kept(item, answer, probe)]));
}
