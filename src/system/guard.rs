//! The guard of one system in one instance: no outage, and no user, may hurt a tenant.
//!
//! Auth0 fails logins when a tenant has 250 executions in flight, and users are locked out where one of them can make a
//! system look dead. Two mechanisms and a memory see to both, each in a file of its own: [`Patience`] says how long a try
//! is waited for, the [`Breaker`] whether one is made at all, [`Failed`] who has failed and is no evidence. [`Bucket`]
//! bounds the retries. Here they are put together.
//!
//! **One stays on the line.** Of the tries that are given up before `timeoutMs`, one is not closed. If it is answered
//! after all, patience grows at once and the breaker closes: a system that has become slow is not taken for a dead one.
//!
//! Where all is well a login costs the guard two maxima and two counters; no one's name is asked for.

use crate::system::breaker::Breaker;
use crate::system::failed::Failed;
use crate::system::patience::Patience;
use crate::system::retry::Bucket;
use std::rc::Rc;

/// A try that has ended.
pub(crate) struct Ended<'a> {
    /// Whose.
    pub user: &'a str,
    /// In which login.
    pub login: u32,
    /// When it began and when it ended.
    pub begun: f64,
    /// See above.
    pub tick: f64,
}

/// How a try failed.
#[derive(Clone, Copy)]
pub(crate) enum Failure {
    /// At once or nearly, and a retry may come at once.
    Quick,
    /// The system asks to be left alone for a while.
    AskedToWait,
    /// There was no answer in time.
    Silent,
}

/// What one instance knows of one system.
#[derive(Default)]
pub(crate) struct Guard {
    patience: Patience,
    breaker: Breaker,
    failed: Failed,
    bucket: Bucket,
    /// How many tries are waited for.
    out: u32,
    /// Each event that waits for its turn has one of these.
    pub turn: Rc<()>,
    /// When the system last answered.
    answered: Option<f64>,
    line: Option<Line>,
}

/// The try that stays on the line.
pub(crate) struct Line {
    user: String,
    begun: f64,
}

impl Guard {
    /// How long to wait for an answer. One user may be slower than others in a system that is well: a login that was given
    /// up early waits to the end at its next try, if others were answered since its first one began.
    pub(crate) fn patience(&self, timeout_ms: u32, silent_since: Option<f64>) -> u32 {
        let well = silent_since.is_some_and(|begun| self.answered_since(begun));
        if well { timeout_ms } else { self.patience.of(timeout_ms) }
    }

    fn answered_since(&self, begun: f64) -> bool {
        self.answered.is_some_and(|tick| tick >= begun)
    }

    /// Whether no one's name matters: no user is remembered, and the breaker is closed.
    pub(crate) fn is_calm(&self) -> bool {
        self.failed.is_empty() && !self.breaker.is_open()
    }

    /// Whether a try of this user, which takes `ms` at most, may be made; else the word for the log.
    #[cold]
    #[inline(never)]
    pub(crate) fn admit(&mut self, user: &str, login: u32, tick: f64, ms: f64) -> Result<(), &'static str> {
        if self.failed.is_busy(user, tick) {
            return Err("busy");
        }
        if !self.breaker.admits(user, login, tick, ms) {
            return Err("breaker");
        }
        self.failed.begin(user, tick, ms);
        Ok(())
    }

    /// A try is made.
    pub(crate) fn began(&mut self) {
        self.out += 1;
    }

    /// A try is not waited for any more.
    pub(crate) fn ended(&mut self) {
        self.out = self.out.saturating_sub(1);
    }

    /// The system answered. Only a good answer says how long a good one takes.
    pub(crate) fn answered(&mut self, begun: f64, tick: f64, good: bool) {
        self.answered = Some(tick);
        self.breaker.answered();
        if good {
            self.patience.learn(tick - begun);
            self.bucket.give();
        }
    }

    /// It answered this user.
    pub(crate) fn forget(&mut self, user: &str) {
        self.failed.forget(user);
    }

    /// It did not answer; whether this user was known to fail. `jitter` is about 1.
    pub(crate) fn failed(&mut self, end: &Ended, jitter: f64) -> bool {
        let known = self.failed.failed(end.user, end.tick);
        self.breaker.failed(end.user, end.login, end.tick, known, jitter);
        known
    }

    /// Whether a login may try again, `known` as above. Not while the system seems to be down. A system that hangs, hangs
    /// for all, and one that asks to be left alone, asks all: there a login waits only where it is the only one to have
    /// failed, or after a silence where another was answered meanwhile. `paid` are those of a login's retries that follow
    /// its first. A login's own retry is not too soon.
    #[cold]
    #[inline(never)]
    pub(crate) fn retries(&mut self, end: &Ended, known: bool, why: Failure, paid: bool) -> bool {
        let alone = self.breaker.knows_only(end.user);
        let worth_it = match why {
            Failure::Quick => true,
            Failure::AskedToWait => alone,
            Failure::Silent => alone && self.out == 0 || self.answered_since(end.begun),
        };
        let allowed = !known && !self.breaker.is_open() && worth_it && (paid || self.bucket.take(end.user));
        if allowed {
            self.failed.forget(end.user);
        }
        allowed
    }

    /// Whether this try, which was given up early, is the one that stays on the line.
    #[cold]
    #[inline(never)]
    pub(crate) fn keeps(&mut self, end: &Ended) -> bool {
        let free = self.line.is_none();
        if free {
            self.line = Some(Line { user: end.user.to_string(), begun: end.begun });
        }
        free
    }

    /// The line is free again. What came of it counts as any answer does: `good` is none where nothing came.
    #[cold]
    #[inline(never)]
    pub(crate) fn overhears(&mut self, tick: f64, good: Option<bool>) {
        if let (Some(line), Some(good)) = (self.line.take(), good) {
            self.answered(line.begun, tick, good);
            self.forget(&line.user);
        }
    }
}
