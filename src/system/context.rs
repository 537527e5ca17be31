//! What a login knows and may ask, as its systems see it.

use crate::host::kept::Kept;
use crate::host::text::Text;
use crate::request::scope::Scope;
use crate::system::collector::Collector;
use crate::system::entry::Entry;
use crate::system::memory::Memory;
use crate::system::step::Driver;
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use crate::document::mapping::Entropy;

/// What a config has for all of its entries.
#[derive(Default)]
pub(crate) struct Common {
    /// Where tokens of other systems come from. Each is a system as well.
    pub tokens: Vec<Entry>,
    /// Who is told what was counted.
    pub collector: Option<Collector>,
}

/// What one execution gives to each of its systems.
pub(crate) struct Context {
    /// Its number in the instance.
    pub id: u32,
    /// Its id to the systems that it tells, so that they can tell what belongs together.
    pub trigger_id: Text,
    /// What it knows.
    pub scope: Scope,
    /// What entries have in common.
    pub common: Rc<Kept<Common>>,
    /// What it may ask for.
    pub driver: Driver,
    /// What it shares with others.
    pub memory: Rc<RefCell<Memory>>,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// The tick of its start.
    pub started: f64,
    /// The tick at which its budget ends.
    pub deadline: f64,
}

impl Context {
    /// Who logs in, as the guard tells users apart. A login of no one is like no other.
    #[cold]
    #[inline(never)]
    pub(crate) fn user(&self) -> String {
        self.scope.user().unwrap_or_else(|| self.trigger_id.to_string())
    }
}
