//! What is at the root of the scope that expressions read, and what they read of it.
//!
//! An answer is a scope of its own: it has no such root, and nothing in it is reserved.

use crate::host::text::words;
use crate::host::value::{Val, Value};
use std::cell::Cell;

/// What a part of a config reads of entries: a bit for each, by its place in the document.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reads {
    /// Those whose answer is read.
    pub answer: u64,
    /// Those whose outcome or status is read.
    pub end: u64,
}

impl Reads {
    /// Those of which anything is read.
    pub(crate) fn any(self) -> u64 {
        self.answer | self.end
    }

    fn and(self, other: Self) -> Self {
        Self { answer: self.answer | other.answer, end: self.end | other.end }
    }
}

/// The root of a config's scope, while the config is read.
#[derive(Default)]
pub(crate) struct Root {
    document: Val,
    /// The names of the entries where the document has none.
    presets: &'static str,
    /// What has been read since someone took it.
    latest: Cell<Reads>,
    /// What was read before.
    all: Cell<Reads>,
    /// The place of the token that is sent by what is read now.
    pub token: Cell<Option<usize>>,
    /// The bits of the tokens that are sent.
    pub sent: Cell<u32>,
    /// Whether it is read if someone can answer a second factor.
    pub interactive: Cell<bool>,
    /// The bits of the flows in which what is read now runs.
    pub flows: Cell<u8>,
    /// Whether the time is read.
    pub clock: Cell<bool>,
}

impl Root {
    /// The root for this document. These entries there are where it has no `syncs`.
    pub(crate) fn new(document: &Val, presets: &'static str) -> Self {
        Self { document: document.clone(), presets, flows: Cell::new(1), ..Self::default() }
    }

    /// This is read now.
    pub(crate) fn add(&self, reads: Reads) {
        self.latest.set(self.latest.get().and(reads));
    }

    /// What has been read since this was last asked.
    pub(crate) fn take(&self) -> Reads {
        let latest = self.latest.take();
        self.all.set(self.all.get().and(latest));
        latest
    }

    /// All that was read.
    pub(crate) fn all(&self) -> Reads {
        self.take();
        self.all.get()
    }

    /// Whether this parameter of the query can be read.
    #[cold]
    #[inline(never)]
    pub(crate) fn lists(&self, parameter: &str) -> bool {
        let listed = self.document.get("requestQuery").items();
        listed.iter().any(|listed| listed.as_text().is_some_and(|listed| listed == parameter))
    }

    /// The names of the tokens, in their order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.document.get("tokens").keys()
    }

    /// The names of the entries, in their order.
    #[cold]
    #[inline(never)]
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let syncs = self.document.get("syncs");
        if syncs.is_null() {
            for name in words(self.presets) {
                names.push(String::from(name));
            }
        }
        for entry in syncs.items() {
            let name = entry.get("name");
            let name = if name.is_null() { entry.get("use") } else { name };
            names.push(name.as_text().unwrap_or_default());
        }
        names
    }
}
