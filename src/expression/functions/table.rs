//! Which functions there are, and what each takes: one table, and those who look something up in it.
//!
//! What is in it is there to be small: names are one text, and what a function takes is a letter for each argument.

use crate::host::text::parts;
use crate::host::value::Kind;

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
pub(in crate::expression) fn names() -> Vec<&'static str> {
    parts(TEXT, " ")
}

/// A function, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expression) struct Function(pub(super) u8);

impl Function {
    pub(super) const AGE: u8 = 0;
    pub(super) const LENGTH: u8 = 1;
    pub(super) const MAP: u8 = 2;
    pub(super) const NOT_NULL: u8 = 3;
    pub(super) const TO_NUMBER: u8 = 4;
    pub(super) const TO_STRING: u8 = 5;
    pub(super) const TYPE: u8 = 6;
    pub(super) const CONTAINS: u8 = 7;
    pub(super) const ABS: u8 = 10;
    pub(super) const JOIN: u8 = 14;
    pub(super) const MAX: u8 = 16;
    pub(super) const SORT_BY: u8 = 23;
    pub(super) const FIND_LAST: u8 = 28;
    pub(super) const JSON: u8 = 41;
    pub(super) const SECONDS: u8 = 44;

    /// The function of this name.
    pub(in crate::expression) fn named(name: &str) -> Option<Self> {
        names().into_iter().zip(0..).find(|(known, _)| *known == name).map(|(_, number)| Self(number))
    }

    /// Its name.
    #[cold]
    pub(in crate::expression) fn name(self) -> &'static str {
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
    pub(in crate::expression) fn arity(self) -> (usize, usize) {
        let takes = self.letters();
        let all = takes.len();
        match takes.iter().position(|letter| matches!(letter, b'?' | b'+')) {
            None => (all, all),
            Some(least) => (least, if least + 1 == all { usize::MAX } else { all - 1 }),
        }
    }

    /// The letter of what it takes as this argument, counted from 0. The last one counts for all that come after it.
    pub(super) fn letter(self, argument: usize) -> u8 {
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
    pub(in crate::expression) fn takes(self, argument: usize) -> &'static str {
        takes(self.letter(argument)).0
    }

    /// Whether this argument is an expression for each element: `&name`.
    pub(in crate::expression) fn takes_expression(self, argument: usize) -> bool {
        matches!(self.letter(argument), b'e' | b'k')
    }

    /// Whether it gives what it is given as JSON in a string.
    pub(in crate::expression) fn is_to_string(self) -> bool {
        self.0 == Self::TO_STRING
    }
}

/// What a letter of the table means: in words, the kinds that it may have, and if that is an array those of its elements.
pub(super) fn takes(letter: u8) -> (&'static str, u8, u8) {
    pub(super) const ANY: u8 = 63;
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
