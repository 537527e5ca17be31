//! Claims from the event and from answers: which arrive, in which order, and as what.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{Stage, entry, event, ok, with};
use serde_json::{Value as Json, json};

#[test]
fn from_the_event() {
    let config = json!({"claims": {
        "idToken": {"secretIdentity": "'Batman'", "userAuth0Identities": "user.identities[*].provider", "plan": "user.plan"},
        "accessToken": {"email": "user.email", "emailVerified": "user.email_verified", "logins": "stats.logins_count"}}});
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(
        end.commands,
        json!([
            ["idToken", "secretIdentity", "Batman"],
            ["idToken", "userAuth0Identities", ["auth0", "google-oauth2"]],
            ["accessToken", "email", "ada@example.com"],
            ["accessToken", "emailVerified", true],
            ["accessToken", "logins", 3]
        ])
    );
    assert_eq!(end.log, "login-sync trigger=post-login result=allowed ms=0 id=tx_1");
}

/// One claim for each kind of value, and how it arrives.
#[test]
fn values_pass_untouched() {
    let table = [
        (json!({"a": {"b": [1, {"c": null}]}, "d": 0.1}), true),
        (json!([]), true),
        (json!({}), true),
        (json!(""), true),
        (json!(false), true),
        (json!(0), true),
        (json!(1.5e300), true),
        (json!(null), false),
    ];
    for (value, arrives) in table {
        let config = json!({"claims": {"idToken": {"a": "user.app_metadata.a"}}});
        let over = json!({"user": {"app_metadata": {"a": value}}});
        let end = Stage::new(config, json!({})).login(&with(event(), over), &[]);
        let wanted = if arrives { json!([["idToken", "a", value]]) } else { json!([]) };
        assert_eq!(end.commands, wanted, "from the event");

        let config = json!({"syncs": [entry(json!({"response": {"accessToken": {"a": "a"}}}))]});
        let end = Stage::new(config, json!({})).login(&event(), &[ok(json!({"a": value}))]);
        let wanted = if arrives { json!([["accessToken", "a", value]]) } else { json!([]) };
        assert_eq!(end.commands, wanted, "from an answer");
    }
}

#[test]
fn literals_and_nested_mappings() {
    let config = json!({"claims": {"idToken": {"n": 7, "t": true, "gone": null,
        "o": {"email": "user.email", "missing": "user.missing", "list": ["'x'", 1]}}}});
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(
        end.commands,
        json!([["idToken", "n", 7], ["idToken", "t", true],
            ["idToken", "o", {"email": "ada@example.com", "list": ["x", 1]}]])
    );
}

#[test]
fn order_is_the_event_then_the_systems_of_the_config() {
    let named = |name: &str| {
        entry(json!({"name": name, "response": {"accessToken": {name: "v"}, "idToken": {name: "v"}}}))
    };
    let config =
        json!({"syncs": [named("slow"), named("quick")], "claims": {"accessToken": {"first": "'x'"}}});
    let mut wait = [200.0, 1.0].into_iter();
    let end = Stage::new(config, json!({}))
        .play(&event(), |_| ok(json!({"v": 1})).after(wait.next().unwrap_or_default()));
    let order: Vec<Json> =
        end.commands.as_array().into_iter().flatten().map(|c| json!([c[0], c[1]])).collect();
    assert_eq!(
        json!(order),
        json!([
            ["accessToken", "first"],
            ["idToken", "slow"],
            ["accessToken", "slow"],
            ["idToken", "quick"],
            ["accessToken", "quick"]
        ])
    );
    assert!((end.ms - 200.0).abs() < 1e-9, "side by side, not one after the other: {} ms", end.ms);
}

/// A claim that cannot be evaluated costs its token's claims from the event, and says so; the login goes on.
#[test]
fn an_expression_that_fails() {
    let config = json!({"claims": {"idToken": {"a": "'x'", "b": "join(',', user.name)"}, "accessToken": {"c": "'y'"}}});
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(end.commands, json!([["accessToken", "c", "y"]]));
    assert_eq!(end.logged("warn"), "claims-expression");

    let config = json!({"syncs": [entry(json!({"response": {"idToken": {"b": "join(',', name)"}}}))]});
    let end = Stage::new(config, json!({})).login(&event(), &[ok(json!({"name": "x"}))]);
    assert_eq!(end.why("crm"), "invalid:200:expression");
}

/// Auth0 fails a login with more than 100 kB of claims in a token: an answer that there is no room for is invalid.
#[test]
fn answers_that_are_too_large_for_a_token() {
    let named = |name: &str| entry(json!({"name": name, "response": {"idToken": {name: "v"}}}));
    let config = json!({"syncs": [named("a"), named("b"), named("c")]});
    let filled = |with: &str, a: usize, b: usize, c: usize| {
        let mut sizes = [a, b, c].into_iter();
        Stage::new(config.clone(), json!({}))
            .play(&event(), |_| ok(json!({"v": with.repeat(sizes.next().unwrap_or_default())})))
    };
    let sizes = |a, b, c| filled("x", a, b, c);
    let table = [
        // As it stands in a token: with its escapes, in UTF-8.
        (filled("\"", 46_000, 1, 1), ["invalid:200:too-large", "ok:200", "ok:200"]),
        (filled("€", 30_001, 1, 1), ["invalid:200:too-large", "ok:200", "ok:200"]),
        (sizes(29_000, 29_000, 29_000), ["ok:200", "ok:200", "ok:200"]),
        (sizes(91_000, 1, 1), ["invalid:200:too-large", "ok:200", "ok:200"]),
        (sizes(50_000, 50_000, 1), ["ok:200", "invalid:200:too-large", "ok:200"]),
    ];
    for (end, wanted) in table {
        assert_eq!(["a", "b", "c"].map(|name| end.why(name)), wanted);
        let claims = wanted.iter().filter(|why| **why == "ok:200").count();
        assert_eq!(end.commands.as_array().map(Vec::len), Some(claims));
    }
}
