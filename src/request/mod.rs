//! From an event and an entry of the config to what is sent: the event without its secrets, urls, headers, signed tokens.
//!
//! May import `host`, `expression` and `document`.

pub mod attempt;
pub mod header;
pub mod scope;
pub mod secrets;
pub mod template;
pub mod token;
pub mod url;

pub use template::Request;
