// The command behind `npm run playground`: builds the page and serves it on this machine alone.
//
//   npm run playground -- --port 4180     another port
//   npm run playground -- --dev           Vite's own server, for work on the page

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, FLAG, TEXT, whole } from '../tools/cli.mjs';
import { withPackages } from '../tools/develop/packages.mjs';

const usage = `usage: npm run playground [-- --port N] [--dev]

Serves the playground on this machine: the pasted file runs in a page, against stand-ins in that page.

  --port N   the port (4179, or the next one that is free)
  --dev      Vite's development server: the page follows every change to its sources

exit codes: 0 stopped, 2 the arguments are wrong or a package is missing
`;

const configFile = path.join(path.dirname(fileURLToPath(import.meta.url)), 'vite.config.mjs');

/**
 * Builds the page and serves it.
 * @param {{ port?: number, dev?: boolean, logLevel?: 'info' | 'warn' | 'error', outDir?: string }} [options] `outDir`: where the built
 *   page goes
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ port = 4179, dev = false, logLevel = 'warn', outDir } = {}) {
  const vite = await import('vite');
  const at = { port, host: '127.0.0.1' };
  if (dev) {
    const server = await vite.createServer({ configFile, logLevel, server: at });
    await server.listen();
    return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
  }
  const build = outDir === undefined ? {} : { outDir };
  await vite.build({ configFile, logLevel, build });
  const server = await vite.preview({ configFile, logLevel, preview: at, build });
  return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
}

await command(
  import.meta.url,
  { usage, options: { port: TEXT, dev: FLAG } },
  async ({ port = '4179', dev = false }) => {
    const at = whole('port', port, 1, 65_535);
    const { url } = await withPackages(() => serve({ port: at, dev }));
    console.log(`the playground is at ${url} (Ctrl+C ends it)`);
  },
);
