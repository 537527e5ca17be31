// Node, as far as a page needs it: paths, by a library.
export * from 'pathe';
export { default } from 'pathe';
