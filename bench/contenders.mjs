// bench/: the paste next to what people paste today, each contender in processes of its own.
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
 * A contender's file, and the URL it is given.
 * @param {string} name
 * @param {string} paste the file of the paste
 * @param {string} origin
 * @param {boolean} [secure]
 * @returns {[file: string, url: string]}
 */
const contender = (name, paste, origin, secure = false) => [
  name === 'paste' ? paste : actionFile(name),
  `${secure ? 'https' : scheme(name)}://${origin}${PATH}`,
];

/**
 * Every contender so many times, in turns, so that what else the machine does meets all of them. Gives the median of a
 * contender's figure.
 * @param {number} times
 * @param {(name: string) => Promise<Result>} run
 */
async function inTurns(times, run) {
  /** @type {[name: string, result: Result][]} */
  const results = [];
  for (let i = 0; i < times; i++) for (const name of CONTENDERS) results.push([name, await run(name)]);
  return (/** @type {string} */ of, /** @type {'cold' | 'cpu' | 'rss'} */ what) =>
    median(results.filter(([name]) => name === of).map(([, result]) => result[what]));
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
        const origin = `${host}:${port}`;
        const paste = await pasteFile(folder, 'cold', systems(origin));
        const of = await inTurns(times, (name) => {
          const [file, url] = contender(name, paste, origin, secure);
          return once(node, file, { url, ...(secure ? tls.client : {}) });
        });
        const ratios = ['paste', 'bare'].map((name) => of(name, 'cold') / of('axios', 'cold'));
        return [
          way,
          ...CONTENDERS.map((name) => round(of(name, 'cold'), 1)),
          ...ratios.map((ratio) => round(ratio, 2)),
        ];
      }),
    );
  }
  return table(['the other system', ...CONTENDERS.map((name) => `${name}, ms`), 'paste ÷ axios', 'bare ÷ axios'], rows);
}

/** @param {string} folder @param {string} node @param {{ times: number, logins: number }} load */
export async function warmLogins(folder, node, { times, logins }) {
  return withServer({}, async (port) => {
    const origin = `localhost:${port}`;
    const paste = await pasteFile(folder, 'warm', systems(origin));
    const of = await inTurns(times, (name) => {
      const [file, url] = contender(name, paste, origin);
      return once(node, file, { url, logins });
    });
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
    const origin = `localhost:${port}`;
    const paste = await pasteFile(folder, 'flights', systems(origin));
    const rows = [];
    for (const inFlight of [1, 10, 100, 1000]) {
      /** @type {(string | number)[]} */
      const row = [inFlight.toLocaleString('en')];
      for (const name of names) {
        const [file, url] = contender(name, paste, origin);
        const { rate } = await once(process.execPath, file, { url, logins, inFlight });
        row.push(Math.round(rate).toLocaleString('en'));
      }
      rows.push(row);
    }
    return table(['in flight', ...names], rows);
  });
}
