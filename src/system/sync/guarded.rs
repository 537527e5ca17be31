//! A try and the guard of its system: may it be made, and what does the guard learn from how it ended?

use super::{LEAST_MS, Next, Run};
use crate::document::trigger::AGAIN;
use crate::system::guard::{Ended, Failure};
use crate::system::outcome::Outcome;
use crate::system::response::AnswerFields;
use crate::system::retry::{asked_wait, backoff, retry_after};
use crate::system::step::{Answer, Effect, TIMEOUT};
use std::rc::Rc;

/// So long an event waits for its turn where the guard lets nothing through, in milliseconds.
const TURN_MS: u32 = 250;

/// So many events wait for their turn at one system, in one instance.
const MOST_WAITING: usize = 20;

impl<'a> Run<'a> {
    /// Whether the guard lets a try begin; else its word for the log.
    pub(super) fn admitted(&self, tick: f64, timeout_ms: u32) -> Result<(), &'static str> {
        let mut shared = self.login.memory.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        if !guard.is_calm() {
            guard.admit(self.user(), self.login.id, tick, f64::from(timeout_ms))?;
        }
        guard.began();
        Ok(())
    }

    /// Whether this is an event, which has the time to wait: no one is in front of it. But it does not keep others waiting
    /// for what it gets for all of them.
    fn is_patient(&self) -> bool {
        self.scope().takes(AGAIN) && !self.leads
    }

    /// What is not let through fails with this word. But an event waits for its turn. It is in flight, too, and logins need
    /// that room.
    #[cold]
    #[inline(never)]
    pub(super) fn held_back(&mut self, left: f64, word: &str) -> Next<'a> {
        if self.is_patient() && left > f64::from(TURN_MS) + LEAST_MS {
            let mut shared = self.login.memory.borrow_mut();
            let turn = &shared.system(self.sync.index).guard.turn;
            if Rc::strong_count(turn) <= MOST_WAITING {
                self.turn = Some(turn.clone());
                return Next::Wait(TURN_MS);
            }
        }
        self.fail(Outcome::Unavailable, word)
    }

    /// Who logs in, as the guard tells users apart.
    pub(super) fn user(&self) -> &str {
        // A token is got for all.
        let of_all = self.sync.grant.is_some();
        self.user.get_or_init(|| if of_all { String::new() } else { self.login.user() })
    }

    /// Tells the guard that the system answered; whether well.
    pub(super) fn answered(&mut self, good: bool) {
        let Some(call) = self.call.take() else { return };
        let mut shared = self.login.memory.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        guard.ended();
        guard.answered(call.begun, self.login.driver.now().tick, good);
        if !guard.is_calm() {
            guard.forget(self.user());
        }
    }

    /// Tells the guard that the system did not answer. Then a retry, where the failure may pass and the entry, the
    /// budget and the guard allow one.
    #[cold]
    #[inline(never)]
    pub(super) fn unavailable(&mut self, answer: &Answer, may_pass: bool) -> Next<'a> {
        let Some(call) = self.call.take() else {
            return self.end(Outcome::Unavailable, AnswerFields::default());
        };
        self.tries += 1;
        let now = self.login.driver.now();
        let silent = answer.error.as_deref() == Some(TIMEOUT);
        if silent {
            self.silent_since.get_or_insert(call.begun);
        }
        let end = Ended { user: self.user(), login: self.login.id, begun: call.begun, tick: now.tick };
        let mut random = [0; 8];
        let known = (self.login.entropy)(&mut random);
        let random = if known { u64::from_le_bytes(random) } else { u64::MAX };
        let asked = answer.retry_after.as_deref().and_then(|text| retry_after(text, now.wall));
        let asked = asked_wait(answer.status, asked);
        let wait = asked.map(|asked| asked + backoff(self.tries, low(random))).filter(|wait| {
            let fits = f64::from(*wait) + LEAST_MS <= f64::from(self.left());
            // Many may be waiting for a token.
            may_pass && fits && !(silent && self.sync.grant.is_some()) && self.tries <= self.sync.retries
        });
        let why = match asked {
            _ if silent => Failure::Silent,
            Some(1..) => Failure::AskedToWait,
            _ => Failure::Quick,
        };

        let mut shared = self.login.memory.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        guard.ended();
        // Give or take a fifth.
        let known = guard.failed(&end, 0.8 + 0.4 * f64::from(low(random >> 32)) / f64::from(u32::MAX));
        if silent && call.early && guard.keeps(&end) {
            self.login.driver.ask_as(call.id, Effect::Stay(self.sync.index));
        }
        // An event that may not try again now has the time to wait until it may.
        let waits = self.is_patient();
        if let Some(wait) = wait.filter(|_| guard.retries(&end, known, why, self.tries > 1) || waits) {
            return Next::Wait(wait);
        }
        drop(shared);
        self.end(Outcome::Unavailable, AnswerFields::default())
    }
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "as said")]
fn low(random: u64) -> u32 {
    random as u32
}
