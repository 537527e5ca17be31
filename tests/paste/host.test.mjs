// The strict host's own tests: for every rule of Auth0's an Action that breaks it. What they hold up is every test of the paste.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { assertSound, SECRETS, until } from './support.mjs';

const LOGIN = 'post-login';
const REGISTRATION = 'post-user-registration';

/** @param {string} body of the login's handler */
const action = (body) => `exports.onExecutePostLogin = async (event, api) => { ${body} };`;

/** @param {string} body @param {Record<string, any>} [over] @param {import('../../tools/tenant/host.mjs').HostOptions} [options] */
const login = (body, over, options) =>
  createHost(action(body), options).execute(LOGIN, fakeEvent(LOGIN, over ? { over } : {}));

describe('loading', () => {
  it('gives the file what Auth0 gives it, and nothing else', async () => {
    const seen = `console.log([typeof require, typeof module.exports, typeof exports, typeof console.log, typeof __dirname, typeof __filename,
      Object.keys(module).join(), typeof require.resolve, module.exports === exports].join(' '));`;
    const host = createHost(seen);
    assert.equal(host.load.log[0]?.text, 'function object object function undefined undefined exports undefined true');
  });

  it('has no modules but those of Node', () => {
    assert.match(createHost("require('axios')").load.error ?? '', /Cannot find module 'axios'/);
    const ownFile = fileURLToPath(new URL('../../package.json', import.meta.url));
    assert.match(createHost(`require(${JSON.stringify(ownFile)})`).load.error ?? '', /Cannot find module/);
    assert.equal(createHost("require('node:crypto'); require('zlib')").load.error, null);
  });

  for (const [what, code] of Object.entries({
    'an import': "import fs from 'node:fs';",
    'an export': 'export const onExecutePostLogin = async () => {};',
    'a top-level await': 'await Promise.resolve(1);',
    __dirname: 'exports.here = __dirname;',
  })) {
    it(`refuses ${what}`, async () => {
      const host = createHost(code);
      assert.notEqual(host.load.error, null);
      const execution = await host.execute(LOGIN, fakeEvent(LOGIN));
      assert.deepEqual(execution.error, { error: 'access_denied', error_description: host.load.error });
    });
  }

  it('notes a file that is too large to be saved', () => {
    assert.deepEqual(createHost(`//${'x'.repeat(99_998)}`).load.faults, []);
    assert.match(createHost(`//${'x'.repeat(99_997)}\u00e9`).load.faults[0]?.message ?? '', /100001 bytes/);
  });

  it('throws the error of the top-level code again at each execution', async () => {
    const host = createHost(`${action('')} throw new Error('no luck');`);
    for (let i = 0; i < 2; i += 1) {
      const execution = await host.execute(LOGIN, fakeEvent(LOGIN));
      assert.equal(execution.error?.error_description, 'no luck');
    }
  });

  it('keeps state between executions, and gives each instance its own', async () => {
    const code = `let count = 0; ${action('count += 1; console.log(count);')}`;
    const [one, other] = [createHost(code), createHost(code)];
    const counts = [];
    for (const host of [one, one, other]) counts.push((await host.execute(LOGIN, fakeEvent(LOGIN))).log[0]?.text);
    assert.deepEqual(counts, ['1', '2', '1']);
  });
});

describe('handlers', () => {
  for (const [what, code] of Object.entries({
    'a function that returns a promise': 'exports.onExecutePostLogin = (event, api) => Promise.resolve();',
    'a wrapper around the handler':
      'const wrap = (f) => (...args) => f(...args); exports.onExecutePostLogin = wrap(async () => {});',
    'an async generator': 'exports.onExecutePostLogin = async function* () {};',
    'what is no function': 'exports.onExecutePostLogin = {};',
  })) {
    it(`refuses ${what}`, async () => {
      const execution = await createHost(code).execute(LOGIN, fakeEvent(LOGIN));
      assert.equal(execution.error?.error_description, 'Invalid function signature');
      assert.equal(execution.tokens, null);
    });
  }

  it('ignores further exports, and says when the one it needs is missing', async () => {
    const host = createHost(`exports.other = 1; ${action('')}`);
    assert.equal((await host.execute(LOGIN, fakeEvent(LOGIN))).error, null);
    assert.match(
      (await host.execute(REGISTRATION, fakeEvent(REGISTRATION))).thrown ?? '',
      /onExecutePostUserRegistration/,
    );
  });

  it('runs in another realm, where instanceof fails', async () => {
    const body =
      'console.log([event.user.identities instanceof Array, Array.isArray(event.user.identities), event instanceof Object, [] instanceof Array, typeof fetch, typeof Buffer.from, typeof WebAssembly.Module].join());';
    const expected = {
      own: 'true,true,true,true,function,function,function',
      other: 'false,true,false,true,function,function,function',
    };
    for (const realm of /** @type {const} */ (['own', 'other'])) {
      const execution = await login(body, {}, { realm });
      assert.equal(execution.thrown, null);
      assert.equal(execution.log[0]?.text, expected[realm]);
    }
  });

  it('has `crypto` in the other realm only where Node has it', async () => {
    const { log } = await login('console.log(typeof crypto);', {}, { realm: 'other' });
    assert.equal(log[0]?.text, typeof globalThis.crypto);
  });

  it('hands over a copy of the event', async () => {
    const event = fakeEvent(LOGIN);
    await createHost(action("event.user.email = 'changed'; event.user.app_metadata.x = 1;")).execute(LOGIN, event);
    assert.deepEqual(event, fakeEvent(LOGIN));
  });

  it('ends an execution that takes too long, and notes what it does later', async () => {
    const execution = await login(
      "await new Promise((done) => setTimeout(done, 600)); api.idToken.setCustomClaim('late', 1);",
      {},
      { limitMs: 20 },
    );
    assert.match(execution.error?.error_description ?? '', /did not end within/);
    assert.deepEqual(execution.commands, []);
    await until(() => execution.faults.length > 0);
    assert.match(execution.faults[0]?.message ?? '', /idToken\.setCustomClaim.* after the handler had ended/);
  });

  it('keeps interleaved executions apart', async () => {
    const host = createHost(
      action(
        'console.log("in", event.user.email); await new Promise((done) => setTimeout(done, event.stats.logins_count)); console.log("out", event.user.email); api.idToken.setCustomClaim("mail", event.user.email);',
      ),
    );
    const executions = await Promise.all(
      [30, 20, 10].map((ms) =>
        host.execute(
          LOGIN,
          fakeEvent(LOGIN, { over: { stats: { logins_count: ms }, user: { email: `u${ms}@example.com` } } }),
        ),
      ),
    );
    assert.deepEqual(
      executions.map(({ log, tokens }) => [log.map(({ text }) => text), tokens?.idToken?.claims.mail]),
      [30, 20, 10].map((ms) => [[`in u${ms}@example.com`, `out u${ms}@example.com`], `u${ms}@example.com`]),
    );
  });
});

describe('errors', () => {
  it('a thrown error denies the login, tells its text, and discards everything', async () => {
    const execution = await login(
      "api.user.setAppMetadata('plan', 'gold'); api.idToken.setCustomClaim('x', 1); throw new TypeError('boom');",
    );
    assert.deepEqual(execution.error, { error: 'access_denied', error_description: 'boom' });
    assert.deepEqual([execution.tokens, execution.appMetadata], [null, {}]);
    assert.equal(execution.commands.length, 2);
  });

  it("knows the text of another realm's errors, and of what is no error", async () => {
    assert.equal((await login("throw new Error('boom');", {}, { realm: 'other' })).thrown, 'boom');
    assert.equal((await login("throw 'text';")).thrown, 'text');
    assert.equal((await login('throw Object.create(null);')).thrown, 'a value that has no text');
  });

  it('a thrown error changes nothing for a user who registers', async () => {
    const host = createHost("exports.onExecutePostUserRegistration = async () => { throw new Error('boom'); };");
    const execution = await host.execute(REGISTRATION, fakeEvent(REGISTRATION));
    assert.deepEqual([execution.error, execution.thrown, execution.tokens], [null, 'boom', null]);
  });

  for (const [what, body, kind] of [
    ['a rejection that no one awaits', "Promise.reject(new Error('stray'));", 'unhandledRejection'],
    [
      'a late rejection',
      "new Promise((_, fail) => setTimeout(() => fail(new Error('stray')), 5)); await new Promise((done) => setTimeout(done, 20));",
      'unhandledRejection',
    ],
    ['an exception in a microtask', "queueMicrotask(() => { throw new Error('stray'); });", 'uncaughtException'],
    [
      'an exception in a timer',
      "setTimeout(() => { throw new Error('stray'); }, 1); await new Promise((done) => setTimeout(done, 20));",
      'uncaughtException',
    ],
  ]) {
    it(`records ${what} as a fault`, async () => {
      const host = createHost(
        action(
          `if (event.user.email === 'bad@example.com') { ${body} } else { await new Promise((done) => setTimeout(done, 30)); }`,
        ),
      );
      const [bad, good] = await Promise.all(
        ['bad', 'good'].map((name) =>
          host.execute(LOGIN, fakeEvent(LOGIN, { over: { user: { email: `${name}@example.com` } } })),
        ),
      );
      assert.deepEqual(bad?.faults, [{ kind, message: 'stray' }]);
      // Node does not say where an exception in a microtask came from: then all that run take the blame.
      assert.deepEqual(good?.faults, what === 'an exception in a microtask' ? bad?.faults : []);
    });
  }

  it('records what goes wrong after the end', async () => {
    const host = createHost(
      `let ended = false; exports.end = () => { ended = true; };
      ${action("const timer = setInterval(() => { if (!ended) return; clearInterval(timer); throw new Error('stray'); }, 5);")}`,
    );
    const execution = await host.execute(LOGIN, fakeEvent(LOGIN));
    assert.deepEqual(execution.faults, []);
    host.exports.end();
    await until(() => execution.faults.length > 0);
    assert.deepEqual(execution.faults, [{ kind: 'uncaughtException', message: 'stray' }]);
  });

  it('refuses connections that would leave the machine, and records them', async () => {
    for (const way of [
      "fetch('https://192.0.2.1/')",
      "new Promise((done, fail) => require('node:http').get('http://192.0.2.1/', done).on('error', fail))",
      "new Promise((done, fail) => require('node:tls').connect(443, '192.0.2.1', done).on('error', fail))",
    ]) {
      const execution = await login(`await ${way};`);
      assert.equal(execution.faults[0]?.kind, 'connection', way);
      assert.match(execution.faults[0]?.message ?? '', /192\.0\.2\.1/);
      assert.notEqual(execution.thrown, null);
    }
  });
});

describe('console', () => {
  it('marks what goes beyond the 256 characters that are kept', async () => {
    const { log } = await login(
      "console.log('a'.repeat(200)); console.error('b'.repeat(100)); console.warn('%s!', 'c');",
    );
    assert.deepEqual(
      log.map(({ level, text, beyond }) => [level, text.length, beyond]),
      [
        ['log', 200, 0],
        ['error', 100, 44],
        ['warn', 2, 2],
      ],
    );
  });
});

describe('secrets', () => {
  it('refuses what no Action can hold', async () => {
    const host = createHost(action(''));
    await assert.rejects(
      host.execute(LOGIN, fakeEvent(LOGIN, { secrets: { BIG: 'x'.repeat(4097) } })),
      /`BIG` is longer than 4096/,
    );
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`S${i}`, 'x']));
    await assert.rejects(host.execute(LOGIN, fakeEvent(LOGIN, { secrets: many })), /at most 30/);
  });
});

describe('assertSound', () => {
  it('passes what is sound', async () => {
    assertSound(await login('console.log(event.user.user_id);'), fakeEvent(LOGIN));
  });

  for (const [what, body] of Object.entries({
    'a fault': 'Promise.reject(new Error("x"));',
    'a long log': "console.log('x'.repeat(257));",
    'a secret in the log': 'console.log(event.secrets.CLEENG_CLIENT_SECRET);',
    'personal data in the log': 'console.log(event.user.email);',
    'personal data in a reason': 'api.access.deny(event.request.ip);',
    'a secret in an error': 'throw new Error(event.secrets.CLEENG_CLIENT_SECRET);',
  })) {
    it(`notices ${what}`, async () => {
      const execution = await login(body);
      assert.throws(() => assertSound(execution, fakeEvent(LOGIN)), assert.AssertionError);
    });
  }

  it('notices a password or a secret on its way out', async () => {
    const execution = await login('');
    for (const body of [JSON.stringify(fakeEvent(LOGIN).request), SECRETS.CLEENG_CLIENT_SECRET]) {
      const sent = { ...execution, requests: [/** @type {any} */ ({ url: 'https://x/', headers: {}, body })] };
      assert.throws(() => assertSound(sent, fakeEvent(LOGIN)), assert.AssertionError);
    }
  });
});
