// An `api` of Auth0's that throws or is not there: what counts all the same, and what keeps a login from passing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withConfig } from '../../tools/paste/paste.mjs';
import { outOfOrder, readPaste, tenant } from './support.mjs';

const OUT_OF_ORDER = outOfOrder();

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const line = ({ log }) => log.map(({ text }) => text).join('\n');

describe('an api that refuses', () => {
  const config = {
    syncs: [
      {
        name: 'hook',
        request: { url: 'https://api.example.com/', body: {} },
        response: { appMetadata: { crm: 'path' } },
      },
    ],
    claims: { idToken: { a: "'1'", b: "'2'" }, accessToken: { 'https://example.com/c': "'3'" } },
    mfa: [{ when: 'user.user_id', provider: 'any' }],
  };
  const all = [
    'multifactor.enable',
    'idToken.setCustomClaim a',
    'idToken.setCustomClaim b',
    'accessToken.setCustomClaim https://example.com/c',
    'user.setAppMetadata crm',
  ];

  /**
   * Runs the handler with an `api` that throws at some calls, or lacks them.
   * @param {import('node:test').TestContext} t
   * @param {(call: string) => boolean} throws
   * @param {unknown} [config]
   * @param {{ missing?: boolean, over?: Record<string, any> }} [options]
   */
  async function run(t, throws, config, { missing = false, over } = {}) {
    const opened = await tenant(t, { code: withConfig(readPaste(), config) });
    /** @type {string[]} */
    const done = [];
    const call = (/** @type {string} */ method) => {
      if (missing && throws(method)) return undefined;
      return (/** @type {string} */ name) => {
        const told = /^(multifactor|authentication|access)\./.test(method) ? method : `${method} ${name}`;
        if (throws(told)) throw new Error('with personal data');
        done.push(told);
      };
    };
    const api = {
      idToken: { setCustomClaim: call('idToken.setCustomClaim') },
      accessToken: { setCustomClaim: call('accessToken.setCustomClaim') },
      user: { setAppMetadata: call('user.setAppMetadata') },
      multifactor: { enable: call('multifactor.enable') },
      authentication: {
        challengeWith: call('authentication.challengeWith'),
        enrollWith: call('authentication.enrollWith'),
      },
      access: { deny: call('access.deny') },
    };
    const thrown = await ended(opened, opened.event(over), api);
    // Outside of an execution of the tenant's, its lines are the instance's.
    return { done, thrown, log: opened.host.load.log.map(({ text }) => text).join('\n') };
  }

  /**
   * What the handler throws; nothing of a login may be in it.
   * @param {import('../../tools/tenant/tenant.mjs').Tenant} opened
   * @param {any} event
   * @param {any} api
   * @returns {Promise<string | null>}
   */
  async function ended(opened, event, api) {
    try {
      await opened.host.exports.onExecutePostLogin(event, api);
      return null;
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }

  it('nothing', async (t) => {
    const { done, thrown, log } = await run(t, () => false, config);
    assert.deepEqual([done, thrown], [all, null]);
    assert.match(log, / result=mfa /);
    assert.doesNotMatch(log, /warn/);
  });

  it('a claim or the metadata: the rest is asked for all the same', async (t) => {
    for (const lost of all.slice(1)) {
      const { done, thrown, log } = await run(t, (told) => told === lost, config);
      assert.deepEqual([done, thrown], [all.filter((told) => told !== lost), null]);
      assert.match(log, / result=mfa .* warn=api$/);
    }
  });

  const rules = [
    { calls: 'multifactor.enable', rule: { provider: 'any' } },
    { calls: 'authentication.challengeWith', rule: { challengeWith: ['otp', 'phone'] } },
    { calls: 'authentication.enrollWith', rule: { challengeWith: ['email'], enrollWith: ['otp'] } },
  ];
  const over = { user: { enrolledFactors: [{ type: 'otp', method: 'otp' }] } };
  for (const { calls, rule } of rules) {
    for (const missing of [false, true]) {
      const how = `${calls} ${missing ? 'is missing' : 'throws'}`;

      it(`the second factor (${how}): the login is denied and gets nothing else`, async (t) => {
        const asks = { ...config, mfa: [{ when: 'user.user_id', ...rule }] };
        const { done, thrown, log } = await run(t, (told) => told === calls, asks, { missing, over });
        assert.deepEqual([done, thrown], [['access.deny'], null]);
        assert.match(log, / result=denied .* warn=api$/);
      });

      it(`the second factor and the denial (${how}): the handler throws`, async (t) => {
        const asks = { ...config, mfa: [{ when: 'user.user_id', ...rule }] };
        const { done, thrown, log } = await run(t, (told) => [calls, 'access.deny'].includes(told), asks, {
          missing,
          over,
        });
        assert.deepEqual([done, thrown], [[], OUT_OF_ORDER]);
        assert.match(log, / result=denied .* warn=api$/);
      });
    }
  }

  it('a second factor that a failure asks for: the same', async (t) => {
    const failing = {
      syncs: [
        {
          ...config.syncs[0],
          request: { url: 'https://api.example.com/', params: {}, body: 'length(`1`)' },
          onFailure: 'mfa',
        },
      ],
      claims: config.claims,
    };
    for (const [refused, then, thrown] of /** @type {[string[], string[], string | null][]} */ ([
      [[], ['multifactor.enable', ...all.slice(1, 4)], null],
      [['multifactor.enable'], ['access.deny'], null],
      [['multifactor.enable', 'access.deny'], [], OUT_OF_ORDER],
    ])) {
      const run1 = await run(t, (told) => refused.includes(told), failing);
      assert.deepEqual([run1.done, run1.thrown], [then, thrown]);
    }
  });

  const denials = {
    'a rule': { syncs: [], deny: [{ when: 'user.user_id', reason: 'No.' }] },
    'a failure': {
      syncs: [{ name: 'a', request: { url: 'https://api.example.com/', body: 'length(`1`)' }, onFailure: 'deny' }],
    },
    'a refused config': { syncs: [{ use: 'another' }] },
  };
  for (const [by, denying] of Object.entries(denials)) {
    it(`the denial by ${by}: the handler throws a fixed text, and the log has its line`, async (t) => {
      for (const missing of [false, true]) {
        const { done, thrown, log } = await run(t, (told) => told === 'access.deny', denying, { missing });
        assert.deepEqual([done, thrown], [[], OUT_OF_ORDER]);
        assert.match(log, / result=(denied|refused) .*warn=api(,deny-rule)?$/);
      }
    });
  }

  it('everything: the log is JSON where it must be, and what guards nothing ends well', async (t) => {
    for (const [each, closed] of /** @type {[any, boolean][]} */ ([
      [config, true],
      [denials['a rule'], true],
      [{ ...config, mfa: null }, false],
    ])) {
      const { done, thrown, log } = await run(t, () => true, { ...each, log: 'json' });
      assert.deepEqual([done, thrown], [[], closed ? OUT_OF_ORDER : null]);
      assert.match(JSON.parse(log).warn, /^api\b/);
    }
  });

  it('to be there at all: the handler ends, and throws where the login must not pass', async (t) => {
    const opened = await tenant(t);
    await opened.login();
    for (const [event, api, thrown] of /** @type {[any, any, string | null][]} */ ([
      [opened.event(), {}, null],
      [opened.event(), undefined, null],
      // Cleeng denies: what cannot be mapped has no token.
      [null, {}, OUT_OF_ORDER],
      [undefined, undefined, OUT_OF_ORDER],
    ])) {
      assert.equal(await ended(opened, event, api), thrown);
      await opened.host.exports.onExecutePostUserRegistration(event, api);
    }
    // There was no one to tell, which is no breakdown: the instance has kept its answers.
    assert.match(line(await opened.login()), / result=allowed .* cleeng=reused/);
  });

  it('whatever it refuses: a login that is denied, or that has no factor, gets nothing', async (t) => {
    const calls = ['idToken', 'accessToken', 'user', 'multifactor', 'authentication', 'access'];
    const guarded = [
      config,
      ...rules.map(({ rule }) => ({ ...config, mfa: [{ when: 'user.user_id', ...rule }] })),
      { ...config, deny: [{ when: 'user.user_id', reason: 'No.' }] },
      { ...config, mfa: null },
    ];
    for (const each of guarded) {
      const opened = await tenant(t, { code: withConfig(readPaste(), each) });
      for (let refused = 0; refused < 2 ** calls.length; refused += 1) {
        for (const how of ['throws', 'missing', 'empty']) {
          /** @type {string[]} */
          const done = [];
          const api = Object.fromEntries(
            calls.map((group, i) => {
              const bad = (refused >> i) % 2 === 1;
              if (bad && how !== 'throws') return [group, how === 'empty' ? {} : undefined];
              const call = () => {
                if (bad) throw new Error('with personal data');
                done.push(group);
              };
              return [
                group,
                {
                  setCustomClaim: call,
                  setAppMetadata: call,
                  enable: call,
                  challengeWith: call,
                  enrollWith: call,
                  deny: call,
                },
              ];
            }),
          );
          const thrown = await ended(opened, opened.event(over), api);
          const told = `${JSON.stringify(each)} ${how} ${calls.filter((_, i) => (refused >> i) % 2 === 1)}: ${done}`;
          assert.ok(thrown === null || thrown === OUT_OF_ORDER, told);
          if (done.includes('access') || thrown !== null)
            assert.deepEqual(
              done.filter((group) => group !== 'access'),
              [],
              told,
            );
          else if (each.mfa) assert.ok(['multifactor', 'authentication'].includes(String(done[0])), told);
          else assert.ok(!('deny' in each), told);
        }
      }
    }
  });
});
