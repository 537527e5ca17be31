// tools/commands/: `login-sync test`: logins as data, and what is expected of each. The library, for tests in
// JavaScript, can do more: docs/test-your-config.md.

import { fileURLToPath } from 'node:url';
import { call, command, FLAG, TEXT, waiting } from '../cli.mjs';
import { changes, differences, endOf } from '../library/expect.mjs';
import { simulate } from '../library/simulate.mjs';
import { openTests } from './test/file.mjs';

const STANDARD = 'login-sync.test.json';

const usage = `usage: ${call('test', false)} [FILE...] [--config FILE] [--json] [--watch]

Runs the logins of each file (${STANDARD}) and compares what they give with what is expected. A file is JSON:

  {
    "config": "login-sync.json",
    "tests": [
      {
        "name": "a user of the gold plan",
        "over": { "user": { "email": "you@example.com" } },
        "answers": { "api.example.com": { "body": { "plan": "gold" } } },
        "expect": { "outcome": "allowed", "tokens": { "idToken": { "https://example.com/plan": "gold" } } }
      }
    ]
  }

\`config\` is a path, taken from the file's folder, or the config itself. A test takes the options of \`simulate\` in the library:
event, over, trigger, secrets, answers, faults, at, logins, others, apartMs. Of the objects in \`expect\` the named fields count.
\`${call('simulate')} --record FILE\` writes such a file.

  --config FILE   another config than the files name: says which logins would end otherwise, also where no test expects it
  --json          as JSON: passed, failed, and tests: file, name, ok, ms, wrong, leftOut
  --watch         again after each change of a file

exit codes: 0 all passed, 1 one failed, 2 a config is refused, or a file or the arguments are wrong
`;

/** @param {string[]} files */
const named = (files) => (files.length > 0 ? files : [STANDARD]);
const options = { config: TEXT, json: FLAG };
const watched = (/** @type {{ config?: string }} */ values, /** @type {string[]} */ files) =>
  named(files).flatMap((file) => [file, ...[openTests(file).config, values.config].flatMap(placeOf)]);

/** @param {unknown} config @returns {string[]} none where it is no file */
function placeOf(config) {
  return config instanceof URL ? [fileURLToPath(config)] : typeof config === 'string' ? [config] : [];
}

await command(import.meta.url, { usage, options, positionals: true, watched }, async (values, files) => {
  /** @type {Ran[]} */
  const ran = [];
  for (const file of named(files)) {
    const { config: own, tests } = openTests(file);
    for (const test of tests) {
      const one = await waiting(`\`${test.name}\``, () => played(file, own, test, values.config));
      ran.push(one);
      if (!values.json) console.log(linesOf(one).join('\n'));
    }
  }
  const passed = ran.filter(({ ok }) => ok).length;
  const failed = ran.length - passed;
  console.log(
    values.json ? JSON.stringify({ passed, failed, tests: ran }, null, 2) : `${passed} passed, ${failed} failed`,
  );
  return failed > 0 ? 1 : 0;
});

/**
 * @typedef {{ file: string, name: string, ok: boolean, ms: number, wrong: string[], leftOut: import('../library/index.js').Login['leftOut'] }} Ran
 * @param {string} file
 * @param {any} own the config of the file
 * @param {{ name: string, expect: unknown } & Record<string, any>} test
 * @param {string} [other] the config to play it with
 * @returns {Promise<Ran>}
 */
async function played(file, own, { name, expect, ...options }, other) {
  const began = performance.now();
  const login = await simulate(other ?? own, options);
  const expected = differences(login, expect);
  const wrong = [...expected, ...(other === undefined ? [] : await otherwise(login, own, options, expected))];
  const ms = Math.round(performance.now() - began);
  return { file, name, ok: wrong.length === 0, ms, wrong, leftOut: login.leftOut };
}

/**
 * How the login ends otherwise than with the config of the file. What two logins with that one do not have in common is
 * different each time, such as a random id.
 * @param {Played} login
 * @param {any} own
 * @param {Record<string, any>} options
 * @param {string[]} said what is said of it already
 */
async function otherwise(login, own, options, said) {
  const [was, again, is] = [await simulate(own, options), await simulate(own, options), login].map(endsOf);
  const unsteady = new Set(changes(was, again).map(({ path }) => path));
  return changes(was, is).flatMap(({ path, text }) =>
    unsteady.has(path) || said.some((line) => line.startsWith(`${path}: `)) ? [] : [text],
  );
}

/** @typedef {Awaited<ReturnType<typeof simulate>>} Played */
/** @param {Played} login */
function endsOf(login) {
  return login.logins.length > 1 ? { logins: login.logins.map(endOf) } : endOf(login);
}

/** @param {Ran} ran */
function linesOf({ name, ok, ms, wrong, leftOut }) {
  return [
    `${ok ? 'ok    ' : 'FAILED'}  ${name}  (${ms} ms)`,
    ...wrong.map((line) => `        ${line}`),
    ...(ok ? [] : leftOut.map(({ path: place, why }) => `        left out: ${place}: ${why}`)),
  ];
}
