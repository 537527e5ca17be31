// tests/tools/: the developer's tools. Here: what the build cuts out of the engine for sealed pastes, with a small wasm put
// together by hand as a linker would. That the real one still does all that a login needs: tests/paste/sealed.test.mjs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cut } from '../../tools/build/cut.mjs';
import { reach, readLinks } from '../../tools/build/wasm-links.mjs';
import {
  CODE,
  Cursor,
  DATA,
  joinSections,
  sectionsOf,
  signed,
  unsigned,
  vector,
} from '../../tools/paste/wasm-sections.mjs';

const ADDRESS = 1024;
const PARSER = 'login_sync10expression6parser6Parser7advance';
const PLACE = 'login_sync8document12config_value11ConfigValue3get';

/** @typedef {{ name: string, exported?: boolean, to: string[] }} Func `to`: functions that it calls and texts that it reads */
/** @typedef {{ type: number, offset: number, symbol: number }} Relocation */
/** @typedef {{ name: string, at: number, size: number, to?: string[] }} Text */

/** What the tests begin with. @returns {{ functions: Func[], texts: Text[] }} */
const small = () => ({
  functions: [
    { name: 'engine_start_00', exported: true, to: ['shared', 'told'] },
    { name: 'shared', to: [] },
    { name: 'engine_read_00', exported: true, to: ['shared', PARSER, 'explained', 'closures', 'begins', PLACE] },
    { name: PARSER, to: ['shared'] },
    { name: PLACE, to: [] },
    { name: 'closure', to: [] },
    { name: 'apart', to: [] },
    { name: '__wbindgen_describe_engine_read', exported: true, to: ['described'] },
    { name: 'described', to: [] },
  ],
  texts: [
    { name: 'told', at: 0, size: 8 },
    { name: 'explained', at: 8, size: 8 },
    { name: 'closures', at: 16, size: 8, to: ['closure'] },
    // The end of a text that is told is the whole of another.
    { name: 'begins', at: 4, size: 4 },
  ],
});

/** @param {ReturnType<typeof small>} parts @returns {Buffer} linked */
function link({ functions, texts }) {
  const indices = [...functions, ...texts].map(({ name }) => name);
  const bytes = (/** @type {number[]} */ ...list) => Uint8Array.from(list);
  const list = (/** @type {Uint8Array[]} */ items) => Buffer.concat([bytes(...unsigned(items.length)), ...items]);
  const text = (/** @type {string} */ name) => vector(Buffer.from(name));
  /** @type {Relocation[]} */
  const inCode = [];
  /** @type {Relocation[]} */
  const inData = [];

  let at = unsigned(functions.length).length;
  const bodies = functions.map(({ to }) => {
    // No locals; of each reference `i32.const` or `call` in the five bytes of a linker, then `drop` or `nop`; `end`.
    const code = [
      0,
      ...to.flatMap((name) =>
        functions.some((f) => f.name === name)
          ? [0x10, ...wide(indices.indexOf(name)), 0x01]
          : [0x41, ...wide(ADDRESS), 0x1a],
      ),
      0x0b,
    ];
    const start = at + unsigned(code.length).length;
    for (const [i, name] of to.entries()) {
      const type = functions.some((f) => f.name === name) ? 0 : 4;
      inCode.push({ type, offset: start + 2 + i * 7, symbol: indices.indexOf(name) });
    }
    at = start + code.length;
    return vector(bytes(...code));
  });
  const segment = [0, 0x41, ...signed(ADDRESS), 0x0b];
  const content = Buffer.from('told....explainsCLOSURES');
  const from = 1 + segment.length + unsigned(content.length).length;
  for (const piece of texts)
    for (const name of piece.to ?? []) inData.push({ type: 2, offset: from + piece.at, symbol: indices.indexOf(name) });

  const symbols = [
    ...functions.map(({ name }, index) => Buffer.concat([bytes(0, 0, ...unsigned(index)), text(name)])),
    ...texts.map(({ name, at, size }) =>
      Buffer.concat([bytes(1, 0), text(name), bytes(0, ...unsigned(at), ...unsigned(size))]),
    ),
  ];
  const custom = (/** @type {string} */ name, /** @type {Uint8Array} */ body) => ({
    id: 0,
    body: Buffer.concat([text(name), body]),
  });
  const relocations = (/** @type {number} */ section, /** @type {Relocation[]} */ all) =>
    Buffer.concat([
      bytes(...unsigned(section)),
      list(
        all.map(({ type, offset, symbol }) =>
          bytes(type, ...unsigned(offset), ...unsigned(symbol), ...(type === 4 ? [0] : [])),
        ),
      ),
    ]);
  return joinSections([
    { id: 1, body: list([bytes(0x60, 0, 0)]) },
    { id: 3, body: list(functions.map(() => bytes(0))) },
    { id: 5, body: list([bytes(0, 1)]) },
    {
      id: 7,
      body: list(
        functions.flatMap(({ name, exported }, index) =>
          exported ? [Buffer.concat([text(name), bytes(0, ...unsigned(index))])] : [],
        ),
      ),
    },
    { id: CODE, body: list(bodies) },
    { id: DATA, body: list([Buffer.concat([bytes(...segment), vector(content)])]) },
    custom('linking', Buffer.concat([bytes(2, 8), vector(list(symbols))])),
    custom('reloc.CODE', relocations(4, inCode)),
    custom('reloc.DATA', relocations(5, inData)),
    custom('producers', bytes(0)),
  ]);
}

/** LEB128 in five bytes. @param {number} value */
const wide = (value) => [0, 7, 14, 21, 28].map((shift) => ((value >> shift) & 127) | (shift < 28 ? 128 : 0));

/** Which functions are traps, and the data. @param {Uint8Array} wasm @param {Func[]} functions */
function inside(wasm, functions) {
  const sections = new Map([...sectionsOf(wasm)].map(({ id, body }) => [id, body]));
  const code = new Cursor(sections.get(CODE) ?? new Uint8Array());
  code.number();
  const traps = functions
    .filter(() => Buffer.from(code.take(code.number())).equals(Buffer.from([0, 0, 0x0b])))
    .map(({ name }) => name);
  return {
    traps,
    data: Buffer.from(sections.get(DATA) ?? [])
      .subarray(-24)
      .toString(),
  };
}

describe('what is cut out of the engine', () => {
  const parts = small();
  const { whole, lean, texts } = cut(link(parts));

  it('is what only the reader reaches, also through data', () => {
    const { traps, data } = inside(lean, parts.functions);
    assert.deepEqual(traps, ['engine_read_00', PARSER, PLACE, 'closure']);
    assert.equal(data, 'told....\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0');
  });

  it('is listed, as far as it is data', () => {
    assert.deepEqual(texts, [
      { address: ADDRESS + 4, size: 4, calls: false },
      { address: ADDRESS + 8, size: 8, calls: false },
      { address: ADDRESS + 16, size: 8, calls: true },
    ]);
  });

  it('is in the whole one, which only loses what the linker said', () => {
    const { traps, data } = inside(whole, parts.functions);
    assert.deepEqual(traps, []);
    assert.equal(data, 'told....explainsCLOSURES');
    const customs = [...sectionsOf(whole)].filter(({ id }) => id === 0).map(({ body }) => new Cursor(body).text());
    assert.deepEqual(customs, ['producers']);
  });

  it('leaves two wasms that are valid', () => {
    const { WebAssembly } = /** @type {any} */ (globalThis);
    for (const wasm of [whole, lean]) assert.ok(WebAssembly.validate(wasm));
  });
});

it('what neither a login, a reader nor a description needs is a trap in both', () => {
  const parts = small();
  const closure = '_ZN12wasm_bindgen7convert8closures1_6invoke';
  parts.functions.push(
    { name: '__wbg_jspi_task_poll', exported: true, to: ['task', 'shared'] },
    { name: 'task', to: [] },
    { name: closure, to: ['begun'] },
    { name: 'begun', to: [] },
  );
  // A description names a closure's number.
  parts.functions.find(({ name }) => name === 'described')?.to.push(closure);
  const { whole, lean } = cut(link(parts));
  const unused = ['__wbg_jspi_task_poll', 'task', closure, 'begun'];
  assert.deepEqual(inside(whole, parts.functions).traps, unused);
  const { traps } = inside(lean, parts.functions);
  assert.deepEqual(traps, ['engine_read_00', PARSER, PLACE, 'closure', ...unused]);
});

describe('the build fails', () => {
  /** @type {[what: string, change: (parts: ReturnType<typeof small>) => void, message: RegExp][]} */
  const table = [
    [
      'where a login calls the reader',
      ({ functions }) => functions[0]?.to.push(PARSER),
      /^a login reaches what reads configs, so nothing can be sealed: engine_start_00 -> login_sync10expression6parser/,
    ],
    [
      'where it does so by another',
      ({ functions }) => functions[1]?.to.push(PARSER),
      /: engine_start_00 -> shared -> login_sync10/,
    ],
    [
      'where it does so by data',
      ({ functions, texts }) => {
        functions[0]?.to.push('closures');
        texts[2]?.to?.push(PARSER);
      },
      /: engine_start_00 -> closures -> login_sync10/,
    ],
    [
      'where it takes the config apart',
      ({ functions }) => functions[1]?.to.push(PLACE),
      /: engine_start_00 -> shared -> login_sync8document/,
    ],
    [
      'where no expression is read',
      ({ functions }) => functions[2]?.to.splice(1, 1),
      /^the reader has no `10expression6parser` any more/,
    ],
    [
      'where no config is taken apart',
      ({ functions }) => functions[2]?.to.pop(),
      /^the reader has no `8document12config_value11ConfigValue` any more/,
    ],
  ];
  for (const [what, change, message] of table) {
    it(what, () => {
      const parts = small();
      change(parts);
      assert.throws(() => cut(link(parts)), { message });
    });
  }

  it('where the linker was not asked', () => {
    assert.throws(() => cut(cut(link(small())).whole), /relocations/);
  });
});

it('what is reached ends where it has been', () => {
  const parts = small();
  parts.functions[1]?.to.push('engine_start_00');
  const { exports } = readLinks(link(parts));
  const start = exports.get('engine_start_00');
  assert.deepEqual(
    [...reach(start ? [start] : []).keys()].map(({ name }) => name),
    ['engine_start_00', 'shared', 'told'],
  );
});
