//! What is kept of an answer in app_metadata: of what it is made, whom it can deceive, when it ends, and what may be
//! used when a system is unavailable.

use crate::common::{End, Reply, START, Stage, entry, error, event, ok, one, status, with};
use serde_json::{Value as Json, json};
use std::slice;

const HOUR_MS: f64 = 3_600_000.0;
const NAME: &str = "https://example.com/name";

fn crm(over: Json) -> Json {
    let response = json!({"idToken": {NAME: "name", "plan": "plan"}, "accessToken": {"level": "level"}});
    one(with(json!({"freshForSeconds": 3600, "retries": 0, "onFailure": "deny", "response": response}), over))
}

/// The event of a user with this app_metadata.
fn knowing(metadata: &Json) -> Json {
    let mut event = event();
    event["user"]["app_metadata"] = metadata.clone();
    event
}

/// The app_metadata after this login.
fn after(before: &Json, end: &End) -> Json {
    let mut metadata = before.clone();
    for command in end.commands.as_array().unwrap().iter().filter(|command| command[0] == "appMetadata") {
        metadata[command[1].as_str().unwrap()] = command[2].clone();
    }
    metadata
}

/// The app_metadata after a first login with this answer.
fn kept(over: Json, answer: Json) -> Json {
    let end = Stage::new(crm(over), json!({})).login(&event(), &[ok(answer)]);
    assert_eq!(end.outcome("crm"), "ok");
    after(&json!({}), &end)
}

fn answer() -> Json {
    json!({"name": "Ada", "level": 3})
}

/// One who may write app_metadata may also write into a record. It brings the entry's own claims, each for its own token.
#[test]
fn a_forged_record_sets_nothing_of_its_own() {
    let more = json!({NAME: "Ada", "level": 9, "email_verified": true, "https://bank.example.com/roles": ["admin"],
        "__proto__": {"plan": "gold"}, "": 1});
    let table = [
        ("as it was", json!([{NAME: "Ada"}, {"level": 3}])),
        ("more claims of the ID token", json!([more, {"level": 3}])),
        ("more claims of the access token", json!([{NAME: "Ada"}, with(more.clone(), json!({"level": 3}))])),
        ("metadata, as once they were kept", json!([{NAME: "Ada"}, {"level": 3}, {"blocked": false}])),
    ];
    for (name, claims) in table {
        let mut metadata = kept(json!({}), answer());
        metadata["login_sync"]["crm"]["claims"] = json!(claims.to_string());
        let end = Stage::new(crm(json!({})), json!({})).login(&knowing(&metadata), &[]);
        assert_eq!(end.outcome("crm"), "fresh", "{name}");
        assert_eq!(end.commands, json!([["idToken", NAME, "Ada"], ["accessToken", "level", 3]]), "{name}");
    }
}

/// What cannot be read, or holds nothing of what the entry asks for, is not fresh: the system decides.
#[test]
fn a_record_that_cannot_be_read_is_not_fresh() {
    let texts = [
        "",
        "{",
        "null",
        "5",
        "true",
        "\"text\"",
        "{}",
        "[]",
        "[null]",
        "[null,null]",
        "[{},{}]",
        "[{},null,null]",
        "[1,2]",
        "[[],[]]",
        "[\"a\",null]",
        "[{\"https://example.com/name\":\"Ada\"}]",
        "[{\"https://example.com/name\":\"Ada\"},5]",
        "[{\"https://example.com/name\":null},{\"other\":1}]",
        "[{\"level\":3},{\"https://example.com/name\":\"Ada\"}]",
        "[{\"https://example.com/name\":\"Ada\"},{}]]",
    ];
    for claims in texts.map(Json::from).into_iter().chain([json!(null), json!(5), json!([{NAME: "Ada"}, {}])])
    {
        let mut metadata = kept(json!({}), answer());
        metadata["login_sync"]["crm"]["claims"] = claims.clone();
        let end = Stage::new(crm(json!({})), json!({})).login(&knowing(&metadata), &[status(403)]);
        assert_eq!((end.outcome("crm"), &end.commands[0][0]), ("unauthorized", &json!("deny")), "{claims}");
        // Nor is it stale.
        let over = json!({"staleForSeconds": 3600});
        let mut metadata = kept(over.clone(), answer());
        metadata["login_sync"]["crm"]["claims"] = claims.clone();
        let end = Stage::new(crm(over), json!({})).login(&knowing(&metadata), &[status(503)]);
        assert_eq!(end.outcome("crm"), "unavailable", "{claims}");
    }
}

/// A lookup finds no one yet: the next login asks again. So it does where not all could be taken.
#[test]
fn nothing_is_not_kept() {
    let nested = json!({"idToken": {NAME: {"first": "name", "of": "'crm'", "list": ["plan", 1]}, "plan": null}, "accessToken": null});
    let also = json!({"appMetadata": {"crm_id": "id"}});
    let fixed = json!({"idToken": {NAME: "'Ada'", "plan": 7}, "accessToken": null});
    let none = json!(null);
    let table = [
        ("all of it", json!({}), json!({"name": "Ada", "plan": "gold", "level": 0}), true),
        ("one of it", json!({}), json!({"level": false}), true),
        ("nothing", json!({}), json!({}), false),
        ("null", json!({}), json!(null), false),
        ("nulls", json!({}), json!({"name": null, "plan": null, "level": null}), false),
        ("something else", json!({}), json!({"nickname": "Ada"}), false),
        ("a list", json!({}), json!([{"name": "Ada"}]), false),
        ("nothing in an object", nested.clone(), json!({"id": 7}), false),
        ("something in an object", nested.clone(), json!({"name": "Ada"}), true),
        ("something in a list", nested, json!({"plan": "gold"}), true),
        ("metadata alone", also.clone(), json!({"id": 7}), true),
        ("no metadata either", also, json!({"id": null}), false),
        ("nothing is asked for, but literals", fixed, json!({}), true),
        ("nothing is asked for", none, json!({}), true),
        (
            "one that fails",
            json!({"idToken": {"plan": "join(',', plan)"}}),
            json!({"name": "Ada", "plan": 5}),
            false,
        ),
    ];
    for (name, response, answer, keeps) in table {
        let config = crm(json!({ "response": response }));
        let mut stage = Stage::new(config, json!({}));
        let end = stage.login(&event(), &[ok(answer.clone())]);
        assert_eq!(end.outcome("crm"), "ok", "{name}");
        let metadata = after(&json!({}), &end);
        assert_eq!(!metadata["login_sync"].is_null(), keeps, "{name}: {metadata}");
        let next = if keeps { vec![] } else { vec![ok(answer)] };
        let outcome = if keeps { "fresh" } else { "ok" };
        assert_eq!(stage.login(&knowing(&metadata), &next).outcome("crm"), outcome, "{name}");
    }
}

/// What Auth0 has not written is not fresh, and its entry alone is asked again.
#[test]
fn a_key_that_auth0_refuses_is_asked_for_again() {
    let named = |name: &str| {
        let response = json!({"idToken": {name: "v"}, "appMetadata": {format!("{name}_a"): "v", format!("{name}_b"): "v"}});
        entry(json!({"name": name, "freshForSeconds": 3600, "response": response}))
    };
    let config = json!({"syncs": [named("x"), named("y")]});
    let old = json!({"login_sync": {"x": {"at": 1}, "z": {"at": 2}}});
    let table: [(&[&str], &[&str]); 5] = [
        (&[], &["x", "y"]),
        (&["x_a"], &["y"]),
        (&["y_b"], &["x"]),
        (&["x_b", "y_a"], &[]),
        (&["x"], &["x", "y"]),
    ];
    for (refused, fresh) in table {
        for known in [json!({}), old.clone()] {
            let mut stage = Stage::new(config.clone(), json!({}));
            stage.refused = refused.to_vec();
            let end = stage.play(&knowing(&known), |_| ok(json!({"v": 1})));
            let metadata = after(&known, &end);
            assert_eq!(metadata["login_sync"]["z"], known["login_sync"]["z"], "{refused:?}: others are kept");
            stage.refused.clear();
            let end = stage.play(&knowing(&metadata), |_| ok(json!({"v": 1})));
            for name in ["x", "y"] {
                let outcome = if fresh.contains(&name) { "fresh" } else { "ok" };
                assert_eq!(end.outcome(name), outcome, "{refused:?} {name}");
            }
            let metadata = after(&metadata, &end);
            assert!(
                ["x_a", "x_b", "y_a", "y_b"].iter().all(|key| metadata[key] == 1),
                "{refused:?}: {metadata}"
            );
        }
    }
    let mut stage = Stage::new(config, json!({}));
    stage.refused = vec!["x_a", "y_a"];
    let end = stage.play(&event(), |_| ok(json!({"v": 1})));
    assert!(after(&json!({}), &end)["login_sync"].is_null(), "nothing to record is no call");
}

/// Null takes away what is there, one key at a time; a system that did not answer well takes nothing away.
#[test]
fn null_removes_a_key() {
    let response = json!({"idToken": null, "accessToken": null, "appMetadata": {"plan": "plan", "id": "id", "old": null,
        "tags": "join(',', tags)"}});
    let config = crm(json!({"freshForSeconds": null, "onFailure": "allow", "response": response}));
    let known = json!({"plan": "gold", "old": {"a": 1}, "tags": "a", "other": 1});
    let table: [(&Json, Reply, Json); 6] = [
        (
            &known,
            ok(json!({"plan": null, "id": 7, "tags": []})),
            json!([["plan", null], ["id", 7], ["old", null], ["tags", ""]]),
        ),
        (&known, ok(json!({"plan": "gold", "tags": 5})), json!([["old", null]])),
        (&json!({"plan": null}), ok(json!({"tags": []})), json!([["tags", ""]])),
        (&json!({}), ok(json!({"tags": 5})), json!([])),
        (&known, status(404), json!([])),
        (&known, error("ECONNRESET"), json!([])),
    ];
    for (known, reply, written) in table {
        let end = Stage::new(config.clone(), json!({})).login(&knowing(known), slice::from_ref(&reply));
        let writes: Vec<Json> =
            end.commands.as_array().unwrap().iter().map(|write| json!([write[1], write[2]])).collect();
        assert_eq!(json!(writes), written, "{known} {}", end.log);
    }
}

/// Users whose answers came at one moment do not come back at one moment, and none sees older data than was said.
#[test]
fn freshness_ends_at_another_time_for_each_user() {
    let config = crm(json!({}));
    let metadata = kept(json!({}), answer());
    let fresh = |number: usize, age: f64| {
        let mut event = knowing(&metadata);
        event["user"]["user_id"] = json!(format!("auth0|{number:024x}"));
        let mut stage = Stage::new(config.clone(), json!({}));
        stage.pass(age * HOUR_MS);
        stage.play(&event, |_| ok(answer())).outcome("crm") == "fresh"
    };
    let share = |age: f64| (0..300).filter(|number| fresh(*number, age)).count() as f64 / 300.0;
    let shares = [0.9 - 1e-6, 0.925, 0.95, 0.975, 1.0].map(share);
    for (share, wanted) in shares.into_iter().zip([1.0, 0.75, 0.5, 0.25, 0.0]) {
        assert!((share - wanted).abs() < 0.1, "{shares:?}");
    }
    assert!(shares[0] > 0.9999 && shares[4] < 0.0001, "none earlier, and none later: {shares:?}");
    for age in [0.91, 0.93, 0.95, 0.97, 0.99] {
        assert_eq!(fresh(7, age), fresh(7, age), "and the same for the same user");
    }
}

/// Where a system is unavailable, data may be older; where it says no, they may not.
#[test]
fn stale_when_unavailable() {
    let over = json!({"staleForSeconds": 7200});
    let metadata = kept(over.clone(), answer());
    let claims = json!([["idToken", NAME, "Ada"], ["accessToken", "level", 3]]);
    let table = [
        (1.5, status(503), "stale:503"),
        (1.5, status(429), "stale:429"),
        (1.5, error("ECONNREFUSED"), "stale:ECONNREFUSED"),
        (1.5, crate::common::silence(), "stale:timeout"),
        (2.999, status(500), "stale:500"),
        (3.0, status(500), "unavailable:500"),
        (1.5, status(404), "rejected:404"),
        (1.5, status(403), "unauthorized:403"),
        (1.5, status(409), "conflict:409"),
        (1.5, crate::common::text(200, "no JSON"), "invalid:200:not-json"),
        (1.5, ok(json!({"name": "Bob"})), "ok:200"),
    ];
    for (hours, reply, why) in table {
        let mut stage = Stage::new(crm(over.clone()), json!({}));
        stage.pass(hours * HOUR_MS);
        let end = stage.login(&knowing(&metadata), slice::from_ref(&reply));
        assert_eq!(end.why("crm"), why, "{hours} h");
        if why.starts_with("stale") {
            assert_eq!(end.commands, claims, "{hours} h: the claims, and nothing is written");
            assert_eq!(end.logged("result"), "allowed");
        } else if !why.starts_with("ok") {
            assert_eq!(end.commands[0][0], "deny", "{hours} h");
        }
    }
    let fresh = Stage::new(crm(over.clone()), json!({})).login(&knowing(&metadata), &[]);
    assert_eq!(fresh.why("crm"), "fresh");
    let stranger = Stage::new(crm(over.clone()), json!({})).login(&event(), &[status(503)]);
    assert_eq!(stranger.why("crm"), "unavailable:503", "nothing is kept of this user");
    let mut wrong_clock = Stage::new(crm(over.clone()), json!({}));
    wrong_clock.skew = -HOUR_MS;
    assert_eq!(wrong_clock.login(&knowing(&metadata), &[status(503)]).why("crm"), "unavailable:503");
    let other = with(over, json!({"response": {"idToken": {"plan": "nickname"}}}));
    let mut stage = Stage::new(crm(other), json!({}));
    assert_eq!(
        stage.login(&knowing(&metadata), &[status(503)]).why("crm"),
        "unavailable:503",
        "of another entry"
    );
    let mut stage = Stage::new(crm(json!({})), json!({}));
    stage.pass(1.5 * HOUR_MS);
    let own = kept(json!({}), answer());
    assert_eq!(own["login_sync"]["crm"]["at"].as_f64(), Some(START));
    assert_eq!(
        stage.login(&knowing(&own), &[status(503)]).why("crm"),
        "unavailable:503",
        "only where it is asked for"
    );
}

/// What a system has withdrawn does not come back when it is unavailable later, and what it has not said no to does.
#[test]
fn what_is_withdrawn_does_not_come_back() {
    let when = json!({"when": "user.user_metadata.asks != `false`"});
    let over = with(json!({"staleForSeconds": 86_400, "onFailure": "allow"}), when);
    let partial = json!({"idToken": {NAME: "name", "plan": "join(',', list)"}});
    let expect = json!({"expect": "active", "idToken": {NAME: "name"}});
    let table = [
        ("404", json!({}), Some(status(404)), false),
        ("410", json!({}), Some(status(410)), false),
        ("403", json!({}), Some(status(403)), false),
        ("401", json!({}), Some(status(401)), false),
        ("409", json!({}), Some(status(409)), false),
        ("expect", json!({"response": expect}), Some(ok(json!({"name": "Ada", "active": false}))), false),
        ("nothing found", json!({}), Some(ok(json!({}))), false),
        ("in part", json!({"response": partial}), Some(ok(json!({"name": "Ada", "list": 5}))), false),
        ("503", json!({}), Some(status(503)), true),
        ("429", json!({}), Some(status(429)), true),
        ("no connection", json!({}), Some(error("ECONNREFUSED")), true),
        ("no JSON", json!({}), Some(crate::common::text(200, "no JSON")), true),
        ("skipped", json!({}), None, true),
        ("no secret", json!({"request": {"headers": {"authorization": {"bearer": "KEY"}}}}), None, true),
    ];
    for (name, more, second, keeps) in table {
        for other in [json!({}), json!({"other": {"at": 1}})] {
            let mut stage = Stage::new(crm(with(over.clone(), more.clone())), json!({"KEY": "key"}));
            let mut event = knowing(&json!({"login_sync": other, "crm_id": 7}));
            let mut metadata = event["user"]["app_metadata"].clone();
            let first =
                stage.login(&event, &[ok(json!({"name": "Ada", "level": 3, "list": ["a"], "active": true}))]);
            metadata = after(&metadata, &first);
            assert!(metadata["login_sync"]["crm"].is_object(), "{name}");
            stage.pass(1.5 * HOUR_MS);
            event["user"]["app_metadata"] = metadata.clone();
            event["user"]["user_metadata"] = json!({"asks": name != "skipped"});
            if name == "no secret" {
                stage.secrets = json!({});
            }
            let replies: Vec<Reply> = second.iter().cloned().collect();
            metadata = after(&metadata, &stage.login(&event, &replies));
            assert_eq!(metadata["crm_id"], 7, "{name}");
            assert_eq!(metadata["login_sync"]["other"], other["other"], "{name}: others are kept");
            if !keeps && other == json!({}) {
                assert_eq!(metadata["login_sync"], json!(null), "{name}: nothing is left");
            }
            stage.secrets = json!({"KEY": "key"});
            stage.pass(60_000.0);
            event["user"]["app_metadata"] = metadata.clone();
            event["user"]["user_metadata"] = json!({});
            let third = stage.login(&event, &[status(503)]);
            assert_eq!(third.outcome("crm"), if keeps { "stale" } else { "unavailable" }, "{name}");
            assert_eq!(third.commands == json!([]), !keeps, "{name}: {}", third.commands);
        }
    }
}

/// A refusal writes only where there is something to take away, and a denied login writes nothing.
#[test]
fn a_refusal_takes_away_only_what_is_there() {
    let old = kept(json!({}), answer());
    let none = json!([]);
    let gone = json!([["appMetadata", "login_sync", null]]);
    let table = [
        ("allow", json!({}), none.clone()),
        ("allow", json!({"login_sync": {}}), none.clone()),
        ("allow", json!({"login_sync": "not ours"}), none.clone()),
        ("allow", json!({"login_sync": {"other": 1}}), none.clone()),
        ("allow", json!({"login_sync": {"crm": 1}}), gone.clone()),
        ("allow", old.clone(), gone),
        ("deny", old, json!([["deny", "We could not complete your login (crm: rejected)."]])),
    ];
    for (policy, metadata, commands) in table {
        let mut stage = Stage::new(crm(json!({"onFailure": policy})), json!({}));
        stage.pass(1.5 * HOUR_MS);
        let end = stage.login(&knowing(&metadata), &[status(404)]);
        assert_eq!(end.commands, commands, "{policy} {metadata}");
    }
}

/// An old record does not outlive an answer for whose own record there is no room, or of which Auth0 refused a key.
#[test]
fn an_old_record_goes_where_the_new_one_cannot_be_written() {
    let response = json!({"idToken": {NAME: "name"}, "appMetadata": {"crm_id": "id"}});
    let over = json!({"staleForSeconds": 86_400, "onFailure": "allow", "response": response});
    let old = kept(over.clone(), json!({"name": "Ada", "id": 1}));
    let table = [
        ("room", "", "Bob".repeat(20_000), json!({}), json!(null)),
        ("room", "", "Bob".repeat(20_000), json!({"other": 1}), json!({"other": 1})),
        ("refused", "crm_id", "Bob".into(), json!({}), json!(null)),
        ("refused", "crm_id", "Bob".into(), json!({"other": 1}), json!({"other": 1})),
    ];
    for (name, refused, answer, other, left) in table {
        let mut metadata = old.clone();
        metadata["login_sync"] = with(metadata["login_sync"].clone(), other);
        let mut stage = Stage::new(crm(over.clone()), json!({}));
        stage.refused = vec![refused];
        stage.pass(1.5 * HOUR_MS);
        let end = stage.login(&knowing(&metadata), &[ok(json!({"name": answer, "id": 2}))]);
        assert_eq!(after(&metadata, &end)["login_sync"], left, "{name}");
        let known = knowing(&json!({}));
        let end =
            Stage::new(crm(over.clone()), json!({})).login(&known, &[ok(json!({"name": answer, "id": 2}))]);
        assert!(
            end.commands.as_array().unwrap().iter().all(|c| c[2] != json!(null)),
            "{name}: nothing was there"
        );
    }
}

/// When the breaker is open, or the budget is over, nothing is sent, and old data will do.
#[test]
fn stale_without_a_call() {
    let over = json!({"staleForSeconds": 7200});
    let metadata = kept(over.clone(), answer());
    let mut stage = Stage::new(crm(over), json!({}));
    stage.pass(1.5 * HOUR_MS);
    for number in 0..40 {
        let mut event = knowing(&metadata);
        event["user"]["user_id"] = json!(format!("auth0|{number}"));
        let end = stage.play(&event, |_| status(503));
        assert_eq!(end.outcome("crm"), "stale");
        if end.sent.is_empty() {
            assert_eq!(end.why("crm"), "stale:breaker");
            return;
        }
    }
    panic!("the breaker never opened");
}
