//! Rules on the event alone: who may not log in, and who is asked for a second factor.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{Stage, entry, event, ok, status, with};
use serde_json::{Value as Json, json};

fn commands(config: Json, over: Json) -> Json {
    Stage::new(config, json!({})).login(&with(event(), over), &[]).commands
}

/// `contains` takes no number: the expression fails.
const FAILS: &str = "contains(`7`, 'x')";

#[test]
fn deny() {
    let config = json!({"deny": [
        {"when": "user.app_metadata.blocked_by_billing", "reason": "Please contact support."},
        {"when": "!(user.email_verified)", "reason": "Please verify your email."}]});
    let support = json!([["deny", "Please contact support."]]);
    let table = [
        ("nothing applies", json!({}), json!([])),
        ("the first", json!({"user": {"app_metadata": {"blocked_by_billing": true}}}), support.clone()),
        (
            "the second",
            json!({"user": {"email_verified": false}}),
            json!([["deny", "Please verify your email."]]),
        ),
        (
            "both: the first",
            json!({"user": {"app_metadata": {"blocked_by_billing": 1}, "email_verified": null}}),
            support,
        ),
        ("false", json!({"user": {"app_metadata": {"blocked_by_billing": false}}}), json!([])),
        ("empty", json!({"user": {"app_metadata": {"blocked_by_billing": ""}}}), json!([])),
    ];
    for (name, over, wanted) in table {
        assert_eq!(commands(config.clone(), over), wanted, "{name}");
    }
}

#[test]
fn a_denied_login_asks_nobody_and_sets_nothing() {
    let config = json!({"syncs": [entry(json!({"response": {"idToken": {"a": "b"}}}))],
        "claims": {"idToken": {"c": "'d'"}}, "mfa": [{"when": "`true`", "provider": "any"}],
        "deny": [{"when": "`true`", "reason": "No."}]});
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(end.commands, json!([["deny", "No."]]));
    assert_eq!(end.log, "login-sync trigger=post-login result=denied ms=0 id=tx_1 warn=deny-rule");
}

#[test]
fn a_second_factor() {
    let rule =
        |over: Json| json!({"mfa": [with(json!({"when": "request.geoip.continentCode == 'EU'"}), over)]});
    let guardian = json!([["multifactor", "guardian", {}]]);
    let elsewhere = json!({"request": {"geoip": {"continentCode": "NA"}}});
    let table = [
        ("in Europe", rule(json!({"provider": "guardian"})), json!({}), guardian.clone()),
        ("elsewhere", rule(json!({"provider": "guardian"})), elsewhere.clone(), json!([])),
        ("no geoip", rule(json!({"provider": "guardian"})), json!({"request": {"geoip": null}}), json!([])),
        (
            "no geoip is a case of its own",
            json!({"mfa": [{"when": "!(request.geoip)", "provider": "guardian"}]}),
            json!({"request": {"geoip": null}}),
            guardian.clone(),
        ),
        (
            "the other sense",
            json!({"mfa": [{"when": "request.geoip.continentCode != 'EU'", "provider": "guardian"}]}),
            elsewhere,
            guardian,
        ),
        (
            "options",
            rule(json!({"provider": "any", "options": {"allowRememberBrowser": false}})),
            json!({}),
            json!([["multifactor", "any", {"allowRememberBrowser": false}]]),
        ),
        (
            "one factor",
            rule(json!({"challengeWith": ["otp"]})),
            json!({}),
            json!([["challenge", {"type": "otp"}, {"additionalFactors": []}]]),
        ),
        (
            "a choice of factors",
            rule(json!({"challengeWith": ["otp", "email", "phone"]})),
            json!({}),
            json!([["challenge", {"type": "otp"}, {"additionalFactors": [{"type": "email"}, {"type": "phone"}]}]]),
        ),
    ];
    for (name, config, over, wanted) in table {
        assert_eq!(commands(config, over), wanted, "{name}");
    }
}

#[test]
fn a_rule_that_cannot_be_evaluated_applies() {
    let deny = json!({"deny": [{"when": FAILS, "reason": "No."}]});
    assert_eq!(commands(deny, json!({})), json!([["deny", "No."]]));
    let mfa = json!({"mfa": [{"when": FAILS, "provider": "any"}]});
    assert_eq!(commands(mfa, json!({})), json!([["multifactor", "any", {}]]));
}

#[test]
fn rules_read_the_event_and_claims_come_along() {
    let config = json!({"syncs": [entry(json!({"response": {"idToken": {"a": "b"}}}))],
        "mfa": [{"when": "user.email", "provider": "duo"}]});
    let end = Stage::new(config.clone(), json!({})).login(&event(), &[ok(json!({"b": 1}))]);
    assert_eq!(end.commands, json!([["multifactor", "duo", {}], ["idToken", "a", 1]]));
    assert_eq!(end.logged("result"), "mfa");
    let end = Stage::new(config, json!({})).login(&event(), &[status(404)]);
    assert_eq!(end.commands, json!([["multifactor", "duo", {}]]));
}
