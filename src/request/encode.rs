//! Values as texts that a url or a form can hold.

use crate::host::text::is_whole;
use crate::host::value::{Kind, Val, Value};

/// What a request can send as plain text: a text, a number or a boolean.
pub(crate) fn plain(value: &Val) -> Option<String> {
    match value.kind() {
        Kind::Text => value.as_text().filter(|text| is_whole(text)),
        Kind::Number | Kind::Bool => Some(value.to_json()),
        Kind::Null | Kind::List | Kind::Object => None,
    }
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
