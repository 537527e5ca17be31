//! What a request is built with at each try, and why it may not be built.

use crate::document::mapping::Entropy;
use crate::host::text::Text;

pub(crate) use crate::document::mapping::Unfilled as Unbuildable;

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
    /// Where the ids of signed tokens come from.
    pub entropy: Entropy,
    /// The token of another system.
    pub token: Option<&'a Text>,
    /// What this try may take.
    pub timeout_ms: u32,
    /// And on the line.
    pub longest_ms: u32,
}
