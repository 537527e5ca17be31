// tests: the playground in a real browser. This file serves the page, waits for it and reads what it shows; what is looked
// at is the tests' business. What runs inside the page is given as text, for its globals are not Node's.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { serve } from '../../playground/serve.mjs';
import { root } from '../../tools/files.mjs';
import { openBrowser, openPage } from '../browser.mjs';

/** @typedef {import('playwright-core').Page} Page */

export async function openPlayground() {
  const [server, browser] = await Promise.all([serve({ port: 4187, logLevel: 'error' }), openBrowser()]);
  return {
    url: server.url,
    /**
     * The page in a browser context of its own, after its first run.
     * @param {import('playwright-core').BrowserContextOptions} [options]
     */
    async open(options = {}) {
      const opened = await openPage(browser, {
        viewport: { width: 1280, height: 800 },
        colorScheme: 'light',
        reducedMotion: 'reduce',
        ...options,
      });
      /** @type {string[]} */
      const requests = [];
      opened.page.on('request', (request) => requests.push(request.url()));
      await opened.page.goto(server.url);
      await opened.page.waitForSelector('html[data-ready]').catch((error) => {
        throw new Error([error.message, ...opened.complaints].join('\n'));
      });
      return { ...opened, requests };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** @param {Page} page */
export const settled = (page) => page.waitForSelector('#results[aria-busy="false"]');

/** Chooses in the toolbar, and waits for the run. @param {Page} page @param {string} id @param {string} value */
export async function choose(page, id, value) {
  await page.selectOption(`#${id}`, value);
  await settled(page);
}

/** Replaces the text of an editor. @param {Page} page @param {'config' | 'event'} which @param {string} text */
export async function type(page, which, text) {
  await page.locator(`#panel-${which} .cm-content`).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** @param {Page} page */
export async function run(page) {
  await page.click('#run');
  await settled(page);
}

/**
 * What the page shows of an execution. The page draws at once, so all of it is read in one go.
 * @param {Page} page
 * @param {number} [login] from 1 on
 * @returns {Promise<{ verdict: string, more: string[], commands: string[], syncs: Record<string, string>[], line: string, faults: string[] }>}
 */
export const shown = (page, login = 1) =>
  page.evaluate(`(() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const texts = (selector) => all(selector).map((each) => each.textContent.replaceAll(/\\s+/g, ' ').trim());
    document.querySelector('.logins button:nth-child(${login})')?.click();
    const verdict = texts('.verdict h2')[0];
    const more = texts('.verdict .more');
    document.getElementById('tab-commands').click();
    const commands = texts('.commands code').map((text) => text.replace(/^api\\./, ''));
    document.getElementById('tab-log').click();
    const syncs = all('#panel-log tbody tr').map((row) => {
      const [name, outcome, status, detail, attempts] = [...row.children].map((cell) => cell.textContent.trim());
      return { name, outcome, status, detail, attempts };
    });
    return { verdict, more, commands, syncs, line: texts('#panel-log .line')[0], faults: texts('#panel-log .fault') };
  })()`);

/** The shipped examples. */
export const examples = readdirSync(path.join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, file: path.join(root, 'examples', name, 'config.json') }));
