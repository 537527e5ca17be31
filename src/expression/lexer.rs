//! The words of an expression, cut from its text one at a time. Nothing here knows what they mean together.
//!
//! A token borrows from the text and is `Copy`: the parser looks one ahead, and goes back by setting the position.

use super::Compare;
use crate::host::text::has;

/// A word of the language. Strings come with their quotes and escapes; the parser reads what is inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Name(&'t str),
    /// A name with `-` in it, which has no quotes and is none.
    Dashed(&'t str),
    QuotedName(&'t str),
    RawString(&'t str),
    Json(&'t str),
    Number(i32),
    Dot,
    Star,
    OpenBracket,
    CloseBracket,
    /// `[]`, without a space in it.
    Flatten,
    /// `[?`, without a space in it.
    Filter,
    OpenBrace,
    CloseBrace,
    OpenParen,
    CloseParen,
    Comma,
    Colon,
    Pipe,
    Or,
    And,
    Not,
    At,
    Ampersand,
    Compare(Compare),
    /// No word of the language, and why.
    Wrong(&'static str),
    End,
}

impl Token<'_> {
    /// How strongly an operator holds what is left of it; 0 for what is no operator. The numbers are those of
    /// JMESPath's own implementations, since the specification leaves what they decide to the reader.
    pub(super) fn power(self) -> u8 {
        match self {
            Token::Pipe => 1,
            Token::Or => 2,
            Token::And => 3,
            Token::Compare(_) => 5,
            Token::Flatten => 9,
            Token::Filter => 21,
            Token::Dot => 40,
            Token::OpenBracket => 55,
            _ => 0,
        }
    }
}

/// Cuts the token that starts at byte `at` or after the space there; with it come where it starts and where it ends.
pub(super) fn token(text: &str, mut at: usize) -> (Token<'_>, usize, usize) {
    let bytes = text.as_bytes();
    let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
    while matches!(byte(at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    let mut end = at + 1;
    // Takes the next byte too, if it is this one.
    let mut and = |next: u8| {
        let there = byte(end) == next;
        end += usize::from(there);
        there
    };
    let token = match byte(at) {
        b'.' => Token::Dot,
        b'*' => Token::Star,
        b'[' if and(b']') => Token::Flatten,
        b'[' if and(b'?') => Token::Filter,
        b'[' => Token::OpenBracket,
        b']' => Token::CloseBracket,
        b'{' => Token::OpenBrace,
        b'}' => Token::CloseBrace,
        b'(' => Token::OpenParen,
        b')' => Token::CloseParen,
        b',' => Token::Comma,
        b':' => Token::Colon,
        b'@' => Token::At,
        b'|' if and(b'|') => Token::Or,
        b'|' => Token::Pipe,
        b'&' if and(b'&') => Token::And,
        b'&' => Token::Ampersand,
        b'!' if and(b'=') => Token::Compare(Compare::NotEqual),
        b'!' => Token::Not,
        b'=' if and(b'=') => Token::Compare(Compare::Equal),
        b'=' => Token::Wrong("`=` is not an operator: write `==`"),
        b'<' if and(b'=') => Token::Compare(Compare::AtMost),
        b'<' => Token::Compare(Compare::Less),
        b'>' if and(b'=') => Token::Compare(Compare::AtLeast),
        b'>' => Token::Compare(Compare::Greater),
        b'\'' | b'"' | b'`' => return quoted(text, at),
        b'?' => Token::Wrong("`?` is not an operator: write `a || b` for `a ?? b`"),
        b'-' if !byte(end).is_ascii_digit() => Token::Wrong("`-` is only for an index, as in `[-1]`"),
        b'-' | b'0'..=b'9' => return number(text, at),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => return name(text, at),
        _ if at >= bytes.len() => Token::End,
        _ => Token::Wrong("this character is only allowed in quotes"),
    };
    (token, at, end)
}

/// The string, name or JSON in quotes that starts at `at`.
fn quoted(text: &str, at: usize) -> (Token<'_>, usize, usize) {
    let bytes = text.as_bytes();
    let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let (quote, mut end) = (byte(at), at + 1);
    while end < bytes.len() && byte(end) != quote {
        end += 1 + usize::from(byte(end) == b'\\');
    }
    end += 1;
    let token = match (text.get(at..end), quote) {
        (None, _) => Token::Wrong("this quote is never closed"),
        (Some(whole), b'\'') => Token::RawString(whole),
        (Some(whole), b'"') => Token::QuotedName(whole),
        (Some(whole), _) => Token::Json(whole),
    };
    (token, at, end)
}

/// The number that starts at `at`, with its sign.
fn number(text: &str, at: usize) -> (Token<'_>, usize, usize) {
    let negative = text.as_bytes().get(at) == Some(&b'-');
    let first = at + usize::from(negative);
    let mut number = Some(0_i32);
    let mut end = first;
    for digit in text.bytes().skip(first).take_while(u8::is_ascii_digit) {
        number = number.and_then(|n| n.checked_mul(10)).and_then(|n| n.checked_add(i32::from(digit - b'0')));
        end += 1;
    }
    let token = match number {
        Some(n) => Token::Number(if negative { -n } else { n }),
        None => Token::Wrong("this index is too large"),
    };
    (token, at, end)
}

/// The name that starts at `at`.
fn name(text: &str, at: usize) -> (Token<'_>, usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let end = at + rest.bytes().take_while(is_part).count();
    let name = text.get(at..end).unwrap_or_default();
    (if has(name, "-") { Token::Dashed(name) } else { Token::Name(name) }, at, end)
}

/// What is between the quotes, with `\` before the quote itself taken away and every other `\` kept.
///
/// So `'\\'` is two backslashes. The grammar of JMESPath's raw strings can be read both ways; its implementations and
/// its compliance tests agree on this one.
pub(super) fn unquote(quoted: &str) -> String {
    let quote = quoted.get(..1).unwrap_or_default();
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::new();
    for (i, c) in inside.char_indices() {
        if c != '\\' || !inside.get(i + 1..).is_some_and(|rest| rest.starts_with(quote)) {
            text.push(c);
        }
    }
    text
}
