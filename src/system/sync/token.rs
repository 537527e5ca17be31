//! Tokens of other systems: an entry that needs one gets it before it sends, and once more when it is refused; and what a
//! token endpoint's answer gives.

use super::{Next, Run};
use crate::host::text::Text;
use crate::host::value::{Val, Value};
use crate::system::context::Context;
use crate::system::entry::Entry;
use crate::system::finished::Finished;
use crate::system::outcome::Outcome;
use crate::system::response::{AnswerFields, Judgement};
use crate::system::reuse::Key;
use crate::system::step::Task;

/// Where the answer does not say how long a token lives, it is kept for so long.
const USUAL_MS: f64 = 900_000.0;
/// A token that is used although a newer one should have come is not used in its last minute.
const MARGIN_MS: f64 = 60_000.0;
/// No token is kept longer.
const LONGEST_MS: f64 = 86_400_000.0;
/// A new token was refused as well: so long no 401 is taken for a sign that another one is needed.
const IN_VAIN_MS: f64 = 60_000.0;

/// Gets the token of this source, kept or new, but not the one that was refused.
pub(super) fn fetch<'a>(
    login: &'a Context,
    source: &'a Entry,
    refused: Option<Text>,
) -> Task<'a, Box<Finished>> {
    Box::pin(Run { refused, ..Run::new(login, source) }.go())
}

/// The token in what was taken from an answer.
#[inline(never)]
fn token_in(taken: &AnswerFields) -> Option<Text> {
    let text = Text::of(taken.answer.as_ref()?.get("token"));
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())).then_some(text)
}

impl<'a> Run<'a> {
    /// The token has come, or it has not: then that is how this entry ends.
    #[cold]
    #[inline(never)]
    pub(super) fn granted(&mut self, end: Finished) -> Next<'a> {
        self.note = end.warning;
        self.token = token_in(&end.taken);
        if self.token.is_some() {
            return self.send(false);
        }
        let mut detail = String::from("token");
        if end.outcome != Outcome::Unauthorized {
            detail.push('-');
            detail.push_str(&if end.detail.is_empty() { end.status.to_string() } else { end.detail });
        }
        if end.outcome == Outcome::Unavailable {
            return self.held_back(f64::from(self.left()), &detail);
        }
        self.fail(end.outcome, &detail)
    }

    /// After a 401: the token that was sent is given up for another one, once. Where that was refused as well the tokens are
    /// not at fault, and for a while no one gets a new one for that: not even a user whom the system refuses as often as they
    /// come.
    pub(super) fn renews_token(&mut self, status: u16) -> bool {
        let Some(source) = self.sync.token.filter(|_| status == 401) else { return false };
        let tick = self.login.driver.now().tick;
        let mut shared = self.login.memory.borrow_mut();
        let in_vain_until = &mut shared.system(source).in_vain_until;
        if self.refused.is_some() {
            *in_vain_until = tick + IN_VAIN_MS;
        }
        let may = *in_vain_until <= tick;
        if may {
            self.refused = self.token.take();
        }
        may
    }

    /// Gives up what is kept under this key, if it is the token that was refused.
    #[cold]
    #[inline(never)]
    pub(super) fn drop_refused(&self, key: &Key) {
        if self.late_token(key).as_ref().and_then(token_in) == self.refused {
            self.login.memory.borrow_mut().reuse.forget(key);
        }
    }

    /// It was this login's budget that ended: that says nothing of the token endpoint, and others may have time left.
    pub(super) fn out_of_time(&mut self) -> Next<'a> {
        if self.call.take().is_some() {
            self.login.memory.borrow_mut().system(self.sync.index).guard.ended();
        }
        self.fail(Outcome::Unavailable, "budget")
    }

    /// The token that is kept, also when it is late.
    pub(super) fn late_token(&self, key: &Key) -> Option<AnswerFields> {
        let now = self.login.driver.now().wall;
        let kept = self.login.memory.borrow().reuse.get_late(key, now).map(Val::from_text)?;
        self.sync.response.restore(&kept).map(|(taken, _)| taken)
    }

    /// A token endpoint's good answer: keeps the token until three quarters of its life are over.
    #[cold]
    #[inline(never)]
    pub(super) fn take_token(&mut self, judged: Judgement) -> Next<'a> {
        let mut taken = judged.taken;
        let answer = taken.answer.clone().unwrap_or_default();
        let Some(text) = token_in(&taken) else {
            // Some say no with a status of success.
            if !answer.get("error").is_null() {
                return self.refused(Outcome::Unauthorized, 401);
            }
            return self.fail(Outcome::Invalid, "no-token");
        };
        // A new refresh token cannot be stored anywhere, and the old one may be at its end.
        let names = self.sync.grant.as_ref().map_or(&[][..], |grant| &grant.refresh_token);
        let new = answer.get("refresh");
        if let Some((name, sent)) = self.scope().secret(names, self.rotation)
            && !new.is_null()
            && new.as_text() != sent.as_text()
        {
            self.note = [name, "-rotates"].concat();
        }
        let now = self.login.driver.now().wall;
        let life = answer.get("life").as_f64();
        let kept_ms = life.map_or(USUAL_MS, |seconds| seconds * 750.0).min(LONGEST_MS);
        let late_ms = (kept_ms / 3.0 - MARGIN_MS).max(0.0);
        taken.answer = Some(Val::from_object(vec![("token", text.value().clone())]));
        let mut shared = self.login.memory.borrow_mut();
        shared.system(self.sync.index).rotation = self.rotation;
        if let (true, Some(key)) = (self.leads, &self.key) {
            shared.reuse.keep_until(key.clone(), taken.to_text(), now, now + kept_ms, late_ms);
        }
        drop(shared);
        self.end(Outcome::Ok, taken)
    }
}
