//! Cleeng: the body of its published snippet byte for byte, its token as a claim, its refusals.

use crate::common::{Stage, event, ok, status, text, token_until, with};
use serde_json::{Value as Json, json};

const SECRET: &str = "CLEENG_CLIENT_SECRET";

/// Nothing but the secret: the preset is on by itself.
fn cleeng() -> Stage {
    Stage::new(json!({}), json!({SECRET: "s3cret"}))
}

#[test]
fn the_request() {
    let token = token_until(3600.0);
    let end = cleeng().login(&event(), &[ok(json!({"accessToken": token, "customerId": 1}))]);
    let sent = end.sent.first().unwrap();
    assert_eq!(sent.request.method, "POST");
    assert_eq!(sent.url(), "https://identity.api.prod.cleeng.com/hooks/v1/auth0/actions/token");
    assert_eq!(sent.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(end.commands, json!([["idToken", "cleeng_access_token", token]]));
    assert_eq!(end.why("cleeng"), "ok:200");
}

/// What the snippet's `JSON.stringify` writes for the same event, to the byte.
#[test]
fn the_body() {
    let table: [(&str, Json, &str); 5] = [
        (
            "a whole profile",
            json!({}),
            r#"{"auth0Id":"auth0|ada","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","locale":"en_US","country":"US","currency":"USD","userIpAddress":"192.0.2.7"}"#,
        ),
        (
            "no email, names in the metadata",
            json!({"user": {"email": null, "given_name": "", "family_name": null,
                "user_metadata": {"firstName": "A"}, "app_metadata": {"firstName": "B", "lastName": "L"}}}),
            r#"{"auth0Id":"auth0|ada","firstName":"A","lastName":"L","locale":"en_US","country":"US","currency":"USD","userIpAddress":"192.0.2.7"}"#,
        ),
        (
            "no names, no address",
            json!({"user": {"given_name": null, "family_name": null}, "request": null}),
            r#"{"auth0Id":"auth0|ada","email":"ada@example.com","firstName":"","lastName":"","locale":"en_US","country":"US","currency":"USD","userIpAddress":""}"#,
        ),
        (
            "an address of the client",
            json!({"request": {"ip": ""}, "client": {"ip": "198.51.100.1"}}),
            r#"{"auth0Id":"auth0|ada","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","locale":"en_US","country":"US","currency":"USD","userIpAddress":"198.51.100.1"}"#,
        ),
        (
            "quotes and letters beyond ascii",
            json!({"user": {"given_name": "Zo\u{eb} \"Z\"", "family_name": "\u{738b}\n"}}),
            "{\"auth0Id\":\"auth0|ada\",\"email\":\"ada@example.com\",\"firstName\":\"Zoë \\\"Z\\\"\",\"lastName\":\"王\\n\",\"locale\":\"en_US\",\"country\":\"US\",\"currency\":\"USD\",\"userIpAddress\":\"192.0.2.7\"}",
        ),
    ];
    for (name, over, body) in table {
        let end = cleeng().login(&with(event(), over), &[ok(json!({"accessToken": token_until(3600.0)}))]);
        assert_eq!(end.sent.first().unwrap().request.body.as_deref(), Some(body), "{name}");
    }
}

#[test]
fn an_answer_that_is_no_token_denies() {
    let table = [
        ("no JSON", text(200, "<html>"), "invalid:200:not-json"),
        ("no token", ok(json!({})), "invalid:200:no-token"),
        ("a token that is no string", ok(json!({"accessToken": 7})), "invalid:200:no-token"),
        ("no JWT", ok(json!({"accessToken": "opaque"})), "invalid:200:not-a-jwt"),
        ("expired", ok(json!({"accessToken": token_until(-1.0)})), "invalid:200:expired"),
        ("expiring now", ok(json!({"accessToken": token_until(0.0)})), "invalid:200:expired"),
        ("a field is missing", status(400), "rejected:400"),
        ("the email is another's", text(409, r#"{"code":"ID2104"}"#), "conflict:409"),
        ("wrong secret", text(401, r#"{"code":"ID2001"}"#), "unauthorized:401"),
        ("forbidden", status(403), "unauthorized:403"),
    ];
    for (name, reply, why) in table {
        let end = cleeng().login(&event(), &[reply]);
        assert_eq!(end.why("cleeng"), why, "{name}");
        let outcome = end.outcome("cleeng");
        let reason = format!("We could not complete your login (cleeng: {outcome}).");
        assert_eq!(end.commands, json!([["deny", reason]]), "{name}");
    }
}

#[test]
fn each_field_can_be_mapped_otherwise() {
    let config = json!({"syncs": [{"use": "cleeng",
        "request": {"url": "https://identity.api.sandbox.cleeng.com/hooks/v1/auth0/actions/token",
            "body": {"country": "request.geoip.countryCode || 'US'", "currency": "'GBP'", "locale": null}},
        "response": {"idToken": {"cleeng_access_token": null, "https://example.com/cleeng": "accessToken"},
            "accessToken": {"https://example.com/customer": "customerId"}}}]});
    let token = token_until(3600.0);
    let answer = ok(json!({"accessToken": token, "customerId": "c1"}));
    let end = Stage::new(config, json!({SECRET: "s3cret"})).login(&event(), &[answer]);
    let sent = end.sent.first().unwrap();
    assert_eq!(sent.request.url.host, "identity.api.sandbox.cleeng.com");
    assert_eq!(
        sent.body(),
        json!({"auth0Id": "auth0|ada", "email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace",
            "country": "GB", "currency": "GBP", "userIpAddress": "192.0.2.7"})
    );
    assert_eq!(
        end.commands,
        json!([
            ["idToken", "https://example.com/cleeng", token],
            ["accessToken", "https://example.com/customer", "c1"]
        ])
    );
}

#[test]
fn a_registration_is_told_too() {
    let end = cleeng().register(&event(), |_| ok(json!({"accessToken": token_until(3600.0)})));
    assert_eq!(end.sent.len(), 1);
    assert_eq!(end.why("cleeng"), "ok:200");
    assert_eq!(end.commands, json!([]));
}

/// What Cleeng refuses is mostly an empty field: its name is said, and no value.
#[test]
fn a_refusal_names_the_fields_that_are_empty() {
    let table = [
        (json!({}), "rejected:400"),
        (json!({"user": {"email": null}}), "rejected:400:empty-email"),
        (json!({"user": {"given_name": null, "family_name": ""}}), "rejected:400:empty-firstName-lastName"),
        (json!({"request": {"ip": ""}}), "rejected:400:empty-userIpAddress"),
    ];
    for (over, why) in table {
        let end = cleeng().login(&with(event(), over), &[status(400)]);
        assert_eq!(end.why("cleeng"), why);
    }
}
