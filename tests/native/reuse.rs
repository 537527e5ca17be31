//! An answer with a token is kept in memory: until when, for whom, how much, and how logins share one call.

use crate::common::{
    End, PostLogin, PostUserRegistration, START, Sent, Stage, event, ok, one, status, text, token,
    token_until, with,
};
use login_sync::{Key, Reuse};
use serde_json::{Value as Json, json};
use std::slice;

const HOUR_MS: f64 = 3_600_000.0;

fn config(over: Json) -> Json {
    let entry = json!({"reuse": true, "retries": 0, "response": {"token": "t", "idToken": {"token": "t"}},
        "request": {"body": {"ip": "request.ip"}, "headers": {"authorization": {"bearer": "KEY"}}}});
    one(with(entry, over))
}

fn stage() -> Stage {
    Stage::new(config(json!({})), json!({"KEY": "k"}))
}

fn user(id: &str) -> Json {
    with(event(), json!({"user": {"user_id": id}}))
}

fn answer(token: &str) -> crate::common::Reply {
    ok(json!({"t": token}))
}

/// A token that expires so many milliseconds from now.
fn fresh_token(stage: &Stage, ms: f64) -> String {
    token_until(((stage.wall() + ms - START) / 1000.0).round())
}

fn outcomes(ends: &[End]) -> Vec<&str> {
    ends.iter().map(|end| end.outcome("crm")).collect()
}

#[test]
fn until_a_quarter_of_its_life_is_left_and_never_in_its_last_minute() {
    let table = [
        ("eighty minutes: an hour", 4.0 / 3.0 * HOUR_MS, HOUR_MS),
        ("an hour: 45 minutes", HOUR_MS, 0.75 * HOUR_MS),
        ("four minutes: three", 240_000.0, 180_000.0),
        ("two minutes: one", 120_000.0, 60_000.0),
        ("61 seconds: one", 61_000.0, 1_000.0),
        ("one minute: not at all", 60_000.0, 0.0),
        ("a moment: not at all", 1_000.0, 0.0),
    ];
    for (name, life, kept) in table {
        let mut stage = stage();
        let token = fresh_token(&stage, life);
        let first = stage.login(&event(), &[answer(&token)]);
        assert_eq!(first.outcome("crm"), "ok", "{name}");
        if kept > 0.0 {
            stage.pass(kept - 1.0);
            let end = stage.login(&event(), &[]);
            assert_eq!((end.why("crm").as_str(), &end.commands), ("reused", &first.commands), "{name}");
            stage.pass(1.0);
        }
        let next = fresh_token(&stage, life);
        let end = stage.login(&event(), &[answer(&next)]);
        assert_eq!(end.commands, json!([["idToken", "token", next]]), "{name}: asked again");
    }
}

#[test]
fn what_is_not_kept() {
    let expired = token_until(-1.0);
    let table = [
        ("an expired token", answer(&expired), "invalid:200:expired"),
        ("no token", ok(json!({})), "invalid:200:no-token"),
        ("no JSON", text(200, "x"), "invalid:200:not-json"),
        ("a failure", status(404), "rejected:404"),
        ("a token that never expires", answer(&token(&json!({"sub": "x"}))), "ok:200"),
    ];
    for (name, reply, why) in table {
        let mut stage = stage();
        for _ in 0..2 {
            assert_eq!(stage.login(&event(), slice::from_ref(&reply)).why("crm"), why, "{name}");
        }
        assert_eq!(stage.engine.load(), (0, (0, 0)), "{name}");
    }
}

/// One user's answer never reaches another, nor an answer to another question.
#[test]
fn per_user_and_per_request() {
    let table = [
        ("the same", json!({}), true),
        (
            "what is not sent",
            json!({"user": {"name": "Countess"}, "transaction": {"id": "tx_2", "protocol": "oauth2-refresh-token"}}),
            true,
        ),
        ("another user", json!({"user": {"user_id": "auth0|bob"}}), false),
        ("another body", json!({"request": {"ip": "198.51.100.1"}}), false),
        ("no user at all", json!({"user": {"user_id": null}}), false),
        ("an empty id", json!({"user": {"user_id": ""}}), false),
    ];
    for (name, over, reused) in table {
        let mut stage = stage();
        let token = fresh_token(&stage, HOUR_MS);
        stage.login(&event(), &[answer(&token)]);
        let other = fresh_token(&stage, 2.0 * HOUR_MS);
        let replies = if reused { vec![] } else { vec![answer(&other)] };
        let end = stage.login(&with(event(), over), &replies);
        let wanted = if reused { &token } else { &other };
        assert_eq!(end.commands, json!([["idToken", "token", wanted]]), "{name}");
    }
    let mut stage = stage();
    let no_one = with(event(), json!({"user": {"user_id": null}}));
    for _ in 0..2 {
        stage.login(&no_one, &[answer(&token_until(7200.0))]);
    }
    assert_eq!(stage.engine.load().1, (0, 0), "without a user nothing is kept");
}

#[test]
fn the_url_belongs_to_the_request() {
    let config = config(
        json!({"request": {"url": "https://h.example.com/{ip}", "params": {"ip": "request.ip"}, "body": null}}),
    );
    let mut stage = Stage::new(config, json!({"KEY": "k"}));
    stage.login(&event(), &[answer(&token_until(7200.0))]);
    assert_eq!(stage.login(&event(), &[]).outcome("crm"), "reused");
    let elsewhere = with(event(), json!({"request": {"ip": "198.51.100.1"}}));
    assert_eq!(stage.login(&elsewhere, &[answer(&token_until(7200.0))]).outcome("crm"), "ok");
}

/// A user who logs in to another organization gets no token of the first one, also where only a signature says which.
#[test]
fn what_is_signed_belongs_to_the_request() {
    let jwt = json!({"jwt": {"secret": "KEY", "claims": {"aud": "'x'", "in": {"org": "organization.id"}}}});
    let hmac = json!({"hmac": {"secret": "KEY", "of": "organization.id"}});
    let table = [
        ("a token in a header", json!({"headers": {"x-assertion": jwt}})),
        ("a token in a form", json!({"form": {"assertion": jwt}, "body": null})),
        ("a signature in a header", json!({"headers": {"x-signature": hmac}})),
        ("a signature in a body", json!({"body": {"all": [hmac]}})),
    ];
    for (name, request) in table {
        let mut stage = Stage::new(config(json!({ "request": request })), json!({"KEY": "k"}));
        let at = |org: &str| with(event(), json!({"organization": {"id": org}}));
        for org in ["org_1", "org_2"] {
            let end = stage.login(&at(org), &[answer(&token_until(7200.0))]);
            assert_eq!(end.outcome("crm"), "ok", "{name} of {org}");
        }
        assert_eq!(stage.login(&at("org_1"), &[]).outcome("crm"), "reused", "{name}");
    }
}

#[test]
fn without_reuse_nothing_is_kept() {
    let mut stage = Stage::new(config(json!({"reuse": false})), json!({"KEY": "k"}));
    for _ in 0..2 {
        assert_eq!(stage.login(&event(), &[answer(&token_until(7200.0))]).outcome("crm"), "ok");
    }
    assert_eq!(stage.engine.load().1, (0, 0));
}

fn six(at: &[f64]) -> Vec<(f64, login_sync::Trigger, Json)> {
    at.iter().map(|at| (*at, PostLogin, event())).collect()
}

#[test]
fn logins_at_the_same_time_share_one_call() {
    let mut stage = stage();
    let token = fresh_token(&stage, HOUR_MS);
    let mut starts = six(&[0.0, 0.0, 10.0, 99.0, 150.0]);
    starts.push((20.0, PostUserRegistration, event()));
    starts.push((30.0, PostLogin, user("auth0|bob")));
    // The entry is for logins only: the registration does nothing.
    let ends = stage.together(&starts, |_| answer(&token).after(100.0));
    assert_eq!(outcomes(&ends), ["ok", "reused", "reused", "reused", "reused", "", "ok"]);
    let asked: Vec<_> = ends.iter().map(|end| end.sent.len()).collect();
    assert_eq!(asked, [1, 0, 0, 0, 0, 0, 1]);
    let took: Vec<_> = ends.iter().map(|end| end.ms).collect();
    assert_eq!(took[..5], [100.0, 100.0, 90.0, 1.0, 0.0], "they go on as soon as it ends");
    for end in &ends[..5] {
        assert_eq!(end.commands, json!([["idToken", "token", token]]));
    }
}

#[test]
fn when_the_shared_call_fails_it_fails_for_all_who_wait() {
    let config = config(json!({"onFailure": "deny"}));
    for (reply, why) in [
        (status(404), "rejected:404"),
        (status(503), "unavailable:503"),
        (answer("x"), "invalid:200:not-a-jwt"),
    ] {
        let mut stage = Stage::new(config.clone(), json!({"KEY": "k"}));
        let ends = stage.together(&six(&[0.0, 10.0]), |_| reply.clone().after(100.0));
        for (end, asked) in ends.iter().zip([1, 0]) {
            assert_eq!((end.why("crm").as_str(), end.sent.len()), (why, asked));
            assert_eq!(end.commands[0][0], "deny");
        }
        // Nothing is left of it: the next login asks, a second later if there was no answer.
        stage.pass(1_000.0);
        assert_eq!(stage.login(&event(), &[answer(&token_until(7200.0))]).outcome("crm"), "ok");
    }
}

/// Those who wait have budgets of their own, which end after that of the first.
#[test]
fn a_shared_call_that_never_ends() {
    let mut stage =
        Stage::new(with(config(json!({"timeoutMs": 500})), json!({"budgetMs": 1000})), json!({"KEY": "k"}));
    let ends = stage.together(&six(&[0.0, 100.0, 400.0]), |_| crate::common::silence());
    assert_eq!(outcomes(&ends), ["unavailable", "unavailable", "unavailable"]);
    assert_eq!(ends.iter().map(|end| end.ms).collect::<Vec<_>>(), [500.0, 400.0, 100.0]);
    assert_eq!(ends.iter().map(|end| end.sent.len()).sum::<usize>(), 1);
}

#[test]
fn a_follower_may_lead_the_next_call() {
    let mut stage = stage();
    let mut number = 0;
    let script = |_: &Sent| {
        number += 1;
        if number == 1 { status(404).after(50.0) } else { answer(&token_until(7200.0)).after(50.0) }
    };
    let ends = stage.together(&six(&[0.0, 10.0, 60.0, 70.0]), script);
    assert_eq!(outcomes(&ends), ["rejected", "rejected", "ok", "reused"]);
}

/// The bounds of what is kept; the oldest goes first.
#[test]
fn bounded_in_entries_and_bytes() {
    let mut reuse = Reuse::default();
    // Each key has 16 bytes with the signs between its parts, and they count.
    let key = |i: usize| Key::new("crm", &format!("u{i:04}"), "/ip", "{}");
    for i in 0..1_500 {
        reuse.keep(key(i), "text".to_string(), 0.0, HOUR_MS);
    }
    assert_eq!(reuse.size(), (1_000, 20_000));
    assert_eq!((reuse.get(&key(499), 0.0), reuse.get(&key(500), 0.0)), (None, Some("text")));

    for i in 0..50 {
        reuse.keep(key(i), "x".repeat(99_984), 0.0, HOUR_MS);
    }
    assert_eq!(reuse.size(), (10, 1_000_000));
    assert!(reuse.get(&key(39), 0.0).is_none() && reuse.get(&key(40), 0.0).is_some());

    reuse.keep(key(100), "x".repeat(999_985), 0.0, HOUR_MS);
    assert_eq!(
        reuse.size(),
        (10, 1_000_000),
        "what is larger than all of it is not kept at the others' cost"
    );

    reuse.keep(key(49), "newer".to_string(), 0.0, HOUR_MS);
    assert_eq!((reuse.size(), reuse.get(&key(49), 0.0)), ((10, 900_021), Some("newer")), "one for each key");

    reuse.keep(key(200), "late".to_string(), 0.75 * HOUR_MS, 2.0 * HOUR_MS);
    assert_eq!(reuse.size(), (1, 20), "what is over goes when there is something to keep");

    reuse.keep(key(201), "x".repeat(999_984), 0.75 * HOUR_MS, 2.0 * HOUR_MS);
    assert_eq!(reuse.size(), (1, 1_000_000), "as large as all of it: the others go");
}

/// Whatever a token says of itself, and wherever the clock is set.
#[test]
fn an_hour_at_most() {
    let year = 365.0 * 24.0 * HOUR_MS;
    let table = [
        ("ten years", json!((START + 10.0 * year) / 1000.0), HOUR_MS),
        ("a day", json!(START / 1000.0 + 86_400.0), HOUR_MS),
        ("eighty minutes", json!(START / 1000.0 + 4_800.0), HOUR_MS),
        ("the year 9999", json!(253_402_300_799_u64), HOUR_MS),
        ("milliseconds, a quarter of an hour", json!(START + 900_000.0), 675_000.0),
        ("milliseconds, ten years", json!(START + 10.0 * year), HOUR_MS),
    ];
    for (name, exp, kept) in table {
        let mut stage = stage();
        let replies = [answer(&token(&json!({"exp": exp})))];
        assert_eq!(stage.login(&event(), &replies).outcome("crm"), "ok", "{name}");
        stage.pass(kept - 1.0);
        assert_eq!(stage.login(&event(), &[]).outcome("crm"), "reused", "{name}");
        stage.pass(1.0);
        assert_eq!(
            stage.login(&event(), &[status(503)]).outcome("crm"),
            "unavailable",
            "{name}: asked again"
        );
    }
    let mut stage = stage();
    stage.login(&event(), &[answer(&token_until(1e6))]);
    stage.skew = -2.0 * HOUR_MS;
    stage.pass(HOUR_MS);
    assert_eq!(stage.login(&event(), &[answer(&token_until(1e6))]).outcome("crm"), "ok", "a clock set back");
}

/// A token in milliseconds that has expired is an expired token.
#[test]
fn expired_in_milliseconds() {
    let token = token(&json!({"exp": START - 1000.0}));
    assert_eq!(stage().login(&event(), &[answer(&token)]).why("crm"), "invalid:200:expired");
}

/// The system has changed its mind about a user: nothing that it said before is handed out, whatever the request.
#[test]
fn a_refusal_ends_it_for_that_user() {
    let elsewhere = with(event(), json!({"request": {"ip": "198.51.100.1"}}));
    let no = ok(json!({"t": token_until(7200.0), "allowed": false}));
    let table = [
        ("401", status(401), true),
        ("403", status(403), true),
        ("404", status(404), true),
        ("409", status(409), true),
        ("a no with status 200", no, true),
        ("unavailable", status(503), false),
        ("no answer", crate::common::error("ECONNRESET"), false),
        ("no JSON", text(200, "x"), false),
    ];
    for (name, refusal, ends) in table {
        let config = config(json!({"response": {"expect": "allowed != `false`"}}));
        let mut stage = Stage::new(config, json!({"KEY": "k"}));
        for user in [event(), user("auth0|bob")] {
            stage.login(&user, &[answer(&token_until(7200.0))]);
        }
        stage.login(&elsewhere, slice::from_ref(&refusal));
        let replies = if ends { vec![refusal] } else { vec![] };
        assert_eq!(stage.login(&event(), &replies).outcome("crm") == "reused", !ends, "{name}");
        assert_eq!(
            stage.login(&user("auth0|bob"), &[]).outcome("crm"),
            "reused",
            "{name}: the others' is kept"
        );
        if ends {
            assert_eq!(stage.login(&event(), &[answer(&token_until(7200.0))]).outcome("crm"), "ok", "{name}");
            assert_eq!(
                stage.login(&event(), &[]).outcome("crm"),
                "reused",
                "{name}: a later yes counts again"
            );
        }
    }
}

/// One secret of several that is refused is no word about the user.
#[test]
fn a_rotation_ends_nothing() {
    let config = config(json!({"request": {"headers": {"authorization": {"bearer": ["KEY", "NEXT"]}}}}));
    let mut stage = Stage::new(config, json!({"KEY": "k", "NEXT": "n"}));
    let elsewhere = with(event(), json!({"request": {"ip": "198.51.100.1"}}));
    stage.login(&event(), &[answer(&token_until(7200.0))]);
    stage.login(&elsewhere, &[status(401), answer(&token_until(7200.0))]);
    assert_eq!(stage.login(&event(), &[]).outcome("crm"), "reused");
}

/// An answer that says nothing yet, or not all, is asked for again.
#[test]
fn an_answer_without_what_was_asked_for_is_not_kept() {
    let token = token_until(7200.0);
    let table = [
        ("all of it", json!({"t": token, "id": 7, "tags": ["a"]}), true),
        ("some of it", json!({"t": token, "tags": ["a"]}), true),
        ("nothing", json!({"t": token}), false),
        ("nothing but nulls", json!({"t": token, "id": null, "tags": null}), false),
        ("one that cannot be read", json!({"t": token, "id": 7, "tags": 5}), false),
    ];
    for (name, body, kept) in table {
        let claims = json!({"token": null, "id": "id", "tags": "tags && join(',', tags)", "from": "'crm'"});
        let config = config(json!({"response": {"idToken": claims}}));
        let mut stage = Stage::new(config, json!({"KEY": "k"}));
        assert_eq!(stage.login(&event(), &[ok(body)]).outcome("crm"), "ok", "{name}");
        assert_eq!(stage.engine.load().1.0, usize::from(kept), "{name}");
    }
}

#[test]
fn keys_that_read_alike_are_told_apart() {
    let mut reuse = Reuse::default();
    let keys = [
        ("a", "\"b\"", "c", "d"),
        ("a", "\"b\"", "cd", ""),
        ("a", "\"b", "c", "d"),
        ("ab", "\"\"", "c", "d"),
    ];
    for (i, (system, user, target, body)) in keys.into_iter().enumerate() {
        reuse.keep(Key::new(system, user, target, body), i.to_string(), 0.0, HOUR_MS);
    }
    assert_eq!(reuse.size().0, keys.len());
    reuse.forget(&Key::new("a", "\"b\"", "elsewhere", ""));
    let left = keys
        .map(|(system, user, target, body)| reuse.get(&Key::new(system, user, target, body), 0.0).is_some());
    assert_eq!(left, [false, false, true, true], "the user's own alone");
    assert_eq!(reuse.size().0, 2);
}

/// Whatever is kept, looked for and ended, in whatever order: what is handed out is what a plain list would give.
#[test]
fn as_a_plain_list_would() {
    let mut reuse = Reuse::default();
    let mut list: Vec<((usize, usize), String, f64)> = Vec::new();
    let mut seed = 1_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as usize % below
    };
    let mut now = 0.0;
    for step in 0..20_000 {
        now += random(5_000) as f64;
        let (user, request) = (random(20), random(3));
        let key = Key::new("crm", &user.to_string(), &request.to_string(), "{}");
        match random(8) {
            0 => {
                reuse.forget(&key);
                list.retain(|((of, _), ..)| *of != user);
            }
            1..=3 => {
                let life = random(3_000_000) as f64;
                reuse.keep(key, step.to_string(), now, now + life);
                list.retain(|(of, ..)| *of != (user, request));
                list.push(((user, request), step.to_string(), now + life - (life / 4.0).max(60_000.0)));
            }
            _ => {
                let good = list.iter().find(|(of, _, until)| *of == (user, request) && now < *until);
                assert_eq!(reuse.get(&key, now), good.map(|(_, text, _)| text.as_str()), "step {step}");
            }
        }
    }
}

/// What is kept is text: nothing that a login does to its claims can reach the next.
#[test]
fn objects_come_back_whole() {
    let config = config(json!({"response": {"idToken": {"all": "@", "https://a.example.com/x.y": "deep"}}}));
    let mut stage = Stage::new(config, json!({"KEY": "k"}));
    let all = json!({"t": token_until(7200.0), "deep": {"a.b": [1, null, {"é": 0.1}]}});
    let first = stage.login(&event(), &[ok(all.clone())]);
    assert_eq!(first.commands[0], json!(["idToken", "token", all["t"]]));
    assert_eq!(first.commands[1], json!(["idToken", "all", all]));
    assert_eq!(stage.login(&event(), &[]).commands, first.commands);
}

#[test]
fn cleeng_is_asked_once() {
    let mut stage = Stage::new(json!({}), json!({"CLEENG_CLIENT_SECRET": "s"}));
    let token = fresh_token(&stage, HOUR_MS);
    let registered = stage.register(&event(), |_| ok(json!({"accessToken": token})));
    assert_eq!(registered.outcome("cleeng"), "ok");
    for protocol in ["oidc-basic-profile", "oauth2-refresh-token"] {
        let event = with(event(), json!({"transaction": {"protocol": protocol}}));
        let end = stage.login(&event, &[]);
        assert_eq!(end.commands, json!([["idToken", "cleeng_access_token", token]]), "{protocol}");
    }
}
