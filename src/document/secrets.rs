//! The names of secrets in a config. Their texts are read at a login, where something that is sent names one; no expression
//! reads them.

use crate::document::config_value::ConfigValue;
use crate::document::problem::{Problem, refusal};
use crate::host::text::Text;
use crate::host::value::{Kind, Val, Value};
use std::cell::RefCell;

/// The secrets that an entry names while it is read.
pub(crate) struct Secrets<'a> {
    /// Only names that begin so.
    prefix: &'a str,
    /// Whether those of `basic` are encoded as in a form first: OAuth 2.0 wants it so (RFC 6749, 2.3.1).
    pub encoded: bool,
    needs: RefCell<Vec<Need>>,
    lists: RefCell<Vec<Names>>,
}

/// The names of one secret: the first that is set counts, or where the other system refuses it the next one.
pub(crate) type Names = Vec<Text>;

/// One of these secrets, after `rotation` that are set; the last one when there are fewer. Its text stays the host's.
pub(crate) fn secret<'a>(secrets: &Val, names: &'a [Text], rotation: usize) -> Option<(&'a Text, Val)> {
    set(secrets, names).take(rotation + 1).last()
}

/// Those of these secrets that are set, in this order.
pub(crate) fn set<'a>(secrets: &Val, names: &'a [Text]) -> impl Iterator<Item = (&'a Text, Val)> {
    names.iter().filter_map(|name| {
        let secret = secrets.secret(name);
        (!secret.is_null()).then_some((name, secret))
    })
}

/// Secrets of which one at least must be set.
pub(crate) struct Need {
    /// Where in the config.
    path: String,
    names: Names,
}

impl<'a> Secrets<'a> {
    /// Under names that begin so: those that belong to one preset alone. Under any name, if that is empty.
    pub(crate) fn under(prefix: &'a str) -> Self {
        Self { prefix, encoded: false, needs: RefCell::default(), lists: RefCell::default() }
    }

    /// What the entry cannot do without.
    pub(crate) fn into_needs(self) -> Vec<Need> {
        self.needs.into_inner()
    }

    /// How many places have named a secret so far.
    pub(crate) fn count(&self) -> usize {
        self.lists.borrow().len()
    }

    /// The names that were read since the last time, a list for each place.
    pub(crate) fn lists(&self) -> Vec<Names> {
        self.lists.take()
    }

    /// The names in the field `key`, one or a list. Unless it is optional, one of them at least must be set.
    pub(crate) fn names<'c>(&self, object: ConfigValue<'c>, key: &'c str, optional: bool) -> Names {
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
        self.lists.borrow_mut().push(names.clone());
        names
    }
}

impl Need {
    /// Whether these secrets fill it.
    pub(crate) fn is_filled(&self, secrets: &Val) -> bool {
        set(secrets, &self.names).next().is_some()
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
        // Where the value was written for the name, it must not get into the log of each login: names are in capitals.
        let known = !self.name().bytes().any(|byte| byte.is_ascii_lowercase());
        refusal(self.path.clone(), "the secret ", if known { self.name() } else { "***" }, fix)
    }
}
