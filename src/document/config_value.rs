//! Reading the admin's document: every place in it knows its path, and all that is wrong is said at once.
//!
//! A reader asks a [`ConfigValue`] for what it needs and **always gets something**. What is missing or wrong becomes a
//! [`Problem`] with the path and the fix, and reading goes on, so that an admin can fix all of it in one round; whether
//! the document is whole is known by the problems at the end, and by nothing else. **One mistake gives one problem**: a
//! field is not called missing where its object has a problem already, and a rule over several fields is not applied to
//! what has one.

mod place;
mod reads;

pub(crate) use place::Reading;

use crate::document::problem::{Problem, refusal};
use crate::host::text::{decimal, joined, nearest, words};
use crate::host::value::{Kind, Val, Value};
use place::{At, Place};
use std::cell::OnceCell;
use std::ops::Deref;

/// A value of the document, its place and all that a reader may ask of it.
#[derive(Clone, Copy)]
pub(crate) struct ConfigValue<'a>(pub(super) &'a Place<'a>);

impl<'a> Deref for ConfigValue<'a> {
    type Target = Place<'a>;

    fn deref(&self) -> &Place<'a> {
        self.0
    }
}

impl<'a> ConfigValue<'a> {
    /// The document itself.
    pub(crate) fn document(value: Val, path: &'a str, reading: &'a Reading<'a>) -> Self {
        let kind = value.kind();
        let (at, in_answer) = (At::Root(path), false);
        reading.keep(Place { value, kind, at, in_answer, reading, keys: OnceCell::new() })
    }

    fn with(self, value: Val, kind: Kind, at: At<'a>) -> Self {
        self.reading.keep(Place { value, kind, at, keys: OnceCell::new(), ..*self.0 })
    }

    /// Another value for the same place: an entry laid over its preset.
    pub(crate) fn replaced_by(self, value: Val) -> Self {
        let kind = value.kind();
        self.with(value, kind, self.at)
    }

    /// The same place, its expressions read from an answer.
    pub(crate) fn in_answer(self) -> Self {
        let (value, keys) = (self.value.clone(), OnceCell::new());
        self.reading.keep(Place { value, keys, in_answer: true, ..*self.0 })
    }

    #[cold]
    #[inline(never)]
    fn add(self, problem: Problem) {
        self.reading.problems.borrow_mut().push(problem);
    }

    /// Where this is: `config.syncs[2].request.url`.
    #[inline(never)]
    pub(crate) fn path(self) -> String {
        let (parent, step) = match self.at {
            At::Root(path) => return path.to_string(),
            At::Item(list, index) => {
                (list, ["[", &decimal(u32::try_from(index).unwrap_or_default()), "]"].concat())
            }
            At::Field(object, key) => {
                let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'));
                let step = if plain && !key.is_empty() {
                    [".", key].concat()
                } else {
                    ["[", &Val::from_text(key).to_json(), "]"].concat()
                };
                (object, step)
            }
        };
        [parent.path().as_str(), &step].concat()
    }

    /// Says what is wrong here and how to fix it.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse(self, message: &str) {
        self.refuse_parts(&[message]);
    }

    /// The same, for a message in parts.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse_parts(self, message: &[&str]) {
        self.add(Problem { path: self.path(), message: message.concat(), caret: None });
    }

    /// The same, about something the admin wrote: `message` with the text in backticks before it.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse_text(self, before: &str, text: &str, after: &str) {
        self.add(refusal(self.path(), before, text, after));
    }

    /// A field of the object here; `None` where it is absent or null.
    pub(crate) fn field(self, key: &'a str) -> Option<Self> {
        let value = self.value.get(key);
        let kind = value.kind();
        (kind != Kind::Null).then(|| self.with(value, kind, At::Field(self, key)))
    }

    /// A field of the object here that must be there: its reader refuses the absence.
    pub(crate) fn needed(self, key: &'a str) -> Self {
        let value = self.value.get(key);
        let kind = value.kind();
        self.with(value, kind, At::Field(self, key))
    }

    /// The keys of the object here. Anything else is refused.
    pub(crate) fn keys(self) -> &'a [String] {
        self.must_be(Kind::Object, "must be an object");
        self.0.keys.get_or_init(|| self.value.keys())
    }

    /// The items of the array here, which holds `of`. Anything else is refused.
    #[inline(never)]
    pub(crate) fn items(self, of: &str) -> Vec<Self> {
        if self.kind != Kind::List {
            self.refuse_parts(&["must be an array of ", of]);
        }
        let mut items = Vec::new();
        for (index, value) in self.value.items().into_iter().enumerate() {
            let kind = value.kind();
            items.push(self.with(value, kind, At::Item(self, index)));
        }
        items
    }

    /// The fields of the object in a field, with their names; none where it is absent. What is null is absent, unless
    /// `nulls` says that it counts.
    pub(crate) fn fields_of(self, key: &'a str, nulls: bool, each: &mut dyn FnMut(&'a str, Self)) {
        if let Some(object) = self.field(key) {
            for name in object.keys() {
                let field = object.needed(name);
                if nulls || field.kind != Kind::Null {
                    each(name, field);
                }
            }
        }
    }

    /// The items of the array in a field, which holds `of`; none where it is absent.
    pub(crate) fn items_of(self, key: &'a str, of: &str, each: &mut dyn FnMut(Self)) {
        if let Some(array) = self.field(key) {
            array.items(of).into_iter().for_each(each);
        }
    }

    /// Whether this is an object with no key but the words of `known`; each other key is refused, with the nearest known one.
    #[inline(never)]
    pub(crate) fn knows_only(self, known: &str) -> bool {
        if !self.must_be(Kind::Object, "must be an object") {
            return false;
        }
        for key in self.value.others(known) {
            self.unknown("unknown field ", &key, &words(known));
        }
        true
    }

    /// How many problems there are by now. Where a reader finds as many at its end, all that it read is good.
    #[inline(never)]
    pub(crate) fn problems(self) -> usize {
        self.reading.problems.borrow().len()
    }

    /// The text here, not empty.
    pub(crate) fn text(self) -> String {
        self.text_that("must be a string")
    }

    /// The same, with `message` for what is no string.
    #[inline(never)]
    pub(crate) fn text_that(self, message: &str) -> String {
        self.must_be(Kind::Text, message);
        let text = self.value.as_text().unwrap_or_default();
        if text.is_empty() && self.kind == Kind::Text {
            self.refuse("must not be empty");
        }
        text
    }

    /// One of a few words: which.
    pub(crate) fn word(self, choice: &str) -> usize {
        self.word_or(choice, "")
    }

    /// The one in a field; the first where it is absent.
    pub(crate) fn word_of(self, key: &'a str, choice: &str) -> usize {
        self.field(key).map_or(0, |field| field.word(choice))
    }

    /// One of a few words, with what is to be said of a word that is near none of them.
    #[inline(never)]
    pub(crate) fn word_or(self, choice: &str, other: &str) -> usize {
        let (words, text) = (words(choice), self.value.as_text().unwrap_or_default());
        words.iter().position(|word| *word == text).unwrap_or_else(|| {
            let near = meant(&text, &words);
            self.refuse_parts(&["must be ", &one_of(&words), if near.is_empty() { other } else { &near }]);
            0
        })
    }

    /// A whole number of `unit`, at least `least` and at most `most`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is compared with the range it is cast to"
    )]
    pub(crate) fn whole(self, least: u32, most: u32, unit: &str) -> u32 {
        let number = self.value.as_f64().unwrap_or(f64::NAN);
        // Not a number, a fraction and what is out of range all fail one of these.
        if number >= f64::from(least) && number <= f64::from(most) && number.trunc() >= number {
            return number as u32;
        }
        let (least_text, most) = (decimal(least), decimal(most));
        self.refuse_parts(&["must be a whole number", unit, " from ", &least_text, " to ", &most]);
        least
    }

    /// The whole number in a field; `default` where it is absent.
    pub(crate) fn whole_of(self, key: &'a str, default: u32, least: u32, most: u32, unit: &str) -> u32 {
        self.field(key).map_or(default, |field| field.whole(least, most, unit))
    }

    /// `true` in a field; false where it is absent.
    pub(crate) fn flag(self, key: &'a str) -> bool {
        self.field(key).is_some_and(|field| {
            field.must_be(Kind::Bool, "must be true or false");
            field.value.as_bool() == Some(true)
        })
    }

    /// Whether this has the kind; refused when it has not.
    fn must_be(self, kind: Kind, message: &str) -> bool {
        if self.kind != kind {
            self.refuse_kind(message);
        }
        self.kind == kind
    }

    /// Says that something else is here, or nothing; unless something is wrong with the object that lacks it.
    #[cold]
    #[inline(never)]
    fn refuse_kind(self, message: &str) {
        let mut missing = "";
        if self.kind == Kind::Null {
            missing = "is missing: it ";
            if let At::Field(object, _) = self.at
                && self.reading.problems.borrow().iter().any(|problem| problem.path == object.path())
            {
                return;
            }
        }
        self.refuse_parts(&[missing, message]);
    }

    #[cold]
    #[inline(never)]
    fn unknown(self, what: &str, key: &str, known: &[&str]) {
        let mut fix = meant(key, known);
        if fix.is_empty() {
            fix = match known {
                [] => String::from(": there is none yet: add it"),
                _ => [": choose from ", &joined(known, ", ")].concat(),
            };
        }
        self.refuse_text(what, key, &fix);
    }
}

/// Asks for the nearest of these words, if one is near.
#[cold]
#[inline(never)]
fn meant(text: &str, known: &[&str]) -> String {
    nearest(text, known).map_or_else(String::new, |near| [": did you mean `", near, "`?"].concat())
}

/// `a`, `b` or `c`, for messages.
#[cold]
#[inline(never)]
fn one_of(words: &[&str]) -> String {
    let mut text = String::new();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            text.push_str(if i + 1 == words.len() { " or " } else { ", " });
        }
        text.push_str(&["`", word, "`"].concat());
    }
    text
}
