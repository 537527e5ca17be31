// tools/build/: what a developer runs with Node. This file is for the type check alone: the names that a file of
// js-shim/ finds around it in the paste, where all of them are one script (see paste.mjs).

/** What the admin wrote. */
declare const config: any;
/** To which hosts a sealed paste connects first: `Group` of tools/paste/hosts.mjs. */
declare const HOSTS: any[];
/** The engine: WebAssembly, brotli, base91. */
declare const WASM: string;
/** The reader of base91, base91.wat: WebAssembly, base64. */
declare const BASE91: string;
/** wasm-bindgen's glue, one for each instance of the engine. */
declare function makeGlue(compiled: WebAssembly.Module): {
  Engine: { new (config: unknown, secrets: unknown): any; read(config: unknown): void };
};
/** From transport.js. */
declare function sendRequest(
  head: string,
  body: string | undefined,
  ms: number,
  settle: (status: number, text: string | null, retryAfter?: string, error?: string) => void,
): () => void;
/** From transport.js. */
declare function after(ms: number, work: () => void): () => void;
/** From transport.js. */
declare function onlyOwn(fields: object): any;
/** From cache.js. */
declare function sharedToken(
  cache: any,
  head: string,
  body: string,
  refused: string,
): { known(): string | undefined; keep(text: string | null): void };
/** From host.js. */
declare function hostField(value: unknown, key: string): any;
/** From host.js. */
declare function hostNames(value: unknown): string[];
/** From host.js. */
declare function hostValues(value: unknown): unknown[];
/** From host.js. */
declare function hostParse(text: string, levels: number): any;
/** From host.js. */
declare function hostDate(text: string): number | null;
/** From host.js. */
declare const DEEPEST: number;
/** From action.js. */
declare function uptime(): number;
/** From action.js. */
declare function unpack(): Uint8Array<ArrayBuffer>;
/** From action.js. */
declare let compiled: WebAssembly.Module | undefined;
/** From transport.js. */
declare function poolOf(host: string, port: number): any;
/** From transport.js. */
declare const POLLUTED: string;
/** From host.js. */
declare function hostSecret(secrets: unknown, name: string): string | null;
