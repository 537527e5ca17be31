// demo/: everything put together: stand-ins, the Action, the tenant, the application, each on a free port of 127.0.0.1.
// Tests and the command start here.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openConfig } from '../tools/commands/open.mjs';
import { plan } from '../tools/commands/simulate/options.mjs';
import { PASTE } from '../tools/files.mjs';
import { manifest as claimsOf } from '../tools/paste/claims.mjs';
import { active, hosts } from '../tools/tenant/secrets.mjs';
import { openAction } from './action.mjs';
import { createApplication } from './application.mjs';
import { door } from './door.mjs';
import { people as inventedPeople } from './people.mjs';

export const CONFIG = fileURLToPath(new URL('./config.json', import.meta.url));
const AUDIENCE = 'https://api.example.com/';

/** @typedef {{ config?: string, paste?: string, secret?: string[], secrets?: string, fault?: string[] }} DemoOptions as `npm start` has them */

/** @param {DemoOptions} [options] */
export async function openDemo({ config = CONFIG, paste = PASTE, ...options } = {}) {
  const {
    runs: [run],
    notes,
  } = plan({ config, paste, ...options, trigger: 'post-login' }, paste);
  if (!run) throw new Error('nothing to run');
  const { secrets } = run;
  const opened = openConfig({ config, paste });
  const [manifest, action] = await Promise.all([claimsOf(opened), openAction(run)]);
  const people = inventedPeople();
  const stories = path.resolve(config) === CONFIG;
  const [tenantServer, applicationServer] = await Promise.all([listen(), listen()]);
  const [issuer, url] = [urlOf(tenantServer), urlOf(applicationServer)];

  const client = clientOf(url);
  const claimNames = manifest.filter(({ token }) => token === 'idToken').map(({ name }) => name);
  const tenant = await quietly(async () => {
    const { createTenant } = await import('./tenant.mjs');
    return createTenant({ issuer, client, audience: AUDIENCE, action, secrets, people, stories, claimNames });
  });
  tenantServer.on('request', door(tenant.handle));

  const watch = watchOf(action, systemsOf(opened.syncs, secrets));
  const application = createApplication({
    url,
    issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    audience: AUDIENCE,
    manifest,
    config: path.relative(process.cwd(), config),
    watch,
  });
  applicationServer.on('request', door(application));

  return {
    /** The application's, to be opened in a browser. */
    url,
    issuer,
    client,
    audience: AUDIENCE,
    manifest,
    people,
    stories,
    action,
    watch,
    /** What the reader should know. */
    notes,
    async close() {
      await Promise.all([tenantServer, applicationServer].map(shut));
      await action.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openDemo>>} Demo */

/** The application, as the tenant knows it. @param {string} url */
const clientOf = (url) => ({
  client_id: 'aBcD1234eFgH5678iJkL9012mNoP3456',
  client_name: 'Example Media Web',
  client_secret: randomBytes(32).toString('base64url'),
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [new URL('/callback', url).href],
  post_logout_redirect_uris: [url],
});

/**
 * @param {import('./action.mjs').Action} action
 * @param {ReturnType<typeof systemsOf>} systems
 * @returns {import('./application.mjs').Watch}
 */
const watchOf = ({ log, standIns }, systems) => ({
  entry: (of) => log.findLast((entry) => ('state' in of ? entry.state === of.state : entry.tokenId === of.tokenId)),
  history: (userId) => log.filter((entry) => entry.userId === userId).reverse(),
  calls: () =>
    systems.map((system) => ({
      ...system,
      calls: standIns.arrivals.filter(({ host }) => host === system.host).length,
    })),
});

/**
 * The systems that the Action may call, and where.
 * @param {import('../tools/paste/config.mjs').Sync[]} all
 * @param {Record<string, string>} secrets
 */
function systemsOf(all, secrets) {
  const syncs = active(all, new Map(Object.entries(secrets)));
  return syncs.map((sync) => ({ system: sync.name, host: hosts([sync], secrets)[0] ?? '' }));
}

/**
 * The provider warns at every start of what would be wrong in production: that it keeps all in memory, as is meant here,
 * and that it wants Node 22. (On Node 20 it does all that is asked of it here: the tests walk through that.)
 * @template T
 * @param {() => Promise<T>} work
 */
async function quietly(work) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}

/** @returns {Promise<http.Server>} */
function listen() {
  // As long as a slow machine may take from one request of a login to the next.
  const server = http.createServer({ keepAliveTimeout: 60_000 });
  return new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', () => done(server)));
}

/** @param {http.Server} server */
const urlOf = (server) => `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;

/** @param {http.Server} server */
const shut = (server) =>
  new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
