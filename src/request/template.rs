//! From the event and an entry of the config to an HTTP request.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::Mapping;
use crate::host::text::{Text, joined};
use crate::host::value::{Val, Value};
use crate::request::attempt::{Unbuildable, Variables};
use crate::request::header::HeaderValue;
use crate::request::scope::Scope;
use crate::request::secrets::Secrets;
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
    /// JSON, when there is one.
    pub body: Option<Text>,
    /// How long the login waits, from connect to the answer's last byte, in milliseconds.
    pub timeout_ms: u32,
    /// How long it may take if it stays on the line.
    pub longest_ms: u32,
}

impl Request {
    /// Method, host, port and path, and then each header's name and value, a line each. One text crosses to the host
    /// faster than its parts; none of them can hold a line's end, as each was looked at when it was read or built.
    pub fn head(&self) -> String {
        let port = self.url.port.to_string();
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
    body: Option<Mapping>,
}

const METHODS: [&str; 5] = ["POST", "GET", "PUT", "PATCH", "DELETE"];

impl RequestTemplate {
    /// Reads the request here.
    pub(crate) fn read(place: &ConfigValue, secrets: &Secrets) -> Self {
        place.knows_only(&["method", "url", "params", "headers", "body"]);
        let method = place.field("method").map_or(0, |method| method.word(&METHODS));
        let method = METHODS.get(method).copied().unwrap_or_default();
        let url = UrlTemplate::read(place, secrets);
        let mut headers: Vec<(Text, HeaderValue)> = Vec::new();
        place.fields_of("headers", false, &mut |name, value| {
            let name = value.header_name(name);
            if headers.iter().any(|(known, _)| **known == *name) {
                value.refuse(
                    "is the same header as another one here: upper and lower case make no difference",
                );
            }
            let value = HeaderValue::read(&value, &name, secrets);
            headers.push((Text::new(&name), value));
        });
        let body = place.field("body");
        if let (Some(body), "GET") = (&body, method) {
            body.refuse(
                "a GET request cannot have a body: use POST, or put values into the url with `params`",
            );
        }
        let json = "application/json";
        let agent = concat!("login-sync/", env!("CARGO_PKG_VERSION"));
        for (name, value) in [("content-type", json), ("accept", json), ("user-agent", agent)] {
            let needed = body.is_some() || name != "content-type";
            if needed && !headers.iter().any(|(known, _)| **known == *name) {
                headers.push((Text::new(name), HeaderValue::Literal(Text::new(value))));
            }
        }
        Self { method: Text::new(method), url, headers, body: body.map(|body| Mapping::read(&body)) }
    }

    /// The body for this event, as JSON.
    pub(crate) fn body(&self, scope: &Scope) -> Result<Option<Text>, Unbuildable> {
        let Some(body) = &self.body else {
            return Ok(None);
        };
        let json = body.fill(&scope.event).map(|body| body.stringify()).unwrap_or_default();
        if json.is_null() { Err(Unbuildable::Invalid("body-expression")) } else { Ok(Some(Text::of(json))) }
    }

    /// The whole request, around this body.
    pub(crate) fn build(
        &self,
        scope: &Scope,
        body: Option<&Text>,
        vars: &Variables,
    ) -> Result<Request, Unbuildable> {
        let mut headers = Vec::with_capacity(self.headers.len() + 2);
        for (name, value) in &self.headers {
            if let Some(value) = value.build(scope, body, vars)? {
                headers.push((name.clone(), value));
            }
        }
        let url = self.url.build(scope, &mut headers)?;
        for (name, id) in
            [("idempotency-key", vars.idempotency_key), ("login-sync-trigger-id", vars.trigger_id)]
        {
            if !headers.iter().any(|(known, _)| **known == *name) {
                headers.push((Text::new(name), id.clone()));
            }
        }
        Ok(Request {
            method: self.method.clone(),
            url,
            headers,
            body: body.cloned(),
            timeout_ms: vars.timeout_ms,
            longest_ms: vars.longest_ms,
        })
    }

    /// Where it would go, for telling one request from another; empty when it cannot be built.
    pub(crate) fn target(&self, scope: &Scope) -> String {
        match self.url.build(scope, &mut Vec::new()) {
            Ok(url) => [&url.host, ":", &url.port.to_string(), &url.path].concat(),
            Err(_) => String::new(),
        }
    }

    /// Which fields of the body are absent or empty: what to look at when the other system refuses it. Their names, as
    /// `empty-email-lastName`, never their values.
    #[cold]
    #[inline(never)]
    pub(crate) fn empty_fields(&self, scope: &Scope) -> String {
        let mut names = String::new();
        if let Some(Mapping::Object(fields)) = &self.body {
            for (name, mapping) in fields {
                let value = mapping.fill(&scope.event).unwrap_or_default();
                if value.is_null() || value.as_text().is_some_and(|text| text.is_empty()) {
                    names.push_str(if names.is_empty() { "empty-" } else { "-" });
                    names.extend(name.chars().filter(char::is_ascii_alphanumeric));
                }
            }
        }
        names.truncate(60);
        names
    }

    /// The secret that a header sends as it is, at this rotation: its name and its text.
    pub(crate) fn secret<'a>(&'a self, scope: &'a Scope, rotation: usize) -> Option<(&'a Text, Val)> {
        self.headers.iter().find_map(|(_, value)| scope.secret(value.secrets(), rotation))
    }

    /// How many secrets there are to try, one after the other, when the other system answers with this status.
    pub(crate) fn rotations(&self, scope: &Scope, status: u16) -> usize {
        let refused = self.headers.iter().filter(|(_, value)| value.is_refused_by(status));
        refused.map(|(_, value)| scope.secrets(value.secrets()).count()).max().unwrap_or_default()
    }
}
