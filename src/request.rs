//! From the event and an entry of the config to an HTTP request.

use crate::document::Place;
use crate::header::HeaderValue;
use crate::mapping::Mapping;
use crate::policy::Outcome;
use crate::scope::Scope;
use crate::secrets::Secrets;
use crate::url::{Url, UrlTemplate};
use crate::value::Value;

/// One request, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `GET`, …
    pub method: &'static str,
    /// Where to.
    pub url: Url,
    /// Names in lower case, each once.
    pub headers: Vec<(String, String)>,
    /// JSON, when there is one.
    pub body: Option<String>,
    /// From connect to the answer's last byte, in milliseconds.
    pub timeout_ms: u32,
}

/// What an entry says about its request.
pub struct RequestTemplate {
    method: &'static str,
    url: UrlTemplate,
    headers: Vec<(String, HeaderValue)>,
    body: Option<Mapping>,
}

/// Why a request could not be built: its outcome, and a word for the log.
pub type Unbuildable = (Outcome, &'static str);

/// A secret that the request needs is not set.
pub const NO_SECRET: Unbuildable = (Outcome::Unauthorized, "no-secret");

/// What changes from try to try, and from login to login.
pub struct Variables<'a> {
    /// Which of the secrets that are set to use, where there are several.
    pub rotation: usize,
    /// The same on every try.
    pub idempotency_key: &'a str,
    /// Milliseconds since 1970.
    pub now: f64,
    /// A fresh id for a signed token.
    pub token_id: &'a str,
    /// What this try may take.
    pub timeout_ms: u32,
}

const METHODS: [&str; 5] = ["POST", "GET", "PUT", "PATCH", "DELETE"];

impl RequestTemplate {
    /// Reads the request here.
    pub fn read(place: &Place, secrets: &Secrets) -> Self {
        place.knows_only(&["method", "url", "params", "headers", "body"]);
        let method = place.field("method").map_or(0, |method| method.word(&METHODS));
        let method = METHODS.get(method).copied().unwrap_or_default();
        let url = UrlTemplate::read(place, secrets);
        let mut headers: Vec<(String, HeaderValue)> = Vec::new();
        for (name, value) in place.fields_of("headers") {
            let name = value.header_name(&name);
            if headers.iter().any(|(known, _)| *known == name) {
                value.refuse("this header stands here twice: a header's name has no case");
            }
            let value = HeaderValue::read(&value, &name, secrets);
            headers.push((name, value));
        }
        let body = place.field("body");
        if let (Some(body), "GET") = (&body, method) {
            body.refuse("a GET request has no body: use POST, or `params` in the url");
        }
        Self { method, url, headers, body: body.map(|body| Mapping::read(&body)) }
    }

    /// The body for this event, as JSON.
    pub fn body(&self, scope: &Scope) -> Result<Option<String>, Unbuildable> {
        match self.body.as_ref().map(|body| body.fill(&scope.event)) {
            None => Ok(None),
            Some(Ok(body)) => Ok(Some(body.to_json())),
            Some(Err(_)) => Err((Outcome::Invalid, "body-expression")),
        }
    }

    /// The whole request, around this body.
    pub fn build(&self, scope: &Scope, body: Option<&str>, vars: &Variables) -> Result<Request, Unbuildable> {
        let mut headers: Vec<(String, String)> = Vec::with_capacity(self.headers.len() + 4);
        for (name, value) in &self.headers {
            if let Some(value) = value.build(scope, body, vars)? {
                headers.push((name.clone(), value));
            }
        }
        let url = self.url.build(scope, &mut headers)?;
        for (name, value) in [
            ("content-type", body.map_or("", |_| "application/json")),
            ("accept", "application/json"),
            ("user-agent", concat!("login-sync/", env!("CARGO_PKG_VERSION"))),
            ("idempotency-key", vars.idempotency_key),
        ] {
            if !value.is_empty() && !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.to_string(), value.to_string()));
            }
        }
        Ok(Request {
            method: self.method,
            url,
            headers,
            body: body.map(str::to_string),
            timeout_ms: vars.timeout_ms,
        })
    }

    /// Where it would go, for telling one request from another; empty when it cannot be built.
    pub fn target(&self, scope: &Scope) -> String {
        match self.url.build(scope, &mut Vec::new()) {
            Ok(url) => [&url.host, ":", &url.port.to_string(), &url.path].concat(),
            Err(_) => String::new(),
        }
    }

    /// The secret that a header sends as it is, at this rotation: its name and its text.
    pub fn secret(&self, scope: &Scope, rotation: usize) -> Option<(String, String)> {
        self.headers.iter().find_map(|(_, value)| scope.secret(value.secrets(), rotation))
    }

    /// How many secrets there are to try, one after the other, when the other system answers 401.
    pub fn rotations(&self, scope: &Scope) -> usize {
        self.headers.iter().map(|(_, value)| scope.secrets(value.secrets()).count()).max().unwrap_or_default()
    }
}
