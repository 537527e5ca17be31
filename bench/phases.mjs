// bench/: where a cold start goes. The shims of both pastes and bare.js get marks between their steps.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../tools/error.mjs';
import { actionFile, median, once, PASTES, pasteFile, preset, round, table, withServer } from './runs.mjs';

// A mark is where the step of its name has ended; it passes on what it is given.
const LOAD = 'load the file: read, parse, run';
const HTTPS = 'require node:https';
const REQUEST = 'https.request, until it is handed over';
const ANSWER = 'wait for the whole answer';
const CLAIMS = 'read the answer, set the claims';
const PASTE = {
  'new WebAssembly.Module(bytes.subarray(end))': "mark('compile', new WebAssembly.Module(bytes.subarray(end)))",
  'evaluate(bytes.toString("latin1", 0, end));':
    'evaluate(bytes.toString("latin1", 0, end)); mark("run the packed JavaScript");',
  '= makeGlue(compiled);': "= mark('instantiate', makeGlue(compiled));",
  'current = { engine': "mark('read the config'); current = { engine",
  'const [method, host,': "mark('read the event, build the request; require node:crypto'); const [method, host,",
  'https ??= require("node:https");': `https ??= mark('${HTTPS}', require("node:https"));`,
  'request.end(body);': `request.end(body); mark('${REQUEST}');`,
  'answer.on("end", () => end(': `answer.on("end", () => mark('${ANSWER}') || end(`,
  'this.done(this);': `mark('${CLAIMS}'); this.done(this);`,
};
const UNPACK = "mark('decode and decompress', unpack())";
/** @type {Record<string, Record<string, string>>} */
const MARKS = {
  sealed: {
    ...PASTE,
    'const groups = HOSTS.splice(0);': `mark('${LOAD}'); const groups = HOSTS.splice(0);`,
    'await (looksUp': "mark('begin to connect'); await (looksUp",
    'const bytes = unpack();': `mark('turn to what has come'); const bytes = ${UNPACK};`,
    'return require("node:zlib")': `return mark('require node:zlib', require("node:zlib"))`,
  },
  editable: {
    ...PASTE,
    'return require("node:zlib")': `return (mark('${LOAD}'), mark('require node:zlib', require("node:zlib")))`,
    'load(unpack())': `load(${UNPACK})`,
  },
  bare: {
    "const https = require('node:https');": `mark('${LOAD}'); const https = mark('${HTTPS}', require('node:https'));`,
    'request.end(body);': `request.end(body); mark('${REQUEST}');`,
    "response.on('end', () => {": `response.on('end', () => { mark('${ANSWER}');`,
    'resolve();': `mark('${CLAIMS}'); resolve();`,
  },
};

/** @param {string} text @param {Record<string, string>} [marks] */
function marked(text, marks = {}) {
  for (const [from, to] of Object.entries(marks)) {
    if (!text.includes(from))
      throw new UserError(`\`${from}\` is not in the action any more: fix the marks of bench/phases.mjs`);
    text = text.replace(from, () => to.replaceAll('mark(', 'globalThis.benchMark('));
  }
  return text;
}

/** @param {string} folder @param {string} node @param {number} times */
export async function coldPhases(folder, node, times) {
  return withServer({}, async (port) => {
    const url = `https://127.0.0.1:${port}/login`;
    const bare = path.join(folder, 'marked-bare.js');
    await writeFile(bare, marked(await readFile(actionFile('bare'), 'utf8'), MARKS.bare));
    const config = { syncs: [preset(url)] };
    const pastes = PASTES.map((kind) => pasteFile(folder, 'marked', kind, config, (text) => marked(text, MARKS[kind])));
    const files = [...(await Promise.all(pastes)), bare];
    /** For each step what it took in each of them. @type {Map<string, number[][]>} */
    const steps = new Map();
    for (let i = 0; i < times; i++) {
      for (const [of, file] of files.entries()) {
        const { marks, cold } = await once(node, file, { url });
        let before = 0;
        for (const [name, ms] of [...marks, /** @type {[string, number]} */ (['return to the host', cold])]) {
          const step = steps.get(name) ?? steps.set(name, [[], [], []]).get(name);
          step?.[of]?.push(ms - before);
          before = ms;
        }
      }
    }
    const ms = (/** @type {number[]} */ values) => (values.length > 0 ? round(median(values), 2) : '');
    const names = [...PASTES, 'bare'].map((name) => `${name}, ms`);
    return table(
      ['step', ...names],
      [...steps].map(([name, took]) => [name, ...took.map(ms)]),
    );
  });
}
