// One instance of the Action: what happens when it is loaded, at its first execution, at many at once, and when its config is wrong.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { unpack, withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { builtinRequire, createHost } from '../../tools/tenant/host.mjs';
import { HANDLERS } from '../../tools/tenant/limits.mjs';
import { createRedirect } from '../../tools/tenant/redirect.mjs';
import { counted, countsOf, linearBytes } from './counted.mjs';
import { assertSound, outOfOrder, REALMS, readPaste, SECRETS, tenant } from './support.mjs';

const OUT_OF_ORDER = outOfOrder();

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const line = ({ log }) => log.map(({ text }) => text).join('\n');

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('an instance', () => {
  for (const realm of REALMS) {
    it(`does nothing when it is loaded; realm ${realm}`, () => {
      /** @type {string[]} */
      const required = [];
      const spy = (/** @type {string} */ name) => {
        required.push(name);
        return builtinRequire(name);
      };
      const host = createHost(counted(readPaste()), { realm, require: spy });
      assert.deepEqual([host.load.error, host.load.faults, host.load.log, host.load.requests], [null, [], [], []]);
      assert.deepEqual([required, countsOf(host)], [[], { modules: 0, instances: 0 }]);
    });

    it(`compiles at its first execution, once, for both triggers; realm ${realm}`, async (t) => {
      const opened = await tenant(t, { code: counted(readPaste()), realm });
      const executions = await Promise.all([
        opened.login(),
        opened.login(),
        opened.register({ user: { user_id: 'auth0|2', email: 'two@example.com' } }),
      ]);
      for (const execution of [...executions, await opened.login()]) {
        assertSound(execution, opened.event());
        assert.match(line(execution), / cleeng=(ok|reused)/);
      }
      assert.deepEqual(countsOf(opened.host), { modules: 1, instances: 1 });
    });
  }

  it('has no more linear memory after thousands of logins than after hundreds', async (t) => {
    // Each of another user, so that each is kept for reuse, until there is no more room and the oldest go.
    const opened = await tenant(t, { code: counted(readPaste()) });
    let user = 0;
    const logins = async (/** @type {number} */ count) => {
      for (const end = user + count; user < end; user += 1) {
        const execution = await opened.login({ user: { user_id: `auth0|${user}`, email: `${user}@example.com` } });
        assert.match(line(execution), / cleeng=ok:200/);
      }
      return linearBytes(opened.host);
    };
    const [few, full] = [await logins(100), await logins(2_000)];
    assert.ok(full > few, `${few} bytes, then ${full}`);
    // The allocator may scatter what comes and goes over a page more.
    const more = (await logins(2_000)) - full;
    assert.ok(more <= 2 * 65_536, `${more} bytes more`);
  });

  for (const [name, end] of Object.entries({ CRLF: '\r\n', CR: '\r' }))
    it(`runs when an editor has saved it with ${name}`, async (t) => {
      const opened = await tenant(t, { code: readPaste().replaceAll('\n', end) });
      assert.match(line(await opened.login()), / cleeng=ok:200/);
    });

  it('is strict in what is packed, whatever is above it', async (t) => {
    const opened = await tenant(t, { code: `exports.loose = (function () { return this; })();\n${readPaste()}` });
    assert.notEqual(opened.host.exports.loose, undefined);
    assert.match(unpack(readPaste()).shim, /^"use strict";/);
    assert.match(line(await opened.login()), / cleeng=ok:200/);
  });

  it('has handlers that are native async functions, and no other exports', () => {
    const { exports } = createHost(readPaste());
    assert.deepEqual(Object.keys(exports), Object.values(HANDLERS));
    for (const handler of Object.values(exports)) assert.equal(handler.constructor.name, 'AsyncFunction');
  });

  it('shares nothing with another', async (t) => {
    const opened = await tenant(t, { code: counted(readPaste()) });
    const other = opened.newInstance();
    const executions = [await opened.login(), await other.execute('post-login', opened.event()), await opened.login()];
    assert.deepEqual(
      executions.map(({ requests }) => requests.length),
      [1, 1, 0],
    );
    assert.deepEqual(
      [countsOf(opened.host), countsOf(other)],
      [
        { modules: 1, instances: 1 },
        { modules: 1, instances: 1 },
      ],
    );
  });
});

describe('a wasm that cannot be made', () => {
  const entry = (/** @type {object} */ over) => ({
    name: 'crm',
    request: { url: 'https://crm.example.com/', body: { id: 'user.user_id' } },
    ...over,
  });
  const deny = [{ when: 'user.blocked', reason: 'no' }];
  /** @type {[string, any, boolean][]} */
  const configs = [
    ['the presets', {}, true],
    ['a preset', { syncs: [{ use: 'cleeng' }] }, true],
    ['a preset with one policy of its own', { syncs: [{ use: 'cleeng', onFailure: { conflict: 'allow' } }] }, true],
    ['a rule of `deny`', { syncs: [entry({})], deny }, true],
    ['a rule of `mfa`', { syncs: [], mfa: [{ when: 'user.x', provider: 'any' }] }, true],
    ['a policy', { syncs: [entry({}), entry({ name: 'erp', onFailure: 'deny' })] }, true],
    [
      'a policy for one outcome',
      { syncs: [entry({ onFailure: { unavailable: 'allow', conflict: { deny: 'twice' } } })] },
      true,
    ],
    ['a second factor on failure', { syncs: [entry({ onFailure: 'mfa' })] }, true],
    ['no policy', { syncs: [entry({}), entry({ name: 'erp', onFailure: { invalid: 'allow' } })] }, false],
    ['a preset that is allowed to fail', { syncs: [{ use: 'cleeng', onFailure: 'allow' }] }, false],
    [
      'claims without `syncs`, and no secret that switches a preset on',
      { claims: { idToken: { email: 'user.email' } } },
      false,
    ],
    ['rules that are none', { syncs: [], mfa: [], deny: [], claims: { idToken: { email: 'user.email' } } }, false],
    ['claims alone', { syncs: [], claims: { idToken: { email: 'user.email' } } }, false],
  ];
  const broken = {
    'no longer what it was': (/** @type {string} */ paste) => paste.replace(/(const PACKED = ".{400}).{40}/, '$1'),
    'without room': (/** @type {string} */ paste) =>
      `const WebAssembly = { Module: class { constructor() { throw new RangeError('Out of "memory"\\n'); } } };\n${paste}`,
    'where there is no WebAssembly': (/** @type {string} */ paste) => `const WebAssembly = undefined;\n${paste}`,
    'where no code may come from a string': (/** @type {string} */ paste) =>
      `const eval = () => { throw new EvalError('Code generation from strings disallowed'); };\n${paste}`,
  };
  for (const [why, change] of Object.entries(broken)) {
    for (const [what, config, guards] of configs) {
      it(`${why}: ${what} ${guards ? 'guards' : 'does not guard'} the login, and the log names the error`, async () => {
        const host = createHost(change(withConfig(readPaste(), config)));
        const event = { ...fakeEvent('post-login'), secrets: {} };
        for (let i = 0; i < 2; i += 1) {
          const execution = await host.execute('post-login', event);
          assertSound(execution, event);
          assert.deepEqual([execution.denied, execution.thrown], [guards ? OUT_OF_ORDER : null, null]);
          assert.match(
            line(execution),
            new RegExp(
              `^login-sync trigger=post-login result=${guards ? 'denied' : 'allowed'} warn=broken problem="(Error|RangeError|TypeError|CompileError|EvalError): [^"]+"$`,
            ),
          );
        }
        assert.match(
          line(await host.execute('post-user-registration', fakeEvent('post-user-registration'))),
          / result=allowed warn=broken problem="/,
        );
      });
    }
  }
});

describe('a config that is wrong', () => {
  /** @type {[string, any, Record<string, string>, string][]} */
  const table = [
    [
      'a word that is not known',
      { syncs: [{ use: 'cleeng', onFailure: { conflict: 'ignore' } }] },
      SECRETS,
      'config.syncs[0].onFailure.conflict: ',
    ],
    [
      'an address that is not https',
      { syncs: [{ name: 'crm', request: { url: 'http://crm.example.com/' } }] },
      SECRETS,
      'config.syncs[0].request.url: must start with https://',
    ],
    ['a secret that is not set', { syncs: [{ use: 'cleeng' }, { use: 'userhub' }] }, SECRETS, 'USERHUB_CONNECTION_ID'],
    ['nothing to do', {}, {}, 'CLEENG_CLIENT_SECRET (cleeng)'],
    ['no object', [], SECRETS, 'config: '],
    [
      'a long list of them, none of it ASCII',
      { syncs: Array.from({ length: 64 }, () => ({ ['\u00e9'.repeat(300)]: '\u2028' })) },
      SECRETS,
      'config.syncs[0]: ',
    ],
  ];
  for (const [what, config, secrets, path] of table) {
    it(`${what}: every execution is refused, the log says where`, async (t) => {
      for (const realm of REALMS) {
        const opened = await tenant(t, { code: withConfig(readPaste(), config), realm, secrets });
        for (let i = 0; i < 2; i += 1) {
          const execution = await opened.login();
          assertSound(execution, opened.event());
          assert.deepEqual(execution.commands, [{ method: 'access.deny', args: [OUT_OF_ORDER] }]);
          assert.equal(execution.log.length, 1);
          assert.match(line(execution), /^login-sync trigger=post-login result=refused problem="[ -~]*"$/);
          assert.ok(line(execution).includes(path), line(execution));
        }
        const registration = await opened.register();
        assertSound(registration, opened.event());
        assert.deepEqual([registration.commands, registration.thrown, registration.error], [[], null, null]);
        assert.ok(line(registration).startsWith('login-sync trigger=post-user-registration result=refused problem="'));
        assert.deepEqual(opened.standIns.arrivals, []);
      }
    });
  }
});

describe('hundreds of logins at once', () => {
  it('over a slow system: each gets its own answer, whatever the order of the answers', async (t) => {
    // More than the connections that may be open to one host.
    const COUNT = 300;
    /** @type {[id: string, response: http.ServerResponse][]} */
    let waiting = [];
    let held = true;
    // No one is answered until 400 of the 600 requests wait; then in an order that has nothing to do with theirs.
    const server = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      waiting.push([JSON.parse(body).id, response]);
      if (held && waiting.length < 400) return;
      held = false;
      const order = (/** @type {string} */ id) => (Number(id.slice(5)) * 7919) % COUNT;
      waiting.sort(([a], [b]) => order(a) - order(b));
      for (const [id, response] of waiting) response.end(JSON.stringify({ echo: id }));
      waiting = [];
    });
    const port = await new Promise((done) =>
      server.listen(0, '127.0.0.1', () => done(/** @type {import('node:net').AddressInfo} */ (server.address()).port)),
    );
    const redirect = createRedirect(port);
    t.after(() => {
      redirect.close();
      server.close();
    });
    const syncs = ['a', 'b'].map((name) => ({
      name,
      request: { url: `https://${name}.example.com/`, body: { id: 'user.user_id' } },
      response: { idToken: { [`https://example.com/${name}`]: 'echo' } },
      onFailure: 'deny',
      timeoutMs: 15_000,
    }));
    const host = createHost(
      withConfig(readPaste(), {
        syncs,
        budgetMs: 15_000,
        claims: { idToken: { 'https://example.com/event': 'user.user_id' } },
      }),
      { require: redirect.require },
    );
    const executions = await Promise.all(
      Array.from({ length: COUNT }, (_, i) =>
        host.execute('post-login', fakeEvent('post-login', { over: { user: { user_id: `auth0${i}` } } })),
      ),
    );
    executions.forEach((execution, i) => {
      assert.deepEqual([execution.faults, execution.thrown], [[], null]);
      const claims = execution.tokens?.idToken?.claims ?? {};
      assert.deepEqual(
        ['a', 'b', 'event'].map((name) => claims[`https://example.com/${name}`]),
        Array(3).fill(`auth0${i}`),
        line(execution),
      );
      assert.match(line(execution), / a=ok:200:\d+ms:1 b=ok:200:\d+ms:1$/);
    });
    assert.equal(held, false);
  });
});

describe('what a login leaves behind', () => {
  it('no timer of a wait that was cut short', async (t) => {
    const opened = await tenant(t);
    const before = timers();
    // One user: the second login waits for the call of the first, or for the end of its time, whichever comes first.
    const [first, second] = await Promise.all([opened.login(), opened.login()]);
    assert.match(
      `${line(/** @type {any} */ (first))} ${line(/** @type {any} */ (second))}`,
      / cleeng=ok:.* cleeng=reused/,
    );
    assert.equal(timers(), before);
  });

  it('no timer of a request that was answered, or that was given up', async (t) => {
    const opened = await tenant(t, {
      code: withConfig(readPaste(), { syncs: [{ use: 'cleeng', timeoutMs: 100, retries: 0 }] }),
    });
    const before = timers();
    await opened.login();
    assert.equal(timers(), before);
    opened.standIns.fault('timeout');
    const execution = await opened.login({ user: { user_id: 'auth0|2' } });
    assert.equal(execution.requests[0]?.failure, 'given up');
    assert.equal(timers(), before);
  });
});

describe('what an expression cannot reach', () => {
  it('is null: the secrets, the form with the password, and what every object inherits', async (t) => {
    const hidden = [
      '[@][0].secrets',
      '[@][0].secrets.CLEENG_CLIENT_SECRET',
      '[@][0]."secrets"',
      '[request][0].body',
      '[request][0].query',
      'user.constructor',
      'user."__proto__"',
      'user.toString',
      'user.identities.length',
    ];
    const idToken = Object.fromEntries(
      [...hidden, 'keys(@)', 'keys(request)'].map((expression) => [
        `https://example.com/${hidden.indexOf(expression)}${expression}`,
        expression,
      ]),
    );
    const opened = await tenant(t, { code: withConfig(readPaste(), { syncs: [], claims: { idToken } }) });
    const { commands, log } = await opened.login({ user: { user_metadata: { firstName: 'Maja' } } });
    assert.equal(log.length, 1);
    assert.deepEqual(
      commands.map(({ args }) => args[0]),
      ['https://example.com/-1keys(@)', 'https://example.com/-1keys(request)'],
    );
    const [all, request] = commands.map(({ args }) => args[1]);
    assert.ok(all.includes('user') && !all.includes('secrets'));
    assert.ok(request.includes('ip') && !request.includes('body') && !request.includes('query'));
  });
});

describe('an event without secrets', () => {
  it('is one of an Action that has none: nothing is let through', async (t) => {
    const opened = await tenant(t);
    const execution = await opened.login({ secrets: null });
    assert.equal(execution.denied, OUT_OF_ORDER);
    assert.match(line(execution), /nothing to do/);
  });
});
