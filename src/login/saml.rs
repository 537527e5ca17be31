//! Attributes of the SAML response, as Auth0 takes them.

use crate::document::fields::Fields;
use crate::host::value::{Kind, Val, Value};
use crate::login::command::Command;

/// Auth0 takes values of 2 kB. Names are looked at when the config is read.
const MOST_BYTES: usize = 2000;

/// A command for each attribute that Auth0 takes, with room for so many more; a word for the log on those that it does not.
#[cold]
#[inline(never)]
pub(super) fn attributes(fields: &Fields, room: &mut usize, out: &mut Vec<Command>, notes: &mut Vec<&str>) {
    for (name, value) in fields {
        let plain =
            if value.kind() == Kind::List { value.items().iter().all(is_plain) } else { is_plain(value) };
        let note = match plain {
            false => "saml-invalid",
            true if *room == 0 => "saml-too-many",
            true if value.size() > MOST_BYTES => "saml-too-large",
            true => {
                *room -= 1;
                out.push(Command::SamlAttribute(name.clone(), value.clone()));
                continue;
            }
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}

/// An attribute is a text, a number, a boolean, or an array of these.
fn is_plain(value: &Val) -> bool {
    matches!(value.kind(), Kind::Text | Kind::Number | Kind::Bool)
}
