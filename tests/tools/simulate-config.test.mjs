// `npm run simulate` with the committed file and a config: every example, what is invented, what one login leaves to the
// next, what replaces a system of one's own, and the JSON.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../tools/files.mjs';
import { withConfig } from '../../tools/paste/paste.mjs';
import { expected, hosts, invent } from '../../tools/tenant/secrets.mjs';
import { executions, file, OWN, SCHEMA, simulate } from './simulated.mjs';

const PASTE = readFileSync(path.join(root, 'pkg', 'login-sync.js'), 'utf8');

const syncs = (/** @type {any} */ execution) =>
  execution.syncs.map((/** @type {any} */ { name, outcome, attempts }) => [name, outcome, attempts]);

describe('every example', () => {
  const examples = readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /^[^/\\]+[/\\][^/\\]+\.json$/.test(name) && !name.includes('package'),
  );

  /** Of these the entries wait for what a usual event does not have. @type {Record<string, any>} */
  const over = { 'saml-attributes': { transaction: { protocol: 'samlp' } } };

  for (const example of examples.sort()) {
    it(`goes on: ${example}`, () => {
      const args = ['--config', path.join(root, 'examples', example)];
      const own = over[path.dirname(example)];
      if (own) args.push('--over', file(own));
      const { status, stdout, stderr } = simulate(...args);
      assert.deepEqual([status, stderr], [0, ''], stdout);
      for (const execution of executions(...args)) {
        assert.deepEqual([execution.outcome, execution.faults, execution.refused], ['allowed', [], []]);
        for (const { outcome } of execution.syncs) assert.equal(outcome, 'ok');
        for (const { dropped } of execution.commands) assert.equal(dropped, undefined);
      }
    });
  }

  it('is there', () => assert.ok(examples.length >= 10));
});

describe('a config', () => {
  it('is run in the committed file, which it does not change', () => {
    const { status, stdout } = simulate('--config', file({ syncs: [], claims: { idToken: { greeting: "'hello'" } } }));
    assert.equal(status, 0);
    assert.match(stdout, /\+ greeting hello\n/);
    assert.ok(!/invented|identity\.api/.test(stdout), 'nothing that it does not ask for');
    assert.ok(!stdout.includes('post-user-registration'), 'there is nothing to do at a registration');
  });

  it('is run for the triggers it serves', () => {
    const config = file({ syncs: [{ ...OWN, on: ['post-user-registration'], response: null }] });
    assert.ok(!simulate('--config', config).stdout.includes('post-login'));
    assert.equal(executions('--config', config)[0].trigger, 'post-user-registration');
    assert.equal(executions('--config', config, '--trigger', 'post-login')[0].requests.length, 0);
    for (const gets of [{ userMetadata: { a: 1 } }, { saml: { a: 1 } }, { scopes: { remove: ["'a'"] } }]) {
      const both = file({ syncs: [{ ...OWN, on: ['post-user-registration'], response: null }], ...gets });
      const [, ...triggers] = simulate('--config', both).stdout.split(/^(?=post-)/m);
      const names = triggers.map((text) => text.split(' ')[0]);
      assert.deepEqual(names, ['post-login', 'post-user-registration'], JSON.stringify(gets));
    }
  });

  it('tells of an event in its exit code that it is not done', () => {
    const config = path.join(root, 'examples', 'users-by-event-stream', 'config.json');
    for (const [fault, outcome, code] of /** @type {[string[], string, number][]} */ ([
      [[], 'allowed', 0],
      [['--fault', '503'], 'again', 1],
      [['--fault', '422'], 'failed', 1],
    ])) {
      const args = ['--config', config, '--clock', 'virtual', ...fault];
      const { status, stdout } = simulate(...args);
      assert.deepEqual([status, executions(...args)[0].outcome], [code, outcome], stdout);
    }
  });

  it('that is wrong is refused with all its problems, and the place within an expression', () => {
    const { status, stdout, stderr } = simulate(
      '--config',
      file({
        syncs: [{ name: 'a', request: { url: 'http://x' } }],
        claims: { idToken: { sub: "'x'", y: 'user..name' } },
      }),
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^error: `.*` is refused: 3 errors\n(config\.[^\n]*\n( {4}[^\n]*\n)*){3}$/);
    assert.match(stderr, /\n {4}user\.\.name\n {4} *\^\n/);
    for (const where of ['config.syncs[0].request.url: ', 'config.claims.idToken.sub: ', 'config.claims.idToken.y: '])
      assert.ok(stderr.includes(`\n${where}`), where);
  });

  it('may be no JSON, or not be there', () => {
    assert.match(
      simulate('--config', file('{"syncs": [')).stderr,
      /^error: `.*` is not JSON: line 1, column 12: the `\[` of line 1, column 11 is never closed\n$/,
    );
    assert.deepEqual(simulate('--config', 'nowhere.json'), {
      status: 2,
      stdout: '',
      stderr: 'error: --config: there is no file `nowhere.json`\n',
    });
  });

  it('may be in the file already', () => {
    const paste = file(withConfig(PASTE, { syncs: [OWN] }));
    const { status, stdout } = simulate('--paste', paste);
    assert.equal(status, 0);
    assert.match(stdout, /\ninvented secret: OWN_KEY\n/);
    const other = simulate('--paste', paste, '--config', file({ syncs: [], claims: { idToken: { a: "'b'" } } }));
    assert.ok(other.stdout.includes('+ a b\n') && !other.stdout.includes('OWN_KEY'));
  });

  it('that is wrong in the file already is shown as Auth0 will run it, with all its problems', () => {
    const { status, stdout } = simulate(
      '--paste',
      file(withConfig(PASTE, { syncs: [OWN, 5], claims: { idToken: { a: 'b..c' } } })),
      '--trigger',
      'post-login',
    );
    assert.equal(status, 1);
    assert.match(stdout, /\nconfig\.syncs\[1\]: .*\n/);
    assert.match(stdout, /\nconfig\.claims\.idToken\.a: .*\n {4}b\.\.c\n {4} *\^\n/);
    assert.match(stdout, / result=refused /);
  });
});

describe('secrets that are not given', () => {
  it('are invented for what the config cannot do without, and said', () => {
    const config = file({ syncs: [OWN, { use: 'cleeng' }, { use: 'okta-workflows' }] });
    const { status, stdout } = simulate('--config', config);
    assert.equal(status, 0);
    assert.match(stdout, /\ninvented secrets: OWN_KEY, CLEENG_CLIENT_SECRET, OKTA_WORKFLOWS_URL\n/);
    assert.match(
      simulate('--config', config, '--secret', 'OWN_KEY=x', '--secret', 'CLEENG_CLIENT_SECRET_NEXT=a.b.c').stdout,
      /\ninvented secret: OKTA_WORKFLOWS_URL\n/,
    );
    assert.deepEqual(syncs(executions('--config', config)[0]), [
      ['own', 'ok', 1],
      ['cleeng', 'ok', 1],
      ['okta-workflows', 'ok', 1],
    ]);
  });

  it('and are taken away, have a registration refused, which is no success', () => {
    const config = file({ syncs: [{ ...OWN, on: ['post-user-registration'], response: null }] });
    const { status, stdout } = simulate('--config', config, '--secret', 'OWN_KEY=');
    assert.equal(status, 1);
    assert.match(stdout, /✗ failed for good, and the user notices nothing of it: the log says why/);
  });

  it('are invented for the presets that are switched on, and for Cleeng where none is', () => {
    assert.match(simulate().stdout, /\ninvented secret: CLEENG_CLIENT_SECRET\n/);
    const { status, stdout } = simulate('--secret', 'USERHUB_API_KEY=sk_mine');
    assert.equal(status, 0);
    assert.match(stdout, /\ninvented secret: USERHUB_CONNECTION_ID\n/);
    assert.ok(stdout.includes('https://api.userhub.com/') && !stdout.includes('cleeng'));
    assert.equal(simulate('--secret', 'CLEENG_CLIENT_SECRET=').status, 1, 'unless it is taken away');
  });

  it('may have any name', () => {
    const config = file({
      syncs: [
        { use: 'cleeng', request: { headers: { authorization: { bearer: ['MINE', 'NEXT'] } } } },
        {
          use: 'userhub',
          request: { params: { connectionId: { secret: 'CONN' } }, headers: { authorization: { bearer: 'HUB' } } },
        },
      ],
    });
    assert.deepEqual(syncs(executions('--config', config)[0]), [
      ['cleeng', 'ok', 1],
      ['userhub', 'ok', 1],
    ]);
  });

  it('are plain to see', () => {
    const sync = (/** @type {any} */ request, /** @type {any} */ secrets, /** @type {any} */ response = {}) => ({
      name: 'x',
      document: { request, response },
      on: [],
      secrets,
      switched: false,
    });
    const needs = (/** @type {string[]} */ ...names) => [{ names, optional: false }];
    for (const [system, value] of /** @type {[ReturnType<typeof sync>, string][]} */ ([
      [sync({ url: 'https://x.example.com/', headers: { k: { secret: 'A_KEY' } } }, needs('A_KEY')), 'invented-a-key'],
      [
        sync({ url: 'https://x.example.com/', headers: { k: { jwt: { secret: 'A_KEY' } } } }, needs('A_KEY')),
        'invented-a-key',
      ],
      [
        sync({ url: 'https://api.userhub.com/{c}', params: { c: { secret: 'A_KEY' } } }, needs('A_KEY')),
        'conn_invented',
      ],
      [
        sync({ url: 'https://api.userhub.com/', headers: { k: { bearer: 'A_KEY' } } }, needs('A_KEY')),
        'sk_invented-a-key',
      ],
      [sync({ url: { secret: 'A_KEY' } }, needs('A_KEY')), 'https://invented.example.com/invented-a-key'],
      [
        sync({ url: { secret: 'A_KEY', queryToHeaders: { 'k&': 'x' } } }, needs('A_KEY')),
        'https://invented.example.com/invented-a-key?k%26=invented-a-key-k%26',
      ],
      [
        sync({ url: { secret: 'A_KEY' } }, needs('A_KEY'), { success: [302] }),
        'https://script.google.com/macros/s/invented-a-key/exec',
      ],
    ])) {
      assert.deepEqual(invent([system], new Map()), { A_KEY: value });
      assert.deepEqual(invent([system], new Map([['A_KEY', '']])), {}, 'not when it was taken away');
    }
    const url = sync({ url: { secret: ['OTHER', 'A_KEY'] }, headers: { k: { secret: 'B' } } }, []);
    assert.deepEqual(hosts([url], { A_KEY: 'https://h.example.com/x?t=1' }), ['h.example.com']);
    assert.deepEqual(expected([url], { A_KEY: 'https://h.example.com/x?t=1', B: 'b' }), [
      { host: 'h.example.com', secrets: ['1', 'b'] },
    ]);
    assert.deepEqual([hosts([url], {}), expected([url], {})], [[], []]);
  });
});

describe('one login after the other', () => {
  it('reuses a token', () => {
    const [first, second, third] = executions('--repeat', '3');
    assert.deepEqual([first, second, third].flatMap(syncs), [
      ['cleeng', 'ok', 1],
      ['cleeng', 'reused', 0],
      ['cleeng', 'reused', 0],
    ]);
    assert.deepEqual(third.tokens.idToken.cleeng_access_token, first.tokens.idToken.cleeng_access_token);
    assert.match(
      simulate('--repeat', '3', '--trigger', 'post-login').stdout,
      /\n {2}and then {6}no\. 2 to 3: no requests, allowed; cleeng reused; median /,
    );
  });

  it('finds what is fresh in its metadata', () => {
    const config = file({
      syncs: [{ ...OWN, freshForSeconds: 3600, response: { ...OWN.response, appMetadata: { own_id: 'id' } } }],
    });
    const [first, second] = executions('--config', config, '--repeat', '2');
    assert.deepEqual([first, second].flatMap(syncs), [
      ['own', 'ok', 1],
      ['own', 'fresh', 0],
    ]);
    assert.deepEqual(Object.keys(first.appMetadata), ['own_id', 'login_sync']);
    assert.deepEqual(second.appMetadata, first.appMetadata);
    assert.deepEqual(second.tokens.idToken.own_tier, 'gold');
  });

  it('is another user’s where there are metrics to show, which go with a call', () => {
    const metrics = { url: 'https://otel.example.com/v1/metrics' };
    const own = { ...OWN, response: { idToken: { own_id: 'id' } }, freshForSeconds: 3600 };
    const config = file({ syncs: [own], metrics });
    const shows = (/** @type {string[]} */ ...args) => simulate('--config', config, ...args).stdout;
    const shown = shows();
    assert.match(shown, /\n {2}metrics {7}POST https:\/\/otel\.example\.com\/v1\/metrics .*system=own outcome=ok/s);
    assert.match(shown, /no\. 2: 1 request, allowed; own ok 200/, 'the call of the metrics asks no system');
    assert.match(shows('--repeat', '2'), /no\. 2: no requests, allowed; own fresh/);
  });

  it('lets a user who failed wait', () => {
    const all = executions('--config', file({ syncs: [OWN] }), '--repeat', '8', '--fault', '503');
    const requests = all.map(({ requests }) => requests.length);
    assert.ok(requests[0] > 0 && requests.at(-1) === 0, String(requests));
    assert.equal(all.at(-1).syncs[0].detail, 'busy');
    assert.ok(
      all.every(({ outcome }) => outcome === 'allowed'),
      'as its policy says',
    );
  });
});

describe('a system of one’s own', () => {
  const config = file({ syncs: [OWN, { use: 'cleeng' }] });

  it('is no echo where a fault or an answer takes its place', () => {
    const answer = `api.own.example.com=${file({ id: 1 })}`;
    for (const instead of [
      ...['timeout', 'reset', 'garbage', 'half-body', 'huge', 'redirect', 'empty', '503'].map((name) => [
        '--fault',
        name,
      ]),
      ['--answer', answer],
    ]) {
      const { stdout } = simulate('--config', config, '--trigger', 'post-login', '--clock', 'virtual', ...instead);
      assert.match(stdout, /POST https:\/\/api\.own\.example\.com/);
      assert.doesNotMatch(stdout, /an echo|no stand-in of its own/, String(instead));
    }
  });

  it('is answered with what it was sent, which is said', () => {
    const { stdout } = simulate('--config', config, '--trigger', 'post-login');
    assert.match(stdout, / an echo {2}\{/);
    assert.match(
      stdout,
      /\napi\.own\.example\.com has no stand-in of its own: it was answered with what it was sent, so `expect` and claims read that; write its answer into a file, and add `--answer api\.own\.example\.com=FILE`\n$/,
    );
    const [{ tokens, requests }] = executions('--config', config);
    assert.deepEqual(
      [tokens.idToken.own_id, tokens.idToken.own_tier, 'own_more' in tokens.idToken],
      ['auth0|67a1f0c2d4b8e9000a1b2c3d', 'gold', false],
    );
    assert.deepEqual(
      requests.map((/** @type {any} */ { standIn }) => standIn),
      ['echo', 'cleeng'],
    );
  });

  it('is answered as one says', () => {
    const answer = `--answer=API.own.example.com=${file({ id: 'own-1', more: [1] })}`;
    const { stdout } = simulate('--config', config, answer, '--trigger', 'post-login');
    assert.ok(
      stdout.includes('+ own_id own-1\n') &&
        stdout.includes('+ own_more [1]\n') &&
        !stdout.includes('stand-in of its own'),
    );
    assert.equal(executions('--config', config, answer)[0].requests[0].standIn, 'api.own.example.com');
    assert.equal(
      executions('--config', config, `--answer=api.own.example.com=${file('no JSON')}`)[0].syncs[0].detail,
      'not-json',
    );
  });

  it('fails alone', () => {
    const [execution] = executions('--config', config, '--fault', 'api.own.example.com:500');
    assert.deepEqual(
      execution.syncs.map((/** @type {any} */ { name, outcome }) => [name, outcome]),
      [
        ['own', 'unavailable'],
        ['cleeng', 'ok'],
      ],
    );
    assert.equal(execution.tokens.idToken.own_id, undefined);
  });
});

describe('the JSON', () => {
  it('is an execution, and with --repeat a list of them', () => {
    const single = JSON.parse(simulate('--json').stdout);
    assert.equal(single.trigger, 'post-login');
    for (const repeat of ['1', '2'])
      assert.equal(JSON.parse(simulate('--json', '--repeat', repeat).stdout).length, Number(repeat));
  });

  it('has all its fields, whatever happens', () => {
    const fields = Object.keys(SCHEMA.definitions.Execution.properties).sort();
    for (const args of [
      [],
      ['--fault', '503'],
      ['--trigger', 'post-user-registration'],
      ['--config', path.join(root, 'examples', 'mfa-by-region', 'config.json')],
      ['--paste', file("throw new Error('no');")],
    ]) {
      const [execution] = executions(...args);
      assert.deepEqual(Object.keys(execution).sort(), fields);
    }
  });

  it('says what it says in docs/simulator.md', () => {
    const docs = readFileSync(path.join(root, 'docs', 'simulator.md'), 'utf8');
    for (const name of ['Execution', 'Sync', 'Request']) {
      for (const field of Object.keys(SCHEMA.definitions[name].properties))
        assert.ok(docs.includes(`\`${field}\``), `${name}.${field}`);
    }
    const help = simulate('--help').stdout;
    for (const [option] of docs.matchAll(/(?<=\| `)--[a-z]+/g)) assert.ok(help.includes(`${option} `), option);
  });

  it('has the parts that a script looks for', () => {
    const [{ syncs, requests, commands, tokens, log, mfa, denied }] = executions();
    const [{ ms, ...sync }] = syncs;
    assert.deepEqual(sync, { name: 'cleeng', outcome: 'ok', status: 200, detail: null, attempts: 1 });
    assert.equal(typeof ms, 'number');
    assert.deepEqual(
      [requests[0].method, requests[0].url, requests[0].status, requests[0].headers.authorization],
      ['POST', 'https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token', 200, 'Bearer eyJ…redacted'],
    );
    assert.equal(JSON.parse(requests[0].body).email, 'maja.lindqvist@example.com');
    assert.deepEqual(
      [commands[0].method, commands[0].args[0], mfa, denied],
      ['idToken.setCustomClaim', 'cleeng_access_token', null, null],
    );
    assert.match(tokens.idToken.cleeng_access_token, /^eyJhbGci….{4}$/);
    assert.match(log[0], /^login-sync trigger=post-login result=allowed /);
    assert.equal(executions('--config', file({ log: 'json', syncs: [{ use: 'cleeng' }] }))[0].syncs[0].outcome, 'ok');
  });

  it('has a second factor in one of three forms', () => {
    const config = path.join(root, 'examples', 'mfa-by-region', 'config.json');
    assert.deepEqual(executions('--config', config)[0].mfa, { provider: 'guardian', allowRememberBrowser: false });
    const over = { request: { geoip: null } };
    const has = { enrolledFactors: ['otp', 'webauthn-roaming'].map((type) => ({ type, method: type })) };
    assert.deepEqual(executions('--config', config, '--over', file({ ...over, user: has }))[0].mfa, {
      factors: ['otp', 'webauthn-roaming'],
    });
    assert.deepEqual(executions('--config', config, '--over', file(over))[0].mfa, { enroll: ['otp'] });
  });

  it('says mfa_required where no one can answer', () => {
    const config = file({ mfa: [{ when: '`true`', always: true, provider: 'any' }] });
    const [{ outcome, error, denied, tokens }] = executions(
      '--config',
      config,
      '--over',
      file({ transaction: { protocol: 'oauth2-refresh-token' } }),
    );
    assert.deepEqual(
      [outcome, error, denied, tokens],
      ['failed', 'mfa_required', 'Multifactor authentication required', { idToken: null, accessToken: null }],
    );
  });

  it('tells the next login of a second factor that was used', () => {
    const config = file({
      mfa: [{ when: "!(authentication.methods[?name == 'mfa'])", provider: 'guardian' }],
      claims: { idToken: { enrolled: 'user.enrolledFactors[*].type', listed: 'user.multifactor' } },
    });
    const twice = executions('--config', config, '--repeat', '2');
    assert.deepEqual(
      twice.map((/** @type {any} */ { mfa }) => mfa?.provider),
      ['guardian', undefined],
    );
    assert.deepEqual(
      [twice[1].tokens.idToken.enrolled, twice[1].tokens.idToken.listed],
      [['push-notification'], ['guardian']],
    );
  });

  it('goes to stdout alone; what is to be said goes to stderr', () => {
    const { status, stderr } = simulate('--json', '--config', file({ syncs: [OWN] }));
    assert.equal(status, 0);
    assert.match(stderr, /^invented secret: OWN_KEY\napi\.own\.example\.com has no stand-in [^\n]*\n$/);
  });

  it('holds no secret', () => {
    const args = [
      '--config',
      file({ syncs: [OWN] }),
      '--secret',
      'OWN_KEY=canary-1',
      '--answer',
      `api.own.example.com=${file({ id: 'canary-1', 'canary-1': ['x canary-1 y'] })}`,
    ];
    for (const { stdout, stderr } of [simulate(...args), simulate(...args, '--json')])
      assert.ok(stdout.includes('…redacted') && !`${stdout}${stderr}`.includes('canary'));
  });
});
