// tools/: where the project's own files are, whatever folder a command is started from.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const pkg = path.join(root, 'pkg');

/** The committed paste, which is editable, what it was made from, and what editors and TypeScript are told about its config. */
export const PASTE = path.join(pkg, 'login-sync.js');
/** What a sealed paste is made from, next to the editable one of the same build. @param {string} paste that one's file */
export const leanOf = (paste) => paste.replace(/(\.js)?$/, '.sealed.js');
export const MANIFEST = path.join(pkg, 'manifest.json');
export const SCHEMA = path.join(pkg, 'schema.json');
export const TYPES = path.join(pkg, 'login-sync.d.ts');

/** The connectors, a document each; presets are those that the paste itself holds. */
export const CONNECTORS = path.join(root, 'connectors');
export const PRESETS = path.join(root, 'src', 'presets');

/** What people paste today: one call with axios. The bench and `rehearse` run it next to the paste. */
export const SNIPPET = path.join(root, 'tools', 'commands', 'rehearse', 'axios.js');
