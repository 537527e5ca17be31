//! Patience: a try is waited for twice as long as the slowest good answer of late.

use crate::common::{Reply, Stage, entry, error, ok, one, silence, somebody, status};
use login_sync::Patience;
use proptest::prelude::*;
use serde_json::json;

fn after(answers: &[f64]) -> Patience {
    let mut patience = Patience::default();
    for ms in answers {
        patience.learn(*ms);
    }
    patience
}

#[test]
fn what_is_waited_for() {
    let (few, enough) = (vec![70.0; 19], vec![70.0; 20]);
    let slow_one = |fast_before: usize, fast_after: usize| {
        [vec![70.0; fast_before], vec![400.0], vec![70.0; fast_after]].concat()
    };
    let table = [
        ("nothing is known", vec![], 3_000),
        ("not enough is known", few, 3_000),
        ("enough, and quick: the least there is", enough, 350),
        ("twice the slowest", vec![300.0; 20], 600),
        ("never longer than timeoutMs", vec![2_000.0; 20], 3_000),
        ("the slowest of those before enough were known", slow_one(0, 19), 800),
        ("the slowest of the hundred before", slow_one(0, 198), 800),
        ("then it is forgotten", slow_one(0, 199), 350),
        ("the last of a hundred", slow_one(99, 99), 800),
        ("is forgotten as late", slow_one(99, 100), 350),
        ("fractions are cut", vec![250.3; 20], 500),
    ];
    for (name, answers, wanted) in table {
        assert_eq!(after(&answers).of(3_000), wanted, "{name}");
    }
    assert_eq!(after(&[70.0; 20]).of(200), 200, "an entry's own timeout may be shorter");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is usual is never a failure, and nothing is waited for longer than allowed.
    #[test]
    fn the_last_hundred_would_all_be_waited_for(
        answers in prop::collection::vec(0.0..5_000.0_f64, 0..400), timeout in 50_u32..15_000,
    ) {
        let wait = after(&answers).of(timeout);
        prop_assert!(wait <= timeout);
        prop_assert!(wait >= timeout.min(350));
        let known = &answers[answers.len().saturating_sub(100)..];
        let slowest = known.iter().copied().fold(0.0, f64::max);
        prop_assert!(f64::from(wait) + 1.0 >= (2.0 * slowest).min(f64::from(timeout)));
        // And what is older than two hundred says nothing.
        let older = &answers[answers.len().saturating_sub(200)..];
        let slowest = older.iter().copied().fold(0.0, f64::max);
        if answers.len() >= 20 {
            prop_assert!(f64::from(wait) <= (2.0 * slowest).max(350.0));
        }
    }
}

/// A stage whose system has given so many good answers, each after 100 ms.
fn used_to(answers: usize, over: serde_json::Value) -> Stage {
    let mut stage = Stage::new(one(over), json!({}));
    for number in 0..answers {
        stage.login(&somebody(number), &[good()]);
    }
    stage
}

fn good() -> Reply {
    ok(json!({})).after(100.0)
}

#[test]
fn a_login_waits_no_longer_than_is_usual() {
    for (answers, wait) in [(19, 3_000.0), (20, 350.0), (150, 350.0)] {
        let mut stage = used_to(answers, json!({"retries": 0, "timeoutMs": 3_000}));
        let end = stage.login(&somebody(1_000), &[silence()]);
        assert_eq!((end.ms, end.why("crm").as_str()), (wait, "unavailable:timeout"), "{answers}");
    }
}

/// A failure says nothing about how long a good answer takes, however quick or slow.
#[test]
fn only_good_answers_teach() {
    let slow = |reply: Reply| reply.after(1_400.0);
    for reply in [slow(status(404)), slow(status(503)), slow(error("ECONNRESET")), slow(status(302))] {
        let mut stage = used_to(19, json!({"retries": 0, "timeoutMs": 3_000}));
        stage.login(&somebody(1_000), &[reply]);
        stage.login(&somebody(1_001), &[good()]);
        assert_eq!(stage.login(&somebody(1_002), &[silence()]).ms, 350.0);
    }
}

#[test]
fn each_system_has_its_own() {
    let erp = entry(json!({"name": "erp", "retries": 0, "request": {"url": "https://erp.example.com/"}}));
    let mut stage = Stage::new(json!({"syncs": [entry(json!({"retries": 0})), erp]}), json!({}));
    for number in 0..20 {
        stage.play(&somebody(number), |sent| good().after(if is_erp(sent) { 400.0 } else { 10.0 }));
    }
    let end = stage.play(&somebody(1_000), |_| silence());
    let waits: Vec<_> = end.sent.iter().map(|sent| sent.request.timeout_ms).collect();
    assert_eq!(waits, [350, 800]);
}

fn is_erp(sent: &crate::common::Sent) -> bool {
    sent.request.url.host.starts_with("erp")
}

/// The time of an answer that needed a second connection counts from the second.
#[test]
fn a_stale_connection_is_no_part_of_it() {
    let mut stage = used_to(19, json!({"retries": 0}));
    stage.login(&somebody(1_000), &[error("stale").after(900.0), good()]);
    assert_eq!(stage.login(&somebody(1_001), &[silence()]).ms, 350.0);
}
