// tests: the playground for everyone: with the keyboard alone, heard and seen, light and dark, on a laptop, at twice the
// size and on a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, needsBrowser } from '../browser.mjs';
import { choose, openPlayground, own, putCursor, settled, type } from './browser.mjs';

/** A config with something for `check` to say, and with what a login does not get. */
const WARNED = `{
  "claims": { "idToken": { "a": "user.emial" }, "accessToken": { "email": "user.email" } }
}`;

describe('the playground for everyone', { ...needsBrowser, concurrency: 3 }, () => {
  /** @type {Awaited<ReturnType<typeof openPlayground>>} */
  let playground;
  before(async () => {
    playground = await openPlayground('everyone');
  });
  after(() => playground?.close());

  test('can be used without a mouse', async () => {
    const { page } = await playground.open();
    const focused = () =>
      page.evaluate(
        `document.activeElement.id || document.activeElement.className || document.activeElement.textContent.trim()`,
      );
    /** @param {string} id */
    const tabTo = async (id) => {
      for (let i = 0; i < 40; i += 1) {
        if ((await focused()) === id) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`Tab never came to ${id}`);
    };
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'skip');
    await tabTo('example');
    // A list forgets within a second what was typed: so no key waits for what the page does with the one before it.
    await Promise.all([...'mfa'].map((key) => page.keyboard.press(key)));
    await settled(page);
    assert.equal(await page.inputValue('#example'), 'mfa-by-region');
    await tabTo('run');
    await page.keyboard.press('Enter');
    await settled(page);
    await page.locator('#status', { hasText: 'after a second factor: guardian' }).waitFor({ state: 'attached' });
    await tabTo('tab-config');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'tab-event');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'tab-systems');
    await page.keyboard.press('Tab');
    await tabTo('fault');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'example');
    await page.keyboard.press('Tab');
    assert.match(String(await focused()), /cm-content/, 'Tab goes into the editor');
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Control+Enter');
    await settled(page);
    await page.keyboard.press('Tab');
    assert.doesNotMatch(String(await focused()), /cm-content/, 'Tab leaves the editor');
    await tabTo('tab-requests');
    for (const id of ['tab-tokens', 'tab-left-out', 'tab-commands']) {
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), id);
    }
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'panel-commands');
    assert.match((await page.locator('#panel-commands').textContent()) ?? '', /api\.multifactor\.enable\("guardian"/);
  });

  test('is accessible, light and dark, wide and narrow', async () => {
    const { page, close } = await playground.open();
    const fits = async (/** @type {string} */ what, /** @type {number} */ width) =>
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, `${what}: ${width} px`);
    // In the dark it is the colours that are others, and nothing else; 1280 pixels at 200 % are 640.
    for (const [theme, width, rule] of /** @type {[string, number, string?][]} */ ([
      ['light', 1280],
      ['dark', 1280, 'color-contrast'],
      ['light', 640],
      ['dark', 640, 'color-contrast'],
      ['light', 390],
      ['dark', 390, 'color-contrast'],
    ])) {
      await page.setViewportSize({ width, height: 780 });
      await page.selectOption('.theme select', theme);
      for (const tab of ['requests', 'tokens', 'left-out', 'commands', 'log', 'claims', 'file', 'command']) {
        await page.click(`#tab-${tab}`);
        if (tab === 'tokens')
          for (const summary of await page.locator('.inner:not([open]) summary').all()) await summary.click();
        await accessible(page, `${theme}, ${width} px, ${tab}`, rule);
        await fits(tab, width);
      }
      await page.click('#tab-secrets');
      await accessible(page, `${theme}, ${width} px, the secrets`, rule);
      await choose(page, 'fault', '503');
      await accessible(page, `${theme}, ${width} px, a fault`, rule);
      await page.click('#tab-event');
      await accessible(page, `${theme}, ${width} px, the event`, rule);
      await page.click('#tab-left-out');
      await type(page, 'config', '{ "syncs": [ { "use": "unknown" } ] }');
      await page.locator('.problems').waitFor();
      await accessible(page, `${theme}, ${width} px, a problem`, rule);
      await own(page, WARNED);
      await accessible(page, `${theme}, ${width} px, a warning, a note, what was left out`, rule);
      await fits('a warning', width);
      await putCursor(page, 'user.email');
      await page.locator('#why').waitFor();
      await accessible(page, `${theme}, ${width} px, a value`, rule);
      await page.click('#help');
      await accessible(page, `${theme}, ${width} px, help`, rule);
      await page.keyboard.press('Escape');
      await choose(page, 'fault', '');
      await choose(page, 'example', 'several-systems');
    }
    await page.setViewportSize({ width: 320, height: 780 });
    await fits('the narrowest phone', 320);
    await close();
  });

  test('is light or dark as the system is, until somebody chooses', async () => {
    for (const theme of /** @type {const} */ (['light', 'dark'])) {
      const { page, close } = await playground.open({ colorScheme: theme });
      const dark = () => page.evaluate(`getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 60`);
      assert.equal(await dark(), theme === 'dark');
      const other = theme === 'dark' ? 'light' : 'dark';
      await page.selectOption('.theme select', other);
      assert.equal(await dark(), other === 'dark');
      await page.reload();
      await page.waitForSelector('html[data-ready]');
      assert.equal(await dark(), other === 'dark', 'the choice is kept');
      await close();
    }
  });
});
