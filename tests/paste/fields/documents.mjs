// Configs that have every field of the schema between them, each where a login shows what it does.

/** @param {Record<string, any>} [request] @param {Record<string, any>} [over] @returns {Record<string, any>} */
const entry = (request, over) => ({
  name: 'crm',
  retries: 0,
  request: { url: 'https://crm.example.com/users', ...request },
  ...over,
});

const token = { headers: { authorization: { token: 'api' } } };
const source = { url: 'https://auth.example.com/token', clientId: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET' };

/** @type {Record<string, any>} */
export const DOCUMENTS = {
  'what an entry says': {
    log: 'json',
    metrics: {
      url: 'https://otel.example.com/v1/metrics',
      headers: { authorization: { bearer: 'KEY' }, 'x-scope': 'tenant-1' },
      everySeconds: 10,
    },
    requestQuery: ['campaign'],
    syncs: [
      entry(
        {
          method: 'PUT',
          url: 'https://{site}.example.com/users/{id}',
          params: { site: "'crm'", id: 'user.user_id' },
          headers: {
            'x-plain': 'plain',
            'x-secret': { secret: 'KEY', prefix: 'Key ' },
            'x-spare': { secret: 'SPARE', optional: true },
            'x-bearer': { bearer: 'KEY' },
            'x-spare-bearer': { bearer: 'SPARE', optional: true },
            'x-basic': { basic: { user: 'USER', password: 'KEY' } },
            'x-pair': { basic: 'PAIR' },
            'x-spare-basic': { basic: 'SPARE', optional: true },
            'x-campaign': { value: 'request.query.campaign', when: 'user.email_verified' },
            'x-mac': { hmac: { secret: 'KEY', of: 'body', algorithm: 'sha512', encoding: 'base64', prefix: 'v1=' } },
            'x-token': {
              jwt: {
                secret: 'KEY',
                alg: 'HS256',
                claims: { role: "'admin'" },
                header: { kid: 'k1', typ: 'at+jwt' },
                audience: 'https://crm.example.com',
                expiresInSeconds: 90,
              },
            },
          },
          body: {
            id: 'user.user_id',
            none: 'user.none',
            key: { secret: 'KEY', prefix: 'v1' },
            spare: { secret: 'SPARE', optional: true },
            mail: { value: 'user.email', when: 'user.email_verified' },
          },
          sendNulls: true,
          sign: { standardWebhooks: 'WEBHOOK' },
          idempotency: { header: 'x-once', of: 'user' },
        },
        { on: ['post-login', 'post-user-registration'], when: 'user.email', retries: 2 },
      ),
      { use: 'cleeng', request: { body: { country: "'SE'" } } },
    ],
  },
  'params that are secrets': {
    syncs: [
      entry({
        method: 'GET',
        url: 'https://crm.example.com/{tenant}',
        params: { tenant: { secret: 'TENANT', prefix: 't-' } },
      }),
    ],
  },
  'a url that is a secret': {
    syncs: [entry({ url: { secret: 'HOOK_URL', queryToHeaders: { token: 'x-token' } } })],
  },
  'a form': {
    syncs: [
      entry({
        form: {
          id: 'user.user_id',
          jwt: { jwt: { secret: 'KEY', audience: 'a' } },
          mac: { hmac: { secret: 'KEY', of: 'user.user_id' } },
          mail: { value: 'user.email', when: 'user.email_verified' },
        },
      }),
    ],
  },
  'a text': { syncs: [entry({ text: 'user.email' })] },
  'what an answer gives': {
    syncs: [
      entry(undefined, {
        response: {
          success: [200, 404],
          expect: 'good',
          keep: { id: 'id' },
          idToken: { 'https://example.com/id': 'id' },
          accessToken: { 'https://example.com/id': 'id' },
          appMetadata: { id: 'id' },
          userMetadata: { id: 'id' },
          saml: { id: 'id' },
        },
        freshForSeconds: 3600,
        staleForSeconds: 3600,
        onFailure: {
          unavailable: { deny: 'Try again later.' },
          rejected: 'deny',
          invalid: 'mfa',
          conflict: 'deny',
          unauthorized: 'mfa',
        },
      }),
    ],
    claims: { idToken: { 'https://example.com/kept': 'syncs.crm.answer' } },
  },
  'a token of an answer': {
    syncs: [
      entry(
        { body: { id: 'user.user_id' } },
        { response: { token: 'jwt', idToken: { 'https://example.com/token': 'jwt' } }, reuse: true, onFailure: 'deny' },
      ),
    ],
  },
  'what other flows get': {
    syncs: [],
    flows: {
      'pre-user-registration': {
        deny: [{ when: "client.name == 'denied'", reason: 'a', userMessage: 'b' }],
        appMetadata: { a: 'user.email' },
        userMetadata: { b: 'user.email' },
      },
      'credentials-exchange': {
        claims: { accessToken: { c: 'client.client_id' } },
        deny: [{ when: "client.name == 'denied'", reason: 'a', code: 'invalid_scope' }],
      },
    },
  },
  'shadow mode': {
    syncs: [entry(undefined, { mode: 'shadow', onFailure: 'deny', response: { appMetadata: { id: 'id' } } })],
  },
  'a slow system': { budgetMs: 400, syncs: [entry(undefined, { timeoutMs: 100 })] },
  'a slow system with a small budget': { budgetMs: 200, syncs: [entry()] },
  'a token of a client': {
    syncs: [entry(token)],
    tokens: { api: { ...source, clientAuth: 'json', params: { scope: 'a', extra: { secret: 'KEY' } } } },
  },
  'tokens of two clients': {
    syncs: ['a', 'b', 'c'].map((name) =>
      entry({ headers: { authorization: { token: name === 'c' ? 'other' : 'api' } } }, { name }),
    ),
    tokens: { api: source, other: { ...source, clientId: 'OTHER' } },
  },
  'a token by a refresh token': {
    syncs: [entry({ headers: { 'x-token': { token: 'api', prefix: 'T ' } } })],
    tokens: { api: { ...source, refreshToken: 'REFRESH' } },
  },
  'a token by an assertion': {
    syncs: [entry(token)],
    tokens: {
      api: {
        url: source.url,
        assertion: { key: 'KEY', alg: 'HS256', issuer: 'a', subject: 'b', audience: 'c', claims: { scope: 'd' } },
      },
    },
  },
  'what a login gets of the event': {
    syncs: [],
    claims: {
      idToken: { 'https://example.com/mail': { value: 'user.email', when: 'user.email_verified' } },
      accessToken: {
        'https://example.com/jwt': { jwt: { secret: 'KEY', audience: 'a' } },
        'https://example.com/mac': {
          hmac: { secret: 'KEY', of: 'user.user_id', algorithm: 'sha1', encoding: 'base64', prefix: 'v=' },
        },
      },
    },
    appMetadata: {
      country: 'request.geoip.countryCode',
      mail: { value: 'user.email', when: 'user.email_verified' },
    },
    userMetadata: { locale: 'transaction.locale' },
    saml: { mail: 'user.email' },
    scopes: { add: ["'read:x'", { value: "'read:y'", when: 'user.email' }], remove: ["'email'"] },
    mfa: [{ when: 'user.email', provider: 'duo', options: { allowRememberBrowser: true }, always: true }],
  },
  'a part of the query': {
    syncs: [],
    requestQuery: ['campaign'],
    claims: { idToken: { 'https://example.com/r': 'request' } },
  },
  'a choice of factors': {
    syncs: [],
    mfa: [{ when: 'user.email', challengeWith: ['otp'], enrollWith: ['phone'], always: true }],
  },
  'who may not log in': {
    syncs: [],
    deny: [
      { when: 'user.none', reason: 'No.' },
      { when: 'user.email', reason: { value: 'user.nickname' } },
    ],
  },
};
