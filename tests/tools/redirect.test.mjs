// The redirect: an Action's `https` is Node's own, all but the target of the connection, and what it sends is recorded.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTenant } from '../../tools/tenant/tenant.mjs';
import { until } from '../patience.mjs';

/**
 * One login of an Action that has `https`, and `ask(options, body)` for one request by it.
 * @param {import('node:test').TestContext} t
 * @param {string} body of the handler
 * @param {(tenant: import('../../tools/tenant/tenant.mjs').Tenant) => void} [prepare]
 */
async function login(t, body, prepare = () => {}) {
  const code = `
    const https = require('node:https');
    const ask = (options, body) => new Promise((done, fail) => {
      const request = https.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => { text += chunk; }).on('end', () => done({ status: response.statusCode, text })).on('error', fail);
      });
      request.on('error', fail);
      request.end(body);
    });
    exports.onExecutePostLogin = async (event, api) => { ${body} };`;
  const tenant = await openTenant({ code });
  t.after(() => tenant.close());
  prepare(tenant);
  return { tenant, execution: await tenant.login() };
}

describe('https.request', () => {
  for (const [what, call] of Object.entries({
    options: "ask({ hostname: 'api.example.com', path: '/a?b=c', method: 'POST', headers: { 'X-Test': '1' } }, 'body')",
    'a URL in text': "ask('https://api.example.com/a?b=c', undefined)",
    'a URL object': "ask(new URL('https://api.example.com/a?b=c'), undefined)",
    'an explicit port': "ask({ host: 'api.example.com', port: 443, path: '/a?b=c' }, undefined)",
    'no agent': "ask({ hostname: 'api.example.com', path: '/a?b=c', agent: false }, undefined)",
    'its own agent':
      "ask({ hostname: 'api.example.com', path: '/a?b=c', agent: new https.Agent({ keepAlive: true }) }, undefined)",
  })) {
    it(`leads ${what} to the stand-ins, with the host's name kept`, async (t) => {
      const { tenant, execution } = await login(t, `await ${call};`);
      assert.deepEqual([execution.thrown, execution.faults], [null, []]);
      const [arrival] = tenant.standIns.arrivals;
      assert.deepEqual(
        [arrival?.host, arrival?.path, arrival?.headers.host],
        ['api.example.com', '/a', 'api.example.com'],
      );
      assert.equal(execution.requests[0]?.url, 'https://api.example.com/a?b=c');
      assert.equal(execution.requests[0]?.status, 200);
    });
  }

  it('refuses other protocols, as the real one does', async (t) => {
    const { execution } = await login(t, "await ask('http://api.example.com/', undefined);");
    assert.match(execution.thrown ?? '', /Protocol "http:" not supported/);
  });

  it('keeps a pool of connections per host', async (t) => {
    const calls =
      "const agent = new https.Agent({ keepAlive: true }); for (const hostname of ['a.example.com', 'a.example.com', 'b.example.com']) { await ask({ hostname, agent }); await new Promise(setImmediate); } console.log(Object.keys(agent.freeSockets).length);";
    const { execution } = await login(t, calls);
    assert.deepEqual([execution.thrown, execution.log[0]?.text], [null, '2']);
  });

  it('is there under both names, with `get`; other modules are the real ones', async (t) => {
    const { execution, tenant } = await login(
      t,
      "await new Promise((done, fail) => require('https').get('https://api.example.com/', (r) => r.resume().on('end', done)).on('error', fail)); console.log(require('node:zlib') === require('zlib'));",
    );
    assert.deepEqual([execution.thrown, execution.log[0]?.text, tenant.standIns.arrivals.length], [null, 'true', 1]);
  });

  it('lets no connection pass that an agent of `http` would open', async (t) => {
    const { execution } = await login(
      t,
      "await ask({ hostname: '192.0.2.1', port: 443, agent: Object.assign(new (require('node:http').Agent)(), { protocol: 'https:' }) }, undefined);",
    );
    assert.equal(execution.faults[0]?.kind, 'connection');
  });
});

describe('the record', () => {
  it('holds what was sent and what came back, in time', async (t) => {
    const { execution } = await login(
      t,
      "await new Promise((done) => setTimeout(done, 20)); await ask({ hostname: 'api.example.com', method: 'PUT', headers: { 'Content-Type': 'text/plain' } }, 'h\\u00e9');",
    );
    const [request] = execution.requests;
    assert.deepEqual(
      [request?.method, request?.headers['content-type'], request?.body, request?.failure],
      ['PUT', 'text/plain', 'h\u00e9', null],
    );
    assert.equal(JSON.parse(request?.responseBody ?? '').body, 'h\u00e9');
    assert.equal(request?.responseHeaders['content-type'], 'application/json');
    assert.ok(request && request.ms !== null && request.startMs >= 19 && request.startMs + request.ms <= execution.ms);
  });

  it('puts together a body that was written in parts', async (t) => {
    const { execution, tenant } = await login(
      t,
      "await new Promise((done, fail) => { const r = https.request({ hostname: 'api.example.com', method: 'POST' }, (a) => a.resume().on('end', done)); r.on('error', fail); r.write('on'); r.write(Buffer.from('e ')); r.end('two'); });",
    );
    assert.deepEqual([execution.requests[0]?.body, tenant.standIns.arrivals[0]?.body], ['one two', 'one two']);
  });

  for (const [fault, failure] of Object.entries({ reset: 'ECONNRESET', 'half-body': 'the answer broke off' })) {
    it(`says what went wrong: ${fault}`, async (t) => {
      const { execution } = await login(
        t,
        "await ask({ hostname: 'api.example.com' }, undefined).catch(() => {});",
        ({ standIns }) => standIns.fault(fault),
      );
      assert.equal(execution.requests[0]?.failure, failure);
      assert.notEqual(execution.requests[0]?.ms, null);
    });
  }

  it('closes a kept-alive connection under the next request, and only that', async (t) => {
    const calls =
      "const agent = new https.Agent({ keepAlive: true }); const seen = []; for (let i = 0; i < 4; i += 1) { await ask({ hostname: 'api.example.com', agent }).then((a) => seen.push(a.status), (e) => seen.push(e.code)); await new Promise(setImmediate); } console.log(seen.join());";
    const { execution } = await login(t, calls, ({ standIns }) => standIns.fault('stale'));
    assert.equal(execution.log[0]?.text, '200,ECONNRESET,200,ECONNRESET');
  });

  for (const [call, failure] of Object.entries({
    'destroy()': 'given up',
    "destroy(new Error('too slow'))": 'too slow',
    'abort()': 'given up',
  })) {
    it(`says that the Action itself gave up: ${call}`, async (t) => {
      const { execution } = await login(
        t,
        `await new Promise((done) => { const r = https.get('https://api.example.com/'); r.on('error', done); setTimeout(() => r.${call}, 20); });`,
        ({ standIns }) => standIns.fault('timeout'),
      );
      assert.deepEqual([execution.requests[0]?.failure, execution.requests[0]?.status], [failure, null]);
    });
  }

  it('leaves a request open that no one ended', async (t) => {
    const { execution } = await login(
      t,
      "ask({ hostname: 'api.example.com' }, undefined).catch(() => {}); await new Promise((done) => setTimeout(done, 50));",
      ({ standIns }) => standIns.fault('timeout'),
    );
    assert.deepEqual([execution.requests[0]?.ms, execution.requests[0]?.status], [null, null]);
  });

  it('does not hide that an Action forgot its error listener', async (t) => {
    const { execution } = await login(
      t,
      "https.request({ hostname: 'api.example.com' }).end(); await new Promise((done) => setTimeout(done, 50));",
      ({ standIns }) => standIns.fault('reset'),
    );
    await until(() => execution.faults.length > 0);
    assert.equal(execution.faults[0]?.kind, 'uncaughtException');
  });

  it('belongs to the execution that sent it, also side by side on one connection pool', async (t) => {
    const tenant = await openTenant({
      code: `const https = require('node:https'); const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
        exports.onExecutePostLogin = async (event) => new Promise((done, fail) => https.get({ hostname: 'api.example.com', path: '/' + event.stats.logins_count, agent }, (r) => r.resume().on('end', () => { console.log(event.stats.logins_count); done(); })).on('error', fail));`,
    });
    t.after(() => tenant.close());
    const executions = await Promise.all([1, 2, 3].map((n) => tenant.login({ stats: { logins_count: n } })));
    assert.deepEqual(
      executions.map(({ requests, log }) => [requests.map(({ url }) => url), log.map(({ text }) => text)]),
      [1, 2, 3].map((n) => [[`https://api.example.com/${n}`], [`${n}`]]),
    );
  });
});
