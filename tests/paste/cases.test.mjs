// The cases of tests/cases, each a fault that such integrations have in the world: the pasted file, over real TLS, against
// servers on this machine. CASES=/path runs another folder of cases.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openCases } from './cases/run.mjs';
import { readPaste } from './support.mjs';

const folder = process.env.CASES || fileURLToPath(new URL('../cases', import.meta.url));

/** @type {Awaited<ReturnType<typeof openCases>>} */
let cases;
before(async () => {
  cases = await openCases();
});
after(() => cases.close());

for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()) {
  /** @type {import('./cases/run.mjs').Case[]} */
  const all = [JSON.parse(readFileSync(path.join(folder, file), 'utf8'))].flat();
  describe(file.replace(/\.json$/, ''), () => {
    for (const each of all) {
      it(each.about, async () => {
        const wrong = await cases.run(each, readPaste());
        assert.ok(wrong.length === 0, `\n  ${wrong.join('\n  ')}`);
      });
    }
  });
}
