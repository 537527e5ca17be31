// tools/commands/: `npm run claims`: the claims manifest, every claim and SAML attribute that a config can set, for those who read
// them.
//
//   npm run claims -- --config my.config.json                          a table
//   npm run claims -- --config my.config.json --format json            for programs
//   npm run claims -- --config my.config.json --format cloudentity     what to fill in as attributes of a Cloudentity IDP

import { call, command, FLAG, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { PASTE } from '../files.mjs';
import { manifest } from '../paste/claims.mjs';
import { openConfig } from './open.mjs';

/** @typedef {import('../paste/claims.mjs').Claim} Claim */

const usage = `usage: ${call('claims')} --config FILE [--format table|json|cloudentity] [--json] [--paste FILE]

Lists every claim and every SAML attribute the config can set. One whose value is null is left out.

  --config FILE   the config, JSON; - is stdin
  --format NAME   table, json, or cloudentity: what to fill in as attributes of an IDP there
  --json          the same as \`--format json\`
  --paste FILE    the paste whose presets count (pkg/login-sync.js)

exit codes: 0 listed, 2 the config or the arguments are wrong
`;

/** @type {Record<string, (claims: Claim[]) => string>} */
const FORMATS = {
  json: (claims) => JSON.stringify(claims, null, 2),

  table(claims) {
    const rows = claims.map(({ token, name, type, items, from, expression, flows, onlyWithSecrets }) => [
      token,
      name,
      items ? `${type} of ${items}` : type,
      `${from}${onlyWithSecrets ? ' *' : ''}${flows ? ` (${flows.join(', ')})` : ''}`,
      typeof expression === 'string' ? expression : JSON.stringify(expression),
    ]);
    return [columns(['TOKEN', 'CLAIM', 'TYPE', 'FROM', 'EXPRESSION'], rows), ...notes(claims)].join('\n');
  },

  cloudentity(claims) {
    // An IDP there has the tokens' claims.
    const inTokens = claims.filter(({ token }) => token !== 'saml');
    const rows = inTokens.map(({ cloudentity: { source, claimName, displayName, dataType } }) => [
      source,
      claimName,
      displayName,
      dataType,
    ]);
    return [columns(['Source', 'Claim name', 'Display name', 'Data type'], rows), ...notes(claims)].join('\n');
  },
};

/** @param {Claim[]} claims */
function notes(claims) {
  const lines = claims.flatMap(({ name, scope }) =>
    scope ? [`\`${name}\` comes with the access token only when the application asks for the scope \`${scope}\``] : [],
  );
  const switched = new Map(
    claims.flatMap(({ from, onlyWithSecrets }) => (onlyWithSecrets ? [[from, onlyWithSecrets.join(', ')]] : [])),
  );
  for (const [from, secrets] of switched)
    lines.push(`* the config has no \`syncs\`: claims from ${from} come once the Action has ${secrets}`);
  return lines.length > 0 ? ['', ...lines] : [];
}

/** @param {string[]} head @param {string[][]} rows */
function columns(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

await command(
  import.meta.url,
  { usage, options: { config: TEXT, format: TEXT, json: FLAG, paste: TEXT } },
  ({ config, json, format = json ? 'json' : 'table', paste = PASTE }) => {
    if (!config) throw new UserError('needs `--config FILE`; `--help` lists the options');
    if (!Object.hasOwn(FORMATS, format))
      throw new UserError(`--format: unknown format \`${format}\`; use ${Object.keys(FORMATS).join(', ')}`);
    if (json && format !== 'json') throw new UserError('--json: goes with no other `--format`');
    const claims = manifest(openConfig({ config, paste }));
    const none = claims.length === 0 && format !== 'json';
    console.log(none ? 'this config sets no claim' : FORMATS[format](claims));
  },
);
