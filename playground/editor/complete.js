// The config editor: completion. Field names and values come from the schema; inside an expression, paths come from the
// event next to it, or from the answer that the last run got.
import { snippet } from '@codemirror/autocomplete';
import { FUNCTIONS } from '../../tools/paste/expression-type.mjs';
import { isObject } from '../../tools/tenant/values.mjs';
import { fieldsOf, pathAt } from './place.js';
import { blankOf, fieldsAt, isExpression, schemasAt, valuesAt, wordsOf } from './schema.js';

/** @typedef {import('@codemirror/autocomplete').Completion} Completion */
/**
 * @typedef {object} Known what is next to the editor
 * @property {() => any} event
 * @property {(sync: number) => any} answer what the sync at this place in the list was answered in the last run
 */

/** A field's name that needs no quotes in an expression. */
const PLAIN = /^[A-Za-z_]\w*$/;
/** The path that is before the cursor, inside a JSON string. */
const PATH = /(?:[\w.[\]*]|\\"(?:[^"\\]|\\[^"])*\\")*$/;

/**
 * @param {Known} known
 * @returns {import('@codemirror/autocomplete').CompletionSource}
 */
export const completion = (known) => (context) => {
  const { state, pos } = context;
  const { node, path, inName, object } = pathAt(state, pos);
  if (inName) return names(state, inner(state, node), path, object);
  if (node.name === 'String') {
    const schemas = schemasAt(path);
    if (isExpression(schemas)) return expression(context, path, node.from, known);
    return values(schemas, inner(state, node));
  }
  // Between tokens: after a colon a value is due, in an object a name.
  const before = /\S(?=\s*$)/.exec(state.sliceDoc(Math.max(0, pos - 200), pos))?.[0];
  const word = context.matchBefore(/[\w-]*/);
  if (!context.explicit && (!word || word.from === word.to) && before !== '"') return null;
  const from = word?.from ?? pos;
  if (node.name === 'Property' || before === ':')
    return values(schemasAt(node.name === 'Property' ? valuePath(state, node, path) : path), {
      from,
      to: pos,
      quote: 0,
    });
  if (node.name === 'Array') return values(schemasAt([...path, 0]), { from, to: pos, quote: 0 });
  if (node.name === 'Object') return names(state, { from, to: pos, quote: 0 }, path, node);
  return null;
};

/**
 * A text between its quotes; `quote`: how many of them close it.
 * @param {import('@codemirror/state').EditorState} state
 * @param {import('@lezer/common').SyntaxNode} node
 */
function inner(state, node) {
  const closed = node.to - node.from > 1 && state.sliceDoc(node.to - 1, node.to) === '"';
  return { from: node.from + 1, to: closed ? node.to - 1 : node.to, quote: closed ? 1 : 0, quoted: true };
}

/** @typedef {{ from: number, to: number, quote: number, quoted?: boolean }} Range */

/**
 * The path of the value that is missing after a field's colon.
 * @param {import('@codemirror/state').EditorState} state
 * @param {import('@lezer/common').SyntaxNode} property
 * @param {(string | number)[]} path of the object around it
 */
function valuePath(state, property, path) {
  const name = property.getChild('PropertyName');
  return name ? [...path, JSON.parse(state.sliceDoc(name.from, name.to))] : path;
}

/**
 * @param {import('@codemirror/state').EditorState} state
 * @param {Range} range
 * @param {(string | number)[]} path
 * @param {import('@lezer/common').SyntaxNode | null} object
 */
function names(state, { from, to, quote, quoted }, path, object) {
  const present = new Set(
    object
      ? fieldsOf(state.doc, object)
          .filter(({ name }) => name && name.from !== from - 1)
          .map(({ key }) => key)
      : [],
  );
  const named = /^\s*:/.test(state.sliceDoc(to + quote, to + quote + 20));
  const options = fieldsAt(schemasAt(path)).filter(({ key }) => !present.has(key));
  return {
    from,
    to,
    options: options.map(({ key, about, required, schemas }) => {
      const field = snippet(`${quoted ? '' : '"'}${key}": ${blankOf(schemas)}`);
      return {
        label: key,
        type: 'property',
        detail: required ? 'needed' : '',
        info: about,
        boost: required ? 1 : 0,
        // With its colon there already, the name alone is completed.
        ...(named
          ? {}
          : {
              apply: /** @type {Completion['apply']} */ (
                (view, completion, start, end) => field(view, completion, start, end + quote)
              ),
            }),
      };
    }),
  };
}

/** @param {import('./schema.js').Schema[]} schemas @param {Range} range */
function values(schemas, { from, to, quoted }) {
  const found = valuesAt(schemas).filter(({ value }) => !quoted || typeof value === 'string');
  /** @type {Completion[]} */
  const options = found.map(({ value, kind }) => {
    const text = JSON.stringify(value);
    return {
      label: quoted ? text.slice(1, -1) : text,
      type: kind === 'enum' ? 'enum' : 'constant',
      detail: kind === 'enum' ? '' : kind,
      info: wordsOf(schemas),
    };
  });
  if (!quoted && options.length === 0) {
    const blank = blankOf(schemas);
    if (blank !== '#{}') options.push({ label: blank.replace('#{}', ''), apply: snippet(blank), type: 'keyword' });
  }
  return { from, to, options };
}

/**
 * @param {import('@codemirror/autocomplete').CompletionContext} context
 * @param {(string | number)[]} path
 * @param {number} start where the string begins
 * @param {Known} known
 */
function expression({ state, pos, explicit }, path, start, known) {
  const text = state.sliceDoc(start + 1, pos);
  const typed = PATH.exec(text)?.[0] ?? '';
  if (!typed && !explicit) return null;
  // In quotes of its own, or in backticks, is no path.
  if ((text.slice(0, text.length - typed.length).match(/'/g) ?? []).length % 2 === 1) return null;
  const parts = typed.split('.');
  const last = parts.pop() ?? '';
  let scope = scopeOf(path, known);
  for (const part of parts) scope = stepInto(scope, part);
  /** @type {Completion[]} */
  const options = Object.entries(isObject(scope) ? scope : {}).map(([key, value]) => ({
    label: PLAIN.test(key) ? key : `\\"${key.replaceAll(/["\\]/g, '\\\\\\$&')}\\"`,
    displayLabel: key,
    type: isObject(value) || Array.isArray(value) ? 'class' : 'variable',
    detail: sampleOf(value),
    boost: 1,
  }));
  if (parts.length === 0) {
    options.push(
      ...Object.entries(FUNCTIONS).map(([name, type]) => ({
        label: name,
        displayLabel: `${name}()`,
        type: 'function',
        detail: typeof type === 'string' ? type : '',
        apply: snippet(`${name}(#{})`),
      })),
    );
  }
  return { from: pos - last.length, options, validFor: /^(?:\w|\\")*$/ };
}

/** @param {(string | number)[]} path @param {Known} known */
function scopeOf(path, known) {
  if (path[0] === 'syncs' && path[2] === 'response') return known.answer(Number(path[1]));
  const { request: { body: _body, query: _query, ...request } = {}, ...event } = known.event() ?? {};
  return { ...event, request, interactive: true };
}

/** @param {any} scope @param {string} part such as `identities[*]` */
function stepInto(scope, part) {
  const [, name = '', inner = ''] = /^([^[]*)((?:\[[^\]]*\])*)$/.exec(part) ?? [];
  const key = name.startsWith('\\"') ? name.slice(2, -2) : name;
  let next = key === '@' || key === '' ? scope : scope?.[key];
  for (const _ of inner.matchAll(/\[/g)) next = Array.isArray(next) ? next[0] : undefined;
  return next;
}

/** @param {any} value */
function sampleOf(value) {
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return '';
  const text = JSON.stringify(value);
  return text.length > 28 ? `${text.slice(0, 27)}…` : text;
}
