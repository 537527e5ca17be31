//! A CRM once a day: what it answered is kept in app_metadata, and claims come from there while it is fresh.

use crate::common::{End, START, Stage, event, ok, status, text, with};
use serde_json::{Value as Json, json};

const DAY_MS: f64 = 86_400_000.0;

fn crm(over: Json) -> Json {
    let entry = json!({
        "name": "crm", "when": "user.phone_number",
        "request": {"url": "https://crm.example.com/exist-by-phone", "headers": {"x-api-key": {"secret": "CRM_API_KEY"}},
            "body": {"phoneNumber": "user.phone_number", "extended": true}},
        "response": {"idToken": {"https://crm.example.com/": "@", "https://crm.example.com/name": "name"},
            "appMetadata": {"crm_id": "id"}},
        "freshForSeconds": 86400
    });
    json!({"syncs": [with(entry, over)]})
}

fn stage(over: Json) -> Stage {
    Stage::new(crm(over), json!({"CRM_API_KEY": "k3y"}))
}

/// The app_metadata after this login.
fn metadata(before: &Json, end: &End) -> Json {
    let writes = end.commands.as_array().unwrap().iter().filter(|command| command[0] == "appMetadata");
    writes.fold(before.clone(), |known, write| with(known, json!({write[1].as_str().unwrap(): write[2]})))
}

fn with_metadata(metadata: &Json) -> Json {
    let mut event = event();
    event["user"]["app_metadata"] = metadata.clone();
    event
}

#[test]
fn asked_kept_and_not_asked_again() {
    let mut stage = stage(json!({}));
    let ada = json!({"id": 7, "name": "Ada", "tags": ["vip"]});
    let claims = [
        json!(["idToken", "https://crm.example.com/", ada]),
        json!(["idToken", "https://crm.example.com/name", "Ada"]),
    ];

    let end = stage.login(&event(), &[ok(ada.clone())]);
    let sent = end.sent.first().unwrap();
    assert_eq!(sent.header("x-api-key"), Some("k3y"));
    assert_eq!(sent.request.body.as_deref(), Some(r#"{"phoneNumber":"+4420","extended":true}"#));
    let commands = end.commands.as_array().unwrap();
    assert_eq!(commands[..2], claims);
    assert_eq!(commands[2], json!(["appMetadata", "crm_id", 7]));
    assert_eq!((&commands[3][1], commands.len()), (&json!("login_sync"), 4));
    let record = &commands[3][2]["crm"];
    assert_eq!(record["at"].as_f64(), Some(START));
    // As text: Auth0 refuses keys with a dot in metadata, at any depth.
    let kept: Json = serde_json::from_str(record["claims"].as_str().unwrap()).unwrap();
    assert_eq!(kept[0], json!({"https://crm.example.com/": ada, "https://crm.example.com/name": "Ada"}));
    assert!(kept.as_array().unwrap()[1..].iter().all(Json::is_null), "claims and nothing else: {kept}");

    let kept = metadata(&json!({}), &end);
    // Freshness ends up to a tenth early.
    for (name, pass, outcome) in [("at once", 0.0, "fresh"), ("in time", 0.9 * DAY_MS - 1.0, "fresh")] {
        stage.pass(pass);
        let end = stage.login(&with_metadata(&kept), &[]);
        assert_eq!(end.why("crm"), outcome, "{name}");
        assert_eq!(end.commands, json!(claims), "{name}");
    }
    stage.pass(0.1 * DAY_MS + 1.0);
    let end = stage.login(&with_metadata(&kept), &[ok(ada)]);
    assert_eq!(end.why("crm"), "ok:200", "a day later");
    let writes: Vec<_> = end.commands.as_array().unwrap()[2..].iter().map(|write| write[1].clone()).collect();
    assert_eq!(writes, [json!("login_sync")], "the id has not changed: only the record is written");
}

/// A record that counts for something else than a fresh answer of this entry is as good as none.
#[test]
fn records_that_do_not_count() {
    let mut first = stage(json!({}));
    let kept = metadata(&json!({}), &first.login(&event(), &[ok(json!({"id": 7, "name": "Ada"}))]));
    let at = |at: Json| with(kept.clone(), json!({"login_sync": {"crm": {"at": at}}}));
    let other = json!({"response": {"idToken": {"https://crm.example.com/name": "nick"}}});
    let table = [
        ("fresh", json!({}), kept.clone(), "fresh"),
        ("of another user's making", json!({}), json!({"login_sync": "x"}), "ok"),
        ("no time", json!({}), at(json!(null)), "ok"),
        ("a time that is no number", json!({}), at(json!("now")), "ok"),
        ("a clock that was wrong", json!({}), at(json!(START + 1.0)), "ok"),
        ("a time long ago", json!({}), at(json!(0)), "ok"),
        ("the entry asks for another claim", other, kept.clone(), "ok"),
        (
            "the entry asks another system",
            json!({"request": {"url": "https://erp.example.com/"}}),
            kept.clone(),
            "ok",
        ),
        ("the entry has another name", json!({"name": "erp"}), kept.clone(), "ok"),
        ("it is fresh for less", json!({"freshForSeconds": 60}), kept.clone(), "ok"),
        ("not for a user without a phone", json!({"when": "user.fax_number"}), kept, "skipped"),
    ];
    for (name, over, metadata, outcome) in table {
        let system = over["name"].as_str().unwrap_or("crm").to_string();
        let end = stage(over).play(&with_metadata(&metadata), |_| ok(json!({"id": 7})));
        assert_eq!(end.outcome(&system), outcome, "{name}");
        assert_eq!(end.sent.len(), usize::from(outcome == "ok"), "{name}");
    }
}

#[test]
fn a_failure_keeps_nothing_and_lets_the_login_pass() {
    for reply in [status(503), status(404), text(200, "no"), status(302)] {
        let end = stage(json!({"retries": 0})).login(&event(), &[reply]);
        assert_eq!(end.commands, json!([]), "{}", end.log);
    }
}

#[test]
fn the_records_of_others_are_kept() {
    let others = json!({"login_sync": {"erp": {"at": 1}, "crm": {"at": 2}}, "plan": "gold"});
    let end = stage(json!({})).login(&with_metadata(&others), &[ok(json!({"id": 7}))]);
    let after = metadata(&others, &end);
    assert_eq!(after["login_sync"]["erp"], json!({"at": 1}));
    assert_eq!(after["login_sync"]["crm"]["at"].as_f64(), Some(START));
    assert_eq!(after["plan"], "gold");
}

#[test]
fn metadata_is_written_only_when_it_changes() {
    let once = |known: Json, answer: Json| {
        let event = with_metadata(&json!({"crm_id": known}));
        stage(json!({"freshForSeconds": null, "response": {"idToken": null}}))
            .login(&event, &[ok(answer)])
            .commands
    };
    let written = |value: Json| json!([["appMetadata", "crm_id", value]]);
    assert_eq!(once(json!(null), json!({"id": 7})), written(json!(7)));
    assert_eq!(once(json!(7), json!({"id": 7})), json!([]));
    assert_eq!(once(json!("7"), json!({"id": 7})), written(json!(7)));
    assert_eq!(once(json!({"a": [1]}), json!({"id": {"a": [1]}})), json!([]));
    assert_eq!(once(json!({"a": [1]}), json!({"id": {"a": [2]}})), written(json!({"a": [2]})));
    assert_eq!(once(json!(7), json!({"id": null})), written(json!(null)), "null takes it away");
    assert_eq!(once(json!({"a": [1]}), json!({})), written(json!(null)), "so does what is not there");
    assert_eq!(once(json!(null), json!({"id": null})), json!([]), "where there is nothing to take, no call");
}

/// Auth0 keeps 32 kB of app_metadata; a write beyond would fail a login that is decided.
#[test]
fn what_is_too_large_is_not_written() {
    let record = |size: usize| json!({"id": 7, "name": "x".repeat(size)});
    let writes = |end: &End| -> Vec<String> {
        let commands = end.commands.as_array().unwrap().iter().filter(|command| command[0] == "appMetadata");
        commands.map(|command| command[1].as_str().unwrap().to_string()).collect()
    };
    let empty = json!({});
    let full = json!({"notes": "x".repeat(31_990)});
    let written = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
    let table = [
        ("room enough", &empty, json!({}), record(10_000), written(&["crm_id", "login_sync"]), ""),
        ("a large answer", &empty, json!({}), record(40_000), written(&["crm_id"]), "metadata-full"),
        (
            "room for the record alone",
            &empty,
            json!({"response": {"idToken": {"https://crm.example.com/": null}, "appMetadata": {"all": "@"}}}),
            record(40_000),
            written(&["crm_id"]),
            "metadata-full",
        ),
        ("full already", &full, json!({}), record(1), written(&[]), "metadata-full"),
        (
            "a large value",
            &empty,
            json!({"response": {"idToken": {"https://crm.example.com/": null}, "appMetadata": {"all": "@"}}, "freshForSeconds": null}),
            record(40_000),
            written(&["crm_id"]),
            "metadata-full",
        ),
        (
            "the old value goes",
            &json!({"crm_id": "x".repeat(31_990)}),
            json!({"freshForSeconds": null}),
            record(1),
            written(&["crm_id"]),
            "",
        ),
        (
            "a key goes from what is too full",
            &json!({"crm_id": 7, "notes": "x".repeat(40_000)}),
            json!({"freshForSeconds": null}),
            json!({"name": "x"}),
            written(&["crm_id"]),
            "",
        ),
    ];
    for (name, known, over, answer, written, warned) in table {
        let end = stage(over).login(&with_metadata(known), &[ok(answer)]);
        assert_eq!(writes(&end), written, "{name}");
        assert_eq!(end.logged("warn"), warned, "{name}");
        assert_eq!(end.commands[0][0], "idToken", "{name}: the claims are set all the same");
    }
}

/// A custom database may put anything there; Auth0 throws when it is written to.
#[test]
fn app_metadata_that_is_no_object_is_not_written_to() {
    let once =
        |over: Json, metadata: Json| stage(over).login(&with_metadata(&metadata), &[ok(json!({"id": 7}))]);
    for metadata in [json!("text"), json!([1]), json!(true)] {
        for fresh in [json!(86400), json!(null)] {
            let end = once(json!({"freshForSeconds": fresh}), metadata.clone());
            assert_eq!(
                end.commands,
                json!([["idToken", "https://crm.example.com/", {"id": 7}]]),
                "{metadata}"
            );
            assert_eq!(end.logged("warn"), "metadata-not-an-object", "{metadata}");
        }
    }
    let end = once(json!({}), json!(null));
    assert_eq!(end.commands.as_array().unwrap().len(), 3, "absent is empty");
}
