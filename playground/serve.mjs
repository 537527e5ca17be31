// The command behind `npm run playground`: builds the page and serves it on this machine alone.
//
//   npm run playground -- --port 4180     another port
//   npm run playground -- --dev           Vite's own server, for work on the page

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UserError, isCommand, report } from '../tools/cli.mjs';

const USAGE = `usage: npm run playground [-- --port N] [--dev]

Serves the playground on this machine: the pasted file runs in a page, against stand-ins in that page.

  --port N   the port (4179, or the next one that is free)
  --dev      Vite's development server: the page follows every change to its sources

exit codes: 0 stopped, 2 the arguments are wrong or a package is missing
`;

const configFile = path.join(path.dirname(fileURLToPath(import.meta.url)), 'vite.config.mjs');

/**
 * Builds the page and serves it.
 * @param {{ port?: number, dev?: boolean, logLevel?: 'info' | 'warn' | 'error' }} [options]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ port = 4179, dev = false, logLevel = 'warn' } = {}) {
  const vite = await import('vite').catch(() => {
    throw new UserError('the packages of the playground are not installed: run `npm ci` first');
  });
  const at = { port, host: '127.0.0.1' };
  if (dev) {
    const server = await vite.createServer({ configFile, logLevel, server: at });
    await server.listen();
    return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
  }
  await vite.build({ configFile, logLevel });
  const server = await vite.preview({ configFile, logLevel, preview: at });
  return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
}

/** @param {string[]} args */
function options(args) {
  try {
    const { values } = parseArgs({ args, options: { port: { type: 'string' }, dev: { type: 'boolean' }, help: { type: 'boolean' } } });
    const port = Number(values.port ?? 4179);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('--port: must be a whole number from 1 to 65535');
    return { port, dev: values.dev ?? false, help: values.help ?? false };
  } catch (error) {
    const message = /** @type {Error} */ (error).message.split('. ')[0] ?? '';
    throw new UserError(`${message.charAt(0).toLowerCase()}${message.slice(1)}; \`--help\` lists the options`);
  }
}

if (isCommand(import.meta.url)) {
  try {
    const { help, ...asked } = options(process.argv.slice(2));
    if (help) process.stdout.write(USAGE);
    else console.log(`the playground is at ${(await serve(asked)).url} (Ctrl+C ends it)`);
  } catch (error) {
    report(error);
    process.exitCode = 2;
  }
}
