//! What an expression means, by the `jmespath` crate: the oracle of ours, in the native tests and in fuzzing.
//!
//! Where the crate leaves the specification, or the specification leaves something open:
//! - `to_number` of a string that is JSON but no number: null by the specification, that JSON in the crate. The
//!   crate's function is replaced here.
//! - `avg` of an empty array: null by the specification, an error in the crate. This one is replaced, too.
//! - The order of an object's members (`*`, `keys`, `to_string`) is open. The crate sorts them, we keep theirs: give
//!   documents in sorted order ([`sorted`]), and ask [`settled`] whether an expression leaves it open.
//! - The crate takes numbers that are nearly equal for equal, and keeps whole numbers that a double cannot hold.
//! - The crate reports a wrong number of arguments at evaluation, we when we read; it panics on huge indices, we
//!   refuse them. It is asked only about what we accept.
#![allow(dead_code, reason = "each test file uses its own part")]

use jmespath::functions::{ArgumentType, CustomFunction, Signature};
use jmespath::{Runtime, Variable};
use login_sync::{Expression, Native};
use serde_json::{Value as Json, json};

thread_local! {
    static ORACLE: Runtime = oracle();
}

fn oracle() -> Runtime {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    runtime.deregister_function("to_number");
    let to_number = CustomFunction::new(
        Signature::new(vec![ArgumentType::Any], None),
        Box::new(|arguments, _| {
            let number = match &*arguments[0] {
                Variable::String(text) => Variable::from_json(text).ok().filter(Variable::is_number),
                Variable::Number(number) => Some(Variable::Number(number.clone())),
                _ => None,
            };
            Ok(jmespath::Rcvar::new(number.unwrap_or(Variable::Null)))
        }),
    );
    runtime.register_function("to_number", Box::new(to_number));
    runtime.deregister_function("avg");
    let avg = CustomFunction::new(
        Signature::new(vec![ArgumentType::TypedArray(Box::new(ArgumentType::Number))], None),
        Box::new(|arguments, _| {
            let numbers: Vec<f64> =
                arguments[0].as_array().unwrap().iter().filter_map(|n| n.as_number()).collect();
            let avg = numbers.iter().sum::<f64>() / numbers.len() as f64;
            let avg = if numbers.is_empty() { Json::Null } else { json!(avg) };
            Ok(jmespath::Rcvar::new(Variable::try_from(avg).unwrap()))
        }),
    );
    runtime.register_function("avg", Box::new(avg));
    runtime
}

/// What an evaluation came to, with numbers by value.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Value(Json),
    Error,
    TooMuchWork,
}

fn by_value(json: &Json) -> Json {
    match json {
        Json::Number(n) => json!(n.as_f64()),
        Json::Array(items) => items.iter().map(by_value).collect(),
        Json::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), by_value(v))).collect(),
        other => other.clone(),
    }
}

/// The same document, each object's members in the crate's order.
pub fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(sorted).collect(),
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(fields.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// Whether the specification settles what this gives for a sorted document: an object that the expression makes may
/// have its members in another order, and some functions are not in it.
pub fn settled(text: &str) -> bool {
    let lists = ["*", "keys", "to_string", "values", "items"];
    let makes = text.contains('{') || text.contains("merge");
    let knows = |name: &&str| !OTHERS.iter().any(|other| other == name);
    // The crate reads no `-0` and no number beyond a double, and adds to the ends of a slice without a check.
    let huge = text
        .split(['e', 'E'])
        .skip(1)
        .any(|after| after.trim_start_matches(['+', '-']).bytes().take_while(u8::is_ascii_digit).count() > 2);
    let odd = huge
        || text.contains("-0")
        || text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 8);
    !(odd || makes && lists.iter().any(|part| text.contains(part)))
        && text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').all(|word| knows(&word))
}

/// The functions that are not JMESPath's.
const OTHERS: [&str; 21] = [
    "find_first",
    "find_last",
    "from_items",
    "items",
    "lower",
    "pad_left",
    "pad_right",
    "replace",
    "split",
    "trim",
    "trim_left",
    "trim_right",
    "upper",
    "age",
    "base64",
    "json",
    "md5",
    "percent",
    "seconds",
    "sha256",
    "uuid",
];

pub fn ours(expression: &Expression, document: &Json) -> Outcome {
    match expression.evaluate(&Native(document.clone())) {
        Ok(value) => Outcome::Value(by_value(&value.0)),
        Err(error) if error.to_string().starts_with("too much work") => Outcome::TooMuchWork,
        Err(_) => Outcome::Error,
    }
}

/// The crate's outcome; a text that it does not accept is a failure of ours.
pub fn theirs(text: &str, document: &Json) -> Result<Outcome, String> {
    ORACLE.with(|oracle| {
        let expression =
            oracle.compile(text).map_err(|error| format!("accepted, but no JMESPath: {text}: {error}"))?;
        let outcome = expression.search(document.clone());
        Ok(outcome.map_or(Outcome::Error, |v| Outcome::Value(by_value(&serde_json::to_value(&*v).unwrap()))))
    })
}
