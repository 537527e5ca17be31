//! The functions an expression may call: their names, how many arguments they take, and what they give.
//!
//! A function sees values, never the scope.

use super::characters;
use super::eval::Evaluation;
use crate::host::value::{Kind, Val, Value};

/// The most bytes `join` makes: a separator can be as long as the event, and comes once per element.
const MAX_JOINED: usize = 65_536;

/// The bytes searched that count as one step.
const SEARCHED_PER_STEP: usize = 128;

/// The most characters of a string that is read as a number: no number that is held has more, but for zeros and blanks.
const LONGEST_NUMBER: usize = 400;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Contains,
    EndsWith,
    Join,
    Keys,
    Length,
    NotNull,
    StartsWith,
    ToNumber,
    ToString,
    Type,
}

/// By name, with the number of arguments. Only `not_null` takes more.
const FUNCTIONS: [(&str, Function, usize); 10] = [
    ("contains", Function::Contains, 2),
    ("ends_with", Function::EndsWith, 2),
    ("join", Function::Join, 2),
    ("keys", Function::Keys, 1),
    ("length", Function::Length, 1),
    ("not_null", Function::NotNull, 1),
    ("starts_with", Function::StartsWith, 2),
    ("to_number", Function::ToNumber, 1),
    ("to_string", Function::ToString, 1),
    ("type", Function::Type, 1),
];

impl Function {
    /// The function of this name and how many arguments it takes.
    pub(super) fn named(name: &str) -> Option<(Self, usize)> {
        FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, function, count)| (*function, *count))
    }

    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, function, _)| *function == self).map_or("", |(name, ..)| name)
    }

    /// What it takes as this argument, counted from 0.
    pub(super) fn takes(self, argument: u8) -> &'static str {
        match (self, argument) {
            (Self::Contains, _) => "a list or a string",
            (Self::Join, 1) => "a list of strings",
            (Self::Keys, _) => "an object",
            (Self::Length, _) => "a list, an object or a string",
            _ => "a string",
        }
    }
}

/// What the function gives for these arguments, which the parser has counted.
#[inline(never)]
pub(super) fn call(function: Function, arguments: &[Val], evaluation: &mut Evaluation) -> Val {
    let (Some(first), second) = (arguments.first(), arguments.last()) else {
        return Val::default();
    };
    let second = second.unwrap_or(first);
    let kind = first.kind();
    match function {
        Function::Contains if kind == Kind::List => {
            let len = first.len();
            let mut i = 0;
            while i < len && evaluation.spend(1) && !evaluation.same(&first.at(i), second) {
                i += 1;
            }
            Val::from_bool(i < len)
        }
        Function::NotNull => arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or_default(),
        Function::Keys if kind == Kind::Object => {
            // In the object's own order, which JMESPath leaves open.
            evaluation.names(first)
        }
        Function::Keys => evaluation.wrong_kind(function, 0, first, false),
        Function::Length if kind == Kind::List => count(first.len()),
        Function::Length if kind == Kind::Object => count(evaluation.names(first).len()),
        Function::ToNumber if kind == Kind::Number => first.clone(),
        // A string that is JSON but no number gives null, as the specification has it.
        Function::ToNumber => {
            let short = evaluation.text(first).is_some_and(|text| text.len() <= LONGEST_NUMBER);
            let number = if short { first.parse_json() } else { None };
            number.filter(|parsed| parsed.kind() == Kind::Number).unwrap_or_default()
        }
        Function::ToString if kind == Kind::Text => first.clone(),
        Function::ToString => evaluation.json(first),
        Function::Type => Val::from_text(match kind {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Number => "number",
            Kind::Text => "string",
            Kind::List => "array",
            Kind::Object => "object",
        }),
        // The others take a string first.
        _ => {
            let Some(text) = evaluation.text(first) else {
                return evaluation.wrong_kind(function, 0, first, false);
            };
            if function == Function::Length {
                return count(characters(&text));
            }
            if function == Function::Join {
                return join(&text, second, evaluation);
            }
            let Some(sought) = evaluation.text(second) else {
                // What is not a string is in no string.
                if function == Function::Contains {
                    return Val::from_bool(false);
                }
                return evaluation.wrong_kind(function, 1, second, false);
            };
            Val::from_bool(match function {
                Function::StartsWith => text.starts_with(&sought),
                Function::EndsWith => text.ends_with(&sought),
                _ => within(&text, &sought, evaluation),
            })
        }
    }
}

/// Whether `text` has `sought` in it, in linear time. The library's search is linear too, and a tenth of all this module's
/// weight; this one is by Knuth, Morris and Pratt.
fn within(text: &str, sought: &str, evaluation: &mut Evaluation) -> bool {
    let (text, sought) = (text.as_bytes(), sought.as_bytes());
    if sought.len() > text.len() || !evaluation.spend(text.len() / SEARCHED_PER_STEP) {
        return false;
    }
    // How much of `sought` matches again, one byte later, where this much of it has matched.
    let mut again = vec![0_usize; sought.len() + 1];
    let step = |again: &[usize], mut matched: usize, byte: u8| {
        while sought.get(matched) != Some(&byte) {
            if matched == 0 {
                return 0;
            }
            matched = again.get(matched).copied().unwrap_or_default();
        }
        matched + 1
    };
    let mut matched = 0;
    for (i, byte) in sought.iter().enumerate().skip(1) {
        matched = step(&again, matched, *byte);
        if let Some(place) = again.get_mut(i + 1) {
            *place = matched;
        }
    }
    matched = 0;
    sought.is_empty()
        || text.iter().any(|byte| {
            matched = step(&again, matched, *byte);
            matched == sought.len()
        })
}

fn join(glue: &str, list: &Val, evaluation: &mut Evaluation) -> Val {
    if list.kind() != Kind::List {
        return evaluation.wrong_kind(Function::Join, 1, list, false);
    }
    let len = list.len();
    let mut joined = String::new();
    let mut i = 0;
    while i < len && evaluation.spend(1) {
        let item = list.at(i);
        let Some(text) = evaluation.text(&item) else {
            return evaluation.wrong_kind(Function::Join, 1, &item, true);
        };
        if i > 0 {
            joined.push_str(glue);
        }
        joined.push_str(&text);
        if joined.len() > MAX_JOINED {
            evaluation.too_much();
        }
        i += 1;
    }
    Val::from_text(&joined)
}

#[expect(clippy::cast_precision_loss, reason = "no host holds 2^53 elements")]
fn count(length: usize) -> Val {
    Val::from_f64(length as f64)
}
