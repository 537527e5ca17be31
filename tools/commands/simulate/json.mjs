// tools/commands/: `npm run simulate`, what a program reads: one result as JSON. Its shape is described in docs/simulator.md and, for programs,
// in result.schema.json next to this file; a test holds the three together.

/** @param {import('../../tenant/run.mjs').Result} result */
export const toJson = (result) => ({
  ...result,
  tokens: { idToken: result.tokens?.idToken?.claims ?? null, accessToken: result.tokens?.accessToken.claims ?? null },
  log: result.log.map(({ text }) => text),
});
