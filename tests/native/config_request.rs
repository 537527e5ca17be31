//! What is said about a request in a config: its url, its parameters, its headers, the secrets it needs.

use crate::common::config::{accepts, problems, problems_with, refuses_entry};
use crate::common::one;
use login_sync::Native;
use serde_json::json;

/// What the transport sets is refused by any spelling of its name.
#[test]
fn headers_of_the_transport() {
    let names = "Host content-length content-encoding Accept-Encoding transfer-encoding connection keep-alive upgrade te \
        trailer expect Proxy-Authorization proxy-connection proxy-x";
    for name in names.split_whitespace() {
        let transport = "this header is set by the transport: leave it out";
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
