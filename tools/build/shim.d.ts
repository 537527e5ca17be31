// tools/build/: for the type check alone: the names that a file of js-shim/ finds around it in the paste, where all of them are
// one script (shim.mjs).

/** What the admin wrote. */
declare const config: any;
/** To which hosts a sealed paste connects first: `Group` of tools/paste/hosts.mjs. */
declare const HOSTS: any[];
/** What is packed: brotli, base91. */
declare const PACKED: string;
/** The reader of base91, base91.wat: WebAssembly, base64. */
declare const BASE91: string;
/** wasm-bindgen's glue, one for each instance of the engine. */
declare function makeGlue(compiled: WebAssembly.Module): {
  Engine: { new (config: unknown, secrets: unknown): any; read(config: unknown): void };
};
/** From unpack.js. */
declare function onlyOwn(fields: object): any;
/** From unpack.js. */
declare const Own: { new (): any };
/** From unpack.js. */
declare function unpack(): Buffer;
/** From unpack.js. */
declare function load(bytes: Buffer): void;
/** From unpack.js. */
declare function outOfOrder(
  api: any,
  flow: number,
  guards: boolean | number,
  told: unknown,
): { line: string; thrown?: string };
/** From unpack.js. */
declare function apology(flow: number): string;
/** From unpack.js. */
declare let program: ((event: any, api: any, flow: number) => Promise<{ line: string; thrown?: string }>) | undefined;
/** From unpack.js. */
declare let compiled: WebAssembly.Module;
/** From early.js. */
declare function after(ms: number, work: () => void): () => void;
/** From early.js. */
declare function uptime(): number;
/** From early.js. */
declare let https: typeof import('node:https');
/** From early.js. */
declare function poolOf(host: string, port: number): any;
/** From early.js. */
declare const POLLUTED: string[];
/** From early.js. */
declare const hasOwn: typeof Object.prototype.hasOwnProperty;
/** From early.js. */
declare function hostField(value: unknown, key: string): any;
/** From early.js. */
declare function hostSecret(secrets: unknown, name: string): string | null;
/** From transport.js. */
declare function sendRequest(
  head: string,
  body: string | undefined,
  ms: number,
  settle: (status: number, text: string | null, retryAfter?: string, error?: string) => void,
): () => void;
/** From cache.js. */
declare function sharedToken(
  cache: any,
  head: string,
  body: string,
  refused: string,
): { known(): string | undefined; keep(text: string | null): void };
/** From metrics.js. */
declare function countLogin(line: string, ends: string[]): void;
/** From metrics.js. */
declare function sendMetrics(head: string, ms: number): void;
/** From host.js. */
declare function hostNames(value: unknown): string[];
/** From host.js. */
declare function hostValues(value: unknown): unknown[];
/** From host.js. */
declare function hostParse(text: string, levels: number): any;
/** From host.js. */
declare function hostDigest(text: string, key: string | undefined, how: string): string | null;
/** From host.js. */
declare function hostDate(text: string): number | null;
/** From host.js. */
declare const DEEPEST: number;
