// bench/: the paste beside what people paste today, each contender in processes of its own.
//
//   npm run bench                  all of it, a few minutes; writes BENCHMARKS.md
//   npm run bench -- --short       to see that it works; writes nothing
//
// axios.js and fetch.js make the same call as the paste; bare.js is the floor, node:https and nothing around it. The
// other system is on loopback in a process of its own, without TLS: the handshake costs everyone the same and would
// hide what differs. The paste's config is Cleeng without `reuse`, so that every login calls.

import { execFile, fork } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { isCommand, report, root } from '../tools/cli.mjs';
import { PASTE, withConfig } from '../tools/paste.mjs';
import { setup } from '../tools/setup.mjs';
import { fakeEvent } from '../tools/simulate/event.mjs';

const CHILD = path.join(root, 'bench', 'child.mjs');
const CONTENDERS = ['paste', 'axios', 'fetch', 'bare'];

/** @typedef {{ cold: number, cpu: number, rate: number, ms: number, rss: number }} Result */

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/**
 * The other system, for as long as `use` runs.
 * @template T
 * @param {Record<string, string>} env
 * @param {(origin: string) => Promise<T>} use
 */
async function withServer(env, use) {
  const server = fork(path.join(root, 'bench', 'server.mjs'), { env: { ...process.env, ...env } });
  try {
    const { port } = await new Promise((resolve) => server.once('message', resolve));
    return await use(`localhost:${port}`);
  } finally {
    server.kill();
  }
}

/**
 * One contender, once.
 * @param {string} node
 * @param {string} file
 * @param {string} url
 * @param {{ logins?: number, inFlight?: number, event?: object }} [load]
 * @returns {Promise<Result>}
 */
async function once(node, file, url, { logins = 0, inFlight = 1, event = fakeEvent('post-login') } = {}) {
  const env = { ...process.env, BENCH_PLAIN: '1', BENCH_URL: url, BENCH_EVENT: JSON.stringify(event) };
  const { stdout } = await promisify(execFile)(node, [CHILD, file, String(logins), String(inFlight)], { env });
  return JSON.parse(stdout);
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {object} config
 */
async function paste(folder, name, config) {
  const file = path.join(folder, `${name}.js`);
  await writeFile(file, withConfig(await readFile(PASTE, 'utf8'), config));
  return file;
}

/** @param {string} origin @param {number} count systems, all of them the same */
const systems = (origin, count) => ({
  syncs: Array.from({ length: count }, (_, i) => ({
    use: 'cleeng',
    name: `system-${i}`,
    reuse: false,
    request: { url: `https://${origin}/${i}` },
    response: { idToken: { cleeng_access_token: null, [`token_${i}`]: 'accessToken' } },
  })),
});

/**
 * The contenders side by side.
 * @param {string} folder
 * @param {string} node
 * @param {{ cold: number, warm: number, logins: number }} times
 */
async function contenders(folder, node, times) {
  return withServer({}, async (origin) => {
    const files = Object.fromEntries(CONTENDERS.map((name) => [name, path.join(root, 'bench', 'actions', `${name}.js`)]));
    files.paste = await paste(folder, 'paste', systems(origin, 1));
    /** @type {Record<string, Result[]>} */
    const colds = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
    /** @type {Record<string, Result[]>} */
    const warms = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
    // In turns, so that what else the machine does meets all of them.
    for (let i = 0; i < Math.max(times.cold, times.warm); i++) {
      for (const name of CONTENDERS) {
        // axios and fetch bring their own way to http; the others ask for node:https and are given node:http.
        const url = `${name === 'paste' || name === 'bare' ? 'https' : 'http'}://${origin}/hooks/v1/auth0/actions/token`;
        if (i < times.cold) colds[name]?.push(await once(node, files[name] ?? '', url));
        if (i < times.warm) warms[name]?.push(await once(node, files[name] ?? '', url, { logins: times.logins }));
      }
    }
    return CONTENDERS.map((name) => ({
      name,
      cold: median((colds[name] ?? []).map(({ cold }) => cold)),
      cpu: median((warms[name] ?? []).map(({ cpu }) => cpu)),
      rss: median((warms[name] ?? []).map(({ rss }) => rss)) / 1e6,
    }));
  });
}

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** @param {number} value @param {number} [digits] */
const round = (value, digits = 0) => value.toFixed(digits);

/**
 * Everything that is measured, as Markdown.
 * @param {{ short: boolean, say: (text: string) => void }} options
 */
async function measure({ short, say }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-bench-'));
  const { node } = await setup({ need: short ? [] : ['packages', 'node-22'], say });
  const times = short ? { cold: 1, warm: 1, logins: 100 } : { cold: 15, warm: 5, logins: 2_000 };
  const parts = [];
  try {
    for (const program of short ? [process.execPath] : [...new Set([process.execPath, node[22] ?? process.execPath])]) {
      const { stdout: version } = await promisify(execFile)(program, ['--version']);
      const results = await contenders(folder, program, times);
      const of = (/** @type {string} */ name) => results.find((result) => result.name === name) ?? results[0];
      const [axios, bare] = [of('axios'), of('bare')];
      const rows = results.map(({ name, cold, cpu, rss }) => [
        name,
        round(cold, 1),
        round(cold / (axios?.cold ?? NaN), 2),
        round(cpu),
        round(cpu / (axios?.cpu ?? NaN), 2),
        round(cpu / (bare?.cpu ?? NaN), 2),
        round(rss),
        round(rss / (axios?.rss ?? NaN), 2),
      ]);
      const head = ['', 'cold start, ms', '÷ axios', 'CPU of a warm login, µs', '÷ axios', '÷ bare', 'memory after 2,500 logins, MB', '÷ axios'];
      parts.push(`## Side by side, Node ${version.trim()}\n`, table(head, rows));
      say(parts.slice(-2).join('\n'));
    }
    const side = await withServer({ BENCH_DELAY: '50' }, async (origin) => {
      const rows = [];
      for (const count of [1, 2, 3]) {
        const file = await paste(folder, `side-${count}`, systems(origin, count));
        const { ms } = await once(process.execPath, file, '', { logins: short ? 5 : 50 });
        rows.push([count, round(ms, 1)]);
      }
      return rows;
    });
    parts.push('## Systems in one login, each answering after 50 ms\n', table(['systems', 'a login, ms'], side));
    const flights = await withServer({}, async (origin) => {
      const file = await paste(folder, 'flights', systems(origin, 1));
      const rows = [];
      for (const inFlight of [1, 10, 100, 1000]) {
        const row = [inFlight];
        for (const name of ['paste', 'axios', 'bare']) {
          const action = name === 'paste' ? file : path.join(root, 'bench', 'actions', `${name}.js`);
          const url = `${name === 'axios' ? 'http' : 'https'}://${origin}/hooks/v1/auth0/actions/token`;
          const { rate } = await once(process.execPath, action, url, { logins: short ? 100 : 5_000, inFlight });
          row.push(Math.round(rate));
        }
        rows.push(row);
      }
      return rows;
    });
    parts.push('## Logins per second of one instance\n', table(['in flight', 'paste', 'axios', 'bare'], flights));
    say(parts.slice(-4).join('\n'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const machine = `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} cores, ${os.type()}`;
  return `# Benchmarks\n\nBy \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, ${machine}. Medians.\n\n${parts.join('\n')}`;
}

async function main() {
  const { short = false } = parseArgs({ options: { short: { type: 'boolean' } } }).values;
  const text = await measure({ short, say: console.log });
  if (!short) await writeFile(path.join(root, 'BENCHMARKS.md'), text);
}

if (isCommand(import.meta.url)) await main().catch(report);
