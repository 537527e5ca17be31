//! Names with a mapping each: the claims of one token, or the keys of the metadata.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::{Filling, Forms, Mapping};
use crate::document::root::Reads;
use crate::host::text::Text;
use crate::host::value::{Kind, Val, Value};

/// Names and their mappings: the claims of one token, or the keys of the metadata.
#[derive(Default)]
pub(crate) struct NamedMappings(pub Vec<Named>);

/// One of them.
pub(crate) struct Named {
    /// What it sets.
    pub name: Text,
    /// To what.
    pub mapping: Mapping,
    /// The entries that its mapping reads.
    pub reads: Reads,
}

/// How the entries of a login have ended that its mappings may read, a bit for each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entries {
    /// There is an answer to read.
    pub good: u64,
    /// It is logged, and does nothing.
    pub shadow: u64,
}

impl NamedMappings {
    /// Reads the object in the field `key`, each name checked by `allowed`.
    pub(crate) fn read<'a>(
        object: ConfigValue<'a>,
        key: &'a str,
        allowed: fn(ConfigValue, &str),
        forms: &Forms,
    ) -> Self {
        let mut named = Vec::new();
        object.fields_of(key, true, &mut |name, field| {
            allowed(field, name);
            let mapping = Mapping::read(field, forms);
            named.push(Named { name: Text::new(name), mapping, reads: field.take_reads() });
        });
        Self(named)
    }

    /// The values for this scope. What is null is left out, unless `nulls` says that it counts; then an object of which
    /// nothing is left is null as well, and what reads entries that are not all good must be whole: an outage takes
    /// nothing away. What a form gives no value for is left out, and so is what reads an entry in shadow. An
    /// expression that fails costs its own field alone.
    pub(crate) fn fill(&self, with: Filling, nulls: bool, entries: Entries) -> Filled {
        let mut filled = Filled { fields: Vec::with_capacity(self.0.len()), failed: false, found: false };
        let live = |named: &&Named| named.reads.any() & entries.shadow == 0;
        for Named { name, mapping, reads } in self.0.iter().filter(live) {
            let whole = nulls && reads.any() & !entries.good != 0;
            let mut value = match mapping.fill(Filling { nulls: whole, whole, ..with }) {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(_) => {
                    filled.failed = true;
                    continue;
                }
            };
            filled.found = filled.found || mapping.found(&value);
            if whole && holds_null(&value) {
                continue;
            }
            if nulls && mapping.is_empty(&value) {
                value = Val::default();
            }
            if nulls || !value.is_null() {
                filled.fields.push((name.clone(), value));
            }
        }
        filled
    }

    /// The values that an object has under these names, and whether one of them came from a mapping that asks. What
    /// else is in it does not belong here.
    pub(crate) fn restore(&self, object: &Val) -> (Fields, bool) {
        let (mut fields, mut asked) = (Vec::new(), false);
        for Named { name, mapping, .. } in &self.0 {
            let value = object.field(name);
            if !value.is_null() {
                asked = asked || mapping.asks();
                fields.push((name.clone(), value));
            }
        }
        (fields, asked)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them asks the scope for anything.
    pub(crate) fn asks(&self) -> bool {
        self.0.iter().any(|named| named.mapping.asks())
    }
}

/// Whether anything in it is null.
#[cold]
#[inline(never)]
fn holds_null(value: &Val) -> bool {
    match value.kind() {
        Kind::Null => true,
        Kind::List => value.items().iter().any(holds_null),
        Kind::Object => value.values().items().iter().any(holds_null),
        Kind::Bool | Kind::Number | Kind::Text => false,
    }
}

/// Names and their values: the claims of one token, or keys of the metadata.
pub(crate) type Fields = Vec<(Text, Val)>;

/// What names were filled to.
pub(crate) struct Filled {
    /// The values.
    pub fields: Fields,
    /// Whether an expression failed, so that its field is missing.
    pub failed: bool,
    /// Whether any of what was asked for was there.
    pub found: bool,
}
