// tests: the playground, from end to end in a real Chromium: what it shows is what the strict host says of the same
// config, and what it hands out is what `npm run bundle` writes.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openConfig } from '../../tools/commands/open.mjs';
import { run as runProgram } from '../../tools/develop/programs.mjs';
import { PASTE, root } from '../../tools/files.mjs';
import { bundle } from '../../tools/paste/bundle.mjs';
import { manifest } from '../../tools/paste/claims.mjs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { run as runInNode } from '../../tools/tenant/run.mjs';
import { active, expected, invent } from '../../tools/tenant/secrets.mjs';
import { localTenant } from '../../tools/tenant/tenant.mjs';
import { needsBrowser } from '../browser.mjs';
import { choose, copied, examples, openPlayground, run, shown, shows, type } from './browser.mjs';

/** @typedef {Awaited<ReturnType<typeof openPlayground>>} Playground */
/** @type {Playground} */
let playground;

/**
 * The same logins under the strict host, over HTTP on loopback.
 * @param {string} file
 * @param {import('../../tools/tenant/limits.mjs').Trigger} trigger
 * @param {{ fault?: string, repeat?: number }} [options]
 */
async function underTheHost(file, trigger, { fault, repeat = 2 } = {}) {
  const { config, paste, syncs } = openConfig({ config: file, paste: PASTE });
  const given = new Map(config.syncs ? [] : [['CLEENG_CLIENT_SECRET', '']]);
  const secrets = invent(active(syncs, given), new Map());
  const { results } = await runInNode(
    {
      code: withConfig(paste, config),
      trigger,
      secrets,
      expected: expected(syncs, secrets),
      faults: fault ? [{ name: fault }] : [],
      repeat,
    },
    localTenant,
  );
  return results;
}

/** @param {import('../../tools/tenant/run.mjs').Result} result */
const syncsOf = ({ syncs }) =>
  syncs.map(({ name, outcome, status, detail, attempts }) => ({
    name,
    outcome,
    status: String(status ?? ''),
    detail: detail ?? '',
    attempts: String(attempts),
  }));

/** A command without its value: a token is another one in each run. @param {string} text */
const nameOf = (text) => /^[^,)]*/.exec(text)?.[0];

describe('the playground', { ...needsBrowser, concurrency: 4 }, () => {
  before(async () => {
    playground = await openPlayground();
  });
  after(() => playground?.close());

  test('runs every shipped example as the strict host does', async () => {
    const { page, complaints } = await playground.open();
    assert.ok(examples.length >= 8, 'the examples are found');
    for (const { name, file } of examples) {
      await choose(page, 'example', name);
      const trigger = /** @type {import('../../tools/tenant/limits.mjs').Trigger} */ (
        await page.inputValue('#trigger')
      );
      const results = await underTheHost(file, trigger);
      for (const [i, result] of results.entries()) {
        const seen = await shown(page, i + 1);
        assert.match(seen.verdict ?? '', result.outcome === 'denied' ? /denied/ : /goes on|Done/, name);
        assert.deepEqual(seen.syncs, syncsOf(result), name);
        assert.deepEqual(
          seen.commands.map(nameOf),
          result.commands.map(({ method, args }) => nameOf(`${method}(${JSON.stringify(args[0])}`)),
          name,
        );
        assert.deepEqual(seen.faults, [], name);
      }
      if (trigger === 'post-user-registration') await choose(page, 'sample', 'password');
    }
    assert.deepEqual(complaints, []);
  });

  test('fails as the strict host does', async () => {
    const { page, complaints } = await playground.open();
    await choose(page, 'example', 'empty config');
    await choose(page, 'logins', '1');
    const file = path.join(os.tmpdir(), `playground-${process.pid}.json`);
    await writeFile(file, '{}');
    const faults = ['401', '409', '503', '429:2', 'reset', 'garbage', 'half-body', 'huge', 'redirect', 'empty'];
    for (const fault of faults) {
      // One after the other: there, time is the machine's.
      const [result] = await underTheHost(file, 'post-login', { fault, repeat: 1 });
      assert.ok(result);
      await choose(page, 'fault', fault);
      const seen = await shown(page);
      assert.deepEqual(seen.syncs, syncsOf(result), fault);
      assert.equal(seen.verdict, 'The login is denied', fault);
      assert.ok(result.denied && seen.more.includes(result.denied), fault);
    }
    // Those that take seconds there are seen at once here.
    for (const fault of ['timeout', 'slow']) {
      await choose(page, 'fault', fault);
      const { syncs, line } = await shown(page);
      assert.deepEqual(
        syncs.map(({ outcome, detail, attempts }) => [outcome, detail, attempts]),
        [['unavailable', 'timeout', '2']],
      );
      assert.ok(Number(/ ms=(\d+)/.exec(line ?? '')?.[1]) >= 4000, line);
    }
    assert.deepEqual(complaints, []);
  });

  test('says what is wrong where it is wrong', async () => {
    const { page } = await playground.open();
    /** @type {[text: string, marked: string, message: RegExp][]} */
    const cases = [
      [
        '{ "syncs": [ { "use": "cleeng", "retrys": 3 } ] }',
        '"retrys"',
        /config\.syncs\[0\]: unknown field `retrys`: did you mean `retries`\?/,
      ],
      [
        '{ "syncs": [ { "name": "x", "request": { "url": "http://a.example.com" } } ] }',
        '"http://a.example.com"',
        /config\.syncs\[0\]\.request\.url: must start with https/,
      ],
      ['{ "claims": { "idToken": { "a": "user.email |||" } } }', '|', /config\.claims\.idToken\.a: /],
      [
        '{ "claims": { "idToken": { "https://a.example.com/é": "\\"a\\\\nb\\" == user.x ~ 1" } } }',
        '~',
        /config\.claims\.idToken\["https/,
      ],
      ['{ "mfa": [ { "provider": "guardian" } ] }', '{', /config\.mfa\[0\]\.when: is missing/],
      ['{ "syncs": [ { "use": "cleeng" ] }', ']', /config: line 1, column 32: expected `,` or `\}`/],
      ['{\n  "log": "json",\n  "log": "json"\n}', '"log"', /config: line 3, column 3: `log` is here twice/],
    ];
    for (const [text, marked, message] of cases) {
      await type(page, 'config', text);
      await page.locator('.problems li.bad').filter({ hasText: message }).first().waitFor();
      const marks = await page.locator('#panel-config .cm-lintRange-error').allTextContents();
      assert.ok(
        marks.join('').includes(marked) && marks.join('').length <= marked.length + 1,
        `${text}: ${JSON.stringify(marks)}`,
      );
      await page.click('#tab-file');
      assert.match((await page.locator('#panel-file').textContent()) ?? '', /There is no file/);
    }
    await type(page, 'config', cases[1]?.[0] ?? '');
    await page.locator('.problems button').first().click();
    assert.equal(await page.evaluate('getSelection().toString()'), cases[1]?.[1]);
    await run(page);
    assert.equal((await shown(page)).verdict, 'The config is refused, and the login denied');
    await type(page, 'config', '{}');
    await page.locator('.fine').waitFor();
  });

  test('completes fields, values and paths of the event', async () => {
    const { page } = await playground.open();
    const editor = page.locator('#panel-config .cm-content');
    const list = page.locator('.cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)');
    const labels = list.locator('.cm-completionLabel');
    /** Takes the first one, once it is the one that is meant. @param {string} label */
    const take = async (label) => {
      await list.locator('li[aria-selected="true"]').filter({ hasText: label }).waitFor();
      await page.waitForTimeout(100); // the editor takes nothing that was seen for less than 75 ms
      await page.keyboard.press('Enter');
      await list.waitFor({ state: 'detached' });
    };
    /** @type {[before: string, after: string, typed: string, offered: string[]][]} */
    const cases = [
      ['{ ', ' }', '"', ['syncs', 'claims', 'mfa', 'deny', 'budgetMs', 'log']],
      ['{ "syncs": [ { "use": "', '" } ]}', 'cle', ['cleeng']],
      ['{ "syncs": [ { "use": "cleeng", "onFailure": { "unavailable": "', '" } } ] }', 'a', ['allow']],
      ['{ "syncs": [ { "use": "cleeng", ', ' } ] }', 're', ['request', 'response', 'reuse', 'retries']],
      ['{ "claims": { "idToken": { "a": "user.', '" } } }', 'em', ['email', 'email_verified']],
      ['{ "claims": { "idToken": { "a": "user.identities[*].', '" } } }', 'pro', ['provider', 'profileData']],
      ['{ "deny": [ { "when": "', '" } ] }', 'cont', ['contains()']],
    ];
    for (const [start, end, typed, options] of cases) {
      await type(page, 'config', start + end);
      for (let i = 0; i < end.length; i += 1) await page.keyboard.press('ArrowLeft');
      await editor.pressSequentially(typed);
      for (const option of options) await list.getByText(option, { exact: true }).first().waitFor();
      assert.ok(!(await labels.allTextContents()).includes('secrets'), 'secrets are in no scope');
      await page.keyboard.press('Escape');
      await list.waitFor({ state: 'detached' });
    }
    await type(page, 'config', '{  }');
    for (let i = 0; i < 2; i += 1) await page.keyboard.press('ArrowLeft');
    await editor.pressSequentially('"syn');
    await take('syncs');
    await shows(() => editor.textContent(), /^\{ "syncs": \[\] \}$/);
    await type(page, 'config', '{ "claims": { "idToken": { "a": "user." } } }');
    for (let i = 0; i < '" } } }'.length; i += 1) await page.keyboard.press('ArrowLeft');
    await editor.pressSequentially('nickn');
    await take('nickname');
    await shows(() => editor.textContent(), /"user\.nickname"/);
  });

  test('hands out the file that `npm run bundle` writes, and it runs under the strict host', async () => {
    const { page } = await playground.open();
    const example = examples.find(({ name }) => name === 'several-systems');
    assert.ok(example);
    await choose(page, 'example', example.name);
    await page.click('#tab-file');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    const code = await readFile(await download.path(), 'utf8');
    const { text, said } = await copied(page, 'copy');
    const words = /^✓ Copied: login-sync.js, [\d,]+ bytes, with cleeng, userhub, crm\. Paste it over/;
    assert.match(said, words);
    assert.equal(text, code);
    const opened = openConfig({ config: example.file, paste: PASTE });
    assert.equal(code, bundle(opened, (paste) => paste).text, 'but for what that reads ahead');
    assert.match(
      (await page.locator('#panel-file .meter').textContent()) ?? '',
      new RegExp(`${code.length.toLocaleString('en')} bytes of the 100,000`),
    );

    const { syncs } = opened;
    const secrets = invent(syncs, new Map());
    const { results } = await runInNode(
      { code, trigger: 'post-login', secrets, expected: expected(syncs, secrets) },
      localTenant,
    );
    assert.equal(results[0]?.outcome, 'allowed');
    assert.deepEqual(results[0]?.tokens?.idToken?.custom, ['cleeng_access_token', 'https://crm.example.com/name']);
  });

  test('shows the tokens decoded, and the claims that a config can set', async () => {
    const { page } = await playground.open();
    const example = examples.find(({ name }) => name === 'claims-from-event');
    assert.ok(example);
    await choose(page, 'example', example.name);
    await page.click('#tab-tokens');
    const text = (await page.locator('article.token').first().locator('.jwt').textContent()) ?? '';
    const [head = '', payload = ''] = text.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    assert.equal(JSON.parse(head).alg, 'RS256');
    assert.equal(JSON.parse(payload).secretIdentity, 'Batman');
    assert.match((await page.locator('.ours').first().textContent()) ?? '', /"userAuth0Identities": \[\s*"auth0"\s*\]/);
    await page.click('#tab-claims');
    const rows = await page.locator('#panel-claims tbody tr').allTextContents();
    const claims = await manifest(openConfig({ config: example.file, paste: PASTE }));
    assert.equal(rows.length, claims.length);
    for (const [i, { name, expression }] of claims.entries())
      assert.ok(rows[i]?.includes(name) && rows[i]?.includes(String(expression)), name);
  });

  test('keeps secrets to itself', async () => {
    const { page, requests, complaints } = await playground.open();
    await choose(page, 'example', 'crm-once-a-day');
    await page.click('#tab-secrets');
    const field = page.getByLabel('CRM_API_KEY');
    assert.equal(await field.getAttribute('type'), 'password');
    const before = requests.length;
    await field.fill('s3cr3t-of-mine');
    await run(page);
    await page.click('#tab-requests');
    assert.match((await page.locator('#panel-requests').textContent()) ?? '', /x-api-key…redacted/);
    assert.doesNotMatch((await page.locator('body').textContent()) ?? '', /s3cr3t-of-mine/);
    assert.deepEqual(requests.slice(before), [], 'nothing is asked of anybody');
    assert.ok(
      requests.every((url) => url.startsWith(playground.url) || url.startsWith('data:')),
      'only the page itself was loaded',
    );
    assert.doesNotMatch(page.url(), /s3cr3t/);
    assert.doesNotMatch(JSON.stringify(await page.context().storageState()), /s3cr3t/);
    assert.doesNotMatch(
      String(await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])')),
      /s3cr3t/,
    );
    assert.deepEqual(complaints, []);
    // The browser itself refuses to connect, also to the place the page is from.
    await assert.rejects(page.evaluate(`fetch(location.href)`), /fetch/i);

    // One that is short is taken out where it is all of a value, and not out of half of all words.
    await field.fill('e');
    await run(page);
    await page.click('#tab-requests');
    const shown = (await page.locator('#panel-requests').textContent()) ?? '';
    assert.match(shown, /x-api-key…redacted/);
    assert.match(shown, /https:\/\/crm\.example\.com\/exist-by-phone/);
    await field.fill('');
    await page.locator('.problems .warn', { hasText: 'CRM_API_KEY' }).waitFor();
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    await page.click('#tab-secrets');
    await page.getByLabel('Show what is in the fields').check();
    assert.doesNotMatch(await page.locator('#secret-CRM_API_KEY').inputValue(), /s3cr3t/);
  });
});

test('the command says in one line what is missing or wrong', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-'));
  for (const file of [
    'playground/serve.mjs',
    'tools/cli.mjs',
    'tools/develop/packages.mjs',
    'tools/error.mjs',
    'tools/files.mjs',
  ]) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await copyFile(path.join(root, file), path.join(folder, file));
  }
  const bare = await runProgram(process.execPath, [path.join(folder, 'playground', 'serve.mjs')], { cwd: folder });
  assert.deepEqual([bare.code, bare.output], [2, 'error: the package `vite` is not installed: run `npm ci`']);
  const wrong = await runProgram(process.execPath, ['playground/serve.mjs', '--port', 'x']);
  assert.deepEqual([wrong.code, wrong.output], [2, 'error: --port: must be a whole number from 1 to 65535']);
  await rm(folder, { recursive: true });
});
