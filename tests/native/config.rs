//! What is said about a config: everything that is wrong, each by its path and with the fix.

use crate::common::config::{accepts, problems, refuses, refuses_entry};
use crate::common::{Stage, entry, event, one, status, with};
use login_sync::{Config, Native};
use serde_json::json;

#[test]
fn the_document() {
    accepts(&[
        json!({}),
        json!({"$schema": "https://example.com/schema.json", "syncs": []}),
        json!({"syncs": null, "claims": null, "mfa": null, "deny": null, "budgetMs": null, "log": null}),
        json!({"budgetMs": 100, "log": "json"}),
        json!({"budgetMs": 15000, "log": "logfmt"}),
        // The preset's own timeout is longer; it is cut.
        json!({"budgetMs": 1000, "syncs": [{"use": "okta-workflows"}]}),
    ]);
    for number in [json!(99), json!(15001), json!(100.5), json!("1000"), json!(-1), json!(1e99)] {
        let wanted = "config.budgetMs: must be a whole number of milliseconds from 100 to 15000";
        assert_eq!(problems(&json!({"budgetMs": number})), [wanted], "{number}");
    }
}

#[test]
fn an_entry() {
    accepts(&[
        one(json!({})),
        one(json!({"name": "a-1_b", "on": ["post-login", "post-user-registration"], "when": "user.email",
            "timeoutMs": 50, "retries": 0, "freshForSeconds": 60, "reuse": false, "onFailure": "allow"})),
        one(
            json!({"timeoutMs": 8000, "retries": 5, "freshForSeconds": 31_536_000, "staleForSeconds": 31_536_000}),
        ),
        one(json!({"freshForSeconds": 60, "staleForSeconds": 60, "response": {"expect": "!(errors)"}})),
        one(json!({"freshForSeconds": null, "staleForSeconds": null, "response": {"expect": null}})),
        one(json!({"name": "a".repeat(32), "reuse": true, "response": {"token": "t"}})),
    ]);
    for (field, values) in [
        (
            "name",
            vec![json!("CRM"), json!("a b"), json!("a=b"), json!("é"), json!("a".repeat(33)), json!("warn")],
        ),
        ("timeoutMs", vec![json!(49), json!(8001)]),
        ("retries", vec![json!(6), json!(-1), json!(true)]),
        ("freshForSeconds", vec![json!(59), json!(1e12)]),
    ] {
        for value in values {
            let found = problems(&one(json!({field: value})));
            let path = format!("config.syncs[0].{field}: ");
            assert!(found.len() == 1 && found[0].starts_with(&path), "{value}: {found:?}");
        }
    }
    for stale in [json!(0), json!("60")] {
        let found = problems(&one(json!({"freshForSeconds": 60, "staleForSeconds": stale})));
        assert!(found.len() == 1 && found[0].starts_with("config.syncs[0].staleForSeconds: "), "{found:?}");
    }
}

#[test]
fn a_response() {
    accepts(&[one(json!({"response": {"success": [200, 302], "token": "t",
        "idToken": {"https://example.com/a": "@", "b": {"c": ["'x'", 1]}}, "accessToken": {"b": "b"},
        "appMetadata": {"crm_id": "id"}}}))]);
}

/// Auth0's list of claims that an Action sets to no effect.
const DROPPED: &str = "acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf \
    cty dest entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf \
    nonce object_id org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date \
    sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256";

#[test]
fn claims_that_would_not_arrive() {
    let claim = |name: &str| json!({"claims": {"accessToken": {name: "user.email"}}});
    let refused = |name: &str, message: &str| {
        let path = format!("config.claims.accessToken[{}]", json!(name));
        let plain = format!("config.claims.accessToken.{name}");
        let found = problems(&claim(name));
        let wanted = [path, plain].map(|path| format!("{path}: {message}"));
        assert!(found.len() == 1 && wanted.contains(&found[0]), "{name}: {found:?}");
    };
    assert_eq!(DROPPED.split_whitespace().count(), 60);
    for name in DROPPED.split_whitespace() {
        let fix =
            format!("is dropped by Auth0: use a name of your own, such as `https://example.com/{name}`");
        refused(name, &fix);
        refuses_entry(&[(
            json!({"response": {"idToken": {name: "a"}}}),
            &match name {
                "x5t#S256" => format!(".response.idToken[\"{name}\"]: {fix}"),
                _ => format!(".response.idToken.{name}: {fix}"),
            },
        )]);
    }
    refused("scope", "makes Auth0 throw: use another name");
    for name in ["", "a\nb"] {
        refused(name, "is not a valid claim name: use another name");
    }
    for name in [
        "https://auth0.com/a",
        "http://auth0.com",
        "https://login.auth0.com/x",
        "HTTPS://Auth0.Com/x",
        "https://webtask.io/x",
        "https://a.webtask.run:8080/x",
        "https://auth0.com?x",
        "urn:auth0",
        "urn:auth0:x",
    ] {
        refused(name, "is in a namespace whose claims Auth0 drops: use a domain of your own");
    }
    for name in [
        "email",
        "Roles",
        "https://example.com/roles",
        "https://notauth0.com/",
        "https://auth0.com.example.com/",
        "https://example.com/auth0.com",
        "urn:auth00",
        "urn:example",
        "auth0.com",
        "constructor",
        "é",
    ] {
        assert_eq!(problems(&claim(name)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_claim_set_twice() {
    let crm = entry(json!({"response": {"idToken": {"plan": "a"}, "accessToken": {"other": "a"}}}));
    let erp = entry(json!({"name": "erp", "response": {"idToken": {"plan": "b"}}}));
    refuses(&[
        (
            json!({"syncs": [crm, erp]}),
            "config: `plan` of `idToken` is set twice, in crm and in erp: remove one",
        ),
        (
            json!({"syncs": [crm], "claims": {"accessToken": {"other": "user.email"}}}),
            "config: `other` of `accessToken` is set twice, in claims and in crm: remove one",
        ),
        (
            json!({"syncs": [{"use": "cleeng"}], "claims": {"idToken": {"cleeng_access_token": "'x'"}}}),
            "config: `cleeng_access_token` of `idToken` is set twice, in claims and in cleeng: remove one",
        ),
    ]);
    // What only follows from another error is not said.
    let again = problems(&json!({"syncs": [crm, crm]}));
    assert_eq!(again, ["config.syncs[1]: the name `crm` is taken: give this entry another `name`"]);
    accepts(&[
        json!({"syncs": [crm], "claims": {"accessToken": {"plan": "'x'"}, "idToken": {"other": "'x'"}}}),
    ]);
}

#[test]
fn rules() {
    accepts(&[
        json!({"deny": [{"when": "a", "reason": "r"}]}),
        json!({"mfa": [{"when": "a", "provider": "guardian", "options": {"allowRememberBrowser": false}}]}),
        json!({"mfa": [{"when": "a", "challengeWith": ["otp", "email"]}]}),
        json!({"mfa": [{"when": "a", "challengeWith": ["otp"], "enrollWith": ["otp", "phone"], "always": true}]}),
        json!({"mfa": [{"when": "interactive", "provider": "any", "always": false}]}),
    ]);
}

#[test]
fn on_failure() {
    accepts(&["allow", "deny", "mfa"].map(|word| one(json!({"onFailure": word}))));
    accepts(&[
        one(json!({"onFailure": {"deny": "é".repeat(200)}})),
        one(json!({"onFailure": {"rejected": "mfa", "conflict": {"deny": "Please call us."}}})),
    ]);
}

#[test]
fn contradictions() {
    let registration = json!({"on": ["post-user-registration"]});
    accepts(&[one(with(
        registration,
        json!({"onFailure": "allow", "response": {"success": [302], "expect": "ok"}}),
    ))]);
}

#[test]
fn all_problems_at_once_in_the_order_of_reading() {
    let config = json!({
        "budgetMs": 1,
        "claims": {"idToken": {"sub": "user.user_id", "x": "user..y"}},
        "mfa": [{"when": "a", "challengeWith": ["sms"]}],
        "deny": [{}],
        "syncs": [
            {"name": "B", "request": {"url": "http://x", "headers": {"host": "y"}}, "retries": 9},
            {"use": "userhub", "onFailure": "maybe"}
        ]
    });
    let found = problems(&config);
    let paths: Vec<_> = found.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "config.budgetMs",
            "config.claims.idToken.sub",
            "config.claims.idToken.x",
            "config.deny[0].when",
            "config.deny[0].reason",
            "config.mfa[0].challengeWith[0]",
            "config.syncs[0].name",
            "config.syncs[0].request.url",
            "config.syncs[0].request.headers.host",
            "config.syncs[0].retries",
            "config.syncs[1].onFailure"
        ]
    );
}

#[test]
fn an_expression_is_shown_with_a_caret() {
    let config = json!({"claims": {"idToken": {"x": "user.lenght(logins)"}}});
    let problems = Config::read(&Native(config), None).err().unwrap();
    assert_eq!(problems[0].message, "column 6: `lenght` is not a function: did you mean `length`?");
    assert_eq!(problems[0].caret.as_deref(), Some("user.lenght(logins)\n     ^"));
}

#[test]
fn a_wrong_config_denies_and_says_why() {
    let secrets = json!({"CLEENG_CLIENT_SECRET": "s"});
    let mut stage = Stage::any(json!({"syncs": [{"use": "nobody"}], "log": "xml"}), secrets, 0.0);
    let end = stage.login(&event(), &[]);
    assert_eq!(
        end.commands,
        json!([["deny", "We could not complete your login (login-sync is out of order)."]])
    );
    assert_eq!(
        end.log,
        "login-sync trigger=post-login result=refused problem=\"config.log: must be `logfmt` or `json` (and 1 more)\""
    );
    let end = stage.register(&event(), |_| status(200));
    assert_eq!(end.commands, json!([]));
    assert!(end.log.starts_with("login-sync trigger=post-user-registration result=refused "), "{}", end.log);
}

#[test]
fn the_log_says_a_message_in_ascii() {
    let config = one(json!({"request": {"headers": {"x-é": "1", "x-user": "user.email"}}}));
    let end = Stage::any(config, json!({}), 0.0).login(&event(), &[]);
    let said = "request.headers['x-'']: is not a valid header name (and 1 more)\"";
    assert!(end.log.ends_with(said), "{}", end.log);
    let config = one(json!({"request": {"headers": {"x-user": "user.email"}}}));
    let end = Stage::any(config, json!({}), 0.0).login(&event(), &[]);
    assert!(end.log.contains("write {'value': ...} for an expression, {'secret': NAME}"), "{}", end.log);
}
