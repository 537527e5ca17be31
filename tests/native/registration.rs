//! After a registration: little is known, nothing can be undone, and whatever happens no command is asked for.

use crate::common::{
    PostLogin, PostUserRegistration, Stage, entry, error, event, ok, silence, status, text, with,
};
use serde_json::{Value as Json, json};

/// What Auth0 gives: no client, and sometimes neither request nor transaction.
fn registration() -> Json {
    json!({"user": {"user_id": "auth0|ada", "email": "ada@example.com"}, "connection": {"name": "customers"},
        "tenant": {"id": "example"}})
}

fn sheet(over: Json) -> Json {
    entry(with(
        json!({"name": "sheet", "on": ["post-user-registration"], "when": "connection.name == 'customers'",
            "request": {"url": "https://script.example.com/exec",
                "body": {"id": "user.user_id", "email": "user.email", "ip": "request.ip", "client": "client.name"}},
            "response": {"success": [200, 302]}, "retries": 0}),
        over,
    ))
}

#[test]
fn a_row_for_a_sheet() {
    let config = json!({"syncs": [sheet(json!({}))]});
    let end = Stage::new(config.clone(), json!({})).register(&registration(), |_| status(302));
    assert_eq!(end.sent.first().unwrap().body(), json!({"id": "auth0|ada", "email": "ada@example.com"}));
    assert_eq!(end.log, "login-sync trigger=post-user-registration result=done ms=0 sheet=ok:302:0ms:1");
    let elsewhere = with(registration(), json!({"connection": {"name": "staff"}}));
    let end = Stage::new(config.clone(), json!({})).register(&elsewhere, |_| status(302));
    assert_eq!((end.sent.len(), end.why("sheet").as_str()), (0, "skipped"));
    let end = Stage::new(config, json!({})).login(&event(), &[]);
    assert_eq!(
        end.log, "login-sync trigger=post-login result=allowed ms=0 id=tx_1",
        "a login is none of its business"
    );
}

/// A config for both flows, full of what a login may ask for.
fn everything() -> Json {
    let both = json!(["post-login", "post-user-registration"]);
    json!({
        "syncs": [sheet(json!({"on": both, "onFailure": {"deny": "No."}, "freshForSeconds": 60,
            "response": {"idToken": {"a": "a"}, "appMetadata": {"b": "b"}}}))],
        "claims": {"idToken": {"c": "'d'"}},
        "mfa": [{"when": "user", "provider": "any"}],
        "deny": [{"when": "user.blocked", "reason": "No."}]
    })
}

#[test]
fn no_command_whatever_happens() {
    let replies = [
        ok(json!({"a": 1, "b": 2})),
        text(200, "no"),
        status(302),
        status(401),
        status(409),
        status(503),
        error("ECONNRESET"),
        silence(),
    ];
    for reply in replies {
        for event in
            [registration(), event(), with(registration(), json!({"user": {"blocked": true}})), json!({})]
        {
            let end = Stage::new(everything(), json!({})).register(&event, |_| reply.clone());
            assert_eq!(end.commands, json!([]), "{}", end.log);
            assert_eq!((end.logged("trigger"), end.logged("result")), ("post-user-registration", "done"));
        }
    }
}

#[test]
fn deny_rules_do_not_keep_it_from_being_told() {
    let blocked = with(registration(), json!({"user": {"blocked": true}}));
    let end = Stage::new(everything(), json!({})).register(&blocked, |_| ok(json!({})));
    assert_eq!(end.sent.len(), 1);
}

#[test]
fn entries_run_where_they_are_meant_to() {
    let named = |name: &str, on: Json| sheet(json!({"name": name, "on": on, "when": null}));
    let config = json!({"syncs": [named("a", json!(["post-login"])), named("b", json!(["post-user-registration"])),
        named("c", json!(["post-login", "post-user-registration"])), named("d", json!(null))]});
    let ran = |trigger| {
        let starts = [(0.0, trigger, event())];
        let ends = Stage::new(config.clone(), json!({})).together(&starts, |_| status(200));
        ["a", "b", "c", "d"].map(|name| ends[0].outcome(name) == "ok")
    };
    assert_eq!(ran(PostLogin), [true, false, true, true]);
    assert_eq!(ran(PostUserRegistration), [false, true, true, false]);
}

/// The registration and the first login may run at the same time in one instance.
#[test]
fn next_to_the_first_login() {
    let mut stage = Stage::new(everything(), json!({}));
    let starts = [(0.0, PostUserRegistration, registration()), (5.0, PostLogin, event())];
    let ends = stage.together(&starts, |_| ok(json!({"a": 1})).after(50.0));
    assert_eq!(ends[0].commands, json!([]));
    assert_eq!(ends[1].commands[0], json!(["multifactor", "any", {}]));
    let keys: Vec<_> =
        ends.iter().flat_map(|end| &end.sent).map(|sent| sent.header("idempotency-key")).collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}
