//! An answer without a text in it: literals need none, an expression does, and its status counts in any case.

use crate::common::{Stage, event, ok, status, text, unreadable};
use login_sync::UNREADABLE;
use serde_json::{Value as Json, json};

fn hook(response: Json) -> Stage {
    let entry = json!({"name": "hook", "request": {"url": "https://hook.example.com/", "body": {"id": "user.user_id"}},
        "response": response, "retries": 0, "onFailure": "deny"});
    Stage::new(json!({"syncs": [entry]}), json!({}))
}

#[test]
fn literals_need_no_answer() {
    let literals = json!({"idToken": {"n": 1, "text": "'yes'", "null": "`null`"},
        "appMetadata": {"notified": true, "nested": {"list": [1, "'a'", {"b": "`2`"}]}}});
    let set = json!([["idToken", "n", 1], ["idToken", "text", "yes"], ["appMetadata", "nested", {"list": [1, "a", {"b": 2}]}],
        ["appMetadata", "notified", true]]);
    let mut answers =
        vec![("empty", status(204)), ("no JSON", text(200, "ok")), ("JSON", ok(json!({"n": 2})))];
    answers.extend(UNREADABLE.map(|word| (word, unreadable(200, word))));
    for (name, answer) in answers {
        let end = hook(literals.clone()).login(&event(), &[answer]);
        let mut commands = end.commands.as_array().cloned().unwrap_or_default();
        commands.sort_by_key(|command| command.to_string().replace("idToken", "0"));
        assert_eq!(json!(commands), set, "{name}");
    }
}

#[test]
fn an_expression_needs_one() {
    for response in [
        json!({"idToken": {"id": "id"}}),
        json!({"idToken": {"n": 1}, "appMetadata": {"id": "@"}}),
        json!({"appMetadata": {"nested": {"list": [1, "id"]}}}),
        json!({"token": "token"}),
    ] {
        for word in UNREADABLE {
            let end = hook(response.clone()).login(&event(), &[unreadable(200, word)]);
            assert_eq!(end.why("hook"), format!("invalid:200:{word}"), "{response}");
            assert_eq!(end.commands[0][0], "deny", "{response}");
        }
        let end = hook(response.clone()).login(&event(), &[text(200, "<html>")]);
        assert_eq!(end.why("hook"), "invalid:200:not-json", "{response}");
    }
}

#[test]
fn a_status_counts_whatever_the_body() {
    for (code, outcome) in
        [(401, "unauthorized:401"), (404, "rejected:404"), (409, "conflict:409"), (503, "unavailable:503")]
    {
        for word in UNREADABLE {
            let end = hook(json!({"idToken": {"id": "id"}})).login(&event(), &[unreadable(code, word)]);
            assert_eq!(end.why("hook"), outcome, "{word}");
        }
    }
    let end = hook(json!({})).login(&event(), &[unreadable(200, "charset")]);
    assert_eq!(end.why("hook"), "ok:200");
}
