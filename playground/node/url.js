// Node, as far as a page needs it: where a module of the tools stands. All of them stand in the project's folder `tools`.
export const fileURLToPath = () => '/tools/module.mjs';
