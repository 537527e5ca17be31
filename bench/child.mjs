// bench/: one contender in a process of its own, loaded as Auth0 loads an Action. Prints one line of JSON.
//
//   node bench/child.mjs ACTION.js LOGINS IN_FLIGHT
//
// The first login is cold: from reading the file to its end. Then LOGINS warm ones, after BENCH_WARM to warm up.
// A file may say `globalThis.benchMark(name)` where a step has ended.
// BENCH_EVENT: the event · BENCH_PLAIN: what asks for node:https gets node:http, so that no handshake is in the figure
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';

const builtin = createRequire(import.meta.url);
const [, , file = '', logins = '0', lanes = '1'] = process.argv;
const event = JSON.parse(process.env.BENCH_EVENT ?? '{}');

/** @param {string} name */
function plain(name) {
  if (name !== 'node:https') return builtin(name);
  const http = builtin('node:http');
  builtin('node:https');
  const request = (/** @type {any} */ url, /** @type {any} */ ...rest) =>
    http.request(typeof url === 'string' ? url.replace('https:', 'http:') : url, ...rest);
  return { Agent: http.Agent, request };
}

const quiet = { log() {}, error() {}, warn() {} };
let claims = 0;
const count = () => void claims++;
const deny = (/** @type {string} */ reason) => {
  throw new Error(`denied: ${reason}`);
};
const api = {
  idToken: { setCustomClaim: count },
  accessToken: { setCustomClaim: count },
  user: { setAppMetadata() {} },
  access: { deny },
};

/** @type {[name: string, ms: number][]} */
const marks = [];
/** The wasm's memory, for a contender that has one. @type {{ buffer: ArrayBuffer } | undefined} */
let memory;
Object.assign(globalThis, {
  benchMark(/** @type {string} */ name, /** @type {unknown} */ value) {
    marks.push([name, performance.now() - begun]);
    return value;
  },
});
if (Number(logins) > 0) {
  const { WebAssembly } = /** @type {any} */ (globalThis);
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(Instance, args) {
      const instance = Reflect.construct(Instance, args);
      memory = Object.values(instance.exports).find((part) => part instanceof WebAssembly.Memory);
      return instance;
    },
  });
}

const begun = performance.now();
const code = readFileSync(file, 'utf8');
const loaded = { exports: /** @type {any} */ ({}) };
const wrapped = `module.exports = function(module, exports, console){\n${code}\n};`;
const load = vm.compileFunction(wrapped, ['module', 'exports', 'require']);
load(loaded, loaded.exports, process.env.BENCH_PLAIN ? plain : builtin);
const action = { exports: /** @type {any} */ ({}) };
loaded.exports(action, action.exports, quiet);
const login = action.exports.onExecutePostLogin;
await login(event, api);
const cold = performance.now() - begun;

/** @param {number} total */
async function run(total) {
  let left = total;
  const lane = async () => {
    while (left-- > 0) await login(event, api);
  };
  await Promise.all(Array.from({ length: Number(lanes) }, lane));
}

const result = { cold, marks, claims: 0 };
const linear = () => memory?.buffer.byteLength ?? 0;
if (Number(logins) > 0) {
  await run(Number(process.env.BENCH_WARM));
  const warm = linear();
  const before = process.cpuUsage();
  const from = performance.now();
  await run(Number(logins));
  const wall = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / Number(logins);
  const { rss } = process.memoryUsage();
  Object.assign(result, {
    cpu,
    rate: (Number(logins) / wall) * 1000,
    ms: wall / Number(logins),
    rss,
    linear: [warm, linear()],
  });
}
result.claims = claims;
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
