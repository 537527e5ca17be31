//! What a login gets in addition to claims: both metadata, SAML attributes, scopes, and a reason that an expression gives.

use crate::common::config::{accepts, problems};
use crate::common::{End, Stage, entry, event, ok, one, somebody, status, with};
use serde_json::{Value as Json, json};

/// A login by this config alone, of a user who has this.
fn login(config: &Json, user: Json) -> End {
    Stage::new(with(json!({"syncs": []}), config.clone()), json!({}))
        .login(&with(event(), json!({"user": user})), &[])
}

/// The same, with an answer of the one entry, which has this `response`.
fn answered(response: Json, user: Json, answer: &Json) -> End {
    let stage = &mut Stage::new(one(json!({"response": response})), json!({}));
    stage.login(&with(event(), json!({"user": user})), &[ok(answer.clone())])
}

const BOTH: [(&str, &str); 2] = [("appMetadata", "app_metadata"), ("userMetadata", "user_metadata")];

#[test]
fn metadata_of_the_event() {
    let mapping = json!({"mail": "user.email", "seen": true, "at": {"country": "request.geoip.countryCode"}, "x": "user.x"});
    let set = json!({"mail": "ada@example.com", "seen": true, "at": {"country": "GB"}});
    let table = [
        (json!({}), json!([["mail", set["mail"]], ["seen", true], ["at", set["at"]]])),
        (json!(null), json!([["mail", set["mail"]], ["seen", true], ["at", set["at"]]])),
        (set.clone(), json!([])),
        (with(set.clone(), json!({"seen": false, "x": 7})), json!([["seen", true], ["x", null]])),
        (with(set.clone(), json!({"at": {"country": "FR", "city": "Paris"}})), json!([["at", set["at"]]])),
    ];
    for (field, of) in BOTH {
        for (known, wanted) in &table {
            let end = login(&json!({field: mapping}), json!({of: known}));
            let written: Vec<Json> =
                wanted.as_array().unwrap().iter().map(|w| json!([field, w[0], w[1]])).collect();
            assert_eq!(end.commands, json!(written), "{field} {known}");
        }
    }
}

/// Another order of keys is no change: a login a minute must not write a minute.
#[test]
fn metadata_in_another_order_are_not_written_again() {
    let config =
        json!({"userMetadata": {"at": {"a": "user.email", "b": "`1`", "c": [1.0, {"d": 2, "e": "`null`"}]}}});
    let known = json!({"at": {"c": [1, {"d": 2}], "b": 1.0, "a": "ada@example.com"}});
    assert_eq!(login(&config, json!({"user_metadata": known})).commands, json!([]));
}

/// An object of which nothing is left is null, as the user who reads it expects: the plan is over.
#[test]
fn an_object_of_nothing_removes_its_key() {
    let mapping = json!({"plan": {"tier": "tier", "of": {"team": "team"}}});
    let gold = json!({"tier": "gold", "of": {"team": "a"}});
    let table = [
        (json!({"tier": "gold", "team": "a"}), json!({}), json!([["plan", gold]])),
        (json!({"tier": "gold"}), json!({}), json!([["plan", {"tier": "gold", "of": {}}]])),
        (json!({"tier": null, "team": null}), json!({"plan": gold}), json!([["plan", null]])),
        (json!({}), json!({"plan": {}}), json!([["plan", null]])),
        (json!({}), json!({}), json!([])),
    ];
    for (field, of) in BOTH {
        for (answer, known, wanted) in &table {
            let end = answered(json!({field: mapping}), json!({of: known}), answer);
            let written: Vec<Json> =
                wanted.as_array().unwrap().iter().map(|w| json!([field, w[0], w[1]])).collect();
            assert_eq!(end.commands, json!(written), "{field} {answer} {known}");
        }
        let meant = login(&json!({field: {"a": {}, "b": "`{}`"}}), json!({of: {}}));
        assert_eq!(meant.commands, json!([[field, "a", {}], [field, "b", {}]]), "an empty object is itself");
    }
    let claim = answered(json!({"idToken": mapping}), json!({}), &json!({}));
    assert_eq!(claim.commands, json!([["idToken", "plan", {"of": {}}]]), "a claim is as before");
}

#[test]
fn both_metadata_have_room_of_their_own() {
    let long = |length: usize| "x".repeat(length);
    for (field, of) in BOTH {
        let full = if field == "appMetadata" { "metadata-full" } else { "user-metadata-full" };
        // `"a":"…",` in braces, alone or after another
        let table = [(0, 31_991, ""), (0, 31_992, full), (16_000, 15_985, ""), (16_000, 15_986, full)];
        for (known, new, warning) in table {
            let before = if known == 0 { json!({}) } else { json!({"b": long(known)}) };
            let end = login(&json!({field: {"a": "user.name"}}), json!({"name": long(new), of: before}));
            assert_eq!(end.logged("warn"), warning, "{field} {known} {new}");
            assert_eq!(end.commands == json!([]), !warning.is_empty(), "{field} {known} {new}");
        }
        let end =
            login(&json!({field: {"a": "user.name"}}), json!({of: {"a": long(40_000), "b": long(40_000)}}));
        assert_eq!(end.commands, json!([[field, "a", "Ada Lovelace"]]), "what gets smaller is written");
        let end = login(&json!({field: {"a": "user.email"}}), json!({of: ["no object"]}));
        let word =
            if field == "appMetadata" { "metadata-not-an-object" } else { "user-metadata-not-an-object" };
        assert_eq!((end.logged("warn"), &end.commands), (word, &json!([])));
    }
    let full = json!({"app_metadata": {"x": long(31_980)}});
    let config = json!({"appMetadata": {"a": "user.name"}, "userMetadata": {"a": "user.name"}});
    let end = login(&config, full);
    assert_eq!(end.commands, json!([["userMetadata", "a", "Ada Lovelace"]]), "one is full, the other is not");
}

#[test]
fn user_metadata_of_an_answer() {
    let response = json!({"userMetadata": {"plan": "plan", "notified": true}});
    let known = json!({"user_metadata": {"plan": "gold", "notified": true}});
    let end = answered(response.clone(), known.clone(), &json!({"plan": null}));
    assert_eq!(end.commands, json!([["userMetadata", "plan", null]]));
    for reply in [status(404), status(503)] {
        let mut stage = Stage::new(one(json!({"response": response, "retries": 0})), json!({}));
        let end = stage.login(&with(event(), json!({"user": known})), &[reply]);
        assert_eq!(end.commands, json!([]), "{}", end.log);
    }
}

/// A 204 holds no JSON, and Slack's `ok` is none; a literal needs neither.
#[test]
fn constants_need_no_answer() {
    let response =
        json!({"appMetadata": {"notified": true}, "userMetadata": {"by": "'crm'"}, "saml": {"told": 1}});
    for reply in [status(204), crate::common::text(200, "ok"), crate::common::unreadable(200, "empty")] {
        let end = Stage::new(one(json!({"response": response})), json!({})).login(&event(), &[reply]);
        let wanted =
            json!([["saml", "told", 1], ["appMetadata", "notified", true], ["userMetadata", "by", "crm"]]);
        assert_eq!(end.commands, wanted, "{}", end.log);
    }
}

/// A key that Auth0 refuses is not fresh: of the right metadata.
#[test]
fn a_refused_key_of_either_metadata_is_asked_for_again() {
    let response = json!({"idToken": {"v": "v"}, "userMetadata": {"b": "v"}});
    let mut stage = Stage::new(one(json!({"freshForSeconds": 3600, "response": response})), json!({}));
    for (refused, kept) in [("a", true), ("b", false)] {
        stage.refused = vec![refused];
        let end = stage.login(&event(), &[ok(json!({"v": 1}))]);
        let commands = end.commands.as_array().unwrap();
        assert_eq!(
            commands.iter().any(|command| command[1] == "login_sync"),
            kept,
            "{refused}: {commands:?}"
        );
    }
}

/// A record in which nothing stands, of an entry that asks for something: someone wrote it, or took the key away since.
#[test]
fn a_record_of_nothing_is_fresh_only_with_its_key() {
    for (field, of) in BOTH {
        for claims in [json!({}), json!({"idToken": {"v": "v"}})] {
            let response = with(claims, json!({field: {"id": "id", "fixed": 1}}));
            let config = one(json!({"freshForSeconds": 3600, "response": response}));
            let mut stage = Stage::new(config, json!({}));
            let end = stage.login(&event(), &[ok(json!({"id": 7}))]);
            let commands = end.commands.as_array().unwrap();
            let record = commands.iter().find(|c| c[1] == "login_sync").unwrap()[2].clone();
            assert_eq!(record["crm"]["claims"], "[null,null]");
            for (keys, fresh) in [(json!({"id": 7}), true), (json!({}), false), (json!({"fixed": 1}), false)]
            {
                let user = with(json!({of: keys}), json!({"app_metadata": {"login_sync": record}}));
                let replies = if fresh { vec![] } else { vec![ok(json!({"id": 7}))] };
                let end = stage.login(&with(event(), json!({ "user": user })), &replies);
                assert_eq!(end.outcome("crm"), if fresh { "fresh" } else { "ok" }, "{field} {keys}");
            }
        }
    }
}

#[test]
fn saml_attributes() {
    let name = "https://aws.amazon.com/SAML/Attributes/Role";
    let table = [
        (json!("a"), true, ""),
        (json!(""), true, ""),
        (json!(7), true, ""),
        (json!(false), true, ""),
        (json!(["a", 1, true]), true, ""),
        (json!([]), true, ""),
        (json!(null), false, ""),
        (json!({"a": 1}), false, "saml-invalid"),
        (json!(["a", null]), false, "saml-invalid"),
        (json!(["a", ["b"]]), false, "saml-invalid"),
        (json!("x".repeat(1998)), true, ""),
        (json!("x".repeat(1999)), false, "saml-too-large"),
        (json!(["x".repeat(996), "y".repeat(997)]), true, ""),
        (json!(["x".repeat(997), "y".repeat(997)]), false, "saml-too-large"),
    ];
    for (value, set, warning) in table {
        let from_event =
            login(&json!({"saml": {name: "user.role", "b": "user.email"}}), json!({"role": value}));
        let from_answer = answered(
            json!({"saml": {name: "role", "b": "'ada@example.com'"}}),
            json!({}),
            &json!({"role": value}),
        );
        for end in [from_event, from_answer] {
            let mut wanted = if set { vec![json!(["saml", name, value])] } else { vec![] };
            wanted.push(json!(["saml", "b", "ada@example.com"]));
            assert_eq!(end.commands, json!(wanted), "{value}");
            assert_eq!(end.logged("warn"), warning, "{value}");
        }
    }
}

/// An attribute of an answer is set at each login, like a claim: fresh, stale and reused ones too.
#[test]
fn saml_attributes_are_kept_with_an_answer() {
    let response = json!({"saml": {"seat": "seat"}});
    let over = json!({"freshForSeconds": 3600, "staleForSeconds": 3600, "response": response});
    let mut stage = Stage::new(one(over), json!({}));
    let set = json!([["saml", "seat", 4]]);
    let end = stage.login(&event(), &[ok(json!({"seat": 4}))]);
    assert_eq!(end.commands[0], set[0]);
    let user = with(event(), json!({"user": {"app_metadata": {"login_sync": end.commands[1][2]}}}));
    let fresh = stage.login(&user, &[]);
    assert_eq!((fresh.outcome("crm"), &fresh.commands), ("fresh", &set));
    stage.pass(3_600_000.0);
    let later = stage.play(&user, |_| status(503));
    assert_eq!((later.outcome("crm"), &later.commands), ("stale", &set));
}

#[test]
fn scopes() {
    let add = |items: Json| json!({"scopes": {"add": items}});
    let many: Vec<String> = (0..501).map(|number| format!("s{number}")).collect();
    let table = [
        (add(json!(["'read:x'"])), json!(["+read:x"]), ""),
        (add(json!(["user.app_metadata.scopes"])), json!(["+a", "+b"]), ""),
        (add(json!(["user.none", "`null`", "`[null]`"])), json!([]), ""),
        (add(json!(["user.app_metadata.scopes", "'b'", "'c'"])), json!(["+a", "+b", "+c"]), "each once"),
        (add(json!(["user.name", "'c'"])), json!(["+c"]), "scopes-invalid"),
        (add(json!(["user.email_verified", "''|| user.app_metadata"])), json!([]), "scopes-invalid"),
        (
            add(json!(["join('', ['a', user.quote])", "user.app_metadata.odd"])),
            json!(["+fine"]),
            "scopes-invalid",
        ),
        (add(json!(["length(user.none)", "'c'"])), json!(["+c"]), "claims-expression"),
        (
            add(json!(["user.many"])),
            json!(many[..500].iter().map(|s| format!("+{s}")).collect::<Vec<_>>()),
            "scopes-invalid",
        ),
        (json!({"scopes": {"remove": ["user.app_metadata.scopes"]}}), json!(["-a", "-b"]), ""),
        (
            json!({"scopes": {"add": ["user.app_metadata.scopes"], "remove": ["user.email && 'b'"]}}),
            json!(["-b", "+a"]),
            "taking away counts for more",
        ),
    ];
    let user = json!({"app_metadata": {"scopes": ["a", "b"], "odd": ["fine", "two words", "", "é", "\u{7f}", "back\\slash"]}, "quote": "\"", "many": many});
    for (config, wanted, warning) in table {
        let end = login(&config, user.clone());
        let sign = |command: &Json| {
            let sign = if command[0] == "addScope" { "+" } else { "-" };
            format!("{sign}{}", command[1].as_str().unwrap())
        };
        let asked: Vec<String> = end.commands.as_array().unwrap().iter().map(sign).collect();
        assert_eq!(json!(asked), wanted, "{config}");
        let warned = end.logged("warn");
        assert!(warning == warned || warning.contains(' ') && warned.is_empty(), "{config}: {warned}");
    }
}

/// The second factor first, then all the rest; and nothing of it for a login that is denied, by whatever.
#[test]
fn a_denied_login_gets_nothing() {
    let gets = json!({
        "claims": {"idToken": {"a": "user.email"}}, "appMetadata": {"a": 1}, "userMetadata": {"a": 1}, "saml": {"a": 1},
        "scopes": {"add": ["'a'"], "remove": ["'b'"]},
        "mfa": [{"when": "user.app_metadata.careful", "provider": "any"}],
        "deny": [{"when": "user.app_metadata.blocked", "reason": "No."}],
        "syncs": [entry(json!({"onFailure": "deny", "retries": 0, "response": {"idToken": {"b": "v"}, "accessToken": {"b": "v"},
            "appMetadata": {"b": "v"}, "userMetadata": {"b": "v"}, "saml": {"b": "v"}}}))]
    });
    let mut stage = Stage::new(gets, json!({}));
    let user = |metadata: Json| with(event(), json!({"user": {"app_metadata": metadata}}));
    let kinds = |end: &End| -> Vec<Json> {
        end.commands.as_array().unwrap().iter().map(|command| command[0].clone()).collect()
    };
    let whole = stage.login(&user(json!({"careful": true})), &[ok(json!({"v": 1}))]);
    let wanted = [
        "multifactor",
        "removeScope",
        "addScope",
        "idToken",
        "saml",
        "idToken",
        "accessToken",
        "saml",
        "appMetadata",
        "userMetadata",
        "appMetadata",
        "userMetadata",
    ];
    assert_eq!(kinds(&whole), wanted);
    assert_eq!(kinds(&stage.play(&user(json!({"blocked": true})), |_| ok(json!({})))), ["deny"]);
    let replies = [status(400), status(401), status(409), status(503), crate::common::text(200, "no JSON")];
    for (number, reply) in replies.into_iter().enumerate() {
        assert_eq!(kinds(&stage.login(&somebody(number), &[reply])), ["deny"]);
    }
}

#[test]
fn a_reason_that_an_expression_gives() {
    let fixed = "We could not complete your login.";
    let (long, most) = ("é".repeat(300), "é".repeat(200));
    let table = [
        (json!("On hold until May."), "On hold until May."),
        (json!("  two\r\nlines\u{2028}and\u{202e}more\t "), "two  lines and more  "),
        (json!(long), &most),
        (json!(""), fixed),
        (json!(" \n"), fixed),
        (json!(null), fixed),
        (json!(7), fixed),
        (json!({"a": 1}), fixed),
    ];
    for (why, wanted) in table {
        for value in ["user.app_metadata.why", "user.app_metadata.why || length(user.nothing)"] {
            let config = json!({"deny": [{"when": "`true`", "reason": {"value": value}}]});
            let end = login(&config, json!({"app_metadata": {"why": why}}));
            assert_eq!(end.commands, json!([["deny", wanted]]), "{why}");
        }
    }
}

#[test]
fn what_is_taken() {
    accepts(&[
        json!({"appMetadata": {"a": null}, "userMetadata": {"login_sync": 1}, "saml": {"x".repeat(1000): 1}}),
        json!({"scopes": {}}),
        json!({"scopes": {"add": [], "remove": null}}),
        json!({"scopes": {"add": ["`[\"a\", \"b\"]`"]}}),
        json!({"deny": [{"when": "a", "reason": {"value": "user.why"}}]}),
        one(json!({"response": {"userMetadata": null, "saml": null}})),
    ]);
    let far = problems(&json!({"saml": {"x".repeat(1001): 1}}));
    assert!(
        far[0].ends_with("is not a valid attribute name: it must be one line of at most 1,000 bytes"),
        "{far:?}"
    );
}

#[test]
fn nothing_is_set_twice() {
    for field in ["appMetadata", "userMetadata", "saml"] {
        let entry = |name: &str, key: &str| entry(json!({"name": name, "response": {field: {key: "v"}}}));
        accepts(&[json!({field: {"a": 1}, "syncs": [entry("crm", "b"), entry("shop", "c")]})]);
    }
    accepts(&[
        json!({"appMetadata": {"a": 1}, "userMetadata": {"a": 1}, "saml": {"a": 1}, "claims": {"idToken": {"a": 1}}}),
    ]);
    let attributes = |from: usize, to: usize| -> Json {
        (from..to).map(|number| (format!("a{number}"), json!(1))).collect::<serde_json::Map<_, _>>().into()
    };
    let shop = entry(json!({"response": {"saml": attributes(60, 161)}}));
    let refused = [
        (json!({"saml": attributes(0, 101), "syncs": []}), "config.saml"),
        (json!({"syncs": [shop]}), "config.syncs[0].response.saml"),
    ];
    for (config, path) in refused {
        assert_eq!(problems(&config), [format!("{path}: has too many attributes: Auth0 takes 100")]);
    }
    let config = |all: usize| json!({"saml": attributes(0, 60), "syncs": [entry(json!({"response": {"saml": attributes(60, all)}}))]});
    for (all, warning) in [(100, ""), (101, "saml-too-many")] {
        let end = Stage::new(config(all), json!({})).login(&event(), &[ok(json!({}))]);
        assert_eq!((end.commands.as_array().unwrap().len(), end.logged("warn")), (100, warning));
    }
}

/// Each of them is something to do.
#[test]
fn one_of_them_alone_is_a_config() {
    let table = [
        json!({"appMetadata": {"a": 1}}),
        json!({"userMetadata": {"a": 1}}),
        json!({"saml": {"a": 1}}),
        json!({"scopes": {"add": ["'a'"]}}),
        json!({"scopes": {"remove": ["'a'"]}}),
    ];
    for config in table {
        let mut stage = Stage::new(config.clone(), json!({}));
        assert_eq!(stage.login(&event(), &[]).commands.as_array().unwrap().len(), 1, "{config}");
        assert_eq!(stage.engine.guards() & 1 != 0, !config["scopes"]["remove"].is_null(), "{config}");
        assert_eq!(stage.register(&event(), |_| panic!("a request")).commands, json!([]), "{config}");
    }
}
