// Whether logins and registrations are as they were with another paste: `OLD_PASTE=FILE node --test tests/paste/before.test.mjs`.
// For those who change the engine: pkg/login-sync.js of the commit before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { CONFIGS, login } from './configs.mjs';
import { readPaste } from './support.mjs';

const { OLD_PASTE } = process.env;
const FAULTS = [undefined, '401', '404', '429:3', '503', 'reset', 'garbage', 'empty'];

describe('as with the other paste', { skip: OLD_PASTE === undefined }, () => {
  const old = OLD_PASTE === undefined ? '' : readFileSync(OLD_PASTE, 'utf8');
  const pastes = [old, readPaste()];
  for (const [file, config] of CONFIGS)
    it(file, async (t) => {
      for (const trigger of /** @type {const} */ (['post-login', 'post-user-registration']))
        for (const fault of FAULTS) {
          const how = { trigger, repeat: 2, ...(fault ? { fault } : {}) };
          const [was, is] = await Promise.all(pastes.map((code) => login(withConfig(code, config), config, how)));
          if (was?.some(({ systems }) => systems?.join().includes('result=refused')))
            return t.skip('the other one does not know the config');
          assert.deepEqual(is, was, JSON.stringify(how));
        }
    });
});
