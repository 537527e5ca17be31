//! One header of a request: a literal, or a value form.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::{Form, Forms, Means};
use crate::document::secrets::Secrets;
use crate::host::text::{Text, cut, has, words};
use crate::host::value::{Kind, Value};
use crate::request::attempt::Unbuildable;
use crate::request::scope::Scope;

/// What an entry says about a header's value.
pub(crate) enum HeaderValue {
    /// As it is.
    Literal(Text),
    /// What the form gives, after this.
    Form(Box<Form>, &'static str),
}

impl HeaderValue {
    /// Reads the value here, for the header `name` of a request that has a body or has none.
    pub(crate) fn read(place: ConfigValue, name: &str, body: bool, secrets: &Secrets) -> Self {
        if place.kind == Kind::Text {
            let text = place.text();
            if !is_header_value(&text) {
                place.refuse("must be one line of visible ASCII characters");
            }
            if reads_like_code(&text) {
                place.refuse(
                    "is sent as it is: write {\"value\": …} for an expression, {\"secret\": NAME} or \
                     {\"bearer\": NAME} for a secret",
                );
            }
            return Self::Literal(Text::new(&text));
        }
        let Some(form) = Form::read(place, &Forms::header(secrets, body)) else {
            return Self::Literal(Text::default());
        };
        match &form {
            Form::Value { .. } if carries_credential(name) => {
                place.refuse(
                    "carries a credential, which must be a secret: use `secret`, `bearer` or `basic`",
                );
            }
            Form::Value { .. } if matches!(place.needed("value").kind, Kind::List | Kind::Object) => {
                place.needed("value").refuse("must be an expression, a number or a boolean");
            }
            Form::Secret { prefix, .. } | Form::Hmac { prefix, .. } | Form::Token(prefix)
                if !is_header_value(prefix) =>
            {
                place.refuse("`prefix` must be one line of visible ASCII characters");
            }
            _ => {}
        }
        let bearer = matches!(form, Form::Jwt(_)) && name == "authorization";
        Self::Form(Box::new(form), if bearer { "Bearer " } else { "" })
    }

    /// Its text for this try; `None` when there is to be none.
    pub(crate) fn build(&self, scope: &Scope, means: &Means) -> Result<Option<Text>, Unbuildable> {
        match self {
            // Looked at when it was read.
            Self::Literal(text) => Ok(Some(text.clone())),
            Self::Form(form, before) => {
                let failed = |why| {
                    if why == Unbuildable::EXPRESSION { Unbuildable::Invalid("header-value") } else { why }
                };
                let value = form.fill(&scope.filling(Some(means))).map_err(failed)?;
                let Some(value) = value else { return Ok(None) };
                let text = match value.kind() {
                    Kind::Text => [before, value.as_text().unwrap_or_default().as_str()].concat(),
                    Kind::Number | Kind::Bool => value.to_json(),
                    Kind::Null | Kind::List | Kind::Object => String::new(),
                };
                // Blanks at the ends would be lost on the way.
                let whole = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
                let bytes = text.as_bytes();
                if whole(bytes.first()) && whole(bytes.last()) && is_header_value(&text) {
                    Ok(Some(Text::new(&text)))
                } else {
                    Err(Unbuildable::Invalid("header-value"))
                }
            }
        }
    }

    /// What it says of the event, for telling one request from another: no text of a secret.
    pub(crate) fn key(&self, scope: &Scope) -> String {
        match self {
            Self::Form(form, _) => {
                let value = form.fill(&scope.filling(None)).ok().flatten();
                value.map(|value| value.to_json()).unwrap_or_default()
            }
            Self::Literal(_) => String::new(),
        }
    }

    /// Whether the other system may refuse its secret by a 403. Gateways say so for a key that they do not know; behind
    /// `Bearer` that is said of a user.
    pub(crate) fn is_key_alone(&self) -> bool {
        matches!(self, Self::Form(form, _) if form.plain_secret().1)
    }

    /// The names of the secret it sends as it is.
    pub(crate) fn secrets(&self) -> &[Text] {
        match self {
            Self::Form(form, _) => form.plain_secret().0,
            Self::Literal(_) => &[],
        }
    }

    /// The names of the key by which it vouches for what is sent.
    pub(crate) fn signs(&self) -> &[Text] {
        match self {
            Self::Form(form, _) => form.signs(),
            Self::Literal(_) => &[],
        }
    }
}

/// Whether no part of an event, nor of another system's answer, may get into this header: `x-api-key`, `X_Api_Keys`,
/// `cookie2`.
fn carries_credential(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    let one = letters.strip_suffix('s').unwrap_or(&letters);
    words("authorization cookie apikey accesskey token secret password")
        .iter()
        .any(|last| one.ends_with(last))
}

/// The names from which an expression reads, as people write them where they are not read.
const ROOTS: &str = "event user request client connection organization authentication authorization transaction stats \
tenant session secrets syncs clock";

/// Whether someone may have meant this text to be filled: `user.email`, `secrets.KEY`, `{{key}}`, `${key}`.
fn reads_like_code(text: &str) -> bool {
    let template = cut(text, "{")
        .is_some_and(|(before, rest)| (before.ends_with('$') || rest.starts_with('{')) && has(rest, "}"));
    let path = cut(text, ".").is_some_and(|(root, rest)| {
        words(ROOTS).contains(&root) && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    });
    path || template
}

/// Headers that are the transport's to set.
const TRANSPORT: &str = "host content-length content-encoding accept-encoding transfer-encoding connection keep-alive upgrade \
te trailer expect";

impl ConfigValue<'_> {
    /// `name` in lower case, as this request may set it.
    pub(crate) fn header_name(self, name: &str, request: ConfigValue) -> String {
        let name = name.to_ascii_lowercase();
        let token = |b: u8| b.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".bytes().any(|sign| sign == b);
        if name.is_empty() || !name.bytes().all(token) {
            self.refuse("is not a valid header name");
        }
        if words(TRANSPORT).contains(&name.as_str()) || name.starts_with("proxy-") {
            self.refuse("is set by the transport: remove it");
        }
        if name.starts_with("webhook-") && !request.value.get("sign").is_null() {
            self.refuse("is set by `sign`: remove it");
        }
        name
    }
}

/// Visible ASCII, spaces and tabs: what can pass through any proxy, and no line break.
pub(crate) fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ' || b == b'\t')
}
