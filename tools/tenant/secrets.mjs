// The local tenant, the Action's secrets: which of them a config wants and where they go, invented ones for those that are
// not given, and what the stand-ins are told of them. What a config is, tools/paste/ knows.
import crypto from 'node:crypto';
import { SECRETS } from './event.mjs';
import { secretsIn } from './named.mjs';
import { sign } from './systems/cleeng.mjs';
import { isUrl } from './values.mjs';

/**
 * @typedef {object} Sync what counts here of an entry
 * @property {Record<string, any>} document the entry as it is written, laid over its preset
 * @property {{ names: string[], optional: boolean }[]} secrets one of the names must be set, unless it is optional
 * @property {boolean} switched whether it is a preset that only its secrets switch on
 */

const RSA = /** @type {const} */ ({
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
/** One for all: it takes a tenth of a second and more to make. @type {string | undefined} */
let rsa;

/**
 * @typedef {object} Use where a secret goes
 * @property {string[]} names any of them will do
 * @property {import('./named.mjs').NamedSecret['as']} as
 * @property {import('./named.mjs').NamedSecret['kind']} kind
 * @property {string[]} query of a URL: fields that it is expected to have
 *
 * @typedef {Map<string, string>} Given the secrets that were named; an empty one is one that was taken away
 */

/** @param {Sync} sync @returns {Use[]} */
function uses({ document }) {
  const query = Object.keys(document.request.url?.queryToHeaders ?? {});
  return secretsIn(document).map(({ names, as, kind }) => ({ names, as, kind, query: as === 'url' ? query : [] }));
}

/**
 * The systems that run with these secrets: where the config lists none, the presets of which a secret is given.
 * @template {Sync} S
 * @param {S[]} syncs
 * @param {Given} given
 */
export const active = (syncs, given) =>
  syncs.filter((sync) => !sync.switched || sync.secrets.some(({ names }) => names.some((name) => given.has(name))));

/**
 * The secrets that the systems cannot do without and that no one named, by their first names.
 * @param {Sync[]} syncs
 * @param {Given} given
 */
export const missing = (syncs, given) => [
  ...new Set(
    syncs.flatMap(({ secrets }) =>
      secrets
        .filter(({ names, optional }) => !optional && !names.some((name) => given.has(name)))
        .map(({ names: [first = ''] }) => first),
    ),
  ),
];

/**
 * An invented secret for each that is missing: plain to see, and in the form of a real one where the system looks at that.
 * @param {Sync[]} syncs
 * @param {Given} given
 * @returns {Record<string, string>}
 */
export function invent(syncs, given) {
  const all = syncs.flatMap((sync) => uses(sync).map((use) => ({ sync, use })));
  return Object.fromEntries(
    missing(syncs, given).flatMap((name) => {
      // The first use counts: a secret has one form.
      const first = all.find(({ use }) => use.names.includes(name));
      return first ? [[name, inventOne(name, first.use, first.sync)]] : [];
    }),
  );
}

/**
 * The same, with those that the contracts of connectors have, which know what they look like.
 * @param {Sync[]} syncs
 * @param {Given} given
 * @param {Record<string, { secrets: Record<string, string> }>} contracts
 */
export function inventAll(syncs, given, contracts) {
  const known = Object.assign({}, ...Object.values(contracts).map(({ secrets }) => secrets));
  return Object.fromEntries(
    Object.entries(invent(syncs, given)).map(([name, secret]) => [
      name,
      known[name] === 'RSA' ? secret : (known[name] ?? secret),
    ]),
  );
}

/** @param {string} name @param {Use} use @param {Sync} sync */
function inventOne(name, { as, kind, query }, { document }) {
  const plain = `invented-${name.toLowerCase().replaceAll('_', '-')}`;
  const host = hostOf(document.request, {});
  if (as === 'url') {
    if (query.includes('clientToken'))
      return `https://invented.workflows.okta.com/api/flo/invented-flow/invoke?clientToken=${plain}-token`;
    // Only Google's script host does its work and then answers so.
    if (document.response?.success?.includes(302)) return `https://script.google.com/macros/s/${plain}/exec`;
    const fields = query.map((field) => `${encodeURIComponent(field)}=${plain}-${encodeURIComponent(field)}`).join('&');
    return `https://invented.example.com/${plain}${fields && '?'}${fields}`;
  }
  if (host?.endsWith('.cleeng.com'))
    return name === 'CLEENG_CLIENT_SECRET'
      ? SECRETS[name]
      : sign({ publisherId: '123456789', purpose: plain }, 'invented');
  if (kind === 'pair') return `user:${plain}`;
  // A page cannot make one, and nor can it sign with it.
  if (kind === 'rsa') return (rsa ??= crypto.generateKeyPairSync?.('rsa', RSA).privateKey ?? plain);
  if (kind === 'webhook') return `whsec_${Buffer.from(plain.padEnd(24, '-')).toString('base64')}`;
  if (host === 'api.userhub.com') return as === 'param' ? 'conn_invented' : `sk_${plain}`;
  return plain;
}

/**
 * Where the systems' requests go.
 * @param {Sync[]} syncs
 * @param {Record<string, string>} secrets
 */
export const hosts = (syncs, secrets) => [
  ...new Set(syncs.flatMap(({ document }) => hostOf(document.request, secrets) ?? [])),
];

/**
 * What each host's stand-in is to take for good: the secrets that the config sends there, under whatever name.
 * @param {Sync[]} syncs
 * @param {Record<string, string>} secrets
 * @returns {{ host: string, secrets: string[] }[]}
 */
export const expected = (syncs, secrets) =>
  syncs.flatMap((sync) => {
    const host = hostOf(sync.document.request, secrets);
    const sent = uses(sync).flatMap(({ names, as }) =>
      names.flatMap((name) => {
        const value = secrets[name];
        if (!value) return [];
        return as === 'url' && isUrl(value) ? [...new URL(value).searchParams.values()] : [value];
      }),
    );
    return host === undefined ? [] : [{ host, secrets: sent }];
  });

/** @param {Record<string, any>} request @param {Record<string, string>} secrets @returns {string | undefined} */
function hostOf({ url, params }, secrets) {
  const first = (/** @type {any} */ names) =>
    [names]
      .flat()
      .map((name) => (typeof secrets[name] === 'string' ? secrets[name].trim() : ''))
      .find(Boolean);
  if (typeof url !== 'string')
    return isUrl(first(url?.secret)) ? new URL(String(first(url.secret))).hostname : undefined;
  // One label of the host may be a secret, or a text in quotes.
  const label = (/** @type {any} */ param) =>
    typeof param === 'string' ? param.replaceAll("'", '') : `${param?.prefix ?? ''}${first(param?.secret) ?? ''}`;
  const filled = url.replace(/^(https:\/\/[^/?{]*)\{([^}]*)\}/, (_, before, name) => before + label(params?.[name]));
  return isUrl(filled) ? new URL(filled).hostname : undefined;
}
