//! `"mode": "shadow"`: an entry that sends, is judged and logged, and touches nothing; and all that reads it.

use crate::common::config::{accepts, problems};
use crate::common::{End, Reply, Stage, event, ok, somebody, status, text, with};
use login_sync::{Config, Native};
use serde_json::{Value as Json, json};

fn shadow(over: Json) -> Json {
    let request = json!({"url": "https://risk.example.com/", "body": {"id": "user.user_id"}});
    with(json!({"name": "risk", "mode": "shadow", "retries": 0, "request": request}), over)
}

/// Another entry, whose body holds this.
fn other(name: &str, of: &str, over: Json) -> Json {
    let request = json!({"url": format!("https://{name}.example.com/"), "body": {"of": of}});
    with(json!({"name": name, "retries": 0, "request": request}), over)
}

/// A login by this config, in which the system at risk.example.com gives this and all others 200.
fn login(config: &Json, reply: &Reply) -> End {
    let mut stage = Stage::new(config.clone(), json!({}));
    stage.play(&event(), |sent| {
        if &*sent.request.url.host == "risk.example.com" { reply.clone() } else { ok(json!({"v": 1})) }
    })
}

#[test]
fn it_touches_nothing() {
    let response = json!({"idToken": {"a": "v"}, "accessToken": {"b": "v"}, "appMetadata": {"c": "v"}});
    let entry = shadow(json!({"freshForSeconds": 600, "onFailure": "deny", "response": response}));
    let live = |mut entry: Json| {
        entry.as_object_mut().unwrap().remove("mode");
        entry
    };
    let table = [
        (ok(json!({"v": 1})), "ok:200", ""),
        (text(200, "no"), "invalid:200:not-json", "would-deny"),
        (status(404), "rejected:404", "would-deny"),
        (status(503), "unavailable:503", "would-deny"),
    ];
    for (reply, why, warn) in table {
        let end = login(&json!({"syncs": [entry.clone()]}), &reply);
        assert_eq!((end.why("risk").as_str(), end.logged("warn"), end.sent.len()), (why, warn, 1));
        assert_eq!((&end.commands, end.logged("result")), (&json!([]), "allowed"), "{why}");
        let end = login(&json!({"syncs": [live(entry.clone())]}), &reply);
        assert_ne!(end.commands, json!([]), "{why}: live it does something");
    }
}

/// An answer that takes all the steps of its turn leaves some for the decision: a rule that does not read it does not fail.
#[test]
fn a_costly_answer_denies_no_one() {
    let claims: Vec<_> = (0..4).map(|at| (format!("c{at}"), format!("length(l[?@ == `{at}`])"))).collect();
    let claims: Json = claims.into_iter().collect();
    let source = other("crm", "'x'", json!({"response": {"keep": {"v": "w"}}}));
    let costly = shadow(json!({"response": {"idToken": claims}}));
    let config = json!({"syncs": [costly, source], "claims": {"idToken": {"mail": "user.email"}},
        "deny": [{"when": "syncs.crm.answer.v", "reason": "No."}]});
    let end = login(&config, &ok(json!({"l": vec![0; 19_000]})).after(100.0));
    assert_eq!(end.why("risk"), "invalid:200:expression");
    assert_eq!(end.commands, json!([["idToken", "mail", "ada@example.com"]]), "{}", end.log);
}

/// What was kept while it was live stays as it is.
#[test]
fn what_was_kept_before_stays() {
    let response = json!({"idToken": {"a": "v"}});
    let entry = shadow(json!({"freshForSeconds": 600, "response": response}));
    let record = json!({"risk": {"at": 1, "of": "x", "claims": "[null,null]"}});
    for reply in [ok(json!({"v": 1})), ok(json!({})), status(404)] {
        let event = with(event(), json!({"user": {"app_metadata": {"login_sync": record}}}));
        let end = Stage::new(json!({"syncs": [entry]}), json!({})).login(&event, &[reply]);
        assert_eq!(end.commands, json!([]));
    }
}

#[test]
fn policies_and_rules_are_told() {
    let deny = json!({"deny": [{"when": "syncs.risk.answer.bad", "reason": "No."}]});
    let mfa = json!({"mfa": [{"when": "syncs.risk.answer.bad", "provider": "guardian"}]});
    let none = json!({"mfa": [{"when": "syncs.risk.answer.bad", "provider": "none"}]});
    let fails = json!({"deny": [{"when": "contains(syncs.risk.answer, 'x')", "reason": "No."}]});
    let both = with(deny.clone(), mfa.clone());
    let (bad, good) = (ok(json!({"bad": true})), ok(json!({"bad": false})));
    let table = [
        ("a rule that denies", deny.clone(), json!({}), bad.clone(), "would-deny"),
        ("and does not", deny, json!({}), good.clone(), ""),
        ("a second factor", mfa.clone(), json!({}), bad.clone(), "would-mfa"),
        ("and none", mfa, json!({}), good.clone(), ""),
        ("one that takes it away", none, json!({}), bad.clone(), ""),
        ("both", both.clone(), json!({}), bad, "would-deny,would-mfa"),
        ("one that fails", fails, json!({}), good, "would-deny"),
        ("a policy", json!({}), json!({"onFailure": "deny"}), status(404), "would-deny"),
        ("a policy for a second factor", json!({}), json!({"onFailure": "mfa"}), status(404), "would-mfa"),
        ("allow", json!({}), json!({}), status(404), ""),
        ("both kinds", both, json!({"onFailure": "mfa"}), status(404), "would-mfa"),
    ];
    for (name, rules, over, reply, warn) in table {
        let end = login(&with(json!({"syncs": [shadow(over)]}), rules), &reply);
        assert_eq!(
            (end.logged("warn"), &end.commands, end.logged("result")),
            (warn, &json!([]), "allowed"),
            "{name}"
        );
    }
}

/// An entry, a rule, a claim; through others, too. What reads nothing of it does as ever.
#[test]
fn what_reads_it_is_in_shadow_too() {
    let syncs = json!([
        other(
            "last",
            "syncs.next.answer.v",
            json!({"onFailure": "deny", "response": {"idToken": {"last": "v"}}})
        ),
        other("next", "syncs.risk.answer.v", json!({"response": {"idToken": {"next": "v"}}})),
        shadow(json!({})),
        other("free", "'x'", json!({"response": {"idToken": {"free": "v"}}})),
    ]);
    let claims = json!({"idToken": {"a": "syncs.risk.answer.v", "b": "user.name && syncs.last.outcome", "c": "syncs.free.answer.v"},
        "accessToken": {"d": "'d'", "e": "syncs.next.status"}});
    let rules = json!({"deny": [{"when": "syncs.last.outcome == 'unavailable'", "reason": "No."}, {"when": "syncs.free.outcome == 'rejected'", "reason": "Live."}],
        "mfa": [{"when": "syncs.last.outcome", "provider": "guardian"}, {"when": "syncs.free.outcome", "provider": "duo"}]});
    let config = with(json!({"syncs": syncs, "claims": claims}), rules);
    let live = json!([
        ["multifactor", "duo", {}],
        ["idToken", "c", 1],
        ["accessToken", "d", "d"],
        ["idToken", "free", 1]
    ]);
    let end = login(&config, &ok(json!({"v": 1})));
    assert_eq!((&end.commands, end.logged("warn"), end.sent.len()), (&live, "would-mfa", 4));
    let end = login(&config, &status(404));
    assert_eq!(
        (&end.commands, end.logged("warn"), end.why("last").as_str()),
        (&live, "would-deny,would-mfa", "unavailable:needs-next")
    );
}

/// It has a breaker like any other, and what guards nothing lets a login pass when the engine breaks down.
#[test]
fn a_guard_in_shadow_is_none() {
    let guards = |config: Json| Config::read(&Native(config), None).ok().unwrap().guards() & 1 != 0;
    let rule = json!({"deny": [{"when": "syncs.risk.answer.bad", "reason": "No."}]});
    assert!(!guards(with(json!({"syncs": [shadow(json!({"onFailure": "deny"}))]}), rule.clone())));
    assert!(guards(with(json!({"syncs": [shadow(json!({"mode": null, "onFailure": "deny"}))]}), json!({}))));
    assert!(guards(with(json!({"syncs": [shadow(json!({"mode": null}))]}), rule)));
    let mut stage = Stage::new(json!({"syncs": [shadow(json!({}))]}), json!({}));
    let sent: usize = (0..20).map(|number| stage.play(&somebody(number), |_| status(503)).sent.len()).sum();
    assert!(sent < 20, "{sent} of 20: an outage is met as ever");
}

#[test]
fn the_word() {
    accepts(&[
        json!({"syncs": [shadow(json!({}))]}),
        json!({"syncs": [{"use": "cleeng", "mode": "shadow"}]}),
    ]);
    let config = json!({"syncs": [shadow(json!({"mode": "live"}))]});
    assert_eq!(problems(&config), ["config.syncs[0].mode: must be `shadow`"]);
}
