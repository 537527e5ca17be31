//! What a failure does to a login: each outcome under each policy, at both triggers.

use crate::common::{End, Reply, Stage, entry, error, event, ok, one, status, text, with};
use serde_json::{Value as Json, json};
use std::slice;

/// Every failure there is, by its reply, with the one that decides nothing first.
fn replies() -> [(&'static str, Reply); 6] {
    [
        ("ok", ok(json!({"v": 1}))),
        ("rejected", status(400)),
        ("unauthorized", status(401)),
        ("conflict", status(409)),
        ("unavailable", status(503)),
        ("invalid", text(200, "no JSON")),
    ]
}

fn claims() -> Json {
    json!({"idToken": {"v": "v"}})
}

#[test]
fn each_outcome_under_each_policy() {
    let policies = [
        (json!("allow"), None),
        (json!("deny"), Some(Json::Null)),
        (json!({"deny": "Please call us."}), Some(json!(["deny", "Please call us."]))),
        (json!("mfa"), Some(json!(["multifactor", "any", {}]))),
    ];
    for (outcome, reply) in replies() {
        for (policy, command) in &policies {
            // Given for all failures, and for this one alone.
            for on_failure in [policy.clone(), json!({outcome: policy})] {
                if outcome == "ok" && !on_failure[outcome].is_null() {
                    continue;
                }
                let config = one(json!({"onFailure": on_failure, "retries": 0, "response": claims()}));
                let end = Stage::new(config, json!({})).login(&event(), slice::from_ref(&reply));
                let named = format!("We could not complete your login (crm: {outcome}).");
                let wanted = match command {
                    _ if outcome == "ok" => json!([["idToken", "v", 1]]),
                    None => json!([]),
                    Some(Json::Null) => json!([["deny", named]]),
                    Some(command) => json!([command]),
                };
                assert_eq!(end.outcome("crm"), outcome);
                assert_eq!(end.commands, wanted, "{outcome} {on_failure}");
                let result = match wanted[0][0].as_str() {
                    Some("deny") => "denied",
                    Some("multifactor") => "mfa",
                    _ => "allowed",
                };
                assert_eq!(end.logged("result"), result, "{outcome} {on_failure}");
            }
        }
    }
}

#[test]
fn a_policy_for_one_failure_leaves_the_others_allowed() {
    for (outcome, reply) in replies() {
        let config = one(json!({"onFailure": {"conflict": "deny"}, "retries": 0, "response": claims()}));
        let end = Stage::new(config, json!({})).login(&event(), &[reply]);
        assert_eq!(end.commands[0][0] == "deny", outcome == "conflict", "{outcome}");
    }
}

#[test]
fn a_registration_is_never_undone() {
    for (outcome, reply) in replies() {
        for policy in ["allow", "deny", "mfa"] {
            let on = json!(["post-login", "post-user-registration"]);
            let config = one(json!({"on": on, "onFailure": policy, "retries": 0, "response": claims()}));
            let end = Stage::new(config, json!({})).register(&event(), |_| reply.clone());
            assert_eq!(end.commands, json!([]), "{outcome} {policy}");
            assert_eq!((end.outcome("crm"), end.logged("result")), (outcome, "done"), "{outcome} {policy}");
        }
    }
}

/// The statuses and what they mean.
#[test]
fn statuses() {
    let table = [
        (200, "ok"),
        (201, "ok"),
        (204, "ok"),
        (299, "ok"),
        (100, "invalid"),
        (199, "invalid"),
        (300, "invalid"),
        (301, "invalid"),
        (302, "invalid"),
        (304, "invalid"),
        (400, "rejected"),
        (401, "unauthorized"),
        (402, "rejected"),
        (403, "unauthorized"),
        (404, "rejected"),
        (408, "unavailable"),
        (409, "conflict"),
        (410, "rejected"),
        (422, "rejected"),
        (425, "unavailable"),
        (429, "unavailable"),
        (499, "rejected"),
        (500, "unavailable"),
        (501, "unavailable"),
        (503, "unavailable"),
        (599, "unavailable"),
        (999, "unavailable"),
    ];
    for (code, outcome) in table {
        let end = Stage::new(one(json!({"retries": 0})), json!({})).login(&event(), &[status(code)]);
        assert_eq!(end.why("crm"), format!("{outcome}:{code}"));
    }
    for (code, outcome) in [(302, "ok"), (200, "invalid"), (404, "ok"), (500, "unavailable")] {
        let config = one(json!({"retries": 0, "response": {"success": [302, 404]}}));
        let end = Stage::new(config, json!({})).login(&event(), &[status(code)]);
        assert_eq!(end.why("crm"), format!("{outcome}:{code}"), "with a success of its own");
    }
}

#[test]
fn no_answer() {
    for (code, why) in [
        ("ECONNREFUSED", "unavailable:ECONNREFUSED"),
        ("too-large", "invalid:too-large"),
        ("weird\r\ncode: ada@example.com and more", "unavailable:weirdcodeadaexamplecomandmore"),
    ] {
        let end = Stage::new(one(json!({"retries": 0})), json!({})).login(&event(), &[error(code)]);
        assert_eq!(end.why("crm"), why);
    }
}

fn two(first: &str, second: &str) -> Json {
    let policy = |name: &str, policy: &str| {
        entry(json!({"name": name, "onFailure": policy, "retries": 0, "response": {"idToken": {name: "v"}}}))
    };
    json!({"syncs": [policy("a", first), policy("b", second)], "claims": {"accessToken": {"c": "'d'"}}})
}

/// Replies for the two systems, in the order of the config.
fn play(config: Json, replies: [Reply; 2]) -> End {
    let mut replies = replies.into_iter();
    Stage::new(config, json!({})).play(&event(), |_| replies.next().unwrap())
}

#[test]
fn the_first_denial_in_the_config_counts_and_nothing_else_is_done() {
    let denied = |by: &str| json!([["deny", format!("We could not complete your login ({by}).")]]);
    let quick_second = [status(404).after(100.0), status(409)];
    assert_eq!(play(two("deny", "deny"), quick_second).commands, denied("a: rejected"));
    assert_eq!(play(two("mfa", "deny"), [status(404), status(409)]).commands, denied("b: conflict"));
    assert_eq!(play(two("deny", "deny"), [ok(json!({"v": 1})), status(409)]).commands, denied("b: conflict"));
    let mixed = play(two("allow", "mfa"), [ok(json!({"v": 1})), status(409)]).commands;
    assert_eq!(mixed, json!([["multifactor", "any", {}], ["accessToken", "c", "d"], ["idToken", "a", 1]]));
}

#[test]
fn one_second_factor_is_enough() {
    let both = play(two("mfa", "mfa"), [status(404), status(409)]).commands;
    assert_eq!(both, json!([["multifactor", "any", {}], ["accessToken", "c", "d"]]));
    let none = json!({"mfa": [{"when": "user", "provider": "none"}]});
    let taken = play(with(two("mfa", "allow"), none.clone()), [status(404), ok(json!({}))]).commands;
    assert_eq!(
        taken,
        json!([["multifactor", "any", {}], ["accessToken", "c", "d"]]),
        "a rule that takes it away does not count, and makes no call of its own: {taken}"
    );
    let end = play(with(two("mfa", "allow"), none), [ok(json!({})), ok(json!({}))]);
    assert_eq!((end.logged("result"), &end.commands[0]), ("allowed", &json!(["multifactor", "none", {}])));
    let rule = json!({"mfa": [{"when": "user", "provider": "guardian"}]});
    let ruled = play(with(two("mfa", "allow"), rule), [status(404), ok(json!({}))]).commands;
    assert_eq!(ruled, json!([["multifactor", "guardian", {}], ["accessToken", "c", "d"]]), "the rule's own");
    let rule = json!({"mfa": [{"when": "user", "challengeWith": ["otp"]}]});
    let challenge = json!(["challenge", {"type": "otp"}, {"additionalFactors": []}]);
    let otp = with(event(), json!({"user": {"enrolledFactors": [{"type": "otp"}]}}));
    for (event, call) in [(otp, challenge), (event(), json!(["multifactor", "any", {}]))] {
        let mut replies = [status(404), ok(json!({}))].into_iter();
        let mut stage = Stage::new(with(two("mfa", "allow"), rule.clone()), json!({}));
        let end = stage.play(&event, |_| replies.next().unwrap());
        let wanted = json!([call, ["accessToken", "c", "d"]]);
        assert_eq!((end.logged("result"), &end.commands), ("mfa", &wanted));
    }
}

/// A failure that asks for a second factor is closed where no one can answer; the rules are left out there.
#[test]
fn a_policy_asks_also_where_no_one_can_answer() {
    let refresh = with(event(), json!({"transaction": {"protocol": "oauth2-refresh-token"}}));
    let rule = |over: Json| json!({"mfa": [with(json!({"when": "user", "provider": "guardian"}), over)]});
    for (over, provider) in [(json!({}), "any"), (json!({"always": true}), "guardian")] {
        let mut replies = [status(404), ok(json!({}))].into_iter();
        let mut stage = Stage::new(with(two("mfa", "allow"), rule(over)), json!({}));
        let end = stage.play(&refresh, |_| replies.next().unwrap());
        let wanted = json!([["multifactor", provider, {}], ["accessToken", "c", "d"]]);
        assert_eq!((end.logged("result"), &end.commands), ("mfa", &wanted));
    }
}

#[test]
fn an_event_that_cannot_be_mapped_is_invalid() {
    let table = [
        (json!({"when": "join('', user.name)"}), "invalid:when-expression"),
        (json!({"request": {"body": {"a": "join('', user.name)"}}}), "invalid:body-expression"),
        (json!({"request": {"url": "https://h/{a}", "params": {"a": "user.no"}}}), "invalid:url-param"),
    ];
    for (over, why) in table {
        let config = one(with(json!({"onFailure": {"invalid": "deny"}}), over));
        let end = Stage::new(config, json!({})).login(&event(), &[]);
        assert_eq!((end.why("crm").as_str(), end.commands[0][0].as_str()), (why, Some("deny")));
    }
}

#[test]
fn a_sync_that_is_skipped_decides_nothing() {
    for when in ["user.fax", "user.fax == 'x'", "`false`", "''"] {
        let config = one(json!({"when": when, "onFailure": "deny", "response": claims()}));
        let end = Stage::new(config, json!({})).login(&event(), &[]);
        assert_eq!((end.why("crm").as_str(), &end.commands), ("skipped", &json!([])), "{when}");
    }
}

/// Some systems say no with a status of success: `expect` says what must be true of a good answer.
#[test]
fn a_no_inside_a_200() {
    let (yes, no) = (json!({"ok": true, "id": 7}), "rejected:200:expect");
    let table = [
        ("ok", yes.clone(), "ok:200"),
        ("ok", json!({"ok": false, "id": 7}), no),
        ("ok", json!({"id": 7}), no),
        ("ok", json!({"ok": ""}), no),
        ("ok", json!(null), no),
        ("!(errors)", yes.clone(), "ok:200"),
        ("!(errors)", json!({"errors": [], "id": 7}), "ok:200"),
        ("!(errors)", json!({"errors": [{"message": "no"}], "id": 7}), no),
        ("status == 'active'", json!({"status": "blocked"}), no),
        ("status == 'active'", json!({"status": "active"}), "ok:200"),
        // One that cannot be evaluated is not true.
        ("contains(allowed, 'web')", json!({"allowed": 5}), no),
        ("join(',', @)", json!({"id": 7}), no),
    ];
    for (expect, answer, why) in table {
        for taken in [json!({"idToken": {"id": "id"}, "appMetadata": {"id": "id"}}), json!({})] {
            let response = with(json!({ "expect": expect }), taken);
            let over =
                json!({"response": response, "freshForSeconds": 60, "onFailure": {"rejected": "deny"}});
            let mut stage = Stage::new(one(over), json!({}));
            let end = stage.login(&event(), &[ok(answer.clone())]);
            assert_eq!(end.why("crm"), why, "{expect} {answer}");
            let denied = json!([["deny", "We could not complete your login (crm: rejected)."]]);
            assert_eq!(end.commands == denied, why == no, "{expect} {answer}: nothing is set or kept");
        }
    }
}

/// It is weighed where the status says success, and before the rest of the answer.
#[test]
fn expect_comes_first_and_needs_json() {
    let over = json!({"retries": 0, "response": {"expect": "ok", "token": "t", "idToken": {"t": "t"}}});
    let table = [
        (ok(json!({"ok": false})), "rejected:200:expect"),
        (ok(json!({"ok": true})), "invalid:200:no-token"),
        (text(200, "no JSON"), "invalid:200:not-json"),
        (status(404), "rejected:404"),
        (status(503), "unavailable:503"),
    ];
    for (reply, why) in table {
        assert_eq!(Stage::new(one(over.clone()), json!({})).login(&event(), &[reply]).why("crm"), why);
    }
    // A registration takes nothing, and may well be told no.
    let config = one(json!({"on": ["post-user-registration"], "response": {"expect": "ok"}}));
    let end = Stage::new(config, json!({})).register(&event(), |_| ok(json!({"ok": false})));
    assert_eq!(end.why("crm"), "rejected:200:expect");
}
