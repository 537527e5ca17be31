//! The JavaScript boundary, run inside Node by `wasm-pack test --node`: the seam's table over JavaScript values, what only
//! JavaScript has; and in `wasm/` a login end to end.
#![cfg(target_family = "wasm")]
#![allow(unreachable_pub, reason = "the crate is the tests themselves")]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

#[path = "native/common/functions.rs"]
mod functions;
#[path = "wasm/login.rs"]
mod login;
#[path = "native/common/seam.rs"]
mod seam;

use js_sys::{Function, JSON, Reflect};
use login::Stage;
use login_sync::{Expression, Js, Kind, Value, begin_evaluations};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Defines what the shim gives the engine, from the shim's own text. Inside an Action it stands in the same scope.
fn shim() {
    let text = concat!(
        include_str!("../js-shim/early.js"),
        include_str!("../js-shim/host.js"),
        include_str!("../js-shim/functions.js")
    );
    let name = |line: &'static str| line.strip_prefix("function ")?.split('(').next();
    let names: Vec<_> = text.lines().filter_map(name).collect();
    let define = format!("{text}\nObject.assign(globalThis, {{ {} }});", names.join(", "));
    let require = js("(name) => process.getBuiltinModule(name)");
    Function::new_with_args("require", &define).call1(&JsValue::NULL, &require).unwrap();
}

/// A value of JavaScript.
fn js(source: &str) -> JsValue {
    js_sys::eval(&format!("({source})")).unwrap()
}

fn value(source: &str) -> Js {
    shim();
    Js(js(source))
}

fn text(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn field(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

#[wasm_bindgen_test]
fn the_table_holds_in_javascript() {
    shim();
    for (name, check) in seam::checks::<Js>() {
        wasm_bindgen_test::console_log!("{name}");
        check();
    }
}

#[wasm_bindgen_test]
fn the_functions_hold_in_javascript() {
    shim();
    begin_evaluations(functions::NOW);
    let document = Js::from_text(functions::DOCUMENT).parse_json().unwrap();
    for (text, wanted) in functions::CASES {
        let got = Expression::parse(text).unwrap().evaluate(&document);
        assert_eq!(got.map_or("error".to_string(), |value| value.to_json()), *wanted, "{text}");
    }
}

/// What every object inherits says nothing about a hidden field.
#[wasm_bindgen_test]
fn a_hidden_field_under_a_polluted_prototype() {
    let object = value("{ a: 1 }");
    let pollute =
        "Object.assign(Object.prototype, { get: () => 7, set: () => 7, enumerable: true, writable: 'x' })";
    js_sys::eval(&format!("({pollute}, 0)")).unwrap();
    let hidden = object.with_hidden("h", Js::from_bool(true));
    let (field, keys) = (hidden.get("h").as_bool(), hidden.keys());
    js_sys::eval("for (const key of ['get', 'set', 'enumerable', 'writable']) delete Object.prototype[key];")
        .unwrap();
    assert_eq!((field, keys), (Some(true), vec!["a".to_string()]));
}

#[wasm_bindgen_test]
fn what_only_javascript_has() {
    let table = [
        ("undefined", Kind::Null, "null"),
        ("() => 1", Kind::Null, "null"),
        ("class A {}", Kind::Null, "null"),
        ("Symbol('x')", Kind::Null, "null"),
        ("10n", Kind::Null, ""),
        ("NaN", Kind::Number, "null"),
        ("-Infinity", Kind::Number, "null"),
        ("-0", Kind::Number, "0"),
        ("new Date(0)", Kind::Object, r#""1970-01-01T00:00:00.000Z""#),
        ("new Map([[1, 2]])", Kind::Object, "{}"),
        ("[undefined, () => 1]", Kind::List, "[null,null]"),
        ("{ a: undefined, b: () => 1, c: Symbol('x') }", Kind::Object, "{}"),
        // What cannot be written is no JSON, not even null, and nothing is thrown.
        ("(() => { const a = {}; a.a = a; return a; })()", Kind::Object, ""),
        ("{ a: 10n }", Kind::Object, ""),
        ("{ toJSON() { throw new Error('no'); } }", Kind::Object, ""),
    ];
    for (source, kind, json) in table {
        let value = value(source);
        assert_eq!(value.kind(), kind, "{source}");
        assert_eq!(value.to_json(), json, "{source}");
    }
    let truths = [
        ("undefined", false),
        ("() => 1", false),
        ("10n", false),
        ("NaN", true),
        ("-0", true),
        ("new Map()", false),
    ];
    for (source, truthy) in truths {
        assert_eq!(value(source).is_truthy(), truthy, "{source}");
    }
}

#[wasm_bindgen_test]
fn only_own_fields_are_read() {
    let table = [
        ("{}", "constructor", Kind::Null),
        ("{}", "hasOwnProperty", Kind::Null),
        ("{}", "__proto__", Kind::Null),
        ("Object.create({ inherited: 1 })", "inherited", Kind::Null),
        ("Object.assign(Object.create(null), { own: 1 })", "own", Kind::Number),
        ("new (class A { constructor() { this.own = 1; } method() {} })()", "own", Kind::Number),
        ("new (class A { method() {} })()", "method", Kind::Null),
        ("{ hasOwnProperty: 1, own: 2 }", "own", Kind::Number),
        ("{ undefined: 1 }", "undefined", Kind::Number),
        ("{ own: undefined }", "own", Kind::Null),
        ("[1]", "length", Kind::Null),
        ("Object.assign([1], { extra: 1 })", "extra", Kind::Null),
        ("() => 1", "name", Kind::Null),
        ("'text'", "length", Kind::Null),
        ("new Map([['own', 1]])", "own", Kind::Null),
        ("undefined", "own", Kind::Null),
    ];
    for (source, key, kind) in table {
        assert_eq!(value(source).get(key).kind(), kind, "{source} {key}");
    }
    let inherits = value("Object.defineProperty(Object.create({ a: 1 }), 'hidden', { value: 1 })");
    assert_eq!(inherits.keys(), Vec::<String>::new());
    assert_eq!(value("Object.assign([1], { extra: 1 })").keys(), Vec::<String>::new());
    assert_eq!(value("[1, , 3]").at(1).kind(), Kind::Null, "a hole in a list");
}

/// A key of that name can come with JSON; it must never become a prototype.
#[wasm_bindgen_test]
fn proto_is_a_key_like_any_other_to_read_and_none_to_write() {
    let parsed = value(r#"JSON.parse('{"__proto__":{"admin":true},"a":1}')"#);
    assert_eq!(parsed.keys(), ["__proto__", "a"]);
    assert_eq!(parsed.get("__proto__").to_json(), r#"{"admin":true}"#);
    assert!(parsed.get("admin").is_null());
    let copied = parsed.without("b");
    assert_eq!(copied.keys(), ["a"]);
    assert!(field(&copied.0, "admin").is_undefined(), "nor by a copy's prototype");
    let with = Js::from_object(Vec::new()).with("__proto__", parsed.get("__proto__"));
    assert!(field(&with.0, "admin").is_undefined());
    let made = Js::from_object(vec![("__proto__", parsed.get("__proto__")), ("b", Js::from_bool(true))]);
    assert!(made.get("admin").is_null());
    assert!(field(&made.0, "admin").is_undefined(), "nor by way of the prototype");
    assert_eq!(text(&js("{}.admin === undefined")), "true");
    // Auth0 may have read such an event; nothing of it goes on, and the event stays as it was.
    let event = value(
        r#"JSON.parse('{"user":{"a":[{"__proto__":{"admin":true},"b":1}],"__proto__":{"admin":true}}}')"#,
    );
    let before = text(&event.0);
    for (source, wanted) in [
        ("@", r#"{"user":{"a":[{"b":1}]}}"#),
        ("user.a", r#"[{"b":1}]"#),
        ("user.a[0].*", "[1]"),
        ("keys(user.a[0])", r#"["b"]"#),
        ("length(user.a[0])", "1"),
        ("to_string(user.a)", r#""[{\"b\":1}]""#),
        ("user.a[0] == `{\"b\": 1}`", "true"),
        ("[user.a][]", r#"[{"b":1}]"#),
    ] {
        let filled = Expression::parse(source).unwrap().evaluate(&event).unwrap().writable().unwrap();
        assert_eq!(filled.to_json(), wanted, "{source}");
        assert_eq!(text(&filled.0), wanted, "{source}");
    }
    assert_eq!(text(&event.0), before);
    let clean = value("{ a: [{ b: 1 }] }");
    assert!(
        js_sys::Object::is(&clean.clone().writable().unwrap().0, &clean.0),
        "what has none is passed as it is"
    );
}

/// An event may hold what JSON cannot.
#[wasm_bindgen_test]
fn what_cannot_be_written_is_not_sent_and_not_set() {
    let table = [
        "(() => { const a = {}; a.a = [a]; return a; })()",
        "(() => { const a = []; a.push(a, a); return a; })()",
        "(() => { let a = []; for (let i = 0; i < 9000; i++) a = [a]; return a; })()",
        "(() => { let a = {}; for (let i = 0; i < 100; i++) a = { a }; return a; })()",
        "{ a: [10n] }",
        "{ a: 'x'.repeat(262145) }",
    ];
    for source in table {
        let value = value(source);
        assert!(value.clone().writable().is_none(), "{source}");
        let event = Js::from_object(vec![("a", value)]);
        assert!(
            Expression::parse("to_string(a)").unwrap().evaluate(&event).is_err() || source.contains("repeat"),
            "{source}"
        );
    }
    let cyclic = js("(() => { const a = []; a.push(a); return { user: { user_metadata: a } }; })()");
    let config = "{ syncs: [{ name: 'a', request: { url: 'https://a.example.com/', body: { m: 'user.user_metadata' } } }],
        claims: { idToken: { m: 'user.user_metadata' } } }";
    let mut stage = Stage::new(config, "{}");
    let line = stage.start(false, &cyclic).unwrap_or_default();
    assert!(line.contains("a=invalid:body-expression"), "{line}");
    assert_eq!((stage.calls().as_str(), field(&field(&stage.host, "asked"), "length")), ("[]", 0.into()));
}

#[wasm_bindgen_test]
fn lone_surrogates() {
    let lone = value(r"'a\ud800b'");
    assert_eq!(lone.as_text().as_deref(), Some("a\u{fffd}b"));
    assert_eq!(lone.to_json(), r#""a\ud800b""#);
    let keyed = value(r"{ 'a\ud800': 1 }");
    assert_eq!(keyed.keys(), ["a\u{fffd}"]);
    assert!(keyed.get("a\u{fffd}").is_null(), "a key that Rust cannot spell is not there");
    assert_eq!(
        value(r#"'"\\ud800"'"#).parse_json().and_then(|read| read.as_text()).as_deref(),
        Some("\u{fffd}")
    );
}

#[wasm_bindgen_test]
fn objects_of_another_realm() {
    let other =
        value("process.getBuiltinModule('node:vm').runInNewContext('({ a: [1, { b: \"x\" }], c: null })')");
    assert_eq!(other.kind(), Kind::Object);
    assert_eq!(other.get("a").kind(), Kind::List);
    assert_eq!(other.get("a").at(1).get("b").as_text().as_deref(), Some("x"));
    assert_eq!(other.keys(), ["a", "c"]);
    let expression = Expression::parse("a[?b].b | [0]").unwrap();
    assert_eq!(expression.evaluate(&other).unwrap().to_json(), "\"x\"");
}

#[wasm_bindgen_test]
fn expressions_read_javascript() {
    let event =
        value("{ user: { name: 'Ada', tags: new Set(['x']), f: () => 1, n: NaN, constructor: undefined } }");
    let table = [
        ("user.name", "\"Ada\""),
        ("user.constructor", "null"),
        ("user.constructor.constructor", "null"),
        ("user.f", "null"),
        ("user.f || 'none'", "\"none\""),
        ("user.tags", "{}"),
        ("user.n == user.n", "false"),
        ("type(user.n)", "\"number\""),
        ("to_number('7')", "7"),
        ("`{\"a\": [1]}`", r#"{"a":[1]}"#),
        // What no double holds is the string of its digits, and a string has no order.
        ("`1e400` > `5`", "null"),
        ("`1e400`", "\"1e400\""),
    ];
    for (source, wanted) in table {
        assert_eq!(
            Expression::parse(source).unwrap().evaluate(&event).unwrap().to_json(),
            wanted,
            "{source}"
        );
    }
}

/// Idempotency keys and token ids come from the shim's pool, and never twice.
#[wasm_bindgen_test]
fn randomness() {
    shim();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        assert!(seen.insert(bytes));
    }
    let mut large = [0; 5000];
    getrandom::fill(&mut large).unwrap();
    assert!(large.chunks(50).all(|part| part.iter().any(|byte| *byte != 0)));
}
