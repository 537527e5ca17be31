// The cases of the recipes that tell others.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { Webhook } from 'standardwebhooks';
import { form, guarded, outcome } from './page.mjs';

const ID = 'auth0|67a1f0c2d4b8e9000a1b2c3d';

/** @type {Record<string, import('./page.mjs').Case>} */
export const TELLS = {
  'Slack: a message for each new user': async (open) => {
    /** @type {any} */
    let body = { ok: true, ts: '1' };
    const answers = { 'slack.com': () => ({ status: 200, body }) };
    const { login, arrivals, fault, heal } = await open({ secrets: { SLACK_BOT_TOKEN: 'xoxb-invented' }, answers });
    const first = await login();
    assert.deepEqual(first.sent, ['POST https://slack.com/api/chat.postMessage']);
    assert.deepEqual(JSON.parse(arrivals[0]?.body ?? ''), {
      channel: 'C0123456789',
      text: 'New user: Maja Lindqvist',
      unfurl_links: false,
    });
    assert.equal(arrivals[0]?.headers.authorization, 'Bearer xoxb-invented');
    assert.deepEqual(first.appMetadata, { announced: true });
    assert.deepEqual((await login({ user: { app_metadata: first.appMetadata } })).sent, []);
    await login({ user: { name: '<!channel> & <https://evil.example|me>' } });
    assert.equal(
      JSON.parse(arrivals.at(-1)?.body ?? '').text,
      'New user: &lt;!channel&gt; &amp; &lt;https://evil.example|me&gt;',
    );
    body = { ok: false, error: 'channel_not_found' };
    const refused = await login();
    assert.deepEqual([outcome(refused, 'slack'), refused.appMetadata, refused.denied], ['rejected:expect', {}, null]);
    fault('503');
    const down = await login();
    assert.deepEqual([down.sent.length, down.appMetadata], [1, {}]);
    heal();
  },

  'A signed webhook': async (open) => {
    const secret = (/** @type {string} */ text) => `whsec_${Buffer.from(text).toString('base64')}`;
    const [old, next] = [secret('the old one of 24 bytes or so'), secret('the next of 24 bytes or more')];
    const answers = { 'hooks.example.com': () => ({ status: 204, body: '' }) };
    for (const [secrets, good, bad] of /** @type {const} */ ([
      [{ WEBHOOK_SECRET: old }, [old], [next]],
      [{ WEBHOOK_SECRET: old, WEBHOOK_SECRET_NEXT: next }, [old, next], []],
      [{ WEBHOOK_SECRET_NEXT: next }, [next], [old]],
    ])) {
      const { login, register, arrivals, fault } = await open({ secrets, answers });
      fault('503', { times: 1 });
      await login();
      await register();
      assert.equal(arrivals.length, 3);
      const [first, retry, registered] = /** @type {any} */ (arrivals);
      assert.equal(first.headers['webhook-id'], retry.headers['webhook-id']);
      assert.notEqual(first.headers['webhook-id'], registered.headers['webhook-id']);
      for (const { headers, body } of arrivals) {
        for (const each of good) {
          const { timestamp, ...read } = /** @type {any} */ (new Webhook(each).verify(body, headers));
          assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
          const isLogin = body !== registered.body;
          assert.deepEqual(read, {
            type: isLogin ? 'user.login' : 'user.registered',
            data: {
              id: ID,
              email: 'maja.lindqvist@example.com',
              ...(isLogin ? { app: 'Example Media Web' } : {}),
            },
          });
        }
        for (const each of bad) assert.throws(() => new Webhook(each).verify(body, headers), /No matching signature/);
        assert.throws(() => new Webhook(good[0]).verify(body.replace('maja', 'mala'), headers));
      }
    }
  },

  'Google Sheets by a service account': async (open) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    /** @type {string[]} */
    const assertions = [];
    /** @type {any[][]} */
    const rows = [];
    const answers = {
      'oauth2.googleapis.com': (/** @type {import('./page.mjs').Arrival} */ { path, body }) => {
        const { grant_type, assertion = '', ...rest } = form(body);
        assert.deepEqual([path, grant_type, rest], ['/token', 'urn:ietf:params:oauth:grant-type:jwt-bearer', {}]);
        assertions.push(assertion);
        return { status: 200, body: { access_token: 'ya29.invented', expires_in: 3599, token_type: 'Bearer' } };
      },
      'sheets.googleapis.com': (/** @type {import('./page.mjs').Arrival} */ { path, query, headers, body }) => {
        if (headers.authorization !== 'Bearer ya29.invented') return 401;
        assert.equal(decodeURIComponent(path), '/v4/spreadsheets/sheet-1/values/A1:append');
        assert.equal(query.get('valueInputOption'), 'RAW');
        rows.push(...JSON.parse(body).values);
        return { status: 200, body: { updates: { updatedRows: 1 } } };
      },
    };
    const secrets = { SHEET_ID: 'sheet-1', GOOGLE_PRIVATE_KEY: pem };
    const { login, register, fault } = await open({ secrets, answers, plain: ['SHEET_ID'] });
    assert.deepEqual((await login()).sent, [], 'a login is no registration');
    fault('503', { host: 'sheets.googleapis.com', times: 1 });
    assert.equal(outcome(await register(), 'sheet'), 'unavailable');
    assert.equal(rows.length, 0, 'no second try');
    // The guard lets that user try again a second later.
    const first = await register({ user: { user_id: 'auth0|1' } });
    assert.equal(outcome(first, 'sheet'), 'ok');
    await register({ user: { user_id: 'auth0|2', email: null } });
    assert.deepEqual(
      rows.map(([id, email, at]) => [id, email, Number.isFinite(Date.parse(at))]),
      [
        ['auth0|1', 'maja.lindqvist@example.com', true],
        ['auth0|2', '', true],
      ],
    );
    assert.equal(assertions.length, 1, 'one token for both');
    if (!globalThis.crypto) return;
    const { payload } = await jwtVerify(String(assertions[0]), publicKey, {
      algorithms: ['RS256'],
      issuer: 'login-sync@example-project.iam.gserviceaccount.com',
      audience: 'https://oauth2.googleapis.com/token',
    });
    assert.equal(payload.scope, 'https://www.googleapis.com/auth/spreadsheets');
  },

  'A message in a queue for each registration': async (open) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    /** @type {string[]} */
    const assertions = [];
    /** @type {any} */
    let answer = { messageIds: ['1'] };
    const answers = {
      'oauth2.googleapis.com': (/** @type {import('./page.mjs').Arrival} */ { body }) => {
        assertions.push(form(body).assertion ?? '');
        return { status: 200, body: { access_token: 'ya29.invented', expires_in: 3599, token_type: 'Bearer' } };
      },
      'pubsub.googleapis.com': guarded('POST', { authorization: 'Bearer ya29.invented' }, () => ({
        status: 200,
        body: answer,
      })),
    };
    const secrets = { GOOGLE_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
    const { login, register, arrivals, fault } = await open({ secrets, answers });
    const messages = () =>
      arrivals.filter(({ host }) => host === 'pubsub.googleapis.com').map(({ body }) => JSON.parse(body).messages);
    assert.deepEqual((await login()).sent, [], 'a login is no registration');
    fault('503', { host: 'pubsub.googleapis.com', times: 1 });
    const first = await register();
    assert.equal(outcome(first, 'queue'), 'ok');
    assert.equal(
      first.sent.at(-1),
      'POST https://pubsub.googleapis.com/v1/projects/example-project/topics/registrations:publish',
    );
    const [failed, sent] = messages();
    assert.deepEqual(failed, sent, 'the second try has the same message');
    assert.equal(sent.length, 1);
    const { data, attributes } = sent[0];
    assert.deepEqual(attributes, { type: 'user.registered', user: ID });
    const { at, ...told } = JSON.parse(Buffer.from(data, 'base64').toString());
    assert.deepEqual(told, { type: 'user.registered', id: ID, email: 'maja.lindqvist@example.com' });
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    // An umlaut is two bytes, and a name is anyone's to choose.
    await register({ user: { user_id: 'auth0|2', email: 'ä"\\@example.com' } });
    const [other] = messages().at(-1);
    assert.equal(JSON.parse(Buffer.from(other.data, 'base64').toString()).email, 'ä"\\@example.com');
    answer = {};
    assert.equal(outcome(await register({ user: { user_id: 'auth0|3' } }), 'queue'), 'rejected:expect');
    assert.equal(assertions.length, 1, 'one token for all');
    if (!globalThis.crypto) return;
    const { payload } = await jwtVerify(String(assertions[0]), publicKey, { algorithms: ['RS256'] });
    assert.equal(payload.scope, 'https://www.googleapis.com/auth/pubsub');
  },
};
