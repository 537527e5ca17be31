// What `require('login-sync/paste')` gives: the handlers of all flows, as Auth0 calls them.

/** Runs a login. `event` has the Action's secrets in `event.secrets`. */
export function onExecutePostLogin(event: any, api: any): Promise<void>;
/** Runs what follows a registration. */
export function onExecutePostUserRegistration(event: any, api: any): Promise<void>;
/** Runs what comes before a registration. */
export function onExecutePreUserRegistration(event: any, api: any): Promise<void>;
/** Runs when a machine asks for a token. */
export function onExecuteCredentialsExchange(event: any, api: any): Promise<void>;
/** Runs after a change of the password. */
export function onExecutePostChangePassword(event: any, api: any): Promise<void>;
/** Runs an event of an event stream. Rejects where Auth0 must deliver it again. */
export function onExecuteEventStream(event: any, api: any): Promise<void>;
