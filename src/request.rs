//! From the event and an entry of the config to an HTTP request.

use crate::document::Place;
use crate::mapping::Mapping;
use crate::policy::Outcome;
use crate::scope::Scope;
use crate::token::{self, Mint};
use crate::url::{self, Url};
use crate::value::{Kind, Val, Value};
use std::cell::RefCell;

/// One request, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `GET`, …
    pub method: String,
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
    method: String,
    url: UrlTemplate,
    params: Vec<(String, Param)>,
    headers: Vec<(String, HeaderValue)>,
    body: Option<Mapping>,
}

enum UrlTemplate {
    Fixed(Url),
    /// The URL is a secret. These query fields are cut out of it and sent as headers: a copied invoke URL may carry
    /// its token in the query, where every proxy would log it.
    Secret {
        names: Vec<String>,
        query_to_headers: Vec<(String, String)>,
    },
}

/// What fills a `{name}` of the URL.
enum Param {
    Mapping(Mapping),
    Secret(Vec<String>),
}

enum HeaderValue {
    Literal(String),
    Secret { names: Vec<String>, prefix: &'static str, optional: bool },
    Jwt { secret: Vec<String>, audience: String, expires_in_seconds: u32, prefix: &'static str },
}

/// Why a request could not be built, for the log.
pub type Unbuildable = (Outcome, &'static str);

const NO_SECRET: Unbuildable = (Outcome::Unauthorized, "no-secret");

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
    /// What is left for this try.
    pub timeout_ms: u32,
}

impl RequestTemplate {
    /// Reads the request here.
    pub fn read(place: &Place, secrets: &Secrets) -> Option<Self> {
        place.knows_only(&["method", "url", "params", "headers", "body"]);
        let method = match place.field("method") {
            Some(method) => {
                method.word(&["POST", "GET", "PUT", "PATCH", "DELETE"].map(|word| (word, word)))?
            }
            None => "POST",
        };
        let url = place.field("url");
        if url.is_none() {
            place.refuse("needs a `url`");
        }
        let params: Vec<_> = place
            .field("params")
            .iter()
            .flat_map(Place::fields)
            .filter_map(|(n, p)| read_param(n, &p, secrets))
            .collect();
        let mut headers = Vec::new();
        for (name, value) in place.fields_of("headers") {
            let name = name.to_ascii_lowercase();
            if header_name(&value, &name) {
                headers.extend(HeaderValue::read(&value, &name, secrets).map(|value| (name, value)));
            }
        }
        let body = place.field("body");
        if let (Some(body), "GET") = (&body, method) {
            body.refuse("a GET request has no body: use POST, or `params` in the url");
        }
        let body = body.and_then(|body| Mapping::read(&body));
        let url = UrlTemplate::read(&url?, &params, secrets)?;
        Some(Self { method: method.to_string(), url, params, headers, body })
    }

    /// The body for this event, as JSON.
    pub fn body(&self, scope: &Scope) -> Result<Option<String>, Unbuildable> {
        let filled = self.body.as_ref().map(|body| body.fill(&scope.event)).transpose();
        Ok(filled.map_err(|_| (Outcome::Invalid, "body-expression"))?.map(|body| body.to_json()))
    }

    /// The whole request, around this body.
    pub fn build(&self, scope: &Scope, body: Option<&str>, vars: &Variables) -> Result<Request, Unbuildable> {
        let mut headers: Vec<(String, String)> = Vec::with_capacity(self.headers.len() + 4);
        for (name, value) in &self.headers {
            if let Some(value) = value.build(scope, body, vars)? {
                if !is_header_value(&value) {
                    return Err((Outcome::Invalid, "header-value"));
                }
                headers.push((name.clone(), value));
            }
        }
        let url = self.url.build(self, scope, &mut headers)?;
        let mut add = |name: &str, value: &str| {
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.to_string(), value.to_string()));
            }
        };
        if body.is_some() {
            add("content-type", "application/json");
        }
        add("accept", "application/json");
        add("user-agent", concat!("login-sync/", env!("CARGO_PKG_VERSION")));
        add("idempotency-key", vars.idempotency_key);
        Ok(Request {
            method: self.method.clone(),
            url,
            headers,
            body: body.map(str::to_string),
            timeout_ms: vars.timeout_ms,
        })
    }

    /// Where it would go, for telling one request from another; empty when it cannot be built.
    pub fn target(&self, scope: &Scope) -> String {
        match self.url.build(self, scope, &mut Vec::new()) {
            Ok(url) => [&url.host, ":", &url.port.to_string(), &url.path].concat(),
            Err(_) => String::new(),
        }
    }

    /// The secret that a header sends as it is, at this rotation: its name and its text.
    pub fn secret(&self, scope: &Scope, rotation: usize) -> Option<(String, String)> {
        self.headers.iter().find_map(|(_, value)| match value {
            HeaderValue::Secret { names, .. } => scope.secret(names, rotation),
            _ => None,
        })
    }

    /// How many secrets there are to try, one after the other, when the other system answers 401.
    pub fn rotations(&self, scope: &Scope) -> usize {
        let counts = self.headers.iter().map(|(_, value)| match value {
            HeaderValue::Secret { names, .. } => scope.secrets(names).count(),
            _ => 1,
        });
        counts.max().unwrap_or(1)
    }
}

impl UrlTemplate {
    fn read(place: &Place, params: &[(String, Param)], secrets: &Secrets) -> Option<Self> {
        if place.value.kind() == Kind::Object {
            place.knows_only(&["secret", "queryToHeaders"]);
            let names = secrets.names(&place.field("secret").or_else(|| missing(place, "secret"))?, false)?;
            let mut query_to_headers = Vec::new();
            for (field, header) in place.fields_of("queryToHeaders") {
                let name = header.text()?.to_ascii_lowercase();
                if header_name(&header, &name) {
                    query_to_headers.push((field, name));
                }
            }
            if !params.is_empty() {
                place.refuse("a url that is a secret takes no `params`");
            }
            return Some(Self::Secret { names, query_to_headers });
        }
        let url = url::read(&place.text()?).map_err(|message| place.refuse(message)).ok()?;
        let mut used = Vec::new();
        for part in parts(&url.path) {
            match part {
                Part::Param(name) if params.iter().any(|(known, _)| known == name) => used.push(name),
                Part::Param(name) => {
                    place.refuse_text("has ", &["{", name, "}"].concat(), " without an entry in `params`");
                }
                Part::Broken => place.refuse("has a `{` or `}` without its other half: write %7B or %7D"),
                Part::Text(_) => {}
            }
        }
        for (name, _) in params.iter().filter(|(name, _)| !used.contains(&name.as_str())) {
            place.refuse_text("has no place for the parameter ", name, ": write it in braces");
        }
        Some(Self::Fixed(url))
    }

    fn build(
        &self,
        template: &RequestTemplate,
        scope: &Scope,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Url, Unbuildable> {
        match self {
            Self::Fixed(url) => {
                let mut path = String::with_capacity(url.path.len() + 32);
                for part in parts(&url.path) {
                    match part {
                        Part::Text(text) => path.push_str(text),
                        Part::Param(name) => {
                            let in_query = path.contains('?');
                            let param = template.params.iter().find(|(known, _)| known == name);
                            let text = param.and_then(|(_, param)| param.text(scope));
                            let text = text.ok_or((Outcome::Invalid, "url-param"))?;
                            url::encode(&text, in_query, &mut path);
                        }
                        Part::Broken => {}
                    }
                }
                Ok(Url { path, ..url.clone() })
            }
            Self::Secret { names, query_to_headers } => {
                let (_, text) = scope.secret(names, 0).ok_or(NO_SECRET)?;
                let mut url = url::read(&text).map_err(|_| (Outcome::Invalid, "url-secret"))?;
                if url.path.contains(['{', '}']) {
                    return Err((Outcome::Invalid, "url-secret"));
                }
                if !query_to_headers.is_empty() {
                    move_query(&mut url, query_to_headers, headers);
                }
                Ok(url)
            }
        }
    }
}

/// Cuts query fields out of the URL; each becomes its header, unless the entry sets that one itself.
fn move_query(url: &mut Url, moves: &[(String, String)], headers: &mut Vec<(String, String)>) {
    let Some((path, query)) = url.path.split_once('?') else {
        return;
    };
    let mut kept = Vec::new();
    for field in query.split('&') {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        match moves.iter().find(|(from, _)| from == name) {
            Some((_, header)) if headers.iter().any(|(known, _)| known == header) => {}
            Some((_, header)) => headers.push((header.clone(), value.to_string())),
            None => kept.push(field),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    url.path = [path, mark, &kept.join("&")].concat();
}

impl Param {
    /// Its text; `None` when there is nothing that could stand in a URL. An empty part, `.` and `..` would change
    /// which resource the URL names.
    fn text(&self, scope: &Scope) -> Option<String> {
        let text = match self {
            Param::Secret(names) => scope.secret(names, 0)?.1,
            Param::Mapping(mapping) => {
                let value = mapping.fill(&scope.event).ok()?;
                match value.kind() {
                    Kind::Text => value.as_text()?,
                    Kind::Number | Kind::Bool => value.to_json(),
                    Kind::Null | Kind::List | Kind::Object => return None,
                }
            }
        };
        (!matches!(text.as_str(), "" | "." | "..")).then_some(text)
    }
}

impl HeaderValue {
    fn read(place: &Place, name: &str, secrets: &Secrets) -> Option<Self> {
        let bearer = if name == "authorization" { "Bearer " } else { "" };
        if place.value.kind() == Kind::Text {
            let text = place.text()?;
            if !is_header_value(&text) {
                place.refuse("a header's value must be visible ascii on one line");
            }
            return Some(Self::Literal(text));
        }
        if !place.knows_only(&["secret", "bearer", "jwt", "optional"]) {
            return None;
        }
        let optional = place.field("optional").and_then(|field| field.boolean()).unwrap_or_default();
        match (place.field("secret"), place.field("bearer"), place.field("jwt")) {
            (Some(secret), None, None) => {
                Some(Self::Secret { names: secrets.names(&secret, optional)?, prefix: "", optional })
            }
            (None, Some(secret), None) => {
                Some(Self::Secret { names: secrets.names(&secret, optional)?, prefix: "Bearer ", optional })
            }
            (None, None, Some(jwt)) => {
                jwt.knows_only(&["secret", "audience", "expiresInSeconds"]);
                let secret = jwt.field("secret").or_else(|| missing(&jwt, "secret"));
                let audience = jwt.field("audience").or_else(|| missing(&jwt, "audience"));
                let expires = jwt.field("expiresInSeconds");
                Some(Self::Jwt {
                    secret: secrets.names(&secret?, optional)?,
                    audience: audience?.text()?,
                    expires_in_seconds: expires
                        .map_or(Some(60), |field| field.whole(1, 3600, " of seconds"))?,
                    prefix: bearer,
                })
            }
            _ => {
                place.refuse("must be a string or have exactly one of `secret`, `bearer` and `jwt`");
                None
            }
        }
    }

    fn build(
        &self,
        scope: &Scope,
        body: Option<&str>,
        vars: &Variables,
    ) -> Result<Option<String>, Unbuildable> {
        match self {
            Self::Literal(text) => Ok(Some(text.clone())),
            Self::Secret { names, prefix, optional } => match scope.secret(names, vars.rotation) {
                Some((_, text)) => Ok(Some([prefix, text.as_str()].concat())),
                None if *optional => Ok(None),
                None => Err(NO_SECRET),
            },
            Self::Jwt { secret, audience, expires_in_seconds, prefix } => {
                let (_, secret) = scope.secret(secret, 0).ok_or(NO_SECRET)?;
                let minted = token::mint(&Mint {
                    secret: &secret,
                    subject: &scope.user_id(),
                    audience,
                    id: vars.token_id,
                    body: body.unwrap_or_default(),
                    now: vars.now,
                    expires_in_seconds: *expires_in_seconds,
                });
                Ok(Some([prefix, minted.ok_or((Outcome::Invalid, "jwt"))?.as_str()].concat()))
            }
        }
    }
}

fn read_param(name: String, place: &Place, secrets: &Secrets) -> Option<(String, Param)> {
    if place.value.kind() == Kind::Object {
        place.knows_only(&["secret"]);
        let names = secrets.names(&place.field("secret").or_else(|| missing(place, "secret"))?, false)?;
        return Some((name, Param::Secret(names)));
    }
    Some((name, Param::Mapping(Mapping::read(place)?)))
}

#[cold]
fn missing<'a>(place: &Place<'a>, key: &str) -> Option<Place<'a>> {
    place.refuse(&["needs `", key, "`"].concat());
    None
}

/// The secrets a config may count on when it is read.
pub struct Secrets<'a> {
    /// Those that are set; `None` when that is not known.
    set: Option<&'a Val>,
    /// Only names that begin so.
    prefix: &'a str,
    missing: RefCell<Vec<String>>,
}

impl<'a> Secrets<'a> {
    /// Under whatever name the config says.
    pub fn any(set: Option<&'a Val>) -> Self {
        Self { set, prefix: "", missing: RefCell::default() }
    }

    /// Under names that belong to one preset alone.
    pub fn of_preset(set: &'a Val, prefix: &'a str) -> Self {
        Self { set: Some(set), prefix, missing: RefCell::default() }
    }

    /// Those that are needed and not set.
    pub fn missing(&self) -> Vec<String> {
        self.missing.borrow().clone()
    }

    /// The names of secrets here, one or a list. Unless it is optional, one of them at least must be set.
    fn names(&self, place: &Place, optional: bool) -> Option<Vec<String>> {
        let mut names: Vec<String> = if place.value.kind() == Kind::List {
            place.items().iter().filter_map(Place::text).collect()
        } else {
            place.text().into_iter().collect()
        };
        names.retain(|name| name.starts_with(self.prefix));
        let first = names.first();
        if first.is_none() {
            place.refuse("needs the name of a secret");
        }
        let first = first?;
        let is_set = |set| names.iter().any(|name| crate::scope::secret(set, name).is_some());
        if !optional && self.set.is_some_and(|set| !is_set(set)) {
            place.refuse_text(
                "the secret ",
                first,
                " is not set: add it to the Action's secrets and deploy it again",
            );
            self.missing.borrow_mut().push(first.clone());
        }
        Some(names)
    }
}

/// Refuses what is no header name, and the headers that belong to the transport.
fn header_name(place: &Place, name: &str) -> bool {
    let token = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let transport =
        ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"];
    if !token {
        place.refuse("this is no header name");
    } else if transport.contains(&name) {
        place.refuse("this header is set by the transport: leave it out");
    }
    token
}

/// Visible ASCII, spaces and tabs: what can pass through any proxy, and no line break.
fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ' || b == b'\t')
}

enum Part<'a> {
    Text(&'a str),
    Param(&'a str),
    Broken,
}

/// The path cut at its `{name}`s.
fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix('{') {
            let (name, tail) = after.split_once('}').unwrap_or(("", ""));
            rest = tail;
            let broken = name.is_empty() || name.contains('{');
            return Some(if broken { Part::Broken } else { Part::Param(name) });
        }
        let (text, tail) = rest.split_at_checked(rest.find('{').unwrap_or(rest.len()))?;
        rest = tail;
        Some(if text.contains('}') { Part::Broken } else { Part::Text(text) })
    })
}
