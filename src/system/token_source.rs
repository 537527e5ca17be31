//! A token of another system: a hidden entry whose answer is kept for all users.
//!
//! What gets it is what gets any answer: `sync.rs` sends, judges and tries again, the guard guards it, `reuse.rs` keeps it
//! and lets one login call for all. `sync/token.rs` has what is its own. Here the source is read, and made the entry that it
//! is.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::not_ours;
use crate::document::secrets::{Names, Secrets};
use crate::host::text::{joined, parts, until};
use crate::host::value::{Kind, Val, Value};
use crate::system::entry::Entry;
use crate::system::grant::Grant;

/// The entry but for its request: what is taken from a token endpoint's answer.
const ENTRY: &str = r#"{"reuse": true, "response": {"keep": {"token": "access_token",
"life": "to_number(expires_in)", "refresh": "refresh_token", "error": "error"}}}"#;

/// What is sent is remembered in as many bits: `Root::sent`.
const MOST_TOKENS: usize = 32;
/// The same text for entries: a second one would weigh more.
pub(crate) const ONE_TOO_MANY: &str = "is one too many: `syncs` can have 64 entries, `tokens` 32";

/// Reads the top-level `tokens`, when the entries that send them have been read.
// Apart, and so not compiled where the config has none.
#[cold]
#[inline(never)]
pub(crate) fn read_tokens(tokens: ConfigValue, budget_ms: u32) -> Vec<Entry> {
    let mut sources = Vec::new();
    for name in tokens.keys() {
        let place = tokens.needed(name);
        let index = sources.len();
        if index == MOST_TOKENS {
            place.refuse(ONE_TOO_MANY);
            break;
        }
        sources.extend(read(name, place, index, budget_ms));
        // One mistake is said once.
        if place.problems() == 0 && !place.sends_token(index) {
            place.refuse("needs `{ \"token\": … }` in a header: nothing sends it");
        }
    }
    sources
}

const FIELDS: &str = "url clientId clientSecret clientAuth params refreshToken assertion";

/// The secrets of a grant: their fields here, and in what is sent.
const SECRETS: [(&str, &str); 3] =
    [("clientId", "client_id"), ("clientSecret", "client_secret"), ("refreshToken", "refresh_token")];

/// Adds a field to an object.
fn add(object: &mut Val, name: &str, value: Val) {
    *object = std::mem::take(object).with(name, value);
}

fn empty() -> Val {
    Val::from_object(Vec::new())
}

/// What a source sends, while it is read: parts of a request.
struct Sent {
    params: Val,
    fields: Val,
    headers: Val,
}

/// Reads the source here: as the entry of a config that it could be.
fn read(name: &str, place: ConfigValue, index: usize, budget_ms: u32) -> Option<Entry> {
    let (secrets, before) = (Secrets::under(""), place.problems());
    place.knows_only(FIELDS);
    let auth = place.word_of("clientAuth", "form basic json");
    let (refresh, assertion) = (place.field("refreshToken"), place.field("assertion"));
    let grant_type = match (&refresh, &assertion) {
        (Some(_), _) => "refresh_token",
        (_, Some(_)) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        _ => "client_credentials",
    };
    let mut sent = Sent { params: empty(), fields: empty(), headers: empty() };
    add(&mut sent.fields, "grant_type", literal(&Val::from_text(grant_type)));
    read_params(place, &secrets, &mut sent);
    // A refresh token may belong to a client without a secret; an assertion says who the client is.
    let needs_client = auth == 1 || refresh.is_none() && assertion.is_none();
    let refresh_token = read_client(place, &secrets, auth == 1, needs_client, &mut sent);
    let grant = Grant { refresh_token, shared: assertion.is_none() };
    if let Some(assertion) = assertion {
        if refresh.is_some() {
            assertion.refuse("cannot be used with `refreshToken`: remove one of them");
        }
        add(&mut sent.fields, "assertion", read_assertion(assertion, &secrets));
    }
    if place.problems() > before {
        return None;
    }
    let request = Val::from_object(vec![
        ("url", place.value.get("url")),
        ("params", sent.params),
        ("headers", sent.headers),
        (if auth == 2 { "body" } else { "form" }, sent.fields),
        ("idempotency", Val::from_bool(false)),
    ]);
    let request = place.replaced_by(request).in_answer();
    let entry = place.replaced_by(Val::from_text(ENTRY).parse_json().unwrap_or_default()).in_answer();
    let mut encoded = Secrets::under("");
    encoded.encoded = true;
    let mut entry = Entry::read_fields(entry, name.to_string(), request, encoded, budget_ms, budget_ms);
    (entry.index, entry.grant, entry.needs) = (index, Some(grant), secrets.into_needs());
    Some(entry)
}

/// Adds what the admin has the client send: to the form, or where the url names it.
fn read_params(place: ConfigValue, secrets: &Secrets, sent: &mut Sent) {
    let text = place.value.get("url").as_text().unwrap_or_default();
    let in_url = |name: &str| parts(&text, "{").into_iter().skip(1).any(|part| until(part, "}") == name);
    place.fields_of("params", false, &mut |name, param| {
        let value = match param.kind {
            Kind::Object => {
                param.knows_only("secret");
                secrets.names(param, "secret", false);
                param.value.clone()
            }
            Kind::List => {
                return param.refuse("must be a string, a number, true, false, or an object with `secret`");
            }
            _ => literal(&param.value),
        };
        add(if in_url(name) { &mut sent.params } else { &mut sent.fields }, name, value);
    });
}

/// Adds who the client is, in a header if it is `basic`, and its refresh token: the names of that.
fn read_client(place: ConfigValue, secrets: &Secrets, basic: bool, needed: bool, sent: &mut Sent) -> Names {
    let (mut refresh_token, mut user) = (Names::default(), empty());
    for (at, (field, name)) in SECRETS.into_iter().enumerate() {
        let of_client = at < 2;
        if !(needed && of_client) && place.field(field).is_none() {
            continue;
        }
        let names = secrets.names(place, field, false);
        let secret = place.value.get(field);
        if basic && of_client {
            add(&mut user, if at == 0 { "user" } else { "password" }, secret);
        } else {
            add(&mut sent.fields, name, Val::from_object(vec![("secret", secret)]));
        }
        if !of_client {
            refresh_token = names;
        }
    }
    if basic {
        add(&mut sent.headers, "authorization", Val::from_object(vec![("basic", user)]));
    }
    refresh_token
}

/// An assertion as the token of ours that it is. It lasts two minutes: Salesforce takes three at most.
fn read_assertion(place: ConfigValue, secrets: &Secrets) -> Val {
    place.knows_only("key alg issuer subject audience claims");
    secrets.names(place, "key", false);
    let alg = place.word_of("alg", "RS256 HS256");
    let mut claims = empty();
    for (claim, field) in [("iss", "issuer"), ("sub", "subject"), ("aud", "audience")] {
        let value = place.needed(field);
        // Null is none: the user who logs in is no part of it.
        let none = claim == "sub" && value.kind == Kind::Null;
        add(&mut claims, claim, if none { Val::default() } else { literal(&Val::from_text(&value.text())) });
    }
    place.fields_of("claims", false, &mut |name, claim| {
        not_ours(claim, name);
        add(&mut claims, name, literal(&claim.value));
    });
    let jwt = Val::from_object(vec![
        ("secret", place.value.get("key")),
        ("alg", Val::from_text(if alg == 0 { "RS256" } else { "HS256" })),
        ("expiresInSeconds", Val::from_f64(120.0)),
        ("claims", claims),
    ]);
    Val::from_object(vec![("jwt", jwt)])
}

/// An expression that gives this value.
#[inline(never)]
fn literal(value: &Val) -> Val {
    let json = value.to_json();
    Val::from_text(&["`", &joined(&parts(&json, "`"), "\\u0060"), "`"].concat())
}
