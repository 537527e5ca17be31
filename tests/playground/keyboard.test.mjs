// tests: the playground with the keyboard alone: a developer with a system of their own writes the config, gives the system's answer,
// sees the claim that comes of it, and takes the file for Auth0. On a laptop, and at twice the size.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { needsBrowser } from '../browser.mjs';
import { HOST, MINE, openPlayground, settled } from './browser.mjs';

describe('the playground with the keyboard alone', { ...needsBrowser, timeout: 180_000 }, () => {
  /** @type {Awaited<ReturnType<typeof openPlayground>>} */
  let playground;
  before(async () => {
    playground = await openPlayground('keyboard');
  });
  after(() => playground?.close());

  for (const width of [1280, 640]) {
    test(`leads from a system of one's own to the file, ${width} px`, async () => {
      const { page, complaints } = await playground.open({ viewport: { width, height: 780 } });
      const focused = () =>
        page.evaluate(`(({ id, dataset, className }) => id || dataset.field || className)(document.activeElement)`);
      /** @param {string} place @param {string} [key] */
      const goTo = async (place, key = 'Tab') => {
        for (let i = 0; i < 80; i += 1) {
          await page.keyboard.press(key);
          if ((await focused()) !== place) continue;
          // What has the focus can be seen, and is seen to have it.
          const seen = await page.evaluate(`(() => {
            const node = document.activeElement;
            const { top, bottom } = node.getBoundingClientRect();
            const { outlineStyle, boxShadow } = getComputedStyle(node);
            return bottom > 0 && top < innerHeight && (outlineStyle !== 'none' || boxShadow !== 'none');
          })()`);
          return assert.ok(seen, `${place} has the focus, and no one sees it`);
        }
        assert.fail(`${key} never came to ${place}`);
      };
      const write = async (/** @type {string} */ text) => {
        await page.keyboard.press('Control+A');
        await page.keyboard.insertText(text);
        await settled(page);
      };

      await goTo('example');
      // A connector's name begins in the same way, and comes later.
      await page.keyboard.press('Home');
      await page.keyboard.type('your own s');
      await settled(page);
      assert.equal(await page.inputValue('#example'), 'your own system');
      await page.keyboard.press('Tab');
      assert.match(String(await focused()), /cm-content/);
      await write(MINE);

      await goTo('tab-config', 'Shift+Tab');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), 'tab-systems');
      await goTo(`does-${HOST}`);
      await page.keyboard.type('your own a');
      await settled(page);
      if ((await focused()) !== 'body') await goTo('body');
      await write('{ "plan": { "name": "gold" } }');

      await goTo('tab-requests');
      for (const id of ['tab-tokens', 'tab-left-out', 'tab-commands']) {
        await page.keyboard.press('ArrowRight');
        assert.equal(await focused(), id);
      }
      await goTo('panel-commands');
      assert.match(
        (await page.locator('#panel-commands').textContent()) ?? '',
        /setCustomClaim\("https:\/\/mine\.example\/plan", "gold"\)/,
      );
      await goTo('tab-commands', 'Shift+Tab');
      for (const id of ['tab-log', 'tab-claims', 'tab-file']) {
        await page.keyboard.press('ArrowRight');
        assert.equal(await focused(), id);
      }
      await goTo('download');
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      assert.match(await readFile(await download.path(), 'utf8'), /"url": "https:\/\/api\.mine\.example\/users"/);
      assert.deepEqual(complaints, []);
    });
  }
});
