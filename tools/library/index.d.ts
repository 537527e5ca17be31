// What `import 'login-sync'` gives.

import type { Config } from '../../pkg/login-sync.js';

export type { Config } from '../../pkg/login-sync.js';

/** A config, or the path or `file:` URL of a JSON file that holds one. */
export type ConfigOrFile = Config | string | URL;

export type Trigger =
  | 'post-login'
  | 'post-user-registration'
  | 'pre-user-registration'
  | 'credentials-exchange'
  | 'post-change-password'
  | 'event-stream';

/**
 * Runs a login, or another flow, with this config: the paste itself, under Auth0's rules, without a network. Hosts are answered by
 * `answers`, by the stand-ins of this package, or with what they were sent.
 *
 * @example
 * const login = await simulate('login-sync.json', { answers: { 'crm.example.com': { body: { id: 'crm-1' } } } });
 * assert.equal(login.tokens.idToken.crm_id, 'crm-1');
 *
 * @returns the last login, and in `logins` all of them
 */
export function simulate(config: ConfigOrFile, options?: SimulateOptions): Promise<Login & { logins: Login[] }>;

export interface SimulateOptions {
  /** The whole event. Without it, it is the event of an invented user. */
  event?: Record<string, any>;
  /** Laid over the event, field by field; null removes a field. */
  over?: Record<string, any>;
  /** Without it, the first one that the config serves. */
  trigger?: Trigger;
  /** The secrets of the Action. Those that the config needs and that are not here are invented; an empty one is not set. */
  secrets?: Record<string, string>;
  /** What each host answers: once and for all, in order (the last one again and again), or by a function. */
  answers?: Record<string, Answer | Answer[] | ((request: AskedRequest) => Answer)>;
  /** What goes wrong at all hosts, or at one: `timeout`, `crm.example.com:503`, `{ name: 'reset', times: 1 }`. */
  faults?: Fault | Fault[];
  /** `virtual`: no one waits for a timeout. `real`: over connections on this machine. Default: virtual. */
  clock?: 'virtual' | 'real';
  /** When the login is, on the virtual clock. */
  at?: Date | string | number;
  /** How many logins of this user, one after the other on one instance of the Action. Each finds the metadata that the one before wrote. */
  logins?: number;
  /** Whether each of them is another user's, or another machine's. Default: false. */
  others?: boolean;
  /** How many milliseconds after a login the next one is, on the virtual clock. */
  apartMs?: number;
}

export interface Answer {
  /** Default: 200. */
  status?: number;
  headers?: Record<string, string>;
  /** What is no string is sent as JSON. */
  body?: unknown;
  /** How long the system takes. */
  delayMs?: number;
  /** What goes wrong instead: `timeout`, `reset`, `slow`, `half-body`, `garbage`, `empty`, `huge`, `redirect`, `stale`, or a status. */
  fault?: string;
}

export interface AskedRequest {
  host: string;
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

export type Fault = string | { name: string; host?: string; times?: number };

export interface Login {
  trigger: Trigger;
  /**
   * `failed`: by an error, because Auth0 would not take what was asked for, or, where nothing waits for the Action, for good: nothing
   * comes again. `again`: Auth0 delivers this event of an event stream again.
   */
  outcome: 'allowed' | 'denied' | 'again' | 'failed';
  /** How long the execution took. */
  ms: number;
  /** What the application is told as `error`; null when the login goes on. */
  error: string | null;
  /** What it is told as `error_description`; null when the login goes on. */
  denied: string | null;
  /** The text of an error that left the Action. */
  thrown: string | null;
  /** The second factor that is asked for: by a provider, with one of these factors, or by enrolling in one. */
  mfa: { provider?: string; allowRememberBrowser?: boolean; factors?: string[]; enroll?: string[] } | null;
  /** The claims of each token; null when there is none. */
  tokens: { idToken: Record<string, any> | null; accessToken: Record<string, any> | null };
  /** The user's app_metadata afterwards. */
  appMetadata: Record<string, any>;
  /** The user's user_metadata afterwards. */
  userMetadata: Record<string, any>;
  /** The attributes of a SAML response. */
  saml: Record<string, any>;
  /** How each system ended, as the log line has it. */
  syncs: SyncOutcome[];
  /** Every request, in the order in which they began. */
  requests: SentRequest[];
  /** The calls of `api`, in order; `dropped` says why Auth0 silently ignores one. */
  commands: { method: string; args: any[]; dropped?: string }[];
  /** Calls of `api` that threw. */
  refused: { method: string; message: string }[];
  /** What was logged. Auth0 keeps 256 characters. */
  log: string[];
  /** What would go wrong in Auth0, noticed or not. */
  faults: { kind: string; message: string }[];
  /** What the config asks for and the login did not get. */
  leftOut: LeftOut[];
}

export interface LeftOut {
  /** Where it is in the config, such as `config.claims.idToken.plan`. */
  path: string;
  /** As it is written there; null where there is no single one. */
  expression: string | null;
  /** Such as: `user.app_metadata.plan` is null. */
  why: string;
}

export interface SyncOutcome {
  name: string;
  /** `ok`, `fresh`, `reused`, `stale`, `skipped`, or a failure: `rejected`, `unauthorized`, `conflict`, `unavailable`, `invalid`. */
  outcome: string;
  status: number | null;
  detail: string | null;
  /** How many requests were sent. */
  attempts: number;
  ms: number;
}

export interface SentRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  startMs: number;
  ms: number | null;
  status: number | null;
  responseHeaders: Record<string, string | string[] | undefined>;
  responseBody: string;
  failure: string | null;
  /** Who answered: the name of a stand-in, the host that `answers` names, or `echo` for a host that has neither. */
  standIn: string | null;
}

/** Says what is wrong with a config, and what is accepted and surely not meant. */
export function check(config: ConfigOrFile, options?: CheckOptions): Checked;

export interface CheckOptions {
  /** Paths of the event that this tenant has besides those that Auth0 documents, such as `user.groups`. */
  known?: string[];
}

export interface Checked {
  /** With one of these a config is refused as a whole. */
  errors: Problem[];
  warnings: Warning[];
}

export interface Problem {
  path: string;
  message: string;
}

export interface Warning extends Problem {
  /** A note is about what depends on the tenant or on the application. */
  level: 'warning' | 'note';
  /** Within an expression, from 1. */
  column?: number;
}

/** Makes the text to paste into Auth0. A config that is wrong throws. */
export function bundle(config: ConfigOrFile, options?: BundleOptions): Bundled;

export interface BundleOptions {
  /** Whether the config can be edited in Auth0. Default: false. */
  editable?: boolean;
}

export interface Bundled {
  code: string;
  /** How large it is, which triggers it serves, which secrets it needs, and warnings. */
  notes: string[];
}

/** The event of an invented user, as a new object, with `over` laid over it. */
export function sampleEvent(trigger?: Trigger, over?: Record<string, any>): Record<string, any>;
