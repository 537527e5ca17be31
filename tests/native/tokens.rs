//! Tokens of other systems: what is sent for one, and that it is got once for all users, kept and shared.

use crate::common::{
    End, PostLogin, PostUserRegistration, Reply, Sent, Stage, entry, error, event, ok, somebody, status,
    text, with,
};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, UntrustedToken};
use serde_json::{Value as Json, json};
use std::cell::{Cell, RefCell};

const HOST: &str = "auth.example.com";

pub fn source() -> Json {
    json!({"url": format!("https://{HOST}/oauth/token"), "clientId": "ID", "clientSecret": "KEY"})
}

pub fn header(name: &str) -> Json {
    json!({"request": {"headers": {"authorization": {"token": name}}}})
}

/// One entry that needs the token `t`, and its source with these fields, more or others.
pub fn config(over: Json) -> Json {
    json!({"syncs": [entry(header("t"))], "tokens": {"t": with(source(), over)}})
}

pub fn secrets() -> Json {
    json!({"ID": "client", "KEY": "s3cr:t+ /", "KEY2": "next", "ID2": "client2", "REFRESH": "refresh me"})
}

pub fn stage(over: Json) -> Stage {
    Stage::new(config(over), secrets())
}

pub type Judge = Box<dyn Fn(&str) -> bool>;

/// A server that gives `token-1`, `token-2`, … and a system that takes those that `good` says.
pub struct World {
    pub given: Cell<usize>,
    pub lifetime: Json,
    pub good: RefCell<Judge>,
    pub ms: f64,
}

impl World {
    pub fn new() -> Self {
        Self { given: Cell::new(0), lifetime: json!(3600), good: RefCell::new(Box::new(|_| true)), ms: 0.0 }
    }

    pub fn living(lifetime: Json) -> Self {
        Self { lifetime, ..Self::new() }
    }

    pub fn takes(&self, good: impl Fn(&str) -> bool + 'static) {
        *self.good.borrow_mut() = Box::new(good);
    }

    pub fn answer(&self, sent: &Sent) -> Reply {
        if *sent.request.url.host == *HOST {
            self.given.set(self.given.get() + 1);
            let token = format!("token-{}", self.given.get());
            return ok(json!({"access_token": token, "expires_in": self.lifetime})).after(self.ms);
        }
        let token = sent.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_string();
        if (self.good.borrow())(&token) { ok(json!({})) } else { status(401) }
    }

    pub fn login(&self, stage: &mut Stage) -> End {
        stage.play(&event(), |sent| self.answer(sent))
    }
}

pub fn asks_token(sent: &Sent) -> bool {
    *sent.request.url.host == *HOST
}

/// What was sent, in order: `?` for a token, else the token that was sent.
pub fn trace(end: &End) -> Vec<String> {
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

#[test]
fn its_secrets_must_be_set() {
    let stage = Stage::any(config(json!({"params": {"x": {"secret": "X"}}})), json!({"ID": "a"}), 8_000.0);
    let problems: Vec<_> = stage.engine.problems().iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(problems, ["config.tokens.t.params.x.secret", "config.tokens.t.clientSecret"]);
}
