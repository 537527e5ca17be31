// bench/: one contender in a process of its own, loaded as Auth0 loads an Action. Prints one line of JSON.
//
//   node bench/child.mjs RUN
//
// RUN is JSON, `Run` of runs.mjs. The first login is cold: from reading the file to its end. Then the warm ones.
// A file may say `globalThis.benchMark(name)` where a step has ended.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';

const builtin = createRequire(import.meta.url);
/** @type {import('./runs.mjs').Run} */
const { file, event, plain, users, calls, warmUp, logins, inFlight } = JSON.parse(process.argv[2] ?? '{}');

/** What asks for node:https gets node:http, so that no handshake is in the figure. @param {string} name */
function withoutTls(name) {
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
let denied = 0;
const deny = () => void denied++;
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
if (logins > 0) {
  const { WebAssembly } = /** @type {any} */ (globalThis);
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(Instance, args) {
      const instance = Reflect.construct(Instance, args);
      // The last one: before it comes the one that reads base91.
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
load(loaded, loaded.exports, plain ? withoutTls : builtin);
const action = { exports: /** @type {any} */ ({}) };
loaded.exports(action, action.exports, quiet);
const handler = action.exports.onExecutePostLogin;

/** How many have come so far. */
let number = 0;
/** One user after the other, and after so many the first one again. */
async function login() {
  const who = users > 0 ? number++ % users : number++;
  const user = { ...event.user, user_id: `auth0|${who}`, email: `${who}@example.com` };
  const own = { ...event, user };
  for (let call = 0; call < calls; call++) await handler(own, api);
}

await login();
const cold = performance.now() - begun;

/** @param {number} total */
async function run(total) {
  let left = total;
  const lane = async () => {
    while (left-- > 0) await login();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

const result = { cold, marks, claims: 0, denied: 0 };
const linear = () => memory?.buffer.byteLength ?? 0;
if (logins > 0) {
  await run(warmUp);
  const warm = linear();
  const before = process.cpuUsage();
  const from = performance.now();
  await run(logins);
  const wall = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / logins;
  const { rss } = process.memoryUsage();
  Object.assign(result, { cpu, rate: (logins / wall) * 1000, ms: wall / logins, rss, linear: [warm, linear()] });
}
Object.assign(result, { claims, denied });
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
