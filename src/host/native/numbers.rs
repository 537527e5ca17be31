//! Numbers as JavaScript reads and writes them: what it would round is the string of its digits instead.

use crate::host::value::FIRST_UNSAFE;
use serde_json::ser::Formatter;
use std::io::{Error, Write};

/// Writes numbers as JavaScript does.
pub(super) struct AsJavaScript;

impl Formatter for AsJavaScript {
    fn write_f64<W: ?Sized + Write>(&mut self, to: &mut W, number: f64) -> Result<(), Error> {
        to.write_all(written(number).as_bytes())
    }
}

/// A number as JavaScript writes it.
fn written(number: f64) -> String {
    let exponent = format!("{number:e}");
    let (digits, power) = exponent.split_once('e').unwrap_or((&exponent, "0"));
    match power.parse::<i32>().unwrap_or_default() {
        _ if number == 0.0 => "0".to_string(),
        -6..=20 => number.to_string(),
        power if power < 0 => format!("{digits}e{power}"),
        power => format!("{digits}e+{power}"),
    }
}

/// A text that is JSON, with each number that a double does not hold as the string of its digits.
pub(super) fn keep_numbers(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, c)| {
                    let closes = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    closes
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            '-' | '0'..='9' => {
                let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
                rest.find(|c| !number(c)).unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let lost = first != '"' && token.len() > 1 && !is_held(token);
        let quote = if lost { "\"" } else { "" };
        kept.extend([quote, token, quote]);
        rest = after;
    }
    kept
}

/// Whether JavaScript holds this number of JSON: it would write it back as the same one, or these are the seventeen digits
/// of the very double that it holds, as many systems write one.
fn is_held(token: &str) -> bool {
    let number = token.parse().unwrap_or(f64::NAN);
    token.len() < 40
        && f64::is_finite(number)
        && (digits(token) == digits(&written(number))
            || number.abs() < FIRST_UNSAFE && digits(token) == seventeen(number))
}

/// The digits of a double as `toPrecision(17)` gives them, which rounds up what is halfway.
fn seventeen(number: f64) -> Option<(bool, String, i64)> {
    let exact = format!("{number:.60e}");
    let (mantissa, power) = exact.split_once('e')?;
    let first: String = mantissa.chars().filter(char::is_ascii_digit).take(18).collect();
    let rounded = (first.parse::<u64>().ok()? + 5) / 10;
    let sign = if number < 0.0 { "-" } else { "" };
    digits(&format!("{sign}{rounded}e{}", power.parse::<i64>().ok()? - 16))
}

/// A number's digits from the first to the last that is not 0, and its power of ten.
fn digits(number: &str) -> Option<(bool, String, i64)> {
    let (digits, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole.trim_start_matches('-'), part].concat();
    let short = all.trim_end_matches('0');
    let zeros = i64::try_from(all.len() - short.len()).ok()?;
    let power = power.parse::<i64>().ok()? - i64::try_from(part.len()).ok()? + zeros;
    let short = short.trim_start_matches('0');
    (!short.is_empty()).then(|| (number.starts_with('-'), short.to_string(), power))
}
