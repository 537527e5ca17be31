// tools/paste/check/: strings that look like credentials. In a config they lie in a repository, and in the code of the Action.

import { nodesOf } from '../reads.mjs';
import { warning } from './warning.mjs';

/** Keys as their makers write them. */
const KNOWN = [
  /^(?:sk|rk)_(?:live|test)_\w{8,}/, // Stripe
  /^sk-[\w-]{16,}/,
  /^(?:A3T|AKIA|ASIA)[A-Z\d]{12,}/,
  /^AIza[\w-]{30,}/,
  /^xox[abprs]-[\w-]{8,}/,
  /^gh[pousr]_\w{20,}/,
  /^github_pat_\w{20,}/,
  /^glpat-[\w-]{16,}/,
  /^SG\.[\w-]{16,}\.[\w-]{16,}/,
  /^shpat_[\da-f]{16,}/,
  /^pat-[a-z]{2}\d-[\da-f-]{16,}/,
  /^eyJ[\w-]{8,}\.[\w-]{8,}/,
  /^whsec_[\w+/=]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
];
/** A scheme and its credential. */
const WITH_SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Key) \S{4,}$/i;
const HEADER = /(^|-)(authorization|cookie|api-?key|token|secret|password)$/i;
const QUERY = /[?&](?:api_?-?key|access_?-?token|token|secret|password|key|sig|signature|code)=([^&{}]{8,})/i;

/** @param {import('../check.mjs').Subject} subject */
export function credentialWarnings({ texts, expressions }) {
  const literals = expressions.flatMap(({ path, tree }) =>
    [...nodesOf(tree)].flatMap(({ type, value, at }) =>
      type === 'Literal' && typeof value === 'string' && isCredential(value)
        ? [warning(path, `this string looks like a credential: put it into a secret of the Action, ${FORM}`, at)]
        : [],
    ),
  );
  const plain = texts.flatMap(({ path, steps, text, isExpression }) => {
    if (isExpression) return [];
    if (isName(steps)) return isCredential(text) ? [warning(path, VALUE)] : [];
    const inHeader = steps.at(-2) === 'headers' && HEADER.test(String(steps.at(-1)));
    if (steps.at(-1) === 'url' && QUERY.test(text))
      return [
        warning(
          path,
          'the query looks like a credential: make the whole url a secret, `{ "secret": "NAME" }`, or fill `{name}` from `params`',
        ),
      ];
    return inHeader || isCredential(text)
      ? [warning(path, `this looks like a credential: put it into a secret of the Action, ${FORM}`)]
      : [];
  });
  return [...literals, ...plain];
}

const FORM = 'and write `{ "secret": "NAME" }`';
const VALUE =
  'this looks like the value of a secret, and its name belongs here: put the value into a secret of the Action, and write the name of that';

/** @param {string} text */
const isCredential = (text) =>
  KNOWN.some((known) => known.test(text.trim().replace(/^(?:Bearer|Basic|Token) /i, ''))) ||
  WITH_SCHEME.test(text) ||
  isRandom(text);

/** Long, of one piece, and of letters and digits in no order that a word would have. @param {string} text */
const isRandom = (text) =>
  /^[\w+/=-]{32,}$/.test(text) && (text.match(/\d/g)?.length ?? 0) >= 6 && (text.match(/[A-Za-z]/g)?.length ?? 0) >= 6;

const NAMES = new Set(['secret', 'bearer', 'basic', 'standardWebhooks']);
const NAMES_OF_TOKENS = /^tokens\.[^.]+\.(clientId|clientSecret|refreshToken|assertion\.key)(\.\d+)?$/;

/** Whether the name of a secret belongs here. @param {(string | number)[]} steps */
const isName = (steps) => steps.some((step) => NAMES.has(String(step))) || NAMES_OF_TOKENS.test(steps.join('.'));
