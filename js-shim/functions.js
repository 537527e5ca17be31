// The functions of expressions that the host has. Rust calls them by their place in the list below
// (src/expression/functions/table.rs), and has seen before that the arguments are of the kinds that each takes. What counts in a
// string are code points.
//
// A function gives null where there is nothing to give, and undefined for a value that it does not take.

let functions;

/** What the function at this place gives for these arguments; undefined for what it does not take. */
function hostCall(given, place) {
  try {
    return (functions ??= makeFunctions())[place](...given);
  } catch {
    return undefined;
  }
}

// The longest string that is made of a few characters.
const LONGEST = 65536;

const isText = (value) => typeof value === 'string';
const sum = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

/** The elements in the order of their keys, or with -1 the other way round; what is equal stays in its order. */
const order =
  (sign) =>
  (list, keys = list) => {
    // A string as its bytes, which are in the order of its code points; the units of JavaScript are not.
    const by = keys.map((key) => (isText(key) ? Buffer.from(key) : key));
    const places = [...by.keys()].sort((a, b) => sign * (by[a].compare ? by[a].compare(by[b]) : by[a] - by[b]));
    return places.map((place) => list[place]);
  };
const first = (sort) => (list, keys) => sort(list, keys)[0] ?? null;

/** Where one string is in another. @param {'indexOf' | 'lastIndexOf'} how */
const find =
  (how) =>
  (text, sought, start = 0, end) => {
    const points = [...text];
    const part = points.slice(start, end).join('');
    const at = part[how](sought);
    return sought && at >= 0 ? points.slice(0, start).length + [...part.slice(0, at)].length : null;
  };

const split = (text, by, count) => {
  const parts = by ? text.split(by) : [...text];
  return count === 0 ? [text] : parts.length > count ? [...parts.splice(0, count), parts.join(by)] : parts;
};

const pad =
  (left) =>
  (text, width, by = ' ') => {
    if (width > LONGEST || !/^.$/su.test(by)) return undefined;
    const blanks = by.repeat(Math.max(0, width - [...text].length));
    return left ? blanks + text : text + blanks;
  };

const trim = (left, right) => (text, of) => {
  const points = /** @type {any} */ ([...text]);
  // Unicode's white space has one more than JavaScript's, and lacks the byte order mark.
  // To look each of many up in a string would take a hundred milliseconds.
  const goes = new Set(of);
  const stays = (point) => (of ? !goes.has(point) : /[^\s\x85]|\ufeff/.test(point));
  const from = points.findIndex(stays);
  return from < 0 ? '' : points.slice(left && from, right && points.findLastIndex(stays) + 1).join('');
};

/** @param {string} name @returns {(text: string, form?: string) => any} */
const hash =
  (name) =>
  (text, form = 'hex') =>
    /^(hex|base64)$/.test(form) ? hostDigest(text, undefined, `${name} ${form}`) : undefined;

function makeFunctions() {
  const sort = order(1);
  const max = first(order(-1));
  const min = first(sort);
  return [
    // contains, ends_with, starts_with
    (text, sought) => isText(sought) && text.includes(sought),
    (text, end) => text.endsWith(end),
    (text, start) => text.startsWith(start),
    // abs, avg, ceil, floor, join, keys, max, max_by, merge, min, min_by, reverse, sort, sort_by, sum, to_array, values
    Math.abs,
    (numbers) => (numbers.length ? sum(numbers) / numbers.length : null),
    Math.ceil,
    Math.floor,
    (glue, list) => list.join(glue),
    hostNames,
    max,
    max,
    (...objects) => Object.fromEntries(objects.flatMap(Object.entries)),
    min,
    min,
    (value, all = [...value].reverse()) => (isText(value) ? all.join('') : all),
    sort,
    sort,
    sum,
    (value) => [value].flat(),
    hostValues,
    // find_first, find_last, from_items, items, lower, pad_left, pad_right, replace, split, trim, trim_left, trim_right, upper
    find('indexOf'),
    find('lastIndexOf'),
    (pairs) =>
      pairs.every(({ length, 0: key }) => length === 2 && isText(key)) ? Object.fromEntries(pairs) : undefined,
    (object) => hostNames(object).map((name) => [name, object[name]]),
    (text) => text.toLowerCase(),
    pad(true),
    pad(false),
    (text, from, to, count) => {
      const parts = split(text, from, count);
      return parts.length * to.length > LONGEST ? undefined : parts.join(to);
    },
    split,
    trim(true, true),
    trim(true),
    trim(0, true),
    (text) => text.toUpperCase(),
    // base64, json, md5, percent, seconds (here milliseconds), sha256, uuid
    (text) => Buffer.from(text).toString('base64'),
    (text) => hostParse(text, DEEPEST) ?? null,
    hash('md5'),
    (text) => parseInt(hash('sha256')(text).slice(0, 12), 16) % 100,
    (text) => (/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d))?$/.test(text) ? hostDate(text) : null),
    hash('sha256'),
    () => require('node:crypto').randomUUID(),
  ];
}
