// tests/tools/: an Action of the tests' own, so that what is tested is the simulation and not the paste.

/** It asks Cleeng alone, and says so in its log. */
export const ACTION = `
const https = require('node:https');
const sync = (event) => new Promise((done, fail) => {
  const { user, request, secrets } = event;
  const body = JSON.stringify({ auth0Id: user.user_id, email: user.email, firstName: user.given_name, lastName: user.family_name, locale: 'en_US', country: 'US', currency: 'USD', userIpAddress: request ? request.ip : '' });
  https.request({ hostname: 'identity.api.prod.cleeng.com', path: '/hooks/v1/auth0/actions/token', method: 'POST', timeout: 2000, headers: { authorization: 'Bearer ' + secrets.CLEENG_CLIENT_SECRET, 'content-type': 'application/json' } }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => { text += chunk; }).on('end', () => answer.statusCode === 200 ? done(JSON.parse(text)) : fail(new Error('status ' + answer.statusCode))).on('error', fail);
  }).on('error', fail).on('timeout', function () { this.destroy(new Error('too slow')); }).end(body);
});
exports.onExecutePostLogin = async (event, api) => {
  const { accessToken } = await sync(event);
  api.idToken.setCustomClaim('cleeng_access_token', accessToken);
  api.accessToken.setCustomClaim('plan', 'gold').accessToken.setCustomClaim('amr', ['mfa']);
  api.user.setAppMetadata('seen', (event.user.app_metadata.seen || 0) + 1);
  console.log('synced ' + event.user.user_id + ' login ' + event.stats.logins_count);
};
exports.onExecutePostUserRegistration = async (event) => { await sync(event); };`;
