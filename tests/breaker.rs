//! The breaker: a system that is down is not asked at every login, and is asked again soon after.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{End, PostLogin, Reply, Stage, entry, error, event, ok, one, silence, status};
use login_sync::breaker::Breaker;
use serde_json::json;
use std::slice;

fn crm() -> Stage {
    Stage::new(one(json!({"retries": 0})), json!({}))
}

fn up() -> Reply {
    ok(json!({}))
}

/// Five failures, one login each.
fn opened() -> Stage {
    let mut stage = crm();
    for _ in 0..5 {
        assert_eq!(stage.login(&event(), &[status(503)]).why("crm"), "unavailable:503");
    }
    stage
}

fn is_open(end: &End) -> bool {
    end.why("crm") == "unavailable:breaker"
}

#[test]
fn five_failures_in_a_row_open_it() {
    let mut stage = opened();
    let end = stage.login(&event(), &[]);
    assert!(is_open(&end), "{}", end.log);
    assert!(end.ms < 1.0);
}

#[test]
fn what_counts_as_a_failure() {
    let table = [
        ("no answer", error("ECONNREFUSED"), true),
        ("timeout", silence(), true),
        ("5xx", status(500), true),
        ("501, though nobody tries it again", status(501), true),
        ("429", status(429), true),
        ("a refusal", status(400), false),
        ("wrong secret", status(401), false),
        ("conflict", status(409), false),
        ("a redirect", status(302), false),
        ("too large", error("too-large"), false),
    ];
    for (name, reply, opens) in table {
        let mut stage = crm();
        for _ in 0..5 {
            stage.login(&event(), slice::from_ref(&reply));
        }
        let replies = if opens { vec![] } else { vec![up()] };
        assert_eq!(is_open(&stage.login(&event(), &replies)), opens, "{name}");
    }
}

#[test]
fn any_answer_between_begins_the_count_again() {
    for between in [up(), status(404), status(401)] {
        let mut stage = crm();
        for _ in 0..4 {
            stage.login(&event(), &[status(503)]);
        }
        stage.login(&event(), &[between]);
        for _ in 0..5 {
            assert!(!is_open(&stage.login(&event(), &[status(503)])));
        }
        assert!(is_open(&stage.login(&event(), &[])));
    }
}

#[test]
fn after_the_pause_one_login_probes() {
    let mut stage = opened();
    stage.pass(4_999.0);
    assert!(is_open(&stage.login(&event(), &[])));
    stage.pass(1.0);
    let starts = [
        (0.0, PostLogin, event()),
        (1.0, PostLogin, event()),
        (50.0, PostLogin, event()),
        (101.0, PostLogin, event()),
    ];
    let ends = stage.together(&starts, |sent| up().after(if sent.login == 6 { 100.0 } else { 0.0 }));
    let asked: Vec<_> = ends.iter().map(|end| end.sent.len()).collect();
    assert_eq!(asked, [1, 0, 0, 1], "one probes, those beside it do not, and it closes");
}

/// Its login broke down, say: another one probes when the first has had its time.
#[test]
fn a_probe_that_never_reports() {
    let mut breaker = Breaker::default();
    for _ in 0..5 {
        breaker.failed(1_000.0);
    }
    for (tick, allowed) in [(5_999.0, false), (6_000.0, true), (6_299.0, false), (6_300.0, true)] {
        assert_eq!(breaker.is_open(tick), !allowed, "{tick}");
        assert_eq!(breaker.allows(tick, 300.0), allowed, "{tick}");
    }
}

/// A pause doubles with each probe that fails, up to a quarter of a minute.
#[test]
fn the_pause_doubles() {
    let mut stage = opened();
    for pause in [5_000.0, 10_000.0, 15_000.0, 15_000.0] {
        stage.pass(pause - 1.0);
        assert!(is_open(&stage.login(&event(), &[])), "before {pause}");
        stage.pass(1.0);
        assert_eq!(stage.login(&event(), &[status(503)]).sent.len(), 1, "the probe after {pause}");
    }
    stage.pass(15_000.0);
    stage.login(&event(), &[up()]);
    for _ in 0..5 {
        assert!(!is_open(&stage.login(&event(), &[status(503)])), "it is as new");
    }
    stage.pass(5_000.0);
    assert!(!is_open(&stage.login(&event(), &[up()])), "and its first pause is short again");
}

/// Calls that had been made before it opened say nothing new.
#[test]
fn late_failures_do_not_lengthen_the_pause() {
    let mut stage = crm();
    let starts: Vec<_> = (0..20).map(|_| (0.0, PostLogin, event())).collect();
    let mut wait = 0.0;
    stage.together(&starts, |_| {
        wait += 10.0;
        status(503).after(wait)
    });
    stage.pass(4_850.0 - 1.0);
    assert!(is_open(&stage.login(&event(), &[])));
    stage.pass(1.0);
    assert!(!is_open(&stage.login(&event(), &[up()])), "five seconds after the fifth failure");
}

/// The pause was long: the connection kept alive from before is stale, and says nothing about the system.
#[test]
fn a_probe_on_a_stale_connection_is_sent_again() {
    let mut stage = opened();
    stage.pass(5_000.0);
    let end = stage.login(&event(), &[error("stale"), up()]);
    assert_eq!(end.why("crm"), "ok:200");
}

/// The probe has failed and the breaker is open: the login need not wait for a retry that will not be let through.
#[test]
fn a_login_does_not_wait_for_a_retry_that_the_breaker_refuses() {
    let mut stage = Stage::new(one(json!({"retries": 1})), json!({}));
    for _ in 0..20 {
        stage.play(&event(), |_| status(503));
    }
    stage.pass(15_000.0);
    let end = stage.login(&event(), &[status(503).retry_after("3")]);
    assert!(end.ms < 1.0, "{} ms: {}", end.ms, end.log);
    assert_eq!(end.why("crm"), "unavailable:503");
}

#[test]
fn each_system_has_its_own() {
    let config = json!({"syncs": [entry(json!({"retries": 0})), entry(json!({"name": "erp", "retries": 0,
        "request": {"url": "https://erp.example.com/"}}))]});
    let mut stage = Stage::new(config, json!({}));
    let script =
        |sent: &common::Sent| if sent.request.url.host.starts_with("crm") { status(503) } else { up() };
    for _ in 0..6 {
        stage.play(&event(), script);
    }
    let end = stage.play(&event(), script);
    assert_eq!((end.why("crm").as_str(), end.why("erp").as_str()), ("unavailable:breaker", "ok:200"));
}

/// What the whole is for: in an outage there is hardly more than one request per login, and most logins do not wait.
#[test]
fn an_outage() {
    let mut stage = Stage::new(one(json!({"timeoutMs": 1000})), json!({}));
    let mut sent = 0;
    let mut waited = 0;
    for _ in 0..300 {
        let end = stage.play(&event(), |_| silence());
        sent += end.sent.len();
        waited += usize::from(end.ms > 5.0);
        stage.pass(200.0);
    }
    assert!(sent <= 20 && waited <= 15, "{sent} requests, {waited} logins waited");
}
