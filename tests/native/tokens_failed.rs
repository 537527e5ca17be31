//! A token of another system that is refused, late, or does not come at all: what becomes of the logins that wait for it.

use crate::common::{
    End, PostLogin, Sent, Stage, entry, error, event, ok, silence, somebody, status, text, with,
};
use crate::tokens::{World, asks_token, config, header, secrets, source, stage, trace};
use serde_json::json;

/// The refetch after a 401: once, and no retry.
#[test]
fn a_refused_token() {
    let world = World::new();
    let mut stage = stage(json!({}));
    world.login(&mut stage);
    world.takes(|token| token != "token-1");
    let end = world.login(&mut stage);
    assert_eq!(
        (trace(&end), end.outcome("crm")),
        (vec!["token-1".into(), "?".into(), "token-2".into()], "ok")
    );
    assert_eq!(end.sent[0].header("idempotency-key"), end.sent[2].header("idempotency-key"));
    assert_eq!(trace(&world.login(&mut stage)), ["token-2"]);

    // A 403 is about what the token may do.
    let end = stage.login(&event(), &[status(403)]);
    assert_eq!(end.why("crm"), "unauthorized:403");
    // And what fails after it may still be tried again.
    let token = || ok(json!({"access_token": "token-9"}));
    let end = stage.login(&event(), &[status(401), token(), status(503), ok(json!({}))]);
    assert_eq!(trace(&end), ["token-2", "?", "token-9", "token-9"]);
}

/// A system that refuses every token costs one token request a minute, not one for each login.
#[test]
fn an_endless_401() {
    let world = World::new();
    world.takes(|_| false);
    let mut stage = stage(json!({}));
    assert_eq!(trace(&world.login(&mut stage)), ["?", "token-1", "?", "token-2"]);
    for _ in 0..5 {
        let end = world.login(&mut stage);
        assert_eq!((trace(&end), end.why("crm")), (vec!["token-2".into()], "unauthorized:401".into()));
    }
    stage.pass(60_000.0);
    assert_eq!(trace(&world.login(&mut stage)), ["token-2", "?", "token-3"]);
}

/// Many logins meet the 401 at once, and share one new token; what they drop is the one that was refused.
#[test]
fn a_token_is_refused_to_many() {
    let world = World { ms: 50.0, ..World::new() };
    let mut stage = stage(json!({}));
    world.login(&mut stage);
    world.takes(|token| token != "token-1");
    let starts: Vec<_> = (0..20).map(|n| (n as f64 * 4.0, PostLogin, somebody(n))).collect();
    let ends = stage.together(&starts, |sent| {
        let reply = world.answer(sent);
        if asks_token(sent) { reply } else { reply.after(30.0) }
    });
    assert_eq!(world.given.get(), 2);
    assert!(ends.iter().all(|end| end.outcome("crm") == "ok" && trace(end).last().unwrap() == "token-2"));
}

#[test]
fn what_becomes_of_a_token_that_does_not_come() {
    let no = |code: u16| status(code);
    let table = [
        (vec![no(400)], "unauthorized:token"),
        (vec![no(401)], "unauthorized:token"),
        (vec![no(403)], "unauthorized:token"),
        (vec![text(400, r#"{"error":"invalid_client"}"#)], "unauthorized:token"),
        (vec![ok(json!({"error": "incorrect_client_credentials"}))], "unauthorized:token"),
        (vec![no(404)], "rejected:token-404"),
        (vec![no(409)], "conflict:token-409"),
        (vec![no(302)], "invalid:token-302"),
        (vec![no(500), no(500)], "unavailable:token-500"),
        (vec![no(429).retry_after("60")], "unavailable:token-429"),
        (vec![error("ECONNREFUSED"), error("ECONNREFUSED")], "unavailable:token-ECONNREFUSED"),
        (vec![silence()], "unavailable:token-timeout"),
        (vec![text(200, "<html>")], "invalid:token-not-json"),
        (vec![text(200, "")], "invalid:token-not-json"),
        (vec![ok(json!([]))], "invalid:token-no-token"),
        (vec![ok(json!({}))], "invalid:token-no-token"),
        (vec![ok(json!({"access_token": ""}))], "invalid:token-no-token"),
        (vec![ok(json!({"access_token": 7}))], "invalid:token-no-token"),
        (vec![ok(json!({"access_token": "a\r\nx: y"}))], "invalid:token-no-token"),
        (vec![ok(json!({"access_token": "with blank"}))], "invalid:token-no-token"),
        (vec![ok(json!({"access_token": "häh"}))], "invalid:token-no-token"),
    ];
    for (replies, wanted) in table {
        let mut stage = stage(json!({}));
        let end = stage.login(&event(), &replies);
        assert_eq!(end.why("crm"), wanted);
        assert!(end.sent.iter().all(asks_token), "the system is not asked");
        assert_eq!(end.commands, json!([]));
        // The next one asks again, unless this user failed just now.
        if wanted.starts_with("unavailable") {
            assert_eq!(stage.login(&event(), &[]).why("crm"), "unavailable:token-busy");
            stage.pass(2_000.0);
        }
        assert_eq!(trace(&World::new().login(&mut stage)), ["?", "token-1"], "{wanted}");
    }
}

/// What an entry does about it is its own: its policy, what is stale.
#[test]
fn a_failed_token_is_a_failed_entry() {
    let over = json!({"onFailure": {"unauthorized": "deny", "unavailable": "mfa"}});
    let config = json!({"syncs": [with(entry(header("t")), over)], "tokens": {"t": source()}});
    let mut stage = Stage::new(config, secrets());
    let end = stage.login(&event(), &[status(401)]);
    assert_eq!(end.commands, json!([["deny", "We could not complete your login (crm: unauthorized)."]]));
    let end = stage.login(&event(), &[status(503), status(503)]);
    assert_eq!(end.commands[0][0], "multifactor");
}

/// One failed request is one failure, however many wait for it.
#[test]
fn one_failure_however_many_wait() {
    let mut stage = stage(json!({}));
    let starts: Vec<_> = (0..30).map(|n| (0.0, PostLogin, somebody(n))).collect();
    let ends = stage.together(&starts, |_| status(501).after(20.0));
    let requests: usize = ends.iter().map(|end| end.sent.len()).sum();
    assert_eq!(requests, 1);
    assert!(ends.iter().all(|end| end.why("crm") == "unavailable:token-501"));
    assert_eq!(trace(&stage.play(&somebody(29), |sent| World::new().answer(sent))), [""; 0]);
    stage.pass(1_000.0);
    assert_eq!(trace(&stage.play(&somebody(29), |sent| World::new().answer(sent))), ["?", "token-1"]);
}

/// The token endpoint has a guard of its own: what fails there says nothing of the system. Once it has failed it is asked
/// once a second, by one login.
#[test]
fn its_own_guard() {
    let plain = entry(json!({"name": "plain"}));
    let config = json!({"syncs": [entry(header("t")), plain], "tokens": {"t": source()}});
    let mut stage = Stage::new(config, secrets());
    for n in 0..12 {
        let end = stage.play(&somebody(n), |sent| if asks_token(sent) { status(501) } else { ok(json!({})) });
        let wanted = if n % 4 == 0 { "unavailable:token-501" } else { "unavailable:token-busy" };
        assert_eq!((end.why("crm").as_str(), end.outcome("plain")), (wanted, "ok"), "{n}");
        stage.pass(250.0);
    }
    let end = stage.play(&somebody(20), |sent| {
        if asks_token(sent) { ok(json!({"access_token": "abc"})) } else { ok(json!({})) }
    });
    assert_eq!(end.outcome("crm"), "ok");
}

/// The login that asks again after a failure asks for all of its entries.
#[test]
fn all_entries_of_the_login_that_asks_again() {
    let erp = with(entry(header("t")), json!({"name": "erp"}));
    let config = json!({"syncs": [entry(header("t")), erp], "tokens": {"t": source()}});
    let mut stage = Stage::new(config, secrets());
    stage.play(&somebody(1), |_| status(501));
    stage.pass(1_000.0);
    let world = World { ms: 100.0, ..World::new() };
    let starts = [(0.0, PostLogin, somebody(2)), (50.0, PostLogin, somebody(3))];
    let ends = stage.together(&starts, |sent| world.answer(sent));
    let whys: Vec<_> = ends.iter().map(|end| [end.why("crm"), end.why("erp")]).collect();
    assert_eq!(whys, [["ok:200"; 2], ["unavailable:token-busy"; 2]]);
    assert_eq!((world.given.get(), ends[1].ms), (1, 0.0));
}

#[test]
fn budgets_hold() {
    let mut stage = Stage::new(with(config(json!({})), json!({"budgetMs": 1000})), secrets());
    let end = stage.play(&event(), |_| silence());
    assert_eq!((end.why("crm").as_str(), end.ms), ("unavailable:token-budget", 1000.0));
    let world = World { ms: 990.0, ..World::new() };
    let end = Stage::new(with(config(json!({})), json!({"budgetMs": 1000})), secrets())
        .play(&event(), |sent| world.answer(sent));
    assert_eq!((end.why("crm").as_str(), end.ms), ("unavailable:budget", 990.0));
}

/// A login whose budget is nearly over leads; those who wait have time left, and go on by themselves.
#[test]
fn a_leader_without_time() {
    let mut stage = Stage::new(with(config(json!({})), json!({"budgetMs": 1000})), secrets());
    // The first token is refused late, and the next one takes 300 ms.
    let world = World::new();
    world.login(&mut stage);
    world.takes(|token| token != "token-1");
    let starts =
        [(0.0, PostLogin, somebody(1)), (800.0, PostLogin, somebody(2)), (810.0, PostLogin, somebody(3))];
    let ends = stage.together(&starts, |sent| {
        let reply = world.answer(sent);
        match sent.header("authorization") {
            Some("Bearer token-1") if sent.login == 1 => reply.after(850.0),
            Some("Bearer token-1") => reply.after(60.0),
            Some(_) => reply,
            None => reply.after(300.0),
        }
    });
    let outcomes: Vec<_> = ends.iter().map(|end| end.why("crm")).collect();
    assert_eq!(outcomes, ["unavailable:401:token-budget", "ok:200", "ok:200"]);
    assert_eq!(ends.iter().flat_map(|end| &end.sent).filter(|sent| asks_token(sent)).count(), 2);
}

/// A token endpoint is down or slow when a token is late: for the last quarter of its life it is used all the same, and
/// one login a second asks for a new one, while no other waits.
#[test]
fn a_late_token() {
    for reply in [status(503), error("ECONNREFUSED"), silence(), status(429).retry_after("60")] {
        let world = World::new();
        let mut stage = stage(json!({}));
        world.login(&mut stage);
        stage.pass(45.0 * 60_000.0);
        let down = |sent: &Sent| if asks_token(sent) { reply.clone() } else { world.answer(sent) };
        let starts: Vec<_> = (0..10).map(|n| (n as f64 * 5.0, PostLogin, somebody(n))).collect();
        let ends = stage.together(&starts, down);
        assert!(ends.iter().all(|end| end.why("crm") == "ok:200"), "{}", ends[0].log);
        assert!(ends[1..].iter().all(|end| trace(end) == ["token-1"] && end.ms == 0.0));
        stage.pass(14.0 * 60_000.0 - 50_000.0);
        assert_eq!(stage.play(&event(), down).outcome("crm"), "ok");
        // Not in its last minute.
        stage.pass(50_000.0);
        assert_eq!(stage.play(&event(), down).outcome("crm"), "unavailable");
        stage.pass(2_000.0);
        assert_eq!(trace(&world.login(&mut stage)), ["?", "token-2"]);
    }
    // Where the client is refused, so is the entry.
    let world = World::new();
    let mut stage = stage(json!({}));
    world.login(&mut stage);
    stage.pass(45.0 * 60_000.0);
    assert_eq!(stage.login(&event(), &[status(401)]).why("crm"), "unauthorized:token");
    // A late token that is refused is not used again.
    let mut stage = self::stage(json!({}));
    world.login(&mut stage);
    stage.pass(45.0 * 60_000.0);
    let end = stage.login(&event(), &[status(503), status(503), status(401)]);
    assert_eq!((trace(&end)[2].as_str(), end.why("crm").as_str()), ("token-2", "unavailable:401:token-busy"));
}

/// A token endpoint that hangs: one request at a time, a second apart, and after the first one no login waits for it.
#[test]
fn a_token_endpoint_that_hangs() {
    let mut stage = stage(json!({}));
    let starts: Vec<_> = (0..500).map(|n| (n as f64 * 10.0, PostLogin, somebody(n))).collect();
    let ends = stage.together(&starts, |_| silence());
    let mut asked: Vec<_> = ends.iter().flat_map(End::sent_at).collect();
    asked.sort_by(f64::total_cmp);
    assert_eq!(asked, [0.0, 3000.0]);
    assert!(ends.iter().all(|end| end.outcome("crm") == "unavailable"));
    let waits = ends.iter().filter(|end| end.ms > 0.0).count();
    assert!(waits <= 201, "{waits}");
}

/// Whatever a token endpoint and a system do: one token request at a time, no token that was refused is sent again by the
/// login that it was refused to, and what the stage holds every login to: its budget, its one log line.
#[test]
fn whatever_happens() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let budget = [300, 1_000, 8_000][random.usize(..3)];
        let several = with(entry(header("t")), json!({"name": "erp", "retries": 2}));
        let syncs = json!([entry(header("t")), several]);
        let mut stage =
            Stage::new(json!({"syncs": syncs, "tokens": {"t": source()}, "budgetMs": budget}), secrets());
        let (mut busy_until, mut given) = (0.0, 0);
        for _ in 0..3 {
            let starts: Vec<_> = (0..25)
                .map(|_| (f64::from(random.u32(..3_000)), PostLogin, somebody(random.usize(..12))))
                .collect();
            let ends = stage.together(&starts, |sent| {
                let ms = f64::from(random.u32(..400)) * if random.u8(..10) == 0 { 20.0 } else { 1.0 };
                if !asks_token(sent) {
                    return [ok(json!({})), ok(json!({})), status(401), status(503)][random.usize(..4)]
                        .clone()
                        .after(ms);
                }
                assert!(sent.at >= busy_until, "seed {seed}: two token requests at a time");
                busy_until = sent.at + ms.min(f64::from(sent.request.timeout_ms));
                given += 1;
                let good =
                    ok(json!({"access_token": format!("token-{given}"), "expires_in": random.u32(..5)}));
                match random.u8(..6) {
                    0 => status(503).after(ms),
                    1 => status(401).after(ms),
                    2 => text(200, "<html>").after(ms),
                    _ => good.after(ms),
                }
            });
            for end in &ends {
                for name in ["crm", "erp"] {
                    assert!(!end.outcome(name).is_empty(), "seed {seed}: {}", end.log);
                }
            }
            stage.pass(f64::from(random.u32(..5_000)));
        }
    }
}
