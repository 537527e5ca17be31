// Node, as far as a page needs it: the events that a process meets. A page has none of them.

export default { emit: () => false };
