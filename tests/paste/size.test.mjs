// tests/paste/: the file that people paste. Here: what Auth0 asks of it as a text and at loading. Each rule is also shown a
// paste that breaks it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { presetNames } from '../../tools/commands/open.mjs';
import { leanOf, PASTE } from '../../tools/files.mjs';
import { readAhead } from '../../tools/paste/ahead.mjs';
import { bundle } from '../../tools/paste/bundle.mjs';
import { openText } from '../../tools/paste/config.mjs';
import { MOST_BYTES, MOST_SEALED_BYTES, split } from '../../tools/paste/paste.mjs';
import { createHost } from '../../tools/tenant/host.mjs';
import { HANDLERS } from '../../tools/tenant/limits.mjs';
import { REALMS, readPaste } from './support.mjs';

/**
 * What is wrong with a paste.
 * @param {string} paste
 */
function faultsOf(paste) {
  const faults = [];
  const bytes = Buffer.byteLength(paste);
  if (bytes > MOST_BYTES) faults.push(`${bytes} bytes are more than ${MOST_BYTES}`);
  const [foreign] = /[^\n\x20-\x7e]/.exec(paste) ?? [];
  if (foreign) faults.push(`holds the character ${JSON.stringify(foreign)}`);
  const [marker] = /(@@|##)\w+\1/.exec(paste) ?? [];
  if (marker) faults.push(`holds ${marker}, which auth0-deploy-cli would replace`);
  // What an admin reads and edits.
  const { head, config, outside } = split(paste);
  for (const line of `${head}${config}${outside}`.split('\n'))
    if (line.length >= 200) faults.push(`has a line of ${line.length} characters at the top: ${line.slice(0, 20)}`);
  for (const realm of REALMS) {
    const host = createHost(paste, { realm });
    if (host.load.error) faults.push(`does not load: ${host.load.error}`);
    const names = Object.keys(host.exports).sort().join(', ');
    if (names !== Object.values(HANDLERS).sort().join(', ')) faults.push(`exports ${names || 'nothing'}`);
    for (const [name, handler] of Object.entries(host.exports)) {
      // The way Auth0 looks at it.
      if (handler?.constructor?.name !== 'AsyncFunction') faults.push(`${name} is no native async function`);
    }
  }
  return [...new Set(faults)];
}

describe('the paste', () => {
  const paste = readPaste();
  const manifest = JSON.parse(readFileSync(new URL('../../pkg/manifest.json', import.meta.url), 'utf8'));

  it('breaks no rule', () => {
    assert.deepEqual(faultsOf(paste), []);
  });

  it('has the size that its manifest says', () => {
    assert.equal(Buffer.byteLength(paste), manifest.bytes);
  });

  it('does nothing at loading', () => {
    const { load } = createHost(paste);
    assert.deepEqual([load.log, load.requests, load.faults], [[], [], []]);
  });

  /** @type {[what: string, broken: string, fault: RegExp][]} */
  const broken = [
    ['too long', `${paste}//${'x'.repeat(MOST_BYTES)}\n`, /^\d+ bytes are more than/],
    ['not ascii', paste.replace('At each login', 'Bei jedem Login \u2013'), /^holds the character "\u2013"/],
    ['holding a control character', paste.replace('At each login', 'At\u0007'), /^holds the character/],
    ['holding a marker', paste.replace('At each login', 'At ##TENANT##'), /^holds ##TENANT##/],
    ['holding the other marker', `${paste}\n// @@TENANT_NAME@@\n`, /^holds @@TENANT_NAME@@/],
    [
      'holding a long line at the top',
      paste.replace('At each login', 'x'.repeat(200)),
      /^has a line of \d+ characters/,
    ],
    ['exporting more', `${paste}\nexports.helper = async () => {};`, /^exports helper, on/],
    [
      'exporting less',
      `${paste}\ndelete exports.onExecutePostLogin;`,
      /^exports (?!.*PostLogin\b).*PostUserRegistration/,
    ],
    [
      'exporting a wrapper',
      `${paste}\nconst own = exports.onExecutePostLogin; exports.onExecutePostLogin = (...args) => own(...args);`,
      /^onExecutePostLogin is no native async function$/,
    ],
    ['throwing at the top', `${paste}\nnull.x;`, /^does not load: /],
  ];
  for (const [what, text, fault] of broken) {
    it(`would be refused when it were ${what}`, () => {
      const faults = faultsOf(text);
      assert.ok(
        faults.some((each) => fault.test(each)),
        faults.join('; '),
      );
    });
  }
});

describe('the sealed paste of examples/several-systems', () => {
  it('is in its limit', () => {
    const text = readFileSync(new URL('../../examples/several-systems/config.json', import.meta.url), 'utf8');
    const opened = openText({ text, file: 'the example', paste: readPaste(), presets: presetNames() });
    const { length } = bundle(opened, readAhead, readFileSync(leanOf(PASTE), 'utf8')).text;
    assert.ok(length <= MOST_SEALED_BYTES, `${length} bytes`);
  });
});
