//! The places of a document that a reader has asked for.
//!
//! **They all live until the document has been read.** So a [`ConfigValue`] is one reference, and no reader has code that
//! moves a place or drops one: a tenth of all that reads configs was that.

use super::{ConfigValue, Problem};
use crate::document::root::Root;
use crate::host::value::{Kind, Val};
use std::cell::{Cell, OnceCell, RefCell};

/// A document while it is read.
pub(crate) struct Reading<'a> {
    /// What its expressions read.
    pub root: Root,
    /// What is wrong so far, in the order of the document.
    pub problems: RefCell<Vec<Problem>>,
    places: Places<'a>,
}

/// A value of the document and where it is.
pub(crate) struct Place<'a> {
    /// What is here.
    pub value: Val,
    /// Its kind, asked of the host once.
    pub kind: Kind,
    /// Expressions read an answer here, which is a scope of its own.
    pub in_answer: bool,
    pub at: At<'a>,
    pub reading: &'a Reading<'a>,
    /// Its keys, once they have been asked for.
    pub keys: OnceCell<Vec<String>>,
}

/// Where a place is. Its path is written out when there is something to say about it, and never for a good config.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Root(&'a str),
    Field(ConfigValue<'a>, &'a str),
    Item(ConfigValue<'a>, usize),
}

/// Places, none of which moves: a full block is followed by another one. The first block is a part of what holds it, and so
/// on the stack: what is read ahead (`tools/paste/ahead.mjs`) has nothing of it.
struct Places<'a> {
    block: [OnceCell<Place<'a>>; BLOCK],
    used: Cell<usize>,
    next: OnceCell<Box<Places<'a>>>,
}

/// So many places has a block: those of a usual config.
const BLOCK: usize = 256;

impl<'a> Reading<'a> {
    pub(crate) fn new(root: Root) -> Self {
        Self { root, problems: RefCell::default(), places: Places::new() }
    }

    /// Keeps a place until the end.
    #[inline(never)]
    pub(super) fn keep(&'a self, place: Place<'a>) -> ConfigValue<'a> {
        let mut places = &self.places;
        loop {
            let used = places.used.get();
            if let Some(free) = places.block.get(used) {
                places.used.set(used + 1);
                return ConfigValue(free.get_or_init(|| place));
            }
            places = places.next.get_or_init(|| Box::new(Places::new()));
        }
    }
}

impl Places<'_> {
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(clippy::large_stack_arrays, reason = "10 kB in wasm, and once")
    )]
    fn new() -> Self {
        Self { block: [const { OnceCell::new() }; BLOCK], used: Cell::new(0), next: OnceCell::new() }
    }
}
