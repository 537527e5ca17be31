// tests: what the playground says of a config while it is written: what a login did not get, what is surely not meant, and why a
// value is null.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needsBrowser } from '../browser.mjs';
import { answer, choose, HOST, MINE, openPlayground, own, putCursor, settled, shows, type } from './browser.mjs';

/** @type {Awaited<ReturnType<typeof openPlayground>>} */
let playground;

describe('what the playground says of a config', { ...needsBrowser, concurrency: 4 }, () => {
  before(async () => {
    playground = await openPlayground('said');
  });
  after(() => playground?.close());

  test('says what a login did not get, and what is surely not meant', async () => {
    const { page } = await playground.open();
    await own(page, MINE.replace('user.phone', 'user.phone_nmber'));
    await page
      .locator('.problems .warn', { hasText: '`user.phone_nmber` is not in the event of post-login: did you' })
      .waitFor();
    assert.match((await page.locator('#problems .fine').textContent()) ?? '', /finds no problem/);
    assert.equal(await page.locator('#panel-config .cm-lintRange-warning').textContent(), '"user.phone_nmber"');
    await page.click('#tab-left-out');
    assert.deepEqual(
      (await page.locator('.left-out li').allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim()),
      [
        'config.syncs[0].request.body.phone user.phone_nmber `user.phone_nmber` is null',
        'config.syncs[0].response.idToken["https://mine.example/plan"] plan.name `plan` is null',
      ],
    );
    await page.locator('.left-out button').nth(1).click();
    assert.equal(await page.evaluate('getSelection().toString()'), '"plan.name"');
    // What a connector brings is nowhere in the config: its entry has a name.
    await own(page, '{ "syncs": [{ "use": "stripe" }] }');
    assert.match(
      (await page.locator('.left-out li').first().textContent()) ?? '',
      /^config\.syncs\[0\]\s.* in its entry `stripe-create`: skipped: `when` is not true$/s,
    );
    await page.locator('.left-out button').first().click();
    assert.equal(await page.evaluate('getSelection().toString()'), '{');
    await own(page, MINE.replace('user.phone', 'user.phone_number'));
    assert.equal(await page.locator('.problems').count(), 0);
    // What depends on the tenant is a note.
    await own(page, '{ "claims": { "accessToken": { "email": "user.email" } } }');
    assert.match(
      (await page.locator('.problems .note').textContent()) ?? '',
      /Note: config\.claims\.accessToken\.email: Auth0 drops/,
    );
  });

  test('says what an expression gives, and why it is null', async () => {
    const { page } = await playground.open();
    const said = async () => ((await page.locator('#why').textContent()) ?? '').replaceAll(/\s+/g, ' ').trim();
    await own(page);
    await choose(page, `does-${HOST}`, 'answers');
    await answer(page, 'body', '{ "plan": { "title": "gold" } }');
    await page.click('#tab-config');
    await putCursor(page, 'lower(user.email)');
    await shows(said, /lower\(user\.email\) is "maja\.lindqvist@example\.com" in this event/);
    await page.locator('#why summary').click();
    assert.deepEqual(
      await page
        .locator('.steps li')
        .allTextContents()
        .then((all) => all.map((each) => each.replaceAll(/\s+/g, ' ').trim().slice(0, 22))),
      ['user is {"user_id":"au', 'user.email is "maja.li'],
    );
    await putCursor(page, 'user.phone');
    await shows(said, /is null in this event .*has no field `phone`: did you mean `phone_number`\?/);
    await putCursor(page, 'plan.name');
    await shows(said, /is null in the answer of mine `plan` has no field `name`: it has title/);
    // Another event, and it is another value at once.
    await putCursor(page, 'user.phone');
    await type(page, 'event', '{ "user": { "user_id": "auth0|1", "email": "A@example.com", "phone": "+1" } }');
    await settled(page);
    await page.click('#tab-config');
    await shows(said, /user\.phone is "\+1" in this event/);
    // With the keyboard alone, and by pointing.
    await page.locator('#panel-config .cm-content').focus();
    await page.keyboard.press('Control+Home');
    await page.locator('#why').waitFor({ state: 'hidden' });
    await page.locator('.cm-line', { hasText: 'plan.name' }).locator('.tok-string', { hasText: 'plan.name' }).hover();
    await page.locator('.cm-words').first().waitFor();
    const [words = ''] = await page.locator('.cm-words').allInnerTexts();
    assert.match(words, /null in the answer of mine\n`plan` has no field `name`/, 'each on a line of its own');
  });
});
