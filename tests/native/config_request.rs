//! What is said about a request in a config: its url, its parameters, its headers, the secrets it needs.

use crate::common::config::{accepts, problems, problems_with};
use crate::common::one;
use login_sync::Native;
use serde_json::json;

/// What the transport sets is refused by any spelling of its name.
#[test]
fn headers_of_the_transport() {
    let names = "Host content-length content-encoding Accept-Encoding transfer-encoding connection keep-alive upgrade te \
        trailer expect Proxy-Authorization proxy-connection proxy-x";
    for name in names.split_whitespace() {
        let transport = "is set by the transport: remove it";
        assert_eq!(
            problems(&one(json!({"request": {"headers": {name: "x"}}}))),
            [format!("config.syncs[0].request.headers.{name}: {transport}")]
        );
    }
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
    // One level more than the deepest mapping.
    let nested = (0..17).fold(json!(1), |inner, _| json!([inner]));
    let found = problems(&one(json!({"request": {"body": nested}})));
    assert!(
        matches!(found.as_slice(), [one] if one.ends_with(": is nested too deep: at most 16 levels")),
        "{found:?}"
    );
    for name in ["a b", "x\r\ny", "", "é"] {
        let found = problems(&one(json!({"request": {"headers": {name: "c"}}})));
        assert!(
            matches!(found.as_slice(), [one] if one.ends_with(": is not a valid header name")),
            "{found:?}"
        );
    }
    // JSON text is where such a key can come from.
    let proto = Native::json(r#"{"name":"x","request":{"url":"https://a.b","body":{"__proto__":"user"}}}"#);
    let found = problems(&json!({"syncs": [proto.0]}));
    assert_eq!(
        found,
        ["config.syncs[0].request.body.__proto__: `__proto__` cannot be a key: choose another name"]
    );
}

#[test]
fn a_url() {
    // What is said of each kind is in tests/messages/url.json.
    let table = [
        ("must start with", vec!["http://crm.example.com/", "HTTPS://crm.example.com/", "crm.example.com"]),
        (
            "must have a host name of",
            vec!["https://", "https://crm..example.com", "https://crm.example.com./"],
        ),
        ("must have a host name of", vec!["https://exämple.com", "https://crm.example.com]/"]),
        (
            "must have a host name, not",
            vec!["https://[::1]/", "https://[::1]:8443/", "https://[2001:db8::1]"],
        ),
        ("must have a port from", vec!["https://crm.example.com:0/", "https://crm.example.com:65536/"]),
        ("must have a port from", vec!["https://crm.example.com:+80/", "https://crm.example.com:/"]),
        ("must not contain spaces", vec!["https://crm.example.com/a b", "https://crm.example.com/\r\nx: y"]),
        ("must not contain spaces", vec!["https://crm.example.com/é", "https://crm.example.com/\"a\""]),
    ];
    for (message, urls) in table {
        for url in urls {
            let found = problems(&one(json!({"request": {"url": url}}))).join("\n");
            assert!(found.starts_with(&format!("config.syncs[0].request.url: {message}")), "{url}: {found}");
        }
    }
}

#[test]
fn secrets_that_are_missing() {
    let config = one(json!({"request": {
        "url": "https://crm.example.com/{org}", "params": {"org": {"secret": "ORG"}},
        "headers": {"a": {"bearer": ["KEY", "KEY_NEXT"]}, "b": {"secret": "MAYBE", "optional": true},
            "c": {"jwt": {"secret": "SIGN", "audience": "x"}}}}}));
    let missing = |path: &str, name: &str| {
        format!(
            "config.syncs[0].request.{path}: the secret `{name}` is not set: add it to the Action's secrets and deploy the Action again"
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
    let value =
        one(json!({"request": {"headers": {"a": {"bearer": "sk_live_51H"}}, "url": {"secret": "URL"}}}));
    assert_eq!(
        problems_with(&value, Some(&json!({"URL": "https://crm.example.com/"}))),
        [missing("headers.a.bearer", "***")],
        "what is no name may be the value, and the log has this"
    );
}
