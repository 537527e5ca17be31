//! The try that stays on the line: a system that has become slow is not taken for one that is down.

use crate::common::{
    End, PostLogin, Reply, Stage, entry, error, ok, one, silence, somebody, status, text, with,
};
use login_sync::{Answer, Now};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn up() -> Reply {
    ok(json!({}))
}

/// A stage whose system has answered twenty users at once, so that it is waited for 350 ms and no longer.
fn quick(over: Json) -> Stage {
    let mut stage = Stage::new(one(with(json!({"retries": 0, "timeoutMs": 3000}), over)), json!({}));
    for number in 0..20 {
        stage.login(&somebody(number), &[up()]);
    }
    stage
}

/// Five users fail, each giving up early on a system that takes so long.
fn five_give_up(stage: &mut Stage, reply: Reply) {
    let starts: Vec<_> = (20..25).map(|user| (0.0, PostLogin, somebody(user))).collect();
    let ends = stage.together(&starts, |_| reply.clone());
    assert!(ends.iter().all(|end| end.ms == 350.0 && end.why("crm") == "unavailable:timeout"));
}

fn is_open(end: &End) -> bool {
    end.why("crm") == "unavailable:breaker"
}

#[test]
fn its_answer_closes_the_breaker_and_teaches() {
    let mut stage = quick(json!({}));
    five_give_up(&mut stage, up().after(1_400.0));
    assert_eq!(stage.on_the_line(), 1, "one of five");
    assert!(is_open(&stage.login(&somebody(30), &[])));
    stage.pass(1_050.0);
    assert_eq!(stage.on_the_line(), 0);
    let end = stage.login(&somebody(31), &[up().after(1_400.0)]);
    assert_eq!(
        (end.why("crm").as_str(), end.ms),
        ("ok:200", 1_400.0),
        "it closes, and waits as long as it takes"
    );
    let end = stage.login(&somebody(32), &[silence()]);
    assert_eq!(end.ms, 2_800.0);
}

/// In a system that is well one user may be slower than others, for ever: they get in by the second try.
#[test]
fn a_slow_user_gets_the_answer_while_others_are_answered() {
    let mut stage = quick(json!({"retries": 1}));
    let starts = [(0.0, PostLogin, somebody(30)), (100.0, PostLogin, somebody(31))];
    let mut first = None;
    let ends = stage.together(&starts, |sent| {
        let slow = *first.get_or_insert(sent.login) == sent.login;
        up().after(if slow { 1_900.0 } else { 0.0 })
    });
    assert_eq!(ends.iter().map(|end| end.why("crm")).collect::<Vec<_>>(), ["ok:200", "ok:200"]);
}

/// What comes of it, whether that closes the breaker, and whether the next login waits longer than before.
#[test]
fn what_its_answer_means() {
    let table = [
        ("a good one", up(), true, true),
        ("a refusal", status(404), true, false),
        ("a wrong secret", status(401), true, false),
        ("too large", error("too-large"), true, false),
        ("a failure", status(503), false, false),
        ("not even that", error("ECONNRESET"), false, false),
        ("stale", error("stale"), false, false),
        ("nothing", silence(), false, false),
    ];
    for (name, reply, closes, teaches) in table {
        let mut stage = quick(json!({}));
        five_give_up(&mut stage, reply.after(if name == "nothing" { f64::INFINITY } else { 500.0 }));
        assert!(is_open(&stage.login(&somebody(30), &[])), "{name}");
        stage.pass(150.0);
        assert_eq!(stage.on_the_line(), usize::from(name == "nothing"), "{name}");
        let end = stage.login(&somebody(30), &if closes { vec![silence()] } else { vec![] });
        assert_eq!(is_open(&end), !closes, "{name}");
        if closes {
            assert_eq!(end.ms, if teaches { 1_000.0 } else { 350.0 }, "{name}");
        }
        // The line is free, and the next one who gives up has it.
        stage.pass(4_000.0);
        assert_eq!(stage.on_the_line(), 0, "{name}");
        stage.login(&somebody(40), &[silence()]);
        assert_eq!(stage.on_the_line(), 1, "{name}");
    }
}

/// An answer is judged as it would be in a login.
#[test]
fn an_answer_that_is_not_what_it_must_be() {
    for (body, teaches) in [(r#"{"id":"7"}"#, true), ("<html>", false)] {
        let mut stage = Stage::new(
            one(json!({"retries": 0, "timeoutMs": 3000, "response": {"idToken": {"crm_id": "id"}}})),
            json!({}),
        );
        for number in 0..20 {
            stage.login(&somebody(number), &[text(200, r#"{"id":"1"}"#)]);
        }
        five_give_up(&mut stage, text(200, body).after(500.0));
        stage.pass(150.0);
        let end = stage.login(&somebody(30), &[silence()]);
        assert_eq!(end.ms, if teaches { 1_000.0 } else { 350.0 }, "{body}");
    }
}

#[test]
fn a_try_that_had_all_its_time_does_not_stay() {
    let mut stage = Stage::new(one(json!({"retries": 0, "timeoutMs": 3000})), json!({}));
    let end = stage.login(&somebody(0), &[silence()]);
    assert_eq!((end.ms, stage.on_the_line()), (3_000.0, 0));
    // One that the budget cuts has not had all of it.
    let config = json!({"budgetMs": 1000, "syncs": [entry(json!({"timeoutMs": 700, "retries": 5}))]});
    let mut stage = Stage::new(config, json!({}));
    let end = stage.play(&somebody(0), |_| silence());
    assert_eq!((end.ms, stage.on_the_line()), (1_000.0, 1));
}

/// The user whom it answers has had their answer, and is not shut out.
#[test]
fn its_user_is_forgotten() {
    let mut stage = quick(json!({}));
    stage.login(&somebody(20), &[up().after(500.0)]);
    assert_eq!(stage.login(&somebody(20), &[]).why("crm"), "unavailable:busy");
    stage.pass(150.0);
    assert_eq!(stage.login(&somebody(20), &[up()]).why("crm"), "ok:200");
}

#[test]
fn each_system_has_a_line() {
    let erp = entry(
        json!({"name": "erp", "retries": 0, "timeoutMs": 3000, "request": {"url": "https://erp.example.com/"}}),
    );
    let mut stage =
        Stage::new(json!({"syncs": [entry(json!({"retries": 0, "timeoutMs": 3000})), erp]}), json!({}));
    for number in 0..20 {
        stage.play(&somebody(number), |_| up());
    }
    stage.play(&somebody(20), |_| silence());
    assert_eq!(stage.on_the_line(), 2);
}

/// The host may stand still between executions: what comes late is read at the next one, and the time is too long.
#[test]
fn a_host_that_stood_still() {
    let mut stage = quick(json!({}));
    let end = stage.login(&somebody(20), &[up().after(500.0)]);
    assert_eq!(end.ms, 350.0);
    stage.tick += 3_600_000.0;
    let end = stage.login(&somebody(21), &[silence()]);
    assert_eq!(end.ms, 3_000.0, "never longer than timeoutMs");
}

/// What the shim says of a line that is no one's, of a system that there is not: nothing happens.
#[test]
fn what_no_one_asked_for() {
    let mut stage = quick(json!({}));
    let answer = Answer { status: 200, ..Answer::default() };
    for system in [0, 1, usize::MAX] {
        stage.engine.overhear(system, &answer, Now { wall: 0.0, tick: stage.tick + 9_000.0 });
    }
    assert_eq!(stage.login(&somebody(20), &[silence()]).ms, 350.0, "it taught nothing");
    let wrong = Stage::any(json!({"sync": []}), json!({}), 8_000.0);
    wrong.engine.overhear(0, &answer, Now::default());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// Whatever comes, there is never more than one on a system's line (the stage sees to that), and in the end there is
    /// none.
    #[test]
    fn it_never_leaks(
        logins in prop::collection::vec((0..30_usize, 0..400_u32, 0..4_u8, 0..5_000_u32), 1..80),
        retries in 0..3_u32,
    ) {
        let mut stage = quick(json!({"retries": retries}));
        let starts: Vec<_> = logins
            .iter()
            .scan(0.0, |at, (user, later, ..)| {
                *at += f64::from(*later);
                Some((*at, PostLogin, somebody(*user)))
            })
            .collect();
        let first = 20;
        stage.together(&starts, |sent| {
            let (_, _, kind, ms) = logins[sent.login as usize - first];
            let ms = f64::from(ms);
            match kind {
                0 => silence(),
                1 => status(503).after(ms),
                2 => error("ECONNRESET").after(ms),
                _ => up().after(ms),
            }
        });
        stage.pass(3_000.0);
        prop_assert_eq!(stage.on_the_line(), 0);
    }
}
