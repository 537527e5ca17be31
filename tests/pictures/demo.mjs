// tests/pictures/: those of the demo, from a login of Maja's to Noor's that is denied.
import { openDemo } from '../../demo/open.mjs';
import { openBrowser, openPage } from '../browser.mjs';

/** @param {import('./pictures.mjs').Shot} shot */
export async function make(shot) {
  const demo = await openDemo();
  const browser = await openBrowser();
  try {
    const { page } = await openPage(browser, { colorScheme: 'light', viewport: { width: 1120, height: 900 } });
    /** @param {number} [height] the whole page without it */
    const seen = async (height) => {
      await page.waitForLoadState('load');
      return page.screenshot({
        ...(height ? { clip: { x: 0, y: 0, width: 1120, height }, fullPage: true } : { fullPage: true }),
      });
    };
    const press = (/** @type {string} */ name) => page.getByRole('button', { name }).click();
    const shown = (/** @type {string} */ text) => page.getByRole('heading', { name: text }).waitFor();

    await page.goto(demo.url);
    await press('Log in');
    await shown('Who are you');
    await shot('demo-picker', seen());
    await press('Maja');
    await shown('Maja');
    await shot('demo-tokens', seen(1260));
    await shot('demo-attributes', page.locator('section:has(#attributes)').screenshot());
    await page.emulateMedia({ colorScheme: 'dark' });
    await press('Refresh');
    await page.getByText('in this refresh').first().waitFor();
    await shot('demo-refresh', seen(540));
    await press('someone else');
    await press('Noor');
    await shown('You are not logged in');
    await shot('demo-denied', seen(560));
  } finally {
    await browser.close();
    await demo.close();
  }
}
