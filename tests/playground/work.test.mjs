// tests: the playground as a place to work in: what a person made is kept, runs as it is typed, and can be taken along; their
// own systems answer; and it is said why a value is null.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run as runProgram } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { accessible, needsBrowser } from '../browser.mjs';
import { choose, openPlayground, putCursor, settled, shown, type } from './browser.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @type {Awaited<ReturnType<typeof openPlayground>>} */
let playground;

/** A system that the page does not know. */
const MINE = `{
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
const HOST = 'api.mine.example';

/** @param {Page} page */
const config = (page) =>
  page
    .locator('#panel-config .cm-content')
    .evaluate((node) => /** @type {any} */ (node).cmTile?.view?.state.doc.toString() ?? node.textContent);
/** @param {Page} page @param {string} id */
const chosen = (page, id) => page.locator(`#${id} option:checked`).textContent();
/** @param {Page} page */
const kept = (page) => page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])').then(String);

/** Types one's own config and waits for its run. @param {Page} page @param {string} [text] */
async function own(page, text = MINE) {
  await type(page, 'config', text);
  await settled(page);
}

/** @param {Page} page @param {string} field @param {string} value @param {number} [nth] */
async function answer(page, field, value, nth = 0) {
  await page.locator(`[data-host="${HOST}"] [data-field="${field}"]`).nth(nth).fill(value);
  await settled(page);
}

/** The claims of the ID token that the Action set. @param {Page} page @param {number} [login] */
async function plan(page, login = 1) {
  const { commands } = await shown(page, login);
  return commands.filter((command) => command.startsWith('idToken')).join();
}

describe('the playground as a place to work in', { ...needsBrowser, timeout: 180_000, concurrency: 4 }, () => {
  before(async () => {
    playground = await openPlayground('work');
  });
  after(() => playground?.close());

  test('keeps what a person made, whatever they choose next', async () => {
    const { page } = await playground.open();
    const [first, second] = ['{ "log": "json" }', '{ "budgetMs": 3000 }'];
    await own(page, first);
    assert.equal(await chosen(page, 'example'), 'my several-systems');
    await choose(page, 'example', 'crm-once-a-day');
    await own(page, second);
    await choose(page, 'example', 'mfa-by-region');
    await page.selectOption('#example', { label: 'my several-systems' });
    await settled(page);
    assert.equal(await config(page), first);
    await page.selectOption('#example', { label: 'my crm-once-a-day' });
    await settled(page);
    assert.equal(await config(page), second);

    await type(
      page,
      'event',
      '{ "user": { "user_id": "auth0|1", "email": "a@example.com" }, "secrets": { "A": "s3cr3t-in-event" } }',
    );
    await settled(page);
    await choose(page, 'sample', 'refresh');
    assert.doesNotMatch(await kept(page), /s3cr3t/, 'the secrets of an event are not kept');
    assert.match(await page.evaluate('JSON.stringify({...sessionStorage})').then(String), /a@example\.com/);
    assert.doesNotMatch(await page.evaluate('JSON.stringify({...localStorage})').then(String), /a@example\.com/);
    await page.selectOption('#sample', { label: 'my login with a password' });
    await settled(page);
    assert.match((await page.locator('#panel-event .cm-content').textContent()) ?? '', /a@example\.com/);

    await page.reload();
    await page.waitForSelector('html[data-ready]');
    assert.equal(await config(page), second);
    assert.equal(await page.locator('#sample option:checked').textContent(), 'my login with a password');
    await page.selectOption('#example', { label: 'my several-systems' });
    await settled(page);
    assert.equal(await config(page), first);
    // What is emptied is forgotten.
    await own(page, '');
    await choose(page, 'example', 'mfa-by-region');
    assert.deepEqual(await page.locator('#example optgroup').first().locator('option').allTextContents(), [
      'my crm-once-a-day',
    ]);
  });

  test('keeps what is made in two tabs apart', async () => {
    const { page } = await playground.open();
    const other = await page.context().newPage();
    await other.goto(playground.url);
    await other.waitForSelector('html[data-ready]');
    await own(page, '{ "log": "json" }');
    await own(other, '{ "budgetMs": 3000 }');
    await other.reload();
    await other.waitForSelector('html[data-ready]');
    const listed = await other.locator('#example optgroup').first().locator('option').all();
    const texts = [];
    for (const option of listed) {
      await other.selectOption('#example', await option.getAttribute('value'));
      await settled(other);
      texts.push(await config(other));
    }
    assert.deepEqual(texts.sort(), ['{ "budgetMs": 3000 }', '{ "log": "json" }']);
  });

  test('takes over the config that an earlier version kept, and does without storage', async () => {
    const { page, complaints } = await playground.open();
    await page.evaluate(
      `localStorage.clear(); localStorage.setItem('login-sync.config', '{ "log": "json" }'); localStorage.removeItem('login-sync.chosen')`,
    );
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    assert.equal(await config(page), '{ "log": "json" }');
    assert.equal(await chosen(page, 'example'), 'my config');

    const context = await playground.browser.newContext();
    await context.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(globalThis, name, {
          get: () => {
            throw new Error('no storage');
          },
        });
    });
    const bare = await context.newPage();
    await bare.goto(playground.url);
    await bare.waitForSelector('html[data-ready]');
    await own(bare);
    await bare.getByText('This browser keeps nothing').waitFor();
    await choose(bare, 'example', 'mfa-by-region');
    await bare.selectOption('#example', { label: 'my several-systems' });
    await settled(bare);
    assert.equal(await config(bare), MINE);
    await context.close();
    assert.deepEqual(complaints, []);
  });

  test('runs what is typed, and shows no verdict of something else', async () => {
    const { page } = await playground.open();
    const verdict = () => page.locator('.verdict').getAttribute('class');
    assert.match((await verdict()) ?? '', /good/);
    await page.locator('#panel-config .cm-content').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('{ "syncs": [ { "use": "none-of-these" } ] }');
    assert.match((await verdict()) ?? '', /stale/, 'at once');
    await settled(page);
    assert.match(
      (await page.locator('.verdict h2').textContent()) ?? '',
      /The config is refused, and the login denied/,
    );
    assert.ok((await page.locator('.problems li').count()) > 0);
    // What is under way when more is typed is of what was there before.
    await page.evaluate("document.getElementById('run').click()");
    await page.locator('#panel-config .cm-content').press('Control+End');
    await page.keyboard.press('Space');
    assert.equal(await page.locator('#results').getAttribute('aria-busy'), 'true');
    await settled(page);
    await own(page, '{ "syncs": [ ');
    assert.equal(await page.locator('.verdict h2').textContent(), 'Nothing was run');
    assert.equal(await page.locator('.verdict').count(), 1);
    await own(page, '{ "syncs": [], "claims": { "idToken": { "a": "user.nickname" } } }');
    assert.match(await plan(page), /idToken\.setCustomClaim\("a", "maja"\)/);
    await type(
      page,
      'event',
      '{ "user": { "user_id": "auth0|2", "nickname": "another" }, "transaction": { "requested_scopes": ["openid"] } }',
    );
    await settled(page);
    assert.match(await plan(page), /"another"/);
  });

  test('lets systems of one’s own answer', async () => {
    const { page, complaints } = await playground.open();
    await own(page);
    assert.match(
      (await page.locator('.echo').first().textContent()) ?? '',
      /An echo: the page does not know this system/,
    );
    await page.getByRole('button', { name: 'Give its answer' }).first().click();
    assert.equal(await page.evaluate('document.activeElement.id'), `does-${HOST}`);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "name": "gold" } }');
    assert.equal(await plan(page), 'idToken.setCustomClaim("https://mine.example/plan", "gold")');
    assert.equal(await page.locator('.echo').count(), 0);

    // In their order, with status, headers and delay.
    await page.getByRole('button', { name: 'Add an answer' }).click();
    await answer(page, 'body', '{ "plan": { "name": "silver" } }', 1);
    await answer(page, 'headers', 'X-From: mine', 1);
    await answer(page, 'delayMs', '700', 1);
    assert.match(await plan(page, 1), /gold/);
    assert.match(await plan(page, 2), /silver/);
    const { line } = await shown(page, 2);
    assert.ok(Number(/ ms=(\d+)/.exec(line)?.[1]) >= 700, line);
    await page.click('#tab-requests');
    assert.match((await page.locator('#panel-requests .sides section').nth(1).textContent()) ?? '', /x-from\s*mine/i);
    await answer(page, 'status', '503', 1);
    const { syncs, verdict } = await shown(page, 2);
    assert.deepEqual([syncs[0]?.outcome, syncs[0]?.status, verdict], ['unavailable', '503', 'The login is denied']);
    await answer(page, 'status', 'abc', 1);
    assert.match(
      (await page.locator('.answer .wrong').nth(1).textContent()) ?? '',
      /Not used: the status must be a number/,
    );
    assert.match(await plan(page, 2), /gold/, 'the one that is right counts');

    // They are kept with the config.
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    assert.match(await plan(page, 1), /gold/);
    await page.click('#tab-systems');
    await page.getByRole('button', { name: 'Remove' }).last().click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await settled(page);
    assert.match(
      (await page.locator(`[data-host="${HOST}"]`).textContent()) ?? '',
      /The page does not know this system/,
    );
    await choose(page, `does-${HOST}`, 'timeout');
    assert.deepEqual(
      (await shown(page)).syncs.map(({ detail }) => detail),
      ['timeout'],
    );
    assert.deepEqual(complaints, []);
  });

  test('has a row for each login, and says when the breaker is open', async () => {
    const { page } = await playground.open();
    await own(page);
    await choose(page, 'logins', '10');
    const rows = async () =>
      (await page.locator('.logins tbody tr').allTextContents()).map((row) => row.replaceAll(/\s+/g, ' ').trim());
    assert.equal((await rows()).length, 10);
    assert.match((await rows())[9] ?? '', /^login 10 goes on \d+ ms 1 mine ok$/);
    await choose(page, 'who', 'others');
    await choose(page, 'apart', '50');
    await choose(page, 'fault', '503');
    const failed = await rows();
    assert.match(failed[0] ?? '', /^login 1 denied \d+ ms 2 mine unavailable closed$/);
    assert.match(failed[5] ?? '', /^login 6 denied \d+ ms 0 mine unavailable open: mine$/);
    await page.locator('.logins tbody button').nth(4).click();
    assert.equal(
      await page
        .locator('.logins .chosen th')
        .textContent()
        .then((text) => text?.trim()),
      'login 5',
    );
  });

  test('shows an example at the trigger that it is for', async () => {
    const { page } = await playground.open();
    await choose(page, 'example', 'google-sheet-row');
    assert.equal(await page.inputValue('#trigger'), 'post-user-registration');
    await choose(page, 'example', 'several-systems');
    assert.equal(await page.inputValue('#trigger'), 'post-login');
    await choose(page, 'trigger', 'post-user-registration');
    assert.equal(await page.inputValue('#sample'), 'registration');
  });

  test('says what an expression gives, and why it is null', async () => {
    const { page } = await playground.open();
    const said = async () => ((await page.locator('#why').textContent()) ?? '').replaceAll(/\s+/g, ' ').trim();
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "title": "gold" } }');
    await page.click('#tab-config');
    await putCursor(page, 'lower(user.email)');
    assert.match(await said(), /lower\(user\.email\) is "maja\.lindqvist@example\.com" in this event/);
    await page.locator('#why summary').click();
    assert.deepEqual(
      await page
        .locator('.steps li')
        .allTextContents()
        .then((all) => all.map((each) => each.replaceAll(/\s+/g, ' ').trim().slice(0, 22))),
      ['user is {"user_id":"au', 'user.email is "maja.li'],
    );
    await putCursor(page, 'user.phone');
    assert.match(await said(), /is null in this event .*has no field `phone`: did you mean `phone_number`\?/);
    await putCursor(page, 'plan.name');
    assert.match(await said(), /is null in the answer of mine `plan` has no field `name`: it has title/);
    // Another event, and it is another value at once.
    await putCursor(page, 'user.phone');
    await type(page, 'event', '{ "user": { "user_id": "auth0|1", "email": "A@example.com", "phone": "+1" } }');
    await settled(page);
    await page.click('#tab-config');
    assert.match(await said(), /user\.phone is "\+1" in this event/);
    // With the keyboard alone, and by pointing.
    await page.locator('#panel-config .cm-content').focus();
    await page.keyboard.press('Control+Home');
    assert.equal(await page.locator('#why').isVisible(), false);
    await page.locator('.cm-line', { hasText: 'plan.name' }).locator('.tok-string', { hasText: 'plan.name' }).hover();
    assert.match(
      (await page.locator('.cm-words').textContent()) ?? '',
      /null in the answer of mine\n`plan` has no field `name`/,
    );
  });

  test('gives a link that has all but the secrets, and opens it without harm', async () => {
    const { page } = await playground.open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
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
    await page.click('#share');
    assert.match(
      (await page.locator('#did-share').textContent()) ?? '',
      /In it are the config, your answers and the event.*; no secrets/,
    );
    const link = String(await page.evaluate('navigator.clipboard.readText()'));
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
    await writeFile(file, '{ "no": "event" }');
    await page.setInputFiles('#import', file);
    await page
      .locator('#event-note', { hasText: 'real.json is not taken: this is no event: an object with the field `user`' })
      .waitFor();
    await rm(folder, { recursive: true });
  });

  test('gives a command that does the same in a terminal', async () => {
    const { page } = await playground.open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "name": "it\'s gold" } }');
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
    await page.click('#copy-command');
    await page.locator('#did-copy-command').waitFor();
    const script = String(await page.evaluate('navigator.clipboard.readText()'));
    const simulate = `node ${path.join(root, 'tools', 'commands', 'simulate.mjs')} --json`;
    assert.match(script, /\nnpx login-sync simulate /);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-'));
    await writeFile(path.join(folder, 'run.sh'), script.replace('npx login-sync simulate', simulate));
    const { code, stdout, output } = await runProgram('sh', ['run.sh'], { cwd: folder });
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
    assert.match(await readFile(path.join(folder, 'config.json'), 'utf8'), /api\.mine\.example/);
    await rm(folder, { recursive: true });
  });

  test('has help, is calm on a phone and at twice the size', async () => {
    const { page } = await playground.open();
    await page.click('#help');
    assert.ok((await page.locator('#help-text a').count()) >= 4);
    await accessible(page, 'help');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate('document.activeElement.id'), 'help', 'back where it was opened');
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
