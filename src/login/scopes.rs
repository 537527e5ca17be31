//! Scopes of the access token: which a login adds, and which it takes away.
//!
//! **Taking away counts for more than adding.** What is no scope is left out, and said in the log.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::{Filling, Forms, Mapping};
use crate::document::secrets::Secrets;
use crate::host::text::has;
use crate::host::value::{Kind, Val, Value};
use crate::login::command::Command;

/// `{ "add": […], "remove": […] }`: those that are taken away first.
#[derive(Default)]
pub(crate) struct Scopes(Vec<Item>);

/// What gives a scope, an array of them, or null.
struct Item {
    /// Taken away, and not added.
    remove: bool,
    mapping: Mapping,
    /// The bits of the entries that it reads.
    reads: u64,
}

/// More scopes than anyone has; each is a call.
const MOST_SCOPES: usize = 500;

impl Scopes {
    /// Reads the scopes here.
    // Apart, and so not compiled where the config has no `scopes`.
    #[inline(never)]
    pub(crate) fn read(place: ConfigValue) -> Self {
        place.knows_only("add remove");
        let mut items = Vec::new();
        for key in ["remove", "add"] {
            place.items_of(key, "expressions", &mut |item| {
                let before = item.problems();
                if item.kind == Kind::Object {
                    item.knows_only("value when");
                }
                let mapping = Mapping::read(item, &Forms::plain(&Secrets::under("")));
                if item.problems() == before && !matches!(mapping, Mapping::Expression(_) | Mapping::Form(_))
                {
                    item.refuse("must be an expression, or an object with `value` and `when`");
                }
                // Of its text, for the host's value must not be asked for while a config is read.
                let text = item.value.as_text().unwrap_or_default();
                let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                if quoted.is_some_and(|scope| !has(scope, "'") && !is_scope(scope)) {
                    item.refuse("is no scope: write one such as `'read:x'`, without spaces");
                }
                items.push(Item { remove: key == "remove", mapping, reads: item.take_reads().any() });
            });
        }
        Self(items)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any is taken away, but by what reads an entry in `shadow`.
    pub(crate) fn removes(&self, shadow: u64) -> bool {
        self.0.iter().any(|item| item.remove && item.reads & shadow == 0)
    }

    /// The calls for this login, one for each scope. Whether an expression failed.
    #[cold]
    #[inline(never)]
    pub(super) fn commands(
        &self,
        scope: &Val,
        shadow: u64,
        out: &mut Vec<Command>,
        notes: &mut Vec<&str>,
    ) -> bool {
        let (mut failed, mut invalid) = (false, false);
        let mut taken: Vec<String> = Vec::new();
        for item in self.0.iter().filter(|item| item.reads & shadow == 0) {
            let value = item.mapping.fill(Filling::of(scope)).unwrap_or_else(|_| {
                failed = true;
                None
            });
            let value = value.unwrap_or_default();
            let list = if value.kind() == Kind::List { value } else { Val::from_list(vec![value]) };
            for scope in list.items() {
                let text = scope.as_text().unwrap_or_default();
                if !is_scope(&text) || taken.len() == MOST_SCOPES {
                    invalid |= !scope.is_null();
                } else if !taken.contains(&text) {
                    taken.push(text.clone());
                    out.push(if item.remove { Command::RemoveScope(text) } else { Command::AddScope(text) });
                }
            }
        }
        if invalid {
            notes.push("scopes-invalid");
        }
        failed
    }
}

/// Whether RFC 6749 lets a scope be made of this.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}
