// Makes docs/images/demo-*.png again: `node tests/demo/screenshots.mjs [FOLDER]`. It is no test.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openDemo } from '../../demo/open.mjs';
import { openBrowser, openPage } from '../browser.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/images', import.meta.url));
await mkdir(folder, { recursive: true });
const demo = await openDemo();
const browser = await openBrowser();
try {
  const { page } = await openPage(browser, { colorScheme: 'light', viewport: { width: 1120, height: 900 } });
  /** @param {string} name @param {number} [height] the whole page without it */
  const shot = async (name, height) => {
    await page.waitForLoadState('load');
    await page.screenshot({
      path: path.join(folder, `demo-${name}.png`),
      ...(height ? { clip: { x: 0, y: 0, width: 1120, height }, fullPage: true } : { fullPage: true }),
    });
  };
  const press = (/** @type {string} */ name) => page.getByRole('button', { name }).click();
  const shown = (/** @type {string} */ text) => page.getByRole('heading', { name: text }).waitFor();

  await page.goto(demo.url);
  await press('Log in');
  await shown('Who are you');
  await shot('picker');
  await press('Maja');
  await shown('Maja');
  await shot('tokens', 1260);
  await page.locator('section:has(#attributes)').screenshot({ path: path.join(folder, 'demo-attributes.png') });
  await page.emulateMedia({ colorScheme: 'dark' });
  await press('Refresh');
  await page.getByText('in this refresh').first().waitFor();
  await shot('refresh', 540);
  await press('someone else');
  await press('Noor');
  await shown('You are not logged in');
  await shot('denied', 560);
} finally {
  await browser.close();
  await demo.close();
}
