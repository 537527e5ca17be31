// What the Action is told of a login at the demo's tenant: a config that turns the event into claims shows it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, it } from 'node:test';
import { application, demo, idOf, visitor } from './visitor.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'demo-'));
after(() => rmSync(folder, { recursive: true }));

/** @param {Record<string, unknown>} config */
function file(config) {
  const place = path.join(folder, 'config.json');
  writeFileSync(place, JSON.stringify(config));
  return place;
}

const PARTS = {
  ip: 'request.ip',
  agent: 'request.user_agent',
  country: 'request.geoip.countryCode',
  client: 'client.client_id',
  client_name: 'client.name',
  connection: 'connection.name',
  strategy: 'connection.strategy',
  methods: 'authentication.methods[*].name',
  protocol: 'transaction.protocol',
  locales: 'transaction.ui_locales',
  scopes: 'transaction.requested_scopes',
  redirect: 'transaction.redirect_uri',
  prompt: 'transaction.prompt',
  logins: 'stats.logins_count',
  audience: 'resource_server.identifier',
  refreshed: 'type(refresh_token)',
};
const names = Object.keys(PARTS).map((name) => `https://example.com/${name}`);

it('a login and a refresh are told as Auth0 tells them', async (t) => {
  const claims = Object.fromEntries(
    Object.entries(PARTS).map(([name, expression]) => [`https://example.com/${name}`, expression]),
  );
  const opened = await demo(t, { config: file({ syncs: [], claims: { idToken: claims } }) });
  const client = await application(opened);
  const { idToken, refreshToken } = await client.login(visitor(), {
    as: idOf(opened, 'Thomas'),
    parameters: { ui_locales: 'sv en', prompt: 'login' },
  });
  const told = (/** @type {Record<string, unknown>} */ token) =>
    Object.fromEntries(names.flatMap((name) => (name in token ? [[name.slice(20), token[name]]] : [])));
  assert.deepEqual(told(idToken), {
    ip: '127.0.0.1',
    agent: 'node',
    country: 'US',
    client: opened.client.client_id,
    client_name: 'Example Media Web',
    connection: 'google-oauth2',
    strategy: 'google-oauth2',
    methods: ['federated'],
    protocol: 'oidc-basic-profile',
    locales: ['sv', 'en'],
    scopes: ['openid', 'profile', 'email'],
    redirect: opened.client.redirect_uris[0],
    prompt: ['login'],
    logins: 1,
    audience: opened.audience,
    refreshed: 'null',
  });
  const again = told((await client.refresh(refreshToken)).idToken);
  assert.match(String(again.agent), /^openid-client\//);
  const { locales: _, redirect: __, prompt: ___, ...rest } = told(idToken);
  assert.deepEqual(again, {
    ...rest,
    agent: again.agent,
    locales: [],
    protocol: 'oauth2-refresh-token',
    refreshed: 'object',
  });
});

it('a secret of the Action, the token and what was typed reach no claim and no log', async (t) => {
  const config = file({
    syncs: [],
    claims: { idToken: { 'https://example.com/all': '[@, request, transaction, client, refresh_token, user]' } },
  });
  const opened = await demo(t, { config, secret: ['SOME_SECRET=not-to-be-seen'] });
  const client = await application(opened);
  const { refreshToken } = await client.login(visitor(), { as: idOf(opened, 'Maja') });
  const { raw } = await client.refresh(refreshToken);
  const all = JSON.stringify([raw.claims(), opened.action.log]);
  for (const secret of ['not-to-be-seen', refreshToken, opened.client.client_secret]) assert.ok(!all.includes(secret));
});

it('an outage of another system is seen by the application as the policy has it', async (t) => {
  const opened = await demo(t, { fault: ['identity.api.prod.cleeng.com:503', 'crm.example.com:503'] });
  const client = await application(opened);
  await assert.rejects(client.login(visitor(), { as: idOf(opened, 'Maja') }), {
    error: 'access_denied',
    error_description: 'We could not complete your login (cleeng: unavailable).',
  });
  opened.action.standIns.heal();
  opened.action.standIns.fault('503', { host: 'crm.example.com' });
  const { idToken } = await client.login(visitor(), { as: idOf(opened, 'Thomas') });
  assert.equal(idToken['https://crm.example.com/name'], undefined);
  assert.equal(typeof idToken.cleeng_access_token, 'string');
});

it('gets scopes, and keeps what is written of the user', async (t) => {
  const config = file({
    syncs: [],
    scopes: { add: ["'read:reports'"], remove: ["'email'"] },
    userMetadata: { seen: 'to_string(stats.logins_count)' },
    claims: { idToken: { seen: 'user.user_metadata.seen' } },
  });
  const opened = await demo(t, { config });
  const client = await application(opened);
  const someone = visitor();
  const first = await client.login(someone, { as: idOf(opened, 'Maja') });
  const scopes = String(first.accessToken.scope).split(' ');
  assert.deepEqual([scopes.includes('read:reports'), scopes.includes('email')], [true, false]);
  const second = await client.login(visitor(), { as: idOf(opened, 'Maja') });
  assert.deepEqual([first.idToken.seen, second.idToken.seen], [undefined, '1']);
  assert.deepEqual(
    opened.action.log.flatMap(({ faults }) => faults),
    [],
  );
});
