// The demo with the keyboard alone: from the first page to the tokens, a refresh, a second factor and out again. The pages that are
// met on the way are looked at by axe, too.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accessible, needsBrowser, openBrowser, openPage } from '../browser.mjs';
import { demo } from './visitor.mjs';

describe('the demo with the keyboard alone', needsBrowser, () => {
  for (const [width, colorScheme] of /** @type {[number, 'light' | 'dark'][]} */ ([
    [1280, 'light'],
    [640, 'dark'], // 1280 at 200 %
  ])) {
    it(`leads in and out again, ${width} px, ${colorScheme}`, async (t) => {
      const browser = await openBrowser();
      t.after(() => browser.close());
      const { page, complaints } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      const opened = await demo(t);
      const focused = () =>
        page.evaluate(
          `(({ textContent, attributes }) => (attributes['aria-label'] ?? { value: textContent }).value.trim())(document.activeElement)`,
        );
      /** @param {string} words what the element says */
      const goTo = async (words) => {
        for (let i = 0; i < 60; i += 1) {
          await page.keyboard.press('Tab');
          if (!String(await focused()).includes(words)) continue;
          const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
          return assert.notEqual(outline, 'none', `${words} has the focus, and no one sees it`);
        }
        assert.fail(`Tab never came to ${words}`);
      };
      /** @param {string} words of the button @param {string} heading of the page that it leads to */
      const enter = async (words, heading) => {
        await goTo(words);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await accessible(page, `${heading}, ${width} px, ${colorScheme}`);
      };

      await page.goto(opened.url);
      await enter('Log in', 'Who are you today?');
      await goTo('Maja');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Maja Lindqvist' }).waitFor();
      await goTo('Refresh the tokens');
      await page.keyboard.press('Enter');
      await page.getByText('in this refresh').first().waitFor();
      await goTo('Mapped attributes');

      await page.goto(opened.url);
      await goTo('Log in as someone else');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Who are you today?' }).waitFor();
      await enter('Aiko', 'One more step');
      await enter('Approve', 'Aiko Tanaka');
      await goTo('Log out');
      await page.keyboard.press('Enter');
      await page.waitForURL(/session\/end|logout/);
      await accessible(page, `log out, ${width} px, ${colorScheme}`);
      await goTo('Log out');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'A real login, on this machine' }).waitFor();
      await page.goto(`${opened.url}none`);
      await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
      await accessible(page, `no such page, ${width} px, ${colorScheme}`);
      assert.deepEqual(
        complaints.filter((text) => !/404/.test(text)),
        [],
      );
    });
  }
});
