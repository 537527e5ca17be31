// tools/: how a command takes its options, and how it ends when its user or the machine gets something wrong. It knows no
// command.

import { existsSync, readFileSync, realpathSync, unwatchFile, watchFile } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UserError } from './error.mjs';
import { root } from './files.mjs';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} Options */

/** The kinds of options. */
export const TEXT = /** @type {const} */ ({ type: 'string' });
export const TEXTS = /** @type {const} */ ({ type: 'string', multiple: true });
export const FLAG = /** @type {const} */ ({ type: 'boolean' });

/** Whether this is the package in someone's project, and not the repository. */
export const installed = path.basename(path.dirname(root)) === 'node_modules';

/** How a person calls a command. @param {string} verb @param {boolean} [isScript] whether this repository has a script for it, too */
export const call = (verb, isScript = true) =>
  installed || !isScript ? `npx login-sync ${verb}` : `npm run ${verb} --`;

/**
 * An npm script of this repository runs in its folder, wherever the person is who typed it: paths are taken from there.
 * @param {string} file the command's own
 */
function goToCaller(file) {
  const { INIT_CWD, npm_package_json: manifest, npm_lifecycle_script: script = '' } = process.env;
  const own = `node ${path.relative(root, file).split(path.sep).join('/')}`;
  if (INIT_CWD && manifest === path.join(root, 'package.json') && script.split(' ').slice(0, 2).join(' ') === own)
    process.chdir(INIT_CWD);
}

const SILENT_MS = 2_000;
const AGAIN_MS = 10_000;

/**
 * Says on stderr what is being waited for, if that takes long.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function waiting(what, work) {
  const say = () => void process.stderr.write(`waiting for ${what}\n`);
  /** @type {NodeJS.Timeout} */
  let timer = setTimeout(() => {
    say();
    timer = setInterval(say, AGAIN_MS);
  }, SILENT_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether a person says yes. Where the input ends, by Ctrl+C or Ctrl+D, no one does.
 * @param {string} question
 * @param {import('node:readline').ReadLineOptions} [streams]
 * @returns {Promise<boolean>}
 */
export function agrees(question, streams = { input: process.stdin, output: process.stderr }) {
  const asking = createInterface(streams);
  return new Promise((done) => {
    asking.once('close', () => done(false));
    asking.question(question, (answer) => {
      done(/^\s*y(es)?\s*$/i.test(answer));
      asking.close();
    });
  });
}

/**
 * Runs a command, unless its module was imported by another. Whatever its user got wrong ends it with code 2 and a line.
 * @template {Options} O
 * @param {string} url the module's `import.meta.url`
 * @param {{ usage: string, options: O, positionals?: boolean, watched?: (values: any, positionals: string[]) => string[] }} form `watched`: the
 *   files after whose change `--watch` runs it again
 * @param {(values: ReturnType<typeof parse<O>>['values'], positionals: string[]) => Promise<number | void> | number | void} main
 *   gives the exit code, if it is not 0
 */
export async function command(url, { usage, options, positionals = false, watched }, main) {
  const [, program = ''] = process.argv;
  // Node knows a module by its real path, also where it was started by a link.
  if (!existsSync(program) || realpathSync(program) !== fileURLToPath(url)) return;
  goToCaller(program);
  // What reads the output, such as `head`, may have read enough.
  process.stdout.on('error', (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
  });
  await settled(async () => {
    const watch = watched ? { watch: FLAG } : {};
    const typed = parse(process.argv.slice(2), { ...options, ...watch, help: { ...FLAG, short: 'h' } }, positionals);
    const values = /** @type {any} */ (typed.values);
    if (values.help) {
      const untold = Object.keys({ ...options, ...watch }).find((name) => !usage.includes(`--${name}`));
      if (untold !== undefined) throw new Error(`the help of ${program} lacks --${untold}`);
      return void process.stdout.write(usage);
    }
    const once = async () => main(values, typed.positionals);
    if (!values.watch || !watched) return once();
    for (;;) {
      const files = watched(values, typed.positionals);
      const change = changeOf(files);
      await settled(once);
      process.stderr.write(`watching ${files.join(', ')}\n`);
      await change;
    }
  });
}

/** Sets the exit code. @param {() => Promise<number | void>} work */
async function settled(work) {
  try {
    process.exitCode = (await work()) ?? process.exitCode ?? 0;
  } catch (error) {
    report(error);
    process.exitCode = 2;
  }
}

const LOOK_MS = 200;

/** The next change of one of these files. @param {string[]} files */
const changeOf = (files) =>
  new Promise((done) => {
    const stop = () => {
      for (const file of files) unwatchFile(file);
      done(undefined);
    };
    for (const file of files) watchFile(file, { interval: LOOK_MS }, stop);
  });

/**
 * @template {Options} O
 * @param {string[]} args
 * @param {O} options
 * @param {boolean} [allowPositionals]
 */
export function parse(args, options, allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    // An argument that is no option may be a secret on the wrong side of a space: it is not repeated.
    const what =
      code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'
        ? 'unexpected argument: every value needs its option before it'
        : lowered(message.split(/\.(?:\s|$)|\n/)[0] ?? '');
    throw new UserError(`${what}; \`--help\` lists the options`);
  }
}

/** @param {string} text */
const lowered = (text) => text.charAt(0).toLowerCase() + text.slice(1);

/** An option that is a whole number. @param {string} option @param {string} text @param {number} least @param {number} most */
export function whole(option, text, least, most) {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new UserError(`--${option}: must be a whole number from ${least} to ${most}`);
  return value;
}

/** Says what went wrong. An error of ours is thrown again, and has its stack. @param {unknown} error */
function report(error) {
  const line = explained(error);
  if (line === undefined) throw error;
  if (error instanceof UserError && error.output) console.error(error.output.split('\n').slice(-60).join('\n'));
  console.error(`error: ${line}`);
}

/** What the machine says no to, in words. @type {Record<string, string>} */
const REFUSALS = {
  EACCES: 'no permission',
  EADDRINUSE: 'the port is in use',
  EEXIST: 'one of the folders is a file',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8: save it as UTF-8',
  ENOTDIR: 'one of the folders is a file',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
};

/**
 * The text of a file. Bytes that are no text would become other characters without a word, in a secret as in a claim; of a text
 * in UTF-16 every other byte is 0.
 * @param {string | number} file a path, or 0 for stdin
 */
export function readText(file) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  if (text.includes('\0')) throw Object.assign(new Error('not UTF-8'), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
  return text;
}

/** Why the machine said no. @param {unknown} error */
export function reasonOf(error) {
  const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
  return REFUSALS[code] ?? (code || message);
}

/**
 * An error in a line, that someone other than us can fix.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function explained(error) {
  if (error instanceof UserError) return error.message;
  const { code = '', message = '', path: file, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
  const [, name] = (code === 'ERR_MODULE_NOT_FOUND' && /Cannot find package '([^']+)'/.exec(message)) || [];
  if (name) return `the package \`${name}\` is not installed: run \`npm ci\``;
  if (syscall && REFUSALS[code])
    return `cannot ${syscall}${file === undefined ? '' : ` \`${file}\``}: ${REFUSALS[code]}`;
}
