//! One login, from the event to its commands: rules, all systems side by side, policies, claims, and the log line.
//!
//! May import all rooms but the door: `config`, `presets`, `engine`, `wasm`.

pub mod claims;
pub mod execution;
pub mod log;
pub mod policy;
pub mod rules;

pub use execution::{Verdict, Vouched};
