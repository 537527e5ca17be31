//! login-sync, the engine: at each login, one Auth0 Action tells other systems who the user is and brings their tokens
//! and ids back as claims.
//!
//! **Nothing touches Auth0 before a login is decided, and a login is always decided within its budget.**
//!
//! # The life of a login
//!
//! ```text
//!  shim (js-shim/)                      engine                              file
//!  start(event, api) ─────────────────▶ event without secrets               scope
//!                                       deny rules                          rules
//!                                       each sync, after those it reads     order, sync
//!                                         skipped? fresh? reused?           expression, response, reuse
//!                                         build the request                 mapping, template, header, url, token
//!                                         may it be sent? how long?         guard: breaker, failed, patience
//!  one HTTPS request ◀──────────────────  ask: send                         step
//!  resume(status, body) ──────────────▶   judge, learn, try again, give up  response, guard, retry
//!                                       every policy, then all commands     execution, policy, claims
//!  setCustomClaim, deny, … ◀─────────── the verdict, and one log line       engine, log
//! ```
//!
//! # Two ideas
//!
//! **Values stay in JavaScript.** The event, the answers, the config and all that is made of them remain values of the
//! host, read through one small seam ([`host::value`]). The wasm holds no JSON code; the event crosses only where an
//! expression reads it; a claim that is an object passes through as it is, but for a key `__proto__`; bodies are what
//! `JSON.stringify` writes.
//!
//! **Async inside, sans-IO outside.** A login is an ordinary `async fn` ([`login`], [`system::sync`]) that never awaits
//! the host: it asks, is pending, and is polled again when the answer has been brought ([`system::step`], [`engine`]).
//! Every call into the wasm is synchronous, so a panic is a plain exception for the shim to catch. Time and randomness
//! come in as values, so a native test drives a million logins on a clock of its own.
//!
//! # An outage
//!
//! Auth0 fails logins when a tenant has 250 executions in flight. So a system is guarded ([`system::guard`]): a try is
//! waited for as long as is usual for it ([`system::patience`]), none is made while it seems down ([`system::breaker`]),
//! and users for whom it fails are told apart, so that one of them decides for no one else ([`system::failed`]). Of the
//! tries given up early one stays on the line and outlives its login: [`engine::Engine::overhear`].
//!
//! # Rooms
//!
//! Bottom up; none imports from one further down in this list.
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`host`] | a value of JavaScript, or its native stand-in |
//! | [`expression`] | what an admin writes in a string |
//! | [`document`] | the admin's document, place by place, and its mappings |
//! | [`request`] | from the event to what is sent |
//! | [`system`] | one system: its entry in the config, its calls, answers and guard, what is kept |
//! | [`login`] | the config, and one login by it: rules, the decision, claims, the log line |
//! | [`engine`], `wasm` | the door |
//!
//! A config may be read long before the first login: what has been read holds no value of the host
//! ([`host::constant`]), so the build keeps it in the wasm's memory. `host/js.rs` and `wasm.rs` alone name wasm-bindgen and
//! js-sys; everything else is plain Rust.

#![allow(rustdoc::private_intra_doc_links, reason = "the essay leads through the rooms, which are private")]

// Bottom up, as above.
mod host;

mod expression;

mod document;

mod request;

mod system;

mod login;

mod engine;
#[cfg(target_arch = "wasm32")]
mod wasm;

// What a driver needs.
pub use document::trigger::Trigger;
pub use engine::{Engine, OUT_OF_ORDER, Step};
#[cfg(target_arch = "wasm32")]
pub use host::js::Js;
pub use host::kept::Kept;
#[cfg(not(target_arch = "wasm32"))]
pub use host::native::Native;
pub use host::text::Text;
pub use host::value::{Kind, Val, Value};
pub use login::command::Command;
pub use login::config::{Config, Draft};
pub use login::execution::Verdict;
pub use login::metadata::Vouched;
pub use request::template::Request;
pub use system::step::{Answer, Effect, EffectId, Now, STALE, TIMEOUT, TOO_LARGE, UNREADABLE};
#[cfg(target_arch = "wasm32")]
pub use wasm::WasmEngine;

// Parts that have tables of their own in the tests.
pub use expression::{Expression, FUNCTIONS, MAX_DEPTH, MAX_LENGTH, begin as begin_evaluations};
pub use host::text::hex;
pub use request::scope::Scope;
pub use request::token::{NotAToken, unchecked_expiry};
pub use system::breaker::Breaker;
pub use system::failed::Failed;
pub use system::patience::Patience;
pub use system::retry::{Bucket, backoff, retry_after};
pub use system::reuse::{Key, Reuse};
