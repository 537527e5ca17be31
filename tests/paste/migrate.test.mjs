// docs/migrate.md: each config of 0.1 on it means something else now, and the one that is to be written instead does what the page
// says. What 0.1 did is in the table, and its last file does it, where the history of this repository is at hand; or the one that
// OLD_PASTE names.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../tools/files.mjs';
import { problems, withConfig } from '../../tools/paste/paste.mjs';
import { readPaste, tenant } from './support.mjs';

const PASTE = readPaste();
const LAST_OF_0_1 = 'a4ff88302b6c';
const OLD = process.env.OLD_PASTE ? readFileSync(process.env.OLD_PASTE, 'utf8') : fromHistory();
const PAGE = readFileSync(path.join(root, 'docs', 'migrate.md'), 'utf8');

function fromHistory() {
  const { status, stdout } = spawnSync('git', ['show', `${LAST_OF_0_1}:pkg/login-sync.js`], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? stdout : undefined;
}

/** @type {Map<string, { old: any, now: any }>} */
const SECTIONS = new Map(
  [...PAGE.matchAll(/^### (.+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)].map(([, title = '', text = '']) => {
    const block = (/** @type {string} */ language) =>
      new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1];
    return [title, { old: JSON.parse(block('json-0\\.1') ?? ''), now: JSON.parse(block('json') ?? 'null') }];
  }),
);

/** What a login comes to, as far as the page speaks of it. @param {import('../../tools/tenant/host.mjs').Execution} execution */
function told({ requests, tokens, appMetadata, mfa, error, log }) {
  const { custom = [], claims = {} } = tokens?.idToken ?? {};
  const [request] = requests;
  return {
    url: request?.url,
    body: request?.body,
    headers: request?.headers,
    claims: custom.map((name) => claims[name]),
    app: Object.keys(appMetadata)
      .filter((key) => key !== 'login_sync')
      .map((key) => appMetadata[key]),
    kept: 'login_sync' in appMetadata,
    mfa: mfa && (mfa.provider ?? mfa.factors ?? mfa.enroll),
    error: error?.error ?? null,
    refused: / result=refused /.test(log.at(-1)?.text ?? ''),
  };
}
const REFUSED = { refused: true, error: 'access_denied' };

/**
 * @typedef {Partial<ReturnType<typeof told>>} Told
 * @typedef {{ over?: any, answer?: any, secrets?: Record<string, string>, was: Told, is: Told, instead?: Told }} Case `was`: by 0.1; `is`:
 *   the same config now; `instead`: the new config
 */
const GOLD = { user: { app_metadata: { plan: 'gold' } } };
const KEY = { CRM_KEY: '##CRM_KEY##' };

/** @type {Record<string, Case>} */
const CASES = {
  'Null in an answer removes a key': {
    over: GOLD,
    answer: { body: {} },
    was: { app: ['gold'] },
    is: { app: [] },
    instead: { app: ['gold'] },
  },
  'An object of which nothing is left': {
    over: { user: { app_metadata: { plan: { tier: 'x' } } } },
    answer: { body: {} },
    was: { app: [{}] },
    is: { app: [] },
    instead: { app: [{ known: true }] },
  },
  'A second factor where no one can answer': {
    over: { transaction: { protocol: 'oauth2-refresh-token' } },
    was: { error: 'mfa_required' },
    is: { error: null, mfa: null },
    instead: { error: 'mfa_required' },
  },
  'Several rules that ask for a factor': { was: { mfa: 'duo' }, is: { mfa: 'guardian' }, instead: { mfa: 'duo' } },
  'A factor that the user does not have': {
    was: { error: 'access_denied', refused: false },
    is: { mfa: 'any', error: null },
    instead: { mfa: ['otp'], error: null },
  },
  'Long numbers': {
    answer: { body: '{"id":227490627192107011}' },
    // What JavaScript makes of it.
    was: { claims: [Number('227490627192107011')] },
    is: { claims: ['227490627192107011'] },
  },
  "Our own record and other providers' tokens": {
    over: { user: { app_metadata: { login_sync: {}, plan: 'gold' }, identities: [{ access_token: 'ya29' }] } },
    was: { claims: [['login_sync', 'plan'], 'ya29'] },
    is: { claims: [['plan']] },
  },
  'Secrets, the form and the query in an expression': {
    over: { request: { query: { source: 'mail' } } },
    was: { claims: [], error: null },
    is: REFUSED,
    instead: { claims: ['mail'] },
  },
  'A key of a body that is a form now': {
    was: { body: '{"question":{"secret":"maja"}}' },
    is: REFUSED,
    instead: { body: '{"question":{"secret":"maja"}}' },
  },
  'A header that looks like an expression': {
    was: { headers: { 'x-mail': 'user.email' } },
    is: REFUSED,
    instead: { headers: { 'x-mail': 'maja.lindqvist@example.com' } },
  },
  'A content-type that contradicts the body': {
    was: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"id":"auth0|67a1f0c2d4b8e9000a1b2c3d"}',
    },
    is: REFUSED,
    instead: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'id=auth0%7C67a1f0c2d4b8e9000a1b2c3d',
    },
  },
  'A header of the transport': {
    was: { headers: { 'accept-encoding': 'gzip' } },
    is: REFUSED,
    instead: { refused: false, error: null },
  },
  'Dots in a path': {
    was: { error: null },
    is: REFUSED,
    instead: { url: 'https://crm.example.com/users', error: null },
  },
  'A secret that is a marker': { secrets: KEY, was: { headers: { 'x-key': '##CRM_KEY##' } }, is: REFUSED },
  'A claim that fails': { was: { claims: [] }, is: { claims: ['gold'] }, instead: { claims: [] } },
  'An answer from which nothing came': {
    answer: { body: {} },
    was: { kept: true },
    is: { kept: false },
    instead: { kept: true, claims: [], app: [] },
  },
  'A literal after an answer without a body': {
    answer: { status: 204, body: '' },
    was: { app: [] },
    is: { app: [true] },
    instead: { app: [] },
  },
};

/** @param {import('node:test').TestContext} t @param {string} code @param {Pick<Case, 'answer' | 'secrets'>} how */
function open(t, code, { answer = {}, secrets = {} }) {
  /** @type {import('../../tools/tenant/world.mjs').System} */
  const system = {
    name: 'crm',
    serves: () => true,
    answer: () => ({ status: 200, body: { plan: 'gold' }, ...answer }),
    error: () => ({}),
  };
  return tenant(t, { code, secrets, systems: [system] });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} code
 * @param {Case} how
 * @param {Told} wanted
 */
async function holds(t, code, { over = {}, answer = {}, secrets = {} }, wanted) {
  const opened = await open(t, code, { answer, secrets });
  /** @type {any} */
  const all = told(await opened.login(over));
  const { headers, ...rest } = wanted;
  for (const [name, value] of Object.entries(rest))
    assert.deepEqual(all[name], value, `${name} of ${JSON.stringify(all)}`);
  for (const [name, value] of Object.entries(headers ?? {})) assert.equal(all.headers?.[name], value);
}

it('every section has its case, and every case its section', () => {
  assert.deepEqual(Object.keys(CASES).sort(), [...SECTIONS.keys()].sort());
});

for (const [title, { old, now }] of SECTIONS) {
  const how = /** @type {Case} */ (CASES[title]);
  describe(title, () => {
    it('in 0.1', { skip: !OLD }, (t) => {
      const code = String(OLD).replace(/^const config = [\s\S]*?;$/m, () => `const config = ${JSON.stringify(old)};`);
      return holds(t, code, how, how.was);
    });
    it('with the config as it was', (t) => holds(t, withConfig(PASTE, old), how, how.is));
    if (!now) return;
    it('with the new one', async (t) => {
      assert.deepEqual(problems(PASTE, now), []);
      await holds(t, withConfig(PASTE, now), how, how.instead ?? {});
    });
    it('with the new one, at the next login too', async (t) => {
      const { login } = await open(t, withConfig(PASTE, now), { secrets: how.secrets ?? {} });
      const { user = {}, ...over } = how.over ?? {};
      const first = await login({ ...over, user });
      const second = await login({ ...over, user: { ...user, app_metadata: first.appMetadata } });
      assert.deepEqual(told(second).claims, told(first).claims);
    });
  });
}
