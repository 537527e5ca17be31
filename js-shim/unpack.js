// What is not packed: the handlers, what unpacks the program at the first execution (an error at the top level would be thrown
// again at every later one), and how a login ends without an engine.

/** In the order of `Trigger` in src/document/trigger.rs. */
const FLOWS =
  'post-login post-user-registration pre-user-registration credentials-exchange post-change-password event-stream'.split(
    ' ',
  );

/** The program, js-shim/action.js: it sets this. */
let program;
/** The engine, src/. */
let compiled;

/** An object that inherits nothing. Unlike one of `Object.create(null)` it is as fast as any other. */
function Own() {}
Own.prototype = Object.create(null);

/**
 * An object of these fields alone, for Node to read. Some code may have put fields into Object.prototype, where Node would
 * find a host, an agent or an authority of an attacker's: here each of them is undefined, as if it were not there.
 */
function onlyOwn(fields) {
  const own = new Own();
  const names = Object.getOwnPropertyNames(Object.prototype);
  // In the order in which they came: the last that JavaScript itself puts there, and then what others did.
  for (const name of names.slice(names.indexOf('toLocaleString') + 1)) own[name] = undefined;
  return Object.assign(own, fields);
}

/** The bytes of a text in base91, two characters for 13 bits. A WebAssembly reads them: JavaScript would take 4 ms. */
function fromBase91(text) {
  /** @type {any} */
  const reader = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(BASE91, 'base64'))).exports;
  const bytes = Buffer.from(reader.memory.buffer);
  // Reading is always ahead of writing.
  const from = 65536;
  const end = from + bytes.write(text, from, 'latin1');
  // The digit 0, where the last character has no other after it.
  bytes[end] = 32;
  reader.decode(from, end);
  return bytes.subarray(0, (text.length * 13) >> 4);
}

/** What is packed: the program's JavaScript, and from the first byte 0 on the engine. */
function unpack() {
  // In one piece: by default it would come in some, to be put together.
  return require('node:zlib').brotliDecompressSync(fromBase91(PACKED), onlyOwn({ chunkSize: 262144 }));
}

/**
 * The program sees what is around it here, as if it were not packed. In a function of its own, or it would hold the bytes; and
 * its text has no name, which would hide what has that name out here.
 * @type {(script: string) => void}
 */
const evaluate = function () {
  // biome-ignore lint/security/noGlobalEval: what is packed is of this very file
  // biome-ignore lint/complexity/noArguments: see above
  eval(arguments[0]);
};

function load(bytes) {
  const end = bytes.indexOf(0);
  compiled = new WebAssembly.Module(bytes.subarray(end));
  evaluate(bytes.toString('latin1', 0, end));
}

async function run(event, api, flow) {
  try {
    if (!program) load(unpack());
    return await program(event, api, flow);
  } catch (error) {
    // There is no engine, and nothing has read the event that could quote it: the whole error may be told.
    return outOfOrder(api, flow, mayGuard(event, flow), error);
  }
}

/** Whether the config guards this flow, as far as it can be seen without an engine. A preset brings its own policy. */
function mayGuard(event, flow) {
  try {
    const { syncs, flows } = config;
    const { claims, appMetadata, userMetadata, saml, scopes, deny, mfa } = flow ? (flows?.[FLOWS[flow]] ?? {}) : config;
    const guards = ({ use, onFailure }) =>
      (use && onFailure !== 'allow') || /"(deny|mfa)"/.test(JSON.stringify(onFailure));
    // Without `syncs` secrets switch presets on, and a preset may deny.
    const own = claims || appMetadata || userMetadata || saml || scopes;
    const some = syncs ? syncs.some(guards) : !own || Object.keys(event.secrets ?? {}).length;
    return some || [deny, mfa, scopes?.remove].some((rules) => rules?.length);
  } catch {
    return true;
  }
}

/** What the application is told, or the person who registers; of an event it is for the log alone. It is fixed, and says nothing of the user. */
const apology = (flow) =>
  flow === 5
    ? 'login-sync: deliver this event again'
    : `We could not complete your ${FLOWS[flow].split('-').pop()} (login-sync is out of order).`;

/** How a flow ends that no engine decides. Where Auth0 refuses a denial, only an error keeps it from passing. */
function outOfOrder(api, flow, guards, told) {
  const text = apology(flow);
  const denial = guards && [[text], 0, [text, text], ['server_error', text]][flow];
  // An event comes again by it, whatever guards it: it must not be lost.
  let thrown = flow === 5 && text;
  try {
    if (denial) api.access.deny(...denial);
  } catch {
    thrown = text;
  }
  const result = denial ? 'denied' : thrown ? 'again' : 'allowed';
  const problem = `${told ?? 'error'}`
    .replace(/[^ -~]+/g, ' ')
    .replaceAll('"', "'")
    .slice(0, 140);
  const line = `login-sync trigger=${FLOWS[flow]} result=${result} warn=broken problem="${problem}"`;
  return { line, thrown };
}

// The line is logged here, after the `await`: an error of a kept connection arises in the asynchronous context of the
// login that opened it, and a log that is kept apart by context would get the line with the wrong login.
const handler = (flow) => async (event, api) => {
  const { line, thrown } = await run(event, api, flow);
  console.log(line);
  if (thrown) throw new Error(thrown);
};

// One by one: `import { onExecutePostLogin }` finds only the names that are written like this.
exports.onExecutePostLogin = handler(0);
exports.onExecutePostUserRegistration = handler(1);
exports.onExecutePreUserRegistration = handler(2);
exports.onExecuteCredentialsExchange = handler(3);
exports.onExecutePostChangePassword = handler(4);
exports.onExecuteEventStream = handler(5);
