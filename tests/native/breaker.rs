//! The breaker: a system that is down is not asked at every login, and is asked again soon after.

use crate::common::{End, PostLogin, Reply, Stage, entry, error, ok, one, silence, somebody, status};
use login_sync::Breaker;
use proptest::prelude::*;
use serde_json::json;
use std::slice;

fn crm() -> Stage {
    Stage::new(one(json!({"retries": 0})), json!({}))
}

fn up() -> Reply {
    ok(json!({}))
}

/// Five users fail, one login each.
fn opened() -> Stage {
    let mut stage = crm();
    for number in 0..5 {
        assert_eq!(stage.login(&somebody(number), &[status(503)]).why("crm"), "unavailable:503");
    }
    stage
}

fn is_open(end: &End) -> bool {
    end.why("crm") == "unavailable:breaker"
}

/// What happens to a breaker, and when.
enum Event {
    /// This user's login of this number asks, and is let through or not.
    Asks(&'static str, u32, bool),
    /// It fails; of this user it was known or not.
    Fails(&'static str, u32, bool),
    Answered,
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn by_its_own_clock() {
    use Event::{Answered, Asks, Fails};
    let five = || ["a", "b", "c", "d", "e"].map(|user| (0.0, Fails(user, 1, false)));
    let opened = |then: Vec<(f64, Event)>| five().into_iter().chain(then).collect::<Vec<_>>();
    let table: Vec<(&str, Vec<(f64, Event)>)> = vec![
        ("closed at first", vec![(0.0, Asks("a", 1, true))]),
        ("open after five", opened(vec![(1.0, Asks("x", 2, false)), (249.0, Asks("x", 2, false))])),
        ("a probe after a quarter of a second", opened(vec![(250.0, Asks("x", 2, true))])),
        ("one at a time", opened(vec![(250.0, Asks("x", 2, true)), (500.0, Asks("y", 3, false))])),
        (
            "a probe that never reports",
            opened(vec![(250.0, Asks("x", 2, true)), (1_250.0, Asks("y", 3, true))]),
        ),
        (
            "a quarter of a second after the probe failed",
            opened(vec![
                (250.0, Asks("x", 2, true)),
                (600.0, Fails("x", 2, false)),
                (849.0, Asks("y", 3, false)),
                (850.0, Asks("y", 3, true)),
            ]),
        ),
        (
            "the pause does not grow",
            opened(
                (0..50_u32)
                    .flat_map(|number| {
                        let user = ["u", "v", "w"][number as usize % 3];
                        let at = 1_000.0
                            + 250.0 * f64::from(number)
                            + if number >= 3 { 250.0 * f64::from(number) } else { 0.0 };
                        [(at, Asks(user, number + 2, true)), (at, Fails(user, number + 2, false))]
                    })
                    .collect(),
            ),
        ),
        (
            "a call from before it opened says nothing new",
            opened(vec![
                (200.0, Fails("f", 1, false)),
                (250.0, Asks("x", 2, true)),
                (260.0, Fails("g", 3, false)),
                (700.0, Fails("x", 2, false)),
                (949.0, Asks("y", 4, false)),
                (950.0, Asks("y", 4, true)),
            ]),
        ),
        (
            "an answer closes it",
            opened(vec![
                (250.0, Asks("x", 2, true)),
                (300.0, Answered),
                (300.0, Asks("y", 3, true)),
                (300.0, Asks("z", 4, true)),
            ]),
        ),
        (
            "and the count begins again",
            opened(vec![(300.0, Answered), (301.0, Fails("a", 1, false)), (302.0, Asks("y", 3, true))]),
        ),
        (
            "five times one user",
            (0..5).map(|_| (0.0, Fails("a", 1, false))).chain([(1.0, Asks("x", 2, true))]).collect(),
        ),
        (
            "five who are known to fail",
            ["a", "b", "c", "d", "e"]
                .map(|user| (0.0, Fails(user, 1, true)))
                .into_iter()
                .chain([(1.0, Asks("x", 2, true))])
                .collect(),
        ),
        (
            "a probe of a known user costs no one a pause",
            opened(vec![
                (250.0, Asks("x", 2, true)),
                (300.0, Fails("x", 2, true)),
                (300.0, Asks("y", 3, true)),
            ]),
        ),
        (
            "nor does one of a user who has failed meanwhile",
            opened(vec![
                (499.0, Asks("a", 2, false)),
                (500.0, Asks("a", 2, true)),
                (600.0, Fails("a", 2, false)),
                (600.0, Asks("y", 3, true)),
            ]),
        ),
    ];
    for (name, events) in table {
        let mut breaker = Breaker::default();
        for (number, (tick, event)) in events.into_iter().enumerate() {
            match event {
                Asks(user, login, wanted) => {
                    let admitted = breaker.admits(user, login, tick, 1_000.0);
                    assert_eq!(admitted, wanted, "{name}: step {number}, {user} at {tick}");
                }
                Fails(user, login, known) => breaker.failed(user, login, tick, known, 1.0),
                Answered => breaker.answered(),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever four users do, they cannot open it; and once open it lets at least one call through a second, and never
    /// two probes at once.
    #[test]
    fn few_cannot_open_it_and_nothing_keeps_it_shut(
        steps in prop::collection::vec((0..4_u32, 0..3_u8, 0.0..400.0_f64, any::<bool>()), 0..200),
    ) {
        let mut breaker = Breaker::default();
        let mut tick = 0.0;
        for (user, what, later, known) in steps {
            tick += later;
            let name = user.to_string();
            match what {
                0 => prop_assert!(breaker.admits(&name, user, tick, 1_000.0)),
                1 => breaker.failed(&name, user, tick, known, 1.2),
                _ => breaker.answered(),
            }
            prop_assert!(!breaker.is_open());
        }
    }

    #[test]
    fn one_probe_at_a_time(
        steps in prop::collection::vec((0..40_u32, 0.0..60.0_f64, 1.0..900.0_f64), 1..200),
    ) {
        let mut breaker = Breaker::default();
        for user in ["a", "b", "c", "d", "e"] {
            breaker.failed(user, 0, 0.0, false, 0.8);
        }
        // The probe that is out, until when, and the last time that one was let through.
        let (mut tick, mut last) = (0.0, 0.0);
        let mut out: Option<(u32, f64)> = None;
        for (login, (user, later, takes)) in steps.into_iter().enumerate() {
            tick += later;
            let login = u32::try_from(login).unwrap() + 1;
            if let Some((probe, until)) = out.filter(|(_, until)| *until <= tick) {
                breaker.failed(&user.to_string(), probe, until, false, 1.2);
                out = None;
            }
            if breaker.admits(&user.to_string(), login, tick, 1_000.0) {
                prop_assert!(out.is_none(), "two probes");
                out = Some((login, tick + takes));
                last = tick + takes;
            } else {
                prop_assert!(out.is_some() || tick < last + 300.0 + 250.0, "no one is let through at {tick}");
            }
        }
    }
}

#[test]
fn five_users_open_it() {
    let mut stage = opened();
    let end = stage.login(&somebody(5), &[]);
    assert!(is_open(&end), "{}", end.log);
    assert!(end.ms < 1.0);
}

#[test]
fn what_counts_as_a_failure() {
    let table = [
        ("no answer", error("ECONNREFUSED"), true),
        ("timeout", silence(), true),
        ("5xx", status(500), true),
        ("501, though no one tries it again", status(501), true),
        ("429", status(429), true),
        ("a refusal", status(400), false),
        ("wrong secret", status(401), false),
        ("conflict", status(409), false),
        ("a redirect", status(302), false),
        ("too large", error("too-large"), false),
    ];
    for (name, reply, opens) in table {
        let mut stage = crm();
        for number in 0..5 {
            stage.login(&somebody(number), slice::from_ref(&reply));
        }
        let replies = if opens { vec![] } else { vec![up()] };
        assert_eq!(is_open(&stage.login(&somebody(5), &replies)), opens, "{name}");
    }
}

#[test]
fn any_answer_between_begins_the_count_again() {
    for between in [up(), status(404), status(401)] {
        let mut stage = crm();
        for number in 0..4 {
            stage.login(&somebody(number), &[status(503)]);
        }
        stage.login(&somebody(4), &[between]);
        for number in 5..10 {
            assert!(!is_open(&stage.login(&somebody(number), &[status(503)])));
        }
        assert!(is_open(&stage.login(&somebody(10), &[])));
    }
}

#[test]
fn after_the_pause_one_login_probes() {
    let mut stage = opened();
    stage.pass(199.0);
    assert!(is_open(&stage.login(&somebody(5), &[])));
    stage.pass(101.0);
    let starts: Vec<_> =
        [0.0, 1.0, 50.0, 101.0].iter().zip(6..).map(|(at, user)| (*at, PostLogin, somebody(user))).collect();
    let ends = stage.together(&starts, |sent| up().after(if sent.at < 301.0 { 100.0 } else { 0.0 }));
    let asked: Vec<_> = ends.iter().map(|end| end.sent.len()).collect();
    assert_eq!(asked, [1, 0, 0, 1], "one probes, those next to it do not, and it closes");
}

/// The pause was long: the connection kept alive from before is stale, and says nothing about the system.
#[test]
fn a_probe_on_a_stale_connection_is_sent_again() {
    let mut stage = opened();
    stage.pass(300.0);
    let end = stage.login(&somebody(5), &[error("stale"), up()]);
    assert_eq!(end.why("crm"), "ok:200");
}

/// The breaker is open: the login need not wait for a retry that will not be let through.
#[test]
fn there_is_no_retry_while_it_is_open() {
    let mut stage = Stage::new(one(json!({"retries": 1})), json!({}));
    for number in 0..20 {
        stage.play(&somebody(number), |_| status(503));
    }
    stage.pass(300.0);
    let end = stage.login(&somebody(20), &[status(503).retry_after("1")]);
    assert!(end.ms < 1.0, "{} ms: {}", end.ms, end.log);
    assert_eq!(end.why("crm"), "unavailable:503");
}

#[test]
fn each_system_has_its_own() {
    let config = json!({"syncs": [entry(json!({"retries": 0})), entry(json!({"name": "erp", "retries": 0,
        "request": {"url": "https://erp.example.com/"}}))]});
    let mut stage = Stage::new(config, json!({}));
    let script = |sent: &crate::common::Sent| {
        if sent.request.url.host.starts_with("crm") { status(503) } else { up() }
    };
    for number in 0..6 {
        stage.play(&somebody(number), script);
    }
    let end = stage.play(&somebody(6), script);
    assert_eq!((end.why("crm").as_str(), end.why("erp").as_str()), ("unavailable:breaker", "ok:200"));
}

/// What the whole is for: in an outage most logins neither wait nor send.
#[test]
fn an_outage() {
    let mut stage = Stage::new(one(json!({"timeoutMs": 1000})), json!({}));
    let starts: Vec<_> =
        (0..600_u32).map(|number| (f64::from(number) * 20.0, PostLogin, somebody(number as usize))).collect();
    let ends = stage.together(&starts, |_| silence());
    let sent: usize = ends.iter().map(|end| end.sent.len()).sum();
    let waited = ends.iter().filter(|end| end.ms > 5.0).count();
    assert!(sent <= 70 && waited <= 70, "{sent} requests, {waited} logins waited");
    // It is back: the first to ask finds out, and then everybody gets in.
    let starts: Vec<_> = (600..700_u32)
        .map(|number| (f64::from(number - 600) * 20.0, PostLogin, somebody(number as usize)))
        .collect();
    let ends = stage.together(&starts, |_| up());
    let denied = ends.iter().filter(|end| end.why("crm") != "ok:200").count();
    assert!(denied <= 65, "{denied} were denied after it was back");
}
