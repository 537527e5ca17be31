//! The names at the root of the scope: what expressions read of it, what is refused with the fix, and what is there
//! besides the event.

use crate::common::config::{accepts, problems};
use crate::common::{START, Stage, entry, event, ok, one, with};
use login_sync::Expression;
use serde_json::{Value as Json, json};

#[test]
fn what_an_expression_reads() {
    let table = [
        ("user.email", "user.email"),
        ("@", ""),
        ("@.user", "user"),
        ("user | email", "user.email"),
        ("@ | user | email", "user.email"),
        ("user.\"a b\".c", "user.a b.c"),
        ("(user).email", "user.email"),
        ("user.roles[0].name", "user.roles"),
        ("user.roles[-1]", "user.roles"),
        ("user.roles[*].name", "user.roles"),
        ("user.roles[]", "user.roles"),
        ("user.*.name", "user"),
        ("*", ""),
        ("user.roles[?name == other].id", "user.roles"),
        ("user.roles[?name == 'x'] | [0].id", "user.roles"),
        ("a || b.c && !(d)", "a b.c d"),
        ("a == b.c", "a b.c"),
        ("not_null(a.b, c)", "a.b c"),
        ("join(',', [a, b.c])", "a b.c"),
        ("[a, b.c][0].d", "a b.c"),
        ("{x: a, y: b.c}.x", "a b.c"),
        ("user.[a, b]", "user.a user.b"),
        ("user.{x: a.b, y: @}", "user.a.b user"),
        ("user.length(name)", "user.name"),
        ("[@][0].secrets", ""),
        ("(a || b).c", "a b"),
        ("sort_by(user.list, &name)[0].id", "user.list"),
        ("map(&[@, secrets], user.list)", "user.list"),
        ("user.list[1:3]", "user.list"),
        ("lower(user.email)", "user.email"),
        ("'text'", ""),
        ("`1`", ""),
    ];
    for (text, wanted) in table {
        let mut found = Vec::new();
        let expression = Expression::parse(text).unwrap();
        expression.reads(&mut |path| found.push(path.join(".")));
        found.retain(|path| !path.is_empty());
        assert_eq!(found.join(" "), wanted, "{text}");
    }
}

/// So that a constant does not count as all of the scope.
#[test]
fn a_literal_reads_nothing() {
    for text in ["'text'", "`1`", "'a' || `[1]`", "`{\"a\": 1}`.a", "user.email || ''"] {
        let mut found = Vec::new();
        Expression::parse(text).unwrap().reads(&mut |path| found.push(path.join(".")));
        found.retain(|path| path != "user.email");
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}

/// A config with the entries `find` and `stripe-find`, and one claim.
fn claiming(expression: &str) -> Json {
    let find = entry(json!({"name": "find"}));
    let stripe = entry(json!({"name": "stripe-find"}));
    json!({"syncs": [find, stripe, {"use": "cleeng"}], "requestQuery": ["fingerprint", "utm-source"],
        "claims": {"idToken": {"a": expression}}})
}

#[test]
fn what_is_not_there_is_refused_with_the_fix() {
    let secrets = "no expression can read `secrets`: write `{ \"secret\": \"NAME\" }` where one is sent";
    let body = "no expression can read `request.body`: it may hold a password";
    let query = "of `request.query` only what `requestQuery` lists can be read: write `request.query.NAME`";
    let nameless = "reads `syncs` without a name: write `syncs.NAME.answer`";
    let field = "unknown field of an entry `id`: choose from answer, outcome, status";
    let table = [
        ("secrets", secrets),
        ("user.x || secrets.KEY", secrets),
        ("lower(secrets.KEY)", secrets),
        ("request.body.password", body),
        ("request | body", body),
        ("request.query", query),
        ("request.query.*", query),
        ("request.query.code", query),
        ("request.[ip, query.code]", query),
        ("syncs", nameless),
        ("syncs.*.answer", nameless),
        ("keys(syncs)", nameless),
        ("syncs.fnd.answer", "unknown entry `fnd`: did you mean `find`?"),
        ("syncs.stripefind.answer", "unknown entry `stripefind`: did you mean `stripe-find`?"),
        ("syncs.braze.answer", "unknown entry `braze`: choose from find, stripe-find, cleeng"),
        ("syncs.find.id", field),
        ("syncs.\"stripe-find\".id", field),
        ("syncs.find.anwser.id", "unknown field of an entry `anwser`: did you mean `answer`?"),
        ("clock.day", "unknown field of `clock` `day`: choose from iso, seconds, ms, weekday, hour"),
    ];
    for (text, message) in table {
        assert_eq!(problems(&claiming(text)), [format!("config.claims.idToken.a: {message}")], "{text}");
    }
    let good = [
        "user.secrets",
        "user.syncs.x",
        "\"secrets.x\"",
        "request.ip",
        "request.query.fingerprint",
        "request.query.\"utm-source\"",
        "syncs.find.answer.a.b",
        "syncs.find",
        "syncs.\"stripe-find\".answer",
        "syncs.cleeng.outcome",
        "syncs.[find.answer, cleeng.status]",
        "clock",
        "clock.iso",
        "interactive",
    ];
    accepts(&good.map(claiming));
}

/// Wherever an expression is outside `response`; an answer is a scope of its own.
#[test]
fn it_is_refused_everywhere() {
    let places = [
        ("config.syncs[0].when", one(json!({"when": "secrets.K"}))),
        ("config.syncs[0].request.body.a[0]", one(json!({"request": {"body": {"a": ["secrets.K"]}}}))),
        (
            "config.syncs[0].request.params.a",
            one(json!({"request": {"url": "https://h/{a}", "params": {"a": "secrets.K"}}})),
        ),
        ("config.deny[0].when", json!({"deny": [{"when": "secrets.K", "reason": "No."}]})),
        ("config.mfa[0].when", json!({"mfa": [{"when": "secrets.K", "provider": "any"}]})),
        ("config.claims.accessToken.a", json!({"claims": {"accessToken": {"a": "secrets.K"}}})),
    ];
    for (path, config) in places {
        let message = "no expression can read `secrets`: write `{ \"secret\": \"NAME\" }` where one is sent";
        assert_eq!(problems(&config), [format!("{path}: {message}")]);
    }
    let response = json!({"token": "secrets.t", "expect": "request.body && syncs && clock.day",
        "idToken": {"a": "secrets"}, "appMetadata": {"a": {"b": "request.query"}}});
    accepts(&[one(json!({ "response": response }))]);
}

#[test]
fn without_entries_of_its_own_a_config_reads_presets() {
    accepts(&[json!({"claims": {"idToken": {"a": "syncs.\"okta-workflows\".outcome"}}})]);
    let config = json!({"claims": {"idToken": {"a": "syncs.cleng.outcome"}}});
    assert_eq!(problems(&config), ["config.claims.idToken.a: unknown entry `cleng`: did you mean `cleeng`?"]);
}

#[test]
fn request_query() {
    let bad = [
        (json!("fingerprint"), "config.requestQuery: must be an array of names"),
        (json!([""]), "config.requestQuery[0]: must not be empty"),
        (json!([7]), "config.requestQuery[0]: must be a string"),
    ];
    for (list, message) in bad {
        assert_eq!(problems(&json!({"syncs": [], "requestQuery": list})), [message]);
    }
    let claims =
        json!({"idToken": {"fp": "request.query.fp", "other": "[@][0].request.query", "ip": "request.ip"}});
    let config = json!({"syncs": [], "requestQuery": ["fp", "absent"], "claims": claims});
    let table = [
        (
            json!({"query": {"fp": "f1", "code": "c0de"}}),
            json!([["idToken", "fp", "f1"], ["idToken", "other", {"fp": "f1"}], ["idToken", "ip", "192.0.2.7"]]),
        ),
        (
            json!({"query": {"code": "c0de"}}),
            json!([["idToken", "other", {}], ["idToken", "ip", "192.0.2.7"]]),
        ),
        (json!({"query": "fp"}), json!([["idToken", "other", {}], ["idToken", "ip", "192.0.2.7"]])),
    ];
    for (request, wanted) in table {
        let mut event = event();
        event["request"]["query"] = request["query"].clone();
        let commands = Stage::new(config.clone(), json!({})).login(&event, &[]).commands;
        assert_eq!(commands, wanted, "{request}");
    }
    let none = with(event(), json!({"request": null}));
    assert_eq!(Stage::new(config, json!({})).login(&none, &[]).commands, json!([]));
}

/// One time for all of an execution, and no part of `@`.
#[test]
fn the_clock() {
    let request = json!({"url": "https://crm.example.com/user", "body": {"at": "clock.ms", "all": "@"}});
    let config = json!({"syncs": [entry(json!({"request": request}))],
        "claims": {"idToken": {"iso": "clock.iso", "of": "[clock.seconds, clock.ms, clock.weekday, clock.hour]"}}});
    let mut stage = Stage::new(config, json!({}));
    stage.pass(1_234.0);
    let end = stage.login(&event(), &[ok(json!({})).after(500.0)]);
    // 2026-11-01 is a Sunday.
    let ms = START + 1_234.0;
    let wanted = json!([
        ["idToken", "iso", "2026-11-01T00:00:01.234Z"],
        ["idToken", "of", [1_793_491_201_i64, 1_793_491_201_234_i64, 0, 0]]
    ]);
    assert_eq!(end.commands, wanted);
    let body = end.sent[0].body();
    assert_eq!(body["at"].as_f64(), Some(ms));
    assert!(body["all"].get("clock").is_none() && body["all"].get("user").is_some(), "{body}");
}
