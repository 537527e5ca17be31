// A sealed paste connects to its systems before its engine is there: where an entry can run, once, and no one hears of what fails.
// Over real sockets and real TLS (tls.mjs), with a server that is 40 ms away.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { presetNames } from '../../tools/commands/open.mjs';
import { leanOf, PASTE } from '../../tools/files.mjs';
import { readAhead } from '../../tools/paste/ahead.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { firstHosts } from '../../tools/paste/hosts.mjs';
import { openEngine, withConfig } from '../../tools/paste/paste.mjs';
import { seal } from '../../tools/paste/seal.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { HANDLERS } from '../../tools/tenant/limits.mjs';
import '../hurry.mjs';
import { assertSound, readPaste, resources, stopClock, until } from './support.mjs';
import { BEFORE_TLS, CERTIFICATES, FAR, REFUSED, startTls } from './tls.mjs';

const EDITABLE = readPaste();
const LEAN = readFileSync(leanOf(PASTE), 'utf8');
const engine = openEngine(EDITABLE);
/** What is idle for longer is not used: js-shim/connect.js. */
const LONGEST_IDLE_MS = 1000;

/** @type {Awaited<ReturnType<typeof startTls>>} */
let server;
before(async () => {
  server = await startTls();
});
after(() => server.close());

/** @param {any} config */
const hostsOf = (config) => firstHosts(systems(engine, config, presetNames()));
/** @param {any} config */
const sealed = (config) => seal(EDITABLE, LEAN, config, { hosts: hostsOf(config) });
/** @param {any} config */
const editable = (config) => readAhead(withConfig(EDITABLE, config), config);

/** @param {string} name of a server @param {object} [more] */
const entry = (name, more = {}) => ({
  name: 'hook',
  request: { url: `https://${name}.example.com/sync`, body: { id: 'user.user_id' } },
  response: { idToken: { answer: 'answer' } },
  timeoutMs: /^hang-/.test(name) ? 400 : 8000,
  retries: 0,
  onFailure: 'deny',
  ...more,
});

/**
 * An instance, and how many connections it opened.
 * @param {import('node:test').TestContext} t
 * @param {string} code
 * @param {Record<string, unknown>} [modules] of Node, which are not Node's
 */
function open(t, code, modules = {}) {
  const first = server.connections();
  const action = createHost(code, { require: (name) => modules[name] ?? server.require(name) });
  t.after(() => server.hangUp());
  return {
    connections: () => server.connections() - first,
    /** @param {any} [over] @param {Record<string, string>} [secrets] @param {'post-login' | 'post-user-registration'} [trigger] */
    async login(over = {}, secrets = {}, trigger = 'post-login') {
      const event = fakeEvent(trigger, { over, secrets });
      const execution = await action.execute(trigger, event);
      assertSound(execution, event);
      const said = / hook=(\S+)/.exec(execution.log[0]?.text ?? '')?.[1]?.replace(/:\d+ms:/, ':');
      return said ?? execution.log[0]?.text;
    },
  };
}

describe('the first login of an instance', () => {
  /** What has come to the far server by each step of unpacking. @param {import('node:test').TestContext} t @param {string} code @param {number} least */
  async function steps(t, code, least) {
    const before = server.count('flight');
    const seen = { unpack: 0, compile: 0, all: 0 };
    /** While this thread stands still, the server's goes on: what is under way by now arrives. @param {number} count */
    const arrived = (count) => server.count('flight', before + Math.min(least, count)) - before;
    const hooked = code.replaceAll(/new WebAssembly\.\s*Module\(/g, 'new (require("hook")(),WebAssembly.Module)(');
    assert.notEqual(hooked, code);
    const unpack = (/** @type {Parameters<typeof zlib.brotliDecompressSync>} */ ...args) => {
      seen.unpack = arrived(1);
      return zlib.brotliDecompressSync(...args);
    };
    const compile = () => {
      seen.compile = arrived(2);
    };
    const { login } = open(t, hooked, { 'node:zlib': { ...zlib, brotliDecompressSync: unpack }, hook: compile });
    assert.equal(await login(), 'ok:200:1');
    return { ...seen, all: server.count('flight') - before };
  }

  it('connects before it unpacks, and says hello before it compiles: what is left to wait for is the request', async (t) => {
    const { unpack, compile, all } = await steps(t, sealed({ syncs: [entry(FAR)] }), 3);
    assert.ok(unpack >= 1, `${unpack} flights before unpacking`);
    assert.ok(compile >= 2, `${compile} flights before compiling`);
    assert.equal(all, 3, 'the connection, the hello, the request');
  });

  it('takes as many flights where the paste is editable, all of them after the engine', async (t) => {
    assert.deepEqual(await steps(t, editable({ syncs: [entry(FAR)] }), 0), { unpack: 0, compile: 0, all: 3 });
  });

  it('sends its request on that connection', async (t) => {
    const { login, connections } = open(t, sealed({ syncs: [entry('good')] }));
    assert.equal(await login(), 'ok:200:1');
    assert.equal(connections(), 1);
    assert.equal(await login(), 'ok:200:1');
    assert.equal(connections(), 1);
  });

  it('does so once, also where two come at a time', async (t) => {
    const { login, connections } = open(t, sealed({ syncs: [entry('slow')] }));
    assert.deepEqual(await Promise.all([login(), login({ user: { user_id: 'auth0|other' } })]), [
      'ok:200:1',
      'ok:200:1',
    ]);
    assert.equal(connections(), 2);
  });
});

describe('a connection that was begun for nothing', () => {
  const config = { syncs: [entry('good', { when: 'user.user_metadata.calls' })] };
  const calls = { user: { user_metadata: { calls: true } } };

  it('is the only one', async (t) => {
    const { login, connections } = open(t, sealed(config));
    for (let i = 0; i < 3; i += 1) assert.equal(await login(), 'skipped');
    assert.equal(connections(), 1);
  });

  it('is taken by the next login', async (t) => {
    stopClock(t);
    const { login, connections } = open(t, sealed(config));
    assert.equal(await login(), 'skipped');
    assert.equal(await login(calls), 'ok:200:1');
    assert.equal(connections(), 1);
  });

  it('is not, once it has been idle', async (t) => {
    const clock = stopClock(t);
    const { login, connections } = open(t, sealed(config));
    assert.equal(await login(), 'skipped');
    await until(() => server.made('good.example.com') === 1);
    clock.advance(LONGEST_IDLE_MS);
    assert.equal(await login(calls), 'ok:200:1');
    assert.equal(connections(), 2);
  });

  it('ends, and keeps no process alive', async (t) => {
    const idle = resources();
    // One that no request takes is closed by itself, a second after its time.
    const { login } = open(t, sealed({ syncs: [{ ...config.syncs[0], timeoutMs: 400 }] }));
    assert.equal(await login(), 'skipped');
    await until(() => resources().length <= idle.length);
    assert.deepEqual(resources(), idle);
    await until(() => server.open('good.example.com') === 0);
    assert.equal(server.open('good.example.com'), 0);
  });
});

describe('no connection is begun', () => {
  const KEY = { headers: { 'x-key': { secret: 'KEY' } }, body: { id: 'user.user_id' } };
  const other = { name: 'other', request: { url: 'https://chunked.example.com/', ...KEY } };
  const registers = entry('good', { on: ['post-user-registration'], response: {}, onFailure: 'allow' });
  /** @type {[what: string, syncs: any[], secrets: Record<string, string>, trigger?: 'post-login' | 'post-user-registration'][]} */
  const table = [
    ['where the entry runs at another trigger', [registers], {}],
    ['where a secret is missing', [entry('good', { request: { url: 'https://good.example.com/', ...KEY } })], {}],
    [
      'where it is a marker',
      [entry('good', { request: { url: 'https://good.example.com/', ...KEY } })],
      { KEY: '@@KEY@@' },
    ],
    [
      'where it is blank',
      [entry('good', { request: { url: 'https://good.example.com/', ...KEY } })],
      { KEY: '\u00a0' },
    ],
    ['where another entry lacks one, so that all logins are denied', [entry('good'), other], {}],
  ];
  for (const [what, syncs, secrets, trigger] of table) {
    it(what, async (t) => {
      const { login, connections } = open(t, sealed({ syncs }));
      await login({}, secrets, trigger);
      assert.equal(connections(), 0);
    });
  }

  it('where some code has put fields into Object.prototype that Node would read', async (t) => {
    const polluted = /** @type {any} */ (Object.prototype);
    const { login, connections } = open(t, sealed({ syncs: [entry('good')] }));
    polluted.signal = 'x';
    t.after(() => delete polluted.signal);
    assert.equal(await login(), 'unavailable:polluted:1');
    assert.equal(connections(), 0);
  });
});

it('the trigger and the secrets are the only conditions', async (t) => {
  const syncs = [
    entry('good', {
      on: ['post-user-registration'],
      response: {},
      onFailure: 'allow',
      request: { url: 'https://good.example.com/', headers: { 'x-key': { secret: ['NEXT', 'KEY'] } } },
    }),
  ];
  const { login, connections } = open(t, sealed({ syncs }));
  assert.equal(await login({}, { KEY: 'hook-secret-text' }, 'post-user-registration'), 'ok:200:1');
  assert.equal(connections(), 1);
});

describe('what fails while it connects', () => {
  const names = [
    REFUSED,
    ...Object.keys(BEFORE_TLS),
    ...Object.keys(CERTIFICATES),
    'close-before-headers',
    'reset-before-headers',
  ];
  for (const name of names) {
    it(`is what the request would have met: ${name}`, async (t) => {
      const [one, other] = [sealed, editable].map((make) => open(t, make({ syncs: [entry(name)] })));
      const said = [await one?.login(), await other?.login()];
      assert.match(said[0] ?? '', /^unavailable:/);
      assert.equal(said[0], said[1]);
    });

    it(`is no one's where there is no request: ${name}`, async (t) => {
      const { login } = open(t, sealed({ syncs: [entry(name, { when: 'user.user_metadata.calls' })] }));
      assert.equal(await login(), 'skipped');
      await sleep(100);
      assert.equal(await login(), 'skipped');
    });
  }

  it('is no one’s where the connection cannot even be begun', async (t) => {
    const { login } = open(
      t,
      sealed({ syncs: [entry('good')] }).replace(/const HOSTS = .*;/, 'const HOSTS = [[[], [[1]]]];'),
    );
    assert.equal(await login(), 'ok:200:1');
  });

  it('is the unpacking’s: the login says so', async (t) => {
    const broken = () => {
      throw new Error('no room');
    };
    const { login } = open(t, sealed({ syncs: [entry('good')] }), {
      'node:zlib': { ...zlib, brotliDecompressSync: broken },
    });
    assert.match((await login()) ?? '', /result=denied warn=broken problem="Error: no room"/);
  });
});

describe('the hosts that are known when a paste is sealed', () => {
  const url = (/** @type {unknown} */ url, /** @type {object} */ more = {}) => ({
    name: 'a',
    request: { url },
    ...more,
  });
  const one = (/** @type {any[]} */ host, /** @type {string[][]} */ needs = []) => [[needs, [host]]];
  /** @type {[what: string, config: any, hosts: unknown[]][]} */
  const table = [
    ['one of the config', { syncs: [url('https://a.example.com/x?y')] }, one([1, 'a.example.com', 443, 2000])],
    [
      'in lower case, with its port and its time',
      { syncs: [url('https://A.Example.com:8443', { timeoutMs: 300 })] },
      one([1, 'a.example.com', 8443, 300]),
    ],
    ['not one that a secret is', { syncs: [url({ secret: 'URL' })] }, []],
    [
      'with the path to be filled',
      {
        syncs: [
          url('https://a.example.com/{id}', {
            request: { url: 'https://a.example.com/{id}', params: { id: 'user.user_id' } },
          }),
        ],
      },
      one([1, 'a.example.com', 443, 2000]),
    ],
    [
      'at its triggers',
      { syncs: [url('https://a.example.com/', { on: ['post-login', 'post-user-registration'] })] },
      one([3, 'a.example.com', 443, 2000]),
    ],
    [
      'once, at the triggers of both',
      {
        syncs: [
          url('https://a.example.com/'),
          url('https://a.example.com/2', { name: 'b', on: ['post-user-registration'] }),
        ],
      },
      one([3, 'a.example.com', 443, 2000]),
    ],
    [
      'with all the secrets that the config needs',
      {
        syncs: [
          url('https://a.example.com/', {
            request: {
              url: 'https://a.example.com/',
              headers: { a: { secret: 'A' }, b: { secret: 'B', optional: true } },
            },
          }),
          url({ secret: ['U', 'V'] }, { name: 'b' }),
        ],
      },
      one([1, 'a.example.com', 443, 2000], [['A'], ['U', 'V']]),
    ],
    [
      'four at most, those without conditions first',
      {
        syncs: [0, 1, 2, 3, 4, 5].map((i) =>
          url(`https://h${i}.example.com/`, {
            name: `n${i}`,
            ...(i === 0
              ? { when: 'user.x' }
              : i === 2
                ? { freshForSeconds: 60, response: { appMetadata: { a: 'b' } } }
                : {}),
          }),
        ),
      },
      [[[], [1, 3, 4, 5].map((i) => [1, `h${i}.example.com`, 443, 2000])]],
    ],
    ['none of a config that calls no one', { syncs: [], claims: { idToken: { a: "'b'" } } }, []],
  ];
  for (const [what, config, hosts] of table) {
    it(what, () => {
      assert.deepEqual(engine.problems(config), []);
      assert.deepEqual(hostsOf(config), hosts);
    });
  }

  it('at handlers that have the numbers of their triggers', () => {
    assert.deepEqual(Object.keys(createHost(sealed({ syncs: [] })).exports), Object.values(HANDLERS));
  });

  it('each preset by its own secrets, where these switch it on', () => {
    assert.deepEqual(
      hostsOf({}).map(([needs, hosts]) => [needs.length, hosts.length]),
      [
        [1, 1],
        [2, 1],
      ],
    );
  });
});
