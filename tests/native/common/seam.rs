//! What the seam must do, whatever is behind it: one table for `serde_json` (`tests/native/seam.rs`) and for JavaScript
//! (`tests/wasm.rs`). So nothing here may name either.

#[path = "seam_host.rs"]
mod host;
#[path = "seam_numbers.rs"]
mod numbers;

use host::{clock, dates, digests, secrets, unchecked_claims};
use login_sync::{Kind, Text, Value};
use numbers::{numbers, numbers_at_random};

/// The checks, by name.
pub fn checks<V: Value>() -> [(&'static str, fn()); 19] {
    [
        ("kinds", kinds::<V>),
        ("fields", fields::<V>),
        ("elements", elements::<V>),
        ("keys", keys::<V>),
        ("without", without::<V>),
        ("events", events::<V>),
        ("hidden fields", hidden::<V>),
        ("texts, numbers, booleans", scalars::<V>),
        ("json", json::<V>),
        ("numbers", numbers::<V>),
        ("numbers at random", numbers_at_random::<V>),
        ("`__proto__`", proto::<V>),
        ("depth and weight", depth_and_weight::<V>),
        ("secrets", secrets::<V>),
        ("made values", made::<V>),
        ("dates", dates::<V>),
        ("the clock", clock::<V>),
        ("unchecked claims", unchecked_claims::<V>),
        ("digests", digests::<V>),
    ]
}

fn read<V: Value>(text: &str) -> V {
    let read = V::from_text(text).parse_json();
    assert!(read.is_some(), "the table holds what is not JSON: {text}");
    read.unwrap_or_default()
}

fn kinds<V: Value>() {
    let table = [
        ("null", Kind::Null, false),
        ("false", Kind::Bool, false),
        ("true", Kind::Bool, true),
        ("0", Kind::Number, true),
        ("-1.5", Kind::Number, true),
        (r#""""#, Kind::Text, false),
        (r#""0""#, Kind::Text, true),
        ("[]", Kind::List, false),
        ("[null]", Kind::List, true),
        ("{}", Kind::Object, false),
        (r#"{"a":null}"#, Kind::Object, true),
    ];
    for (text, kind, truthy) in table {
        let value = read::<V>(text);
        assert_eq!(value.kind(), kind, "{text}");
        assert_eq!(value.is_truthy(), truthy, "{text}");
        assert_eq!(value.is_null(), kind == Kind::Null, "{text}");
    }
}

fn fields<V: Value>() {
    let table = [
        (r#"{"a":1}"#, "a", "1"),
        (r#"{"a":{"b":[2]}}"#, "a", r#"{"b":[2]}"#),
        (r#"{"a":1}"#, "b", "null"),
        (r#"{"a":null}"#, "a", "null"),
        (r#"{"":1}"#, "", "1"),
        (r#"{"https://example.com/plan":"gold"}"#, "https://example.com/plan", r#""gold""#),
        (r#"{"naïve 👋":1}"#, "naïve 👋", "1"),
        // What every object of JavaScript inherits is no one's data.
        ("{}", "constructor", "null"),
        ("{}", "toString", "null"),
        ("{}", "__proto__", "null"),
        (r#"{"hasOwnProperty":1,"a":2}"#, "a", "2"),
        // Only objects have fields.
        ("[1]", "0", "null"),
        ("[1]", "length", "null"),
        (r#""text""#, "length", "null"),
        ("1", "a", "null"),
        ("null", "a", "null"),
    ];
    for (text, key, wanted) in table {
        let value = read::<V>(text);
        assert_eq!(value.get(key).to_json(), wanted, "{text} {key}");
        assert_eq!(value.field(&Text::new(key)).to_json(), wanted, "{text} {key}, by a text of both sides");
    }
}

fn elements<V: Value>() {
    let table = [
        ("[1,[2]]", 2, 0, "1"),
        ("[1,[2]]", 2, 1, "[2]"),
        ("[1]", 1, 1, "null"),
        ("[1]", 1, usize::MAX, "null"),
        ("[1]", 1, u32::MAX as usize, "null"),
        ("[]", 0, 0, "null"),
        (r#"{"0":1,"length":1}"#, 0, 0, "null"),
        (r#""text""#, 0, 0, "null"),
        ("null", 0, 0, "null"),
    ];
    for (text, len, index, wanted) in table {
        let value = read::<V>(text);
        assert_eq!(value.len(), len, "{text}");
        assert_eq!(value.is_empty(), len == 0, "{text}");
        assert_eq!(value.items().len(), len, "{text}");
        assert_eq!(value.at(index).to_json(), wanted, "{text} {index}");
    }
}

fn keys<V: Value>() {
    let table: [(&str, &[&str]); 7] = [
        (r#"{"b":1,"a":null}"#, &["b", "a"]),
        (r#"{"":1,"b c":2}"#, &["", "b c"]),
        (r#"{"constructor":1}"#, &["constructor"]),
        ("{}", &[]),
        ("[1]", &[]),
        (r#""text""#, &[]),
        ("null", &[]),
    ];
    for (text, wanted) in table {
        assert_eq!(read::<V>(text).keys(), wanted, "{text}");
    }
}

fn without<V: Value>() {
    let table = [
        (r#"{"a":1,"b":2,"c":3}"#, "b", r#"{"a":1,"c":3}"#),
        (r#"{"a":1,"b":2}"#, "a b c", "{}"),
        (r#"{"a":{"b":1}}"#, "b", r#"{"a":{"b":1}}"#),
        (r#"{"":1,"ab":2}"#, "", r#"{"":1,"ab":2}"#),
        (r#"{"ab":1,"a":2,"b":3}"#, "a b", r#"{"ab":1}"#),
        ("[1]", "0", "{}"),
        (r#""text""#, "a", "{}"),
        ("null", "a", "{}"),
    ];
    for (text, left_out, wanted) in table {
        let value = read::<V>(text);
        assert_eq!(value.without(left_out).to_json(), wanted, "{text}");
        assert_eq!(value.others(left_out), read::<V>(wanted).keys(), "{text}");
        assert_eq!(value.to_json(), text, "the value itself was changed");
    }
}

fn events<V: Value>() {
    let table = [
        (
            r#"{"user":{"secrets":1,"body":2},"secrets":{"KEY":"s"},"request":{"ip":"i","body":{"p":1},"query":{},"geoip":{"body":1}}}"#,
            r#"{"user":{"secrets":1,"body":2},"request":{"ip":"i","geoip":{"body":1}}}"#,
        ),
        (r#"{"request":{"body":1}}"#, r#"{"request":{}}"#),
        (r#"{"request":null,"a":1}"#, r#"{"request":null,"a":1}"#),
        (r#"{"request":[{"body":1}]}"#, r#"{"request":[{"body":1}]}"#),
        (r#"{"secrets":null}"#, "{}"),
        ("{}", "{}"),
        ("[1]", "{}"),
        ("null", "{}"),
        // Our own record, and the tokens of other providers.
        (
            r#"{"user":{"app_metadata":{"login_sync":{"crm":{}},"plan":"gold","b":{"login_sync":1}}}}"#,
            r#"{"user":{"app_metadata":{"plan":"gold","b":{"login_sync":1}}}}"#,
        ),
        (r#"{"user":{"app_metadata":{"login_sync":null}}}"#, r#"{"user":{"app_metadata":{}}}"#),
        (r#"{"user":{"app_metadata":["login_sync"]}}"#, r#"{"user":{"app_metadata":["login_sync"]}}"#),
        (
            r#"{"user":{"identities":[{"provider":"x","accessToken":"t","access_token":"t","refresh_token":"t","refreshToken":"t","id_token":"t","access_token_secret":"t","profileData":{"name":"n","oauth_token":"t","raw":[{"idToken":"t","clientSecret":"t","a":1}]}}],"tokens":1}}"#,
            r#"{"user":{"identities":[{"provider":"x","profileData":{"name":"n","raw":[{"a":1}]}}],"tokens":1}}"#,
        ),
        (
            r#"{"user":{"identities":{"0":{"access_token":"t","a":1}}}}"#,
            r#"{"user":{"identities":{"0":{"a":1}}}}"#,
        ),
        (
            r#"{"user":{"identities":null,"app_metadata":null}}"#,
            r#"{"user":{"identities":null,"app_metadata":null}}"#,
        ),
        (r#"{"user":null}"#, r#"{"user":null}"#),
        (r#"{"user":["x"]}"#, r#"{"user":["x"]}"#),
    ];
    for (text, wanted) in table {
        let event = read::<V>(text);
        assert_eq!(event.opened().to_json(), wanted, "{text}");
        assert_eq!(event.to_json(), text, "the event itself was changed");
    }
}

/// Read by its name, and nowhere else.
fn hidden<V: Value>() {
    for before in ["{}", r#"{"a":1}"#, r#"{"a":1,"h":2}"#] {
        let object = read::<V>(before).without("").with_hidden("h", V::from_bool(true));
        assert_eq!(object.get("h").as_bool(), Some(true), "{before}");
        assert_eq!(object.field(&Text::new("h")).as_bool(), Some(true), "{before}");
        assert!(!object.keys().contains(&"h".to_string()), "{before}");
        for seen in [object.clone(), V::from_list(vec![object.clone()]), object.without("")] {
            assert!(!seen.to_json().contains('h'), "{before}: {}", seen.to_json());
        }
        assert_eq!(V::from_object(vec![("o", object.clone())]).size(), object.size() + 6, "{before}");
        assert_eq!(object.is_truthy(), before.contains('a'), "{before}");
        assert_eq!(object.without("").get("h").to_json(), "null", "{before}");
    }
}

fn scalars<V: Value>() {
    // (json, as_text, as_f64, as_bool)
    let table = [
        (r#""naïve 👋 \u0000""#, Some("naïve 👋 \0"), None, None),
        (r#""""#, Some(""), None, None),
        (r#""1""#, Some("1"), None, None),
        ("1", None, Some(1.0), None),
        ("-0.5", None, Some(-0.5), None),
        ("1e3", None, Some(1000.0), None),
        ("9007199254740991", None, Some(9_007_199_254_740_991.0), None),
        ("true", None, None, Some(true)),
        ("false", None, None, Some(false)),
        ("null", None, None, None),
        ("[1]", None, None, None),
        (r#"{"a":1}"#, None, None, None),
    ];
    for (text, as_text, as_f64, as_bool) in table {
        let value = read::<V>(text);
        assert_eq!(value.as_text().as_deref(), as_text, "{text}");
        assert_eq!(value.as_f64(), as_f64, "{text}");
        assert_eq!(value.as_bool(), as_bool, "{text}");
    }
}

fn json<V: Value>() {
    for text in ["null", "1", "1.5", "-2", r#""a\"b\\\n""#, "[1,[null,true]]", r#"{"b":{"a":[]},"a":"é"}"#] {
        assert_eq!(read::<V>(text).to_json(), text, "written as it was read");
        assert_eq!(read::<V>(text).size(), text.len(), "{text}");
    }
    for text in ["", "{", "[1,]", "{'a':1}", "undefined", "NaN", "01", "1 2", "\u{feff}1x"] {
        assert!(V::from_text(text).parse_json().is_none(), "{text} is not JSON");
    }
    for value in [V::default(), V::from_f64(1.0), V::from_bool(true), V::from_list(Vec::new())] {
        assert!(value.parse_json().is_none(), "only a string is read: {}", value.to_json());
    }
}

fn proto<V: Value>() {
    let table = [
        (r#"{"__proto__":{"admin":true},"a":1}"#, r#"{"a":1}"#),
        (r#"{"a":[{"b":{"__proto__":1,"c":2}}]}"#, r#"{"a":[{"b":{"c":2}}]}"#),
        (r#"{"\u005f_pr\u006Fto__":1,"a":1}"#, r#"{"a":1}"#),
        (r#"{"a":"__proto__","__proto":1,"__PROTO__":2}"#, r#"{"a":"__proto__","__proto":1,"__PROTO__":2}"#),
        (r#"{"a":"\"__proto__\":"}"#, r#"{"a":"\"__proto__\":"}"#),
        (r#"["__proto__"]"#, r#"["__proto__"]"#),
    ];
    for (text, wanted) in table {
        let value = read::<V>(text);
        assert_eq!(value.to_json(), wanted, "{text}");
        assert_eq!(value.writable().map(|value| value.to_json()).as_deref(), Some(wanted), "{text}");
    }
}

fn depth_and_weight<V: Value>() {
    let nested = |depth: usize, open: &str, close: &str| [open.repeat(depth), close.repeat(depth)].concat();
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let text = |depth: usize| nested(depth, open, close).replace(":}", ":1}");
        for depth in [1, 64, 65, 120] {
            let text = V::from_text(&text(depth));
            assert_eq!(text.parse_within(64).is_some(), depth <= 64, "{open} {depth}");
            assert_eq!(text.parse_json().is_some(), depth <= 120, "{open} {depth}");
        }
        assert!(V::from_text(&text(121)).parse_json().is_none());
        for (depth, writable) in [(99, true), (100, true), (101, false), (120, false)] {
            let value = read::<V>(&text(depth));
            assert_eq!(value.weight(usize::MAX >> 1).is_some(), writable, "{open} {depth}");
            assert_eq!(value.writable().is_some(), writable, "{open} {depth}");
        }
    }
    let brackets = V::from_text(&format!(r#"["{}","\"{}"]"#, "[".repeat(99), "{".repeat(99)));
    assert!(brackets.parse_within(1).is_some(), "what is in a string is not deep");
    for (text, weight) in
        [("null", 4), ("1", 4), (r#""abc""#, 7), ("[]", 4), ("[1,[2]]", 16), (r#"{"ab":"c"}"#, 11)]
    {
        let value = read::<V>(text);
        assert_eq!(value.weight(1000), Some(weight), "{text}");
        assert_eq!(value.weight(weight), Some(weight), "{text}");
        assert_eq!(value.weight(weight - 1), None, "{text}");
    }
    let long = |n: usize| V::from_text(&"x".repeat(n)).writable().is_some();
    assert!(long(262_000) && !long(263_000));
    let same = [
        ("[1,{\"a\":[2],\"b\":null}]", "[1,{\"b\":null,\"a\":[2.0]}]", true),
        ("{}", "[]", false),
        ("\"a\"", "\"b\"", false),
        ("{\"a\":null}", "{\"b\":null}", false),
        ("[1,2]", "[1]", false),
    ];
    for (left, right, equal) in same {
        let (left, right) = (read::<V>(left), read::<V>(right));
        assert_eq!(left.same(&right, 100).0, equal, "{} {}", left.to_json(), right.to_json());
        assert_eq!(right.same(&left, 100).0, equal);
    }
    let list = read::<V>(&format!("[{}1]", "1,".repeat(999)));
    let (equal, work) = list.same(&list, 10_000);
    assert!(equal && work == 1001 + 250, "{work}");
    assert!(list.same(&list, 500).1 > 500, "it has given up");
}

fn made<V: Value>() {
    let object = V::from_object(vec![
        ("z", V::from_f64(1.0)),
        ("list", V::from_list(vec![V::default(), V::from_bool(false), V::from_f64(-2.5)])),
        ("text", V::from_text("é\"")),
        ("", V::from_object(Vec::new())),
        ("__proto__", V::from_object(vec![("polluted", V::from_bool(true))])),
    ]);
    assert_eq!(object.to_json(), r#"{"z":1,"list":[null,false,-2.5],"text":"é\"","":{}}"#);
    assert!(object.get("polluted").is_null());
    let fields = [("b", V::from_f64(1.0)), ("a", V::default()), ("__proto__", V::from_bool(true))];
    let names = fields.clone().map(|(name, _)| Text::new(name));
    let made = V::from_fields(names.iter().zip(fields).map(|(name, (_, value))| (name, value)).collect());
    assert_eq!(made.to_json(), r#"{"b":1,"a":null}"#);
    let fields = [
        ("b", V::default()),
        ("a", V::from_bool(false)),
        ("c", V::from_text("")),
        ("__proto__", V::from_f64(1.0)),
    ];
    let names = fields.clone().map(|(name, _)| Text::new(name));
    let present = V::from_present(names.iter().zip(fields).map(|(name, (_, value))| (name, value)).collect());
    assert_eq!(present.to_json(), r#"{"a":false,"c":""}"#, "only what is null is left out");
    let with = made.with("b", V::from_text("x")).with("c", V::from_bool(false));
    assert_eq!(with.to_json(), r#"{"b":"x","a":null,"c":false}"#, "one changed in its place, one more");
    let whole = [(0.0, "0"), (1_793_491_200_000.0, "1793491200000"), (0.1, "0.1")];
    for (number, text) in whole {
        assert_eq!(V::from_f64(number).to_json(), text);
    }
    assert_eq!(V::default().kind(), Kind::Null);
}
