//! The names of secrets in a config. Their texts are read by [`Scope`](crate::scope::Scope), at a login, and by nobody
//! else.

use crate::document::Place;
use crate::scope::is_set;
use crate::text::Text;
use crate::value::{Kind, Val};
use std::cell::RefCell;

/// The secrets a config may count on when it is read.
pub struct Secrets<'a> {
    /// Those that are set; `None` when that is not known.
    set: Option<&'a Val>,
    /// Only names that begin so.
    prefix: &'a str,
    missing: RefCell<String>,
}

impl<'a> Secrets<'a> {
    /// Under whatever name the config says.
    pub fn any(set: Option<&'a Val>) -> Self {
        Self { set, prefix: "", missing: RefCell::default() }
    }

    /// Under names that belong to one preset alone.
    pub fn of_preset(set: &'a Val, prefix: &'a str) -> Self {
        Self { set: Some(set), prefix, missing: RefCell::default() }
    }

    /// Those that are needed and not set: `A and B`.
    pub fn missing(&self) -> String {
        self.missing.take()
    }

    /// The names in the field `key`, one or a list. Unless it is optional, one of them at least must be set.
    pub fn names(&self, object: &Place, key: &str, optional: bool) -> Vec<Text> {
        let place = object.needed(key);
        let mut names = Vec::new();
        if place.kind == Kind::List {
            for item in place.items() {
                names.push(item.text());
            }
        } else {
            names.push(place.text());
        }
        names.retain(|name| name.starts_with(self.prefix));
        let any = |set| names.iter().any(|name| is_set(set, name));
        match names.first() {
            None => place.refuse("needs the name of a secret"),
            Some(first) if !optional && self.set.is_some_and(|set| !any(set)) => {
                let mend = " is not set: add it to the Action's secrets and deploy it again";
                place.refuse_text("the secret ", first, mend);
                let mut missing = self.missing.borrow_mut();
                let and = if missing.is_empty() { "" } else { " and " };
                missing.push_str(and);
                missing.push_str(first);
            }
            Some(_) => {}
        }
        names.iter().map(|name| Text::new(name)).collect()
    }
}
