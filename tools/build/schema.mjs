// tools/build/: what editors and TypeScript are told about the config: pkg/schema.json and pkg/login-sync.d.ts, both made from
// src/schema.json, with the names of presets and connectors filled in. The build writes them; nothing here checks a config.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CONNECTORS, PRESETS, root, SCHEMA, TYPES } from '../files.mjs';

const BANNER = `// The config of login-sync, as a type. Made from src/schema.json by \`npm run build\`: edit that.`;

/** The names of the presets, which every paste has. */
export const presetNames = () => namesIn(PRESETS);

/** The names of the documents in a folder. @param {string} folder */
async function namesIn(folder) {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * The two files' texts.
 * @returns {Promise<{ schema: string, types: string }>}
 */
export async function editorFiles() {
  const schema = JSON.parse(await readFile(path.join(root, 'src', 'schema.json'), 'utf8'));
  const [presets, connectors] = schema.definitions.Sync.properties.use.anyOf;
  presets.enum = await presetNames();
  connectors.enum = await namesIn(CONNECTORS);
  delete schema.$comment;
  const { compile } = await import('json-schema-to-typescript');
  const types = await compile(withTags(schema), 'Config', {
    bannerComment: BANNER,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120 },
  });
  return { schema: `${JSON.stringify(schema, null, 2)}\n`, types };
}

/**
 * The schema with defaults and ranges in the descriptions, as TypeScript's doc comments have them.
 * @param {any} node
 * @returns {any}
 */
function withTags(node) {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(withTags);
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withTags(value)]));
  if (typeof node.description !== 'string') return copy;
  const tags = ['default', 'minimum', 'maximum'].filter((key) => key in node);
  const lines = tags.map((key) => `@${key} ${JSON.stringify(node[key])}`);
  return lines.length > 0 ? { ...copy, description: `${node.description}\n\n${lines.join('\n')}` } : copy;
}

/** Writes them into pkg/. */
export async function writeEditorFiles() {
  const { schema, types } = await editorFiles();
  await writeFile(SCHEMA, schema);
  await writeFile(TYPES, types);
}
