// Node, as far as a page needs it: files in memory. The tools read a config and a paste from here and write a paste to here.

/** By absolute path. @type {Map<string, string>} */
export const files = new Map();

/** @param {string} code @param {string} file */
const failure = (code, file) => Object.assign(new Error(`${code}: ${file}`), { code });

/** @param {string} file */
export async function readFile(file) {
  const text = files.get(file);
  if (text === undefined) throw failure('ENOENT', file);
  return text;
}

/** @param {string} file @param {string} text */
export async function writeFile(file, text) {
  files.set(file, text);
}

/** @param {string} folder */
export async function readdir(folder) {
  const start = `${folder.replace(/\/$/, '')}/`;
  return [...files.keys()].filter((file) => file.startsWith(start)).map((file) => file.slice(start.length));
}

export async function mkdir() {}

/** Only a command asks for these. */
const absent = async () => {
  throw failure('ENOSYS', 'the page has no disk');
};
export { absent as access, absent as rename, absent as rm, absent as stat, absent as utimes };
export const constants = {};
