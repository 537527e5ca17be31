// The page's tenant, small change: the text of whatever was thrown.

/** @param {unknown} thrown */
export const textOf = (thrown) => (thrown instanceof Error ? thrown.message : String(thrown));
