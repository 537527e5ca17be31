// tools/paste/: an expression as a tree, for those who ask what it reads or gives. The engine has accepted the text before; what
// is no expression is refused there, in words, and here by an error that no one should see.
//
// The binding powers are those of src/expression/lexer.rs, so that both read the same. A test compares the trees with those of
// the `jmespath` package.

/**
 * @typedef {object} Node
 * @property {string} type `Field`, `Subexpression`, `Pipe` and so on
 * @property {number} at its column, counted in characters from 1
 * @property {string} [name] of a field, a function, a comparison or a pair
 * @property {any} [value] of a literal, an index; of a pair a node
 * @property {Node[]} [children]
 */

/** @typedef {{ kind: string, text: string, at: number }} Token */

/** A word of an expression. What is in quotes is one; `[]` and `[?` are written without a space. */
export const WORD =
  /\s+|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|&&|\|\||[!=<>]=|\[\?|\[\]|-?\d+|[A-Za-z_]\w*|[\s\S]/gu;

/** What closes each bracket. */
export const CLOSES = new Map([
  ['(', ')'],
  ['[', ']'],
  ['[?', ']'],
  ['{', '}'],
]);

/** @type {Record<string, number>} */
const POWER = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '[?': 21,
  '.': 40,
  '[': 55,
};
const PROJECTION = 20;
const NOT = 45;
const JOINS = /** @type {Record<string, string>} */ ({ '|': 'Pipe', '||': 'OrExpression', '&&': 'AndExpression' });
const COMPARES = /** @type {Record<string, string>} */ ({
  '==': 'EQ',
  '!=': 'NE',
  '<': 'LT',
  '<=': 'LTE',
  '>': 'GT',
  '>=': 'GTE',
});

/**
 * @param {string} text an expression that the engine accepts
 * @returns {Node}
 */
export function treeOf(text) {
  const parser = new Parser(text);
  const tree = parser.expression(0);
  if (parser.next.kind !== 'end') parser.fail();
  return tree;
}

/** Its words, and last one of the kind `end`. @param {string} text @returns {Token[]} */
export function tokensOf(text) {
  /** @type {Token[]} */
  const tokens = [];
  let at = 1;
  for (const [word] of text.matchAll(WORD)) {
    if (word.trim() !== '') tokens.push({ kind: kindOf(word), text: word, at });
    at += [...word].length;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

/** @param {string} word */
function kindOf(word) {
  if (/^[A-Za-z_]/.test(word)) return 'name';
  if (/^-?\d/.test(word)) return 'number';
  return { "'": 'raw', '"': 'quoted', '`': 'json' }[word.charAt(0)] ?? word;
}

/** What is between the quotes: a backslash goes before a quote alone. @param {string} text */
const unquoted = (text) => text.slice(1, -1).replaceAll(`\\${text.charAt(0)}`, text.charAt(0));

class Parser {
  /** @param {string} text */
  constructor(text) {
    this.tokens = tokensOf(text);
    this.position = 0;
  }

  get next() {
    return /** @type {Token} */ (this.tokens[Math.min(this.position, this.tokens.length - 1)]);
  }

  take() {
    const token = this.next;
    this.position += 1;
    return token;
  }

  /** @param {string} kind */
  pass(kind) {
    return this.next.kind === kind ? this.take() : this.fail();
  }

  /** @returns {never} */
  fail() {
    throw new SyntaxError(`no expression: column ${this.next.at}`);
  }

  /** @param {number} power @param {Node} [start] the operator after it belongs to it in any case @returns {Node} */
  expression(power, start) {
    let left = start ? this.infix(start) : this.prefix();
    while ((POWER[this.next.kind] ?? 0) > power) left = this.infix(left);
    return left;
  }

  /** @returns {Node} */
  prefix() {
    const { kind, text, at } = this.next;
    switch (kind) {
      case 'name':
        this.take();
        return this.next.kind === '(' ? this.call(text, at) : { type: 'Field', name: text, at };
      case 'quoted':
        this.take();
        return { type: 'Field', name: JSON.parse(text), at };
      case 'raw':
        this.take();
        return { type: 'Literal', value: unquoted(text), at };
      case 'json':
        this.take();
        return { type: 'Literal', value: JSON.parse(unquoted(text)), at };
      case '@':
        this.take();
        return { type: 'Current', at };
      case '!':
        this.take();
        return { type: 'NotExpression', children: [this.expression(NOT)], at };
      case '(': {
        this.take();
        const inside = this.expression(0);
        this.pass(')');
        return inside;
      }
      case '{':
        return this.hash();
      case '*':
        this.take();
        return this.project('ValueProjection', { type: 'Identity', at }, PROJECTION);
      case '[': {
        const [first, second] = [1, 2].map((ahead) => this.tokens[this.position + ahead]?.kind);
        const projects = first === 'number' || first === ':' || (first === '*' && second === ']');
        return projects ? this.infix({ type: 'Identity', at }) : this.list();
      }
      case '[]':
      case '[?':
        return this.infix({ type: 'Identity', at });
      default:
        return this.fail();
    }
  }

  /** What an operator makes of the expression on its left. @param {Node} left @returns {Node} */
  infix(left) {
    const { kind, at } = this.take();
    const power = POWER[kind] ?? 0;
    if (kind === '.') {
      if (this.next.kind !== '*') return { type: 'Subexpression', children: [left, this.afterDot(power)], at: left.at };
      this.take();
      return this.project('ValueProjection', left, PROJECTION);
    }
    if (kind === '[]') return this.project('Projection', { type: 'Flatten', children: [left], at: left.at }, power);
    if (kind === '[?') {
      const condition = this.expression(0);
      this.pass(']');
      const { children = [], ...node } = this.project('FilterProjection', left, power);
      return { ...node, children: [...children, condition] };
    }
    if (kind === '[') return this.bracket(left);
    const children = [left, this.expression(power)];
    if (JOINS[kind]) return { type: JOINS[kind], children, at: left.at };
    return COMPARES[kind] ? { type: 'Comparator', name: COMPARES[kind], children, at } : this.fail();
  }

  /** An index, a slice or `*`, behind its bracket. @param {Node} left @returns {Node} */
  bracket(left) {
    const { at } = this.next;
    if (this.next.kind === '*') {
      this.take();
      this.pass(']');
      return this.project('Projection', left, PROJECTION);
    }
    // What a slice takes of an array is nothing that anyone asks for here.
    let [index, slices] = [0, false];
    while (this.next.kind !== ']') {
      const { kind, text } = this.take();
      if (kind === ':') slices = true;
      else if (kind === 'number') index = Number(text);
      else this.fail();
    }
    this.take();
    const of = (/** @type {Node} */ part) => ({ type: 'IndexExpression', children: [left, part], at: left.at });
    if (!slices) return of({ type: 'Index', value: index, at });
    return this.project('Projection', of({ type: 'Slice', at }), PROJECTION);
  }

  /** A projection of `left`, with all on the right that it carries along. @param {string} type @param {Node} left @param {number} power @returns {Node} */
  project(type, left, power) {
    const { kind, at } = this.next;
    /** @type {Node} */
    let then = { type: 'Identity', at };
    if (kind === '.') {
      this.take();
      then = this.afterDot(power);
    } else if (kind === '[' || kind === '[?') then = this.expression(power, then);
    return { type, children: [left, then], at: left.at };
  }

  /** @param {number} power @returns {Node} */
  afterDot(power) {
    return this.next.kind === '[' ? this.list() : this.expression(power);
  }

  /** @param {string} name @param {number} at @returns {Node} */
  call(name, at) {
    this.pass('(');
    return { type: 'Function', name, children: this.items(')', () => this.argument()), at };
  }

  /** @returns {Node} */
  argument() {
    const { kind, at } = this.next;
    if (kind !== '&') return this.expression(0);
    this.take();
    return { type: 'ExpressionReference', children: [this.expression(0)], at };
  }

  /** @returns {Node} */
  list() {
    const { at } = this.pass('[');
    return { type: 'MultiSelectList', children: this.items(']', () => this.expression(0)), at };
  }

  /** @returns {Node} */
  hash() {
    const { at } = this.pass('{');
    const children = this.items('}', () => {
      const { kind, text, at } = this.take();
      this.pass(':');
      return { type: 'KeyValuePair', name: kind === 'quoted' ? JSON.parse(text) : text, value: this.expression(0), at };
    });
    return { type: 'MultiSelectHash', children, at };
  }

  /** What is between commas. @param {string} close @param {() => Node} read */
  items(close, read) {
    /** @type {Node[]} */
    const nodes = [];
    while (this.next.kind !== close) {
      nodes.push(read());
      if (this.next.kind === ',') this.take();
      else if (this.next.kind !== close) this.fail();
    }
    this.take();
    return nodes;
  }
}
