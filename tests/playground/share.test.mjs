// tests: what a link of the playground may hold. A secret is in none, however short it is and however it is written.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { secretIn, withoutSecrets } from '../../playground/share.js';
import { root } from '../../tools/files.mjs';

const EVENT = '{ "user": { "user_id": "auth0|1", "email": "a@example.com" } }';
const host = 'crm.example.com';

/** @param {{ config?: string, event?: string, headers?: string, body?: string }} parts */
const shared = ({ config = '{}', event = EVENT, headers = '', body = '' }) => ({
  config,
  event,
  systems: { [host]: { does: 'answers', times: 1, answers: [{ status: '200', delayMs: '', headers, body }] } },
});

test('finds a secret wherever it is a value', () => {
  for (const secret of ['k9', 'pin77', 's3cr3t', 'with "quotes" and \\', 'a\nline of its own']) {
    const json = JSON.stringify(secret);
    for (const parts of [
      { config: `{ "syncs": [{ "request": { "headers": { "x-key": ${json} } } }] }` },
      { config: `{"syncs":[{"request":{"headers":{"x-key":${json}}}}]}` },
      { config: `{ "claims": { "x": ${JSON.stringify(`'${secret}'`)} } }` },
      { config: `{ "claims": { "x": ${JSON.stringify(`\`${json}\``)} } }` },
      { config: `{ "url": "https://crm.example.com/find?key=${encodeURIComponent(secret)}&user={id}" }` },
      { event: `{ "user": { "user_metadata": { "key": ${json} } } }` },
      { body: `{ "key": ${json} }` },
      { body: secret },
      ...(secret.includes('\n') ? [] : [{ headers: `x-a: b\nx-key:${secret}\nx-c: d` }]),
    ])
      assert.equal(secretIn(shared(parts), { A: 'other-one', KEY: secret }), 'KEY', JSON.stringify(parts));
  }
});

test('holds no credential of an event, and its text as it is where there is none', () => {
  const event = {
    secrets: { KEY: 'of-the-action' },
    user: { email: 'a@example.com', identities: [{ provider: 'x', access_token: 'of-another', user_id: '1' }, null] },
    request: { ip: '203.0.113.1', body: { otp: 'typed-in' }, query: { id_token_hint: 'of-the-browser' } },
    transaction: { protocol: 'oidc' },
  };
  const { secrets: _, ...rest } = event;
  for (const each of [event, rest, { request: event.request }, { user: event.user }, { user: 1, request: null }])
    assert.doesNotMatch(String(withoutSecrets(JSON.stringify(each))), /of-|typed-in|secrets/);
  assert.deepEqual(JSON.parse(String(withoutSecrets(JSON.stringify(event)))), {
    user: { email: 'a@example.com', identities: [{ provider: 'x', user_id: '1' }, null] },
    request: { ip: '203.0.113.1' },
    transaction: { protocol: 'oidc' },
  });
  for (const text of [EVENT, '{"user": {"identities": []}}', '[ 1 ]', '{ "user": '])
    assert.equal(withoutSecrets(text), text);
  assert.equal(withoutSecrets('{ "secrets": '), null);
  assert.equal(withoutSecrets('{ "access_token": "x', null), null);
});

test('takes no part of a word or of a number for a short one', () => {
  const config =
    '{ "budgetMs": 8000, "syncs": [{ "name": "crm", "request": { "url": "https://crm.example.com/find" } }] }';
  const secrets = { A: 'a', B: 'e', C: '80', D: 'crm.', E: 'sync', F: 'name', G: 'https' };
  assert.equal(secretIn(shared({ config }), secrets), undefined);
});

test('lets every connector go with the secrets that are invented for it', () => {
  const contracts = path.join(root, 'connectors', 'contracts');
  for (const file of readdirSync(contracts)) {
    const { secrets } = JSON.parse(readFileSync(path.join(contracts, file), 'utf8'));
    const config = JSON.stringify({ syncs: [{ use: file.replace('.json', '') }] });
    assert.equal(secretIn(shared({ config }), secrets), undefined, file);
  }
});
