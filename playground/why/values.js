// Why an expression gives what it gives, the values: the paste's own engine is asked, so that there is one reader of
// expressions. It is given a config with one system, whose body is made of the expressions, and the body that it would send
// has their values. Nothing is sent.

/** @typedef {import('../../tools/tenant/limits.mjs').Trigger} Trigger */
/**
 * @typedef {object} Scope what expressions read
 * @property {any} event
 * @property {string[]} query the parameters that the config lists
 * @property {unknown} [instead] what they read instead of the event, such as an answer
 */

const NAME = 'probe';
/** What an expression gives that fails: a function was given what it does not take. */
export const FAILED = Symbol('failed');

/**
 * @param {any} Engine the class that the paste holds
 * @param {string[]} expressions
 * @param {Scope} scope
 * @returns {{ body: any, refused: Set<number> }} no body where one of them fails
 */
function bodyOf(Engine, expressions, { event, query }) {
  const body = Object.fromEntries(expressions.map((expression, i) => [`v${i}`, expression]));
  const config = {
    syncs: [{ name: NAME, request: { url: `https://${NAME}.example.com/`, body }, onFailure: 'allow' }],
    ...(query.length > 0 ? { requestQuery: query } : {}),
  };
  Engine.read(config);
  const engine = new Engine(config, {});
  try {
    const refused = new Set(
      engine
        .problems()
        .map((/** @type {{ path: string }} */ { path }) => Number(/\.body\.v(\d+)$/.exec(path)?.[1] ?? -1)),
    );
    if (refused.size > 0) return { body: {}, refused };
    let sent = 'null';
    const host = {
      /** @param {number} _id @param {number} _ms @param {unknown} head @param {unknown} text */
      ask(_id, _ms, head, text) {
        if (head && typeof text === 'string') sent = text;
      },
    };
    engine.start(1, false, event, {}, host, Date.now(), 1);
    return { body: JSON.parse(sent), refused };
  } finally {
    engine.free();
  }
}

/** @param {any} Engine the class that the paste holds */
export function openProbe(Engine) {
  /** @param {string[]} expressions @param {Scope} scope */
  const ask = (expressions, scope) => bodyOf(Engine, expressions, scope);

  return {
    /**
     * What each expression gives: null as expressions mean it, undefined where the engine does not take it for one, and
     * `FAILED`.
     * @param {string[]} expressions
     * @param {Scope} scope
     * @returns {unknown[]}
     */
    values(expressions, { instead, ...scope }) {
      const piped = instead !== undefined;
      const within = piped ? { query: [], event: { [NAME]: instead } } : scope;
      const wrapped = expressions.map((expression) => (piped ? `${NAME} | (${expression})` : expression));
      const { refused } = ask(wrapped, within);
      const good = expressions.flatMap((_, i) => (refused.has(i) || refused.has(-1) ? [] : [i]));
      const texts = good.map((i) => wrapped[i] ?? '');
      const { body } = ask(texts, within);
      // One that fails takes the others with it.
      const value = (/** @type {number} */ n) => {
        if (body) return body[`v${n}`] ?? null;
        const alone = ask(texts.slice(n, n + 1), within).body;
        return alone ? (alone.v0 ?? null) : FAILED;
      };
      /** @type {unknown[]} */
      const values = expressions.map(() => undefined);
      good.forEach((i, n) => {
        values[i] = value(n);
      });
      return values;
    },

    /**
     * All that expressions read of an event: the engine says what of it, and what else.
     * @param {Scope} scope
     * @returns {Record<string, any>}
     */
    scope(scope) {
      const [event, interactive, clock] = this.values(['@', 'interactive', 'clock'], scope);
      return { .../** @type {object} */ (event ?? {}), interactive, clock };
    },
  };
}
