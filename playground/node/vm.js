// Node, as far as a page needs it: a text that becomes a function.

/** @param {string} text @param {string[]} names */
const compileFunction = (text, names) => new Function(...names, text);

export default { compileFunction };
