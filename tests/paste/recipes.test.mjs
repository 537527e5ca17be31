// The recipes of docs/recipes.md: each config is taken from the page and run in the pasted file, editable and sealed, against
// stand-ins that keep each system's contract. What is sent and what the login gets is in recipes/, by the page's chapters.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problems } from '../../tools/paste/paste.mjs';
import { ACCOUNTS } from './recipes/accounts.mjs';
import { DECISIONS } from './recipes/decisions.mjs';
import { GETS } from './recipes/gets.mjs';
import { open, PASTES, RECIPES } from './recipes/page.mjs';
import { TELLS } from './recipes/tells.mjs';
import { readPaste } from './support.mjs';

/** @type {Record<string, import('./recipes/page.mjs').Case>} */
const CASES = { ...ACCOUNTS, ...DECISIONS, ...GETS, ...TELLS };

it('every recipe of the page has its case, and every case its recipe', () => {
  assert.ok(RECIPES.size >= 20);
  assert.deepEqual(Object.keys(CASES).sort(), [...RECIPES.keys()].sort());
});

for (const [title, config] of RECIPES) {
  describe(title, () => {
    it('is a config without errors', () => assert.deepEqual(problems(readPaste(), config), []));
    for (const [kind, made] of Object.entries(PASTES)) {
      it(`does what the page says: ${kind}`, async (t) => {
        const code = made(config);
        await CASES[title]?.((world = {}) => open(t, code, world));
      });
    }
  });
}
