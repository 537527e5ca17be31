//! From an event and an entry of the config to what is sent: the event without its secrets, urls, headers, signed tokens.
//!
//! May import `host`, `expression` and `document`.

pub(crate) mod attempt;
pub(crate) mod body;
pub(crate) mod header;
pub(crate) mod label;
pub(crate) mod plain;
pub(crate) mod scope;
pub(crate) mod sign;
pub(crate) mod template;
pub(crate) mod token;
pub(crate) mod url;
