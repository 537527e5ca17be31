//! Entries that read each other: in what order they run, and what becomes of one whose source failed or was skipped.

use crate::common::config::{accepts, problems};
use crate::common::{End, PostLogin, Reply, Sent, Stage, error, event, ok, silence, status, text, with};
use serde_json::{Value as Json, json};

/// An entry with a host of its own, and a body that holds this.
pub fn entry(name: &str, body: &str, over: Json) -> Json {
    let url = format!("https://{name}.example.com/");
    with(json!({"name": name, "retries": 0, "request": {"url": url, "body": {"of": body}}}), over)
}

pub fn config(syncs: &[Json]) -> Json {
    json!({ "syncs": syncs })
}

/// A system's name.
pub fn host(sent: &Sent) -> String {
    sent.request.url.host.split('.').next().unwrap().to_string()
}

/// Who was asked, when, and with what in the body's field; of those at one time by their names.
pub fn told(end: &End) -> Vec<(String, f64, Json)> {
    let told = end.sent.iter().map(|sent| (host(sent), sent.at, sent.body()["of"].clone()));
    let mut told: Vec<_> = told.collect();
    told.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(&other.0)));
    told
}

/// Each system answers with its own name after so many milliseconds.
fn after(ms: f64) -> impl FnMut(&Sent) -> Reply {
    move |sent| ok(json!({"id": host(sent)})).after(ms)
}

#[test]
fn order_follows_from_reading() {
    let e = |name: &str, body: &str| entry(name, body, json!({}));
    let table: [(&str, Vec<Json>, Json); 6] = [
        ("nothing is read", vec![e("a", "'x'"), e("b", "'x'")], json!([["a", 0.0, "x"], ["b", 0.0, "x"]])),
        (
            "two",
            vec![e("a", "'x'"), e("b", "syncs.a.answer.id")],
            json!([["a", 0.0, "x"], ["b", 100.0, "a"]]),
        ),
        (
            "the other way round",
            vec![e("b", "syncs.a.answer.id"), e("a", "'x'")],
            json!([["a", 0.0, "x"], ["b", 100.0, "a"]]),
        ),
        (
            "three",
            vec![e("c", "syncs.b.answer.id"), e("b", "syncs.a.answer.id"), e("a", "'x'")],
            json!([["a", 0.0, "x"], ["b", 100.0, "a"], ["c", 200.0, "b"]]),
        ),
        (
            "a diamond",
            vec![
                e("d", "join('', [syncs.b.answer.id, syncs.c.answer.id])"),
                e("b", "syncs.a.answer.id"),
                e("a", "'x'"),
                e("c", "syncs.a.answer.id"),
            ],
            json!([["a", 0.0, "x"], ["b", 100.0, "a"], ["c", 100.0, "a"], ["d", 200.0, "bc"]]),
        ),
        (
            "fan-out next to one that waits for none",
            vec![e("a", "'x'"), e("b", "syncs.a.answer.id"), e("c", "syncs.a.status"), e("z", "'x'")],
            json!([["a", 0.0, "x"], ["z", 0.0, "x"], ["b", 100.0, "a"], ["c", 100.0, 200]]),
        ),
    ];
    for (name, syncs, wanted) in table {
        let end = Stage::new(config(&syncs), json!({})).play(&event(), after(100.0));
        assert_eq!(json!(told(&end)), wanted, "{name}");
        assert!(
            syncs.iter().all(|sync| end.outcome(sync["name"].as_str().unwrap()) == "ok"),
            "{name}: {}",
            end.log
        );
        assert!(end.ms <= 300.0, "{name}: {}", end.ms);
    }
}

/// Read in `when`, a param, a body in any depth: all of it counts.
#[test]
fn whatever_part_reads() {
    let reads = [
        json!({"when": "syncs.a.answer.id"}),
        json!({"request": {"url": "https://b.example.com/{id}", "params": {"id": "syncs.a.answer.id"}}}),
        json!({"request": {"body": {"deep": [{"er": "user.name || syncs.a.answer.id"}]}}}),
        json!({"request": {"body": {"deep": "not_null(user.none, syncs.\"a\".answer)"}}}),
    ];
    for over in reads {
        let syncs = [entry("b", "'x'", over.clone()), entry("a", "'x'", json!({}))];
        let end = Stage::new(config(&syncs), json!({})).play(&event(), after(70.0));
        assert_eq!(end.sent_at(), [0.0, 70.0], "{over}");
    }
}

/// A login has one time, however long it waits: `age` goes by it as `clock` does, also in an answer.
#[test]
fn age_goes_by_the_clock_of_the_login() {
    let age = "age('2026-10-31T23:00:00Z')";
    let a = entry("a", age, json!({"response": {"keep": {"age": age}}}));
    let b = entry("b", &format!("[syncs.a.answer.age, {age}, clock.seconds]"), json!({}));
    let end = Stage::new(config(&[a, b]), json!({})).play(&event(), |sent| ok(sent.body()).after(1700.0));
    let began = 1_793_491_200;
    assert_eq!(json!(told(&end)), json!([["a", 0.0, 3600], ["b", 1700.0, [3600, 3600, began]]]));
}

/// What others read once an entry has ended.
#[test]
fn what_is_read_of_an_end() {
    let ends = "{a: syncs.a.answer, o: syncs.a.outcome, s: syncs.a.status}";
    let of = |answer: Json, outcome: &str, status: Json| json!({"a": answer, "o": outcome, "s": status});
    let table = [
        ("an object", ok(json!({"id": 7})), of(json!({"id": 7}), "ok", json!(200))),
        ("a list", ok(json!([1, 2])), of(json!([1, 2]), "ok", json!(200))),
        ("an empty body", status(204), of(Json::Null, "ok", json!(204))),
        ("not there", status(404), of(Json::Null, "rejected", json!(404))),
        ("a wrong key", status(401), of(Json::Null, "unauthorized", json!(401))),
        ("known otherwise", status(409), of(Json::Null, "conflict", json!(409))),
        ("down", status(503), of(Json::Null, "unavailable", json!(503))),
        ("no answer", error("ECONNREFUSED"), of(Json::Null, "unavailable", Json::Null)),
        ("no JSON", text(200, "<html>"), of(Json::Null, "invalid", json!(200))),
    ];
    for (name, reply, wanted) in table {
        let a = entry("a", "'x'", json!({}));
        let b = entry("b", ends, json!({"when": "syncs.a.outcome"}));
        let claims = json!({"idToken": {"end": ends, "event": "@"}});
        let config = with(config(&[a, b]), json!({ "claims": claims }));
        let end = Stage::new(config, json!({}))
            .play(&event(), |sent| if host(sent) == "a" { reply.clone() } else { ok(json!({})) });
        let mut body = end.sent[1].body()["of"].clone();
        assert_eq!(body, wanted, "{name}");
        body = end.commands[0][2].clone();
        assert_eq!(body, wanted, "{name}: in a claim");
        assert!(
            end.commands[1][2].get("syncs").is_none() && end.commands[1][2].get("user").is_some(),
            "{name}: `@` is the event alone"
        );
    }
}

/// Where others read only how an entry ended, its answer may be anything.
#[test]
fn an_answer_that_no_one_reads_is_not_read() {
    for (reads, outcome) in [
        ("syncs.a.outcome", "ok:200"),
        ("syncs.a.status", "ok:200"),
        ("syncs.a.answer", "invalid:200:not-json"),
        ("syncs.a", "invalid:200:not-json"),
    ] {
        let config =
            with(config(&[entry("a", "'x'", json!({}))]), json!({"claims": {"idToken": {"c": reads}}}));
        assert_eq!(
            Stage::new(config, json!({})).login(&event(), &[text(200, "thanks")]).why("a"),
            outcome,
            "{reads}"
        );
    }
}

/// An entry whose source has nothing to give is skipped, or unavailable where the source failed.
#[test]
fn a_source_that_has_nothing_to_give() {
    let table = [
        ("good", json!({}), ok(json!({"id": 1})), "ok:200"),
        ("good, and holds nothing", json!({}), ok(json!({})), "ok:200"),
        ("skipped", json!({"when": "user.none"}), ok(json!({})), "skipped:needs-a"),
        ("on the other trigger", json!({"on": ["post-user-registration"]}), ok(json!({})), "skipped:needs-a"),
        ("rejected", json!({}), status(404), "unavailable:needs-a"),
        ("unauthorized", json!({}), status(401), "unavailable:needs-a"),
        ("conflict", json!({}), status(409), "unavailable:needs-a"),
        ("unavailable", json!({}), status(503), "unavailable:needs-a"),
        ("silent", json!({}), silence(), "unavailable:needs-a"),
        ("invalid", json!({}), text(200, "<html>"), "unavailable:needs-a"),
        ("when fails", json!({"when": "join('', user.name)"}), ok(json!({})), "unavailable:needs-a"),
    ];
    for (name, over, reply, why) in table {
        for policy in ["deny", "allow"] {
            let a = entry("a", "'x'", over.clone());
            let b = entry(
                "b",
                "syncs.a.answer.id",
                json!({"onFailure": policy, "response": {"idToken": {"c": "'d'"}}}),
            );
            let mut stage = Stage::new(config(&[a, b]), json!({}));
            let end =
                stage.play(&event(), |sent| if host(sent) == "a" { reply.clone() } else { ok(json!({})) });
            assert_eq!(end.why("b"), why, "{name}");
            let wanted = match (why.split(':').next().unwrap(), policy) {
                ("ok", _) => json!([["idToken", "c", "d"]]),
                ("unavailable", "deny") => {
                    json!([["deny", "We could not complete your login (b: unavailable)."]])
                }
                _ => json!([]),
            };
            assert_eq!(end.commands, wanted, "{name} {policy}");
            let asked = end.sent.iter().any(|sent| host(sent) == "b");
            assert_eq!(asked, why == "ok:200", "{name}");
        }
    }
}

/// The first that failed is named, also behind one that was skipped: a guard must not open because its source is down.
#[test]
fn one_that_failed_counts_for_more() {
    let skipped = entry("s", "'x'", json!({"when": "user.none"}));
    let failed = entry("f", "'x'", json!({}));
    for body in ["[syncs.s.answer, syncs.f.answer]", "[syncs.f.answer, syncs.s.answer]"] {
        let syncs = [skipped.clone(), failed.clone(), entry("b", body, json!({}))];
        let end = Stage::new(config(&syncs), json!({})).login(&event(), &[status(404)]);
        assert_eq!(end.why("b"), "unavailable:needs-f", "{body}");
    }
}

#[test]
fn it_goes_on_through_a_chain() {
    let syncs = |policy: &str| {
        [
            entry("a", "'x'", json!({})),
            entry("b", "syncs.a.answer.id", json!({})),
            entry("c", "syncs.b.answer.id", json!({ "onFailure": policy })),
        ]
    };
    let end = Stage::new(config(&syncs("deny")), json!({})).login(&event(), &[status(404)]);
    assert_eq!(
        (end.why("b").as_str(), end.why("c").as_str()),
        ("unavailable:needs-a", "unavailable:needs-b")
    );
    assert_eq!(end.commands, json!([["deny", "We could not complete your login (c: unavailable)."]]));
}

/// The guard of a reader learns nothing of its source's failures: once the source is well, it is asked at once.
#[test]
fn a_source_that_is_down_opens_no_breaker_of_its_readers() {
    let syncs = [entry("a", "'x'", json!({})), entry("b", "syncs.a.answer.id", json!({}))];
    let mut stage = Stage::new(config(&syncs), json!({}));
    for number in 0..30 {
        let end = stage.play(&crate::common::somebody(number), |_| status(404));
        assert_eq!(end.why("b"), "unavailable:needs-a");
    }
    let end = stage.play(&event(), |sent| ok(json!({"id": host(sent)})));
    assert_eq!((end.why("a").as_str(), end.why("b").as_str()), ("ok:200", "ok:200"));
}

/// `when` that reads how a source ended decides itself: another system, or create what was not found.
#[test]
fn a_fallback() {
    let create = |when: &str| {
        let find = entry("find", "'x'", json!({"response": {"success": [200]}}));
        let create = entry("create", "user.email", json!({ "when": when }));
        let claim = json!({"claims": {"idToken": {"id": "syncs.find.answer.id || syncs.create.answer.id"}}});
        with(config(&[create, find]), claim)
    };
    let not_found = "syncs.find.status == `404`";
    let empty = "syncs.find.outcome == 'ok' && !(syncs.find.answer.id)";
    let not_good = "syncs.find.outcome != 'ok'";
    let table = [
        (not_found, ok(json!({"id": "old"})), "skipped", json!("old")),
        (not_found, status(404), "ok:200", json!("new")),
        (not_found, status(400), "skipped", Json::Null),
        (not_found, status(503), "skipped", Json::Null),
        (empty, ok(json!({"id": "old"})), "skipped", json!("old")),
        (empty, ok(json!({})), "ok:200", json!("new")),
        (empty, status(503), "skipped", Json::Null),
        (not_good, status(503), "ok:200", json!("new")),
        (not_good, error("ECONNRESET"), "ok:200", json!("new")),
        (not_good, ok(json!({"id": "old"})), "skipped", json!("old")),
    ];
    for (when, reply, why, id) in table {
        let mut stage = Stage::new(create(when), json!({}));
        let end =
            stage.play(
                &event(),
                |sent| if host(sent) == "find" { reply.clone() } else { ok(json!({"id": "new"})) },
            );
        assert_eq!(end.why("create"), why, "{when} {:?}", end.log);
        assert_eq!(end.commands[0][2], id, "{when}");
    }
}

/// One that was skipped has ended too; one that runs in another flow has not.
#[test]
fn an_end_without_a_call() {
    let table = [
        (json!({"when": "user.none"}), json!([null, "skipped", null])),
        (json!({"on": ["post-user-registration"]}), json!([null, null, null])),
    ];
    for (over, wanted) in table {
        let claims =
            json!({"claims": {"idToken": {"c": "[syncs.a.answer, syncs.a.outcome, syncs.a.status]"}}});
        let end =
            Stage::new(with(config(&[entry("a", "'x'", over)]), claims), json!({})).login(&event(), &[]);
        assert_eq!(end.commands[0][2], wanted);
    }
}

#[test]
fn after_a_registration_too() {
    let on = json!({"on": ["post-login", "post-user-registration"]});
    let syncs = [
        entry("b", "syncs.a.answer.id", on.clone()),
        entry("a", "'x'", on.clone()),
        entry("c", "syncs.login.answer", on),
        entry("login", "'x'", json!({})),
    ];
    let end = Stage::new(config(&syncs), json!({})).register(&event(), after(10.0));
    assert_eq!(json!(told(&end)), json!([["a", 0.0, "x"], ["b", 10.0, "a"]]));
    assert_eq!(end.why("c"), "skipped:needs-login");
}

/// One budget for all: what is left of it when an entry's turn comes.
#[test]
fn the_budget_holds_over_chains() {
    let syncs = ["a", "b", "c", "d"].map(|name| {
        let before = char::from(name.as_bytes()[0] - 1);
        let body = if name == "a" { "'x'".to_string() } else { format!("syncs.{before}.answer.id") };
        entry(name, &body, json!({"onFailure": "allow"}))
    });
    let config = with(config(&syncs), json!({"budgetMs": 1000}));
    let mut stage = Stage::new(config, json!({}));
    let end = stage.play(&event(), after(400.0));
    assert_eq!(json!(told(&end)), json!([["a", 0.0, "x"], ["b", 400.0, "a"], ["c", 800.0, "b"]]));
    assert_eq!(
        (end.why("c").as_str(), end.why("d").as_str(), end.ms),
        ("unavailable:timeout", "unavailable:needs-c", 1000.0)
    );
    // Nothing is left for the third.
    let end = stage.play(&event(), after(495.0));
    assert_eq!((end.why("c").as_str(), end.why("d").as_str()), ("unavailable:budget", "unavailable:needs-c"));
}

#[test]
fn logins_side_by_side_do_not_see_each_other() {
    let syncs = [entry("a", "user.user_id", json!({})), entry("b", "syncs.a.answer.of", json!({}))];
    let mut stage = Stage::new(config(&syncs), json!({}));
    let starts: Vec<_> =
        (0..20_usize).map(|number| (number as f64, PostLogin, crate::common::somebody(number))).collect();
    let ends = stage.together(&starts, |sent| {
        ok(json!({"of": sent.body()["of"]})).after(f64::from(sent.login % 7) * 10.0)
    });
    for (number, end) in ends.iter().enumerate() {
        assert_eq!(end.sent[1].body()["of"], json!(format!("auth0|{number}")));
    }
}

#[test]
fn circles_are_refused_and_shown() {
    let e = |name: &str, reads: &str| entry(name, &format!("syncs.{reads}.answer"), json!({}));
    let table = [
        (vec![e("a", "a")], "a -> a"),
        (vec![e("a", "b"), e("b", "a")], "a -> b -> a"),
        (vec![e("a", "b"), e("b", "c"), e("c", "a"), e("d", "a")], "b -> c -> a -> b"),
        (vec![e("x", "a"), e("a", "b"), e("b", "a"), entry("free", "'x'", json!({}))], "b -> a -> b"),
    ];
    for (syncs, circle) in table {
        let message =
            format!("config.syncs: entries read each other in a circle: take out one read of `{circle}`");
        assert_eq!(problems(&config(&syncs)), [message], "{circle}");
    }
    accepts(&[config(&[e("a", "b"), e("c", "b"), e("d", "c"), entry("b", "'x'", json!({}))])]);
}
