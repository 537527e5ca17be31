// The playground's build. The tools of this project run in the page as they are; `node/` has the few modules of Node that
// they ask for.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);

/** Where the tools come to need more of Node, the build says which file does. @returns {import('vite').Plugin} */
const noMoreOfNode = () => ({
  name: 'no-more-of-node',
  enforce: 'pre',
  resolveId(id, importer = '') {
    if (id.startsWith('node:'))
      this.error(
        `the page has no \`${id}\`, which ${path.relative(root, importer)} asks for: add it to playground/node/, or split that module`,
      );
  },
});

/** No connection but the page's own files: what is typed into it cannot leave, whatever the code does. */
const POLICY = [
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
  resolve: {
    alias: [
      {
        find: /^node:(async_hooks|crypto|module|net|process|util|vm|zlib)$/,
        replacement: path.join(here, 'node', '$1.js'),
      },
    ],
  },
  plugins: [
    noMoreOfNode(),
    {
      name: 'content-policy',
      // In development Vite's own client needs a connection to Vite.
      transformIndexHtml: (html) =>
        command === 'build'
          ? html.replace('<head>', `<head>\n    <meta http-equiv="content-security-policy" content="${POLICY}">`)
          : html,
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
