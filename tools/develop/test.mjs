// tools/develop/: `npm test`: has the toolchain set up and then runs every check of the project, a line each. What the checks
// are is the list `steps`.
//
//   npm test                    all of it
//   npm test -- --only NAME     one step, or all steps whose names begin with `NAME-`, with their output
//
// Compiling and the JavaScript side go on side by side, their output kept apart; whichever is done
// first helps the other. After a failure no new step begins. The last line counts the steps: "N passed, N failed".

import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { command, TEXT } from '../cli.mjs';
import { UserError } from '../error.mjs';
import { root } from '../files.mjs';
import { deny } from './deny.mjs';
import { run, seconds } from './programs.mjs';
import { setup } from './setup.mjs';

/** @typedef {import('./setup.mjs').Tools} Tools */
/** @typedef {import('./setup.mjs').PartName} PartName */
/**
 * @typedef {object} Step
 * @property {string} name
 * @property {'compile' | 'javascript'} lane steps of a lane run one after the other, in this order
 * @property {string} title
 * @property {readonly PartName[]} need what of the toolchain it takes
 * @property {(tools: Tools) => Promise<import('./programs.mjs').Ran>} run
 * @property {string} [after] the step that makes what it reads, and runs before it in its lane
 * @property {RegExp} [tests] finds how many tests passed in the output; none at all is a failure
 */

const RUNNING = Number(process.versions.node.split('.')[0]);
const WASM = ['--target', 'wasm32-unknown-unknown'];
/** Tests that hang end as a failure. Compiling has no limit: a machine may be slow. */
const HANG_MS = 60 * 60_000;
/** Half of the time tests wait, for what a login waits for. */
const AT_ONCE = Math.max(2, availableParallelism() - 1);
const CARGO_TESTS = /^test result: ok\. (\d+) passed/gm;
const NODE_TESTS = /^(?:ℹ|#) pass (\d+)/gm;

const PANICKING = ['--features', 'test-panic', '--out', 'target/paste-test-panic/login-sync.js'];

/** @param {...string} args @returns {Step['run']} */
const cargo =
  (...args) =>
  ({ env }) =>
    run('cargo', args, { env });

/** A program of a package. @param {string} name */
const program = (name) => path.join(root, 'node_modules', '.bin', name);

/**
 * `node --test` over a folder of tests.
 * @param {number} major
 * @param {string} folder
 * @returns {Step['run']}
 */
const nodeTest =
  (major, folder) =>
  async ({ env, node }) => {
    const files = (await readdir(path.join(root, folder)).catch(() => []))
      .filter((file) => file.endsWith('.test.mjs'))
      .sort();
    if (files.length === 0) throw new UserError(`found no test: ${folder} holds no *.test.mjs`);
    const args = [
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${AT_ONCE}`,
      ...files.map((file) => path.join(folder, file)),
    ];
    return run(node[major], args, { env, limitMs: HANG_MS });
  };

/** @type {Step['run']} */
async function wasmTests({ env, node, wasmPack }) {
  // The test runner takes the `node` of the PATH, and its way of calling wasm crashes V8 in Node 18.
  const { stdout } = await run('node', ['--version'], { env });
  const old = !(Number(/^v(\d+)\./.exec(stdout)?.[1]) >= 20);
  const PATH = old ? [path.dirname(node[22]), env.PATH].join(path.delimiter) : env.PATH;
  return run(wasmPack, ['test', '--node', '--mode', 'no-install', '--', '--test', 'wasm'], { env: { ...env, PATH } });
}

/**
 * The tools are modules, the shim is one script, the playground is for a browser: three projects.
 * @type {Step['run']}
 */
async function typeCheck({ env }) {
  let ran = { code: 0, stdout: '', output: '' };
  for (const project of ['jsconfig.json', 'jsconfig.shim.json', 'playground/jsconfig.json']) {
    if (ran.code === 0) ran = await run(program('tsc'), ['-p', project], { env });
  }
  return ran;
}

/** The Node versions of Auth0's runtimes and the one at hand. */
const majors = [...new Set([18, RUNNING, 22])].sort();

/** @type {Step[]} */
const steps = [
  { name: 'fmt', lane: 'compile', title: 'the layout of the Rust code', need: ['rust'], run: cargo('fmt', '--check') },
  {
    name: 'clippy-native',
    lane: 'compile',
    title: 'lints, natively',
    need: ['rust'],
    run: cargo('clippy', '--all-targets', '--', '-D', 'warnings'),
  },
  {
    name: 'clippy-wasm',
    lane: 'compile',
    title: 'lints, for WebAssembly',
    need: ['rust'],
    run: cargo('clippy', ...WASM, '--lib', '--test', 'wasm', '--', '-D', 'warnings'),
  },
  {
    name: 'rust',
    lane: 'compile',
    title: 'the engine, natively',
    need: ['rust'],
    run: cargo('test'),
    tests: CARGO_TESTS,
  },
  {
    name: 'wasm',
    lane: 'compile',
    title: 'the engine, inside WebAssembly',
    need: ['rust', 'wasm-bindgen', 'wasm-pack', ...nodes(22)],
    run: wasmTests,
    tests: CARGO_TESTS,
  },
  {
    name: 'deny',
    lane: 'compile',
    title: 'the crates: known vulnerabilities, licences, where they come from',
    need: process.env.CI ? ['rust', 'cargo-deny'] : ['rust'],
    run: ({ env }) => deny(env),
  },
  {
    name: 'lint',
    lane: 'javascript',
    title: 'the layout and the lints of the JavaScript',
    need: ['packages'],
    run: ({ env }) => run(program('biome'), ['check', '--error-on-warnings'], { env }),
  },
  {
    name: 'types',
    lane: 'javascript',
    title: 'the types of the JavaScript',
    need: ['packages'],
    run: typeCheck,
  },
  {
    name: 'pkg',
    lane: 'javascript',
    title: 'pkg/ is what these sources give, built again in another folder',
    need: ['rust', 'wasm-bindgen', 'packages'],
    run: ({ env }) => run(process.execPath, ['tools/build/build.mjs', '--check'], { env }),
  },
  {
    name: 'panic',
    lane: 'javascript',
    title: 'a paste that panics on request, for the tests of what a panic does',
    need: ['rust', 'wasm-bindgen', 'packages'],
    run: ({ env }) => run(process.execPath, ['tools/build/build.mjs', ...PANICKING], { env }),
  },
  ...majors.map(
    (major) =>
      /** @type {Step} */ ({
        name: `paste-${major}`,
        lane: 'javascript',
        title: `the pasted file on Node ${major}`,
        need: nodes(major),
        after: 'panic',
        run: nodeTest(major, 'tests/paste'),
        tests: NODE_TESTS,
      }),
  ),
  {
    name: 'tools',
    lane: 'javascript',
    title: `the tools on Node ${RUNNING}`,
    need: ['packages'],
    run: nodeTest(RUNNING, 'tests/tools'),
    tests: NODE_TESTS,
  },
  {
    name: 'bench',
    lane: 'javascript',
    title: 'the benchmark in short: that it works, whatever the times',
    need: ['packages'],
    run: ({ env }) => run(process.execPath, ['bench/bench.mjs', '--short'], { env, limitMs: HANG_MS }),
  },
  ...['playground', 'demo'].map(
    (folder) =>
      /** @type {Step} */ ({
        name: folder,
        lane: 'javascript',
        title: `the ${folder}, in a browser`,
        need: ['packages', 'chromium'],
        run: nodeTest(RUNNING, `tests/${folder}`),
        tests: NODE_TESTS,
      }),
  ),
];

/** @param {number} major @returns {PartName[]} */
function nodes(major) {
  return major === 18 || major === 22 ? [`node-${major}`] : [];
}

/**
 * @param {Step} step
 * @param {Tools} tools
 * @returns {Promise<{ count: number | undefined, error: string | undefined, output: string }>}
 */
async function perform(step, tools) {
  try {
    const { code, output } = await step.run(tools);
    if (code !== 0) return { count: undefined, error: `ended with code ${code}`, output };
    if (!step.tests) return { count: undefined, error: undefined, output };
    const plain = stripVTControlCharacters(output);
    const count = [...plain.matchAll(step.tests)].reduce((sum, [, passed]) => sum + Number(passed), 0);
    return { count, error: count > 0 ? undefined : 'ran no test', output };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { count: undefined, error: error.message, output: '' };
  }
}

const usage = `usage: npm test [-- --only NAME]

  --only NAME   one step, or all steps whose names begin with NAME-, with their output

steps: ${steps.map(({ name }) => name).join(', ')}
exit codes: 0 all passed, 1 a step failed, 2 the arguments are wrong
`;

/** @param {string | undefined} only */
function choose(only) {
  const list = only === undefined ? steps : steps.filter(({ name }) => name === only || name.startsWith(`${only}-`));
  if (list.length === 0) throw new UserError(`--only: there is no step \`${only}\`; \`--help\` lists them`);
  return list;
}

await command(import.meta.url, { usage, options: { only: TEXT } }, async ({ only }) => {
  const list = choose(only);
  const shown = only !== undefined;
  const start = Date.now();
  const tools = await setup({ need: [...new Set(list.flatMap(({ need }) => need))] });

  let passed = 0;
  /** @type {Step[]} */
  const failed = [];
  const lanes = {
    compile: list.filter(({ lane }) => lane === 'compile'),
    javascript: list.filter(({ lane }) => lane === 'javascript'),
  };
  /** @type {Set<string>} */
  const ended = new Set();
  /** A step that waits for none of its lane, and for which none waits. */
  const free = () => {
    const at = lanes.javascript.findLastIndex(
      ({ name, after }) =>
        !list.some((other) => other.after === name) &&
        (after === undefined || ended.has(after) || !list.some((other) => other.name === after)),
    );
    return at < 0 ? undefined : lanes.javascript.splice(at, 1)[0];
  };
  /** @param {Step['lane']} lane */
  const runLane = async (lane) => {
    for (;;) {
      // A lane that has compiled everything helps the other one, from its end.
      const step = lanes[lane].shift() ?? free();
      if (!step || failed.length > 0) return;
      const began = Date.now();
      const { count, error, output } = await perform(step, tools);
      ended.add(step.name);
      if (error || shown) console.log(output);
      const tests = count === undefined ? '' : `, ${count} ${count === 1 ? 'test' : 'tests'}`;
      const verdict = error ? 'FAILED' : 'ok';
      console.log(
        `${verdict.padEnd(6)}  ${step.name.padEnd(13)}  ${step.title}${tests}  (${seconds(Date.now() - began)})`,
      );
      if (!error && !shown) for (const [line] of output.matchAll(/^not checked: .*$/gm)) console.log(`        ${line}`);
      if (error) {
        console.log(`        ${step.name} ${error}; to repeat it: npm test -- --only ${step.name}`);
        failed.push(step);
      } else {
        passed += 1;
      }
    }
  };
  await Promise.all([runLane('compile'), runLane('javascript')]);

  const left = list.length - passed - failed.length;
  console.log(`\nin ${seconds(Date.now() - start)}${left > 0 ? `; after the failure ${left} not run` : ''}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length > 0 ? 1 : 0;
});
