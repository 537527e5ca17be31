//! Answers kept in the instance's memory, so that refresh-token exchanges and silent logins cost no call.
//!
//! **One user's answer never reaches another**: the key is the system, the whole request and the user's id, compared
//! as they are and not as a digest. What is kept is text; it is bounded in entries and bytes, the oldest goes first.
//! Logins that want the same answer at the same time share one call.

use crate::step::AskId;
use crate::sync::Finished;
use std::cell::RefCell;
use std::rc::Rc;

/// At most so many answers.
const MOST_ENTRIES: usize = 1_000;
/// At most so many bytes, keys included: they hold the requests.
const MOST_BYTES: usize = 1_000_000;
/// A token is not handed out again in its last minute.
const MARGIN_MS: f64 = 60_000.0;

/// The system, the request and the user.
pub type Key = String;

/// What an instance keeps.
#[derive(Default)]
pub struct Reuse {
    /// The oldest first.
    kept: Vec<Kept>,
    bytes: usize,
    flights: Vec<Flight>,
}

struct Kept {
    key: Key,
    /// Milliseconds since 1970.
    until: f64,
    text: String,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.key.len() + self.text.len()
    }
}

/// A call under way that others may share.
struct Flight {
    key: Key,
    shared: Rc<Shared>,
}

/// Where a call's end is left for those who wait for it.
#[derive(Default)]
pub struct Shared {
    /// How it ended, once it has.
    pub end: RefCell<Option<Finished>>,
    followers: RefCell<Vec<Follower>>,
}

/// A login that waits, and the number of what it asked for.
pub type Follower = (u32, AskId);

impl Reuse {
    /// The text kept under this key, while it is good.
    pub fn get(&self, key: &str, now: f64) -> Option<&str> {
        self.kept.iter().find(|kept| kept.key == key && now < kept.until).map(|kept| kept.text.as_str())
    }

    /// Keeps a text for as long as its token is worth handing out: until a quarter of what is left of it is left, so
    /// that the application has time to use it, and never into its last minute.
    // Apart, and so not compiled where nothing is reused.
    #[inline(never)]
    pub fn keep(&mut self, key: Key, text: String, now: f64, expires: f64) {
        let until = expires - ((expires - now) / 4.0).max(MARGIN_MS);
        self.kept.retain(|kept| kept.key != key && now < kept.until);
        self.bytes = self.kept.iter().map(Kept::bytes).sum();
        let new = Kept { key, until, text };
        if until <= now || new.bytes() > MOST_BYTES {
            return;
        }
        self.bytes += new.bytes();
        self.kept.push(new);
        while self.kept.len() > MOST_ENTRIES || self.bytes > MOST_BYTES {
            self.bytes -= self.kept.remove(0).bytes();
        }
    }

    /// The call under way for this key, if there is one.
    pub fn flight(&self, key: &str) -> Option<Rc<Shared>> {
        self.flights.iter().find(|flight| flight.key == key).map(|flight| flight.shared.clone())
    }

    /// A call begins that others may share.
    pub fn take_off(&mut self, key: Key) {
        self.flights.push(Flight { key, shared: Rc::default() });
    }

    /// It has ended: those who wait find how, and are to be woken.
    pub fn land(&mut self, key: &str, end: &Finished) -> Vec<Follower> {
        let Some(at) = self.flights.iter().position(|flight| flight.key == key) else {
            return Vec::new();
        };
        let shared = self.flights.swap_remove(at).shared;
        *shared.end.borrow_mut() = Some(end.clone());
        shared.followers.take()
    }

    /// How much is kept: entries and bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.kept.len(), self.bytes)
    }
}

impl Shared {
    /// Waits for its end.
    pub fn follow(&self, follower: Follower) {
        self.followers.borrow_mut().push(follower);
    }
}
