// Every command of every page, run as it is printed: those of `npx login-sync` in an empty folder with the packed tarball and without
// a network, those of this repository in a folder of the clone. What cannot be run here is in a list, with the reason; a command that
// is in neither fails. What a page shows below a command is what the command prints.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { VERBS } from '../../tools/commands/verbs.mjs';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { PROGRAM_MS } from '../patience.mjs';
import { startTenant } from './management.mjs';
import { addSdk, env, pack, version } from './packed.mjs';
import { ALL_PAGES, blocks, commands, read, spans } from './pages.mjs';

/** Why a command is not run here, and who runs it. @type {[RegExp, string][]} */
const NOT_RUN = [
  [/^git clone /, 'needs a network, and is what a reader does to have this folder'],
  [/^git checkout v/, 'needs the tag of the release'],
  [/^rustup /, 'needs a network'],
  [/^RUSTUP_TOOLCHAIN=\S+ npm run build -- --check$/, 'compiles for a minute: the step pkg of `npm test`'],
  [/^shasum .* your-copy\.js$/, 'needs a paste of the reader'],
  [/^npm ci$/, 'needs a network: the set-up of `npm test`'],
  [/^npm test$|^npm test -- --only paste$|paste\/cases\.test\.mjs$/, 'takes minutes: is `npm test` itself'],
  [/^npm run fuzz /, 'needs a nightly compiler: tests/tools/fuzz.test.mjs'],
  [/^npm install --save-dev auth0$/, 'needs a network: the tests have that package'],
  [/^npm run demo( |$)/, 'ends at Ctrl-C: tests/demo'],
  [/^npm run playground$/, 'ends at Ctrl-C: tests/playground'],
  [/^(cargo|wasm-pack) /, 'compiles for minutes: the steps rust and wasm of `npm test`'],
  [/^auth0 /, 'needs the auth0 CLI and a tenant'],
  [/ --live /, 'calls real systems: simulate-live.test.mjs'],
  [/^npx login-sync deploy .* --try$/, 'asks on a terminal: deploy.test.mjs'],
];

/** Commands that end otherwise than with 0, as their page says. @type {Record<string, number>} */
const ENDS_WITH = {
  'npm run simulate -- --fault timeout': 1,
  'npm run simulate -- --config my.config.json --trigger event-stream --answers answers.json --repeat 2': 1,
};

/** What the reader has in the folder, besides what the page says. @type {Record<string, Record<string, unknown>>} */
const FILES = {
  'docs/failure.md': {
    'event.json': fakeEvent('post-login'),
    'answer.json': { id: 'crm-1', name: null },
  },
  'docs/simulator.md': {
    'my.config.json': {
      syncs: [{ ...JSON.parse(read('examples/crm-once-a-day/config.json')).syncs[0], staleForSeconds: 86_400 }],
    },
  },
  'docs/test-your-config.md': {
    'event.json': { user: { user_id: 'auth0|1', email: 'you@example.com' }, request: { geoip: {} } },
    'login-sync.next.json': JSON.parse(await readFile(path.join(root, 'tools/commands/init/login-sync.json'), 'utf8')),
  },
};
const OTHERWISE = JSON.parse(read('examples/several-systems/config.json'));

/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {string} */
let clone;
/** @type {Awaited<ReturnType<typeof startTenant>>} */
let tenant;
/** @type {typeof tenant} */
let other;
before(async () => {
  packed = await pack();
  await mkdir(path.join(root, 'target'), { recursive: true });
  clone = await mkdtemp(path.join(root, 'target', 'pages-'));
  const line = 'login-sync trigger=post-login result=allowed ms=3\n';
  tenant = await startTenant();
  other = await startTenant({ onTest: () => ({ logs: [{ text: line }] }) });
});
after(async () => {
  await packed.remove();
  await rm(clone, { recursive: true, force: true });
  await Promise.all([tenant.close(), other.close()]);
});

/** @param {string} command @param {string} cwd @param {Record<string, string>} [more] */
const shell = (command, cwd, more = {}) =>
  run('sh', ['-c', command], { cwd, env: { ...env, ...more }, limitMs: PROGRAM_MS });

const isOfPackage = (/** @type {string} */ text) => /npx (--no -- )?login-sync|^npm install |^node --test$/.test(text);
/** No other program is started on someone's machine because a page names it. */
const RUN = /^(cat \S+ \| )?(npx (--no -- )?login-sync|npm (install|run|start|pack)|node --test)( |$)/;
const reasonNot = (/** @type {string} */ text) => NOT_RUN.find(([pattern]) => pattern.test(text))?.[1];

/** Times and tokens are never the same. @param {string} line */
const steady = (line) =>
  line
    .replace(/\d[\d,.]*( ?)ms/g, '0$1ms')
    .replace(/\bms=\d+/g, 'ms=0')
    .replace(/eyJ[\w-]+…[\w-]+/g, 'eyJ…')
    .trimEnd();

/** Each line that is shown is printed, in this order. @param {string} output @param {import('./pages.mjs').Command} command */
function assertShown(output, { shown, at }) {
  const printed = output.split('\n').map(steady);
  let from = 0;
  for (const line of shown) {
    const place = printed.indexOf(steady(line), from);
    assert.ok(place >= 0, `${at}: it does not print\n${line}\nbut\n${output}`);
    from = place + 1;
  }
}

/** Puts into a folder what the page says is there, or else an example. @param {string} page @param {string} at */
async function furnish(page, at) {
  const config = blocks(page)
    .filter(({ language }) => language === 'json')
    .at(-1)?.text;
  const said = [...read(page).matchAll(/[Pp]ut [^`]*`([^`]+)`,? into `([\w.]+\.json)`/g)];
  const files = {
    'my.config.json': config ?? OTHERWISE,
    ...Object.fromEntries(said.map(([, text = '', file = '']) => [file, text])),
    ...FILES[page],
  };
  await mkdir(at, { recursive: true });
  for (const [file, content] of Object.entries(files))
    await writeFile(path.join(at, file), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Runs the commands of a page in their order. @param {string} page @param {Record<string, string>} [given] the environment */
async function play(page, given = {}) {
  const name = page.replaceAll(/\W/g, '-');
  const [project, here] = [await packed.project(name), path.join(clone, name)];
  const list = commands(page).filter(({ text }) => !reasonNot(text));
  for (const at of [project, here]) await furnish(page, at);
  // A page that does not say how to begin is for those who have begun.
  const begins = list.some(({ text }) => text === 'npx login-sync init');
  if (!begins && list.some(({ text }) => isOfPackage(text)))
    for (const text of [`npm install ./login-sync-${version}.tgz`, 'npx login-sync init'])
      assert.equal((await shell(text, project)).code, 0, text);
  for (const command of list) {
    const { text, at } = command;
    assert.match(text, RUN, `${at}: add it to RUN or to NOT_RUN`);
    if (/ deploy | doctor /.test(text)) await addSdk(project);
    const { code, output } = await shell(text, isOfPackage(text) ? project : here, given);
    assert.equal(code, ENDS_WITH[text] ?? 0, `${at}: ${text}\n${output}`);
    assertShown(output, command);
  }
  return project;
}

const OWN_TESTS = ['README.md', 'docs/test-your-config.md'];

describe('the commands of', { concurrency: 2 }, () => {
  for (const page of ALL_PAGES) {
    if (OWN_TESTS.includes(page) || commands(page).every(({ text }) => reasonNot(text))) continue;
    it(page, async () => {
      await play(page, page === 'docs/deploy.md' ? { ...other.env, SHOP_API_KEY: 'shop-key-1' } : {});
    });
  }

  it('README.md: from an empty folder to an Action in the flow of a tenant', async () => {
    const values = { ...tenant.env, SHOP_API_KEY: 'shop-key-1' };
    const [file] = blocks('README.md').filter(({ language }) => language === 'text');
    const names = [...(file?.text ?? '').matchAll(/^(\w+)=.+$/gm)].map(([, name = '']) => name);
    assert.deepEqual(
      names,
      Object.keys(values).filter((name) => name !== 'NODE_EXTRA_CA_CERTS'),
    );
    FILES['README.md'] = {
      'deploy.env': names.map((name) => `${name}=${/** @type {any} */ (values)[name]}\n`).join(''),
    };
    tenant.another('first');
    await play('README.md', { NODE_EXTRA_CA_CERTS: values.NODE_EXTRA_CA_CERTS });
    assert.deepEqual(tenant.flow(), ['first', 'login-sync']);
    assert.match(tenant.named('login-sync').deployed_version.code, /^\/\/ login-sync .*"name": "shop"/s);
    assert.equal(tenant.named('login-sync').secrets[0].value, values.SHOP_API_KEY);
  });

  it('docs/test-your-config.md, with its tests', async () => {
    const page = 'docs/test-your-config.md';
    const at = await play(page);
    /** @param {string} language */
    const of = (language) =>
      blocks(page)
        .filter((block) => block.language === language)
        .map(({ text }) => text);
    for (const text of of('js')) await writeFile(path.join(at, /^\/\/ (\S+)\n/.exec(text)?.[1] ?? ''), text);
    const tested = await shell('node --test', at);
    assert.equal(tested.code, 0, tested.output);
    assert.match(tested.output, /pass 11/);
    await writeFile(path.join(at, 'login-sync.test.json'), of('json5')[0] ?? '');
    const { code, output } = await shell('npx login-sync test', at);
    assert.deepEqual([code, output.split('\n').at(-1)], [0, '2 passed, 0 failed'], output);
    assert.equal(of('yaml')[0], await readFile(path.join(at, '.github', 'workflows', 'login-sync.yml'), 'utf8'));
  });
});

describe('the pages', () => {
  const all = ALL_PAGES.flatMap(commands);

  it('have no command where none is looked for', () => {
    assert.ok(all.length > 40, `${all.length} commands`);
    for (const { language, text, at } of ALL_PAGES.flatMap(blocks))
      if (language !== 'sh' && language !== 'console')
        assert.doesNotMatch(text, /^\$? ?(npx|npm|node|git|cargo|auth0|curl|cat|jq) /m, `${at}: mark it as sh`);
  });

  it('leave out no command without need', () => {
    for (const [pattern, reason] of NOT_RUN)
      assert.ok(
        all.some(({ text }) => pattern.test(text)),
        `${pattern}: ${reason}`,
      );
    for (const text of Object.keys(ENDS_WITH))
      assert.ok(
        all.some((command) => command.text === text),
        text,
      );
  });

  it('name verbs, scripts and options that are there, also within their text', async () => {
    const { scripts } = JSON.parse(read('package.json'));
    /** @type {Map<string, Promise<string>>} */
    const helps = new Map();
    const helpOf = (/** @type {string} */ file) => {
      const help = helps.get(file) ?? run(process.execPath, [file, '--help']).then(({ stdout }) => stdout);
      helps.set(file, help);
      return help;
    };
    const has = (/** @type {string} */ help, /** @type {string} */ option) => help.split(/[^\w-]+/).includes(option);
    const list = [...all, ...ALL_PAGES.flatMap(spans)].flatMap(({ text, at }) =>
      text.split(/ && | \| /).map((part) => ({ part: part.trim(), at })),
    );
    for (const { part, at } of list) {
      const [, verb] = /^npx (?:--no -- )?login-sync(?: ([a-z]+))?/.exec(part) ?? [];
      const [, script = part === 'npm start' || part.startsWith('npm start ') ? 'start' : undefined] =
        /^npm run (?:-s )?([a-z]+)/.exec(part) ?? [];
      if (verb !== undefined) assert.ok(Object.hasOwn(VERBS, verb), `${at}: ${part}`);
      if (script !== undefined) assert.ok(Object.hasOwn(scripts, script), `${at}: ${part}`);
      const file = verb ? VERBS[verb]?.[0] : /^node (\S+\.mjs)/.exec(scripts[script ?? ''] ?? '')?.[1];
      if (file === undefined) continue;
      const options = part.match(/(?<= )--[a-z][\w-]*/g) ?? [];
      for (const option of options.filter((each) => each !== '--no'))
        assert.ok(option === '--help' || has(await helpOf(file), option), `${at}: ${option} in \`${part}\``);
    }
  });
});
