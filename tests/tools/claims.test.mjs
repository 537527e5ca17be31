// tests/tools/: the developer's tools. Here: the claims manifest. Its types are held against what the Action really sets,
// in a login on this machine.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openConfig } from '../../tools/commands/open.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { PASTE, root } from '../../tools/files.mjs';
import { eventType, manifest } from '../../tools/paste/claims.mjs';
import { FUNCTIONS, typeOfMapping, typeOfValue } from '../../tools/paste/expression-type.mjs';
import { problems, withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';

/**
 * A file with this config.
 * @param {import('node:test').TestContext} t
 * @param {unknown} config
 */
async function fileOf(t, config) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'my.config.json'), JSON.stringify(config));
  return path.join(folder, 'my.config.json');
}

/** @param {import('node:test').TestContext} t @param {unknown} config */
const claimsOf = async (t, config) => manifest(openConfig({ config: await fileOf(t, config), paste: PASTE }));

/** @param {import('node:test').TestContext} t @param {unknown} config @param {string[]} args */
async function command(t, config, ...args) {
  return run(process.execPath, [
    path.join(root, 'tools', 'commands', 'claims.mjs'),
    '--config',
    await fileOf(t, config),
    ...args,
  ]);
}

/** An expression on the event, and the type it has: for an array, with that of its items. @type {[string, string][]} */
const EXPRESSIONS = [
  ["'Batman'", 'string'],
  ['`5`', 'number'],
  ['`true`', 'boolean'],
  ['`[1, 2]`', 'array of number'],
  ['`{"a": 1}`', 'object'],
  ['user.email', 'string'],
  ['user.email_verified', 'boolean'],
  ['stats.logins_count', 'number'],
  ['user.identities[*].provider', 'array of string'],
  ['user.identities[?isSocial].user_id', 'array of string'],
  ['user.identities[0].isSocial', 'boolean'],
  ['user.identities[-1].profileData', 'object'],
  ['user.identities[].profileData.email', 'array of string'],
  ['user.identities', 'array of object'],
  ['authorization.roles', 'array of string'],
  ['authorization.roles[0]', 'string'],
  ['authentication.methods[*].[name, timestamp][]', 'array of string'],
  ['request.geoip.latitude', 'number'],
  ['request.geoip', 'object'],
  ['request.geoip.*', 'array'],
  ['user.{a: email, b: name}', 'object'],
  ['user.{a: email, b: name}.a', 'string'],
  ['user.{a: email, b: name}.*', 'array of string'],
  ['[user.email, user.name]', 'array of string'],
  ['[user.email, stats.logins_count]', 'array'],
  ["user.email == 'a'", 'boolean'],
  ['stats.logins_count < `5`', 'boolean'],
  ['!(user.email_verified)', 'boolean'],
  ["user.nickname || ''", 'string'],
  ['user.no_such_field || user.name', 'any'],
  ['user.email || stats.logins_count', 'any'],
  ['user.email && user.name', 'string'],
  ['user.email_verified && user.name', 'any'],
  ['user.app_metadata', 'object'],
  ['user.app_metadata.plan', 'any'],
  ['user.email | length(@)', 'number'],
  ["contains(authorization.roles, 'admin')", 'boolean'],
  ["starts_with(user.email, 'a')", 'boolean'],
  ["ends_with(user.email, '.com')", 'boolean'],
  ["join(', ', authorization.roles)", 'string'],
  ['keys(user)', 'array of string'],
  ['to_string(stats)', 'string'],
  ["to_number('5')", 'number'],
  ['type(user)', 'string'],
  ['not_null(user.nickname, user.name)', 'string'],
  ['not_null(user.nickname, stats.logins_count)', 'any'],
  ['user.identities[:1].provider', 'array of string'],
  ['authorization.roles[::-1]', 'array of string'],
  ['abs(stats.logins_count)', 'number'],
  ['age(user.created_at)', 'number'],
  ['avg([stats.logins_count])', 'number'],
  ['base64(user.email)', 'string'],
  ['ceil(request.geoip.latitude)', 'number'],
  ["find_first(user.email, '@')", 'number'],
  ["find_last(user.email, '@')", 'number'],
  ['floor(request.geoip.latitude)', 'number'],
  ["from_items([['a', user.email]])", 'object'],
  ['items(user.user_metadata)', 'array of array'],
  ["json('{}')", 'any'],
  ['lower(user.email)', 'string'],
  ['map(&provider, user.identities)', 'array of string'],
  ['max(authorization.roles)', 'string'],
  ['max_by(user.identities, &provider)', 'object'],
  ['md5(lower(user.email))', 'string'],
  ['merge(user.user_metadata, {a: user.email})', 'object'],
  ['min([stats.logins_count])', 'number'],
  ['min_by(user.identities, &provider).provider', 'string'],
  ["pad_left(user.given_name, `12`, '.')", 'string'],
  ['pad_right(user.given_name, `12`)', 'string'],
  ['percent(user.user_id)', 'number'],
  ["replace(user.email, '@', ' at ')", 'string'],
  ['reverse(authorization.roles)', 'array of string'],
  ['reverse(user.email)', 'string'],
  ['seconds(user.created_at)', 'number'],
  ["sha256(user.email, 'base64')", 'string'],
  ['sort(authorization.roles)', 'array of string'],
  ['sort_by(user.identities, &provider)', 'array of object'],
  ["split(user.email, '@')", 'array of string'],
  ["split(user.email, '@')[1]", 'string'],
  ['sum([stats.logins_count])', 'number'],
  ['to_array(user.email)', 'array of string'],
  ['to_array(authorization.roles)', 'array of string'],
  ['trim(user.name)', 'string'],
  ['trim_left(user.name)', 'string'],
  ['trim_right(user.name)', 'string'],
  ['upper(transaction.locale)', 'string'],
  ['uuid()', 'string'],
  ['values(user.user_metadata)', 'array'],
];

describe('the type of a claim', () => {
  const names = EXPRESSIONS.map((_, i) => `claim_${i}`);
  const config = {
    syncs: [],
    claims: { idToken: Object.fromEntries(EXPRESSIONS.map(([expression], i) => [names[i], expression])) },
  };

  for (const [i, [expression, type]] of EXPRESSIONS.entries()) {
    it(`is ${type} for ${expression}`, async (t) => {
      const [claim] = await claimsOf(t, { syncs: [], claims: { idToken: { [names[i]]: expression } } });
      assert.equal(claim.items ? `${claim.type} of ${claim.items}` : claim.type, type);
    });
  }

  it('is the one that the Action sets', async (t) => {
    const host = createHost(withConfig(await readFile(PASTE, 'utf8'), config));
    const { tokens } = await host.execute('post-login', fakeEvent('post-login'));
    let set = 0;
    for (const { name, type, items } of await claimsOf(t, config)) {
      const value = tokens?.idToken?.claims[name];
      if (value === undefined || type === 'any') continue;
      set += 1;
      const found = /** @type {any} */ (typeOfValue(value));
      assert.equal(typeof found === 'string' ? found : 'items' in found ? 'array' : 'object', type, name);
      if (items && value.length > 0) for (const item of value) assert.equal(typeof item, items, name);
    }
    assert.ok(set > 30, `only ${set} claims were set`);
  });

  it('is known for every function that an expression may call', async () => {
    const source = await readFile(path.join(root, 'src', 'expression', 'functions', 'table.rs'), 'utf8');
    const known = [...source.matchAll(/^ {4}\("(\w+)", "/gm)].map(([, name]) => name);
    assert.deepEqual(known.sort(), Object.keys(FUNCTIONS).sort());
  });

  it('is found for mappings that are no expression', async (t) => {
    const mappings = { a: 5, b: true, c: ['user.email'], d: { e: 'user.email' }, f: [], g: [1, 'user.email'] };
    const claims = await claimsOf(t, { syncs: [], claims: { accessToken: mappings } });
    assert.deepEqual(
      claims.map(({ type, items }) => [type, items]),
      [
        ['number', undefined],
        ['boolean', undefined],
        ['array', 'string'],
        ['object', undefined],
        ['array', undefined],
        ['array', undefined],
      ],
    );
  });

  it('of an answer is not known, but for its token and what an expression makes of it', async (t) => {
    const idToken = { whole: '@', token: 'data.token', copy: 'data.copy', yes: "plan == 'gold'", ids: 'list[*].id' };
    const claims = await claimsOf(t, {
      syncs: [{ name: 'crm', request: { url: 'https://a.example.com' }, response: { token: 'data.token', idToken } }],
    });
    assert.deepEqual(
      claims.map(({ name, type }) => [name, type]),
      [
        ['whole', 'any'],
        ['token', 'string'],
        ['copy', 'any'],
        ['yes', 'boolean'],
        ['ids', 'array'],
      ],
    );
  });

  it('knows nothing of what no expression can read', async () => {
    for (const hidden of ['secrets', 'request.body', 'request.query'])
      assert.equal(typeOfMapping(hidden, eventType()), 'any');
  });
});

describe('the manifest', () => {
  const config = {
    syncs: [
      { use: 'cleeng' },
      {
        name: 'crm',
        request: { url: 'https://crm.example.com/' },
        response: { idToken: { 'https://crm.example.com/name': 'name' }, accessToken: { crm: '@' } },
      },
    ],
    claims: { idToken: { providers: 'user.identities[*].provider' }, accessToken: { email: 'user.email' } },
  };

  it('has every claim with its origin, presets included', async (t) => {
    const claims = await claimsOf(t, config);
    assert.deepEqual(
      claims.map(({ token, name, from, expression }) => [token, name, from, expression]),
      [
        ['idToken', 'providers', 'event', 'user.identities[*].provider'],
        ['idToken', 'cleeng_access_token', 'cleeng', 'accessToken'],
        ['idToken', 'https://crm.example.com/name', 'crm', 'name'],
        ['accessToken', 'email', 'event', 'user.email'],
        ['accessToken', 'crm', 'crm', '@'],
      ],
    );
    assert.ok(claims.every(({ onlyWithSecrets }) => onlyWithSecrets === undefined));
  });

  it('has SAML attributes, but none for Cloudentity', async (t) => {
    const { syncs } = config;
    const saml = {
      ...config,
      saml: { mail: 'user.email' },
      syncs: [{ ...syncs[1], response: { saml: { tier: 'tier' } } }],
    };
    const claims = await claimsOf(t, saml);
    assert.deepEqual(
      claims.filter(({ token }) => token === 'saml').map(({ name, type, from }) => [name, type, from]),
      [
        ['mail', 'string', 'event'],
        ['tier', 'any', 'crm'],
      ],
    );
    assert.match((await command(t, saml)).output, /^saml +mail +string +event +user\.email$/m);
    assert.doesNotMatch((await command(t, saml, '--format', 'cloudentity')).output, /user\.email|^SAML/m);
  });

  it('says which claims hang on a scope', async (t) => {
    const claims = await claimsOf(t, config);
    assert.deepEqual(
      claims.flatMap(({ name, scope }) => (scope ? [[name, scope]] : [])),
      [['email', 'email']],
    );
    assert.match(
      (await command(t, config)).output,
      /^`email` comes with the access token only when the application asks for the scope `email`$/m,
    );
  });

  it('without `syncs` has the claims that secrets would switch on', async (t) => {
    const [claim, ...others] = await claimsOf(t, {});
    assert.deepEqual(others, []);
    assert.equal(claim.name, 'cleeng_access_token');
    assert.deepEqual(claim.onlyWithSecrets, ['CLEENG_CLIENT_SECRET (or CLEENG_CLIENT_SECRET_NEXT)']);
    assert.match(
      (await command(t, {})).output,
      /^\* the config has no `syncs`: claims from cleeng come once the Action has CLEENG_CLIENT_SECRET/m,
    );
  });

  it('is a table', async (t) => {
    const { code, stdout } = await command(t, config);
    assert.equal(code, 0);
    const [head, first] = stdout.split('\n');
    assert.match(head, /^TOKEN +CLAIM +TYPE +FROM +EXPRESSION$/);
    assert.match(first, /^idToken +providers +array of string +event +user\.identities\[\*\]\.provider$/);
  });

  it('is JSON', async (t) => {
    const { stdout } = await command(t, config, '--format', 'json');
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(await claimsOf(t, config))));
    assert.deepEqual(JSON.parse((await command(t, { syncs: [] }, '--format', 'json')).stdout), []);
  });

  it('of a config without claims says so', async (t) => {
    assert.equal((await command(t, { syncs: [] })).stdout, 'this config sets no claim');
  });
});

describe("Cloudentity's attributes", () => {
  /** @type {[claim: string, expression: unknown, attribute: string[]][]} */
  const table = [
    [
      'https://example.com/groups',
      'authorization.roles',
      ['ID token', 'https://example\\.com/groups', 'Groups (example.com)', 'string_array'],
    ],
    [
      'https://crm.example.com/',
      'user.app_metadata',
      ['ID token', 'https://crm\\.example\\.com/', 'crm.example.com', 'object'],
    ],
    ['emailVerified', 'user.email_verified', ['ID token', 'emailVerified', 'Email verified', 'bool']],
    ['logins_count', 'stats.logins_count', ['ID token', 'logins_count', 'Logins count', 'number']],
    ['a.b', "'a'", ['ID token', 'a\\.b', 'A b', 'string']],
    ['methods', 'authentication.methods', ['ID token', 'methods', 'Methods', 'object_array']],
    ['flags', [true], ['ID token', 'flags', 'Flags', 'bool_array']],
    ['numbers', [1, 2], ['ID token', 'numbers', 'Numbers', 'number_array']],
    ['lists', [[1]], ['ID token', 'lists', 'Lists', 'any']],
    ['plan', 'user.app_metadata.plan', ['ID token', 'plan', 'Plan', 'any']],
    ['---', "'a'", ['ID token', '---', '---', 'string']],
  ];
  for (const [claim, expression, attribute] of table) {
    it(`for ${claim} are ${attribute.slice(1).join(', ')}`, async (t) => {
      const [{ cloudentity }] = await claimsOf(t, { syncs: [], claims: { idToken: { [claim]: expression } } });
      assert.deepEqual(Object.values(cloudentity), attribute);
    });
  }

  it('are a table, with the source as Cloudentity has it', async (t) => {
    const { stdout } = await command(
      t,
      { syncs: [], claims: { accessToken: { 'https://example.com/a': "'a'" } } },
      '--format',
      'cloudentity',
    );
    const [head, row] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.deepEqual(head, ['Source', 'Claim name', 'Display name', 'Data type']);
    assert.deepEqual(row, ['Access token', 'https://example\\.com/a', 'A (example.com)', 'string']);
  });
});

describe('what is wrong', () => {
  it('is a config that the engine refuses', async (t) => {
    const config = { syncs: [], claims: { idToken: { sub: 'user.email', a: 'b..c' } } };
    const { code, output } = await command(t, config);
    assert.equal(code, 2);
    for (const { path, message } of problems(await readFile(PASTE, 'utf8'), config))
      assert.ok(output.includes(`${path}: ${message}`), output);
    assert.match(output, /\n {4}b\.\.c\n {6}\^$/);
  });

  it('is a format that does not exist', async (t) => {
    const { code, output } = await command(t, {}, '--format', 'yaml');
    assert.equal(code, 2);
    assert.equal(output, 'error: --format: unknown format `yaml`; use json, table, cloudentity');
  });
});
