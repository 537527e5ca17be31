//! What an entry needs no call for: what is kept in the user's metadata, and what another login has got.

use super::{Next, Run};
use crate::document::names::METADATA_KEY;
use crate::document::trigger::AGAIN;
use crate::host::value::{Val, Value};
use crate::system::outcome::Outcome;
use crate::system::response::AnswerFields;
use crate::system::reuse::{Key, SharedCall, hash};

impl<'a> Run<'a> {
    /// What this user's metadata keep of the system, when it is fresh. Freshness ends up to a tenth early, for each user
    /// at another time: users whose answers came together do not come back together.
    #[inline(never)]
    pub(super) fn record(&self, fresh_ms: f64, now: f64) -> Option<AnswerFields> {
        let record = self.scope().app_metadata().get(METADATA_KEY).get(&self.sync.name);
        if record.is_null() {
            return None;
        }
        let spread = f64::from(hash(&self.scope().user_key())) / f64::from(u32::MAX);
        self.restore(&record, fresh_ms * (1.0 - spread / 10.0), now)
    }

    pub(super) fn restore(&self, record: &Val, younger_than: f64, now: f64) -> Option<AnswerFields> {
        let user = self.scope().user_with_record();
        self.sync.response.restore_record(record, &self.sync.fingerprint, now, younger_than, &user)
    }

    /// The same, when the system is unavailable and the entry says that it may be older then.
    #[cold]
    #[inline(never)]
    pub(super) fn stale_record(&self) -> Option<AnswerFields> {
        if self.sync.grant.is_some() {
            return self.key.as_ref().and_then(|key| self.late_token(key));
        }
        let fresh_ms = self.sync.fresh_ms.filter(|_| self.sync.stale_ms > 0.0)?;
        let record = self.scope().app_metadata().get(METADATA_KEY).get(&self.sync.name);
        self.restore(&record, fresh_ms + self.sync.stale_ms, self.login.driver.now().wall)
    }

    /// What another login has got, or is about to get, for the same request of the same user.
    #[inline(never)]
    pub(super) fn reuse(&mut self, now: f64) -> Option<Next<'a>> {
        // A token is no one's.
        let of_all = self.sync.grant.is_some();
        let user = if of_all { String::new() } else { self.scope().user_key() };
        if user.is_empty() && !of_all {
            return None;
        }
        let body = self.body.as_deref().unwrap_or_default();
        let key = Key::new(&self.sync.name, &user, &self.sync.request.target(self.scope()), body);
        if self.refused.is_some() {
            self.drop_refused(&key);
        }
        let mut shared = self.login.memory.borrow_mut();
        let kept = shared.reuse.get(&key, now).map(Val::from_text);
        if let Some((taken, _)) = kept.and_then(|text| self.sync.response.restore(&text)) {
            drop(shared);
            return Some(self.end(Outcome::Reused, taken));
        }
        // Someone else's call: its end is theirs to report.
        let flight = shared.reuse.flight(&key);
        // While a token is late, or its source has just failed, one login alone waits for a new one, with all of its
        // entries. An event has the time to wait with them.
        if let Some(flight) = &flight
            && of_all
            && !self.scope().takes(AGAIN)
        {
            let other = flight.leader != self.login.id;
            let down = other && !shared.system(self.sync.index).guard.is_calm();
            if down || shared.reuse.get_late(&key, now).is_some() {
                drop(shared);
                self.key = Some(key);
                return Some(self.fail(Outcome::Unavailable, "busy"));
            }
        }
        if flight.is_none() {
            self.leads = true;
            shared.reuse.take_off(key.clone(), self.login.id);
        }
        self.key = Some(key);
        flight.map(|flight| Next::Follow(flight, self.left()))
    }

    /// The shared call has ended, or this login has waited long enough.
    #[inline(never)]
    pub(super) fn followed(&mut self, shared: &SharedCall) -> Next<'a> {
        match shared.end.borrow().clone() {
            // That one had no time left; this one may have.
            Some(end) if end.detail == "budget" => self.begin(),
            Some(mut end) => {
                if end.outcome == Outcome::Ok {
                    end.outcome = Outcome::Reused;
                }
                (self.status, self.detail) = (end.status, end.detail);
                Next::End(self.finish(end.outcome, end.taken))
            }
            None => self.send(false),
        }
    }
}
