//! The circuit breaker: a system that is down is not asked at every login.
//!
//! It counts users, not failures: it opens when five different users have failed and no one got an answer between, so
//! that one account whose data make a system answer 500 decides for no one else. While it is open every login learns at
//! once that the system is unavailable, but for one at a time, which probes a quarter of a second after the last probe
//! failed. Pauses do not grow: a probe is slow where it is dear, and a longer pause would keep many out of a system that
//! is back. Any answer closes it, a refusal too: who refuses is there.

use crate::system::users::Users;

/// So many different users open it.
const USERS: usize = 5;
/// How long no one probes after a probe failed, in milliseconds, give or take the jitter.
const PAUSE_MS: f64 = 250.0;

/// One system's breaker, in one instance.
#[derive(Default)]
pub struct Breaker {
    /// Who failed since the last answer; their numbers say nothing.
    who: Users,
    open: Option<Open>,
}

struct Open {
    until: f64,
    /// The login that probes.
    probe: Option<u32>,
}

impl Breaker {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether this user is all the evidence there is.
    pub fn knows_only(&mut self, user: &str) -> bool {
        self.who.len() <= usize::from(self.who.get(user).is_some())
    }

    /// Whether this login may make a call now. Past the pause one may, as the probe; the others wait for its end, or for
    /// `probe_ms`, so that a probe that never reports does not keep it open for ever. A user who has failed before lets
    /// others go first: their failure would say less.
    pub fn admits(&mut self, user: &str, login: u32, tick: f64, probe_ms: f64) -> bool {
        let Some(open) = &mut self.open else { return true };
        let after_others = if self.who.get(user).is_some() { PAUSE_MS } else { 0.0 };
        if tick < open.until + after_others {
            return false;
        }
        *open = Open { until: tick + probe_ms, probe: Some(login) };
        true
    }

    /// The system answered.
    pub fn answered(&mut self) {
        self.who.clear();
        self.open = None;
    }

    /// It did not answer this login. A user of whom it is `known` that they fail is no evidence, and as a probe costs
    /// no one a pause. Calls that had been made before it opened do not lengthen the pause. `jitter` is about 1.
    pub fn failed(&mut self, user: &str, login: u32, tick: f64, known: bool, jitter: f64) {
        let evidence = !known && !self.who.put(user, 0.0);
        let pause = if evidence { PAUSE_MS * jitter } else { 0.0 };
        let rests = match &self.open {
            None => self.who.len() >= USERS,
            Some(open) => open.probe == Some(login),
        };
        if rests {
            self.open = Some(Open { until: tick + pause, probe: None });
        }
    }
}
