// bench/: the paste beside what people paste today, each contender in processes of its own.
//
// axios.js and fetch.js make the same call as the paste; bare.js is the floor, node:https and nothing around it. The
// paste's config is Cleeng without `reuse`, so that every login calls.

import { actionFile, median, once, pasteFile, round, systems, table, withServer, withTls } from './runs.mjs';

/** @typedef {import('./runs.mjs').Result} Result */

const CONTENDERS = ['paste', 'axios', 'fetch', 'bare'];
const PATH = '/hooks/v1/auth0/actions/token';

/** axios and fetch bring their own way to http; the others ask for node:https and are given node:http. @param {string} name */
const scheme = (name) => (name === 'paste' || name === 'bare' ? 'https' : 'http');

/**
 * @template T
 * @param {(name: string) => Promise<T>} each
 */
async function byName(each) {
  /** @type {Record<string, T>} */
  const results = {};
  for (const name of CONTENDERS) results[name] = await each(name);
  return results;
}

/**
 * Every contender so many times, in turns, so that what else the machine does meets all of them.
 * @param {number} times
 * @param {(name: string) => Promise<Result>} run
 */
async function inTurns(times, run) {
  /** @type {Record<string, Result[]>} */
  const results = await byName(async () => []);
  for (let i = 0; i < times; i++) for (const name of CONTENDERS) results[name]?.push(await run(name));
  return results;
}

/** @param {string} folder @param {string} node @param {number} times */
export async function coldStarts(folder, node, times) {
  const tls = await withTls(folder);
  const rows = [];
  for (const [way, host, secure] of /** @type {[string, string, boolean][]} */ ([
    ['http, by address', '127.0.0.1', false],
    ['http, by name', 'localhost', false],
    ['https, by name', 'localhost', true],
  ])) {
    rows.push(
      await withServer(secure ? tls.server : {}, async (port) => {
        const file = await pasteFile(folder, 'cold', systems(`${host}:${port}`));
        const results = await inTurns(times, (name) =>
          once(node, name === 'paste' ? file : actionFile(name), {
            url: `${secure ? 'https' : scheme(name)}://${host}:${port}${PATH}`,
            ...(secure ? tls.client : {}),
          }),
        );
        const ms = (/** @type {string} */ name) => median((results[name] ?? []).map(({ cold }) => cold));
        const ratios = [ms('paste') / ms('axios'), ms('bare') / ms('axios')];
        return [way, ...CONTENDERS.map((name) => round(ms(name), 1)), ...ratios.map((ratio) => round(ratio, 2))];
      }),
    );
  }
  return table(['the other system', ...CONTENDERS.map((name) => `${name}, ms`), 'paste ÷ axios', 'bare ÷ axios'], rows);
}

/** @param {string} folder @param {string} node @param {{ times: number, logins: number }} load */
export async function warmLogins(folder, node, { times, logins }) {
  return withServer({}, async (port) => {
    const file = await pasteFile(folder, 'warm', systems(`localhost:${port}`));
    const results = await inTurns(times, (name) =>
      once(node, name === 'paste' ? file : actionFile(name), { url: `${scheme(name)}://localhost:${port}${PATH}`, logins }),
    );
    const of = (/** @type {string} */ name, /** @type {'cpu' | 'rss'} */ what) => median((results[name] ?? []).map((result) => result[what]));
    const rows = CONTENDERS.map((name) => [
      name,
      round(of(name, 'cpu')),
      round(of(name, 'cpu') / of('axios', 'cpu'), 2),
      round(of(name, 'cpu') / of('bare', 'cpu'), 2),
      round(of(name, 'rss') / 1e6),
      round(of(name, 'rss') / of('axios', 'rss'), 2),
    ]);
    const head = ['', 'CPU of a login, µs', '÷ axios', '÷ bare', `memory after ${after(logins)} logins, MB`, '÷ axios'];
    return table(head, rows);
  });
}

/** How many logins there have been after so many that were measured. @param {number} logins */
const after = (logins) => (logins + Number(process.env.BENCH_WARM)).toLocaleString('en');

/** Linear memory over many logins: what it has when it is warm it has in the end. @param {string} folder @param {number} logins */
export async function linearMemory(folder, logins) {
  return withServer({}, async (port) => {
    const file = await pasteFile(folder, 'linear', systems(`localhost:${port}`));
    const { linear } = await once(process.execPath, file, { logins, inFlight: 10 });
    const [warm, end] = linear.map((bytes) => `${(bytes / 1024).toLocaleString('en')} KiB`);
    return `The wasm's memory: ${warm} after ${after(0)} logins, ${end} after ${after(logins)}.\n`;
  });
}

/** @param {string} folder @param {number} logins */
export async function sideBySide(folder, logins) {
  return withServer({ BENCH_DELAY: '50' }, async (port) => {
    const rows = [];
    let first = NaN;
    for (const count of [1, 2, 3]) {
      const file = await pasteFile(folder, `side-${count}`, systems(`localhost:${port}`, count));
      const { ms } = await once(process.execPath, file, { logins, env: { BENCH_WARM: '20' } });
      if (count === 1) first = ms;
      rows.push([count, round(ms, 1), round(ms / first, 2)]);
    }
    return table(['systems', 'a login, ms', '÷ one'], rows);
  });
}

/** @param {string} folder @param {number} logins */
export async function throughput(folder, logins) {
  const names = CONTENDERS.filter((name) => name !== 'fetch');
  return withServer({}, async (port) => {
    const file = await pasteFile(folder, 'flights', systems(`localhost:${port}`));
    const rows = [];
    for (const inFlight of [1, 10, 100, 1000]) {
      /** @type {(string | number)[]} */
      const row = [inFlight.toLocaleString('en')];
      for (const name of names) {
        const action = name === 'paste' ? file : actionFile(name);
        const { rate } = await once(process.execPath, action, { url: `${scheme(name)}://localhost:${port}${PATH}`, logins, inFlight });
        row.push(Math.round(rate).toLocaleString('en'));
      }
      rows.push(row);
    }
    return table(['in flight', ...names], rows);
  });
}
