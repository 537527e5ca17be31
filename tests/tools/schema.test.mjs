// tests/tools/: the developer's tools. Here: what editors and TypeScript are told about a config is what the engine says.
// The documents are in tests/documents/; a bad one is in the file named after the first of the three that notices it:
// types.json (the types, and so the schema and the reader too), schema.json (the schema and the reader), reader.json.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { editorFiles, presetNames } from '../../tools/build/schema.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { PASTE, root, SCHEMA, TYPES } from '../../tools/files.mjs';
import { library } from '../../tools/library/connectors.mjs';
import { systems } from '../../tools/paste/config.mjs';
import { openEngine } from '../../tools/paste/paste.mjs';

const DOCUMENTS = path.join(root, 'tests', 'documents');

/** @param {string} file @returns {Promise<any>} */
const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'));

const connectors = library();
const schema = await readJson(SCHEMA);
const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, strictTypes: false, strictRequired: false });
ajv.addVocabulary(['patternErrorMessage']);
const validate = ajv.compile(schema);
const engine = openEngine(await readFile(PASTE, 'utf8'));

/** @param {unknown} config */
const schemaErrors = (config) => (validate(config) ? [] : (validate.errors ?? []));

/** @type {[name: string, config: any][]} */
const good = [];
for (const file of await readdir(path.join(DOCUMENTS, 'good')))
  good.push([file, await readJson(path.join(DOCUMENTS, 'good', file))]);
for (const name of await presetNames()) {
  good.push([
    `the preset ${name}, written out`,
    { syncs: [await readJson(path.join(root, 'src', 'presets', `${name}.json`))] },
  ]);
  good.push([`the preset ${name}, used`, { syncs: [{ use: name }] }]);
}
for (const file of await readdir(path.join(root, 'examples'), { recursive: true })) {
  if (file.endsWith('.json')) good.push([`examples/${file}`, await readJson(path.join(root, 'examples', file))]);
}
/** @type {Record<'types' | 'schema' | 'reader', Record<string, [path: string, config: any]>>} */
const bad = {
  types: await readJson(path.join(DOCUMENTS, 'bad', 'types.json')),
  schema: await readJson(path.join(DOCUMENTS, 'bad', 'schema.json')),
  reader: await readJson(path.join(DOCUMENTS, 'bad', 'reader.json')),
};
const everything = good.find(([name]) => name === 'everything.json')?.[1];

describe('the committed files', () => {
  it('are made from src/schema.json', async () => {
    const made = await editorFiles();
    const run = 'is not up to date: run `npm run build`, or after a new connector `npm run connectors`';
    assert.ok((await readFile(SCHEMA, 'utf8')) === made.schema, `pkg/schema.json ${run}`);
    assert.ok((await readFile(TYPES, 'utf8')) === made.types, `pkg/login-sync.d.ts ${run}`);
  });

  it('hold examples that the reader takes', () => {
    const [expression, whole] = ['user.email', { name: 'a', request: { url: 'https://a.example.com' } }];
    /** @type {Record<string, (example: any) => any>} a config around an example of each definition */
    const around = {
      Config: (config) => config,
      Expression: (when) => ({ deny: [{ when, reason: 'a' }] }),
      Claims: (idToken) => ({ claims: { idToken } }),
      AnswerClaims: (idToken) => around.Response({ idToken }),
      ValueForm: (a) => around.Request({ body: { a } }),
      HmacForm: (a) => around.Claims({ a }),
      JwtForm: (a) => around.Claims({ a }),
      SecretForm: (a) => around.HeaderValue(a),
      Sync: (sync) => ({ syncs: [sync.use ? sync : { ...whole, ...sync }] }),
      Request: (request) => around.Sync({ request: { ...whole.request, ...request } }),
      SecretUrl: (url) => around.Request({ url: { secret: 'A', ...url } }),
      SecretNames: (secret) => around.Request({ headers: { a: { secret } } }),
      HeaderValue: (a) => around.Request({ headers: { a } }),
      TokenSource: (over) => ({
        ...around.HeaderValue({ token: 't' }),
        tokens: { t: { url: whole.request.url, clientId: 'A', clientSecret: 'B', ...over } },
      }),
      Response: (response) => around.Sync({ response }),
      Policy: (onFailure) => around.Sync({ onFailure }),
      MfaRule: (rule) => ({ mfa: [rule] }),
      DenyRule: (rule) => ({ deny: [{ when: expression, reason: 'a', ...rule }] }),
      PreUserRegistration: (says) => ({ flows: { 'pre-user-registration': says } }),
      RegistrationDenyRule: (rule) => around.PreUserRegistration({ deny: [rule] }),
      CredentialsExchange: (says) => ({ flows: { 'credentials-exchange': says } }),
      MachineDenyRule: (rule) => around.CredentialsExchange({ deny: [rule] }),
    };
    let count = 0;
    for (const [name, definition] of Object.entries({ ...schema.definitions, Config: schema })) {
      const own = [...(definition.examples ?? [])];
      for (const [field, value] of Object.entries(definition.properties ?? {})) {
        for (const example of /** @type {any} */ (value).examples ?? [])
          own.push({ ...(String(example).includes('{id}') ? { params: { id: expression } } : {}), [field]: example });
      }
      for (const example of own) {
        const config = around[name](example);
        assert.deepEqual(
          [engine.problems(config), schemaErrors(config)],
          [[], []],
          `${name}: ${JSON.stringify(example)}`,
        );
        count += 1;
      }
    }
    assert.ok(count > 20, `only ${count} examples`);
  });

  it('describe every field', () => {
    // Their place, or the type they have, says what these are.
    const plain = [
      'pre-user-registration',
      'credentials-exchange',
      'when',
      'reason',
      'options',
      'value',
      'secret',
      'bearer',
      'jwt',
      'hmac',
      'prefix',
      'deny',
      'optional',
      'idToken',
      'accessToken',
    ];
    const silent = fields().filter(({ name, field }) => !field.description && !plain.includes(name));
    assert.deepEqual(silent, []);
  });
});

describe('a good document', () => {
  for (const [name, config] of good) {
    it(`${name} is one for the reader and for the schema`, () => {
      assert.deepEqual(engine.problems(config), []);
      assert.deepEqual(schemaErrors(config), []);
    });
  }
});

for (const [first, documents] of Object.entries(bad)) {
  describe(`a bad document that the ${first} ${first === 'types' ? 'notice' : 'notices'} first`, () => {
    for (const [name, [at, config]] of Object.entries(documents)) {
      it(`has ${name}`, () => {
        const problems = engine.problems(config);
        assert.equal(problems[0]?.path, at, JSON.stringify(problems));
        assert.equal(schemaErrors(config).length === 0, first === 'reader', ajv.errorsText(validate.errors));
      });
    }
  });
}

describe('the types', () => {
  /** @type {string} */
  let complaints;
  const lines = [`import type { Config } from ${JSON.stringify(TYPES.replace(/\.d\.ts$/, '.js'))};`];
  /** @param {any} config */
  const line = (config) => lines.push(`export const _${lines.length}: Config = ${JSON.stringify(config)};`);

  before(async () => {
    // Inside the project, so that TypeScript resolves from here.
    await mkdir(path.join(root, 'target'), { recursive: true });
    const folder = await mkdtemp(path.join(root, 'target', 'types-'));
    const file = path.join(folder, 'documents.ts');
    for (const [, config] of [...good, ...Object.values({ ...bad.schema, ...bad.reader })]) line(config);
    for (const [, config] of Object.values(bad.types)) {
      lines.push('// @ts-expect-error');
      line(config);
    }
    await writeFile(file, `${lines.join('\n')}\n`);
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--types',
      '',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--moduleResolution',
      'nodenext',
    ];
    const { output } = await run(path.join(root, 'node_modules', '.bin', 'tsc'), ['--ignoreConfig', ...options, file]);
    complaints = output;
    await rm(folder, { recursive: true });
  });

  it('take what the reader takes and refuse what is built otherwise', () => {
    const told = complaints.replaceAll(
      /documents\.ts[(:](\d+)/g,
      (all, number) => `${all} ${lines[Number(number) - 1]?.slice(0, 200)}`,
    );
    assert.equal(told, '');
  });
});

/** Every field that the schema knows, with the schema of what is there. */
function fields() {
  /** @type {{ name: string, field: any }[]} */
  const found = [];
  JSON.stringify(schema, (key, value) => {
    // Conditions speak of fields that are listed elsewhere.
    if (key === 'else' || key.endsWith('Shape')) return undefined;
    if (key === 'properties') for (const [name, field] of Object.entries(value)) found.push({ name, field });
    return value;
  });
  return found;
}

/**
 * A document with each of its places given to `change`, one at a time, which gives what is there instead.
 * @param {any} document
 * @param {(value: any) => any[]} change
 * @returns {Generator<any>}
 */
function* changed(document, change) {
  for (const value of change(document)) yield value;
  if (typeof document !== 'object' || document === null) return;
  for (const key of Object.keys(document)) {
    for (const value of changed(document[key], change)) {
      const whole = Array.isArray(document) ? [...document] : { ...document };
      whole[key] = value;
      yield whole;
    }
  }
}

/** Where the schema is stricter than the reader: what the reader lets pass there never works, or means nothing. */
const STRICTER = [
  // Only editors read it.
  /^\.\$schema$/,
];

/** What the reader says of several fields together, or of what others name: no schema can. */
const SEVERAL =
  /(no entry in|needs|only what|in its|have no|has a|effect in the flows of|can be) `|^unknown (token|entry) `|^(cannot be used with|carries a credential|contradicts the body)/;

/** @param {{ path: string, message: string }} problem */
const problemText = ({ path: at, message }) => `${at}: ${message}`;

describe('one change to a document', () => {
  it('that adds a field is told the same fields by the reader and by the schema', () => {
    const known = new Set();
    const addField = (/** @type {any} */ value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? [{ ...value, qqqqqqqqqqqq: 'a' }] : [];
    for (const config of changed(everything, addField)) {
      // There it is a name, and what it names is no source of a token.
      if (config.tokens?.qqqqqqqqqqqq) continue;
      const problems = engine.problems(config);
      const listed = problems.map(({ message }) =>
        /^unknown field `q+`: choose from (.+)$/.exec(message)?.[1].split(', '),
      )[0];
      const errors = schemaErrors(config);
      assert.equal(errors.length === 0, listed === undefined, JSON.stringify([problems, ajv.errorsText(errors)]));
      if (!listed) continue;
      for (const name of listed) known.add(name);
      // Where an object may be one of several, the reader knows the fields of all of them.
      const perSchema = errors.filter(
        ({ keyword, params }) => keyword === 'additionalProperties' && /^q+$/.test(params.additionalProperty),
      );
      const fields = new Set(perSchema.flatMap(({ parentSchema }) => Object.keys(parentSchema?.properties)));
      const policy = listed.includes('rejected') || listed.join() === 'deny';
      for (const name of listed)
        assert.ok(fields.has(name), `the schema does not know \`${name}\` next to ${[...fields]}`);
      for (const name of fields)
        assert.ok(policy || listed.includes(name), `the reader does not know \`${name}\` next to ${listed}`);
    }
    assert.deepEqual([...known].sort(), [...new Set(fields().map(({ name }) => name))].sort());
  });

  it('that writes another word is told the same words', () => {
    let words = 0;
    for (const config of changed(everything, (value) => (typeof value === 'string' ? ['qqqqqqqqqqqq'] : []))) {
      const [problem] = engine.problems(config);
      const listed = /^must be (`[^;]*`)(?:; .*)?$/.exec(problem?.message ?? '')?.[1].match(/[^`]+(?=`(?:,| or|$))/g);
      if (!listed) continue;
      const allowed = schemaErrors(config)
        .filter(({ keyword }) => keyword === 'enum')
        .flatMap(({ params }) => params.allowedValues);
      // An editor is told of connectors, too; the reader meets none, because they have been written out.
      const told = allowed.filter((word) => word !== null && !Object.hasOwn(connectors, word));
      assert.deepEqual(new Set(told), new Set(listed), problem.path);
      words += 1;
    }
    assert.ok(words >= 10, `only ${words} places take a word`);
  });

  it('that writes a number out of range is told the same range', () => {
    const ranges = new Set();
    for (const config of changed(everything, (value) => (typeof value === 'number' ? [-1, 1e9, value + 0.5] : []))) {
      const [problem] = engine.problems(config);
      const errors = schemaErrors(config);
      const range = /^must be a whole number.* from (\d+) to (\d+)$/.exec(problem?.message ?? '');
      if (!range) {
        assert.deepEqual(errors, [], JSON.stringify(problem));
        continue;
      }
      // What a try may take at most hangs on the budget.
      const [least, most] = [Number(range[1]), problem.path.endsWith('timeoutMs') ? 15_000 : Number(range[2])];
      ranges.add(problem.path);
      for (const { keyword, params } of errors) {
        if (keyword === 'minimum') assert.equal(params.limit, least, problem.path);
        if (keyword === 'maximum') assert.equal(params.limit, most, problem.path);
      }
      assert.ok(
        errors.some(({ keyword }) => ['minimum', 'maximum', 'type'].includes(keyword)),
        problem.path,
      );
    }
    assert.equal(ranges.size, 9);
  });

  it('that makes a text longer is refused by both at the same length', () => {
    /** @type {[most: number, config: (text: string) => any][]} */
    const limits = [
      [4096, (when) => ({ deny: [{ when, reason: 'a' }] })],
      [200, (reason) => ({ deny: [{ when: 'a', reason }] })],
      [32, (name) => ({ syncs: [{ use: 'cleeng', name }] })],
    ];
    for (const [most, config] of limits) {
      for (const [length, fits] of /** @type {const} */ ([
        [most, true],
        [most + 1, false],
      ])) {
        const document = config('a'.repeat(length));
        assert.deepEqual(
          [engine.problems(document).length === 0, schemaErrors(document).length === 0],
          [fits, fits],
          `${length} of ${most}`,
        );
      }
    }
  });

  it('to null is refused by both or by none, but for rules over several fields', () => {
    const disagreed = [];
    let nulls = 0;
    for (const [name, document] of good) {
      for (const config of changed(document, () => [null])) {
        const [errors, [problem]] = [schemaErrors(config), engine.problems(config)];
        const known =
          errors.some(({ instancePath }) => instancePath === '/$schema') || SEVERAL.test(problem?.message ?? '');
        if (!known && errors.length > 0 !== (problem !== undefined))
          disagreed.push(`${name}: ${problem ? problemText(problem) : ajv.errorsText(errors.slice(0, 3))}`);
        nulls += 1;
      }
    }
    assert.deepEqual(disagreed, []);
    assert.ok(nulls > 300, `only ${nulls} places`);
  });

  it('to a value that the reader takes is taken by the commands, too', async () => {
    const presets = await presetNames();
    for (const [, document] of good) {
      for (const config of changed(document, () => [null, {}, [], '', 0, true])) {
        if (engine.problems(config).length === 0)
          assert.ok(Array.isArray(systems(engine, config, presets)), JSON.stringify(config));
      }
    }
  });

  it('to any form, alone, in an array or with a condition, is refused by both or by none', () => {
    const forms = [
      { secret: 'A' },
      { secret: 'A', prefix: 'b', optional: true },
      { bearer: 'A' },
      { basic: { user: 'A' } },
      { jwt: { secret: 'A', claims: { a: "'b'" } } },
      { hmac: { secret: 'A', of: 'a.b' } },
      { value: 'a.b' },
      { value: 7, when: 'a.b' },
    ];
    const places = forms.flatMap((form) => [form, { a: form }, [form], { value: form, when: 'a.b' }]);
    const disagreed = new Set();
    let taken = 0;
    // A document with a place of each kind, and little else.
    const one = { a: 'user.email' };
    const more = { appMetadata: one, userMetadata: one, saml: one, scopes: { add: ['user.email'] } };
    const document = { ...good.find(([name]) => name === 'forms.json')?.[1], ...more };
    for (const config of changed(document, () => places)) {
      const [errors, problems] = [schemaErrors(config), engine.problems(config)];
      taken += problems.length === 0 ? 1 : 0;
      const known =
        errors.some(({ instancePath }) => instancePath === '/$schema') ||
        problems.some(({ message }) => SEVERAL.test(message));
      if (!known && errors.length > 0 !== problems.length > 0)
        disagreed.add(problems[0] ? problemText(problems[0]) : ajv.errorsText(errors.slice(0, 3)));
    }
    assert.deepEqual([...disagreed], []);
    assert.ok(taken > 300, `only ${taken} places take a form`);
  });

  it('to a value of another kind is refused by the schema only when the reader refuses it', () => {
    const kinds = [true, 7, 'a', '', [], [7], {}, { a: 1 }, { secret: 'A' }, { deny: 'a' }];
    const [disagreed, seen] = [/** @type {string[]} */ ([]), new Set()];
    for (const [name, document] of good) {
      for (const config of changed(document, () => kinds)) {
        const [errors, problems] = [schemaErrors(config), engine.problems(config)];
        const stricter = STRICTER.find((place) =>
          errors.some(({ instancePath }) => place.test(instancePath.replaceAll('/', '.'))),
        );
        // The other way round the reader knows more, but not about kinds.
        const kind = problems.find(({ message }) =>
          /^must (be (an? (array|object|string|expression)|true or false|a whole)|not be empty)/.test(message),
        );
        if (errors.length > 0 && problems.length === 0) {
          if (stricter) seen.add(stricter);
          else disagreed.push(`${name}: only the schema refuses: ${ajv.errorsText(errors.slice(0, 3))}`);
        }
        if (errors.length === 0 && kind)
          disagreed.push(`${name}: only the reader refuses: ${kind.path}: ${kind.message}`);
      }
    }
    assert.deepEqual(disagreed, []);
    assert.deepEqual(
      STRICTER.filter((place) => !seen.has(place)),
      [],
      'the reader is as strict by now: take it off the list',
    );
  });
});
