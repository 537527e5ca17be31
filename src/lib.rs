//! login-sync, the engine: at each login, one Auth0 Action tells other systems who the user is and brings their tokens
//! and ids back as claims.
//!
//! **Nothing touches Auth0 before a login is decided, and a login is always decided within its budget.**
//!
//! # The life of a login
//!
//! ```text
//!  shim (js-shim/)                      engine                              room
//!  start(event, api) ─────────────────▶ event without secrets               scope
//!                                       deny rules                          rules
//!                                       each sync, side by side             sync
//!                                         skipped? fresh? reused?           expression, response, reuse
//!                                         build the request                 mapping, request, header, url, token
//!                                         may it be sent? how long?         guard: breaker, failed, patience
//!  one HTTPS request ◀──────────────────  ask: send                         step
//!  resume(status, body) ──────────────▶   judge, learn, try again, give up  response, guard, retry
//!                                       every policy, then all commands     policy, claims, login
//!  setCustomClaim, deny, … ◀─────────── the verdict, and one log line       engine, log
//! ```
//!
//! # Two ideas
//!
//! **Values stay in JavaScript.** The event, the answers, the config and all that is made of them remain values of the
//! host, read through one small seam ([`value`]). The wasm holds no JSON code; the event crosses only where an
//! expression reads it; a claim that is an object passes through as it is, but for a key `__proto__`; bodies are what `JSON.stringify` writes.
//!
//! **Async inside, sans-IO outside.** A login is an ordinary `async fn` ([`login`], [`sync`]) that never awaits the
//! host: it asks, is pending, and is polled again when the answer has been brought ([`step`], [`engine`]). Every call
//! into the wasm is synchronous, so a panic is a plain exception for the shim to catch. Time and randomness come in as
//! values, so a native test drives a million logins on a clock of its own.
//!
//! # An outage
//!
//! Auth0 fails logins when a tenant has 250 executions in flight. So a system is guarded ([`guard`]): a try is waited
//! for as long as is usual for it ([`patience`]), none is made while it seems down ([`breaker`]), and users for
//! whom it fails are told apart, so that one of them decides for no one else ([`failed`]). Of the tries given up early one
//! stays on the line and outlives its login: [`engine::Engine::overhear`].
//!
//! # Where things are
//!
//! The admin's document is read by [`config`], place by place ([`document`]), with the presets of [`presets`] below it;
//! what an admin can write is [`mapping`]s of [`expression`]s. That may be long before the first login: what has been
//! read holds no value of the host ([`constant`]), so the build keeps it in the wasm's memory. `wasm` alone
//! names wasm-bindgen and js-sys; everything else is plain Rust.

pub mod breaker;
pub mod claims;
pub mod config;
pub mod constant;
pub mod document;
pub mod engine;
pub mod expression;
pub mod failed;
pub mod guard;
pub mod header;
pub mod log;
pub mod login;
pub mod mapping;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod patience;
pub mod policy;
pub mod presets;
pub mod request;
pub mod response;
pub mod retry;
pub mod reuse;
pub mod rules;
pub mod scope;
pub mod secrets;
pub mod step;
pub mod sync;
pub mod text;
pub mod token;
pub mod url;
pub mod users;
pub mod value;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
