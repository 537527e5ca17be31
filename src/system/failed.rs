//! The memory of who failed, so that one user's failures cost no one else anything.
//!
//! A user whose try failed is remembered until the system answers them. Until then they have one try at a time, a second
//! apart, and no retry; and what becomes of it is no evidence against the system.

use crate::system::users::Users;

/// How long a user waits for the next try, in milliseconds.
const APART_MS: f64 = 1_000.0;

/// Who failed at one system, in one instance.
#[derive(Default)]
pub struct Failed(
    /// Each with the tick of their next try.
    Users,
);

impl Failed {
    /// Whether no one is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this user comes too soon: another try of theirs is under way, or has failed within a second.
    pub fn is_busy(&mut self, user: &str, tick: f64) -> bool {
        self.0.get(user).is_some_and(|due| tick < *due)
    }

    /// A try begins, which takes `ms` at most. One that never reports does not shut its user out for ever.
    pub fn begin(&mut self, user: &str, tick: f64, ms: f64) {
        if let Some(due) = self.0.get(user) {
            *due = tick + ms;
        }
    }

    /// A try failed; whether this user had been remembered before.
    pub fn failed(&mut self, user: &str, tick: f64) -> bool {
        self.0.put(user, tick + APART_MS)
    }

    /// The system answered this user; whether they had been remembered.
    pub fn forget(&mut self, user: &str) -> bool {
        self.0.remove(user)
    }
}
