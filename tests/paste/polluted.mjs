// A process of its own for transport.test.mjs, where Object.prototype can be polluted: Node as it is, no facade, and an
// authority that Node was told of when it began. It is sent what to pollute, one at a time, and tells how the login ended.
import { withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { readPaste } from './support.mjs';

const [port, host] = process.argv.slice(2);
const crm = {
  name: 'crm',
  request: {
    url: `https://${host}:${port}/users`,
    body: { id: 'user.user_id' },
    headers: { 'x-key': { secret: 'KEY' } },
  },
  response: { idToken: { id: 'id' } },
  retries: 0,
  timeoutMs: 2000,
  onFailure: 'deny',
};
/** What the Action does is polluted, and what the tenant around it does is not. */
const AROUND = `
const login = exports.onExecutePostLogin;
exports.onExecutePostLogin = async (event, api) => {
  globalThis.pollute();
  try {
    await login(event, api);
  } finally {
    globalThis.clean();
  }
};`;
const code = withConfig(readPaste(), { syncs: [crm] }) + AROUND;
const event = fakeEvent('post-login', { secrets: { KEY: 'sk_live_1' } });
const global = /** @type {any} */ (globalThis);

process.on(
  'message',
  async (
    /** @type {{ name: string, value: unknown, kept: boolean, hidden: boolean, call: boolean }} */ {
      name,
      value,
      kept,
      hidden,
      call,
    },
  ) => {
    const action = createHost(code, { guarded: false });
    global.pollute = global.clean = () => {};
    if (kept) await action.execute('post-login', event);
    global.pollute = () =>
      Object.defineProperty(Object.prototype, name, {
        value: call ? () => value : value,
        configurable: true,
        writable: true,
        enumerable: !hidden,
      });
    global.clean = () => delete (/** @type {any} */ (Object.prototype)[name]);
    const { denied, log, faults, thrown, tokens } = await action.execute('post-login', event);
    // What throws later throws before the answer.
    setTimeout(
      () =>
        process.send?.({ denied, faults, thrown, log: log.map(({ text }) => text), id: tokens?.idToken?.claims.id }),
      2,
    );
  },
);
process.send?.('ready');
