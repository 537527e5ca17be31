// tools/paste/: the pasted file as a text. This file knows its parts and their order; building the parts is build.mjs's.
//
// From top to bottom: what it is, the config between two marks, the shim, the glue, the wasm as one long line. Another
// config is put between the marks, so a paste is all that is needed to make another.
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
const GLUE = '// Written by wasm-bindgen.\n';
const WASM = '// src/ as WebAssembly: brotli, base91.\n';

/**
 * @param {{ version: string, shim: string, glue: string, wasm: Uint8Array }} parts
 * @param {{ sealed?: boolean }} [kind]
 */
export function assemble({ version, shim, glue, wasm }, { sealed = false } = {}) {
  const use = sealed
    ? `// This file is sealed: \`npm run bundle\` has read the config for it, and nothing in here can read another one. To change the
// config, change your file of it and bundle again; \`--editable\` makes a file whose config can be edited in Auth0.`
    : `// With the empty config below, every system whose secrets are all set is on: add CLEENG_CLIENT_SECRET for Cleeng,
// USERHUB_API_KEY and USERHUB_CONNECTION_ID for UserHub, OKTA_WORKFLOWS_URL for Okta Workflows. Then deploy.`;
  const head = `// login-sync ${version}: an Auth0 Action for post-login and post-user-registration.
// At each login it tells your other systems who the user is and brings their tokens and ids back as claims.
//
// Source, documentation, licence (MIT): https://github.com/login-sync/login-sync
// Software of others in it: pkg/THIRD-PARTY-LICENSES.txt there.
//
${use}
'use strict';

`;
  const paste = `${head}${sealed ? BEGIN_SEALED : BEGIN}const config = {};\n${END}\n${shim.trim()}\n\n${GLUE}${glue.trim()}\n
${wasmLine(wasm, sealed)}`;
  if (/[^\x00-\x7f]/.test(paste)) throw new UserError('the paste is not plain ascii: look into js-shim/');
  return paste;
}

/** Whether a paste knows one config only. @param {string} paste */
export const isSealed = (paste) => paste.replaceAll('\r\n', '\n').includes(`\n${BEGIN_SEALED}`);

/** @param {Uint8Array} wasm */
export function pack(wasm) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return zlib.brotliCompressSync(wasm, {
    params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 22, [BROTLI_PARAM_SIZE_HINT]: wasm.length },
  });
}

/**
 * A paste cut into its parts, which together are the paste.
 * @param {string} paste
 */
export function split(paste) {
  // An editor on Windows may have saved it.
  let rest = paste.replaceAll('\r\n', '\n');
  const [head, config, shim, glue] = [isSealed(paste) ? BEGIN_SEALED : BEGIN, END, GLUE, WASM].map((mark) => {
    const at = rest.indexOf(mark);
    if (at < 0)
      throw new UserError(
        'this is no paste of login-sync, or its marks are gone: take pkg/login-sync.js as it was built',
      );
    const part = rest.slice(0, at);
    rest = rest.slice(at);
    return part;
  });
  return { head, config, shim, glue, wasm: rest };
}

/**
 * The wasm inside a paste.
 * @param {string} paste
 */
export function unpack(paste) {
  const text = /"([^"]*)"/.exec(split(paste).wasm)?.[1] ?? '';
  return zlib.brotliDecompressSync(fromBase91(text));
}

/**
 * The same paste with another config.
 * @param {string} paste
 * @param {unknown} config
 * @param {{ compact?: boolean }} [options] `compact`: the config on one line
 */
export function withConfig(paste, config, { compact = false } = {}) {
  const { head, shim, glue, wasm } = split(paste);
  const text = `${isSealed(paste) ? BEGIN_SEALED : BEGIN}const config = ${asciiJson(config, compact ? 0 : 2)};\n`;
  return [head, text, shim, glue, wasm].join('');
}

/**
 * The same paste with another wasm.
 * @param {string} paste
 * @param {Uint8Array} wasm
 * @param {unknown[]} [hosts] of a sealed one: hosts.mjs
 */
export function withWasm(paste, wasm, hosts) {
  const { head, config, shim, glue } = split(paste);
  return [head, config, shim, glue, wasmLine(wasm, isSealed(paste), hosts)].join('');
}

/** @param {Uint8Array} wasm @param {boolean} sealed @param {unknown[]} [hosts] */
const wasmLine = (wasm, sealed, hosts = []) =>
  `${WASM}const WASM = "${toBase91(pack(wasm))}";\n${sealed ? `const HOSTS = ${asciiJson(hosts)};\n` : ''}`;

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
 * @typedef {{ new (config: unknown, secrets?: object): Engine, read?(config: unknown): void }} EngineClass
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
  const inside = `${paste}\nmodule.exports.Engine = makeGlue(wasmModule).Engine;`;
  /** @type {{ exports: { Engine?: EngineClass } }} */
  const module = { exports: {} };
  try {
    const compiled = new WebAssembly.Module(wasm ?? unpack(paste));
    const load = new Function('module', 'exports', 'require', 'WebAssembly', 'wasmModule', inside);
    load(module, module.exports, requireInside, { Instance }, compiled);
  } catch (error) {
    // It says by itself that this is no paste.
    if (error instanceof UserError) throw error;
    throw new UserError(`this is no paste of login-sync, or it was changed: ${/** @type {Error} */ (error).message}`);
  }
  const { Engine } = module.exports;
  if (!Engine) throw new UserError('this paste has no engine inside: take pkg/login-sync.js as it was built');
  return Engine;
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
    // One of an earlier version reads when it is made.
    Engine.read?.(config);
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
