//! Okta Workflows: a flow is invoked with chosen properties of the event; logins never wait long for it.

use crate::common::{Stage, event, silence, status};
use serde_json::json;

const INVOKE: &str = "https://example.workflows.okta.com/api/flo/abc/invoke";

#[test]
fn the_token_travels_in_a_header() {
    let table = [
        (
            "token in the url",
            format!("{INVOKE}?clientToken=t0ken"),
            json!(null),
            INVOKE.to_string(),
            Some("t0ken"),
        ),
        (
            "other fields stay",
            format!("{INVOKE}?a=1&clientToken=t0ken&b"),
            json!(null),
            format!("{INVOKE}?a=1&b"),
            Some("t0ken"),
        ),
        ("token as a secret", INVOKE.to_string(), json!("other"), INVOKE.to_string(), Some("other")),
        (
            "both: the secret counts",
            format!("{INVOKE}?clientToken=t0ken"),
            json!("other"),
            INVOKE.to_string(),
            Some("other"),
        ),
        ("a public flow", INVOKE.to_string(), json!(null), INVOKE.to_string(), None),
        (
            "a port and no path",
            "https://example.com:8443".to_string(),
            json!(null),
            "https://example.com:8443/".to_string(),
            None,
        ),
    ];
    for (name, secret, token, url, header) in table {
        let secrets = json!({"OKTA_WORKFLOWS_URL": secret, "OKTA_WORKFLOWS_CLIENT_TOKEN": token});
        let end = Stage::new(json!({}), secrets).login(&event(), &[status(200)]);
        let sent = end.sent.first().unwrap();
        assert_eq!(sent.url(), url, "{name}");
        assert_eq!(sent.header("x-api-client-token"), header, "{name}");
        assert_eq!(end.why("okta-workflows"), "ok:200", "{name}");
    }
}

#[test]
fn the_body() {
    let end = Stage::new(json!({}), json!({"OKTA_WORKFLOWS_URL": INVOKE})).login(&event(), &[status(200)]);
    assert_eq!(
        end.sent.first().unwrap().body(),
        json!({"user": {"user_id": "auth0|ada", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace"},
            "connection": "customers", "client_id": "web", "logins_count": 3})
    );
}

#[test]
fn a_failure_lets_the_login_pass() {
    let table = [
        ("no answer", silence(), "unavailable:timeout", 1500.0),
        ("down", status(503), "unavailable:503", 0.0),
        ("wrong token", status(401), "unauthorized:401", 0.0),
        ("gone", status(404), "rejected:404:empty-organization", 0.0),
        ("moved", status(302), "invalid:302", 0.0),
    ];
    for (name, reply, why, ms) in table {
        let end = Stage::new(json!({}), json!({"OKTA_WORKFLOWS_URL": INVOKE})).login(&event(), &[reply]);
        assert_eq!(end.why("okta-workflows"), why, "{name}");
        assert!(end.ms <= ms, "{name}: {} ms", end.ms);
        assert_eq!(end.commands, json!([]), "{name}");
    }
}
