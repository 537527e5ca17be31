//! The memory of who failed, so that one user's failures cost nobody else anything.
//!
//! A user whose try failed is remembered until the system answers them. Until then they have one try at a time, a second
//! apart, and no retry; and what becomes of it is no evidence against the system.

/// At most so many users are remembered.
const MOST_USERS: usize = 64;
/// How long a user waits for the next try, in milliseconds.
const APART_MS: f64 = 1_000.0;

/// Who failed at one system, in one instance.
#[derive(Default)]
pub struct Failed(
    /// Each with the tick of their next try, the latest failure last.
    Vec<(String, f64)>,
);

impl Failed {
    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this user comes too soon: another try of theirs is under way, or has failed within a second.
    pub fn is_busy(&self, user: &str, tick: f64) -> bool {
        self.0.iter().any(|(known, due)| known == user && tick < *due)
    }

    /// A try begins, which takes `ms` at most. One that never reports does not shut its user out for ever.
    pub fn begin(&mut self, user: &str, tick: f64, ms: f64) {
        if let Some((_, due)) = self.0.iter_mut().find(|(known, _)| known == user) {
            *due = tick + ms;
        }
    }

    /// A try failed; whether this user had been remembered before.
    pub fn failed(&mut self, user: &str, tick: f64) -> bool {
        let known = self.forget(user);
        if self.0.len() == MOST_USERS {
            self.0.remove(0);
        }
        self.0.push((user.to_string(), tick + APART_MS));
        known
    }

    /// The system answered this user; whether they had been remembered.
    pub fn forget(&mut self, user: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != user);
        self.0.len() < before
    }
}
