//! What only the source of a token has, of all entries.

use crate::document::secrets::Names;

/// What only the source of a token has.
pub(crate) struct Grant {
    /// The names of its refresh token.
    pub refresh_token: Names,
    /// Whether instances share its tokens: what is sent is always the same.
    pub shared: bool,
}
