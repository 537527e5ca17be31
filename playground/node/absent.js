// Node, as far as a page needs it: what only a command or a build asks for, which nobody starts in a page.

const absent = () => {
  throw new Error('a page starts no command');
};
export { absent as compile, absent as parseArgs, absent as spawn };
