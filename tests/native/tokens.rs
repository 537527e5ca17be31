//! Tokens of other systems: got once for all users, kept, shared, given up when they are refused.

use crate::common::{
    End, PostLogin, PostUserRegistration, Reply, Sent, Stage, entry, error, event, ok, silence, somebody,
    status, text, with,
};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, UntrustedToken};
use serde_json::{Value as Json, json};
use std::cell::{Cell, RefCell};

const HOST: &str = "auth.example.com";

fn source() -> Json {
    json!({"url": format!("https://{HOST}/oauth/token"), "clientId": "ID", "clientSecret": "KEY"})
}

fn header(name: &str) -> Json {
    json!({"request": {"headers": {"authorization": {"token": name}}}})
}

/// One entry that needs the token `t`, and its source with these fields, more or others.
fn config(over: Json) -> Json {
    json!({"syncs": [entry(header("t"))], "tokens": {"t": with(source(), over)}})
}

fn secrets() -> Json {
    json!({"ID": "client", "KEY": "s3cr:t+ /", "KEY2": "next", "ID2": "client2", "REFRESH": "refresh me"})
}

fn stage(over: Json) -> Stage {
    Stage::new(config(over), secrets())
}

type Judge = Box<dyn Fn(&str) -> bool>;

/// A server that gives `token-1`, `token-2`, … and a system that takes those that `good` says.
struct World {
    given: Cell<usize>,
    lifetime: Json,
    good: RefCell<Judge>,
    ms: f64,
}

impl World {
    fn new() -> Self {
        Self { given: Cell::new(0), lifetime: json!(3600), good: RefCell::new(Box::new(|_| true)), ms: 0.0 }
    }

    fn living(lifetime: Json) -> Self {
        Self { lifetime, ..Self::new() }
    }

    fn takes(&self, good: impl Fn(&str) -> bool + 'static) {
        *self.good.borrow_mut() = Box::new(good);
    }

    fn answer(&self, sent: &Sent) -> Reply {
        if *sent.request.url.host == *HOST {
            self.given.set(self.given.get() + 1);
            let token = format!("token-{}", self.given.get());
            return ok(json!({"access_token": token, "expires_in": self.lifetime})).after(self.ms);
        }
        let token = sent.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_string();
        if (self.good.borrow())(&token) { ok(json!({})) } else { status(401) }
    }

    fn login(&self, stage: &mut Stage) -> End {
        stage.play(&event(), |sent| self.answer(sent))
    }
}

fn asks_token(sent: &Sent) -> bool {
    *sent.request.url.host == *HOST
}

/// What was sent, in order: `?` for a token, else the token that was sent.
fn trace(end: &End) -> Vec<String> {
    let one = |sent: &Sent| {
        if asks_token(sent) {
            "?".into()
        } else {
            sent.header("authorization").unwrap_or("-").replace("Bearer ", "")
        }
    };
    end.sent.iter().map(one).collect()
}

#[test]
fn what_a_grant_sends() {
    let form = "application/x-www-form-urlencoded";
    let client = "client_id=client&client_secret=s3cr%3At%2B%20%2F";
    let basic = "Basic Y2xpZW50OnMzY3IlM0F0JTJCJTIwJTJG";
    let table = [
        (json!({}), form, None, format!("grant_type=client_credentials&{client}")),
        (json!({"clientAuth": "form"}), form, None, format!("grant_type=client_credentials&{client}")),
        (
            json!({"params": {"scope": "api it's \\", "audience": "https://api/", "n": 7, "b": true}}),
            form,
            None,
            format!("grant_type=client_credentials&scope=api%20it%27s%20%5C&audience=https%3A%2F%2Fapi%2F&n=7&b=true&{client}"),
        ),
        (json!({"clientAuth": "basic"}), form, Some(basic), "grant_type=client_credentials".into()),
        (
            json!({"clientAuth": "json", "params": {"audience": "https://api/", "n": 7}}),
            "application/json",
            None,
            json!({"grant_type": "client_credentials", "audience": "https://api/", "n": 7, "client_id": "client",
                "client_secret": "s3cr:t+ /"}).to_string(),
        ),
        (
            json!({"params": {"grant_type": "account_credentials", "account_id": {"secret": "KEY2"}}, "clientAuth": "basic"}),
            form,
            Some(basic),
            "grant_type=account_credentials&account_id=next".into(),
        ),
        (
            json!({"refreshToken": "REFRESH", "clientSecret": null}),
            form,
            None,
            "grant_type=refresh_token&client_id=client&refresh_token=refresh%20me".into(),
        ),
        (
            json!({"refreshToken": "REFRESH"}),
            form,
            None,
            format!("grant_type=refresh_token&{client}&refresh_token=refresh%20me"),
        ),
    ];
    for (over, kind, authorization, body) in table {
        let end = World::new().login(&mut stage(over.clone()));
        let sent = &end.sent[0];
        assert_eq!(
            (sent.url().as_str(), &*sent.request.method),
            ("https://auth.example.com/oauth/token", "POST")
        );
        assert_eq!(sent.header("content-type"), Some(kind), "{over}");
        assert_eq!(sent.header("authorization"), authorization, "{over}");
        assert_eq!(sent.request.body.as_deref().unwrap(), body, "{over}");
        assert_eq!(
            (trace(&end), end.why("crm")),
            (vec!["?".into(), "token-1".into()], "ok:200".into()),
            "{over}"
        );
    }
}

#[test]
fn a_url_may_have_a_secret_in_it() {
    let over = json!({"url": "https://{site}.example.com/token", "params": {"site": "auth"}});
    let end = World::new().login(&mut stage(over));
    assert_eq!((end.sent[0].url().as_str(), end.outcome("crm")), ("https://auth.example.com/token", "ok"));
    let over = json!({"url": format!("https://{HOST}/{{tenant}}/token"), "params": {"tenant": {"secret": "ID2"}, "scope": "a"}});
    let end = World::new().login(&mut stage(over));
    assert_eq!(end.sent[0].url(), "https://auth.example.com/client2/token");
    assert!(!end.sent[0].request.body.as_deref().unwrap().contains("client2"));
    let end = World::new().login(&mut Stage::new(
        config(json!({"url": {"secret": "URL"}})),
        with(secrets(), json!({"URL": "https://auth.example.com/x"})),
    ));
    assert_eq!(end.sent[0].url(), "https://auth.example.com/x");
}

#[test]
fn the_prefix() {
    for (over, wanted) in [
        (json!({}), "Bearer abc"),
        (json!({"prefix": "token "}), "token abc"),
        (json!({"prefix": ""}), "abc"),
    ] {
        let header = with(json!({"token": "t"}), over);
        let syncs = json!([entry(json!({"request": {"headers": {"x-key": header}}}))]);
        let mut stage = Stage::new(json!({"syncs": syncs, "tokens": {"t": source()}}), secrets());
        let end = stage.login(&event(), &[ok(json!({"access_token": "abc"})), ok(json!({}))]);
        assert_eq!(end.sent[1].header("x-key"), Some(wanted));
    }
}

/// Kept until three quarters of its life are over, for all users and both triggers.
#[test]
fn how_long_a_token_is_kept() {
    let minutes = 60_000.0;
    let table = [
        (json!(3600), 45.0 * minutes),
        (json!("3600"), 45.0 * minutes),
        (json!(40), 30_000.0),
        (json!(null), 15.0 * minutes),
        (json!("soon"), 15.0 * minutes),
        (json!({}), 15.0 * minutes),
        (json!(86_400), 18.0 * 60.0 * minutes),
        (json!(1e9), 24.0 * 60.0 * minutes),
    ];
    for (lifetime, kept) in table {
        let world = World::living(lifetime.clone());
        let mut stage = stage(json!({}));
        assert_eq!(trace(&world.login(&mut stage)), ["?", "token-1"], "{lifetime}");
        assert_eq!(trace(&stage.play(&somebody(2), |sent| world.answer(sent))), ["token-1"], "{lifetime}");
        stage.pass(kept - 1.0);
        assert_eq!(trace(&world.login(&mut stage)), ["token-1"], "{lifetime}");
        stage.pass(1.0);
        assert_eq!(trace(&world.login(&mut stage)), ["?", "token-2"], "{lifetime}");
    }
    for lifetime in [json!(0), json!(-5), json!("0")] {
        let world = World::living(lifetime.clone());
        let mut stage = stage(json!({}));
        for n in 1..3 {
            assert_eq!(
                trace(&world.login(&mut stage)),
                ["?".to_string(), format!("token-{n}")],
                "{lifetime}"
            );
        }
    }
}

#[test]
fn a_clock_that_jumps() {
    let world = World::new();
    let mut stage = stage(json!({}));
    world.login(&mut stage);
    for (skew, wanted) in [(-1.0, 2), (-86_400_000.0, 3), (0.0, 4), (0.0, 4), (3_600_000.0, 5)] {
        stage.skew = skew;
        let end = world.login(&mut stage);
        assert_eq!(trace(&end).last().unwrap(), &format!("token-{wanted}"), "{skew}");
        assert_eq!(end.outcome("crm"), "ok");
    }
}

#[test]
fn one_request_for_many_logins() {
    let world = World { ms: 100.0, ..World::new() };
    let mut stage = stage(json!({}));
    let starts: Vec<_> = (0..50).map(|n| (n as f64, PostLogin, somebody(n))).collect();
    let ends = stage.together(&starts, |sent| world.answer(sent));
    assert_eq!(world.given.get(), 1);
    for end in &ends {
        assert_eq!((trace(end).last().unwrap().as_str(), end.outcome("crm")), ("token-1", "ok"));
    }
    assert!(ends[49].ms < 60.0, "{}", ends[49].ms);
}

#[test]
fn one_request_for_the_entries_of_a_login() {
    let second =
        with(entry(header("t")), json!({"name": "erp", "on": ["post-login", "post-user-registration"]}));
    let other = with(entry(header("u")), json!({"name": "own"}));
    let both = json!({"name": "both", "request": {"headers": {"authorization": {"token": "t"}, "x-t": {"token": "t", "prefix": ""}}}});
    let syncs = json!([entry(header("t")), second, other, entry(both)]);
    let tokens = json!({"t": source(), "u": with(source(), json!({"params": {"scope": "u"}}))});
    let world = World { ms: 100.0, ..World::new() };
    let mut stage = Stage::new(json!({"syncs": syncs, "tokens": tokens}), secrets());
    let end = world.login(&mut stage);
    assert_eq!((world.given.get(), end.sent.len(), end.ms), (2, 6, 100.0), "{}", end.log);
    let both = end.sent.iter().find(|sent| sent.header("x-t").is_some()).unwrap();
    assert_eq!((both.header("x-t"), both.header("authorization")), (Some("token-1"), Some("Bearer token-1")));
    let registration = stage.together(&[(0.0, PostUserRegistration, event())], |sent| world.answer(sent));
    assert_eq!(trace(&registration[0]), ["token-1"]);
}

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

#[test]
fn several_secrets_rotate() {
    let over = json!({"clientId": ["ID", "ID2"], "clientSecret": ["KEY", "KEY2"]});
    let knows = |id: &'static str| {
        move |sent: &Sent| {
            let body = sent.request.body.as_deref().unwrap_or("");
            if !asks_token(sent) {
                ok(json!({}))
            } else if body.contains(&format!("client_id={id}&")) {
                ok(json!({"access_token": "abc"}))
            } else {
                status(401)
            }
        }
    };
    let mut stage = stage(over);
    let end = stage.play(&event(), knows("client2"));
    assert_eq!(trace(&end), ["?", "?", "abc"]);
    assert!(end.sent[1].request.body.as_deref().unwrap().ends_with("client_id=client2&client_secret=next"));
    stage.pass(3_600_000.0);
    assert_eq!(trace(&stage.play(&event(), knows("client2"))), ["?", "abc"], "remembered");
    stage.pass(3_600_000.0);
    let end = stage.play(&event(), knows("no one"));
    assert_eq!(
        (trace(&end), end.why("crm").as_str()),
        (vec!["?".to_string(), "?".into()], "unauthorized:token")
    );
}

/// A new refresh token cannot be stored anywhere: the admin must know.
#[test]
fn a_rotating_refresh_token_is_warned_of() {
    let over = json!({"refreshToken": "REFRESH"});
    for (given, warning) in
        [(json!(null), ""), (json!("refresh me"), ""), (json!("another"), "REFRESH-rotates")]
    {
        let mut stage = stage(over.clone());
        let end = stage
            .login(&event(), &[ok(json!({"access_token": "abc", "refresh_token": given})), ok(json!({}))]);
        assert_eq!((end.logged("warn"), end.outcome("crm")), (warning, "ok"), "{given}");
        assert_eq!(stage.login(&event(), &[ok(json!({}))]).logged("warn"), "");
    }
}

/// Nothing of a token or a secret is in the log.
#[test]
fn the_log_says_nothing() {
    for reply in [status(400), text(400, r#"{"error":"token-1 client s3cr"}"#), error("s3cr:t+ /")] {
        let end = stage(json!({})).play(&event(), |_| reply.clone());
        assert!(!end.log.contains("token-1") && !end.log.contains("client"), "{}", end.log);
    }
    let end = World::new().login(&mut stage(json!({})));
    assert!(!end.log.contains("token-1"));
}

/// The claims of an assertion, and who signed it: the stand-in for RS256 is an HMAC.
#[test]
fn an_assertion() {
    let key = "-----BEGIN PRIVATE KEY-----\\nabc";
    let all = json!({"key": "PEM", "issuer": "client", "subject": "a@b.c", "audience": "https://aud/", "claims": {"scope": "s t", "n": 7}});
    for (alg, key) in [("RS256", key), ("HS256", "a shared key")] {
        let over = json!({"clientId": null, "clientSecret": null, "assertion": with(all.clone(), json!({"alg": alg}))});
        let mut stage = Stage::new(config(over), with(secrets(), json!({"PEM": key})));
        let world = World::living(json!(40));
        let mut ids = Vec::new();
        for _ in 0..2 {
            let end = world.login(&mut stage);
            let body = end.sent[0].request.body.clone().unwrap();
            let fields: Vec<_> = body.split('&').collect();
            assert_eq!(fields[0], "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
            let jwt = fields[1].strip_prefix("assertion=").unwrap();
            let token = UntrustedToken::new(jwt).unwrap();
            assert_eq!((fields.len(), token.algorithm()), (2, alg));
            let claims = token.deserialize_claims_unchecked::<Json>().unwrap();
            let custom = &claims.custom;
            for (name, wanted) in
                [("iss", "client"), ("sub", "a@b.c"), ("aud", "https://aud/"), ("scope", "s t")]
            {
                assert_eq!(custom[name], wanted);
            }
            assert_eq!(custom["n"], 7);
            let lifetime = claims.expiration.unwrap() - claims.issued_at.unwrap();
            assert_eq!(lifetime.num_seconds(), 120);
            ids.push(custom["jti"].clone());
            if alg == "HS256" {
                Hs256.validator::<Json>(&Hs256Key::new(key)).validate(&token).unwrap();
            }
            stage.pass(31_000.0);
        }
        assert_ne!(ids[0], ids[1]);
    }
}

#[test]
fn a_key_that_is_none() {
    let over = json!({"clientId": null, "clientSecret": null, "assertion": {"key": "KEY", "issuer": "a", "audience": "b"}});
    let end = stage(over).login(&event(), &[]);
    assert_eq!(end.why("crm"), "invalid:token-jwt");
}

/// What other instances may know of an answer: that of a request that is always the same, and not the refused token.
#[test]
fn what_instances_may_share() {
    let shared = |sent: &Sent| sent.request.shared.as_deref().map(str::to_string);
    let world = World::new();
    let mut stage = stage(json!({}));
    let end = world.login(&mut stage);
    assert_eq!((shared(&end.sent[0]), shared(&end.sent[1])), (Some(String::new()), None));
    world.takes(|token| token != "token-1");
    let end = world.login(&mut stage);
    assert_eq!(shared(&end.sent[1]), Some("token-1".to_string()));
    let assertion = json!({"key": "KEY", "alg": "HS256", "issuer": "a", "audience": "b"});
    let end = World::new()
        .login(&mut self::stage(json!({"clientId": null, "clientSecret": null, "assertion": assertion})));
    assert_eq!(shared(&end.sent[0]), None);
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

#[test]
fn its_secrets_must_be_set() {
    let stage = Stage::any(config(json!({"params": {"x": {"secret": "X"}}})), json!({"ID": "a"}), 8_000.0);
    let problems: Vec<_> = stage.engine.problems().iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(problems, ["config.tokens.t.params.x.secret", "config.tokens.t.clientSecret"]);
}
