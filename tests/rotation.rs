//! A secret is rotated without downtime: the next one is tried on 401, and remembered.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{End, Reply, Sent, Stage, event, ok, one, status};
use serde_json::{Value as Json, json};

fn stage(names: Json, secrets: Json) -> Stage {
    Stage::new(one(json!({"request": {"headers": {"authorization": {"bearer": names}}}})), secrets)
}

/// A system that knows one secret.
fn knows(secret: &str) -> impl FnMut(&Sent) -> Reply {
    let wanted = format!("Bearer {secret}");
    move |sent| if sent.header("authorization") == Some(&wanted) { ok(json!({})) } else { status(401) }
}

fn used(end: &End) -> Vec<&str> {
    end.sent.iter().map(|sent| sent.header("authorization").unwrap().trim_start_matches("Bearer ")).collect()
}

#[test]
fn the_next_is_tried_on_401_and_remembered() {
    let mut stage = stage(json!(["A", "B"]), json!({"A": "a", "B": "b"}));
    assert_eq!(used(&stage.play(&event(), knows("a"))), ["a"]);
    let turn = stage.play(&event(), knows("b"));
    assert_eq!((used(&turn), turn.outcome("crm")), (vec!["a", "b"], "ok"));
    assert_eq!(turn.sent_at(), [0.0, 0.0], "at once");
    assert_eq!(turn.sent[0].header("idempotency-key"), turn.sent[1].header("idempotency-key"));
    assert_eq!(used(&stage.play(&event(), knows("b"))), ["b"], "remembered");
    assert_eq!(used(&stage.play(&event(), knows("a"))), ["b", "a"], "and back");
}

#[test]
fn each_is_tried_once() {
    let table = [
        (json!("A"), json!({"A": "a"}), vec!["a"]),
        (json!(["A", "B"]), json!({"A": "a", "B": "b"}), vec!["a", "b"]),
        (json!(["A", "B", "C"]), json!({"A": "a", "B": "b", "C": "c"}), vec!["a", "b", "c"]),
        (json!(["A", "B", "C"]), json!({"A": "a", "C": "c"}), vec!["a", "c"]),
        (json!(["A", "B"]), json!({"B": "b"}), vec!["b"]),
        (json!(["A", "B"]), json!({"A": "", "B": "b"}), vec!["b"]),
    ];
    for (names, secrets, wanted) in table {
        let mut stage = stage(names, secrets.clone());
        for _ in 0..2 {
            let end = stage.play(&event(), knows("none of them"));
            assert_eq!(used(&end), wanted, "{secrets}");
            assert_eq!(end.why("crm"), "unauthorized:401", "{secrets}");
        }
    }
}

#[test]
fn nothing_else_rotates() {
    for (code, times) in [(403, 1), (400, 1), (404, 1), (409, 1), (503, 2)] {
        let mut stage = stage(json!(["A", "B"]), json!({"A": "a", "B": "b"}));
        let end = stage.play(&event(), |_| status(code));
        assert_eq!(used(&end), vec!["a"; times], "{code}");
    }
}

/// The second secret is not a retry: trouble after it may still be tried again.
#[test]
fn a_rotation_is_not_counted_as_a_retry() {
    let mut stage = stage(json!(["A", "B"]), json!({"A": "a", "B": "b"}));
    let end = stage.login(&event(), &[status(401), status(503), ok(json!({}))]);
    assert_eq!((used(&end), end.outcome("crm")), (vec!["a", "b", "b"], "ok"));
}

#[test]
fn cleeng_has_two() {
    let secrets = json!({"CLEENG_CLIENT_SECRET": "old", "CLEENG_CLIENT_SECRET_NEXT": "new"});
    let mut stage = Stage::new(json!({}), secrets);
    let token = common::token_until(7200.0);
    let end = stage.play(&event(), |sent| match sent.header("authorization") {
        Some("Bearer new") => ok(json!({"accessToken": token})),
        _ => status(401),
    });
    assert_eq!(used(&end), ["old", "new"]);
    assert_eq!(end.commands[0][1], "cleeng_access_token");
}

#[test]
fn headers_with_lists_of_their_own() {
    let headers = json!({"x-key": {"secret": "KEY"}, "authorization": {"bearer": ["A", "B"]}});
    let mut stage =
        Stage::new(one(json!({"request": {"headers": headers}})), json!({"KEY": "k", "A": "a", "B": "b"}));
    let end = stage.play(&event(), knows("b"));
    assert_eq!(used(&end), ["a", "b"]);
    assert!(end.sent.iter().all(|sent| sent.header("x-key") == Some("k")));
}
