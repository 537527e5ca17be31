// bench/: the paste next to what people paste today, each contender in processes of its own.
//
// axios.js and fetch.js make the same call as the paste; bare.js is the floor, node:https and nothing around it, and
// careful.js that with what a login cannot do without. The paste has the preset for Cleeng as it is but for the URL, sealed and editable.

import {
  actionFile,
  chain,
  median,
  once,
  PASTES,
  pasteFile,
  preset,
  round,
  systems,
  table,
  whole,
  withServer,
  withTls,
  withToken,
} from './runs.mjs';

/** @typedef {import('./runs.mjs').Result} Result */
/** @typedef {import('./runs.mjs').How} How */
/** @typedef {{ name: string, file: string, url: string }} Contender */
/** @typedef {'cold' | 'cpu' | 'rate' | 'rss'} Figure */

const [SEALED, EDITABLE] = PASTES;
const CONTENDERS = [SEALED, EDITABLE, 'axios', 'fetch', 'careful', 'bare'];

/** axios and fetch bring their own way to http; the others ask for node:https and are given node:http. @param {string} name */
const scheme = (name) => (name === 'axios' || name === 'fetch' ? 'http' : 'https');

/**
 * All contenders, or those of these names, for a server.
 * @param {string} folder
 * @param {string} host
 * @param {{ secure?: boolean, names?: string[] }} [options]
 * @returns {Promise<Contender[]>}
 */
async function contenders(folder, host, { secure = false, names = CONTENDERS } = {}) {
  const config = { syncs: [preset(`https://${host}/login`)] };
  return Promise.all(
    names.map(async (name) => {
      const kind = PASTES.find((kind) => kind === name);
      const file = kind ? await pasteFile(folder, 'one', kind, config) : actionFile(name);
      return { name, file, url: `${secure ? 'https' : scheme(name)}://${host}/login` };
    }),
  );
}

/**
 * Each of them so many times, in turns, so that what else the machine does meets all of them. Gives the median of a
 * figure.
 * @param {number} times
 * @param {Contender[]} list
 * @param {(contender: Contender) => Promise<Result>} run
 */
async function inTurns(times, list, run) {
  /** @type {[name: string, result: Result][]} */
  const results = [];
  for (let i = 0; i < times; i++) for (const each of list) results.push([each.name, await run(each)]);
  return (/** @type {string} */ of, /** @type {Figure} */ what) =>
    median(results.filter(([name]) => name === of).map(([, result]) => result[what]));
}

/** The other system, and how far away it is. @type {[way: string, host: string, secure: boolean, away: number][]} */
const WAYS = [
  ['http, by address', '127.0.0.1', false, 0],
  ['http, by name', 'localhost', false, 0],
  ['https, by name', 'localhost', true, 0],
  ['https, by name, 40 ms away', 'localhost', true, 40],
];

/** @param {string} folder @param {string} node @param {number} times */
export async function coldStarts(folder, node, times) {
  const tls = await withTls(folder);
  const rows = [];
  for (const [way, host, secure, away] of WAYS) {
    const env = { ...(secure ? tls.server : {}), BENCH_AWAY: String(away) };
    rows.push(
      await withServer(env, async (port) => {
        const list = await contenders(folder, `${host}:${port}`, { secure });
        const of = await inTurns(times, list, ({ file, url }) =>
          once(node, file, { url, ...(secure ? tls.client : {}) }),
        );
        const [sealed, axios, bare] = [SEALED, 'axios', 'bare'].map((name) => of(name, 'cold'));
        const compared = [sealed / axios, bare / axios].map((ratio) => round(ratio, 2));
        return [way, ...CONTENDERS.map((name) => round(of(name, 'cold'), 1)), ...compared, round(sealed - bare, 1)];
      }),
    );
  }
  const head = [...CONTENDERS.map((name) => `${name}, ms`), 'sealed ÷ axios', 'bare ÷ axios', 'sealed − bare, ms'];
  return table(['the other system', ...head], rows);
}

/** @typedef {{ times: number, warmUp: number, logins: number }} Load */

/** How many come back, one after the other, where logins are by users who have been here. */
const RETURNING = 500;

/** @param {string} folder @param {string} node @param {Load} load */
export async function warmLogins(folder, node, { times, warmUp, logins }) {
  const tls = await withTls(folder);
  /** @type {(string | number)[][]} */
  const rows = [];
  /** @type {[who: string, secure: boolean, users: number][]} */
  const kinds = [
    ['new users, http', false, 0],
    ['new users, https', true, 0],
    [`${RETURNING} users who return, http`, false, RETURNING],
  ];
  for (const [who, secure, users] of kinds) {
    await withServer(secure ? tls.server : {}, async (port) => {
      const list = await contenders(folder, `localhost:${port}`, { secure });
      const of = await inTurns(times, list, ({ file, url }) =>
        once(node, file, { url, users, warmUp, logins, ...(secure ? tls.client : {}) }),
      );
      const than = (/** @type {string} */ name, /** @type {string} */ other, /** @type {Figure} */ what) =>
        round(of(name, what) / of(other, what), 2);
      for (const name of CONTENDERS)
        rows.push([
          name === SEALED ? who : '',
          name,
          round(of(name, 'cpu')),
          than(name, 'axios', 'cpu'),
          than(name, 'careful', 'cpu'),
          than(name, 'bare', 'cpu'),
          round(of(name, 'rss') / 1e6),
          than(name, 'axios', 'rss'),
        ]);
    });
  }
  const after = whole(warmUp + logins);
  return table(
    ['', '', 'CPU of a login, µs', '÷ axios', '÷ careful', '÷ bare', `memory after ${after} logins, MB`, '÷ axios'],
    rows,
  );
}

/** Linear memory over many logins: what it has when it is warm it has in the end. @param {string} folder @param {number} warmUp @param {number} logins */
export async function linearMemory(folder, warmUp, logins) {
  return withServer({}, async (port) => {
    const [sealed] = await contenders(folder, `localhost:${port}`, { names: [SEALED] });
    const { linear } = await once(process.execPath, sealed?.file ?? '', { warmUp, logins, inFlight: 10 });
    const [warm, end] = linear.map((bytes) => `${whole(bytes / 1024)} KiB`);
    return `The wasm's memory: ${warm} after ${whole(warmUp)} logins of new users, ${end} after ${whole(warmUp + logins)}.\n`;
  });
}

/** @param {string} folder @param {number} logins */
export async function sideBySide(folder, logins) {
  return withServer({ BENCH_DELAY: '50' }, async (port) => {
    const rows = [];
    let first = NaN;
    for (const count of [1, 2, 3]) {
      const config = { syncs: systems(`https://localhost:${port}`, count) };
      const file = await pasteFile(folder, `side-${count}`, SEALED, config);
      const { ms } = await once(process.execPath, file, { logins, warmUp: Math.min(20, logins) });
      if (count === 1) first = ms;
      rows.push([count, round(ms, 1), round(ms / first, 2)]);
    }
    return table(['systems', 'a login, ms', '÷ one'], rows);
  });
}

/** What a login does by its config, each compared with the bare calls that it takes. @type {[what: string, config: (origin: string) => object, calls: number][]} */
const DOING = [
  ['one system', (origin) => ({ syncs: systems(origin) }), 1],
  ['two, side by side', (origin) => ({ syncs: systems(origin, 2) }), 2],
  ['a chain of two', (origin) => ({ syncs: chain(origin) }), 2],
  ['a token from memory', withToken, 1],
];

/** @param {string} folder @param {Load} load */
export async function features(folder, { times, warmUp, logins }) {
  return withServer({}, async (port) => {
    const origin = `localhost:${port}`;
    const rows = [];
    for (const [i, [what, config, calls]] of DOING.entries()) {
      const bare = { name: 'bare', file: actionFile('bare'), url: `https://${origin}/login` };
      const file = await pasteFile(folder, `doing-${i}`, SEALED, config(`https://${origin}`));
      const list = [{ ...bare, name: SEALED, file }, bare];
      const of = await inTurns(times, list, ({ name, ...each }) =>
        once(process.execPath, each.file, { url: each.url, warmUp, logins, calls: name === 'bare' ? calls : 1 }),
      );
      const [ours, theirs] = [of(SEALED, 'cpu'), of('bare', 'cpu')];
      rows.push([what, round(ours), `${round(theirs)} for ${calls}`, round(ours / theirs, 2)]);
    }
    return table(['', 'sealed, µs', 'bare calls, µs', '÷ bare'], rows);
  });
}

/** @param {string} folder @param {Load} load */
export async function throughput(folder, { times, warmUp, logins }) {
  const names = CONTENDERS.filter((name) => name !== 'fetch');
  return withServer({}, async (port) => {
    const list = await contenders(folder, `localhost:${port}`, { names });
    const rows = [];
    for (const inFlight of [1, 10, 100, 250]) {
      const of = await inTurns(times, list, ({ file, url }) =>
        once(process.execPath, file, { url, warmUp, logins, inFlight }),
      );
      const rates = names.map((name) => whole(of(name, 'rate')));
      const [sealed, bare] = [SEALED, 'bare'].map((name) => of(name, 'rate'));
      const cpu = of('bare', 'cpu') / of(SEALED, 'cpu');
      rows.push([whole(inFlight), ...rates, round(sealed / bare, 2), round(cpu, 2)]);
    }
    return table(['in flight', ...names, 'sealed ÷ bare', 'the same, by CPU'], rows);
  });
}
