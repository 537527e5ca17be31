//! A form as a server reads it, and what one can say. For the native tests and for fuzzing.
#![allow(dead_code, reason = "each test file uses its own part")]

use login_sync::{Native, Value};
use serde_json::{Map, Value as Json, json};

fn decoded(part: &str) -> String {
    let mut bytes = part.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            _ => byte,
        });
    }
    String::from_utf8(plain).unwrap()
}

/// What a server that knows `a[b]` and `c[0]` reads.
pub fn parsed(form: &str) -> Json {
    let mut all = json!({});
    for field in form.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap();
        let (name, value) = (decoded(name), decoded(value));
        let mut names = name.split('[');
        let first = names.next().unwrap().to_string();
        let path: Vec<_> = names.map(|name| name.strip_suffix(']').unwrap().to_string()).collect();
        let mut place = all.as_object_mut().unwrap().entry(first).or_insert(Json::Null);
        for name in path {
            if place.is_null() {
                *place = json!({});
            }
            place = place.as_object_mut().unwrap().entry(name).or_insert(Json::Null);
        }
        assert!(place.is_null(), "{name} is there twice in {form}");
        *place = json!(value);
    }
    all
}

/// The same value as a form can say it: texts alone, no nulls, lists by their numbers, nothing that is empty, no `__proto__`.
pub fn sayable(value: &Json) -> Option<Json> {
    let object = |fields: Vec<(String, &Json)>| {
        let said = fields.into_iter().filter_map(|(key, value)| Some((key, sayable(value)?)));
        let said: Map<String, Json> = said.collect();
        (!said.is_empty()).then_some(Json::Object(said))
    };
    match value {
        Json::Null => None,
        Json::String(_) => Some(value.clone()),
        Json::Bool(_) => Some(json!(value.to_string())),
        // As JavaScript writes it: `100000000000000000000`, where serde writes `1e20`.
        Json::Number(_) => Some(Native(value.clone()).stringify().0),
        Json::Array(items) => {
            object(items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect())
        }
        Json::Object(fields) => {
            // `Native` hides keys that begin with a zero byte, where JavaScript has fields that are not enumerable.
            let kept = fields.iter().filter(|(key, _)| *key != "__proto__" && !key.starts_with('\0'));
            object(kept.map(|(key, value)| (key.clone(), value)).collect())
        }
    }
}
