//! What is said about a config: everything that is wrong, each by its path and with the mend.

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
    refuses(&[
        (json!([]), "config: must be an object"),
        (json!(null), "config: is missing: must be an object"),
        (json!("{}"), "config: must be an object"),
        (json!({"sync": []}), "config: has no field `sync`: did you mean `syncs`?"),
        (json!({"budgetms": 9}), "config: has no field `budgetms`: did you mean `budgetMs`?"),
        (
            json!({"webhooks": []}),
            "config: has no field `webhooks`: it may have $schema, syncs, claims, mfa, deny, budgetMs, log",
        ),
        (
            serde_json::from_str(r#"{"claims": {}, "__proto__": {"syncs": []}}"#).unwrap(),
            "config: has no field `__proto__`: it may have $schema, syncs, claims, mfa, deny, budgetMs, log",
        ),
        (json!({"syncs": {}}), "config.syncs: must be a list"),
        (json!({"syncs": [7]}), "config.syncs[0]: must be an object"),
        (json!({"claims": []}), "config.claims: must be an object"),
        (
            json!({"claims": {"idtoken": {}}}),
            "config.claims: has no field `idtoken`: did you mean `idToken`?",
        ),
        (json!({"claims": {"idToken": []}}), "config.claims.idToken: must be an object"),
        (json!({"mfa": {}}), "config.mfa: must be a list"),
        (json!({"deny": "x"}), "config.deny: must be a list"),
        (json!({"log": "xml"}), "config.log: must be `logfmt` or `json`"),
        (json!({"log": 1}), "config.log: must be `logfmt` or `json`"),
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
    let name = ".name: must be lower-case letters, digits, `-` and `_`, at most 32, and no word of the log line (trigger, result, ms, id, warn, app)";
    let timeout = ".timeoutMs: must be a whole number of milliseconds from 50 to 8000";
    let retries = ".retries: must be a whole number from 0 to 5";
    let triggers = ".on: must name at least one of `post-login` and `post-user-registration`";
    let fresh = ".freshForSeconds: must be a whole number of seconds from 60 to 31536000";
    let stale = ".staleForSeconds: must be a whole number of seconds from 60 to 31536000";
    refuses_entry(&[
        (json!({"onFaliure": "deny"}), ": has no field `onFaliure`: did you mean `onFailure`?"),
        (json!({"timeout": 5}), ": has no field `timeout`: did you mean `timeoutMs`?"),
        (json!({"name": null}), ".name: is missing: must be a string"),
        (json!({"name": ""}), ".name: must not be empty"),
        (json!({"name": 7}), ".name: must be a string"),
        (json!({"name": "CRM"}), name),
        (json!({"name": "a b"}), name),
        (json!({"name": "a=b"}), name),
        (json!({"name": "é"}), name),
        (json!({"name": "a".repeat(33)}), name),
        (json!({"name": "warn"}), name),
        (
            json!({"request": null}),
            ".request: is missing: must be an object\n.request.url: is missing: must be a string",
        ),
        (json!({"on": "post-login"}), &format!(".on: must be a list\n{triggers}")),
        (json!({"on": []}), triggers),
        (json!({"on": ["login"]}), ".on[0]: must be `post-login` or `post-user-registration`"),
        (json!({"when": true}), ".when: must be a string"),
        (json!({"when": "user.["}), ".when: expected an expression at column 7"),
        (json!({"timeoutMs": 49}), timeout),
        (json!({"timeoutMs": 8001}), timeout),
        (json!({"retries": 6}), retries),
        (json!({"retries": -1}), retries),
        (json!({"retries": true}), retries),
        (json!({"freshForSeconds": 59}), fresh),
        (json!({"freshForSeconds": 1e12}), fresh),
        (json!({"freshForSeconds": 60, "staleForSeconds": 0}), stale),
        (json!({"freshForSeconds": 60, "staleForSeconds": "60"}), stale),
        (json!({"response": {"expect": true}}), ".response.expect: must be a string"),
        (json!({"response": {"expect": "!("}}), ".response.expect: expected an expression at column 3"),
        (json!({"response": {"expects": "ok"}}), ".response: has no field `expects`: did you mean `expect`?"),
        (json!({"reuse": "yes"}), ".reuse: must be true or false"),
        (json!({"use": "cleng"}), ".use: must be `cleeng`, `userhub` or `okta-workflows`"),
    ]);
    refuses(&[(
        json!({"budgetMs": 1000, "syncs": [entry(json!({"timeoutMs": 2000}))]}),
        "config.syncs[0].timeoutMs: must be a whole number of milliseconds from 50 to 1000",
    )]);
    let many: Vec<_> = (0..65).map(|i| entry(json!({"name": format!("s{i}")}))).collect();
    refuses(&[(json!({"syncs": many}), "config.syncs[64]: is one too many: at most 64 syncs")]);
}

#[test]
fn a_response() {
    accepts(&[one(json!({"response": {"success": [200, 302], "token": "t",
        "idToken": {"https://example.com/a": "@", "b": {"c": ["'x'", 1]}}, "accessToken": {"b": "b"},
        "appMetadata": {"crm_id": "id"}}}))]);
    refuses_entry(&[
        (json!({"response": []}), ".response: must be an object"),
        (
            json!({"response": {"claims": {}}}),
            ".response: has no field `claims`: it may have success, token, expect, idToken, accessToken, appMetadata",
        ),
        (json!({"response": {"success": 200}}), ".response.success: must be a list"),
        (
            json!({"response": {"success": [99]}}),
            ".response.success[0]: must be a whole number from 100 to 599",
        ),
        (
            json!({"response": {"success": ["200"]}}),
            ".response.success[0]: must be a whole number from 100 to 599",
        ),
        (json!({"response": {"token": {}}}), ".response.token: must be a string"),
        (
            json!({"response": {"idToken": {"a": "b["}}}),
            ".response.idToken.a: expected an index or `*`: a field is read with `.`, a list made with `.[` at column 3",
        ),
        (
            json!({"response": {"appMetadata": {"a.b": "c"}}}),
            ".response.appMetadata[\"a.b\"]: a metadata key must not be empty nor contain `.` or `$`",
        ),
        (
            json!({"response": {"appMetadata": {"$a": "c"}}}),
            ".response.appMetadata.$a: a metadata key must not be empty nor contain `.` or `$`",
        ),
        (
            json!({"response": {"appMetadata": {"": "c"}}}),
            ".response.appMetadata[\"\"]: a metadata key must not be empty nor contain `.` or `$`",
        ),
        (
            json!({"response": {"appMetadata": {"login_sync": "c"}}}),
            ".response.appMetadata.login_sync: this key is where login-sync keeps fresh answers: choose another",
        ),
    ]);
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
        let mend =
            format!("auth0 drops this claim: use a name of your own, such as `https://example.com/{name}`");
        refused(name, &mend);
        refuses_entry(&[(
            json!({"response": {"idToken": {name: "a"}}}),
            &match name {
                "x5t#S256" => format!(".response.idToken[\"{name}\"]: {mend}"),
                _ => format!(".response.idToken.{name}: {mend}"),
            },
        )]);
    }
    refused("scope", "auth0 throws on a claim named `scope`: choose another name");
    for name in ["", "a\nb"] {
        refused(name, "this is no name for a claim");
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
        refused(name, "auth0 drops claims in a namespace of its own: use a domain of yours");
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
        (json!({"syncs": [crm, erp]}), "config: sets `plan` of `idToken` twice: in crm and in erp"),
        (
            json!({"syncs": [crm], "claims": {"accessToken": {"other": "user.email"}}}),
            "config: sets `other` of `accessToken` twice: in claims and in crm",
        ),
        (
            json!({"syncs": [{"use": "cleeng"}], "claims": {"idToken": {"cleeng_access_token": "'x'"}}}),
            "config: sets `cleeng_access_token` of `idToken` twice: in claims and in cleeng",
        ),
    ]);
    // A name that is refused itself stays on one line, and is cut.
    let long = with(crm.clone(), json!({"name": format!("line\nbreak{}", "k".repeat(99))}));
    let said = problems(&json!({"syncs": [long, erp]}));
    let cut = format!("linebrea{}", "k".repeat(52));
    assert_eq!(said[1], format!("config: sets `plan` of `idToken` twice: in {cut} and in erp"));
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
    let line = "must be one line of at most 200 characters: the application shows it to the user";
    let either = "config.mfa[0]: must have either `provider` or `challengeWith`";
    refuses(&[
        (json!({"deny": [{"reason": "r"}]}), "config.deny[0].when: is missing: must be a string"),
        (json!({"deny": [{"when": "a"}]}), "config.deny[0].reason: is missing: must be a string"),
        (
            json!({"deny": [{"when": "a", "raeson": "r", "reason": "r"}]}),
            "config.deny[0]: has no field `raeson`: did you mean `reason`?",
        ),
        (
            json!({"deny": [{"when": "a", "reason": "x".repeat(201)}]}),
            &format!("config.deny[0].reason: {line}"),
        ),
        (json!({"deny": [{"when": "a", "reason": "a\nb"}]}), &format!("config.deny[0].reason: {line}")),
        (json!({"deny": [{"when": "a", "reason": ""}]}), "config.deny[0].reason: must not be empty"),
        (json!({"mfa": [{"provider": "any"}]}), "config.mfa[0].when: is missing: must be a string"),
        (json!({"mfa": [{"when": "a"}]}), either),
        (json!({"mfa": [{"when": "a", "provider": "any", "challengeWith": ["otp"]}]}), either),
        (
            json!({"mfa": [{"when": "a", "provider": "any", "enrollWith": ["otp"]}]}),
            "config.mfa[0].enrollWith: goes with `challengeWith` only",
        ),
        (
            json!({"mfa": [{"when": "a", "enrollWith": ["otp"]}]}),
            &format!("{either}\nconfig.mfa[0].enrollWith: goes with `challengeWith` only"),
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": ["otp"], "enrollWith": []}]}),
            "config.mfa[0]: needs a factor in `enrollWith`",
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": ["otp"], "enrollWith": ["duo"]}]}),
            "config.mfa[0].enrollWith[0]: must be `otp`, `recovery-code`, `email`, `push-notification`, `phone`, `webauthn-platform` or `webauthn-roaming`",
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": ["otp"], "enrolWith": ["otp"]}]}),
            "config.mfa[0]: has no field `enrolWith`: did you mean `enrollWith`?",
        ),
        (
            json!({"mfa": [{"when": "a", "provider": "any", "always": "yes"}]}),
            "config.mfa[0].always: must be true or false",
        ),
        (
            json!({"mfa": [{"when": "a", "provider": "sms"}]}),
            "config.mfa[0].provider: must be `any`, `guardian`, `duo`, `google-authenticator` or `none`",
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": []}]}),
            "config.mfa[0]: needs a factor in `challengeWith`",
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": ["otp", "sms"]}]}),
            "config.mfa[0].challengeWith[1]: must be `otp`, `recovery-code`, `email`, `push-notification`, `phone`, `webauthn-platform` or `webauthn-roaming`",
        ),
        (
            json!({"mfa": [{"when": "a", "provider": "any", "options": {"remember": true}}]}),
            "config.mfa[0].options: has no field `remember`: it may have allowRememberBrowser",
        ),
        (
            json!({"mfa": [{"when": "a", "provider": "any", "options": {"allowRememberBrowser": 1}}]}),
            "config.mfa[0].options.allowRememberBrowser: must be true or false",
        ),
        (
            json!({"mfa": [{"when": "a", "challengeWith": ["otp"], "options": {"allowRememberBrowser": true}}]}),
            "config.mfa[0].options: goes with `provider` only",
        ),
    ]);
}

#[test]
fn on_failure() {
    accepts(&["allow", "deny", "mfa"].map(|word| one(json!({"onFailure": word}))));
    accepts(&[
        one(json!({"onFailure": {"deny": "é".repeat(200)}})),
        one(json!({"onFailure": {"rejected": "mfa", "conflict": {"deny": "Please call us."}}})),
    ]);
    let words = "must be `allow`, `deny` or `mfa`";
    refuses_entry(&[
        (json!({"onFailure": "block"}), &format!(".onFailure: {words}")),
        (json!({"onFailure": []}), &format!(".onFailure: {words}")),
        (
            json!({"onFailure": {"unauthorised": "deny"}}),
            ".onFailure: has no field `unauthorised`: did you mean `unauthorized`?",
        ),
        (
            json!({"onFailure": {"ok": "deny"}}),
            ".onFailure: has no field `ok`: it may have rejected, unauthorized, conflict, unavailable, invalid",
        ),
        (json!({"onFailure": {"conflict": "no"}}), &format!(".onFailure.conflict: {words}")),
        (json!({"onFailure": {"conflict": {}}}), ".onFailure.conflict.deny: is missing: must be a string"),
        (json!({"onFailure": {"conflict": {"deny": true}}}), ".onFailure.conflict.deny: must be a string"),
        (
            json!({"onFailure": {"deny": "r", "conflict": "allow"}}),
            ".onFailure: has no field `conflict`: it may have deny",
        ),
        (
            json!({"onFailure": {"deny": "a\nb"}}),
            ".onFailure.deny: must be one line of at most 200 characters: the application shows it to the user",
        ),
    ]);
}

#[test]
fn contradictions() {
    let registration = json!({"on": ["post-user-registration"]});
    refuses_entry(&[
        (json!({"reuse": true}), ": `reuse` needs `response.token`: it says until when an answer is good"),
        (
            json!({"freshForSeconds": 60, "response": {"token": "t"}}),
            ": `freshForSeconds` would write a token to app_metadata: use `reuse` for it",
        ),
        (
            with(registration.clone(), json!({"response": {"idToken": {"a": "b"}}})),
            ": a registration has no tokens and no metadata to write: add post-login to `on`, or leave out `response`'s fields",
        ),
        (
            with(registration.clone(), json!({"onFailure": {"conflict": "mfa"}})),
            ": `onFailure` cannot undo a registration: add post-login to `on`, or allow",
        ),
        (
            json!({"staleForSeconds": 60}),
            ": `staleForSeconds` needs `freshForSeconds`: without it nothing is kept",
        ),
        (
            json!({"staleForSeconds": 60, "reuse": true, "response": {"token": "t"}}),
            ": `staleForSeconds` needs `freshForSeconds`: without it nothing is kept",
        ),
        (
            with(registration.clone(), json!({"freshForSeconds": 60})),
            ": `freshForSeconds` needs post-login in `on`: a registration cannot write metadata",
        ),
    ]);
    accepts(&[one(with(
        registration,
        json!({"onFailure": "allow", "response": {"success": [302], "expect": "ok"}}),
    ))]);
    refuses(&[
        (
            json!({"syncs": [entry(json!({})), entry(json!({}))]}),
            "config.syncs[1]: has the name `crm` a second time: give it another `name`",
        ),
        (
            json!({"syncs": [{"use": "cleeng"}, {"use": "cleeng", "response": {"idToken": null}}]}),
            "config.syncs[1]: has the name `cleeng` a second time: give it another `name`",
        ),
        (
            json!({"syncs": [entry(json!({"response": {"appMetadata": {"id": "a"}}})),
                entry(json!({"name": "erp", "response": {"appMetadata": {"id": "b"}}}))]}),
            "config: sets `id` of `appMetadata` twice: in crm and in erp",
        ),
    ]);
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
            "config.mfa[0].challengeWith[0]",
            "config.deny[0].when",
            "config.deny[0].reason",
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
    assert_eq!(problems[0].message, "`lenght` is no function: did you mean `length`? at column 6");
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
