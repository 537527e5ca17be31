//! What an admin writes, read place by place: mappings of expressions, and names that Auth0 takes.
//!
//! May import `host` and `expression`.

pub mod config_value;
pub mod fields;
pub mod mapping;
pub mod names;
