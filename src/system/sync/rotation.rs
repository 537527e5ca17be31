//! Several secrets for one system: on to the next one where it refuses one, and the warning that one has expired.

use super::Run;
use crate::request::token::unchecked_expiry;
use crate::system::outcome::Outcome;

impl Run<'_> {
    /// On to the next secret, if this status may mean the secret and there is one that has not been tried in this login.
    pub(super) fn rotate(&mut self, status: u16) -> bool {
        self.rotated += 1;
        let more = self.rotated < self.rotations(status);
        if more {
            self.rotation = (self.rotation + 1) % self.rotations(401).max(1);
        }
        more
    }

    /// How many secrets there are to try, one after the other, when this is the status of the answer.
    fn rotations(&self, status: u16) -> usize {
        // A token endpoint refuses the client, whatever the status.
        let status = if self.sync.grant.is_some() { 401 } else { status };
        self.sync.request.rotations(self.scope(), status)
    }

    /// An expired secret is said, by its name: the one that was sent last, and where all were refused the first of them.
    pub(super) fn warning(&self, outcome: Outcome) -> String {
        if self.sent == 0 || !self.note.is_empty() {
            return self.note.clone();
        }
        if outcome == Outcome::Unauthorized && self.rotated > 1 {
            let all = self.rotations(401).max(1);
            let sent = (0..self.rotated).rev().map(|back| (self.rotation + all).saturating_sub(back) % all);
            return sent
                .map(|rotation| self.expired(rotation))
                .find(|word| !word.is_empty())
                .unwrap_or_default();
        }
        self.expired(self.rotation)
    }

    /// The word for the secret at this rotation, if it has expired. Its expiry is read once per instance: a secret does
    /// not change in one.
    fn expired(&self, rotation: usize) -> String {
        let mut shared = self.login.memory.borrow_mut();
        let system = shared.system(self.sync.index);
        if system.secret.as_ref().is_none_or(|(known, ..)| *known != rotation) {
            let secret = self.sync.request.secret(self.scope(), rotation);
            let (name, secret) = secret.map(|(name, secret)| (name.clone(), secret)).unwrap_or_default();
            let expires = unchecked_expiry(&secret).unwrap_or(f64::INFINITY);
            system.secret = Some((rotation, name, expires));
        }
        match &system.secret {
            Some((_, name, expires)) if *expires <= self.login.driver.now().wall => {
                [name, "-expired"].concat()
            }
            _ => String::new(),
        }
    }
}
