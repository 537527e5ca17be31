//! The whole config, and one login by it, from the event to its commands: rules, all systems side by side, the decision,
//! claims, metadata, and the log line.
//!
//! May import all rooms but the door: `engine`, `wasm`.

pub mod claims;
pub mod command;
pub mod config;
pub mod execution;
pub mod log;
pub mod metadata;
pub mod rules;

pub use execution::Verdict;
pub use metadata::Vouched;
