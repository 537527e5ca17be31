// `{ "use": NAME }` of a connector: what comes into a config, what the user's own words change, and what is refused, where.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { presetNames } from '../../tools/commands/open.mjs';
import { PASTE, PRESETS, root } from '../../tools/files.mjs';
import { connectors, library } from '../../tools/library/connectors.mjs';
import { expanded, linesOf, openText } from '../../tools/paste/config.mjs';
import { expand, layOver } from '../../tools/paste/connectors.mjs';
import { openEngine } from '../../tools/paste/paste.mjs';

const paste = readFileSync(PASTE, 'utf8');
const engine = openEngine(paste);
const presets = presetNames();

const request = { url: 'https://api.example.com/', body: { id: 'user.user_id' } };
/** @type {Record<string, Record<string, any>>} */
const LIBRARY = {
  shop: {
    about: { title: 'A shop' },
    requestQuery: ['shop_hint', 'mine'],
    syncs: [
      { name: 'shop-find', request, response: { keep: { id: 'id' } } },
      {
        name: 'shop',
        when: 'syncs."shop-find".answer.id',
        request: { ...request, headers: { authorization: { token: 'shop' }, 'x-a': '1' } },
        onFailure: { rejected: 'deny', unavailable: 'mfa' },
      },
    ],
    tokens: { shop: { url: 'https://auth.example.com/', clientId: 'SHOP_ID', clientSecret: 'SHOP_SECRET' } },
    claims: { idToken: { shop_id: 'syncs."shop-find".answer.id', shop_hint: 'request.query.shop_hint' } },
    appMetadata: { shop_id: 'syncs."shop-find".answer.id' },
    deny: [{ when: 'syncs.shop.answer.blocked', reason: 'No.' }],
    mfa: [{ when: 'syncs.shop.answer.odd', provider: 'any' }],
    scopes: { add: ["'shop'"] },
  },
  hints: { about: {}, claims: { idToken: { hint: 'user.nickname', shop_hint: 'user.name' } } },
};

/** @param {any} config */
const wrote = (config) => expanded(engine, config, LIBRARY, presets);
/** @param {any} config */
const said = (config) => wrote(config).problems.flatMap(linesOf);

describe('a connector brings', () => {
  it('all that is in it but what it says of itself, at the place of its `use`', () => {
    const { config, problems } = wrote({ syncs: [{ name: 'a', request }, { use: 'shop' }, { name: 'b', request }] });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      config.syncs.map((/** @type {any} */ { name }) => name),
      ['a', 'shop-find', 'shop', 'b'],
    );
    const { about: _, syncs: __, ...rest } = LIBRARY.shop ?? {};
    const { syncs: ___, ...brought } = config;
    assert.deepEqual(brought, rest);
  });

  it('claims alone, without an entry', () => {
    assert.deepEqual(wrote({ syncs: [{ use: 'hints' }] }).config, { syncs: [], claims: LIBRARY.hints?.claims });
  });

  it('nothing where it is not used, and leaves what was written as it was', () => {
    const config = { syncs: [{ use: 'cleeng' }, { use: 'shop' }], claims: { idToken: { a: 'user.name' } } };
    const text = JSON.stringify(config);
    wrote(config);
    assert.equal(JSON.stringify(config), text);
    for (const other of [
      {},
      { syncs: [] },
      { syncs: [{ use: 'cleeng' }] },
      { syncs: 'x' },
      { syncs: [null, 5] },
      null,
      5,
      [],
    ])
      assert.deepEqual(expand(other, LIBRARY, presets).config, other);
  });
});

describe("the user's words", () => {
  it('change the entry that has the name of the connector, as those of a preset do', () => {
    const { config } = wrote({
      syncs: [
        {
          use: 'shop',
          when: null,
          timeoutMs: 700,
          request: { headers: { 'x-a': null, 'x-b': '2' } },
          onFailure: { rejected: 'allow' },
        },
      ],
    });
    const [find, shop] = config.syncs;
    assert.deepEqual(find, LIBRARY.shop?.syncs[0]);
    const { when: _, ...rest } = LIBRARY.shop?.syncs[1] ?? {};
    assert.deepEqual(shop, {
      ...rest,
      request: { ...request, headers: { authorization: { token: 'shop' }, 'x-b': '2' } },
      timeoutMs: 700,
      onFailure: { rejected: 'allow', unavailable: 'mfa' },
    });
    const denied = wrote({ syncs: [{ use: 'shop', onFailure: { deny: 'No.' } }] }).config.syncs[1];
    assert.deepEqual(denied.onFailure, { deny: 'No.' });
  });

  it('that name a policy for one failure leave the others as the connector has them', () => {
    const each = (/** @type {unknown} */ policy) =>
      Object.fromEntries(
        ['rejected', 'unauthorized', 'conflict', 'unavailable', 'invalid'].map((name) => [name, policy]),
      );
    /** @type {[all: unknown, over: unknown, wanted: unknown][]} */
    const table = [
      ['deny', { unavailable: 'allow' }, { ...each('deny'), unavailable: 'allow' }],
      ['deny', { deny: null, unavailable: 'mfa' }, { ...each('deny'), unavailable: 'mfa' }],
      [{ deny: 'No.' }, { rejected: 'mfa' }, { ...each({ deny: 'No.' }), rejected: 'mfa' }],
      ['deny', { deny: 'Never.' }, { deny: 'Never.' }],
      ['deny', 'allow', 'allow'],
    ];
    for (const [all, over, wanted] of table) {
      const one = { a: { syncs: [{ name: 'a', request, onFailure: all }] } };
      const { config, problems } = expand({ syncs: [{ use: 'a', onFailure: over }] }, one, presets);
      const [{ onFailure }] = config.syncs;
      if (onFailure?.deny === null) delete onFailure.deny;
      assert.deepEqual([onFailure, problems], [wanted, []], JSON.stringify([all, over]));
    }
  });

  it('are laid over by the same rules as the engine lays them over a preset', () => {
    const overs = [
      {},
      { on: null, reuse: null, timeoutMs: 900, name: 'other' },
      {
        request: {
          body: { locale: null, extra: 'user.name', country: { a: 'user.name' } },
          headers: { accept: 'a/b' },
        },
      },
      { request: null, response: { idToken: null, keep: { a: 'b' } } },
      { response: null, onFailure: { invalid: 'allow', rejected: null } },
      { onFailure: 'mfa', retries: 0, when: 'user.email' },
      { request: { params: { userId: { secret: 'OTHER' } }, url: 'https://a.example.com/' } },
    ];
    for (const use of presets) {
      const preset = JSON.parse(readFileSync(path.join(PRESETS, `${use}.json`), 'utf8'));
      for (const over of overs) {
        const config = { syncs: [{ use, ...over }] };
        assert.equal(
          JSON.stringify(layOver(preset, over, 3)),
          JSON.stringify(engine.syncs(config)[0]),
          JSON.stringify(config),
        );
      }
    }
  });

  it('take all entries of a connector into shadow mode', () => {
    const { config } = wrote({ syncs: [{ use: 'shop', mode: 'shadow' }] });
    assert.deepEqual(
      config.syncs.map((/** @type {any} */ { mode }) => mode),
      ['shadow', 'shadow'],
    );
  });

  it('win where both set a key, and come first where both have rules', () => {
    const own = {
      requestQuery: ['mine'],
      claims: { idToken: { shop_id: "'mine'", other: 'user.name' } },
      appMetadata: { shop_id: null },
      deny: [{ when: 'user.blocked', reason: 'First.' }],
      mfa: [{ when: 'user.odd', provider: 'duo' }],
      scopes: { add: ["'mine'"], remove: ["'yours'"] },
    };
    const { config, problems } = wrote({ syncs: [{ use: 'shop' }], ...own });
    assert.deepEqual(problems, []);
    assert.deepEqual(config.requestQuery, ['mine', 'shop_hint']);
    assert.deepEqual(config.claims.idToken, {
      shop_id: "'mine'",
      shop_hint: 'request.query.shop_hint',
      other: 'user.name',
    });
    assert.deepEqual(config.appMetadata, { shop_id: null });
    assert.deepEqual(config.deny, [...own.deny, ...(LIBRARY.shop?.deny ?? [])]);
    assert.deepEqual(config.mfa, [...own.mfa, ...(LIBRARY.shop?.mfa ?? [])]);
    assert.deepEqual(config.scopes, { add: ["'mine'", "'shop'"], remove: ["'yours'"] });
  });
});

describe('it is refused', () => {
  const shop = { use: 'shop' };
  /** @type {[what: string, config: any, says: string[]][]} */
  const cases = [
    [
      'a name that is near one',
      { syncs: [{ use: 'shopp' }] },
      ['config.syncs[0].use: unknown connector: did you mean `shop`?'],
    ],
    [
      'a preset, misspelled',
      { syncs: [{ use: 'cleng' }] },
      ['config.syncs[0].use: unknown connector: did you mean `cleeng`?'],
    ],
    [
      'another name',
      { syncs: [{ use: 'acme-erp' }] },
      ['config.syncs[0].use: unknown connector: choose from cleeng, hints, okta-workflows, shop, userhub'],
    ],
    [
      'to use one twice',
      { syncs: [shop, { name: 'a', request }, shop] },
      ["config.syncs[2].use: `shop` is here twice: copy it, and give the copy's entries other names"],
    ],
    [
      'to give it a name',
      { syncs: [{ ...shop, name: 'store' }] },
      [
        'config.syncs[0].name: must be `shop`, because the rest of the connector reads the entry by this name: remove it',
      ],
    ],
    [
      'to change one that has no entry',
      { syncs: [{ use: 'hints', when: 'user.email' }] },
      ['config.syncs[0].when: the connector `hints` calls no system, so there is nothing to change: remove this'],
    ],
    [
      'a token of the same name',
      { syncs: [shop], tokens: { shop: LIBRARY.shop?.tokens.shop } },
      [
        'config.tokens.shop: the connector `shop` brings a token of this name: choose another name, or copy the connector and change it there',
      ],
    ],
    [
      'two connectors that set one claim',
      { syncs: [shop, { use: 'hints' }] },
      ['config.claims.idToken.shop_hint: is set by `shop`, `hints`: set it here yourself'],
    ],
    [
      'a mistake next to `use`, where it was written',
      {
        syncs: [
          { name: 'a', request },
          { ...shop, when: 'user.email ?? 5' },
        ],
      },
      [
        'config.syncs[1].when: column 12: `?` is not an operator: write `a || b` for `a ?? b`',
        '    user.email ?? 5',
        '               ^',
      ],
    ],
    [
      'a mistake after a connector, where it was written',
      { syncs: [shop, { name: 'a', request, retries: 99 }] },
      ['config.syncs[1].retries: must be a whole number from 0 to 5'],
    ],
  ];
  cases.push([
    'with all else that is wrong',
    { syncs: [{ use: 'cleng' }, { ...shop, name: 'a', retries: 99 }], mfaa: [] },
    [
      'config.syncs[1].name: must be `shop`, because the rest of the connector reads the entry by this name: remove it',
      'config: unknown field `mfaa`: did you mean `mfa`?',
      'config.syncs[0].use: unknown connector: did you mean `cleeng`?',
      'config.syncs[1].retries: must be a whole number from 0 to 5',
    ],
  ]);
  for (const [what, config, says] of cases) it(what, () => assert.deepEqual(said(config), says));

  it('and what a user sets wrong, the engine says as ever', () => {
    assert.match(said({ syncs: [shop], claims: 'x' }).join(), /config\.claims: must be an object/);
    assert.match(said({ syncs: [shop], deny: {} }).join(), /config\.deny: must be an array/);
    assert.match(said({ syncs: [shop], tokens: [] }).join(), /config\.tokens: must be an object/);
  });

  it('in a paste that is edited by hand, with the way to take it', () => {
    const [problem] = engine.problems({ syncs: [{ use: 'stripe' }] });
    assert.equal(problem?.path, 'config.syncs[0].use');
    assert.match(problem?.message ?? '', /connector.*run `bundle`/);
  });
});

describe('the commands', () => {
  /** @param {import('node:test').TestContext} t @param {any} config */
  function fileOf(t, config) {
    const folder = mkdtempSync(path.join(tmpdir(), 'connectors-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'my.config.json');
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
  /** @param {string[]} args */
  const run = (...args) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

  it('bundle what is used and nothing else', (t) => {
    const file = fileOf(t, { syncs: [{ use: 'stripe' }] });
    const out = path.join(path.dirname(file), 'action.js');
    const { status, stdout, stderr } = run('tools/commands/bundle.mjs', '--config', file, '--out', out);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /secrets it needs: STRIPE_KEY\n/);
    const text = readFileSync(out, 'utf8');
    assert.ok(text.includes('api.stripe.com') && !text.includes('api.hubapi.com') && !text.includes('docs.stripe.com'));
  });

  it('list its claims', (t) => {
    const { stdout } = run('tools/commands/claims.mjs', '--config', fileOf(t, { syncs: [{ use: 'stripe' }] }));
    assert.match(stdout, /idToken +stripe_status/);
  });

  it('simulate it, by its contract', (t) => {
    const file = fileOf(t, { syncs: [{ use: 'stripe' }] });
    const { stdout } = run('tools/commands/simulate.mjs', '--config', file, '--trigger', 'post-login', '--json');
    const { outcome, requests, tokens, appMetadata } = JSON.parse(stdout);
    assert.equal(outcome, 'allowed');
    assert.equal(requests.length, 2);
    assert.equal(tokens.idToken.stripe_status, 'active');
    assert.equal(appMetadata.stripe_id, 'cus_NffrFeUfNV2Hib');
  });

  it('say of what is next to it where that was written', (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'connectors-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const body = { a: 'user.emial', b: 'user.none' };
    const mine = { name: 'mine', request: { url: 'https://api.mine.example/', body } };
    const file = path.join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ syncs: [{ use: 'stripe' }, mine] }));
    const said = (/** @type {string} */ verb, /** @type {string[]} */ ...args) =>
      spawnSync(
        process.execPath,
        [path.join(root, 'tools', 'commands', `${verb}.mjs`), '--config', file, '--json', ...args],
        { encoding: 'utf8' },
      ).stdout;
    const places = (/** @type {{ path: string }[]} */ list) => list.map(({ path: place }) => place);
    assert.deepEqual(places(JSON.parse(said('check'))), [
      'config.syncs[1].request.body.a',
      'config.syncs[1].request.body.b',
    ]);
    const { leftOut } = JSON.parse(said('simulate', '--clock', 'virtual'));
    assert.deepEqual(places(leftOut), [
      'config.syncs[0]',
      'config.syncs[1].request.body.a',
      'config.syncs[1].request.body.b',
    ]);
    assert.equal(leftOut[0].why, 'in its entry `stripe-create`: skipped: `when` is not true');
  });

  it('open every one of them', () => {
    for (const { name } of connectors()) {
      const text = JSON.stringify({ syncs: [{ use: name }] });
      const { config } = openText({ text, file: name, paste, presets, library: library() });
      assert.equal(config.about, undefined);
    }
  });
});
