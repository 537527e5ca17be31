// tools/develop/: packages of a Debian machine. This file knows apt-get and who may run it, and nothing of what is installed.

import { UserError } from '../error.mjs';
import { mustRun, which } from './programs.mjs';

/**
 * Commands as root, and packages installed. Nothing that is there is removed: apt-get stops and says so.
 * @param {import('./programs.mjs').Env} env
 */
export async function debian(env) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !(await which('sudo', env))) throw new UserError("Debian's packages need root or sudo");
  /** @type {(...command: string[]) => Promise<import('./programs.mjs').Ran>} */
  const asRoot = (...command) => {
    const [program, ...args] = isRoot ? command : ['sudo', ...command];
    return mustRun(program, args, { env });
  };
  /** @param {string[]} names */
  const install = (...names) =>
    asRoot(
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      'install',
      '-y',
      '--no-remove',
      '--no-install-recommends',
      ...names,
    );
  // One unreachable source makes the update fail; whether it mattered, the install will tell.
  await asRoot('apt-get', 'update').catch(() => {});
  return { asRoot, install };
}
