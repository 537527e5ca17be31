//! What expressions can read: everything of the event but secrets, and the request's body and query.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{Stage, event, ok, with};
use login_sync::native::Native;
use login_sync::scope::Scope;
use login_sync::text::Text;
use login_sync::value::Value;
use serde_json::{Value as Json, json};

/// What one claim of this expression brings; null when it does not arrive.
fn claim(expression: &str) -> Json {
    let event =
        with(event(), json!({"request": {"body": {"password": "S3CRET"}, "query": {"code": "S3CRET"}}}));
    let mut stage = Stage::new(json!({"claims": {"idToken": {"a": expression}}}), json!({"KEY": "S3CRET"}));
    stage.login(&event, &[]).commands[0][2].clone()
}

/// Every way to reach for something that the language has.
#[test]
fn no_expression_reaches_what_is_kept_apart() {
    let table = [
        "@",
        "*",
        "*.*",
        "*.*[]",
        "[@]",
        "{a: @}",
        "@ | @",
        "to_string(@)",
        "to_string(*)",
        "keys(@)",
        "keys(request)",
        "secrets",
        "secrets.KEY",
        "secrets.*",
        "@.secrets",
        "\"secrets\"",
        "*.KEY",
        "*.password",
        "*.*.password",
        "request",
        "request.*",
        "request.body",
        "request.query",
        "request.body.password",
        "request.\"body\"",
        "request | body",
        "[request][].body",
        "[request, secrets]",
        "{a: request.query, b: secrets}",
        "not_null(secrets, request.body, request.query)",
        "secrets || request.body || request.query",
        "*[?contains(to_string(@), 'S3')]",
        "join(',', keys(secrets || `{}`))",
        "type(secrets)",
        "length(to_string(@))",
        "__proto__",
        "constructor",
        "constructor.constructor",
        "request.__proto__",
        "toString",
    ];
    for expression in table {
        let found = claim(expression).to_string();
        for kept in ["S3CRET", "KEY", "secrets", "\"body\"", "\"query\"", "password", "code\""] {
            let named = found.contains(kept);
            assert!(!named, "{expression} reaches {kept}: {found}");
        }
    }
    assert_eq!(claim("type(secrets)"), "null");
    assert_eq!(claim("length(keys(request))"), json!(3), "ip, method, geoip");
    assert_eq!(claim("request.geoip.countryCode"), "GB", "the rest is there");
}

#[test]
fn bodies_and_answers_do_not_reach_it_either() {
    let entry = json!({"name": "crm", "request": {"url": "https://a.example.com/", "body": "@",
        "headers": {"x-key": {"secret": "KEY"}}}, "response": {"idToken": {"a": "@", "b": "secrets", "c": "request"}}});
    let mut stage = Stage::new(json!({"syncs": [entry]}), json!({"KEY": "S3CRET"}));
    let end = stage.login(&event(), &[ok(json!({"own": 1}))]);
    let sent = end.sent.first().and_then(|sent| sent.request.body.clone()).unwrap_or_default();
    assert!(
        sent.contains("ada@example.com") && !sent.contains("S3CRET") && !sent.contains("hunter2"),
        "{sent}"
    );
    assert_eq!(end.commands, json!([["idToken", "a", {"own": 1}]]), "an answer is a scope of its own");
}

#[test]
fn odd_events() {
    let scope = |event: Json| Scope::new(&Native(event));
    let shown = |event: Json| scope(event).event.to_json();
    assert_eq!(shown(json!({"request": "text", "secrets": {"A": "b"}})), r#"{"request":"text"}"#);
    assert_eq!(shown(json!({"request": {"body": {}, "query": 1}})), r#"{"request":{}}"#);
    for event in [json!(null), json!([]), json!("x"), json!({})] {
        let scope = scope(event.clone());
        assert_eq!(scope.event.to_json(), "{}", "{event}");
        assert!(scope.interactive, "{event}");
        assert_eq!((scope.user_id().as_str(), scope.correlation_id().as_str()), ("", ""), "{event}");
    }
}

/// Where somebody sits in front of Auth0's page, by what Auth0 says of the transaction.
#[test]
fn interactive() {
    let pages = [
        "oidc-basic-profile",
        "oidc-implicit-profile",
        "oidc-hybrid-profile",
        "oidc-ciba-web-link",
        "oauth2-device-code",
        "samlp",
        "wsfed",
        // One that Auth0 may add: a login that cannot answer fails, one that is not asked would pass.
        "oidc-of-tomorrow",
    ];
    let none = [
        "oauth2-refresh-token",
        "oauth2-token-exchange",
        "oauth2-password",
        "oauth2-resource-owner",
        "oauth2-resource-owner-jwt-bearer",
        "oauth2-access-token",
        "oauth2-webauthn",
        "oidc-ciba",
        "wstrust-usernamemixed",
    ];
    let mut table = Vec::new();
    table.extend(pages.map(|protocol| (json!({"transaction": {"protocol": protocol}}), true)));
    table.extend(none.map(|protocol| (json!({"transaction": {"protocol": protocol}}), false)));
    table.extend([
        (json!({"transaction": {"prompt": ["none"]}}), false),
        (json!({"transaction": {"prompt": "none"}}), false),
        (json!({"transaction": {"prompt": ["login"]}}), true),
        (json!({"transaction": {"prompt": ["login", "consent"]}}), true),
        (json!({"transaction": {"prompt": []}}), true),
        (json!({"transaction": {"prompt": [null, {"none": 1}], "protocol": 7}}), true),
        (json!({"transaction": null}), true),
        // What a browser can write is no word on it.
        (json!({"request": {"query": {"prompt": "none", "grant_type": "refresh_token"}}}), true),
        (json!({"request": {"body": {"grant_type": "refresh_token"}}}), true),
        (json!({"interactive": false, "transaction": {"prompt": ["login"]}}), true),
        (json!({"interactive": true, "transaction": {"prompt": ["none"]}}), false),
    ]);
    let config = json!({"claims": {"idToken": {"a": "interactive", "all": "@", "in": "{a: [@]}", "keys": "keys(@)",
        "values": "*", "text": "to_string(@)", "of": "user.interactive", "each": "user.identities[0].interactive"}}});
    for (over, wanted) in table {
        let event = with(event(), over);
        assert_eq!(Scope::new(&Native(event.clone())).interactive, wanted, "{event}");
        let commands = Stage::new(config.clone(), json!({})).login(&event, &[]).commands;
        let claims: Vec<_> = commands.as_array().unwrap().iter().map(|command| &command[1]).collect();
        assert_eq!(claims, ["a", "all", "in", "keys", "values", "text"]);
        assert_eq!(commands[0][2], json!(wanted), "{event}");
        // `@` is the event alone, whatever is made of it.
        let others =
            commands.as_array().unwrap()[1..].iter().map(|command| Native(command[2].clone()).to_json());
        assert!(others.into_iter().all(|claim| !claim.contains("interactive")), "{commands}");
    }
    let answers = json!({"syncs": [common::entry(json!({"response": {"idToken": {"a": "interactive"}}}))]});
    let end = Stage::new(answers, json!({})).login(&event(), &[ok(json!({"interactive": "its own"}))]);
    assert_eq!(
        end.commands,
        json!([["idToken", "a", "its own"]]),
        "inside `response` the scope is the answer"
    );
}

#[test]
fn only_own_text_is_a_secret() {
    let scope =
        Scope::new(&Native(json!({"secrets": {"A": "a", "B": "", "C": 7, "D": null, "E": {"F": "f"}}})));
    let names = |names: &[&str]| names.iter().map(|name| Text::new(name)).collect::<Vec<_>>();
    for (name, wanted) in
        [("A", Some("a")), ("B", None), ("C", None), ("D", None), ("E", None), ("toString", None), ("", None)]
    {
        assert_eq!(scope.secret_text(&names(&[name])).as_deref(), wanted, "{name}");
    }
    let all = names(&["B", "A", "D"]);
    assert_eq!(scope.secrets(&all).count(), 1);
    assert_eq!(scope.secret(&all, 5), Some((&Text::new("A"), Native::from_text("a"))), "the last there is");
}
