//! What an entry keeps of its answer for those who read it, and the rules and claims that read entries.

use crate::common::config::{accepts, problems};
use crate::common::{End, PostLogin, Sent, Stage, event, ok, status, text, token_until, with};
use crate::flow::{config, entry, host, told};
use serde_json::{Value as Json, json};

/// `keep` is what others read, and what is kept for them.
#[test]
fn keep() {
    let keep = json!({"response": {"keep": {"id": "data[0].id", "blocked": "data[0].blocked"}}});
    let table = [
        (
            ok(json!({"data": [{"id": 7, "blocked": true, "name": "Ada"}]})),
            json!({"id": 7, "blocked": true}),
            "ok:200",
        ),
        (ok(json!({"data": [{"id": 7}]})), json!({"id": 7}), "ok:200"),
        (ok(json!({"data": []})), json!({}), "ok:200"),
        (text(200, "no"), Json::Null, "invalid:200:not-json"),
        (status(204), Json::Null, "invalid:204:not-json"),
        (status(404), Json::Null, "rejected:404"),
    ];
    for (reply, answer, why) in table {
        let config = with(
            config(&[entry("a", "'x'", keep.clone())]),
            json!({"claims": {"idToken": {"c": "[syncs.a.answer]"}}}),
        );
        let end = Stage::new(config, json!({})).login(&event(), &[reply]);
        assert_eq!((end.commands[0][2][0].clone(), end.why("a").as_str()), (answer, why));
    }
}

/// Others decide by it, so where an expression of it fails the entry's policy decides.
#[test]
fn a_keep_that_fails() {
    let keep = json!({"onFailure": "deny", "response": {"idToken": {"id": "id"}, "keep": {"id": "id", "n": "join('', id)"}}});
    let config = with(
        config(&[entry("a", "'x'", keep)]),
        json!({"deny": [{"when": "syncs.a.answer.n", "reason": "No."}]}),
    );
    let end = Stage::new(config, json!({})).login(&event(), &[ok(json!({"id": 7}))]);
    assert_eq!(end.why("a"), "invalid:200:expression");
    assert_eq!(end.commands, json!([["deny", "We could not complete your login (a: invalid)."]]));
}

#[test]
fn what_is_kept_for_later_needs_a_keep() {
    let read = json!({"claims": {"idToken": {"c": "syncs.a.answer.id"}}});
    let fresh = json!({"freshForSeconds": 600});
    let reuse = json!({"reuse": true, "response": {"token": "t"}});
    let message = "config.syncs: `a` is kept (`reuse`, `freshForSeconds`) and read by others: say in its `response.keep` what they read";
    for over in [fresh.clone(), reuse.clone()] {
        let a = entry("a", "'x'", over.clone());
        assert_eq!(problems(&with(config(std::slice::from_ref(&a)), read.clone())), [message]);
        let by_entry = entry("b", "syncs.a", json!({}));
        assert_eq!(problems(&config(&[a.clone(), by_entry])), [message]);
        let keeps = with(a.clone(), json!({"response": {"keep": {"id": "id"}}}));
        let ends = json!({"claims": {"idToken": {"c": "syncs.a.outcome", "d": "syncs.a.status"}}});
        accepts(&[
            with(config(&[keeps]), read.clone()),
            with(config(std::slice::from_ref(&a)), ends),
            config(&[a]),
        ]);
    }
}

/// The user after a login: with the metadata that it wrote.
fn later(end: &End) -> Json {
    let mut user = event();
    for command in end.commands.as_array().unwrap().iter().filter(|command| command[0] == "appMetadata") {
        user["user"]["app_metadata"][command[1].as_str().unwrap()] = command[2].clone();
    }
    user
}

/// A source that is fresh, stale or reused gives what was kept of it.
#[test]
fn what_was_kept_is_read() {
    let ends = json!({"claims": {"idToken": {"c": "[syncs.a.answer, syncs.a.outcome, syncs.a.status]"}}});
    let of = |over: Json| {
        let a = entry("a", "'x'", with(json!({"response": {"keep": {"id": "id"}}}), over));
        with(config(&[a, entry("b", "syncs.a.answer.id", json!({}))]), ends.clone())
    };
    let answer = |sent: &Sent| ok(json!({"id": host(sent), "secret": "s", "t": token_until(3600.0)}));
    let read = |end: &End| end.commands[0][2].clone();

    let config = of(json!({"freshForSeconds": 600, "staleForSeconds": 3600}));
    let mut stage = Stage::new(config, json!({}));
    let first = stage.play(&event(), answer);
    assert_eq!(read(&first), json!([{"id": "a"}, "ok", 200]));
    assert!(!first.commands.to_string().contains("secret"), "{}", first.commands);
    let second = stage.play(&later(&first), answer);
    assert_eq!((read(&second), told(&second).len()), (json!([{"id": "a"}, "fresh", null]), 1));
    assert_eq!(second.sent[0].body()["of"], "a");
    stage.pass(700_000.0);
    let third = stage.play(&later(&first), |sent| if host(sent) == "a" { status(503) } else { answer(sent) });
    assert_eq!(read(&third), json!([{"id": "a"}, "stale", 503]));
    assert_eq!((third.why("b").as_str(), third.sent[1].body()["of"].clone()), ("ok:200", json!("a")));

    let config = of(json!({"reuse": true, "response": {"token": "t"}}));
    let mut stage = Stage::new(config, json!({}));
    let ends = stage.together(
        &[(0.0, PostLogin, event()), (1.0, PostLogin, event()), (900.0, PostLogin, event())],
        |sent| answer(sent).after(50.0),
    );
    assert_eq!(
        ends.iter().map(read).collect::<Vec<_>>(),
        [
            json!([{"id": "a"}, "ok", 200]),
            json!([{"id": "a"}, "reused", 200]),
            json!([{"id": "a"}, "reused", null]),
        ]
    );
    assert_eq!(ends[2].sent[0].body()["of"], "a");
}

/// A reader whose source is down may use what was kept of its own.
#[test]
fn a_reader_that_is_stale() {
    let b = entry(
        "b",
        "syncs.a.answer.id",
        json!({"freshForSeconds": 60, "staleForSeconds": 3600, "response": {"idToken": {"plan": "plan"}}}),
    );
    let mut stage = Stage::new(config(&[entry("a", "'x'", json!({})), b]), json!({}));
    let first = stage.play(&event(), |_| ok(json!({"id": 1, "plan": "gold"})));
    stage.pass(100_000.0);
    let second = stage.play(&later(&first), |_| status(503));
    assert_eq!(second.why("b"), "stale:needs-a");
    assert_eq!(second.commands, json!([["idToken", "plan", "gold"]]));
}

/// Nothing taken is nothing kept, and of a record only what the entry keeps is read.
#[test]
fn nothing_is_kept_of_nothing() {
    let of = |over: Json| {
        let a = entry(
            "a",
            "'x'",
            with(json!({"freshForSeconds": 600, "response": {"keep": {"id": "id", "by": "'crm'"}}}), over),
        );
        with(config(&[a]), json!({"claims": {"idToken": {"c": "syncs.a.answer"}}}))
    };
    let wrote = |end: &End| later(end)["user"]["app_metadata"]["login_sync"]["a"].clone();
    let table = [
        (json!({}), json!({"id": 7}), true),
        (json!({}), json!({"id": null}), false),
        (json!({}), json!({}), false),
        (json!({"response": {"idToken": {"plan": "plan"}}}), json!({"plan": "gold"}), true),
        (json!({"response": {"idToken": {"plan": "plan"}}}), json!({"other": 1}), false),
        (json!({"response": {"keep": {"id": "'x'"}}}), json!({}), true),
    ];
    for (over, answer, keeps) in table {
        let end = Stage::new(of(over.clone()), json!({})).login(&event(), &[ok(answer.clone())]);
        assert_eq!(wrote(&end).is_object(), keeps, "{over} {answer}");
    }
    let end = Stage::new(of(json!({})), json!({})).login(&event(), &[ok(json!({"id": 7}))]);
    let forged = [
        (json!([null, null, {"id": 8, "admin": true}]), "fresh", json!({"id": 8})),
        (json!([null, null, {"admin": true}]), "ok", json!({"id": 9, "by": "crm"})),
        (json!([null, null]), "ok", json!({"id": 9, "by": "crm"})),
        (json!([null, null, "id"]), "ok", json!({"id": 9, "by": "crm"})),
        (json!([null, null, ["id"]]), "ok", json!({"id": 9, "by": "crm"})),
    ];
    for (claims, outcome, answer) in forged {
        let mut user = later(&end);
        user["user"]["app_metadata"]["login_sync"]["a"]["claims"] = json!(claims.to_string());
        let again = Stage::new(of(json!({})), json!({})).play(&user, |_| ok(json!({"id": 9})));
        assert_eq!((again.outcome("a"), &again.commands[0][2]), (outcome, &answer), "{claims}");
    }
}

#[test]
fn names_of_kept_fields() {
    let of = |keep: Json| config(&[entry("a", "'x'", json!({"response": {"keep": keep}}))]);
    accepts(&[of(json!({"a.b": "c", "$x": 1, "": "d", "sub": {"x": ["y"]}}))]);
    for (keep, message) in [
        (json!("id"), "config.syncs[0].response.keep: must be an object"),
        (
            json!({"__proto__": "id"}),
            "config.syncs[0].response.keep.__proto__: `__proto__` cannot be a key: choose another name",
        ),
    ] {
        assert_eq!(problems(&of(keep))[0], message);
    }
}

/// Rules that read no entry come before anything is sent, the others when all have ended; both before any policy.
#[test]
fn deny_rules() {
    let a = entry("a", "'x'", json!({"onFailure": {"deny": "By policy."}}));
    let rules = json!({"deny": [
        {"when": "syncs.a.answer.blocked", "reason": "By the answer."},
        {"when": "user.app_metadata.blocked", "reason": "By the event."},
        {"when": "syncs.a.status == `404` && user.email", "reason": "Not found."}]});
    let config = with(config(&[a]), with(rules, json!({"claims": {"idToken": {"c": "'d'"}}})));
    let blocked = with(event(), json!({"user": {"app_metadata": {"blocked": true}}}));
    let claims = json!([["idToken", "c", "d"]]);
    let table = [
        (event(), ok(json!({})), claims, ""),
        (event(), ok(json!({"blocked": true})), json!([["deny", "By the answer."]]), "deny-rule"),
        (event(), status(404), json!([["deny", "Not found."]]), "deny-rule"),
        (event(), status(503), json!([["deny", "By policy."]]), ""),
    ];
    for (event, reply, commands, warn) in table {
        let end = Stage::new(config.clone(), json!({})).login(&event, &[reply]);
        assert_eq!((&end.commands, end.logged("warn")), (&commands, warn));
        assert_ne!(end.logged("a"), "");
    }
    // Nothing is sent, although the rule that reads an entry comes before.
    let end = Stage::new(config, json!({})).login(&blocked, &[]);
    assert_eq!((&end.commands, end.logged("a")), (&json!([["deny", "By the event."]]), ""));
}

#[test]
fn a_rule_that_fails_applies() {
    let deny = json!({"deny": [{"when": "contains(syncs.a.answer.tags, 'x')", "reason": "No."}]});
    let mfa = json!({"mfa": [{"when": "contains(syncs.a.answer.tags, 'x')", "provider": "guardian"}]});
    let tags = json!({"tags": ["y"]});
    for (rule, call) in [(deny, json!(["deny", "No."])), (mfa, json!(["multifactor", "guardian", {}]))] {
        for (reply, applies) in [
            (ok(tags.clone()), false),
            (ok(json!({"tags": "x"})), true),
            (ok(json!({})), true),
            (status(404), true),
        ] {
            let config = with(config(&[entry("a", "'x'", json!({}))]), rule.clone());
            let end = Stage::new(config, json!({})).login(&event(), &[reply]);
            assert_eq!(end.commands, if applies { json!([call]) } else { json!([]) });
        }
    }
}

#[test]
fn second_factors_and_claims() {
    let rules = json!({"mfa": [{"when": "syncs.risk.answer.score > `70`", "provider": "guardian"}, {"when": "user.phone_number", "provider": "none"}],
        "claims": {"idToken": {"score": "syncs.risk.answer.score"}, "accessToken": {"known": "syncs.risk.outcome == 'ok'", "fails": "length(syncs.risk.answer.score)"}}});
    let config = with(config(&[entry("risk", "'x'", json!({}))]), rules);
    for (reply, provider, score) in [
        (ok(json!({"score": 90})), "guardian", json!(90)),
        (ok(json!({"score": 9})), "none", json!(9)),
        (status(500), "none", Json::Null),
    ] {
        let end = Stage::new(config.clone(), json!({})).login(&event(), &[reply]);
        let mut wanted = vec![json!(["multifactor", provider, {}])];
        wanted.extend((!score.is_null()).then(|| json!(["idToken", "score", score])));
        wanted.push(json!(["accessToken", "known", !score.is_null()]));
        assert_eq!((end.commands, end.log.contains("warn=claims-expression")), (Json::Array(wanted), true));
    }
}
