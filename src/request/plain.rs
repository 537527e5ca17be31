//! Values as plain text, for what a url, a form or a text can hold. Percent-encoding is in `host/text.rs`.

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
