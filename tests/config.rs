//! What is said about a config: everything that is wrong, each by its path and with the mend.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use common::{Stage, entry, event, ok, one, status, with};
use login_sync::config::Config;
use login_sync::native::Native;
use serde_json::{Value as Json, json};

/// `path: message` of each problem, in order. Without secrets, as on a desk.
fn problems(config: &Json) -> Vec<String> {
    problems_with(config, None)
}

fn problems_with(config: &Json, secrets: Option<&Json>) -> Vec<String> {
    let secrets = secrets.map(|secrets| Native(secrets.clone()));
    let read = Config::read(&Native(config.clone()), secrets.as_ref());
    let problems = read.err().unwrap_or_default();
    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

/// Each config has exactly these problems, one a line.
fn refuses(table: &[(Json, &str)]) {
    for (config, wanted) in table {
        assert_eq!(problems(config).join("\n"), *wanted, "{config}");
    }
}

/// Each entry has exactly these problems, one a line, their paths given from the entry on.
fn refuses_entry(table: &[(Json, &str)]) {
    for (over, wanted) in table {
        let found = problems(&one(over.clone())).join("\n").replace("config.syncs[0]", "");
        assert_eq!(found, *wanted, "{over}");
    }
}

fn accepts(table: &[Json]) {
    for config in table {
        assert_eq!(problems(config), Vec::<String>::new(), "{config}");
    }
}

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
        one(json!({"timeoutMs": 8000, "retries": 5, "freshForSeconds": 31_536_000})),
        one(json!({"name": "a".repeat(32), "reuse": true, "response": {"token": "t"}})),
    ]);
    let name = ".name: must be lower-case letters, digits, `-` and `_`, at most 32, and no word of the log line (trigger, result, ms, id, warn, app)";
    let timeout = ".timeoutMs: must be a whole number of milliseconds from 50 to 8000";
    let retries = ".retries: must be a whole number from 0 to 5";
    let triggers = ".on: must name at least one of `post-login` and `post-user-registration`";
    let fresh = ".freshForSeconds: must be a whole number of seconds from 60 to 31536000";
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
fn a_request() {
    accepts(&[
        one(json!({"request": {"method": "GET"}})),
        one(json!({"request": {"body": {"a": ["'x'", 1, null, {"b": true}]}}})),
        one(json!({"request": {"headers": {"x-a": "b", "Authorization": {"bearer": "S"},
            "x-b": {"secret": ["S", "T"], "optional": true}, "x-c": {"jwt": {"secret": "S", "audience": "a"}}}}})),
        one(json!({"request": {"url": {"secret": "S", "queryToHeaders": {"t": "x-token"}}}})),
    ]);
    let one_of = ".request.headers.x-a: must be a string or have exactly one of `secret`, `bearer` and `jwt`";
    let transport = "this header is set by the transport: leave it out";
    let ascii = "a header's value must be visible ascii on one line";
    refuses_entry(&[
        (json!({"request": []}), ".request: must be an object\n.request.url: is missing: must be a string"),
        (json!({"request": {"uri": "x"}}), ".request: has no field `uri`: did you mean `url`?"),
        (json!({"request": {"url": null}}), ".request.url: is missing: must be a string"),
        (
            json!({"request": {"method": "post"}}),
            ".request.method: must be `POST`, `GET`, `PUT`, `PATCH` or `DELETE`",
        ),
        (
            json!({"request": {"method": "GET", "body": {}}}),
            ".request.body: a GET request has no body: use POST, or `params` in the url",
        ),
        (
            json!({"request": {"body": {"a": "user."}}}),
            ".request.body.a: expected a field, a function, `*`, `[` or `{` at column 6",
        ),
        (
            json!({"request": {"body": {"a": [{"b c": "("}]}}}),
            ".request.body.a[0][\"b c\"]: expected an expression at column 2",
        ),
        (json!({"request": {"headers": []}}), ".request.headers: must be an object"),
        (json!({"request": {"headers": {"a b": "c"}}}), ".request.headers[\"a b\"]: this is no header name"),
        (
            json!({"request": {"headers": {"x\r\ny": "c"}}}),
            ".request.headers[\"x\\r\\ny\"]: this is no header name",
        ),
        (json!({"request": {"headers": {"": "c"}}}), ".request.headers[\"\"]: this is no header name"),
        (json!({"request": {"headers": {"é": "c"}}}), ".request.headers[\"é\"]: this is no header name"),
        (json!({"request": {"headers": {"Host": "c"}}}), &format!(".request.headers.Host: {transport}")),
        (
            json!({"request": {"headers": {"content-length": "1"}}}),
            &format!(".request.headers.content-length: {transport}"),
        ),
        (json!({"request": {"headers": {"x-a": "b\r\nx: y"}}}), &format!(".request.headers.x-a: {ascii}")),
        (json!({"request": {"headers": {"x-a": "é"}}}), &format!(".request.headers.x-a: {ascii}")),
        (json!({"request": {"headers": {"x-a": ""}}}), ".request.headers.x-a: must not be empty"),
        (
            json!({"request": {"headers": {"x-a": 7}}}),
            &format!(".request.headers.x-a: must be an object\n{one_of}"),
        ),
        (json!({"request": {"headers": {"x-a": {}}}}), one_of),
        (json!({"request": {"headers": {"x-a": {"secret": "S", "bearer": "S"}}}}), one_of),
        (
            json!({"request": {"headers": {"x-a": {"secrets": "S", "bearer": "S"}}}}),
            ".request.headers.x-a: has no field `secrets`: did you mean `secret`?",
        ),
        (
            json!({"request": {"headers": {"x-a": {"secret": []}}}}),
            ".request.headers.x-a.secret: needs the name of a secret",
        ),
        (
            json!({"request": {"headers": {"x-a": {"jwt": {"secret": "S"}}}}}),
            ".request.headers.x-a.jwt.audience: is missing: must be a string",
        ),
        (
            json!({"request": {"headers": {"x-a": {"jwt": {"audience": "a"}}}}}),
            ".request.headers.x-a.jwt.secret: is missing: must be a string",
        ),
        (
            json!({"request": {"headers": {"x-a": {"jwt": {"secret": "S", "audience": "a", "expiresInSeconds": 0}}}}}),
            ".request.headers.x-a.jwt.expiresInSeconds: must be a whole number of seconds from 1 to 3600",
        ),
        (
            json!({"request": {"headers": {"x-a": {"jwt": {"secret": "S", "audience": "a"}, "optional": true}}}}),
            ".request.headers.x-a: a `jwt` cannot be optional: a receiver must be able to count on it",
        ),
        (
            json!({"request": {"headers": {"X-A": "b", "x-a": "c"}}}),
            ".request.headers.x-a: this header stands here twice: a header's name has no case",
        ),
    ]);
    // One level more than the deepest mapping.
    let nested = (0..17).fold(json!(1), |inner, _| json!([inner]));
    let found = problems(&one(json!({"request": {"body": nested}})));
    assert!(
        matches!(found.as_slice(), [one] if one.ends_with(": is nested too deep: at most 16 levels")),
        "{found:?}"
    );
    // JSON text is where such a key can come from.
    let proto = Native::json(r#"{"name":"x","request":{"url":"https://a.b","body":{"__proto__":"user"}}}"#);
    let found = problems(&json!({"syncs": [proto.0]}));
    assert_eq!(
        found,
        ["config.syncs[0].request.body.__proto__: this key cannot be used: JavaScript would not keep it"]
    );
}

#[test]
fn a_url() {
    let table = [
        ("http://crm.example.com/", "must start with https://"),
        ("HTTPS://crm.example.com/", "must start with https://"),
        ("crm.example.com", "must start with https://"),
        ("https://", "must have a host name of letters, digits, `-` and `.`"),
        ("https://crm..example.com", "must have a host name of letters, digits, `-` and `.`"),
        ("https://crm.example.com./", "must have a host name of letters, digits, `-` and `.`"),
        ("https://exämple.com", "must have a host name of letters, digits, `-` and `.`"),
        ("https://ada:pw@crm.example.com", "must hold no user name or password: use a header with a secret"),
        (
            "https://{org}.example.com/",
            "must have a fixed host: `{name}` stands in the path or in the query only",
        ),
        ("https://crm.example.com:0/", "must have a port from 1 to 65535"),
        ("https://crm.example.com:65536/", "must have a port from 1 to 65535"),
        ("https://crm.example.com:+80/", "must have a port from 1 to 65535"),
        ("https://crm.example.com:/", "must have a port from 1 to 65535"),
        ("https://crm.example.com/#top", "must have no fragment: servers never see it"),
        ("https://crm.example.com/a b", "must hold no spaces or letters beyond ascii: percent-encode them"),
        (
            "https://crm.example.com/\r\nx: y",
            "must hold no spaces or letters beyond ascii: percent-encode them",
        ),
        ("https://crm.example.com/é", "must hold no spaces or letters beyond ascii: percent-encode them"),
        (
            "https://crm.example.com/{id",
            "has a `{` without its `}`: write %7B for the sign itself\nhas a place for `id` once more than `params` has it",
        ),
        ("https://crm.example.com/id}", "has a `}` without its `{`: write %7D for the sign itself"),
        ("https://crm.example.com/{}", "has a place for `` once more than `params` has it"),
        ("https://crm.example.com/{id}", "has a place for `id` once more than `params` has it"),
    ];
    for (url, message) in table {
        let found = problems(&one(json!({"request": {"url": url}})));
        assert_eq!(found.join("\n").replace("config.syncs[0].request.url: ", ""), message, "{url}");
    }
    refuses_entry(&[
        (
            json!({"request": {"params": {"id": "user.user_id"}}}),
            ".request.url: has no place for `id`: write the name in braces",
        ),
        (
            json!({"request": {"url": "https://a.b/{id}", "params": {"id": ["user.user_id"]}}}),
            ".request.params.id: must be an expression, a number, a boolean or have a `secret`",
        ),
        (
            json!({"request": {"url": {"secrets": "S"}}}),
            ".request.url: has no field `secrets`: did you mean `secret`?\n.request.url.secret: is missing: must be a string",
        ),
        (
            json!({"request": {"url": {"secret": "S"}, "params": {"id": "user.user_id"}}}),
            ".request.url: a url that is a secret takes no `params`",
        ),
        (
            json!({"request": {"url": {"secret": "S", "queryToHeaders": {"t": "x token"}}}}),
            ".request.url.queryToHeaders.t: this is no header name",
        ),
        (
            json!({"request": {"url": "https://a.b/{id}", "params": {"id": {"secretName": "S"}}}}),
            ".request.params.id: has no field `secretName`: it may have secret\n.request.params.id.secret: is missing: must be a string",
        ),
    ]);
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
            ".response: has no field `claims`: it may have success, token, idToken, accessToken, appMetadata",
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
        (
            json!({"mfa": [{"when": "a"}]}),
            &format!("{either}\nconfig.mfa[0]: needs a factor in `challengeWith`"),
        ),
        (json!({"mfa": [{"when": "a", "provider": "any", "challengeWith": ["otp"]}]}), either),
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
        one(json!({"onFailure": {"deny": "Please try again."}})),
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
            with(registration.clone(), json!({"freshForSeconds": 60})),
            ": `freshForSeconds` needs post-login in `on`: a registration cannot write metadata",
        ),
    ]);
    accepts(&[one(with(registration, json!({"onFailure": "allow", "response": {"success": [302]}})))]);
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
    let config = json!({"claims": {"idToken": {"x": "user.logins[0:2]"}}});
    let problems = Config::read(&Native(config), None).err().unwrap();
    assert_eq!(problems[0].message, "slices are not supported at column 14");
    assert_eq!(problems[0].caret.as_deref(), Some("user.logins[0:2]\n             ^"));
}

#[test]
fn secrets_that_are_missing() {
    let config = one(json!({"request": {
        "url": "https://crm.example.com/{org}", "params": {"org": {"secret": "ORG"}},
        "headers": {"a": {"bearer": ["KEY", "KEY_NEXT"]}, "b": {"secret": "MAYBE", "optional": true},
            "c": {"jwt": {"secret": "SIGN", "audience": "x"}}}}}));
    let missing = |path: &str, name: &str| {
        format!(
            "config.syncs[0].request.{path}: the secret `{name}` is not set: add it to the Action's secrets and deploy it again"
        )
    };
    let all = [
        missing("params.org.secret", "ORG"),
        missing("headers.a.bearer", "KEY"),
        missing("headers.c.jwt.secret", "SIGN"),
    ];
    assert_eq!(problems(&config), Vec::<String>::new(), "not known on a desk");
    assert_eq!(problems_with(&config, Some(&json!({}))), all);
    assert_eq!(
        problems_with(&config, Some(&json!({"ORG": "", "KEY": null, "SIGN": 7}))),
        all,
        "set, but to nothing"
    );
    let next = json!({"ORG": "o", "KEY_NEXT": "k", "SIGN": "s"});
    assert_eq!(problems_with(&config, Some(&next)), Vec::<String>::new(), "the second of a list will do");
    let url = one(json!({"request": {"url": {"secret": "URL"}}}));
    assert_eq!(problems_with(&url, Some(&json!({}))), [missing("url.secret", "URL")]);
}

#[test]
fn presets_switched_on_by_their_secrets() {
    let cleeng = json!({"CLEENG_CLIENT_SECRET": "s"});
    let userhub = json!({"USERHUB_API_KEY": "s", "USERHUB_CONNECTION_ID": "c"});
    let okta = json!({"OKTA_WORKFLOWS_URL": "https://example.com/"});
    let all = with(with(cleeng.clone(), userhub.clone()), okta.clone());
    let table: [(&str, Json, Json, &[&str]); 10] = [
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
        ("beside claims", json!({"claims": {"idToken": {"a": "'b'"}}}), cleeng, &["cleeng"]),
        ("not when syncs are written", json!({"syncs": [{"use": "userhub"}]}), all, &["userhub"]),
    ];
    for (name, config, secrets, wanted) in table {
        let read = Config::read(&Native(config), Some(&Native(secrets)));
        let syncs = read.map_err(|problems| format!("{problems:?}")).unwrap().syncs;
        assert_eq!(syncs.iter().map(|sync| sync.name.as_str()).collect::<Vec<_>>(), wanted, "{name}");
    }
}

#[test]
fn nothing_to_do() {
    let wanted = "config: nothing to do: write `syncs`, or set the secrets of a preset: CLEENG_CLIENT_SECRET (cleeng) \
        USERHUB_CONNECTION_ID and USERHUB_API_KEY (userhub) OKTA_WORKFLOWS_URL (okta-workflows)";
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
