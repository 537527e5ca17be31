// tests: the playground in a real browser. This file serves the page, waits for it and reads what it shows; what is looked
// at is the tests' business. What runs inside the page is given as text, for its globals are not Node's.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { serve } from '../../playground/serve.mjs';
import { root } from '../../tools/files.mjs';
import { openBrowser, openPage } from '../browser.mjs';
import { until } from '../patience.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {string} [name] of a folder for the built page: two may be built at the same time */
export async function openPlayground(name = 'test') {
  const outDir = path.join(root, 'target', `playground-${name}`);
  const [server, browser] = await Promise.all([serve({ port: 4187, logLevel: 'error', outDir }), openBrowser()]);
  return {
    url: server.url,
    /**
     * The page in a browser context of its own, after its first run.
     * @param {import('playwright-core').BrowserContextOptions} [options]
     * @param {string} [hash] of a link
     */
    async open(options = {}, hash = '') {
      const opened = await openPage(browser, {
        viewport: { width: 1280, height: 800 },
        colorScheme: 'light',
        reducedMotion: 'reduce',
        ...options,
      });
      /** @type {string[]} */
      const requests = [];
      opened.page.on('request', (request) => requests.push(request.url()));
      await opened.page.goto(server.url + hash);
      await opened.page.waitForSelector('html[data-ready]').catch((error) => {
        throw new Error([error.message, ...opened.complaints].join('\n'));
      });
      return { ...opened, requests };
    },
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** @param {Page} page */
export const settled = (page) => page.waitForSelector('#results[aria-busy="false"]');

/** Opens the tab that an element is in, if it is in one. @param {Page} page @param {string} id */
const uncover = (page, id) =>
  page.evaluate(`(() => {
    const panel = document.getElementById(${JSON.stringify(id)})?.closest('[role=tabpanel]');
    if (panel?.hidden) document.getElementById(panel.id.replace('panel-', 'tab-')).click();
  })()`);

/** Waits until what is read of the page is so. @param {() => Promise<string | null>} read @param {RegExp} wanted */
export async function shows(read, wanted) {
  let text = '';
  await until(async () => wanted.test((text = (await read()) ?? '')));
  assert.match(text, wanted);
}

/** Chooses, wherever it is, and waits for the run. @param {Page} page @param {string} id @param {string} value */
export async function choose(page, id, value) {
  await uncover(page, id);
  await page.selectOption(`[id="${id}"]`, value);
  await settled(page);
}

/** The pages of one browser have one clipboard, and tests run at the same time. @type {Promise<unknown>} */
let clipboard = Promise.resolve();

/**
 * What a button puts into the clipboard, and what the page says of it.
 * @param {Page} page
 * @param {string} id of the button
 * @returns {Promise<{ text: string, said: string }>}
 */
export function copied(page, id) {
  const taken = clipboard.then(async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // The words are taken away again after a while, so they are waited for from before the click on.
    const [said] = await Promise.all([page.locator(`#did-${id}`).textContent(), page.click(`#${id}`)]);
    return { said: (said ?? '').trim(), text: String(await page.evaluate('navigator.clipboard.readText()')) };
  });
  clipboard = taken.catch(() => {});
  return taken;
}

/** Replaces the text of an editor. @param {Page} page @param {'config' | 'event'} which @param {string} text */
export async function type(page, which, text) {
  await uncover(page, `editor-${which}`);
  await page.locator(`#panel-${which} .cm-content`).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
  // The editor reads what has come in its own turn.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
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
    document.querySelector('.logins tbody tr:nth-child(${login}) button')?.click();
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

/** Puts the cursor of the config's editor into a text, by a click on it. @param {Page} page @param {string} text */
export async function putCursor(page, text) {
  const at = /** @type {{ x: number, y: number } | null} */ (
    await page.evaluate(`(() => {
      const walk = document.createTreeWalker(document.querySelector('#panel-config .cm-content'), NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const from = node.data.indexOf(${JSON.stringify(text)});
        if (from < 0) continue;
        const range = document.createRange();
        range.setStart(node, from + 1);
        range.setEnd(node, from + 2);
        const { left, top, height } = range.getBoundingClientRect();
        return { x: left + 1, y: top + height / 2 };
      }
      return null;
    })()`)
  );
  assert.ok(at, `${text} is in the editor`);
  await page.mouse.click(at.x, at.y);
}

/** A config with a system that the page does not know. */
export const MINE = `{
  "syncs": [
    {
      "name": "mine",
      "request": {
        "url": "https://api.mine.example/users",
        "body": { "mail": "lower(user.email)", "phone": "user.phone" }
      },
      "response": { "idToken": { "https://mine.example/plan": "plan.name" } },
      "onFailure": { "unavailable": "deny" }
    }
  ]
}
`;
export const HOST = 'api.mine.example';

/** @param {Page} page */
export const config = (page) =>
  page
    .locator('#panel-config .cm-content')
    .evaluate((node) => /** @type {any} */ (node).cmTile?.view?.state.doc.toString() ?? node.textContent);
/** @param {Page} page @param {string} id */
export const chosen = (page, id) => page.locator(`#${id} option:checked`).textContent();
/** @param {Page} page */
export const kept = (page) => page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])').then(String);

/** Types one's own config and waits for its run. @param {Page} page @param {string} [text] */
export async function own(page, text = MINE) {
  await type(page, 'config', text);
  await settled(page);
}

/** @param {Page} page @param {string} field @param {string} value @param {number} [nth] */
export async function answer(page, field, value, nth = 0) {
  await page.locator(`[data-host="${HOST}"] [data-field="${field}"]`).nth(nth).fill(value);
  await settled(page);
}

/** The claims of the ID token that the Action set. @param {Page} page @param {number} [login] */
export async function plan(page, login = 1) {
  const { commands } = await shown(page, login);
  return commands.filter((command) => command.startsWith('idToken')).join();
}
