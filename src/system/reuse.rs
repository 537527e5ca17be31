//! Answers kept in the instance's memory, so that refresh-token exchanges and silent logins cost no call.
//!
//! **One user's answer never reaches another**: the key is the system, the user's id and the whole request, compared as
//! they are and not as a digest. What is kept is text; it is bounded in time, entries and bytes, the oldest goes first.
//! A system that refuses a user ends what is kept of that user. Logins that want the same answer at the same time share
//! one call.

use crate::system::finished::Finished;
use crate::system::step::EffectId;
use std::cell::RefCell;
use std::rc::Rc;

/// At most so many answers.
const MOST_ENTRIES: usize = 1_000;
/// At most so many bytes, keys included: they hold the requests.
const MOST_BYTES: usize = 1_000_000;
/// A token is not handed out again in its last minute.
const MARGIN_MS: f64 = 60_000.0;
/// So often at most it is looked through for what is over.
const SWEEP_MS: f64 = 60_000.0;
/// Whatever a token says of itself, its system is asked again after an hour: it may have changed its mind.
const LONGEST_MS: f64 = 3_600_000.0;

/// The system, the user and the request.
#[derive(Clone, Default)]
pub struct Key {
    text: String,
    /// So many bytes of the text are the system and the user.
    owner: usize,
    /// Of these bytes. Most keys are told apart by it alone.
    hash: u32,
}

impl Key {
    /// A key. None of its parts but the last may hold a NUL, so that no two keys read alike.
    pub fn new(system: &str, user: &str, target: &str, body: &str) -> Self {
        let owner = [system, "\0", user, "\0"].concat();
        Self { hash: hash(&owner), text: [&owner, target, "\0", body].concat(), owner: owner.len() }
    }

    fn is(&self, other: &Self) -> bool {
        self.hash == other.hash && self.text == other.text
    }

    fn has_owner_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.text.get(..self.owner), other.text.get(..other.owner));
        self.hash == other.hash && ours == theirs
    }
}

/// A hash that is the same in every instance (FNV-1a). For spreading and telling apart, not for proof.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// What an instance keeps. A ring: what is new takes the place of the oldest, and nothing is moved. A login that looks for an
/// answer, or keeps one, walks through the hashes alone: they lie close together, and a thousand take it a microsecond.
#[derive(Default)]
pub struct Reuse {
    /// At most [`MOST_ENTRIES`], then the oldest makes room. One that was given up is a gap until its turn comes.
    ring: Vec<KeptAnswer>,
    /// Of the key in the same place of the ring; of a gap's, any.
    hashes: Vec<u32>,
    /// When what is over is given up next, in milliseconds since 1970.
    sweep_at: f64,
    oldest: usize,
    /// From the oldest to the newest, gaps included.
    length: usize,
    bytes: usize,
    flights: Vec<Flight>,
}

/// A gap has no key.
#[derive(Default)]
struct KeptAnswer {
    key: Key,
    /// Milliseconds since 1970.
    until: f64,
    /// From when it was kept until then.
    longest: f64,
    /// How much longer it may still be used where nothing newer is to be had.
    late: f64,
    text: String,
}

impl KeptAnswer {
    fn bytes(&self) -> usize {
        self.key.text.len() + self.text.len()
    }

    /// Whether it is good now. A clock that was set back makes nothing last longer.
    fn is_good(&self, now: f64) -> bool {
        self.is_good_within(now, 0.0)
    }

    fn is_good_within(&self, now: f64, late: f64) -> bool {
        now < self.until + late && self.until - now <= self.longest
    }
}

/// A call under way that others may share.
struct Flight {
    key: Key,
    shared: Rc<SharedCall>,
}

/// Where a call's end is left for those who wait for it.
#[derive(Default)]
pub struct SharedCall {
    /// The login that makes it.
    pub leader: u32,
    /// How it ended, once it has.
    pub end: RefCell<Option<Finished>>,
    followers: RefCell<Vec<Follower>>,
}

/// A login that waits, and the number of what it asked for.
pub(crate) type Follower = (u32, EffectId);

impl Reuse {
    /// The text kept under this key, while it is good.
    pub fn get(&self, key: &Key, now: f64) -> Option<&str> {
        let kept = self.ring.get(self.place(key)?)?;
        kept.is_good(now).then_some(kept.text.as_str())
    }

    /// The same, also when it is late.
    #[cold]
    #[inline(never)]
    pub fn get_late(&self, key: &Key, now: f64) -> Option<&str> {
        let kept = self.ring.get(self.place(key)?)?;
        kept.is_good_within(now, kept.late).then_some(kept.text.as_str())
    }

    /// Where this key is.
    #[inline(never)]
    fn place(&self, key: &Key) -> Option<usize> {
        let all = self.hashes.iter().zip(&self.ring);
        all.into_iter().position(|(hash, kept)| *hash == key.hash && kept.key.text == key.text)
    }

    /// Keeps a text for as long as its token is worth handing out: until a quarter of what is left of it is left, so
    /// that the application has time to use it, never into its last minute, and never longer than an hour.
    pub fn keep(&mut self, key: Key, text: String, now: f64, expires: f64) {
        let until = (expires - ((expires - now) / 4.0).max(MARGIN_MS)).min(now + LONGEST_MS);
        self.keep_until(key, text, now, until, 0.0);
    }

    /// Keeps a text until then, and for those who ask for what is late so much longer.
    // Apart, and so not compiled where nothing is reused.
    #[inline(never)]
    pub fn keep_until(&mut self, key: Key, text: String, now: f64, until: f64, late: f64) {
        if let Some(at) = self.place(&key) {
            self.give_up_at(at);
        }
        if now >= self.sweep_at {
            self.sweep_at = now + SWEEP_MS;
            self.give_up(|kept| !kept.is_good_within(now, kept.late));
        }
        let new = KeptAnswer { key, until, longest: until - now, late, text };
        if until <= now || new.bytes() > MOST_BYTES {
            return;
        }
        self.bytes += new.bytes();
        while self.length == MOST_ENTRIES || self.bytes > MOST_BYTES {
            self.give_up_at(self.oldest);
            self.oldest = (self.oldest + 1) % MOST_ENTRIES;
            self.length -= 1;
        }
        let at = (self.oldest + self.length) % MOST_ENTRIES;
        self.length += 1;
        if let (Some(gap), Some(hash)) = (self.ring.get_mut(at), self.hashes.get_mut(at)) {
            (*hash, *gap) = (new.key.hash, new);
        } else {
            self.hashes.push(new.key.hash);
            self.ring.push(new);
        }
    }

    /// The system has refused the user of this key: nothing of theirs is handed out any more.
    #[cold]
    #[inline(never)]
    pub fn forget(&mut self, key: &Key) {
        self.give_up(|kept| kept.key.has_owner_of(key));
    }

    fn give_up(&mut self, which: impl Fn(&KeptAnswer) -> bool) {
        for at in 0..self.ring.len() {
            if self.ring.get(at).is_some_and(&which) {
                self.give_up_at(at);
            }
        }
    }

    fn give_up_at(&mut self, at: usize) {
        if let Some(kept) = self.ring.get_mut(at).filter(|kept| kept.bytes() > 0) {
            self.bytes -= kept.bytes();
            *kept = KeptAnswer::default();
        }
    }

    /// The call under way for this key, if there is one.
    pub fn flight(&self, key: &Key) -> Option<Rc<SharedCall>> {
        self.flights.iter().find(|flight| flight.key.is(key)).map(|flight| flight.shared.clone())
    }

    /// A call of this login begins that others may share.
    pub fn take_off(&mut self, key: Key, leader: u32) {
        let shared = Rc::new(SharedCall { leader, ..SharedCall::default() });
        self.flights.push(Flight { key, shared });
    }

    /// It has ended: those who wait find how, and are to be woken.
    pub fn land(&mut self, key: &Key, end: &Finished) -> Vec<Follower> {
        let Some(at) = self.flights.iter().position(|flight| flight.key.is(key)) else {
            return Vec::new();
        };
        let shared = self.flights.swap_remove(at).shared;
        *shared.end.borrow_mut() = Some(end.clone());
        shared.followers.take()
    }

    /// How much is kept: entries and bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.ring.iter().filter(|kept| kept.bytes() > 0).count(), self.bytes)
    }
}

impl SharedCall {
    /// Waits for its end.
    pub fn follow(&self, follower: Follower) {
        self.followers.borrow_mut().push(follower);
    }
}
