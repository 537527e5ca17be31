//! The functions an expression may call: one table of names and of what each takes, and one reader that checks it.
//!
//! A function sees values, never the scope. What the host has is the host's: `js-shim/functions.js`, by the place in the
//! table. Here is what needs the engine: its clock, its steps, an expression on each element.

use super::characters;
use super::eval::Evaluation;
use crate::host::text::parts;
use crate::host::value::{Kind, Val, Value};

/// The name of each function, and a letter for each argument: see [`takes`]. Those after `?` may be left out; before `+`, as
/// many more as one likes.
const FUNCTIONS: [(&str, &str); 47] = [
    ("age", "s"),
    ("length", "L"),
    ("map", "ea"),
    ("not_null", "x+"),
    ("to_number", "x"),
    ("to_string", "x"),
    ("type", "x"),
    ("contains", "Tx"),
    ("ends_with", "ss"),
    ("starts_with", "ss"),
    ("abs", "n"),
    ("avg", "N"),
    ("ceil", "n"),
    ("floor", "n"),
    ("join", "sS"),
    ("keys", "o"),
    ("max", "C"),
    ("max_by", "ak"),
    ("merge", "o+"),
    ("min", "C"),
    ("min_by", "ak"),
    ("reverse", "T"),
    ("sort", "C"),
    ("sort_by", "ak"),
    ("sum", "N"),
    ("to_array", "x"),
    ("values", "o"),
    ("find_first", "ss?ii"),
    ("find_last", "ss?ii"),
    ("from_items", "P"),
    ("items", "o"),
    ("lower", "s"),
    ("pad_left", "sw?s"),
    ("pad_right", "sw?s"),
    ("replace", "sss?w"),
    ("split", "ss?w"),
    ("trim", "s?s"),
    ("trim_left", "s?s"),
    ("trim_right", "s?s"),
    ("upper", "s"),
    ("base64", "s"),
    ("json", "s"),
    ("md5", "s?s"),
    ("percent", "s"),
    ("seconds", "s"),
    ("sha256", "s?s"),
    ("uuid", ""),
];

/// The names of all functions.
#[expect(clippy::indexing_slicing, reason = "evaluated while it is compiled, where a panic is an error")]
pub const NAMES: [&str; FUNCTIONS.len()] = {
    let mut names = [""; FUNCTIONS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = FUNCTIONS[i].0;
        i += 1;
    }
    names
};

/// The names as one text, since a list of strings takes eight bytes more for each of them.
const TEXT: &str = match std::str::from_utf8(&BYTES) {
    Ok(text) => text,
    Err(_) => "",
};
#[expect(clippy::indexing_slicing, reason = "evaluated while it is compiled, where a panic is an error")]
const BYTES: [u8; LENGTH] = {
    let mut text = [b' '; LENGTH];
    let (mut at, mut i) = (0, 0);
    while i < NAMES.len() {
        let name = NAMES[i].as_bytes();
        let mut j = 0;
        while j < name.len() {
            text[at + j] = name[j];
            j += 1;
        }
        at += j + 1;
        i += 1;
    }
    text
};
#[expect(clippy::indexing_slicing, reason = "evaluated while it is compiled, where a panic is an error")]
const LENGTH: usize = {
    let (mut length, mut i) = (NAMES.len() - 1, 0);
    while i < NAMES.len() {
        length += NAMES[i].len();
        i += 1;
    }
    length
};

/// What each takes, filled up with blanks.
#[expect(clippy::indexing_slicing, reason = "evaluated while it is compiled, where a panic is an error")]
static TAKES: [[u8; 5]; FUNCTIONS.len()] = {
    let mut takes = [[b' '; 5]; FUNCTIONS.len()];
    let mut i = 0;
    while i < takes.len() {
        let letters = FUNCTIONS[i].1.as_bytes();
        let mut j = 0;
        while j < letters.len() {
            takes[i][j] = letters[j];
            j += 1;
        }
        i += 1;
    }
    takes
};

/// The names, for who looks one up.
pub(super) fn names() -> Vec<&'static str> {
    parts(TEXT, " ")
}

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

/// A function, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function(u8);

impl Function {
    const AGE: u8 = 0;
    const LENGTH: u8 = 1;
    const MAP: u8 = 2;
    const NOT_NULL: u8 = 3;
    const TO_NUMBER: u8 = 4;
    const TO_STRING: u8 = 5;
    const TYPE: u8 = 6;
    const CONTAINS: u8 = 7;
    const ABS: u8 = 10;
    const JOIN: u8 = 14;
    const MAX: u8 = 16;
    const SORT_BY: u8 = 23;
    const FIND_LAST: u8 = 28;
    const JSON: u8 = 41;
    const SECONDS: u8 = 44;

    /// The function of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        names().into_iter().zip(0..).find(|(known, _)| *known == name).map(|(_, number)| Self(number))
    }

    /// Its name.
    #[cold]
    pub(super) fn name(self) -> &'static str {
        names().get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// A letter for each argument.
    fn letters(self) -> &'static [u8] {
        let letters: &[u8] = TAKES.get(usize::from(self.0)).map_or(&[], <[u8; 5]>::as_slice);
        letters
            .iter()
            .position(|letter| *letter == b' ')
            .and_then(|end| letters.get(..end))
            .unwrap_or(letters)
    }

    /// How many arguments it takes, at least and at most.
    pub(super) fn arity(self) -> (usize, usize) {
        let takes = self.letters();
        let all = takes.len();
        match takes.iter().position(|letter| matches!(letter, b'?' | b'+')) {
            None => (all, all),
            Some(least) => (least, if least + 1 == all { usize::MAX } else { all - 1 }),
        }
    }

    /// The letter of what it takes as this argument, counted from 0. The last one counts for all that come after it.
    fn letter(self, argument: usize) -> u8 {
        let mut wanted = 0;
        let mut left = argument + 1;
        for letter in self.letters() {
            if left > 0 && letter.is_ascii_alphabetic() {
                wanted = *letter;
                left -= 1;
            }
        }
        wanted
    }

    /// What it takes as this argument, in words.
    #[cold]
    pub(super) fn takes(self, argument: usize) -> &'static str {
        takes(self.letter(argument)).0
    }

    /// Whether this argument is an expression for each element: `&name`.
    pub(super) fn takes_expression(self, argument: usize) -> bool {
        matches!(self.letter(argument), b'e' | b'k')
    }

    /// Whether it gives what it is given as JSON in a string.
    pub(super) fn is_to_string(self) -> bool {
        self.0 == Self::TO_STRING
    }
}

/// What a letter of the table means: in words, the kinds that it may have, and if that is an array those of its elements.
fn takes(letter: u8) -> (&'static str, u8, u8) {
    const ANY: u8 = 63;
    const NUMBER: u8 = 1 << Kind::Number as u8;
    const TEXT: u8 = 1 << Kind::Text as u8;
    const LIST: u8 = 1 << Kind::List as u8;
    const OBJECT: u8 = 1 << Kind::Object as u8;
    match letter {
        b'n' => ("a number", NUMBER, ANY),
        b'i' => ("a whole number", NUMBER, ANY),
        b'w' => ("a whole number from 0", NUMBER, ANY),
        b's' => ("a string", TEXT, ANY),
        b'o' => ("an object", OBJECT, ANY),
        b'a' => ("an array", LIST, ANY),
        b'N' => ("an array of numbers", LIST, NUMBER),
        b'S' => ("an array of strings", LIST, TEXT),
        b'P' => ("an array of arrays", LIST, LIST),
        b'C' => ("an array of numbers or one of strings", LIST, NUMBER | TEXT),
        // What the expression gave for each element.
        b'k' => ("an expression that gives numbers or gives strings", LIST, NUMBER | TEXT),
        b'T' => ("an array or a string", LIST | TEXT, ANY),
        b'L' => ("an array, an object or a string", LIST | OBJECT | TEXT, ANY),
        _ => ("any value", ANY, ANY),
    }
}

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
        Function::TO_NUMBER if kind == Kind::Number => first,
        // A string that is JSON but no number gives null, as the specification has it.
        Function::TO_NUMBER => {
            // Of an object, to weigh it would be to list its keys.
            let short = kind == Kind::Text && first.weight(LONGEST_NUMBER).is_some();
            let number = if short { first.parse_json() } else { None };
            number.filter(|parsed| parsed.kind() == Kind::Number).unwrap_or_default()
        }
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
            let sought = arguments.last().unwrap_or(&first);
            let len = first.len();
            let mut i = 0;
            while i < len && evaluation.spend(1) && !evaluation.same(&first.at(i), sought) {
                i += 1;
            }
            Val::from_bool(i < len)
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
            let len = arguments.last().map_or(0, Value::len);
            let [length, sought] = lengths;
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
            of_host(function, number, arguments, evaluation)
        }
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
