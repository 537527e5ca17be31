//! Rules on the event alone: who may not log in, and who is asked for a second factor.

use crate::common::{Stage, entry, event, ok, status, with};
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
    ];
    for (name, config, over, wanted) in table {
        assert_eq!(commands(config, over), wanted, "{name}");
    }
}

/// A challenge with factors of which the user has none fails the login at Auth0.
#[test]
fn a_challenge_is_for_factors_that_the_user_has() {
    let three = json!(["otp", "email", "phone"]);
    let ask = |call: &str, names: &[&str]| {
        let of = |name: &&str| json!({ "type": name });
        let more: Vec<_> = names[1..].iter().map(of).collect();
        json!([[call, of(&names[0]), {"additionalFactors": more}]])
    };
    let any = json!([["multifactor", "any", {}]]);
    let table = [
        (
            "all",
            json!([{"type": "phone"}, {"type": "email"}, {"type": "otp"}]),
            Json::Null,
            ask("challenge", &["otp", "email", "phone"]),
        ),
        ("one", json!([{"type": "phone", "method": "sms"}]), json!(["otp"]), ask("challenge", &["phone"])),
        ("by its method", json!([{"method": "email"}]), Json::Null, ask("challenge", &["email"])),
        (
            "two",
            json!([{"type": "recovery-code"}, {"type": "otp"}, {"type": "phone"}]),
            Json::Null,
            ask("challenge", &["otp", "phone"]),
        ),
        ("others", json!([{"type": "webauthn-platform"}]), Json::Null, any.clone()),
        (
            "others, and may enroll",
            json!([{"type": "webauthn-platform"}]),
            json!(["otp"]),
            ask("enroll", &["otp"]),
        ),
        ("none", json!([]), Json::Null, any.clone()),
        (
            "none, and may enroll",
            json!([]),
            json!(["webauthn-roaming", "otp"]),
            ask("enroll", &["webauthn-roaming", "otp"]),
        ),
        ("not told", Json::Null, Json::Null, any.clone()),
        ("not told, and may enroll", Json::Null, json!(["phone"]), ask("enroll", &["phone"])),
        ("told oddly", json!(["otp", 7, null, {"type": 7}, {"type": {"otp": 1}}]), Json::Null, any.clone()),
        ("told as text", json!("otp"), Json::Null, any.clone()),
    ];
    for (name, enrolled, enroll, wanted) in table {
        let config = json!({"mfa": [{"when": "user", "challengeWith": three, "enrollWith": enroll}]});
        assert_eq!(commands(config, json!({"user": {"enrolledFactors": enrolled}})), wanted, "{name}");
    }
    let push = json!({"mfa": [{"when": "user", "challengeWith": ["push-notification"]}]});
    for name in ["push", "push-notification"] {
        let has = json!({"user": {"enrolledFactors": [{ "type": name }]}});
        assert_eq!(commands(push.clone(), has), ask("challenge", &["push-notification"]), "{name}");
    }
}

/// Auth0 fails a login at the fifth call, of all its Actions together.
#[test]
fn the_first_rule_that_applies_decides() {
    let rule = |when: &str, over: Json| with(json!({ "when": when }), over);
    let has = json!({"user": {"enrolledFactors": [{"type": "otp"}]}});
    let otp = json!([["challenge", {"type": "otp"}, {"additionalFactors": []}]]);
    let (yes, no) = ("user.email", "user.fax");
    let table = [
        (
            vec![rule(yes, json!({"provider": "guardian"})), rule(yes, json!({"challengeWith": ["otp"]}))],
            json!([["multifactor", "guardian", {}]]),
        ),
        (
            vec![rule(yes, json!({"challengeWith": ["otp"]})), rule(yes, json!({"provider": "guardian"}))],
            otp.clone(),
        ),
        (
            vec![rule(no, json!({"provider": "guardian"})), rule(yes, json!({"challengeWith": ["otp"]}))],
            otp.clone(),
        ),
        (
            vec![rule(yes, json!({"provider": "none"})), rule(yes, json!({"provider": "any"}))],
            json!([["multifactor", "none", {}]]),
        ),
        // The first one decides, also that there is nothing in it that the user has.
        (
            vec![
                rule(yes, json!({"challengeWith": ["phone"]})),
                rule(yes, json!({"challengeWith": ["otp"]})),
            ],
            json!([["multifactor", "any", {}]]),
        ),
        (
            vec![rule(FAILS, json!({"provider": "duo"})), rule(yes, json!({"challengeWith": ["otp"]}))],
            json!([["multifactor", "duo", {}]]),
        ),
        (vec![rule(no, json!({"provider": "any"})); 20], json!([])),
        (vec![rule(yes, json!({"challengeWith": ["otp"]})); 20], otp),
    ];
    for (rules, wanted) in table {
        assert_eq!(commands(json!({ "mfa": rules }), has.clone()), wanted);
    }
}

/// Where no one can answer a rule does not apply, unless it says so.
#[test]
fn rules_ask_where_somebody_can_answer() {
    let rule = json!({"when": "user", "provider": "guardian"});
    let always = with(rule.clone(), json!({"always": true, "provider": "any"}));
    let silent = json!({"transaction": {"prompt": ["none"]}});
    let protocol = |protocol: &str| json!({"transaction": {"protocol": protocol}});
    let guardian = json!([["multifactor", "guardian", {}]]);
    let any = json!([["multifactor", "any", {}]]);
    let enrolled =
        json!({"user": {"multifactor": ["guardian"], "enrolledFactors": [{"type": "push-notification"}]}});
    let table = [
        (vec![&rule], json!({}), guardian.clone()),
        (vec![&rule], enrolled.clone(), guardian.clone()),
        (vec![&rule], protocol("samlp"), guardian.clone()),
        (vec![&rule], protocol("oauth2-refresh-token"), json!([])),
        (vec![&rule], protocol("oauth2-token-exchange"), json!([])),
        (vec![&rule], protocol("oauth2-password"), json!([])),
        (vec![&rule], silent.clone(), json!([])),
        (vec![&always], silent.clone(), any.clone()),
        (vec![&rule, &always], silent, any.clone()),
        (vec![&rule, &always], protocol("oauth2-refresh-token"), any),
        (vec![&rule, &always], json!({}), guardian),
    ];
    for (rules, over, wanted) in table {
        let name = format!("{over}");
        assert_eq!(commands(json!({ "mfa": rules }), over), wanted, "{name}");
    }
    // A rule that fails applies, but not there either.
    let fails = json!({"mfa": [{"when": FAILS, "provider": "any"}]});
    assert_eq!(commands(fails, protocol("oauth2-refresh-token")), json!([]));
    // And what must be closed there is closed by a deny rule.
    let closed = json!({"deny": [{"when": "!(interactive) && !(authentication.methods[?name == 'mfa'])", "reason": "Please log in."}]});
    assert_eq!(commands(closed.clone(), protocol("oauth2-password")), json!([["deny", "Please log in."]]));
    let used = with(
        protocol("oauth2-refresh-token"),
        json!({"authentication": {"methods": [{"name": "pwd"}, {"name": "mfa"}]}}),
    );
    assert_eq!(commands(closed.clone(), used), json!([]));
    assert_eq!(commands(closed, enrolled), json!([]));
}

/// `user.multifactor` lists what a user has, `authentication.methods` what was used in this session.
#[test]
fn who_is_enrolled_is_asked_until_a_factor_was_used() {
    let rule = json!({"mfa": [{"when": "!(authentication.methods[?name == 'mfa'])", "provider": "any"}]});
    let any = json!([["multifactor", "any", {}]]);
    let used = |names: &[&str]| {
        let methods: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
        json!({"user": {"multifactor": ["guardian"]}, "authentication": {"methods": methods}})
    };
    for (over, wanted) in [
        (json!({}), any.clone()),
        (used(&[]), any.clone()),
        (used(&["pwd"]), any.clone()),
        (used(&["federated", "https://example.com/custom"]), any),
        (used(&["pwd", "mfa"]), json!([])),
    ] {
        let name = format!("{over}");
        assert_eq!(commands(rule.clone(), over), wanted, "{name}");
    }
}

#[test]
fn a_rule_that_cannot_be_evaluated_applies() {
    let deny = json!({"deny": [{"when": FAILS, "reason": "No."}]});
    assert_eq!(commands(deny, json!({})), json!([["deny", "No."]]));
    let mfa = json!({"mfa": [{"when": FAILS, "provider": "any"}]});
    assert_eq!(commands(mfa, json!({})), json!([["multifactor", "any", {}]]));
    // But for one that takes a second factor away: it must not keep a later rule from asking.
    let none = json!({"when": FAILS, "provider": "none"});
    assert_eq!(commands(json!({ "mfa": [none] }), json!({})), json!([]));
    let then = json!({"when": "user", "provider": "duo"});
    assert_eq!(commands(json!({ "mfa": [none, then] }), json!({})), json!([["multifactor", "duo", {}]]));
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
