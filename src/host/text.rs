//! A text that Rust and the host may both hold, made on each side when it is first needed there.
//!
//! A string costs its copy and its decoding each time it crosses. The names of fields, claims and headers cross at every
//! login and never change; a body is written by the host and sent by the host, and Rust need not see it.

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

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// The one of these words that was meant by another, if one is so near.
#[cold]
#[inline(never)]
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let nearest = known.iter().map(|known| (strsim::osa_distance(word, known), *known)).min();
    nearest.filter(|(distance, near)| *distance <= 1 + near.len() / 4).map(|(_, near)| near)
}

/// Appends a part, percent-encoded for its place.
///
/// In a path all that RFC 3986 allows in a segment stays as it is, so that `auth0|1` and `conn_x` in
/// `{userId}@{connection}` give `auth0%7C1@conn_x`; in a query only the unreserved characters do.
pub(crate) fn encode(part: &str, in_query: bool, out: &mut String) {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'A' + n - 10 });
    for byte in part.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (!in_query && b"!$&'()*+,;=:@".contains(&byte));
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
