// The examples and the pages of docs/: what people copy from them is accepted by the engine, and says what the page says it
// says. What the examples' other sides do (a receiver, an Apps Script) is run here against what the paste sends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { receiver } from '../../examples/signed-webhook/receiver.mjs';
import { presetNames } from '../../tools/commands/open.mjs';
import { root } from '../../tools/files.mjs';
import { library } from '../../tools/library/connectors.mjs';
import { check } from '../../tools/library/index.mjs';
import { expanded } from '../../tools/paste/config.mjs';
import { openEngine, problems, withConfig } from '../../tools/paste/paste.mjs';
import { openTenant } from '../../tools/tenant/tenant.mjs';
import { fieldsOf } from '../paste/fields/schema.mjs';
import { blocks, filesOf, PAGES, read } from './pages.mjs';

const PASTE = read('pkg/login-sync.js');

const EXAMPLES = filesOf('examples', /\.json$/);

/** @param {unknown} config @param {Record<string, string>} secrets @param {(tenant: import('../../tools/tenant/tenant.mjs').Tenant) => Promise<void>} work */
async function withTenant(config, secrets, work) {
  const tenant = await openTenant({ code: withConfig(PASTE, config), secrets });
  try {
    await work(tenant);
  } finally {
    await tenant.close();
  }
}

describe('configs', () => {
  it('of the examples are accepted', () => {
    assert.ok(EXAMPLES.length >= 11);
    for (const file of EXAMPLES) {
      const config = JSON.parse(read(file));
      assert.deepEqual(problems(PASTE, config), [], file);
      assert.ok(
        existsSync(path.resolve(root, path.dirname(file), config.$schema)),
        `${file}: there is no ${config.$schema}`,
      );
    }
  });

  it('of the pages are accepted: each block of JSON is a whole config', () => {
    const configs = PAGES.flatMap(blocks).filter(({ language }) => language === 'json');
    assert.ok(configs.length >= 20);
    const engine = openEngine(PASTE);
    for (const { text, at } of configs)
      assert.deepEqual(expanded(engine, JSON.parse(text), library(), presetNames()).problems, [], at);
  });

  it('of the pages and of the connectors have no warning, but for those that show what one is about', () => {
    const shown = PAGES.filter((file) => file !== 'docs/migrate.md')
      .flatMap(blocks)
      .filter(({ language }) => language === 'json')
      .map(({ text, at }) => ({ at, config: JSON.parse(text) }));
    const used = Object.keys(library()).map((name) => ({ at: name, config: { syncs: [{ use: name }] } }));
    for (const { at, config } of [...shown, ...used]) {
      const { warnings } = check(config);
      assert.deepEqual(
        warnings.filter(({ level }) => level === 'warning'),
        [],
        at,
      );
    }
  });

  it('that are whole examples are in their page as they are', () => {
    for (const [page, name] of Object.entries({
      crm: 'crm-once-a-day',
      'google-sheet': 'google-sheet-row',
      cloudentity: 'cloudentity',
      'your-own-system': 'signed-webhook',
      userhub: 'userhub-claims',
    })) {
      const { $schema: _, ...config } = JSON.parse(read(`examples/${name}/config.json`));
      const shown = blocks(`docs/${page}.md`)
        .filter(({ language }) => language === 'json')
        .map(({ text }) => JSON.parse(text));
      assert.ok(
        shown.some((each) => JSON.stringify(each) === JSON.stringify(config)),
        `docs/${page}.md does not show examples/${name}`,
      );
    }
  });
});

describe('expressions of the pages', () => {
  const rows = PAGES.flatMap(blocks)
    .filter(({ language }) => language === 'expressions')
    .flatMap(({ text, at }) =>
      text
        .trim()
        .split('\n')
        .map((line) => ({ at, cells: /^(.*?)\s+# (.*)$/.exec(line) ?? [], line })),
    );
  const table = rows.map(({ at, cells: [, expression = '', result = ''], line }) => ({ at, expression, result, line }));
  const good = table.filter(({ result }) => !result.startsWith('error: '));
  const bad = table.filter(({ result }) => result.startsWith('error: '));

  it('give what is next to them, on the event of `npm start`', async () => {
    assert.ok(good.length >= 20);
    const named = good.map(({ expression }, i) => [`claim_${i}`, expression]);
    await withTenant({ syncs: [], claims: { idToken: Object.fromEntries(named) } }, {}, async (tenant) => {
      const { tokens } = await tenant.login();
      for (const [i, { at, line, result }] of good.entries())
        assert.deepEqual(tokens?.idToken?.claims[`claim_${i}`] ?? null, JSON.parse(result), `${at}: ${line}`);
    });
  });

  it('are refused with the words that are next to them', () => {
    assert.ok(bad.length >= 8);
    for (const { at, expression, result } of bad) {
      const [problem] = problems(PASTE, { claims: { idToken: { first: expression } } });
      assert.equal(`error: ${problem?.message}`, result, at);
    }
  });

  it('show an error as it looks', () => {
    const [shown] = blocks('docs/expressions.md').filter(({ text }) => text.includes('^'));
    const [problem] = problems(PASTE, { claims: { idToken: { first: 'lenght(user.roles)' } } });
    assert.equal(shown?.text, `${problem?.path}: ${problem?.message}\n${problem?.caret?.replace(/^/gm, '    ')}\n`);
  });
});

it('the claims manifest in docs/cloudentity.md is that of its config', () => {
  const args = ['tools/commands/claims.mjs', '--config', 'examples/cloudentity/config.json', '--format', 'cloudentity'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.ok(
    blocks('docs/cloudentity.md').some(({ text }) => text === stdout),
    stdout,
  );
});

describe('the pages', () => {
  it('begin with what they are for', () => {
    for (const page of PAGES.filter((file) => file !== 'README.md'))
      assert.match(read(page), /^# .+\n\nThis page .+[.:]/, page);
  });

  it('are all in the index', () => {
    for (const page of PAGES.filter((file) => file !== 'README.md' && file !== 'docs/README.md')) {
      const index = page.startsWith('docs/connectors/') ? 'docs/connectors.md' : 'docs/README.md';
      assert.ok(read(index).includes(`](${page.slice('docs/'.length)}`), page);
    }
  });

  it('link to what is there', () => {
    for (const page of PAGES) {
      for (const [, target = ''] of read(page)
        .replaceAll(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/\]\(([^)]+)\)/g)) {
        if (target.startsWith('https://')) continue;
        const [file = '', anchor] = target.split('#');
        const place = file === '' ? page : path.join(path.dirname(page), file);
        assert.ok(existsSync(path.join(root, place)), `${page}: ${target}`);
        if (anchor) assert.ok(anchors(read(place)).includes(anchor), `${page}: there is no heading for ${target}`);
      }
    }
  });

  /** As GitHub makes them. @param {string} text */
  const anchors = (text) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it('name every field of the config, every outcome, and every claim that Auth0 drops', () => {
    const schema = JSON.parse(read('pkg/schema.json'));
    const reference = read('docs/config.md');
    const fields = new Set(fieldsOf(schema).map((field) => field.split('.').at(-1) ?? ''));
    assert.ok(fields.size > 25);
    for (const field of fields)
      assert.ok(
        reference.includes(`\`${field}\``) || reference.includes(`"${field}"`),
        `docs/config.md does not name ${field}`,
      );
    // And the other way round: the first column of its tables of fields has no other.
    const tables = reference.matchAll(/^\| (?:field.*?|`jwt`|`hmac`|`of`) \|.*\n\|[- |]+\n((?:\|.*\n)+)/gm);
    const named = [...tables].flatMap(([, rows = '']) =>
      rows.split('\n').flatMap((row) => [...(/^\| (.*?) \|/.exec(row)?.[1] ?? '').matchAll(/`([^`]+)`/g)]),
    );
    assert.ok(named.length > 60, `${named.length} names`);
    const words = new Set([...fields, ...schema.definitions.Idempotency.properties.of.enum]);
    for (const [, name = ''] of named) assert.ok(words.has(name), `the schema does not know ${name} of docs/config.md`);
    const dropped = schema.definitions.ClaimName.not.anyOf[0].enum;
    assert.ok(dropped.length > 50);
    for (const name of dropped)
      assert.ok(reference.includes(`\`${name}\``), `docs/config.md does not name the claim ${name}`);
    for (const outcome of [
      'ok',
      'fresh',
      'reused',
      'stale',
      'skipped',
      ...Object.keys(schema.definitions.OnFailure.properties),
    ]) {
      assert.ok(read('docs/failure.md').includes(`| \`${outcome}\` |`), `docs/failure.md does not name ${outcome}`);
    }
  });
});

describe('the receiver of examples/signed-webhook', () => {
  const config = JSON.parse(read('examples/signed-webhook/config.json'));
  const key = 'an invented key of 32 bytes or so';
  const audience = 'https://hooks.example.com/login';

  /** @typedef {{ headers: Record<string, string>, body: string }} Sent */

  /**
   * What the paste sends at a login (at the first try and, after a 503, the second), and a receiver that listens.
   * @param {(sent: [Sent, Sent], post: (sent: Sent) => Promise<number>, state: { now: number, done: any[], fails: boolean }) => Promise<void>} work
   * @param {string} [audienceOfReceiver]
   */
  async function listen(work, audienceOfReceiver = audience) {
    const state = { now: Date.now(), done: /** @type {any[]} */ ([]), fails: false };
    const handle = (/** @type {any} */ body, /** @type {string} */ userId) => {
      if (state.fails) throw new Error('no luck');
      state.done.push([userId, body]);
    };
    const server = http.createServer(receiver({ key, audience: audienceOfReceiver, handle, now: () => state.now }));
    await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const post = async (/** @type {Sent} */ { headers: { host: _, 'content-length': _length, ...headers }, body }) =>
      (await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST', headers, body })).status;
    try {
      await withTenant(config, { WEBHOOK_KEY: key }, async (tenant) => {
        tenant.standIns.fault('503', { times: 1 });
        const { requests } = await tenant.login();
        assert.equal(requests.length, 2);
        await work(/** @type {[Sent, Sent]} */ (/** @type {unknown} */ (requests)), post, state);
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('believes what the Action has signed', () =>
    listen(async ([sent], post, { done }) => {
      assert.equal(await post(sent), 204);
      assert.deepEqual(done, [
        [
          'auth0|67a1f0c2d4b8e9000a1b2c3d',
          { id: 'auth0|67a1f0c2d4b8e9000a1b2c3d', email: 'maja.lindqvist@example.com', connection: 'customers' },
        ],
      ]);
    }));

  it('takes a token once, and does the work of a retry once', () =>
    listen(async ([first, second], post, { done }) => {
      assert.deepEqual([await post(first), await post(first), await post(second), done.length], [204, 409, 204, 1]);
    }));

  it('does the work at the retry when the first try failed', (t) =>
    listen(async ([first, second], post, state) => {
      t.mock.method(console, 'error', () => {});
      state.fails = true;
      assert.equal(await post(first), 500);
      state.fails = false;
      assert.deepEqual([await post(second), state.done.length], [204, 1]);
    }));

  it('refuses every other', () =>
    listen(async ([sent], post, state) => {
      const token = sent.headers.authorization ?? '';
      const [head, claims, signature] = token.replace('Bearer ', '').split('.');
      const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
      for (const [what, changed] of Object.entries({
        'another body': { body: sent.body.replace('maja', 'mala') },
        'no token': { headers: { ...sent.headers, authorization: '' } },
        'another scheme': { headers: { ...sent.headers, authorization: token.replace('Bearer', 'Basic') } },
        'no signature': { headers: { ...sent.headers, authorization: `Bearer ${unsigned}.${claims}.` } },
        'another signature': {
          headers: {
            ...sent.headers,
            authorization: `Bearer ${head}.${claims}.${signature?.split('').reverse().join('')}`,
          },
        },
      }))
        assert.equal(await post({ ...sent, ...changed }), 401, what);
      assert.equal(await post({ ...sent, body: 'x'.repeat(70_000) }), 413);
      state.now += 70_000;
      assert.equal(await post(sent), 401, 'a token that has expired');
      assert.deepEqual(state.done, []);
    }));

  it('refuses a token for somebody else', () =>
    listen(async ([sent], post) => assert.equal(await post(sent), 401), 'https://other.example.com/'));

  it('wants a key that cannot be guessed', () => {
    assert.throws(() => receiver({ key: 'short', audience, handle: () => {} }), /32 bytes/);
  });
});

describe('the Apps Script of examples/google-sheet-row', () => {
  const config = JSON.parse(read('examples/google-sheet-row/config.json'));
  const KEY = '0123456789abcdef0123456789abcdef';

  /** Google's side, as far as the script uses it. @param {string | null} [key] */
  function script(key = KEY) {
    /** @type {any[][]} */
    const rows = [];
    const state = { rows, locked: 0, most: 0 };
    const finder = (/** @type {string} */ text) => {
      const options = {
        matchCase: () => options,
        matchEntireCell: () => options,
        findNext: () => rows.find(([id]) => id === text) ?? null,
      };
      return options;
    };
    const globals = {
      PropertiesService: {
        getScriptProperties: () => ({ getProperty: (/** @type {string} */ name) => (name === 'KEY' ? key : null) }),
      },
      LockService: {
        getScriptLock: () => ({ waitLock: () => (state.locked += 1), releaseLock: () => (state.locked -= 1) }),
      },
      SpreadsheetApp: {
        flush: () => {},
        getActiveSpreadsheet: () => ({
          getSheets: () => [
            {
              getRange: () => ({ createTextFinder: finder }),
              appendRow: (/** @type {any[]} */ row) => {
                assert.equal(state.locked, 1);
                rows.push([...row]);
              },
            },
          ],
        }),
      },
      ContentService: { createTextOutput: (/** @type {string} */ text) => ({ text }) },
    };
    const { doPost } = /** @type {any} */ (
      vm.runInNewContext(`${read('examples/google-sheet-row/Code.gs')}\n({ doPost });`, globals)
    );
    return { state, doPost };
  }

  /** What the paste sends for a registration, as Apps Script hands it over. @param {Record<string, any>} [user] */
  async function arrived(user = {}) {
    /** @type {any} */
    let event;
    await withTenant(
      config,
      { SHEET_URL: `https://script.google.com/macros/s/AKfy-cbx_1/exec?key=${KEY}` },
      async (tenant) => {
        await tenant.register({ user });
        const [arrival] = tenant.standIns.arrivals;
        event = { parameter: Object.fromEntries(arrival?.query ?? []), postData: { contents: arrival?.body } };
      },
    );
    return event;
  }

  it('writes one row per user', async () => {
    const { state, doPost } = script();
    const event = await arrived();
    assert.equal(doPost(event).text, 'done');
    doPost(event);
    assert.deepEqual(state.rows, [
      ['auth0|67a1f0c2d4b8e9000a1b2c3d', 'maja.lindqvist@example.com', 'Maja Lindqvist', '2026-03-02T17:45:08.901Z'],
    ]);
    doPost(await arrived({ user_id: 'auth0|2', email: null }));
    assert.deepEqual(state.rows[1]?.slice(0, 2), ['auth0|2', '']);
    assert.equal(state.locked, 0);
  });

  it('writes no formula', async () => {
    const { state, doPost } = script();
    doPost(await arrived({ name: '=IMPORTXML("https://evil.example.com")' }));
    assert.equal(state.rows[0]?.[2], '\'=IMPORTXML("https://evil.example.com")');
  });

  it('throws at strangers, so that no redirect is answered', async () => {
    const event = await arrived();
    for (const [key, parameter] of /** @type {[string | null, object][]} */ ([
      [KEY, {}],
      [KEY, { key: 'other' }],
      [null, { key: '' }],
      [null, {}],
      ['short', { key: 'short' }],
    ])) {
      const { state, doPost } = script(key);
      assert.throws(() => doPost({ ...event, parameter }), /the key/);
      assert.deepEqual(state.rows, []);
    }
    const { state, doPost } = script();
    for (const contents of ['', '{}', '{"id":5}', 'null'])
      assert.throws(() => doPost({ ...event, postData: { contents } }));
    assert.deepEqual([state.rows, state.locked], [[], 0]);
  });
});

it('every example has its test', () => {
  const own = path.relative(root, fileURLToPath(import.meta.url));
  const tested = [...['systems', 'examples', 'flows'].map((name) => `tests/paste/${name}.test.mjs`), own]
    .map(read)
    .join('');
  for (const file of EXAMPLES) assert.ok(tested.includes(path.basename(path.dirname(file))), `no test names ${file}`);
});
