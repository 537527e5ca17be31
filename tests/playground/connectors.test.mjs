// tests: each connector in the playground: it is chosen by its name, and what the page shows of it is what the local tenant says.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openConfig } from '../../tools/commands/open.mjs';
import { PASTE, root } from '../../tools/files.mjs';
import { contractsOf } from '../../tools/library/connectors.mjs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { redactor } from '../../tools/tenant/redact.mjs';
import { run as runInNode } from '../../tools/tenant/run.mjs';
import { expected, inventAll } from '../../tools/tenant/secrets.mjs';
import { virtualTenant } from '../../tools/tenant/virtual.mjs';
import { accessible, needsBrowser } from '../browser.mjs';
import { file } from '../tools/simulated.mjs';
import { choose, chosen, openPlayground, own, putCursor, shown, shows } from './browser.mjs';

const NAMES = readdirSync(path.join(root, 'connectors'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

/** @param {any} sync */
const ends = ({ name, outcome, status }) => [name, outcome, String(status ?? '')];

/** The usual login of a connector. @param {string} name */
async function inTheTenant(name) {
  const { config, paste, syncs, used } = openConfig({ config: file({ syncs: [{ use: name }] }), paste: PASTE });
  const contracts = contractsOf(used);
  const secrets = inventAll(syncs, new Map(), contracts);
  const event = contracts[name]?.logins[0]?.event;
  const { results } = await runInNode(
    {
      code: withConfig(paste, config),
      trigger: 'post-login',
      secrets,
      contracts,
      expected: expected(syncs, secrets),
      ...(event ? { event } : {}),
      repeat: 2,
    },
    virtualTenant({ apartMs: 60_000, redactor }),
  );
  return results;
}

describe('a connector in the playground', needsBrowser, () => {
  /** @type {Awaited<ReturnType<typeof openPlayground>>} */
  let playground;
  before(async () => {
    playground = await openPlayground('connectors');
  });
  after(() => playground?.close());

  test('is chosen by its name, and does what it does in the local tenant', async () => {
    const { page, complaints } = await playground.open();
    assert.ok(NAMES.length >= 45);
    for (const name of NAMES) {
      await choose(page, 'example', `connector: ${name}`);
      for (const [i, result] of (await inTheTenant(name)).entries()) {
        const { verdict, syncs, commands, faults } = await shown(page, i + 1);
        assert.match(verdict, result.outcome === 'denied' ? /denied/ : result.mfa ? /second factor/ : /goes on/, name);
        assert.deepEqual(syncs.map(ends), result.syncs.map(ends), name);
        const nameOf = (/** @type {string} */ text) => /^[^,)]*/.exec(text)?.[0];
        assert.deepEqual(
          commands.map(nameOf),
          result.commands.map(({ method, args }) => nameOf(`${method}(${JSON.stringify(args[0])}`)),
          name,
        );
        assert.deepEqual(faults, [], name);
      }
      // As in the tenant: its contract answers, and no echo.
      assert.doesNotMatch(
        (await page.locator('#panel-systems').textContent()) ?? '',
        /does not know this system/,
        name,
      );
    }
    assert.deepEqual(complaints, []);
  });

  test('says what it needs, and what its secrets are', async () => {
    const { page, complaints } = await playground.open();
    await choose(page, 'example', 'connector: mailchimp');
    assert.equal(await chosen(page, 'example'), 'Mailchimp');
    assert.equal(await chosen(page, 'sample'), 'Mailchimp adds a user who agreed');
    await page.click('.connector summary');
    assert.match(
      (await page.locator('.connector').textContent()) ?? '',
      /Privacy.*Marketing needs consent: only users with user_/s,
    );
    for (const theme of ['light', 'dark']) {
      await page.selectOption('.theme select', theme);
      await accessible(page, `the words of a connector, ${theme}`);
    }
    await page.click('#tab-secrets');
    assert.match(
      (await page.locator('#about-MAILCHIMP_DC').textContent()) ?? '',
      /^the end of your API key: us19 · for mailchimp/,
    );
    // Another one is not shown by a login of this one.
    await choose(page, 'example', 'connector: segment');
    assert.equal(await chosen(page, 'sample'), 'Login with a password');
    assert.deepEqual(complaints, []);
  });

  test('of several entries leaves the values of the others where they are', async () => {
    const { page } = await playground.open();
    const mine = {
      name: 'mine',
      request: { url: 'https://api.mine.example/' },
      response: { idToken: { a: 'method' } },
    };
    await own(page, JSON.stringify({ syncs: [{ use: 'stripe' }, { ...mine, onFailure: 'allow' }] }, null, 2));
    await putCursor(page, '"method"');
    await shows(() => page.locator('#why').textContent(), /is\s+"POST"\s+in the answer of mine/);
  });
});
