// tools/paste/check/: claims that Auth0 will drop, and claims that are too many for a cookie.

import { fakeEvent } from '../../tenant/event.mjs';
import { SCOPE_OF_CLAIM } from '../../tenant/limits.mjs';
import { treeOf } from '../expression-tree.mjs';
import { pathOf as placeOf } from '../places.mjs';
import { pathOf } from '../reads.mjs';
import { note } from './warning.mjs';

/** @typedef {import('../check.mjs').Subject} Subject */
/** @typedef {{ token: 'idToken' | 'accessToken', name: string, mapping: unknown, path: string, ofAnswer: boolean }} Claim */

/** What a browser takes for one cookie. */
const COOKIE = 4096;
/** Both tokens with what Auth0 itself puts into them, and the encryption of a session, about. */
const REST = 1800;
/** Base64, twice where a session is encrypted; a little less is what libraries do. */
const GROWTH = 4 / 3;
/** A string of which nothing is known. */
const USUAL = 24;

/** @param {Subject} subject */
export function claimWarnings({ config, syncs }) {
  const claims = claimsOf(config, syncs);
  return [...needingScope(claims), ...tooLarge(claims)];
}

/** @param {Record<string, any>} config @param {Subject['syncs']} syncs @returns {Claim[]} */
function claimsOf(config, syncs) {
  const of = (/** @type {any} */ named, /** @type {(string | number)[]} */ steps, /** @type {boolean} */ ofAnswer) =>
    /** @type {const} */ (['idToken', 'accessToken']).flatMap((token) =>
      Object.entries(named?.[token] ?? {}).map(([name, mapping]) => ({
        token,
        name,
        mapping,
        path: placeOf([...steps, token, name]),
        ofAnswer,
      })),
    );
  return [
    ...of(config.claims, ['claims'], false),
    ...(config.syncs ? syncs : []).flatMap(({ document }, i) => of(document.response, ['syncs', i, 'response'], true)),
  ];
}

/** @param {Claim[]} claims */
const needingScope = (claims) =>
  claims.flatMap(({ token, name, path }) => {
    const scope = token === 'accessToken' ? SCOPE_OF_CLAIM.get(name) : undefined;
    return scope
      ? [
          note(
            path,
            `Auth0 drops this claim unless the application asks for the scope \`${scope}\`: a name with a namespace, such as \`https://example.com/${name}\`, is always kept`,
          ),
        ]
      : [];
  });

/** @param {Claim[]} claims */
function tooLarge(claims) {
  const sized = claims.map((claim) => ({ ...claim, bytes: sizeOf(claim.mapping, claim.ofAnswer) }));
  const open = sized.filter(({ bytes }) => bytes === Infinity);
  if (open.length > 0)
    return open.map(({ path }) =>
      note(
        path,
        `this can be of any size, and a session cookie holds ${COOKIE} bytes: name the fields that are needed`,
      ),
    );
  const own = sized.reduce((sum, { name, bytes }) => sum + name.length + 4 + bytes, 0);
  const all = Math.round(REST + own * GROWTH);
  return all > COOKIE
    ? [
        note(
          'config',
          `the claims make both tokens about ${all.toLocaleString('en')} bytes long, and a session cookie holds ${COOKIE.toLocaleString('en')}: set fewer, or have the application keep its session on the server`,
        ),
      ]
    : [];
}

const event = fakeEvent('post-login');

/**
 * About how long a claim is as JSON, for the invented user.
 * @param {unknown} mapping
 * @param {boolean} ofAnswer
 * @returns {number}
 */
function sizeOf(mapping, ofAnswer) {
  if (typeof mapping === 'string') return sizeOfExpression(mapping, ofAnswer);
  if (typeof mapping !== 'object' || mapping === null) return JSON.stringify(mapping)?.length ?? 0;
  return Object.entries(mapping).reduce((sum, [key, inner]) => sum + key.length + 4 + sizeOf(inner, ofAnswer), 2);
}

/** @param {string} text @param {boolean} ofAnswer */
function sizeOfExpression(text, ofAnswer) {
  const tree = treeOf(text);
  if (tree.type === 'Literal') return JSON.stringify(tree.value).length;
  const path = pathOf(tree);
  if (!path) return USUAL;
  if (path.length === 0) return Infinity;
  if (ofAnswer) return USUAL;
  const value = path.reduce((/** @type {any} */ at, name) => at?.[name], event);
  // Whole groups of the event, and what a tenant keeps in them.
  if (/^user(\.(app|user)_metadata)?$/.test(path.join('.'))) return Infinity;
  return value === undefined ? USUAL : JSON.stringify(value).length;
}
