// tools/commands/: `npm run simulate`, its arguments: from what a person typed to what is run, with every problem found, in plain
// words. It runs nothing.
import { existsSync } from 'node:fs';
import { FLAG, TEXT, TEXTS, whole } from '../../cli.mjs';
import { UserError } from '../../error.mjs';
import { choose } from '../../library/choose.mjs';
import { contractsOf } from '../../library/connectors.mjs';
import { faultOf, hostAnswers } from '../../library/simulate.mjs';
import { linesOf, systems } from '../../paste/config.mjs';
import { parseJson } from '../../paste/json.mjs';
import { explainer } from '../../paste/left-out.mjs';
import { isSealed, openEngine, split, withConfig } from '../../paste/paste.mjs';
import { fakeEvent, overlay } from '../../tenant/event.mjs';
import { SECRETS as MOST_SECRETS, SECRET_CHARACTERS, TRIGGERS } from '../../tenant/limits.mjs';
import { expected, hosts, missing } from '../../tenant/secrets.mjs';
import { isObject, parsed, textOf } from '../../tenant/values.mjs';
import { configOf, openConfig, presetNames, read, readerOf } from '../open.mjs';

/**
 * @typedef {object} Plan
 * @property {import('../../tenant/run.mjs').RunOptions[]} runs one per trigger
 * @property {string[]} notes what the reader should know
 * @property {string | undefined} clock virtual or real
 * @property {number | undefined} at when it is, on the virtual clock
 * @property {number | undefined} apartMs from one login to the next, on the virtual clock
 * @property {string | undefined} live what will happen to whom, where requests leave this machine
 */

const MOST_EXECUTIONS = 1_000;
/** A year. */
const MOST_APART_MS = 366 * 24 * 3600 * 1000;

/** @typedef {ReturnType<typeof import('../../cli.mjs').parse<typeof OPTIONS>>['values']} Typed */

/** What `npm run simulate` may be given. */
export const OPTIONS = {
  config: TEXT,
  event: TEXT,
  over: TEXT,
  trigger: TEXT,
  secret: TEXTS,
  secrets: TEXT,
  fault: TEXTS,
  answer: TEXTS,
  answers: TEXT,
  repeat: TEXT,
  others: FLAG,
  apart: TEXT,
  clock: TEXT,
  at: TEXT,
  live: FLAG,
  record: TEXT,
  replay: TEXT,
  json: FLAG,
  paste: TEXT,
};

/**
 * What to run. Whatever is wrong is thrown at once, a line per problem.
 * @param {Typed} values
 * @param {string} standard the paste when none is named
 * @returns {Plan}
 */
export function plan(values, standard) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Attempt} */
  const attempt = (work, other) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return other;
    }
  };
  const { live = false } = values;
  const trigger = attempt(() => triggerOf(values.trigger), undefined);
  const repeat = attempt(() => whole('repeat', values.repeat ?? '1', 1, MOST_EXECUTIONS), 1);
  const faults = (values.fault ?? []).flatMap((text) => attempt(() => [faultOf(text, '--fault: ')], []));
  const [event, over, scripts] = /** @type {const} */ (['event', 'over', 'answers']).map((option) =>
    attempt(() => {
      const file = values[option];
      return file === undefined ? undefined : objectOf(file, option);
    }, undefined),
  );
  const when = whenOf(values, attempt);
  const answers = [
    ...(values.answer ?? []).flatMap((text) => attempt(() => [answerOf(text)], [])),
    ...attempt(() => (scripts ? answersOf(scripts) : []), []),
  ];
  const given = new Map([
    ...attempt(() => (values.secrets === undefined ? [] : secretsOf(values.secrets)), []),
    ...(values.secret ?? []).flatMap((text) => attempt(() => [secretOf(text)], [])),
  ]);
  problems.push(...conflictsOf(values));
  const action = attempt(() => actionOf(values.paste ?? standard, values.config), undefined);
  const secrets = action && attempt(() => chosen(action, given, live), undefined);
  if (problems.length > 0 || !action || !secrets) throw new UserError(problems.join('\nerror: '));

  const triggers = trigger ? [trigger] : values.json ? secrets.serves.slice(0, 1) : secrets.serves;
  const next = action.config?.metrics !== undefined && showsNext(values);
  return {
    runs: triggers.map((trigger) => ({
      code: action.code,
      ...(action.bundled ? { mostBytes: Infinity } : {}),
      trigger,
      secrets: secrets.held,
      faults,
      answers,
      contracts: action.contracts,
      expected: expected(secrets.syncs, secrets.held),
      repeat: next ? Math.max(2, repeat) : repeat,
      others: values.others ?? next,
      explain: explainer({
        config: action.config ?? {},
        syncs: secrets.syncs,
        ...(action.placed ? { placed: action.placed } : {}),
      }),
      ...(event ? { event: over ? overlay(event, over) : event, whole: true } : over ? { event: over } : {}),
    })),
    ...when,
    notes: [...action.notes, ...notesOf(secrets)],
    live: live ? liveText(event ?? fakeEvent(triggers[0] ?? 'post-login'), over, secrets) : undefined,
  };
}

/** @typedef {<T>(work: () => T, other: T) => T} Attempt what `work` gives; where that finds a problem, the problem is kept for later */

/** Options that do not go together. @param {Typed} values */
function conflictsOf({ live, record, config, ...values }) {
  const playing = /** @type {const} */ (['fault', 'answer', 'answers', 'clock', 'at', 'apart']);
  return [
    ...playing
      .filter((option) => live && values[option])
      .map((option) => `--${option}: real systems do as they please: leave out \`--live\` or this`),
    ...(record !== undefined && config === undefined
      ? ['--record: needs `--config FILE`, which the test is about']
      : []),
  ];
}

/** By which clock, and when on it. @param {Typed} values @param {Attempt} attempt */
function whenOf(values, attempt) {
  const at = attempt(() => (values.at === undefined ? undefined : timeOf(values.at)), undefined);
  const apartMs = attempt(
    () => (values.apart === undefined ? undefined : whole('apart', values.apart, 0, MOST_APART_MS)),
    undefined,
  );
  return { at, apartMs, clock: attempt(() => clockOf(values.clock, { at, apart: apartMs }), undefined) };
}

/** Metrics of one login go with a call of the next. To be shown, that is of another user, who has nothing fresh. @param {Typed} values */
const showsNext = ({ repeat, live, json, record }) => repeat === undefined && record === undefined && !live && !json;

/**
 * @typedef {object} Action
 * @property {string} code
 * @property {Record<string, any>} [config] none when the file is no paste of this project
 * @property {import('../../paste/config.mjs').Sync[]} syncs
 * @property {(secrets: Record<string, string>) => boolean} refuses whether there is something wrong with these secrets
 * @property {Record<string, import('../../tenant/systems/contract.mjs').Contract>} contracts of the connectors in it
 * @property {import('../../paste/connectors.mjs').Expanded['placed']} [placed] what is said of a place, at the one where that was written
 * @property {boolean} [bundled] whether it will be pasted as `bundle` makes it, and not as it is
 * @property {string[]} notes
 */

/**
 * The file to run, with the config in it.
 * @param {string} named the paste
 * @param {string | undefined} file the config
 * @returns {Action}
 */
function actionOf(named, file) {
  const paste = read(named, '--paste');
  const opened = open(paste);
  if (file === undefined)
    return 'why' in opened
      ? { code: paste, syncs: [], refuses: () => false, contracts: {}, notes: [] }
      : ownAction(paste, opened.engine);
  if (isSealed(paste))
    throw new UserError(`--paste: \`${named}\` is sealed with a config of its own: leave out \`--config\``);
  if ('why' in opened) throw new UserError(`--paste: \`${named}\` cannot be given a config: ${opened.why}`);
  const { config, engine, syncs, used, placed } = openConfig({ config: file, paste: named });
  const code = withConfig(paste, config);
  return {
    code,
    config,
    syncs,
    bundled: true,
    contracts: contractsOf(used),
    placed,
    refuses: (secrets) => engine.problems(config, secrets).length > 0,
    notes: [],
  };
}

/**
 * A paste with the config that is in it. What is wrong with that is seen at the login, as it will be in Auth0.
 * @param {string} code
 * @param {ReturnType<typeof openEngine>} engine
 * @returns {Action}
 */
function ownAction(code, engine) {
  const config = configOf(split(code).config);
  const found = engine.problems(config);
  const notes = found.map((problem) => linesOf(problem).join('\n'));
  const syncs = found.length > 0 ? [] : systems(engine, config, presetNames());
  return {
    code,
    config: isObject(config) ? config : {},
    syncs,
    refuses: (secrets) => engine.problems(config, secrets).length > 0,
    contracts: {},
    notes,
  };
}

/** The engine that reads a paste's config. @param {string} paste */
function open(paste) {
  try {
    split(paste);
    return { engine: openEngine(readerOf(paste)) };
  } catch (error) {
    return { why: textOf(error) };
  }
}

/**
 * The secrets that the Action gets, and what they switch on. Where requests are real nothing is invented.
 * @param {Action} action
 * @param {import('../../tenant/secrets.mjs').Given} given
 * @param {boolean} live
 */
function chosen(action, given, live) {
  const secrets = choose(action, given, { inventing: !live });
  if (live) {
    const wanted = missing(secrets.syncs, given);
    if (wanted.length > 0)
      throw new UserError(
        `--live: needs the real secret${wanted.length > 1 ? 's' : ''} ${wanted.map((name) => `\`${name}\``).join(', ')}: give each with \`--secret NAME=VALUE\`, or all in a file with \`--secrets FILE\``,
      );
    const needy = action.config === undefined || action.refuses(secrets.held);
    if (needy && Object.keys(secrets.held).length === 0)
      throw new UserError(
        '--live: needs the real secrets of the systems to call: give each with `--secret NAME=VALUE`, or all in a file with `--secrets FILE`',
      );
  }
  if (Object.keys(secrets.held).length > MOST_SECRETS)
    throw new UserError(`--secret: an Action holds at most ${MOST_SECRETS} secrets`);
  return secrets;
}

/** @param {ReturnType<typeof chosen>} secrets */
const notesOf = ({ invented }) =>
  invented.length > 0 ? [`invented secret${invented.length > 1 ? 's' : ''}: ${invented.join(', ')}`] : [];

/** @param {Record<string, any>} event @param {Record<string, any> | undefined} over @param {ReturnType<typeof chosen>} secrets */
function liveText(event, over, { syncs, held }) {
  const { user } = overlay(event, over ?? {});
  const where = hosts(syncs, held).join(', ') || 'wherever the file sends them';
  const invented = user?.user_id === fakeEvent('post-login').user.user_id && !over?.user ? ' (the invented user)' : '';
  return `live: real requests go to ${where}, about ${user?.email ?? user?.user_id ?? 'no user'}${invented}; what they change there stays changed`;
}

/** @param {string | undefined} text */
function triggerOf(text) {
  const found = TRIGGERS.find((trigger) => trigger === text);
  if (text !== undefined && !found)
    throw new UserError(`--trigger: unknown trigger \`${text}\`; use ${TRIGGERS.join(', ')}`);
  return found;
}

/** @param {string} text */
function answerOf(text) {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new UserError('--answer: must be HOST=FILE');
  const body = read(text.slice(at + 1), '--answer');
  const value = parsed(body.replace(/^\uFEFF/, ''));
  // As an answer's body a string is sent as it is, and this one is JSON.
  const answer =
    typeof value === 'string' ? { body, headers: { 'content-type': 'application/json' } } : { body: value ?? body };
  return { host: text.slice(0, at).toLowerCase(), answers: [answer] };
}

/** @param {string} file @param {string} option @returns {Record<string, any>} */
function objectOf(file, option) {
  const what = file === '-' ? 'stdin' : `\`${file}\``;
  const object = parseJson(read(file, `--${option}`), `--${option}: ${what}`);
  if (!isObject(object)) throw new UserError(`--${option}: ${what} must hold an object`);
  return object;
}

/** @param {Record<string, any>} scripts */
function answersOf(scripts) {
  try {
    return hostAnswers(scripts);
  } catch (error) {
    throw new UserError(`--answers: ${textOf(error)}`);
  }
}

/** @param {string} text */
function timeOf(text) {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UserError('--at: must be a time, such as 2026-11-27T09:30:00Z');
  return at;
}

/** Another time is one of the virtual clock. @param {string | undefined} clock @param {{ [option: string]: number | undefined }} times */
function clockOf(clock, times) {
  if (clock !== undefined && clock !== 'virtual' && clock !== 'real')
    throw new UserError(`--clock: unknown clock \`${clock}\`; use virtual or real`);
  const option = Object.keys(times).find((name) => times[name] !== undefined);
  if (clock === 'real' && option)
    throw new UserError(`--${option}: needs the virtual clock: leave out \`--clock real\``);
  return clock ?? (option ? 'virtual' : 'real');
}

/** @param {string} text NAME=VALUE @param {string} [where] @returns {[string, string]} */
function secretOf(text, where = '--secret') {
  const at = text.indexOf('=');
  if (at <= 0) throw new UserError(`${where}: must be NAME=VALUE`);
  return checked(text.slice(0, at).trim(), text.slice(at + 1), where);
}

/** @param {string} name @param {unknown} value @param {string} where @returns {[string, string]} */
function checked(name, value, where) {
  if (typeof value !== 'string') throw new UserError(`${where}: \`${name}\` must be a string`);
  if (value.length > SECRET_CHARACTERS)
    throw new UserError(`${where}: \`${name}\` is longer than the ${SECRET_CHARACTERS} characters that Auth0 allows`);
  return [name, value];
}

/**
 * A file of secrets: a JSON object, or NAME=VALUE lines with comments, as other tools write them.
 * @param {string} file
 * @param {string} [option]
 * @returns {[string, string][]}
 */
export function secretsOf(file, option = '--secrets') {
  // A secret in the place of its file must not be repeated.
  if (/[={]/.test(file) && !existsSync(file))
    throw new UserError(`${option}: takes a file, and there is none of this name`);
  const text = read(file, option).replace(/^\uFEFF/, '');
  if (/^\s*[{[]/.test(text)) {
    const object = parseJson(text, `${option}: \`${file}\``);
    if (!isObject(object)) throw new UserError(`${option}: \`${file}\` is not a JSON object of strings`);
    return Object.entries(object).map(([name, value]) => checked(name, value, `${option}: \`${file}\``));
  }
  /** @type {string[]} */
  const problems = [];
  const secrets = text.split(/\r\n|[\r\n]/).flatMap((line, i) => {
    if (/^\s*(#|$)/.test(line)) return [];
    try {
      const where = `${option}: \`${file}\` line ${i + 1}`;
      const [name, value] = secretOf(line.replace(/^\s*export\s+/, ''), where);
      return [/** @type {[string, string]} */ ([name, lineValue(value, where)])];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new UserError(problems.join('\nerror: '));
  return secrets;
}

/**
 * The value in a line of secrets. Other tools do not agree what `#` does behind one without quotation marks.
 * @param {string} text @param {string} where
 */
function lineValue(text, where) {
  const [, , quoted] = /^\s*(["'])(.*?)\1(?:\s+#.*)?\s*$/.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  if (/^\s*["']/.test(text)) throw new UserError(`${where}: the quotation mark is not closed on its line`);
  if (/\s#/.test(text)) throw new UserError(`${where}: put the value into quotation marks, or remove the comment`);
  return text.trim();
}
