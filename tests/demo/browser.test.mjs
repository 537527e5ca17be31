// The demo as people see it, in Chromium: pages, buttons, two browsers side by side.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessible, needsBrowser, openBrowser, openPage } from '../browser.mjs';
import { demo } from './visitor.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Presses what leads to another page, and waits for that. @param {Page} page @param {string} name */
const press = (page, name) =>
  Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: false }).click()]);

/** @param {Page} page @param {string} name whom to be */
async function pick(page, name) {
  assert.equal(await page.locator('h1').textContent(), 'Who are you today?');
  await press(page, name);
}

/** A claim of ours as the page shows it. @param {Page} page @param {'id-token' | 'access-token'} token @param {string} name */
const claim = (page, token, name) => page.locator(`#${token}-claims [data-claim="${name}"] td`).first().textContent();

/** @param {Page} page */
async function calls(page) {
  const [now, total] = await Promise.all(['#calls-now', '#calls-total'].map((id) => page.locator(id).textContent()));
  return { now: Number(now), total: Number(total) };
}

/** What became of each system. @param {Page} page @returns {Promise<Record<string, string>>} */
const outcomes = async (page) =>
  Object.fromEntries(
    await Promise.all(
      ['cleeng', 'userhub', 'crm'].map(async (system) => [
        system,
        await page.locator(`[data-system="${system}"] .badge`).textContent(),
      ]),
    ),
  );

describe('the demo in a browser', needsBrowser, () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  /** To be called before the demo is opened, and so closed before it is. @param {import('node:test').TestContext} t */
  async function visit(t) {
    const { page, complaints, close } = await openPage(browser);
    t.after(close);
    t.after(() => assert.deepEqual(complaints, []));
    return page;
  }

  it('logs in, shows verified tokens and mapped attributes, refreshes and logs in again without a call', async (t) => {
    const page = await visit(t);
    const opened = await demo(t);
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(opened.url);
    await press(page, 'Log in');
    const authorize = new URL(asked.find((url) => url.includes('/authorize?')) ?? '');
    assert.equal(authorize.origin, new URL(opened.issuer).origin);
    assert.deepEqual(
      ['response_type', 'code_challenge_method'].map((name) => authorize.searchParams.get(name)),
      ['code', 'S256'],
    );
    assert.match(authorize.searchParams.get('code_challenge') ?? '', /^[\w-]{43}$/);

    await pick(page, 'Maja');
    assert.equal(await page.locator('h1').textContent(), 'Maja Lindqvist');
    assert.ok(!page.url().includes('code='), 'the code is not left in the address');
    assert.deepEqual(await calls(page), { now: 3, total: 3 });
    assert.deepEqual(await outcomes(page), { cleeng: 'ok', userhub: 'ok', crm: 'ok' });
    assert.equal(await claim(page, 'id-token', 'https://crm.example.com/name'), 'Maja Lindqvist');
    assert.equal(await claim(page, 'access-token', 'https://example.com/plan'), 'pln_basic');
    const nonce = authorize.searchParams.get('nonce') ?? '';
    for (const fact of ['RS256', opened.issuer, opened.client.client_id, nonce])
      assert.ok((await page.locator('section:has(#id-token) .checks').textContent())?.includes(fact), fact);
    const attribute = page.locator('[data-attribute="ID token https://example\\\\.com/roles"]');
    assert.deepEqual(
      await attribute
        .locator('th, td')
        .allTextContents()
        .then((cells) => cells.map((cell) => cell.trim())),
      ['Roles (example.com)', 'ID token', String.raw`https://example\.com/roles`, 'string_array', '["subscriber"]'],
    );
    assert.equal(await page.locator('#attribute-table .badge').count(), 0);
    const cleeng = await claim(page, 'id-token', 'cleeng_access_token');

    await press(page, 'Refresh the tokens');
    assert.deepEqual(await calls(page), { now: 0, total: 3 });
    assert.deepEqual(await outcomes(page), { cleeng: 'reused', userhub: 'fresh', crm: 'fresh' });
    assert.equal(await claim(page, 'id-token', 'cleeng_access_token'), cleeng);

    await press(page, 'Log in again');
    assert.deepEqual(await calls(page), { now: 0, total: 3 });
    assert.equal(await claim(page, 'id-token', 'https://example.com/logins'), '2');
    assert.equal(await claim(page, 'id-token', 'https://crm.example.com/name'), 'Maja Lindqvist');
    assert.deepEqual(await page.locator('table.log tbody tr td:nth-child(2)').allTextContents(), [
      'login',
      'refresh',
      'login',
    ]);

    await press(page, 'Log out');
    await press(page, 'Log out');
    assert.equal(await page.locator('h1').textContent(), 'A real login, on this machine');
    assert.equal(page.url(), opened.url);
  });

  it('keeps two people in two browsers apart', async (t) => {
    const [one, other] = await Promise.all([visit(t), visit(t)]);
    const opened = await demo(t);
    const logins = [
      [one, 'Maja'],
      [other, 'Thomas'],
    ].map(async ([page, name]) => {
      await /** @type {Page} */ (page).goto(opened.url);
      await press(/** @type {Page} */ (page), 'Log in');
      await pick(/** @type {Page} */ (page), String(name));
    });
    await Promise.all(logins);
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await claim(one, 'id-token', 'https://crm.example.com/name'), 'Maja Lindqvist');
      assert.equal(await claim(other, 'id-token', 'https://crm.example.com/name'), 'Thomas A. Reyes');
      const [mine, theirs] = await Promise.all([one.content(), other.content()]);
      for (const [text, strangers] of /** @type {[string, string[]][]} */ ([
        [mine, ['Thomas', 'Reyes', 'google-oauth2', 'crm-21679']],
        [theirs, ['Maja', 'Lindqvist', 'crm-11469']],
      ])) {
        for (const stranger of strangers) assert.ok(!text.includes(stranger), `${stranger} is on the other's page`);
      }
      await Promise.all([press(one, 'Refresh'), press(other, 'Refresh')]);
    }
  });

  it('shows a denied login as the application gets it, and lets somebody else in', async (t) => {
    const page = await visit(t);
    const opened = await demo(t);
    await page.goto(opened.url);
    await press(page, 'Log in');
    await pick(page, 'Noor');
    assert.deepEqual(await Promise.all(['#error', '#description'].map((id) => page.locator(id).textContent())), [
      'access_denied',
      'We could not complete your login (cleeng: conflict).',
    ]);
    await page.reload();
    assert.equal(await page.locator('h1').textContent(), 'A real login, on this machine');

    await press(page, 'Log in');
    await pick(page, 'Piet');
    assert.equal(await page.locator('#description').textContent(), 'Please contact support.');
    await press(page, 'Log in as someone else');
    await pick(page, 'Aiko');
    assert.match((await page.locator('.lead').textContent()) ?? '', /second factor: guardian/);
    await press(page, 'Approve');
    assert.equal(await page.locator('h1').textContent(), 'Aiko Tanaka');
    assert.deepEqual((await outcomes(page)).crm, 'skipped');
  });

  it('is accessible, light and dark, wide and narrow', async (t) => {
    const opened = await demo(t);
    // 640 is 1280 at 200 %.
    const modes = [1280, 640, 390].flatMap((width) =>
      /** @type {const} */ (['light', 'dark']).map((colorScheme) => /** @type {const} */ ([width, colorScheme])),
    );
    for (const [width, colorScheme] of modes) {
      const { page, close } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      t.after(close);
      const what = (/** @type {string} */ place) => `${place}, ${width} px, ${colorScheme}`;
      await page.goto(opened.url);
      await accessible(page, what('home'));
      await press(page, 'Log in');
      await page.waitForURL(/\/u\/login\//);
      await accessible(page, what('picker'));
      await pick(page, 'Maja');
      await page.locator('#id-token').waitFor();
      for (const summary of await page.locator('summary').all()) await summary.click();
      await accessible(page, what('tokens'));
      // What is wider than the screen can be reached by the keyboard.
      const table = page.getByRole('region', { name: 'Mapped attributes' });
      await table.focus();
      assert.ok(await table.evaluate((node) => node === node.ownerDocument.activeElement));
      await press(page, 'someone else');
      await pick(page, 'Noor');
      await page.locator('#error').waitFor();
      await accessible(page, what('denied'));
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, what('denied'));
      await close();
    }
  });

  it('can be used by keyboard and on a phone, light and dark', async (t) => {
    const opened = await demo(t);
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const { page, complaints, close } = await openPage(browser, {
        colorScheme,
        viewport: { width: 360, height: 700 },
      });
      t.after(close);
      await page.goto(opened.url);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/u\/login\//); // once it is loaded
      for (const place of ['picker', 'tokens']) {
        if (place === 'tokens') {
          await pick(page, 'Thomas');
          await page.locator('#id-token').waitFor();
        }
        await page.waitForLoadState('load');
        assert.equal(
          await page.evaluate('document.documentElement.scrollWidth'),
          360,
          `${place}: the page is wider than the screen`,
        );
        for (const pair of await page.evaluate(contrasts))
          assert.ok(
            pair.ratio >= 4.5,
            `${place}, ${colorScheme}: \`${pair.text}\` has a contrast of ${pair.ratio.toFixed(2)}`,
          );
      }
      assert.deepEqual(complaints, []);
    }
  });
});

/** In the page: the contrast of each text that is seen against what is behind it, as WCAG computes it. @returns {{ text: string, ratio: number }[]} */
function contrasts() {
  const { document, getComputedStyle } = /** @type {any} */ (globalThis);
  const rgb = (/** @type {string} */ color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = (/** @type {string} */ color) => {
    const [r = 0, g = 0, b = 0] = rgb(color).map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (/** @type {any} */ element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const text = [...element.childNodes]
      .filter((node) => node.nodeType === 3)
      .map((node) => node.textContent.trim())
      .join('');
    if (!text || !element.checkVisibility()) return [];
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    return [{ text: text.slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }];
  });
}
