// The connectors: each document against its contract, through the pasted file, in one table of logins and failures; and how `use`
// brings them into a config.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pageOf, pages, written } from '../../tools/build/connectors.mjs';
import { presetNames } from '../../tools/commands/open.mjs';
import { PASTE } from '../../tools/files.mjs';
import { connectors, contracts, copy, library } from '../../tools/library/connectors.mjs';
import { readAhead } from '../../tools/paste/ahead.mjs';
import { expanded, linesOf, systems } from '../../tools/paste/config.mjs';
import { FIELDS } from '../../tools/paste/connectors.mjs';
import { openEngine, withConfig } from '../../tools/paste/paste.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { contractor, misfits } from '../../tools/tenant/systems/contract.mjs';
import { openTenant } from '../../tools/tenant/tenant.mjs';
import '../hurry.mjs';

const paste = readFileSync(PASTE, 'utf8');
const engine = openEngine(paste);
const presets = presetNames();
const all = contracts();

/** Those that are told of whatever address a login has, because it judges the login. */
const JUDGES = ['castle'];

/** What a newcomer gets wrong. */
const SETS = '`sets` must list all claims and metadata that are there after the login, also those of `event`';

/** What a fault is to a login. */
const FAULTS = {
  401: 'unauthorized',
  403: 'unauthorized',
  409: 'conflict',
  422: 'rejected',
  '429:30': 'unavailable',
  503: 'unavailable',
  reset: 'unavailable',
  'half-body': 'unavailable',
  garbage: 'invalid',
};

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** Someone of whom nothing but an id is known. */
const { user, ...login } = fakeEvent('post-login');
const nothing = (/** @type {any} */ object) => Object.fromEntries(Object.keys(object).map((key) => [key, null]));
const bare = {
  ...Object.fromEntries(
    Object.entries(login).map(([key, value]) => [
      key,
      typeof value === 'object' && !['client', 'connection', 'tenant', 'stats'].includes(key) ? nothing(value) : value,
    ]),
  ),
  user: { ...nothing(user), user_id: 'custom|17', app_metadata: null, user_metadata: null },
  secrets: undefined,
};
delete bare.secrets;

/** @param {import('../../tools/tenant/host.mjs').Execution} execution */
const resultOf = ({ error, mfa }) => (error?.error === 'access_denied' ? 'deny' : mfa ? 'mfa' : 'allow');

for (const { name, about, document } of connectors()) {
  describe(name, () => {
    const contract = all[name];
    if (!contract) throw new Error(`connectors/contracts/${name}.json is missing`);
    const secrets = Object.fromEntries(
      Object.entries(contract.secrets).map(([key, secret]) => [key, secret === 'RSA' ? privateKey : secret]),
    );
    const [usual] = contract.logins;
    const { config, problems } = expanded(engine, { syncs: [{ use: name }] }, library(), presets);
    /** The paste, which is made for the first login, so that it costs nothing where `--test-name-pattern` leaves this connector out. */
    let code = '';

    /**
     * Logins of one user, one after the other.
     * @param {{ event?: Record<string, any>, answers?: Record<string, string>, fault?: string, times?: number }} options
     */
    async function logins({ event = {}, answers = {}, fault, times = 1 }) {
      code ||= withConfig(readAhead(paste, config), config);
      const system = contractor(name, contract, secrets);
      system.answers = answers;
      const tenant = await openTenant({ code, mostBytes: Infinity, secrets, systems: [system] });
      if (fault) tenant.standIns.fault(fault);
      try {
        const executions = [];
        let over = event;
        for (let i = 0; i < times; i += 1) {
          system.came.length = 0;
          const execution = await tenant.login(over);
          executions.push({ ...execution, came: [...system.came].sort(), arrivals: tenant.standIns.arrivals });
          over = { ...over, user: { ...over.user, app_metadata: execution.appMetadata } };
          assert.deepEqual([execution.thrown, execution.faults, execution.refused], [null, [], []]);
          const log = execution.log.map(({ text }) => text).join('\n');
          for (const secret of [...Object.values(secrets), user.email, user.given_name, user.phone_number])
            assert.ok(!log.includes(secret), `the log holds ${secret}: ${log}`);
          assert.doesNotMatch(log, /warn=(?!deny-rule)/, 'something warns');
          assert.ok(
            tenant.standIns.arrivals.every((arrival) => arrival.system === name),
            'a request went to a host that is not in the contract',
          );
        }
        assert.deepEqual(system.wrong, []);
        return executions;
      } finally {
        await tenant.close();
      }
    }

    it('says what it is', () => {
      for (const key of Object.keys(document)) assert.ok(FIELDS.includes(key), `unknown field ${key}`);
      const {
        title,
        area,
        does,
        sources,
        date,
        verified,
        doubt,
        secrets: named,
        scopes,
        limits,
        failure,
        privacy,
      } = about;
      for (const text of [title, area, does, scopes, limits, failure, privacy])
        assert.ok(typeof text === 'string' && text.length > 2);
      assert.ok(sources.length > 0 && sources.every((url) => url.startsWith('https://')));
      assert.match(date, /^\d{4}-\d\d-\d\d$/);
      assert.equal(typeof verified, 'boolean');
      assert.equal(verified, doubt === undefined, 'where it is not verified, `doubt` says what is not');
      assert.deepEqual(Object.keys(named).sort(), Object.keys(secrets).sort());
    });

    it('keeps to the names', () => {
      assert.deepEqual(problems.flatMap(linesOf), []);
      const prefix = name.toUpperCase().replaceAll('-', '_');
      for (const secret of Object.keys(secrets))
        assert.ok(secret.startsWith(`${prefix}_`), `${secret} must begin with ${prefix}_`);
      const used = systems(engine, config, presets).flatMap((sync) => sync.secrets.flatMap(({ names }) => names));
      assert.deepEqual([...new Set(used)].sort(), Object.keys(secrets).sort());
      const entries = (document.syncs ?? []).map((/** @type {any} */ each) => each.name);
      assert.equal(entries.filter((/** @type {string} */ each) => each === name).length, entries.length ? 1 : 0);
      for (const entry of entries)
        assert.ok(entry === name || entry.startsWith(`${name}-`), `the entry ${entry} must begin with ${name}-`);
      for (const token of Object.keys(document.tokens ?? {})) assert.equal(token, name);
      const own = [
        document.appMetadata,
        ...(document.syncs ?? []).map((/** @type {any} */ each) => each.response?.appMetadata),
      ];
      const begin = `${name.replaceAll('-', '_')}_`;
      for (const key of own.flatMap((keys) => Object.keys(keys ?? {})))
        assert.ok(key.startsWith(begin), `the key ${key} of app_metadata must begin with ${begin}`);
    });

    for (const { title, event, answers, requests, result = 'allow', sets = {} } of contract.logins) {
      it(title, async () => {
        const [execution] = await logins({ ...(event ? { event } : {}), ...(answers ? { answers } : {}) });
        assert.ok(execution);
        const log = execution.log.map(({ text }) => text).join('\n');
        assert.deepEqual(execution.came, [...requests].sort(), log);
        assert.equal(resultOf(execution), result, log);
        const { login_sync: _, ...appMetadata } = execution.appMetadata;
        const { idToken, accessToken } = execution.tokens ?? {};
        const got = {
          idToken: chosen(idToken),
          accessToken: chosen(accessToken),
          appMetadata,
          userMetadata: execution.userMetadata,
        };
        for (const [place, value] of Object.entries(got))
          assert.deepEqual(misfits(sets[place] ?? {}, value, secrets, place), [], `${SETS}\n${log}`);
      });
    }

    it('does not do again what is done', async () => {
      const [, second] = await logins({ ...(usual?.event ? { event: usual.event } : {}), times: 2 });
      assert.deepEqual(second?.came, [...contract.again].sort());
    });

    it('gets along with a user who has nothing but an id', async () => {
      const [execution] = await logins({ event: bare });
      assert.deepEqual(execution?.came, [...contract.bare].sort());
    });

    it('passes on no email address that is not verified', async () => {
      if (JUDGES.includes(name)) return;
      // Auth0 gives the address as the name of a user of whom it knows no other.
      const email = 'someone.else@example.org';
      const unverified = { email, email_verified: false, name: email, given_name: null, family_name: null };
      const [execution] = await logins({ event: { ...usual?.event, user: { ...usual?.event?.user, ...unverified } } });
      const { arrivals = [], tokens, appMetadata } = execution ?? {};
      const requests = arrivals.map((each) => ({ ...each, query: `${each.query}` }));
      const passed = JSON.stringify([requests, chosen(tokens?.accessToken), appMetadata]).replaceAll('%40', '@');
      assert.ok(!passed.includes(email), passed);
    });

    for (const [fault, kind] of Object.entries((usual?.requests.length ?? 0) > 0 ? FAULTS : {})) {
      it(`meets ${fault} as it says`, async () => {
        const before = usual?.event?.user?.app_metadata ?? {};
        const [execution] = await logins({ ...(usual?.event ? { event: usual.event } : {}), fault });
        assert.ok(execution);
        const policy = typeof contract.failures === 'string' ? contract.failures : (contract.failures[kind] ?? 'allow');
        const log = execution.log.map(({ text }) => text).join('\n');
        // Not everyone reads the answer.
        const expected = kind === 'invalid' && !log.includes('=invalid') ? ['allow', policy] : [policy];
        assert.ok(expected.includes(resultOf(execution)), log);
        if (log.includes('=ok')) return;
        const { login_sync: _, ...appMetadata } = execution.appMetadata;
        assert.deepEqual(appMetadata, before);
      });
    }
  });
}

/** The claims of ours. @param {import('../../tools/tenant/outcome.mjs').Token | null | undefined} token */
const chosen = (token) => Object.fromEntries((token?.custom ?? []).map((key) => [key, token?.claims[key]]));

describe('the library', () => {
  it('has its pages up to date', async () => {
    const made = await pages();
    for (const [file, text] of made)
      assert.equal(readFileSync(file, 'utf8'), text, `${file} is not up to date: run \`npm run connectors\``);
    // A literal of an expression has backticks of its own: between single ones it would end the code.
    for (const [file, text] of made) {
      const spans = text.replaceAll(/^```[\s\S]*?^```$|``.*?``/gm, '').matchAll(/`[^`\n]*`(?=([\w"[{])?)/g);
      for (const [span, next] of spans) assert.equal(next, undefined, `${file}: ${span} is half of an expression`);
    }
    for (const file of await written()) assert.ok(made.has(file), `${file} is of no connector`);
  });

  it('has a contract for each, and no other', () => {
    assert.deepEqual(Object.keys(all), Object.keys(library()));
  });

  it('says of the event all that is sent, also where it is sent only sometimes, or signed', () => {
    const request = {
      url: 'https://crm.example.com/users',
      headers: { 'x-plain': 'user.plain', 'x-key': { hmac: { secret: 'CRM_KEY', of: 'user.signed' } } },
      body: {
        id: { value: 'user.id', when: 'true' },
        name: {
          value: [{ first: 'user.given_name', last: { value: 'user.family_name', when: 'user.a' } }],
          when: 'user.b',
        },
      },
      params: { proof: { jwt: { secret: 'CRM_KEY', claims: { mail: 'user.email' } } } },
    };
    const [hubspot] = connectors().filter(({ name }) => name === 'hubspot');
    assert.ok(hubspot);
    const page = pageOf({ ...hubspot, document: { syncs: [{ name: 'crm', request }] } });
    const reads = ['email', 'family_name', 'given_name', 'id', 'signed'].map((field) => `\`user.${field}\``);
    assert.ok(page.includes(`\nOf the event it sends ${reads.join(', ')}.\n`), page);
    assert.ok(page.includes('| `name[0].first` | `{"value":"user.given_name","when":"user.b"}` |'), page);
  });

  it('names the file that is not JSON, and the place', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'login-sync-connectors-'));
    writeFileSync(path.join(folder, 'crm.json'), '{\n  "about": {}\n  "syncs": []\n}');
    assert.throws(() => library(folder), /crm\.json` is not JSON: line 3, column 3: /);
    rmSync(folder, { recursive: true });
  });

  it('gives a copy that is a config of its own', () => {
    for (const { name } of connectors()) assert.deepEqual(engine.problems(JSON.parse(copy(name))), [], name);
    assert.throws(() => copy('strpe'), /did you mean `stripe`/);
  });
});
