//! A JSON Web Token of ours: `{ "jwt": … }`.
//!
//! jwt-compact puts it together, the host signs. The claims are what the host writes as JSON, since numbers are its business
//! (`host/value.rs`), and go into the token as they are.

use super::{Filling, Forms, Mapping, Means, Unfilled};
use crate::document::config_value::ConfigValue;
use crate::document::secrets::{Names, secret};
use crate::host::text::{Text, hex, is_whole, words};
use crate::host::value::{Val, Value};
use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header};
use serde::ser::SerializeMap;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What an entry says about a token of ours.
pub(crate) struct Jwt {
    /// Of the key.
    names: Names,
    /// By `node:crypto`, with a private key in PEM; else HS256.
    rs256: bool,
    claims: Vec<(Text, Mapping)>,
    /// `kid` and `typ` of its header.
    kid: Option<String>,
    typ: String,
    /// `aud`
    audience: String,
    /// From `iat` to `exp`.
    expires_in_seconds: u32,
}

/// Seconds from 1970 to the ends of what JavaScript calls a date.
const FARTHEST_S: f64 = 8.2e12;

/// Claims that are set for each token.
const OURS: &str = "iat exp jti body_sha256";

/// Refuses a claim that is set for each token.
#[inline(never)]
pub(crate) fn not_ours(claim: ConfigValue, name: &str) {
    if words(OURS).contains(&name) {
        claim.refuse("is set by login-sync: remove it");
    }
}

impl Jwt {
    // Apart, and so not compiled before a config has one: docs/performance.md.
    #[inline(never)]
    pub(super) fn read(place: ConfigValue, forms: &Forms) -> Self {
        let before = place.problems();
        place.knows_only("secret alg claims header audience expiresInSeconds");
        let audience = place.field("audience");
        let mut claims = Vec::new();
        place.fields_of("claims", true, &mut |name, claim| {
            not_ours(claim, name);
            if name == "aud" && audience.is_some() {
                claim.refuse("is set by `audience` too: remove one of the two");
            }
            claims.push((Text::new(name), Mapping::read(claim, &Forms::plain(forms.secrets))));
        });
        let header = place.field("header");
        if let Some(header) = &header {
            header.knows_only("kid typ");
        }
        let literal = |key: &'static str| header?.field(key).map(ConfigValue::text);
        if audience.is_none() && place.field("claims").is_none() && place.problems() == before {
            place.refuse("needs `audience`: the receiver; or `claims`");
        }
        Self {
            names: forms.secrets.names(place, "secret", false),
            rs256: place.word_of("alg", "HS256 RS256") == 1,
            claims,
            kid: literal("kid"),
            typ: literal("typ").unwrap_or_else(|| "JWT".to_string()),
            audience: audience.map(ConfigValue::text).unwrap_or_default(),
            expires_in_seconds: place.whole_of("expiresInSeconds", 60, 1, 86_400, " of seconds"),
        }
    }

    pub(super) fn names(&self) -> &[Text] {
        &self.names
    }

    /// What its claims have of the scope.
    pub(super) fn says(&self, with: &Filling) -> Val {
        let claims = self.claims.iter();
        Val::from_list(
            claims.map(|(_, claim)| claim.fill(*with).ok().flatten().unwrap_or_default()).collect(),
        )
    }

    /// The token. That of a header vouches for the body.
    #[cold]
    #[inline(never)]
    pub(super) fn fill(&self, with: &Filling, means: &Means) -> Result<Val, Unfilled> {
        let invalid = || Unfilled::Invalid("jwt");
        let (_, key) = secret(means.secrets, &self.names, means.rotation).ok_or(Unfilled::NoSecret)?;
        let mut id = [0; 16];
        if !(means.entropy)(&mut id) {
            return Err(Unfilled::Invalid("no-randomness"));
        }
        let mut claims = Raw { fields: Vec::new(), whole: true };
        let says = |name: &str| self.claims.iter().any(|(known, _)| known == name);
        if !says("iss") {
            claims.push("iss", &Val::from_text("login-sync"));
        }
        if !says("sub") {
            let user = with.scope.get("user").get("user_id");
            claims.whole = is_whole(&user.as_text().unwrap_or_default());
            claims.push("sub", &user);
        }
        if !self.audience.is_empty() {
            claims.push("aud", &Val::from_text(&self.audience));
        }
        claims.push("jti", &Val::from_text(&hex(&id)));
        if let Some(body) = means.body {
            claims.push("body_sha256", &body.value().digest("sha256 base64url", None));
        }
        let seconds = (means.now / 1000.0).trunc();
        claims.whole &= seconds.abs() <= FARTHEST_S;
        claims.push("iat", &Val::from_f64(seconds));
        claims.push("exp", &Val::from_f64(seconds + f64::from(self.expires_in_seconds)));
        for (name, mapping) in &self.claims {
            if let Some(value) = mapping.fill(*with)? {
                claims.push(name, &value);
            }
        }
        if !claims.whole {
            return Err(invalid());
        }
        let mut header = Header::empty();
        (header.key_id, header.token_type) = (self.kid.clone(), Some(self.typ.clone()));
        let algorithm = HostAlgorithm { rs256: self.rs256 };
        let token = algorithm.token(&header, &Claims::new(claims), &key).map_err(|_| invalid())?;
        // A key that is none has signed nothing.
        if token.ends_with('.') { Err(invalid()) } else { Ok(Val::from_text(&token)) }
    }
}

/// Fields, each as the JSON that the host has written.
struct Raw {
    fields: Vec<(String, Box<RawValue>)>,
    /// Each of them is what it must be.
    whole: bool,
}

impl Raw {
    /// Null is none: a machine and an event have no user, and some receivers refuse a `sub` that is no string.
    #[inline(never)]
    fn push(&mut self, name: &str, value: &Val) {
        if value.is_null() {
            return;
        }
        let json = value.to_json();
        if json.is_empty() {
            self.whole = false;
            return;
        }
        // SAFETY: the host wrote it, by JSON.stringify: one value, no blanks around it. It is only written out again.
        let value = unsafe { RawValue::from_string_unchecked(json) };
        self.fields.push((name.to_string(), value));
    }
}

impl serde::Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// HS256 or RS256, by the host.
struct HostAlgorithm {
    rs256: bool,
}

struct Signature(Vec<u8>);

impl Algorithm for HostAlgorithm {
    type SigningKey = Val;
    type VerifyingKey = Val;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.rs256 { "RS256" } else { "HS256" })
    }

    fn sign(&self, key: &Val, message: &[u8]) -> Signature {
        // All of it is ASCII.
        let message: String = message.iter().map(|byte| char::from(*byte)).collect();
        let message = Val::from_text(&message);
        let signed = if self.rs256 { message.rs256(key) } else { message.digest("sha256 binary", Some(key)) };
        // A character for each byte.
        Signature(signed.as_text().unwrap_or_default().chars().map(|c| c as u8).collect())
    }

    /// Asked of every algorithm; no token is verified here.
    fn verify_signature(&self, signature: &Signature, key: &Val, message: &[u8]) -> bool {
        self.sign(key, message).0 == signature.0
    }
}

impl AlgorithmSignature for Signature {
    fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(slice.to_vec()))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}
