// What `login-sync check` warns of: each kind with what is wrong, and next to it what is right.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { bundle, check } from '../../tools/library/index.mjs';

/** An entry of a system of one's own. @param {Record<string, any>} [more] @returns {any} */
const entry = (more = {}) => ({ name: 'crm', request: { url: 'https://crm.example.com/users' }, ...more });
/** @param {string} when @returns {any} */
const deny = (when) => ({ deny: [{ when, reason: 'no' }] });
/** @param {string} expression @returns {any} */
const claim = (expression) => ({ claims: { idToken: { a: expression } } });
/** @param {Record<string, any>} headers */
const sending = (headers) => ({ syncs: [entry({ request: { url: 'https://crm.example.com/users', headers } })] });
/** @param {string} url */
const to = (url) => ({ syncs: [entry({ request: { url } })] });
/** @param {Record<string, any>} rule */
const mfa = (rule) => ({ mfa: [{ provider: 'any', ...rule }] });

/** @type {[what: string, config: any, warnings: RegExp[]][]} */
const TABLE = [
  // Fields of the event.
  [
    'a misspelled field',
    claim('user.emial'),
    [
      /^warning config\.claims\.idToken\.a:1 `user\.emial` is not in the event of post-login: did you mean `user\.email`\?$/,
    ],
  ],
  [
    'a token that is signed where something is true',
    {
      claims: {
        idToken: { a: { value: { jwt: { secret: 'KEY', alg: 'RS256', audience: 'b' } }, when: 'user.emial' } },
      },
    },
    [/^warning config\.claims\.idToken\.a\.when:1 `user\.emial`/],
  ],
  [
    'a field of it that the event does not have',
    {
      claims: {
        idToken: { a: [{ value: { jwt: { secret: 'KEY', claims: { b: 'user.emial' } } }, when: 'user.email' }] },
      },
    },
    [/^warning config\.claims\.idToken\.a\[0\]\.value\.jwt\.claims\.b:1 `user\.emial`/],
  ],
  ['a misspelled group', claim('uesr.email'), [/`uesr` .* did you mean `user`\?$/]],
  ['another case', claim('user.userId'), [/did you mean `user\.user_id`\?$/]],
  ['the beginning of a field', claim('user.phone'), [/did you mean `user\.phone_number`\?$/]],
  ['the beginning of another', claim('request.geoip.country'), [/did you mean `request\.geoip\.countryCode`\?$/]],
  ['a field of another group', claim('client.ip'), [/did you mean `request\.ip`\?$/]],
  ['a field without its group', claim('email_verified'), [/did you mean `user\.email_verified`\?$/]],
  [
    'the name of a parameter',
    claim('event.user.email'),
    [/^warning .* `event` is not a field of the event: leave it out/],
  ],
  [
    'a field of nothing like it',
    claim('user.shoe_size'),
    [/`user\.shoe_size` is not in the event of post-login, as Auth0 documents it: a text is .* `'user\.shoe_size'`$/],
  ],
  [
    'a field of nothing like it, in an expression',
    claim("user.shoe_size || 'none'"),
    [/`user\.shoe_size` is not in the event of post-login, as Auth0 documents it$/],
  ],
  [
    'a text without its quotes',
    { syncs: [entry({ request: { url: 'https://crm.example.com/', body: { a: 'auth0', b: ['true', 'web.x'] } } })] },
    [
      /body\.a:1 `auth0` is not in .*: a text is in single quotes, `'auth0'`$/,
      /`true` here is a field/,
      /`web` is not in the event of post-login, as Auth0 documents it: a text is in single quotes, `'web\.x'`$/,
    ],
  ],
  [
    'a field of items',
    claim('user.identities[*].provdier'),
    [/`user\.identities\.provdier` .* did you mean `user\.identities\.provider`\?$/],
  ],
  [
    'a field in a filter',
    claim("authentication.methods[?nam == 'mfa']"),
    [/:25 .*did you mean `authentication\.methods\.name`\?$/],
  ],
  ['a field in an object that is made', claim('user.{a: emal}'), [/did you mean `user\.email`\?$/]],
  ['a field in a function', claim('lower(user.emai)'), [/:7 .*did you mean `user\.email`\?$/]],
  ['one that is read twice', claim('user.emial || user.emial'), [/emial/]],
  [
    'all that Auth0 documents',
    claim('[user.identities[0].profileData.x, user.app_metadata.a.b, session.device.last_ip, clock.hour, interactive]'),
    [],
  ],
  ['what is made of a value', claim('user.app_metadata | keys(@) | [0]'), []],
  ['an item of what is not known', claim('user.enrolledFactors[*].type | [0]'), []],
  ['an answer', { syncs: [entry({ response: { idToken: { a: 'emial.x' } } })] }, []],
  [
    'a body',
    { syncs: [entry({ request: { url: 'https://crm.example.com/', body: { list: [{ deep: 'user.nmae' }] } } })] },
    [/config\.syncs\[0\]\.request\.body\.list\[0\]\.deep:1 .*did you mean `user\.name`\?$/],
  ],
  [
    'a param',
    { syncs: [entry({ request: { url: 'https://crm.example.com/{id}', params: { id: 'user.id' } } })] },
    [/params\.id:1 `user\.id` /],
  ],
  [
    'a registration',
    { syncs: [entry({ on: ['post-user-registration'], when: 'client.name' })] },
    [/`client` is not in the event of post-user-registration/],
  ],
  [
    'one of two triggers',
    { syncs: [entry({ on: ['post-login', 'post-user-registration'], when: 'client.name' })] },
    [],
  ],
  // What JMESPath reads otherwise.
  [
    '`!` before a path',
    deny('!user.email_verified'),
    [/^warning config\.deny\[0\]\.when:1 `!` takes only what is before this/],
  ],
  ['`!` around a path', deny('!(user.email_verified)'), []],
  ['`true` without backticks', deny('user.email_verified == true'), [/:24 `true` here is a field/]],
  [
    '`null` next to a field that is not there',
    deny('user.blokced == null'),
    [/:17 `null` here/, /:1 `user\.blokced` /],
  ],
  ['`false` in a filter', deny('user.identities[?isSocial == false]'), [/:30 `false` here is a field/]],
  ['`true` behind a path', deny('user | true.x'), [/:8 `true` here is a field/]],
  [
    '`true` as the name of a field',
    deny('user.identities[*].true'),
    [/:20 `user\.identities\.true` is not in the event/],
  ],
  [
    '`true` in double quotes',
    deny('user.app_metadata.vip == "true"'),
    [/:26 `true` is not in the event of post-login, as Auth0 documents it: a text is in single quotes, `'true'`$/],
  ],
  // What one entry reads of another.
  [
    'an entry that does not run where a rule reads it',
    {
      syncs: [entry({ onFailure: 'deny' })],
      flows: {
        'pre-user-registration': { deny: [{ when: "syncs.crm.outcome == 'ok' && syncs.crm.answer.a", reason: 'no' }] },
      },
    },
    [
      /^warning config\.flows\.pre-user-registration\.deny\[0\]\.when `syncs\.crm` is always null here: add `pre-user-registration` to its `on`$/,
    ],
  ],
  [
    'one that runs where a claim reads it',
    {
      syncs: [entry({ on: ['post-login', 'credentials-exchange'] })],
      flows: { 'credentials-exchange': { claims: { accessToken: { a: 'syncs.crm.answer.a' } } } },
    },
    [],
  ],
  [
    'one that runs with an entry that reads it in one flow of two',
    {
      syncs: [
        entry(),
        entry({ name: 'b', on: ['post-login', 'post-user-registration'], when: "syncs.crm.outcome == 'ok'" }),
        entry({ name: 'c', on: ['event-stream', 'post-change-password'], when: "syncs.crm.outcome == 'ok'" }),
      ],
    },
    [/^warning config\.syncs\[2\]\.when `syncs\.crm` .*: add `event-stream`, `post-change-password` to its `on`$/],
  ],
  [
    'a field that `keep` does not have',
    { ...claim('syncs.crm.answer.idd'), syncs: [entry({ response: { keep: { id: 'data.id' } } })] },
    [/`syncs\.crm\.answer\.idd` is always null, as `keep` does not have it: did you mean `id`\?$/],
  ],
  [
    'a field inside one of `keep`',
    { ...claim('syncs.crm.answer.a.c'), syncs: [entry({ response: { keep: { a: { b: 'b' } } } })] },
    [/add `c` to `keep` of `crm`$/],
  ],
  ['a field that it has', { ...claim('syncs.crm.answer.a.c'), syncs: [entry({ response: { keep: { a: 'b' } } })] }, []],
  ['an answer without `keep`', { ...claim('syncs.crm.answer.idd'), syncs: [entry()] }, []],
  [
    'metrics where no entry makes a call',
    { ...claim('user.email'), syncs: [], metrics: { url: 'https://otel.example.com/v1/metrics' } },
    [
      /^warning config\.metrics nothing is ever sent, as metrics go with the call of an entry, and there is none: leave it out$/,
    ],
  ],
  ['metrics where one does', { syncs: [entry()], metrics: { url: 'https://otel.example.com/v1/metrics' } }, []],
  ['metrics where a preset may', { metrics: { url: 'https://otel.example.com/v1/metrics' } }, []],
  [
    '`ok` of what is fresh',
    { ...claim("syncs.crm.outcome == 'ok'"), syncs: [entry({ freshForSeconds: 60, response: { keep: { a: 'a' } } })] },
    [
      /:19 when no call is needed the outcome is `fresh`, and not `ok`: write `contains\(\['ok', 'fresh'\], syncs\.crm\.outcome\)`$/,
    ],
  ],
  ['`ok` of what is called each time', { ...claim("'ok' == syncs.crm.outcome"), syncs: [entry()] }, []],
  [
    'metadata of any answer',
    { syncs: [entry({ response: { appMetadata: { plan: 'plan' } } })] },
    [/^warning config\.syncs\[0\]\.response\.appMetadata an answer without such a field removes the key/],
  ],
  [
    'metadata of a good answer',
    { syncs: [entry({ response: { expect: 'plan', appMetadata: { plan: 'plan' } } })] },
    [],
  ],
  ['a literal in metadata', { syncs: [entry({ response: { appMetadata: { seen: true, by: "'crm'" } } })] }, []],
  // Rules.
  [
    'a rule on an entry whose failure is allowed',
    { ...deny('syncs.crm.answer.blocked'), syncs: [entry({ onFailure: { rejected: 'deny' } })] },
    [/while `crm` is unavailable this reads null/],
  ],
  ['one whose failure denies', { ...deny('syncs.crm.answer.blocked'), syncs: [entry({ onFailure: 'deny' })] }, []],
  [
    'one that asks how it ended',
    { ...deny("syncs.crm.outcome != 'ok' || syncs.crm.answer.blocked"), syncs: [entry()] },
    [],
  ],
  ['one in shadow mode', { ...deny('syncs.crm.answer.blocked'), syncs: [entry({ mode: 'shadow' })] }, []],
  [
    'a factor where no one is',
    mfa({ when: 'request.ip', always: true }),
    [/fails with `mfa_required`: leave out `always`/],
  ],
  ['a factor at a password grant', mfa({ when: "transaction.protocol == 'oauth2-password'", always: true }), []],
  [
    'a factor for no one',
    mfa({ when: '!(interactive) && user.email' }),
    [/:1 a rule applies only where `interactive` is true/],
  ],
  ['who is enrolled', mfa({ when: '!(user.multifactor)' }), [/^note .*so this never asks users who are/]],
  ['who has answered', mfa({ when: "!(authentication.methods[?name == 'mfa'])" }), []],
  // Credentials.
  [
    'a key in a header',
    sending({ 'x-api-key': 'abc' }),
    [/^warning config\.syncs\[0\]\.request\.headers\.x-api-key this looks like a credential/],
  ],
  ['a scheme in a header', sending({ 'x-auth': 'Bearer abcdef' }), [/credential/]],
  ['a version in a header', sending({ 'x-api-version': '2025-05-01' }), []],
  ['a secret in a header', sending({ 'x-api-key': { secret: 'CRM_API_KEY' } }), []],
  ...[
    sending({ 'x-api-key': { secret: 'AKIA1234567890ABCDEF' } }),
    sending({ authorization: { bearer: ['CRM_TOKEN', `eyJ${'a1'.repeat(8)}.${'b2'.repeat(8)}`] } }),
    sending({ authorization: { basic: { user: 'CRM_USER', password: 'a1b2c3d4'.repeat(5) } } }),
    sending({ 'x-sig': { hmac: { secret: 'a1b2c3d4'.repeat(5), of: 'user.user_id' } } }),
    ...['clientId', 'clientSecret', 'refreshToken'].map((field) => ({
      ...sending({ authorization: { token: 'crm' } }),
      tokens: {
        crm: {
          url: 'https://crm.example.com/token',
          clientId: 'CRM_ID',
          clientSecret: 'CRM_SECRET',
          [field]: ['CRM_OTHER', 'a1b2c3d4'.repeat(5)],
        },
      },
    })),
  ].map(
    (config) =>
      /** @type {[string, any, RegExp[]]} */ ([
        `a value where the name of a secret belongs: ${JSON.stringify(config).slice(0, 200)}`,
        config,
        [/^warning config\.\S+ this looks like the value of a secret, and its name belongs here: /],
      ]),
  ),
  [
    'the names of secrets',
    {
      ...sending({ authorization: { token: 'crm' }, 'x-api-key': { secret: 'CRM_API_KEY' } }),
      tokens: { crm: { url: 'https://crm.example.com/token', clientId: 'CRM_ID', clientSecret: ['crm-secret', 'B'] } },
    },
    [],
  ],
  [
    'a key in a query',
    to('https://crm.example.com/?a=b&api_key=0123456789'),
    [/request\.url the query looks like a credential/],
  ],
  [
    'a param in a query',
    { syncs: [entry({ request: { url: 'https://crm.example.com/?key={k}', params: { k: { secret: 'K' } } } })] },
    [],
  ],
  ['a key in a path', to(`https://crm.example.com/users?page=12`), []],
  ['a key in an expression', claim(`'sk_live_${'a1'.repeat(8)}'`), [/:1 this string looks like a credential/]],
  ['a random string', claim(`'${'a1b2c3d4'.repeat(5)}'`), [/credential/]],
  ['a sentence', claim(`'this is a long sentence of many words and 123456 digits'`), []],
  ['a url', claim(`'https://example.com/a-long-path-with-many-words-in-it'`), []],
  // Claims.
  [
    'a profile claim',
    { claims: { accessToken: { email: 'user.email' } } },
    [/^note config\.claims\.accessToken\.email Auth0 drops this claim unless .* scope `email`/],
  ],
  ['a profile claim of the ID token', claim('user.email'), []],
  [
    'a whole answer',
    { syncs: [entry({ response: { idToken: { crm: '@' } } })] },
    [/^note .*response\.idToken\.crm this can be of any size/],
  ],
  ['all metadata', claim('user.app_metadata'), [/of any size/]],
  [
    'many claims',
    { claims: { idToken: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`claim-${i}`, 'user.email'])) } },
    [/^note config the claims make both tokens about 4,\d{3} bytes long/],
  ],
  ['a few claims', { claims: { idToken: { a: 'user.email', b: 'user.name', c: "'x'" } } }, []],
];

describe('a config', () => {
  for (const [what, config, patterns] of TABLE) {
    it(`${patterns.length > 0 ? 'is warned of' : 'may have'} ${what}`, () => {
      const { errors, warnings } = check(config);
      assert.deepEqual(errors, []);
      const lines = warnings.map(
        ({ level, path, column, message }) => `${level} ${path}${column === undefined ? '' : `:${column}`} ${message}`,
      );
      assert.equal(lines.length, patterns.length, lines.join('\n'));
      patterns.forEach((pattern, i) => void assert.match(lines[i] ?? '', pattern));
    });
  }

  it('is told which fields a tenant has besides', () => {
    assert.equal(check(claim('user.groups[0].name')).warnings.length, 1);
    assert.deepEqual(check(claim('user.groups[0].name'), { known: ['user.groups'] }).warnings, []);
    assert.equal(check(claim('user.groupsies'), { known: ['user.groups'] }).warnings.length, 1);
  });

  it('is warned of in its order', () => {
    const { warnings } = check({ ...deny('!a.b'), claims: { idToken: { a: 'user.x', b: '!c.d' } } });
    assert.deepEqual(
      [...new Set(warnings.map(({ path }) => path))],
      ['config.deny[0].when', 'config.claims.idToken.a', 'config.claims.idToken.b'],
    );
  });

  it('that is refused has errors, and no warnings', () => {
    assert.deepEqual(check({ clams: {}, ...claim('user.emial') }), {
      errors: [{ path: 'config', message: 'unknown field `clams`: did you mean `claims`?' }],
      warnings: [],
    });
  });

  it('is warned of when it is bundled', () => {
    const { notes } = bundle(deny('!user.email_verified'));
    assert.match(notes.at(-1) ?? '', /^warning: config\.deny\[0\]\.when: column 1: `!` takes only/);
  });
});

it('no example is warned of, and no preset', () => {
  const examples = readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' });
  const configs = examples.filter((file) => file.endsWith('.json')).map((file) => path.join(root, 'examples', file));
  assert.ok(configs.length > 5);
  const presets = readdirSync(path.join(root, 'src', 'presets')).map((file) => ({
    syncs: [JSON.parse(readFileSync(path.join(root, 'src', 'presets', file), 'utf8'))],
  }));
  for (const config of [...configs, ...presets]) {
    const { errors, warnings } = check(config);
    // The snippet that Cleeng publishes reads this, and so does the preset.
    const told = warnings.filter(({ level, message }) => level === 'warning' && !message.startsWith('`client.ip`'));
    assert.deepEqual([errors, told], [[], []], JSON.stringify(config));
  }
});

describe('login-sync check', () => {
  const command = (/** @type {string[]} */ ...args) =>
    run(process.execPath, [path.join(root, 'tools', 'commands', 'check.mjs'), ...args]);
  const file = path.join(root, 'tests', 'documents', 'good', 'everything.json');

  it('warns, and fails only where it is told to', async () => {
    const plain = await command('--config', file);
    assert.equal(plain.code, 0);
    assert.match(plain.stdout, /^warning: config\.[^\n]+\n(.*\n)*.*everything\.json: \d warnings, 1 note$/);
    assert.deepEqual((await command('--config', file, '--strict')).code, 1);
    const example = path.join(root, 'examples', 'claims-from-event', 'config.json');
    const { code, stdout } = await command('--config', example, '--strict');
    assert.deepEqual([code, stdout.match(/^note: /gm)?.length], [0, 1], 'a note does not fail it');
  });

  it('writes JSON alone', async () => {
    const { stdout } = await command('--config', file, '--json');
    for (const { level, path, message } of JSON.parse(stdout)) assert.ok(level && path && message);
  });

  it('refuses what the Action refuses', async () => {
    const { code, stdout, output } = await command('--config', path.join(root, 'package.json'));
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(output, /^error: `.*package\.json` is refused: \d+ errors\n/);
  });
});
