// tests/: a browser for tests of what people see: Chromium as the machine has it, driven by playwright-core. Nothing in it
// may leave the machine, and whatever a page complains about is a failure.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { browserProgram } from '../tools/develop/browser.mjs';
import { FILE_MS, PATIENCE_MS } from './patience.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = browserProgram();

/**
 * For the options of a file's tests: why they cannot run here. In continuous integration they must.
 * @type {{ skip?: string, timeout: number }}
 */
export const needsBrowser = {
  timeout: FILE_MS,
  ...(!executablePath &&
    !process.env.CI && {
      skip: 'no Chromium here: install the package `chromium`, or name one in the variable CHROMIUM',
    }),
};

/** A browser, to be closed in the end. */
export function openBrowser() {
  assert.ok(
    executablePath,
    'there is no Chromium: install the package `chromium`, or name one in the variable CHROMIUM',
  );
  return chromium.launch({ executablePath, args: FLAGS, timeout: PATIENCE_MS });
}

/**
 * A page in a context of its own: its cookies are no one else's. What went wrong in it is collected in `complaints`.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  /** @type {string[]} */
  const complaints = [];
  await context.route(
    (url) => url.protocol.startsWith('http') && url.hostname !== '127.0.0.1' && url.hostname !== 'localhost',
    (route) => {
      complaints.push(`asked for ${route.request().url()}`);
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds is a failure. @param {import('playwright-core').Page} page @param {string} what @param {string} [rule] this one alone */
export async function accessible(page, what, rule) {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(await axe);
  const runOnly = rule ? [rule] : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = /** @type {any} */ (
    await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] })`)
  );
  const found = violations.map(
    (/** @type {any} */ { id, nodes }) =>
      `${id}: ${nodes
        .map((/** @type {any} */ node) => `${node.target} ${node.failureSummary}`)
        .slice(0, 3)
        .join(' | ')}`,
  );
  assert.deepEqual(found, [], what);
}
