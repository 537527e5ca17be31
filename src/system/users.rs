//! A short list of users, each with a number: who failed, and who has had a retry.

/// At most so many users are told apart.
pub(crate) const MOST_USERS: usize = 64;

/// Users, the latest last. Where there is no more room the oldest goes.
#[derive(Default)]
pub(crate) struct Users(Vec<(String, f64)>);

impl Users {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This user's number.
    #[cold]
    #[inline(never)]
    pub(crate) fn get(&mut self, user: &str) -> Option<&mut f64> {
        self.0.iter_mut().find(|(known, _)| known == user).map(|(_, number)| number)
    }

    /// Puts this user last, with this number; whether they had been there.
    #[cold]
    #[inline(never)]
    pub(crate) fn put(&mut self, user: &str, number: f64) -> bool {
        let known = self.remove(user);
        if self.0.len() == MOST_USERS {
            self.remove_oldest();
        }
        self.0.push((user.to_string(), number));
        known
    }

    /// Whether this user was there.
    #[cold]
    #[inline(never)]
    pub(crate) fn remove(&mut self, user: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != user);
        self.0.len() < before
    }

    /// The oldest goes.
    pub(crate) fn remove_oldest(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    /// All go.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
