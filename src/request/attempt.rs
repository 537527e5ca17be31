//! What a request is built with at each try, and why it may not be built.

use crate::host::text::Text;

/// Why a request could not be built.
pub(crate) enum Unbuildable {
    /// A secret that it needs is not set.
    NoSecret,
    /// Something would not be what it must be; a word on that for the log.
    Invalid(&'static str),
}

/// What changes from try to try, and from login to login.
pub(crate) struct Variables<'a> {
    /// Which of the secrets that are set to use, where there are several.
    pub rotation: usize,
    /// The same on every try.
    pub idempotency_key: &'a Text,
    /// The same for all that one execution sends, to whatever system.
    pub trigger_id: &'a Text,
    /// Milliseconds since 1970.
    pub now: f64,
    /// A fresh id for a signed token.
    pub token_id: &'a str,
    /// What this try may take.
    pub timeout_ms: u32,
    /// And on the line.
    pub longest_ms: u32,
}
