// What `tools/deploy/` takes for an answer of Auth0's: anything else, such as the page of a proxy, is refused by every question.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, TenantError } from '../../tools/deploy/tenant.mjs';
import { startTenant } from './management.mjs';

// In this process alone, whose only requests go to the stand-in, which made its certificate itself.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

/** @type {Record<string, import('./management.mjs').Answer>} */
const ANSWERS = {
  'a page of a proxy': { status: 200, text: '<html></html>', headers: { 'content-type': 'text/html' } },
  'no text': { status: 200, text: '' },
  'no content': { status: 204, text: '' },
  'not modified': { status: 304, text: '' },
  'half of it': { status: 200, text: '{"bindings":[{"id":' },
  null: { status: 200, text: 'null' },
  'an array': { status: 200, text: '[]' },
  'a string': { status: 200, text: '"x"' },
  'a number': { status: 200, text: '1e400' },
};
/** What an object lacks matters where something of it is read. @type {typeof ANSWERS} */
const OBJECTS = {
  'an empty object': { status: 200, body: {} },
  'null in each field': { status: 200, body: { id: null, actions: null, bindings: null, logs: null } },
  'null in a list': { status: 200, body: { id: 5, actions: [null], bindings: [null], logs: [null] } },
};

/** @typedef {import('../../tools/deploy/tenant.mjs').Tenant} Tenant */
/** @type {Record<string, { ask: (tenant: Tenant, id: string) => Promise<unknown>, open?: boolean }>} `open`: any object will do */
const QUESTIONS = {
  find: { ask: (tenant) => tenant.find('mine') },
  get: { ask: (tenant, id) => tenant.get(id) },
  create: { ask: (tenant) => tenant.create({ name: 'new', supported_triggers: [], secrets: [] }) },
  update: { ask: (tenant, id) => tenant.update(id, { code: '// x' }) },
  deploy: { ask: (tenant, id) => tenant.deploy(id) },
  test: { ask: (tenant, id) => tenant.test(id, {}), open: true },
  flow: { ask: (tenant) => tenant.flow('post-login') },
  logs: { ask: (tenant) => tenant.logs(10) },
  execution: { ask: (tenant) => tenant.execution('x'), open: true },
};

describe('an answer that Auth0 does not give', () => {
  /** @type {Awaited<ReturnType<typeof startTenant>>} */
  let stand;
  /** @type {(request: string) => import('./management.mjs').Answer | undefined} */
  let answer = () => undefined;
  before(async () => {
    stand = await startTenant({ onRequest: (request) => answer(request) });
  });
  after(() => stand.close());

  for (const [name, { ask, open = false }] of Object.entries(QUESTIONS)) {
    it(`is refused: ${name}`, async () => {
      const { id } = stand.another('mine');
      for (const [what, given] of Object.entries(open ? ANSWERS : { ...ANSWERS, ...OBJECTS })) {
        answer = (request) => (request === 'POST /oauth/token' ? undefined : given);
        const tenant = await connect(stand.env);
        await assert.rejects(ask(tenant, id), (error) => {
          assert.ok(error instanceof TenantError, `${what}: ${/** @type {Error} */ (error).stack}`);
          assert.match(error.message, /^localhost:\d+ gave an answer that Auth0 does not give/, what);
          return true;
        });
      }
    });
  }

  it('is refused where a token is asked for', async () => {
    for (const given of [
      { status: 200, text: '<html></html>' },
      { status: 200, body: {} },
    ]) {
      answer = (request) => (request === 'POST /oauth/token' ? given : undefined);
      const tenant = await connect(stand.env);
      await assert.rejects(tenant.flow('post-login'), { message: /gave an answer that Auth0 does not give/ });
    }
  });
});
