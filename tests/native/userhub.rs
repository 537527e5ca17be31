//! UserHub: the import of a user at login.

use crate::common::{Stage, event, ok, status, with};
use serde_json::{Value as Json, json};

fn own_names() -> Json {
    json!({"USERHUB_API_KEY": "sk_1", "USERHUB_CONNECTION_ID": "conn_x"})
}

#[test]
fn the_request() {
    let table = [
        ("on by its own secrets", json!({}), own_names()),
        (
            "the page's names, asked for",
            json!({"syncs": [{"use": "userhub"}]}),
            json!({"API_KEY": "sk_1", "CONNECTION_ID": "conn_x"}),
        ),
        (
            "its own names go first",
            json!({"syncs": [{"use": "userhub"}]}),
            with(own_names(), json!({"API_KEY": "sk_2", "CONNECTION_ID": "conn_y"})),
        ),
    ];
    for (name, config, secrets) in table {
        let event = with(event(), json!({"user": {"user_id": "auth0|123"}}));
        let end = Stage::new(config, secrets).login(&event, &[ok(json!({"id": "usr_1"}))]);
        let sent = end.sent.first().unwrap();
        assert_eq!(sent.request.method, "POST", "{name}");
        assert_eq!(sent.url(), "https://api.userhub.com/admin/v1/users/auth0%7C123@conn_x:import", "{name}");
        assert_eq!(sent.header("authorization"), Some("Bearer sk_1"), "{name}");
        assert_eq!(sent.header("userhub-api-version"), Some("2025-05-01"), "{name}");
        assert_eq!((&sent.request.body, sent.header("content-type")), (&None, None), "{name}");
        assert_eq!(end.commands, json!([]), "{name}");
    }
}

#[test]
fn failures_deny() {
    let table =
        [(400, "rejected"), (401, "unauthorized"), (404, "rejected"), (409, "conflict"), (302, "invalid")];
    for (code, outcome) in table {
        let end = Stage::new(json!({}), own_names()).login(&event(), &[status(code)]);
        assert_eq!(end.why("userhub"), format!("{outcome}:{code}"));
        let reason = format!("We could not complete your login (userhub: {outcome}).");
        assert_eq!(end.commands, json!([["deny", reason]]), "{code}");
    }
}

#[test]
fn its_user_can_become_claims() {
    let config = json!({"syncs": [{"use": "userhub", "response": {"idToken": {
        "https://example.com/userhub": "id", "https://example.com/plan": "subscription.plan.id",
        "https://example.com/orgs": "memberships[].organization.id"}}}]});
    let answer = json!({"id": "usr_1", "memberships": [{"organization": {"id": "org_1"}}, {"organization": {"id": "org_2"}}]});
    let end = Stage::new(config, own_names()).login(&event(), &[ok(answer)]);
    assert_eq!(
        end.commands,
        json!([
            ["idToken", "https://example.com/userhub", "usr_1"],
            ["idToken", "https://example.com/orgs", ["org_1", "org_2"]]
        ])
    );
}
