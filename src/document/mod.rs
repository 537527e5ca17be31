//! What an admin writes, read place by place, and the mappings of expressions in it.
//!
//! May import `host` and `expression`.

pub mod mapping;
pub mod place;
