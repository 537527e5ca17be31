//! What is sent: the URL and its parts, the headers, secrets and their faults.

use crate::common::{Sent, Stage, event, ok, one, with};
use login_sync::{Draft, Native};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The one request of an entry with this request; `Err` is the outcome when there is none.
fn request(request: Json, secrets: Json, user: Json) -> Result<Sent, String> {
    let config = one(json!({"request": request}));
    let event = with(event(), json!({"user": user}));
    let end = Stage::new(config, secrets).play(&event, |_| ok(json!({})));
    end.sent.first().cloned().ok_or_else(|| end.why("crm"))
}

#[test]
fn parts_of_a_path() {
    let table = [
        ("auth0|123", "/u/auth0%7C123@conn_x"),
        ("a b", "/u/a%20b@conn_x"),
        ("a/b", "/u/a%2Fb@conn_x"),
        (".../admin", "/u/...%2Fadmin@conn_x"),
        ("https://a/b", "/u/https:%2F%2Fa%2Fb@conn_x"),
        ("a;b", "/u/a;b@conn_x"),
        ("a?b#c", "/u/a%3Fb%23c@conn_x"),
        ("a%2Fb", "/u/a%252Fb@conn_x"),
        ("{x}", "/u/%7Bx%7D@conn_x"),
        ("é\u{1f44b}", "/u/%C3%A9%F0%9F%91%8B@conn_x"),
        ("\"<>\\^`|", "/u/%22%3C%3E%5C%5E%60%7C@conn_x"),
        // What `encodeURIComponent` encodes and UserHub puts back, and what neither touches.
        ("$&+,;=:@", "/u/$&+,;=:@@conn_x"),
        ("-._~!*'()", "/u/-._~!*'()@conn_x"),
    ];
    let template = json!({"url": "https://h.example.com/u/{id}@{conn}",
        "params": {"id": "user.user_id", "conn": {"secret": "CONN"}}});
    for (id, path) in table {
        let sent = request(template.clone(), json!({"CONN": "conn_x"}), json!({"user_id": id})).unwrap();
        assert_eq!(sent.request.url.path, path, "{id}");
        assert_eq!(sent.request.url.host, "h.example.com", "{id}");
    }
}

#[test]
fn parts_of_a_query() {
    let table = [
        ("user.email", "/?q=ada%40example.com&a=%24%26%2B%2C%3B%3D%3A%40", "a string"),
        ("`7`", "/?q=7&a=%24%26%2B%2C%3B%3D%3A%40", "a number"),
        ("user.email_verified", "/?q=true&a=%24%26%2B%2C%3B%3D%3A%40", "a boolean"),
    ];
    for (expression, path, name) in table {
        let template = json!({"url": "https://h.example.com?q={q}&a={a}", "params": {"q": expression, "a": "'$&+,;=:@'"}});
        assert_eq!(request(template, json!({}), json!({})).unwrap().request.url.path, path, "{name}");
    }
    let literal = json!({"url": "https://h.example.com/{n}", "params": {"n": 7}});
    assert_eq!(request(literal, json!({}), json!({})).unwrap().request.url.path, "/7");
}

#[test]
fn a_part_that_is_nothing_is_no_request() {
    for value in [json!(null), json!(""), json!("."), json!(".."), json!(["a"]), json!({"a": 1})] {
        let template =
            json!({"url": "https://h.example.com/u/{id}", "params": {"id": "user.app_metadata.id"}});
        let found = request(template, json!({}), json!({"app_metadata": {"id": value}}));
        assert_eq!(found.map(|sent| sent.url()), Err("invalid:url-param".to_string()), "{value}");
    }
    let failing = json!({"url": "https://h.example.com/{id}", "params": {"id": "join('', user.name)"}});
    assert_eq!(request(failing, json!({}), json!({})).unwrap_err(), "invalid:url-param");
}

/// What a server might take for the way out of the path, in one param or several, whatever is around them.
#[test]
fn no_part_leads_out_of_the_path() {
    let ids = [
        "..",
        ".",
        "..;",
        ".;x",
        ";",
        ";x=1",
        "..;/",
        "../admin",
        "a/../b",
        "a;/..",
        "..\\admin",
        "a\\..",
        "%2e%2e",
        "%2E.",
        "..%2fadmin",
        "%252e%252e%252f",
        "..%3b",
        "a\r\nb",
        "a\0b",
        "a\tb",
        "a\u{7f}",
        "a\u{85}b",
        "a\u{fffd}",
    ];
    for id in ids {
        for secret in [false, true] {
            let param = if secret { json!({"secret": "ID"}) } else { json!("user.user_id") };
            let template = json!({"url": "https://h.example.com/u/{id}/x", "params": {"id": param}});
            let found = request(template, json!({"ID": id}), json!({"user_id": id}));
            assert_eq!(found.unwrap_err(), "invalid:url-param", "{id:?}");
        }
    }
    // (the path, its params, whether it is sent)
    let table = [
        ("/u/{a}{b}", json!({"a": "'.'", "b": "'.'"}), false),
        ("/u/{a}{b}", json!({"a": "'.'", "b": "'x'"}), true),
        ("/u/.{a}", json!({"a": "'.'"}), false),
        ("/u/.{a}", json!({"a": "'.;x'"}), false),
        ("/u/%2e{a}", json!({"a": "'.'"}), false),
        ("/u/%2{a}", json!({"a": "'e'"}), false),
        ("/u/{a}.;v=1/x", json!({"a": "'.'"}), false),
        ("/u/{a};v=1/x", json!({"a": "'b'"}), true),
        ("/u/{a}%3bx", json!({"a": "'..'"}), false),
        ("/u/{a}.json", json!({"a": "'..;'"}), false),
        ("/u/x{a}", json!({"a": "'..;'"}), true),
        ("/{a}/", json!({"a": "'x'"}), true),
        ("/u?q={a}", json!({"a": "'..;'"}), true),
        ("/u?q={a}&r=../x", json!({"a": "'a/../b'"}), true),
    ];
    for (path, params, sent) in table {
        let template = json!({"url": format!("https://h.example.com{path}"), "params": params});
        assert_eq!(request(template, json!({}), json!({})).is_ok(), sent, "{path} {params}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No built path has a segment that is `.`, `..` or nothing before its first `;`.
    #[test]
    fn a_path_that_is_built_stays_inside(
        literals in prop::array::uniform3("(\\.|x|%2e|%2F|;|/){0,2}"),
        a in "(\\.|;|/|%2e|%2f|%|x|\\\\){1,5}",
        b in "(\\.|;|2|e|E|x){1,4}",
    ) {
        let path = [&literals[0], "{a}", &literals[1], "{b}", &literals[2]].concat();
        let url = format!("https://h.example.com/u/{path}");
        let config = one(json!({"request": {"url": url, "params": {"a": "user.user_metadata.a", "b": "user.user_metadata.b"}}}));
        prop_assume!(Draft::read(&Native(config.clone())).with_secrets(None).is_ok());
        let event = with(event(), json!({"user": {"user_metadata": {"a": a, "b": b}}}));
        let end = Stage::new(config, json!({})).play(&event, |_| ok(json!({})));
        for sent in &end.sent {
            let mut plain = sent.request.url.path.to_string();
            for _ in 0..4 {
                for (escape, sign) in [("%25", "%"), ("%2E", "."), ("%2e", "."), ("%2F", "/"), ("%2f", "/"), ("%3B", ";"), ("%5C", "\\"), ("%5c", "\\")] {
                    plain = plain.replace(escape, sign);
                }
            }
            for part in plain.split(['/', '\\']) {
                let named = part.split(';').next().unwrap();
                prop_assert!(!matches!(named, "." | "..") && (part.is_empty() || !named.is_empty()), "{plain}");
            }
        }
    }
}

#[test]
fn a_literal_path_leads_nowhere_else_either() {
    for path in ["/a/..", "/./a", "/a/..;x", "/a/%2e%2E/b", "/..%2fa", "/;x"] {
        let url = format!("https://h.example.com{path}");
        let problems =
            Draft::read(&Native(one(json!({"request": {"url": url}})))).with_secrets(None).err().unwrap();
        assert!(problems[0].message.contains("must not have a path segment that is `.` or `..`"), "{path}");
        let secret = request(json!({"url": {"secret": "URL"}}), json!({"URL": url}), json!({}));
        assert_eq!(secret.unwrap_err(), "invalid:url-secret", "{path}");
    }
}

#[test]
fn methods_and_hosts() {
    for method in ["POST", "GET", "PUT", "PATCH", "DELETE"] {
        let sent = request(json!({"method": method}), json!({}), json!({})).unwrap();
        assert_eq!(sent.request.method, method);
        assert_eq!((&sent.request.body, sent.header("content-type")), (&None, None));
    }
    for (url, wanted) in [
        ("https://CRM.Example.com", "https://crm.example.com/"),
        ("https://crm.example.com:443/a", "https://crm.example.com/a"),
        ("https://crm.example.com:8443?a=b", "https://crm.example.com:8443/?a=b"),
        ("https://my_host-1/a//b/c?d=%20", "https://my_host-1/a//b/c?d=%20"),
        ("https://192.0.2.1:1/", "https://192.0.2.1:1/"),
    ] {
        assert_eq!(request(json!({"url": url}), json!({}), json!({})).unwrap().url(), wanted);
    }
}

#[test]
fn headers() {
    let sent = request(json!({"body": {}}), json!({}), json!({})).unwrap();
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("accept"), Some("application/json"));
    assert_eq!(sent.header("user-agent"), Some(concat!("login-sync/", env!("CARGO_PKG_VERSION"))));
    let key = sent.header("idempotency-key").unwrap();
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");

    let own = json!({"body": {}, "headers": {"Content-Type": "application/vnd.x+json", "ACCEPT": "*/*",
        "user-agent": "me", "Idempotency-Key": "mine", "x-plain": "a b\tc",
        "x-key": {"secret": "KEY"}, "authorization": {"bearer": "KEY"}}});
    let sent = request(own, json!({"KEY": "k3y"}), json!({})).unwrap();
    let wanted = [
        ("content-type", "application/vnd.x+json"),
        ("accept", "*/*"),
        ("user-agent", "me"),
        ("idempotency-key", "mine"),
        ("x-plain", "a b\tc"),
        ("x-key", "k3y"),
        ("authorization", "Bearer k3y"),
    ];
    for (name, value) in wanted {
        assert_eq!(sent.header(name), Some(value));
    }
}

#[test]
fn secrets_in_headers() {
    let optional = json!({"headers": {"x-key": {"secret": "KEY", "optional": true}}});
    assert_eq!(request(optional.clone(), json!({}), json!({})).unwrap().header("x-key"), None);
    assert_eq!(request(optional.clone(), json!({"KEY": ""}), json!({})).unwrap().header("x-key"), None);
    assert_eq!(request(optional, json!({"KEY": "k"}), json!({})).unwrap().header("x-key"), Some("k"));
    let needed = json!({"headers": {"x-key": {"secret": "KEY"}}});
    for secret in ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0", "a\u{7f}", "é"] {
        let found = request(needed.clone(), json!({"KEY": secret}), json!({}));
        assert_eq!(found.unwrap_err(), "invalid:header-value", "{secret:?}");
    }
}

#[test]
fn a_secret_that_is_gone_since_the_config_was_read() {
    let config = one(json!({"request": {"headers": {"x-key": {"secret": "KEY"}}}, "onFailure": "deny"}));
    let mut stage = Stage::new(config, json!({"KEY": "k"}));
    stage.secrets = json!({});
    let end = stage.login(&event(), &[]);
    assert_eq!(end.why("crm"), "unauthorized:no-secret");
    assert_eq!(end.commands[0][0], "deny");
}

#[test]
fn a_url_that_is_a_secret() {
    let template = json!({"url": {"secret": "URL", "queryToHeaders": {"clientToken": "x-api-client-token", "k": "x-k"}}});
    let table = [
        ("https://h.example.com/i?clientToken=t", "https://h.example.com/i", Some("t"), None),
        (
            "https://h.example.com/i?a=1&clientToken=t&k=&b=2",
            "https://h.example.com/i?a=1&b=2",
            Some("t"),
            Some(""),
        ),
        ("https://h.example.com?clientToken=a=b", "https://h.example.com/", Some("a=b"), None),
        ("https://h.example.com/i?clientToken=a%2Bb", "https://h.example.com/i", Some("a+b"), None),
        ("https://h.example.com/i?clienttoken=t", "https://h.example.com/i?clienttoken=t", None, None),
        ("https://h.example.com/i?", "https://h.example.com/i?", None, None),
    ];
    for (secret, url, token, k) in table {
        let sent = request(template.clone(), json!({"URL": secret}), json!({})).unwrap();
        assert_eq!(sent.url(), url, "{secret}");
        assert_eq!((sent.header("x-api-client-token"), sent.header("x-k")), (token, k), "{secret}");
    }
    let wrong = [
        "http://h.example.com/",
        "ftp://h",
        "https://",
        "https://a@h.example.com/",
        "https://h.example.com/{x}",
        "https://h.example.com/a b",
        "https://h.example.com/\r\nx: y",
        "https://h.example.com/#x",
        "https://h.example.com/i?clientToken=a%0D%0Ab",
        "https://h.example.com/i?clientToken=%zz",
    ];
    for secret in wrong {
        let found = request(template.clone(), json!({"URL": secret}), json!({}));
        assert_eq!(found.unwrap_err(), "invalid:url-secret", "{secret}");
    }
}

#[test]
fn a_body_leaves_out_what_is_null() {
    let body = json!({"body": {"a": "user.nothing", "b": null, "c": {"d": "user.nothing"}, "e": ["user.nothing", "'x'"],
        "f": 0, "g": false, "h": "''", "i": "user.identities[*].provider"}});
    let sent = request(body, json!({}), json!({})).unwrap();
    let wanted = r#"{"c":{},"e":[null,"x"],"f":0,"g":false,"h":"","i":["auth0","google-oauth2"]}"#;
    assert_eq!(sent.request.body.as_deref(), Some(wanted));
    let text = request(json!({"body": "user.email"}), json!({}), json!({})).unwrap();
    assert_eq!(text.request.body.as_deref(), Some("\"ada@example.com\""));
    let failing = request(json!({"body": {"a": "join('', user.name)"}}), json!({}), json!({}));
    assert_eq!(failing.unwrap_err(), "invalid:body-expression");
}
