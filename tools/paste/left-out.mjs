// tools/paste/: what a config asks for and a login did not get, and why: a claim that came to null, a field that was not sent, an
// entry that had nothing to do. What was left out is seen in what the engine did; only the reason is worked out here, from
// what the expression reads.

import { GOOD } from '../tenant/logline.mjs';
import { isObject, parsed } from '../tenant/values.mjs';
import { treeOf } from './expression-tree.mjs';
import { pathOf as placeOf } from './places.mjs';
import { pathOf, readsOf, textOfRead } from './reads.mjs';

/** @typedef {import('../tenant/run.mjs').LeftOut} LeftOut */
/** @typedef {import('../tenant/run.mjs').Facts} Facts */
/** @typedef {import('./config.mjs').Sync} Sync */
/** @typedef {{ value: any, syncs?: Map<string, Entry> }} Scope `syncs`: only where it is the event */
/**
 * @typedef {object} Entry an entry in one login
 * @property {Sync} sync
 * @property {(string | number)[]} steps where it is
 * @property {string} root what its path begins with
 * @property {import('../tenant/logline.mjs').Sync | undefined} ended
 * @property {any} sent the last body, if it was JSON or a form
 * @property {Record<string, string> | undefined} headers of the last request
 * @property {any} answer the last one, undefined if there was none or it is no JSON
 */

/** Where a response or the top of a config puts something, and the command that does it. */
const CLAIMS = { idToken: 'idToken.setCustomClaim', accessToken: 'accessToken.setCustomClaim' };
const SAML = { saml: 'samlResponse.setAttribute' };
const METADATA = /** @type {const} */ (['appMetadata', 'userMetadata']);
/** Those that are taken away come first, and count for more. */
const SCOPES = /** @type {const} */ ({ remove: 'accessToken.removeScope', add: 'accessToken.addScope' });
/** Of these what a flow that is no login takes. @type {Record<string, string[]>} */
const TAKES = { 'pre-user-registration': [...METADATA], 'credentials-exchange': ['accessToken'] };

/**
 * @param {Pick<import('./config.mjs').Opened, 'config' | 'syncs'> & Partial<Pick<import('./config.mjs').Opened, 'placed'>>} opened
 * @returns {(facts: Facts) => LeftOut[]}
 */
export const explainer =
  ({ config, syncs, placed = (problem) => problem }) =>
  (facts) =>
    explained(config, syncs, facts).map(({ path, expression, why }) => {
      const place = placed({ path, message: why });
      return { path: place.path, expression, why: place.message };
    });

/** @param {Record<string, any>} config @param {Sync[]} syncs @param {Facts} facts @returns {LeftOut[]} */
function explained(config, syncs, facts) {
  const entries = entriesOf(config, syncs, facts);
  /** @type {Scope} */
  const event = { value: facts.event, syncs: new Map(entries.map((entry) => [entry.sync.name, entry])) };
  const login = new Login(facts);
  const { trigger, execution } = facts;
  const gets = execution.error === null;
  const [says, steps] = trigger === 'post-login' ? [config, []] : [config.flows?.[trigger] ?? {}, ['flows', trigger]];
  return [
    ...(gets ? login.outputs({ ...says, ...says.claims }, steps, 'config', event) : []),
    ...(gets && trigger === 'post-login' ? login.scopes(config.scopes, event) : []),
    ...entries.flatMap((entry) => ofEntry(entry, event, gets ? login : undefined)),
  ];
}

/** @param {Record<string, any>} config @param {Sync[]} syncs @param {Facts} facts @returns {Entry[]} */
function entriesOf(config, syncs, facts) {
  return syncs.flatMap((sync, i) => {
    const ended = facts.syncs.find(({ name }) => name === sync.name);
    if (!sync.on.includes(facts.trigger) || !ended) return [];
    const calls = facts.execution.requests.filter((request) => isOf(sync, request, facts.event.secrets ?? {}));
    const last = calls.at(-1);
    return [
      {
        sync,
        ended,
        // A preset that its secrets switch on is nowhere in the config.
        ...(config.syncs ? { root: 'config', steps: ['syncs', i] } : { root: sync.name, steps: [] }),
        sent: sync.document.request.form ? formOf(last?.body) : parsed(last?.body ?? ''),
        headers: last?.headers,
        answer: parsed(last?.responseBody ?? ''),
      },
    ];
  });
}

/** @param {Sync} sync @param {import('../tenant/context.mjs').LedRequest} request @param {Record<string, string>} secrets */
function isOf({ document: { request } }, { method, url }, secrets) {
  if ((request.method ?? 'POST') !== method) return false;
  if (typeof request.url === 'string') {
    const pattern = request.url
      .split(/\{[\w-]+\}/)
      .map((/** @type {string} */ part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/?#&]*');
    return new RegExp(`^${pattern}$`, 'i').test(url);
  }
  const value =
    [request.url?.secret ?? []]
      .flat()
      .map((name) => secrets[name])
      .find(Boolean) ?? '';
  const before = (/** @type {string} */ text) => text.split(/[?#]/)[0];
  return before(value) === before(url);
}

/** @param {Entry} entry @param {Scope} event @param {Login | undefined} login none where it gets nothing @returns {LeftOut[]} */
function ofEntry(entry, event, login) {
  const { sync, steps, root, ended, answer } = entry;
  const { when, response } = sync.document;
  const at = (/** @type {string[]} */ ...more) => placeOf([...steps, ...more], root);
  if (ended?.outcome === 'skipped') {
    const why = ended.detail?.startsWith('needs-')
      ? `skipped: \`${ended.detail.slice('needs-'.length)}\` had nothing to do`
      : `skipped: ${reason(when ?? '', event, '`when` is not true')}`;
    return [{ path: at(), expression: when ?? null, why }];
  }
  const unsent = ofRequest(entry, event);
  if (ended && !GOOD.has(ended.outcome)) {
    const takes = ['keep', 'idToken', 'accessToken', 'saml', ...METADATA].some((field) => response?.[field]);
    const cause = ended.detail ?? ended.status;
    const why = `${sync.name} ended ${ended.outcome}${cause === null ? '' : ` (${cause})`}`;
    const unmade = ended.attempts === 0 && Object.hasOwn(UNMADE, cause ?? '');
    return [...unsent, ...(takes || unmade ? [{ path: takes ? at('response') : at(), expression: null, why }] : [])];
  }
  const scope = { value: answer };
  const kept = answer === undefined ? 'it is null in the answer that was kept' : undefined;
  return [...unsent, ...(login && response ? login.outputs(response, [...steps, 'response'], root, scope, kept) : [])];
}

/** Where it can be that a request cannot be made, by the word for it. @type {Record<string, string[]>} */
const UNMADE = {
  'url-param': ['params'],
  'body-expression': ['body', 'form', 'text'],
  'body-text': ['text'],
  'body-form': ['form'],
  'header-value': ['headers'],
};

/** What was not sent, or is why nothing was. @param {Entry} entry @param {Scope} event @returns {LeftOut[]} */
function ofRequest({ sync, steps, root, ended, sent, headers }, event) {
  const { request } = sync.document;
  /** @param {string} field @param {unknown} mapping @param {unknown} value @param {string} [otherwise] */
  const of = (field, mapping, value, otherwise) =>
    missing(mapping, value, [...steps, 'request', field], root, event, otherwise);
  const values = Object.entries(request.headers ?? {}).filter(([, form]) => typeof form?.value === 'string');
  if (ended?.attempts === 0 && headers === undefined) {
    const fields = UNMADE[ended.detail ?? ''] ?? [];
    const mapping = (/** @type {string} */ field) =>
      field === 'headers' ? Object.fromEntries(values.map(([name, { value }]) => [name, { value }])) : request[field];
    return fields.flatMap((field) => of(field, mapping(field), undefined, '')).filter(({ why }) => why);
  }
  const unsent = Object.fromEntries(values.filter(([name]) => headers && !(name.toLowerCase() in headers)));
  return [
    ...of('headers', unsent, undefined),
    ...(sent === undefined ? [] : [...of('body', request.body, sent), ...of('form', request.form, sent)]),
  ];
}

class Login {
  /** @param {Facts} facts */
  constructor({ execution, trigger }) {
    this.execution = execution;
    this.takes = (/** @type {string} */ field) => trigger === 'post-login' || TAKES[trigger]?.includes(field);
    this.warned = execution.log.flatMap(({ text }) => /\bwarn=([\w,-]+)/.exec(text)?.[1]?.split(',') ?? []);
  }

  /**
   * What was taken for the login, and did not come there.
   * @param {Record<string, any>} document
   * @param {(string | number)[]} steps
   * @param {string} root
   * @param {Scope} scope
   * @param {string} [kept] why, where there is nothing to look into
   * @returns {LeftOut[]}
   */
  outputs(document, steps, root, scope, kept) {
    const { commands } = this.execution;
    const top = steps[0] !== 'syncs' && root === 'config';
    /** @type {LeftOut[]} */
    const found = [];
    for (const [field, method] of Object.entries({ ...CLAIMS, ...SAML }).filter(([field]) => this.takes(field))) {
      for (const [name, mapping] of Object.entries(document[field] ?? {})) {
        const call = commands.find((command) => command.method === method && command.args[0] === name);
        const place = [...steps, ...(top && field in CLAIMS ? ['claims'] : []), field, name];
        if (call?.dropped)
          found.push({ path: placeOf(place, root), expression: null, why: `Auth0 drops it: ${call.dropped}` });
        else found.push(...this.of(mapping, call?.args[1], { place, root, scope, kept }));
      }
    }
    for (const field of METADATA.filter(this.takes)) {
      for (const [key, mapping] of Object.entries(document[field] ?? {})) {
        const value = this.execution[field][key];
        found.push(...this.of(mapping, value, { place: [...steps, field, key], root, scope, kept }));
      }
    }
    return found;
  }

  /**
   * Scopes that were not added, or not taken away. A call does not say which item it is of: an item of which that cannot be
   * told is passed over.
   * @param {Record<string, unknown[]>} items
   * @param {Scope} scope
   */
  scopes(items, scope) {
    /** @type {LeftOut[]} */
    const found = [];
    /** @type {Set<string>} */
    const gone = new Set();
    for (const [field, method] of Object.entries(SCOPES)) {
      const list = (items?.[field] ?? []).map(partsOf);
      const called = this.execution.commands.flatMap((call) => (call.method === method ? [call.args[0]] : []));
      const named = new Set(list.map(({ text }) => literalOf(text)));
      const others = called.filter((name) => !named.has(name));
      for (const [i, { item, text, when }] of list.entries()) {
        const name = literalOf(text);
        const where = { place: ['scopes', field, i], root: 'config', scope, kept: undefined };
        if (name !== undefined && gone.has(name))
          found.push({
            path: placeOf(where.place, where.root),
            expression: text,
            why: '`scopes.remove` takes it away',
          });
        else if (name === undefined ? others.length === 0 || isNull(when ?? text, scope) : !called.includes(name))
          found.push(...this.of(item, undefined, where));
      }
      for (const name of called) gone.add(name);
    }
    return found;
  }

  /** @param {unknown} mapping @param {unknown} value @param {{ place: (string | number)[], root: string, scope: Scope, kept: string | undefined }} where */
  of(mapping, value, { place, root, scope, kept }) {
    const about =
      place[0] === 'scopes' ? /expression|scopes/ : /too-large|expression|(?<!scopes-)invalid|full|too-many/;
    const warned = this.warned.filter((word) => about.test(word));
    const other = warned.length > 0 ? `it came to null, or the log says why: ${warned.join(', ')}` : undefined;
    return missing(mapping, value, place, root, scope, kept ?? other);
  }
}

/**
 * The expressions of a mapping whose values are not there.
 * @param {unknown} mapping
 * @param {any} value
 * @param {(string | number)[]} steps
 * @param {string} root
 * @param {Scope} scope
 * @param {string} [otherwise] why, where nothing that is read is null
 * @returns {LeftOut[]}
 */
function missing(mapping, value, steps, root, scope, otherwise = 'it came to null') {
  if (typeof mapping === 'string') {
    if (value !== undefined && value !== null) return [];
    return [{ path: placeOf(steps, root), expression: mapping, why: reason(mapping, scope, otherwise) }];
  }
  if (typeof mapping !== 'object' || mapping === null || isSecretForm(mapping)) return [];
  const { value: inner, when, ...others } = /** @type {Record<string, unknown>} */ (mapping);
  if (inner != null && typeof when === 'string' && Object.keys(others).length === 0) {
    if (value !== undefined) return missing(inner, value, [...steps, 'value'], root, scope, otherwise);
    const why = reason(when, scope, '`when` is not true, or `value` came to null');
    return [{ path: placeOf([...steps, 'when'], root), expression: when, why }];
  }
  return Object.entries(mapping).flatMap(([key, inner]) => {
    const step = Array.isArray(mapping) ? Number(key) : key;
    return missing(inner, value?.[step], [...steps, step], root, scope, otherwise);
  });
}

/** An item of `scopes`. @param {any} item @returns {{ item: unknown, text: string, when?: string }} */
const partsOf = (item) =>
  isObject(item) ? { item, text: item.value, when: item.when } : { item, text: item ?? 'null' };

/** The string that an expression is. @param {string} text @returns {string | undefined} */
function literalOf(text) {
  const { type, value } = treeOf(text);
  return type === 'Literal' && typeof value === 'string' ? value : undefined;
}

/** Whether it is sure that an expression gives null: it is a path that leads to none. @param {string} text @param {Scope} scope */
function isNull(text, scope) {
  const names = pathOf(treeOf(text));
  return names !== undefined && causeOf(names, scope) !== undefined;
}

/** Whether it gives what is made of a secret: such a form is no mapping, and its strings are no expressions. @param {object} mapping */
function isSecretForm(mapping) {
  const { secret, jwt, hmac, ...others } = /** @type {Record<string, unknown>} */ (mapping);
  const keys = Object.keys(others);
  if ([secret, jwt, hmac].filter((each) => each != null).length !== 1) return false;
  if (secret != null) return !isObject(secret) && keys.every((key) => key === 'prefix' || key === 'optional');
  return isObject(jwt ?? hmac) && keys.length === 0;
}

/**
 * Why an expression gave null: what it reads that is null.
 * @param {string} text
 * @param {Scope} scope
 * @param {string} otherwise
 */
function reason(text, scope, otherwise) {
  if (text === '' || scope.value === undefined) return otherwise;
  const causes = readsOf(treeOf(text)).flatMap(({ names }) => causeOf(names, scope) ?? []);
  return [...new Set(causes)].join(', ') || otherwise;
}

/** @param {(string | number)[]} names @param {Scope} scope @returns {string | undefined} */
function causeOf(names, { value, syncs }) {
  const [root, name, part, ...rest] = names;
  // An answer may have fields of these names, too.
  if (!syncs) return nullIn(value, names);
  if (root === 'clock' || root === 'interactive') return undefined;
  if (root !== 'syncs') return nullIn(value, names);
  const entry = syncs.get(String(name));
  if (!entry?.ended) return `\`${name}\` did not run`;
  if (part !== 'answer') return undefined;
  if (!GOOD.has(entry.ended.outcome)) return `\`${name}\` ended \`${entry.ended.outcome}\``;
  if (entry.answer === undefined) return undefined;
  const keep = entry.sync.document.response?.keep;
  if (!keep) return nullIn(entry.answer, rest, `the answer of \`${name}\``);
  const mapping = keep[rest[0] ?? ''];
  if (mapping === undefined && rest.length > 0) return `\`keep\` of \`${name}\` does not have \`${rest[0]}\``;
  if (typeof mapping !== 'string') return undefined;
  const inside = reason(mapping, { value: entry.answer }, '');
  return inside && `${inside} in the answer of \`${name}\``;
}

/** The first part of a path that is null. @param {any} value @param {(string | number)[]} names @param {string} [where] */
function nullIn(value, names, where) {
  let at = value;
  for (let i = 0; i <= names.length; i += 1) {
    const read = textOfRead(names.slice(0, i));
    if (at === undefined || at === null) return `\`${read}\` is null${where ? ` in ${where}` : ''}`;
    const name = names[i];
    if (name === '*') return Array.isArray(at) && at.length === 0 ? `\`${read}\` is empty` : undefined;
    at = typeof name === 'number' && name < 0 ? at[at.length + name] : at[name ?? ''];
  }
}

/** The fields of a form, `a[b]=c`. @param {string | undefined} text @returns {any} */
function formOf(text) {
  if (text === undefined) return undefined;
  /** @type {Record<string, any>} */
  const form = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const steps = name.split(/\[|\]\[?/).filter(Boolean);
    const last = steps.pop() ?? '';
    let at = form;
    for (const step of steps) at = at[step] = isObject(at[step]) ? at[step] : Object.create(null);
    at[last] = value;
  }
  return form;
}
