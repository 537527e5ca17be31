//! From the event and an entry of the config to an HTTP request.

use crate::document::config_value::ConfigValue;
use crate::document::secrets::{Names, Secrets};
use crate::document::trigger::AGAIN;
use crate::host::text::{Text, decimal, hex, joined, word_at};
use crate::host::value::{Val, Value};
use crate::request::attempt::{Unbuildable, Variables};
use crate::request::body::Body;
use crate::request::header::HeaderValue;
use crate::request::scope::Scope;
use crate::request::sign;
use crate::request::url::{Url, UrlTemplate};

/// One request, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `GET`, …
    pub method: Text,
    /// Where to.
    pub url: Url,
    /// Names in lower case, each once.
    pub headers: Vec<(Text, Text)>,
    /// When there is one.
    pub body: Option<Text>,
    /// How long the login waits, from connect to the answer's last byte, in milliseconds. 0 when it does not wait at all,
    /// and nothing comes back to the engine.
    pub timeout_ms: u32,
    /// How long it may take if it stays on the line.
    pub longest_ms: u32,
    /// It asks for a token, and what answers it may come from another instance, or go there; but not this one, if there is
    /// one, which was refused.
    pub shared: Option<Text>,
}

impl Request {
    /// Method, host, port and path, and then each header's name and value, a line each. One text crosses to the host
    /// faster than its parts; none of them can hold a line's end, as each was looked at when it was read or built.
    pub fn head(&self) -> String {
        let port = decimal(u32::from(self.url.port));
        let mut head = joined(&[&self.method, &self.url.host, &port, &self.url.path], "\n");
        for (name, value) in &self.headers {
            for line in [name, value] {
                head.push('\n');
                head.push_str(line);
            }
        }
        head
    }
}

/// What an entry says about its request.
pub(crate) struct RequestTemplate {
    method: Text,
    url: UrlTemplate,
    headers: Vec<(Text, HeaderValue)>,
    body: Body,
    /// The header of the idempotency key, if there is to be one.
    idempotency: Option<Text>,
    /// The key is the same for one user and body.
    per_user: bool,
    /// The secrets by which the request is signed.
    sign: Names,
    /// The names of every secret that is sent, or signs: each list rotates.
    secrets: Vec<Names>,
}

const METHODS: &str = "POST GET PUT PATCH DELETE";

impl RequestTemplate {
    /// Reads the request here.
    pub(crate) fn read(place: ConfigValue, secrets: &Secrets) -> Self {
        place.knows_only("method url params headers body form text sendNulls sign idempotency");
        let method = word_at(METHODS, place.word_of("method", METHODS));
        // Its secrets do not rotate: each of them signs.
        let sign = place.field("sign").map(|sign| sign::read(sign, secrets)).unwrap_or_default();
        secrets.lists();
        let url = UrlTemplate::read(place, secrets);
        let body = Body::read(place, method == "GET", secrets);
        let kind = body.content_type();
        let mut headers: Vec<(Text, HeaderValue)> = Vec::new();
        place.fields_of("headers", false, &mut |name, value| {
            let name = value.header_name(name, place);
            if headers.iter().any(|(known, _)| **known == *name) {
                value.refuse(
                    "is the same header as another one here: upper and lower case make no difference",
                );
            }
            if name == "content-type" {
                body.check_content_type(value);
            }
            let value = HeaderValue::read(value, &name, !kind.is_empty(), secrets);
            headers.push((Text::new(&name), value));
        });
        let agent = concat!("login-sync/", env!("CARGO_PKG_VERSION"));
        for (name, value) in [("content-type", kind), ("accept", "application/json"), ("user-agent", agent)] {
            if !value.is_empty() && !headers.iter().any(|(known, _)| **known == *name) {
                headers.push((Text::new(name), HeaderValue::Literal(Text::new(value))));
            }
        }
        let (idempotency, per_user) = read_idempotency(place, &headers);
        let secrets = secrets.lists();
        Self { method: Text::new(method), url, headers, body, idempotency, per_user, sign, secrets }
    }

    /// The body for this event, but for what is made of secrets: for telling one request from another.
    pub(crate) fn body(&self, scope: &Scope) -> Result<Option<Text>, Unbuildable> {
        self.body.fill(scope, None)
    }

    /// The whole request, around this body.
    pub(crate) fn build(
        &self,
        scope: &Scope,
        body: Option<&Text>,
        vars: &Variables,
    ) -> Result<Request, Unbuildable> {
        let varied =
            if self.body.varies { self.body.fill(scope, Some(&scope.means(vars, None)))? } else { None };
        let body = varied.as_ref().or(body);
        let nothing = Text::default();
        let means = scope.means(vars, Some(body.unwrap_or(&nothing)));
        let mut headers = Vec::with_capacity(self.headers.len() + 2);
        for (name, value) in &self.headers {
            if let Some(value) = value.build(scope, &means)? {
                headers.push((name.clone(), value));
            }
        }
        let url = self.url.build(scope, &means, &mut headers)?;
        if !self.sign.is_empty() {
            sign::sign(&self.sign, vars.idempotency_key, &means, &mut headers)?;
        }
        let mut add = |name: &Text, id: &Text| {
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.clone(), id.clone()));
            }
        };
        if let Some(name) = &self.idempotency {
            add(name, vars.idempotency_key);
        }
        add(&Text::new("login-sync-trigger-id"), vars.trigger_id);
        Ok(Request {
            method: self.method.clone(),
            url,
            headers,
            body: body.cloned(),
            timeout_ms: vars.timeout_ms,
            longest_ms: vars.longest_ms,
            shared: None,
        })
    }

    /// Where it would go and what its headers say of the event, for telling one request from another: no text of a secret.
    pub(crate) fn target(&self, scope: &Scope) -> String {
        let mut target = self.url.key(scope);
        for (_, value) in &self.headers {
            if let HeaderValue::Form(..) = value {
                target.push('\n');
                target.push_str(&value.key(scope));
            }
        }
        target
    }

    /// The key for all tries of this request: the one that is given, or one that this user's request or this event always
    /// has.
    pub(crate) fn idempotency_key(&self, of: &str, scope: &Scope, body: Option<&Text>, given: &[u8]) -> Text {
        let fixed = if self.per_user || scope.takes(AGAIN) { self.fixed_key(of, scope, body) } else { None };
        Text::new(&fixed.unwrap_or_else(|| hex(given)))
    }

    #[cold]
    #[inline(never)]
    fn fixed_key(&self, of: &str, scope: &Scope, body: Option<&Text>) -> Option<String> {
        let (mut target, mut text) = (String::new(), "");
        let mut id = None;
        if self.per_user {
            id = scope.user();
            target = self.target(scope);
            text = body.map(Text::as_str).unwrap_or_default();
        }
        // However often it comes. An entry has its own, for two may write to one system.
        let id = id.or_else(|| scope.event_id())?;
        let digest = Val::from_text(&joined(&[of, &id, &target, text], "\0")).digest("sha256 hex", None);
        Some(digest.as_text().unwrap_or_default().chars().take(32).collect())
    }

    /// Which fields of the body are absent or empty.
    pub(crate) fn empty_fields(&self, scope: &Scope) -> String {
        self.body.empty_fields(scope)
    }

    /// The secret that a header sends as it is, at this rotation: its name and its text.
    pub(crate) fn secret<'a>(&'a self, scope: &'a Scope, rotation: usize) -> Option<(&'a Text, Val)> {
        self.headers.iter().find_map(|(_, value)| scope.secret(value.secrets(), rotation))
    }

    /// How many secrets there are to try, one after the other, when the other system answers with this status.
    pub(crate) fn rotations(&self, scope: &Scope, status: u16) -> usize {
        let mut most = 0;
        let mut count = |names: &[Text]| most = scope.secrets(names).count().max(most);
        if status == 401 {
            self.secrets.iter().for_each(|names| count(names));
        }
        if status == 403 {
            self.headers
                .iter()
                .filter(|(_, value)| value.is_key_alone())
                .for_each(|(_, value)| count(value.secrets()));
        }
        most
    }

    /// Whether it vouches with this key for what is sent.
    pub(crate) fn signs_with(&self, key: &Text) -> bool {
        self.sign.contains(key) || self.headers.iter().any(|(_, value)| value.signs().contains(key))
    }
}

/// The header of the idempotency key, if there is to be one, and whether the key is the user's.
fn read_idempotency(request: ConfigValue, headers: &[(Text, HeaderValue)]) -> (Option<Text>, bool) {
    let usual = Text::new("idempotency-key");
    let Some(place) = request.field("idempotency") else {
        return (Some(usual), false);
    };
    if place.value.as_bool() == Some(false) {
        return (None, false);
    }
    place.knows_only("header of");
    let name =
        place.field("header").map_or(usual, |header| Text::new(&header.header_name(&header.text(), request)));
    if headers.iter().any(|(known, _)| *known == name) {
        place.refuse_text("sets the header ", &name, " that the request sets too: choose another one");
    }
    (Some(name), place.word_of("of", "login user") == 1)
}
