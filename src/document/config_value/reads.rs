//! The expressions of a document: what they read of the scope, what they may not, and the tokens that are sent.
//!
//! **None of what they read may be silently null.** What is not there is refused, with what to write instead; what is there
//! only if someone reads it is remembered, and so is which entries are read.

use super::ConfigValue;
use crate::document::problem::Problem;
use crate::document::root::{Reads, Root};
use crate::document::trigger::{Trigger, WITH_USER};
use crate::expression::{Expression, ParseError};
use crate::host::text::words;

impl<'a> ConfigValue<'a> {
    /// What expressions read here; none in an answer.
    fn root(self) -> Option<&'a Root> {
        (!self.in_answer).then_some(&self.0.reading.root)
    }

    /// What is read from now on runs in the flows with these bits.
    pub(crate) fn serves(self, flows: u8) {
        self.reading.root.flows.set(flows);
    }

    /// The entries that expressions have read since this was last asked.
    pub(crate) fn take_reads(self) -> Reads {
        self.root().map(Root::take).unwrap_or_default()
    }

    /// An expression.
    pub(crate) fn expression(self) -> Expression {
        let text = self.text_that("must be an expression, as a string");
        if text.is_empty() {
            return Expression::default();
        }
        match Expression::parse(&text) {
            Ok(expression) => {
                if let Some(root) = self.root() {
                    expression.reads(&mut |path| self.check(root, path));
                }
                expression
            }
            Err(error) => self.refuse_expression(&text, &error),
        }
    }

    /// The name of a token, which is sent by what is read now.
    #[cold]
    #[inline(never)]
    pub(crate) fn token(self) {
        let (name, Some(root)) = (self.text(), self.root()) else { return };
        if name.is_empty() {
            return;
        }
        let Some(at) = self.place_among(&root.tokens(), "unknown token ", &name) else { return };
        // The first 32 are all.
        root.sent
            .set(root.sent.get() | 1_u32.checked_shl(u32::try_from(at).unwrap_or(99)).unwrap_or_default());
        if root.token.replace(Some(at)).is_some_and(|other| other != at) {
            self.refuse("is a second token: an entry can send one");
        }
    }

    /// The place of the token that was sent by what has been read since this was last asked.
    pub(crate) fn take_token(self) -> Option<usize> {
        self.root().and_then(|root| root.token.take())
    }

    /// Whether the token at this place is sent by anything.
    pub(crate) fn sends_token(self, at: usize) -> bool {
        self.root().is_some_and(|root| root.sent.get() >> at & 1 == 1)
    }

    /// Refuses what no expression may read, and remembers what this one reads.
    fn check(self, root: &Root, path: &[&str]) {
        match path {
            // Of the whole scope an expression may make what leads there.
            [] | ["interactive", ..] => root.interactive.set(true),
            ["syncs", path @ ..] => self.check_entry(root, path),
            ["clock", path @ ..] => {
                root.clock.set(true);
                self.check_field("unknown field of `clock` ", path, "iso seconds ms weekday hour");
            }
            ["request", "query", path @ ..] if !path.first().is_some_and(|name| root.lists(name)) => {
                self.refuse("of `request.query` only what `requestQuery` lists can be read: write `request.query.NAME`");
            }
            ["request", "body", ..] => {
                self.refuse("no expression can read `request.body`: it may hold a password");
            }
            ["user", ..] if root.flows.get() & !WITH_USER != 0 => {
                self.refuse(
                    "`credentials-exchange` and `event-stream` have no `user`: read `client` or `message`",
                );
            }
            ["message", ..] if root.flows.get() & !Trigger::EventStream.bit() != 0 => {
                self.refuse("`event-stream` alone has a `message`: read `user` or `client`");
            }
            ["secrets", ..] => {
                self.refuse(
                    "no expression can read `secrets`: write `{ \"secret\": \"NAME\" }` where one is sent",
                );
            }
            _ => {}
        }
    }

    #[cold]
    #[inline(never)]
    fn check_entry(self, root: &Root, path: &[&str]) {
        let Some((name, path)) = path.split_first() else {
            return self.refuse("reads `syncs` without a name: write `syncs.NAME.answer`");
        };
        let Some(at) = self.place_among(&root.names(), "unknown entry ", name) else { return };
        self.check_field("unknown field of an entry ", path, "answer outcome status");
        // The first 64 are all.
        let bit = u32::try_from(at).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or_default();
        let field = path.first();
        let of = |reads| if reads { bit } else { 0 };
        root.add(Reads {
            answer: of(field.is_none_or(|field| *field == "answer")),
            end: of(field != Some(&"answer")),
        });
    }

    /// Which of these is meant. None of them is refused.
    fn place_among(self, known: &[String], what: &str, name: &str) -> Option<usize> {
        let at = known.iter().position(|known| known == name);
        if at.is_none() {
            let mut words: Vec<&str> = Vec::new();
            for word in known {
                words.push(word);
            }
            self.unknown(what, name, &words);
        }
        at
    }

    fn check_field(self, before: &str, path: &[&str], known: &str) {
        let known = words(known);
        if let Some(field) = path.first().filter(|field| !known.contains(field)) {
            self.unknown(before, field, &known);
        }
    }

    #[cold]
    #[inline(never)]
    fn refuse_expression(self, text: &str, error: &ParseError) -> Expression {
        let (message, caret) = (error.text(), Some(error.with_caret(text)));
        self.add(Problem { path: self.path(), message, caret });
        Expression::default()
    }
}
