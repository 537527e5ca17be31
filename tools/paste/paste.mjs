// tools/paste/: the pasted file as a text. This file knows its parts and their order; building the parts is build.mjs's.
//
// From top to bottom: what it is, the config between two marks, the part of the shim that is not packed, and all the rest as
// one long line: the other JavaScript, then the wasm. Another config is put between the marks, so a paste is all that is needed
// to make another.
//
// There are two kinds. The editable one has an engine that reads whatever config it finds. A sealed one has an engine without a
// reader: it knows one config (seal.mjs), and the one between the marks is for people to read.

import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { UserError } from '../error.mjs';
import { fromBase91, toBase91 } from './base91.mjs';

/** Auth0 takes 100 kB and does not say which; a config and some lines of the user's own must find room. */
export const MOST_BYTES = 96_000;
/** The same of a sealed one, with the config of examples/several-systems. */
export const MOST_SEALED_BYTES = 78_000;

const BEGIN = '// ---- The config: edit from here ... ----\n';
const BEGIN_SEALED = '// ---- The config, for people to read: once it is edited here, every login is denied. ----\n';
const END = '// ---- ... to here. Below is the program. ----\n';
const OUTSIDE = '// What of js-shim/ is not packed, minified: read it there.\n';
/** A function, so that nothing in it meets a name of the user's. */
const [OPEN, CLOSE] = ['(() => {\n', '})();\n'];
const PACKED = '// The rest of js-shim/, and src/ as WebAssembly: brotli, base91. `npm run unpack` shows it.\n';
/** In what is packed. */
const GLUE = '// Written by wasm-bindgen.\n';

/** @typedef {{ shim: string, glue: string, wasm: Uint8Array }} Inside what is packed */
/**
 * @param {{ version: string, outside: string } & Inside} parts
 * @param {{ sealed?: boolean }} [kind]
 */
export function assemble({ version, outside, shim, glue, wasm }, { sealed = false } = {}) {
  const use = sealed
    ? `// This file is sealed: \`login-sync bundle\` has read the config for it, and nothing in here can read another one. To change the
// config, change your file of it and bundle again; \`--editable\` makes a file whose config can be edited in Auth0.`
    : `// With the empty config below, every system whose secrets are all set is on: add CLEENG_CLIENT_SECRET for Cleeng,
// USERHUB_API_KEY and USERHUB_CONNECTION_ID for UserHub, OKTA_WORKFLOWS_URL for Okta Workflows. Then deploy.`;
  const head = `// login-sync ${version}: an Auth0 Action for six flows, docs/flows.md.
// At each login it tells your other systems who the user is and brings their tokens and ids back as claims.
//
// Source, documentation, licence (MIT): https://github.com/login-sync/login-sync
// Software of others in it: pkg/THIRD-PARTY-LICENSES.txt there.
//
${use}
'use strict';

`;
  const inside = { shim, glue: `${GLUE}${glue}`, wasm };
  const paste = `${head}${sealed ? BEGIN_SEALED : BEGIN}const config = {};\n${END}\n${closed(outside)}${packedLine(inside, sealed)}`;
  if (/[^\n\x20-\x7e]/.test(paste + shim + glue))
    throw new UserError('the paste is not plain ascii: look into js-shim/');
  return paste;
}

/** @param {string} outside */
const closed = (outside) => `${OUTSIDE}${OPEN}${outside}${CLOSE}\n`;

/** As it was built: an editor on Windows may have saved it. @param {string} paste */
const withLineFeeds = (paste) => paste.replace(/\r\n?/g, '\n');

/** Whether a paste knows one config only. @param {string} paste */
export const isSealed = (paste) => withLineFeeds(paste).includes(`\n${BEGIN_SEALED}`);

/** @param {Inside} inside */
export function pack({ shim, glue, wasm }) {
  // A wasm begins with a byte 0, and the JavaScript has none.
  const bytes = Buffer.concat([Buffer.from(`${shim}${glue}`), wasm]);
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return zlib.brotliCompressSync(bytes, {
    params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 22, [BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

/**
 * A paste cut into its parts, which together are the paste.
 * @param {string} paste
 */
export function split(paste) {
  let rest = withLineFeeds(paste);
  if (rest.includes(`\n${GLUE}`))
    throw new UserError('this paste is of an earlier version of login-sync: take the pkg/login-sync.js of this one');
  const [head, config, outside] = [isSealed(paste) ? BEGIN_SEALED : BEGIN, END, PACKED].map((mark) => {
    const at = rest.indexOf(mark);
    if (at < 0)
      throw new UserError(
        'this is no paste of login-sync, or its marks are gone: take pkg/login-sync.js as it was built',
      );
    const part = rest.slice(0, at);
    rest = rest.slice(at);
    return part;
  });
  return { head, config, outside, packed: rest };
}

/**
 * The JavaScript of the config that is in a paste of any version; undefined where the file is none.
 * @param {string} file
 */
export function configIn(file) {
  const text = withLineFeeds(file);
  const [, config] =
    [BEGIN, BEGIN_SEALED].map((mark) => text.split(`\n${mark}`)).find((parts) => parts.length > 1) ?? [];
  return config?.includes(`\n${END}`) ? config.slice(0, config.indexOf(`\n${END}`)) : undefined;
}

/**
 * What is packed in a paste.
 * @param {string} paste
 * @returns {Inside}
 */
export function unpack(paste) {
  const bytes = unpacked(packedIn(paste).text);
  const end = bytes.indexOf(0);
  const script = bytes.toString('latin1', 0, end);
  const glue = script.lastIndexOf(GLUE);
  return { shim: script.slice(0, glue), glue: script.slice(glue), wasm: bytes.subarray(end) };
}

/** What is packed is right behind its mark, or it may be another text that runs. */
const LINES = /^const PACKED = "([^"\\\n]*)";\n(?:const HOSTS = (\[.*\]);\n)?/;

/**
 * The packed text of a paste, and what is behind it, which runs too: nothing, if no one has put it there.
 * @param {string} paste
 */
export function packedIn(paste) {
  const { packed } = split(paste);
  const [lines, text, hosts = '[]'] = LINES.exec(packed.slice(PACKED.length)) ?? [];
  if (lines === undefined || text === undefined || !isJson(hosts))
    throw changed(new Error('its packed text is not where it must be'));
  return { text, behind: packed.slice(PACKED.length + lines.length) };
}

/** @param {string} text */
function isJson(text) {
  try {
    return Boolean(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The most that is unpacked: many times what there is. */
const MOST_UNPACKED = 16 * 1024 * 1024;

/** @param {string} text */
function unpacked(text) {
  try {
    return zlib.brotliDecompressSync(fromBase91(text), { maxOutputLength: MOST_UNPACKED });
  } catch (error) {
    throw changed(error);
  }
}

/** @param {unknown} error */
const changed = (error) =>
  new UserError(`this is no paste of login-sync, or it was changed: ${/** @type {Error} */ (error).message}`);

/**
 * The same paste with another config.
 * @param {string} paste
 * @param {unknown} config
 * @param {{ compact?: boolean }} [options] `compact`: the config on one line
 */
export function withConfig(paste, config, { compact = false } = {}) {
  const { head, outside, packed } = split(paste);
  const text = `${isSealed(paste) ? BEGIN_SEALED : BEGIN}const config = ${asciiJson(config, compact ? 0 : 2)};\n`;
  return [head, text, outside, packed].join('');
}

/**
 * The same paste with other things packed, or around them.
 * @param {string} paste
 * @param {Partial<Inside> & { outside?: string }} changes
 * @param {unknown[]} [hosts] of a sealed one: hosts.mjs
 */
export function repack(paste, { outside, ...changes }, hosts) {
  const { head, config, outside: own } = split(paste);
  const around = outside === undefined ? own : `${END}\n${closed(outside)}`;
  return [head, config, around, packedLine({ ...unpack(paste), ...changes }, isSealed(paste), hosts)].join('');
}

/** @param {Inside} inside @param {boolean} sealed @param {unknown[]} [hosts] */
const packedLine = (inside, sealed, hosts = []) =>
  `${PACKED}const PACKED = "${toBase91(pack(inside))}";\n${sealed ? `const HOSTS = ${asciiJson(hosts)};\n` : ''}`;

/** @param {unknown} value @param {number} [indent] */
const asciiJson = (value, indent) =>
  JSON.stringify(value, null, indent).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** @typedef {{ path: string, message: string, caret?: string | null }} Problem */
/**
 * @typedef {object} Engine the class that the paste holds inside (src/wasm.rs)
 * @property {() => Problem[]} problems
 * @property {() => Record<string, any>[]} syncs
 * @property {() => void} free
 *
 * @typedef {{ new (config: unknown, secrets?: object): Engine, read(config: unknown): void }} EngineClass
 */

/** What the engine asks of Node. It has no network here. @type {Record<string, unknown>} */
const MODULES = { crypto, zlib };
/** @param {string} name */
const requireInside = (name) => MODULES[name.replace(/^node:/, '')];

// The tools' types are Node's, which leave this out.
const { WebAssembly } = /** @type {any} */ (globalThis);

/**
 * The engine inside a paste, on an instance of its own.
 * @param {string} paste
 * @param {{ wasm?: Uint8Array, Instance?: unknown }} [other] another wasm than the paste's, another `WebAssembly.Instance`
 */
export function loadEngine(paste, { wasm, Instance = WebAssembly.Instance } = {}) {
  try {
    const { shim, glue, wasm: own } = unpack(paste);
    const compiled = new WebAssembly.Module(wasm ?? own);
    const { outside } = split(paste);
    const around = outside.slice(outside.indexOf(OPEN) + OPEN.length, outside.lastIndexOf(CLOSE));
    const script = `${around}${shim}${glue}\nreturn makeGlue(wasmModule).Engine;`;
    const load = new Function('exports', 'require', 'WebAssembly', 'wasmModule', script);
    return /** @type {EngineClass} */ (load({}, requireInside, { Instance }, compiled));
  } catch (error) {
    // It says by itself that this is no paste.
    if (error instanceof UserError) throw error;
    throw changed(error);
  }
}

/**
 * The engine inside a paste, asked about configs. Nothing is sent and no login runs.
 * @param {string} paste
 */
export function openEngine(paste) {
  const Engine = loadEngine(paste);

  /**
   * @template T
   * @param {unknown} config
   * @param {Record<string, string> | undefined} secrets
   * @param {(engine: Engine) => T} question
   */
  const ask = (config, secrets, question) => {
    Engine.read(config);
    const engine = new Engine(config, secrets);
    const answer = question(engine);
    engine.free();
    return answer;
  };
  return {
    /**
     * What is wrong with a config; empty when nothing is. Without secrets, missing ones are not a problem.
     * @param {unknown} config
     * @param {Record<string, string>} [secrets]
     */
    problems: (config, secrets) => ask(config, secrets, (engine) => engine.problems()),

    /**
     * The syncs of a config without problems as they are, each laid over its preset.
     * @param {unknown} config
     */
    syncs: (config) => ask(config, undefined, (engine) => engine.syncs()),
  };
}

/**
 * What is wrong with a config, as the engine in the paste sees it; empty when nothing is.
 * @param {string} paste
 * @param {unknown} config
 * @param {Record<string, string>} [secrets] without them, missing secrets are not a problem
 */
export function problems(paste, config, secrets) {
  return openEngine(paste).problems(config, secrets);
}
