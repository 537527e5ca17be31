// The playground's build. The tools of this project run in the page as they are; this file says what stands there for
// Node's modules and for those of the local tenant that no page can have: a wire, a `vm` context, asynchronous contexts.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);

/** Node's modules that the tools ask for, as far as a page needs them. @type {Record<string, string>} */
const NODE = {
  child_process: 'absent.js',
  crypto: 'crypto.js',
  fs: 'fs.js',
  'fs/promises': 'fs.js',
  module: 'loader.js',
  net: 'net.js',
  path: 'path.js',
  url: 'url.js',
  util: 'absent.js',
  vm: 'loader.js',
  zlib: 'zlib.js',
};

/** The local tenant's modules that are another thing in a page. @type {Record<string, string>} */
const TENANT = { 'tenant.mjs': 'tenant.js', 'host.mjs': 'tenant.js', 'redirect.mjs': 'tenant.js', 'context.mjs': 'text.js', 'redact.mjs': 'redact.js' };

/** Packages that only the build of pkg/ asks for, and their place-holder. @type {Record<string, string>} */
const BUILD_ONLY = { 'json-schema-to-typescript': 'absent.js' };

/** @returns {import('vite').Plugin} */
const standing = () => ({
  name: 'stand-ins-for-node',
  enforce: 'pre',
  resolveId(id, importer = '') {
    if (id.startsWith('node:')) {
      const file = NODE[id.slice(5)];
      if (file) return path.join(here, 'node', file);
      this.error(`the page has no \`${id}\`, which ${path.relative(root, importer)} asks for: add it to playground/node/, or part that module`);
    }
    if (BUILD_ONLY[id]) return path.join(here, 'node', BUILD_ONLY[id]);
    const file = TENANT[path.basename(id)];
    if (path.dirname(importer) === path.join(root, 'tools', 'tenant') && id.startsWith('./') && file) return path.join(here, 'tenant', file);
  },
  // A type around a module's name hides the module from Vite.
  transform: (code) => (code.includes("import(/** @type {string} */ (") ? code.replaceAll(/import\(\/\*\* @type \{string\} \*\/ \(('[^']+')\)\)/g, 'import($1)') : undefined),
});

/** No connection but the page's own files: what is typed into it cannot leave, whatever the code does. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'", // the paste is a text, and is run as one
  "style-src 'self' 'unsafe-inline'", // the editor writes its styles into the page
  "img-src 'self' data:",
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

export default defineConfig(({ command }) => ({
  root: here,
  base: './',
  // Nothing of the developer's environment may get into the page.
  envPrefix: 'NOTHING_',
  plugins: [
    standing(),
    {
      name: 'content-policy',
      // In development Vite's own client needs a connection to Vite.
      transformIndexHtml: (html) =>
        command === 'build' ? html.replace('<head>', `<head>\n    <meta http-equiv="content-security-policy" content="${POLICY}">`) : html,
    },
  ],
  server: { fs: { allow: [root] } },
  build: {
    outDir: path.join(root, 'target', 'playground'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
  },
}));
