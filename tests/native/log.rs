//! The one line of the log: what it says, what it never says, and that it fits.

use crate::common::{Reply, Stage, entry, error, event, ok, one, status, token_until, with};
use serde_json::{Value as Json, json};

#[test]
fn logfmt() {
    let config = json!({"syncs": [entry(json!({})), entry(json!({"name": "erp", "when": "user.fax"})),
        entry(json!({"name": "shop", "retries": 0}))]});
    let mut replies = [ok(json!({})).after(131.0), status(503).after(20.0)].into_iter();
    let end = Stage::new(config, json!({})).play(&event(), |_| replies.next().unwrap());
    assert_eq!(
        end.log,
        "login-sync trigger=post-login result=allowed ms=131 id=tx_1 shop=unavailable:503:20ms:1 crm=ok:200:131ms:1 erp=skipped"
    );
}

#[test]
fn json() {
    let config = with(one(json!({"retries": 0})), json!({"log": "json"}));
    let end = Stage::new(config, json!({})).login(&event(), &[error("ECONNREFUSED")]);
    let read: Json = serde_json::from_str(&end.log).unwrap();
    assert_eq!(
        read,
        json!({"app": "login-sync", "trigger": "post-login", "result": "allowed", "ms": "0", "id": "tx_1",
            "crm": "unavailable:ECONNREFUSED:0ms:1"})
    );
}

#[test]
fn ids() {
    let id = |over: Json| {
        let claims = json!({"claims": {"idToken": {"a": "'b'"}}});
        let end = Stage::new(claims, json!({})).login(&with(event(), over), &[]);
        end.log.strip_prefix("login-sync trigger=post-login result=allowed ms=0").unwrap().to_string()
    };
    let table = [
        (json!({}), " id=tx_1"),
        (json!({"transaction": {"id": "a-b_c.D9"}}), " id=a-b_c.D9"),
        (json!({"transaction": null, "session": {"id": "s_1"}}), " id=s_1"),
        (json!({"transaction": null}), ""),
        (json!({"transaction": {"id": 7}}), ""),
        (json!({"transaction": {"id": "a\r\nresult=denied \"x\" é\u{0}"}}), " id=aresultdeniedx"),
        (json!({"transaction": {"id": " =\n"}}), ""),
    ];
    for (over, wanted) in table {
        assert_eq!(id(over.clone()), wanted, "{over}");
    }
    let long = id(json!({"transaction": {"id": "x".repeat(1000)}}));
    assert_eq!(long, format!(" id={}", "x".repeat(48)));
}

fn many(format: &str) -> Stage {
    let names = (0..10).map(|i| format!("a-system-with-a-name-of-32-chr-{i}"));
    let syncs: Vec<_> = names
        .map(|name| {
            entry(json!({"name": name, "retries": 0, "request": {"headers": {"x-key": {"secret": name}}}}))
        })
        .collect();
    let secrets: serde_json::Map<String, Json> = syncs
        .iter()
        .map(|sync| (sync["name"].as_str().unwrap().to_string(), json!(token_until(-1.0))))
        .collect();
    Stage::new(json!({"syncs": syncs, "log": format}), Json::Object(secrets))
}

/// Auth0 keeps 256 characters: whole fields only, those that failed first.
#[test]
fn ten_systems_with_long_names() {
    let hostile = with(event(), json!({"transaction": {"id": "y".repeat(20)}}));
    for format in ["logfmt", "json"] {
        let mut number = 0;
        let end = many(format).play(&hostile, |_| {
            number += 1;
            if number > 8 { status(404).after(12345.0 / 10.0) } else { ok(json!({})) }
        });
        assert!(end.log.len() <= 256);
        let fields: Vec<String> = if format == "json" {
            let read: serde_json::Map<String, Json> = serde_json::from_str(&end.log).unwrap();
            read.iter().skip(1).map(|(key, value)| format!("{key}={}", value.as_str().unwrap())).collect()
        } else {
            end.log.split(' ').skip(1).map(str::to_string).collect()
        };
        assert!(
            fields.iter().all(|field| field.split_once('=').is_some_and(|(_, value)| !value.is_empty())),
            "{fields:?}"
        );
        let systems: Vec<_> = fields.iter().filter(|field| field.starts_with("a-system")).collect();
        assert!(systems.first().is_some_and(|field| field.contains("rejected:404:1234ms:1")), "{fields:?}");
        let warned = "warn=a-system-with-a-name-of-32-chr-0-expired,more";
        assert!(fields.iter().any(|field| field == warned), "{fields:?}");
    }
}

/// Whatever a login is made of, nothing of it is in the line.
#[test]
fn nothing_personal_and_no_secret() {
    let marked = json!({
        "user": {"user_id": "auth0|MARK", "email": "MARK@example.com", "name": "MARK", "phone_number": "+MARK",
            "app_metadata": {"a": "MARK"}, "user_metadata": {"MARK": 1}},
        "request": {"ip": "MARK", "body": {"password": "MARK"}, "query": {"code": "MARK"}, "user_agent": "MARK"},
        "client": {"client_id": "MARK"}, "connection": {"name": "MARK"}, "organization": {"name": "MARK"}
    });
    let config = one(json!({"retries": 0, "onFailure": {"deny": "MARK is no reason for the log"},
        "request": {"url": "https://MARK.example.com/MARK/{id}?q={email}", "params": {"id": "user.user_id", "email": "user.email"},
            "headers": {"authorization": {"bearer": "KEY"}, "x-mark": "MARK"}, "body": {"MARK": "user"}},
        "response": {"token": "t", "idToken": {"MARK": "t"}}}));
    let replies: [Reply; 7] = [
        ok(json!({"t": "MARK", "MARK": "MARK"})),
        crate::common::text(200, "MARK"),
        crate::common::text(400, "{\"message\":\"MARK\"}"),
        status(401),
        status(503).retry_after("MARK"),
        ok(json!({"t": token_until(60.0), "MARK": 1})),
        error("ECONNRESET"),
    ];
    for reply in replies {
        let mut stage = Stage::new(config.clone(), json!({"KEY": "MARK"}));
        let end = stage.login(&with(event(), marked.clone()), &[reply]);
        assert!(!end.log.to_lowercase().contains("mark"), "{}", end.log);
    }
}

#[test]
fn an_expired_secret_is_named() {
    let bearer = |secret: &str| {
        let config = one(json!({"request": {"headers": {"authorization": {"bearer": ["OLD", "NEW"]}}}}));
        Stage::new(config, json!({"OLD": secret, "NEW": token_until(10.0)}))
    };
    let warned = |end: &crate::common::End| end.logged("warn").to_string();
    let mut stage = bearer(&token_until(-1.0));
    assert_eq!(warned(&stage.login(&event(), &[ok(json!({}))])), "OLD-expired", "though it still works");
    let end = stage.login(&event(), &[status(401), ok(json!({}))]);
    assert_eq!(warned(&end), "", "the other secret is good");
    stage.pass(20_000.0);
    assert_eq!(warned(&stage.login(&event(), &[ok(json!({}))])), "NEW-expired", "until it is not");
    for secret in [token_until(60.0), "opaque".to_string(), crate::common::token(&json!({}))] {
        assert_eq!(warned(&bearer(&secret).login(&event(), &[ok(json!({}))])), "");
    }
    let mut unused = Stage::new(
        one(json!({"when": "user.fax", "request": {"headers": {"authorization": {"bearer": "OLD"}}}})),
        json!({"OLD": token_until(-1.0)}),
    );
    assert_eq!(warned(&unused.login(&event(), &[])), "", "a secret that was not used is not spoken of");
}

#[test]
fn a_refused_config_is_cut_to_fit() {
    for (name, config) in [
        ("a long path", json!({"claims": {"idToken": {"x".repeat(300): "("}}})),
        ("letters beyond ascii", json!({"é\"\n": 1, "claims": {"idToken": {"é\n\"": "("}}})),
        ("a hundred problems", json!({"syncs": vec![json!({"nome": "x"}); 60]})),
    ] {
        let end = Stage::any(config, json!({}), 0.0).login(&event(), &[]);
        let line = end.log.strip_prefix("login-sync trigger=post-login result=refused problem=\"").unwrap();
        assert!(line.ends_with('"') && line.matches('"').count() == 1, "{name}: {}", end.log);
        assert!(name != "a hundred problems" || line.contains(" more)\""), "{name}: {}", end.log);
    }
}
