//! Metrics: when a batch goes, what it has for headers, and what is counted of the systems. The numbers are added up by the
//! shim (`tests/paste/metrics.test.mjs`).

use crate::common::{Reply, Sent, Stage, entry, event, ok, one, somebody, status, with};
use serde_json::{Value as Json, json};

const COLLECTOR: &str = "https://otel.example.com:4318/v1/metrics";

fn metered(metrics: Json) -> Json {
    with(one(json!({"retries": 0})), json!({"metrics": with(json!({"url": COLLECTOR}), metrics)}))
}

fn good(_: &Sent) -> Reply {
    ok(json!({})).after(40.0)
}

/// The ticks at which batches went.
fn batches(stage: &Stage) -> Vec<f64> {
    stage.batches.iter().map(|sent| sent.at).collect()
}

#[test]
fn a_batch_goes_next_to_a_call_once_something_is_counted() {
    let mut stage = Stage::new(metered(json!({})), json!({}));
    stage.play(&event(), good);
    assert_eq!(batches(&stage), [0.0; 0], "there was nothing to be told");
    stage.play(&event(), good);
    assert_eq!(batches(&stage), [40.0]);
    let batch = &stage.batches[0];
    assert_eq!(batch.url(), COLLECTOR);
    assert_eq!(&*batch.request.method, "POST");
    let headers: Vec<_> =
        batch.request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let agent = format!("login-sync/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        headers,
        [("content-type", "application/json"), ("accept", "application/json"), ("user-agent", &agent)],
        "nothing that tells a login from another"
    );
}

#[test]
fn one_batch_in_a_period() {
    for (every, each, wanted) in [
        (json!({}), 20_000.0, vec![20_000.0, 80_000.0, 140_000.0]),
        (json!({"everySeconds": 10}), 4_000.0, vec![4_000.0, 16_000.0, 28_000.0]),
        (json!({"everySeconds": 3600}), 20_000.0, vec![20_000.0]),
    ] {
        let mut stage = Stage::new(metered(every.clone()), json!({}));
        for login in 0..9 {
            stage.pass(f64::from(login) * each - stage.tick);
            stage.play(&somebody(1), |_| ok(json!({})));
        }
        assert_eq!(batches(&stage), wanted, "{every}");
    }
}

#[test]
fn logins_side_by_side_send_one() {
    let mut stage = Stage::new(metered(json!({})), json!({}));
    stage.play(&event(), good);
    let starts: Vec<_> =
        (0..8_u8).map(|i| (f64::from(i), crate::common::PostLogin, somebody(i.into()))).collect();
    stage.together(&starts, good);
    assert_eq!(batches(&stage), [40.0]);
}

#[test]
fn a_login_without_a_call_sends_none() {
    let config = with(metered(json!({})), json!({"syncs": [entry(json!({"when": "user.fax"}))]}));
    let mut stage = Stage::new(config, json!({}));
    for _ in 0..3 {
        stage.pass(100_000.0);
        assert_eq!(stage.login(&event(), &[]).counted, "\ncrm skipped 0 0");
    }
    assert_eq!(batches(&stage), [0.0; 0]);
}

#[test]
fn secrets_in_headers_and_in_the_url() {
    let table = [
        (json!({"headers": {"x-key": {"secret": "KEY"}}}), "x-key", "k3y"),
        (json!({"headers": {"x-key": {"secret": "KEY", "prefix": "Api-Token "}}}), "x-key", "Api-Token k3y"),
        (json!({"headers": {"authorization": {"bearer": "KEY"}}}), "authorization", "Bearer k3y"),
        (json!({"headers": {"authorization": {"basic": "PAIR"}}}), "authorization", "Basic YTpi"),
        (json!({"headers": {"x-scope-orgid": "tenant-1"}}), "x-scope-orgid", "tenant-1"),
        // The first that is set: no one reads a refusal.
        (json!({"headers": {"x-key": {"secret": ["NONE", "KEY", "PAIR"]}}}), "x-key", "k3y"),
        (json!({"url": {"secret": "URL", "queryToHeaders": {"t": "x-key"}}}), "x-key", "inside"),
    ];
    let secrets = json!({"KEY": "k3y", "PAIR": "a:b", "URL": "https://otel.example.com/v1/metrics?t=inside"});
    for (metrics, header, wanted) in table {
        let mut stage = Stage::new(metered(metrics.clone()), secrets.clone());
        stage.play(&event(), good);
        stage.play(&event(), good);
        assert_eq!(stage.batches[0].header(header), Some(wanted), "{metrics}");
        assert_eq!(&*stage.batches[0].request.url.host, "otel.example.com");
    }
}

#[test]
fn a_secret_that_is_not_set_costs_the_metrics_alone() {
    for metrics in [
        json!({"headers": {"authorization": {"bearer": "NONE"}}}),
        json!({"url": {"secret": "NONE"}}),
        json!({"headers": {"authorization": {"bearer": "BROKEN"}}}),
    ] {
        let mut stage = Stage::new(metered(metrics.clone()), json!({"BROKEN": "two\nlines"}));
        for _ in 0..3 {
            let end = stage.play(&event(), good);
            assert_eq!((end.why("crm").as_str(), end.ms), ("ok:200", 40.0), "{metrics}");
            stage.pass(100_000.0);
        }
        assert_eq!(batches(&stage), [0.0; 0]);
    }
}

#[test]
fn what_is_counted_of_systems() {
    let table = [
        (vec![ok(json!({})).after(30.0)], "\ncrm ok 30 1"),
        (vec![status(404)], "\ncrm rejected 0 1"),
        (vec![status(401)], "\ncrm unauthorized 0 1"),
        (vec![status(409)], "\ncrm conflict 0 1"),
        (vec![status(503).after(7.0)], "\ncrm unavailable 7 1"),
        (vec![crate::common::text(200, "<html>").after(3.9)], "\ncrm invalid 3 1"),
    ];
    for (replies, wanted) in table {
        let config = with(
            metered(json!({})),
            json!({"syncs": [entry(json!({"retries": 0,
            "response": {"idToken": {"a": "b"}}}))]}),
        );
        assert_eq!(Stage::new(config, json!({})).login(&event(), &replies).counted, wanted);
    }
    let end = Stage::new(one(json!({})), json!({})).login(&event(), &[ok(json!({}))]);
    assert_eq!(end.counted, "", "without metrics nothing is counted");
}

#[test]
fn a_system_that_reads_another_is_timed_from_where_it_begins() {
    let second = json!({"name": "erp", "request": {"body": {"of": "syncs.crm.outcome"}}});
    let config = with(metered(json!({})), json!({"syncs": [entry(json!({})), entry(second)]}));
    let mut replies = [ok(json!({})).after(100.0), ok(json!({})).after(20.0)].into_iter();
    let end = Stage::new(config, json!({})).play(&event(), |_| replies.next().unwrap());
    assert_eq!(end.counted, "\ncrm ok 100 1\nerp ok 20 1");
    assert!(end.log.contains("erp=ok:200:120ms:1"), "{}", end.log);
}

#[test]
fn more_systems_than_the_log_has_room_for() {
    let syncs: Vec<_> =
        (0..12).map(|i| entry(json!({"name": format!("a-system-with-a-long-name-{i}")}))).collect();
    let config = with(metered(json!({})), json!({"syncs": syncs}));
    let end = Stage::new(config, json!({})).play(&event(), |_| ok(json!({})));
    assert_eq!(end.counted.lines().filter(|line| line.ends_with(" ok 0 1")).count(), 12);
}

#[test]
fn retries_are_requests() {
    let config = with(metered(json!({})), json!({"syncs": [entry(json!({"retries": 1}))]}));
    let mut stage = Stage::new(config, json!({}));
    let end = stage.login(&event(), &[status(503), ok(json!({}))]);
    assert!(end.counted.starts_with("\ncrm ok ") && end.counted.ends_with(" 2"), "{}", end.counted);
}
