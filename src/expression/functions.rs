//! What a function of an expression gives: its arguments are looked at, paid for and handed on.
//!
//! A function sees values, never the scope. What the host has is the host's: `js-shim/functions.js`, by the place in the
//! table (`functions/table.rs`). Here is what needs the engine: its clock, its steps, an expression on each element.

mod table;

pub use table::NAMES;
pub(super) use table::{Function, names};

use super::characters;
use super::eval::Evaluation;
use crate::host::value::{Kind, Val, Value};
use table::takes;

/// From here on, functions are the host's, by their places after this one.
const FIRST_OF_HOST: u8 = Function::CONTAINS;
/// From here on, they go over each character of a string, or make one.
const FIRST_DEAR: u8 = Function::ABS;

/// So many elements of an array, listed or copied.
const ITEMS_PER_STEP: usize = 8;
/// So many keys of an object, listed.
pub(super) const KEYS_PER_STEP: usize = 4;
/// So many bytes of a string, read.
const BYTES_PER_STEP: usize = 256;
/// So many bytes of JSON or of another string, written; or read, character by character.
pub(super) const JSON_PER_STEP: usize = 16;
/// So many characters compared while one string is sought in another, where the host may compare each with each.
const COMPARED_PER_STEP: usize = 512;
/// The longest string that the host always seeks in linear time.
const LONGEST_SOUGHT: usize = 240;
/// The most that the separators of `join` may add up to.
const MOST_BETWEEN: usize = 65_536;
/// The most characters of a string that is read as a number: no number that is held has more, but for zeros and blanks.
const LONGEST_NUMBER: usize = 400;

/// Sees that the function takes this as an argument, and pays for looking at it: how long the strings in it are.
fn look(function: Function, argument: usize, value: &Val, evaluation: &mut Evaluation) -> usize {
    let letter = function.letter(argument);
    let (_, kinds, mut of) = takes(letter);
    let fits = |kinds: u8, kind: Kind| kinds >> kind as u8 & 1 == 1;
    let kind = value.kind();
    if !fits(kinds, kind) {
        evaluation.wrong_kind(function, argument, words(kind), false);
        return 0;
    }
    let mut length = length_of(value, kind);
    if matches!(letter, b'i' | b'w') {
        let number = value.as_f64().unwrap_or_default();
        if number - number.trunc() != 0.0 || letter == b'w' && number < 0.0 {
            evaluation.wrong_kind(function, argument, "another number", false);
        }
    }
    // Where any will do, none is looked at.
    let mut left = if of == takes(b'x').1 { 0 } else { value.len() };
    let mut i = 0;
    while i < left && evaluation.spend(1) {
        let item = value.at(i);
        let kind = item.kind();
        if !fits(of, kind) {
            evaluation.wrong_kind(function, argument, words(kind), true);
            left = 0;
        }
        // All are of the first one's kind.
        of = 1 << kind as u8;
        length += length_of(&item, kind);
        i += 1;
    }
    if function.0 == Function::JSON {
        // Each of its numbers is compared with what JavaScript makes of it.
        length *= 4;
    }
    let dear = function.0 >= FIRST_DEAR;
    evaluation.spend(length / if dear { JSON_PER_STEP } else { BYTES_PER_STEP });
    if dear || letter == b'L' {
        evaluation.spend(match kind {
            Kind::List if dear => value.len() / ITEMS_PER_STEP,
            Kind::Object => value.truth() / KEYS_PER_STEP,
            _ => 0,
        });
    }
    length
}

/// How long a string is, about; 0 for anything else.
fn length_of(value: &Val, kind: Kind) -> usize {
    if kind == Kind::Text { value.weight(1 << 30).unwrap_or_default() } else { 0 }
}

/// What the function gives for these arguments, which the parser has counted.
#[inline(never)]
pub(super) fn call(function: Function, arguments: Vec<Val>, evaluation: &mut Evaluation) -> Val {
    let mut lengths = [0; 2];
    for (i, value) in arguments.iter().enumerate() {
        let length = look(function, i, value, evaluation);
        if let Some(place) = lengths.get_mut(i) {
            *place = length;
        }
    }
    if evaluation.is_over() {
        return Val::default();
    }
    let first = arguments.first().cloned().unwrap_or_default();
    let kind = first.kind();
    match function.0 {
        Function::MAP => first,
        Function::NOT_NULL => arguments.into_iter().find(|value| !value.is_null()).unwrap_or_default(),
        Function::LENGTH => count(match kind {
            Kind::List => first.len(),
            Kind::Object => first.truth(),
            _ => characters(&first.as_text().unwrap_or_default()),
        }),
        Function::TO_NUMBER => to_number(first, kind),
        Function::TO_STRING if kind == Kind::Text => first,
        Function::TO_STRING => evaluation.json(&first),
        Function::TYPE => Val::from_text(match kind {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Number => "number",
            Kind::Text => "string",
            Kind::List => "array",
            Kind::Object => "object",
        }),
        Function::CONTAINS if kind == Kind::List => {
            contains(&first, arguments.last().unwrap_or(&first), evaluation)
        }
        Function::AGE | Function::SECONDS => {
            let seconds = |ms: f64| (ms / 1000.0).floor();
            match of_host(function, Function::SECONDS, arguments, evaluation).as_f64().map(seconds) {
                Some(at) => {
                    Val::from_f64(if function.0 == Function::AGE { seconds(evaluation.now) - at } else { at })
                }
                None => Val::default(),
            }
        }
        number => {
            pay(number, lengths, arguments.last().map_or(0, Value::len), evaluation);
            of_host(function, number, arguments, evaluation)
        }
    }
}

/// A string that is JSON but no number gives null, as the specification has it.
fn to_number(value: Val, kind: Kind) -> Val {
    if kind == Kind::Number {
        return value;
    }
    // Of an object, to weigh it would be to list its keys.
    let short = kind == Kind::Text && value.weight(LONGEST_NUMBER).is_some();
    let number = if short { value.parse_json() } else { None };
    number.filter(|parsed| parsed.kind() == Kind::Number).unwrap_or_default()
}

fn contains(list: &Val, sought: &Val, evaluation: &mut Evaluation) -> Val {
    let len = list.len();
    let mut i = 0;
    while i < len && evaluation.spend(1) && !evaluation.same(&list.at(i), sought) {
        i += 1;
    }
    Val::from_bool(i < len)
}

/// Pays for what the host does with arguments of these lengths, the last one a list of `len` items, beyond reading them.
fn pay(number: u8, [length, sought]: [usize; 2], len: usize, evaluation: &mut Evaluation) {
    match number {
        Function::JOIN if length.saturating_mul(len) > MOST_BETWEEN => evaluation.too_much(),
        Function::MAX..=Function::SORT_BY => {
            let halvings = usize::BITS - len.leading_zeros();
            evaluation.spend(len * halvings as usize / ITEMS_PER_STEP);
        }
        _ if sought > LONGEST_SOUGHT || number == Function::FIND_LAST => {
            let compared = (length + 1).saturating_sub(sought).saturating_mul(sought);
            evaluation.spend(compared / COMPARED_PER_STEP);
        }
        _ => {}
    }
}

/// What the host gives for these.
fn of_host(function: Function, number: u8, arguments: Vec<Val>, evaluation: &mut Evaluation) -> Val {
    if evaluation.is_over() {
        return Val::default();
    }
    // A sum that is too large is no number either.
    let value = match Val::call(u32::from(number - FIRST_OF_HOST), arguments) {
        Some(value) if value.as_f64().is_none_or(f64::is_finite) => value,
        _ => return evaluation.refused(function),
    };
    // An array or an object is no larger than what it is made of.
    evaluation.spend(length_of(&value, value.kind()) / JSON_PER_STEP);
    value
}

/// A kind as a message has it.
#[cold]
#[inline(never)]
fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::Text => "a string",
        Kind::List => "an array",
        Kind::Object => "an object",
    }
}

#[expect(clippy::cast_precision_loss, reason = "no host holds 2^53 elements")]
fn count(length: usize) -> Val {
    Val::from_f64(length as f64)
}
