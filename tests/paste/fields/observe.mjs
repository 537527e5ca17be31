// What can be seen of a config: logins in good times and bad, a refresh, a registration. What is new at each login (ids,
// times, tokens) is named by its place, so that two runs of one config are the same.
import { createHmac } from 'node:crypto';
import { withConfig } from '../../../tools/paste/paste.mjs';
import { isBatch } from '../../../tools/tenant/systems/checks.mjs';
import { openTenant } from '../../../tools/tenant/tenant.mjs';
import { readPaste } from '../support.mjs';

const PASTE = readPaste();
const whsec = (/** @type {string} */ text) => `whsec_${Buffer.from(text.padEnd(24, '.')).toString('base64')}`;
const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token that some system gives. */
const TOKEN = `${part({ alg: 'HS256' })}.${part({ sub: 'a', exp: 4_000_000_000 })}.c2ln`;

/** The secrets of all documents. @type {Record<string, string>} */
const SECRETS = {
  KEY: 'key-of-32-bytes-that-is-invented',
  OTHER: whsec('other'),
  USER: 'user-invented',
  PAIR: 'user:password-invented',
  WEBHOOK: whsec('webhook'),
  TENANT: 'tenant-invented',
  HOOK_URL: 'https://crm.example.com/hook?token=hook-invented&a=b',
  CLIENT_ID: 'client-invented',
  CLIENT_SECRET: 'client-secret-invented',
  REFRESH: 'refresh-invented',
  CLEENG_CLIENT_SECRET: 'cleeng-invented',
};

/** @type {import('../../../tools/tenant/world.mjs').System} */
const system = {
  name: 'all',
  serves: () => true,
  answer: ({ host }) => ({
    status: 200,
    body:
      host === 'auth.example.com'
        ? { access_token: 'opaque-token', expires_in: 3600 }
        : { good: true, id: 'id-1', jwt: TOKEN, accessToken: TOKEN },
  }),
  error: () => ({ good: true, id: 'id-2' }),
};

const CAMPAIGN = { request: { query: { campaign: 'spring' } } };
const person = (/** @type {string} */ name) => ({ ...CAMPAIGN, user: { user_id: `auth0|${name}` } });

/**
 * All of it, as text.
 * @param {any} config
 */
export async function observe(config) {
  const tenant = await openTenant({ code: withConfig(PASTE, config), secrets: SECRETS, systems: [system] });
  /** @type {string[]} */
  const seen = [];
  const note = (
    /** @type {string} */ what,
    /** @type {import('../../../tools/tenant/host.mjs').Execution} */ execution,
  ) => {
    const { requests, denied, log, mfa, error } = execution;
    // What is sealed is another text each time.
    const commands = execution.commands.filter(({ method }) => method !== 'cache.set');
    const sent = requests.map(({ method, url, headers, body }) => ({
      method,
      url,
      // In a batch of metrics are times, and a longer one makes it longer.
      headers: isBatch(body) ? { ...headers, 'content-length': 'T' } : headers,
      body,
      ...signedBy(headers, String(body)),
    }));
    sent.sort((one, other) => (one.url < other.url ? -1 : 1));
    seen.push(`${what} ${JSON.stringify({ sent, commands, denied, mfa, error, log })}`);
    return execution;
  };
  try {
    const first = note('good', await tenant.login(CAMPAIGN));
    note(
      'again',
      await tenant.login({
        ...CAMPAIGN,
        user: {
          enrolledFactors: [{ type: 'otp' }, { type: 'phone' }],
          app_metadata: first.appMetadata,
          user_metadata: first.userMetadata,
        },
      }),
    );
    note('refresh', await tenant.login({ ...person('refresh'), transaction: { protocol: 'oauth2-refresh-token' } }));
    note('registration', await tenant.register());
    for (const trigger of /** @type {const} */ (['pre-user-registration', 'credentials-exchange'])) {
      for (const name of config.flows ? ['usual', 'denied'] : [])
        note(`${trigger} ${name}`, await tenant.run(trigger, { client: { name } }));
    }
    for (const fault of ['401', '404', '409', '503', 'garbage']) {
      tenant.standIns.fault(fault);
      note(fault, await tenant.login(person(fault)));
      tenant.standIns.heal();
      await tenant.login(person('between'));
    }
    // An hour and a half later, while the system is down.
    const aged = JSON.parse(JSON.stringify(first.appMetadata ?? {}));
    for (const record of Object.values(aged.login_sync ?? {})) /** @type {any} */ (record).at -= 5_400_000;
    tenant.standIns.fault('503');
    note('later', await tenant.login({ ...CAMPAIGN, user: { user_id: 'auth0|later', app_metadata: aged } }));
    tenant.standIns.heal();
    await tenant.login(person('between'));
    if (config.budgetMs) {
      tenant.standIns.fault('timeout');
      const { ms, log } = await tenant.login(person('slow'));
      seen.push(`slow ${Math.round(ms / 100)} ${log.at(-1)?.text.replace(/.*?( crm=)/, '$1')}`);
    }
  } finally {
    await tenant.close();
  }
  return steady(seen.join('\n'));
}

/** Whose key signed the webhook of these headers. @param {Record<string, any>} headers @param {string} body */
function signedBy(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature = '' } = headers;
  const by = Object.entries(SECRETS).flatMap(([name, secret]) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return signature.includes(createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')) ? [name] : [];
  });
  return signature === '' ? {} : { by };
}

/** Without what is new each time. @param {string} text */
function steady(text) {
  /** @type {string[]} */
  const ids = [];
  const place = (/** @type {string} */ id) => `#${ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1}`;
  return text
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, token)
    .replace(/"webhook-(timestamp|signature)":"[^"]+"/g, '')
    .replace(/"(sum|bucketCounts|\w+UnixNano)\\?":(\[.*?\]|[^,}]+)/g, 'T')
    .replace(/\bmsg_[\w-]+|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, place)
    .replace(/"x-mac":"(v1=)?[^"]+"/g, (all) => (/"x-mac":"/.test(all) ? `"x-mac":"${all.length}"` : all))
    .replace(/\d+ms|(?<=\bms[\W]{1,5})\d+/g, 'T')
    .replace(/\b1[78]\d{8,11}\b/g, 'T');
}

/** A token as what it says, how long it is good, and whose key signed it. @param {string} text */
function token(text) {
  const [header = '', claims = '', signature] = text.split('.');
  const read = (/** @type {string} */ json) => JSON.parse(Buffer.from(json, 'base64url').toString());
  const { iat, exp, jti: _, ...rest } = read(claims);
  const by = Object.entries(SECRETS).flatMap(([name, secret]) =>
    createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url') === signature ? [name] : [],
  );
  return JSON.stringify({ ...read(header), ...rest, life: iat && exp - iat, by }).replaceAll('"', "'");
}
