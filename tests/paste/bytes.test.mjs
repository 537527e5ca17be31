// The bytes of an answer, over real TLS: compressed, in a charset, empty, too many. What cannot be read is said by a word.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { pathOf, startLoopback } from './loopback.mjs';
import { assertSound, readPaste } from './support.mjs';

const MIB = 1024 * 1024;
const NAME = 'Zoë Müller, Łódź 😀';
const JSON_BYTES = Buffer.from(JSON.stringify({ name: NAME }));

/** @type {Awaited<ReturnType<typeof startLoopback>>} */
let server;
before(async () => {
  server = await startLoopback();
});
after(() => server.close());

/**
 * One login whose one system gives this answer.
 * @param {Buffer | string} body
 * @param {Record<string, string>} [headers]
 * @param {object} [entry]
 * @param {number} [status]
 * @param {Partial<import('./loopback.mjs').Answer>} [more]
 */
async function login(body, headers = {}, entry = {}, status = 200, more = {}) {
  const path = pathOf({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    base64: Buffer.from(body).toString('base64'),
    ...more,
  });
  const crm = {
    name: 'crm',
    request: { url: `https://crm.example.com${path}`, body: { id: 'user.user_id' } },
    response: { idToken: { name: 'name' } },
    retries: 0,
    timeoutMs: 8000,
    ...entry,
  };
  const event = fakeEvent('post-login', { secrets: {} });
  const execution = await createHost(withConfig(readPaste(), { syncs: [crm] }), { require: server.require }).execute(
    'post-login',
    event,
  );
  assertSound(execution, event);
  const said = / crm=(\S+)/.exec(execution.log[0]?.text ?? '')?.[1]?.replace(/:\d+ms:1/, '') ?? execution.log[0]?.text;
  return { said, name: execution.tokens?.idToken?.claims.name, execution };
}

/** @param {string} coding @param {Buffer} bytes */
const coded = (coding, bytes) => login(bytes, { 'content-encoding': coding });

describe('a compressed answer', () => {
  /** @type {[string, Buffer][]} */
  const good = [
    ['gzip', zlib.gzipSync(JSON_BYTES)],
    ['x-gzip', zlib.gzipSync(JSON_BYTES)],
    ['GZIP', zlib.gzipSync(JSON_BYTES)],
    ['br', zlib.brotliCompressSync(JSON_BYTES)],
    ['deflate', zlib.deflateSync(JSON_BYTES)],
    ['deflate', zlib.deflateSync(JSON_BYTES, { level: 0 })],
    ['deflate', zlib.deflateRawSync(JSON_BYTES)],
    ['deflate', zlib.deflateRawSync(JSON_BYTES, { level: 0 })],
    ['identity', JSON_BYTES],
    ['identity, gzip', zlib.gzipSync(JSON_BYTES)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(JSON_BYTES))],
  ];
  for (const [i, [coding, bytes]] of good.entries()) {
    it(`${coding} is undone (${i})`, async () =>
      assert.deepEqual((({ said, name }) => [said, name])(await coded(coding, bytes)), ['ok:200', NAME]));
  }

  for (const coding of ['zstd', 'compress', 'constructor', 'gzip, gzip, gzip']) {
    it(`${coding} is refused by name`, async () =>
      assert.equal((await coded(coding, JSON_BYTES)).said, 'invalid:200:content-encoding'));
  }

  const packs = /** @type {const} */ ({ gzip: 'gzipSync', br: 'brotliCompressSync', deflate: 'deflateSync' });
  for (const [coding, pack] of Object.entries(packs)) {
    const whole = zlib[pack](JSON_BYTES);
    it(`${coding} that is cut off, broken or none at all is said to be so`, async () => {
      for (const bytes of [
        whole.subarray(0, whole.length / 2),
        whole.subarray(0, 1),
        Buffer.concat([whole.subarray(0, 12), Buffer.alloc(9, 0xff)]),
        JSON_BYTES,
      ]) {
        assert.equal((await coded(coding, bytes)).said, 'invalid:200:decompress');
      }
    });
    it(`${coding} that grows beyond 1 MiB is cut off`, async () => {
      const grown = async (/** @type {number} */ size) =>
        (await login(' ', { 'content-encoding': coding }, {}, 200, { times: size, pack })).said;
      assert.deepEqual(
        [await grown(MIB), await grown(MIB + 1), await grown(8 * MIB)],
        ['invalid:200:empty', 'invalid:too-large', 'invalid:too-large'],
      );
    });
    it(`${coding} without a body is an empty answer`, async () => {
      assert.equal((await login('', { 'content-encoding': coding }, {}, 204)).said, 'invalid:204:empty');
      assert.equal((await coded(coding, zlib[pack](Buffer.alloc(0)))).said, 'invalid:200:empty');
    });
  }

  it('does not hide a status, nor matter where nothing is taken', async () => {
    const broken = { 'content-encoding': 'gzip' };
    assert.match((await login('x', broken, {}, 401)).said ?? '', /^unauthorized:401/);
    assert.match((await login('x', broken, {}, 404)).said ?? '', /^rejected:404/);
    assert.match((await login('x', broken, {}, 503)).said ?? '', /^unavailable:503/);
    assert.equal((await login('x', broken, { response: {} })).said, 'ok:200');
  });
});

describe("an answer's text", () => {
  /** @type {[string, string, Buffer][]} */
  const good = [
    ['utf-8', NAME, JSON_BYTES],
    ['"UTF-8"', NAME, JSON_BYTES],
    ['utf8', NAME, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), JSON_BYTES])],
    ['us-ascii', 'plain', Buffer.from('{"name":"plain"}')],
    ['iso-8859-1', 'Åsa Größe', Buffer.from('{"name":"Åsa Größe"}', 'latin1')],
    ['utf-16le', NAME, Buffer.from(`\ufeff{"name":"${NAME}"}`, 'utf16le')],
    ['shift_jis', '山', Buffer.from('{"name":"\x8eR"}', 'latin1')],
    ['utf-8', 'sent \ufffd so', Buffer.from('{"name":"sent \ufffd so"}')],
  ];
  for (const [charset, name, bytes] of good) {
    it(`${charset}: ${name}`, async () => {
      const taken = await login(bytes, { 'content-type': `application/json;Charset=${charset}; v=1` });
      assert.deepEqual([taken.said, taken.name], ['ok:200', name]);
    });
  }
  it('is UTF-8 where nothing is said', async () => {
    assert.equal((await login(JSON_BYTES, { 'content-type': 'text/plain' })).name, NAME);
    assert.equal((await login(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), JSON_BYTES]))).name, NAME);
  });

  /** @type {[string, number[]][]} */
  const wrong = [
    ['utf-8', [0x4a, 0xf6, 0x72, 0x67]],
    ['utf-8', [0xed, 0xa0, 0x80]],
    ['utf-8', [0xf0, 0x9f, 0x98]],
    ['utf-8', [0xc0, 0xaf]],
    ['us-ascii', [0xe9]],
    ['shift_jis', [0x81, 0xff]],
    ['euc-kr', [0xff, 0xff]],
    ['utf-7', [0x41]],
    ['nonsense', [0x41]],
  ];
  for (const [charset, bytes] of wrong) {
    it(`${charset} with ${Buffer.from(bytes).toString('hex')} is invalid`, async () => {
      const { said, name } = await login(
        Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]),
        { 'content-type': `application/json; charset=${charset}` },
      );
      assert.deepEqual([said, name], ['invalid:200:charset', undefined]);
    });
  }

  it('is the one that was meant, or invalid, where a version of Node knows no better', async () => {
    for (const [charset, byte, meant] of /** @type {[string, string, string][]} */ ([
      ['windows-1252', '\x80', '€'],
      ['iso-8859-1', '\x92', '’'],
      ['windows-1251', '\x98', ''],
      ['gbk', '\xffA', ''],
      ['big5', '\xffA', ''],
    ])) {
      const { said, name } = await login(Buffer.from(`{"name":"${byte}"}`, 'latin1'), {
        'content-type': `application/json; charset=${charset}`,
      });
      if (said === 'ok:200') assert.equal(name, meant);
      else assert.equal(said, 'invalid:200:charset');
    }
  });

  it('is counted in bytes', async () => {
    const response = { idToken: { count: 'length(@)' } };
    const read = async (/** @type {number} */ times) =>
      (await login('"€€€€€€€€€€"', {}, { response }, 200, { times })).said;
    assert.equal(await read(1), 'ok:200');
    // A third of a million characters are a million bytes.
    assert.deepEqual([await read(32_768), await read(32_769)], ['invalid:200:not-json', 'invalid:too-large']);
  });
});

describe('an empty answer', () => {
  const literals = { appMetadata: { notified: true, by: "'crm'", list: [1, { a: null }] } };
  for (const [status, body] of /** @type {[number, string][]} */ ([
    [204, ''],
    [200, ''],
    [200, '\r\n '],
    [200, 'ok'],
    [200, '\ufeff'],
  ])) {
    it(`${status} ${JSON.stringify(body)}: literals are set`, async () => {
      const { said, execution } = await login(body, {}, { response: literals }, status);
      assert.equal(said, `ok:${status}`);
      assert.deepEqual([execution.appMetadata.notified, execution.appMetadata.by], [true, 'crm']);
    });
    it(`${status} ${JSON.stringify(body)}: an expression has nothing to read`, async () => {
      const { said, execution } = await login(
        body,
        {},
        { response: { appMetadata: { notified: true, id: '@' } } },
        status,
      );
      assert.equal(said, `invalid:${status}:${body === 'ok' ? 'not-json' : 'empty'}`);
      assert.deepEqual(execution.commands, []);
    });
  }
});
