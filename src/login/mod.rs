//! The whole config, and one login by it, from the event to its commands: rules, all systems side by side, the decision,
//! claims, metadata, and the log line.
//!
//! May import all rooms but the door: `engine`, `wasm`.

pub(crate) mod claims;
pub(crate) mod command;
pub(crate) mod config;
pub(crate) mod execution;
pub(crate) mod log;
pub(crate) mod metadata;
pub(crate) mod order;
pub(crate) mod rules;
pub(crate) mod saml;
pub(crate) mod scopes;
