// What `require('login-sync/paste')` gives: the two handlers, as Auth0 calls them.

/** Runs a login. `event` has the Action's secrets in `event.secrets`. */
export function onExecutePostLogin(event: any, api: any): Promise<void>;
/** Runs a registration. */
export function onExecutePostUserRegistration(event: any, api: any): Promise<void>;
