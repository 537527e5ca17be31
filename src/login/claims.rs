//! How many claims a token has room for.

use crate::document::fields::Fields;
use crate::host::text::Text;
use crate::host::value::{Val, Value};
use crate::login::command::Command;

/// Auth0 fails a login with more than 100 kB of custom claims in a token, as JSON and with their names.
const MOST_CLAIMS: usize = 100_000;

/// The room that is left for claims, in bytes.
pub(crate) struct ClaimSpace {
    id_token: usize,
    access_token: usize,
    /// Whether something had to be left out.
    pub short: bool,
}

impl Default for ClaimSpace {
    fn default() -> Self {
        // The braces around them, and a comma for all but one.
        Self { id_token: MOST_CLAIMS - 1, access_token: MOST_CLAIMS - 1, short: false }
    }
}

impl ClaimSpace {
    /// Claims of the ID token as commands, as far as there is room.
    pub(crate) fn id_token(&mut self, fields: &Fields, out: &mut Vec<Command>) {
        self.short |= fit(fields, &mut self.id_token, Command::IdTokenClaim, out);
    }

    /// The same for the access token.
    pub(crate) fn access_token(&mut self, fields: &Fields, out: &mut Vec<Command>) {
        self.short |= fit(fields, &mut self.access_token, Command::AccessTokenClaim, out);
    }
}

/// A command for each field that there is room for, in order; whether one had to be left out.
fn fit(fields: &Fields, left: &mut usize, command: fn(Text, Val) -> Command, out: &mut Vec<Command>) -> bool {
    let mut short = false;
    for (name, value) in fields {
        // The name with its quotes, a colon, the value and a comma. Of a name only these two signs are written longer.
        let escapes = name.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
        let size = value.size().saturating_add(name.len() + escapes + 4);
        match left.checked_sub(size) {
            Some(rest) => {
                *left = rest;
                out.push(command(name.clone(), value.clone()));
            }
            None => short = true,
        }
    }
    short
}
