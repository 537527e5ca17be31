//! The names of secrets in a config. Their texts are read by [`Scope`](crate::request::scope::Scope), at a login, and by nothing
//! else.

use crate::document::config_value::{ConfigValue, Problem, refusal};
use crate::host::text::Text;
use crate::host::value::{Kind, Val};
use crate::request::scope::is_set;
use std::cell::RefCell;

/// The secrets that an entry names while it is read.
pub(crate) struct Secrets<'a> {
    /// Only names that begin so.
    prefix: &'a str,
    needs: RefCell<Vec<Need>>,
}

/// Secrets of which one at least must be set.
pub(crate) struct Need {
    /// Where in the config.
    path: String,
    names: Vec<Text>,
}

impl<'a> Secrets<'a> {
    /// Under names that begin so: those that belong to one preset alone. Under any name, if that is empty.
    pub(crate) fn under(prefix: &'a str) -> Self {
        Self { prefix, needs: RefCell::default() }
    }

    /// What the entry cannot do without.
    pub(crate) fn into_needs(self) -> Vec<Need> {
        self.needs.into_inner()
    }

    /// The names in the field `key`, one or a list. Unless it is optional, one of them at least must be set.
    pub(crate) fn names(&self, object: &ConfigValue, key: &str, optional: bool) -> Vec<Text> {
        let place = object.needed(key);
        let mut names = Vec::new();
        if place.kind == Kind::List {
            for item in place.items("names") {
                names.push(Text::new(&item.text()));
            }
        } else {
            names.push(Text::new(&place.text_that("must be the name of a secret, or an array of names")));
        }
        names.retain(|name| name.starts_with(self.prefix));
        if names.is_empty() {
            place.refuse("must have at least one name");
        } else if !optional {
            self.needs.borrow_mut().push(Need { path: place.path(), names: names.clone() });
        }
        names
    }
}

impl Need {
    /// Whether these secrets fill it.
    pub(crate) fn is_filled(&self, secrets: &Val) -> bool {
        self.names.iter().any(|name| is_set(secrets, name))
    }

    /// The name to add, if there is to be one.
    pub(crate) fn name(&self) -> &str {
        self.names.first().map_or("", |name| name)
    }

    /// Says that it is not filled, and how to fix that.
    #[cold]
    #[inline(never)]
    pub(crate) fn problem(&self) -> Problem {
        let fix = " is not set: add it to the Action's secrets and deploy the Action again";
        refusal(self.path.clone(), "the secret ", self.name(), fix)
    }
}
