// tools/commands/: `login-sync test`: logins as data, and what is expected of each. Who writes JavaScript has more in the library:
// docs/test-your-config.md.

import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { call, command, FLAG, TEXT, waiting } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { differences } from '../library/expect.mjs';
import { simulate } from '../library/simulate.mjs';
import { parseJson } from '../paste/json.mjs';
import { isObject } from '../tenant/values.mjs';
import { read } from './open.mjs';

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

  --config FILE   another config than the files name: says which logins would end otherwise
  --json          as JSON: passed, failed, and tests: file, name, ok, ms, wrong, leftOut
  --watch         again after each change of a file

exit codes: 0 all passed, 1 one failed, 2 a config is refused, or a file or the arguments are wrong
`;

/** @param {string[]} files */
const named = (files) => (files.length > 0 ? files : [STANDARD]);
const options = { config: TEXT, json: FLAG };
const watched = (/** @type {{ config?: string }} */ values, /** @type {string[]} */ files) =>
  named(files).flatMap((file) => {
    const config = values.config ?? open(file).config;
    return [file, ...(config instanceof URL ? [fileURLToPath(config)] : typeof config === 'string' ? [config] : [])];
  });

await command(import.meta.url, { usage, options, positionals: true, watched }, async (values, files) => {
  /** @type {Ran[]} */
  const ran = [];
  for (const file of named(files)) {
    const { config: own, tests } = open(file);
    for (const test of tests) {
      const one = await waiting(`\`${test.name}\``, () => played(file, values.config ?? own, test));
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
 * @param {any} config
 * @param {{ name: string, expect: unknown } & Record<string, any>} test
 * @returns {Promise<Ran>}
 */
async function played(file, config, { name, expect, ...options }) {
  const began = performance.now();
  const login = await simulate(config, options);
  const wrong = differences(login, expect);
  const ms = Math.round(performance.now() - began);
  return { file, name, ok: wrong.length === 0, ms, wrong, leftOut: login.leftOut };
}

/** @param {Ran} ran */
function linesOf({ name, ok, ms, wrong, leftOut }) {
  return [
    `${ok ? 'ok    ' : 'FAILED'}  ${name}  (${ms} ms)`,
    ...wrong.map((line) => `        ${line}`),
    ...(ok ? [] : leftOut.map(({ path: place, why }) => `        left out: ${place}: ${why}`)),
  ];
}

/** @param {string} file @returns {{ config: any, tests: ({ name: string, expect: unknown } & Record<string, any>)[] }} */
function open(file) {
  const content = parseJson(read(file, file), `\`${file}\``);
  const { config, tests } = /** @type {any} */ (isObject(content) ? content : {});
  if (typeof config !== 'string' && !isObject(config))
    throw new UserError(`\`${file}\`: \`config\` must be a path or a config`);
  if (!Array.isArray(tests) || tests.length === 0)
    throw new UserError(`\`${file}\`: \`tests\` must be an array of tests`);
  tests.forEach((test, i) => {
    if (typeof test?.name !== 'string' || !isObject(test.expect))
      throw new UserError(`\`${file}\`: tests[${i}] needs a \`name\`, a string, and \`expect\`, an object`);
  });
  const place = typeof config === 'string' ? pathToFileURL(path.resolve(path.dirname(file), config)) : config;
  return { config: place, tests };
}
