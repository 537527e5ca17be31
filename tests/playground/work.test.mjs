// tests: the playground as a place to work in: what a person made is kept, and runs as it is typed; and their own systems
// answer.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { needsBrowser } from '../browser.mjs';
import {
  answer,
  choose,
  chosen,
  config,
  HOST,
  kept,
  MINE,
  openPlayground,
  own,
  plan,
  settled,
  shown,
  type,
} from './browser.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @type {Awaited<ReturnType<typeof openPlayground>>} */
let playground;

describe('the playground as a place to work in', { ...needsBrowser, concurrency: 4 }, () => {
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

  test('lets a config be renamed and deleted', async () => {
    const { page } = await playground.open();
    await own(page, '{ "log": "json" }');
    await choose(page, 'example', 'your own system');
    assert.equal(await page.locator('#rename').count(), 0, 'an example is no one’s own');
    assert.match((await page.locator('.echo').textContent()) ?? '', /does not know this system/);
    await own(page, '{ "budgetMs": 3000 }');
    const answers = ['my several-systems', null, 'shop', 'shop'];
    page.on(
      'dialog',
      (dialog) => void (dialog.type() === 'confirm' ? dialog.accept() : dialog.accept(answers.shift() ?? undefined)),
    );
    await page.click('#rename');
    assert.equal(await chosen(page, 'example'), 'my several-systems 2', 'a name is there once');
    await page.click('#rename');
    assert.equal(await chosen(page, 'example'), 'my several-systems 2', 'nothing was written');
    await page.click('#rename');
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    assert.equal(await chosen(page, 'example'), 'shop');
    await page.click('#delete');
    await settled(page);
    assert.equal(await chosen(page, 'example'), 'my several-systems');
    assert.equal(await page.evaluate('document.activeElement.id'), 'example');
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    assert.equal(await config(page), '{ "log": "json" }');
    assert.deepEqual(await page.locator('#example optgroup').first().locator('option').allTextContents(), [
      'my several-systems',
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
    /** From now on: whether the page is at work, and what kind of verdict it shows meanwhile. */
    const watch = async () => {
      await page.evaluate(`(() => {
        const results = document.getElementById('results');
        const look = () => (results.ariaBusy === 'true' ? 'busy ' : '') + results.querySelector('.verdict').classList[1];
        globalThis.seen = [look()];
        const note = () => look() === seen.at(-1) || seen.push(look());
        new MutationObserver(note).observe(results, { attributeFilter: ['aria-busy', 'class'], childList: true, subtree: true });
      })()`);
      return async () => String(await page.evaluate("seen.join(', ')"));
    };
    const seen = await watch();
    await page.locator('#panel-config .cm-content').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('{ "syncs": [ { "use": "none-of-these" } ] }');
    await settled(page);
    assert.match(await seen(), /^good, busy stale, (busy bad, )?bad$/, 'stale at once');
    assert.match(
      (await page.locator('.verdict h2').textContent()) ?? '',
      /The config is refused, and the login denied/,
    );
    assert.ok((await page.locator('.problems li').count()) > 0);
    // What is under way when more is typed is of what was there before: it ends without a word.
    await own(page);
    await choose(page, 'logins', '10');
    await page.locator('#panel-config .cm-content').press('Control+End');
    const later = await watch();
    const underWay = await page.evaluate(`(async () => {
      document.getElementById('run').click();
      await new Promise((done) => setTimeout(done));
      const underWay = document.getElementById('results').ariaBusy;
      document.execCommand('insertText', false, 'x');
      return underWay;
    })()`);
    assert.equal(underWay, 'true');
    await settled(page);
    assert.match(
      await later(),
      /^good, busy good, busy stale, (busy bad, )?bad$/,
      'at work until it is what is there now',
    );
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
    // It begins with what the config reads of it.
    await page.getByRole('button', { name: 'Give its answer' }).first().click();
    await settled(page);
    assert.equal(await page.evaluate('document.activeElement.dataset.field'), 'body');
    assert.equal(await page.inputValue('[data-field="status"]'), '200');
    assert.deepEqual(JSON.parse(await page.inputValue('[data-field="body"]')), { plan: { name: 'some name' } });
    assert.equal(await plan(page), 'idToken.setCustomClaim("https://mine.example/plan", "some name")');
    await page.click('#tab-systems');
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
    const { syncs, verdict, more } = await shown(page, 2);
    assert.deepEqual([syncs[0]?.outcome, syncs[0]?.status, verdict], ['unavailable', '503', 'The login is denied']);
    assert.equal(
      more[1],
      'By onFailure of mine. With "onFailure": { "unavailable": "allow" } in its entry it goes on.',
    );
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

  test('begins an answer with what came last where that was good, and never with a refusal', async () => {
    const { page } = await playground.open();
    const at = (/** @type {string} */ field) =>
      page.inputValue(`[data-host="crm.example.com"] [data-field="${field}"]`);
    await choose(page, 'does-crm.example.com', 'answers');
    assert.equal(await at('status'), '200');
    assert.equal(JSON.parse(await at('body')).name, 'Maja Lindqvist', 'the CRM of the examples has answered');
    const other = await playground.open();
    const config = {
      syncs: [
        {
          name: 'crm',
          request: { method: 'GET', url: 'https://crm.example.com/people' },
          response: {
            success: [201],
            idToken: { a: 'people[0].id', b: 'people[*].tags[]', c: '@' },
            keep: { d: 'e."f g"' },
          },
          onFailure: 'allow',
        },
      ],
      claims: { idToken: { h: 'syncs.crm.answer.d' } },
    };
    await own(other.page, JSON.stringify(config));
    assert.deepEqual(
      (await shown(other.page)).syncs.map(({ status }) => status),
      ['404'],
    );
    await choose(other.page, 'does-crm.example.com', 'answers');
    const field = (/** @type {string} */ name) => other.page.inputValue(`[data-field="${name}"]`);
    assert.equal(await field('status'), '201');
    assert.deepEqual(JSON.parse(await field('body')), {
      people: [{ id: 'some id', tags: 'some tags' }],
      e: { 'f g': 'some f g' },
    });
  });

  test('has all that expressions and signatures ask of Node', async () => {
    const { page } = await playground.open();
    const jwt = { jwt: { secret: 'KEY', alg: 'RS256', claims: { sub: 'user.user_id' } } };
    const idToken = { id: 'uuid()', md5: "md5('a')", sha: "sha256('a', 'base64')", signed: jwt };
    await own(page, JSON.stringify({ claims: { idToken } }));
    const { commands } = await shown(page);
    assert.match(commands[0] ?? '', /"id", "[0-9a-f]{8}-[0-9a-f-]{27}"/);
    assert.match(commands[1] ?? '', /"0cc175b9c0f1b6a831c399e269772661"/);
    assert.match(commands[2] ?? '', /"ypeBEsobvcr6wjGzmiPcTaeG7\/gUfE5yuYB3ha\/uSLs="/);
    const token = /"signed", "([^"]+)"/.exec(commands[3] ?? '')?.[1] ?? '';
    await page.click('#tab-secrets');
    // A field has no line breaks.
    const pem = (await page.inputValue('#secret-KEY')).replace(/(KEY-----)(.*)(-----END)/, '$1\n$2\n$3');
    const [head, payload, signature = ''] = token.split('.');
    assert.ok(
      verify('sha256', Buffer.from(`${head}.${payload}`), createPublicKey(pem), Buffer.from(signature, 'base64url')),
    );
  });

  test('has different machines where a flow has no user', async () => {
    const { page } = await playground.open();
    await choose(page, 'example', 'machine-claims');
    await choose(page, 'sample', 'machine');
    const labels = async () => await page.locator('#who option').allTextContents();
    assert.deepEqual(await labels(), ['the same machine', 'different machines']);
    await choose(page, 'logins', '2');
    assert.ok(await page.locator('#who').isEnabled());
    await choose(page, 'sample', 'password');
    assert.deepEqual(await labels(), ['the same user', 'different users']);
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
    assert.equal(await chosen(page, 'trigger'), 'post-user-registration: after a registration');
    const rows = await page.locator('.logins tbody th').allTextContents();
    assert.deepEqual(
      rows.map((row) => row.trim()),
      ['registration 1', 'registration 2'],
    );
    assert.match((await page.locator('#toolbar label').first().textContent()) ?? '', /^Registrations/);
    await page.click('#tab-tokens');
    assert.match((await page.locator('#panel-tokens').textContent()) ?? '', /No token is issued in this flow/);
  });
});
