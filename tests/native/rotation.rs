//! A secret is rotated without downtime: the next one is tried when the first is refused, and remembered.

use crate::common::{End, Reply, Sent, Stage, event, ok, one, status};
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
    let token = crate::common::token_until(7200.0);
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

/// A gateway says 403 for a key that it does not know. Behind `Bearer`, a 403 is about the user.
#[test]
fn a_key_by_itself_is_refused_by_403_too() {
    let names = json!(["A", "B", "C"]);
    let table = [
        (json!({"x-api-key": {"secret": names}}), 403, vec!["a", "b", "c"]),
        (json!({"authorization": {"secret": names}}), 403, vec!["a", "b", "c"]),
        (json!({"x-api-key": {"secret": names, "optional": true}}), 403, vec!["a", "b", "c"]),
        (json!({"x-api-key": {"secret": names}}), 401, vec!["a", "b", "c"]),
        (json!({"authorization": {"bearer": names}}), 403, vec!["a"]),
        (json!({"x-api-key": {"secret": "A"}, "authorization": {"bearer": names}}), 403, vec!["a"]),
        (json!({"x-api-key": {"secret": names}, "authorization": {"bearer": "A"}}), 403, vec!["a", "b", "c"]),
        (json!({"x-api-key": {"secret": names}}), 404, vec!["a"]),
        (json!({"x-api-key": {"secret": names}}), 409, vec!["a"]),
    ];
    for (headers, code, wanted) in table {
        let config = one(json!({"request": {"headers": headers}}));
        let mut stage = Stage::new(config, json!({"A": "a", "B": "b", "C": "c"}));
        let end = stage.play(&event(), |_| status(code));
        let rotating = if headers["x-api-key"].is_object() { "x-api-key" } else { "authorization" };
        let used: Vec<_> = end.sent.iter().map(|sent| sent.header(rotating).unwrap()).collect();
        let used: Vec<_> = used.into_iter().map(|key| key.trim_start_matches("Bearer ")).collect();
        assert_eq!(used, wanted, "{headers} {code}");
        assert_eq!(end.why("crm").split(':').nth(1), Some(code.to_string().as_str()), "{headers}");
    }
}

#[test]
fn the_key_that_works_is_remembered() {
    let headers = json!({"x-api-key": {"secret": ["A", "B"]}});
    let mut stage = Stage::new(one(json!({"request": {"headers": headers}})), json!({"A": "a", "B": "b"}));
    let mut play = |code: u16| {
        let knows =
            |sent: &Sent| if sent.header("x-api-key") == Some("b") { ok(json!({})) } else { status(code) };
        let end = stage.play(&event(), knows);
        (end.sent.len(), end.outcome("crm").to_string())
    };
    assert_eq!([play(403), play(403)], [(2, "ok".to_string()), (1, "ok".to_string())]);
}

/// Each header goes on with its own list; one that has fewer stays with the last.
#[test]
fn lists_of_different_lengths() {
    let headers = json!({"x-api-key": {"secret": ["A", "B"]}, "authorization": {"bearer": ["P", "Q", "R"]}});
    let secrets = json!({"A": "a", "B": "b", "P": "p", "Q": "q", "R": "r"});
    for (code, wanted) in [(401, vec!["p", "q", "r"]), (403, vec!["p", "q"])] {
        let mut stage = Stage::new(one(json!({"request": {"headers": headers}})), secrets.clone());
        assert_eq!(used(&stage.play(&event(), |_| status(code))), wanted, "{code}");
    }
}

/// The warning names a secret that was sent: the next of the list is not looked at, and not taken for the one refused.
#[test]
fn the_expired_secret_that_was_sent_is_named() {
    let bearer = json!({"authorization": {"bearer": ["OLD", "NEW"]}});
    let three = json!({"authorization": {"bearer": ["OLD", "NEW", "LAST"]}});
    let key = json!({"x-api-key": {"secret": ["OLD", "NEW"]}});
    let table: [(&Json, [f64; 3], &[u16], &str); 14] = [
        (&bearer, [-1.0, 60.0, 60.0], &[403], "OLD-expired"),
        (&bearer, [60.0, -1.0, 60.0], &[403], ""),
        (&bearer, [-1.0, 60.0, 60.0], &[404], "OLD-expired"),
        (&bearer, [-1.0, 60.0, 60.0], &[401, 401], "OLD-expired"),
        (&bearer, [60.0, -1.0, 60.0], &[401, 401], "NEW-expired"),
        (&bearer, [-1.0, -1.0, 60.0], &[401, 401], "OLD-expired"),
        (&bearer, [60.0, 60.0, 60.0], &[401, 401], ""),
        (&bearer, [-1.0, 60.0, 60.0], &[401, 403], "OLD-expired"),
        (&bearer, [-1.0, 60.0, 60.0], &[401, 404], ""),
        (&three, [60.0, 60.0, -1.0], &[401, 403], ""),
        (&three, [60.0, -1.0, 60.0], &[401, 401, 401], "NEW-expired"),
        (&three, [60.0, 60.0, -1.0], &[401, 401, 401], "LAST-expired"),
        (&key, [-1.0, 60.0, 60.0], &[403, 403], "OLD-expired"),
        (&key, [60.0, -1.0, 60.0], &[404], ""),
    ];
    for (headers, [old, new, last], codes, warning) in table {
        let [old, new, last] = [old, new, last].map(crate::common::token_until);
        let config = one(json!({"request": {"headers": headers}}));
        let mut stage = Stage::new(config, json!({"OLD": old, "NEW": new, "LAST": last}));
        let replies: Vec<Reply> = codes.iter().copied().map(status).collect();
        // The same again: what is read once per instance is read right.
        for _ in 0..2 {
            assert_eq!(stage.login(&event(), &replies).logged("warn"), warning, "{headers} {codes:?}");
        }
    }
}
