//! A token of another system: a hidden entry whose answer is kept for all users.
//!
//! What gets it is what gets any answer: `sync.rs` sends, judges and tries again, the guard guards it, `reuse.rs` keeps it
//! and lets one login call for all. `sync/token.rs` has what is its own. Here the source is read, and made the entry that it
//! is.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::not_ours;
use crate::document::secrets::Secrets;
use crate::host::text::{joined, parts, until};
use crate::host::value::{Kind, Val, Value};
use crate::request::template::RequestTemplate;
use crate::system::entry::Entry;
use crate::system::grant::Grant;
use crate::system::policy::OnFailure;
use crate::system::response::Response;

/// What is taken from a token endpoint's answer, as an entry says it.
const RESPONSE: &str = r#"{"keep": {"token": "access_token", "life": "to_number(expires_in)",
"refresh": "refresh_token", "error": "error"}}"#;

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

/// Reads the source here, as the entry of a config that it could be.
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
    let (mut params, mut fields, mut basic, mut headers) = (empty(), empty(), empty(), empty());
    add(&mut fields, "grant_type", literal(&Val::from_text(grant_type)));
    let url = place.value.get("url");
    let text = url.as_text().unwrap_or_default();
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
        add(if in_url(name) { &mut params } else { &mut fields }, name, value);
    });
    // A refresh token may belong to a client without a secret; an assertion says who the client is.
    let needs_client = auth == 1 || refresh.is_none() && assertion.is_none();
    let mut grant = Grant { refresh_token: Vec::new(), shared: assertion.is_none() };
    for (at, (field, sent)) in SECRETS.into_iter().enumerate() {
        if needs_client && at < 2 || place.field(field).is_some() {
            let names = secrets.names(place, field, false);
            if auth == 1 && at < 2 {
                add(&mut basic, if at == 0 { "user" } else { "password" }, place.value.get(field));
            } else {
                add(&mut fields, sent, Val::from_object(vec![("secret", place.value.get(field))]));
            }
            if at == 2 {
                grant.refresh_token = names;
            }
        }
    }
    if auth == 1 {
        add(&mut headers, "authorization", Val::from_object(vec![("basic", basic)]));
    }
    if let Some(assertion) = assertion {
        if refresh.is_some() {
            assertion.refuse("cannot be used with `refreshToken`: remove one of them");
        }
        add(&mut fields, "assertion", read_assertion(assertion, &secrets));
    }
    if place.problems() > before {
        return None;
    }
    let request = Val::from_object(vec![
        ("url", url),
        ("params", params),
        ("headers", headers),
        (if auth == 2 { "body" } else { "form" }, fields),
        ("idempotency", Val::from_bool(false)),
    ]);
    let mut sent = Secrets::under("");
    sent.encoded = true;
    let response = Val::from_text(RESPONSE).parse_json().unwrap_or_default();
    Some(Entry {
        index,
        name: name.to_string(),
        on: 0,
        when: None,
        bit: 0,
        reads: 0,
        decides: 0,
        shadow: false,
        request: RequestTemplate::read(place.replaced_by(request).in_answer(), &sent),
        grant: Some(grant),
        token: None,
        response: Response::read(place.replaced_by(response).in_answer()),
        fresh_ms: None,
        stale_ms: 0.0,
        reuse: true,
        timeout_ms: 2_000.min(budget_ms),
        retries: 1,
        on_failure: OnFailure::default(),
        fingerprint: String::new(),
        needs: secrets.into_needs(),
    })
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
