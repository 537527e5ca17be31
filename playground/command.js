// The playground's command: what is on the screen as a run of the simulator, with the files that it takes.
import { answersOf, faultsOf } from './systems.js';

/** The end of a file in the script; no line of JSON is this. */
const END = 'END_OF_FILE';

/** A word for the shell. @param {string} text */
const quoted = (text) => (/^[\w.:=@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Where the files are, in a clone; git knows nothing of it. */
const FOLDER = 'target/try';

/** @param {string} name @param {string} text */
const fileOf = (name, text) => `cat > ${FOLDER}/${name} <<'${END}'\n${text.replace(/\n*$/, '\n')}${END}\n`;

/**
 * @param {import('./state.js').State} state
 * @param {string} config
 * @returns {{ text: string, notes: string[] }} `notes`: what the command does otherwise
 */
export function commandOf({ trigger, systems, byHost, logins, others, apartMs, given, event }, config) {
  const answers = Object.entries(answersOf(systems)).filter(([host]) => byHost.has(host));
  const faults = faultsOf(systems, byHost.keys());
  const { secrets: _, ...own } = event;
  const files = [
    ['config.json', config],
    ['event.json', JSON.stringify(own, null, 2)],
  ];
  const options = [
    `--config ${FOLDER}/config.json`,
    `--event ${FOLDER}/event.json`,
    `--trigger ${trigger}`,
    '--clock virtual',
  ];
  const notes = [];
  if (answers.length > 0) {
    files.push(['answers.json', JSON.stringify(Object.fromEntries(answers), null, 2)]);
    options.push(`--answers ${FOLDER}/answers.json`);
  }
  for (const { name, host } of faults) options.push(`--fault ${quoted(host ? `${host}:${name}` : name)}`);
  if (faults.some(({ times }) => Number.isFinite(times))) notes.push('A fault is there for all requests.');
  if (logins > 1) options.push(`--repeat ${logins}`, `--apart ${apartMs}`, ...(others ? ['--others'] : []));
  if ([...given.values()].some(Boolean)) notes.push('Your secrets are not in it: give each with --secret NAME=VALUE.');
  const script = files.map(([name = '', text = '']) => fileOf(name, text)).join('');
  return { text: `mkdir -p ${FOLDER}\n${script}npm run simulate -- ${options.join(' ')}\n`, notes };
}
