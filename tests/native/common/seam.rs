//! What the seam must do, whatever is behind it: one table for `serde_json` (`tests/native/seam.rs`) and for JavaScript
//! (`tests/wasm.rs`). So nothing here may name either.

use login_sync::{Kind, Text, Value};

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

fn numbers<V: Value>() {
    // What comes back when it is written again: the same number, or the string of its digits.
    let table = [
        ("0", "0"),
        ("-0", "0"),
        ("0.0", "0"),
        ("0e99999", "0"),
        ("1e3", "1000"),
        ("1.50", "1.5"),
        ("1e21", "1e+21"),
        ("1E-7", "1e-7"),
        ("123456789012345680", "123456789012345680"),
        ("100000000000000000000000", "1e+23"),
        ("9007199254740992", "9007199254740992"),
        ("0.30000000000000004", "0.30000000000000004"),
        // Seventeen digits of a double, as many systems write one.
        ("0.69999999999999996", "0.7"),
        ("-19.989999999999998", "-19.99"),
        ("5.9334591000000003e1", "59.334591"),
        ("0.69999999999999995", r#""0.69999999999999995""#),
        ("1.2345678901234567e18", r#""1.2345678901234567e18""#),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740993", r#""9007199254740993""#),
        ("-227490627192107011", r#""-227490627192107011""#),
        ("1152921504606846976", r#""1152921504606846976""#),
        ("12345678901234567890.0", r#""12345678901234567890.0""#),
        ("123456789012345678.5", r#""123456789012345678.5""#),
        ("1.2345678901234567891e18", r#""1.2345678901234567891e18""#),
        ("0.1000000000000000055", r#""0.1000000000000000055""#),
        ("90071992547409.931", r#""90071992547409.931""#),
        ("1e400", r#""1e400""#),
        ("-1E+400", r#""-1E+400""#),
        ("1e-400", r#""1e-400""#),
        ("1e99999999999999999999", r#""1e99999999999999999999""#),
    ];
    for (number, wanted) in table {
        let around = [
            (number.to_string(), wanted.to_string()),
            (format!(" [ {number} ,{number}\n]"), format!("[{wanted},{wanted}]")),
            (
                format!(r#"{{"a":{{"b\\" : {number}}},"c":"{number}\"{number}"}}"#),
                format!(r#"{{"a":{{"b\\":{wanted}}},"c":"{number}\"{number}"}}"#),
            ),
        ];
        for (text, wanted) in around {
            assert_eq!(read::<V>(&text).to_json(), wanted, "{text}");
            // Written by us, and read again: nothing changes any more.
            assert_eq!(read::<V>(&wanted).to_json(), wanted, "{text}");
        }
    }
    for text in [
        "012345678901234567890",
        "12345678901234567890 1",
        "[1e400",
        "{12345678901234567890:1}",
        "1e400e1",
        "--12345678901234567890",
    ] {
        assert!(V::from_text(text).parse_json().is_none(), "{text} is not JSON");
    }
}

/// A number by its digits: what it is worth, exactly.
fn worth(number: &str) -> (bool, String, i64) {
    let (digits, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = format!("{}{part}", whole.trim_start_matches('-')).trim_start_matches('0').to_string();
    let mut power =
        power.parse::<i64>().unwrap_or(i64::MAX / 2) - i64::try_from(part.len()).unwrap_or_default();
    while all.ends_with('0') {
        all.pop();
        power += 1;
    }
    (number.starts_with('-') && !all.is_empty(), all.clone(), if all.is_empty() { 0 } else { power })
}

/// No number changes its value, but that seventeen digits of a double may come back as fewer; and both sides of the seam keep and change the same, by a digest of all that came.
fn numbers_at_random<V: Value>() {
    let mut state = 7_u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut all = String::new();
    for _ in 0..3_000 {
        let mut digits = |most: u32| {
            (0..=random(most))
                .map(|_| char::from(b'0' + u8::try_from(random(10)).unwrap_or_default()))
                .collect::<String>()
        };
        let (whole, part, power) = (digits(22), digits(20), digits(3));
        let mut number = whole.trim_start_matches('0').to_string();
        number = if number.is_empty() { "0".to_string() } else { number };
        if random(3) == 0 {
            number = format!("{number}.{part}");
        }
        if random(4) == 0 {
            number = format!(
                "{number}{}{}{power}",
                ["e", "E"][random(2) as usize],
                ["", "-", "+"][random(3) as usize]
            );
        }
        if random(4) == 0 {
            number.insert(0, '-');
        }
        let back = read::<V>(&format!(r#"{{"a":[{number}]}}"#)).get("a").at(0);
        let text = back.as_text().unwrap_or_else(|| back.to_json());
        let same_double = text.parse::<f64>() == number.parse::<f64>() && worth(&number).1.len() == 17;
        let held = worth(&text) == worth(&number) || same_double;
        assert!(held, "{number} came back as {text}");
        assert!(back.kind() == Kind::Number || text == number, "{number} came back as {text}");
        all.push_str(&back.to_json());
    }
    let digest = V::from_text(&all).digest("sha256 hex", None).as_text().unwrap_or_default();
    assert_eq!(digest, "4d6c28af68b32cab49bbab7b3f57460a692ff7ae0ded22a1b3752c3e86d19257");
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

fn secrets<V: Value>() {
    let table = [
        ("abc", Some("abc")),
        (" abc\r\n", Some("abc")),
        ("\u{feff}abc", Some("abc")),
        ("\u{a0}\u{feff}\n\t", None),
        ("a b", Some("a b")),
        ("", None),
        ("   ", None),
        ("##CRM_KEY##", None),
        ("##crm-key##", None),
        (" @@CRM_KEY@@\n", None),
        ("Bearer ##CRM_KEY##", None),
        ("https://h.example.com/@@KEY@@/x", None),
        ("${CRM_KEY}", None),
        ("{{ crm.key }}", None),
        ("<your key>", None),
        ("a##b##c", Some("a##b##c")),
        ("##", Some("##")),
        ("#@{$<>", Some("#@{$<>")),
        (r#"{"a":{"b":1}}"#, Some(r#"{"a":{"b":1}}"#)),
    ];
    for (secret, wanted) in table {
        let secrets = V::from_object(vec![("KEY", V::from_text(secret))]);
        assert_eq!(secrets.secret(&Text::new("KEY")).as_text().as_deref(), wanted, "{secret}");
    }
    for (secrets, name) in [
        (r#"{"KEY":7}"#, "KEY"),
        (r#"{"KEY":["x"]}"#, "KEY"),
        ("{}", "constructor"),
        ("null", "KEY"),
        (r#""KEY""#, "length"),
    ] {
        assert!(read::<V>(secrets).secret(&Text::new(name)).is_null(), "{secrets} {name}");
    }
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

fn unchecked_claims<V: Value>() {
    let header = "eyJhbGciOiJIUzI1NiJ9";
    // (claims, signature, what is read)
    let table = [
        ("eyJhIjoxfQ", "c2ln", Some(r#"{"a":1}"#)),
        ("eyJhIjoibmHDr3ZlIPCfkYsifQ", "c2ln", Some(r#"{"a":"naïve 👋"}"#)),
        ("eyJhIjoxfQ", "", Some(r#"{"a":1}"#)),
        ("eyJleHAiOjd9", "c2ln", Some(r#"{"exp":7}"#)),
        ("eyJleHAiOiI3In0", "c2ln", None),
        ("eyJleHAiOm51bGx9", "c2ln", None),
        // A signature is bytes that need not be a text.
        ("eyJhIjoxfQ", "_-7d", Some(r#"{"a":1}"#)),
        // Another alphabet, padding, a length that cannot be, bits that should be zero, and what is not in it at all.
        ("eyJhIjoxfQ", "77u/eA", None),
        ("eyJhIjoxfQ", "eA==", None),
        ("eyJhIjoxfQ", "A", None),
        ("eyJhIjoxfQ", "eB", None),
        ("eyJhIjoxfQ", "e A", None),
        ("eyJhIjoxfQ", "é", None),
        ("eyJhIjoxfQ", "c2ln.", None),
        ("eyJhIjoxfQ==", "c2ln", None),
        ("eyJhIjoxfR", "c2ln", None),
        ("eyJhIjoi/yJ9", "c2ln", None),
        // Bytes that are no text, a byte order mark, and JSON that is no object.
        ("eyJhIjoi_yJ9", "c2ln", None),
        ("77u_e30", "c2ln", None),
        ("W10", "c2ln", None),
        ("bnVsbA", "c2ln", None),
        ("", "c2ln", None),
    ];
    for (claims, signature, wanted) in table {
        let token = V::from_text(&[header, claims, signature].join("."));
        let claims = token.unchecked_claims().map(|claims| claims.to_json());
        assert_eq!(claims.as_deref(), wanted, "{}", token.to_json());
    }
    for value in [V::default(), V::from_f64(1.0), V::from_list(Vec::new()), V::from_text("")] {
        assert!(value.unchecked_claims().is_none(), "{} is no token", value.to_json());
    }
}

fn digests<V: Value>() {
    // FIPS 180-4, RFC 4231 (case 2), and what is not ASCII.
    let table = [
        ("", None, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", None, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("naïve 👋", None, "7e47a38b6324d8a301e6281b101d0efe2e9c037310afedf8ec9c38cb9f536ed2"),
        (
            "what do ya want for nothing?",
            Some("Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("é", Some("clé"), "379aed3ea9ad6435d18a87afff6c5836f34e35ead0bc0a014c25014a0f008b5b"),
    ];
    for (text, key, wanted) in table {
        let digest = V::from_text(text).digest("sha256 hex", key.map(V::from_text).as_ref());
        assert_eq!(digest.as_text().as_deref(), Some(wanted), "{text} {key:?}");
    }
    // RFC 4231 (case 2) and RFC 2202 (case 2), a key in base64, a text that is only written otherwise.
    let jefe = "what do ya want for nothing?";
    let table = [
        (
            jefe,
            Some("Jefe"),
            "sha256 hex",
            Some("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ),
        (
            jefe,
            Some("SmVmZQ=="),
            "sha256 base64 base64",
            Some("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        ),
        (jefe, Some("Jefe"), "sha1 hex", Some("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")),
        (
            jefe,
            Some("Jefe"),
            "sha512 base64",
            Some("Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSXWL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw=="),
        ),
        ("é👋", None, "text base64", Some("w6nwn5GL")),
        ("x", Some("SmVmZQ"), "sha256 hex base64", None),
        ("x", Some("!"), "sha256 hex base64", None),
        ("x", Some(""), "sha256 hex base64", None),
        ("x", Some("no key"), "RS256 binary", None),
        ("x", Some("-----BEGIN PRIVATE"), "nothing hex", None),
    ];
    for (text, key, how, wanted) in table {
        let digest = V::from_text(text).digest(how, key.map(V::from_text).as_ref());
        assert_eq!(digest.as_text().as_deref(), wanted, "{text} {key:?} {how}");
    }
}

fn clock<V: Value>() {
    let table = [
        (0.0, "1970-01-01T00:00:00.000Z", 0.0, 4.0, 0.0),
        (951_827_696_789.0, "2000-02-29T12:34:56.789Z", 951_827_696.0, 2.0, 12.0),
        (1_709_251_199_999.0, "2024-02-29T23:59:59.999Z", 1_709_251_199.0, 4.0, 23.0),
        (1_735_689_600_000.0, "2025-01-01T00:00:00.000Z", 1_735_689_600.0, 3.0, 0.0),
        (1_793_534_400_000.0, "2026-11-01T12:00:00.000Z", 1_793_534_400.0, 0.0, 12.0),
        (4_102_444_799_000.0, "2099-12-31T23:59:59.000Z", 4_102_444_799.0, 4.0, 23.0),
    ];
    for (ms, iso, seconds, weekday, hour) in table {
        let clock = V::clock(ms);
        assert_eq!(clock.keys(), ["iso", "seconds", "ms", "weekday", "hour"]);
        assert_eq!(clock.get("iso").as_text().as_deref(), Some(iso));
        for (name, number) in [("seconds", seconds), ("ms", ms), ("weekday", weekday), ("hour", hour)] {
            assert_eq!(clock.get(name).as_f64(), Some(number), "{name} {iso}");
        }
    }
}

fn dates<V: Value>() {
    assert_eq!(V::parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000.0));
    assert_eq!(V::parse_date("Fri, 31 Dec 1999 23:59:59 GMT"), Some(946_684_799_000.0));
    for text in ["", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
        assert_eq!(V::parse_date(text), None, "{text}");
    }
}
