// tools/commands/: `npm run simulate`, its arguments: from what a person typed to what is run, with every problem found, in plain
// words. It runs nothing.
import vm from 'node:vm';
import { FLAG, TEXT, TEXTS } from '../../cli.mjs';
import { UserError } from '../../error.mjs';
import { linesOf, systems, withoutSystems } from '../../paste/config.mjs';
import { parseJson } from '../../paste/json.mjs';
import { isSealed, openEngine, split, withConfig } from '../../paste/paste.mjs';
import { fakeEvent, SECRETS } from '../../tenant/event.mjs';
import { CODE_BYTES, HANDLERS, SECRETS as MOST_SECRETS, SECRET_CHARACTERS } from '../../tenant/limits.mjs';
import { active, expected, hosts, invent, missing } from '../../tenant/secrets.mjs';
import { FAULTS, isFault } from '../../tenant/standins.mjs';
import { isObject, textOf } from '../../tenant/values.mjs';
import { openConfig, presetNames, read, readerOf } from '../open.mjs';

/** @typedef {import('../../tenant/limits.mjs').Trigger} Trigger */
/**
 * @typedef {object} Plan
 * @property {import('../../tenant/run.mjs').RunOptions[]} runs one per trigger
 * @property {string[]} notes what the reader should know
 * @property {string | undefined} live what will happen to whom, where requests leave this machine
 */

const TRIGGERS = /** @type {Trigger[]} */ (Object.keys(HANDLERS));
const MOST_EXECUTIONS = 1_000;
const FAULT_NAMES = `${FAULTS.join(', ')}, or a status such as 503 or 429:3`;

/** @typedef {ReturnType<typeof import('../../cli.mjs').parse<typeof OPTIONS>>['values']} Typed */

/** What `npm run simulate` may be given. */
export const OPTIONS = {
  config: TEXT,
  event: TEXT,
  trigger: TEXT,
  secret: TEXTS,
  secrets: TEXT,
  fault: TEXTS,
  answer: TEXTS,
  repeat: TEXT,
  live: FLAG,
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
  /** @template T @param {() => T} work @param {T} other */
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
  const repeat = attempt(() => repeatOf(values.repeat), 1);
  const faults = (values.fault ?? []).flatMap((text) => attempt(() => [faultOf(text)], []));
  const answers = (values.answer ?? []).flatMap((text) => attempt(() => [answerOf(text)], []));
  const event = attempt(() => (values.event === undefined ? undefined : eventOf(values.event)), undefined);
  const given = new Map([
    ...attempt(() => (values.secrets === undefined ? [] : secretsOf(values.secrets)), []),
    ...(values.secret ?? []).flatMap((text) => attempt(() => [secretOf(text)], [])),
  ]);
  for (const option of /** @type {const} */ (['fault', 'answer'])) {
    if (live && values[option])
      problems.push(`--${option}: real systems do as they please: leave out \`--live\` or this`);
  }
  const action = attempt(() => actionOf(values.paste ?? standard, values.config), undefined);
  const secrets = action && attempt(() => chosen(action, given, live), undefined);
  if (problems.length > 0 || !action || !secrets) throw new UserError(problems.join('\nerror: '));

  const triggers = trigger ? [trigger] : values.json ? secrets.serves.slice(0, 1) : secrets.serves;
  return {
    runs: triggers.map((trigger) => ({
      code: action.code,
      trigger,
      secrets: secrets.held,
      faults,
      answers,
      expected: expected(secrets.syncs, secrets.held),
      repeat,
      ...(event ? { event } : {}),
    })),
    notes: [...action.notes, ...notesOf(secrets)],
    live: live ? liveText(triggers, event, secrets) : undefined,
  };
}

/**
 * @typedef {object} Action
 * @property {string} code
 * @property {Record<string, any>} [config] none when the file is no paste of this project
 * @property {import('../../paste/config.mjs').Sync[]} syncs
 * @property {(secrets: Record<string, string>) => boolean} refuses whether there is something wrong with these secrets
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
      ? { code: paste, syncs: [], refuses: () => false, notes: [] }
      : ownAction(paste, opened.engine);
  if (isSealed(paste))
    throw new UserError(`--paste: \`${named}\` is sealed with a config of its own: leave out \`--config\``);
  if ('why' in opened) throw new UserError(`--paste: \`${named}\` cannot be given a config: ${opened.why}`);
  const { config, engine, syncs } = openConfig({ config: file, paste: named });
  const full = withConfig(paste, config);
  const code = Buffer.byteLength(full) < CODE_BYTES ? full : withConfig(paste, config, { compact: true });
  return { code, config, syncs, refuses: (secrets) => engine.problems(config, secrets).length > 0, notes: [] };
}

/**
 * A paste with the config that is in it. What is wrong with that is seen at the login, as it will be in Auth0.
 * @param {string} code
 * @param {ReturnType<typeof openEngine>} engine
 * @returns {Action}
 */
function ownAction(code, engine) {
  const config = vm.compileFunction(`${split(code).config}\nreturn config;`)();
  const found = engine.problems(config);
  const notes = found.map((problem) => linesOf(problem).join('\n'));
  const syncs = found.length > 0 ? [] : systems(engine, config, presetNames());
  return {
    code,
    config: isObject(config) ? config : {},
    syncs,
    refuses: (secrets) => engine.problems(config, secrets).length > 0,
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
 * The secrets that the Action gets, and what they switch on.
 * @param {Action} action
 * @param {import('../../tenant/secrets.mjs').Given} given
 * @param {boolean} live
 */
function chosen({ config, syncs, refuses }, given, live) {
  const named = Object.fromEntries([...given].filter(([, value]) => value !== ''));
  let running = active(syncs, given);
  if (live) {
    const wanted = missing(running, given);
    if (wanted.length > 0)
      throw new UserError(
        `--live: needs the real secret${wanted.length > 1 ? 's' : ''} ${wanted.map((name) => `\`${name}\``).join(', ')}: give each with \`--secret NAME=VALUE\`, or all in a file with \`--secrets FILE\``,
      );
    const needy = config === undefined || refuses(named);
    if (needy && Object.keys(named).length === 0)
      throw new UserError(
        '--live: needs the real secrets of the systems to call: give each with `--secret NAME=VALUE`, or all in a file with `--secrets FILE`',
      );
  }
  // A config that does nothing by itself is shown with the system that most have.
  if (!live && running.length === 0 && config && !config.syncs && refuses(named))
    running = syncs.filter(({ name }) => name === 'cleeng');
  const invented = live ? {} : config === undefined ? withoutNamed(SECRETS, given) : invent(running, given);
  const held = { ...invented, ...named };
  if (Object.keys(held).length > MOST_SECRETS)
    throw new UserError(`--secret: an Action holds at most ${MOST_SECRETS} secrets`);

  const own = withoutSystems(config).length > 0;
  const serves = TRIGGERS.filter(
    (trigger) => running.some(({ on }) => on.includes(trigger)) || (own && trigger === 'post-login'),
  );
  return {
    held,
    syncs: running,
    invented: Object.keys(invented),
    serves: serves.length > 0 ? serves : config ? TRIGGERS.slice(0, 1) : TRIGGERS,
  };
}

/** @param {Record<string, string>} secrets @param {import('../../tenant/secrets.mjs').Given} given */
const withoutNamed = (secrets, given) =>
  Object.fromEntries(Object.entries(secrets).filter(([name]) => !given.has(name)));

/** @param {ReturnType<typeof chosen>} secrets */
const notesOf = ({ invented }) =>
  invented.length > 0 ? [`invented secret${invented.length > 1 ? 's' : ''}: ${invented.join(', ')}`] : [];

/** @param {Trigger[]} triggers @param {Record<string, any> | undefined} event @param {ReturnType<typeof chosen>} secrets */
function liveText(triggers, event, { syncs, held }) {
  const { user } = fakeEvent(triggers[0] ?? 'post-login', { secrets: held, over: event });
  const where = hosts(syncs, held).join(', ') || 'wherever the file sends them';
  return `live: real requests go to ${where}, about ${user?.email ?? user?.user_id ?? 'no user'}${event?.user ? '' : ' (the invented user)'}; what they change there stays changed`;
}

/** @param {string | undefined} text */
function triggerOf(text) {
  const found = TRIGGERS.find((trigger) => trigger === text);
  if (text !== undefined && !found)
    throw new UserError(`--trigger: unknown trigger \`${text}\`; use ${TRIGGERS.join(' or ')}`);
  return found;
}

/** @param {string | undefined} text */
function repeatOf(text = '1') {
  const repeat = /^\d+$/.test(text) ? Number(text) : 0;
  if (repeat < 1 || repeat > MOST_EXECUTIONS)
    throw new UserError(`--repeat: must be a whole number from 1 to ${MOST_EXECUTIONS}`);
  return repeat;
}

/** @param {string} text */
function faultOf(text) {
  if (isFault(text)) return { name: text };
  const [, host = '', name = ''] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (isFault(name)) return { name, host: host.toLowerCase() };
  throw new UserError(`--fault: unknown fault \`${name || text}\`; use ${FAULT_NAMES}, alone or as HOST:NAME`);
}

/** @param {string} text */
function answerOf(text) {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new UserError('--answer: must be HOST=FILE');
  const body = read(text.slice(at + 1), '--answer');
  return { host: text.slice(0, at).toLowerCase(), body: json(body) ?? body };
}

/** @param {string} file @returns {Record<string, any>} */
function eventOf(file) {
  const event = parseJson(read(file, '--event'), `--event: \`${file}\``);
  if (!isObject(event)) throw new UserError(`--event: \`${file}\` must hold an object`);
  return event;
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
 * @returns {[string, string][]}
 */
function secretsOf(file) {
  const text = read(file, '--secrets').replace(/^\uFEFF/, '');
  if (/^\s*[{[]/.test(text)) {
    const object = parseJson(text, `--secrets: \`${file}\``);
    if (!isObject(object)) throw new UserError(`--secrets: \`${file}\` is not a JSON object of strings`);
    return Object.entries(object).map(([name, value]) => checked(name, value, `--secrets: \`${file}\``));
  }
  /** @type {string[]} */
  const problems = [];
  const secrets = text.split(/\r?\n/).flatMap((line, i) => {
    if (/^\s*(#|$)/.test(line)) return [];
    try {
      const [name, value] = secretOf(line.replace(/^\s*export\s+/, ''), `--secrets: \`${file}\` line ${i + 1}`);
      return [/** @type {[string, string]} */ ([name, value.trim().replace(/^(["'])(.*)\1$/s, '$2')])];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new UserError(problems.join('\nerror: '));
  return secrets;
}

/** @param {string} text @returns {unknown} undefined when it is not JSON */
function json(text) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
