//! Trying again: after what, when, how often, and never beyond the budget.

use crate::common::{Reply, START, Stage, entry, error, event, ok, one, silence, somebody, status, with};
use login_sync::{Bucket, backoff, retry_after};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::HashSet;

fn crm(over: Json) -> Stage {
    Stage::new(one(over), json!({}))
}

fn good() -> Reply {
    ok(json!({}))
}

#[test]
fn only_what_may_pass_by_itself_is_tried_again() {
    for code in [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530] {
        let end = crm(json!({})).login(&event(), &[status(code), good()]);
        assert_eq!((end.outcome("crm"), end.sent.len()), ("ok", 2), "{code}");
    }
    for code in
        [200, 204, 301, 302, 400, 401, 403, 404, 409, 410, 422, 501, 505, 519, 525, 526, 529, 531, 599]
    {
        let end = crm(json!({})).login(&event(), &[status(code)]);
        assert_eq!(end.sent.len(), 1, "{code}");
    }
    for code in ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "timeout", "network"] {
        let end = crm(json!({})).login(&event(), &[error(code), good()]);
        assert_eq!((end.outcome("crm"), end.sent.len()), ("ok", 2), "{code}");
    }
    let end = crm(json!({})).login(&event(), &[error("too-large")]);
    assert_eq!(end.sent.len(), 1, "an answer that is too large would be so again");
}

#[test]
fn as_often_as_the_entry_says() {
    for retries in 0..=4 {
        let replies: Vec<_> = (0..=retries).map(|_| status(503)).collect();
        let mut stage = crm(json!({"retries": retries}));
        let end = stage.login(&event(), &replies);
        assert_eq!(end.sent.len(), replies.len());
        assert_eq!(end.outcome("crm"), "unavailable");
    }
}

#[test]
fn every_try_carries_the_same_ids_and_no_other_login_does() {
    for name in ["idempotency-key", "login-sync-trigger-id"] {
        let mut stage = crm(json!({}));
        let mut ids = HashSet::new();
        for number in 0..3 {
            let end = stage.login(&somebody(number), &[status(503), error("stale"), good()]);
            let login: HashSet<_> =
                end.sent.iter().map(|sent| sent.header(name).unwrap().to_string()).collect();
            assert_eq!((end.sent.len(), login.len()), (3, 1), "{name}");
            ids.extend(login);
        }
        assert_eq!(ids.len(), 3, "{name}");
    }
}

#[test]
fn systems_of_one_login_share_its_trigger_id_and_no_key() {
    let syncs = ["one", "two"].map(|name| entry(json!({"name": name})));
    let end = Stage::new(json!({"syncs": syncs}), json!({})).play(&event(), |_| good());
    let ids = |name| end.sent.iter().map(|sent| sent.header(name).unwrap()).collect::<HashSet<_>>().len();
    assert_eq!((end.sent.len(), ids("login-sync-trigger-id"), ids("idempotency-key")), (2, 1, 2));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Anywhere from nothing to a ceiling that doubles, and never beyond two seconds.
    #[test]
    fn backoff_has_bounds(tries in any::<u32>(), random in any::<u32>()) {
        let ceiling = match tries { 0 | 1 => 100, 2 => 200, 3 => 400, 4 => 800, 5 => 1600, _ => 2000 };
        prop_assert!(backoff(tries, random) < ceiling);
        prop_assert_eq!(backoff(tries, 0), 0);
        prop_assert_eq!(backoff(tries, u32::MAX), ceiling - 1);
        prop_assert!(backoff(tries, random) <= backoff(tries, random.saturating_add(1)));
    }

    /// Whatever a header says, the wait is a number and nothing panics.
    #[test]
    fn any_retry_after(text in any::<String>(), now in any::<f64>()) {
        retry_after(&text, now);
    }

    #[test]
    fn any_number_of_seconds(seconds in any::<u64>()) {
        let wanted = u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
        prop_assert_eq!(retry_after(&seconds.to_string(), 0.0), Some(wanted));
    }
}

#[test]
fn retry_after_in_both_forms() {
    let table = [
        ("0", Some(0)),
        ("3", Some(3000)),
        (" 3 ", Some(3000)),
        ("99999999999", Some(u32::MAX)),
        ("Sun, 01 Nov 2026 00:00:05 GMT", Some(5000)),
        ("Sunday, 01-Nov-26 00:00:05 GMT", Some(5000)),
        ("Sun Nov  1 00:00:05 2026", Some(5000)),
        ("Sat, 31 Oct 2026 00:00:05 GMT", Some(0)),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
    ];
    for (text, wanted) in table {
        assert_eq!(retry_after(text, START), wanted, "{text}");
    }
}

/// What a system asks for is waited for, with jitter on top, up to a second; more is not waited for at all.
#[test]
fn retry_after_and_the_login() {
    let table = [
        ("fits", "1", Some(1000.0)),
        ("a date that fits", "Sun, 01 Nov 2026 00:00:01 GMT", Some(1000.0)),
        ("at once", "0", Some(0.0)),
        ("in the past", "Sat, 31 Oct 2026 00:00:00 GMT", Some(0.0)),
        ("too long", "2", None),
        ("a date that is too far", "Sun, 01 Nov 2026 00:00:02 GMT", None),
        ("a day", "86400", None),
        ("for ever", "99999999999", None),
    ];
    for (name, text, wait) in table {
        for code in [429, 503, 530] {
            waits(name, status(code).retry_after(text), wait);
        }
    }
}

/// A system that is asked too often and does not say for how long, is left alone for a second.
#[test]
fn a_429_without_a_time() {
    for reply in [status(429), status(429).retry_after("soon"), status(429).retry_after("")] {
        waits("429", reply, Some(1000.0));
    }
    waits("503", status(503).retry_after("soon"), Some(0.0));
    waits("a 429 that says at once", status(429).retry_after("0"), Some(0.0));
    let end =
        Stage::new(with(one(json!({})), json!({"budgetMs": 900})), json!({})).login(&event(), &[status(429)]);
    assert!(end.ms < 1.0, "there is no time for that");
}

fn waits(name: &str, reply: Reply, wait: Option<f64>) {
    let mut replies = vec![reply];
    replies.extend(wait.map(|_| good()));
    let end = crm(json!({})).login(&event(), &replies);
    assert_eq!(end.sent.len(), replies.len(), "{name}");
    match wait {
        Some(wait) => {
            assert!((wait..wait + 100.0).contains(&end.sent_at()[1]), "{name}: {:?}", end.sent_at());
        }
        None => assert!(end.ms < 1.0, "{name}: it gives up at once"),
    }
}

#[test]
fn waits_grow_and_differ() {
    let waits = |tries: usize| -> Vec<f64> {
        let mut stage = crm(json!({"retries": 3}));
        (0..20)
            .map(|_| {
                // Enough good answers between to fill the bucket.
                let end = stage.login(&event(), &[status(503), status(503), status(503), good()]);
                for _ in 0..40 {
                    stage.login(&event(), &[good()]);
                }
                end.sent_at()[tries] - end.sent_at()[tries - 1]
            })
            .collect()
    };
    for (tries, ceiling) in [(1, 100.0), (2, 200.0), (3, 400.0)] {
        let waits = waits(tries);
        assert!(waits.iter().all(|wait| (0.0..ceiling).contains(wait)), "{waits:?}");
        let different: HashSet<_> = waits.iter().map(|wait| wait.to_bits()).collect();
        assert!(different.len() > 10, "no jitter: {waits:?}");
        assert!(waits.iter().any(|wait| *wait > ceiling / 2.0), "{waits:?}");
    }
}

#[test]
fn the_budget_cuts_tries_and_waits() {
    let end = Stage::new(
        json!({"budgetMs": 1000, "syncs": [{"name": "crm", "timeoutMs": 700, "retries": 5,
        "request": {"url": "https://crm.example.com/"}}]}),
        json!({}),
    )
    .play(&event(), |_| silence());
    assert_eq!(end.sent.len(), 2);
    assert_eq!(end.sent[0].request.timeout_ms, 700);
    let left = 1000.0 - end.sent[1].at;
    assert!((f64::from(end.sent[1].request.timeout_ms) - left).abs() <= 1.0, "what is left: {left}");
    assert!((999.0..=1000.0).contains(&end.ms), "{}", end.ms);
    assert_eq!(end.why("crm"), "unavailable:timeout");

    let end = Stage::new(
        json!({"budgetMs": 100, "syncs": [{"name": "crm", "request": {"url": "https://a/"}}]}),
        json!({}),
    )
    .play(&event(), |_| silence());
    assert_eq!(
        (end.sent.len(), end.sent[0].request.timeout_ms, end.ms),
        (1, 100, 100.0),
        "no time is left to retry"
    );
}

#[test]
fn the_default_bounds_a_dead_system_to_its_two_tries() {
    let end = crm(json!({})).play(&event(), |_| silence());
    assert_eq!(end.sent.len(), 2);
    assert!((4000.0..4100.0).contains(&end.ms), "{}", end.ms);
    let preset = Stage::new(json!({"budgetMs": 1000}), json!({"OKTA_WORKFLOWS_URL": "https://a/"}))
        .play(&event(), |_| silence());
    assert_eq!((preset.sent.len(), preset.ms), (1, 1000.0), "a preset's own timeout is cut to the budget");
}

/// A kept-alive connection that the other side had closed: nothing was done there, so it is sent again at once, once,
/// and not counted.
#[test]
fn a_stale_connection() {
    let table = [
        ("at once and uncounted", 0, vec![error("stale"), good()], "ok"),
        ("before a counted retry", 1, vec![error("stale"), status(503), good()], "ok"),
        ("after one", 1, vec![status(503), error("stale"), good()], "ok"),
        ("only once", 0, vec![error("stale"), error("stale")], "unavailable"),
        ("the second counts", 1, vec![error("stale"), error("stale"), good()], "ok"),
    ];
    for (name, retries, replies, outcome) in table {
        let end = crm(json!({"retries": retries})).login(&event(), &replies);
        assert_eq!(end.outcome("crm"), outcome, "{name}");
        if retries == 0 {
            assert_eq!(end.sent_at(), [0.0, 0.0], "{name}");
        }
    }
}

#[test]
fn the_bucket() {
    let mut bucket = Bucket::default();
    let taken = |bucket: &mut Bucket, users: [&str; 7]| users.map(|user| bucket.take(user));
    let (once, twice) = (["a", "b", "a", "c", "d", "e", "f"], ["g", "a", "b", "c", "d", "e", "f"]);
    let wanted = [true, true, false, true, true, true, false];
    assert_eq!(taken(&mut bucket, once), wanted, "five retries at first, and no one has two");
    for _ in 0..9 {
        bucket.give();
    }
    assert!(!bucket.take("f"), "nine good answers are not enough");
    bucket.give();
    assert!(bucket.take("a"), "ten are, and the one who had theirs for longest may again");
    assert!(!bucket.take("b"));
    for _ in 0..1000 {
        bucket.give();
    }
    let wanted = [true, true, true, true, true, false, false];
    assert_eq!(taken(&mut bucket, twice), wanted, "and never more than at first");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One user has one of the five tokens at most, whatever they do; another can always have the next.
    #[test]
    fn one_user_cannot_empty_it(steps in prop::collection::vec(any::<bool>(), 0..300)) {
        let mut bucket = Bucket::default();
        for takes in steps {
            if takes { bucket.take("a"); } else { bucket.give(); }
        }
        prop_assert!(["b", "c", "d", "e"].into_iter().all(|user| bucket.take(user)));
    }
}

/// While a system fails now and then, retries are few: they may not double its load.
#[test]
fn the_bucket_holds_retries_back() {
    let mut stage = crm(json!({}));
    let mut number = 0;
    let mut sent = 0;
    for user in 0..200 {
        // Every other request fails, so that the breaker stays closed.
        let end = stage.play(&somebody(user), |_| {
            number += 1;
            if number % 2 == 0 { good() } else { status(503) }
        });
        sent += end.sent.len();
        stage.pass(1000.0);
    }
    assert!((205..=225).contains(&sent), "{sent} requests for 200 logins");
}

/// What hangs, hangs for all: a silence is followed by a retry only where another was answered meanwhile, or where
/// there is no other to tell.
#[test]
fn after_a_silence() {
    // The first login is never answered; those next to it begin 10 ms later.
    let table: [(&str, Vec<Reply>, usize); 6] = [
        ("alone", vec![], 2),
        ("another was answered", vec![good()], 2),
        ("another was refused", vec![status(404)], 2),
        ("another waits", vec![good().after(450.0)], 1),
        ("another failed", vec![status(503)], 1),
        ("others failed and one was answered", vec![status(503), good()], 2),
    ];
    for (name, others, tries) in table {
        let mut stage = crm(json!({"timeoutMs": 400, "request": {"body": {"id": "user.user_id"}}}));
        let starts: Vec<_> = (0..=others.len())
            .map(|number| (10.0 * number as f64, crate::common::PostLogin, somebody(number)))
            .collect();
        let ends = stage.together(&starts, |sent| {
            let id = sent.body()["id"].as_str().unwrap().to_string();
            let number: usize = id.trim_start_matches("auth0|").parse().unwrap();
            if number == 0 { silence() } else { others[number - 1].clone() }
        });
        assert_eq!(ends[0].sent.len(), tries, "{name}: {}", ends[0].log);
    }
}

/// A system that asks to be left alone asks all: a user who is not the only one to have failed does not wait for it.
#[test]
fn it_is_not_waited_for_by_everybody() {
    for reply in [status(429), status(429).retry_after("1"), status(503).retry_after("1")] {
        let mut stage = crm(json!({}));
        stage.login(&somebody(0), &[status(501)]);
        assert!(stage.login(&somebody(1), &[reply]).ms < 1.0);
        let end = stage.login(&somebody(2), &[status(503), good()]);
        assert_eq!(end.why("crm"), "ok:200", "a retry that may come at once does");
    }
}

/// A try whose connection was stale, and for which no time was left, is not waited for any more: the one who comes next is alone,
/// and tries again after a silence.
#[test]
fn what_is_not_waited_for() {
    let config = json!({"budgetMs": 300, "syncs": [entry(json!({"timeoutMs": 290}))]});
    let mut stage = Stage::new(config, json!({}));
    let end = stage.login(&somebody(0), &[error("stale").after(285.0)]);
    assert_eq!(end.why("crm"), "unavailable:budget");
    let mut tries = 0;
    let end = stage.play(&somebody(1), |_| {
        tries += 1;
        if tries == 1 { error("timeout").after(50.0) } else { good() }
    });
    assert_eq!(end.why("crm"), "ok:200", "{}", end.log);
}
