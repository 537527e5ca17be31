//! A text that Rust and the host may both hold, made on each side when it is first needed there.
//!
//! A string costs its copy and its decoding each time it crosses. The names of fields, claims and headers cross at every
//! login and never change; a body is written by the host and sent by the host, and Rust need not see it.
//!
//! And what all rooms do to a `str`: cut it, look for a sign, tell which word was meant, write a number. What the library has
//! for that is compiled once for each kind of pattern.

use crate::host::value::{Val, Value};
use std::cell::OnceCell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A text. Clones are the same text.
#[derive(Clone, Default)]
pub struct Text(Rc<Sides>);

#[derive(Default)]
struct Sides {
    ours: OnceCell<Box<str>>,
    host: OnceCell<Val>,
}

impl Text {
    /// A text of ours.
    pub fn new(text: &str) -> Self {
        Self(Rc::new(Sides { ours: OnceCell::from(Box::from(text)), host: OnceCell::new() }))
    }

    /// A string of the host's.
    pub fn of(value: Val) -> Self {
        Self(Rc::new(Sides { ours: OnceCell::new(), host: OnceCell::from(value) }))
    }

    /// As Rust holds it.
    pub fn as_str(&self) -> &str {
        self
    }

    /// As the host holds it.
    pub fn value(&self) -> &Val {
        self.0.host.get_or_init(|| Val::from_text(self))
    }
}

/// Whether it is all that the host's string said: a lone surrogate has become U+FFFD. Two strings that differ in one
/// alone read alike here, and must not stand for each other.
pub(crate) fn is_whole(text: &str) -> bool {
    text.chars().all(|c| c != char::REPLACEMENT_CHARACTER)
}

/// The items with a separator between them. (`join` would be compiled once for each type of item.)
pub(crate) fn joined(items: &[&str], separator: &str) -> String {
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push_str(separator);
        }
        text.push_str(item);
    }
    text
}

/// What is before and after the first of these ASCII signs. (What `str` has for that is compiled once for each kind of
/// pattern, and searches by the word.)
#[inline(never)]
pub(crate) fn cut<'t>(text: &'t str, signs: &str) -> Option<(&'t str, &'t str)> {
    let at = text.bytes().position(|byte| signs.bytes().any(|sign| sign == byte))?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What is before the first of these ASCII signs, or all of it.
pub(crate) fn until<'t>(text: &'t str, signs: &str) -> &'t str {
    cut(text, signs).map_or(text, |(before, _)| before)
}

/// Whether one of these ASCII signs is in it.
pub(crate) fn has(text: &str, signs: &str) -> bool {
    cut(text, signs).is_some()
}

/// Its parts between these ASCII signs.
#[inline(never)]
pub(crate) fn parts<'t>(text: &'t str, signs: &str) -> Vec<&'t str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((part, after)) = cut(rest, signs) {
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// The words of a text, with a space between them: a list of names costs as a text what it would cost as strings in pointers
/// alone.
pub(crate) fn words(text: &str) -> Vec<&str> {
    parts(text, " ")
}

/// The word at this place.
pub(crate) fn word_at(words: &str, at: usize) -> &str {
    let mut rest = words;
    for _ in 0..at {
        rest = cut(rest, " ").unwrap_or_default().1;
    }
    until(rest, " ")
}

/// Whether a control character is in it.
#[inline(never)]
pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// A number in decimal.
pub(crate) fn decimal(number: u32) -> String {
    let mut text = if number > 9 { decimal(number / 10) } else { String::new() };
    text.extend(char::from_digit(number % 10, 10));
    text
}

/// The number that these digits are, or the largest that there is; `None` for anything else.
pub(crate) fn number(digits: &str) -> Option<u32> {
    let mut number: Option<u32> = None;
    for digit in digits.chars() {
        let digit = digit.to_digit(10)?;
        number = Some(number.unwrap_or_default().saturating_mul(10).saturating_add(digit));
    }
    number
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(digit + if digit < 10 { b'0' } else { b'a' - 10 }));
        }
    }
    text
}

/// The one of these words that was meant by another, if one is so near.
#[cold]
#[inline(never)]
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let (mut nearest, mut least) = (None, usize::MAX);
    for near in known {
        let distance = distance(word.as_bytes(), near.as_bytes());
        if distance < least && distance <= 1 + near.len() / 4 {
            (nearest, least) = (Some(*near), distance);
        }
    }
    nearest
}

/// How many bytes were added, left out, taken for another or for their neighbour: the optimal string alignment.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let width = other.len() + 1;
    // That of each pair of beginnings, row by row.
    let mut table: Vec<usize> = Vec::new();
    for i in 0..=one.len() {
        for j in 0..width {
            let back = |rows: usize, columns: usize| {
                let at = table.len().checked_sub(rows * width + columns);
                at.and_then(|at| table.get(at)).copied().unwrap_or_default()
            };
            let same = |a: usize, b: usize| one.get(i.wrapping_sub(a)) == other.get(j.wrapping_sub(b));
            let mut least = i + j;
            if i > 0 && j > 0 {
                least = (back(1, 0).min(back(0, 1)) + 1).min(back(1, 1) + usize::from(!same(1, 1)));
                if i > 1 && j > 1 && same(1, 2) && same(2, 1) {
                    least = least.min(back(2, 2) + 1);
                }
            }
            table.push(least);
        }
    }
    table.last().copied().unwrap_or_default()
}

/// Appends a part, percent-encoded for its place.
///
/// In a path all that RFC 3986 allows in a segment stays as it is, so that `auth0|1` and `conn_x` in
/// `{userId}@{connection}` give `auth0%7C1@conn_x`; in a query only the unreserved characters do.
pub(crate) fn encode(part: &str, in_query: bool, out: &mut String) {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'A' + n - 10 });
    for byte in part.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || "-._~".bytes().any(|plain| plain == byte)
            || (!in_query && "!$&'()*+,;=:@".bytes().any(|plain| plain == byte));
        if plain {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.ours.get_or_init(|| self.0.host.get().and_then(Value::as_text).unwrap_or_default().into())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
