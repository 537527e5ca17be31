// The demo's application by itself: what it refuses, what its pages may do, and that what comes from outside stays text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { html } from '../../demo/html.mjs';
import { demo, idOf, visitor } from './visitor.mjs';

it('text in a page is text, no matter who wrote it', () => {
  const name = '<img src=x onerror="alert(\'1\')"> & co';
  assert.equal(
    html`<p title="${name}">${[name, html`<b>${1}</b>`]}${undefined}${null}${false}</p>`.text,
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co<b>1</b></p>',
  );
});

/** @param {Response} response */
const cookieOf = (response) => /example_media=([^;]*)/.exec(response.headers.getSetCookie().join('\n'))?.[1] ?? '';

describe('the application', () => {
  it('takes no answer to a login that was not begun in the same browser', async (t) => {
    const opened = await demo(t);
    const [one, other] = [visitor(), visitor()];
    const started = await one.request(new URL('/login', opened.url), { as: 'someone' });
    const authorize = new URL(started.headers.get('location') ?? '');
    const back = await one.walk(authorize, new URL('/callback', opened.url).href, idOf(opened, 'Maja'));

    await other.request(back);
    const text = await (await other.request(new URL(opened.url))).text();
    assert.match(text, /this login was not begun in this browser/);
    assert.ok(!text.includes('Maja'));

    const done = await one.request(back);
    assert.notEqual(cookieOf(done), cookieOf(started), 'the session has a new id after the login');
    assert.match(done.headers.get('set-cookie') ?? '', /; HttpOnly; SameSite=Lax/);
    assert.match(await (await one.request(new URL(opened.url))).text(), /<h1>Maja Lindqvist<\/h1>/);
    await one.request(back);
    assert.match(await (await one.request(new URL(opened.url))).text(), /has ended already/, 'and takes it only once');
  });

  it('lets no one in who changes the state, the issuer or the code', async (t) => {
    const opened = await demo(t);
    for (const [name, value] of /** @type {[string, string][]} */ ([
      ['state', 'x'],
      ['iss', 'http://127.0.0.1:1/'],
      ['code', 'x'.repeat(43)],
    ])) {
      const browser = visitor();
      const started = await browser.request(new URL('/login', opened.url), { as: 'someone' });
      const back = await browser.walk(
        new URL(started.headers.get('location') ?? ''),
        new URL('/callback', opened.url).href,
        idOf(opened, 'Maja'),
      );
      back.searchParams.set(name, value);
      await browser.request(back);
      const text = await (await browser.request(new URL(opened.url))).text();
      assert.match(text, /You are not logged in/, name);
      assert.ok(!text.includes('Maja'), name);
    }
  });

  it('has pages that run no script and load nothing from elsewhere', async (t) => {
    const opened = await demo(t);
    for (const [url, status] of /** @type {[string, number][]} */ ([
      [opened.url, 200],
      [new URL('/nothing', opened.url).href, 404],
    ])) {
      const response = await visitor().request(new URL(url));
      const text = await response.text();
      assert.equal(response.status, status);
      assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'self';/);
      assert.doesNotMatch(text, /<script|\bon\w+=|https?:\/\/(?!127)/);
    }
  });
});
