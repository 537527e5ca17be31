//! Claims from the event and from answers: which arrive, in which order, and as what.

use crate::common::{End, Stage, entry, event, ok, with};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

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

/// A claim that cannot be evaluated costs that claim and no other, and the log says so; the login goes on.
#[test]
fn an_expression_that_fails() {
    let config = json!({"claims": {
        "idToken": {"a": "'x'", "b": "join(',', user.name)", "c": "user.email"},
        "accessToken": {"d": "length(stats)", "e": {"f": ["contains(`1`, 'x')"]}, "g": "keys(user.name)", "h": "'y'"}}});
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(
        end.commands,
        json!([
            ["idToken", "a", "x"],
            ["idToken", "c", "ada@example.com"],
            ["accessToken", "d", 1],
            ["accessToken", "h", "y"]
        ])
    );
    assert_eq!(end.logged("warn"), "claims-expression", "said once");
}

/// The same for what comes from an answer; its policy decides only where nothing is left of it.
#[test]
fn an_expression_on_an_answer_that_fails() {
    let response = json!({"idToken": {"suspended": "suspended", "tags": "join(',', tags)"},
        "accessToken": {"n": "length(scores)"}, "appMetadata": {"tags": "join(',', tags)", "plan": "plan"}});
    let config = json!({"syncs": [entry(json!({"onFailure": "deny", "response": response}))]});
    let known = with(event(), json!({"user": {"app_metadata": {"tags": "a,b", "plan": "gold"}}}));
    let table = [
        (
            json!({"suspended": true, "tags": 5, "scores": [1, 2], "plan": null}),
            "ok:200:expression",
            json!([["idToken", "suspended", true], ["accessToken", "n", 2], ["appMetadata", "plan", null]]),
        ),
        (json!({"tags": 5, "scores": 5}), "invalid:200:expression", json!(null)),
        (
            json!({"tags": ["c"], "scores": [], "plan": "gold"}),
            "ok:200",
            json!([["idToken", "tags", "c"], ["accessToken", "n", 0], ["appMetadata", "tags", "c"]]),
        ),
    ];
    for (answer, why, commands) in table {
        let end = Stage::new(config.clone(), json!({})).login(&known, &[ok(answer)]);
        assert_eq!(end.why("crm"), why);
        if commands.is_null() {
            assert_eq!(end.commands[0][0], "deny");
        } else {
            assert_eq!(end.commands, commands);
            let warns = if why == "ok:200" { "" } else { "claims-expression" };
            assert_eq!(end.logged("warn"), warns);
        }
    }
}

/// How many bytes a token's claims take.
fn bytes(end: &End, token: &str) -> usize {
    let commands = end.commands.as_array().unwrap().iter().filter(|command| command[0] == token);
    let claims: Map<String, Json> =
        commands.map(|command| (command[1].as_str().unwrap().to_string(), command[2].clone())).collect();
    Json::Object(claims).to_string().len()
}

/// Auth0 fails a login with more than 100 kB of claims in a token. What does not fit is left out, wherever it is from.
#[test]
fn claims_that_are_too_large_for_a_token() {
    let named =
        |name: &str| entry(json!({"name": name, "onFailure": "deny", "response": {"idToken": {name: "v"}}}));
    let config = json!({"syncs": [named("a"), named("b"), named("c")],
        "claims": {"idToken": {"e": "user.groups"}, "accessToken": {"e": "user.groups"}}});
    let filled = |with: &str, sizes: [usize; 4]| {
        let [first, answers @ ..] = sizes.map(|size| with.repeat(size));
        let mut event = event();
        event["user"]["groups"] = json!(first);
        let mut answers = answers.into_iter();
        Stage::new(config.clone(), json!({}))
            .play(&event, |_| ok(json!({"v": answers.next().unwrap_or_default()})))
    };
    // (what it is full of, how often: in the event and in three answers, what the ID token gets)
    let table = [
        ("x", [25_000, 25_000, 24_000, 24_000], "eabc"),
        ("x", [1, 99_968, 1, 1], "eabc"),
        ("x", [1, 99_969, 1, 1], "eab"),
        ("x", [1, 99_985, 1, 1], "ebc"),
        ("x", [99_992, 1, 1, 1], "e"),
        ("x", [99_993, 1, 1, 1], "abc"),
        ("x", [200_000, 50_000, 50_000, 40_000], "ac"),
        // As it is in a token: with its escapes, in UTF-8.
        ("\"", [1, 50_000, 1, 1], "ebc"),
        ("€", [1, 33_334, 1, 1], "ebc"),
        ("€", [1, 33_320, 1, 1], "eabc"),
    ];
    for (with, sizes, wanted) in table {
        let end = filled(with, sizes);
        let commands = end.commands.as_array().unwrap().iter().filter(|command| command[0] == "idToken");
        let got: String = commands.map(|command| command[1].as_str().unwrap()).collect();
        assert_eq!(got, wanted, "{with} {sizes:?}");
        assert_eq!(["a", "b", "c"].map(|name| end.why(name)), ["ok:200"; 3], "{with} {sizes:?}");
        let warns = if wanted == "eabc" { "" } else { "claims-too-large" };
        assert_eq!(end.logged("warn"), warns, "{with} {sizes:?}");
        assert!(bytes(&end, "idToken") <= 100_000);
    }
    assert_eq!(bytes(&filled("x", [1, 99_968, 1, 1]), "idToken"), 100_000, "to the last byte");
    assert_eq!(bytes(&filled("x", [99_992, 1, 1, 1]), "accessToken"), 100_000, "each token has its own room");
}

/// Sizes around the limit, several claims of each kind and source.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![0..100_usize, 20_000..60_000_usize, 99_900..100_100_usize]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 40, ..ProptestConfig::default() })]

    /// **No token gets more than 100,000 bytes of claims, and what is left out would not have fitted.**
    #[test]
    fn claims_never_exceed_the_limit(
        sizes in prop::collection::vec(size(), 8),
        fill in prop::sample::select(vec!["x", "\"", "é", "\\", "\u{1}", "👋"]),
        name in "[a-z\"é\\\\]{1,40}",
    ) {
        let claim = |i: usize| format!("{name}{i}");
        let fields = |i: usize| json!({claim(i): format!("v{i}"), claim(i + 1): format!("v{}", i + 1)});
        let syncs = ["a", "b"].map(|of| entry(json!({"name": of})));
        let mut config = json!({"syncs": syncs, "claims": {"idToken": {}, "accessToken": {}}});
        for (token, i) in [("idToken", 0), ("accessToken", 2)] {
            config["claims"][token] = json!({claim(i): format!("user.v{i}"), claim(i + 1): format!("user.v{}", i + 1)});
            config["syncs"][i / 2]["response"][token] = fields(i + 4);
        }
        let text = |i: usize| fill.repeat(sizes[i] / fill.len());
        let values: Map<String, Json> = (0..8).map(|i| (format!("v{i}"), json!(text(i)))).collect();
        let event = with(event(), json!({"user": values}));
        let end = Stage::new(config, json!({})).play(&event, |_| ok(json!(values)));
        let mut short = false;
        for (token, own) in [("idToken", [0, 1, 4, 5]), ("accessToken", [2, 3, 6, 7])] {
            let all = bytes(&end, token);
            prop_assert!(all <= 100_000, "{all} bytes");
            // In order, each that fits.
            let mut room = 100_000 - 1;
            for i in own {
                let takes = json!({claim(i): text(i)}).to_string().len() - 1;
                let set = end.commands.as_array().unwrap().iter().any(|c| c[0] == token && c[1] == claim(i));
                prop_assert_eq!(set, takes <= room, "{} takes {} of {}", claim(i), takes, room);
                room -= if set { takes } else { 0 };
                short |= !set;
            }
        }
        prop_assert_eq!(end.logged("warn"), if short { "claims-too-large" } else { "" });
    }
}
