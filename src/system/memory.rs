//! What one instance of the Action remembers from login to login.

use crate::host::text::Text;
use crate::system::guard::Guard;
use crate::system::reuse::{Follower, Reuse};

/// What the logins of one instance share. Nothing here belongs to one login alone.
#[derive(Default)]
pub(crate) struct Memory {
    systems: Vec<SystemMemory>,
    /// Answers kept in memory.
    pub reuse: Reuse,
    /// Whether a login has ended: there is something to be told.
    pub counted: bool,
    /// The tick before which no batch of metrics goes.
    pub next_batch: f64,
    /// Logins whose shared call has ended.
    pub wakes: Vec<Follower>,
}

impl Memory {
    /// What is remembered of one system.
    pub(crate) fn system(&mut self, index: usize) -> &mut SystemMemory {
        while self.systems.len() <= index {
            self.systems.push(SystemMemory::default());
        }
        #[expect(clippy::indexing_slicing, reason = "the loop above has made the list long enough")]
        &mut self.systems[index]
    }
}

/// What the instance remembers of one system.
#[derive(Default)]
pub(crate) struct SystemMemory {
    /// What keeps its outages from the tenant.
    pub guard: Guard,
    /// Which of several secrets worked last.
    pub rotation: usize,
    /// The secret at a rotation: its name, and when it expires.
    pub secret: Option<(usize, Text, f64)>,
    /// Of a token: until this tick a 401 is no reason to get another one.
    pub in_vain_until: f64,
}
