//! What an admin writes, read place by place: mappings of expressions and value forms, what these may read, secrets by
//! name, and names that Auth0 takes.
//!
//! May import `host` and `expression`.

pub(crate) mod config_value;
pub(crate) mod fields;
pub(crate) mod mapping;
pub(crate) mod names;
pub(crate) mod outputs;
pub(crate) mod problem;
pub(crate) mod root;
pub(crate) mod secrets;
pub(crate) mod trigger;
