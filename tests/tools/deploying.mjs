// `login-sync deploy`, run as a command against a stand-in of the Management API, for the tests of it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../tools/develop/programs.mjs';
import { root } from '../../tools/files.mjs';
import { HURRY } from '../hurry.mjs';
import { withoutWaits } from '../patience.mjs';
import { startTenant } from './management.mjs';

export const CONFIG = {
  syncs: [
    {
      name: 'crm',
      on: ['post-login', 'post-user-registration'],
      request: {
        url: 'https://crm.example.com/',
        headers: { 'x-api-key': { secret: 'CRM_KEY' } },
        body: { id: 'user.user_id' },
      },
    },
  ],
};
export const LOGIN = { syncs: CONFIG.syncs.map((entry) => ({ ...entry, on: ['post-login'] })) };
/** Of a command: nothing of a tenant, and nothing of the test runner. */
export const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AUTH0_|NODE_TEST_)/.test(name))),
  ...HURRY,
};

/**
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof startTenant>[0]} [options]
 */
export async function setUp(t, options) {
  const tenant = await startTenant(options);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'login-sync-deploy-'));
  t.after(async () => {
    await tenant.close();
    await rm(folder, { recursive: true, force: true });
  });
  /** @param {unknown} config @param {string[]} [args] @param {Record<string, string>} [secrets] */
  const deploy = async (config, args = [], secrets = { CRM_KEY: 'crm-key-1' }) => {
    const file = path.join(folder, `${Math.random()}.json`);
    await writeFile(file, JSON.stringify(config));
    const command = [path.join(root, 'tools/commands/deploy.mjs'), '--config', file, ...args];
    const ran = await run(process.execPath, command, { cwd: folder, env: { ...env, ...tenant.env, ...secrets } });
    return { ...ran, output: withoutWaits(ran.output) };
  };
  const writes = () => tenant.requests.filter((request) => !/^GET|oauth/.test(request));
  return { tenant, deploy, writes, folder };
}
