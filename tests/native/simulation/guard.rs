//! The guard as the policy has it, kept next to the engine's own: five different users who fail with no answer between
//! open the breaker for a quarter of a second; then one call may probe; each probe that fails is followed by another
//! quarter, but not where it was of a user who had failed before; any answer closes it. One who failed comes again after a
//! second, one try at a time, until they are answered.
//!
//! Pauses have a jitter, so there are two times: until when it must refuse, and until when it may.

use std::collections::{BTreeMap, BTreeSet};

/// The shortest pause and the longest, in milliseconds.
const PAUSE: (f64, f64) = (200.0, 300.0);
/// How much longer it takes for a user who has failed before.
const AFTER_OTHERS: f64 = 250.0;
/// The time between two tries of a user who failed.
const APART: f64 = 1_000.0;

/// What a system's guard must be like.
#[derive(Default)]
pub struct ShadowGuard {
    /// Who failed since the last answer.
    who: BTreeSet<usize>,
    open: Option<Open>,
    /// Who is remembered, and until when they must wait.
    failed: BTreeMap<usize, f64>,
    /// Whether a try that no login waits for is under way.
    pub line: bool,
    /// How often the breaker has opened.
    pub opened: u32,
    /// How many calls have probed.
    pub probes: u32,
    /// How many tries have stayed on the line, and how many of them were answered.
    pub stayed: (u32, u32),
}

struct Open {
    must: f64,
    may: f64,
    /// The login that makes it.
    probe: Option<u32>,
}

impl ShadowGuard {
    /// Until when it must refuse this person, if it must at this time.
    pub fn must_refuse(&self, person: usize, tick: f64) -> Option<f64> {
        let after = self.after_others(person);
        let open = self.open.as_ref().map(|open| open.must + after);
        let own = self.failed.get(&person).copied();
        open.into_iter().chain(own).filter(|until| tick < *until).reduce(f64::max)
    }

    /// Whether it may refuse this person at this time.
    pub fn may_refuse(&self, person: usize, tick: f64) -> bool {
        self.open.as_ref().is_some_and(|open| tick < open.may + self.after_others(person))
            || self.failed.get(&person).is_some_and(|until| tick < *until)
    }

    fn after_others(&self, person: usize) -> f64 {
        if self.who.contains(&person) { AFTER_OTHERS } else { 0.0 }
    }

    /// Whether the breaker is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// A login of this person makes a call; `again` when it repeats one whose connection was stale.
    pub fn sent(&mut self, tick: f64, timeout_ms: f64, (login, person): (u32, usize), again: bool) {
        if again {
            return;
        }
        if let Some(until) = self.failed.get_mut(&person) {
            *until = tick + timeout_ms;
        }
        if let Some(open) = &mut self.open {
            self.probes += 1;
            // A probe that never reports must not keep it open for ever.
            *open = Open { must: tick + timeout_ms, may: f64::INFINITY, probe: Some(login) };
        }
    }

    /// The call got some answer, though it be a refusal.
    pub fn answered(&mut self, person: usize) {
        self.open = None;
        self.who.clear();
        self.failed.remove(&person);
    }

    /// It got none. Whether this person was known to fail.
    pub fn failed(&mut self, tick: f64, login: u32, person: usize) -> bool {
        let known = self.failed.insert(person, tick + APART).is_some();
        let evidence = !known && self.who.insert(person);
        match &mut self.open {
            None if self.who.len() == 5 => {
                self.open = Some(Open { must: tick + PAUSE.0, may: tick + PAUSE.1, probe: None });
                self.opened += 1;
            }
            Some(open) if open.probe == Some(login) => {
                let pause = if evidence { PAUSE } else { (0.0, 0.0) };
                *open = Open { must: tick + pause.0, may: tick + pause.1, probe: None };
            }
            _ => {}
        }
        known
    }

    /// It tries again. That is not too soon.
    pub fn retries(&mut self, person: usize) {
        self.failed.remove(&person);
    }
}
