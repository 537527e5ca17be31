// tools/build/: the pages of the connectors, made from their documents: docs/connectors/NAME.md, the table in
// docs/connectors.md, and the number in the README. `npm run connectors` writes them, and the names into the schema and the types of
// pkg/, which need no compiler; a test sees that they are up to date.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { command } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { connectors } from '../library/connectors.mjs';
import { treeOf } from '../paste/expression-tree.mjs';
import { readsOf, textOfRead } from '../paste/reads.mjs';
import { isObject } from '../tenant/values.mjs';
import { writeEditorFiles } from './schema.mjs';

const FOLDER = path.join(root, 'docs', 'connectors');
const INDEX = path.join(root, 'docs', 'connectors.md');
const README = path.join(root, 'README.md');
const [BEGIN, END] = ['<!-- The table is made by `npm run connectors`. -->\n', '<!-- Here it ends. -->\n'];
/** The presets, which are connectors with a page of their own. @type {[name: string, title: string, area: string, does: string][]} */
const PRESETS = [
  ['cleeng', 'Cleeng', 'media', 'Syncs the user and brings an access token as a claim.'],
  ['userhub', 'UserHub', 'media', 'Imports the user, and brings ids as claims.'],
  ['okta-workflows', 'Okta Workflows', 'automation', 'Starts a flow at each login.'],
];
const AREAS = [
  'billing',
  'CRM',
  'support',
  'messaging',
  'marketing',
  'analytics',
  'access',
  'flags',
  'risk',
  'data',
  'media',
  'automation',
];

/** What `about` must say. */
const ABOUT = 'title area does sources date verified secrets scopes limits failure privacy'.split(' ');

/** @type {Record<string, string>} */
const POLICIES = { allow: 'The login goes on', deny: 'The login is denied', mfa: 'A second factor is asked for' };

/** @typedef {import('../library/connectors.mjs').Connector} Connector */

/** As code in a cell of a table. A literal of an expression has backticks of its own. @param {unknown} value */
function code(value) {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|');
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** @param {string[]} head @param {string[][]} rows */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * The fields of a mapping, each with its path. An object that has a condition gives its fields, each with that condition.
 * @param {any} value @param {string} [at]
 * @returns {[path: string, value: unknown][]}
 */
function fieldsOf(value, at = '') {
  if (Array.isArray(value)) return value.flatMap((item, i) => fieldsOf(item, `${at}[${i}]`));
  if (!isObject(value)) return [[at, value]];
  if ('value' in value && 'when' in value && typeof value.value === 'object')
    return fieldsOf(value.value, at).map(([to, inner]) => [to, { value: inner, when: value.when }]);
  if (isForm(value)) return [[at, value]];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, at ? `${at}.${key}` : key));
}

/** @param {Record<string, unknown>} value */
const isForm = (value) =>
  ['secret', 'bearer', 'basic', 'token', 'jwt', 'hmac'].some((key) => key in value) ||
  ('value' in value && 'when' in value);

/** The expressions of a mapping, and those in its forms: of a value, a signature or a token. @param {unknown} mapping @returns {string[]} */
function expressionsOf(mapping) {
  return fieldsOf(mapping).flatMap(([, field]) => {
    if (typeof field === 'string') return [field];
    if (!isObject(field)) return [];
    const { value, hmac, jwt } = /** @type {Record<string, any>} */ (field);
    return [value, hmac?.of, jwt?.claims].flatMap(expressionsOf);
  });
}

/** What of the event an entry sends. @param {Record<string, any>} request */
function eventOf({ params, headers, body, form, text }) {
  // A header that is a string is sent as it is.
  const forms = Object.values(headers ?? {}).filter(isObject);
  const texts = [params, body, form, text, ...forms].flatMap(expressionsOf);
  const reads = texts.flatMap((each) => readsOf(treeOf(each)).map(({ names }) => names));
  // What other entries ended with is no part of the event.
  const paths = reads.filter(([root]) => root !== 'syncs').map(textOfRead);
  return [...new Set(paths)].sort();
}

/** @param {Record<string, any>} entry */
function sent({ name, when, request, freshForSeconds, staleForSeconds }) {
  const { method = 'POST', url, params, headers, body, form, sign } = request;
  const rows = [
    ...fieldsOf(params ?? {}).map(([at, value]) => [`\`{${at}}\``, code(value)]),
    ...Object.entries(headers ?? {}).map(([at, value]) => [`header ${code(at)}`, code(value)]),
    ...(sign ? [['signature', code(sign)]] : []),
    ...fieldsOf(body ?? form ?? {}).map(([at, value]) => [code(at), code(value)]),
  ];
  const reads = eventOf(request);
  const day = (/** @type {number} */ seconds) => `${seconds.toLocaleString('en')} seconds`;
  return [
    `### \`${name}\``,
    '',
    `${code(`${method} ${typeof url === 'string' ? url : `the URL in ${url.secret}`}`)}${form ? ', as a form' : body ? ', as JSON' : ''}`,
    ...(when ? ['', `Only when ${code(when)}.`] : []),
    ...(rows.length > 0 ? ['', table(['what', 'value'], rows)] : []),
    '',
    reads.length > 0 ? `Of the event it sends ${reads.map(code).join(', ')}.` : 'It sends nothing of the event.',
    ...(freshForSeconds
      ? [
          `Nothing is asked again for ${day(freshForSeconds)} after a good answer${staleForSeconds ? `, and in an outage that answer is used for ${day(staleForSeconds)} more` : ''}.`,
        ]
      : []),
    '',
  ];
}

/** @param {Record<string, any>} document */
function setsOf({ syncs = [], claims, appMetadata, userMetadata, saml }) {
  const places = [
    { from: 'the login', idToken: claims?.idToken, accessToken: claims?.accessToken, appMetadata, userMetadata, saml },
    ...syncs.map((/** @type {any} */ { name, response }) => ({ ...response, from: code(name) })),
  ];
  const names = {
    idToken: 'ID token',
    accessToken: 'access token',
    appMetadata: '`app_metadata`',
    userMetadata: '`user_metadata`',
    saml: 'SAML',
  };
  return places.flatMap((place) =>
    Object.entries(names).flatMap(([field, title]) =>
      Object.entries(place[field] ?? {}).map(([key, value]) => [title, code(key), place.from, code(value)]),
    ),
  );
}

/** @param {Connector} connector */
export function pageOf({ name, about, document }) {
  const { syncs = [], deny = [], mfa = [], tokens } = document;
  const sets = setsOf(document);
  const secrets = Object.entries(about.secrets);
  const rules = [
    ...deny.map((/** @type {any} */ { when, reason }) => [
      `deny, “${typeof reason === 'string' ? reason : reason.value}”`,
      code(when),
    ]),
    ...mfa.map((/** @type {any} */ { when }) => ['a second factor', code(when)]),
  ];
  return `${[
    `# ${about.title}`,
    '',
    `This page says what the connector \`${name}\` sends and sets, and what it needs. It is made from [its document](../../connectors/${name}.json) by \`npm run connectors\`.`,
    '',
    about.does,
    '',
    '```json',
    `{ "syncs": [{ "use": "${name}" }] }`,
    '```',
    '',
    '## What it needs',
    '',
    ...(about.setup ? [about.setup, ''] : []),
    ...(secrets.length > 0
      ? [
          table(
            ['secret', 'what'],
            secrets.map(([key, what]) => [code(key), what]),
          ),
          '',
        ]
      : ['It needs no secret.', '']),
    `- Rights there: ${about.scopes}`,
    `- Limits there: ${about.limits}`,
    '',
    '## What it sends',
    '',
    ...(syncs.length > 0 ? syncs.flatMap(sent) : ['Nothing.', '']),
    ...Object.entries(tokens ?? {}).flatMap(([, { url }]) => [`Its access token comes from ${code(url)}.`, '']),
    '## What it sets',
    '',
    ...(sets.length > 0 ? [table(['where', 'name', 'from', 'expression'], sets), ''] : ['Nothing.', '']),
    ...(rules.length > 0 ? [table(['the login gets', 'when'], rules), ''] : []),
    '## When it fails',
    '',
    about.failure.replace(/^(allow|deny|mfa):/, (_, policy) => `**${POLICIES[policy]}**:`),
    '',
    '## Data protection',
    '',
    about.privacy,
    '',
    '## Sources',
    '',
    `Looked up on ${about.date}. ${about.verified ? 'They confirm what is sent.' : `**Not all of it was confirmed**: ${about.doubt}`}`,
    '',
    ...about.sources.map((url) => `- <${url}>`),
  ].join('\n')}\n`;
}

/** The table of all. @param {Connector[]} all */
function indexOf(all) {
  const rows = [
    ...all.map(({ name, about }) => ({ name, page: `connectors/${name}.md`, ...about })),
    ...PRESETS.map(([name, title, area, does]) => ({ name, page: `${name}.md`, title, area, does, verified: true })),
  ];
  rows.sort((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || a.name.localeCompare(b.name));
  return `${table(
    ['for', 'connector', 'what it does', 'confirmed'],
    rows.map(({ name, page, title, area, does, verified }) => [
      area,
      `[${title}](${page}), \`${name}\``,
      does,
      verified ? 'yes' : 'in part',
    ]),
  )}\n`;
}

/** What a page cannot be made without. @param {Partial<Connector['about']>} about */
function wrongOf(about) {
  const missing = ABOUT.find((field) => !Object.hasOwn(about, field));
  if (missing) return `${missing} is missing`;
  if (!AREAS.includes(about.area ?? '')) return `area must be one of ${AREAS.join(', ')}`;
  return about.verified || about.doubt ? undefined : 'doubt is missing: say what could not be confirmed';
}

/** All pages, by their files. @returns {Promise<Map<string, string>>} */
export async function pages() {
  const all = connectors();
  for (const { name, about } of all) {
    const wrong = wrongOf(about ?? {});
    if (wrong) throw new UserError(`connectors/${name}.json: about.${wrong}`);
  }
  const [before = '', rest = ''] = (await readFile(INDEX, 'utf8')).split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return new Map([
    [INDEX, `${before}${BEGIN}\n${indexOf(all)}\n${END}${after}`],
    [README, (await readFile(README, 'utf8')).replace(/\d+(?= connectors\])/, String(all.length))],
    ...all.map((each) => /** @type {[string, string]} */ ([path.join(FOLDER, `${each.name}.md`), pageOf(each)])),
  ]);
}

/** The pages that are there. */
export const written = async () => (await readdir(FOLDER)).map((file) => path.join(FOLDER, file));

const usage = `usage: npm run connectors

Writes the pages of the connectors from their documents: docs/connectors/NAME.md, the table in docs/connectors.md
and the number in the README. Their names go into pkg/schema.json and pkg/login-sync.d.ts, too.
`;

await command(import.meta.url, { usage, options: {} }, async () => {
  const made = await pages();
  await mkdir(FOLDER, { recursive: true });
  for (const file of await written()) if (!made.has(file)) await rm(file);
  for (const [file, text] of made) await writeFile(file, text);
  await writeEditorFiles();
  console.log(`${made.size} pages, and the names in pkg/schema.json and pkg/login-sync.d.ts`);
});
