//! What expressions can read: everything of the event but secrets, and the request's body and query.

use crate::common::config::problems;
use crate::common::{PostLogin, Stage, event, ok, with};
use login_sync::{Expression, Native, Scope, Text, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// What one claim of this expression brings; null when it does not arrive, or is refused.
fn claim(expression: &str) -> Json {
    let event =
        with(event(), json!({"request": {"body": {"password": "S3CRET"}, "query": {"code": "S3CRET"}}}));
    let config = json!({"claims": {"idToken": {"a": expression}}});
    let mut stage = Stage::any(config, json!({"KEY": "S3CRET"}), 8_000.0);
    if !stage.engine.problems().is_empty() {
        return Json::Null;
    }
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
        "[@][0].secrets",
        "[@][0].secrets.KEY",
        "[@][0].request.body",
        "[@][0].request.query",
        "(user || @).secrets",
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
    assert_eq!(claim("type([@][0].secrets)"), "null");
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
    let scope = |event: Json| Scope::new(PostLogin, &Native(event));
    let shown = |event: Json| scope(event).event.to_json();
    assert_eq!(shown(json!({"request": "text", "secrets": {"A": "b"}})), r#"{"request":"text"}"#);
    assert_eq!(shown(json!({"request": {"body": {}, "query": 1}})), r#"{"request":{}}"#);
    for event in [json!(null), json!([]), json!("x"), json!({})] {
        let scope = scope(event.clone());
        assert_eq!(scope.event.to_json(), "{}", "{event}");
        assert!(scope.is_interactive(), "{event}");
        assert_eq!(scope.correlation_id(), "", "{event}");
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
        assert_eq!(Scope::new(PostLogin, &Native(event.clone())).is_interactive(), wanted, "{event}");
        let commands = Stage::new(config.clone(), json!({})).login(&event, &[]).commands;
        let claims: Vec<_> = commands.as_array().unwrap().iter().map(|command| &command[1]).collect();
        assert_eq!(claims, ["a", "all", "in", "keys", "values", "text"]);
        assert_eq!(commands[0][2], json!(wanted), "{event}");
        // `@` is the event alone, whatever is made of it.
        let others =
            commands.as_array().unwrap()[1..].iter().map(|command| Native(command[2].clone()).to_json());
        assert!(others.into_iter().all(|claim| !claim.contains("interactive")), "{commands}");
    }
    let answers =
        json!({"syncs": [crate::common::entry(json!({"response": {"idToken": {"a": "interactive"}}}))]});
    let end = Stage::new(answers, json!({})).login(&event(), &[ok(json!({"interactive": "its own"}))]);
    assert_eq!(
        end.commands,
        json!([["idToken", "a", "its own"]]),
        "inside `response` the scope is the answer"
    );
}

#[test]
fn only_own_text_is_a_secret() {
    let scope = Scope::new(
        PostLogin,
        &Native(json!({"secrets": {"A": "a", "B": "", "C": 7, "D": null, "E": {"F": "f"}}})),
    );
    let names = |names: &[&str]| names.iter().map(|name| Text::new(name)).collect::<Vec<_>>();
    for (name, wanted) in
        [("A", Some("a")), ("B", None), ("C", None), ("D", None), ("E", None), ("toString", None), ("", None)]
    {
        assert_eq!(
            scope.secret(&names(&[name]), 0).and_then(|(_, secret)| secret.as_text()).as_deref(),
            wanted,
            "{name}"
        );
    }
    let all = names(&["B", "A", "D"]);
    assert_eq!(scope.secrets(&all).count(), 1);
    assert_eq!(scope.secret(&all, 5), Some((&Text::new("A"), Native::from_text("a"))), "the last there is");
}

/// An event with tokens of other providers and with our own record, in the places where they come.
fn told() -> Json {
    with(
        event(),
        json!({
            "user": {
                "app_metadata": {"plan": "gold", "login_sync": {"crm": {"at": 1, "of": "x", "claims": "T0KEN"}}},
                "identities": [
                    {"provider": "google-oauth2", "user_id": "1122", "isSocial": true, "accessToken": "T0KEN",
                     "access_token": "T0KEN", "refresh_token": "T0KEN", "refreshToken": "T0KEN", "id_token": "T0KEN",
                     "access_token_secret": "T0KEN", "idToken": "T0KEN", "profileData": {"name": "Ada", "access_token": "T0KEN",
                     "raw": [{"oauthToken": "T0KEN"}]}},
                    {"provider": "twitter", "oauth_token": "T0KEN", "oauth_token_secret": "T0KEN"}
                ]
            },
            "request": {"body": {"password": "T0KEN"}, "query": {"code": "T0KEN"}},
            "secrets": {"KEY": "T0KEN"}
        }),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever path an expression takes: nothing of `login_sync`, of other providers' tokens or of secrets leaves.
    #[test]
    fn nothing_that_is_kept_apart_leaves(
        steps in prop::collection::vec(prop::sample::select(vec![
            "user", "user.identities", "user.app_metadata", "identities", "app_metadata", "login_sync", "\"login_sync\"", "crm", "claims",
            "accessToken", "access_token", "refresh_token", "id_token", "profileData", "raw", "oauth_token", "secrets", "KEY", "request",
            "body", "query", "password", "@", "*", "[*]", "[]", "[0]", "[-1]", "[?@]", "[?contains(to_string(@), 'T0')]", "[@]", "{a: @, b: *}",
            "to_string(@)", "not_null(@)", "[user, @]", "(login_sync || identities || @)", "keys(@)", "values", "__proto__",
        ]), 1..6),
    ) {
        let text = steps.join(" | ");
        prop_assume!(Expression::parse(&text).is_ok());
        // What it says it reads is refused; here is tried what it does not know that it reads.
        prop_assume!(problems(&json!({"claims": {"idToken": {"a": text}}})).is_empty());
        let entry = json!({"name": "a", "request": {"url": "https://a.example.com/{p}", "params": {"p": format!("to_string({text})")}, "body": {"b": text}}});
        let fresh = json!({"name": "b", "request": {"url": "https://b.example.com/", "body": {"b": text}}, "freshForSeconds": 60});
        let config = json!({"syncs": [entry, fresh], "claims": {"idToken": {"a": text}, "accessToken": {"b": {"c": [text]}}}});
        let end = Stage::new(config, json!({"KEY": "T0KEN"})).play(&told(), |_| ok(json!({})));
        let mut out = end.commands.clone();
        // Our own record is kept where it was; it is no claim.
        if let Some(commands) = out.as_array_mut() {
            commands.retain(|command| command[1] != "login_sync");
        }
        let sent: Vec<_> = end.sent.iter().map(|sent| format!("{} {:?}", sent.url(), sent.request.body)).collect();
        let left = format!("{out} {sent:?} {}", end.log);
        for kept in ["T0KEN", "login_sync", "access_token", "accessToken\":", "oauth_token", "\"claims\""] {
            prop_assert!(!left.contains(kept), "{text}: {kept} in {left}");
        }
    }
}

#[test]
fn a_record_that_no_expression_sees_still_counts() {
    let entry = json!({"name": "crm", "request": {"url": "https://a.example.com/", "body": {"all": "user"}},
        "response": {"accessToken": {"a": "own"}}, "freshForSeconds": 600});
    let claims = json!({"idToken": {"metadata": "user.app_metadata"}});
    let mut stage = Stage::new(json!({"syncs": [entry], "claims": claims}), json!({}));
    let user = json!({"user": {"app_metadata": {"plan": "gold"}}});
    let first = stage.login(&with(event(), user.clone()), &[ok(json!({"own": "for the API"}))]);
    let record =
        first.commands.as_array().unwrap().iter().find(|command| command[1] == "login_sync").unwrap()[2]
            .clone();
    let again = with(with(event(), user), json!({"user": {"app_metadata": {"login_sync": record}}}));
    let second = stage.login(&again, &[]);
    assert_eq!(second.outcome("crm"), "fresh");
    assert_eq!(
        second.commands,
        json!([["idToken", "metadata", {"plan": "gold"}], ["accessToken", "a", "for the API"]])
    );
}

/// Each config by itself: `interactive` is there where one reads it, however that is written.
#[test]
fn interactive_is_there_for_whatever_reads_it() {
    let refresh = with(event(), json!({"transaction": {"protocol": "oauth2-refresh-token"}}));
    for text in [
        "interactive",
        "!(!(interactive))",
        "@.interactive",
        "{a: interactive} | a",
        "user && interactive",
        "map(&@, [interactive])[0]",
        "user.user_id && @ | interactive",
    ] {
        let config = json!({"claims": {"idToken": {"a": text}}});
        for (event, wanted) in [(event(), true), (refresh.clone(), false)] {
            let commands = Stage::new(config.clone(), json!({})).login(&event, &[]).commands;
            assert_eq!(commands, json!([["idToken", "a", wanted]]), "{text}");
        }
    }
}
