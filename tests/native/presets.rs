//! Presets: switched on by their secrets, and what an entry lays over them.

use crate::common::config::problems_with;
use crate::common::{Stage, event, ok, status, with};
use login_sync::{Config, Native};
use serde_json::{Value as Json, json};

#[test]
fn presets_switched_on_by_their_secrets() {
    let cleeng = json!({"CLEENG_CLIENT_SECRET": "s"});
    let userhub = json!({"USERHUB_API_KEY": "s", "USERHUB_CONNECTION_ID": "c"});
    let okta = json!({"OKTA_WORKFLOWS_URL": "https://example.com/"});
    let all = with(with(cleeng.clone(), userhub.clone()), okta.clone());
    let table: [(&str, Json, Json, &[&str]); 11] = [
        ("cleeng", json!({}), cleeng.clone(), &["cleeng"]),
        ("only the next secret", json!({}), json!({"CLEENG_CLIENT_SECRET_NEXT": "s"}), &["cleeng"]),
        ("userhub", json!({}), userhub, &["userhub"]),
        ("okta workflows", json!({}), okta, &["okta-workflows"]),
        ("all", json!({}), all.clone(), &["cleeng", "userhub", "okta-workflows"]),
        ("half of userhub", json!({}), with(cleeng.clone(), json!({"USERHUB_API_KEY": "s"})), &["cleeng"]),
        (
            "half under a name that may be anyone's",
            json!({}),
            with(cleeng.clone(), json!({"USERHUB_API_KEY": "s", "CONNECTION_ID": "c"})),
            &["cleeng"],
        ),
        (
            "names that may be anyone's",
            json!({}),
            with(cleeng.clone(), json!({"API_KEY": "s", "CONNECTION_ID": "c"})),
            &["cleeng"],
        ),
        ("next to claims", json!({"claims": {"idToken": {"a": "'b'"}}}), cleeng, &["cleeng"]),
        (
            "next to a claim of one that is off",
            json!({"claims": {"idToken": {"cleeng_access_token": "'b'"}}}),
            json!({"USERHUB_API_KEY": "s", "USERHUB_CONNECTION_ID": "c"}),
            &["userhub"],
        ),
        ("not when syncs are written", json!({"syncs": [{"use": "userhub"}]}), all, &["userhub"]),
    ];
    for (name, config, secrets, wanted) in table {
        let read = Config::read(&Native(config), Some(&Native(secrets)));
        let syncs = read.map_err(|problems| format!("{problems:?}")).unwrap().syncs;
        assert_eq!(syncs.iter().map(|sync| sync.name.as_str()).collect::<Vec<_>>(), wanted, "{name}");
    }
}

#[test]
fn a_claim_that_a_preset_sets_too() {
    let config = json!({"claims": {"idToken": {"cleeng_access_token": "'b'"}}});
    let wanted =
        "config: `cleeng_access_token` of `idToken` is set twice, in claims and in cleeng: remove one";
    assert_eq!(problems_with(&config, Some(&json!({"CLEENG_CLIENT_SECRET": "s"}))), [wanted]);
    assert_eq!(problems_with(&config, Some(&json!({}))), Vec::<String>::new());
    assert_eq!(problems_with(&config, None), Vec::<String>::new());
}

#[test]
fn nothing_to_do() {
    let wanted = "config: nothing to do: add `syncs`, or set the secrets of a preset: CLEENG_CLIENT_SECRET (cleeng), \
        USERHUB_CONNECTION_ID and USERHUB_API_KEY (userhub), OKTA_WORKFLOWS_URL (okta-workflows)";
    for secrets in [json!({}), json!({"API_KEY": "s", "CONNECTION_ID": "c"}), json!({"USERHUB_API_KEY": "s"})]
    {
        assert_eq!(problems_with(&json!({}), Some(&secrets)), [wanted], "{secrets}");
    }
    for config in [
        json!({"claims": {"idToken": {"a": "'b'"}}}),
        json!({"syncs": []}),
        json!({"deny": [{"when": "a", "reason": "r"}]}),
    ] {
        assert_eq!(problems_with(&config, Some(&json!({}))), Vec::<String>::new(), "{config}");
    }
}

/// What is laid over a preset changes what it says and nothing else.
#[test]
fn an_entry_is_laid_over_its_preset_field_by_field() {
    let secrets =
        json!({"OKTA_WORKFLOWS_URL": "https://flows.example.com/f?clientToken=t0ken", "OTHER": "o"});
    let sent = |over: Json| {
        let entry = with(json!({"use": "okta-workflows"}), over);
        let end = Stage::new(json!({"syncs": [entry]}), secrets.clone()).login(&event(), &[ok(json!({}))]);
        let sent = end.sent.first().unwrap().clone();
        let header = |name: &str| sent.header(name).unwrap_or("-").to_string();
        let body = sent.request.body.as_deref().map_or(json!("-"), |_| sent.body());
        json!({
            "url": sent.url(), "method": sent.request.method.as_str(), "ms": sent.request.timeout_ms,
            "token": header("x-api-client-token"), "other": header("x-other"), "body": body
        })
    };
    let plain = sent(json!({}));
    assert_eq!(plain["body"]["connection"], "customers");
    let table = [
        ("nothing", json!({"request": {}, "response": {}, "onFailure": {}}), json!({})),
        ("a field of the entry", json!({"timeoutMs": 2500}), json!({"ms": 2500})),
        ("a field of the request", json!({"request": {"method": "PUT"}}), json!({"method": "PUT"})),
        (
            "a header more",
            json!({"request": {"headers": {"x-other": {"secret": "OTHER"}}}}),
            json!({"other": "o"}),
        ),
        (
            "another header",
            json!({"request": {"headers": {"x-api-client-token": "t"}}}),
            json!({"token": "t"}),
        ),
        (
            "a field of the body",
            json!({"request": {"body": {"connection": "connection.id"}}}),
            json!({"body": {"connection": "con_1"}}),
        ),
        (
            "another url",
            json!({"request": {"url": "https://a.example.com/b"}}),
            json!({"url": "https://a.example.com/b", "token": "-"}),
        ),
        (
            "no query moved",
            json!({"request": {"url": {"queryToHeaders": null}}}),
            json!({"url": "https://flows.example.com/f?clientToken=t0ken", "token": "-"}),
        ),
        ("no body", json!({"request": {"body": null}}), json!({"body": "-"})),
    ];
    for (name, over, changed) in table {
        assert_eq!(sent(over), with(plain.clone(), changed), "{name}");
    }
    // What is deeper than a field of the body is replaced whole, and null takes one away.
    let over = json!({"request": {"body": {"user": {"id": "user.user_id"}, "connection": null}}});
    assert_eq!(
        sent(over)["body"],
        json!({"user": {"id": "auth0|ada"}, "client_id": "web", "logins_count": 3})
    );
}

#[test]
fn a_policy_is_laid_over_its_preset() {
    let table = [
        ("one failure", json!({"unavailable": "allow"}), json!([]), 503),
        (
            "not the others",
            json!({"unavailable": "allow"}),
            json!([["deny", "We could not complete your login (userhub: rejected)."]]),
            404,
        ),
        ("a word for all", json!("allow"), json!([]), 404),
        ("a reason for all", json!({"deny": "Please call us."}), json!([["deny", "Please call us."]]), 404),
    ];
    for (name, on_failure, commands, code) in table {
        let config = json!({"syncs": [{"use": "userhub", "retries": 0, "onFailure": on_failure}]});
        let secrets = json!({"API_KEY": "k", "CONNECTION_ID": "c"});
        assert_eq!(Stage::new(config, secrets).login(&event(), &[status(code)]).commands, commands, "{name}");
    }
}
