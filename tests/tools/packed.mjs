// The package as a user gets it: the tarball that `npm pack` makes, in a folder of its own; and a shell as a user has it, without a
// network.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';

export const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));

export { version };
export const TARBALL = `login-sync-${version}.tgz`;

const OFFLINE = { npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

/** What npm and the test runner say to the programs that they run is not what a user's shell says. */
export const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_TEST_|AUTH0_)/i.test(name)),
  ),
  ...OFFLINE,
};

/** Makes the tarball in a new folder. */
export async function pack() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-package-'));
  const packed = await run(npm, ['pack', '--pack-destination', folder], { cwd: root, env });
  assert.equal(packed.code, 0, packed.output);
  return {
    folder,
    tarball: path.join(folder, TARBALL),
    remove: () => rm(folder, { recursive: true, force: true }),
    /** A folder with the tarball alone. @param {string} name */
    async project(name) {
      const at = path.join(folder, name);
      await mkdir(at, { recursive: true });
      await copyFile(path.join(folder, TARBALL), path.join(at, TARBALL));
      return at;
    },
  };
}

/** Auth0's SDK, which a user would get from the network. @param {string} folder */
export async function addSdk(folder) {
  const place = path.join(folder, 'node_modules', 'auth0');
  if (!existsSync(place)) await symlink(path.join(root, 'node_modules', 'auth0'), place, 'junction');
}
