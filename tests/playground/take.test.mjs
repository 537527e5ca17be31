// tests: what can be taken along from the playground, and brought to it: a link, a command, a real event; and that it can be read
// everywhere.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run as runProgram } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { accessible, needsBrowser } from '../browser.mjs';
import {
  answer,
  choose,
  config,
  copied,
  HOST,
  kept,
  MINE,
  openPlayground,
  own,
  plan,
  putCursor,
  settled,
  shown,
  type,
} from './browser.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @type {Awaited<ReturnType<typeof openPlayground>>} */
let playground;

describe('what goes in and out of the playground', { ...needsBrowser, concurrency: 4 }, () => {
  before(async () => {
    playground = await openPlayground('take');
  });
  after(() => playground?.close());

  test('gives a link that has all but the secrets, and opens it without harm', async () => {
    const { page } = await playground.open();
    const text = MINE.replace('"url"', '"headers": { "x-key": { "secret": "MY_KEY" } },\n        "url"');
    await own(page, text);
    await page.click('#tab-secrets');
    await page.getByLabel('MY_KEY').fill('s3cr3t-of-mine');
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "name": "gold" } }');
    await type(
      page,
      'event',
      '{ "user": { "user_id": "auth0|1", "email": "é@example.com" }, "secrets": { "A": "s3cr3t-in-event" } }',
    );
    await settled(page);
    const { text: link, said } = await copied(page, 'share');
    assert.match(said, /In it are the config, your answers and the event.*; no secrets/);
    assert.ok(link.startsWith(`${playground.url}#try=`), link);
    const inflated = String(
      await page.evaluate(`(async () => {
      const packed = Uint8Array.from(atob(${JSON.stringify(link)}.split('=')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
      return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
    })()`),
    );
    assert.match(inflated, /gold/);
    assert.doesNotMatch(inflated, /s3cr3t/);

    const other = await playground.open();
    await own(other.page, '{ "log": "json" }');
    await other.page.goto(link);
    await other.page.waitForFunction('location.hash === ""');
    await settled(other.page);
    assert.equal(await config(other.page), text);
    assert.match(await plan(other.page), /gold/);
    assert.match((await other.page.locator('#panel-event .cm-content').textContent()) ?? '', /é@example\.com/);
    assert.deepEqual(await other.page.locator('#example optgroup').first().locator('option').allTextContents(), [
      'from a link',
      'my several-systems',
    ]);
    for (const broken of ['#try=', '#try=AAAA', `${link.slice(link.indexOf('#'), -9)}`, '#try=q1Yqzs9NVbJSMjZSqgUA']) {
      await other.page.goto(`${playground.url}${broken}`);
      await other.page.waitForFunction('location.hash === ""');
      await settled(other.page);
      assert.match((await other.page.locator('#did-share').textContent()) ?? '', /damaged/, broken);
    }
    assert.deepEqual(other.complaints, []);

    await own(page, text.replace('user.phone', "'s3cr3t-of-mine'"));
    await page.click('#share');
    await page.locator('#did-share', { hasText: 'There is no link: the secret MY_KEY is in the config' }).waitFor();
  });

  test('takes a real event, without its secrets and its password', async () => {
    const { page } = await playground.open();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-'));
    const file = path.join(folder, 'real.json');
    const real = {
      user: { user_id: 'auth0|real', email: 'real@example.com' },
      request: { ip: '203.0.113.9', body: { password: 'hunter22-hunter22' } },
      stats: { logins_count: 3 },
      secrets: { CRM_API_KEY: 's3cr3t-of-the-tenant' },
    };
    await writeFile(file, `2026-11-27 login event: ${JSON.stringify(real)}\n`);
    await page.click('#tab-event');
    await page.setInputFiles('#import', file);
    await page
      .locator('#event-note', { hasText: 'real.json: a post-login event, without its secrets and the password.' })
      .waitFor();
    await settled(page);
    await page.click('#tab-requests');
    const sent = (await page.locator('#panel-requests').textContent()) ?? '';
    assert.match(sent, /real@example\.com/);
    assert.doesNotMatch(sent, /\+46701740605|Maja/, 'nothing is mixed in');
    assert.doesNotMatch(`${await page.locator('body').textContent()}${await kept(page)}`, /s3cr3t|hunter22/);
    await writeFile(
      file,
      JSON.stringify({ user: { user_id: 'auth0|new', email: 'new@example.com' }, connection: { name: 'customers' } }),
    );
    await page.setInputFiles('#import', file);
    await page.locator('#event-note', { hasText: 'a post-user-registration event.' }).waitFor();
    assert.equal(await page.inputValue('#trigger'), 'post-user-registration');
    // Or pasted, with what a log says before it, over what is there.
    const paste = (/** @type {string} */ text) =>
      page.locator('#panel-event .cm-content').evaluate((node, text) => {
        const { DataTransfer, ClipboardEvent } = /** @type {any} */ (globalThis);
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', text);
        node.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    await paste(`event: ${JSON.stringify({ ...real, user: { user_id: 'auth0|pasted', email: 'p@example.com' } })}`);
    await page
      .locator('#event-note', { hasText: 'pasted event: a post-login event, without its secrets and the pass' })
      .waitFor();
    await settled(page);
    assert.equal(await page.inputValue('#trigger'), 'post-login');
    assert.doesNotMatch(`${await page.locator('body').textContent()}${await kept(page)}`, /s3cr3t|hunter22/);
    await type(page, 'event', '');
    await paste('"a word"');
    assert.equal(await page.locator('#panel-event .cm-content').textContent(), '"a word"', 'a part is written');

    await writeFile(file, '{ "no": "event" }');
    await page.setInputFiles('#import', file);
    await page
      .locator('#event-note', {
        hasText: 'real.json is not taken: this is no event: an object with the field `user`, `client` or `message`',
      })
      .waitFor();
    await rm(folder, { recursive: true });
  });

  test('runs one at a time: of two at once only the later one, and a link is shown with its own requests', async () => {
    const { page } = await playground.open();
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "name": "gold" } }');
    await answer(page, 'delayMs', '3000');
    const requests = (/** @type {Page} */ shownBy) => shownBy.locator('.logins td:nth-child(4)').allTextContents();
    const alone = await requests(page);
    assert.equal(alone[0], '2', 'one is given up, and one comes back');
    await page.evaluate(`for (let i = 0; i < 3; i += 1) document.getElementById('run').click()`);
    await settled(page);
    assert.deepEqual(await requests(page), alone);
    const { text: link } = await copied(page, 'share');
    const other = await playground.open({}, link.slice(link.indexOf('#')));
    await settled(other.page);
    assert.deepEqual(await requests(other.page), alone);
  });

  test('gives a command that does the same in a terminal', async () => {
    const { page } = await playground.open();
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "name": "it\'s gold" } }');
    await page.getByRole('button', { name: 'Add an answer' }).click();
    await answer(page, 'body', '{ "plan": { "name": "silver" } }', 1);
    await answer(page, 'status', '201', 1);
    await answer(page, 'delayMs', '700', 1);
    await type(
      page,
      'event',
      '{ "user": { "user_id": "auth0|1", "email": "A@example.com" }, "transaction": { "requested_scopes": ["openid"] } }',
    );
    await settled(page);
    const { commands, syncs } = await shown(page, 2);
    await page.click('#tab-requests');
    const body = await page.locator('[aria-label="Body of the request"]').textContent();
    await page.click('#tab-command');
    const { text: script } = await copied(page, 'copy-command');
    assert.match(script, /\nnpm run simulate -- .* --repeat 2 --apart 60000$/m);
    assert.doesNotMatch(script, /npx/, 'nothing is asked of the registry');
    const asJson = script.replace('npm run simulate --', 'npm run -s simulate -- --json');
    const { code, stdout, output } = await runProgram('sh', ['-c', asJson], { cwd: root });
    assert.equal(code, 0, output);
    const second = JSON.parse(stdout)[1];
    assert.deepEqual(
      second.commands.map(
        (/** @type {any} */ { method, args }) =>
          `${method}(${args.map((/** @type {any} */ arg) => JSON.stringify(arg)).join(', ')})`,
      ),
      commands,
    );
    assert.deepEqual(
      second.syncs.map((/** @type {any} */ { name, outcome }) => [name, outcome]),
      syncs.map(({ name, outcome }) => [name, outcome]),
    );
    assert.deepEqual(JSON.parse(second.requests[0].body), JSON.parse(body ?? ''));
    assert.deepEqual([second.requests[0].status, second.ms >= 700], [201, true]);
    assert.match(await readFile(path.join(root, 'target', 'try', 'config.json'), 'utf8'), /api\.mine\.example/);
  });

  test('says where the file and its secrets go, and how often an event comes again', async () => {
    const { page } = await playground.open();
    await choose(page, 'example', 'connector: cleeng');
    await page.click('#tab-file');
    const steps = async () => (await page.locator('#panel-file .steps-in-auth0').textContent()) ?? '';
    assert.match(await steps(), /CLEENG_CLIENT_SECRET/);
    assert.match(await steps(), /Actions > Library > Create Action[\s\S]*key icon[\s\S]*Actions > Triggers/);
    await choose(page, 'example', 'empty config');
    assert.match(await steps(), /the secrets of your systems/);
    await choose(page, 'example', 'users-by-event-stream');
    assert.match(await steps(), /make an event stream with the Action as its destination/);
    await choose(page, 'fault', '503');
    const { verdict, more } = await shown(page);
    assert.equal(verdict, 'Ended with an error');
    assert.match(more[0] ?? '', /deliver this event again\. Auth0 delivers an event four times at most\.$/);
    await choose(page, 'fault', '400');
    const lost = await shown(page);
    assert.deepEqual([lost.verdict, lost.more[0]], ['Failed for good', 'Auth0 does not deliver the event again']);
  });

  test('has help, is calm on a phone and at twice the size', async () => {
    const { page } = await playground.open();
    await page.click('#help');
    assert.ok((await page.locator('#help-text a').count()) >= 4);
    await accessible(page, 'help');
    await page.keyboard.press('Escape');
    await page.locator('#help:focus').waitFor(); // back where it was opened
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await choose(page, 'logins', '10');
    // 1280 pixels at 200 % are 640.
    for (const width of [640, 390, 320]) {
      await page.setViewportSize({ width, height: 780 });
      for (const tab of ['config', 'event', 'systems', 'secrets']) {
        await page.click(`#tab-${tab}`);
        assert.ok(
          Number(await page.evaluate('document.documentElement.scrollWidth')) <= width,
          `${tab}: ${width} px are enough`,
        );
        if (width === 390) await accessible(page, `${tab} on a phone`);
      }
    }
    await page.click('#tab-config');
    await putCursor(page, 'user.phone');
    await page.locator('#why .because').waitFor();
    await page.locator('#why summary').click();
    await accessible(page, 'a value on a phone');
    const top = async (/** @type {string} */ selector) =>
      Number((await page.locator(selector).first().boundingBox())?.y ?? assert.fail(selector));
    assert.ok((await top('#editor-config')) < (await top('#toolbar select')), 'the config comes first');
    for (const tab of ['requests', 'command', 'file']) {
      await page.click(`#tab-${tab}`);
      await accessible(page, `${tab} on a phone`);
    }
  });
});
