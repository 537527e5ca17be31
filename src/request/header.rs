//! One header of a request: a literal, a secret, or a token that is minted for it.

use crate::document::config_value::ConfigValue;
use crate::host::text::{Text, is_whole};
use crate::host::value::{Kind, Value};
use crate::request::attempt::{Unbuildable, Variables};
use crate::request::scope::Scope;
use crate::request::secrets::Secrets;
use crate::request::token::{self, Mint};

/// What an entry says about a header's value.
pub(crate) enum HeaderValue {
    /// As it is.
    Literal(Text),
    /// A secret: the first that is set, the next one when the other system refuses it.
    Secret {
        /// Its names.
        names: Vec<Text>,
        /// What comes before it.
        prefix: &'static str,
        /// Whether the header may be left out when it is not set.
        optional: bool,
    },
    /// A token of ours that vouches for the body.
    Jwt(Jwt),
}

/// What an entry says about a token of ours.
pub(crate) struct Jwt {
    /// The key's names.
    names: Vec<Text>,
    /// `aud`
    audience: String,
    /// From `iat` to `exp`.
    expires_in_seconds: u32,
    /// What comes before it.
    prefix: &'static str,
}

impl HeaderValue {
    /// Reads the value here, for the header `name`.
    pub(crate) fn read(place: &ConfigValue, name: &str, secrets: &Secrets) -> Self {
        if place.kind == Kind::Text {
            let text = place.text();
            if !is_header_value(&text) {
                place.refuse("must be one line of visible ASCII characters");
            }
            return Self::Literal(Text::new(&text));
        }
        let before = place.problems();
        if place.kind == Kind::Object {
            place.knows_only(&["secret", "bearer", "jwt", "optional"]);
        }
        let optional = place.flag("optional");
        let forms = ["secret", "bearer", "jwt"];
        let mut given = forms.iter().filter(|form| !place.value.get(form).is_null());
        match (given.next(), given.next()) {
            (Some(&"jwt"), None) => {
                if optional {
                    place.refuse("a `jwt` cannot be optional: the receiver must be able to rely on it");
                }
                let jwt = place.needed("jwt");
                jwt.knows_only(&["secret", "audience", "expiresInSeconds"]);
                Self::Jwt(Jwt {
                    names: secrets.names(&jwt, "secret", optional),
                    audience: jwt.needed("audience").text(),
                    expires_in_seconds: jwt.whole_of("expiresInSeconds", 60, 1, 3600, " of seconds"),
                    prefix: if name == "authorization" { "Bearer " } else { "" },
                })
            }
            (Some(form), None) => {
                let prefix = if *form == "bearer" { "Bearer " } else { "" };
                Self::Secret { names: secrets.names(place, form, optional), prefix, optional }
            }
            _ => {
                if place.problems() == before {
                    place.refuse(
                        "must be a string, or an object with exactly one of `secret`, `bearer` and `jwt`",
                    );
                }
                Self::Literal(Text::default())
            }
        }
    }

    /// Its text for this try; `None` when it is optional and not set.
    pub(crate) fn build(
        &self,
        scope: &Scope,
        body: Option<&Text>,
        vars: &Variables,
    ) -> Result<Option<Text>, Unbuildable> {
        let text = match self {
            // Looked at when it was read.
            Self::Literal(text) => return Ok(Some(text.clone())),
            Self::Secret { names, prefix, optional } => match scope.secret(names, vars.rotation) {
                Some((_, secret)) => [prefix, secret.as_text().unwrap_or_default().as_str()].concat(),
                None if *optional => return Ok(None),
                None => return Err(Unbuildable::NoSecret),
            },
            Self::Jwt(jwt) => jwt.mint(scope, body, vars)?,
        };
        if is_header_value(&text) {
            Ok(Some(Text::new(&text)))
        } else {
            Err(Unbuildable::Invalid("header-value"))
        }
    }

    /// Whether the other system may refuse its secret by this status. Gateways say 403 for a key that they do not know;
    /// behind `Bearer` that is said of a user.
    pub(crate) fn is_refused_by(&self, status: u16) -> bool {
        status == 401 || (status == 403 && matches!(self, Self::Secret { prefix: "", .. }))
    }

    /// The names of the secrets it sends as they are.
    pub(crate) fn secrets(&self) -> &[Text] {
        match self {
            Self::Secret { names, .. } => names,
            Self::Literal(_) | Self::Jwt(_) => &[],
        }
    }
}

impl Jwt {
    // Apart, and so not compiled before a header asks for a token: docs/performance.md.
    #[inline(never)]
    fn mint(&self, scope: &Scope, body: Option<&Text>, vars: &Variables) -> Result<String, Unbuildable> {
        let (_, secret) = scope.secret(&self.names, 0).ok_or(Unbuildable::NoSecret)?;
        let subject = scope.user_id();
        if !is_whole(&subject) {
            return Err(Unbuildable::Invalid("jwt"));
        }
        let minted = token::mint(&Mint {
            secret: &secret,
            subject: &subject,
            audience: &self.audience,
            id: vars.token_id,
            body: body.unwrap_or(&Text::default()),
            now: vars.now,
            expires_in_seconds: self.expires_in_seconds,
        });
        Ok([self.prefix, minted.ok_or(Unbuildable::Invalid("jwt"))?.as_str()].concat())
    }
}

/// Headers that are the transport's to set.
const TRANSPORT: [&str; 11] = [
    "host",
    "content-length",
    "content-encoding",
    "accept-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
];

impl ConfigValue<'_> {
    /// `name` in lower case, as an entry may set it.
    pub(crate) fn header_name(&self, name: &str) -> String {
        let name = name.to_ascii_lowercase();
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            self.refuse("is not a valid header name");
        }
        if TRANSPORT.contains(&name.as_str()) || name.starts_with("proxy-") {
            self.refuse("is set by the transport: remove it");
        }
        name
    }
}

/// Visible ASCII, spaces and tabs: what can pass through any proxy, and no line break.
pub(crate) fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ' || b == b'\t')
}
