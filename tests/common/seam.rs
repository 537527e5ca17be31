//! What the seam must do, whatever is behind it: one table for `serde_json` (`tests/seam.rs`) and for JavaScript
//! (`tests/wasm.rs`). So nothing here may name either.

use login_sync::text::Text;
use login_sync::value::{Kind, Value};

/// The checks, by name.
pub fn checks<V: Value>() -> [(&'static str, fn()); 13] {
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
        ("made values", made::<V>),
        ("dates", dates::<V>),
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
        // What every object of JavaScript inherits is nobody's data.
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
    let strange = read::<V>(r#"{"__proto__":1,"a":2,"constructor":3}"#);
    assert_eq!(
        strange.others(&["a"]),
        ["__proto__", "constructor"],
        "a key like any other, until it is written"
    );
    let table: [(&str, &[&str], &str); 6] = [
        (r#"{"a":1,"b":2,"c":3}"#, &["b"], r#"{"a":1,"c":3}"#),
        (r#"{"a":1,"b":2}"#, &["a", "b", "c"], "{}"),
        (r#"{"a":{"b":1}}"#, &["b"], r#"{"a":{"b":1}}"#),
        ("[1]", &["0"], "{}"),
        (r#""text""#, &["a"], "{}"),
        ("null", &["a"], "{}"),
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
        let object = read::<V>(before).without(&[]).with_hidden("h", V::from_bool(true));
        assert_eq!(object.get("h").as_bool(), Some(true), "{before}");
        assert_eq!(object.field(&Text::new("h")).as_bool(), Some(true), "{before}");
        assert!(!object.keys().contains(&"h".to_string()), "{before}");
        for seen in [object.clone(), V::from_list(vec![object.clone()]), object.without(&[])] {
            assert!(!seen.to_json().contains('h'), "{before}: {}", seen.to_json());
        }
        assert_eq!(V::from_object(vec![("o", object.clone())]).size(), object.size() + 6, "{before}");
        assert_eq!(object.is_truthy(), before.contains('a'), "{before}");
        assert_eq!(object.without(&[]).get("h").to_json(), "null", "{before}");
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
        let digest = V::from_text(text).sha256(key.map(V::from_text).as_ref());
        assert_eq!(login_sync::token::hex(&digest), wanted, "{text} {key:?}");
    }
}

fn dates<V: Value>() {
    assert_eq!(V::parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000.0));
    assert_eq!(V::parse_date("Fri, 31 Dec 1999 23:59:59 GMT"), Some(946_684_799_000.0));
    for text in ["", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
        assert_eq!(V::parse_date(text), None, "{text}");
    }
}
