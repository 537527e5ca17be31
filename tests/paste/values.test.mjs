// Values on their way through the paste: answers as their bytes say, the event without what no one may see, secrets that are
// none, and paths that stay where they are.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { instance } from './answers.mjs';

/**
 * A login through a config, its answers as text.
 * @param {any} config
 * @param {{ answer?: string, user?: any, secrets?: Record<string, string> }} [options]
 */
async function login(config, { answer = '{}', user = {}, secrets = {} } = {}) {
  /** @type {import('./answers.mjs').Sent[]} */
  const sent = [];
  const host = instance(config, (one) => {
    sent.push(one);
    return answer;
  });
  const event = fakeEvent('post-login', { secrets, over: { user } });
  event.secrets = secrets;
  const execution = await host.execute('post-login', event);
  assert.deepEqual(execution.faults, []);
  const log = execution.log.map(({ text }) => text).join('\n');
  return {
    sent,
    log,
    claims: execution.tokens?.idToken?.claims ?? {},
    appMetadata: execution.appMetadata,
    denied: execution.denied,
    error: execution.error,
  };
}

/** @param {any} request @param {any} [response] */
const one = (request, response, onFailure = 'allow') => ({
  syncs: [
    { name: 'crm', request: { url: 'https://crm.example.net/users', ...request }, response, onFailure, retries: 0 },
  ],
});

describe('numbers of an answer', () => {
  const config = one(
    {},
    {
      idToken: {
        'https://example.com/id': 'id',
        'https://example.com/text': 'to_string(id)',
        'https://example.com/all': '@',
      },
      appMetadata: { crm_id: 'id' },
    },
  );
  for (const digits of [
    '98765432109876543211',
    '-9007199254740993',
    '1e400',
    '-1E309',
    '7.00000000000000000001',
    '1.2345678901234567e-400',
  ]) {
    it(`${digits} is its digits`, async () => {
      const { claims, appMetadata, log } = await login(config, { answer: `{"list":[${digits}],"id":${digits}}` });
      assert.match(log, /crm=ok:200/);
      assert.deepEqual(
        [claims['https://example.com/id'], claims['https://example.com/text'], appMetadata.crm_id],
        [digits, digits, digits],
      );
      assert.deepEqual(claims['https://example.com/all'], { list: [digits], id: digits });
    });
  }
  for (const number of ['7', '-0.5', '1e21', '9007199254740992', '0.1', '123456789012345680000']) {
    it(`${number} is that number`, async () => {
      const { claims } = await login(config, { answer: `{"id":${number}}` });
      assert.equal(claims['https://example.com/id'], Number(number));
    });
  }
  it('are compared as what they are', async () => {
    const { claims } = await login(
      one(
        {},
        {
          idToken: {
            'https://example.com/same': 'id == `98765432109876543211`',
            'https://example.com/other': 'id == `98765432109876543210`',
          },
        },
      ),
      { answer: '{"id":98765432109876543211}' },
    );
    assert.deepEqual([claims['https://example.com/same'], claims['https://example.com/other']], [true, false]);
  });
});

/** @param {number} depth @param {string} open @param {string} close @param {string} [inside] */
const nested = (depth, open, close, inside = '') => open.repeat(depth) + inside + close.repeat(depth);

describe('what is nested too deep', () => {
  for (const [what, open, close, inside] of [
    ['arrays', '[', ']', ''],
    ['objects', '{"a":', '}', '1'],
  ]) {
    for (const depth of [64, 65, 5_000, 20_000]) {
      it(`${depth} ${what} in an answer`, async () => {
        const { claims, log, error } = await login(one({}, { idToken: { 'https://example.com/all': '@' } }), {
          answer: nested(depth, open ?? '', close ?? '', inside),
        });
        assert.equal(error, null);
        assert.match(log, depth > 64 ? /crm=invalid:200:not-json/ : /crm=ok:200/);
        assert.equal('https://example.com/all' in claims, depth <= 64);
      });
    }
  }

  it('is neither sent nor set', async () => {
    for (const depth of [120, 1_500]) {
      let deep = /** @type {any} */ ([]);
      for (let i = 0; i < depth; i += 1) deep = i % 2 ? { deep } : [deep];
      const config = {
        ...one({ body: { meta: 'user.user_metadata.deep' } }),
        claims: { idToken: { 'https://example.com/deep': 'user.user_metadata.deep' } },
      };
      const { sent, claims, log, error } = await login(config, { user: { user_metadata: { deep } } });
      assert.match(log, /crm=invalid:body-expression/);
      assert.deepEqual([sent, error, 'https://example.com/deep' in claims], [[], null, false]);
    }
  });
});

describe('the key __proto__', () => {
  it('of an answer is left out at every depth', async () => {
    const answer = '{"__proto__":{"admin":true},"a":[{"\\u005f_proto__":{"b":1},"c":2}]}';
    const { claims, appMetadata } = await login(
      one(
        {},
        {
          idToken: {
            'https://example.com/all': '@',
            'https://example.com/keys': 'keys(@)',
            'https://example.com/text': 'to_string(a)',
          },
          appMetadata: { a: 'a' },
        },
      ),
      { answer },
    );
    const found = [
      claims['https://example.com/all'],
      claims['https://example.com/keys'],
      claims['https://example.com/text'],
      appMetadata.a,
    ];
    assert.deepEqual(found, [{ a: [{ c: 2 }] }, ['a'], '[{"c":2}]', [{ c: 2 }]]);
    assert.ok(!JSON.stringify(found).includes('__proto__'));
  });

  it('of an event is neither sent nor set', async () => {
    const user = { user_metadata: JSON.parse('{"m":[{"__proto__":{"admin":true},"b":1}]}') };
    const { sent, claims } = await login(
      {
        ...one({ body: { all: '@', m: 'user.user_metadata', text: 'to_string(user.user_metadata)' } }),
        claims: { idToken: { 'https://example.com/m': 'user.user_metadata.m' } },
      },
      { user },
    );
    assert.ok(sent[0]?.body?.includes('"m":[{"b":1}]') && !sent[0].body.includes('__proto__'));
    assert.equal(JSON.stringify(claims['https://example.com/m']), '[{"b":1}]');
  });

  it('of an event is in nothing that a function makes', async () => {
    const user = { user_metadata: JSON.parse('{"__proto__":{"admin":true},"b":1}') };
    const of = 'user.user_metadata';
    const expressions = {
      [`items(${of})`]: [['b', 1]],
      [`keys(${of})`]: ['b'],
      [`values(${of})`]: [1],
      [`${of}.*`]: [1],
      [`length(${of})`]: 1,
      [`merge(${of}, {c: \`2\`})`]: { b: 1, c: 2 },
      [`items(merge(${of}, ${of}))`]: [['b', 1]],
      [`from_items(items(${of}))`]: { b: 1 },
      [`from_items([['__proto__', ${of}], ['c', \`2\`]]) | items(@)`]: [['c', 2]],
      [`json(to_string(${of}))`]: { b: 1 },
    };
    const named = Object.keys(expressions).map((text, i) => [`https://example.com/${i}`, text]);
    const { claims } = await login({ syncs: [], claims: { idToken: Object.fromEntries(named) } }, { user });
    for (const [i, [text, wanted]] of Object.entries(expressions).entries())
      assert.equal(JSON.stringify(claims[`https://example.com/${i}`]), JSON.stringify(wanted), text);
  });
});

describe('a secret', () => {
  const config = one({ headers: { 'x-api-key': { secret: 'CRM_KEY' } } }, undefined, 'deny');
  for (const secret of [
    '',
    '  \n',
    '\ufeff',
    '##CRM_KEY##',
    '@@CRM_KEY@@',
    ' ##crm.key##\n',
    'Bearer ##CRM_KEY##',
    '${CRM_KEY}',
    '{{CRM_KEY}}',
    '<key>',
  ]) {
    it(`${JSON.stringify(secret)} is none`, async () => {
      const { sent, denied, log } = await login(config, { secrets: { CRM_KEY: secret } });
      assert.deepEqual([sent, denied !== null], [[], true]);
      assert.match(log, /CRM_KEY/);
    });
  }
  for (const secret of ['abc', ' abc ', '\ufeffabc', 'abc\r\n', '\tabc\n\n']) {
    it(`${JSON.stringify(secret)} is abc`, async () => {
      const params = { k: { secret: 'CRM_KEY' } };
      const { sent } = await login(
        one({ url: 'https://crm.example.net/{k}', params, headers: { 'x-api-key': { secret: 'CRM_KEY' } } }),
        { secrets: { CRM_KEY: secret } },
      );
      assert.deepEqual([sent[0]?.headers['x-api-key'], sent[0]?.path], ['abc', '/abc']);
    });
  }
  it('that is a url may have blanks around it', async () => {
    const { sent } = await login(one({ url: { secret: 'URL' } }), {
      secrets: { URL: ' https://hook.example.net/x\n' },
    });
    assert.deepEqual([sent[0]?.host, sent[0]?.path], ['hook.example.net', '/x']);
  });
});

describe('a param', () => {
  for (const id of ['..;', '.;x', ';', '../x', '..\\x', '%2e%2e', 'a/..;/b', 'a\nb', 'a\u0000']) {
    it(`${JSON.stringify(id)} is not sent`, async () => {
      const { sent, log } = await login(
        one({ url: 'https://crm.example.net/u/{id}/x', method: 'GET', params: { id: 'user.user_metadata.id' } }),
        { user: { user_metadata: { id } } },
      );
      assert.deepEqual(sent, []);
      assert.match(log, /crm=invalid:url-param/);
    });
  }
});

it('no expression sees our record or the tokens of another provider', async () => {
  const identities = [
    {
      provider: 'google-oauth2',
      user_id: '1',
      access_token: 'tok',
      refreshToken: 'tok',
      profileData: { name: 'Maja', idToken: 'tok' },
    },
  ];
  const user = { identities, app_metadata: { plan: 'gold', login_sync: { crm: { claims: 'tok' } } } };
  const { sent, claims } = await login(
    {
      ...one({ body: { all: '@', user: 'user' } }),
      claims: {
        idToken: {
          'https://example.com/m': 'user.app_metadata',
          'https://example.com/i': 'user.identities',
          'https://example.com/t': 'to_string(user)',
        },
      },
    },
    { user },
  );
  assert.ok(sent[0]?.body?.includes('google-oauth2') && !/"tok"|login_sync/.test(sent[0].body));
  assert.deepEqual(
    [claims['https://example.com/m'], claims['https://example.com/i']],
    [{ plan: 'gold' }, [{ provider: 'google-oauth2', user_id: '1', profileData: { name: 'Maja' } }]],
  );
  assert.ok(!/tok"|login_sync/.test(claims['https://example.com/t']));
});

describe('`interactive`', () => {
  const WAYS = [
    'interactive',
    '@.interactive',
    '[@] | [0].interactive',
    '[@][0].interactive',
    '{a: @}.a.interactive',
    'not_null(@).interactive',
    'map(&interactive, [@])[0]',
    'user.nowhere || @ | interactive',
  ];
  for (const way of WAYS) {
    it(`is there for one who reads \`${way}\``, async () => {
      const { claims } = await login({ syncs: [], claims: { idToken: { 'https://example.com/a': way } } });
      assert.equal(claims['https://example.com/a'], true);
    });
  }
});
