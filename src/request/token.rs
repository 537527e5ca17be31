//! The expiry of others' JSON Web Tokens, read without a check of the signature. Ours are made in `document/mapping/jwt.rs`.
//!
//! jwt-compact's decoder would bring a JSON reader into the wasm (17 kB of the paste), so an expiry is read by the host; in
//! native tests the decoder is the oracle of that.

use crate::host::value::{Val, Value};

/// What is wrong with a token that no one has verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAToken {
    /// It is not three parts of base64url, the first two of them JSON objects: a header with an `alg`, and claims whose
    /// `exp`, if there is one, is a time.
    Malformed,
    /// It has no `exp`.
    NoExpiry,
}

/// When a JWT expires, in milliseconds since 1970. **Unchecked: no one has verified the signature.** It says how long
/// a token that we were handed is worth keeping, never whether to trust it.
pub fn unchecked_expiry(token: &Val) -> Result<f64, NotAToken> {
    let claims = token.unchecked_claims().ok_or(NotAToken::Malformed)?;
    match claims.get("exp").as_f64() {
        Some(seconds) if seconds.abs() < MILLISECONDS => Ok(seconds * 1000.0),
        Some(milliseconds) if milliseconds.abs() < LATEST_MS => Ok(milliseconds),
        Some(_) => Err(NotAToken::Malformed),
        None => Err(NotAToken::NoExpiry),
    }
}

/// The year 2229, in milliseconds: what is later is no time.
const LATEST_MS: f64 = 8.2e12;
/// From here on they are milliseconds, by mistake: as seconds this is the year 33658, as milliseconds 2001.
const MILLISECONDS: f64 = 1e12;

/// A digest of a string as 8 hex digits. For telling one text from another, not for proof.
pub(crate) fn digest(text: &Val) -> String {
    text.digest("sha256 hex", None).as_text().unwrap_or_default().chars().take(8).collect()
}
