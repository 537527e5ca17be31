// Tokens of other systems in `api.cache`, where another instance finds them. Other Actions of the same trigger can read and
// write there, so a token is sealed with a key made of the request that gets it, which has the client's secret in it: an
// Action that does not know that can neither read the token, nor put another one there, nor move one to another name.

/**
 * What instances share of the answers to one token request: `known()` gives an answer that another one got, if it is still
 * good and not the token that was `refused`; `keep` has others know of this one.
 */
function sharedToken(cache, head, body, refused) {
  const { createCipheriv, createDecipheriv, createHash, randomBytes } = require('node:crypto');
  const whole = head.replace(/\nlogin-sync-trigger-id\n.*/, '') + body;
  const digest = (what) => createHash('sha256').update(`login-sync ${what} ${whole}`).digest();
  const name = `login-sync:${digest('name').toString('base64url')}`;
  const cipher = (make, iv) => make('aes-256-gcm', digest('key'), iv, onlyOwn({ authTagLength: 16 }));
  return {
    known() {
      try {
        const bytes = Buffer.from(cache.get(name).value, 'base64');
        const open = cipher(createDecipheriv, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
        const [at, token, seconds] = JSON.parse(open.update(bytes.subarray(28)) + open.final());
        const left = Math.floor(seconds - (Date.now() - at) / 1000);
        // A clock that is behind makes nothing last longer.
        if (left > 0 && left <= seconds && token !== refused)
          return JSON.stringify({ access_token: token, expires_in: left });
      } catch {}
      return undefined;
    },
    keep(text) {
      try {
        const answer = hostParse(text, DEEPEST);
        const token = hostField(answer, 'access_token');
        // An answer that does not say how long: as the engine keeps it, for 15 minutes.
        const seconds = Number(hostField(answer, 'expires_in') ?? 1200);
        const iv = randomBytes(12);
        const seal = cipher(createCipheriv, iv);
        const bytes = [seal.update(JSON.stringify([Date.now(), token, seconds])), seal.final()];
        const value = Buffer.concat([iv, seal.getAuthTag(), ...bytes]).toString('base64');
        // Only what the engine takes for a token: an error in a 200 would be everyone's for as long as a token lives. And Auth0
        // keeps 4096 bytes under a name, for a day.
        if (seconds > 0 && typeof token === 'string' && /^[!-~]+$/.test(token) && value.length <= 4096)
          cache.set(name, value, { ttl: Math.min(seconds * 750, 86400000) });
      } catch {}
    },
  };
}
