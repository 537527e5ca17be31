//! JSON Web Tokens: ours, signed; and the expiry of others', read without a check of the signature.
//!
//! jwt-compact mints, with the host's HMAC. Its decoder would bring a JSON reader into the wasm (17 kB of the paste), so
//! an expiry is read by the host; in native tests the decoder is the oracle of that.

use crate::host::text::Text;
use crate::host::value::{Val, Value};
use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, TimeDelta};
use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header};
use std::borrow::Cow;

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
        Some(milliseconds) if milliseconds.abs() < FARTHEST_S => Ok(milliseconds),
        Some(_) => Err(NotAToken::Malformed),
        None => Err(NotAToken::NoExpiry),
    }
}

/// Seconds from 1970 to the ends of what chrono, like JavaScript, calls a date.
const FARTHEST_S: f64 = 8.2e12;
/// From here on they are milliseconds, by mistake: as seconds this is the year 33658, as milliseconds 2001.
const MILLISECONDS: f64 = 1e12;

/// What goes into a token of ours.
pub(crate) struct Mint<'a> {
    /// The key, a string.
    pub secret: &'a Val,
    /// `sub`: the user's id.
    pub subject: &'a str,
    /// `aud`: who may accept it.
    pub audience: &'a str,
    /// `jti`: unique, so that a receiver can refuse a replay.
    pub id: &'a str,
    /// The request's body; its SHA-256 goes in as `body_sha256`, base64url, so that the token vouches for it.
    pub body: &'a Text,
    /// Milliseconds since 1970.
    pub now: f64,
    /// From `iat` to `exp`.
    pub expires_in_seconds: u32,
}

#[derive(serde::Serialize)]
struct OurClaims<'a> {
    iss: &'static str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    body_sha256: String,
}

/// A token signed with HS256; `None` when the clock is beyond what a date can say.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a wall clock in milliseconds fits; a wild one saturates"
)]
pub(crate) fn mint(mint: &Mint) -> Option<String> {
    let issued = DateTime::from_timestamp((mint.now / 1000.0) as i64, 0)?;
    let mut claims = Claims::new(OurClaims {
        iss: "login-sync",
        sub: mint.subject,
        aud: mint.audience,
        jti: mint.id,
        body_sha256: Base64UrlUnpadded::encode_string(&mint.body.value().sha256(None)),
    });
    claims.issued_at = Some(issued);
    claims.expiration = issued.checked_add_signed(TimeDelta::seconds(i64::from(mint.expires_in_seconds)));
    let header = Header::empty().with_token_type("JWT");
    HostHs256.token(&header, &claims, mint.secret).ok()
}

/// HS256 with the host's HMAC.
struct HostHs256;

struct Signature([u8; 32]);

impl Algorithm for HostHs256 {
    type SigningKey = Val;
    type VerifyingKey = Val;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("HS256")
    }

    fn sign(&self, key: &Val, message: &[u8]) -> Signature {
        let message = Val::from_text(std::str::from_utf8(message).unwrap_or_default());
        Signature(message.sha256(Some(key)))
    }

    /// Asked of every algorithm; no token is verified here.
    fn verify_signature(&self, signature: &Signature, key: &Val, message: &[u8]) -> bool {
        self.sign(key, message).0 == signature.0
    }
}

impl AlgorithmSignature for Signature {
    fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
        slice.try_into().map(Self).map_err(anyhow::Error::msg)
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}

/// A digest of a string as 8 hex digits. For telling one text from another, not for proof.
pub(crate) fn digest(text: &Val) -> String {
    hex(text.sha256(None).get(..4).unwrap_or_default())
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
